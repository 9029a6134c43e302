//! Each warning is given where it belongs, and nowhere else.

use super::support::{good_terms, party};
use sealroom_protocol::contract::{
    Column, Contract, FirmwareLevel, Role, Terms, Warning, WarningId, lint, lint_together, write,
};

fn contract(change: impl FnOnce(&mut Terms)) -> Contract {
    let mut terms = quiet_terms();
    change(&mut terms);
    Contract::parse(write(&terms).as_bytes()).unwrap()
}

/// Terms without a warning but that groups can be filled, which nothing but a single data party is without: one run, groups
/// of 10, no choices, and a recipient that has data beside one that has none.
fn quiet_terms() -> Terms {
    let mut terms = good_terms();
    terms.limits.runs = 1;
    terms.parties[3] = party(4, "overseer", &[Role::Auditor]);
    let rules = terms.results[0].rules;
    terms.results.push(sealroom_protocol::contract::ResultTerms::new(
        "by-hospital",
        &["zurich", "institute"],
        vec![Column::integer("patients", 0, 2_000)],
        rules,
    ));
    terms.results[0].recipients = vec!["institute".into()];
    // The institute receives both results, so it must give something.
    terms.parties[2] = party(3, "institute", &[Role::Data, Role::Request, Role::Result]);
    terms.parties[2].jurisdiction = Some("DE".into());
    let mut own = terms.datasets[0].clone();
    own.name = "registry".into();
    own.owner = "institute".into();
    terms.datasets.push(own);
    terms.results[0].recipients.push("zurich".into());
    terms
}

fn ids(warnings: &[Warning]) -> Vec<&'static str> {
    warnings.iter().map(|warning| warning.id.word()).collect()
}

#[track_caller]
fn expect(change: impl FnOnce(&mut Terms), expected: &[(&str, &str)]) {
    let warnings = lint(&contract(change));
    let others = warnings.iter().filter(|warning| warning.id != WarningId::GroupsCanBeFilled);
    let found: Vec<(&str, &str)> = others.map(|warning| (warning.id.word(), warning.about.as_str())).collect();
    assert_eq!(found, expected, "{warnings:#?}");
}

#[test]
fn a_quiet_contract_has_no_warning() {
    expect(|_| {}, &[]);
}

#[test]
fn a_contract_without_data_parties_has_no_limits() {
    let change = |terms: &mut Terms| {
        terms.datasets.clear();
        terms.parties.retain(|party| party.name != "cleveland");
        terms.parties[0] = party(2, "zurich", &[Role::Result]);
        terms.parties[0].jurisdiction = Some("CH".into());
        terms.parties[1] = party(3, "institute", &[Role::Request, Role::Result]);
        terms.parties[1].jurisdiction = Some("DE".into());
        terms.results[0].recipients = vec!["zurich".into()];
        terms.results[1].recipients = vec!["institute".into()];
    };
    expect(change, &[("no-data-party", "")]);
}

#[test]
fn who_gives_nothing_and_gets_everything_is_named() {
    let change = |terms: &mut Terms| {
        terms.parties[2] = party(3, "institute", &[Role::Request, Role::Result]);
        terms.parties[2].jurisdiction = Some("DE".into());
        terms.datasets.pop();
    };
    expect(change, &[("gives-nothing-gets-everything", "institute")]);
}

#[test]
fn groups_of_one_are_named() {
    expect(|terms| terms.results[0].rules.minimum_group_size = 1, &[("group-of-one", "prevalence")]);
}

#[test]
fn a_simulated_platform_is_named() {
    expect(|terms| terms.enclaves[1].simulated = true, &[("simulated-platform", "2")]);
}

#[test]
fn any_firmware_is_named() {
    let change = |terms: &mut Terms| terms.enclaves[0].minimum_firmware = FirmwareLevel::new(0, 0, 0, 0);
    expect(change, &[("no-firmware-level", "1")]);
}

#[test]
fn a_life_of_more_than_366_days_is_long() {
    expect(|terms| terms.expires = terms.not_before + 366 * 86_400, &[]);
    expect(|terms| terms.expires = terms.not_before + 366 * 86_400 + 1, &[("long-life", "")]);
}

#[test]
fn a_recipient_elsewhere_or_nowhere_is_named() {
    expect(|terms| terms.parties[1].jurisdiction = Some("US".into()), &[("recipient-elsewhere", "zurich")]);
    expect(|terms| terms.parties[1].jurisdiction = None, &[("recipient-elsewhere", "zurich")]);
    let without = |terms: &mut Terms| {
        terms.parties[1].jurisdiction = None;
        terms.cross_border = None;
    };
    expect(without, &[]);
}

#[test]
fn work_without_end_and_work_without_use_are_named() {
    expect(|terms| terms.limits.work = 1_000_000_000_000_000, &[("unlimited-work", "")]);
    expect(|terms| terms.limits.work = 3_000, &[]);
    expect(|terms| terms.limits.work = 2_999, &[("too-little-work", "")]);
}

#[test]
fn a_data_party_that_is_the_only_recipient_is_named() {
    let change = |terms: &mut Terms| terms.results[0].recipients = vec!["zurich".into()];
    expect(change, &[("only-recipient-has-data", "prevalence")]);
    let warnings = lint(&contract(change));
    let text = &warnings.iter().find(|warning| warning.id == WarningId::OnlyRecipientHasData).unwrap().text;
    assert!(text.ends_with("the other data parties'"), "{text}");
}

