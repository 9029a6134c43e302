//! A GPU world of our own: a chain of five with two revocation lists, a report that its leaf signs, and a policy that accepts
//! exactly that.

use sealroom_attestation::gpu::{self, IndexedMeasurement};
use sealroom_attestation::{
    AttestationResult, Binding, CryptoProvider, Endorsements, Evidence, Fingerprint, Measurement, Policy, Rejection,
    Requirement, Rule, TrustAnchor, Verifier,
};

use crate::der;
use crate::draft::{Draft, ListDraft, public_key, sign_fixed};

/// 2026-05-28.
pub(crate) const NOW: u64 = 1_780_000_000;
pub(crate) const CHALLENGE: [u8; 32] = [0xd4; 32];
pub(crate) const FWID: &str = "2.23.133.5.4.1";
const IDENTITY: &str = "NVIDIA GH100 Identity";

/// Everything that goes into one appraisal.
pub(crate) struct World {
    /// Root, identity, provisioner, chip.
    pub(crate) authorities: Vec<Draft>,
    pub(crate) leaf: Draft,
    /// The root's, the identity's.
    pub(crate) lists: Vec<ListDraft>,
    /// Leaves out or adds Endorsements after they were signed: root, identity, provisioner, chip, leaf, lists.
    pub(crate) bring: fn(&mut Vec<Vec<u8>>),
    pub(crate) request: Vec<u8>,
    /// Index and value.
    pub(crate) measurements: Vec<(u8, Vec<u8>)>,
    pub(crate) opaque: Vec<(u16, Vec<u8>)>,
    /// Changes the report before it is signed.
    pub(crate) alter: fn(&mut Vec<u8>),
    /// Changes the report after it was signed.
    pub(crate) tamper: fn(&mut Vec<u8>),
    pub(crate) signer: &'static str,
    pub(crate) accept: gpu::Accept,
    pub(crate) pinned: Option<TrustAnchor>,
    pub(crate) binding: Binding,
}

/// The extension of NVIDIA's leaves.
pub(crate) fn firmware_id(version: u8, digest: &[u8]) -> Vec<u8> {
    let digest = der::sequence(&[der::oid("2.16.840.1.101.3.4.2.2"), der::octets(digest)]);
    der::sequence(&[der::integer(&[version]), public_key("chip"), digest])
}

impl World {
    pub(crate) fn good() -> Self {
        let mut authorities = vec![
            Draft::authority("root", "root", None),
            Draft::authority("root", IDENTITY, None),
            Draft::authority(IDENTITY, "provisioner", None),
            Draft::authority("provisioner", "chip", None),
        ];
        // The root and the identity sign lists; so the two below them name one each.
        for (authority, serial) in authorities.iter_mut().zip(1..) {
            authority.serial = vec![serial];
            authority.set_extension("2.5.29.15", &der::tlv(0x03, &[1, 0x06]));
        }
        for authority in &mut authorities[1..3] {
            authority.extensions.push(("2.5.29.31".to_owned(), false, der::sequence(&[])));
        }
        let mut leaf = Draft::leaf("chip", "firmware");
        leaf.remove_extension("2.5.29.19"); // NVIDIA's have none
        leaf.extensions.push((FWID.to_owned(), false, firmware_id(1, &[0xf1; 48])));
        let list = |issuer: &str| ListDraft {
            issuer: issuer.to_owned(),
            this_update: "260501000000Z",
            next_update: Some("260601000000Z"),
            serials: vec![vec![99]],
            signer: issuer.to_owned(),
        };
        Self {
            authorities,
            leaf,
            lists: vec![list("root"), list(IDENTITY)],
            bring: |_| {},
            request: [&[0x11, 0xe0, 0x01, 0xff][..], &CHALLENGE, &[0]].concat(),
            measurements: (1..=4).map(|index| (index, vec![if index == 3 { 0 } else { 0x50 + index }; 48])).collect(),
            opaque: vec![
                (6, vec![0x00, 0x9f, 0x00, 0x96, 0x01, 0, 0, 0]),
                (3, b"550.90.07\0".to_vec()),
                (20, vec![0xf1; 48]),
                (21, vec![0x55]),
                (77, vec![1, 2, 3]),
            ],
            alter: |_| {},
            tamper: |_| {},
            signer: "firmware",
            accept: accept(),
            pinned: None,
            binding: Binding::bytes(CHALLENGE).unwrap(),
        }
    }

