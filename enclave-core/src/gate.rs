//! What may come in: the contract, objects, requests, statements and stops, each checked against the contract.
//!
//! What always holds: what a function here returns is signed by whom the contract says, and belongs to this contract.

use crate::chain::Head;
use crate::programs::Programs;
use crate::refusal::Refusal;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use sealroom_protocol::contract::{Contract, Role, SignedContract};
use sealroom_protocol::dsse::{Envelope, PayloadType};
use sealroom_protocol::id::ObjectId;
use sealroom_protocol::object::Manifest;
use sealroom_protocol::run::{
    DatasetHeader, HeaderError, Proposal, ProposedRequest, RequestHeader, SignedAnnouncement, SignedError,
    SignedStatement, SignedStop, Statement, schema_digest,
};

/// A manifest that was brought, and what its header says it is.
#[derive(Debug)]
pub(crate) struct Brought {
    pub(crate) manifest: Manifest,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    /// Index of the dataset in the contract.
    Dataset(usize),
    Request(RequestHeader),
}

/// The contract gate: every party signed this text, and the image has its program.
pub(crate) fn contract(envelope: &[u8], programs: &Programs) -> Result<SignedContract, Refusal> {
    let envelope = Envelope::decode(envelope, PayloadType::Contract).map_err(Refusal::ContractEnvelope)?;
    let signed = SignedContract::verify(&envelope).map_err(Refusal::Contract)?;
    let terms = signed.contract().terms();
    let program = programs.find(&terms.program)?;
    if !signed.contract().leaves_choices() {
        program.plan(terms, &terms.program.arguments).map_err(Refusal::Program)?;
    }
    Ok(signed)
}

/// A manifest whose header names a dataset of the contract, or a request under it.
pub(crate) fn object(contract: &Contract, bytes: &[u8]) -> Result<(ObjectId, Brought), Refusal> {
    let manifest = Manifest::decode(bytes).map_err(Refusal::Manifest)?;
    let object = manifest.id();
    let kind = match DatasetHeader::decode(manifest.header()) {
        Ok(header) => Kind::Dataset(dataset_index(contract, &object, &header)?),
        Err(HeaderError::Kind { .. } | HeaderError::Form(_)) => {
            let header = RequestHeader::decode(manifest.header()).map_err(Refusal::Header)?;
            let may_ask = contract.party_by_key(&header.requester).is_some_and(|party| party.has(Role::Request));
            if header.contract != contract.id() {
                return Err(Refusal::ForeignRequest { object, what: "contract" });
            }
            if !may_ask {
                return Err(Refusal::ForeignRequest { object, what: "requester" });
            }
            Kind::Request(header)
        }
        Err(error) => return Err(Refusal::Header(error)),
    };
    Ok((object, Brought { manifest, kind }))
}

fn dataset_index(contract: &Contract, object: &ObjectId, header: &DatasetHeader) -> Result<usize, Refusal> {
    let foreign = |what| Refusal::ForeignDataset { object: *object, what };
    let datasets = &contract.terms().datasets;
    let index = datasets.iter().position(|dataset| dataset.name == header.name).ok_or_else(|| foreign("name"))?;
    let dataset = datasets.get(index).ok_or_else(|| foreign("name"))?;
    let owner = contract.party(&dataset.owner).map(|party| party.signing_key);
    if owner != Some(header.owner) {
        return Err(foreign("owner"));
    }
    if header.schema != schema_digest(&dataset.columns) {
        return Err(foreign("schema"));
    }
    Ok(index)
}

/// The contract's datasets, each with the object that was brought for it.
pub(crate) fn datasets(
    contract: &Contract,
    brought: &BTreeMap<ObjectId, Brought>,
    objects: &[ObjectId],
) -> Result<Vec<(String, ObjectId)>, Refusal> {
    let datasets = &contract.terms().datasets;
    if datasets.len() != objects.len() {
        return Err(Refusal::DatasetCount { expected: datasets.len(), found: objects.len() });
    }
    let mut named = Vec::with_capacity(objects.len());
    for (index, (dataset, object)) in datasets.iter().zip(objects).enumerate() {
        if let Some(expected) = dataset.object
            && expected != *object
        {
            return Err(Refusal::PinnedDataset { dataset: dataset.name.clone(), expected, found: *object });
        }
        match brought.get(object).map(|brought| &brought.kind) {
            Some(Kind::Dataset(found)) if *found == index => named.push((dataset.name.clone(), *object)),
            Some(Kind::Dataset(_) | Kind::Request(_)) | None => {
                return Err(Refusal::Dataset { dataset: dataset.name.clone(), object: *object });
            }
        }
    }
    Ok(named)
}

