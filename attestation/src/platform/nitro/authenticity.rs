//! Steps 3 and 4: is the document genuine? Every check runs; each that stands on a failed one says so.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::{Accept, Document, checks};
use crate::certificate::Certificate;
use crate::chain::Chain;
use crate::check::common;
use crate::crypto::Crypto;
use crate::ledger::Ledger;
use crate::platform::elliptic_chain;
use crate::result::Established;
use crate::text::joined;

/// What authenticity established. Having one means: every check of the step holds.
#[derive(Clone, Debug)]
pub(crate) struct Genuine {
    instance: String,
    valid_until: u64,
}

impl Genuine {
    pub(crate) fn established(&self) -> Established {
        Established {
            valid_until: self.valid_until,
            machine: Some(self.instance.as_bytes().to_vec()),
            hardware: format!("AWS Nitro, instance {}", self.instance),
        }
    }
}

/// Enters every check of [`Step::Evidence`](crate::Step) and [`Step::Authentic`](crate::Step) into the ledger. There are no
/// Endorsements to bring: the chain is in the document.
pub(crate) fn authenticate(
    document: &Document,
    block: &Accept,
    crypto: &Crypto<'_>,
    now: u64,
    ledger: &mut Ledger,
) -> Option<Genuine> {
    // Steps 1 and 2: what decoding has shown.
    let length = format!("{} bytes", document.bytes().len());
    ledger.pass(&common::EVIDENCE_SIZE, "one message, nothing after it", length);
    ledger.pass(&checks::COSE, "COSE_Sign1 with ES384", "COSE_Sign1 with ES384");
    let registers = format!("{} registers, every mandatory field", document.claims().pcrs.len());
    ledger.pass(&checks::PAYLOAD, "every field once, no other", registers);
    // Step 3.
    let chain = find_chain(document, ledger);
    let Some(chain) = chain else {
        for check in
            [&common::TRUST_ANCHOR, &checks::CHAIN, &common::CHAIN_SIGNATURES, &common::TIME, &checks::SIGNATURE]
        {
            ledger.not_judged(check, &common::ENDORSEMENTS);
        }
        return None;
    };
    chain.judge_trust_anchor(&block.trust_anchor, crypto, ledger);
    judge_shape(&chain, ledger);
    chain.judge_signatures(crypto, ledger);
    chain.judge_time(now, ledger);
    // Step 4.
    const EXPECTED: &str = "a signature by the certificate's key over header and payload";
    let verified = document.message.verify(&chain.leaf.key, crypto).is_ok();
    let found = if verified { "a valid signature" } else { "no valid signature" };
    ledger.judge(&checks::SIGNATURE, verified, EXPECTED, found);
    Some(Genuine { instance: document.claims().instance().to_string(), valid_until: chain.not_after() })
}

/// Section 3.2.3: the bundle begins with the root and ends with the issuer of the document's certificate. Its first entry is the
/// root only if it is the pinned one, byte for byte, which `common.trust-anchor` judges.
fn find_chain<'a>(document: &'a Document, ledger: &mut Ledger) -> Option<Chain<'a>> {
    const EXPECTED: &str = "the document's certificate and its issuers up to the root";
    let certificates = match &document.certificates {
        Ok(certificates) => certificates,
        Err(error) => {
            ledger.fail(&common::ENDORSEMENTS, EXPECTED, error.to_string());
            return None;
        }
    };
    let [leaf, root, below @ ..] = certificates.as_slice() else {
        ledger.fail(&common::ENDORSEMENTS, EXPECTED, "no certificate");
        return None;
    };
    ledger.pass(&common::ENDORSEMENTS, EXPECTED, joined(certificates.iter().map(Certificate::subject), ", "));
    Some(Chain { leaf, intermediates: below.iter().rev().collect(), root })
}

/// Sections 3.2.3.2 and 3.2.3.3.
fn judge_shape(chain: &Chain<'_>, ledger: &mut Ledger) {
    let mut problems: Vec<String> = elliptic_chain::problems(chain);
    if !chain.leaf.key_usage.as_ref().is_some_and(|usage| usage.digital_signature()) {
        problems.push(format!("{} may not sign", chain.leaf.subject()));
    }
    const EXPECTED: &str = "a chain in the shape of AWS's";
    let found = if problems.is_empty() { String::from(EXPECTED) } else { joined(&problems, "; ") };
    ledger.judge(&checks::CHAIN, problems.is_empty(), EXPECTED, found);
}
