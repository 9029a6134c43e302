//! The side of a join that is held in memory: its keys, and of its rows what the results need.
//!
//! What always holds: a row whose key has a null is not kept, since it matches nothing; rows with one key are chained.

use super::coder::Coder;
use super::columns::{JoinKind, Source};
use super::memory::{filled, push, release, reserve, to_usize};
use super::plan::{AggregatePlan, Join};
use super::select::{Numbers, has_null, select};
use super::texts::TextTable;
use super::words::{NONE, WordTable};
use sealroom_enclave_core::program::{Inputs, Meter, ProgramFailure, scan};
use sealroom_protocol::table::{Batch, ColumnBatch, Values};

/// One joined dataset, read.
#[derive(Debug)]
pub(super) struct Build {
    index: Index,
    /// Where several rows have one key: the first row of each key, and for each row the next one.
    chains: Option<Chains>,
    /// Codes of each row, by the place of their source.
    pub(super) codes: Vec<Vec<u32>>,
    /// Numbers of each row, by the place of their source.
    pub(super) numbers: Vec<Numbers>,
}

#[derive(Debug)]
struct Chains {
    heads: Vec<u32>,
    nexts: Vec<u32>,
}

#[derive(Debug)]
enum Index {
    Words(WordTable),
    Texts(TextTable),
}

/// Buffers of a probe, kept from batch to batch.
#[derive(Debug, Default)]
pub(super) struct ProbeBuffers {
    words: Vec<u64>,
    first: Vec<(u64, u32)>,
    text: Vec<u8>,
}

impl Build {
    /// Reads the dataset of join `number`.
    pub(super) fn new(
        plan: &AggregatePlan,
        number: usize,
        join: &Join,
        coders: &mut [Coder],
        inputs: &mut dyn Inputs,
        meter: &mut Meter,
    ) -> Result<Self, ProgramFailure> {
        let mut codes: Vec<Vec<u32>> = coders.iter().map(|_| Vec::new()).collect();
        let mut numbers: Vec<Numbers> = plan.sources.numbers.iter().map(|_| Numbers::default()).collect();
        let mut words = Vec::new();
        let mut texts = TextTable::new(meter.hash_key());
        let mut ids = Vec::new();
        let (mut selection, mut text) = (Vec::new(), Vec::new());
        let of_this = |source: Source| match source {
            Source::Joined { join, .. } if join == number => plan.read_of(source),
            Source::Joined { .. } | Source::United(_) | Source::Matched(_) => None,
        };
        scan(inputs, meter, &join.dataset, &join.reads, |batch, meter| {
            select(batch, &join.filters, &mut selection);
            selection.retain(|row| !has_null(batch, &join.keys, to_usize(*row)));
            if join.word_key {
                reserve(&mut words, selection.len(), meter)?;
                push_words(batch, &join.keys, &selection, &mut words);
            } else {
                for row in &selection {
                    let (id, _) = texts.insert(key_text(batch, &join.keys, to_usize(*row), &mut text), meter)?;
                    push(&mut ids, id, meter)?;
                }
            }
            for ((source, coder), codes) in plan.sources.codes.iter().zip(&mut *coders).zip(&mut codes) {
                if let Some(column) = of_this(source.found.source).and_then(|read| batch.column(read)) {
                    coder.encode(column, &selection, codes, meter)?;
                }
            }
            for (found, numbers) in plan.sources.numbers.iter().zip(&mut numbers) {
                if let Some(column) = of_this(found.source).and_then(|read| batch.column(read)) {
                    numbers.append(column, &selection, meter)?;
                }
            }
            Ok(())
        })?;
        let (index, chains) = if join.word_key {
            let mut table = WordTable::new(meter.hash_key());
            table.insert_all(&words, meter)?;
            let unique = to_usize(table.count()) == words.len() || join.kind == JoinKind::Flag;
            if !unique {
                let mut first = Vec::new();
                // In parts, so that this needs little memory.
                for part in words.chunks(8_192) {
                    let mut found = Vec::new();
                    table.find_all(part, &mut first, &mut found);
                    reserve(&mut ids, found.len(), meter)?;
                    ids.append(&mut found);
                }
            }
            let chains = if unique { None } else { Some(Chains::new(&ids, to_usize(table.count()), meter)?) };
            release(words, meter);
            (Index::Words(table), chains)
        } else {
            let unique = texts.count() == ids.len() || join.kind == JoinKind::Flag;
            let chains = if unique { None } else { Some(Chains::new(&ids, texts.count(), meter)?) };
            (Index::Texts(texts), chains)
        };
        release(ids, meter);
        Ok(Self { index, chains, codes, numbers })
    }

