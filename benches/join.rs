//! A join of two datasets of five million rows each, three ways from the same CSV, in CPU seconds:
//! the native program on plain files, the same program through encrypted objects, and DuckDB.
//!
//! `cargo bench -p sealroom-enclave --bench join` prints one table. The ways take turns, each run is a process of its
//! own, and medians are shown, so that the ratios come from one interleaved run. Only the query is measured: not starting,
//! not making the data. What an object costs is all that is between stored bytes and plaintext: BLAKE3 over the ciphertext and
//! AES-256-GCM. DuckDB needs Python with the package `duckdb`, as `examples/data/fetch venv` brings it; `PYTHON` names
//! another one. Without it that row says that it did not run.
//!
//! `ROWS` and `ROUNDS` in the environment change the size and how often.

#![expect(clippy::indexing_slicing, reason = "a benchmark: a panic stops it, and nothing else depends on it")]

use anyhow::{Context, Result, anyhow, ensure};
use core::convert::Infallible;
use core::fmt::Write as _;
use rustix::time::{ClockId, clock_gettime};
use sealroom_enclave_core::output_rules;
use sealroom_enclave_core::program::{Inputs, Meter, ProgramFailure};
use sealroom_protocol::contract::{
    ArgumentValue, Column, Dataset, Limits, OutputRules, ProgramTerms, ResultTerms, Terms, Validity,
};
use sealroom_protocol::object::{DataKey, Manifest, Reader, Writer};
use sealroom_protocol::table::{Batch, CsvDecoder, CsvError};
use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

const QUERY: &str = "SELECT c.segment, count(*), sum(s.amount) FROM sales s JOIN customers c ON s.customer = c.customer \
                     GROUP BY c.segment ORDER BY c.segment";

/// Python that prints the query's CPU seconds and the digest of its rows.
const DUCKDB: &str = "
import duckdb, hashlib, resource, sys
sales, customers, threads, query = sys.argv[1:]
database = duckdb.connect(config={'threads': int(threads)})
database.execute('SET enable_progress_bar = false')
def used():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime
def view(name, path, columns):
    database.execute(f\"CREATE VIEW {name} AS SELECT * FROM read_csv('{path}', header=true, auto_detect=false, delim=',', columns={columns})\")
view('sales', sales, {'customer': 'BIGINT', 'amount': 'BIGINT'})
view('customers', customers, {'customer': 'BIGINT', 'segment': 'BIGINT'})
before = used()
rows = database.execute(query).fetchall()
spent = used() - before
text = 'segment,sales,amount\\n' + ''.join(','.join(map(str, row)) + '\\n' for row in rows)
print(spent, hashlib.sha256(text.encode()).hexdigest())
";

fn main() -> Result<()> {
    let folder = std::env::temp_dir().join(format!("sealroom-join-{}", std::process::id()));
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["measure", way, folder] => return measure(way, Path::new(folder)),
        [] => {}
        // `cargo test --benches` and filters have nothing to run here.
        _ => return Ok(()),
    }
    let rows = number("ROWS", 5_000_000)?;
    let rounds = number("ROUNDS", 7)?;
    fs::create_dir_all(&folder)?;
    let outcome = compare(&folder, rows, rounds);
    fs::remove_dir_all(&folder)?;
    outcome
}

fn number(name: &str, default: u64) -> Result<u64> {
    std::env::var(name).map_or(Ok(default), |text| text.parse().with_context(|| format!("{name} is no number")))
}

fn compare(folder: &Path, rows: u64, rounds: u64) -> Result<()> {
    make_data(folder, rows)?;
    let python = python();
    let mut ways = vec!["plain", "object"];
    if python.is_some() {
        ways.extend(["duckdb-1", "duckdb-2"]);
    }
    let mut seconds: Vec<Vec<f64>> = ways.iter().map(|_| Vec::new()).collect();
    let mut digests = Vec::new();
    for round in 0..rounds {
        // Each round begins with another way.
        for turn in 0..ways.len() {
            let way = (turn + usize::try_from(round)?) % ways.len();
            let (spent, digest) = one(ways[way], folder, python.as_deref())?;
            seconds[way].push(spent);
            digests.push(digest);
        }
    }
    digests.dedup();
    ensure!(digests.len() == 1, "the ways came to different answers: {digests:?}");
    let medians: Vec<f64> = seconds.iter_mut().map(|all| median(all)).collect();
    let mut table =
        format!("join of {rows} x {rows} rows from CSV, CPU seconds, median of {rounds} interleaved runs\n\n");
    writeln!(table, "| way | CPU s | least | most | to plain | to DuckDB |\n|---|---:|---:|---:|---:|---:|")?;
    // The better of DuckDB's two, whichever that is.
    let duckdb = medians.iter().skip(2).copied().reduce(f64::min);
    for ((way, all), median) in ways.iter().zip(&seconds).zip(&medians) {
        let name = match *way {
            "plain" => "program on plain files",
            "object" => "program through encrypted objects",
            "duckdb-1" => "DuckDB, 1 thread",
            _ => "DuckDB, 2 threads",
        };
        let against = duckdb.map_or_else(|| "-".to_owned(), |duckdb| format!("{:.2}", median / duckdb));
        let (least, most) = (all[0], all[all.len() - 1]);
        writeln!(table, "| {name} | {median:.3} | {least:.3} | {most:.3} | {:.3} | {against} |", median / medians[0])?;
    }
    if python.is_none() {
        writeln!(
            table,
            "\nNOT RUN: DuckDB, since no Python with the package duckdb was found (examples/data/fetch venv)"
        )?;
    }
    std::io::stdout().write_all(table.as_bytes())?;
    Ok(())
}

