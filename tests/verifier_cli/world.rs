//! Whole appraisals that need nothing recorded: the good worlds of `fuzz/fixture`, each under a root that its test made. No maker's
//! root stands behind any of them.

use crate::{Argument, Ended, sealroom};
use sealroom::protocol::contract::time_text;
use sha2::{Digest as _, Sha256};
use std::path::{Path, PathBuf};

/// One of them, in files.
pub(crate) struct World {
    pub(crate) policy: PathBuf,
    pub(crate) evidence: PathBuf,
    pub(crate) endorsements: Vec<PathBuf>,
    pub(crate) at: String,
    /// In hexadecimal.
    pub(crate) challenge: String,
}

impl World {
    /// Puts the parts of `NAME.world` into files of their own: each has its length (two bytes, big-endian) before it.
    pub(crate) fn new(name: &str, folder: &Path) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("fuzz/fixture/{name}.world"));
        let whole = std::fs::read(path).unwrap();
        let (mut rest, mut parts) = (whole.as_slice(), Vec::new());
        while let Some((length, after)) = rest.split_first_chunk() {
            let (part, after) = after.split_at(u16::from_be_bytes(*length).into());
            parts.push(part);
            rest = after;
        }
        let [policy, now, challenge, evidence, endorsements @ ..] = parts.as_slice() else { panic!("{name}") };
        let file = |part: &str, bytes: &[u8]| {
            let path = folder.join(format!("{name}-{part}"));
            std::fs::write(&path, bytes).unwrap();
            path
        };
        let named = endorsements.iter().zip(0..).map(|(bytes, number)| file(&format!("endorsement-{number}"), bytes));
        Self {
            policy: file("policy.toml", policy),
            evidence: file("evidence", evidence),
            endorsements: named.collect(),
            // Of what never ends the time is 0, which no appraisal is made at.
            at: time_text(u64::from_be_bytes((*now).try_into().unwrap()).max(1_748_736_000)),
            challenge: hex::encode(challenge),
        }
    }

    /// The root that its policy names.
    pub(crate) fn root(&self) -> PathBuf {
        let policy = std::fs::read_to_string(&self.policy).unwrap();
        let named = |path: &&PathBuf| policy.contains(&hex::encode(Sha256::digest(std::fs::read(path).unwrap())));
        self.endorsements.iter().find(named).unwrap().clone()
    }

    /// Appraises it under this policy, with these arguments more.
    pub(crate) fn appraise(&self, policy: &Path, more: &[Argument<'_>]) -> Ended {
        let mut arguments: Vec<Argument<'_>> =
            vec![&"appraise", &self.evidence, &"--at", &self.at, &"--policy", &policy];
        arguments.extend(crate::flags(&"--endorsements", &self.endorsements));
        let challenge: [Argument<'_>; 2] = [&"--challenge", &self.challenge];
        arguments.extend(challenge);
        arguments.extend(more);
        sealroom(&arguments)
    }

    /// The policy with one text in place of another, in a file of its own.
    pub(crate) fn other_policy(&self, change: impl FnOnce(String) -> String) -> PathBuf {
        let path = self.policy.with_extension("other.toml");
        std::fs::write(&path, change(std::fs::read_to_string(&self.policy).unwrap())).unwrap();
        path
    }
}
