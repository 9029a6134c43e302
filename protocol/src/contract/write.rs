//! From terms to text: how a program drafts a contract.
//!
//! What always holds: [`Contract::parse`](super::Contract::parse) of [`write`]'s text gives the same terms, if they keep
//! the rules; if not, it says which they break.

use super::amends::{Amends, CarriedCounts};
use super::decimal::decimal_text;
use super::terms::{ArgumentValue, Column, ColumnKind, EnclaveTerms, Party, ResultTerms, Terms};
use super::{VERSION, time};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt::Write;

/// The text of these terms.
#[must_use]
pub fn write(terms: &Terms) -> String {
    let mut text = Text(String::new());
    text.pair("sealroom_contract", &VERSION.to_string());
    text.pair("name", &quoted(&terms.name));
    text.pair("purpose", &quoted(&terms.purpose));
    text.pair("not_before", &time::time_text(terms.not_before));
    text.pair("expires", &time::time_text(terms.expires));
    text.pair("random", &quoted(&hex::encode(terms.random)));
    for party in &terms.parties {
        text.party(party);
    }
    for dataset in &terms.datasets {
        text.header("[[dataset]]");
        text.pair("name", &quoted(&dataset.name));
        text.pair("owner", &quoted(&dataset.owner));
        text.pair("maximum_rows", &grouped(dataset.maximum_rows));
        if let Some(object) = dataset.object {
            text.pair("object", &quoted(&object.to_string()));
        }
        text.columns(&dataset.columns);
    }
    text.program(terms);
    for result in &terms.results {
        text.result(result);
    }
    text.header("[limits]");
    text.pair("runs", &grouped(terms.limits.runs));
    text.pair("memory_mib", &grouped(terms.limits.memory_mib));
    text.pair("work", &grouped(terms.limits.work));
    if let Some(seconds) = terms.limits.evaluate_every {
        text.pair("evaluate_every", &grouped(seconds));
    }
    for enclave in &terms.enclaves {
        text.enclave(enclave);
    }
    if let Some(places) = &terms.cross_border {
        text.header("[cross_border]");
        text.pair("host_regions", &list(places.host_regions.iter().map(|place| quoted(place))));
        text.pair("recipient_jurisdictions", &list(places.recipient_jurisdictions.iter().map(|place| quoted(place))));
        text.pair("stated_by", &quoted(&places.stated_by));
    }
    if let Some(log) = &terms.log {
        text.header("[log]");
        text.pair("cosigned", &log.cosigned.to_string());
        for witness in &log.witnesses {
            text.header("[[log.witness]]");
            text.pair("name", &quoted(&witness.name));
            text.pair("key", &quoted(&witness.key.to_string()));
        }
    }
    if let Some(amends) = &terms.amends {
        text.amends(amends);
    }
    text.0
}

/// One party's table.
pub(super) fn party_text(party: &Party) -> String {
    let mut text = Text(String::new());
    text.party(party);
    text.0
}

struct Text(String);

impl Text {
    fn line(&mut self, line: &str) {
        self.0.push_str(line);
        self.0.push('\n');
    }

    fn header(&mut self, header: &str) {
        self.line("");
        self.line(header);
    }

    fn pair(&mut self, key: &str, value: &str) {
        self.line(&format!("{key} = {value}"));
    }

    fn party(&mut self, party: &Party) {
        self.header("[[party]]");
        self.pair("name", &quoted(&party.name));
        self.pair("roles", &list(party.roles.iter().map(|role| quoted(role.word()))));
        self.pair("signing_key", &quoted(&party.signing_key.to_string()));
        self.pair("encryption_key", &quoted(&party.encryption_key.to_string()));
        if let Some(jurisdiction) = &party.jurisdiction {
            self.pair("jurisdiction", &quoted(jurisdiction));
        }
    }

    fn columns(&mut self, columns: &[Column]) {
        self.line("column = [");
        for column in columns {
            self.line(&format!("  {},", column_text(column)));
        }
        self.line("]");
    }

    fn program(&mut self, terms: &Terms) {
        self.header("[program]");
        self.pair("kind", &quoted(terms.program.kind.word()));
        self.pair("name", &quoted(&terms.program.name));
        if !terms.program.arguments.is_empty() {
            self.header("[program.arguments]");
        }
        for (name, value) in &terms.program.arguments {
            self.pair(name, &argument_text(value));
        }
        if !terms.program.choices.is_empty() {
            self.header("[program.choices]");
        }
        for (name, values) in &terms.program.choices {
            self.pair(name, &list(values.iter().map(argument_text)));
        }
    }

    fn result(&mut self, result: &ResultTerms) {
        self.header("[[result]]");
        self.pair("name", &quoted(&result.name));
        self.pair("recipients", &list(result.recipients.iter().map(|name| quoted(name))));
        self.columns(&result.columns);
        self.line("[result.rules]");
        self.pair("minimum_group_size", &grouped(result.rules.minimum_group_size));
        if result.rules.minimum_without_each_owner {
            self.pair("minimum_without_each_owner", "true");
        }
        self.pair("maximum_rows", &grouped(result.rules.maximum_rows));
        self.pair("maximum_bytes", &grouped(result.rules.maximum_bytes));
        self.pair("round_integers_to", &grouped(result.rules.round_integers_to));
    }

