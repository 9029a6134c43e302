//! A TDX quote's claims in words, for people. Not verified where the quote was not appraised.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::appraisal::module_words;
use super::attributes;
use super::report::Quote;
use crate::evidence::Claim;
use crate::platform::intel::appraisal::bit_names;
use crate::platform::intel::{claims, states};
use crate::text::Hex;

const REGISTERS: [&str; 4] = ["rtmr0", "rtmr1", "rtmr2", "rtmr3"];

impl Quote {
    /// Every field, in the quote's order.
    pub(crate) fn describe(&self) -> Vec<Claim> {
        let report = &self.report;
        let claim = |name, value: String| Claim { name, value };
        let hex = |name, bytes: &[u8]| claim(name, Hex(bytes).to_string());
        let svn = |svn: &[u8; 16]| format!("{} ({})", Hex(svn), module_words(svn));
        let mut all = claims::header(&self.quote);
        all.extend([
            claim("tee-tcb-svn", svn(&report.tee_tcb_svn)),
            hex("mrseam", &report.seam_measurement),
            hex("mrsignerseam", &report.seam_signer),
            hex("seamattributes", &report.seam_attributes),
            claim(
                "tdattributes",
                format!("{:#x} ({})", report.attributes, bit_names(report.attributes, &attributes::NAMES)),
            ),
            claim("xfam", format!("{:#x} ({})", report.xfam, bit_names(report.xfam, &states::NAMES))),
            claim("mrtd", self.measurement().to_string()),
            hex("mrconfigid", &report.config_id),
            hex("mrowner", &report.owner),
            hex("mrownerconfig", &report.owner_config),
        ]);
        all.extend(REGISTERS.into_iter().zip(&report.runtime_registers).map(|(name, value)| hex(name, value)));
        all.push(hex("reportdata", &report.report_data));
        let absent = || String::from("none before tdx 1.5");
        all.push(claim("tee-tcb-svn-2", report.tee_tcb_svn_2.as_ref().map_or_else(absent, svn)));
        all.push(claim(
            "mrservicetd",
            report.service_td.as_ref().map_or_else(absent, |service_td| Hex(service_td).to_string()),
        ));
        all.extend(claims::quoting_enclave(&self.quote));
        all
    }
}
