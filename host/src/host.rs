//! What all requests share: who is allowed, what is stored, which rooms are open.

use crate::config::{AllowedParty, Config, Limits};
use crate::http::{Bodies, Nonces, Rates};
use crate::log::Logs;
use crate::refusal::Refusal;
use crate::room::{Opening, Room, launch};
use crate::store::{Store, StoreError, Uploads};
use sealroom_protocol::contract::Contract;
use sealroom_protocol::dsse::{Envelope, PayloadType};
use sealroom_protocol::identity::SigningPublicKey;
use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// Ended rooms whose status is still shown.
const ENDED_ROOMS: usize = 256;

/// The state of a running host.
#[derive(Debug)]
pub(crate) struct Host {
    pub(crate) config: Config,
    pub(crate) authorities: Vec<String>,
    pub(crate) allowed: HashMap<SigningPublicKey, Arc<AllowedParty>>,
    pub(crate) store: Arc<Store>,
    pub(crate) uploads: Arc<Uploads>,
    pub(crate) logs: Logs,
    pub(crate) nonces: Mutex<Nonces>,
    pub(crate) rates: Mutex<Rates>,
    pub(crate) bodies: Bodies,
    rooms: Mutex<BTreeMap<u64, (String, Arc<Room>)>>,
    starting: Mutex<Starting>,
    shutdown: watch::Sender<bool>,
    /// Locked as long as the host runs: one host a state folder.
    _lock: File,
}

/// Rooms that are being started: they count, so that limits on rooms hold.
#[derive(Debug, Default)]
struct Starting {
    rooms: HashMap<SigningPublicKey, usize>,
    next: u64,
}

/// One of them. Dropped also when its client goes away.
struct Start<'a> {
    host: &'a Host,
    party: SigningPublicKey,
    number: u64,
}

impl Drop for Start<'_> {
    fn drop(&mut self) {
        let mut starting = self.host.starting.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = starting.rooms.get_mut(&self.party) {
            *own = own.saturating_sub(1);
        }
    }
}

impl Host {
    pub(crate) async fn open(config: Config, authorities: Vec<String>) -> Result<Self, StoreError> {
        crate::store::private_folder(&config.state)?;
        crate::private::check_folder(&config.state)?;
        let lock = File::create(config.state.join("lock"))?;
        if lock.try_lock().is_err() {
            return Err(StoreError::InUse { folder: config.state.clone() });
        }
        let store = Arc::new(Store::open(&config.store, &config.store_options, &config.state).await?);
        let uploads = Arc::new(Uploads::open(Arc::clone(&store), &config.state, config.limits)?);
        let logs = Logs::open(&config.state)?;
        let nonces = Nonces::open(&config.state.join("nonces"), &config.limits, crate::room::now())?;
        let allowed = config.allowed.iter().map(|party| (party.signing_key, Arc::new(party.clone()))).collect();
        Ok(Self {
            authorities,
            allowed,
            store,
            uploads,
            logs,
            nonces: Mutex::new(nonces),
            rates: Mutex::default(),
            bodies: Bodies::new(config.allowed.iter().map(|party| &party.signing_key)),
            rooms: Mutex::default(),
            starting: Mutex::default(),
            shutdown: watch::Sender::new(false),
            _lock: lock,
            config,
        })
    }

    pub(crate) const fn limits(&self) -> &Limits {
        &self.config.limits
    }

    /// Starts an enclave and opens a room in it.
    pub(crate) async fn open_room(
        &self,
        party: &AllowedParty,
        envelope: Vec<u8>,
    ) -> Result<(String, Arc<Room>), Refusal> {
        // An enclave costs something, so the text is looked at first. Whose signature is missing, the enclave says.
        let form = |what: String| Refusal::ContractForm { what };
        let decoded = Envelope::decode(&envelope, PayloadType::Contract).map_err(|error| form(error.to_string()))?;
        let contract = Contract::of_envelope(&decoded).map_err(|error| form(error.to_string()))?;
        let start = self.begin_start(party)?;
        let (name, room) = self.start(party, contract, envelope).await?;
        let mut rooms = self.rooms();
        drop(rooms.insert(start.number, (name.clone(), Arc::clone(&room))));
        let ended: Vec<u64> =
            rooms.iter().filter(|(_, (_, room))| room.has_ended()).map(|(number, _)| *number).collect();
        for number in ended.iter().take(ended.len().saturating_sub(ENDED_ROOMS)) {
            drop(rooms.remove(number));
        }
        Ok((name, room))
    }

