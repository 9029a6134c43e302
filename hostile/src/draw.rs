//! Random schedules: honest runs with steps missing or changed, and between them anything.
//!
//! What always holds: a schedule follows from its seed and the contract alone.

use crate::step::{Amending, Chain, Delivery, Evidence, Number, Objects, Signing, Step};
use rand_chacha::ChaCha20Rng;
use rand_core::Rng;

/// What schedules depend on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shape {
    /// Granting parties that are with the host.
    pub(crate) conspirators: u8,
    /// The contract's limit of runs.
    pub(crate) limit: u8,
    /// Whether the platform's key is stolen.
    pub(crate) stolen: bool,
    /// Whether there are amendments.
    pub(crate) amends: bool,
}

/// Draws numbers and steps.
pub(crate) struct Draw<'r> {
    pub(crate) rng: &'r mut ChaCha20Rng,
    pub(crate) shape: Shape,
}

impl Draw<'_> {
    /// A whole schedule.
    pub(crate) fn schedule(&mut self) -> Vec<Step> {
        let mut steps = vec![Step::Start];
        let parts = if self.one_in(4) { 4 } else { self.below(3) + 1 };
        for _ in 0..parts {
            if self.shape.amends && self.one_in(2) {
                self.amendment(&mut steps);
            }
            if self.one_in(3) {
                (0..self.below(4) + 1).for_each(|_| steps.push(self.any()));
            } else {
                self.run(&mut steps);
            }
        }
        if self.one_in(4) {
            self.roll_back(&mut steps);
        }
        steps
    }

    /// The party's memory is set back, and perhaps shown what it forgot; then it is asked again.
    fn roll_back(&mut self, steps: &mut Vec<Step>) {
        let limit = u8::try_from(steps.len()).unwrap_or(u8::MAX);
        let place = self.below(limit).into();
        steps.insert(place, Step::Save);
        steps.push(Step::Restore { save: 0, declared: self.one_in(4) });
        match self.below(3) {
            0 => steps.push(Step::Settle { receipt: self.back(), killed_after: None }),
            1 => steps.push(Step::Recognise { grant: self.back() }),
            _ => {}
        }
        self.run(steps);
    }

    /// An amendment or two of one version, which the party may be shown, and an enclave for what follows.
    fn amendment(&mut self, steps: &mut Vec<Step>) {
        for _ in 0..self.below(2) + 1 {
            steps.push(Step::Amend { of: self.back(), change: self.amending() });
        }
        for _ in 0..self.below(3) {
            steps.push(Step::Take { version: self.back(), killed_after: self.killed() });
        }
        steps.push(Step::Start);
    }

    fn amending(&mut self) -> Amending {
        match self.below(9) {
            0 => Amending::FarNumbers,
            1 => Amending::NoNumberLeft,
            2 => Amending::LowerNumber,
            3 => Amending::LowerCount,
            4 => Amending::NoHead,
            5 => Amending::OtherHead,
            _ => Amending::Honestly,
        }
    }

    /// An honest run, with steps left out and others put between.
    fn run(&mut self, steps: &mut Vec<Step>) {
        if self.one_in(4) {
            steps.push(Step::Start);
        }
        let (enclave, mut run) = (0, vec![]);
        if self.shape.stolen && self.one_in(4) {
            let run_number = self.number();
            run.push(Step::ThiefProposes { run: run_number, on_head: !self.one_in(4) });
        } else {
            let (chain, objects) = (Chain::To(0), Objects::Current);
            run.push(Step::Propose { enclave, run: Number::Next(0), chain, objects, request: 0 });
        }
        run.push(Step::Show { proposal: 0, evidence: Evidence::Genuine, killed_after: None });
        for party in 0..self.shape.conspirators {
            run.push(Step::Conspire { party, proposal: 0, signing: Signing::Honestly });
        }
        for grant in (0..=self.shape.conspirators).rev() {
            if grant == 0 && self.one_in(8) {
                run.push(Step::Abandon { enclave });
            }
            run.push(Step::Deliver { enclave, grant, delivery: Delivery::Whole });
        }
        run.push(Step::Settle { receipt: 0, killed_after: None });
        for step in run {
            match self.below(14) {
                0 => {}
                1 => steps.extend([self.any(), step]),
                2 => steps.push(self.any()),
                3 => steps.extend([step, step]),
                _ => steps.push(step),
            }
        }
    }

    /// Any step.
    fn any(&mut self) -> Step {
        if self.shape.amends && self.one_in(8) {
            return match self.below(2) {
                0 => Step::Amend { of: self.back(), change: self.amending() },
                _ => Step::Take { version: self.back(), killed_after: self.killed() },
            };
        }
        match self.below(if self.shape.stolen { 42 } else { 36 }) {
            0 | 1 => Step::Start,
            2 => Step::Kill { enclave: self.back() },
            3..=5 => Step::Propose {
                enclave: self.back(),
                run: self.number(),
                chain: self.chain(),
                objects: match self.below(8) {
                    0 => Objects::Older,
                    1 => Objects::Swapped,
                    _ => Objects::Current,
                },
                request: if self.one_in(2) { self.below(2) + 1 } else { 0 },
            },
            6..=9 => Step::Show { proposal: self.back(), evidence: self.evidence(), killed_after: self.killed() },
            10 => Step::Resend,
            11..=13 => Step::Settle { receipt: self.back(), killed_after: self.killed() },
            14 => Step::Recognise { grant: self.back() },
            15..=17 => Step::Conspire {
                party: self.below(self.shape.conspirators.max(1)),
                proposal: self.back(),
                signing: match self.below(8) {
                    0 => Signing::Count(self.shape.limit),
                    1 => Signing::Count(self.shape.limit.saturating_add(1)),
                    2 => Signing::Count(0),
                    3 => Signing::WrongKeys,
                    4 => Signing::AsHonest,
                    _ => Signing::Honestly,
                },
            },
            18..=22 => Step::Deliver {
                enclave: self.back(),
                grant: self.back(),
                delivery: if self.one_in(8) { Delivery::OtherKeys } else { Delivery::Whole },
            },
            23 | 24 => Step::Abandon { enclave: self.back() },
            25 => Step::Stop { enclave: self.back(), forged: self.one_in(2) },
            26 => match self.below(4) {
                0 => Step::Clock { hours: -48 },
                1 => Step::Clock { hours: 800 },
                _ => Step::Clock { hours: 0 },
            },
            27 => Step::Spoil,
            28 | 29 => Step::Open { result: self.back(), receipt: self.back() },
            30 | 31 => Step::KillParty,
            32 | 33 => Step::Save,
            34 | 35 => Step::Restore { save: self.back(), declared: self.one_in(4) },
            36..=38 => Step::ThiefProposes { run: self.number(), on_head: !self.one_in(4) },
            _ => Step::Forge { proposal: self.back(), complete: self.one_in(2) },
        }
    }

    fn number(&mut self) -> Number {
        match self.below(8) {
            0 => Number::Next(self.below(3) + 1),
            1 | 2 => Number::Exactly(self.below(6)),
            _ => Number::Next(0),
        }
    }

    fn chain(&mut self) -> Chain {
        match self.below(8) {
            0 => Chain::Nothing,
            1 | 2 => Chain::To(self.back()),
            3 => Chain::Only(self.back()),
            4 => Chain::Then(self.back()),
            _ => Chain::To(0),
        }
    }

    fn evidence(&mut self) -> Evidence {
        match self.below(16) {
            0 => Evidence::Relayed,
            1 => Evidence::Stale,
            2 => Evidence::OtherImage,
            3 => Evidence::Changed,
            4 => Evidence::OtherRoom,
            _ => Evidence::Genuine,
        }
    }

    /// New things are more interesting than old ones, and both are wanted.
    fn back(&mut self) -> u8 {
        match self.below(8) {
            0..=3 => 0,
            4 | 5 => 1,
            6 => 2,
            _ => self.below(8),
        }
    }

    fn killed(&mut self) -> Option<u8> {
        self.one_in(6).then(|| self.below(40))
    }

    fn one_in(&mut self, number: u8) -> bool {
        self.below(number) == 0
    }

    /// A number below `limit`, which is not 0.
    fn below(&mut self, limit: u8) -> u8 {
        let drawn = self.rng.next_u32() % u32::from(limit.max(1));
        u8::try_from(drawn).unwrap_or(0)
    }
}
