//! A room at a host: appraise it, have a run proposed, grant, follow.

use super::answers::{
    Accepted, ChallengeWanted, EvidenceAnswer, GrantSent, HostProposal, ReceiptAnswer, RoomPhase, RoomStatus, WantedRun,
};
use super::error::HostError;
use super::host::Host;
use super::http::Http;
use crate::appraise::{AppraisedRoom, appraise};
use crate::grant::Granted;
use crate::identity::Identity;
use crate::policy::Stricter;
use crate::request::{BroughtRequest, REQUEST_LIMIT};
use crate::review::BroughtProposal;
use core::time::Duration;
use sealroom_attestation::Challenge;
use sealroom_protocol::contract::{Contract, SignedContract};
use sealroom_protocol::dsse::ENVELOPE_LIMIT;
use sealroom_protocol::run::{SignedAnnouncement, SignedReceipt, SignedStatement, SignedStop};
use std::time::Instant;

/// Largest body of a request's object, with prefix, tags and some room.
const REQUEST_BODY_LIMIT: u64 = 2 << 20;

/// One room at a host. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Room {
    pub(super) http: Http,
    pub(super) name: String,
}

/// A proposal's request, fetched for a review.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FetchedRequest {
    announcement: Vec<u8>,
    manifest: Vec<u8>,
    body: Vec<u8>,
}

impl FetchedRequest {
    /// For [`AppraisedRoom::review`].
    #[must_use]
    pub fn brought(&self) -> BroughtRequest<'_> {
        BroughtRequest { announcement: &self.announcement, manifest: &self.manifest, body: &self.body }
    }
}

impl HostProposal {
    /// For [`AppraisedRoom::review`], with the request that [`Room::fetch_request`] brought.
    #[must_use]
    pub fn brought<'a>(&'a self, request: Option<&'a FetchedRequest>) -> BroughtProposal<'a> {
        BroughtProposal { proposal: &self.proposal, request: request.map(FetchedRequest::brought) }
    }
}

