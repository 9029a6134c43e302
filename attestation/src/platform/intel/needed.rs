//! Which of Intel's collateral an appraisal of a quote needs.

use alloc::string::String;
use alloc::vec::Vec;

use super::PckCa;
use super::chain::{PLATFORM_CA, PROCESSOR_CA, TCB_SIGNING};
use super::quote::Quote;
use crate::needed::Needed;

/// By what the quote alleges; nothing here is verified. The PCK chain is in the quote.
pub(crate) fn needed(quote: &Quote) -> Vec<Needed> {
    let [_, issuer, _] = &quote.pck_chain;
    let tee = quote.tee();
    let info = quote.unverified_platform().map(|platform| Needed::IntelTcbInfo { tee, fmspc: platform.fmspc });
    let ca = match issuer.subject() {
        PLATFORM_CA => Some(PckCa::Platform),
        PROCESSOR_CA => Some(PckCa::Processor),
        _ => None,
    };
    info.into_iter()
        .chain([Needed::IntelQeIdentity { tee }])
        .chain(ca.map(|ca| Needed::IntelPckRevocationList { ca }))
        .chain([Needed::IntelRootRevocationList, Needed::Certificate { subject: String::from(TCB_SIGNING) }])
        .collect()
}
