//! What can go wrong on the simulated platform, in the order in which it is checked.

use std::io;
use std::path::PathBuf;

/// Why the platform did not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file or directory of the state could not be read or written.
    #[error("{action} {}: {source}", path.display())]
    State {
        /// What was tried, as a verb.
        action: &'static str,
        /// On which file.
        path: PathBuf,
        /// What the system answered.
        source: io::Error,
    },
    /// Others than the owner may read (or change) what holds private keys.
    #[error("{} has mode {found:04o}, expected {expected:04o}: change it, or make a new root if others may have read keys", path.display())]
    Permissions {
        /// The file or directory.
        path: PathBuf,
        /// The most that is accepted.
        expected: u32,
        /// What it is.
        found: u32,
    },
    /// The state belongs to someone else.
    #[error("{} belongs to user {found}, but this process runs as user {expected}", path.display())]
    Owner {
        /// The file or directory.
        path: PathBuf,
        /// The user of this process.
        expected: u32,
        /// The file's owner.
        found: u32,
    },
    /// A file of the root is not what this program wrote.
    #[error("{} is damaged ({what}); restore it, or remove its directory to get a new root", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What does not hold.
        what: &'static str,
    },
    /// The kernel gave no random bytes.
    #[error("no random bytes from the kernel")]
    Randomness,
    /// A key, certificate or revocation list could not be made.
    #[error("making the {what} failed: {reason}")]
    Certificate {
        /// Which one.
        what: &'static str,
        /// What the library said.
        reason: String,
    },
    /// The image could not be read into memory.
    #[error("image {}: {source}", path.display())]
    Image {
        /// The file.
        path: PathBuf,
        /// What the system answered.
        source: io::Error,
    },
    /// The image is larger than any that this platform starts.
    #[error("image {} has more than {limit} bytes", path.display())]
    ImageTooLarge {
        /// The file.
        path: PathBuf,
        /// The limit in bytes.
        limit: u64,
    },
    /// The kernel refuses executable memory files.
    #[error("no executable memory file ({source}); is sysctl vm.memfd_noexec set to 2?")]
    MemoryFile {
        /// What the system answered.
        source: io::Error,
    },
    /// Standard input is not the host's connection.
    #[error(
        "standard input must be a connected Unix stream socket, which becomes the enclave's connection to the host"
    )]
    NotASocket,
    /// The enclave process did not start.
    #[error("starting the enclave: {source}")]
    Start {
        /// What the system answered.
        source: io::Error,
    },
    /// Nobody reads standard output, so nobody would know of the enclave.
    #[error("standard output: {source}")]
    Output {
        /// What the system answered.
        source: io::Error,
    },
    /// The enclave's end of the platform calls failed: mostly, that it is gone.
    #[error("platform call: {source}")]
    Call {
        /// What the system answered.
        source: io::Error,
    },
    /// A platform call has an unknown version.
    #[error("platform call of version {found}, expected {expected}")]
    CallVersion {
        /// The only version.
        expected: u8,
        /// What came.
        found: u8,
    },
    /// A platform call of an unknown kind.
    #[error("unknown platform call {found:#04x}")]
    CallKind {
        /// What came.
        found: u8,
    },
    /// A platform call with a body of a length that its kind does not have.
    #[error("platform call {kind:#04x} with a body of {found} bytes")]
    CallLength {
        /// The kind of call.
        kind: u8,
        /// What its header announced.
        found: u32,
    },
}
