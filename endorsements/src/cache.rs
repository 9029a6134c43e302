//! The cache's folder: content under its SHA-256, and beside it one index entry an item.
//!
//! ```text
//! files/<sha-256 of the content>               as the maker served it
//! index/<sha-256 of the item's name>.json      name, address, digests, dates, validators
//! ```
//!
//! What always holds, whatever is killed when: a file is written under another name, synchronised and then renamed, content
//! before the entry that names it. So an entry that can be read names whole files; whatever does not fit its digest is
//! damaged, and counts as not there. Several processes may share a folder: the last writer of an item wins, whole.

use core::time::Duration;
use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use sha2::{Digest as _, Sha256};

use crate::entry::Entry;
use crate::error::CacheError;

const FILES: &str = "files";
const INDEX: &str = "index";
/// Ending of what a killed writer leaves behind.
const TEMPORARY: &str = ".tmp";
/// Largest content file, in bytes: no request expects more.
const MAX_FILE: u64 = 2 << 20;
/// Largest index entry, in bytes.
const MAX_ENTRY: u64 = 64 << 10;
/// What nobody refers to goes when it is older: until then, a writer may be about to.
const GRACE: Duration = Duration::from_secs(3600);

/// An item as it lies in the cache.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Kept {
    pub(crate) entry: Entry,
    pub(crate) files: Vec<Vec<u8>>,
}

/// What the cache has under a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Found {
    Nothing,
    /// Why it does not count.
    Damaged(String),
    Kept(Kept),
}

#[derive(Debug, Clone)]
pub(crate) struct Cache {
    folder: PathBuf,
}

impl Cache {
    /// Makes the folder where it does not exist, and removes what killed writers left.
    pub(crate) fn open(folder: &Path) -> Result<Self, CacheError> {
        let cache = Self { folder: folder.to_owned() };
        for name in [FILES, INDEX] {
            let path = folder.join(name);
            fs::create_dir_all(&path).map_err(|error| wrong(&path, &error))?;
        }
        cache.sweep()?;
        Ok(cache)
    }

    pub(crate) fn load(&self, name: &str) -> Result<Found, CacheError> {
        let found = self.load_entry(&self.entry_path(name))?;
        Ok(match found {
            Found::Kept(kept) if kept.entry.name != name => Found::Damaged("its index entry names another item".into()),
            found => found,
        })
    }

    /// Keeps content and entry, both whole or the entry not at all.
    pub(crate) fn store(&self, entry: &Entry, files: &[Vec<u8>]) -> Result<(), CacheError> {
        for file in files {
            self.write(&self.folder.join(FILES).join(digest(file)), file)?;
        }
        self.store_entry(entry)
    }

    /// Keeps an entry whose content is there.
    pub(crate) fn store_entry(&self, entry: &Entry) -> Result<(), CacheError> {
        let path = self.entry_path(&entry.name);
        self.write(&path, &entry.encode().map_err(|what| CacheError { path: path.clone(), what })?)
    }

    /// Everything, in the order of names; of a damaged entry its file's name and why it does not count.
    pub(crate) fn list(&self) -> Result<Vec<(String, Found)>, CacheError> {
        let mut all = Vec::new();
        for path in self.entries(INDEX)? {
            let found = self.load_entry(&path)?;
            match &found {
                Found::Nothing => {} // gone since the folder was read
                Found::Damaged(_) => {
                    all.push((path.file_name().unwrap_or_default().to_string_lossy().into_owned(), found));
                }
                Found::Kept(kept) => all.push((kept.entry.name.clone(), found)),
            }
        }
        all.sort_by(|(one, _), (other, _)| one.cmp(other));
        Ok(all)
    }

    fn load_entry(&self, path: &Path) -> Result<Found, CacheError> {
        let Some(bytes) = read(path, MAX_ENTRY)? else { return Ok(Found::Nothing) };
        let entry = match Entry::decode(&bytes) {
            Ok(entry) => entry,
            Err(what) => return Ok(Found::Damaged(what)),
        };
        let mut files = Vec::new();
        for expected in &entry.files {
            let path = self.folder.join(FILES).join(expected);
            match read(&path, MAX_FILE)? {
                Some(bytes) if digest(&bytes) == *expected => files.push(bytes),
                Some(_) => return Ok(Found::Damaged(format!("content {expected} has another digest"))),
                None => return Ok(Found::Damaged(format!("content {expected} is missing"))),
            }
        }
        Ok(Found::Kept(Kept { entry, files }))
    }

    fn entry_path(&self, name: &str) -> PathBuf {
        self.folder.join(INDEX).join(format!("{}.json", digest(name.as_bytes())))
    }

