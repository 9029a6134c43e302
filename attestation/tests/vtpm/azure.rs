//! A whole VM at Azure that is good: hardware as in `world`, paravisor's report, quote, policy. And recorded ones.

use sealroom_attestation::azure::{self, HardwareParts, VmRules};
use sealroom_attestation::event_log::Algorithm;
use sealroom_attestation::snp::{self, Bits, GuestAbi, SigningKey, TcbVersion};
use sealroom_attestation::tpm::{QuoteRules, Register};
use sealroom_attestation::{
    AttestationResult, Binding, CryptoProvider, Ear, Endorsements, Evidence, Fingerprint, Measurement, Platform,
    Policy, Rejection, Requirement, Rule, TrustAnchor, Verifier, vendor_roots,
};

use crate::quote::{Draft, modulus, sha256};
use crate::recorded::{self, Recorded};
use crate::{failed, world};

/// Everything that goes into one appraisal of a made VM.
pub(crate) struct World {
    pub(crate) hardware: world::World,
    pub(crate) quote: Draft,
    pub(crate) runtime_data: String,
    /// Of the hardware's report data, after the digest of the runtime data.
    pub(crate) second_half: [u8; 32],
    pub(crate) rules: QuoteRules,
    pub(crate) vm: VmRules,
    pub(crate) binding: Binding,
    /// Changes the Evidence after it was signed.
    pub(crate) tamper: fn(&mut Vec<u8>),
}

pub(crate) const NONCE: [u8; 32] = [0x6e; 32];

pub(crate) fn base64_url(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}

pub(crate) fn runtime_data(key: &str) -> String {
    format!(
        concat!(
            r#"{{"keys":[{{"kid":"HCLAkPub","key_ops":["sign"],"kty":"RSA","e":"AQAB","n":"{}"}}],"#,
            r#""vm-configuration":{{"console-enabled":false,"secure-boot":true,"tpm-enabled":true,"vmUniqueId":"AB-1"}},"#,
            r#""user-data":"{}"}}"#
        ),
        base64_url(&modulus(key)),
        "0F".repeat(64)
    )
}

impl World {
    pub(crate) fn good() -> Self {
        let quote = Draft::new(&NONCE);
        let registers = quote.values.iter().map(|(index, value)| Register {
            index: *index,
            values: Rule::Require(vec![Measurement::sha256(value.as_slice().try_into().unwrap())]),
        });
        let rules = QuoteRules {
            bank: Algorithm::Sha256,
            registers: registers.collect(),
            event_log: Rule::skip("whole registers are pinned"),
            safe_clock: Requirement::Required,
            boots: Rule::skip("any boot"),
            firmware_versions: Rule::Require(vec![quote.firmware]),
        };
        Self {
            hardware: world::World::milan(),
            quote,
            runtime_data: runtime_data("other-ark"),
            second_half: [0; 32],
            rules,
            vm: VmRules {
                secure_boot: Requirement::Required,
                no_console: Requirement::Required,
                ids: Rule::Require(vec!["AB-1".to_owned()]),
                user_data: Rule::Require(vec![[0x0f; 64]]),
            },
            binding: Binding::bytes(NONCE).unwrap(),
            tamper: |_| {},
        }
    }

    /// The paravisor's report around the hardware's.
    pub(crate) fn paravisor_report(&mut self) -> Vec<u8> {
        let json = self.runtime_data.as_bytes();
        self.hardware.put(0x50, &sha256(json));
        let half = self.second_half;
        self.hardware.put(0x70, &half);
        paravisor_report(&self.hardware.evidence(), json)
    }

    pub(crate) fn evidence(&mut self) -> Result<Vec<u8>, sealroom_attestation::DecodeError> {
        let hardware = HardwareParts { paravisor_report: self.paravisor_report(), td_quote: Vec::new() };
        let mut evidence = azure::assemble(&hardware, &self.quote.parts())?;
        (self.tamper)(&mut evidence);
        Ok(evidence)
    }

    pub(crate) fn appraise(self) -> Result<AttestationResult, Rejection> {
        self.appraise_by().0
    }