    /// For each row of `selection` the first row here with its key, or [`NONE`].
    pub(super) fn probe(
        &self,
        batch: &Batch,
        keys: &[usize],
        selection: &[u32],
        buffers: &mut ProbeBuffers,
        matches: &mut Vec<u32>,
    ) {
        matches.clear();
        match &self.index {
            Index::Words(table) => {
                buffers.words.clear();
                push_words(batch, keys, selection, &mut buffers.words);
                table.find_all(&buffers.words, &mut buffers.first, matches);
            }
            Index::Texts(table) => matches.extend(
                selection.iter().map(|row| table.find(key_text(batch, keys, to_usize(*row), &mut buffers.text))),
            ),
        }
        if keys.iter().any(|key| batch.column(*key).is_some_and(|column| column.validity().is_some())) {
            for (found, row) in matches.iter_mut().zip(selection) {
                if has_null(batch, keys, to_usize(*row)) {
                    *found = NONE;
                }
            }
        }
        if let Some(chains) = &self.chains {
            for found in matches.iter_mut().filter(|found| **found != NONE) {
                *found = chains.heads.get(to_usize(*found)).copied().unwrap_or(NONE);
            }
        }
    }

    /// The next row with the same key, or [`NONE`].
    pub(super) fn next(&self, row: u32) -> u32 {
        self.chains.as_ref().and_then(|chains| chains.nexts.get(to_usize(row)).copied()).unwrap_or(NONE)
    }

    /// Whether no key has two rows.
    pub(super) const fn is_unique(&self) -> bool {
        self.chains.is_none()
    }
}

impl Chains {
    /// Chains of the rows with these key ids.
    fn new(ids: &[u32], keys: usize, meter: &mut Meter) -> Result<Self, ProgramFailure> {
        let mut heads = filled(keys, NONE, meter)?;
        let mut nexts = filled(ids.len(), NONE, meter)?;
        for (row, (id, next)) in ids.iter().zip(&mut nexts).enumerate() {
            let row = u32::try_from(row).ok().filter(|row| *row < NONE).ok_or(ProgramFailure::Overflow)?;
            if let Some(head) = heads.get_mut(to_usize(*id)) {
                *next = core::mem::replace(head, row);
            }
        }
        Ok(Self { heads, nexts })
    }
}

/// The one key of each row as a word.
fn push_words(batch: &Batch, keys: &[usize], selection: &[u32], words: &mut Vec<u64>) {
    match keys.first().and_then(|key| batch.column(*key)).map(ColumnBatch::values) {
        Some(Values::Integer(values) | Values::Decimal(values)) => {
            words.extend(selection.iter().map(|row| values.get(to_usize(*row)).copied().unwrap_or(0).cast_unsigned()));
        }
        Some(Values::Boolean(values)) => {
            words.extend(selection.iter().map(|row| u64::from(values.get(to_usize(*row)) == Some(&true))));
        }
        Some(Values::Text(_)) | None => words.extend(selection.iter().map(|_| 0)),
    }
}

/// All keys of a row as bytes: one text as it is; of several, numbers as eight bytes, texts after their length.
pub(super) fn key_text<'a>(batch: &'a Batch, keys: &[usize], row: usize, buffer: &'a mut Vec<u8>) -> &'a [u8] {
    if let [key] = keys
        && let Some(Values::Text(values)) = batch.column(*key).map(ColumnBatch::values)
    {
        return values.bytes(row);
    }
    buffer.clear();
    for column in keys.iter().filter_map(|key| batch.column(*key)) {
        match column.values() {
            Values::Integer(values) | Values::Decimal(values) => {
                buffer.extend_from_slice(&values.get(row).copied().unwrap_or(0).to_le_bytes());
            }
            Values::Boolean(values) => buffer.push(u8::from(values.get(row) == Some(&true))),
            Values::Text(values) => {
                let text = values.bytes(row);
                buffer.extend_from_slice(&u32::try_from(text.len()).unwrap_or(u32::MAX).to_le_bytes());
                buffer.extend_from_slice(text);
            }
        }
    }
    buffer
}
