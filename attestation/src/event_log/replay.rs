//! The replay: what the registers would hold if exactly these events had been measured. A log is believed only where that
//! is what a quote vouches for.

use alloc::vec::Vec;
use core::fmt;

use super::algorithm::{Algorithm, Digest};
use super::decode::EventLog;
use super::difference::Difference;
use super::error::ReplayError;
use super::event::Event;
use super::variable;
use crate::crypto::CryptoProvider;

/// PC Client TPM profile: PCR 0 to 23.
const PCRS: u8 = 24;
/// Intel TDX: RTMR 0 to 3.
const RTMRS: u8 = 4;

/// A register that measurements are extended into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(clippy::exhaustive_enums, reason = "decisions match on it; a kind more is a decision more")]
pub enum Register {
    /// Of a TPM: 0 to 23.
    Pcr(u8),
    /// Run-time register of a trust domain: 0 to 3.
    Rtmr(u8),
}

impl Register {
    /// Its number in a log. For a trust domain UEFI 2.11 section 38.4.1: 0 is MRTD, into which no event goes, then RTMR 0.
    #[must_use]
    pub fn number_in_log(self) -> u32 {
        match self {
            Self::Pcr(index) => u32::from(index),
            Self::Rtmr(index) => u32::from(index) + 1,
        }
    }

    /// Whether there is such a register with a bank of this algorithm.
    fn exists(self, algorithm: Algorithm) -> bool {
        match self {
            Self::Pcr(index) => index < PCRS,
            Self::Rtmr(index) => index < RTMRS && algorithm == Algorithm::Sha384,
        }
    }

    /// What it holds before the first event: zeros, but for the PCRs of a dynamic launch, which start as ones (PC Client TPM
    /// profile, table of initial values), and PCR 0, which starts as the start-up locality (PFP 10.4.5.3). A dynamic launch
    /// sets its PCRs to zero and logs elsewhere.
    fn start(self, algorithm: Algorithm, startup_locality: u8) -> Digest {
        match self {
            Self::Pcr(0) => Digest::ending_in(algorithm, startup_locality),
            Self::Pcr(17..=22) => Digest::filled(algorithm, 0xff),
            Self::Pcr(_) | Self::Rtmr(_) => Digest::filled(algorithm, 0),
        }
    }
}

impl fmt::Display for Register {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pcr(index) => write!(f, "PCR {index}"),
            Self::Rtmr(index) => write!(f, "RTMR {index}"),
        }
    }
}

/// What a genuine quote says that a register holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "complete: a register and its value")]
pub struct ReportedRegister {
    /// The register.
    pub register: Register,
    /// Its value; the algorithm names the bank.
    pub value: Digest,
}

impl EventLog {
    /// What the register would hold after all events of the log.
    ///
    /// # Errors
    /// [`ReplayError::NoSuchRegister`], [`ReplayError::AlgorithmRefused`], [`ReplayError::NoSuchBank`].
    pub fn replay(
        &self,
        provider: CryptoProvider,
        algorithm: Algorithm,
        register: Register,
    ) -> Result<Digest, ReplayError> {
        let mut value = self.start(algorithm, register)?;
        for digest in self.measured_digests(algorithm, register) {
            value = value.extended(provider, &digest).ok_or(ReplayError::AlgorithmRefused { algorithm })?;
        }
        Ok(value)
    }

    /// Replays every quoted register. Only a log that gives all the quoted values is one whose events may be judged.
    ///
    /// # Errors
    /// [`ReplayError`]: each of its variants; [`ReplayError::Diverges`] names every register that differs.
    pub fn verify(
        &self,
        provider: CryptoProvider,
        quoted: &[ReportedRegister],
    ) -> Result<ReplayedLog<'_>, ReplayError> {
        if quoted.is_empty() {
            return Err(ReplayError::NothingQuoted);
        }
        let mut registers = Vec::new();
        for (position, ReportedRegister { register, value }) in quoted.iter().enumerate() {
            // A PCR and a run-time register of one number in the log would be two readings of one log.
            let number = register.number_in_log();
            if quoted.iter().skip(position + 1).any(|other| other.register.number_in_log() == number) {
                return Err(ReplayError::QuotedTwice { register: *register });
            }
            let replayed = self.replay(provider, value.algorithm(), *register)?;
            if replayed != *value {
                registers.push(self.difference(provider, *register, *value, replayed)?);
            }
        }
        if registers.is_empty() {
            Ok(ReplayedLog { log: self, quoted: quoted.to_vec(), provider })
        } else {
            Err(ReplayError::Diverges { registers })
        }
    }

    fn start(&self, algorithm: Algorithm, register: Register) -> Result<Digest, ReplayError> {
        if matches!(algorithm, Algorithm::Sha1 | Algorithm::Sm3) {
            return Err(ReplayError::AlgorithmRefused { algorithm });
        }
        if !register.exists(algorithm) {
            return Err(ReplayError::NoSuchRegister { register, algorithm });
        }
        if !self.algorithms().contains(&algorithm) {
            return Err(ReplayError::NoSuchBank { algorithm });
        }
        Ok(register.start(algorithm, self.unverified_startup_locality().unwrap_or(0)))
    }

    /// Why the replay does not give `expected`: where in the log it would still have.
    fn difference(
        &self,
        provider: CryptoProvider,
        register: Register,
        expected: Digest,
        replayed: Digest,
    ) -> Result<Difference, ReplayError> {
        let algorithm = expected.algorithm();
        let mut value = self.start(algorithm, register)?;
        let mut agreed_before = None;
        let mut events = 0;
        for event in self.measured_events(register) {
            if value == expected && agreed_before.is_none() {
                agreed_before = Some(event.index());
            }
            let digest = event.digest(algorithm).ok_or(ReplayError::NoSuchBank { algorithm })?;
            value = value.extended(provider, &digest).ok_or(ReplayError::AlgorithmRefused { algorithm })?;
            events += 1;
        }
        Ok(Difference { register, expected, replayed, events, agreed_before })
    }

    pub(crate) fn measured_events(&self, register: Register) -> impl Iterator<Item = Event<'_>> {
        let number = register.number_in_log();
        self.unverified_events().filter(move |event| event.register() == number && !event.kind().unmeasured())
    }

    pub(super) fn measured_digests(&self, algorithm: Algorithm, register: Register) -> impl Iterator<Item = Digest> {
        self.measured_events(register).filter_map(move |event| event.digest(algorithm))
    }
}