/// Runs one way in a process of its own; gives its CPU seconds and the digest of its answer.
fn one(way: &str, folder: &Path, python: Option<&Path>) -> Result<(f64, String)> {
    let mut command = match (way.strip_prefix("duckdb-"), python) {
        (Some(threads), Some(python)) => {
            let mut command = Command::new(python);
            command.args(["-c", DUCKDB]).args([folder.join("sales.csv"), folder.join("customers.csv")]);
            command.args([threads, QUERY]);
            command
        }
        _ => {
            let mut command = Command::new(std::env::current_exe()?);
            command.args(["measure", way]).arg(folder);
            command
        }
    };
    let output = command.output()?;
    ensure!(output.status.success(), "{way}: {}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout)?;
    let (spent, digest) = text.trim().split_once(' ').ok_or_else(|| anyhow!("{way} said {text}"))?;
    let spent = spent.parse().with_context(|| format!("{way} said {text}"))?;
    Ok((spent, digest.to_owned()))
}

fn python() -> Option<PathBuf> {
    let fetched = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/data/fetched/.venv/bin/python");
    let candidates = [std::env::var_os("PYTHON").map(PathBuf::from), Some(fetched), Some(PathBuf::from("python3"))];
    let has_duckdb = |python: &PathBuf| {
        Command::new(python).args(["-c", "import duckdb"]).output().is_ok_and(|output| output.status.success())
    };
    candidates.into_iter().flatten().find(has_duckdb)
}

fn median(all: &mut [f64]) -> f64 {
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}

fn terms() -> Terms {
    let texts = |values: &[&str]| ArgumentValue::from(values);
    let program = ProgramTerms::native("join-and-aggregate")
        .with("datasets", texts(&["sales"]))
        .with("joins", texts(&["inner customers on customer"]))
        .with("group_by", texts(&["customers.segment"]))
        .with("measures", texts(&["count", "sum:amount"]));
    let validity = Validity { not_before: 0, expires: 1 };
    let limits = Limits::new(1, 4_096, 1 << 40);
    let mut terms = Terms::new("join", "A benchmark.", validity, [0; 32], program, limits);
    let key = || Column::integer("customer", 0, 99_999_999);
    terms.datasets = vec![
        Dataset::new("sales", "retailer", 1 << 40, vec![key(), Column::integer("amount", 0, 999_999)]),
        Dataset::new("customers", "bank", 1 << 40, vec![key(), Column::integer("segment", 0, 999)]),
    ];
    let columns = vec![
        Column::integer("segment", 0, 999),
        Column::integer("sales", 0, i64::MAX),
        Column::integer("amount", 0, i64::MAX),
    ];
    terms.results = vec![ResultTerms::new("totals", &["retailer"], columns, OutputRules::new(1, 1_000, 1 << 20))];
    terms
}

/// Runs the program, and prints its CPU seconds and the digest of its result.
fn measure(way: &str, folder: &Path) -> Result<()> {
    let terms = terms();
    let program = sealroom_enclave::engine::program(&terms.program.name).context("no such program")?;
    let plan = program.plan(&terms, &terms.program.arguments)?;
    let mut inputs = Files { terms: &terms, folder, encrypted: way == "object" };
    let mut meter = Meter::new(&terms.limits, &mut Numbers(7));
    let before = processor_seconds();
    let mut outputs = plan.run(&mut inputs, &mut meter)?;
    let result = output_rules::decide(&terms.results[0], outputs.remove("totals").context("no result")?);
    let spent = processor_seconds() - before;
    let digest = sealroom_protocol::hash::sha256(result.csv.as_bytes());
    let digest = digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    writeln!(std::io::stdout(), "{spent} {digest}")?;
    Ok(())
}

fn processor_seconds() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    #[expect(clippy::as_conversions, reason = "seconds of a benchmark fit a float")]
    let seconds = time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9;
    seconds
}

/// Datasets in files: as they are, or as encrypted objects.
struct Files<'a> {
    terms: &'a Terms,
    folder: &'a Path,
    encrypted: bool,
}

struct Stop(ProgramFailure);

