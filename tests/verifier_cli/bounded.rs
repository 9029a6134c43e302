//! Garbage of any size costs little memory: the program runs where the system gives it no more than so much.

use crate::recorded::{NITRO, folder};
use crate::world::World;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

const GARBAGE: usize = 100 * 1024 * 1024;

/// Exit code and answer of the program, where all of its memory, code and stacks among it, is at most so many KiB.
fn within(kib: usize, arguments: &[&str], input: &[u8]) -> (i32, String) {
    let mut child = Command::new("sh")
        .args(["-c", &format!("ulimit -v {kib} && exec \"$0\" \"$@\""), env!("CARGO_BIN_EXE_sealroom")])
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It may end before it has read all of it.
    drop(child.stdin.take().unwrap().write_all(input));
    let output = child.wait_with_output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap_or(-1), String::from_utf8_lossy(&said).into_owned())
}

fn word(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn a_hundred_megabytes_of_garbage_are_refused_in_less_memory_than_they_are() {
    let work = tempfile::tempdir().unwrap();
    let world = World::new("nitro", work.path());
    let path = work.path().join("garbage");
    let garbage = vec![0x5a; GARBAGE];
    std::fs::write(&path, &garbage).unwrap();
    let policy = ["--policy", word(&world.policy), "--no-challenge", "garbage"];
    for (file, input) in [(word(&path), &[][..]), ("-", garbage.as_slice())] {
        let (code, said) = within(80 << 10, &[&["appraise", file], &policy[..]].concat(), input);
        assert_eq!(code, 2, "{said}");
        assert!(said.contains("bytes, expected at most 16777216"), "{said}");
        let (code, said) = within(80 << 10, &["inspect", file], input);
        assert_eq!(code, 2, "{said}");
    }
    // What is not Evidence is wrong usage.
    let evidence = word(&world.evidence);
    let good = word(&world.policy);
    for arguments in [
        ["appraise", evidence, "--no-challenge", "x", "--policy", good, "--endorsements", word(&path)],
        ["appraise", evidence, "--no-challenge", "x", "--policy", word(&path), "--endorsements", good],
        ["policy", "new", "--from", evidence, "--name", "x", "--anchor", word(&path)],
    ] {
        let (code, said) = within(80 << 10, &arguments, &[]);
        assert!(said.contains("104857600"), "{said}");
        assert_eq!(code, 1, "{said}");
    }
}

#[test]
fn the_largest_garbage_that_is_read_at_all_is_refused_in_bounded_memory() {
    let Some(_) = folder("the_largest_garbage_that_is_read_at_all") else { return };
    let work = tempfile::tempdir().unwrap();
    let world = World::new("nitro", work.path());
    let policy = ["--policy", word(&world.policy), "--no-challenge", NITRO.platform];
    let limit = 16 * 1024 * 1024;
    let nested = [b"{\"quote\":\"".as_slice(), &vec![b'A'; limit - 20], b"\"}"].concat();
    // Lists of 64 lists, and these of 64, and so on: each costs many times the memory of its two characters.
    let mut wide = b"[]".to_vec();
    while wide.len() * 64 < limit {
        wide = [b"[".as_slice(), &vec![wide.as_slice(); 64].join(&b','), b"]"].concat();
    }
    let wide = vec![wide.as_slice(); (limit - 20) / (wide.len() + 1)].join(&b',');
    let wide = [b"{\"quote\":[".as_slice(), &wide, b"]}"].concat();
    // Neither a form, base64 of zeros, hexadecimal of zeros, JSON around base64, an array of JSON that never ends.
    for garbage in [vec![0xff; limit], vec![b'A'; limit], vec![b'0'; limit], nested, vec![b'['; limit], wide] {
        let (code, said) = within(160 << 10, &[&["appraise", "-"], &policy[..]].concat(), &garbage);
        assert_eq!(code, 2, "{:?}: {said}", &garbage[..10]);
    }
}
