//! Agents as real processes: the demo's contract granted unattended, with host, enclaves and agents killed at random; limits;
//! what a person decides on the page; hosts that are away or lie.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::as_conversions,
    reason = "a panic here is the test's failure report"
)]

mod amended;
mod asked;
mod browser;
mod chaos;
#[path = "../../attestation/page/tests/browser/chromium.rs"]
mod chromium;
mod hosts;
#[path = "../support/image.rs"]
mod image;
mod jobs;
#[path = "../support/not_run.rs"]
mod not_run;
mod person;
mod process;
mod proxy;
#[path = "../../hostile/src/recorder.rs"]
#[expect(unreachable_pub, reason = "the kit shows it to its users")]
mod recorder;
mod requester;
#[path = "../support/seen.rs"]
mod seen;
mod unusable;
mod watch;
mod world;
