//! Bytes to events, strictly. Only places are kept, the bytes stay where they are: memory is bounded by the input.

use alloc::vec::Vec;

use super::algorithm::Algorithm;
use super::error::LogError;
use super::event::Event;
use super::kind::EventType;

/// No platform logs as much; a ready-made table of firmware has 64 to 256 KiB.
const MAX_BYTES: usize = 16 * 1024 * 1024;
const MAX_EVENTS: usize = 65_536;
const MAX_ALGORITHMS: usize = 8;
/// PFP 10.2.1: register, type, SHA-1 digest, length of the data.
const SHA1_BYTES: usize = 20;

const SPEC_ID: &[u8; 16] = b"Spec ID Event03\0";
pub(super) const STARTUP_LOCALITY: &[u8; 16] = b"StartupLocality\0";

/// An event log that decodes strictly. Nothing in it is verified: anyone can write such bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventLog {
    bytes: Vec<u8>,
    places: Vec<Place>,
    algorithms: Vec<Algorithm>,
    /// In the crypto-agile form.
    has_header: bool,
    /// None where the log does not say: 0.
    startup_locality: Option<u8>,
}

/// Where an event's parts are, each as offset and length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    register: u32,
    kind: EventType,
    digests: (usize, usize),
    data: (usize, usize),
}

impl EventLog {
    /// From the bytes that firmware logged: the file of the operating system, or the ACPI table's whole area.
    ///
    /// # Errors
    /// [`LogError`]: each of its variants.
    pub fn decode(bytes: &[u8]) -> Result<Self, LogError> {
        if bytes.len() > MAX_BYTES {
            return Err(LogError::Size { limit: MAX_BYTES, found: bytes.len() });
        }
        let mut cursor = Cursor { bytes, offset: 0, event: 0, filler_from: filler_from(bytes) };
        let header = cursor.sha1_event()?;
        let content = cursor.slice(header.data);
        let mut places = Vec::new();
        let spec_id_event = content.strip_prefix(SPEC_ID).filter(|_| header.kind == EventType::NO_ACTION);
        let algorithms = match spec_id_event {
            Some(content) => spec_id(content)?,
            None => {
                // A TPM 1.2 platform's log has no such header: this is its first event.
                places.push(header);
                alloc::vec![Algorithm::Sha1]
            }
        };
        let has_header = spec_id_event.is_some();
        let mut startup_locality = None;
        while !cursor.only_filler_left() {
            cursor.event += 1;
            if cursor.event > MAX_EVENTS {
                return Err(LogError::EventCount { limit: MAX_EVENTS });
            }
            let place = if has_header { cursor.event(&algorithms)? } else { cursor.sha1_event()? };
            note_startup_locality(&cursor, place, &mut startup_locality)?;
            places.push(place);
        }
        Ok(Self { bytes: bytes.to_vec(), places, algorithms, has_header, startup_locality })
    }

    /// The bytes it was decoded from.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The banks that it logs, in the order of its header. A TPM 1.2 platform's log has SHA-1 only.
    #[must_use]
    pub fn algorithms(&self) -> &[Algorithm] {
        &self.algorithms
    }

    /// Its events, in the order in which they were logged, without the header. Not verified.
    pub fn unverified_events(&self) -> impl Iterator<Item = Event<'_>> {
        self.places.iter().enumerate().map(|(position, place)| Event {
            index: position + usize::from(self.has_header),
            register: place.register,
            kind: place.kind,
            tagged: self.has_header,
            digests: cut(&self.bytes, place.digests),
            data: cut(&self.bytes, place.data),
        })
    }

    /// From which locality the TPM was started, where the log says so (PFP 10.4.5.3). Not verified by itself: PCR 0 is.
    #[must_use]
    pub fn unverified_startup_locality(&self) -> Option<u8> {
        self.startup_locality
    }
}

/// PFP 10.4.5.1, after the signature.
fn spec_id(content: &[u8]) -> Result<Vec<Algorithm>, LogError> {
    let short = LogError::Header { problem: "is shorter than what it lists" };
    // platformClass, specVersionMinor, specVersionMajor, specErrata, uintnSize, numberOfAlgorithms.
    let Some((&[_, _, _, _, minor, major, _errata, _width, a, b, c, d], mut rest)) = content.split_first_chunk() else {
        return Err(short);
    };
    if (major, minor) != (2, 0) {
        return Err(LogError::HeaderVersion { major, minor });
    }
    let count = usize::try_from(u32::from_le_bytes([a, b, c, d])).unwrap_or(usize::MAX);
    if count == 0 || count > MAX_ALGORITHMS {
        return Err(LogError::Header { problem: "lists no algorithm, or more than 8" });
    }
    let mut algorithms = Vec::with_capacity(count);
    for _ in 0..count {
        let Some((&[a, b, c, d], after)) = rest.split_first_chunk() else { return Err(short) };
        let (id, size) = (u16::from_le_bytes([a, b]), u16::from_le_bytes([c, d]));
        let known = Algorithm::from_tpm_id(id).filter(|known| known.digest_bytes() == usize::from(size));
        match known {
            Some(algorithm) if !algorithms.contains(&algorithm) => algorithms.push(algorithm),
            _ => return Err(LogError::HeaderAlgorithm { id, size }),
        }
        rest = after;
    }
    match rest.split_first() {
        Some((length, vendor)) if vendor.len() == usize::from(*length) => Ok(algorithms),
        _ => Err(LogError::Header { problem: "has other vendor bytes than it says" }),
    }
}

