//! What the state folder keeps of logs: the key, and of each log its order and newest checkpoint.
//!
//! What always holds: a file is whole or not there, and on disk before the function returns.

use crate::private::open_secret;
use sealroom_protocol::id::ReceiptId;
use sealroom_protocol::identity::SigningSecret;
use sealroom_protocol::log::SignedCheckpoint;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Largest order that is read, in bytes.
const ORDER_LIMIT: u64 = 64 << 20;

/// The order of a log, and its newest checkpoint with cosignatures.
pub(super) struct Kept {
    pub(super) order: Vec<ReceiptId>,
    pub(super) checkpoint: SignedCheckpoint,
}

impl Kept {
    /// Ids, one a line; an empty line; the note.
    pub(super) fn text(order: &[ReceiptId], checkpoint: &SignedCheckpoint) -> String {
        let mut text: String = order.iter().map(|id| format!("{id}\n")).collect();
        text.push('\n');
        text.push_str(&checkpoint.encode());
        text
    }

    fn decode(text: &str) -> Option<Self> {
        let (ids, note) = if let Some(note) = text.strip_prefix('\n') { ("", note) } else { text.split_once("\n\n")? };
        let order = ids.split('\n').filter(|line| !line.is_empty()).map(|id| id.parse().ok()).collect::<Option<_>>()?;
        Some(Self { order, checkpoint: SignedCheckpoint::decode(note.as_bytes()).ok()? })
    }
}

/// What is kept of a log; none where nothing is.
pub(super) fn read_order(path: &Path) -> io::Result<Option<Kept>> {
    let mut text = String::new();
    match File::open(path) {
        Ok(file) => file.take(ORDER_LIMIT).read_to_string(&mut text)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let damaged = || io::Error::new(io::ErrorKind::InvalidData, format!("{} is no order of a log", path.display()));
    Kept::decode(&text).map(Some).ok_or_else(damaged)
}

/// The host's key for logs: 32 bytes. Made where there is none, refused where others can read it.
pub(super) fn read_or_make_key(path: &Path) -> io::Result<SigningSecret> {
    let mut seed = [0; 32];
    match open_secret(path) {
        Ok(mut file) => file.read_exact(&mut seed)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            getrandom::fill(&mut seed).map_err(io::Error::other)?;
            replace(path, &seed)?;
        }
        Err(error) => return Err(error),
    }
    Ok(SigningSecret::from_seed(&seed))
}

/// Writes a file that only this user reads, in place of an older one.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let pending = path.with_extension("partial");
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&pending)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&pending, path)?;
    match path.parent() {
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}
