//! Recorded Evidence of real machines, from `SEALROOM_VECTORS` (default `../shared/vectors` beside the repository), each with what
//! a person edits in the policy that the program prints for it.

use crate::{Argument, Ended, flags, not_run::not_run, sealroom};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// The folder, or `None` after saying by name that the test did not run.
pub(crate) fn folder(test: &str) -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/vectors");
    let folder = std::env::var_os("SEALROOM_VECTORS").map_or_else(beside, PathBuf::from);
    if folder.join("snp").is_dir() {
        return Some(folder);
    }
    not_run(test, &format!("no recorded Evidence in {} (set SEALROOM_VECTORS)", folder.display()));
    None
}

/// One piece of Evidence with what it takes.
pub(crate) struct Recorded {
    pub(crate) platform: &'static str,
    pub(crate) evidence: &'static str,
    pub(crate) endorsements: &'static [&'static str],
    /// A time at which all of it is current.
    pub(crate) at: &'static str,
    /// What a person changes in the policy that pins it.
    pub(crate) edits: &'static [(&'static str, &'static str)],
}

pub(crate) const NO_LIST: (&str, &str) =
    ("revocation = \"required\"", "revocation = { skip = \"no list was recorded\" }");

pub(crate) const SNP: Recorded = Recorded {
    platform: "amd-sev-snp",
    evidence: "snp/trustee/test-report.bin",
    endorsements: &["snp/trustee/test-vcek.der", "snp/roots/milan/ask.pem"],
    at: "2023-06-01T00:00:00Z",
    edits: &[NO_LIST],
};

pub(crate) const TDX: Recorded = Recorded {
    platform: "intel-tdx",
    evidence: "tdx/dcap-qvl/tdx_quote",
    endorsements: &["tdx/dcap-qvl/tdx_quote_collateral.json"],
    at: "2025-06-25T00:00:00Z",
    edits: &[],
};

/// Intel said of its level that it needs configuration and hardened software.
pub(crate) const SGX: Recorded = Recorded {
    platform: "intel-sgx",
    evidence: "sgx/dcap-qvl/sgx_quote",
    endorsements: &["sgx/dcap-qvl/sgx_quote_collateral.json"],
    at: "2025-06-25T00:00:00Z",
    edits: &[("[\"UpToDate\"]", "[\"UpToDate\", \"ConfigurationAndSWHardeningNeeded\"]")],
};

pub(crate) const NITRO: Recorded = Recorded {
    platform: "aws-nitro",
    evidence: "nitro/dstack/nitro_attestation.bin",
    endorsements: &[],
    at: "2025-12-25T13:16:00Z",
    edits: &[],
};

/// The same, of an enclave in debug mode.
pub(crate) const NITRO_DEBUG: Recorded =
    Recorded { evidence: "nitro/dstack/nitro_attestation_dbg.bin", at: "2025-12-25T08:21:00Z", ..NITRO };

pub(crate) const REASON: &str = "recorded by others";

impl Recorded {
    /// The policy that pins it, after a person's edits, in a file.
    pub(crate) fn policy(&self, folder: &Path, work: &TempDir) -> PathBuf {
        let evidence = folder.join(self.evidence);
        let mut arguments: Vec<Argument<'_>> = vec![&"appraise", &evidence];
        let endorsements = self.paths(folder);
        arguments.extend(flags(&"--endorsements", &endorsements));
        let printed = sealroom(&arguments).with(1);
        assert!(printed.notes.starts_with("NOT APPRAISED: "), "{printed:?}");
        let mut text = printed.answer;
        for (printed, edited) in self.edits {
            assert!(text.contains(printed), "{printed} is not in\n{text}");
            text = text.replacen(printed, edited, 1);
        }
        let path = work.path().join(format!("{}.toml", self.platform));
        std::fs::write(&path, text).unwrap();
        path
    }

    pub(crate) fn paths(&self, folder: &Path) -> Vec<PathBuf> {
        self.endorsements.iter().map(|name| folder.join(name)).collect()
    }

    /// Appraises a file under a policy with all that was recorded beside this Evidence, and these arguments more.
    pub(crate) fn appraise(&self, folder: &Path, evidence: &Path, policy: &Path, more: &[&str]) -> Ended {
        let mut arguments: Vec<Argument<'_>> = vec![&"appraise", &evidence, &"--policy", &policy, &"--at", &self.at];
        let endorsements = self.paths(folder);
        arguments.extend(flags(&"--endorsements", &endorsements));
        if !more.contains(&"--challenge") {
            arguments.push(&"--no-challenge");
            arguments.push(&REASON);
        }
        for argument in more {
            arguments.push(argument);
        }
        sealroom(&arguments)
    }
}
