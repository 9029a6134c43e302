//! From reference triples to the states that they say, and from states to as few accept blocks as say exactly those: a triple
//! is one state of its environment (draft-ietf-rats-corim-11 section 5.1.5), and a block accepts every combination of its lists.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde_json::{Value, json};

use super::convert;
use super::error::{CorimError, form, unmappable};
use super::fields::{Alternatives, Fields, Shape, compose, field_of, shape};
use super::model::{Attribute, Claim, Key, Triple};
use super::vocabulary::{Entry, Environment, Kind, Vocabulary, amd_key};
use crate::text::Hex;

/// Of one tag.
pub(super) const MAX_STATES: usize = 256;

const NO_FIELD: &str = "no accept block of the platform has a field for it";

/// Slots and the values that each accepts.
type Slots = Vec<(String, Vec<Value>)>;

/// Every state that the triple says.
pub(super) fn of_triple(vocabulary: &Vocabulary, triple: &Triple, path: &str) -> Result<Vec<Fields>, CorimError> {
    let mut slots = Slots::new();
    for (index, claim) in triple.claims.iter().enumerate() {
        of_claim(vocabulary, claim, &format!("{path}.claims[{index}]"), &mut slots)?;
    }
    of_environment(vocabulary, triple, &format!("{path}.environment"), &mut slots)?;
    if slots.is_empty() {
        return Err(form(path, "the triple says no value"));
    }
    let states = combinations(slots.iter().map(|(slot, values)| (slot.clone(), values.as_slice())));
    let states = states.ok_or_else(|| CorimError::States { path: path.into(), limit: MAX_STATES })?;
    Ok(states.into_iter().map(compose).collect())
}

/// One of each list's values, in every way, the last list's changing first; `None` where there are more than [`MAX_STATES`].
pub(super) fn combinations<'v, K: Clone>(all: impl Iterator<Item = (K, &'v [Value])>) -> Option<Vec<Vec<(K, Value)>>> {
    let mut states: Vec<Vec<(K, Value)>> = Vec::from([Vec::new()]);
    for (key, values) in all {
        if states.len().saturating_mul(values.len()) > MAX_STATES {
            return None;
        }
        let mut next = Vec::new();
        for state in &states {
            for value in values {
                let mut state = state.clone();
                state.push((key.clone(), value.clone()));
                next.push(state);
            }
        }
        states = next;
    }
    Some(states)
}

fn of_claim(vocabulary: &Vocabulary, claim: &Claim, path: &str, slots: &mut Slots) -> Result<(), CorimError> {
    let entries: Vec<&Entry> = vocabulary.entries.iter().filter(|entry| entry.key.is(claim.key.as_ref())).collect();
    if entries.is_empty() {
        return Err(unmappable(path, describe(claim.key.as_ref()), NO_FIELD));
    }
    if let Some(entry) = entries.iter().find(|entry| matches!(entry.kind, Kind::Component)) {
        return of_component(entry, claim, path, slots);
    }
    for attribute in &claim.values {
        let path = format!("{path}.{}", attribute.name());
        let mut taking = entries.iter().filter(|entry| entry.kind.takes(attribute)).peekable();
        if taking.peek().is_none() {
            let found = format!("{} of {}", attribute.name(), describe(claim.key.as_ref()));
            return Err(unmappable(&path, found, NO_FIELD));
        }
        if let Attribute::Registers(registers) = attribute {
            let taking: Vec<_> = taking.collect();
            for (id, digests) in registers {
                let found = taking.iter().find_map(|entry| Some((entry, convert::register_number(entry.kind, id)?)));
                let (entry, number) = found.ok_or_else(|| unmappable(&path, format!("register {id:?}"), NO_FIELD))?;
                let values = convert::read_register(entry.kind, digests, &path)?;
                add(entry.slot.replace('#', &number.to_string()), values, &path, slots)?;
            }
        } else if let Some(entry) = taking.next() {
            add(entry.slot.to_string(), convert::read(entry.kind, attribute, &path)?, &path, slots)?;
        }
    }
    Ok(())
}

/// A component has its digest, the key that signed it and, if it has one, a name; nothing else is compared.
fn of_component(entry: &Entry, claim: &Claim, path: &str, slots: &mut Slots) -> Result<(), CorimError> {
    let (mut digests, mut signer, mut name) = (None, None, String::new());
    for attribute in &claim.values {
        match attribute {
            Attribute::Digests(found) => digests = Some(found),
            Attribute::KeyIds(keys) => match keys.as_slice() {
                [key] => signer = Some(key),
                keys => return Err(form(path, format!("{} keys, expected the one that signed", keys.len()))),
            },
            Attribute::Name(found) => name.clone_from(found),
            other => return Err(unmappable(path, format!("{} of a component", other.name()), NO_FIELD)),
        }
    }
    let (Some(digests), Some(signer)) = (digests, signer) else {
        return Err(form(path, "a component without digests or cryptokeys, expected both"));
    };
    let values = convert::read_component(digests, signer, path)?;
    add(entry.slot.replace('#', &name), values, path, slots)
}

