//! From checked text to terms: the top table, parties, limits and statements about places.
//!
//! What always holds: terms that [`decode`] returns keep every rule of `spec/contract.md`, section 3.

use super::decode_amends::amends;
use super::decode_data::{datasets, results};
use super::decode_enclave::enclaves;
use super::decode_log::log;
use super::decode_program::program;
use super::error::{ContractError, shown};
use super::position::{Position, Source};
use super::reader::{Table, Value};
use super::terms::{CrossBorder, Limits, Party, Role, Terms};
use super::time;
use super::{VERSION, subset};
use crate::identity::SigningPublicKey;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use toml::de::DeTable;

/// The name of the table outside every header, in messages.
pub(super) const TOP: &str = "the contract";

/// Seconds of a year, the longest time between two evaluations.
const YEAR: i64 = 31_536_000;

/// Most rows, bytes and group sizes: 2^40.
pub(super) const LARGE: i64 = 1 << 40;

const TOP_KEYS: [&str; 15] = [
    "sealroom_contract",
    "name",
    "purpose",
    "not_before",
    "expires",
    "random",
    "party",
    "dataset",
    "program",
    "result",
    "limits",
    "enclave",
    "cross_border",
    "log",
    "amends",
];

/// The terms that a text says.
pub(super) fn decode(source: Source<'_>) -> Result<Terms, ContractError> {
    subset::check(source)?;
    let document = DeTable::parse(source.text()).map_err(|error| ContractError::Structure {
        at: source.position(error.span().map_or(0, |span| span.start)),
        problem: error.message().to_string(),
    })?;
    let table = document.get_ref();
    // The version comes first: another one has other keys.
    let top = Table::unchecked(source, TOP, 0, table);
    let version = top.required("sealroom_contract")?;
    let found = version.integer(1, i64::MAX)?;
    if found != VERSION {
        return Err(ContractError::Version { at: version.at(), expected: VERSION, found });
    }
    let top = Table::new(source, TOP, 0, table, &TOP_KEYS)?;
    let name = top.required("name")?.name()?.to_string();
    let purpose = top.required("purpose")?.prose(1, 1000)?.to_string();
    let not_before = top.required("not_before")?.time()?;
    let expires_value = top.required("expires")?;
    let expires = expires_value.time()?;
    if expires <= not_before {
        let (at, not_before, expires) = (expires_value.at(), time::time_text(not_before), time::time_text(expires));
        return Err(ContractError::ExpiresTooEarly { at, not_before, expires });
    }
    let random = top.required("random")?.hex("", "64 lowercase hexadecimal digits")?;
    let parties = Parties::read(&top)?;
    let datasets = datasets(&top, &parties)?;
    let program = program(&top.required("program")?, &parties)?;
    let results = results(&top.required("result")?, &parties)?;
    let limits = limits(&top.required("limits")?)?;
    let enclaves = enclaves(&top.required("enclave")?)?;
    let cross_border = top.optional("cross_border").map(|value| cross_border(&value, &parties)).transpose()?;
    let log = top.optional("log").map(|value| log(&value, &parties)).transpose()?;
    parties.have_a_part(&datasets, &results)?;
    let parties = parties.0.into_iter().map(|(party, _)| party).collect();
    let mut terms = Terms {
        name,
        purpose,
        not_before,
        expires,
        random,
        parties,
        datasets,
        program,
        results,
        limits,
        enclaves,
        cross_border,
        log,
        amends: None,
    };
    terms.amends = top.optional("amends").map(|value| amends(&value, &terms)).transpose()?;
    Ok(terms)
}

/// The parties, each with the place where it stands.
pub(super) struct Parties(Vec<(Party, Position)>);

impl Parties {
    fn read(top: &Table<'_>) -> Result<Self, ContractError> {
        let mut parties = Self(Vec::new());
        for value in top.required("party")?.list(1, 64)? {
            let known = ["name", "roles", "signing_key", "encryption_key", "jurisdiction"];
            let table = value.table("party", &known)?;
            let name_value = table.required("name")?;
            let name = name_value.name()?;
            if parties.find(name).is_some() {
                return Err(name_value.repeated(name));
            }
            let (signing, encryption) = (table.required("signing_key")?, table.required("encryption_key")?);
            let party = Party {
                name: name.to_string(),
                roles: roles(&table.required("roles")?)?,
                signing_key: signing.key()?,
                encryption_key: encryption.key()?,
                jurisdiction: table
                    .optional("jurisdiction")
                    .map(|value| value.country().map(ToString::to_string))
                    .transpose()?,
            };
            parties.refuse_shared("signing_key", &signing, &party, |other| other.signing_key == party.signing_key)?;
            parties.refuse_shared("encryption_key", &encryption, &party, |other| {
                other.encryption_key == party.encryption_key
            })?;
            parties.0.push((party, table.at()));
        }
        Ok(parties)
    }

