//! CoRIM: what is exported is imported as the same blocks, what no policy can say stops by name, what is signed is verified, and
//! what others write and read is the same format.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::as_conversions,
    reason = "a panic here is the test's failure report"
)]

mod cbor;
mod hostile;
mod peer;
mod policies;
mod profiles;
mod round_trip;
mod signed;
