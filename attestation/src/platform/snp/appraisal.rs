//! Steps 9 and 11 to 15: is a genuine, fresh report good enough for one accept block? Every check runs.

use alloc::format;
use alloc::string::{String, ToString};

use super::authenticity::Genuine;
use super::claims::bit_names;
use super::{Accept, Bits, Claims, GuestAbi, SigningKey, TcbVersion, checks, guest_policy, platform_info};
use crate::check::{CheckDefinition, common};
use crate::ledger::Ledger;
use crate::measurement::Measurement;
use crate::platform::block::judge_rule;
use crate::policy::{Requirement, Rule};
use crate::text::{Hex, any_of, joined};

/// VMPL of a report that the host asked for.
const ASKED_BY_HOST: u32 = u32::MAX;

/// Enters every check of [`Step::Policy`](crate::Step) into the ledger.
pub(crate) fn judge_policy(claims: &Claims, genuine: &Genuine, block: &Accept, ledger: &mut Ledger) {
    let versions = any_of(&block.report_versions);
    ledger.judge(
        &checks::VERSION_ACCEPTED,
        block.report_versions.contains(&claims.version),
        versions,
        claims.version.to_string(),
    );
    let kinds = any_of(block.signing_keys.iter().map(|kind| kind.as_str()));
    let kind = genuine.signing_key;
    ledger.judge(&checks::SIGNING_KEY_ACCEPTED, block.signing_keys.contains(&kind), kinds, kind.as_str());
    judge_machine(claims, genuine, block, ledger);
    judge_guest_policy(claims, block, ledger);
    judge_bits(
        &checks::PLATFORM_INFO,
        claims.platform_info,
        block.platform_info,
        platform_info::KNOWN,
        &platform_info::NAMES,
        ledger,
    );
    judge_vmpl(claims, block, ledger);
    judge_firmware(claims, genuine, block, ledger);
    judge_mitigations(claims, block, ledger);
    judge_identity(claims, block, ledger);
}

fn judge_machine(claims: &Claims, genuine: &Genuine, block: &Accept, ledger: &mut Ledger) {
    judge_rule(&common::MACHINE, &block.machines, ledger, |machines| {
        // A pinned machine is a VCEK's: only there does the certificate vouch for the chip id.
        let holds = genuine.signing_key == SigningKey::Vcek
            && genuine.machine.is_some_and(|machine| machines.contains(&machine));
        (holds, any_of(machines.iter().map(|machine| Hex(machine))), Hex(&claims.chip_id).to_string())
    });
}

/// Step 11.
fn judge_guest_policy(claims: &Claims, block: &Accept, ledger: &mut Ledger) {
    let allowed = |bit: u64| if claims.guest_policy & bit == 0 { "not allowed" } else { "allowed" };
    let debug = allowed(guest_policy::DEBUG);
    ledger.judge(&checks::DEBUG, debug == "not allowed", "debugging not allowed", format!("debugging {debug}"));

    let migration = allowed(guest_policy::MIGRATION_AGENT);
    let has_agent = claims.report_id_migration_agent.iter().any(|byte| *byte != 0xff);
    let agent = if has_agent { "an agent" } else { "no agent" };
    let holds = migration == "not allowed" && !has_agent;
    ledger.judge(
        &checks::MIGRATION,
        holds,
        "migration not allowed, no agent",
        format!("migration {migration}, {agent}"),
    );

    let wanted = Bits { set: block.guest_policy.set | guest_policy::RESERVED_ONE, clear: block.guest_policy.clear };
    judge_bits(&checks::GUEST_POLICY, claims.guest_policy, wanted, guest_policy::KNOWN, &guest_policy::NAMES, ledger);
    match &block.minimum_guest_abi {
        Rule::Skip { reason } => ledger.skip(&checks::GUEST_ABI, reason),
        Rule::Require(minimum) => {
            let demanded = GuestAbi::of_guest_policy(claims.guest_policy);
            let holds = demanded.is_at_least(*minimum);
            ledger.judge(&checks::GUEST_ABI, holds, format!("at least {minimum}"), demanded.to_string());
        }
    }
}

