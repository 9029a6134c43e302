//! Which exit code each error of the SDK means.
//!
//! What always holds: one place decides it; what is not one of the kinds below failed on this machine.

use super::exit::{Exit, Failure};
use sealroom::{
    AppraisalError, BundleError, ContractFileError, DatasetError, DraftError, GrantError, HostError, IdentityError,
    LogFailure, MemoryError, OpenError, RequestError, ReviewError, StatementError,
};
use sealroom_protocol::contract::ContractError;
use sealroom_protocol::log::QuorumError;

/// What to do about a memory that is in use.
pub(crate) const IN_USE_HINT: &str = "another process of this party has its memory open: wait until it ends; an agent's page grants, refuses and stops (sealroom agent page)";
/// What to do about a host that is not there.
const AWAY_HINT: &str = "nothing is decided: look whether host and network are up, and give the same command again (--timeout waits longer)";

impl From<IdentityError> for Failure {
    fn from(error: IdentityError) -> Self {
        let exit = match &error {
            IdentityError::Form { .. } | IdentityError::Keys { .. } => Exit::Malformed,
            _ => Exit::Local,
        };
        Self::new(exit, error)
    }
}

impl From<ContractError> for Failure {
    fn from(error: ContractError) -> Self {
        let exit = match &error {
            ContractError::SignatureMissing { .. }
            | ContractError::SignatureBad { .. }
            | ContractError::SignatureForeign { .. } => Exit::NotAuthentic,
            _ => Exit::Malformed,
        };
        Self::new(exit, error)
    }
}

impl From<ContractFileError> for Failure {
    fn from(error: ContractFileError) -> Self {
        match error {
            ContractFileError::Contract(error) => error.into(),
            error => Self::local(error),
        }
    }
}

impl From<DraftError> for Failure {
    fn from(error: DraftError) -> Self {
        match error {
            DraftError::Contract(error) => error.into(),
            DraftError::Blanks { .. } => Self::new(Exit::Malformed, error),
            error => Self::local(error),
        }
    }
}

impl From<DatasetError> for Failure {
    fn from(error: DatasetError) -> Self {
        match error {
            DatasetError::Csv { .. } => Self::new(Exit::Malformed, error),
            DatasetError::Memory(error) => error.into(),
            error => Self::local(error),
        }
    }
}

impl From<MemoryError> for Failure {
    fn from(error: MemoryError) -> Self {
        let exit = match &error {
            MemoryError::Io { .. }
            | MemoryError::Shared { .. }
            | MemoryError::Database(_)
            | MemoryError::Owner { .. }
            | MemoryError::NotAParty { .. }
            | MemoryError::UnknownContract { .. }
            | MemoryError::UnknownObject { .. } => Exit::Local,
            MemoryError::Record { .. } => Exit::Malformed,
            MemoryError::Receipt(_) | MemoryError::Contradiction { .. } | MemoryError::Cheating(_) => {
                Exit::NotAuthentic
            }
            _ => Exit::Refused,
        };
        let in_use =
            matches!(&error, MemoryError::Database(database) if matches!(**database, redb::Error::DatabaseAlreadyOpen));
        let failure = Self::new(exit, error);
        if in_use { failure.hint(IN_USE_HINT) } else { failure }
    }
}

impl From<AppraisalError> for Failure {
    fn from(error: AppraisalError) -> Self {
        match error {
            AppraisalError::Refused(refusal) => {
                let (exit, message) = if refusal.genuine {
                    (Exit::Refused, "the enclave is genuine, and not one that the contract accepts")
                } else {
                    (Exit::NotAuthentic, "this is no genuine answer of an enclave to this question")
                };
                let mut failure = Self::new(exit, message).before_any_key();
                failure.checks = refusal.checks;
                failure
            }
            error => Self::new(Exit::Malformed, error),
        }
    }
}

impl From<ReviewError> for Failure {
    fn from(error: ReviewError) -> Self {
        let failure = match error {
            ReviewError::Party(error) => error.into(),
            ReviewError::Memory(error) => error.into(),
            ReviewError::Form(_) => Self::new(Exit::Malformed, error),
            ReviewError::Enclave(_) => Self::new(Exit::NotAuthentic, error),
            error => Self::new(Exit::Refused, error),
        };
        failure.before_any_key()
    }
}

impl From<GrantError> for Failure {
    fn from(error: GrantError) -> Self {
        let failure = match error {
            GrantError::Party(error) => error.into(),
            GrantError::Memory(error) => error.into(),
            error => Self::new(Exit::Refused, error),
        };
        failure.before_any_key()
    }
}

impl From<OpenError> for Failure {
    fn from(error: OpenError) -> Self {
        let exit = match &error {
            OpenError::Party(_) | OpenError::Io(_) => Exit::Local,
            OpenError::Object(_) | OpenError::Plaintext(_) => Exit::Malformed,
            OpenError::NothingLeft { .. }
            | OpenError::NotARecipient { .. }
            | OpenError::TooLong { .. }
            | OpenError::Log(LogFailure::Witnesses(QuorumError::UnderCosigned { .. })) => Exit::Refused,
            OpenError::Unwitnessed { .. } => Exit::Undecided,
            _ => Exit::NotAuthentic,
        };
        Self::new(exit, error)
    }
}

