//! The life of a room as one table: phase x request -> phase.
//!
//! What always holds: a message that has no entry here is refused before anything in it is looked at.

use crate::refusal::Refusal;
use sealroom_protocol::message::HostMessage;

/// Where a room is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the whole life of a room; decisions match on it")]
pub enum Phase {
    /// Started; nothing is known.
    New,
    /// The contract holds; Evidence can be asked for, a run can be proposed.
    Open,
    /// A run is proposed; grants are awaited.
    Proposed,
    /// All granted; the program runs.
    Running,
    /// Over.
    Ended,
}

/// What a message asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "one a message; decisions match on it")]
pub enum Request {
    /// [`HostMessage::Open`].
    Open,
    /// [`HostMessage::Attest`].
    Attest,
    /// [`HostMessage::Bring`].
    Bring,
    /// [`HostMessage::Propose`].
    Propose,
    /// [`HostMessage::State`].
    State,
    /// [`HostMessage::Grant`].
    Grant,
    /// [`HostMessage::Stop`].
    Stop,
    /// [`HostMessage::Abandon`].
    Abandon,
    /// [`HostMessage::Group`].
    Group,
}

/// Where a request leads when it is carried out. `Grant` stays at `Proposed` until the last one, which leads to
/// `Running`; a run leads back to `Open`.
#[rustfmt::skip]
const TABLE: &[(Phase, Request, Phase)] = &[
    (Phase::New,      Request::Open,    Phase::Open),
    (Phase::Open,     Request::Attest,  Phase::Open),
    (Phase::Open,     Request::Bring,   Phase::Open),
    (Phase::Open,     Request::Propose, Phase::Proposed),
    (Phase::Open,     Request::Stop,    Phase::Ended),
    (Phase::Proposed, Request::Attest,  Phase::Proposed),
    (Phase::Proposed, Request::State,   Phase::Proposed),
    (Phase::Proposed, Request::Grant,   Phase::Running),
    (Phase::Proposed, Request::Abandon, Phase::Open),
    (Phase::Proposed, Request::Stop,    Phase::Ended),
    (Phase::Running,  Request::Group,   Phase::Running),
    (Phase::Running,  Request::Stop,    Phase::Ended),
];

impl Request {
    pub(crate) const fn of(message: &HostMessage) -> Self {
        match message {
            HostMessage::Open { .. } => Self::Open,
            HostMessage::Attest { .. } => Self::Attest,
            HostMessage::Bring { .. } => Self::Bring,
            HostMessage::Propose { .. } => Self::Propose,
            HostMessage::State { .. } => Self::State,
            HostMessage::Grant { .. } => Self::Grant,
            HostMessage::Stop { .. } => Self::Stop,
            HostMessage::Abandon { .. } => Self::Abandon,
            HostMessage::Group { .. } => Self::Group,
        }
    }
}

impl Phase {
    /// The phase that `request` leads to.
    ///
    /// # Errors
    /// [`Refusal::Phase`] for a request that has no entry in the table.
    pub fn after(self, request: Request) -> Result<Self, Refusal> {
        TABLE
            .iter()
            .find(|(phase, asked, _)| (*phase, *asked) == (self, request))
            .map(|(_, _, next)| *next)
            .ok_or(Refusal::Phase { phase: self, request })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ended_room_answers_nothing_and_a_new_one_only_opens() {
        for (phase, request, _) in TABLE {
            assert_ne!(*phase, Phase::Ended);
            assert_eq!(*phase == Phase::New, *request == Request::Open);
        }
        let expected = Refusal::Phase { phase: Phase::Ended, request: Request::Stop };
        assert_eq!(Phase::Ended.after(Request::Stop), Err(expected));
    }
}