fn note_startup_locality(cursor: &Cursor<'_>, place: Place, known: &mut Option<u8>) -> Result<(), LogError> {
    if place.kind != EventType::NO_ACTION || place.register != 0 {
        return Ok(());
    }
    let Some([locality]) = cursor.slice(place.data).strip_prefix(STARTUP_LOCALITY) else { return Ok(()) };
    if !matches!(locality, 0 | 3 | 4) || known.replace(*locality).is_some() {
        return Err(LogError::StartupLocality { event: cursor.event, found: *locality });
    }
    Ok(())
}

fn cut(bytes: &[u8], (offset, length): (usize, usize)) -> &[u8] {
    bytes.get(offset..).and_then(|rest| rest.get(..length)).unwrap_or_default()
}

/// Where the filler at the end begins that an ACPI table's unused area is made of; the length where there is none.
fn filler_from(bytes: &[u8]) -> usize {
    match bytes.last() {
        Some(filler @ (0x00 | 0xff)) => bytes.iter().rposition(|byte| byte != filler).map_or(0, |last| last + 1),
        _ => bytes.len(),
    }
}

/// Reads on from `offset`, never past the end.
struct Cursor<'a> {
    bytes: &'a [u8],
    offset: usize,
    event: usize,
    filler_from: usize,
}

impl Cursor<'_> {
    fn slice(&self, place: (usize, usize)) -> &[u8] {
        cut(self.bytes, place)
    }

    /// Nothing but filler is left: no event consists of it, since its count of digests would be 0 or `u32::MAX`.
    fn only_filler_left(&self) -> bool {
        self.offset >= self.filler_from
    }

    /// The place of the next `length` bytes.
    fn pass(&mut self, length: usize) -> Result<(usize, usize), LogError> {
        let offset = self.offset;
        let left = self.bytes.len().saturating_sub(offset);
        if length > left {
            return Err(LogError::Truncated { event: self.event, offset, wanted: length, left });
        }
        self.offset += length;
        Ok((offset, length))
    }

    fn u16(&mut self) -> Result<u16, LogError> {
        let place = self.pass(2)?;
        Ok(self.slice(place).first_chunk().map_or(0, |bytes| u16::from_le_bytes(*bytes)))
    }

    fn u32(&mut self) -> Result<u32, LogError> {
        let place = self.pass(4)?;
        Ok(self.slice(place).first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes)))
    }

    /// A length, and as many bytes.
    fn data(&mut self) -> Result<(usize, usize), LogError> {
        let length = self.u32()?;
        self.pass(usize::try_from(length).unwrap_or(usize::MAX))
    }

    /// TCG_PCClientPCREvent (PFP 10.2.1).
    fn sha1_event(&mut self) -> Result<Place, LogError> {
        let (register, kind) = (self.u32()?, EventType::from_number(self.u32()?));
        let digests = self.pass(SHA1_BYTES)?;
        Ok(Place { register, kind, digests, data: self.data()? })
    }

    /// TCG_PCR_EVENT2 (PFP 10.2.2).
    fn event(&mut self, algorithms: &[Algorithm]) -> Result<Place, LogError> {
        let event = self.event;
        let (register, kind) = (self.u32()?, EventType::from_number(self.u32()?));
        let found = self.u32()?;
        if usize::try_from(found) != Ok(algorithms.len()) {
            return Err(LogError::DigestCount { event, expected: algorithms.len(), found });
        }
        let start = self.offset;
        let mut missing = algorithms.to_vec();
        for _ in 0..algorithms.len() {
            let found = self.u16()?;
            let position = missing.iter().position(|algorithm| Algorithm::from_tpm_id(found) == Some(*algorithm));
            let Some(position) = position else { return Err(LogError::DigestAlgorithm { event, found }) };
            self.pass(missing.swap_remove(position).digest_bytes())?;
        }
        Ok(Place { register, kind, digests: (start, self.offset - start), data: self.data()? })
    }
}
