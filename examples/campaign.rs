//! A grocer, an advertiser and a bureau: did the campaign work? The advertiser chooses the campaign; the others see its choice
//! before they grant, the host does not.
//!
//! `examples/data/fetch campaign && enclave/build && cargo run --example campaign`. 234,178 sales of 801 households.

#![expect(clippy::print_stdout, reason = "a story is told")]

#[path = "support/mod.rs"]
mod support;

use support::data;
use support::story::Story;

fn main() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let table = |name: &str| data(&format!("fetched/campaign/{name}.csv"), "campaign");
    let told = Story {
        draft: include_str!("contracts/campaign.toml"),
        parties: &["bureau", "retailer", "advertiser"],
        data: &[
            ("households", "bureau", table("households")?),
            ("sales-in-campaign", "retailer", table("sales-in-campaign")?),
            ("exposures", "advertiser", table("exposures")?),
        ],
        choices: &[("where", "exposures.campaign_id = 18")],
    }
    .tell(folder.path())?;
    let result = support::open(&told.host, &told.contract, &told.receipt, told.party("advertiser")?, "lift")?;
    support::equals_answer(&result, "campaign-in-campaign")
}
