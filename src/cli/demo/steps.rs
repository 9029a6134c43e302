//! The steps of the story, each with what the host could see of it.

use super::canary::{Canaries, Found};
use super::child::{Program, number, text};
use super::hosting::Hosting;
use super::pieces::Pieces;
use super::story::{self, HOSPITALS, INSTITUTE, RESULT, STATES};
use super::wire::Wire;
use crate::cli::exit::{Exit, Failure};
use crate::cli::output::{Output, print};
use crate::cli::refusal::short;
use crate::cli::typed::{brief, grouped, size};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// The story as it is told.
#[derive(Debug)]
pub(super) struct Steps<'a> {
    folder: &'a Path,
    pieces: Pieces,
    program: Program,
    output: Output,
    wire: Wire,
}

/// How it ended.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) groups: usize,
    pub(super) suppressed: u64,
}

impl<'a> Steps<'a> {
    pub(super) fn new(folder: &'a Path, pieces: Pieces, output: Output) -> Result<Self, Failure> {
        let wire = Wire::open().map_err(|source| Failure::local(format!("the network of the demo: {source}")))?;
        Ok(Self { folder, pieces, program: Program::this()?, output, wire })
    }

    pub(super) fn run(&self) -> Result<Told, Failure> {
        self.say(
            "Four hospitals and an institute ask: how common is heart disease, by age and sex?\n\
             No hospital shows its 123 to 304 patients to anyone. Everything runs on this machine; the platform is SIMULATED.\n",
        )?;
        let objects = self.prepare()?;
        let (hosting, address) = Hosting::start(&self.program, &self.home("host"), &self.pieces, self.wire.address())?;
        let connected = self.wire.connect(address);
        connected.map_err(|source| Failure::local(format!("the network of the demo: {source}")))?;
        let room = self.open_room(&hosting)?;
        self.appraise(&room)?;
        self.grant(&room, &objects)?;
        let (table, opened) = self.open(&room)?;
        self.receipt()?;
        let memory = self.what_the_host_saw(&hosting, &table)?;
        hosting.stop()?;
        if let Some(difference) = table.difference(&story::answer()?) {
            return Err(Failure::local(format!(
                "the result differs from the answer computed in the clear: {difference}"
            )));
        }
        self.say("Equal to the answer computed in the clear: yes.")?;
        if memory.is_none() {
            return Err(Failure::new(
                Exit::Undecided,
                "the host's memory was NOT scanned: this system does not let its parent read it",
            )
            .hint("allow it (kernel.yama.ptrace_scope = 0 or 1, CAP_SYS_PTRACE in a container) and run the demo again; all else is as it should be"));
        }
        Ok(Told { groups: table.rows.len(), suppressed: number(&opened, "/suppressed")? })
    }

    /// What happens at home: draft, sign, encrypt. Gives `hospital=object` for each.
    pub(super) fn prepare(&self) -> Result<Vec<String>, Failure> {
        self.draft()?;
        self.sign()?;
        self.encrypt()
    }

    /// Everyone makes keys; the institute drafts from their cards, the image's measurement and the platform's anchor.
    fn draft(&self) -> Result<(), Failure> {
        for name in story::parties().chain(["host"]) {
            let home = self.home(name);
            std::fs::create_dir(&home).map_err(|source| Failure::local(format!("{}: {source}", home.display())))?;
        }
        let institute = self.home(INSTITUTE);
        for name in story::parties() {
            self.program.run(&self.home(name), &["keygen", name])?;
            if name != INSTITUTE {
                self.hand_on(name, INSTITUTE, &format!("{name}.card"))?;
            }
        }
        let anchor = self.pieces.anchor(&self.home("host").join("platform"))?;
        crate::cli::typed::write(&institute.join("draft.toml"), story::DRAFT.as_bytes())?;
        let (anchor, measurement) =
            (format!("trust anchor={anchor}"), format!("measurement={}", self.pieces.measurement));
        let cards: Vec<String> = story::parties().map(|name| format!("{name}.card")).collect();
        let mut arguments = vec!["contract", "new", "--from", "draft.toml", "--days", "30", "--output", "heart.toml"];
        arguments.extend(["--fill", &anchor, "--fill", &measurement]);
        arguments.extend(cards.iter().flat_map(|card| ["--card", card]));
        self.program.run(&institute, &arguments)?;
        let linted = self.program.run(&institute, &["contract", "lint", "heart.toml"])?;
        let warnings: Vec<&str> = linted
            .pointer("/warnings")
            .and_then(Value::as_array)
            .map(|warnings| warnings.iter().filter_map(|warning| warning.pointer("/id")?.as_str()).collect())
            .unwrap_or_default();
        let shown = self.program.run(&institute, &["contract", "show", "heart.toml"])?;
        let id = text(&shown, "/contract")?;
        self.step(
            1,
            "draft",
            &format!(
                "contract \"heart-study\" {}   5 parties, 4 datasets, 1 run, groups under 10 suppressed",
                brief(&id)
            ),
        )?;
        self.more(&format!("warnings of lint: {}", warnings.join(", ")))?;
        self.sees("nothing: keys are made at home, and cards and the text go from party to party")
    }

