//! Real processes, killed without warning: the host (`sealroom host serve`), the measured image, and each data party
//! (`sealroom grant`); and folders set back to what they were. Whatever was killed, no limit is passed and work goes on;
//! and no key and nonce encrypt twice in all that was written and sent.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a panic here is the test's failure report"
)]

mod host;
#[path = "../support/image.rs"]
mod image;
mod job;
mod killed;
#[path = "../../hostile/src/recorder.rs"]
#[expect(unreachable_pub, reason = "the kit shows it to its users")]
mod recorder;
mod restored;
#[path = "../support/seen.rs"]
mod seen;
