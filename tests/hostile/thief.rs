//! What a thief of the platform's key can make: a fake enclave that passes every appraisal, and signs what it likes.

use crate::image::built;
use crate::refused::secret;
use crate::world::World;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair};
use sealroom::{AppraisedRoom, EvidenceBundle};
use sealroom_protocol::binding::{ChallengeList, room_report_data};
use sealroom_protocol::identity::{EncryptionSecret, SigningSecret};
use sealroom_protocol::run::{Proposal, ProposedDataset, SignedProposal};
use sealroom_simulated_platform::{Image, Root};
use std::path::Path;
use std::time::SystemTime;

/// See the top of this file.
pub(crate) struct Thief {
    pub(crate) signing: SigningSecret,
    run_secret: EncryptionSecret,
}

impl Thief {
    pub(crate) fn new() -> Self {
        let (signing, run_secret) = (SigningSecret::from_seed(&[3; 32]), EncryptionSecret::from_seed(&[4; 32]));
        secret(signing.expose_seed());
        secret(run_secret.expose_secret());
        Self { signing, run_secret }
    }

    /// The fake enclave, as a party appraises it.
    pub(crate) fn room(&self, world: &World) -> AppraisedRoom {
        // The root's state lies on this machine: whoever has it signs reports of any measurement.
        let root = Root::open(&world.state, SystemTime::now()).unwrap();
        let measurement = Image::measure(&built().1).unwrap();
        let room = world.appraise(|challenge| {
            let list = ChallengeList::new(vec![challenge]).unwrap();
            let key = self.signing.public();
            let data = room_report_data(&world.contract.id(), &key, &list);
            let certificates = root.certificates();
            EvidenceBundle {
                enclave_key: key,
                evidence: root.report(measurement, data, [1; 32]),
                endorsements: vec![
                    certificates.vcek.clone(),
                    certificates.ask.clone(),
                    certificates.ark.clone(),
                    root.revocation_list(SystemTime::now()).unwrap(),
                ],
                challenges: vec![challenge],
                operator_statement: None,
                appraised: 0,
            }
        });
        room.unwrap()
    }

    /// What an honest enclave would propose for the first run, with a run key of the thief's own.
    pub(crate) fn proposal(&self, world: &World) -> Proposal {
        let names = world.contract.terms().datasets.iter().map(|dataset| dataset.name.clone());
        Proposal {
            contract: world.contract.id(),
            run: 1,
            head: None,
            head_run: 0,
            datasets: names.zip(world.datasets()).map(|(name, object)| ProposedDataset { name, object }).collect(),
            request: None,
            enclave_key: self.signing.public(),
            run_key: self.run_secret.public(),
        }
    }

    pub(crate) fn sign(&self, proposal: Proposal) -> Vec<u8> {
        SignedProposal::sign(proposal, &self.signing).encode()
    }
}

/// Signs a report again, whatever it says now, with the key of the platform in `state`: whoever owns the machine has it.
pub(crate) fn sign_report(state: &Path, report: &mut [u8]) {
    let (rng, key) = (SystemRandom::new(), std::fs::read(state.join("root/vcek.key")).unwrap());
    let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P384_SHA384_FIXED_SIGNING, &key, &rng).unwrap();
    let (signed, signature) = report.split_at_mut(0x2a0);
    let made = key.sign(&rng, signed).unwrap();
    // AMD 56860, "Format for an ECDSA P-384 with SHA-384 Signature": two numbers of 72 bytes, the least significant first.
    for (place, number) in signature.chunks_mut(72).zip(made.as_ref().chunks(48)) {
        place.fill(0);
        place.iter_mut().zip(number.iter().rev()).for_each(|(byte, digit)| *byte = *digit);
    }
}
