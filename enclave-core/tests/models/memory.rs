//! A party's memory in the model of a room: what `src/memory` writes down, and by which rules (`docs/design/0002`).

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Proposal {
    pub(crate) enclave: u8,
    pub(crate) run: u8,
    /// Run of the head, or zero.
    pub(crate) head: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum GrantState {
    Open,
    Confirmed,
    GivenBack,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Memory {
    /// Grants by ascending run: proposal and state.
    pub(crate) grants: Vec<(usize, GrantState)>,
    pub(crate) count: u8,
    pub(crate) head: u8,
    /// Sent and not written down, where that is the fault.
    pub(crate) unwritten: Option<usize>,
}

impl Memory {
    /// The rules of `Memory::check` in `src/memory/grant.rs`, in its order.
    pub(crate) fn allows(&self, limit: u8, any_run: bool, proposals: &[Proposal], proposal: usize) -> bool {
        let wanted = proposals[proposal];
        let highest = self.grants.iter().map(|(granted, _)| proposals[*granted].run).max().unwrap_or(0);
        let fresh = wanted.run > highest || any_run;
        let known = self.grants.iter().any(|(granted, _)| *granted == proposal);
        !known && fresh && wanted.head == self.head && self.count < limit && self.unwritten.is_none()
    }

    pub(crate) fn write(&mut self, proposal: usize) {
        self.grants.push((proposal, GrantState::Open));
        self.count += 1;
    }

    /// `settle` of `src/memory/settle.rs`.
    pub(crate) fn settle(&mut self, proposals: &[Proposal], proposal: usize, complete: bool) {
        let run = proposals[proposal].run;
        let Some((_, state)) = self.grants.iter_mut().find(|(granted, _)| *granted == proposal) else { return };
        match (*state, complete) {
            (GrantState::Open, false) => {
                *state = GrantState::GivenBack;
                self.count -= 1;
            }
            (GrantState::Open | GrantState::GivenBack, true) => {
                self.count += u8::from(*state == GrantState::GivenBack);
                *state = GrantState::Confirmed;
                self.head = self.head.max(run);
            }
            (GrantState::Confirmed, _) | (GrantState::GivenBack, false) => {}
        }
    }
}
