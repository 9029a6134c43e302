//! `sealroom replay`: an event log against the registers that a quote, or a person, names.
//!
//! What always holds: the quote's own genuineness is not judged here, and it says so; a log is called good only where its replay
//! gives every value that was named.

use super::evidence_file;
use super::exit::{Exit, Failure};
use super::output::Output;
use super::refusal::short;
use clap::Args;
use sealroom::attestation::event_log::{
    Algorithm, Digest, Event, EventLog, Register, Registers, ReplayError, ReportedRegister,
};
use sealroom::attestation::{CryptoProvider, Evidence, EvidenceFile};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// What is typed.
#[derive(Debug, Args)]
#[command(
    after_help = "The values come from a TDX quote (RTMR0 to 3) or from the Evidence of a TPM or an Azure VM (the registers that came along with its
quote), NOT VERIFIED here: appraise it; or they are typed. --reference names another log that
is known to be good: the first event by which this one departs from it is shown.
Exits with 0 where the replay gives every value, with 4 where one differs, with 2 where a file is malformed or larger than one may be.

Examples:
  sealroom replay ccel.bin --evidence quote.bin
  sealroom replay quote.evidence --evidence quote.evidence
  sealroom replay binary_bios_measurements --evidence quote.evidence
  sealroom replay binary_bios_measurements --pcr 4=3d45… --pcr 7=65ca…
  sealroom replay ccel.bin --evidence quote.bin --reference ccel.good.bin"
)]
pub(crate) struct Typed {
    /// The event log: the operating system's file, the area of the ACPI table, or Evidence that holds its log
    log: PathBuf,
    /// Evidence whose registers it must give: a TDX quote, or that of a TPM
    #[arg(long, value_name = "QUOTE", required_unless_present_any = ["pcr", "rtmr"])]
    evidence: Option<PathBuf>,
    /// Value of a TPM's register: index, =, SHA-256, SHA-384 or SHA-512 in hexadecimal
    #[arg(long, value_name = "IDX=HEX", conflicts_with_all = ["evidence", "rtmr"])]
    pcr: Vec<String>,
    /// Value of a trust domain's run-time register, the same way, SHA-384
    #[arg(long, value_name = "IDX=HEX", conflicts_with = "evidence")]
    rtmr: Vec<String>,
    /// Another log, known to be good
    #[arg(long, value_name = "LOG")]
    reference: Option<PathBuf>,
}

/// Replays.
pub(crate) fn run(typed: &Typed, output: Output) -> Result<Exit, Failure> {
    let log = read(&typed.log)?;
    let quoted = quoted(typed)?;
    let algorithm = quoted.first().map_or(Algorithm::Sha384, |quoted| quoted.value.algorithm());
    let verified = log.verify(CryptoProvider::ring(), &quoted);
    let (divergences, good) = match &verified {
        Ok(_) => (Vec::new(), true),
        Err(ReplayError::Diverges { registers }) => (registers.clone(), false),
        Err(error) => return Err(Failure::new(Exit::Malformed, format!("{}: {error}", typed.log.display()))),
    };
    let first = first_difference(typed, &log, &quoted, algorithm)?;
    let mut text = table(&log, &quoted, algorithm);
    for ReportedRegister { register, value } in &quoted {
        match divergences.iter().find(|difference| difference.register == *register) {
            None => text.push_str(&format!("{register} agrees with the log: {}\n", short(&value.to_string()))),
            Some(difference) => {
                text.push_str(&format!(
                    "{register} DIFFERS: expected {value}\n  the log gives {}\n",
                    difference.replayed
                ));
                text.push_str(&where_it_parts(difference.agreed_before, difference.events));
            }
        }
    }
    if let Some(first) = &first {
        text.push_str(&format!("first departure from the reference: {first}\n"));
        if let Some(event) = first.event.and_then(|index| log.unverified_events().find(|event| event.index() == index))
        {
            text.push_str(&format!("  there the log says: {}\n", event.describe()));
        }
    }
    text.push_str(if typed.evidence.is_some() {
        "the quote's registers are NOT VERIFIED: `sealroom appraise` says whether they are genuine"
    } else {
        "the values were typed, nothing says that they are genuine"
    });
    let registers: Vec<Value> = quoted
        .iter()
        .map(|ReportedRegister { register, value }| {
            let difference = divergences.iter().find(|difference| difference.register == *register);
            json!({
                "register": register.to_string(),
                "expected": value.to_string(),
                "replayed": difference.map_or(*value, |difference| difference.replayed).to_string(),
                "agrees": difference.is_none(),
                "agreed_before_event": difference.and_then(|difference| difference.agreed_before),
            })
        })
        .collect();
    let events: Vec<Value> = log.unverified_events().map(|event| event_json(&event, algorithm)).collect();
    let fields = json!({
        "verified": false,
        "agrees": good,
        "registers": registers,
        "events": events,
        "departs_from_reference": first.as_ref().map(|first| json!({ "event": first.event, "text": first.to_string() })),
    });
    output.answer(fields, text)?;
    Ok(if good { Exit::Done } else { Exit::NotAuthentic })
}