    fn refuse_shared(
        &self,
        key: &'static str,
        value: &Value<'_>,
        party: &Party,
        same: impl Fn(&Party) -> bool,
    ) -> Result<(), ContractError> {
        match self.0.iter().find(|(other, _)| same(other)) {
            Some((other, _)) => Err(ContractError::SharedKey {
                at: value.at(),
                key,
                first: other.name.clone(),
                second: party.name.clone(),
            }),
            None => Ok(()),
        }
    }

    fn find(&self, name: &str) -> Option<&Party> {
        self.0.iter().map(|(party, _)| party).find(|party| party.name == name)
    }

    /// The name of the party that signs with this key.
    pub(super) fn who_signs_with(&self, key: &SigningPublicKey) -> Option<String> {
        self.0.iter().find(|(party, _)| party.signing_key == *key).map(|(party, _)| party.name.clone())
    }

    pub(super) fn any(&self, role: Role) -> bool {
        self.0.iter().any(|(party, _)| party.has(role))
    }

    /// The party that a value names, which must have the role, if one is asked for.
    pub(super) fn named<'a>(&self, value: &Value<'a>, role: Option<Role>) -> Result<&'a str, ContractError> {
        let name = value.text()?;
        let Some(party) = self.find(name) else {
            return Err(ContractError::UnknownParty { at: value.at(), field: value.field(), found: shown(name) });
        };
        match role.filter(|role| !party.has(*role)) {
            Some(role) => {
                let (at, field, party) = (value.at(), value.field(), party.name.clone());
                Err(ContractError::RoleMissing { at, field, party, role })
            }
            None => Ok(name),
        }
    }

    /// Who has a role also has the part that goes with it.
    fn have_a_part(
        &self,
        datasets: &[super::terms::Dataset],
        results: &[super::terms::ResultTerms],
    ) -> Result<(), ContractError> {
        for (party, at) in &self.0 {
            let owns = datasets.iter().any(|dataset| dataset.owner == party.name);
            let receives = results.iter().any(|result| result.recipients.contains(&party.name));
            let idle = if party.has(Role::Data) && !owns {
                Some((Role::Data, "it owns no dataset"))
            } else if party.has(Role::Result) && !receives {
                Some((Role::Result, "it receives no result"))
            } else {
                None
            };
            if let Some((role, why)) = idle {
                return Err(ContractError::IdleRole { at: *at, party: party.name.clone(), role, why });
            }
        }
        Ok(())
    }
}

const ROLES: [(&str, Role); 5] = [
    ("data", Role::Data),
    ("program", Role::Program),
    ("request", Role::Request),
    ("result", Role::Result),
    ("auditor", Role::Auditor),
];

fn roles(value: &Value<'_>) -> Result<Vec<Role>, ContractError> {
    let mut roles = Vec::new();
    for entry in value.list(1, ROLES.len())? {
        let role = entry.word(&ROLES, "data, program, request, result or auditor")?;
        if roles.contains(&role) {
            return Err(entry.repeated(entry.text()?));
        }
        roles.push(role);
    }
    roles.sort_unstable();
    Ok(roles)
}

fn limits(value: &Value<'_>) -> Result<Limits, ContractError> {
    let table = value.table("limits", &["runs", "memory_mib", "work", "evaluate_every"])?;
    Ok(Limits {
        runs: table.required("runs")?.count(1, 1_000_000)?,
        memory_mib: table.required("memory_mib")?.count(1, 1 << 20)?,
        work: table.required("work")?.count(1, i64::MAX)?,
        evaluate_every: table.optional("evaluate_every").map(|value| value.count(60, YEAR)).transpose()?,
    })
}

fn cross_border(value: &Value<'_>, parties: &Parties) -> Result<CrossBorder, ContractError> {
    let table = value.table("cross_border", &["host_regions", "recipient_jurisdictions", "stated_by"])?;
    let countries =
        |key| -> Result<Vec<String>, ContractError> { table.required(key)?.distinct(1, 300, Value::country) };
    Ok(CrossBorder {
        host_regions: countries("host_regions")?,
        recipient_jurisdictions: countries("recipient_jurisdictions")?,
        stated_by: parties.named(&table.required("stated_by")?, None)?.to_string(),
    })
}
