//! The page says what the command says: the same files, asked by `sealroom … --json` and by what `docs/verify.html` has inside.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a panic is a test's failure report")]

#[path = "../attestation/page/tests/support/worlds.rs"]
#[expect(dead_code, reason = "the list of all worlds is for the page's own tests")]
mod worlds;

use crate::worlds::world;
use sealroom::attestation::CryptoProvider;
use sealroom_protocol::contract::time_text;
use sealroom_verify_page::{Asked, Request, appraise, inspect};
use serde_json::Value;
use std::path::PathBuf;
use std::process::Command;

/// What the command line says beside the verdict.
const OF_THE_COMMAND: [&str; 3] = ["sealroom", "command", "fetched"];

/// The files of a request, in a folder.
struct Files {
    folder: tempfile::TempDir,
    flags: Vec<String>,
}

impl Files {
    fn of(request: &Request) -> Self {
        let mut files = Self { folder: tempfile::tempdir().unwrap(), flags: Vec::new() };
        files.write("evidence", &request.evidence);
        for (index, file) in request.endorsements.iter().enumerate() {
            let file = files.write(&format!("endorsement-{index}"), file);
            files.flags.extend(["--endorsements".to_owned(), file.display().to_string()]);
        }
        if let Some(policy) = &request.policy {
            let policy = files.write("policy.toml", policy.as_bytes());
            files.flags.extend(["--policy".to_owned(), policy.display().to_string()]);
            files.flags.extend(["--at".to_owned(), time_text(request.at)]);
            files.flags.extend(match &request.asked {
                Some(Asked::Challenge(digits)) => ["--challenge".to_owned(), digits.clone()],
                Some(Asked::Nothing(reason)) => ["--no-challenge".to_owned(), reason.clone()],
                None => panic!("something is asked, or there is a reason why not"),
            });
        }
        files
    }

    fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let file = self.folder.path().join(name);
        std::fs::write(&file, bytes).unwrap();
        file
    }

    /// What the command answers, without what is not the verdict's.
    fn command(&self, command: &str) -> Value {
        let mut program = Command::new(env!("CARGO_BIN_EXE_sealroom"));
        program.args([command, "--json"]).arg(self.folder.path().join("evidence"));
        if command == "appraise" {
            program.args(&self.flags);
        }
        let output = program.output().unwrap();
        let mut answer: Value =
            serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"));
        let fields = answer.as_object_mut().unwrap();
        fields.retain(|name, _| !OF_THE_COMMAND.contains(&name.as_str()));
        if let Some(code) = fields.get("exit_code") {
            assert_eq!(output.status.code().map(i64::from), code.as_i64());
        }
        answer
    }
}

#[test]
fn the_page_answers_what_the_command_answers() {
    for name in ["tdx-4", "sgx", "nitro", "cca", "gpu", "tpm", "azure"] {
        let good = world(name);
        let without = Request { policy: None, ..good.clone() };
        let later = Request { at: good.at + 20 * 365 * 24 * 3600, ..good.clone() };
        let unasked = Request { asked: Some(Asked::Nothing("an archive".to_owned())), ..good.clone() };
        let other = Request { asked: Some(Asked::Challenge("00".to_owned())), ..good.clone() };
        let cut = Request { evidence: good.evidence.iter().copied().skip(1).collect(), ..good.clone() };
        let alone = Request { endorsements: Vec::new(), ..good.clone() };
        for request in [good, without, later, unasked, other, cut, alone] {
            let page = appraise(&request.encode(), CryptoProvider::rustcrypto());
            let command = Files::of(&request).command("appraise");
            match page.get("report") {
                Some(report) => assert_eq!(report, &command, "{name}"),
                // Both say what to do, each in terms of what a person has at hand there.
                None => assert_eq!(page["failure"]["exit"], command["failure"]["exit"], "{name}: {page} {command}"),
            }
        }
    }
}

#[test]
fn the_page_inspects_as_the_command_does() {
    for name in ["tdx-4", "sgx", "nitro", "cca", "gpu", "tpm", "azure"] {
        let request = world(name);
        let page = inspect(&request.evidence);
        assert_eq!(page["inspected"], Files::of(&request).command("inspect"), "{name}");
    }
}
