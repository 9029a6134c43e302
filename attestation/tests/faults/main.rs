//! Faults that shipped in some verifier, one test each: what that one let pass is refused here, by the check made for it.
//!
//! Each takes a whole appraisal that is accepted, changes one thing, and signs everything again, so that nothing but the change
//! can be what trips. Where the fault was found is said at the test. The fortieth needs WebAssembly: a document that it reads
//! differently from native code, in `attestation/page/tests/differential`.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a panic is a test's failure report")]

mod amd;
mod any;
mod aws_and_arm;
#[path = "../nitro/cbor.rs"]
mod cbor;
#[path = "../cca/world.rs"]
#[expect(dead_code, reason = "what the tests of that platform change besides")]
mod cca_world;
#[path = "../intel/certificates.rs"]
mod certificates;
#[path = "../appraisal/der.rs"]
mod der;
#[path = "../intel/documents.rs"]
mod documents;
#[path = "../nitro/draft.rs"]
#[expect(dead_code, reason = "what the tests of that platform change besides")]
mod draft;
mod ear;
mod envelope;
mod intel;
#[path = "../intel/world.rs"]
#[expect(dead_code, reason = "what the tests of that platform change besides")]
mod intel_world;
#[path = "../nitro/world.rs"]
mod nitro_world;
#[path = "../vtpm/quote.rs"]
mod quote;
#[path = "../appraisal/world.rs"]
mod snp_world;
mod vtpm;

/// What the files above know by this name: Intel's world, and from AMD's the keys that the quotes of TPMs are signed with.
mod world {
    pub(crate) use crate::intel_world::*;
    pub(crate) use crate::snp_world::rsa_key;
}

use sealroom_attestation::{AttestationResult, Rejection, Status};

/// A whole appraisal.
pub(crate) trait Appraisal {
    fn run(self) -> Result<AttestationResult, Rejection>;
}

impl Appraisal for snp_world::World {
    fn run(self) -> Result<AttestationResult, Rejection> {
        self.appraise()
    }
}

impl Appraisal for world::World {
    fn run(self) -> Result<AttestationResult, Rejection> {
        self.appraise()
    }
}

impl Appraisal for nitro_world::World {
    fn run(self) -> Result<AttestationResult, Rejection> {
        self.appraise()
    }
}

impl Appraisal for cca_world::World {
    fn run(self) -> Result<AttestationResult, Rejection> {
        self.appraise()
    }
}

/// The checks that fail in a rejection, after a look that nothing passed which could not be judged.
pub(crate) fn failed(rejection: &Rejection) -> Vec<&'static str> {
    let failed: Vec<_> = rejection.verdict().failed().map(|check| check.id()).collect();
    for check in rejection.verdict().checks() {
        if let Status::NotJudged { because } = check.status() {
            assert!(failed.contains(because), "{check}");
        }
    }
    failed
}

/// The checks that fail with this one thing changed. Without it, all hold.
pub(crate) fn caught<W: Appraisal>(new: impl Fn() -> W, change: impl FnOnce(&mut W)) -> Vec<&'static str> {
    if let Err(rejection) = new().run() {
        panic!("not accepted as it is: {rejection}");
    }
    let mut world = new();
    change(&mut world);
    match world.run() {
        Ok(_) => panic!("accepted with the fault"),
        Err(rejection) => failed(&rejection),
    }
}
