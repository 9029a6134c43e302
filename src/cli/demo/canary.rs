//! Looking for plaintext where none may be: patients' rows and the result's, raw, in hexadecimal digits and in base64.
//!
//! What always holds: a form is found wherever it begins; base64 also at its two other alignments.

use aho_corasick::AhoCorasick;
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

/// Bytes of a file or of memory that are looked at once.
const WINDOW: usize = 4 << 20;

/// Texts to look for, in every form, all of them in one pass.
#[derive(Debug)]
pub(super) struct Canaries {
    forms: AhoCorasick,
    longest: usize,
    texts: usize,
}

/// What a scan found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Found {
    /// Bytes that were looked at.
    pub(super) bytes: u64,
    /// Canaries in them.
    pub(super) canaries: u64,
}

impl Canaries {
    /// Looks for these texts.
    pub(super) fn new<'a>(texts: impl Iterator<Item = &'a str>) -> Self {
        let texts: BTreeSet<&str> = texts.collect();
        let mut forms = Vec::new();
        for text in &texts {
            forms.push(text.as_bytes().to_vec());
            forms.push(hex::encode(text).into_bytes());
            for skipped in 0..3_usize {
                // Base64 of the text behind 0, 1 or 2 other bytes, without the digits that those and what follows decide.
                let mut shifted = vec![0; skipped];
                shifted.extend_from_slice(text.as_bytes());
                let digits = STANDARD_NO_PAD.encode(&shifted).into_bytes();
                let (first, last) = (skipped.saturating_mul(8).div_ceil(6), shifted.len().saturating_mul(8) / 6);
                forms.push(digits.get(first..last).unwrap_or_default().to_vec());
            }
        }
        // Nothing is found everywhere.
        forms.retain(|form| !form.is_empty());
        let longest = forms.iter().map(Vec::len).max().unwrap_or(0);
        let forms = AhoCorasick::new(forms).expect("texts of a story or a test have far fewer than 2^31 bytes");
        Self { forms, longest, texts: texts.len() }
    }

    /// How many texts.
    pub(super) const fn texts(&self) -> usize {
        self.texts
    }

    /// Looks at bytes.
    pub(super) fn scan(&self, bytes: &[u8]) -> u64 {
        u64::try_from(self.forms.find_overlapping_iter(bytes).count()).unwrap_or(u64::MAX)
    }

    /// Looks at what a reader gives, window by window, each beginning with the end of the one before.
    ///
    /// What was found before a failure stays in `found`.
    fn scan_reader(&self, mut reader: impl Read, found: &mut Found) -> io::Result<()> {
        let mut window: Vec<u8> = Vec::new();
        loop {
            let before = window.len();
            let outcome = reader.by_ref().take(u64::try_from(WINDOW).unwrap_or(u64::MAX)).read_to_end(&mut window);
            let read = window.len().saturating_sub(before);
            found.bytes = found.bytes.saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
            if read == 0 || outcome.is_err() {
                found.canaries = found.canaries.saturating_add(self.scan(&window));
                return outcome.map(|_| ());
            }
            // What begins before `kept` is looked at now, and whole; the rest again with the next window.
            let kept = window.len().saturating_sub(self.longest);
            let all = self.scan(&window);
            let again = self.scan(window.get(kept..).unwrap_or_default());
            found.canaries = found.canaries.saturating_add(all.saturating_sub(again));
            drop(window.drain(..kept));
        }
    }

    /// Looks at every file under a folder.
    pub(super) fn scan_files(&self, folder: &Path) -> io::Result<Found> {
        let mut found = Found::default();
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let kind = entry.file_type()?;
            if kind.is_dir() {
                let inside = self.scan_files(&entry.path())?;
                found.bytes = found.bytes.saturating_add(inside.bytes);
                found.canaries = found.canaries.saturating_add(inside.canaries);
            } else if kind.is_file() {
                self.scan_reader(File::open(entry.path())?, &mut found)?;
            }
        }
        Ok(found)
    }

    /// Looks at the memory of a process: every page that it can read. Refused where the system does not allow it.
    pub(super) fn scan_memory(&self, pid: u32) -> io::Result<Found> {
        let mut found = Found::default();
        let mut memory = File::open(format!("/proc/{pid}/mem"))?;
        for line in BufReader::new(File::open(format!("/proc/{pid}/maps"))?).lines() {
            let line = line?;
            let mut words = line.split(' ');
            let (range, rights) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
            if !rights.starts_with('r')
                || line.ends_with("[vvar]")
                || line.ends_with("[vsyscall]")
                || line.contains("[vvar_")
            {
                continue;
            }
            // A file that is only mapped is no memory of this process; the program's own file holds the demo's tables.
            if !rights.contains('w') && line.contains(" /") {
                continue;
            }
            let bound = |text: &str| u64::from_str_radix(text, 16).ok();
            let Some((start, end)) = range.split_once('-').and_then(|(a, b)| Some((bound(a)?, bound(b)?))) else {
                continue;
            };
            memory.seek(SeekFrom::Start(start))?;
            match self.scan_reader((&mut memory).take(end.saturating_sub(start)), &mut found) {
                Ok(()) => {}
                // Pages that went away meanwhile, or that hold nothing. What was found before them counts.
                Err(error) if matches!(error.raw_os_error(), Some(5 | 14)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::engine::general_purpose::STANDARD;

    const ROW: &str = "63,Male,typical angina,145,233,true";

    #[test]
    fn what_was_found_before_a_failure_counts() {
        struct Failing(usize);
        impl Read for Failing {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                if self.0 == ROW.len() {
                    return Err(io::Error::from_raw_os_error(5));
                }
                let length = buffer.len().min(ROW.len() - self.0);
                buffer[..length].copy_from_slice(&ROW.as_bytes()[self.0..self.0 + length]);
                self.0 += length;
                Ok(length)
            }
        }
        let mut found = Found::default();
        let error = Canaries::new([ROW].into_iter()).scan_reader(Failing(0), &mut found).unwrap_err();
        assert_eq!((error.raw_os_error(), found.canaries), (Some(5), 1));
    }

    #[test]
    fn a_canary_is_found_in_every_form_and_once() {
        let canaries = Canaries::new([ROW].into_iter());
        assert_eq!(canaries.scan(format!("…{ROW}…").as_bytes()), 1);
        assert_eq!(canaries.scan(hex::encode(ROW).as_bytes()), 1);
        for before in ["", "a", "ab", "abc"] {
            let encoded = STANDARD.encode(format!("{before}{ROW} and more"));
            assert_eq!(canaries.scan(encoded.as_bytes()), 1, "behind {before:?}");
        }
        assert_eq!(canaries.scan(b"63,Male,typical angina,145,234,true"), 0);
    }

    #[test]
    fn a_canary_across_two_windows_is_found_once() {
        let canaries = Canaries::new([ROW].into_iter());
        for place in [0, WINDOW - 20, WINDOW - 1, WINDOW, 2 * WINDOW - 10] {
            let mut bytes = vec![b'.'; 2 * WINDOW + 100];
            bytes[place..place + ROW.len()].copy_from_slice(ROW.as_bytes());
            let mut found = Found::default();
            canaries.scan_reader(bytes.as_slice(), &mut found).unwrap();
            assert_eq!(found.canaries, 1, "at {place}");
            assert_eq!(found.bytes, u64::try_from(bytes.len()).unwrap());
        }
    }

    #[test]
    fn a_canary_in_this_process_is_found() {
        let planted = core::hint::black_box(String::from(ROW));
        let found = Canaries::new([ROW].into_iter()).scan_memory(std::process::id()).unwrap();
        assert!(found.canaries > 0, "{found:?} {planted}");
    }
}
