//! The kit: plays schedules, and makes of one that breaks something a failure that one can read.
//!
//! What always holds: a schedule follows from the kit's material, its seed, and nothing else.

use crate::draw::{Draw, Shape};
use crate::enclave::{Enclave, EnclaveStart, RoomEnclave};
use crate::failure::{Failure, shrink};
use crate::game::{Game, MakeClient, StartEnclave};
use crate::ledger::Violation;
use crate::party::{Client, SdkClient};
use crate::recorder::Recorder;
use crate::report::Report;
use crate::step::Step;
use crate::world::{KitError, Material, World};
use core::fmt;
use core::panic::AssertUnwindSafe;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use std::panic::catch_unwind;

/// What the keys of a kit's parties are drawn from.
const KEYS: u64 = 0x5ea1;
/// Of so many schedules, one has a stolen platform key.
const STOLEN: u64 = 4;
/// Of so many schedules, one has amendments: each of them is appraised anew.
const AMENDED: u64 = 5;

/// See the top of this file.
pub struct Kit {
    world: World,
    start: StartEnclave,
    client: MakeClient,
    honest: Option<String>,
    recorder: &'static Recorder,
}

impl fmt::Debug for Kit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kit").field("contract", &self.world.contract.id()).finish_non_exhaustive()
    }
}

impl Kit {
    /// Makes keys, signs the contract, and encrypts the datasets.
    ///
    /// # Errors
    /// [`KitError`].
    pub fn new(material: Material<'_>) -> Result<Self, KitError> {
        let world = World::new(material, KEYS)?;
        // Rooms ask for one that lives as long as the process; a kit has one.
        let recorder: &'static Recorder = Box::leak(Box::default());
        let start: StartEnclave = Box::new(|start| Box::new(RoomEnclave::start(start)));
        let kit = Self { world, start, client: Box::new(|| Box::new(SdkClient)), honest: None, recorder };
        let mut game = kit.game(0);
        game.play(&[Step::Start]).map_err(|(_, Violation(what))| KitError::Refused(what))?;
        match game.report.refusals.keys().next() {
            Some(check) => Err(KitError::Refused(check.clone())),
            None => Ok(kit),
        }
    }

    /// Keeps one party honest in every schedule. Otherwise each that grants is in its turn.
    ///
    /// # Errors
    /// [`KitError::Honest`] for one that grants nothing.
    pub fn honest(mut self, name: &str) -> Result<Self, KitError> {
        let expected = self.world.granting();
        if !expected.iter().any(|granting| granting == name) {
            return Err(KitError::Honest { expected, found: name.into() });
        }
        self.honest = Some(name.into());
        Ok(self)
    }

    /// Puts other code at the honest party's site than the SDK's.
    #[must_use]
    pub fn client(mut self, make: impl Fn() -> Box<dyn Client> + 'static) -> Self {
        self.client = Box::new(make);
        self
    }

    /// Starts other enclaves than the real room.
    #[must_use]
    pub fn enclaves(mut self, start: impl Fn(EnclaveStart) -> Box<dyn Enclave> + 'static) -> Self {
        self.start = Box::new(start);
        self
    }

    /// Plays so many schedules, from `seed` on.
    ///
    /// # Panics
    /// With a [`Failure`] in words, where one breaks something.
    #[must_use]
    pub fn run(&self, schedules: u64, seed: u64) -> Report {
        self.try_run(schedules, seed).unwrap_or_else(|failure| panic!("{failure}"))
    }

    /// Plays so many schedules, from `seed` on.
    ///
    /// # Errors
    /// [`Failure`] of the first that breaks something.
    pub fn try_run(&self, schedules: u64, seed: u64) -> Result<Report, Box<Failure>> {
        let mut report = Report::default();
        for seed in seed..seed.saturating_add(schedules) {
            let steps = self.draw(seed);
            match self.play(&steps, seed) {
                Ok(played) => report.add(&played),
                Err((index, Violation(violation))) => {
                    let drawn: Vec<Step> = steps.into_iter().take(index.saturating_add(1)).collect();
                    let steps = shrink(drawn.clone(), |steps| self.play(steps, seed).is_err());
                    // What is left may break something else than the whole did: say what it breaks.
                    let violation = self.play(&steps, seed).map_or_else(|(_, Violation(what))| what, |_| violation);
                    return Err(Box::new(Failure { seed, honest: self.honest_in(seed), violation, drawn, steps }));
                }
            }
        }
        Ok(report)
    }

