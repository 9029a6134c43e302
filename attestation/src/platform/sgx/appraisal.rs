//! An SGX quote against one accept block: authenticity, then steps 13, 14 and 16. Every check runs.

use alloc::format;
use alloc::string::{String, ToString};

use super::quote::Quote;
use super::{Accept, Identity, attributes, checks};
use crate::check::CheckDefinition;
use crate::crypto::Crypto;
use crate::endorsements::Endorsements;
use crate::ledger::Ledger;
use crate::platform::block::judge_rule;
use crate::platform::intel::appraisal::{bit_names, judge_bits, judge_bytes, judge_platform};
use crate::platform::intel::authenticity::{self, Genuine};
use crate::platform::intel::{Bits, states};
use crate::policy::Rule;
use crate::text::{Hex, any_of};

/// Enters every check of [`Step::Evidence`](crate::Step) and [`Step::Authentic`](crate::Step) into the ledger.
pub(crate) fn authenticate(
    evidence: &Quote,
    block: &Accept,
    endorsements: &Endorsements,
    crypto: &Crypto<'_>,
    now: u64,
    ledger: &mut Ledger,
) -> Option<Genuine> {
    let (anchor, rules) = (&block.trust_anchor, &block.platform);
    authenticity::authenticate(&evidence.quote, None, anchor, rules, endorsements, crypto, now, ledger)
}

/// Enters every check of [`Step::Policy`](crate::Step) into the ledger.
pub(crate) fn judge_policy(evidence: &Quote, genuine: &Genuine, block: &Accept, now: u64, ledger: &mut Ledger) {
    judge_platform(&evidence.quote, genuine, &block.platform, now, ledger);
    let report = &evidence.report;
    // Step 16.
    let debug = report.attributes & attributes::DEBUG != 0;
    ledger.judge(&checks::DEBUG, !debug, "debugging off", if debug { "debugging on" } else { "debugging off" });
    let mut wanted = block.attributes;
    wanted.set |= attributes::INIT;
    if wanted.set & attributes::PROVISION_KEY == 0 {
        wanted.clear |= attributes::PROVISION_KEY;
    }
    judge_bits(
        &checks::ATTRIBUTES,
        report.attributes & !attributes::DEBUG,
        wanted,
        attributes::KNOWN,
        &attributes::NAMES,
        ledger,
    );
    judge_rule_of_bits(&checks::XFRM, report.xfrm, &block.xfrm, &states::NAMES, ledger);
    judge_rule_of_bits(&checks::MISC_SELECT, report.misc_select.into(), &block.misc_select, &[], ledger);
    judge_identity(evidence, block, ledger);
    judge_bytes(&checks::CONFIG_ID, &block.config_ids, Some(&report.config_id), ledger);
    judge_rule(&checks::CONFIG_SVN, &block.minimum_config_svn, ledger, |minimum| {
        (report.config_svn >= *minimum, format!("at least {minimum}"), report.config_svn.to_string())
    });
    judge_bytes(&checks::EXTENDED_PRODUCT_ID, &block.extended_product_ids, Some(&report.extended_product_id), ledger);
    judge_bytes(&checks::FAMILY_ID, &block.family_ids, Some(&report.family_id), ledger);
}

/// Bits of which the unknown ones are the policy's business.
fn judge_rule_of_bits(
    check: &'static CheckDefinition,
    bits: u64,
    rule: &Rule<Bits>,
    names: &[(u64, &'static str)],
    ledger: &mut Ledger,
) {
    judge_rule(check, rule, ledger, |wanted| {
        let holds = bits & wanted.set == wanted.set && bits & wanted.clear == 0;
        let expected = format!("set: {}; not set: {}", bit_names(wanted.set, names), bit_names(wanted.clear, names));
        (holds, expected, format!("{bits:#x} ({})", bit_names(bits, names)))
    });
}

fn judge_identity(evidence: &Quote, block: &Accept, ledger: &mut Ledger) {
    let report = &evidence.report;
    let measurement = evidence.measurement();
    let holds = block.identities.iter().any(|identity| match identity {
        Identity::Measurement(wanted) => *wanted == measurement,
        Identity::Signer { signer, product_id, minimum_svn } => {
            *signer == report.signer && *product_id == report.product_id && report.svn >= *minimum_svn
        }
    });
    let expected = any_of(block.identities.iter().map(|identity| match identity {
        Identity::Measurement(wanted) => format!("MRENCLAVE {wanted}"),
        Identity::Signer { signer, product_id, minimum_svn } => {
            signed_by(signer, *product_id, &format!("{minimum_svn} or later"))
        }
    }));
    let signed = signed_by(&report.signer, report.product_id, &report.svn.to_string());
    ledger.judge(&checks::IDENTITY, holds, expected, format!("MRENCLAVE {measurement}, {signed}"));
}

fn signed_by(signer: &[u8; 32], product_id: u16, svn: &str) -> String {
    format!("MRSIGNER {} with ISVPRODID {product_id} and ISVSVN {svn}", Hex(signer))
}
