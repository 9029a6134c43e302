//! The strictest policy that a report could pass, for a person to loosen. Nothing in it is verified; who pins Evidence says that
//! it is the right one.

use alloc::string::String;
use alloc::vec;

use super::{Accept, IndexedMeasurement, Report};
use crate::anchor::TrustAnchor;
use crate::policy::{Requirement, Rule};

impl Accept {
    pub(crate) fn pinning(report: &Report, trust_anchor: TrustAnchor, name: String) -> Self {
        let claims = report.claims();
        let in_use = claims.measurements.iter().filter(|(_, value)| *value != [0; 48]);
        let pinned =
            in_use.map(|(index, value)| IndexedMeasurement { index: *index, values: Rule::Require(vec![*value]) });
        Self {
            name,
            trust_anchor,
            revocation: Requirement::Required,
            // The chain says it, not the report. That of another chip is refused until somebody writes its name here.
            chips: vec![String::from("GH100")],
            machines: Rule::skip("the report does not name its GPU; its certificates do"),
            driver_versions: Rule::Require(vec![claims.driver_version.clone()]),
            vbios_versions: Rule::Require(vec![claims.vbios_version.clone()]),
            firmware_ids: Rule::Require(vec![report.measurement()]),
            measurements: pinned.collect(),
        }
    }
}
