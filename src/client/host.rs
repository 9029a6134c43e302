//! A host: rooms, contracts and receipts.

use super::answers::{OpenedRoom, PagePlace, ReceiptPage, RoomStatus, Rooms};
use super::error::HostError;
use super::http::Http;
use super::room::Room;
use super::words;
use crate::identity::Identity;
use crate::memory::{Memory, MemoryError, Settled};
use core::time::Duration;
use sealroom_protocol::contract::{Contract, SignedContract};
use sealroom_protocol::dsse::ENVELOPE_LIMIT;
use sealroom_protocol::id::ContractId;
use sealroom_protocol::run::SignedReceipt;
use serde::Deserialize;
use serde::de::IgnoredAny;

/// Pages of receipts read at most: 16 each, and no contract has more than a million runs.
const PAGE_LIMIT: u32 = 131_072;
/// Bytes of receipts that are held before they are verified.
const RECEIPTS_LIMIT: usize = 256 << 20;

/// How to reach a host.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct HostOptions {
    /// `http://` or `https://`, name, perhaps a port.
    pub url: String,
    /// Root certificates (PEM or DER) that alone are trusted for its TLS; empty: those of the operating system. TLS hides
    /// who talks to whom; nothing else rests on it.
    pub root_certificates: Vec<Vec<u8>>,
    /// How long to wait for a connection, and for each next piece of an answer. A minute unless set.
    pub timeout: Duration,
    /// How long one exchange may take from its first byte to its last; the body of an object gets a second more for each
    /// 64 KiB of it. Ten minutes unless set.
    pub exchange_timeout: Duration,
    /// How long [`Room::wait_for_run`] follows a run. A day unless set, which is what a host gives a run.
    pub run_timeout: Duration,
}

impl HostOptions {
    /// The host at this URL, with the operating system's certificates, and patience as each field says.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            root_certificates: Vec::new(),
            timeout: Duration::from_secs(60),
            exchange_timeout: Duration::from_secs(600),
            run_timeout: Duration::from_secs(86_400),
        }
    }
}

/// A host. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Host {
    pub(super) http: Http,
}

#[derive(Debug, Deserialize)]
struct Health {
    #[serde(deserialize_with = "words::one")]
    version: String,
}

impl Host {
    /// A host at an address. Nothing is sent yet.
    ///
    /// # Errors
    /// [`HostError::Url`], [`HostError::Certificates`].
    pub fn new(options: &HostOptions) -> Result<Self, HostError> {
        Ok(Self { http: Http::new(options)? })
    }

    /// Its address.
    #[must_use]
    pub fn url(&self) -> &str {
        self.http.url()
    }

    /// Whether it answers, and its version by its own word.
    ///
    /// # Errors
    /// [`HostError`] of the network.
    pub async fn health(&self) -> Result<String, HostError> {
        Ok(self.http.get_json::<Health>("/v1/health").await?.version)
    }

    /// Opens a room for a contract that all parties signed.
    ///
    /// # Errors
    /// [`HostError::Problem`] where the host, or the enclave behind it, refuses; [`HostError`] of the network.
    pub async fn open_room(&self, contract: &SignedContract, signer: &Identity) -> Result<OpenedRoom, HostError> {
        let opened: OpenedRoom = self.http.post_bytes("/v1/rooms", contract.envelope().encode(), signer).await?;
        if opened.contract != contract.contract().id() {
            return Err(HostError::Other { what: "room" });
        }
        Ok(opened)
    }

    /// Every room, newest last.
    ///
    /// # Errors
    /// [`HostError`] of the network.
    pub async fn rooms(&self) -> Result<Vec<RoomStatus>, HostError> {
        Ok(self.http.get_json::<Rooms>("/v1/rooms").await?.rooms)
    }

    /// The rooms of a contract that have not ended, newest last.
    ///
    /// # Errors
    /// [`HostError`] of the network.
    pub async fn open_rooms(&self, contract: &ContractId) -> Result<Vec<RoomStatus>, HostError> {
        let Rooms { mut rooms } = self.http.get_json(&format!("/v1/contracts/{contract}/rooms")).await?;
        rooms.retain(|room| room.contract == *contract && room.ended.is_none());
        Ok(rooms)
    }

    /// The newest room of a contract that has not ended.
    ///
    /// # Errors
    /// [`HostError`] of the network.
    pub async fn find_room(&self, contract: &ContractId) -> Result<Option<Room>, HostError> {
        let open = self.open_rooms(contract).await?.pop();
        Ok(open.map(|status| self.room(&status.room)))
    }

    /// The room of this name. Nothing is sent yet.
    #[must_use]
    pub fn room(&self, name: &str) -> Room {
        Room { http: self.http.clone(), name: name.to_owned() }
    }

