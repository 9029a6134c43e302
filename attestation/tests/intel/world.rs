//! A whole appraisal that is good: root, chain, collateral, quote, policy, challenge, time. A test changes one thing and
//! appraises; everything is signed again, so that nothing but the change can be what trips.

use base64::Engine as _;
use sealroom_attestation::intel::{Bits, Machine, PlatformRules, SgxType, TcbAge, TcbStatus};
use sealroom_attestation::{
    Accept, AttestationResult, Binding, Challenge, CryptoProvider, Endorsements, Evidence, Fingerprint, Measurement,
    Policy, Rejection, Requirement, Rule, TrustAnchor, Verifier, sgx, tdx,
};
use serde_json::Value;

use crate::certificates::{Draft, Key, ListDraft, PckExtension};
use crate::documents::{answer, enclave_report, qe_identity, qe_report, tcb_info, td_report};

/// 2026-05-28.
pub(crate) const NOW: u64 = 1_780_000_000;
pub(crate) const REPORT_DATA: [u8; 64] = [0xd4; 64];
pub(crate) const SGX_EXTENSION: &str = "1.2.840.113741.1.13.1";
pub(crate) const COMPONENTS: [u8; 16] = [7, 7, 2, 2, 4, 1, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0];
/// Security version 5 of module 1, microcode 7.
pub(crate) const TEE_TCB_SVN: [u8; 16] = [5, 1, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

/// What is brought along.
#[derive(Clone, Copy)]
pub(crate) struct Brought {
    pub(crate) tcb_info: bool,
    pub(crate) qe_identity: bool,
    pub(crate) signer: bool,
    pub(crate) root_list: bool,
    pub(crate) ca_list: bool,
}

/// Everything that goes into one appraisal.
pub(crate) struct World {
    pub(crate) root: Draft,
    pub(crate) ca: Draft,
    pub(crate) pck: Draft,
    pub(crate) extension: PckExtension,
    pub(crate) signer: Draft,
    pub(crate) root_list: ListDraft,
    pub(crate) ca_list: ListDraft,
    pub(crate) tcb_info: Value,
    pub(crate) tcb_info_signer: Key,
    pub(crate) qe_identity: Value,
    pub(crate) qe_identity_signer: Key,
    pub(crate) brought: Brought,
    pub(crate) header: Vec<u8>,
    /// Type of the body, where the version has a descriptor.
    pub(crate) body_type: Option<u16>,
    pub(crate) body: Vec<u8>,
    /// The event log that comes with the quote.
    pub(crate) log: Option<Vec<u8>>,
    pub(crate) quote_signer: Key,
    pub(crate) qe_report: Vec<u8>,
    pub(crate) qe_signer: Key,
    pub(crate) authentication_data: Vec<u8>,
    /// Changes the quote after it was signed.
    pub(crate) tamper: fn(&mut Vec<u8>),
    pub(crate) accept: Accept,
    /// The root that the policy pins, where it is not this world's.
    pub(crate) pinned: Option<TrustAnchor>,
    pub(crate) binding: Binding,
    pub(crate) now: u64,
}

/// Which quote.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Kind {
    Tdx4,
    Tdx5,
    Tdx15,
    Sgx3,
    Sgx4,
    Sgx5,
}

impl World {
    pub(crate) fn new(kind: Kind) -> Self {
        let is_tdx = matches!(kind, Kind::Tdx4 | Kind::Tdx5 | Kind::Tdx15);
        let (version, body_type) = match kind {
            Kind::Tdx4 | Kind::Sgx4 => (4, None),
            Kind::Tdx5 => (5, Some(2)),
            Kind::Tdx15 => (5, Some(3)),
            Kind::Sgx3 => (3, None),
            Kind::Sgx5 => (5, Some(1)),
        };
        let (root, ca) = ("Intel SGX Root CA", "Intel SGX PCK Platform CA");
        let mut pck = Draft::leaf(ca, "Intel SGX PCK Certificate", Key::Ca, Key::Pck);
        pck.extensions.push((SGX_EXTENSION.to_owned(), false, Vec::new()));
        let mut header = vec![version, 0, 2, 0, if is_tdx { 0x81 } else { 0 }, 0, 0, 0, 0, 0, 0, 0];
        header.extend([0x93, 0x9a, 0x72, 0x33, 0xf7, 0x9c, 0x4c, 0xa9, 0x94, 0x0a, 0x0d, 0xb3, 0x95, 0x7f, 0x06, 0x07]);
        header.extend([0x0b; 20]);
        let accept = if is_tdx { accept_tdx(kind).into() } else { accept_sgx(u16::from(version)).into() };
        Self {
            root: Draft::authority(root, root, Key::Root, Key::Root),
            ca: Draft::authority(root, ca, Key::Root, Key::Ca),
            pck,
            extension: PckExtension {
                components: COMPONENTS,
                pce_svn: 13,
                pce_id: [0, 0],
                fmspc: [0x90, 0xc0, 0x6f, 0, 0, 0],
                sgx_type: 1,
                flags: Some([false, true, true]),
            },
            signer: Draft::leaf(root, "Intel SGX TCB Signing", Key::Root, Key::Signer),
            root_list: ListDraft::new(root, Key::Root),
            ca_list: ListDraft::new(ca, Key::Ca),
            tcb_info: tcb_info(is_tdx),
            tcb_info_signer: Key::Signer,
            qe_identity: qe_identity(is_tdx),
            qe_identity_signer: Key::Signer,
            brought: Brought { tcb_info: true, qe_identity: true, signer: true, root_list: true, ca_list: true },
            header,
            body_type,
            body: if is_tdx { td_report(kind == Kind::Tdx15) } else { enclave_report() },
            log: None,
            quote_signer: Key::Attestation,
            qe_report: qe_report(is_tdx),
            qe_signer: Key::Pck,
            authentication_data: (0..32).collect(),
            tamper: |_| {},
            accept,
            pinned: None,
            binding: Binding::new(Challenge::from_random([7; 32]), [0x4b; 32], REPORT_DATA),
            now: NOW,
        }
    }