    /// The contract goes from hand to hand.
    fn sign(&self) -> Result<(), Failure> {
        let mut marks = String::new();
        let mut holder = INSTITUTE;
        for name in story::parties() {
            if name != holder {
                let file = if holder == INSTITUTE { "heart.toml" } else { "heart.contract" };
                self.hand_on(holder, name, file)?;
            }
            let file = if self.home(name).join("heart.contract").exists() { "heart.contract" } else { "heart.toml" };
            let key = format!("{name}.key");
            self.program.run(&self.home(name), &["contract", "sign", file, "--as", &key, "--yes"])?;
            marks.push_str(&format!("{name} ✓  "));
            holder = name;
        }
        for (name, _) in HOSPITALS {
            self.hand_on(holder, name, "heart.contract")?;
            self.program.run(&self.home(name), &["contract", "verify", "heart.contract"])?;
        }
        self.step(2, "sign", marks.trim_end())?;
        self.more("each sees what it gives, gets and risks: sealroom contract explain")?;
        self.sees("nothing: the text goes from hand to hand")
    }

    /// Each hospital checks and encrypts its patients at home.
    fn encrypt(&self) -> Result<Vec<String>, Failure> {
        let mut objects = Vec::new();
        for (index, (name, patients)) in HOSPITALS.into_iter().enumerate() {
            let home = self.home(name);
            crate::cli::typed::write(&home.join("patients.csv"), patients.as_bytes())?;
            let key = format!("{name}.key");
            let encrypted =
                self.program.run(&home, &["encrypt", "patients.csv", "--for", "heart.contract", "--as", &key])?;
            let (rows, length) = (number(&encrypted, "/rows")?, number(&encrypted, "/body_length")?);
            let object = text(&encrypted, "/object")?.to_owned();
            let line = format!(
                "{name:<11} {rows:>3} rows, {} → object {}  (key stays with {name})",
                size(length),
                brief(&object)
            );
            if index == 0 {
                self.step(3, "encrypt", &line)?;
            } else {
                self.more(&line)?;
            }
            objects.push(format!("{name}={object}"));
        }
        self.sees("nothing: rows are checked and encrypted at home")?;
        Ok(objects)
    }

    /// The host starts, gets ciphertext, and starts an enclave for the contract.
    fn open_room(&self, hosting: &Hosting) -> Result<String, Failure> {
        let url = self.url();
        for (name, _) in HOSPITALS {
            let key = format!("{name}.key");
            self.program.run(&self.home(name), &["upload", name, "--host", &url, "--as", &key])?;
        }
        let key = format!("{INSTITUTE}.key");
        let arguments = ["room", "open", "--host", &url, "--contract", "heart.contract", "--as", &key];
        let opened = self.program.run(&self.home(INSTITUTE), &arguments)?;
        let room = text(&opened, "/room")?.to_owned();
        let enclave = hosting.enclave_pid().map(|pid| format!(", enclave pid {pid}")).unwrap_or_default();
        let measurement = short(text(&opened, "/measurement")?);
        self.step(4, "host", &format!("host pid {}{enclave}, measurement {measurement}", hosting.pid()))?;
        let statements = opened.pointer("/statements").and_then(Value::as_array);
        let said = statements.into_iter().flatten().filter_map(Value::as_str);
        let said = said.map(|line| line.trim_start_matches("sealroom-enclave: "));
        let (dropped, rest): (Vec<&str>, Vec<&str>) = said.partition(|line| line.starts_with("dropped: "));
        let dropped: Vec<&str> = dropped.iter().map(|line| line.trim_start_matches("dropped: ")).collect();
        self.more(&format!("the enclave's log: it dropped {}; {}", dropped.join(", "), rest.join("; ")))?;
        self.sees("the contract (names, schema, rules), four ciphertexts, who sent them and when")?;
        Ok(room)
    }