impl From<RequestError> for Failure {
    fn from(error: RequestError) -> Self {
        match error {
            RequestError::Party(error) => error.into(),
            RequestError::Memory(error) => error.into(),
            error => Self::local(error),
        }
    }
}

impl From<HostError> for Failure {
    fn from(error: HostError) -> Self {
        let mut failure = of_host(error);
        // A document of the host that is refused may be named by its own words: they end no line.
        failure.message = failure.message.replace(char::is_control, "\u{fffd}");
        failure
    }
}

fn of_host(error: HostError) -> Failure {
    match error {
        HostError::Appraisal(error) => error.into(),
        HostError::Memory(error) => error.into(),
        HostError::Contract(error) => error.into(),
        HostError::Url { .. } | HostError::Certificates { .. } | HostError::Io { .. } => Failure::local(error),
        HostError::Unreachable { .. } | HostError::TimedOut { .. } => {
            Failure::new(Exit::Undecided, error).hint(AWAY_HINT)
        }
        HostError::Running { .. } | HostError::Stuck { .. } => Failure::new(Exit::Undecided, error),
        HostError::Receipt { .. } => Failure::new(Exit::NotAuthentic, error),
        HostError::Problem(problem) => {
            let message = format!("the host says: {} ({})", problem.message, problem.check);
            Failure::new(Exit::Undecided, message).hint(problem.hint)
        }
        HostError::Object { .. } | HostError::Other { .. } => Failure::new(Exit::NotAuthentic, error)
            .hint("what the host brought is not what was asked for; ask another one that has it"),
        error => Failure::new(Exit::Malformed, error),
    }
}

impl From<BundleError> for Failure {
    fn from(error: BundleError) -> Self {
        match error {
            BundleError::Io { .. } => Self::local(error),
            error => Self::new(Exit::Malformed, error),
        }
    }
}

impl From<StatementError> for Failure {
    fn from(error: StatementError) -> Self {
        match error {
            StatementError::Party(error) => error.into(),
            StatementError::Region { .. } => Self::new(Exit::Refused, error)
                .hint("if the host stands there, this run is not one that the parties agreed to"),
            error => Self::local(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sealroom_protocol::id::ContractId;

    #[test]
    fn a_name_in_a_receipt_that_is_refused_ends_no_line() {
        let party = "x\n✓ appraisal 59 of 59 checks hold".to_owned();
        let refused = MemoryError::Receipt(sealroom_protocol::run::ReceiptError::Grants { party });
        let error = HostError::Receipt { place: 1, source: Box::new(HostError::Memory(refused)) };
        let failure = Failure::from(error);
        assert!(
            failure.message.contains("x\u{fffd}✓ appraisal") && !failure.message.contains('\n'),
            "{}",
            failure.message
        );
    }

    #[test]
    fn a_host_that_does_not_answer_is_undecided_and_a_hint_says_what_to_do_for_programs_too() {
        let url = || "https://host.example".to_owned();
        for error in [HostError::TimedOut { url: url() }, HostError::Unreachable { url: url(), what: "refused".into() }]
        {
            let failure = Failure::from(error);
            assert_eq!((failure.exit, failure.hint.as_deref()), (Exit::Undecided, Some(AWAY_HINT)));
        }
        let failure = Failure::from(MemoryError::Database(Box::new(redb::Error::DatabaseAlreadyOpen)));
        assert_eq!((failure.exit, failure.hint.as_deref()), (Exit::Local, Some(IN_USE_HINT)));
    }

    #[test]
    fn each_kind_of_error_has_its_exit_code() {
        let contract = ContractId::from_bytes([7; 32]);
        let party = || String::from("zurich");
        let cases: [(Failure, Exit); 9] = [
            (ContractError::SignatureMissing { party: party() }.into(), Exit::NotAuthentic),
            (ContractError::ByteOrderMark.into(), Exit::Malformed),
            (MemoryError::Limit { count: 1, limit: 1 }.into(), Exit::Refused),
            (MemoryError::Restored { contract }.into(), Exit::Refused),
            (MemoryError::UnknownContract { contract }.into(), Exit::Local),
            (HostError::TimedOut { url: String::new() }.into(), Exit::Undecided),
            (HostError::Other { what: "room" }.into(), Exit::NotAuthentic),
            (HostError::Running { room: String::new(), seconds: 1 }.into(), Exit::Undecided),
            (
                HostError::Receipt { place: 1, source: Box::new(HostError::Other { what: "" }) }.into(),
                Exit::NotAuthentic,
            ),
        ];
        for (failure, exit) in cases {
            assert_eq!(failure.exit, exit, "{}", failure.message);
        }
    }

    #[test]
    fn what_is_refused_before_a_grant_says_that_no_key_left() {
        let limit = MemoryError::Limit { count: 1, limit: 1 };
        assert!(Failure::from(ReviewError::Memory(limit)).no_key_left);
        assert!(Failure::from(GrantError::Memory(MemoryError::Limit { count: 1, limit: 1 })).no_key_left);
    }
}
