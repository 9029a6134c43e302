//! Azure's VMs in a trust domain: made ones in a world of Intel's that is good, and recorded ones, for which Intel's collateral of
//! that day was not recorded.

use sealroom_attestation::azure::{self, HardwareParts, VmRules};
use sealroom_attestation::{
    Accept, AttestationResult, Binding, CryptoProvider, Endorsements, Evidence, Fingerprint, Platform, Policy,
    PolicyError, Rejection, Rule, Status, TrustAnchor, Verifier, tdx, vendor_roots,
};

use crate::azure::{World, paravisor_report};
use crate::certificates::Key;
use crate::intel_world;
use crate::quote::sha256;
use crate::{failed, recorded};
use serde_json::json;

/// REPORTDATA in the TD report.
const REPORT_DATA: usize = 520;

struct TdxWorld {
    intel: intel_world::World,
    /// What is above the hardware, which is another here.
    vm: World,
    second_half: u8,
    kind: u8,
}

impl TdxWorld {
    fn good() -> Self {
        Self { intel: intel_world::World::tdx(), vm: World::good(), second_half: 0, kind: 4 }
    }

    fn appraise(mut self) -> Result<AttestationResult, Rejection> {
        let json = self.vm.runtime_data.clone();
        self.intel.put(REPORT_DATA, &sha256(json.as_bytes()));
        self.intel.put(REPORT_DATA + 32, &[0; 32]);
        self.intel.put(REPORT_DATA + 63, &[self.second_half]);
        let chain = self.intel.sign_chain();
        // The TDREPORT itself can be checked on its own machine alone: its bytes do not count.
        let mut paravisor_report = paravisor_report(&[0x55; 1184], json.as_bytes());
        paravisor_report[32 + 1184 + 8] = self.kind;
        let hardware = HardwareParts { paravisor_report, td_quote: self.intel.quote(&chain) };
        let evidence = azure::assemble(&hardware, &self.vm.quote.parts())?;
        let fingerprint = Fingerprint::from_sha256(sha256(&chain[2]).try_into().unwrap());
        let mut report = self.intel.accept_tdx().clone();
        report.name = "azure".to_owned();
        report.trust_anchor = TrustAnchor::new(fingerprint, true).unwrap();
        let accept = azure::Accept {
            name: "azure".to_owned(),
            report: azure::Report::Tdx(report),
            quote: self.vm.rules.clone(),
            vm: VmRules { ..self.vm.vm.clone() },
        };
        let policy = Policy::new(vec![accept.into()]).unwrap();
        let files = self.intel.endorsements();
        let endorsements = Endorsements::decode_all(files.iter().map(Vec::as_slice))?;
        let verifier = Verifier::new(CryptoProvider::ring(), &policy);
        verifier.appraise(Evidence::decode(&evidence)?, &endorsements, self.vm.binding, self.intel.now)
    }
}

#[test]
fn a_good_vm_in_a_trust_domain_is_accepted_as_simulated() {
    let result = TdxWorld::good().appraise().unwrap_or_else(|rejection| panic!("{rejection}"));
    assert_eq!(result.platform(), Platform::AzureTdx);
    assert!(result.simulated());
    assert_eq!(result.verdict().checks().len(), Platform::AzureTdx.checks().len());
}