/// The request, where the contract leaves a choice: announced by its requester, its object brought, not used before.
pub(crate) fn request(
    contract: &Contract,
    brought: &BTreeMap<ObjectId, Brought>,
    bytes: Option<&[u8]>,
    head: &Head,
) -> Result<Option<ProposedRequest>, Refusal> {
    let expected = contract.leaves_choices();
    let bytes = match (bytes, expected) {
        (Some(bytes), true) => bytes,
        (None, false) => return Ok(None),
        (Some(_), false) | (None, true) => return Err(Refusal::RequestPresence { expected }),
    };
    let signed = SignedAnnouncement::decode(bytes).map_err(Refusal::RequestForm)?;
    let name = &signed.allegation().requester;
    let requester = contract
        .party(name)
        .filter(|party| party.has(Role::Request))
        .ok_or_else(|| Refusal::Requester { party: name.clone() })?;
    let announcement = signed.verify(&requester.signing_key).map_err(Refusal::RequestSignature)?;
    let header = match brought.get(&announcement.object).map(|brought| &brought.kind) {
        Some(Kind::Request(header)) => header,
        Some(Kind::Dataset(_)) | None => return Err(Refusal::RequestBinding { what: "object" }),
    };
    let data_parties = contract.data_parties();
    let what = if announcement.contract != contract.id() {
        Some("contract")
    } else if header.request != announcement.request {
        Some("request id")
    } else if header.requester != requester.signing_key {
        Some("requester")
    } else if !announcement.keys.iter().map(|key| &key.party).eq(data_parties.map(|party| &party.name)) {
        Some("list of data parties")
    } else {
        None
    };
    if let Some(what) = what {
        return Err(Refusal::RequestBinding { what });
    }
    if let Some(run) = head.used_in(&announcement.request) {
        return Err(Refusal::RequestUsed { request: announcement.request, run });
    }
    Ok(Some(ProposedRequest {
        requester: requester.name.clone(),
        request: announcement.request,
        object: announcement.object,
    }))
}

/// A statement about the host's region, where the contract asks for one.
pub(crate) fn statement(contract: &Contract, proposal: &Proposal, bytes: &[u8]) -> Result<SignedStatement, Refusal> {
    let signed = SignedStatement::decode(bytes).map_err(Refusal::StatementForm)?;
    let Some(terms) = &contract.terms().cross_border else {
        return Err(Refusal::Statement { expected: "none under this contract", found: "one" });
    };
    let key = contract.party(&terms.stated_by).map(|party| party.signing_key);
    let key = key.ok_or(Refusal::Statement { expected: "a party that states", found: "none in the contract" })?;
    match signed.verify(&key).map_err(|error| Refusal::StatementForm(SignedError::Envelope(error)))? {
        Statement::HostRegion { contract: named, .. } if *named != contract.id() => {
            Err(Refusal::Statement { expected: "this contract", found: "another" })
        }
        Statement::HostRegion { proposal: named, .. } if *named != proposal.id() => {
            Err(Refusal::Statement { expected: "this proposal", found: "another" })
        }
        Statement::HostRegion { region, .. } if !terms.host_regions.contains(region) => {
            Err(Refusal::Statement { expected: "a region that the contract allows", found: "another" })
        }
        Statement::HostRegion { .. } => Ok(signed),
        Statement::Operator { .. } => {
            Err(Refusal::Statement { expected: "one about the host's region", found: "one about the operator" })
        }
    }
}

/// A stop by any party of the contract.
pub(crate) fn stop(contract: &Contract, bytes: &[u8]) -> Result<SignedStop, Refusal> {
    let signed = SignedStop::decode(bytes).map_err(Refusal::StopForm)?;
    let name = &signed.allegation().party;
    let party = contract.party(name).ok_or_else(|| Refusal::StopParty { party: name.clone() })?;
    let found = signed.verify(&party.signing_key).map_err(Refusal::StopSignature)?.contract;
    if found != contract.id() {
        return Err(Refusal::StopContract { expected: contract.id(), found });
    }
    Ok(signed)
}
