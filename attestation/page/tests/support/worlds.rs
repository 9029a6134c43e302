//! Whole appraisals of every platform, good as they are: what the Verifier's own tests wrote down for the fuzzer.

use std::path::Path;

use sealroom_verify_page::{Asked, Request};

/// One of `fuzz/fixture`, by its name.
pub(crate) fn world(name: &str) -> Request {
    // In the repository's own folder, however deep in it the tests are that ask.
    let mut above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    let fixture = above.find_map(|folder| Some(folder.join("fuzz/fixture")).filter(|fixture| fixture.is_dir()));
    let file = fixture.expect("the repository has fuzz/fixture").join(format!("{name}.world"));
    let bytes = std::fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    // Each part with its length, two bytes, before it: policy, time, challenge, Evidence, and every Endorsement.
    let (mut parts, mut rest) = (Vec::new(), bytes.as_slice());
    while let Some((length, after)) = rest.split_first_chunk::<2>() {
        let (part, after) = after.split_at(usize::from(u16::from_be_bytes(*length)));
        parts.push(part.to_vec());
        rest = after;
    }
    let mut parts = parts.into_iter();
    let mut next = || parts.next().expect("a world has every part");
    let policy = Some(String::from_utf8(next()).unwrap());
    let at = u64::from_be_bytes(next().try_into().unwrap());
    let asked = Some(Asked::Challenge(hex::encode(next())));
    Request { policy, at, asked, evidence: next(), endorsements: parts.collect() }
}

/// Their names.
pub(crate) const WORLDS: [&str; 10] =
    ["tdx-4", "tdx-1.5", "tdx-log", "sgx", "nitro", "cca", "cca-legacy", "gpu", "tpm", "azure"];