    pub(crate) fn tdx() -> Self {
        Self::new(Kind::Tdx15)
    }

    pub(crate) fn sgx() -> Self {
        Self::new(Kind::Sgx3)
    }

    pub(crate) fn put(&mut self, offset: usize, bytes: &[u8]) {
        self.body[offset..offset + bytes.len()].copy_from_slice(bytes);
    }

    pub(crate) fn put_qe(&mut self, offset: usize, bytes: &[u8]) {
        self.qe_report[offset..offset + bytes.len()].copy_from_slice(bytes);
    }

    pub(crate) fn rules(&mut self) -> &mut PlatformRules {
        match &mut self.accept {
            Accept::Tdx(accept) => &mut accept.platform,
            Accept::Sgx(accept) => &mut accept.platform,
            _ => panic!("not of Intel's"),
        }
    }

    pub(crate) fn accept_tdx(&mut self) -> &mut tdx::Accept {
        let Accept::Tdx(accept) = &mut self.accept else { panic!("not TDX") };
        accept
    }

    pub(crate) fn accept_sgx(&mut self) -> &mut sgx::Accept {
        let Accept::Sgx(accept) = &mut self.accept else { panic!("not SGX") };
        accept
    }

    /// The level listed first.
    pub(crate) fn level(&mut self) -> &mut Value {
        &mut self.tcb_info["tcbLevels"][0]
    }

    /// Each signed once, since each signature is another: PCK, CA, root.
    pub(crate) fn sign_chain(&self) -> [Vec<u8>; 3] {
        let mut pck = self.pck.clone();
        if pck.extensions.iter().any(|(id, ..)| id == SGX_EXTENSION) {
            pck.set_extension(SGX_EXTENSION, &self.extension.encode());
        }
        [pck.sign(), self.ca.sign(), self.root.sign()]
    }

    pub(crate) fn quote(&self, chain: &[Vec<u8>; 3]) -> Vec<u8> {
        let length = |bytes: &[u8]| u32::try_from(bytes.len()).unwrap().to_le_bytes();
        let mut quote = self.header.clone();
        if let Some(body_type) = self.body_type {
            quote.extend(body_type.to_le_bytes());
            quote.extend(length(&self.body));
        }
        quote.extend(&self.body);
        let key = Key::Attestation.point();
        let mut qe_report = self.qe_report.clone();
        if qe_report[320..352] == [0; 32] {
            let digest = sha256(&[key.as_slice(), &self.authentication_data].concat());
            qe_report[320..352].copy_from_slice(&digest);
        }
        let mut inner = qe_report.clone();
        inner.extend(self.qe_signer.sign(&qe_report));
        inner.extend(u16::try_from(self.authentication_data.len()).unwrap().to_le_bytes());
        inner.extend(&self.authentication_data);
        let pem: String = chain.iter().map(|der| pem("CERTIFICATE", der)).collect::<String>() + "\0";
        inner.extend(5_u16.to_le_bytes());
        inner.extend(length(pem.as_bytes()));
        inner.extend(pem.as_bytes());
        let mut data = self.quote_signer.sign(&quote).to_vec();
        data.extend(key);
        if self.header[0] != 3 {
            data.extend(6_u16.to_le_bytes());
            data.extend(length(&inner));
        }
        data.extend(inner);
        quote.extend(length(&data));
        quote.extend(data);
        (self.tamper)(&mut quote);
        quote
    }

    /// The quote, with its log where it has one.
    pub(crate) fn evidence(&self, chain: &[Vec<u8>; 3]) -> Vec<u8> {
        let quote = self.quote(chain);
        match &self.log {
            None => quote,
            Some(log) => container(&quote, log),
        }
    }

