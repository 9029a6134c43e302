//! The blocking form of [`Host`](crate::Host) and [`Room`](crate::Room): the same methods, for programs without an
//! asynchronous runtime. Not for use inside one: there it panics, as tokio does.
//!
//! ```no_run
//! # fn main() -> Result<(), Box<dyn core::error::Error>> {
//! use sealroom::{HostOptions, blocking::Host};
//! let host = Host::new(&HostOptions::new("https://host.example"))?;
//! for room in host.rooms()? {
//!     println!("{} {}", room.room, room.phase);
//! }
//! # Ok(())
//! # }
//! ```

use crate::client::{
    Accepted, FetchedRequest, HostError, HostOptions, HostProposal, OpenedRoom, PagePlace, RoomStatus, WantedRun,
};
use crate::{
    AppraisedRoom, EncryptedDataset, Granted, Identity, Memory, PreparedRequest, Progress, ReceiptLog, Settled,
    Stricter,
};
use core::time::Duration;
use sealroom_attestation::Challenge;
use sealroom_protocol::contract::{Contract, SignedContract};
use sealroom_protocol::id::{ContractId, ObjectId};
use sealroom_protocol::object::Manifest;
use sealroom_protocol::run::{SignedReceipt, SignedStatement, SignedStop};
use std::path::Path;
use std::sync::Arc;
use tokio::runtime::{Builder, Runtime};

/// A host. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Host {
    inner: crate::client::Host,
    runtime: Arc<Runtime>,
}

/// One room at a host. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Room {
    inner: crate::client::Room,
    runtime: Arc<Runtime>,
}

macro_rules! blocking {
    ($(#[$doc:meta] $name:ident($($argument:ident: $type:ty),*) -> $ok:ty;)*) => {
        $(
            #[$doc]
            ///
            /// # Errors
            /// As its asynchronous form.
            pub fn $name(&self, $($argument: $type),*) -> Result<$ok, HostError> {
                self.runtime.block_on(self.inner.$name($($argument),*))
            }
        )*
    };
}

impl Host {
    /// A host at an address. Nothing is sent yet.
    ///
    /// # Errors
    /// [`HostError::Url`], [`HostError::Certificates`], [`HostError::Unreachable`] where no runtime can be had.
    pub fn new(options: &HostOptions) -> Result<Self, HostError> {
        let inner = crate::client::Host::new(options)?;
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime =
            runtime.map_err(|error| HostError::Unreachable { url: options.url.clone(), what: error.to_string() })?;
        Ok(Self { inner, runtime: Arc::new(runtime) })
    }

    /// Its address.
    #[must_use]
    pub fn url(&self) -> &str {
        self.inner.url()
    }

    /// The room of this name. Nothing is sent yet.
    #[must_use]
    pub fn room(&self, name: &str) -> Room {
        Room { inner: self.inner.room(name), runtime: Arc::clone(&self.runtime) }
    }

    /// The newest room of a contract that has not ended.
    ///
    /// # Errors
    /// As its asynchronous form.
    pub fn find_room(&self, contract: &ContractId) -> Result<Option<Room>, HostError> {
        let found = self.runtime.block_on(self.inner.find_room(contract))?;
        Ok(found.map(|inner| Room { inner, runtime: Arc::clone(&self.runtime) }))
    }

    blocking! {
        /// Whether it answers, and its version by its own word.
        health() -> String;
        /// Opens a room for a contract that all parties signed.
        open_room(contract: &SignedContract, signer: &Identity) -> OpenedRoom;
        /// Every room, newest last.
        rooms() -> Vec<RoomStatus>;
        /// The rooms of a contract that have not ended, newest last.
        open_rooms(contract: &ContractId) -> Vec<RoomStatus>;
        /// The contract of this id, with all signatures verified.
        contract(id: &ContractId) -> SignedContract;
        /// Every receipt of a contract that the host shows, oldest first. None is verified yet.
        receipts(contract: &ContractId) -> Vec<SignedReceipt>;
        /// One page of a contract's receipts as envelopes, and where the next page begins.
        receipt_page(contract: &ContractId, from: PagePlace) -> (Vec<Vec<u8>>, Option<PagePlace>);
        /// Fetches every receipt that the host shows and settles them in the memory.
        settle(contract: &Contract, memory: &Memory) -> Vec<Settled>;
        /// The log of a contract's receipts, with every receipt in its order. None of it is verified yet.
        log(contract: &SignedContract) -> ReceiptLog;
        /// Brings a receipt to the host, so that it counts for the next proposal.
        bring_receipt(contract: &ContractId, receipt: &SignedReceipt, signer: &Identity) -> ();
        /// Uploads a dataset. What the host has already is not sent again.
        upload(dataset: &EncryptedDataset, signer: &Identity, progress: &mut (dyn FnMut(Progress) + Send)) -> ();
        /// Uploads an object from its two files and gives its id.
        upload_files(manifest: &Path, body: &Path, signer: &Identity, progress: &mut (dyn FnMut(Progress) + Send)) -> ObjectId;
        /// Uploads the object of a request.
        upload_request(request: &PreparedRequest, signer: &Identity) -> ();
        /// The manifest of an object, which is the one that its id covers.
        manifest(object: &ObjectId) -> Manifest;
        /// The body of a small object, checked against its manifest.
        body(object: &ObjectId, manifest: &Manifest, limit: u64) -> Vec<u8>;
        /// Downloads an object: the file gets its body, the manifest is returned.
        download(object: &ObjectId, path: &Path, progress: &mut (dyn FnMut(Progress) + Send)) -> Manifest;
        /// Whether the host has the whole object, by its word.
        has_object(object: &ObjectId) -> bool;
    }
}

impl Room {
    /// Its name at the host.
    #[must_use]
    pub fn name(&self) -> &str {
        self.inner.name()
    }

    blocking! {
        /// How it stands, by the host's word.
        status() -> RoomStatus;
        /// Its contract, with all signatures verified.
        contract() -> SignedContract;
        /// Sends a fresh challenge and appraises what comes back.
        appraise(contract: &Contract, signer: &Identity, challenge: Challenge, stricter: &Stricter, now: u64) -> AppraisedRoom;
        /// Asks the enclave to propose a run.
        propose(wanted: &WantedRun, signer: &Identity) -> HostProposal;
        /// The current proposal, if there is one.
        proposal() -> Option<HostProposal>;
        /// Fetches the request of a proposal, where it has one.
        fetch_request(proposal: &HostProposal) -> Option<FetchedRequest>;
        /// Sends a grant.
        send_grant(granted: &Granted, signer: &Identity) -> Accepted;
        /// Brings a statement.
        send_statement(statement: &SignedStatement, signer: &Identity) -> Accepted;
        /// Stops the room.
        stop(stop: &SignedStop, signer: &Identity) -> Option<SignedReceipt>;
        /// Gives the current proposal up.
        abandon(signer: &Identity) -> Option<SignedReceipt>;
        /// Follows the room until no run is going on.
        wait_for_run(poll: Duration) -> RoomStatus;
    }
}
