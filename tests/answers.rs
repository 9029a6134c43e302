//! The answers of the example stories, computed again without any code of Sealroom.

#[path = "support/not_run.rs"]
mod not_run;

use not_run::not_run;
use std::path::Path;
use std::process::Command;

#[test]
fn the_committed_answers_are_what_pandas_and_duckdb_compute() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let fetched = ["mail", "airlines", "campaign", ".venv"].map(|folder| examples.join("data/fetched").join(folder));
    if !fetched.iter().all(|folder| folder.exists()) {
        let missing = "`examples/data/fetch all venv` brings the data and a Python with pandas and DuckDB";
        return not_run("the_committed_answers_are_what_pandas_and_duckdb_compute", missing);
    }
    let output = Command::new(examples.join("answers/compute")).args(["--check", "all"]).output().expect("it starts");
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{said}");
    for story in ["heart", "mail", "airlines", "campaign"] {
        assert!(said.lines().any(|line| line.contains(story) && line.ends_with("is as committed")), "{story}: {said}");
    }
}
