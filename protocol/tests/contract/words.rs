//! Explanations in plain words, and the skeleton to begin with.

use super::support::{good_terms, party};
use sealroom_protocol::contract::{Contract, Party, ProgramTerms, Role, Terms, Validity, explain, skeleton, write};

fn contract(change: impl FnOnce(&mut Terms)) -> Contract {
    let mut terms = good_terms();
    change(&mut terms);
    Contract::parse(write(&terms).as_bytes()).unwrap()
}

#[test]
fn a_data_party_reads_what_it_gives_gets_risks_and_accepts() {
    let text = explain(&contract(|_| {}), "cleveland").unwrap().to_string();
    let expected = "\
You are \"cleveland\", one of 4 parties of \"heart-study\": How common is heart disease, by sex? \"Common\" means: diagnosed (Zürich included).
You give: table cleveland-patients (6 columns, at most 1,000 rows), up to 3 times.
Results: \"institute\" and \"zurich\" get prevalence: 2 columns (sex and patients), at most 100 rows; each row stands for 10 or more rows of data, others are suppressed; whole numbers are rounded to multiples of 5.
You get: the receipt of every run.
You risk:
  - if \"institute\" or \"zurich\" knows 9 of the rows in a group of 10 in prevalence, the last one can be worked out: no noise was agreed.
  - made-up rows of another data party can bring a single row of yours over the minimum of prevalence, if that party is, or works together with, \"institute\" or \"zurich\".
  - results of several runs can be compared; differences can show what each one hides.
  - the program and its rules are right only as far as you have checked the enclave's code.
You decide:
  - you grant every run yourself, or it does not happen; at most 3 runs, granted from 2026-01-01T00:00:00Z to before 2026-07-01T00:00:00Z.
  - you can stop at any time; that ends the contract, in every room.
You accept:
  - AMD SEV-SNP, firmware at least boot loader 9, TEE 0, SNP 23, microcode 72, measurement sha384:3c3c3c3c3c3c3c3c… (rebuild it: sealroom measure), only 1 named machine, with a statement of the named operator; simulated: no.
  - AMD SEV-SNP, firmware at least FMC 1, boot loader 1, TEE 1, SNP 3, microcode 70, measurement sha384:3c3c3c3c3c3c3c3c… (rebuild it: sealroom measure), any machine; simulated: no.
Places:
  - \"overseer\" states for every run that the host stands in CH or DE; nobody measures it.
  - recipients are to be in CH or DE.
";
    assert_eq!(text, expected);
}

#[test]
fn one_of_a_thing_is_not_many() {
    let contract = contract(|terms| {
        terms.limits.runs = 1;
        terms.datasets[0].columns.truncate(1);
        terms.datasets[0].maximum_rows = 1;
        terms.results[0].columns.truncate(1);
        terms.results[0].rules.maximum_rows = 1;
        terms.results[0].recipients = vec!["institute".into()];
        terms.parties[1].roles = vec![Role::Data];
    });
    let explanation = explain(&contract, "cleveland").unwrap();
    assert_eq!(explanation.gives, ["table cleveland-patients (1 column, at most 1 row), once"]);
    let results = "\"institute\" gets prevalence: 1 column (sex), at most 1 row; each row stands for 10 or more rows of data, \
                   others are suppressed; whole numbers are rounded to multiples of 5";
    assert_eq!(explanation.results, [results]);
    assert!(explanation.decides[0].contains("at most 1 run,"), "{}", explanation.decides[0]);
}

#[test]
fn a_requester_and_an_auditor_read_their_own_part() {
    let contract = contract(|_| {});
    let institute = explain(&contract, "institute").unwrap();
    assert_eq!(institute.gives, ["your choice of measure for each run; every data party sees it before it grants"]);
    assert_eq!(institute.gets, ["result prevalence", "the receipt of every run"]);
    assert_eq!(institute.risks[0], "data parties see what you choose");
    assert!(institute.decides[0].starts_with("you grant every run yourself"));
    let overseer = explain(&contract, "overseer").unwrap();
    assert_eq!(overseer.gives, ["nothing"]);
    assert_eq!(overseer.risks, ["nothing: none of your data takes part"]);
    assert!(overseer.decides[0].starts_with("nothing: runs happen without asking you"));
    assert_eq!(explain(&contract, "ministry"), None);
}

#[test]
fn small_groups_and_simulated_platforms_are_said_plainly() {
    let contract = contract(|terms| {
        terms.results[0].rules.minimum_group_size = 1;
        terms.enclaves[0].simulated = true;
    });
    let explanation = explain(&contract, "zurich").unwrap();
    assert!(explanation.risks[0].contains("simulated platform protects nothing"), "{:?}", explanation.risks);
    assert_eq!(explanation.risks[1], "\"institute\" may see rows of prevalence that stand for one person");
    assert!(explanation.accepts[0].ends_with("simulated: yes, no hardware protects anything"));
    assert!(explanation.results[0].contains("a row may stand for a single row of data"));
}