    /// The files of a folder, but for those that are being written.
    fn entries(&self, folder: &str) -> Result<Vec<PathBuf>, CacheError> {
        let folder = self.folder.join(folder);
        let listing = fs::read_dir(&folder).map_err(|error| wrong(&folder, &error))?;
        let paths: io::Result<Vec<PathBuf>> = listing.map(|entry| entry.map(|entry| entry.path())).collect();
        let paths = paths.map_err(|error| wrong(&folder, &error))?;
        Ok(paths.into_iter().filter(|path| !is_temporary(path)).collect())
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> Result<(), CacheError> {
        let mut random = [0; 8];
        getrandom::fill(&mut random).map_err(|error| CacheError { path: path.to_owned(), what: error.to_string() })?;
        let temporary = path.with_file_name(format!("{}{TEMPORARY}", hex::encode(random)));
        let written = write_synchronised(&temporary, path, bytes);
        if written.is_err() {
            // What is left after that too is swept later.
            drop(fs::remove_file(&temporary));
        }
        written.map_err(|error| wrong(path, &error))
    }

    /// Removes old temporary files, and old content that no entry names.
    fn sweep(&self) -> Result<(), CacheError> {
        let mut named = Vec::new();
        for path in self.entries(INDEX)? {
            match read(&path, MAX_ENTRY)?.map(|bytes| Entry::decode(&bytes)) {
                Some(Ok(entry)) => named.extend(entry.files),
                Some(Err(_)) => return Ok(()), // who knows what it names
                None => {}
            }
        }
        for folder in [FILES, INDEX] {
            let folder = self.folder.join(folder);
            let listing = fs::read_dir(&folder).map_err(|error| wrong(&folder, &error))?;
            for path in listing.flatten().map(|entry| entry.path()) {
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                let unnamed = folder.ends_with(FILES) && !named.contains(&name);
                if (unnamed || is_temporary(&path)) && is_old(&path) {
                    drop(fs::remove_file(&path)); // another process may have been faster
                }
            }
        }
        Ok(())
    }
}

/// SHA-256 in hex.
pub(crate) fn digest(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

fn write_synchronised(temporary: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create_new(temporary)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    drop(file);
    fs::rename(temporary, path)?;
    // The new name is durable once its folder is.
    path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

fn is_temporary(path: &Path) -> bool {
    path.to_string_lossy().ends_with(TEMPORARY)
}

fn is_old(path: &Path) -> bool {
    let changed = fs::metadata(path).and_then(|metadata| metadata.modified());
    changed.is_ok_and(|changed| SystemTime::now().duration_since(changed).is_ok_and(|age| age > GRACE))
}

/// `None` where there is no such file. Longer files are cut, and then fit no digest and no JSON.
fn read(path: &Path, limit: u64) -> Result<Option<Vec<u8>>, CacheError> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(wrong(path, &error)),
    };
    let mut bytes = Vec::new();
    file.take(limit).read_to_end(&mut bytes).map_err(|error| wrong(path, &error))?;
    Ok(Some(bytes))
}

fn wrong(path: &Path, error: &io::Error) -> CacheError {
    CacheError { path: path.to_owned(), what: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::FileTimes;

    fn entry(name: &str, files: &[Vec<u8>]) -> Entry {
        Entry {
            version: 1,
            name: name.into(),
            address: "https://a.example/b".into(),
            files: files.iter().map(|file| digest(file)).collect(),
            fetched: 1_700_000_000,
            expires: 1_800_000_000,
            ages: true,
            etag: None,
            last_modified: None,
        }
    }

    fn names(folder: &Path) -> Vec<String> {
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    fn make_old(path: &Path) {
        let old = SystemTime::now() - 2 * GRACE;
        File::options().write(true).open(path).unwrap().set_times(FileTimes::new().set_modified(old)).unwrap();
    }

    #[test]
    fn what_is_stored_is_there_under_its_digest_and_nothing_else_is() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::open(folder.path()).unwrap();
        let files = vec![b"one".to_vec(), b"two".to_vec()];
        cache.store(&entry("name", &files), &files).unwrap();
        assert_eq!(
            cache.load("name").unwrap(),
            Found::Kept(Kept { entry: entry("name", &files), files: files.clone() })
        );
        assert_eq!(cache.load("other").unwrap(), Found::Nothing);
        let mut stored = names(&folder.path().join(FILES));
        stored.sort();
        let mut digests: Vec<_> = files.iter().map(|file| digest(file)).collect();
        digests.sort();
        assert_eq!(stored, digests);
        assert_eq!(names(&folder.path().join(INDEX)), [format!("{}.json", digest(b"name"))]);
    }

    #[test]
    fn content_that_is_not_what_its_entry_says_does_not_count() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::open(folder.path()).unwrap();
        let files = vec![b"content".to_vec()];
        let path = folder.path().join(FILES).join(digest(b"content"));
        cache.store(&entry("name", &files), &files).unwrap();
        for (damage, why) in
            [(&b"conte"[..], "has another digest"), (b"", "has another digest"), (b"contenu", "has another digest")]
        {
            fs::write(&path, damage).unwrap();
            let why = format!("content {} {why}", digest(b"content"));
            assert_eq!(cache.load("name").unwrap(), Found::Damaged(why));
        }
        fs::remove_file(&path).unwrap();
        let why = format!("content {} is missing", digest(b"content"));
        assert_eq!(cache.load("name").unwrap(), Found::Damaged(why));
        cache.store(&entry("name", &files), &files).unwrap();
        assert!(matches!(cache.load("name").unwrap(), Found::Kept(_)));
    }

    #[test]
    fn an_entry_under_another_name_does_not_count() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::open(folder.path()).unwrap();
        cache.store(&entry("one", &[]), &[]).unwrap();
        let index = folder.path().join(INDEX);
        let path = |name: &str| index.join(format!("{}.json", digest(name.as_bytes())));
        fs::rename(path("one"), path("other")).unwrap();
        assert_eq!(cache.load("other").unwrap(), Found::Damaged("its index entry names another item".into()));
    }

    #[test]
    fn only_what_is_old_and_named_by_nobody_is_swept() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::open(folder.path()).unwrap();
        let files = vec![b"named".to_vec()];
        cache.store(&entry("name", &files), &files).unwrap();
        let content = folder.path().join(FILES);
        for (name, old) in [("unnamed-old", true), ("unnamed-new", false), ("old.tmp", true), ("new.tmp", false)] {
            fs::write(content.join(name), b"x").unwrap();
            if old {
                make_old(&content.join(name));
            }
        }
        make_old(&content.join(digest(b"named")));
        Cache::open(folder.path()).unwrap();
        let mut left = names(&content);
        left.sort();
        let mut expected = vec![digest(b"named"), "new.tmp".to_string(), "unnamed-new".to_string()];
        expected.sort();
        assert_eq!(left, expected);
    }
}
