//! The programs that an image has.

use crate::program::Program;
use crate::refusal::Refusal;
use alloc::string::String;
use core::fmt;
use sealroom_protocol::contract::{ProgramKind, ProgramTerms};

/// The native programs of an image, passed as a value.
#[derive(Clone, Copy)]
pub struct Programs(&'static [&'static dyn Program]);

impl Programs {
    /// These programs, each with a name of its own.
    #[must_use]
    pub const fn new(programs: &'static [&'static dyn Program]) -> Self {
        Self(programs)
    }

    /// The program that a contract names.
    pub(crate) fn find(&self, terms: &ProgramTerms) -> Result<&'static dyn Program, Refusal> {
        match terms.kind {
            ProgramKind::Native => {}
        }
        self.0
            .iter()
            .find(|program| program.name() == terms.name)
            .copied()
            .ok_or_else(|| Refusal::UnknownProgram { name: terms.name.clone(), known: self.names() })
    }

    fn names(&self) -> String {
        let mut names = String::new();
        for program in self.0 {
            if !names.is_empty() {
                names.push_str(", ");
            }
            names.push_str(program.name());
        }
        names
    }
}

impl fmt::Debug for Programs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Programs({})", self.names())
    }
}
