//! The host's part: a folder with blobs, a pointer and a log. Every write is a file beside its place, synchronised, renamed,
//! and its folder synchronised, so that after a crash the old or the new one is there.

use anyhow::Context;
use core::fmt;
use sealroom_enclave_core::sealed::{Behind, Blobs, Extension, Pointer, Quorum, Tail, Unavailable, WitnessLog};
use sealroom_protocol::id::{ObjectId, StoreId};
use sealroom_protocol::identity::SigningPublicKey;
use sealroom_protocol::log::{Tree, TreeHash};
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// The witnesses, and who carries checkpoints to them.
pub(crate) trait Cosigners {
    /// Who they are and how many of them must cosign: what the enclave holds them to.
    fn quorum(&self) -> anyhow::Result<Quorum>;

    /// Tells them the key of the store's log, where the counter's owner can.
    fn trust(&self, log: SigningPublicKey) -> anyhow::Result<()>;

    /// What those answer that cosign.
    fn cosign(&self, note: &str, tree: &Tree) -> Vec<String>;
}

/// What is called between any two steps of a write. A test ends the process in one of them.
pub(crate) type Step = Rc<dyn Fn()>;

/// A leaf, and the signature over the checkpoint that ends with it.
type SignedLeaf = (Vec<u8>, [u8; 64]);

#[derive(Clone)]
pub(crate) struct Disk {
    folder: PathBuf,
    cosigners: Rc<dyn Cosigners>,
    step: Step,
}

impl fmt::Debug for Disk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Disk").field(&self.folder).finish()
    }
}

impl Disk {
    pub(crate) fn open(folder: &Path, cosigners: Rc<dyn Cosigners>, step: Step) -> anyhow::Result<Self> {
        fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
        Ok(Self { folder: folder.to_owned(), cosigners, step })
    }

    pub(crate) fn sealed_key(&self) -> anyhow::Result<Option<Vec<u8>>> {
        Ok(read(&self.folder.join("log-key"))?)
    }

    pub(crate) fn keep_sealed_key(&self, sealed: &[u8]) -> anyhow::Result<()> {
        Ok(write(&self.folder, "log-key", sealed, &*self.step)?)
    }

    fn put_file(&self, name: &str, bytes: &[u8]) -> Result<(), Unavailable> {
        write(&self.folder, name, bytes, &*self.step).map_err(|_| Unavailable)
    }

    fn file(&self, name: &str) -> Result<Option<Vec<u8>>, Unavailable> {
        read(&self.folder.join(name)).map_err(|_| Unavailable)
    }

    /// All leaves; each is a file of its own, numbered from 0, with its signature behind it.
    fn leaves(&self) -> Result<Vec<SignedLeaf>, Unavailable> {
        let mut leaves = Vec::new();
        while let Some(mut leaf) = self.file(&format!("leaf-{}", leaves.len()))? {
            let place = leaf.len().checked_sub(64).ok_or(Unavailable)?;
            let signature = leaf.split_off(place).try_into().map_err(|_| Unavailable)?;
            leaves.push((leaf, signature));
        }
        Ok(leaves)
    }
}

impl Blobs for Disk {
    fn put(&mut self, name: &ObjectId, bytes: &[u8]) -> Result<(), Unavailable> {
        self.put_file(&format!("blob-{name}"), bytes)
    }

    fn get(&mut self, name: &ObjectId) -> Result<Option<Vec<u8>>, Unavailable> {
        self.file(&format!("blob-{name}"))
    }
}

impl Pointer for Disk {
    fn read(&mut self, store: &StoreId) -> Result<Option<Vec<u8>>, Unavailable> {
        self.file(&format!("pointer-{store}"))
    }

    fn write(&mut self, store: &StoreId, record: &[u8; 40]) -> Result<(), Unavailable> {
        self.put_file(&format!("pointer-{store}"), record)
    }
}

impl WitnessLog for Disk {
    fn tail(&mut self, _origin: &str) -> Result<Option<Tail>, Unavailable> {
        let mut leaves = self.leaves()?;
        let Some((leaf, signature)) = leaves.pop() else { return Ok(None) };
        let hashes: Vec<TreeHash> = leaves.iter().map(|(leaf, _)| TreeHash::of_entry(leaf)).collect();
        let size = u64::try_from(hashes.len()).map_err(|_| Unavailable)?;
        Ok(Some(Tail { size, peaks: peaks(&hashes), leaf, signature }))
    }

    fn extend(&mut self, extension: &Extension<'_>) -> Result<Result<Vec<String>, Behind>, Unavailable> {
        let mut leaves = self.leaves()?;
        if u64::try_from(leaves.len()).ok().and_then(|known| known.checked_add(1)) != Some(extension.size) {
            return Ok(Err(Behind));
        }
        // Before any witness hears of it: one that knows a leaf which this log has lost would cosign nothing any more.
        let record = [extension.leaf, extension.signature.as_slice()].concat();
        self.put_file(&format!("leaf-{}", leaves.len()), &record)?;
        leaves.push((extension.leaf.to_vec(), *extension.signature));
        let tree = Tree::new(leaves.iter().map(|(leaf, _)| TreeHash::of_entry(leaf)).collect());
        Ok(Ok(self.cosigners.cosign(extension.note, &tree)))
    }
}

/// The roots of the full subtrees, the largest first.
fn peaks(hashes: &[TreeHash]) -> Vec<[u8; 32]> {
    let mut peaks = Vec::new();
    let mut rest = hashes;
    while !rest.is_empty() {
        let full = 1_usize << rest.len().ilog2();
        let (left, right) = rest.split_at(full);
        peaks.push(*Tree::new(left.to_vec()).head().root.as_bytes());
        rest = right;
    }
    peaks
}

/// Replaces a whole folder by another, as its owner can.
pub(crate) fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    if to.exists() {
        fs::remove_dir_all(to)?;
    }
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        fs::copy(entry.path(), to.join(entry.file_name()))?;
    }
    Ok(())
}

/// The bare write that everything here stands on, to be measured.
pub(crate) fn replace(folder: &Path, name: &str, bytes: &[u8], number: u32) -> anyhow::Result<()> {
    fs::create_dir_all(folder)?;
    Ok(write(folder, &format!("{name}-{number}"), bytes, &|| ())?)
}

fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn write(folder: &Path, name: &str, bytes: &[u8], step: &dyn Fn()) -> io::Result<()> {
    let beside = folder.join(format!("{name}.new"));
    step();
    let mut file = File::create(&beside)?;
    step();
    let (front, back) = bytes.split_at(bytes.len() / 2);
    file.write_all(front)?;
    step();
    file.write_all(back)?;
    step();
    file.sync_all()?;
    step();
    fs::rename(&beside, folder.join(name))?;
    step();
    File::open(folder)?.sync_all()?;
    step();
    Ok(())
}
