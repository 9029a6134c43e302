//! Shows a recorder every ciphertext that lies in a folder or in a party's memory.
//!
//! What always holds: it reads what processes wrote and sent, without a key; a file that was cut off by a kill is taken as far
//! as it goes.

use crate::recorder::Recorder;
use sealroom::Memory;
use sealroom_protocol::object::Manifest;
use sealroom_protocol::run::ResultHeader;
use std::path::Path;

/// What a sealed blob begins with (`spec/sealed.md`, section 3): this, and its manifest with four bytes of length.
const SEALED: &[u8; 8] = b"SEALBLB1";

/// Looks at a folder with all that is in it: objects of a host's store, results that it had half received, sealed blobs.
pub(crate) fn look(folder: &Path, recorder: &Recorder) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let (entry, path) = entry.map(|entry| (entry.file_type().unwrap(), entry.path())).unwrap();
        if entry.is_dir() {
            look(&path, recorder);
            continue;
        }
        let scratch = folder.file_name().is_some_and(|name| name == "scratch");
        let (name, bytes) = (path.file_name().unwrap(), std::fs::read(&path).unwrap());
        if name == "body" || scratch {
            recorder.body(&bytes);
        } else if name == "manifest" {
            let header = ResultHeader::decode(Manifest::decode(&bytes).unwrap().header());
            let stanzas = header.map(|header| header.stanzas).unwrap_or_default();
            stanzas.iter().for_each(|stanza| recorder.hpke(&stanza.key));
        } else if let Some(body) = sealed_body(&bytes) {
            recorder.body(&body);
        }
    }
}

/// The body of a sealed blob, whose salt and commitment stand in its manifest.
fn sealed_body(bytes: &[u8]) -> Option<Vec<u8>> {
    let (length, rest) = bytes.strip_prefix(SEALED)?.split_first_chunk()?;
    let (manifest, chunks) = rest.split_at_checked(usize::try_from(u32::from_le_bytes(*length)).ok()?)?;
    Some([Manifest::decode(manifest).ok()?.prefix(), chunks].concat())
}

/// Looks at every grant that a party wrote down, which it does before it sends one.
pub(crate) fn remembered(memory: &Memory, recorder: &Recorder) {
    for contract in memory.contracts().unwrap() {
        let grants = memory.state(contract.contract()).unwrap().grants;
        grants.iter().for_each(|grant| recorder.hpke(&grant.ciphertext));
    }
}