/// A log, or the one that came with the Evidence in this file.
fn read(path: &Path) -> Result<EventLog, Failure> {
    let bytes = evidence_file::read_bytes(path)?;
    let evidence = EvidenceFile::read(&bytes).ok().and_then(|file| Evidence::decode(&file.evidence).ok());
    if let Some(log) = evidence.as_ref().and_then(Evidence::unverified_event_log) {
        return Ok(log.clone());
    }
    EventLog::decode(&bytes).map_err(|error| Failure::new(Exit::Malformed, format!("{}: {error}", path.display())))
}

fn quoted(typed: &Typed) -> Result<Vec<ReportedRegister>, Failure> {
    if let Some(path) = &typed.evidence {
        let (_, evidence) = evidence_file::decode_evidence(path)?;
        return of_evidence(&evidence).ok_or_else(|| {
            Failure::local(format!("{} has no register that a log can be replayed against", evidence.platform()))
                .hint("name the values with --pcr or --rtmr")
        });
    }
    let pcrs = typed.pcr.iter().map(|text| parsed(text, Register::Pcr));
    pcrs.chain(typed.rtmr.iter().map(|text| parsed(text, Register::Rtmr))).collect()
}

fn of_evidence(evidence: &Evidence) -> Option<Vec<ReportedRegister>> {
    // Over TDX a VM of Azure has both, and a log of the TPM's.
    of_tpm(evidence).or_else(|| of_td(evidence))
}

fn of_td(evidence: &Evidence) -> Option<Vec<ReportedRegister>> {
    let report = evidence.unverified_td_report()?;
    let values = report.runtime_registers.iter();
    let quoted = (0..).zip(values).map(|(index, value)| {
        Some(ReportedRegister { register: Register::Rtmr(index), value: Digest::new(Algorithm::Sha384, value)? })
    });
    quoted.collect()
}

/// The registers that came along with a TPM's quote, as its claims have them: `4 sha256:3d45…`.
fn of_tpm(evidence: &Evidence) -> Option<Vec<ReportedRegister>> {
    let claims = evidence.unverified_claims();
    let quoted: Option<Vec<_>> =
        claims.iter().filter(|claim| claim.name == "pcr").map(|claim| register(&claim.value)).collect();
    quoted.filter(|quoted| !quoted.is_empty())
}

fn register(claim: &str) -> Option<ReportedRegister> {
    let (index, value) = claim.split_once(' ')?;
    let (algorithm, digits) = value.split_once(':')?;
    let value = Digest::new(Algorithm::from_name(algorithm)?, &hex::decode(digits).ok()?)?;
    Some(ReportedRegister { register: Register::Pcr(index.parse().ok()?), value })
}

