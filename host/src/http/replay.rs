//! Signed requests that were here: their nonces, as long as their time is within the window.
//!
//! What always holds: a nonce is on file before its request is acted on, so it is known after a restart too (after a
//! crash of the whole machine its last lines may be missing, which takes longer to come back than the window lasts);
//! memory and file are bounded.

use crate::config::Limits;
use crate::refusal::Refusal;
use sealroom_protocol::http_signature::SignedRequest;
use sealroom_protocol::identity::SigningPublicKey;
use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

type Nonce = [u8; sealroom_protocol::http_signature::NONCE_LENGTH];

/// The nonces that were seen.
#[derive(Debug)]
pub(crate) struct Nonces {
    path: PathBuf,
    file: File,
    lines: usize,
    /// Whether the file may end in half a line, to which the next one would be added, or is not the one at `path`.
    torn: bool,
    /// With the time that each was signed.
    seen: HashMap<(SigningPublicKey, Nonce), u64>,
    window: u64,
    limit: usize,
}

impl Nonces {
    /// Reads what an earlier process saw.
    pub(crate) fn open(path: &Path, limits: &Limits, now: u64) -> io::Result<Self> {
        let mut seen = HashMap::new();
        match std::fs::read_to_string(path) {
            Ok(text) => seen.extend(text.lines().filter_map(parse)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        let file = append(path)?;
        let (window, limit) = (limits.clock_window_s, limits.nonces);
        let mut nonces = Self { path: path.into(), file, lines: 0, torn: true, seen, window, limit };
        nonces.compact(now)?;
        Ok(nonces)
    }

    /// Refuses a request that was signed at another time or was here before.
    pub(crate) fn check(&self, request: &SignedRequest, now: u64) -> Result<(), Refusal> {
        let found = now.abs_diff(request.created());
        if found > self.window {
            return Err(Refusal::Clock { window: self.window, found });
        }
        if self.seen.contains_key(&(*request.key(), *request.nonce())) {
            return Err(Refusal::Replay);
        }
        Ok(())
    }

    /// Remembers a request that was [checked](Self::check).
    pub(crate) fn remember(&mut self, request: &SignedRequest, now: u64) -> Result<(), Refusal> {
        let failed = |error: io::Error| {
            tracing::error!(%error, "nonces cannot be written");
            Refusal::Store
        };
        if self.torn || self.seen.len() >= self.limit || self.lines > self.limit.saturating_mul(2) {
            self.compact(now).map_err(failed)?;
        }
        if self.seen.len() >= self.limit {
            return Err(Refusal::Busy { what: "signed requests" });
        }
        let line = line(request.key(), request.nonce(), request.created());
        if let Err(error) = self.file.write_all(line.as_bytes()) {
            self.torn = true;
            return Err(failed(error));
        }
        self.lines = self.lines.saturating_add(1);
        let _ = self.seen.insert((*request.key(), *request.nonce()), request.created());
        Ok(())
    }

    /// Forgets what the clock refuses by now, and writes the file anew.
    fn compact(&mut self, now: u64) -> io::Result<()> {
        self.torn = true;
        self.seen.retain(|_, created| created.saturating_add(self.window) >= now);
        let next = self.path.with_extension("next");
        let text: String = self.seen.iter().map(|((key, nonce), created)| line(key, nonce, *created)).collect();
        // One that a crash left would end in half a line.
        match std::fs::remove_file(&next) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
        append(&next)?.write_all(text.as_bytes())?;
        std::fs::rename(&next, &self.path)?;
        self.file = append(&self.path)?;
        self.lines = self.seen.len();
        self.torn = false;
        Ok(())
    }
}

fn append(path: &Path) -> io::Result<File> {
    OpenOptions::new().append(true).create(true).mode(0o600).open(path)
}

fn line(key: &SigningPublicKey, nonce: &Nonce, created: u64) -> String {
    format!("{created} {} {}\n", hex::encode(key.as_bytes()), hex::encode(nonce))
}

fn parse(line: &str) -> Option<((SigningPublicKey, Nonce), u64)> {
    let mut words = line.split(' ');
    let created = words.next()?.parse().ok()?;
    let key = SigningPublicKey::from_bytes(hex::decode(words.next()?).ok()?.try_into().ok()?).ok()?;
    let nonce = hex::decode(words.next()?).ok()?.try_into().ok()?;
    words.next().is_none().then_some(((key, nonce), created))
}

#[cfg(test)]
mod tests {
    use super::*;
    use sealroom_protocol::http_signature::{PresentedSignature, RequestTarget, sign};
    use sealroom_protocol::identity::SigningSecret;

    fn signed(created: u64, nonce: u8) -> SignedRequest {
        let target = RequestTarget { method: "POST", authority: "host.example", path: "/v1/rooms", query: None };
        let headers = sign(&target, b"", created, [nonce; 16], &SigningSecret::from_seed(&[1; 32]));
        PresentedSignature::decode(headers).unwrap().verify(&target).unwrap()
    }

    #[test]
    fn a_nonce_is_refused_as_long_as_its_time_is_accepted_also_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("nonces");
        let limits = Limits { clock_window_s: 60, nonces: 2, ..Limits::default() };
        let mut nonces = Nonces::open(&path, &limits, 1_000).unwrap();
        let first = signed(1_050, 1);
        assert_eq!(nonces.check(&first, 1_000), Ok(()));
        assert_eq!(nonces.remember(&first, 1_000), Ok(()));
        assert_eq!(nonces.check(&first, 1_000), Err(Refusal::Replay));
        assert_eq!(nonces.check(&signed(939, 2), 1_000), Err(Refusal::Clock { window: 60, found: 61 }));
        assert_eq!(nonces.check(&signed(1_061, 2), 1_000), Err(Refusal::Clock { window: 60, found: 61 }));
        drop(nonces);
        let mut nonces = Nonces::open(&path, &limits, 1_110).unwrap();
        assert_eq!(nonces.check(&first, 1_110), Err(Refusal::Replay));
        assert_eq!(nonces.remember(&signed(1_100, 2), 1_110), Ok(()));
        assert_eq!(nonces.remember(&signed(1_100, 3), 1_110), Err(Refusal::Busy { what: "signed requests" }));
        assert_eq!(nonces.check(&first, 1_111), Err(Refusal::Clock { window: 60, found: 61 }));
        assert_eq!(nonces.remember(&signed(1_100, 3), 1_111), Ok(()));
        assert_eq!(std::fs::read_to_string(&path).unwrap().lines().count(), 2);
    }
    #[test]
    fn a_nonce_after_one_that_a_full_disk_cut_off_is_refused_after_a_restart_too() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("nonces");
        let limits = Limits::default();
        let mut nonces = Nonces::open(&path, &limits, 1_000).unwrap();
        let (first, second, third) = (signed(1_000, 1), signed(1_000, 2), signed(1_000, 3));
        assert_eq!(nonces.remember(&first, 1_000), Ok(()));
        let half = &line(second.key(), second.nonce(), 1_000)[..40];
        append(&path).unwrap().write_all(half.as_bytes()).unwrap();
        nonces.file = append(Path::new("/dev/full")).unwrap();
        assert_eq!(nonces.remember(&second, 1_000), Err(Refusal::Store));
        // The disk has room again.
        nonces.file = append(&path).unwrap();
        assert_eq!(nonces.remember(&third, 1_000), Ok(()));
        drop(nonces);
        let nonces = Nonces::open(&path, &limits, 1_000).unwrap();
        assert_eq!(nonces.check(&first, 1_000), Err(Refusal::Replay));
        assert_eq!(nonces.check(&third, 1_000), Err(Refusal::Replay));
        // It was never acted on.
        assert_eq!(nonces.check(&second, 1_000), Ok(()));
    }
}