    pub(crate) fn endorsements(&self) -> Vec<Vec<u8>> {
        let Brought { tcb_info, qe_identity, signer, root_list, ca_list } = self.brought;
        [
            (tcb_info, answer("tcbInfo", &self.tcb_info, self.tcb_info_signer)),
            (qe_identity, answer("enclaveIdentity", &self.qe_identity, self.qe_identity_signer)),
            (signer, self.signer.sign()),
            (root_list, self.root_list.sign()),
            (ca_list, self.ca_list.sign()),
        ]
        .into_iter()
        .filter_map(|(brought, file)| brought.then_some(file))
        .collect()
    }

    pub(crate) fn appraise(self) -> Result<AttestationResult, Rejection> {
        self.appraise_with(CryptoProvider::ring())
    }

    pub(crate) fn appraise_with(mut self, provider: CryptoProvider) -> Result<AttestationResult, Rejection> {
        let chain = self.sign_chain();
        let fingerprint = Fingerprint::from_sha256(sha256(&chain[2]));
        let anchor = self.pinned.take().unwrap_or_else(|| TrustAnchor::new(fingerprint, true).unwrap());
        match &mut self.accept {
            Accept::Tdx(accept) => accept.trust_anchor = anchor,
            Accept::Sgx(accept) => accept.trust_anchor = anchor,
            _ => panic!("not of Intel's"),
        }
        let policy = Policy::new(vec![self.accept.clone()]).unwrap();
        let evidence = Evidence::decode(&self.evidence(&chain))?;
        let endorsements = Endorsements::decode_all(self.endorsements().iter().map(Vec::as_slice))?;
        Verifier::new(provider, &policy).appraise(evidence, &endorsements, self.binding, self.now)
    }
}

/// Name and version, then each part behind its length.
pub(crate) fn container(quote: &[u8], log: &[u8]) -> Vec<u8> {
    let length = |part: &[u8]| u32::try_from(part.len()).unwrap().to_be_bytes();
    [b"SRTDX\0\0\x01", &length(quote)[..], quote, &length(log), log].concat()
}

pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    ring::digest::digest(&ring::digest::SHA256, bytes).as_ref().try_into().unwrap()
}

pub(crate) fn pem(label: &str, der: &[u8]) -> String {
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    let lines: Vec<_> = text.as_bytes().chunks(64).map(|line| core::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn rules(version: u16) -> PlatformRules {
    PlatformRules {
        quote_versions: vec![version],
        revocation: Requirement::Required,
        tcb_statuses: vec![TcbStatus::UpToDate],
        tcb_age: TcbAge::MinimumEvaluation(18),
        rejected_advisories: Rule::Require(vec!["INTEL-SA-00615".to_owned()]),
        sgx_types: Rule::Require(vec![SgxType::Scalable]),
        dynamic_platform: Rule::Require(false),
        cached_keys: Rule::Require(true),
        smt: Rule::Require(true),
        machines: Rule::Require(vec![Machine::Package([0x11; 16])]),
    }
}

fn simulated() -> TrustAnchor {
    TrustAnchor::new(Fingerprint::from_sha256([1; 32]), true).unwrap()
}

fn accept_tdx(kind: Kind) -> tdx::Accept {
    let is_15 = kind == Kind::Tdx15;
    tdx::Accept {
        name: "test".to_owned(),
        trust_anchor: simulated(),
        platform: rules(if kind == Kind::Tdx4 { 4 } else { 5 }),
        minimum_module: Rule::Require(tdx::ModuleVersion { major: 1, svn: 5 }),
        seam_measurements: Rule::Require(vec![[0x5e; 48]]),
        attributes: Bits { set: tdx::attributes::SEPT_VE_DISABLE, clear: tdx::attributes::MIGRATABLE },
        xfam: Bits { set: 0, clear: 1 << 8 },
        measurements: vec![Measurement::sha384([0x3e; 48])],
        runtime_registers: [0xa0, 0xa1, 0xa2, 0xa3].map(|fill| Rule::Require(vec![[fill; 48]])),
        event_log: Rule::skip("the test's quote comes without a log"),
        config_ids: Rule::Require(vec![[0xc1; 48]]),
        owners: Rule::Require(vec![[0x01; 48]]),
        owner_configs: Rule::Require(vec![[0x0c; 48]]),
        service_tds: if is_15 { Rule::Require(vec![[0; 48]]) } else { Rule::skip("the test's quote does not say it") },
    }
}

fn accept_sgx(version: u16) -> sgx::Accept {
    sgx::Accept {
        name: "test".to_owned(),
        trust_anchor: simulated(),
        platform: rules(version),
        identities: vec![sgx::Identity::Measurement(Measurement::sha256([0x3e; 32]))],
        attributes: Bits { set: sgx::attributes::MODE64BIT | sgx::attributes::KSS, clear: sgx::attributes::LAUNCH_KEY },
        xfrm: Rule::Require(Bits { set: 0x3, clear: 1 << 8 }),
        misc_select: Rule::Require(Bits { set: 0, clear: 1 }),
        config_ids: Rule::Require(vec![[0xc1; 64]]),
        minimum_config_svn: Rule::Require(2),
        extended_product_ids: Rule::Require(vec![[0xe1; 16]]),
        family_ids: Rule::Require(vec![[0xfa; 16]]),
    }
}
