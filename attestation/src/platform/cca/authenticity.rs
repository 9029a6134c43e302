//! Steps 3 to 6: is the token genuine? Every check runs; each that stands on a failed one says so.

use alloc::format;
use alloc::string::ToString;

use super::{Accept, Token, checks};
use crate::anchor::Fingerprint;
use crate::check::{CheckDefinition, common};
use crate::cose::Sign1;
use crate::crypto::{Crypto, PublicKey};
use crate::ledger::Ledger;
use crate::result::Established;
use crate::text::Hex;

/// What authenticity established. Having one means: every check of the step holds.
#[derive(Clone, Debug)]
pub(crate) struct Genuine {
    instance_id: [u8; 33],
    implementation_id: [u8; 32],
}

impl Genuine {
    pub(crate) fn established(&self) -> Established {
        Established {
            // There is no certificate that would end.
            valid_until: u64::MAX,
            machine: Some(self.instance_id.to_vec()),
            hardware: format!("Arm CCA, implementation {}", Hex(&self.implementation_id)),
        }
    }
}

/// Enters every check of [`Step::Evidence`](crate::Step) and [`Step::Authentic`](crate::Step) into the ledger. The key is in the
/// policy, so there are no Endorsements to bring.
pub(crate) fn authenticate(token: &Token, block: &Accept, crypto: &Crypto<'_>, ledger: &mut Ledger) -> Option<Genuine> {
    let (platform, realm) = (token.platform(), token.realm());
    // Steps 1 and 2: what decoding has shown.
    let length = format!("{} bytes", token.bytes().len());
    ledger.pass(&common::EVIDENCE_SIZE, "one collection, nothing after it", length);
    ledger.pass(&checks::TOKEN, "a platform token and a realm token", "a platform token and a realm token");
    let components = format!("{}, {} software components", platform.profile.as_str(), platform.components.len());
    ledger.pass(&checks::PLATFORM_CLAIMS, "every claim once, no other", components);
    ledger.pass(&checks::REALM_CLAIMS, "every claim once, no other", "every claim once, no other");
    // Step 3.
    let same = platform.instance_id == block.instance_id;
    ledger.judge(&checks::INSTANCE_ID, same, Hex(&block.instance_id), Hex(&platform.instance_id));
    let fingerprint = Fingerprint::from_sha256(crypto.sha256(&block.platform_key));
    let anchored = fingerprint == *block.trust_anchor.fingerprint();
    ledger.judge(
        &common::TRUST_ANCHOR,
        anchored,
        block.trust_anchor.to_string(),
        format!("a platform key {fingerprint}"),
    );
    // Step 4. By the policy's key whatever the token says of itself.
    let key = block.key().unwrap_or(PublicKey::Other);
    judge_signature(&checks::PLATFORM_SIGNATURE, &token.platform_message, &key, "the platform's key", crypto, ledger);
    // Step 5.
    let algorithm = realm.public_key_hash_algorithm;
    let digest = algorithm.digest(&realm.public_key, crypto);
    let expected = format!("{} {} of the realm's key", algorithm.as_str(), Hex(&digest));
    let found = format!("platform challenge {}", Hex(&platform.challenge));
    ledger.judge(&checks::BINDING, digest == platform.challenge, expected, found);
    // Step 6.
    judge_signature(
        &checks::REALM_SIGNATURE,
        &token.realm_message,
        &token.realm_key,
        "the realm's key",
        crypto,
        ledger,
    );
    Some(Genuine { instance_id: platform.instance_id, implementation_id: platform.implementation_id })
}

fn judge_signature(
    check: &'static CheckDefinition,
    message: &Sign1,
    key: &PublicKey,
    whose: &str,
    crypto: &Crypto<'_>,
    ledger: &mut Ledger,
) {
    let verified = message.verify(key, crypto).is_ok();
    let algorithm = message.algorithm.as_str();
    let found =
        if verified { format!("a valid {algorithm} signature") } else { format!("no valid {algorithm} signature") };
    ledger.judge(check, verified, format!("a signature by {whose} over header and claims"), found);
}