    /// The contract of this id, with all signatures verified.
    ///
    /// # Errors
    /// [`HostError::Contract`], [`HostError::Other`]; [`HostError`] of the network.
    pub async fn contract(&self, id: &ContractId) -> Result<SignedContract, HostError> {
        let limit = u64::try_from(ENVELOPE_LIMIT).unwrap_or(u64::MAX);
        let bytes = self.http.get(&format!("/v1/contracts/{id}")).await?.bytes(limit).await?;
        let signed = SignedContract::decode(&bytes)?;
        if signed.contract().id() != *id {
            return Err(HostError::Other { what: "contract" });
        }
        Ok(signed)
    }

    /// Every receipt of a contract that the host shows, oldest first. None is verified yet.
    ///
    /// # Errors
    /// [`HostError::Signed`]; [`HostError`] of the network.
    pub async fn receipts(&self, contract: &ContractId) -> Result<Vec<SignedReceipt>, HostError> {
        self.listed_receipts(contract).await?.iter().map(|bytes| decode(bytes)).collect()
    }

    /// One page of a contract's receipts, by run number from `from` on, as envelopes of which none is decoded; and where the
    /// next page begins, which is further on. For who holds no more than a page at once.
    ///
    /// # Errors
    /// [`HostError`] of the network.
    pub async fn receipt_page(
        &self,
        contract: &ContractId,
        from: PagePlace,
    ) -> Result<(Vec<Vec<u8>>, Option<PagePlace>), HostError> {
        let path = path_of(contract, from);
        let page = match self.http.get_json::<ReceiptPage>(&path).await {
            Err(error) if error.is_problem("contract.unknown") => return Ok((Vec::new(), None)),
            page => page?,
        };
        let receipts = page.receipts.into_iter().map(|listed| listed.receipt).collect();
        let next = page.next.map(|run| PagePlace { run, skip: page.skip });
        Ok((receipts, next.filter(|next| *next > from)))
    }

    async fn listed_receipts(&self, contract: &ContractId) -> Result<Vec<Vec<u8>>, HostError> {
        let mut receipts = Vec::new();
        let (mut from, mut bytes) = (PagePlace::default(), 0_usize);
        for _ in 0..PAGE_LIMIT {
            let (page, next) = self.receipt_page(contract, from).await?;
            for receipt in page {
                bytes = bytes.saturating_add(receipt.len());
                if bytes > RECEIPTS_LIMIT {
                    let path = path_of(contract, from);
                    return Err(HostError::Answer { path, what: "more receipts than a party holds at once" });
                }
                receipts.push(receipt);
            }
            match next {
                Some(next) => from = next,
                None => break,
            }
        }
        Ok(receipts)
    }

    /// Fetches every receipt that the host shows and settles them in the memory. One that does not hold keeps no other
    /// from being settled.
    ///
    /// # Errors
    /// [`HostError::Receipt`] for the first that does not decode, does not hold, or contradicts another;
    /// [`HostError::Memory`] where one shows that the memory was restored, or the memory fails; [`HostError`] of the
    /// network.
    pub async fn settle(&self, contract: &Contract, memory: &Memory) -> Result<Vec<Settled>, HostError> {
        let mut settled = Vec::new();
        let mut first = None;
        for (place, bytes) in self.listed_receipts(&contract.id()).await?.iter().enumerate() {
            let taken = match decode(bytes) {
                Ok(receipt) => memory.settle(contract, &receipt).map_err(HostError::from),
                Err(error) => Err(error),
            };
            match taken {
                Ok(receipt) => settled.push(receipt),
                Err(source) if is_of_the_receipt(&source) => {
                    let place = place.saturating_add(1);
                    first.get_or_insert_with(|| HostError::Receipt { place, source: Box::new(source) });
                }
                Err(error) => return Err(error),
            }
        }
        first.map_or(Ok(settled), Err)
    }

    /// Brings a receipt to the host, so that it counts for the next proposal.
    ///
    /// # Errors
    /// [`HostError::Problem`]; [`HostError`] of the network.
    pub async fn bring_receipt(
        &self,
        contract: &ContractId,
        receipt: &SignedReceipt,
        signer: &Identity,
    ) -> Result<(), HostError> {
        let path = format!("/v1/contracts/{contract}/receipts");
        let _: IgnoredAny = self.http.post_bytes(&path, receipt.encode(), signer).await?;
        Ok(())
    }
}

fn path_of(contract: &ContractId, PagePlace { run, skip }: PagePlace) -> String {
    match skip {
        0 => format!("/v1/contracts/{contract}/receipts?from={run}"),
        skip => format!("/v1/contracts/{contract}/receipts?from={run}&skip={skip}"),
    }
}

fn decode(bytes: &[u8]) -> Result<SignedReceipt, HostError> {
    SignedReceipt::decode(bytes).map_err(|source| HostError::Signed { what: "receipt", source })
}

/// Whether it is the receipt that is wrong, not the memory that takes it.
fn is_of_the_receipt(error: &HostError) -> bool {
    use MemoryError::{Contradiction, Receipt, Record};
    matches!(
        error,
        HostError::Signed { .. } | HostError::Memory(Receipt(_) | Contradiction { .. } | Record { what: "grant" })
    )
}
