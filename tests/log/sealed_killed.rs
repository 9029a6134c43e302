//! A sealed store on a real disk, whose enclave and host are killed as `kill -9` does: at each step of each write, and at any
//! moment, witnesses too.

use crate::disk::Step;
use crate::recorder::Recorder;
use crate::remote::Remote;
use crate::seats::{Seat, life, platform, told};
use crate::seen::look;
use core::cell::Cell;
use core::time::Duration;
use rustix::process::{Signal, getpid, kill_process};
use sealroom_enclave_core::sealed::{FreshnessLevel, SealedError};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::rc::Rc;

/// Where the child finds what to do: folder, level, how often it counts, the step in which it dies, and the witnesses.
const VARIABLE: &str = "SEALROOM_TEST_COUNTER";
/// Counts of a child that dies at a step.
const COUNTS: u64 = 2;
/// Kills at any moment.
const KILLS: u64 = 40;

/// What children said: the last count that was acknowledged, and the last one that was asked for.
#[derive(Debug, Default, Clone, Copy)]
struct Said {
    acknowledged: u64,
    asked: u64,
    opened: bool,
}

impl Said {
    fn hear(&mut self, line: &str) {
        let Some((word, number)) = line.trim().split_once(' ') else { return };
        let Ok(number) = number.parse() else { return };
        match word {
            "opened" => {
                let known = self.acknowledged..=self.asked;
                assert!(known.contains(&number), "{number} is there, {known:?} was acknowledged and asked for");
                (self.acknowledged, self.opened) = (number, true);
            }
            "asks" => self.asked = number,
            "has" => self.acknowledged = number,
            _ => {}
        }
    }
}

fn level(name: &str) -> FreshnessLevel {
    let levels = [FreshnessLevel::None, FreshnessLevel::Session, FreshnessLevel::Witness];
    *levels.iter().find(|level| level.as_str() == name).unwrap()
}

fn start(folder: &Path, level: FreshnessLevel, counts: u64, dies: u64, seats: &[Seat]) -> Child {
    let others: Vec<String> = seats.iter().map(Seat::argument).collect();
    let what = [folder.to_str().unwrap(), level.as_str(), &counts.to_string(), &dies.to_string(), &others.join(" ")];
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "sealed_killed::a_child_counts", "--ignored", "--nocapture"]);
    command.env(VARIABLE, what.join("\n")).stdout(Stdio::piped()).spawn().unwrap()
}

/// All that a child says until it ends. Whether it ended by itself; it was killed otherwise.
fn listen(mut child: Child, said: &mut Said) -> bool {
    said.opened = false;
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let lines: Vec<String> = lines.map(Result::unwrap).collect();
    lines.iter().for_each(|line| said.hear(line));
    let status = child.wait().unwrap();
    assert!(status.success() || status.signal() == Some(9), "{status}: {}", lines.join("\n"));
    status.success()
}

#[test]
#[ignore = "the other tests here run it, in processes of its own that are killed"]
fn a_child_counts() {
    let what = std::env::var(VARIABLE).unwrap();
    let [folder, name, counts, dies, others]: [&str; 5] = what.split('\n').collect::<Vec<_>>().try_into().unwrap();
    let (folder, dies, steps) = (Path::new(folder), dies.parse::<u64>().unwrap(), Cell::new(0));
    let step: Step = Rc::new(move || {
        steps.set(steps.get() + 1);
        if steps.get() == dies {
            kill_process(getpid(), Signal::KILL).unwrap();
        }
    });
    let others: Vec<String> = others.split_whitespace().map(str::to_owned).collect();
    let mut platform = platform(folder);
    let mut life = life(folder, &mut platform, level(name), Remote::parse(&others).unwrap(), step);
    let say = |word: &str, number: u64| {
        let mut out = std::io::stdout().lock();
        writeln!(out, "\n{word} {number}").unwrap();
        out.flush().unwrap();
    };
    match life.open() {
        Ok(()) => {}
        Err(SealedError::NoStore { .. }) => life.create().unwrap(),
        Err(error) => panic!("an honest host's crash locks the store out: {error}"),
    }
    let mut value = life.value().unwrap();
    say("opened", value);
    for _ in 0..counts.parse::<u64>().unwrap() {
        say("asks", value + 1);
        value = life.count().unwrap();
        say("has", value);
    }
}

/// The counter's folder, and three witnesses that run.
fn begin(folder: &Path) -> Vec<Seat> {
    let log = told(folder, &mut platform(folder));
    let mut seats: Vec<Seat> = (0..3).map(|number| Seat::new(folder, number, &log)).collect();
    seats.iter_mut().for_each(Seat::serve);
    seats
}

#[test]
fn killed_at_each_step_of_each_write_a_store_loses_nothing_acknowledged_and_opens_again() {
    for level in [FreshnessLevel::None, FreshnessLevel::Session, FreshnessLevel::Witness] {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let seats = begin(folder);
        let mut said = Said::default();
        let mut killed = 0;
        let recorder = Recorder::default();
        // The first child begins the store and dies in it too; who lives through all of its steps is the last.
        for dies in 1.. {
            let lived = listen(start(folder, level, COUNTS, dies, &seats), &mut said);
            look(folder, &recorder);
            if lived {
                break;
            }
            killed += 1;
        }
        // Seven steps a write; two counts of three writes each, and at level witness the leaf of the opening.
        let expected = if level == FreshnessLevel::Witness { 49 } else { 42 };
        assert!(said.opened && killed >= expected, "{level}: killed {killed} times, expected {expected}: {said:?}");
        // Each child that got as far began a state of its own, and what it left half written is looked at as well.
        assert!(recorder.objects() >= 4, "{level}: {} sealed objects", recorder.objects());
        assert_eq!(recorder.repeated(), None, "{level}");
    }
}

#[test]
fn killed_at_any_moment_together_with_its_witnesses_a_store_loses_nothing_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let mut seats = begin(folder);
    let mut said = Said::default();
    let (mut opened, recorder) = (0, Recorder::default());
    for kill in 0..KILLS {
        // One of the three is down, and comes back with what it remembers.
        let down = usize::try_from(kill % 3).unwrap();
        seats[down].fall_silent();
        let mut child = start(folder, FreshnessLevel::Witness, u64::MAX, 0, &seats);
        let out = child.stdout.take().unwrap();
        said.opened = false;
        let mut lines = BufReader::new(out).lines().map(Result::unwrap);
        // From its first words on; what it says in between is heard as well.
        lines.by_ref().take_while(|line| !line.starts_with("asks")).for_each(|line| said.hear(&line));
        said.asked = said.acknowledged + 1;
        opened += u64::from(said.opened);
        std::thread::sleep(Duration::from_millis(1 + 11 * (kill % 13)));
        child.kill().unwrap();
        lines.for_each(|line| said.hear(&line));
        assert!(!child.wait().unwrap().success());
        look(folder, &recorder);
        seats[down].serve();
    }
    assert_eq!(opened, KILLS, "each life opened what the one before left");
    assert!(said.acknowledged > KILLS / 2, "{said:?}");
    assert!(u64::try_from(recorder.objects()).unwrap() > KILLS, "{} sealed objects", recorder.objects());
    assert_eq!(recorder.repeated(), None);
    assert!(listen(start(folder, FreshnessLevel::Witness, 1, 0, &seats), &mut said));
}
