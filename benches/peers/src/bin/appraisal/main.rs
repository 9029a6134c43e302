//! What an appraisal costs beside the signature checks that it can not do without, and beside two other implementations.
//!
//! `cargo run --release --manifest-path benches/peers/Cargo.toml --bin appraisal`
//!
//! The Evidence was recorded on real hardware and is appraised at a fixed time; its folder is `SEALROOM_VECTORS`. Every item runs
//! once a round, in rotated order; figures are medians of CPU time of this thread, ratios are medians of the ratios within one
//! round. *Cold* decodes Evidence and Endorsements and verifies every signature. *Warm* decodes the Evidence alone: the
//! Endorsements were decoded before, and their signatures are remembered.

mod alone;
mod bare;
mod measured;
mod nitro;
mod recorded;
#[expect(dead_code, reason = "no aim of this bench is a least")]
#[path = "../../../../support/row.rs"]
mod row;

use core::hint::black_box;
use dcap_qvl::QuoteCollateralV3;
use measured::{Item, ratio, take_turns};
use recorded::{Recorded, folder, snp, tdx};
use row::Aim;
use sealroom_attestation::{CryptoProvider, Endorsements, VerifiedSignatures};

/// The checks of one provider, without anything around them.
type Bare = fn(&[bare::Signed]) -> bool;

/// *ring* and AWS-LC: ours and the bare checks of the same library.
fn providers() -> [(CryptoProvider, Bare); 2] {
    [(CryptoProvider::ring(), bare::ring_verifies), (CryptoProvider::aws_lc_rs(), bare::aws_lc_rs_verifies)]
}

/// An appraisal from the bytes alone.
fn cold(provider: CryptoProvider, recorded: &Recorded) -> Item<'_> {
    Item::new(move || {
        let endorsements = Endorsements::decode_all(recorded.endorsements.iter().map(Vec::as_slice)).unwrap();
        black_box(recorded.appraise(provider, None, &endorsements));
    })
}

/// One that met all of its Endorsements before.
fn warm(provider: CryptoProvider, recorded: &Recorded) -> Item<'_> {
    let endorsements = Endorsements::decode_all(recorded.endorsements.iter().map(Vec::as_slice)).unwrap();
    let mut verified = VerifiedSignatures::new(64);
    Item::new(move || {
        black_box(recorded.appraise(provider, Some(&mut verified), &endorsements));
    })
}

const COLD_SNP: (&str, &str, Aim) =
    ("SEV-SNP report, cold", "its three signature checks, bare, by the same crypto", Aim::AtMost(1.1));
const WARM_SNP: (&str, &str, Aim) =
    ("SEV-SNP report, warm", "one P-384 check, bare, by the same crypto", Aim::AtMost(1.1));
const COLD_TDX: (&str, &str, Aim) = ("TDX quote, cold", "dcap-qvl 0.7.1 with ring, its JSON read too", Aim::AtMost(1.0));
const WARM_TDX: (&str, &str, Aim) =
    ("TDX quote, warm", "dcap-qvl 0.7.1 with ring, its JSON read before", Aim::AtMost(0.3));

fn main() {
    let mut arguments = std::env::args().skip(1);
    match arguments.next().as_deref() {
        // A second run of this program, at another time of day: see there.
        Some(nitro::ARGUMENT) => return nitro::compare(),
        Some(alone::ARGUMENT) => return alone::run(arguments),
        _ => {}
    }
    let Some(folder) = folder() else {
        for (what, against, aim) in [COLD_SNP, WARM_SNP, COLD_TDX, WARM_TDX, nitro::COLD] {
            row::not_run(what, against, aim);
        }
        return;
    };
    compare_snp(&snp(&folder));
    compare_tdx(&tdx(&folder));
    nitro::run(&folder);
}

fn compare_snp(recorded: &Recorded) {
    let all = bare::of_snp(recorded);
    let last = all.get(2..).unwrap();
    let mut items = Vec::new();
    for (provider, verify) in providers() {
        let sum = &all;
        items.push(Item::new(move || assert!(verify(black_box(sum)))));
        items.push(cold(provider, recorded));
        items.push(Item::new(move || assert!(verify(black_box(last)))));
        items.push(warm(provider, recorded));
    }
    take_turns(&mut items);
    let [ring_sum, ring_cold, ring_one, ring_warm, aws_sum, aws_cold, aws_one, aws_warm] = items.as_slice() else {
        unreachable!("four items a provider")
    };
    let (what, against, aim) = COLD_SNP;
    row::print(what, against, aim, &ratio(ring_cold, ring_sum), Some(&ratio(aws_cold, aws_sum)));
    let (what, against, aim) = WARM_SNP;
    row::print(what, against, aim, &ratio(ring_warm, ring_one), Some(&ratio(aws_warm, aws_one)));
}

fn compare_tdx(recorded: &Recorded) {
    let json = recorded.endorsements.first().unwrap();
    let collateral: QuoteCollateralV3 = serde_json::from_slice(json).unwrap();
    let verify = |collateral: &QuoteCollateralV3| {
        black_box(dcap_qvl::verify::ring::verify(&recorded.evidence, collateral, recorded.at).unwrap());
    };
    let mut items = vec![
        Item::new(|| verify(&serde_json::from_slice(json).unwrap())),
        Item::new(|| verify(&collateral)),
    ];
    for (provider, _) in providers() {
        items.push(cold(provider, recorded));
        items.push(warm(provider, recorded));
    }
    take_turns(&mut items);
    let [their_cold, their_warm, ring_cold, ring_warm, aws_cold, aws_warm] = items.as_slice() else {
        unreachable!("two of theirs, two a provider")
    };
    let (what, against, aim) = COLD_TDX;
    row::print(what, against, aim, &ratio(ring_cold, their_cold), Some(&ratio(aws_cold, their_cold)));
    let (what, against, aim) = WARM_TDX;
    row::print(what, against, aim, &ratio(ring_warm, their_warm), Some(&ratio(aws_warm, their_warm)));
}