#[test]
fn a_minimum_that_holds_without_each_owner_is_said_and_takes_a_risk_away() {
    let risk = "made-up rows of another data party can bring a single row of yours over the minimum of prevalence";
    let said = |change: &dyn Fn(&mut Terms)| {
        let explanation = explain(&contract(change), "cleveland").unwrap();
        (explanation.results[0].clone(), explanation.risks.iter().any(|said| said.starts_with(risk)))
    };
    let (group, risky) = said(&|_| {});
    assert!(group.contains("10 or more rows of data, others are suppressed") && risky, "{group}");
    let (group, risky) = said(&|terms| terms.results[0].rules = terms.results[0].rules.without_each_owner());
    let expected = "10 or more rows of data, whichever one owner's are left out, others are suppressed";
    assert!(group.contains(expected) && !risky, "{group}");
}

#[test]
fn what_is_counted_is_said_and_not_rows_where_it_is_something_else() {
    let said = |name: &str, arguments: &[(&str, &str)], change: &dyn Fn(&mut Terms)| {
        let contract = contract(|terms| {
            let mut program = ProgramTerms::native(name);
            for (argument, value) in arguments {
                program = program.with(argument, (*value).into());
            }
            terms.program = program;
            change(terms);
        });
        let explanation = explain(&contract, "cleveland").unwrap();
        let made_up = explanation.risks.iter().any(|risk| risk.starts_with("made-up rows"));
        (explanation.results[0].clone(), explanation.risks[0].clone(), made_up)
    };
    let guarded = |terms: &mut Terms| terms.results[0].rules = terms.results[0].rules.without_each_owner();
    let (group, risk, made_up) = said("statistics", &[("unit", "patient")], &|_| {});
    assert!(group.contains("each row stands for 10 or more different values of patient, others are"), "{group}");
    assert!(risk.contains("knows 9 of the values of patient in a group of 10 in prevalence") && made_up, "{risk}");
    let (group, ..) = said("statistics", &[("unit", "patient")], &guarded);
    assert!(group.contains("values of patient, whichever one owner's are left out, others are"), "{group}");

    let (group, risk, made_up) = said("overlap", &[("count_result", "prevalence")], &|_| {});
    assert!(group.contains("at most 100 rows; it is told only where 10 or more keys are shared;"), "{group}");
    assert!(risk.contains("knows 9 of the keys in the 10 that prevalence counts") && !made_up, "{risk}");
    let (group, risk, made_up) = said("overlap", &[("list_result", "prevalence")], &|terms| {
        guarded(terms);
        terms.results[0].rules.minimum_group_size = 2;
    });
    assert!(
        group.contains("each row is a key that 2 or more parties have, whichever one of them is left out"),
        "{group}"
    );
    assert_eq!(risk, "\"institute\" and \"zurich\" may see the keys themselves in prevalence, yours among them");
    assert!(!made_up);
}

#[test]
fn a_skeleton_has_the_rule_for_each_owner_only_where_something_could_leave_by_it() {
    let validity = Validity { not_before: 1_767_225_600, expires: 1_782_864_000 };
    let mut parties = vec![party(1, "cleveland", &[Role::Data]), party(3, "institute", &[Role::Result])];
    let has = |parties: &[Party]| skeleton("study", parties, validity, [7; 32]).contains("minimum_without_each_owner");
    assert!(!has(&parties));
    parties.push(party(2, "zurich", &[Role::Data, Role::Result]));
    assert!(has(&parties));
}

#[test]
fn a_skeleton_is_a_contract_once_every_gap_is_filled() {
    let parties = [party(1, "cleveland", &[Role::Data]), party(3, "institute", &[Role::Request, Role::Result])];
    let validity = Validity { not_before: 1_767_225_600, expires: 1_782_864_000 };
    let text = skeleton("heart-study", &parties, validity, [7; 32]);
    let error = Contract::parse(text.as_bytes()).unwrap_err().to_string();
    assert!(error.starts_with("line 4, column 11: expected text in double quotation marks"), "{error}");

    let column = "{ name = \"age\", type = \"integer\", min = 0, max = 120 }";
    let mut filled = String::new();
    for line in text.lines() {
        let line = match line.split_once("FILL-IN") {
            None if line.starts_with('#') => continue,
            _ if line.starts_with("purpose") => "purpose = \"Why\"".to_string(),
            _ if line.starts_with("name = F") => "name = \"statistics\"".to_string(),
            _ if line.starts_with("FILL-IN = FILL-IN") => "union = true".to_string(),
            _ if line.starts_with("FILL-IN = [") => "measure = [\"age\"]".to_string(),
            _ if line.starts_with("trust_anchor") => format!("trust_anchor = \"sha256:{}\"", "9f".repeat(32)),
            _ if line.starts_with("measurement") => format!("measurement = \"sha384:{}\"", "3c".repeat(48)),
            _ if line.trim_start().starts_with("FILL-IN,") => {
                if filled.ends_with("column = [\n") {
                    format!("  {column},")
                } else {
                    continue;
                }
            }
            _ => line.replace("FILL-IN", "100"),
        };
        filled.push_str(&line);
        filled.push('\n');
    }
    let contract = Contract::parse(filled.as_bytes()).unwrap_or_else(|error| panic!("{error}\n{filled}"));
    assert_eq!(contract.terms().parties, parties);
    assert_eq!(contract.terms().random, [7; 32]);
    assert_eq!(contract.dataset("cleveland").unwrap().owner, "cleveland");
    assert_eq!(contract.result("result").unwrap().recipients, ["institute"]);
}