fn judge_bits(
    check: &'static CheckDefinition,
    bits: u64,
    wanted: Bits,
    known: u64,
    names: &[(u64, &'static str)],
    ledger: &mut Ledger,
) {
    let holds = bits & wanted.set == wanted.set && bits & wanted.clear == 0 && bits & !known == 0;
    let expected =
        format!("set: {}; clear: {}; no unknown bit", bit_names(wanted.set, names), bit_names(wanted.clear, names));
    ledger.judge(check, holds, expected, format!("{bits:#x} ({})", bit_names(bits, names)));
}

/// Step 13.
fn judge_vmpl(claims: &Claims, block: &Accept, ledger: &mut Ledger) {
    let found =
        if claims.vmpl == ASKED_BY_HOST { String::from("asked for by the host") } else { claims.vmpl.to_string() };
    ledger.judge(&checks::VMPL, claims.vmpl <= block.maximum_vmpl, format!("at most {}", block.maximum_vmpl), found);
}

/// Step 9: by component.
fn judge_firmware(claims: &Claims, genuine: &Genuine, block: &Accept, ledger: &mut Ledger) {
    let level = |raw: [u8; 8]| TcbVersion::from_bytes(raw, genuine.product);
    let (current, committed, launch) =
        (level(claims.current_tcb), level(claims.committed_tcb), level(claims.launch_tcb));
    let reported = genuine.reported;

    const ORDER: &str = "reported and committed not above current, reserved bytes zero";
    let (Some(current), Some(committed), Some(launch)) = (current, committed, launch) else {
        let raw = [claims.current_tcb, claims.committed_tcb, claims.launch_tcb];
        let found = joined(raw.iter().map(|raw| Hex(raw)), ", ");
        ledger.fail(
            &checks::FIRMWARE_ORDER,
            ORDER,
            format!("current, committed, launch {found}: a reserved byte is not zero"),
        );
        for check in [&checks::FIRMWARE_COMMITTED, &checks::FIRMWARE_MINIMUM, &checks::FIRMWARE_LAUNCH] {
            ledger.not_judged(check, &checks::FIRMWARE_ORDER);
        }
        return;
    };
    let ordered = current.is_at_least(&reported) && current.is_at_least(&committed);
    ledger.judge(
        &checks::FIRMWARE_ORDER,
        ordered,
        ORDER,
        format!("reported {reported}; committed {committed}; current {current}"),
    );
    match &block.committed_firmware {
        Requirement::Skip { reason } => ledger.skip(&checks::FIRMWARE_COMMITTED, reason),
        Requirement::Required => {
            let holds = committed == current && claims.committed_version == claims.current_version;
            ledger.judge(
                &checks::FIRMWARE_COMMITTED,
                holds,
                format!("committed {current}"),
                format!("committed {committed}"),
            );
        }
    }
    judge_minimum(&checks::FIRMWARE_MINIMUM, &block.minimum_firmware, reported, ledger);
    judge_minimum(&checks::FIRMWARE_LAUNCH, &block.minimum_launch_firmware, launch, ledger);
}

fn judge_minimum(check: &'static CheckDefinition, rule: &Rule<TcbVersion>, level: TcbVersion, ledger: &mut Ledger) {
    match rule {
        Rule::Skip { reason } => ledger.skip(check, reason),
        Rule::Require(minimum) => {
            let shortfall = level.shortfall(minimum);
            let found = if shortfall.is_empty() { level.to_string() } else { shortfall };
            ledger.judge(check, level.is_at_least(minimum), format!("at least {minimum}"), found);
        }
    }
}

/// Step 15: bits, not numbers.
fn judge_mitigations(claims: &Claims, block: &Accept, ledger: &mut Ledger) {
    let wanted = match &block.mitigations {
        Rule::Skip { reason } => return ledger.skip(&checks::MITIGATIONS, reason),
        Rule::Require(wanted) => wanted,
    };
    let expected = format!("launch {:#x}, current {:#x}, all bits set", wanted.launch, wanted.current);
    let (Some(launch), Some(current)) = (claims.launch_mitigations, claims.current_mitigations) else {
        return ledger.fail(&checks::MITIGATIONS, expected, format!("none in report version {}", claims.version));
    };
    let holds = launch & wanted.launch == wanted.launch && current & wanted.current == wanted.current;
    ledger.judge(&checks::MITIGATIONS, holds, expected, format!("launch {launch:#x}, current {current:#x}"));
}

/// Step 14.
fn judge_identity(claims: &Claims, block: &Accept, ledger: &mut Ledger) {
    let measurement = Measurement::sha384(claims.measurement);
    ledger.judge(
        &checks::MEASUREMENT,
        block.measurements.contains(&measurement),
        any_of(&block.measurements),
        measurement.to_string(),
    );
    judge_bytes(&checks::HOST_DATA, &block.host_data, &claims.host_data, true, ledger);
    judge_rule(&checks::IMAGE, &block.images, ledger, |images| {
        let holds = images.iter().any(|image| image.family_id == claims.family_id && image.image_id == claims.image_id);
        let words = |family: &[u8; 16], image: &[u8; 16]| format!("family {} image {}", Hex(family), Hex(image));
        let expected = any_of(images.iter().map(|image| words(&image.family_id, &image.image_id)));
        (holds, expected, words(&claims.family_id, &claims.image_id))
    });
    match &block.minimum_guest_svn {
        Rule::Skip { reason } => ledger.skip(&checks::GUEST_SVN, reason),
        Rule::Require(minimum) => {
            ledger.judge(
                &checks::GUEST_SVN,
                claims.guest_svn >= *minimum,
                format!("at least {minimum}"),
                claims.guest_svn.to_string(),
            );
        }
    }
    judge_bytes(&checks::ID_KEY, &block.id_key_digests, &claims.id_key_digest, true, ledger);
    judge_bytes(
        &checks::AUTHOR_KEY,
        &block.author_key_digests,
        &claims.author_key_digest,
        claims.author_key_enabled,
        ledger,
    );
}

/// One of the values, byte for byte, where the report says that the field is in use.
fn judge_bytes<const N: usize>(
    check: &'static CheckDefinition,
    rule: &Rule<alloc::vec::Vec<[u8; N]>>,
    found: &[u8; N],
    in_use: bool,
    ledger: &mut Ledger,
) {
    judge_rule(check, rule, ledger, |values| {
        let words = if in_use { Hex(found).to_string() } else { String::from("not in use") };
        (in_use && values.contains(found), any_of(values.iter().map(|value| Hex(value))), words)
    });
}