/// `4=3d45…`.
fn parsed(text: &str, register: impl Fn(u8) -> Register) -> Result<ReportedRegister, Failure> {
    let refused = |what: &str| Failure::local(format!("{text}: {what}")).hint("write such as 7=65caf8dd1e0ea7a6…");
    let (index, digits) = text.split_once('=').ok_or_else(|| refused("expected an index, =, and the value"))?;
    let index = index.parse().map_err(|_| refused("expected an index of 0 to 255 before the ="))?;
    let bytes = hex::decode(digits).map_err(|_| refused("expected hexadecimal after the ="))?;
    let algorithm = match bytes.len() {
        32 => Algorithm::Sha256,
        48 => Algorithm::Sha384,
        64 => Algorithm::Sha512,
        found => return Err(refused(&format!("expected 32, 48 or 64 bytes after the =, found {found}"))),
    };
    let value = Digest::new(algorithm, &bytes).ok_or_else(|| refused("expected a digest"))?;
    Ok(ReportedRegister { register: register(index), value })
}

fn first_difference(
    typed: &Typed,
    log: &EventLog,
    quoted: &[ReportedRegister],
    algorithm: Algorithm,
) -> Result<Option<sealroom::attestation::event_log::EventDifference>, Failure> {
    let Some(path) = &typed.reference else { return Ok(None) };
    let registers = match quoted.first().map(|quoted| quoted.register) {
        Some(Register::Pcr(_)) => Registers::Pcrs,
        Some(Register::Rtmr(_)) | None => Registers::Rtmrs,
    };
    Ok(log.first_difference_from(&read(path)?, algorithm, registers))
}

fn where_it_parts(agreed_before: Option<usize>, events: usize) -> String {
    match agreed_before {
        Some(event) => format!(
            "  it agrees up to event {event}: from there on the log has events that were not measured when the quote was made\n"
        ),
        None => format!(
            "  at none of its {events} events does the log give that value: one of them was altered, left out or put in; --reference shows which\n"
        ),
    }
}

/// Every event on a line; the registers that were named are marked.
fn table(log: &EventLog, quoted: &[ReportedRegister], algorithm: Algorithm) -> String {
    let mut text = String::new();
    for event in log.unverified_events() {
        let register = quoted.iter().find(|quoted| quoted.register.number_in_log() == event.register());
        let register = match register {
            _ if event.kind().unmeasured() => "not measured".to_owned(),
            Some(quoted) => quoted.register.to_string(),
            None => format!("register {}", event.register()),
        };
        let digest = event.digest(algorithm).map(|digest| short(&digest.to_string())).unwrap_or_default();
        let kind = event.kind();
        let kind = kind.name().map_or_else(|| format!("{:#x}", kind.number()), str::to_owned);
        text.push_str(&format!("{:>4} {register:<12} {digest:<16} {kind} {}\n", event.index(), event.describe()));
    }
    text
}

fn event_json(event: &Event<'_>, algorithm: Algorithm) -> Value {
    json!({
        "event": event.index(),
        "register_in_log": event.register(),
        "type": event.kind().name(),
        "type_number": event.kind().number(),
        "measured": !event.kind().unmeasured(),
        "digest": event.digest(algorithm).map(|digest| digest.to_string()),
        "description": event.describe(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typed_register_is_an_index_and_a_digest() {
        let digits = "ab".repeat(32);
        let quoted = parsed(&format!("7={digits}"), Register::Pcr).unwrap();
        assert_eq!((quoted.register, quoted.value.algorithm()), (Register::Pcr(7), Algorithm::Sha256));
        for (text, what) in [
            ("7", "7: expected an index, =, and the value"),
            ("x=00", "x=00: expected an index of 0 to 255 before the ="),
            ("7=zz", "7=zz: expected hexadecimal after the ="),
            ("7=00", "7=00: expected 32, 48 or 64 bytes after the =, found 1"),
        ] {
            assert_eq!(parsed(text, Register::Pcr).unwrap_err().message, what);
        }
    }
}
