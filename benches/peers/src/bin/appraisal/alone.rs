//! One item again and again, for a profiler or a counter of instructions, which neighbours on the machine disturb less than a clock.
//!
//! `appraisal alone snp-cold aws-lc-rs 1000`. Setting up counts too: take the difference of two numbers of rounds.

use crate::measured::Item;
use crate::recorded::{folder, nitro, snp, tdx};
use crate::{bare, cold, providers, warm};
use core::hint::black_box;
use dcap_qvl::QuoteCollateralV3;

/// Asks for it.
pub(crate) const ARGUMENT: &str = "alone";
const USAGE: &str = "appraisal alone ITEM PROVIDER ROUNDS
  ITEM      snp-cold, snp-warm, snp-bare (three checks), snp-bare-warm (one), tdx-cold, tdx-warm, tdx-peer, tdx-peer-warm, nitro
  PROVIDER  ring or aws-lc-rs";

/// What stands after [`ARGUMENT`].
pub(crate) fn run(mut arguments: impl Iterator<Item = String>) {
    let (Some(item), Some(provider), Some(Ok(rounds))) =
        (arguments.next(), arguments.next(), arguments.next().map(|rounds| rounds.parse::<usize>()))
    else {
        panic!("usage: {USAGE}");
    };
    let Some((provider, verify)) = providers().into_iter().find(|(known, _)| known.name() == provider) else {
        panic!("usage: {USAGE}");
    };
    let folder = folder().expect("recorded Evidence");
    let (platform, kind) = item.split_once('-').unwrap_or((&item, "cold"));
    let recorded = match platform {
        "snp" => snp(&folder),
        "tdx" => tdx(&folder),
        _ => nitro(&folder),
    };
    let mut item = match (platform, kind) {
        (_, "cold") => cold(provider, &recorded),
        (_, "warm") => warm(provider, &recorded),
        ("snp", "bare" | "bare-warm") => {
            let mut all = Vec::from(bare::of_snp(&recorded));
            all.drain(..if kind == "bare" { 0 } else { 2 });
            Item::new(move || assert!(verify(black_box(&all))))
        }
        ("tdx", "peer" | "peer-warm") => {
            let parse = || serde_json::from_slice::<QuoteCollateralV3>(&recorded.endorsements[0]).unwrap();
            let before = (kind == "peer-warm").then(parse);
            let (quote, at) = (&recorded.evidence, recorded.at);
            Item::new(move || {
                let now = before.is_none().then(parse);
                let collateral = before.as_ref().or(now.as_ref()).unwrap();
                black_box(dcap_qvl::verify::ring::verify(quote, collateral, at).unwrap());
            })
        }
        _ => panic!("usage: {USAGE}"),
    };
    (0..rounds).for_each(|_| item.run());
}