impl Room {
    /// Its name at the host.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    fn path(&self, rest: &str) -> String {
        format!("/v1/rooms/{}{rest}", self.name)
    }

    /// How it stands, by the host's word.
    ///
    /// # Errors
    /// [`HostError`] of the network.
    pub async fn status(&self) -> Result<RoomStatus, HostError> {
        self.http.get_json(&self.path("")).await
    }

    /// Its contract, with all signatures verified.
    ///
    /// # Errors
    /// [`HostError::Contract`]; [`HostError`] of the network.
    pub async fn contract(&self) -> Result<SignedContract, HostError> {
        let limit = u64::try_from(ENVELOPE_LIMIT).unwrap_or(u64::MAX);
        let bytes = self.http.get(&self.path("/contract")).await?.bytes(limit).await?;
        Ok(SignedContract::decode(&bytes)?)
    }

    /// Sends a fresh challenge and appraises what comes back.
    ///
    /// # Errors
    /// [`HostError::Appraisal`] with every check; [`HostError`] of the network.
    pub async fn appraise(
        &self,
        contract: &Contract,
        signer: &Identity,
        challenge: Challenge,
        stricter: &Stricter,
        now: u64,
    ) -> Result<AppraisedRoom, HostError> {
        let wanted = ChallengeWanted { challenge: hex::encode(challenge.as_bytes()) };
        let answer: EvidenceAnswer = self.http.post_json(&self.path("/evidence"), &wanted, signer).await?;
        Ok(appraise(contract, answer.into_bundle(), challenge, stricter, now)?)
    }

    /// Asks the enclave to propose a run. Anyone may grant it who finds it as it should be.
    ///
    /// # Errors
    /// [`HostError::Problem`]; [`HostError`] of the network.
    pub async fn propose(&self, wanted: &WantedRun, signer: &Identity) -> Result<HostProposal, HostError> {
        self.http.post_json(&self.path("/proposal"), wanted, signer).await
    }

    /// The current proposal, if there is one.
    ///
    /// # Errors
    /// [`HostError`] of the network.
    pub async fn proposal(&self) -> Result<Option<HostProposal>, HostError> {
        match self.http.get_json(&self.path("/proposal")).await {
            Ok(proposal) => Ok(Some(proposal)),
            Err(error) if error.is_problem("room.proposal") => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Fetches the request of a proposal, where it has one.
    ///
    /// # Errors
    /// [`HostError::Signed`], [`HostError::Object`]; [`HostError`] of the network.
    pub async fn fetch_request(&self, proposal: &HostProposal) -> Result<Option<FetchedRequest>, HostError> {
        let Some(announcement) = proposal.request.clone() else { return Ok(None) };
        let signed = SignedAnnouncement::decode(&announcement);
        let signed = signed.map_err(|source| HostError::Signed { what: "request", source })?;
        let object = signed.allegation().object;
        let host = Host { http: self.http.clone() };
        let manifest = host.manifest(&object).await?;
        let limit = u64::try_from(REQUEST_LIMIT).unwrap_or(u64::MAX).max(REQUEST_BODY_LIMIT);
        let body = host.body(&object, &manifest, limit).await?;
        Ok(Some(FetchedRequest { announcement, manifest: manifest.encode(), body }))
    }

    /// Sends a grant. Sending one again that arrived is refused by the enclave and harmless.
    ///
    /// # Errors
    /// [`HostError::Problem`]; [`HostError`] of the network. The grant counts all the same until a receipt settles it.
    pub async fn send_grant(&self, granted: &Granted, signer: &Identity) -> Result<Accepted, HostError> {
        let sent = GrantSent { grant: granted.envelope(), ciphertext: granted.ciphertext().to_vec() };
        self.http.post_json(&self.path("/grants"), &sent, signer).await
    }

    /// Brings a statement: of the operator about its enclave, or of the party that says where the host stands.
    ///
    /// # Errors
    /// [`HostError::Problem`]; [`HostError`] of the network.
    pub async fn send_statement(&self, statement: &SignedStatement, signer: &Identity) -> Result<Accepted, HostError> {
        self.http.post_bytes(&self.path("/statement"), statement.encode(), signer).await
    }

    /// Stops the room. The receipt, where there is one, is that of the run or proposal that was stopped.
    ///
    /// # Errors
    /// [`HostError::Problem`], [`HostError::Signed`]; [`HostError`] of the network.
    pub async fn stop(&self, stop: &SignedStop, signer: &Identity) -> Result<Option<SignedReceipt>, HostError> {
        self.receipt("/stop", stop.encode(), signer).await
    }

    /// Gives the current proposal up; the receipt is void and gives every grant back.
    ///
    /// # Errors
    /// [`HostError::Problem`], [`HostError::Signed`]; [`HostError`] of the network.
    pub async fn abandon(&self, signer: &Identity) -> Result<Option<SignedReceipt>, HostError> {
        self.receipt("/abandon", Vec::new(), signer).await
    }

    async fn receipt(&self, rest: &str, body: Vec<u8>, signer: &Identity) -> Result<Option<SignedReceipt>, HostError> {
        let answer: ReceiptAnswer = self.http.post_bytes(&self.path(rest), body, signer).await?;
        let decode = |bytes: Vec<u8>| SignedReceipt::decode(&bytes);
        answer.receipt.map(decode).transpose().map_err(|source| HostError::Signed { what: "receipt", source })
    }

    /// Follows the room until no run is going on, and gives its status then. Waits as long as
    /// [`HostOptions::run_timeout`](super::HostOptions::run_timeout).
    ///
    /// # Errors
    /// [`HostError::Running`] where the run goes on for longer; [`HostError`] of the network.
    pub async fn wait_for_run(&self, poll: Duration) -> Result<RoomStatus, HostError> {
        let (begun, patience) = (Instant::now(), self.http.run_timeout());
        loop {
            let status = self.status().await?;
            if status.phase != RoomPhase::Run {
                return Ok(status);
            }
            let left = patience.saturating_sub(begun.elapsed());
            if left.is_zero() {
                return Err(HostError::Running { room: self.name.clone(), seconds: patience.as_secs() });
            }
            tokio::time::sleep(poll.min(left)).await;
        }
    }
}