    /// Every hospital asks the enclave itself.
    fn appraise(&self, room: &str) -> Result<(), Failure> {
        for (index, (name, _)) in HOSPITALS.into_iter().enumerate() {
            let key = format!("{name}.key");
            let arguments =
                ["appraise", "--room", room, "--as", &key, "--contract", "heart.contract", "--save", "evidence.json"];
            let appraised = self.program.run(&self.home(name), &arguments)?;
            let (held, skipped) = (number(&appraised, "/held")?, number(&appraised, "/skipped")?);
            let line = format!(
                "{name:<11} {held} checks hold, {skipped} skipped by the contract, none fails: SIMULATED anchor as named, measurement as \
                 signed, challenge fresh"
            );
            if index > 0 {
                self.more(&line)?;
                continue;
            }
            self.step(5, "appraise", &line)?;
            let checks = appraised.pointer("/checks").and_then(Value::as_array);
            let marks: Vec<(&str, &str)> = checks
                .into_iter()
                .flatten()
                .filter_map(|check| Some((check.pointer("/id")?.as_str()?, check.pointer("/status")?.as_str()?)))
                .collect();
            let word = |(id, status): &(&str, &str)| format!("{id} {}", if *status == "pass" { "✓" } else { "–" });
            self.more(&marks.iter().map(word).collect::<Vec<_>>().join("  "))?;
        }
        self.sees("four challenges and the enclave's answers; it can not answer for another image or another machine")
    }

    /// The institute asks for the run; the enclave proposes it; every hospital looks at the proposal and grants.
    fn grant(&self, room: &str, objects: &[String]) -> Result<(), Failure> {
        let key = format!("{INSTITUTE}.key");
        let mut arguments = vec!["request", "--room", room, "--as", &key, "--contract", "heart.contract"];
        arguments.extend(objects.iter().flat_map(|object| ["--dataset", object.as_str()]));
        let proposed = self.program.run(&self.home(INSTITUTE), &arguments)?;
        let proposal = brief(&text(&proposed, "/proposal")?);
        let (states, region) = STATES;
        let key = format!("{states}.key");
        let arguments = ["state", "--room", room, "--as", &key, "--contract", "heart.contract", "--region", region];
        self.program.run(&self.home(states), &arguments)?;
        let mut marks = String::new();
        let mut explained = String::new();
        for (name, _) in HOSPITALS {
            let key = format!("{name}.key");
            let arguments = ["grant", "--room", room, "--as", &key, "--contract", "heart.contract", "--yes"];
            let granted = self.program.run(&self.home(name), &arguments)?;
            if explained.is_empty() {
                explained = text(&granted, "/explained")?.to_owned();
            }
            marks.push_str(&format!("{name} ✓  "));
        }
        self.step(6, "grant", &format!("{marks}     run 1 of 1, proposal {proposal}"))?;
        self.more(&format!("what cleveland read: {explained}"))?;
        self.more(&format!("{states} states: the host stands in {region} (its word, recorded; nobody measured it)"))?;
        self.sees(
            "four grants: who, when, for which run. The data keys in them open for this enclave and this run alone",
        )
    }

    /// The institute waits for the receipt and opens its result.
    fn open(&self, room: &str) -> Result<(story::Table, Value), Failure> {
        let started = Instant::now();
        let key = format!("{INSTITUTE}.key");
        let home = self.home(INSTITUTE);
        let arguments = ["open", "--room", room, "--as", &key, "--contract", "heart.contract", "--wait"];
        let opened = self.program.run(&home, &arguments)?;
        let opened = opened.pointer("/results/0").cloned().unwrap_or(Value::Null);
        let seconds = started.elapsed().as_secs_f32();
        let rows: usize = HOSPITALS.iter().map(|(_, patients)| patients.lines().count().saturating_sub(1)).sum();
        self.step(7, "run", &format!("statistics over {rows} rows, {seconds:.2} s with fetching the result"))?;
        self.sees("which chunks were read, in which order, for how long; a padded ciphertext that came out")?;
        let path = home.join(format!("{RESULT}.csv"));
        let csv =
            std::fs::read_to_string(&path).map_err(|source| Failure::local(format!("{}: {source}", path.display())))?;
        let table = story::result(&csv, number(&opened, "/suppressed")?);
        self.step(
            8,
            "open",
            &format!("institute reads {} groups; {} groups suppressed by rule", table.rows.len(), table.suppressed),
        )?;
        self.say(table.shown().trim_end())?;
        self.sees(
            "who fetched which ciphertext, and when. It opens with the institute's key alone, which never leaves it",
        )?;
        Ok((table, opened))
    }

