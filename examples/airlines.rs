//! Three competing airlines and the lessor of their planes: each learns its own delays and the industry's, nobody's else.
//!
//! `examples/data/fetch airlines && enclave/build && cargo run --example airlines`. Real flights of 2013; answers by DuckDB.

#![expect(clippy::print_stdout, reason = "a story is told")]

#[path = "support/mod.rs"]
mod support;

use support::data;
use support::story::Story;

const CARRIERS: [&str; 3] = ["united", "delta", "us-airways"];

fn main() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let table = |name: &str| data(&format!("fetched/airlines/{name}.csv"), "airlines");
    let told = Story {
        draft: include_str!("contracts/airlines.toml"),
        parties: &["united", "delta", "us-airways", "lessor"],
        data: &[
            ("united", "united", table("united")?),
            ("delta", "delta", table("delta")?),
            ("us-airways", "us-airways", table("us-airways")?),
            ("planes", "lessor", table("planes")?),
        ],
        choices: &[],
    }
    .tell(folder.path())?;
    for name in CARRIERS {
        let result = support::open(&told.host, &told.contract, &told.receipt, told.party(name)?, name)?;
        support::equals_answer(&result, &format!("airlines-{name}"))?;
        // A competitor's result does not open, whoever hands it over.
        for other in CARRIERS.iter().filter(|other| **other != name) {
            let opened = support::open(&told.host, &told.contract, &told.receipt, told.party(other)?, name);
            anyhow::ensure!(opened.is_err(), "{other} opened the result of {name}");
        }
    }
    for name in told.parties.iter().map(support::Party::name) {
        let result = support::open(&told.host, &told.contract, &told.receipt, told.party(name)?, "industry")?;
        support::equals_answer(&result, "airlines-industry")?;
    }
    Ok(())
}
