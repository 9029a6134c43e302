//! Which Endorsements AMD's key service has for a report (57230 section 4: a VCEK by chip and level, a chain and a list by line).

use alloc::vec::Vec;

use super::{Product, Report, SigningKey};
use crate::needed::Needed;

/// By what the report alleges; nothing here is verified.
pub(crate) fn needed(report: &Report) -> Vec<Needed> {
    let claims = report.claims();
    let product = claims.cpuid.and_then(Product::from_cpuid);
    let Some(signing_key) = claims.key_kind() else { return Vec::new() };
    let leaf = match signing_key {
        SigningKey::Vcek => Needed::AmdVcek { product, chip_id: claims.chip_id, reported_tcb: claims.reported_tcb },
        SigningKey::Vlek => Needed::AmdVlek { product },
    };
    Vec::from([leaf, Needed::AmdChain { product, signing_key }, Needed::AmdRevocationList { product, signing_key }])
}
