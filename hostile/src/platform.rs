//! The platform of the kit: a simulated one, whose key the host may have stolen. It signs what it is told to.
//!
//! What always holds: Evidence is in the vendor's format and is appraised by the real Verifier. Two reports of one content are
//! the same bytes, so they are signed once.

use sealroom::EvidenceBundle;
use sealroom_protocol::binding::{ChallengeList, room_report_data};
use sealroom_protocol::contract::{EnclaveTerms, FirmwareLevel};
use sealroom_protocol::id::ContractId;
use sealroom_protocol::identity::SigningPublicKey;
use sealroom_simulated_platform::{Image, Measurement, Root};
use std::collections::BTreeMap;
use std::sync::{Mutex, OnceLock};
use std::time::SystemTime;

/// Which image a report is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Measured {
    /// The one that contracts of the kit accept.
    Accepted,
    /// Another.
    Other,
}

/// Reports that were signed, by image and report data.
type Reports = Mutex<BTreeMap<(Measured, [u8; 64]), Vec<u8>>>;

#[derive(Debug)]
pub(crate) struct Platform {
    root: Root,
    accepted: Measurement,
    other: Measurement,
    endorsements: Vec<Vec<u8>>,
    reports: Reports,
}

impl Platform {
    /// Made once for a process: two RSA-4096 keys take seconds.
    pub(crate) fn shared() -> &'static Self {
        static PLATFORM: OnceLock<Platform> = OnceLock::new();
        PLATFORM.get_or_init(|| {
            let folder = tempfile::tempdir().unwrap();
            let root = Root::open(&folder.path().join("state"), SystemTime::now()).unwrap();
            let measure = |name: &str| {
                let file = folder.path().join(name);
                std::fs::write(&file, name).unwrap();
                Image::measure(&file).unwrap()
            };
            let (accepted, other) = (measure("the image of the kit"), measure("another image"));
            let certificates = root.certificates();
            let mut endorsements = vec![certificates.vcek.clone(), certificates.ask.clone(), certificates.ark.clone()];
            endorsements.push(root.revocation_list(SystemTime::now()).unwrap());
            Self { accepted, other, endorsements, reports: Mutex::default(), root }
        })
    }

    /// The terms that accept it.
    pub(crate) fn terms(&self) -> EnclaveTerms {
        let anchor = self.root.anchor();
        let digits = anchor.strip_prefix("sha256:").unwrap().as_bytes();
        let digit = |byte: u8| u8::try_from(char::from(byte).to_digit(16).unwrap()).unwrap();
        let mut fingerprint = [0; 32];
        for (byte, [high, low]) in fingerprint.iter_mut().zip(digits.as_chunks::<2>().0) {
            *byte = digit(*high) << 4 | digit(*low);
        }
        EnclaveTerms::amd_sev_snp(fingerprint, *self.accepted.as_bytes(), FirmwareLevel::new(0, 0, 0, 0)).simulated()
    }

    /// A signed report.
    pub(crate) fn report(&self, measured: Measured, report_data: &[u8; 64]) -> Vec<u8> {
        let measurement = match measured {
            Measured::Accepted => self.accepted,
            Measured::Other => self.other,
        };
        let mut reports = self.reports.lock().unwrap();
        let sign = || self.root.report(measurement, *report_data, [3; 32]);
        reports.entry((measured, *report_data)).or_insert_with(sign).clone()
    }

    /// What it endorses reports with.
    pub(crate) fn endorsements(&self) -> Vec<Vec<u8>> {
        self.endorsements.clone()
    }

    /// Evidence of whatever has this key: what a thief of the platform's key can make.
    pub(crate) fn forged(
        &self,
        contract: &ContractId,
        key: &SigningPublicKey,
        measured: Measured,
        challenge: [u8; 32],
    ) -> EvidenceBundle {
        let list = ChallengeList::new(vec![challenge]).unwrap();
        let evidence = self.report(measured, &room_report_data(contract, key, &list));
        self.bundle(*key, evidence, self.endorsements(), vec![challenge])
    }

    /// Evidence as a host brings it.
    pub(crate) fn bundle(
        &self,
        enclave_key: SigningPublicKey,
        evidence: Vec<u8>,
        endorsements: Vec<Vec<u8>>,
        challenges: Vec<[u8; 32]>,
    ) -> EvidenceBundle {
        EvidenceBundle { enclave_key, evidence, endorsements, challenges, operator_statement: None, appraised: 0 }
    }
}
