//! Warnings on a policy that is valid: what it accepts and a reader may not have meant to. A policy that is only pinned can
//! have some too; each says what it gives up.
//!
//! What always holds: nothing here decides on Evidence; a warning's id is fixed, its text is for people.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use serde_json::Value;

use crate::anchor::{AnchorKind, VendorRoot};
use crate::platform::azure::Report;
use crate::platform::{Platform, gpu, intel as intel_platform, nitro as nitro_platform, snp as snp_platform};
use crate::policy::{Accept, Policy};
use crate::unmeasured::code_left_out;

mod intel;
mod nitro;
mod snp;

/// What often is a mistake, or a choice that every reader should see.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PolicyWarning {
    /// Fixed id, such as `simulated-anchor`.
    pub id: &'static str,
    /// Name of the accept block; empty where it is about the whole policy.
    pub block: String,
    /// What is accepted, and what that gives up.
    pub text: String,
}

impl fmt::Display for PolicyWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.block.as_str() {
            "" => write!(f, "{}: {}", self.id, self.text),
            block => write!(f, "{} in \"{block}\": {}", self.id, self.text),
        }
    }
}

/// The ids of all warnings, each with what it is about.
#[must_use]
pub fn policy_warning_ids() -> &'static [(&'static str, &'static str)] {
    &[
        ("simulated-anchor", "a simulated platform is accepted"),
        ("foreign-anchor", "the root is another maker's, under which nothing can pass"),
        ("vouched-anchor", "the author's word stands in for a maker's root"),
        ("skips", "demands are left out; how many, and which"),
        ("no-machine", "any machine of the maker is accepted"),
        ("no-revocation", "keys that the maker took back are accepted"),
        ("minimum-zero", "a least version of zero demands nothing"),
        ("same-values", "two blocks accept the same"),
        ("vlek", "SEV-SNP: a key that a cloud's machines share is accepted"),
        ("masked-chip", "SEV-SNP: a report that hides its chip is accepted"),
        ("vmpl", "SEV-SNP: reports of lesser privilege levels are accepted"),
        ("report-version", "SEV-SNP: a report that does not name its processor is accepted"),
        ("guest-policy", "SEV-SNP: multithreading is accepted"),
        ("tcb-status", "TDX, SGX: firmware that Intel does not call UpToDate is accepted"),
        ("tcb-age", "TDX, SGX: old firmware, or an old word of Intel's on it, is accepted"),
        ("unmeasured-code", "TDX, Nitro, CCA, GPU, TPM, Azure: registers that hold what runs are left out"),
        ("signer", "SGX: whatever a signer signs is accepted"),
        ("document-age", "Nitro: old documents are accepted"),
    ]
}

impl Policy {
    /// Every warning, block by block in the policy's order, then those on all of it.
    #[must_use]
    pub fn lint(&self) -> Vec<PolicyWarning> {
        let mut warnings = Vec::new();
        for block in self.blocks() {
            let mut warn = |id: &'static str, text: String| {
                warnings.push(PolicyWarning { id, block: block.name().to_owned(), text });
            };
            anchor(block, &mut warn);
            skips(&written(block), &mut warn);
            unmeasured(block, &mut warn);
            match block {
                Accept::Snp(block) => snp::lint(block, &mut warn),
                Accept::Tdx(block) => intel::lint_tdx(block, &mut warn),
                Accept::Sgx(block) => intel::lint_sgx(block, &mut warn),
                Accept::Nitro(block) => nitro::lint(block, &mut warn),
                Accept::Azure(block) => match &block.report {
                    Report::Snp(block) => snp::lint(block, &mut warn),
                    Report::Tdx(block) => intel::lint_tdx(block, &mut warn),
                },
                // A quote's registers are named, each judged or left out, as all blocks' are.
                Accept::Tpm(_) => {}
                // A block names one instance, and all of its components or why not.
                Accept::Cca(_) => {}
                // Every index is named, or left out with a reason.
                Accept::Gpu(_) => {}
            }
        }
        warnings.extend(same_values(self.blocks()));
        warnings
    }
}

