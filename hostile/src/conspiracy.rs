//! Parties that are with the host: they sign whatever helps, with their real keys, and remember nothing.
//!
//! What always holds: none of them has the honest party's keys.

use crate::game::{Game, Held, pick};
use crate::host::Acted;
use crate::refused::Refused;
use crate::step::Signing;
use crate::world::{Person, World};
use sealroom::{Identity, open_result};
use sealroom_protocol::hash::sha256;
use sealroom_protocol::id::{GrantId, ObjectId};
use sealroom_protocol::object::DataKey;
use sealroom_protocol::run::{Grant, Proposal, SignedGrant};

/// How long their grants hold, in seconds: longer than any clock is set forth.
const GRANTED_FOR: u64 = 2 * crate::world::LASTS;

/// See the top of this file.
#[derive(Debug)]
pub(crate) struct Conspiracy<'k> {
    /// Those that grant, in the contract's order.
    granting: Vec<&'k Person>,
    /// All of them.
    all: Vec<&'k Person>,
}

impl<'k> Conspiracy<'k> {
    pub(crate) fn new(world: &'k World, honest: &str) -> Self {
        let granting = world.granting();
        let all: Vec<&Person> = world.people.iter().filter(|person| person.identity.name() != honest).collect();
        let granting = all.iter().filter(|person| granting.iter().any(|name| name == person.identity.name()));
        Self { granting: granting.copied().collect(), all }
    }

    /// One that stops rooms.
    pub(crate) fn stopper(&self) -> Option<&'k Identity> {
        self.all.last().map(|person| &person.identity)
    }

    /// The one of this name.
    fn of_name(&self, name: &str) -> Option<&'k Person> {
        self.all.iter().find(|person| person.identity.name() == name).copied()
    }
}

/// A party's own objects in a proposal.
fn objects(world: &World, proposal: &Proposal, party: &str) -> Vec<ObjectId> {
    let owned = world.contract.terms().datasets.iter().zip(&proposal.datasets);
    let owned = owned.filter(|(terms, _)| terms.owner == party).map(|(_, proposed)| proposed.object);
    let asked = proposal.request.iter().filter(|request| request.requester == party).map(|request| request.object);
    owned.chain(asked).collect()
}

impl Game<'_> {
    pub(crate) fn conspire(&mut self, party: u8, proposal: u8, signing: Signing) -> Acted {
        let Some(proposed) = pick(&self.proposals, proposal).cloned() else { return Ok(false) };
        let conspirators = self.conspiracy.granting.len();
        let Some(place) = usize::from(party).checked_rem(conspirators) else { return Ok(false) };
        let Some(person) = self.conspiracy.granting.get(place).copied() else { return Ok(false) };
        let proposal = &proposed.proposal;
        let name = match signing {
            Signing::AsHonest => self.ledger.honest.clone(),
            Signing::Honestly | Signing::Count(_) | Signing::WrongKeys => person.identity.name().into(),
        };
        let head = self.receipts.iter().map(sealroom::SignedReceipt::allegation);
        let head = head.rev().find(|receipt| Some(receipt.id()) == proposal.head);
        let counted = head.and_then(|receipt| receipt.count(&name)).map_or(0, |count| count.after);
        let count = match signing {
            Signing::Count(count) => count.into(),
            Signing::Honestly | Signing::WrongKeys | Signing::AsHonest => counted.saturating_add(1),
        };
        let mut keys = Vec::new();
        for object in objects(self.world, proposal, &name) {
            let known = person.keys.iter().find(|(known, _)| *known == object).map(|(_, key)| *key);
            let key = known.filter(|_| signing != Signing::WrongKeys).unwrap_or([0x77; 32]);
            keys.push((object, DataKey::fill_with(|bytes| *bytes = key)));
        }
        let granted: Vec<(ObjectId, &DataKey)> = keys.iter().map(|(object, key)| (*object, key)).collect();
        let grant = GrantId::from_bytes(self.draw_bytes());
        let (contract, id, run_key) = (proposal.contract, proposed.id, &proposal.run_key);
        let ciphertext = Grant::encrypt_keys(&contract, &id, &name, &grant, run_key, &granted, &mut self.rng).unwrap();
        self.recorder.hpke(&ciphertext);
        let clock = self.now();
        let digest: String = sha256(&ciphertext).iter().map(|byte| format!("{byte:02x}")).collect();
        let grant = Grant {
            contract,
            proposal: id,
            party: name,
            grant,
            run: proposal.run,
            count,
            clock,
            expires: clock.saturating_add(GRANTED_FOR),
            ciphertext: digest,
        };
        self.grants.push(Held { grant: SignedGrant::sign(grant, person.identity.signing()), ciphertext });
        Ok(true)
    }

    /// A recipient opens a result. What the host brings decides whether it can; a refusal must say why.
    pub(crate) fn open(&mut self, result: u8, receipt: u8) -> Acted {
        let (Some(result), Some(receipt)) = (pick(&self.results, result), pick(&self.receipts, receipt)) else {
            return Ok(false);
        };
        let terms = self.world.contract.result(&result.name);
        let recipients = terms.map(|terms| terms.recipients.clone()).unwrap_or_default();
        let Some(person) = recipients.iter().find_map(|name| self.conspiracy.of_name(name)) else { return Ok(false) };
        let contract = self.contract_of(&receipt.allegation().contract);
        match open_result(&contract, &person.identity, receipt, &result.manifest, result.body.as_slice()) {
            Ok(_) => {
                let proposal = receipt.allegation().proposal.id();
                self.report.opened = self.report.opened.saturating_add(1);
                self.ledger.believed(&proposal)?;
            }
            Err(error) => self.refused(&Refused::in_words(error.check(), &error))?,
        }
        Ok(true)
    }
}
