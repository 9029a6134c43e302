//! What a refusal is called, and what to do about it.
//!
//! What always holds: the id of a check never changes its meaning; hints name no value.

use super::Refusal;
use alloc::string::ToString;
use sealroom_protocol::message::RefusalMessage;

impl Refusal {
    /// The stable id of the check that failed.
    #[must_use]
    pub const fn check(&self) -> &'static str {
        match self {
            Self::Frame(_) => "message.frame",
            Self::Phase { .. } => "message.phase",
            Self::ContractEnvelope(_) => "contract.envelope",
            Self::Contract(_) => "contract.signed",
            Self::UnknownProgram { .. } => "contract.unknown-program",
            Self::Program(_) => "contract.program",
            Self::Challenges(_) => "evidence.challenges",
            Self::Manifest(_) => "object.manifest",
            Self::Header(_) => "object.header",
            Self::ForeignDataset { .. } => "object.dataset",
            Self::ForeignRequest { .. } => "object.request",
            Self::TooEarly { .. } => "time.not-before",
            Self::Expired { .. } => "time.expiry",
            Self::ReceiptForm { .. } => "receipt.form",
            Self::Receipt { .. } => "receipt.verify",
            Self::VoidReceipt { .. } => "receipt.void",
            Self::Chain { .. } => "receipt.chain",
            Self::RunNumber { .. } => "run.number",
            Self::RunsUsed { .. } => "run.limit",
            Self::DatasetCount { .. } => "proposal.datasets",
            Self::Dataset { .. } => "proposal.dataset",
            Self::PinnedDataset { .. } => "proposal.pinned-dataset",
            Self::RequestPresence { .. } => "request.presence",
            Self::RequestForm(_) => "request.form",
            Self::Requester { .. } => "request.party",
            Self::RequestSignature(_) => "request.signature",
            Self::RequestBinding { .. } => "request.binding",
            Self::RequestUsed { .. } => "request.used",
            Self::StatementForm(_) => "statement.form",
            Self::Statement { .. } => "statement.content",
            Self::GrantForm(_) => "grant.form",
            Self::GrantParty { .. } => "grant.party",
            Self::GrantSignature { .. } => "grant.signature",
            Self::GrantContract { .. } => "grant.contract",
            Self::GrantProposal { .. } => "grant.proposal",
            Self::GrantRun { .. } => "grant.run",
            Self::GrantTwice { .. } => "grant.twice",
            Self::GrantExpired { .. } => "grant.expiry",
            Self::GrantCount { .. } => "grant.count",
            Self::GrantKeys { .. } => "grant.keys",
            Self::GrantObjects { .. } => "grant.objects",
            Self::StopForm(_) => "stop.form",
            Self::StopParty { .. } => "stop.party",
            Self::StopSignature(_) => "stop.signature",
            Self::StopContract { .. } => "stop.contract",
            Self::UnaskedGroup { .. } => "read.unasked",
            Self::Platform => "evidence.platform",
        }
    }

    /// What to do about it.
    #[must_use]
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::Frame(_) => "host and enclave must be of one version",
            Self::Phase { .. } => {
                "ask the host for the room's status; a new room can be started with the same contract"
            }
            Self::ContractEnvelope(_) | Self::Contract(_) => "every party signs exactly this text, and nobody else",
            Self::UnknownProgram { .. } | Self::Program(_) => {
                "change the contract's program or choose an image that has it"
            }
            Self::Challenges(_) => "send 1 to 256 different challenges in ascending order",
            Self::Manifest(_) | Self::Header(_) => "encrypt the file again and upload what was written",
            Self::ForeignDataset { .. } | Self::Dataset { .. } => {
                "bring the objects that their owners encrypted for this contract"
            }
            Self::ForeignRequest { .. } => "make the request under this contract",
            Self::TooEarly { .. } => "wait until the contract begins, or correct the clock that is slow",
            Self::Expired { .. } => "the parties agree on an amendment with a later expiry",
            Self::ReceiptForm { .. } | Self::Receipt { .. } | Self::VoidReceipt { .. } | Self::Chain { .. } => {
                "bring the contract's complete receipts, oldest first, without holes between them"
            }
            Self::RunNumber { .. } => "ask for a higher run number",
            Self::RunsUsed { .. } | Self::GrantCount { .. } => "the parties agree on an amendment with more runs",
            Self::DatasetCount { .. } => "name one object for every dataset of the contract, in its order",
            Self::PinnedDataset { .. } => "use the object that the parties signed",
            Self::RequestPresence { .. } => "bring a request exactly where the contract has choices",
            Self::RequestForm(_) | Self::RequestBinding { .. } => "make a new request",
            Self::Requester { .. } => "a party with the role \"request\" asks",
            Self::RequestSignature(_) => "the requester signs its announcement with the key in the contract",
            Self::RequestUsed { .. } => "make a new request; each is answered once",
            Self::StatementForm(_) | Self::Statement { .. } => {
                "the party that the contract names states the host's region for this proposal"
            }
            Self::GrantForm(_) | Self::GrantKeys { .. } | Self::GrantObjects { .. } => {
                "the party grants the proposal again"
            }
            Self::GrantParty { .. } => "only data parties and the requester grant",
            Self::GrantSignature { .. } => "the party signs its grant with the key in the contract",
            Self::GrantContract { .. } | Self::GrantProposal { .. } | Self::GrantRun { .. } => {
                "the party reviews and grants this room's proposal; another room's grant is no use here"
            }
            Self::GrantTwice { .. } => "nothing; the first grant stands",
            Self::GrantExpired { .. } => "the party grants again with a later expiry, or the slow clock is corrected",
            Self::StopForm(_) | Self::StopParty { .. } | Self::StopSignature(_) | Self::StopContract { .. } => {
                "a party of this contract signs the stop with the key in the contract"
            }
            Self::UnaskedGroup { .. } => "answer reads in the order they were asked",
            Self::Platform => "look at the platform's own messages on the host",
        }
    }

    pub(crate) fn to_message(&self) -> RefusalMessage {
        RefusalMessage { check: self.check().into(), message: self.to_string(), hint: self.hint().into() }
    }
}
