//! Two mail providers: how many domains both of their blocklists hold, and which; nothing of the rest.
//!
//! `examples/data/fetch mail && enclave/build && cargo run --example mail`. Real lists of 121,570 and 56,359 domains.

#![expect(clippy::print_stdout, reason = "a story is told")]

#[path = "support/mod.rs"]
#[expect(dead_code, reason = "the other stories compare tables")]
mod support;

use anyhow::Context;
use support::data;
use support::story::Story;

fn main() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let table = |name: &str| data(&format!("fetched/mail/{name}.csv"), "mail");
    let told = Story {
        draft: include_str!("contracts/mail.toml"),
        parties: &["first-mail", "second-mail"],
        data: &[
            ("disposable-email-domains", "first-mail", table("disposable-email-domains")?),
            ("mailchecker", "second-mail", table("mailchecker")?),
        ],
        choices: &[],
    }
    .tell(folder.path())?;
    let answer = support::answer("mail-overlap")?;
    for party in &told.parties {
        let size = support::open(&told.host, &told.contract, &told.receipt, party, "overlap-size")?;
        let overlap = answer.pointer("/rows/0/2").context("the size of the overlap")?;
        let expected = format!("overlap\n{overlap}\n");
        anyhow::ensure!(size.plaintext.csv == expected, "found {:?}, expected {expected:?}", size.plaintext.csv);
        let shared = support::open(&told.host, &told.contract, &told.receipt, party, "shared")?;
        let list = shared.plaintext.csv.strip_prefix("domain\n").unwrap_or_default();
        let digest = hex::encode(sealroom_protocol::hash::sha256(list.as_bytes()));
        let listed = answer.pointer("/list_sha256").and_then(serde_json::Value::as_str);
        anyhow::ensure!(listed == Some(digest.as_str()), "{} reads another list", party.name());
        println!("  {}: both hold {} domains, the list is the expected one", party.name(), list.lines().count());
    }
    Ok(())
}