/// A log whose replay gives every value that was quoted. Having one means: the digests of its events, in this order and no
/// others, are what was measured into those registers, if the quoted values are genuine.
///
/// Nobody makes one in another way:
///
/// ```compile_fail
/// use sealroom_attestation::CryptoProvider;
/// use sealroom_attestation::event_log::{EventLog, ReplayedLog};
/// fn forge(log: &EventLog) -> ReplayedLog<'_> {
///     ReplayedLog { log, quoted: Vec::new(), provider: CryptoProvider::ring() }
/// }
/// ```
#[derive(Clone, Debug)]
pub struct ReplayedLog<'a> {
    log: &'a EventLog,
    quoted: Vec<ReportedRegister>,
    provider: CryptoProvider,
}

impl<'a> ReplayedLog<'a> {
    /// The registers that it was held against, with their values.
    #[must_use]
    pub fn quoted(&self) -> &[ReportedRegister] {
        &self.quoted
    }

    /// The events of those registers, in the order in which they were measured. Events of other registers and unmeasured ones
    /// are not among them.
    pub fn events(&self) -> impl Iterator<Item = ReplayedEvent<'a>> {
        let (log, provider) = (self.log, self.provider);
        log.unverified_events().filter(|event| !event.kind().unmeasured()).filter_map(move |event| {
            let quoted = self.quoted.iter().find(|quoted| quoted.register.number_in_log() == event.register())?;
            let digest = event.digest(quoted.value.algorithm())?;
            Some(ReplayedEvent { event, register: quoted.register, digest, provider })
        })
    }
}

/// A measured event. It has no type: a type is not measured, so nothing may hang on it.
#[derive(Clone, Copy, Debug)]
pub struct ReplayedEvent<'a> {
    event: Event<'a>,
    register: Register,
    digest: Digest,
    provider: CryptoProvider,
}

impl<'a> ReplayedEvent<'a> {
    /// Its number in the log.
    #[must_use]
    pub fn index(&self) -> usize {
        self.event.index()
    }

    /// The register that it went into.
    #[must_use]
    pub fn register(&self) -> Register {
        self.register
    }

    /// What went into it.
    #[must_use]
    pub fn digest(&self) -> &Digest {
        &self.digest
    }

    /// The line of the log, for people. Beside its digest nothing in it is measured.
    #[must_use]
    pub fn unverified_event(&self) -> &Event<'a> {
        &self.event
    }

    /// The bytes whose hash the digest is, where the log has them: then they are what was measured. They are the event's whole
    /// data (by the PFP: EV_SEPARATOR, EV_ACTION, EV_EFI_ACTION, EV_S_CRTM_VERSION, EV_NONHOST_INFO, EV_EFI_GPT_EVENT,
    /// EV_EFI_VARIABLE_DRIVER_CONFIG, _AUTHORITY and _BOOT2; that of other types if it so happens), the value of a variable
    /// (EV_EFI_VARIABLE_BOOT), the content of a tag (EV_EVENT_TAG), or the text of a boot loader without what it puts before
    /// and after (EV_IPL: GRUB's `grub_cmd: `, `kernel_cmdline: `, `module_cmdline: ` and the final NUL).
    ///
    /// Hashes the data at most four times. Bytes from outside: show them escaped.
    #[must_use]
    pub fn measured(&self) -> Option<&'a [u8]> {
        let is_hash = |bytes: &&[u8]| self.digest.algorithm().hash(self.provider, bytes) == Some(self.digest);
        variable::candidates(&self.event).into_iter().flatten().find(is_hash)
    }
}
