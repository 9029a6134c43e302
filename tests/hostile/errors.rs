//! The typed errors of a party's code, held to what every refusal must say.

use crate::refused::{refused, refused_in_words};
use core::fmt::{Debug, Display};
use sealroom::{MemoryError, OpenError, ReviewError};
use sealroom_protocol::message::RefusalMessage;

/// An error that names the check that failed.
pub(crate) trait Checked: Display {
    fn check(&self) -> &'static str;
}

impl Checked for ReviewError {
    fn check(&self) -> &'static str {
        self.check()
    }
}

impl Checked for MemoryError {
    fn check(&self) -> &'static str {
        self.check()
    }
}

impl Checked for OpenError {
    fn check(&self) -> &'static str {
        self.check()
    }
}

/// Asserts that an enclave refused by this check, with all its parts.
#[track_caller]
pub(crate) fn said(refusal: Option<&RefusalMessage>, check: &str) {
    let RefusalMessage { check: found, message, hint } =
        refusal.unwrap_or_else(|| panic!("nothing refuses by {check}"));
    refused(check, found, message, hint);
}

/// Asserts that this was refused by this check, with all its parts.
#[track_caller]
pub(crate) fn refuses<T: Debug>(outcome: Result<T, impl Checked>, check: &str) {
    match outcome {
        Err(error) => refused_in_words(check, error.check(), &error.to_string()),
        Ok(accepted) => panic!("expected a refusal by {check}, found {accepted:?}"),
    }
}