#[test]
fn free_text_that_leaves_is_named() {
    expect(|terms| terms.results[1].columns.push(Column::text("note", 20)), &[("free-text-in-result", "by-hospital")]);
}

#[test]
fn groups_that_one_of_several_data_parties_can_fill_are_named() {
    let filled = |change: &dyn Fn(&mut Terms)| {
        let mut warnings = lint(&contract(change));
        warnings.retain(|warning| warning.id.word() == "groups-can-be-filled");
        warnings.into_iter().map(|warning| (warning.about, warning.text)).collect::<Vec<_>>()
    };
    let [(first, text), (second, _)] = filled(&|_| {}).try_into().unwrap();
    assert_eq!((first.as_str(), second.as_str()), ("prevalence", "by-hospital"));
    assert!(text.contains("\"institute\" or \"zurich\" can fill"), "{text}");
    // A recipient without data needs a data party that helps it.
    let outside = |terms: &mut Terms| {
        terms.parties[3] = party(4, "overseer", &[Role::Result]);
        terms.results[0].recipients = vec!["overseer".into()];
    };
    let text = &filled(&outside)[0].1;
    assert!(text.contains("a data party that works together with a recipient can fill"), "{text}");
    assert_eq!(filled(&|terms| terms.results[0].rules.minimum_group_size = 1).len(), 1);
    // What each of them could fill is not large enough without its own.
    assert_eq!(filled(&|terms| terms.results[0].rules = terms.results[0].rules.without_each_owner()).len(), 1);
    let alone = |terms: &mut Terms| {
        terms.datasets.retain(|dataset| dataset.owner == "zurich");
        terms.parties.retain(|party| party.name != "cleveland");
        terms.parties[1] = party(3, "institute", &[Role::Request, Role::Result]);
    };
    assert_eq!(filled(&alone), []);
}

#[test]
fn runs_that_can_be_compared_are_named() {
    let expected = [("repeated-runs", "prevalence"), ("repeated-runs", "by-hospital")];
    expect(|terms| terms.limits.runs = 2, &expected);
}

#[test]
fn roles_without_effect_are_named() {
    expect(|terms| terms.program.choices.clear(), &[("nothing-to-request", "institute")]);
    let change = |terms: &mut Terms| terms.parties[3] = party(4, "overseer", &[Role::Program]);
    expect(change, &[("nothing-to-supply", "overseer")]);
}

#[test]
fn one_contract_beside_itself_has_no_warning() {
    let contract = contract(|_| {});
    assert_eq!(lint_together(&[&contract, &contract]), []);
    assert_eq!(lint_together(&[]), []);
}

/// Another contract in every respect but those that `change` undoes.
fn other(change: impl FnOnce(&mut Terms)) -> Contract {
    contract(|terms| {
        terms.name = "other-study".into();
        terms.random = [1; 32];
        for dataset in &mut terms.datasets {
            dataset.object = None;
        }
        (terms.not_before, terms.expires) = (terms.expires, terms.expires + 86_400);
        change(terms);
    })
}

#[test]
fn what_two_contracts_share_is_named() {
    let first = contract(|_| {});
    assert_eq!(ids(&lint_together(&[&first, &other(|_| {})])), Vec::<&str>::new());
    let object = first.terms().datasets[1].object;
    let pinned = other(|terms| terms.datasets[0].object = object);
    assert_eq!(ids(&lint_together(&[&first, &pinned, &first])), ["one-object-two-contracts"]);
    let overlapping = other(|terms| terms.not_before -= 1);
    let expected = ["one-dataset-two-contracts"; 3];
    assert_eq!(ids(&lint_together(&[&first, &overlapping])), expected);
    let elsewhere = other(|terms| {
        terms.not_before -= 1;
        for (number, name) in [(0, "cleveland"), (1, "zurich"), (2, "institute")] {
            let roles = terms.parties[number].roles.clone();
            let jurisdiction = terms.parties[number].jurisdiction.clone();
            terms.parties[number] = party(20 + u8::try_from(number).unwrap(), name, &roles);
            terms.parties[number].jurisdiction = jurisdiction;
        }
    });
    assert_eq!(ids(&lint_together(&[&first, &elsewhere])), Vec::<&str>::new());
    let copied = other(|terms| terms.random = [0xa5; 32]);
    assert_eq!(ids(&lint_together(&[&first, &copied])), ["random-line-reused"]);
    let namesake = other(|terms| terms.name = "heart-study".into());
    assert_eq!(ids(&lint_together(&[&first, &namesake])), ["one-name-two-contracts"]);
}

#[test]
fn every_warning_is_in_the_specification_and_in_a_test() {
    let specification = include_str!("../../spec/contract.md");
    for id in WarningId::ALL {
        assert!(specification.contains(&format!("| `{id}` |")), "{id}");
        let tests = [include_str!("warnings.rs"), include_str!("amends.rs")];
        assert!(tests.iter().any(|test| test.contains(&format!("\"{id}\""))), "{id}");
    }
    let listed = specification.split("## 5. Warnings").nth(1).unwrap().split("## 6.").next().unwrap();
    assert_eq!(listed.matches("\n| `").count(), WarningId::ALL.len());
}