    /// With the policy that it was judged by.
    fn appraise_by(mut self) -> (Result<AttestationResult, Rejection>, Policy) {
        let files = self.hardware.endorsements();
        let fingerprint = Fingerprint::from_sha256(sha256(&files[0]).try_into().unwrap());
        self.hardware.accept.trust_anchor = TrustAnchor::new(fingerprint, true).unwrap();
        let mut report = self.hardware.accept.clone();
        report.name = "azure".to_owned();
        let accept = azure::Accept {
            name: "azure".to_owned(),
            report: azure::Report::Snp(report),
            quote: self.rules.clone(),
            vm: self.vm.clone(),
        };
        let policy = Policy::new(vec![accept.into()]).unwrap();
        let evidence = self.evidence().and_then(|evidence| Evidence::decode(&evidence));
        let endorsements = Endorsements::decode_all(files.iter().map(Vec::as_slice)).unwrap();
        let verifier = Verifier::new(CryptoProvider::ring(), &policy);
        let appraised = evidence
            .map_err(Rejection::from)
            .and_then(|evidence| verifier.appraise(evidence, &endorsements, self.binding, self.hardware.now));
        (appraised, policy)
    }
}

/// What a result says of the code that runs, and what the policy is warned of.
pub(crate) fn executables(ear: &Ear, policy: &Policy) -> (Option<i8>, Option<String>) {
    let submod = ear.submods().values().next().unwrap();
    let value = submod.vector().claims().find(|(claim, _)| *claim == "executables").map(|(_, value)| value);
    let warned = policy.lint().into_iter().find(|warning| warning.id == "unmeasured-code");
    (value, warned.map(|warning| warning.text))
}

/// The warning of these registers.
pub(crate) fn left_out(registers: &str) -> String {
    format!("left out: {registers}; what they alone measure of the code that runs may be anything")
}

#[test]
fn a_vm_whose_boot_loader_and_kernel_no_register_of_the_policy_measures_is_not_affirmed() {
    let mut world = World::good();
    world.quote.selections[0].1.truncate(1);
    world.quote.values.truncate(1);
    world.rules.registers.truncate(1);
    let now = world.hardware.now;
    let (appraisal, policy) = world.appraise_by();
    assert_eq!(appraisal.as_ref().err().map(ToString::to_string), None);
    let ear = Ear::of(&appraisal, &policy, CryptoProvider::ring(), None, now).unwrap();
    assert_eq!(executables(&ear, &policy), (Some(32), Some(left_out("PCR2, PCR4"))));
}

pub(crate) fn paravisor_report(hardware: &[u8], json: &[u8]) -> Vec<u8> {
    let length = |bytes: usize| u32::try_from(bytes).unwrap().to_le_bytes();
    let mut report = b"HCLA".to_vec();
    report.extend(length(2));
    report.extend(length(32 + 1184 + 20 + json.len()));
    report.extend([2, 0, 0, 0]);
    report.extend([0; 16]);
    report.extend(hardware);
    report.extend(length(20 + json.len()));
    report.extend([1, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0]);
    report.extend(length(json.len()));
    report.extend(json);
    report.resize(report.len().max(2600), 0);
    report
}

#[test]
fn a_good_vm_is_accepted_as_simulated() {
    let result = World::good().appraise().unwrap_or_else(|rejection| panic!("{rejection}"));
    assert_eq!(result.platform(), Platform::AzureSnp);
    assert!(result.simulated());
    assert_eq!(*result.measurement(), Measurement::sha384([0x3e; 48]));
    assert_eq!(result.attested_key(), None);
}

#[test]
fn a_vm_without_an_id_key_is_pinned_to_have_none() {
    let with = |digest: [u8; 48]| {
        let mut world = World::good();
        world.hardware.put(0xe0, &digest);
        world
    };
    let anchor = TrustAnchor::new(Fingerprint::from_sha256([1; 32]), true).unwrap();
    let evidence = Evidence::decode(&with([0; 48]).evidence().unwrap()).unwrap();
    let pinned = match sealroom_attestation::Accept::pinning(&evidence, anchor, "pinned") {
        sealroom_attestation::Accept::Azure(accept) => match accept.report {
            azure::Report::Snp(report) => report.id_key_digests,
            azure::Report::Tdx(_) => panic!("a VM on SEV-SNP"),
        },
        _ => panic!("a VM at Azure"),
    };
    assert_eq!(pinned, Rule::Require(vec![[0; 48]]));
    for (digest, expected) in [([0; 48], &[][..]), ([0x1d; 48], &["snp.id-key"])] {
        let mut world = with(digest);
        world.hardware.accept.id_key_digests = pinned.clone();
        let found = world.appraise().map_or_else(|rejection| failed(Platform::AzureSnp, &rejection), |_| vec![]);
        assert_eq!(found, expected);
    }
}

