//! What an amendment carries over, as the commands show it.

use crate::cli::typed;
use sealroom_protocol::contract::{CarriedCounts, Contract};
use serde_json::{Value, json};

/// In JSON and in one line; nothing for a first version.
pub(super) fn words(contract: &Contract) -> (Value, String) {
    let Some(amends) = contract.amends() else {
        return (Value::Null, String::new());
    };
    let mut text = format!("version {} amends {}, goes on ", amends.version, typed::brief(&amends.contract));
    text.push_str(&match amends.head {
        Some(head) => format!("from the receipt of run {} ({})", head.run, typed::brief(&head.receipt)),
        None => "without a receipt".to_owned(),
    });
    text.push_str(&format!(" above run {}; ", amends.highest_run));
    let counts = match &amends.counts {
        CarriedCounts::On(counts) => {
            let each: Vec<String> = counts.iter().map(|count| format!("{} {}", count.party, count.runs)).collect();
            text.push_str(&format!("of {} runs behind it: {}", contract.terms().limits.runs, each.join(", ")));
            Some(counts.iter().map(|count| json!({ "party": count.party, "runs": count.runs })).collect::<Vec<_>>())
        }
        CarriedCounts::Anew => {
            text.push_str("COUNTS BEGIN ANEW");
            None
        }
    };
    let fields = json!({
        "contract": amends.contract,
        "first": amends.first,
        "version": amends.version,
        "head": amends.head.map(|head| json!({ "run": head.run, "receipt": head.receipt })),
        "highest_run": amends.highest_run,
        "counts": counts,
        "counts_begin_anew": amends.counts == CarriedCounts::Anew,
        "log": amends.log.map(|log| json!({ "size": log.size, "root": hex::encode(log.root) })),
    });
    (fields, text)
}
