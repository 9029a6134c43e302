//! `docs/policy.md` has every field of every accept block, in the words of the code: its tables are made from the structs.
//!
//! To write them anew after a field changed: `SEALROOM_WRITE_PAGES=1 cargo test --test policy_cli page`.

use core::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Heading of a table, source file, struct.
const TABLES: &[(&str, &str, &str)] = &[
    ("amd-sev-snp", "snp", "Accept"),
    ("amd-sev-snp: minimum_guest_abi", "snp", "GuestAbi"),
    ("amd-sev-snp: image", "snp", "Image"),
    ("amd-sev-snp: mitigations", "snp", "Mitigations"),
    ("intel-tdx", "tdx", "Accept"),
    ("intel-tdx: minimum_module", "tdx", "ModuleVersion"),
    ("intel-tdx, intel-sgx: platform", "intel", "PlatformRules"),
    ("intel-sgx", "sgx", "Accept"),
    ("aws-nitro", "nitro", "Accept"),
    ("aws-nitro: register", "nitro", "Register"),
    ("aws-nitro: timestamp", "nitro", "Age"),
    ("tpm", "tpm", "Accept"),
    ("tpm, azure-vtpm-snp, azure-vtpm-tdx: quote", "tpm", "QuoteRules"),
    ("tpm, azure-vtpm-snp, azure-vtpm-tdx: register", "tpm", "Register"),
    ("tpm, azure-vtpm-snp, azure-vtpm-tdx: boot", "tpm", "BootCount"),
    ("intel-tdx, tpm, azure-vtpm-snp, azure-vtpm-tdx: event_log", "events", "EventRules"),
    ("intel-tdx, tpm, azure-vtpm-snp, azure-vtpm-tdx: event", "events", "EventRule"),
    ("azure-vtpm-snp, azure-vtpm-tdx", "azure", "Accept"),
    ("azure-vtpm-snp, azure-vtpm-tdx: vm", "azure", "VmRules"),
    ("arm-cca", "cca", "Accept"),
    ("arm-cca: component", "cca", "Component"),
    ("arm-cca: value of a component", "cca", "ComponentValue"),
    ("arm-cca: extensible measurement", "cca", "ExtensibleMeasurement"),
    ("nvidia-gpu", "gpu", "Accept"),
    ("nvidia-gpu: measurement", "gpu", "IndexedMeasurement"),
];
/// Bits by names: which field, source file.
const BITS: &[(&str, &str)] = &[
    ("`guest_policy` (amd-sev-snp)", "snp/guest_policy.rs"),
    ("`platform_info` (amd-sev-snp)", "snp/platform_info.rs"),
    ("`attributes` (intel-tdx)", "tdx/attributes.rs"),
    ("`attributes` (intel-sgx)", "sgx/attributes.rs"),
    ("`xfam`, `xfrm` (intel-tdx, intel-sgx)", "intel/states.rs"),
];
const BEGIN: &str = "<!-- The tables from here on are made from the code: tests/policy_cli/page.rs -->\n";

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn source(platform: &str) -> String {
    let path = root().join(format!("attestation/src/platform/{platform}/policy.rs"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The public fields of a struct: name, type, documentation.
fn fields(source: &str, name: &str) -> Vec<(String, String, String)> {
    let head = format!("pub struct {name} {{");
    let (_, rest) = source.split_once(&head).unwrap_or_else(|| panic!("no {head}"));
    let (body, _) = rest.split_once("\n}").unwrap();
    let mut found = Vec::new();
    let mut words = String::new();
    for line in body.lines().map(str::trim) {
        if let Some(text) = line.strip_prefix("///") {
            write!(words, "{}{}", if words.is_empty() { "" } else { " " }, text.trim()).unwrap();
        } else if let Some(field) = line.strip_prefix("pub ") {
            let (field, kind) = field.trim_end_matches(',').split_once(": ").unwrap();
            found.push((field.to_owned(), kind.to_owned(), core::mem::take(&mut words)));
        }
    }
    found
}

/// How a field of this type may be written.
fn form(kind: &str) -> &'static str {
    match kind {
        "Requirement" => "`\"required\"` or skip",
        _ if kind.starts_with("Rule<") => "value or skip",
        _ if kind.starts_with("[Rule<") => "value or skip, four times",
        _ => "value",
    }
}

/// Documentation links as plain words.
fn plain(words: &str) -> String {
    let mut text = words.replace('|', "\\|");
    while let Some((before, rest)) = text.clone().split_once("](") {
        let Some((_, after)) = rest.split_once(')') else { break };
        text = format!("{before}]{after}");
    }
    text.replace("[`", "`").replace("`]", "`")
}

/// The names of a field's bits, in the order of the code.
fn bit_names(file: &str) -> String {
    let path = root().join("attestation/src/platform").join(file);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let (_, list) = text.split_once("const NAMES").expect("a list of names");
    let (list, _) = list.split_once("];").expect("its end");
    let names: Vec<String> = list.split('"').skip(1).step_by(2).map(|name| format!("`{name}`")).collect();
    assert!(!names.is_empty(), "{file}");
    names.join(", ")
}

fn tables() -> String {
    let mut page = String::from(BEGIN);
    page.push_str("\n### Names of bits\n\n| bits of | names |\n|---|---|\n");
    for (what, file) in BITS {
        writeln!(page, "| {what} | {} |", bit_names(file)).unwrap();
    }
    for (heading, platform, name) in TABLES {
        write!(page, "\n### {heading}\n\n| field | written as | what it demands |\n|---|---|---|\n").unwrap();
        for (field, kind, words) in fields(&source(platform), name) {
            writeln!(page, "| `{field}` | {} | {} |", form(&kind), plain(&words)).unwrap();
        }
    }
    page
}

#[test]
fn the_page_of_the_policy_language_has_every_field_as_the_code_has_it() {
    let path = root().join("docs/policy.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let (before, _) = page.split_once(BEGIN).expect("docs/policy.md has the line where its tables begin");
    let expected = format!("{before}{}", tables());
    if std::env::var_os("SEALROOM_WRITE_PAGES").is_some() {
        std::fs::write(&path, &expected).unwrap();
    }
    assert!(page == expected, "docs/policy.md is not what the code says: SEALROOM_WRITE_PAGES=1 writes it anew");
}

/// A struct of a policy that no table shows would be a part of the language that no reader finds.
#[test]
fn every_struct_of_an_accept_block_has_a_table() {
    let platforms = ["azure", "cca", "events", "gpu", "intel", "nitro", "sgx", "snp", "tdx", "tpm"];
    // Bits stand for `{ set, clear }`, which the page explains once; Block is no part of a policy.
    let explained = ["Bits", "Block"];
    for platform in platforms {
        let text = source(platform);
        for line in text.lines().filter_map(|line| line.strip_prefix("pub struct ")) {
            let name = line.split([' ', '<', '(', ';']).next().unwrap();
            let listed = TABLES.iter().any(|(_, of, table)| *of == platform && *table == name);
            assert!(listed || explained.contains(&name), "{platform}: {name} has no table");
        }
    }
    let folder = Path::new("attestation/src/platform");
    let found = std::fs::read_dir(root().join(folder)).unwrap().map(|entry| entry.unwrap().path());
    let mut found: Vec<String> = found
        .filter(|path| path.join("policy.rs").is_file())
        .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    found.sort();
    assert_eq!(found, platforms);
}