    fn enclave(&mut self, enclave: &EnclaveTerms) {
        self.header("[[enclave]]");
        self.pair("platform", &quoted(enclave.platform.word()));
        self.pair("simulated", if enclave.simulated { "true" } else { "false" });
        self.pair("trust_anchor", &quoted(&format!("sha256:{}", hex::encode(enclave.trust_anchor))));
        self.pair("measurement", &quoted(&format!("sha384:{}", hex::encode(enclave.measurement))));
        let level = enclave.minimum_firmware;
        let fmc = if level.fmc == 0 { String::new() } else { format!("fmc = {}, ", level.fmc) };
        let rest = format!("bootloader = {}, tee = {}, snp = {}", level.bootloader, level.tee, level.snp);
        self.pair("minimum_firmware", &format!("{{ {fmc}{rest}, microcode = {} }}", level.microcode));
        if !enclave.machines.is_empty() {
            self.pair("machines", &list(enclave.machines.iter().map(|machine| quoted(&hex::encode(machine)))));
        }
        if let Some(operator) = enclave.operator {
            self.pair("operator", &quoted(&operator.to_string()));
        }
    }

    fn amends(&mut self, amends: &Amends) {
        self.header("[amends]");
        self.pair("contract", &quoted(&amends.contract.to_string()));
        self.pair("first", &quoted(&amends.first.to_string()));
        self.pair("version", &grouped(amends.version));
        if let Some(head) = amends.head {
            let receipt = quoted(&head.receipt.to_string());
            self.pair("head", &format!("{{ run = {}, receipt = {receipt} }}", grouped(head.run)));
        }
        self.pair("highest_run", &grouped(amends.highest_run));
        match &amends.counts {
            CarriedCounts::On(counts) if counts.is_empty() => {}
            CarriedCounts::On(counts) => {
                self.line("counts = [");
                for count in counts {
                    self.line(&format!("  {{ party = {}, runs = {} }},", quoted(&count.party), grouped(count.runs)));
                }
                self.line("]");
            }
            CarriedCounts::Anew => self.pair("counts_begin_anew", "true"),
        }
        if let Some(log) = amends.log {
            let root = quoted(&hex::encode(log.root));
            self.pair("log", &format!("{{ size = {}, root = {root} }}", grouped(log.size)));
        }
    }
}

fn column_text(column: &Column) -> String {
    let name = quoted(&column.name);
    let mut text = match &column.kind {
        ColumnKind::Integer { minimum, maximum } => {
            let (minimum, maximum) = (grouped_signed(*minimum), grouped_signed(*maximum));
            format!("{{ name = {name}, type = \"integer\", min = {minimum}, max = {maximum}")
        }
        ColumnKind::Decimal { scale, minimum, maximum } => {
            let (minimum, maximum) = (quoted(&decimal_text(*minimum, *scale)), quoted(&decimal_text(*maximum, *scale)));
            format!("{{ name = {name}, type = \"decimal\", scale = {scale}, min = {minimum}, max = {maximum}")
        }
        ColumnKind::Text { maximum_length, values } => {
            let mut text = format!("{{ name = {name}, type = \"text\"");
            let longest = values.iter().map(String::len).max().and_then(|length| u32::try_from(length).ok());
            if longest != Some(*maximum_length) {
                // Writing to a `String` does not fail.
                let _ = write!(text, ", maximum_length = {}", grouped(u64::from(*maximum_length)));
            }
            if !values.is_empty() {
                text.push_str(", values = ");
                text.push_str(&list(values.iter().map(|value| quoted(value))));
            }
            text
        }
        ColumnKind::Boolean => format!("{{ name = {name}, type = \"boolean\""),
    };
    text.push_str(if column.null { ", null = true }" } else { " }" });
    text
}

fn argument_text(value: &ArgumentValue) -> String {
    match value {
        ArgumentValue::Text(text) => quoted(text),
        ArgumentValue::Integer(number) => grouped_signed(*number),
        ArgumentValue::Boolean(boolean) => boolean.to_string(),
        ArgumentValue::List(values) => list(values.iter().map(argument_text)),
    }
}

fn list(entries: impl Iterator<Item = String>) -> String {
    format!("[{}]", entries.collect::<Vec<_>>().join(", "))
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn grouped_signed(number: i64) -> String {
    format!("{}{}", if number < 0 { "-" } else { "" }, grouped(number.unsigned_abs()))
}

/// Digits in groups of three.
fn grouped(number: u64) -> String {
    let mut groups = Vec::new();
    let mut rest = number;
    while rest >= 1000 {
        groups.push(format!("{:03}", rest % 1000));
        rest /= 1000;
    }
    groups.push(rest.to_string());
    groups.reverse();
    groups.join("_")
}