    /// Anyone with the contract can check the receipt, without a network.
    fn receipt(&self) -> Result<(), Failure> {
        let verified = self.program.run(&self.home(INSTITUTE), &["receipt", "verify", &format!("{RESULT}.receipt")])?;
        let (grants, inputs, outputs) =
            (number(&verified, "/grants")?, number(&verified, "/inputs")?, number(&verified, "/outputs")?);
        let appraised = verified.pointer("/appraised").and_then(Value::as_bool) == Some(true);
        let enclave = if appraised { "enclave key and its Evidence" } else { "enclave key (no Evidence in the file)" };
        self.step(
            9,
            "receipt",
            &format!("verified offline: contract, {grants} grants, {inputs} inputs, {outputs} output, {enclave}"),
        )?;
        self.sees("nothing of the check. The receipt it keeps itself: names, ids, counts and times, signed; no value of any row")
    }

    /// Looks for every patient and result in everything that the host had. Gives what of its memory could be looked at.
    fn what_the_host_saw(&self, hosting: &Hosting, table: &story::Table) -> Result<Option<Found>, Failure> {
        let rows: Vec<String> = table.rows.iter().map(|row| row.join(",")).collect();
        let patients: Vec<&str> = HOSPITALS.iter().flat_map(|(_, patients)| patients.lines().skip(1)).collect();
        let canaries = Canaries::new(patients.iter().copied().chain(rows.iter().map(String::as_str)));
        let here = HOSPITALS.iter().map(|(_, patients)| canaries.scan(patients.as_bytes())).sum::<u64>();
        if usize::try_from(here) != Ok(patients.len()) {
            return Err(Failure::local(format!("the scan finds {here} of {} patients where they are", patients.len())));
        }
        let of =
            |what: &str, source: std::io::Error| Failure::local(format!("the scan of the host's {what}: {source}"));
        let files = canaries.scan_files(&self.home("host")).map_err(|source| of("files", source))?;
        let streams = self.wire.kept();
        let traffic = Found {
            bytes: streams.iter().map(|stream| u64::try_from(stream.len()).unwrap_or(u64::MAX)).sum(),
            canaries: streams.iter().map(|stream| canaries.scan(stream)).sum(),
        };
        let memory = match canaries.scan_memory(hosting.pid()) {
            Ok(found) => Some(found),
            Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => None,
            Err(error) => return Err(of("memory", error)),
        };
        let found =
            files.canaries.saturating_add(traffic.canaries).saturating_add(memory.map_or(0, |memory| memory.canaries));
        let looked = memory.map_or_else(
            || "memory NOT scanned (not permitted)".to_owned(),
            |memory| format!("memory {}", size(memory.bytes)),
        );
        self.say(&format!(
            "What the host saw: ciphertext, public keys, signed documents, sizes and times. Looked for every row of patients and of the\n\
             result, {} texts, raw, hex and base64: {looked}, files {}, traffic {}. (In the hospitals' own files: {}.) Canaries found: {found}.",
            grouped(u64::try_from(canaries.texts()).unwrap_or(u64::MAX)),
            size(files.bytes),
            size(traffic.bytes),
            grouped(here)
        ))?;
        if found > 0 {
            return Err(Failure::new(
                Exit::Refused,
                format!("{found} canaries in what the host had: plaintext left a party"),
            ));
        }
        Ok(memory)
    }

    fn home(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn url(&self) -> String {
        format!("http://{}", self.wire.address())
    }

    /// One party gives another a file, as by mail.
    fn hand_on(&self, from: &str, to: &str, file: &str) -> Result<(), Failure> {
        if from == to {
            return Ok(());
        }
        let copied = std::fs::copy(self.home(from).join(file), self.home(to).join(file));
        copied.map(|_| ()).map_err(|source| Failure::local(format!("{file} from {from} to {to}: {source}")))
    }

    fn step(&self, number: u32, name: &str, text: &str) -> Result<(), Failure> {
        self.say(&format!("{number:>2} {name:<9} {text}"))
    }

    /// More about a step, in lines that a terminal can show.
    fn more(&self, text: &str) -> Result<(), Failure> {
        let mut line = String::new();
        for word in text.split(' ') {
            if line.chars().count().saturating_add(word.chars().count()) > 110 {
                self.say(&format!("{:12} {line}", ""))?;
                line = String::from(" ");
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        self.say(&format!("{:12} {line}", ""))
    }

    fn sees(&self, text: &str) -> Result<(), Failure> {
        self.more(&format!("host sees: {text}"))
    }

    fn say(&self, text: &str) -> Result<(), Failure> {
        if self.output.json { Ok(()) } else { print(text) }
    }
}