    pub(crate) fn report(&self) -> Vec<u8> {
        let block = |(index, value): &(u8, Vec<u8>)| {
            let size = u16::try_from(value.len()).unwrap();
            let mut block = vec![*index, 1];
            block.extend((size + 3).to_le_bytes());
            block.push(1);
            block.extend(size.to_le_bytes());
            block.extend(value);
            block
        };
        let record: Vec<u8> = self.measurements.iter().flat_map(block).collect();
        let field = |(kind, value): &(u16, Vec<u8>)| {
            [&kind.to_le_bytes()[..], &u16::try_from(value.len()).unwrap().to_le_bytes(), value].concat()
        };
        let opaque: Vec<u8> = self.opaque.iter().flat_map(field).collect();
        let mut report = self.request.clone();
        report.extend([0x11, 0x60, 0, 0, u8::try_from(self.measurements.len()).unwrap()]);
        report.extend(&u32::try_from(record.len()).unwrap().to_le_bytes()[..3]);
        report.extend(record);
        report.extend([0x9c; 32]);
        report.extend(u16::try_from(opaque.len()).unwrap().to_le_bytes());
        report.extend(opaque);
        (self.alter)(&mut report);
        report.extend(sign_fixed(self.signer, &report));
        (self.tamper)(&mut report);
        report
    }

    pub(crate) fn appraise(self) -> Result<AttestationResult, Rejection> {
        self.appraise_with(CryptoProvider::ring())
    }

    pub(crate) fn appraise_with(mut self, provider: CryptoProvider) -> Result<AttestationResult, Rejection> {
        let mut files: Vec<_> = self.authorities.iter().map(Draft::sign).collect();
        let digest = ring::digest::digest(&ring::digest::SHA256, &files[0]);
        let fingerprint = Fingerprint::from_sha256(digest.as_ref().try_into().unwrap());
        self.accept.trust_anchor = self.pinned.clone().unwrap_or(TrustAnchor::new(fingerprint, true).unwrap());
        files.push(self.leaf.sign());
        files.extend(self.lists.iter().map(ListDraft::sign));
        (self.bring)(&mut files);
        let policy = Policy::new(vec![self.accept.clone().into()]).unwrap();
        let evidence = Evidence::decode(&self.report())?;
        let endorsements = Endorsements::decode_all(files.iter().map(Vec::as_slice))?;
        Verifier::new(provider, &policy).appraise(evidence, &endorsements, self.binding, NOW)
    }
}

/// Accepts exactly this world, and skips nothing that can be judged in it.
fn accept() -> gpu::Accept {
    let measurement =
        |index: u8| IndexedMeasurement { index, values: Rule::Require(vec![[0x99; 48], [0x50 + index; 48]]) };
    gpu::Accept {
        name: "test".to_owned(),
        trust_anchor: TrustAnchor::new(Fingerprint::from_sha256([0; 32]), true).unwrap(),
        revocation: Requirement::Required,
        chips: vec!["GH100".to_owned()],
        machines: Rule::Require(vec![vec![4]]),
        driver_versions: Rule::Require(vec!["550.90.07".to_owned()]),
        vbios_versions: Rule::Require(vec!["96.00.9f.00.01".to_owned()]),
        firmware_ids: Rule::Require(vec![Measurement::sha384([0xf1; 48])]),
        measurements: vec![measurement(1), measurement(2), measurement(4)],
    }
}