/// What the environment itself says.
fn of_environment(vocabulary: &Vocabulary, triple: &Triple, path: &str, slots: &mut Slots) -> Result<(), CorimError> {
    match (&vocabulary.environment, &triple.instance) {
        (Environment::Named { .. } | Environment::Arm { .. }, Some(_)) => {
            Err(unmappable(path, "an instance", NO_FIELD))
        }
        (Environment::Named { .. }, None) => Ok(()),
        (Environment::Amd, instance) => {
            let key = amd_key(&triple.class).ok_or_else(|| unmappable(path, "the class", NO_FIELD))?;
            add("signing_keys".into(), Vec::from([json!(key)]), path, slots)?;
            match instance {
                None => Ok(()),
                Some(chip) if key == "vcek" && chip.len() == 64 => {
                    add("machines".into(), Vec::from([json!(Hex(chip).to_string())]), path, slots)
                }
                Some(chip) => {
                    let found = format!("an instance of {} bytes of a {key}", chip.len());
                    Err(unmappable(
                        path,
                        found,
                        "policies name a machine by the 64 bytes of its chip's id, under a VCEK",
                    ))
                }
            }
        }
        (Environment::Arm { slot }, None) => {
            let Some(super::model::ClassId::Bytes(id)) = &triple.class.id else {
                return Err(unmappable(path, "the class", NO_FIELD));
            };
            let digits = Hex(id).to_string();
            match slots.iter().find(|(said, _)| said == slot) {
                None => add((*slot).to_string(), Vec::from([json!(digits)]), path, slots),
                // Of a realm: the class-id is what cca.rim says.
                Some((_, values)) => match values.as_slice() {
                    [Value::String(value)] if value.split_once(':').is_some_and(|(_, rim)| rim == digits) => Ok(()),
                    _ => Err(form(path, "the class-id is not the one digest of cca.rim, expected both to be the same")),
                },
            }
        }
    }
}

fn add(slot: String, values: Vec<Value>, path: &str, slots: &mut Slots) -> Result<(), CorimError> {
    if values.is_empty() {
        return Ok(());
    }
    if slots.iter().any(|(other, _)| *other == slot) {
        return Err(form(path, format!("{slot} is said twice in one triple")));
    }
    slots.push((slot, values));
    Ok(())
}

fn describe(key: Option<&Key>) -> String {
    match key {
        None => "a claim without mkey".to_string(),
        Some(Key::Number(number)) => format!("mkey {number}"),
        Some(Key::Text(text)) => format!("mkey \"{text}\""),
    }
}

/// As few sets of alternatives as accept exactly these states: one, where the states are every combination of its lists; else
/// one a state.
pub(super) fn merge(states: Vec<Fields>) -> Vec<Alternatives> {
    let mut distinct: Vec<Fields> = Vec::new();
    for state in states {
        if !distinct.contains(&state) {
            distinct.push(state);
        }
    }
    if let Some(all) = product(&distinct) {
        return Vec::from([all]);
    }
    let alone = |state: Fields| state.into_iter().map(|(key, value)| (key, Vec::from([value]))).collect();
    distinct.into_iter().map(alone).collect()
}

/// The lists whose every combination these states are.
fn product(states: &[Fields]) -> Option<Alternatives> {
    let mut all = Alternatives::new();
    for state in states {
        for (key, value) in state {
            let values = all.entry(key.clone()).or_default();
            if !values.contains(value) {
                values.push(value.clone());
            }
        }
    }
    let whole = states.iter().all(|state| state.len() == all.len());
    let lists = all.iter().all(|(key, values)| values.len() == 1 || shape(field_of(key)) != Shape::One);
    let combinations = all.values().try_fold(1_usize, |count, values| count.checked_mul(values.len()));
    (whole && lists && combinations == Some(states.len())).then_some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(pairs: &[(&str, u64)]) -> Fields {
        pairs.iter().map(|(key, value)| ((*key).to_string(), json!(value))).collect()
    }

    #[test]
    fn every_combination_of_two_lists_is_one_block() {
        let states = [(1, 5), (1, 6), (2, 5), (2, 6)].map(|(one, two)| state(&[("host_data", one), ("owners", two)]));
        let merged = merge(states.to_vec());
        let expected = Alternatives::from([
            ("host_data".to_string(), alloc::vec![json!(1), json!(2)]),
            ("owners".to_string(), alloc::vec![json!(5), json!(6)]),
        ]);
        assert_eq!(merged, [expected]);
    }

    #[test]
    fn one_combination_less_is_a_block_for_each() {
        let states = [(1, 5), (1, 6), (2, 5)].map(|(one, two)| state(&[("host_data", one), ("owners", two)]));
        assert_eq!(merge(states.to_vec()).len(), 3);
    }

    #[test]
    fn two_least_versions_are_two_blocks_since_a_block_has_one() {
        let states = [(1, 5), (1, 6)].map(|(one, two)| state(&[("host_data", one), ("minimum_guest_svn", two)]));
        assert_eq!(merge(states.to_vec()).len(), 2);
        let states = [state(&[("host_data", 1)]), state(&[("host_data", 2), ("owners", 1)])];
        assert_eq!(merge(states.to_vec()).len(), 2, "a state that leaves a field open is no combination");
        assert_eq!(merge(alloc::vec![state(&[("host_data", 1)]), state(&[("host_data", 1)])]).len(), 1);
    }
}