impl From<CsvError> for Stop {
    fn from(_: CsvError) -> Self {
        Self(ProgramFailure::Input)
    }
}

impl Inputs for Files<'_> {
    fn scan(
        &mut self,
        dataset: &str,
        columns: &[usize],
        visit: &mut dyn FnMut(&Batch) -> Result<(), ProgramFailure>,
    ) -> Result<(), ProgramFailure> {
        let terms = self.terms.datasets.iter().find(|terms| terms.name == dataset).ok_or(ProgramFailure::Input)?;
        let mut decoder = CsvDecoder::with_projection(&terms.columns, terms.maximum_rows, columns);
        let mut take = |plaintext: &[u8]| {
            decoder.decode(plaintext, |batch| visit(batch).map_err(Stop)).map_err(|Stop(failure)| failure)
        };
        let read = if self.encrypted {
            self.read_object(dataset, &mut take)
        } else {
            read_plain(&self.folder.join(format!("{dataset}.csv")), &mut take)
        };
        read.map_err(|error| error.downcast::<ProgramFailure>().unwrap_or(ProgramFailure::Input))?;
        decoder.finish(|batch| visit(batch).map_err(Stop)).map_err(|Stop(failure)| failure).map(|_| ())
    }
}

type Take<'a> = &'a mut dyn FnMut(&[u8]) -> Result<(), ProgramFailure>;

fn read_plain(path: &Path, take: Take<'_>) -> Result<()> {
    let mut file = File::open(path)?;
    let mut buffer = vec![0; 1 << 20];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(()),
            length => take(&buffer[..length])?,
        }
    }
}

impl Files<'_> {
    fn read_object(&self, dataset: &str, take: Take<'_>) -> Result<()> {
        let manifest = Manifest::decode(&fs::read(self.folder.join(format!("{dataset}.manifest")))?)?;
        let (id, count) = (manifest.id(), manifest.group_count());
        let provider = sealroom_protocol::provider::fastest();
        let mut reader = Reader::new(provider, &data_key(), &id, manifest)?;
        let mut body = File::open(self.folder.join(format!("{dataset}.body")))?;
        let mut skipped = [0; 56];
        body.read_exact(&mut skipped)?;
        let (mut group, mut plaintext) = (Vec::new(), Vec::new());
        for index in 0..count {
            let range = reader.group_range(index)?;
            group.resize(usize::try_from(range.end - range.start)?, 0);
            body.read_exact(&mut group)?;
            reader.decrypt_group(index, &group, &mut plaintext)?;
            take(&plaintext)?;
        }
        Ok(())
    }
}

/// One key for both benchmark objects; a real one is drawn for each.
fn data_key() -> DataKey {
    DataKey::fill_with(|bytes| bytes.fill(9))
}

/// Every customer once, in a random order; sales of random customers, of whom four in five exist.
fn make_data(folder: &Path, rows: u64) -> Result<()> {
    let mut random = Numbers(42);
    let mut customers: Vec<u64> = (0..rows).collect();
    for at in (1..customers.len()).rev() {
        customers.swap(at, usize::try_from(random.below(u64::try_from(at)? + 1))?);
    }
    let mut text = String::from("customer,segment\n");
    for customer in customers {
        writeln!(text, "{customer},{}", random.below(1_000))?;
    }
    write_both(folder, "customers", &text)?;
    text.clear();
    text.push_str("customer,amount\n");
    for _ in 0..rows {
        let customer = random.below((rows / 4 * 5).max(1));
        writeln!(text, "{customer},{}", random.below(1_000_000))?;
    }
    write_both(folder, "sales", &text)
}

fn write_both(folder: &Path, name: &str, text: &str) -> Result<()> {
    fs::write(folder.join(format!("{name}.csv")), text)?;
    let mut body = Vec::new();
    let mut sink = |bytes: &[u8]| -> Result<(), Infallible> {
        body.extend_from_slice(bytes);
        Ok(())
    };
    let provider = sealroom_protocol::provider::fastest();
    let mut writer = Writer::new(provider, &data_key(), name.as_bytes(), &mut Numbers(3))?;
    writer.write(text.as_bytes(), &mut sink)?;
    let manifest = writer.finish(&mut sink)?;
    fs::write(folder.join(format!("{name}.body")), &body)?;
    Ok(fs::write(folder.join(format!("{name}.manifest")), manifest.encode())?)
}

/// Numbers that are the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    fn next(&mut self) -> u64 {
        // splitmix64 (public domain, Steele, Lea and Flood 2014).
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }
}

impl rand_core::TryRng for Numbers {
    type Error = Infallible;
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(u32::try_from(self.next() >> 32).unwrap_or(0))
    }
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.next())
    }
    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(8) {
            let value = self.next().to_le_bytes();
            chunk.copy_from_slice(&value[..chunk.len()]);
        }
        Ok(())
    }
}

impl rand_core::TryCryptoRng for Numbers {}
