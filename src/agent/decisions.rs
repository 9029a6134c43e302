//! What a person refused, and the page's token: a folder of the agent alone. Stops are in the party's memory.
//!
//! What always holds: a refusal is on disk before anyone is told; the token is drawn anew at each start, so one that somebody
//! got hold of is good for nothing after it; it has mode 0600 from its first byte on and is refused where others could read it.

use crate::file::{self, create_private, replace_private};
use core::fmt;
use rand_core::Rng;
use sealroom_protocol::hash::sha256;
use sealroom_protocol::id::{ContractId, ProposalId};
use sealroom_protocol::run::SignedStop;
use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// Largest stop that is read back, in bytes.
const STOP_LIMIT: u64 = 64 << 10;

/// What lets a person, or what reads the metrics, in.
pub(super) struct Token(String);

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token")
    }
}

impl Token {
    /// Whether this is it. Digests are compared, so how long it takes says nothing of the token.
    pub(super) fn is(&self, given: &str) -> bool {
        sha256(given.as_bytes()) == sha256(self.0.as_bytes())
    }
}

/// The folder.
#[derive(Debug)]
pub(super) struct Decisions {
    /// Where agents of before wrote stops.
    stops: PathBuf,
    refusals: PathBuf,
    token: Token,
}

impl Decisions {
    /// Opens the folder, makes it where it is missing, and draws a token. Only who has the party's memory open may: another
    /// agent's token would be gone.
    pub(super) fn open(folder: &Path) -> Result<Self, (PathBuf, io::Error)> {
        let (stops, refusals) = (folder.join("stops"), folder.join("refusals"));
        for path in [folder, &refusals] {
            let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
            made.and_then(|()| private(path)).map_err(|error| (path.into(), error))?;
        }
        let path = folder.join("token");
        let token = draw_token(&path).map_err(|error| (path, error))?;
        Ok(Self { stops, refusals, token })
    }

    pub(super) const fn token(&self) -> &Token {
        &self.token
    }

    /// A stop that an agent of before there were stops in the memory wrote down; none inside where it does not read back.
    pub(super) fn old_stop_of(&self, contract: &ContractId) -> io::Result<Option<Option<SignedStop>>> {
        match File::open(self.stops.join(contract.to_string())) {
            Ok(file) => {
                let bytes = file::read_limited(file, STOP_LIMIT)?;
                Ok(Some(SignedStop::decode(&bytes).ok()))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whether a person refused this proposal.
    pub(super) fn is_refused(&self, proposal: &ProposalId) -> bool {
        // One that cannot be looked up counts as refused.
        !matches!(fs::metadata(self.refusals.join(proposal.to_string())), Err(error) if error.kind() == io::ErrorKind::NotFound)
    }

    /// Writes a refusal down.
    pub(super) fn refuse(&self, proposal: &ProposalId) -> io::Result<()> {
        once(&self.refusals.join(proposal.to_string()), &[])
    }
}

/// The token in the state folder of an agent, for the person at its machine.
///
/// # Errors
/// What the operating system says; also where others could read it.
pub(super) fn token_in(folder: &Path) -> io::Result<String> {
    read(&folder.join("token"))
}

fn draw_token(path: &Path) -> io::Result<Token> {
    let mut bytes = [0; 32];
    crate::random().fill_bytes(&mut bytes);
    let token = hex::encode(bytes);
    replace_private(path, token.as_bytes())?;
    Ok(Token(token))
}

fn read(path: &Path) -> io::Result<String> {
    let file = File::open(path)?;
    if let Some(mode) = file::shared_bits(&file)? {
        let what = format!(
            "has mode {mode:o}: others can read or write it; expected 600 (a new one is made when the agent starts)"
        );
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, what));
    }
    let text = String::from_utf8(file::read_limited(file, 256)?).unwrap_or_default();
    let text = text.trim();
    if text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Ok(text.to_owned());
    }
    Err(io::Error::new(
        io::ErrorKind::InvalidData,
        "expected 64 hexadecimal digits (a new one is made when the agent starts)",
    ))
}

fn once(path: &Path, bytes: &[u8]) -> io::Result<()> {
    match create_private(path, bytes) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        written => written,
    }
}

fn private(path: &Path) -> io::Result<()> {
    let mode = fs::metadata(path)?.permissions().mode() & 0o777;
    if mode & 0o077 == 0 {
        return Ok(());
    }
    let what = format!("has mode {mode:o}: others can look into it; expected 700 (chmod 700)");
    Err(io::Error::new(io::ErrorKind::PermissionDenied, what))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{NOW, Parties, contract_of};

    #[test]
    fn each_start_draws_a_token_with_mode_600_and_one_that_others_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("agent");
        let first = Decisions::open(&state).unwrap();
        let token = token_in(&state).unwrap();
        assert!(first.token().is(&token) && !first.token().is(&token[1..]) && !first.token().is(""));
        assert_eq!(format!("{:?}", first.token()), "Token");
        let path = state.join("token");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        // Whoever had the first one has nothing after a restart.
        let second = Decisions::open(&state).unwrap();
        assert!(!second.token().is(&token) && second.token().is(&token_in(&state).unwrap()));
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert_eq!(token_in(&state).unwrap_err().kind(), io::ErrorKind::PermissionDenied);
        // What others could read is not read by the agent either, but drawn anew.
        assert!(Decisions::open(&state).unwrap().token().is(&token_in(&state).unwrap()));
        fs::set_permissions(&state, fs::Permissions::from_mode(0o755)).unwrap();
        let (at, error) = Decisions::open(&state).unwrap_err();
        assert_eq!((at, error.kind()), (state, io::ErrorKind::PermissionDenied));
    }

    #[test]
    fn a_refusal_outlives_the_agent_and_a_stop_of_an_older_one_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("agent");
        let parties = Parties::new();
        let contract = contract_of(&parties);
        let stop = crate::stop(&contract, &parties.alpha, "enough", NOW).unwrap();
        let proposal = ProposalId::from_bytes([7; 32]);
        {
            let decisions = Decisions::open(&state).unwrap();
            assert_eq!(decisions.old_stop_of(&contract.id()).unwrap(), None);
            assert!(!decisions.is_refused(&proposal));
            decisions.refuse(&proposal).unwrap();
            decisions.refuse(&proposal).unwrap();
        }
        let decisions = Decisions::open(&state).unwrap();
        assert!(decisions.is_refused(&proposal));
        fs::create_dir(state.join("stops")).unwrap();
        let path = state.join("stops").join(contract.id().to_string());
        fs::write(&path, stop.encode()).unwrap();
        assert_eq!(decisions.old_stop_of(&contract.id()).unwrap(), Some(Some(stop)));
        fs::write(&path, b"torn").unwrap();
        assert_eq!(decisions.old_stop_of(&contract.id()).unwrap(), Some(None));
    }
}