    /// Plays these steps.
    ///
    /// # Errors
    /// [`Failure`] where one breaks something; nothing is taken out.
    pub fn replay(&self, steps: &[Step], seed: u64) -> Result<Report, Box<Failure>> {
        self.play(steps, seed).map_err(|(index, Violation(violation))| {
            let drawn: Vec<Step> = steps.iter().copied().take(index.saturating_add(1)).collect();
            Box::new(Failure { seed, honest: self.honest_in(seed), violation, steps: drawn.clone(), drawn })
        })
    }

    /// Plays these steps again and again, each time with the honest party's process killed at another write; what the disk had
    /// not synced survives whole, in part or not at all. Gives the number of writes.
    ///
    /// # Errors
    /// [`Failure`] where one breaks something.
    pub fn kill_at_every_write(&self, steps: &[Step], seed: u64) -> Result<u64, Box<Failure>> {
        let mut game = self.game(seed);
        let played = game.play(steps);
        let writes = game.site.disk().operations();
        drop(game);
        let failed = |violation: String| {
            let (honest, steps) = (self.honest_in(seed), steps.to_vec());
            Box::new(Failure { seed, honest, violation, drawn: steps.clone(), steps })
        };
        played.map_err(|(_, Violation(violation))| failed(violation))?;
        for killed_after in 0..writes {
            let mut game = self.game(seed);
            // Another fate of what was not synced at every write.
            game.rng = ChaCha20Rng::seed_from_u64(seed.wrapping_add(killed_after));
            game.site.disk().kill_after(Some(killed_after));
            game.play(steps).map_err(|(_, Violation(violation))| {
                failed(format!("killed after {killed_after} writes: {violation}"))
            })?;
        }
        Ok(writes)
    }

    /// The schedule of a seed.
    #[must_use]
    pub fn draw(&self, seed: u64) -> Vec<Step> {
        let conspirators = self.world.granting().len().saturating_sub(1);
        let limit = self.world.contract.terms().limits.runs;
        let number = |number: usize| u8::try_from(number).unwrap_or(u8::MAX);
        let shape = Shape {
            conspirators: number(conspirators),
            limit: u8::try_from(limit).unwrap_or(u8::MAX),
            stolen: seed.is_multiple_of(STOLEN),
            amends: self.amends(seed),
        };
        Draw { rng: &mut ChaCha20Rng::seed_from_u64(seed), shape }.schedule()
    }

    fn play(&self, steps: &[Step], seed: u64) -> Result<Report, (usize, Violation)> {
        let played = catch_unwind(AssertUnwindSafe(|| {
            let mut game = self.game(seed);
            game.play(steps)?;
            let report = game.report.clone();
            if self.amends(seed) {
                game.goes_on().map_err(|violation| (steps.len(), violation))?;
            }
            Ok(report)
        }));
        played.unwrap_or_else(|panic| {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
            Err((steps.len(), Violation(format!("a panic: {}", text.unwrap_or_default()))))
        })
    }

    fn game(&self, seed: u64) -> Game<'_> {
        Game::new(&self.world, &self.start, (self.client)(), &self.honest_in(seed), self.recorder, seed)
    }

    /// Whether the schedule of a seed has amendments in it, and an honest one with a run after it. Requests are prepared for one version, so it has none where
    /// the contract leaves a choice.
    #[must_use]
    pub fn amends(&self, seed: u64) -> bool {
        seed.is_multiple_of(AMENDED) && !self.world.contract.leaves_choices()
    }

    /// Who is honest in the schedule of a seed.
    fn honest_in(&self, seed: u64) -> String {
        let granting = self.world.granting();
        let turn = usize::try_from(seed).unwrap_or(0).checked_rem(granting.len()).unwrap_or(0);
        self.honest.clone().or_else(|| granting.get(turn).cloned()).unwrap_or_default()
    }
}
