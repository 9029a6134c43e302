//! A host that does as it likes, by random schedules: what is read is the newest state or a typed error, never older data.

use crate::host::Disk;
use crate::world::{Content, World};
use proptest::prelude::*;
use sealroom_enclave_core::sealed::{Change, FreshnessLevel, SealedError, Store};

#[derive(Debug, Clone)]
enum Act {
    Write {
        name: u8,
        value: u8,
    },
    Remove {
        name: u8,
    },
    NewEpoch,
    /// The process begins anew.
    Restart,
    /// The host keeps a copy of its disk.
    Backup,
    /// It puts a copy back.
    GoBack {
        which: u8,
    },
    /// It puts back what was there before its tricks.
    Repent,
    /// It shows one blob as another.
    Swap {
        one: u8,
        other: u8,
    },
    /// It cuts, lengthens or changes one.
    Cut {
        which: u8,
        length: u16,
    },
    Add {
        which: u8,
    },
    Flip {
        which: u8,
        bit: u16,
    },
    Lose {
        which: u8,
    },
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        4 => (0..3_u8, any::<u8>()).prop_map(|(name, value)| Act::Write { name, value }),
        1 => (0..3_u8).prop_map(|name| Act::Remove { name }),
        1 => Just(Act::NewEpoch),
        2 => Just(Act::Restart),
        2 => Just(Act::Backup),
        2 => any::<u8>().prop_map(|which| Act::GoBack { which }),
        3 => Just(Act::Repent),
        1 => (any::<u8>(), any::<u8>()).prop_map(|(one, other)| Act::Swap { one, other }),
        1 => (any::<u8>(), any::<u16>()).prop_map(|(which, length)| Act::Cut { which, length }),
        1 => any::<u8>().prop_map(|which| Act::Add { which }),
        1 => (any::<u8>(), any::<u16>()).prop_map(|(which, bit)| Act::Flip { which, bit }),
        1 => any::<u8>().prop_map(|which| Act::Lose { which }),
    ]
}

/// The enclave, the host's copies, and what must be true.
struct Play {
    world: World,
    store: Option<Store>,
    copies: Vec<Disk>,
    honest: Disk,
    newest: Content,
    /// A change whose end nobody knows.
    doubtful: Option<Content>,
    reads: usize,
}

impl Play {
    fn new(level: FreshnessLevel) -> Self {
        let mut world = World::new(level);
        let store = world.create().unwrap();
        let honest = world.host.disk();
        Self {
            world,
            store: Some(store),
            copies: vec![honest.clone()],
            honest,
            newest: Content::new(),
            doubtful: None,
            reads: 0,
        }
    }

    fn act(&mut self, act: &Act) {
        match act {
            Act::Write { name, value } => {
                let name = format!("object {name}");
                let mut next = self.newest.clone();
                next.insert(name.clone(), vec![*value]);
                self.commit(Change::new().write(&name, &[*value]).unwrap(), next);
            }
            Act::Remove { name } => {
                let name = format!("object {name}");
                let mut next = self.newest.clone();
                next.remove(&name);
                self.commit(Change::new().remove(&name), next);
            }
            Act::NewEpoch => self.commit(Change::new().new_epoch(), self.newest.clone()),
            Act::Restart => {
                self.store = None;
                // A new life of a lower level has seen nothing; only the witnesses outlive one.
                if self.world.level == FreshnessLevel::Witness {
                    self.world.restart();
                }
            }
            Act::Backup => self.copies.push(self.world.host.disk()),
            Act::GoBack { which } => {
                let which = usize::from(*which) % self.copies.len();
                self.world.host.restore_disk(self.copies[which].clone());
            }
            Act::Repent => self.world.host.restore_disk(self.honest.clone()),
            Act::Swap { one, other } => {
                let bytes = self.blob(*other).map(|(_, bytes)| bytes);
                self.replace(*one, |place| *place = bytes.unwrap_or_default());
            }
            Act::Cut { which, length } => self.replace(*which, |bytes| {
                let length = usize::from(*length) % bytes.len().max(1);
                bytes.truncate(length);
            }),
            Act::Add { which } => self.replace(*which, |bytes| bytes.push(0)),
            Act::Flip { which, bit } => self.replace(*which, |bytes| {
                let bit = usize::from(*bit) % (bytes.len() * 8).max(1);
                if let Some(byte) = bytes.get_mut(bit / 8) {
                    *byte ^= 1 << (bit % 8);
                }
            }),
            Act::Lose { which } => {
                if let Some((name, _)) = self.blob(*which) {
                    self.world.host.0.borrow_mut().disk.blobs.remove(&name);
                }
            }
        }
        self.look();
    }

    fn commit(&mut self, change: Change, next: Content) {
        let Some(store) = &mut self.store else { return };
        match store.commit(&mut self.world.means(), change) {
            Ok(_) => {
                self.newest = next;
                self.remember_pointers();
            }
            Err(SealedError::InDoubt) => self.doubtful = Some(next),
            Err(_) => {}
        }
        // What was just written is untouched still; what was known is kept as it was.
        for (name, bytes) in self.world.host.disk().blobs {
            self.honest.blobs.entry(name).or_insert(bytes);
        }
    }

    /// An answer of the register came from this log and pointer.
    fn remember_pointers(&mut self) {
        let disk = self.world.host.disk();
        (self.honest.logs, self.honest.pointers) = (disk.logs, disk.pointers);
    }

    /// Opens where nothing is open, and reads everything.
    fn look(&mut self) {
        if self.store.as_ref().is_none_or(|store| store.report().is_err()) {
            self.store = self.world.open().ok();
            if self.store.is_some() {
                self.remember_pointers();
            }
        }
        let Some(store) = &self.store else { return };
        match self.world.content(store) {
            Ok(content) if content == self.newest => self.reads += 1,
            Ok(content) => {
                assert_eq!(Some(&content), self.doubtful.as_ref(), "neither the newest state nor the one in doubt");
                self.newest = content;
            }
            Err(_) => return,
        }
        self.doubtful = None;
    }

    fn blob(&self, which: u8) -> Option<(sealroom_protocol::id::ObjectId, Vec<u8>)> {
        let blobs = self.world.host.disk().blobs;
        let count = blobs.len().max(1);
        blobs.into_iter().nth(usize::from(which) % count)
    }

    fn replace(&self, which: u8, change: impl FnOnce(&mut Vec<u8>)) {
        if let Some((name, mut bytes)) = self.blob(which) {
            change(&mut bytes);
            self.world.host.0.borrow_mut().disk.blobs.insert(name, bytes);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn no_schedule_of_a_host_shows_older_data_within_a_session(acts in proptest::collection::vec(act(), 1..40)) {
        let mut play = Play::new(FreshnessLevel::Session);
        acts.iter().for_each(|act| play.act(act));
    }

    #[test]
    fn no_schedule_of_a_host_shows_older_data_under_witnesses(acts in proptest::collection::vec(act(), 1..40)) {
        let mut play = Play::new(FreshnessLevel::Witness);
        acts.iter().for_each(|act| play.act(act));
    }
}

#[test]
fn the_schedules_read_data_so_the_property_says_something() {
    let mut play = Play::new(FreshnessLevel::Witness);
    for value in 0..10 {
        play.act(&Act::Write { name: value % 3, value });
        play.act(&Act::Restart);
        play.act(&Act::GoBack { which: value });
        play.act(&Act::Repent);
    }
    assert!(play.reads >= 10, "{} reads", play.reads);
    assert_eq!(play.newest.len(), 3);
}
