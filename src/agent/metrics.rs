//! The agent's metrics, in Prometheus' text format (version 0.0.4).
//!
//! What always holds: counts and times alone, labelled by contract ids; nothing of any dataset, request or result, and no word
//! of a host.

use super::desk::{Evaluated, Look};
use super::running::Counter;
use core::fmt::Write as _;

/// Content type of the format.
pub(super) const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// What stands of each contract under one name: labels beside the contract's, and a value.
type Values<'a> = dyn Fn(&Counter<'_>) -> Vec<(String, u64)> + 'a;

/// Writes them all.
pub(super) fn text(counters: &[Counter<'_>], unusable: usize, started: u64, memory: Option<u64>) -> String {
    let mut text = String::new();
    let mut gauge = |name: &str, help: &str, value: u64| {
        let _ = write!(text, "# HELP {name} {help}\n# TYPE {name} gauge\n{name} {value}\n");
    };
    gauge("process_start_time_seconds", "When the agent started (Unix seconds).", started);
    if let Some(memory) = memory {
        gauge("process_resident_memory_bytes", "Memory that the agent holds.", memory);
    }
    gauge("sealroom_agent_contracts", "Contracts that the agent serves.", u64::try_from(counters.len()).unwrap_or(0));
    gauge(
        "sealroom_agent_contracts_unusable",
        "Contracts of the configuration that cannot be used.",
        u64::try_from(unusable).unwrap_or(u64::MAX),
    );
    let one = |value: u64| vec![(String::new(), value)];
    let mut each = |name: &str, kind: &str, help: &str, values: &Values<'_>| {
        let _ = write!(text, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
        for counter in counters {
            for (labels, value) in values(counter) {
                let _ = writeln!(text, "{name}{{contract=\"{}\"{labels}}} {value}", counter.contract);
            }
        }
    };
    each("sealroom_agent_runs_limit", "gauge", "Runs that are granted at most.", &|counter| one(counter.most));
    each("sealroom_agent_runs_counted", "gauge", "Runs that count: granted and not given back.", &|counter| {
        one(counter.shown.ledger.counted)
    });
    each("sealroom_agent_grants", "gauge", "Grants by state.", &|counter| {
        let grants = counter.shown.ledger.grants;
        let states = [("open", grants.open), ("confirmed", grants.confirmed), ("given_back", grants.given_back)];
        states.into_iter().map(|(state, value)| (format!(",state=\"{state}\""), value)).collect()
    });
    each("sealroom_agent_pending", "gauge", "Runs that wait for a person.", &|counter| {
        let waits = counter.shown.pending.iter().filter(|pending| !pending.approved).count();
        one(u64::try_from(waits).unwrap_or(u64::MAX))
    });
    each("sealroom_agent_stopped", "gauge", "Whether a party stopped the contract.", &|counter| {
        one(u64::from(counter.shown.standing == "stopped"))
    });
    each(
        "sealroom_agent_grants_sent_total",
        "counter",
        "Grants handed to a host, again ones among them.",
        &|counter| one(counter.shown.sent),
    );
    each("sealroom_agent_appraisals_total", "counter", "Appraisals by how they ended.", &|counter| {
        let results = ["accepted", "refused"].into_iter().zip(counter.shown.appraised);
        results.map(|(result, value)| (format!(",result=\"{result}\""), value)).collect()
    });
    each(
        "sealroom_agent_evaluations_total",
        "counter",
        "Rooms evaluated on the contract's timer by how that ended.",
        &|counter| {
            let results = Evaluated::ALL.into_iter().zip(counter.shown.evaluations);
            results.map(|(result, value)| (format!(",result=\"{}\"", result.word()), value)).collect()
        },
    );
    each("sealroom_agent_looks_total", "counter", "Looks at the host by how they ended.", &|counter| {
        let looks = Look::ALL.into_iter().zip(counter.shown.looks);
        looks.map(|(look, value)| (format!(",result=\"{}\"", look.word()), value)).collect()
    });
    each("sealroom_agent_host_up", "gauge", "Whether the host answered the last look as it should.", &|counter| {
        one(u64::from(matches!(counter.shown.look, Look::Well | Look::Refused)))
    });
    each(
        "sealroom_agent_last_look_seconds",
        "gauge",
        "When the last look ended (Unix seconds); 0 before.",
        &|counter| one(counter.shown.looked),
    );
    each(
        "sealroom_agent_warnings",
        "gauge",
        "Bad receipts, parties that cheat, files that are not taken, rooms that could not be evaluated.",
        &|counter| one(u64::try_from(counter.shown.warnings.len()).unwrap_or(u64::MAX)),
    );
    text
}

/// Memory that this process holds, in bytes, by the system's word.
pub(super) fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.split_whitespace().next()?.parse::<u64>().ok()?.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agent::desk::{Desk, Pending};
    use sealroom_protocol::id::{ContractId, ProposalId};

    #[test]
    fn every_line_is_one_that_prometheus_reads_and_none_has_a_word_of_anyone() {
        let desk = Desk::default();
        let explained = "canary-in-a-request".to_owned();
        let proposal = ProposalId::from_bytes([3; 32]);
        desk.ask(Pending { proposal, run: 1, explained, reveals: vec!["canary".into()], since: 9, approved: false });
        desk.looked(Look::Host, Some("canary of a host".into()));
        desk.shown().evaluated(Evaluated::Unanswered);
        let shown = desk.shown();
        let contract = ContractId::from_bytes([0xab; 32]);
        let text = text(&[Counter { contract, most: 7, shown: &shown }], 2, 1_767_225_600, Some(4096));
        assert!(!text.contains("canary"), "{text}");
        let label = format!("{{contract=\"{}\"", "ab".repeat(32));
        for line in [
            format!("sealroom_agent_runs_limit{label}}} 7"),
            format!("sealroom_agent_pending{label}}} 1"),
            format!("sealroom_agent_grants{label},state=\"given_back\"}} 0"),
            format!("sealroom_agent_looks_total{label},result=\"host\"}} 1"),
            format!("sealroom_agent_host_up{label}}} 0"),
            format!("sealroom_agent_evaluations_total{label},result=\"unanswered\"}} 1"),
            "sealroom_agent_contracts_unusable 2".to_owned(),
            "sealroom_agent_contracts 1".to_owned(),
            "process_resident_memory_bytes 4096".to_owned(),
        ] {
            assert!(text.lines().any(|written| written == line), "{line} is not in\n{text}");
        }
        let (mut described, mut last) = (std::collections::BTreeSet::new(), String::new());
        for line in text.lines() {
            match line.strip_prefix("# TYPE ") {
                Some(rest) => {
                    last = rest.split(' ').next().unwrap().to_owned();
                    assert!(described.insert(last.clone()), "{last} stands twice");
                }
                None if line.starts_with("# HELP ") => {}
                None => {
                    let name = line.split(['{', ' ']).next().unwrap();
                    assert_eq!(name, last);
                    assert!(line.rsplit(' ').next().unwrap().parse::<u64>().is_ok(), "{line}");
                }
            }
        }
    }

    #[test]
    fn the_system_says_how_much_memory_this_process_holds() {
        assert!(resident().unwrap() > 1 << 20);
    }
}