/// Takes a warning: its id, its text.
type Warn<'a> = &'a mut dyn FnMut(&'static str, String);

fn anchor(block: &Accept, warn: Warn<'_>) {
    match block.trust_anchor().kind() {
        AnchorKind::Vendor(root) if is_foreign(root, block.platform()) => warn(
            "foreign-anchor",
            format!("the root {} is none of the maker of {}: no Evidence can pass", root.name, block.platform()),
        ),
        AnchorKind::Vendor(_) => {}
        AnchorKind::Simulated => warn(
            "simulated-anchor",
            "the root is a simulated platform's: no hardware protects what it accepts, and whoever has the root's key can make any Evidence".to_owned(),
        ),
        AnchorKind::Vouched { reason } => warn(
            "vouched-anchor",
            format!("the anchor is no maker's root; the policy's author vouches for it: {reason}"),
        ),
    }
}

/// Whether the platform's maker has roots built in, and this is none of them.
fn is_foreign(root: &VendorRoot, platform: Platform) -> bool {
    let own: &[VendorRoot] = match platform {
        Platform::AmdSevSnp | Platform::AzureSnp => &snp_platform::roots::ALL,
        Platform::IntelTdx | Platform::IntelSgx | Platform::AzureTdx => &intel_platform::roots::ALL,
        Platform::AwsNitro => &nitro_platform::roots::ALL,
        Platform::NvidiaGpu => &gpu::roots::ALL,
        // Neither has one maker.
        Platform::ArmCca | Platform::Tpm => return false,
    };
    !own.contains(root)
}

/// What an attestation result does not affirm, by the same rule.
fn unmeasured(block: &Accept, warn: Warn<'_>) {
    let open = code_left_out(block);
    if !open.is_empty() {
        let open = open.join(", ");
        warn(
            "unmeasured-code",
            format!("left out: {open}; what they alone measure of the code that runs may be anything"),
        );
    }
}

/// The block as it is written.
fn written(block: &Accept) -> Value {
    // One block alone is valid where it is within a policy.
    let policy = Policy::new(alloc::vec![block.clone()]).map(|policy| policy.to_json());
    let policy = policy.unwrap_or_default();
    policy.pointer(&format!("/accept/{}/0", block.platform())).cloned().unwrap_or_default()
}

fn skips(block: &Value, warn: Warn<'_>) {
    let mut skipped = Vec::new();
    skipped_fields(block, "", &mut skipped);
    if skipped.iter().any(|field| field == "machines" || field.ends_with(".machines")) {
        warn(
            "no-machine",
            "no machine is pinned: any machine of this maker passes, also one that its owner opened up".to_owned(),
        );
    }
    if skipped.iter().any(|field| field == "revocation" || field.ends_with(".revocation")) {
        warn(
            "no-revocation",
            "revocation lists are not looked at: a key that its maker took back still passes".to_owned(),
        );
    }
    if !skipped.is_empty() {
        let fields = skipped.join(", ");
        warn("skips", format!("{} demands are left out: {fields}", skipped.len()));
    }
}

fn skipped_fields(value: &Value, path: &str, skipped: &mut Vec<String>) {
    let inner = |key: &dyn fmt::Display| if path.is_empty() { key.to_string() } else { format!("{path}.{key}") };
    match value {
        Value::Object(fields) if fields.len() == 1 && fields.contains_key("skip") => skipped.push(path.to_owned()),
        Value::Object(fields) => fields.iter().for_each(|(key, value)| skipped_fields(value, &inner(key), skipped)),
        Value::Array(values) => {
            values.iter().enumerate().for_each(|(index, value)| skipped_fields(value, &inner(&index), skipped));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn same_values(blocks: &[Accept]) -> Vec<PolicyWarning> {
    let nameless = |block: &Accept| {
        let mut value = written(block);
        if let Some(fields) = value.as_object_mut() {
            fields.remove("name");
        }
        (block.platform(), value)
    };
    let all: Vec<_> = blocks.iter().map(|block| (block.name(), nameless(block))).collect();
    let mut warnings = Vec::new();
    for (place, (name, values)) in all.iter().enumerate() {
        let same = all.iter().skip(place + 1).filter(|(_, other)| other == values);
        warnings.extend(same.map(|(other, _)| PolicyWarning {
            id: "same-values",
            block: String::new(),
            text: format!("\"{name}\" and \"{other}\" accept the same"),
        }));
    }
    warnings
}
