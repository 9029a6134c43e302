//! Every field of recorded Evidence with a bit of it flipped: exactly the checks that the table says.

mod chains;
mod expected;
mod hardware;
mod layout;
mod others;

use std::collections::BTreeSet;

use sealroom_attestation::{Evidence, Platform, VerifiedSignatures};

use self::expected::Row;
use self::layout::{Field, Layout, pem};
use crate::changed::accepted;
use crate::folder::folder;
use crate::run::{self, End};

struct Fields {
    fields: Vec<Field>,
    /// Where certificates stand as text.
    text: core::ops::Range<usize>,
}

fn fields(platform: Platform, bytes: &[u8]) -> Fields {
    let plain = |fields| Fields { fields, text: 0..0 };
    match platform {
        Platform::AmdSevSnp => {
            let mut layout = Layout::new(bytes);
            hardware::snp(&mut layout);
            assert_eq!(layout.at, bytes.len());
            plain(layout.fields)
        }
        Platform::IntelTdx | Platform::IntelSgx => {
            let (fields, text) = hardware::quote(bytes);
            Fields { fields, text }
        }
        Platform::AwsNitro => plain(others::nitro(bytes)),
        Platform::ArmCca => plain(others::cca(bytes)),
        Platform::NvidiaGpu => plain(others::gpu(bytes)),
        Platform::AzureSnp => plain(others::azure_snp(bytes)),
        other => panic!("{other}: no recorded Evidence of it is accepted"),
    }
}

/// The Evidence with one bit of the field flipped.
fn flipped(bytes: &[u8], text: &core::ops::Range<usize>, field: &Field, at: usize, bit: usize) -> Vec<u8> {
    let mut changed = bytes.to_vec();
    let Some(index) = field.pem else {
        changed[at] ^= 1 << bit;
        return changed;
    };
    let like = &bytes[text.clone()];
    let mut certificates = pem::decode(like);
    assert_eq!(pem::encode(&certificates, like), like);
    certificates[index][at] ^= 1 << bit;
    changed.splice(text.clone(), pem::encode(&certificates, like));
    changed
}

/// The row that a field of this platform's is in: every field is in one, and in one alone.
fn row_of(platform: Platform, field: &str) -> usize {
    let holds = |row: &Row| row.platforms.contains(&platform) && row.fields.contains(&field);
    let rows: Vec<_> = rows().enumerate().filter(|(_, row)| holds(row)).map(|(index, _)| index).collect();
    let [row] = rows[..] else { panic!("{platform} {field}: in {} rows", rows.len()) };
    row
}

pub(crate) fn rows() -> impl Iterator<Item = &'static Row> {
    expected::ROWS.iter().chain(chains::ROWS)
}

/// How many bytes of a field, at the most, have a bit flipped: all of those that are read, and a sample of a digest.
const SAMPLES: usize = 12;

#[test]
fn a_flipped_bit_of_any_field_trips_exactly_the_checks_of_that_field() {
    let Some(folder) = folder("a_flipped_bit_of_any_field_trips_exactly_the_checks_of_that_field") else { return };
    let mut verified = VerifiedSignatures::new(256);
    let mut seen = BTreeSet::new();
    let mut wrong = Vec::new();
    for (entry, case) in accepted() {
        let good = run::appraisal(&folder, entry, case);
        let platform = Evidence::sniff(&good.evidence).unwrap();
        let Fields { fields, text } = fields(platform, &good.evidence);
        for field in &fields {
            let row = row_of(platform, &field.name);
            let step = (field.range.len() / SAMPLES).max(1);
            for at in field.range.clone().step_by(step) {
                let mut changed = good.clone();
                changed.evidence = flipped(&good.evidence, &text, field, at, at % 8);
                let failed = End::of(&changed.run_remembering(&mut verified)).failed;
                match rows().nth(row).unwrap().ends.iter().position(|end| **end == failed[..]) {
                    Some(end) => drop(seen.insert((row, end))),
                    None => wrong.push(format!("{} {} at {at}: {failed:?}", entry.file, field.name)),
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for (index, row) in rows().enumerate() {
        for (end, ids) in row.ends.iter().enumerate() {
            assert!(seen.contains(&(index, end)), "{:?} never ends as {ids:?}", row.fields);
        }
    }
}

#[test]
fn where_a_bit_trips_more_than_one_check_the_table_says_why() {
    for row in rows() {
        let plain = matches!(row.ends, [[_]]);
        assert_eq!(row.why.is_empty(), plain, "{:?}", row.fields);
    }
}
