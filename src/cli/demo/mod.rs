//! `sealroom demo`: four hospitals and an institute, on real data, every party and the host a process of its own.
//!
//! What always holds: it ends with 0 only if the result is the one that was computed without Sealroom, the receipt verifies,
//! and everything that the host had, its memory too, was searched without finding a canary.

mod attacked;
mod attacks;
mod canary;
mod cheat;
mod child;
mod hosting;
mod pieces;
mod steps;
mod story;
mod wire;

use super::exit::Failure;
use super::output::{Output, print};
use clap::Args;
use serde_json::json;
use std::path::{Path, PathBuf};

/// What is typed.
#[derive(Debug, Args)]
#[command(after_help = "Needs what enclave/build builds: the measured image and the simulated platform.

Examples:
  sealroom demo
  sealroom demo --attack               a host that cheats, and what the others say to it
  sealroom demo --keep /tmp/heart      keeps the parties' folders, to look at or to go on with")]
pub(crate) struct Typed {
    /// Let the host cheat, and show how each attack is refused
    #[arg(long)]
    attack: bool,
    /// Keep the folders of parties and host here
    #[arg(long, value_name = "FOLDER")]
    keep: Option<PathBuf>,
    /// The measured image [default: where enclave/build puts it]
    #[arg(long, value_name = "FILE")]
    image: Option<PathBuf>,
    /// The program of the simulated platform [default: where enclave/build puts it]
    #[arg(long, value_name = "FILE")]
    platform: Option<PathBuf>,
}

/// Tells the story.
pub(crate) fn run(typed: &Typed, output: Output) -> Result<(), Failure> {
    let pieces = pieces::Pieces::find(typed.image.as_deref(), typed.platform.as_deref())?;
    let folder = Folder::new(typed.keep.as_deref())?;
    if typed.attack {
        return attack(&folder, &pieces, output);
    }
    let told = steps::Steps::new(folder.path(), pieces, output)?.run()?;
    let kept = typed.keep.as_ref().map(|path| format!("\nKept: {}", path.display())).unwrap_or_default();
    let fields = json!({
        "equal_to_the_answer_in_the_clear": true,
        "receipt_verified": true,
        "canaries_found": 0,
        "host_memory_scanned": true,
        "groups": told.groups,
        "suppressed": told.suppressed,
    });
    output.answer(
        fields,
        format!("\nNext: sealroom demo --attack (a host that cheats) · sealroom contract new (your own) · docs/roles/ (data owner, enclave author, operator){kept}"),
    )
}

/// Lets the host cheat.
fn attack(folder: &Folder, pieces: &pieces::Pieces, output: Output) -> Result<(), Failure> {
    if !output.json {
        print(
            "Four hospitals, an institute and a host that cheats. The honest ones are the same program as always.\n",
        )?;
    }
    let mut attacked = attacked::Attacked::prepare(folder.path(), pieces.clone(), output)?;
    attacks::run(&mut attacked, pieces)?;
    let refused = attacked.every().len();
    let text = format!(
        "\n{refused} attacks, {refused} refused, each by the check that belongs to it. In between, the one run that all agreed to: done.\n\
         More of them, with all parties but one on the host's side: cargo test, docs/threat-model.md"
    );
    output.answer(json!({ "attacks": refused, "refused": refused, "each": attacked.every() }), text)
}

/// The folder of the demo; removed at the end unless it is to be kept.
#[derive(Debug)]
struct Folder {
    path: PathBuf,
    kept: bool,
}

impl Folder {
    fn new(keep: Option<&Path>) -> Result<Self, Failure> {
        let of = |path: &Path, source: std::io::Error| Failure::local(format!("{}: {source}", path.display()));
        let path = keep
            .map_or_else(|| std::env::temp_dir().join(format!("sealroom-demo-{}", std::process::id())), PathBuf::from);
        std::fs::create_dir(&path).map_err(|source| {
            let failure = of(&path, source);
            if keep.is_some() { failure.hint("give a folder that is not there yet") } else { failure }
        })?;
        let path = path.canonicalize().map_err(|source| of(&path, source))?;
        Ok(Self { path, kept: keep.is_some() })
    }

    fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if !self.kept {
            // Under the system's folder for such things: a rest is untidy, and nothing more.
            drop(std::fs::remove_dir_all(&self.path));
        }
    }
}