/// A policy that pins all that a recorded VM says, so far as no check forbids it.
fn pinning(evidence: &Evidence, root: &str) -> azure::Accept {
    let claims = evidence.unverified_snp_claims().unwrap();
    let root = vendor_roots().find(|known| known.name == root).unwrap();
    let level =
        |[bootloader, tee, _, _, _, _, snp, microcode]: [u8; 8]| TcbVersion { fmc: 0, bootloader, tee, snp, microcode };
    let report = snp::Accept {
        name: "recorded".to_owned(),
        trust_anchor: TrustAnchor::new(root.fingerprint, false).unwrap(),
        report_versions: vec![claims.version],
        signing_keys: vec![SigningKey::Vcek],
        revocation: Requirement::skip("no list was recorded"),
        visible_chip_id: Requirement::Required,
        measurements: vec![Measurement::sha384(claims.measurement)],
        machines: Rule::Require(vec![claims.chip_id]),
        minimum_firmware: Rule::Require(level(claims.reported_tcb)),
        minimum_launch_firmware: Rule::Require(level(claims.launch_tcb)),
        committed_firmware: Requirement::skip("recorded between update and commit"),
        guest_policy: Bits { set: 0, clear: 0 },
        minimum_guest_abi: Rule::Require(GuestAbi::of_guest_policy(claims.guest_policy)),
        platform_info: Bits { set: claims.platform_info, clear: 0 },
        maximum_vmpl: 0,
        host_data: Rule::Require(vec![claims.host_data]),
        images: Rule::skip("the paravisor has none"),
        minimum_guest_svn: Rule::Require(claims.guest_svn),
        id_key_digests: Rule::Require(vec![claims.id_key_digest]),
        author_key_digests: Rule::skip("none is in use"),
        mitigations: Rule::skip("no report of version 5 was recorded"),
    };
    let all = evidence.unverified_claims();
    let values = all.iter().filter(|claim| claim.name == "pcr").map(|claim| claim.value.split_once(' ').unwrap());
    let registers = values.map(|(index, value)| Register {
        index: index.parse().unwrap(),
        values: Rule::Require(vec![Measurement::parse(value).unwrap()]),
    });
    azure::Accept {
        name: "recorded".to_owned(),
        report: azure::Report::Snp(report),
        quote: QuoteRules {
            bank: Algorithm::Sha256,
            registers: registers.collect(),
            event_log: Rule::skip("no log was recorded"),
            safe_clock: Requirement::Required,
            boots: Rule::skip("any boot"),
            firmware_versions: Rule::Require(vec![0x2020_0312_0012_0003]),
        },
        vm: VmRules {
            secure_boot: Requirement::Required,
            no_console: Requirement::skip("all recorded machines have a serial console"),
            ids: Rule::skip("any of ours"),
            user_data: Rule::skip("put in by the tool that recorded it"),
        },
    }
}

pub(crate) fn appraise(
    recorded: &Recorded,
    binding: Binding,
    change: impl FnOnce(&mut azure::Accept),
) -> Result<AttestationResult, Rejection> {
    let evidence = Evidence::decode(&recorded.evidence)?;
    let mut accept = pinning(&evidence, recorded.root);
    change(&mut accept);
    let policy = Policy::new(vec![accept.into()]).unwrap();
    let endorsements = Endorsements::decode_all(recorded.endorsements.iter().map(Vec::as_slice))?;
    Verifier::new(CryptoProvider::ring(), &policy).appraise(evidence, &endorsements, binding, recorded.at)
}

