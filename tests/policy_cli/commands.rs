//! `docs/cli.md` has a row for every command: those that the program says it has, down to the last word.

use crate::program::sealroom;
use std::collections::BTreeSet;

/// The commands below these words, by the program's own help; the words themselves where there are none.
fn commands(words: &[String]) -> Vec<String> {
    let typed: Vec<&str> = words.iter().map(String::as_str).chain(["--help"]).collect();
    let help = sealroom(&typed).ended(0).out;
    let Some((_, list)) = help.split_once("\nCommands:\n") else { return vec![words.join(" ")] };
    let list = list.lines().take_while(|line| line.starts_with("  "));
    let names = list.filter_map(|line| line.strip_prefix("  ")).filter(|line| !line.starts_with(' '));
    let names = names.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help");
    names.flat_map(|name| commands(&[words, &[name.to_owned()]].concat())).collect()
}

/// What the page's rows name: a name that is no command with the words before it is one of its own.
fn listed(page: &str, all: &BTreeSet<String>) -> BTreeSet<String> {
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `")).filter_map(|row| row.split(" | ").next());
    let mut listed = BTreeSet::new();
    for row in rows {
        let mut before: Vec<String> = Vec::new();
        for name in row.split('`').step_by(2) {
            let name = name.split(' ').take_while(|word| word.starts_with(|first: char| first.is_ascii_lowercase()));
            let name: Vec<String> = name.map(str::to_owned).collect();
            if name.is_empty() {
                continue;
            }
            before.pop();
            before.extend(name.iter().cloned());
            if !all.contains(&before.join(" ")) {
                before = name;
            }
            listed.insert(before.join(" "));
        }
    }
    listed
}

#[test]
fn the_page_of_the_command_line_lists_every_command_that_there_is() {
    let all: BTreeSet<String> = commands(&[]).into_iter().collect();
    assert!(all.len() > 40, "{all:?}");
    let listed = listed(include_str!("../../docs/cli.md"), &all);
    let missing: Vec<_> = all.difference(&listed).collect();
    assert_eq!(missing, Vec::<&String>::new(), "docs/cli.md has no row for these");
}
