//! Agents as real processes: the demo's contract granted unattended, with host, enclaves and agents killed at random; limits;
//! what a person decides on the page; hosts that are away or lie.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::as_conversions,
    reason = "a panic here is the test's failure report"
)]

mod chaos;
#[path = "../support/image.rs"]
mod image;
mod jobs;
mod person;
mod process;
mod requester;
mod world;