#[test]
fn every_recorded_vm_on_sev_snp_is_accepted() {
    let Some(folder) = recorded::folder("every_recorded_vm_on_sev_snp_is_accepted") else { return };
    let all = recorded::snp(&folder);
    assert_eq!(all.len(), 6);
    for recorded in all {
        let binding = Binding::bytes(recorded.extra_data.clone()).unwrap();
        let result = appraise(&recorded, binding, |_| {}).unwrap_or_else(|error| panic!("{}: {error}", recorded.name));
        assert!(!result.simulated(), "{}", recorded.name);
        assert_eq!(result.verdict().checks().len(), Platform::AzureSnp.checks().len());
    }
}

/// A verifier that compares as much as it was given accepts `chall`.
#[test]
fn a_prefix_of_the_nonce_does_not_answer() {
    let Some(folder) = recorded::folder("a_prefix_of_the_nonce_does_not_answer") else { return };
    for recorded in recorded::snp(&folder) {
        let mut longer = recorded.extra_data.clone();
        longer.push(0);
        let shorter = recorded.extra_data[..recorded.extra_data.len() - 1].to_vec();
        let mut other = recorded.extra_data.clone();
        other[3] ^= 1;
        for nonce in [longer, shorter, other] {
            let rejection = appraise(&recorded, Binding::bytes(nonce).unwrap(), |_| {}).unwrap_err();
            assert_eq!(failed(Platform::AzureSnp, &rejection), ["common.freshness"], "{}", recorded.name);
        }
    }
}

#[test]
fn a_recorded_vm_with_another_register_expected_is_refused_for_that_alone() {
    let Some(folder) = recorded::folder("a_recorded_vm_with_another_register_expected_is_refused_for_that_alone")
    else {
        return;
    };
    let recorded = recorded::snp(&folder).remove(2);
    let binding = || Binding::bytes(recorded.extra_data.clone()).unwrap();
    for index in 0..24 {
        let change = |accept: &mut azure::Accept| {
            accept.quote.registers[index].values = Rule::Require(vec![Measurement::sha256([0x99; 32])]);
        };
        let rejection = appraise(&recorded, binding(), change).unwrap_err();
        assert_eq!(failed(Platform::AzureSnp, &rejection), ["tpm.pcr-values"], "{index}");
    }
    let fewer = |accept: &mut azure::Accept| accept.quote.registers.truncate(8);
    let rejection = appraise(&recorded, binding(), fewer).unwrap_err();
    assert_eq!(failed(Platform::AzureSnp, &rejection), ["tpm.pcr-selection"]);
}

#[test]
fn the_quote_of_one_vm_does_not_go_with_the_report_of_another() {
    let Some(folder) = recorded::folder("the_quote_of_one_vm_does_not_go_with_the_report_of_another") else { return };
    let all = recorded::snp(&folder);
    let part = |evidence: &[u8], wanted: usize| {
        let mut at = 8;
        for index in 0.. {
            let length = usize::try_from(u32::from_be_bytes(evidence[at..at + 4].try_into().unwrap())).unwrap();
            if index == wanted {
                return evidence[at..at + 4 + length].to_vec();
            }
            at += 4 + length;
        }
        unreachable!()
    };
    let mut mixed = recorded::snp(&folder).remove(0);
    let first = [part(&all[0].evidence, 0), part(&all[0].evidence, 1)].concat();
    let second: Vec<u8> = (2..6).flat_map(|index| part(&all[4].evidence, index)).collect();
    mixed.evidence = [&mixed.evidence[..8], &first, &second].concat();
    let rejection = appraise(&mixed, Binding::bytes(*b"challenge").unwrap(), |_| {}).unwrap_err();
    assert_eq!(failed(Platform::AzureSnp, &rejection), ["tpm.signature"]);
}

#[test]
fn recorded_vms_on_tdx_decode_and_need_intels_endorsements() {
    let Some(folder) = recorded::folder("recorded_vms_on_tdx_decode_and_need_intels_endorsements") else { return };
    let all = recorded::tdx(&folder);
    assert_eq!(all.len(), 4);
    for (name, evidence) in all {
        let evidence = Evidence::decode(&evidence).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(evidence.platform(), Platform::AzureTdx, "{name}");
        assert!(!evidence.needed().is_empty(), "{name}");
        let said: Vec<_> = evidence.unverified_claims().into_iter().map(|claim| claim.name).collect();
        assert!(said.contains(&"vm-secure-boot") && said.contains(&"pcr-digest"), "{name}: {said:?}");
    }
}
