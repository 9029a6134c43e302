//! What an amendment says of its predecessor, where it begins, what is warned of, and what its parties are told.

use super::support::good_terms;
use sealroom_protocol::contract::{
    Amends, CarriedCounts, CarriedHead, CarriedLog, Contract, Terms, explain, lint, lint_together, write,
};
use sealroom_protocol::id::{ContractId, ReceiptId};

fn first() -> Contract {
    parse(&good_terms())
}

fn parse(terms: &Terms) -> Contract {
    Contract::parse(write(terms).as_bytes()).unwrap()
}

/// Two runs of Cleveland, one of the others, the second of them lost.
fn amendment_of(predecessor: &Contract, change: impl FnOnce(&mut Terms)) -> Contract {
    let mut terms = predecessor.terms().clone();
    terms.random = [0xa6; 32];
    let mut amends = Amends::new(predecessor, 2, &[("cleveland", 2), ("zurich", 1), ("institute", 1)]);
    amends.head = Some(CarriedHead { run: 1, receipt: ReceiptId::from_bytes([0x4e; 32]) });
    amends.log = Some(CarriedLog { size: 1, root: [0x10; 32] });
    terms.amends = Some(amends);
    change(&mut terms);
    parse(&terms)
}

fn anew(terms: &mut Terms) {
    terms.amends.as_mut().unwrap().counts = CarriedCounts::Anew;
}

#[test]
fn an_amendment_begins_where_its_text_says_and_a_first_version_at_nothing() {
    let first = first();
    assert_eq!((first.first_version(), first.version(), first.carried_head()), (first.id(), 1, None));
    assert_eq!(first.carried_run(), 0);
    assert_eq!(first.carried_count("cleveland"), 0);
    let second = amendment_of(&first, |_| {});
    let head = CarriedHead { run: 1, receipt: ReceiptId::from_bytes([0x4e; 32]) };
    assert_eq!((second.carried_head(), second.carried_run()), (Some(head), 2));
    let counts = ["cleveland", "zurich", "institute", "overseer"].map(|party| second.carried_count(party));
    assert_eq!(counts, [2, 1, 1, 0]);
    // The third names the second, and the first of all.
    let third = amendment_of(&second, |_| {});
    assert_eq!((third.amends().unwrap().contract, third.first_version()), (second.id(), first.id()));
    assert_eq!((second.version(), third.version()), (2, 3));
    assert_eq!(amendment_of(&first, anew).carried_count("cleveland"), 0);
}

#[test]
fn limits_carry_over_unless_the_text_says_in_so_many_words_that_counts_begin_anew() {
    let ids = |contract: &Contract| lint(contract).iter().map(|warning| warning.id.word()).collect::<Vec<_>>();
    let first = first();
    let second = amendment_of(&first, |_| {});
    assert!(!ids(&second).contains(&"counts-begin-anew") && !ids(&second).contains(&"no-run-left"));
    assert!(write(second.terms()).contains("{ party = \"cleveland\", runs = 2 }"));
    let forgets = amendment_of(&first, anew);
    assert!(write(forgets.terms()).contains("\ncounts_begin_anew = true\n"));
    let warnings = lint(&forgets);
    let warning = warnings.iter().find(|warning| warning.id.word() == "counts-begin-anew").unwrap();
    assert_eq!(warning.text, "counts begin anew: 3 runs may be granted on top of all that ran under earlier versions");
    let spent = amendment_of(&first, |terms| terms.limits.runs = 2);
    let warnings = lint(&spent);
    let warning = warnings.iter().find(|warning| warning.id.word() == "no-run-left").unwrap();
    assert_eq!(
        (warning.about.as_str(), warning.text.as_str()),
        ("cleveland", "\"cleveland\" has 2 runs of 2 behind it: none is left")
    );
}

#[test]
fn an_amendment_and_its_predecessor_are_not_two_contracts_side_by_side() {
    let first = first();
    let together = |a: &Contract, b: &Contract| lint_together(&[a, b]).iter().map(|w| w.id.word()).collect::<Vec<_>>();
    let second = amendment_of(&first, |_| {});
    assert_eq!(together(&first, &second), Vec::<&str>::new());
    assert_eq!(together(&second, &first), Vec::<&str>::new());
    let more = amendment_of(&first, |terms| terms.limits.runs = 5);
    assert_eq!(together(&first, &more), ["more-runs-than-before"]);
    let copied = amendment_of(&first, |terms| terms.random = [0xa5; 32]);
    assert_eq!(together(&first, &copied), ["random-line-reused"]);
    let lost = amendment_of(&first, |terms| terms.amends.as_mut().unwrap().first = ContractId::from_bytes([1; 32]));
    assert_eq!(together(&lost, &first), ["other-first-version"]);
    // The first and the third are two texts of one name: the second should be there.
    let third = amendment_of(&second, |terms| terms.random = [0xa7; 32]);
    assert!(together(&first, &third).contains(&"one-name-two-contracts"));
}

#[test]
fn each_party_is_told_what_is_behind_it_and_that_counts_begin_anew() {
    let first = first();
    let second = amendment_of(&first, |_| {});
    let short = &first.id().to_string()[..8];
    let text = explain(&second, "cleveland").unwrap().to_string();
    let goes_on = format!(
        "it takes the place of contract {short}…, which ends for you once you hold this one signed by all; it goes on from the receipt of run 1, and run numbers go on above 2."
    );
    assert!(text.contains(&goes_on), "{text}");
    assert!(text.contains("2 of your 3 runs are behind you, so 1 run can follow."), "{text}");
    // The overseer grants nothing, so nothing is behind it.
    assert_eq!(explain(&second, "overseer").unwrap().carried_over.len(), 1);
    let text = explain(&amendment_of(&first, anew), "overseer").unwrap().to_string();
    let anew = "COUNTS BEGIN ANEW: 3 runs may be granted on top of all that ran under earlier versions.";
    assert!(text.contains(anew), "{text}");
    assert!(explain(&first, "cleveland").unwrap().carried_over.is_empty());
}

#[test]
fn run_numbers_that_an_amendment_passes_over_are_named_and_never_so_many_that_none_is_left() {
    let skips = |highest_run, head: Option<u64>| {
        let second = amendment_of(&first(), |terms| {
            let amends = terms.amends.as_mut().unwrap();
            amends.highest_run = highest_run;
            amends.head = head.map(|run| CarriedHead { run, receipt: ReceiptId::from_bytes([0x4e; 32]) });
        });
        let warnings = lint(&second);
        let warning = warnings.iter().find(|warning| warning.id.word() == "run-numbers-skipped");
        warning.map(|warning| warning.text.clone())
    };
    assert_eq!(skips(1_000_001, Some(1)), None);
    assert_eq!(skips(1_000_000, None), None);
    let text = "run numbers go on above 1,000,002, and the receipt that it goes on from is of run 1: have whoever granted such a run say so, or the number corrected";
    assert_eq!(skips(1_000_002, Some(1)).as_deref(), Some(text));
    let last = first().last_run();
    assert!(skips(last, None).is_some());
    assert_eq!((last, amendment_of(&first(), |_| {}).last_run()), (1 << 33, 1 << 34));
    let mut terms = amendment_of(&first(), |_| {}).terms().clone();
    terms.amends.as_mut().unwrap().highest_run = last + 1;
    let error = Contract::parse(write(&terms).as_bytes()).unwrap_err();
    assert!(error.to_string().contains("`amends.highest_run` is 8589934593, expected 1 to 8589934592"), "{error}");
}
