//! `sealroom contract new`: a text to begin with, or a draft with its blanks filled.

use crate::cli::exit::Failure;
use crate::cli::output::Output;
use crate::cli::typed;
use clap::Args;
use sealroom::{Card, Draft, now, random};
use sealroom_protocol::contract::{Party, Role, Validity, parse_time, skeleton, time_text};
use serde_json::json;
use std::path::PathBuf;

/// Seconds of a day.
const DAY: u64 = 86_400;
/// Largest draft, in bytes.
const LIMIT: u64 = 1 << 20;

/// What is typed.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  sealroom contract new --name heart-study --party cleveland.card:data --party institute.card:result --output heart.toml
      begins a text; replace every FILL-IN in it
  sealroom contract new --from draft.toml --card cleveland.card --card institute.card \\
      --fill measurement=sha384:… --days 30 --output heart.toml
      fills \"<cleveland signing key>\", \"<measurement>\", \"<random>\", \"<not before>\", \"<expires>\" and their like")]
pub(crate) struct Typed {
    /// Name of the contract
    #[arg(long, value_name = "NAME", required_unless_present = "from")]
    name: Option<String>,
    /// A party's card and its roles: CARD:ROLE[,ROLE…] of data, program, request, result, auditor
    #[arg(long, value_name = "CARD:ROLES", conflicts_with = "from")]
    party: Vec<String>,
    /// A draft with blanks like "<random>" to fill
    #[arg(long, value_name = "DRAFT", conflicts_with = "name")]
    from: Option<PathBuf>,
    /// A card whose keys fill the draft's blanks of that party
    #[arg(long, value_name = "CARD", requires = "from")]
    card: Vec<PathBuf>,
    /// A value for a blank of the draft
    #[arg(long, value_name = "BLANK=VALUE", requires = "from")]
    fill: Vec<String>,
    /// First moment at which a run may be granted, such as 2026-01-01T00:00:00Z [default: now]
    #[arg(long, value_name = "TIME")]
    not_before: Option<String>,
    /// For how many days from then on runs may be granted
    #[arg(long, value_name = "DAYS", default_value_t = 90)]
    days: u64,
    /// Where the text goes [default: standard output]
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// What it means.
enum Meaning {
    Begin { name: String, parties: Vec<Party> },
    Fill { text: String, cards: Vec<Card>, values: Vec<(String, String)> },
}

/// Drafts.
pub(crate) fn run(typed: &Typed, output: Output) -> Result<(), Failure> {
    let validity = validity(typed)?;
    let text = match meaning(typed)? {
        Meaning::Begin { name, parties } => skeleton(&name, &parties, validity, drawn()),
        Meaning::Fill { text, cards, values } => filled(text, &cards, &values, validity)?,
    };
    let Some(path) = &typed.output else {
        return output.answer(json!({ "text": text }), &text);
    };
    if path.exists() {
        return Err(Failure::local(format!("{} exists, and a draft never replaces a file", path.display())));
    }
    typed::write(path, text.as_bytes())?;
    let blanks = Draft::new(text).blanks();
    let left = if blanks.is_empty() { String::new() } else { format!("; blanks left: {}", blanks.join(", ")) };
    output.answer(json!({ "file": path, "blanks": blanks }), format!("{}{left}", path.display()))
}

fn meaning(typed: &Typed) -> Result<Meaning, Failure> {
    if let Some(from) = &typed.from {
        let text = String::from_utf8(typed::read(from, LIMIT)?);
        let text = text.map_err(|_| Failure::local(format!("{}: expected UTF-8 text", from.display())))?;
        let cards = typed.card.iter().map(|path| Card::load(path)).collect::<Result<_, _>>()?;
        let pair = |pair: &String| match pair.split_once('=') {
            Some((blank, value)) => Ok((blank.to_owned(), value.to_owned())),
            None => Err(Failure::local(format!("--fill \"{pair}\": expected BLANK=VALUE"))),
        };
        return Ok(Meaning::Fill { text, cards, values: typed.fill.iter().map(pair).collect::<Result<_, _>>()? });
    }
    let parties = typed.party.iter().map(|text| party(text)).collect::<Result<_, _>>()?;
    Ok(Meaning::Begin { name: typed.name.clone().unwrap_or_default(), parties })
}

fn party(text: &str) -> Result<Party, Failure> {
    let form = || Failure::local(format!("--party \"{text}\": expected CARD:ROLE[,ROLE…]"));
    let (card, words) = text.rsplit_once(':').ok_or_else(form)?;
    let card = Card::load(std::path::Path::new(card))?;
    let all = [Role::Data, Role::Program, Role::Request, Role::Result, Role::Auditor];
    let role = |word: &str| {
        let known = all.into_iter().find(|role| role.word() == word);
        known.ok_or_else(|| {
            let words: Vec<&str> = all.iter().map(|role| role.word()).collect();
            Failure::local(format!("\"{word}\" is no role; expected one of {}", words.join(", ")))
        })
    };
    let roles = words.split(',').map(role).collect::<Result<Vec<_>, _>>()?;
    Ok(Party::new(&card.name, &roles, card.signing_key, card.encryption_key))
}

fn validity(typed: &Typed) -> Result<Validity, Failure> {
    let not_before = match &typed.not_before {
        None => now(),
        Some(text) => parse_time(text).ok_or_else(|| {
            Failure::local(format!("--not-before \"{text}\": expected a time such as 2026-01-01T00:00:00Z"))
        })?,
    };
    Ok(Validity { not_before, expires: not_before.saturating_add(typed.days.saturating_mul(DAY)) })
}

fn filled(text: String, cards: &[Card], values: &[(String, String)], validity: Validity) -> Result<String, Failure> {
    // Times are no text in TOML, so their blanks go with their quotes.
    let text = text
        .replace("\"<not before>\"", &time_text(validity.not_before))
        .replace("\"<expires>\"", &time_text(validity.expires));
    let mut draft = Draft::new(text);
    if draft.blanks().iter().any(|blank| blank == "random") {
        draft.random(&mut random())?;
    }
    for card in cards {
        draft.card(card)?;
    }
    for (blank, value) in values {
        draft.fill(blank, value)?;
    }
    Ok(draft.text().to_owned())
}

fn drawn() -> [u8; 32] {
    let mut bytes = [0; 32];
    rand_core::Rng::fill_bytes(&mut random(), &mut bytes);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_lose_their_quotes_and_values_keep_them() {
        let text = "not_before = \"<not before>\"\nexpires = \"<expires>\"\nmeasurement = \"<measurement>\"\n";
        let validity = Validity { not_before: 1_767_225_600, expires: 1_767_312_000 };
        let filled = filled(text.into(), &[], &[("measurement".into(), "sha384:00".into())], validity).unwrap();
        assert_eq!(
            filled,
            "not_before = 2026-01-01T00:00:00Z\nexpires = 2026-01-02T00:00:00Z\nmeasurement = \"sha384:00\"\n"
        );
    }
}