#[test]
fn one_thing_changed_in_a_trust_domain_trips_exactly_its_checks() {
    type Case = (&'static str, fn(&mut TdxWorld), &'static [&'static str]);
    let cases: [Case; 13] = [
        ("the last byte of the other half", |w| w.second_half = 1, &["azure.runtime-data"]),
        ("a quote by another key", |w| w.vm.quote.signer = "intermediate", &["tpm.signature"]),
        ("debugging", |w| w.intel.put(120, &[1]), &["tdx.debug"]),
        ("a PCK signed by nobody known", |w| w.intel.pck.signer = Key::Other, &["common.chain-signatures"]),
        ("an expired PCK", |w| w.intel.pck.not_after = "260501000000Z", &["common.time"]),
        ("a revoked PCK", |w| w.intel.ca_list.serials.push(w.intel.pck.serial.clone()), &["common.revocation"]),
        ("TCB info of another line", |w| w.intel.tcb_info["fmspc"] = json!("00906EA10000"), &["dcap.fmspc"]),
        ("firmware below every level", |w| w.intel.extension.components[4] = 2, &["dcap.tcb-level"]),
        ("firmware that is revoked", |w| w.intel.level()["tcbStatus"] = json!("Revoked"), &["dcap.tcb-revoked"]),
        ("the TD signed by another", |w| w.intel.quote_signer = Key::Other, &["dcap.signature"]),
        ("no TCB info", |w| w.intel.brought.tcb_info = false, &["common.endorsements"]),
        ("another challenge", |w| w.vm.quote.extra_data = vec![1], &["common.freshness"]),
        ("another register", |w| w.vm.quote.values[0].1 = vec![0; 32], &["tpm.pcr-values"]),
    ];
    for (name, change, expected) in cases {
        let mut world = TdxWorld::good();
        change(&mut world);
        let rejection = world.appraise().err().unwrap_or_else(|| panic!("{name}: accepted"));
        assert_eq!(failed(Platform::AzureTdx, &rejection), expected, "{name}: {rejection}");
    }
}

#[test]
fn a_policy_for_the_other_hardware_refuses_by_platform() {
    let mut world = World::good();
    let evidence = Evidence::decode(&world.evidence().unwrap()).unwrap();
    let mut report = intel_world::World::tdx().accept_tdx().clone();
    report.name = "azure".to_owned();
    let accept = azure::Accept {
        name: "azure".to_owned(),
        report: azure::Report::Tdx(report),
        quote: world.rules.clone(),
        vm: world.vm.clone(),
    };
    let policy = Policy::new(vec![accept.into()]).unwrap();
    let verifier = Verifier::new(CryptoProvider::ring(), &policy);
    let rejection = verifier.appraise(evidence, &Endorsements::none(), world.binding, 1_780_000_000).unwrap_err();
    assert_eq!(failed(Platform::AzureSnp, &rejection), ["common.platform"]);
}

/// All that can be judged without Intel's collateral holds: the join, the quote, its values.
#[test]
fn every_recorded_vm_in_a_trust_domain_lacks_intels_collateral_alone() {
    let Some(folder) = recorded::folder("every_recorded_vm_in_a_trust_domain_lacks_intels_collateral_alone") else {
        return;
    };
    let root = vendor_roots().find(|root| root.name == "Intel SGX Root CA").unwrap();
    for (name, evidence) in recorded::tdx(&folder) {
        let evidence = Evidence::decode(&evidence).unwrap();
        let anchor = TrustAnchor::new(root.fingerprint, false).unwrap();
        let policy = Policy::new(vec![Accept::pinning(&evidence, anchor, "recorded")]).unwrap();
        let verifier = Verifier::new(CryptoProvider::ring(), &policy);
        let binding = Binding::bytes(*b"challenge").unwrap();
        let rejection = verifier.appraise(evidence, &Endorsements::none(), binding, recorded::IN_2025).unwrap_err();
        let status = |id: &str| {
            let check = rejection.verdict().checks().iter().find(|check| check.id() == id).unwrap();
            check.status().clone()
        };
        for id in ["azure.runtime-data", "tpm.signature", "tpm.pcr-digest", "common.trust-anchor", "dcap.signature"] {
            assert_eq!(status(id), Status::Pass, "{name} {id}");
        }
        assert!(failed(Platform::AzureTdx, &rejection).contains(&"common.endorsements"), "{name}");
    }
}

#[test]
fn a_log_of_run_time_registers_can_not_be_demanded_where_none_is_brought() {
    let world = World::good();
    let mut report = intel_world::World::tdx().accept_tdx().clone();
    report.name = "azure".to_owned();
    report.event_log = Rule::Require(tdx::EventRules { registers: vec![0], events: vec![] });
    let accept = azure::Accept {
        name: "azure".to_owned(),
        report: azure::Report::Tdx(report),
        quote: world.rules.clone(),
        vm: world.vm.clone(),
    };
    let problem = "is demanded, where the only log is of the virtual TPM: demand it in quote.event_log";
    let expected = PolicyError::Impossible { block: "azure".to_owned(), field: "report.event_log", problem };
    assert_eq!(Policy::new(vec![accept.into()]).unwrap_err(), expected);
}

#[test]
fn policies_for_both_kinds_of_hardware_read_back_as_they_were_written() {
    let Some(folder) = recorded::folder("policies_for_both_kinds_of_hardware_read_back_as_they_were_written") else {
        return;
    };
    let root = |name: &str| {
        let root = vendor_roots().find(|root| root.name == name).unwrap();
        TrustAnchor::new(root.fingerprint, false).unwrap()
    };
    let snp = Evidence::decode(&recorded::snp(&folder).remove(2).evidence).unwrap();
    let tdx = Evidence::decode(&recorded::tdx(&folder).remove(0).1).unwrap();
    let blocks = vec![
        Accept::pinning(&snp, root("ARK-Milan"), "on snp"),
        Accept::pinning(&tdx, root("Intel SGX Root CA"), "on tdx"),
    ];
    let policy = Policy::new(blocks).unwrap();
    let text = policy.to_toml();
    let read = Policy::from_toml(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    assert_eq!(read.blocks(), policy.blocks());
    // A block under the other's name says so.
    let swapped = text.replace("accept.azure-vtpm-snp", "accept.azure-vtpm-tdx");
    let error = Policy::from_toml(&swapped).unwrap_err().to_string();
    assert!(error.contains("expected one for azure-vtpm-tdx"), "{error}");
}