    fn begin_start(&self, party: &AllowedParty) -> Result<Start<'_>, Refusal> {
        if *self.shutdown.borrow() {
            return Err(Refusal::Stopping);
        }
        let mut starting = self.starting.lock().unwrap_or_else(PoisonError::into_inner);
        let rooms = self.rooms();
        let live = rooms.values().filter(|(_, room)| !room.has_ended());
        let (all, own) = live.fold((0_usize, 0_usize), |(all, own), (_, room)| {
            (all.saturating_add(1), own.saturating_add(usize::from(*room.owner() == party.signing_key)))
        });
        let all = all.saturating_add(starting.rooms.values().sum());
        let own = own.saturating_add(starting.rooms.get(&party.signing_key).copied().unwrap_or(0));
        match (own >= party.quota.rooms, all >= self.limits().rooms) {
            (true, _) => Err(Refusal::RoomQuota { limit: party.quota.rooms }),
            (false, true) => Err(Refusal::RoomQuota { limit: self.limits().rooms }),
            (false, false) => {
                let own = starting.rooms.entry(party.signing_key).or_default();
                *own = own.saturating_add(1);
                starting.next = starting.next.saturating_add(1);
                Ok(Start { host: self, party: party.signing_key, number: starting.next })
            }
        }
    }

    async fn start(
        &self,
        party: &AllowedParty,
        contract: Contract,
        envelope: Vec<u8>,
    ) -> Result<(String, Arc<Room>), Refusal> {
        let mut name = [0; 16];
        getrandom::fill(&mut name).map_err(|_| Refusal::Store)?;
        let name = hex::encode(name);
        let peer = launch(&self.config.platform, self.limits()).await?;
        tracing::info!(room = %name, contract = %contract.id(), party = %party.name, pid = peer.started.pid, "enclave started");
        let id = contract.id();
        let opening = Opening { contract, envelope: envelope.clone(), owner: party.signing_key };
        let shutdown = self.shutdown.subscribe();
        let room = Room::open(peer, opening, Arc::clone(&self.store), *self.limits(), shutdown).await?;
        self.store.keep_contract(&id, envelope).await?;
        Ok((name, Arc::new(room)))
    }

    /// Takes a room in that a test opened.
    #[cfg(test)]
    pub(crate) fn adopt(&self, name: &str, room: Room) {
        drop(self.rooms().insert(0, (name.into(), Arc::new(room))));
    }

    /// The room of this name.
    pub(crate) fn room(&self, name: &str) -> Result<Arc<Room>, Refusal> {
        let rooms = self.rooms();
        let found = rooms.values().find(|(known, _)| known == name).map(|(_, room)| Arc::clone(room));
        found.ok_or(Refusal::RoomUnknown)
    }

    /// All rooms that are known, newest last.
    pub(crate) fn all_rooms(&self) -> Vec<(String, Arc<Room>)> {
        self.rooms().values().cloned().collect()
    }

    /// Tells every room that the host shuts down.
    pub(crate) fn begin_shutdown(&self) {
        let _ = self.shutdown.send_replace(true);
    }

    /// Waits until every room has ended.
    pub(crate) async fn rooms_ended(&self) {
        let rooms = core::mem::take(&mut *self.rooms());
        for (_, room) in rooms.into_values() {
            room.finished().await;
        }
    }

    fn rooms(&self) -> MutexGuard<'_, BTreeMap<u64, (String, Arc<Room>)>> {
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
