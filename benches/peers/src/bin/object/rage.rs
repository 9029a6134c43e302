//! Whole files, against the program `rage` (age's format: ChaCha20-Poly1305 in chunks of 64 KiB, one thread).

use crate::{cpu_time, median};
use core::time::Duration;
use getrandom::SysRng;
use rand_core::UnwrapErr;
use sealroom_protocol::object::{DataKey, GROUP_LENGTH, Manifest, Reader, Writer};
use sealroom_protocol::provider::{AeadProvider, AwsLcRs, Ring, RustCrypto};
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const LENGTH: usize = 256 << 20;
const ROUNDS: usize = 7;

/// Prints the second table, where there is a `rage`.
pub fn compare() {
    let rage = std::env::var_os("RAGE").map_or_else(|| PathBuf::from("rage"), PathBuf::from);
    let found = Command::new(&rage).arg("--version").output().ok().filter(|output| output.status.success());
    let Some(version) = found else {
        println!("\nFiles against rage: not run, there is no program `rage` (cargo install rage)");
        return;
    };
    let folder = std::env::temp_dir().join(format!("sealroom-bench-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder for temporary files");
    let result = table(&rage, &folder);
    fs::remove_dir_all(&folder).expect("its own folder");
    let rows = result.expect("files can be read and written");

    println!(
        "\nA file of {} MiB in {}, against {}",
        LENGTH >> 20,
        folder.display(),
        String::from_utf8_lossy(&version.stdout).trim()
    );
    println!("{ROUNDS} rounds; CPU time of the whole process work, medians; rage's includes starting it\n");
    println!("| item | CPU s encrypt | times rage | CPU s decrypt | times rage |\n|---|---:|---:|---:|---:|");
    let rage = rows.last().expect("the last row is rage's").clone();
    for row in &rows {
        let ratio = |ours: &[f64], theirs: &[f64]| median(ours.iter().zip(theirs).map(|(a, b)| b / a).collect());
        println!(
            "| {} | {:.3} | {:.1} | {:.3} | {:.1} |",
            row.name,
            median(row.encrypt.clone()),
            ratio(&row.encrypt, &rage.encrypt),
            median(row.decrypt.clone()),
            ratio(&row.decrypt, &rage.decrypt),
        );
    }
}

#[derive(Clone)]
struct Row {
    name: String,
    encrypt: Vec<f64>,
    decrypt: Vec<f64>,
}

fn table(rage: &Path, folder: &Path) -> io::Result<Vec<Row>> {
    let [plain, ours, theirs, identity, back] =
        ["plain", "ours", "theirs.age", "identity", "back"].map(|name| folder.join(name));
    let mut content = vec![0; LENGTH];
    blake3::Hasher::new().update(b"file").finalize_xof().fill(&mut content);
    fs::write(&plain, &content)?;
    let keygen = rage.with_file_name("rage-keygen");
    run(Command::new(keygen).arg("-o").arg(&identity))?;

    let providers: [&dyn AeadProvider; 3] = [&Ring, &AwsLcRs, &RustCrypto];
    let names = providers.iter().map(|provider| format!("Sealroom, {}", provider.name()));
    let mut rows: Vec<Row> =
        names.chain(["rage".into()]).map(|name| Row { name, encrypt: Vec::new(), decrypt: Vec::new() }).collect();
    for round in 0..ROUNDS {
        for place in 0..rows.len() {
            let place = (place + round) % rows.len();
            let row = &mut rows[place];
            if let Some(provider) = providers.get(place) {
                let key = DataKey::generate(&mut UnwrapErr(SysRng));
                let start = cpu_time();
                let manifest = encrypt_file(*provider, &key, &plain, &ours)?;
                row.encrypt.push((cpu_time() - start).as_secs_f64());
                let start = cpu_time();
                decrypt_file(*provider, &key, manifest, &ours, &back)?;
                row.decrypt.push((cpu_time() - start).as_secs_f64());
            } else {
                let mut encrypt = Command::new(rage);
                encrypt.arg("-e").arg("-i").arg(&identity).arg("-o").arg(&theirs).arg(&plain);
                row.encrypt.push(run(&mut encrypt)?.as_secs_f64());
                let mut decrypt = Command::new(rage);
                decrypt.arg("-d").arg("-i").arg(&identity).arg("-o").arg(&back).arg(&theirs);
                row.decrypt.push(run(&mut decrypt)?.as_secs_f64());
            }
            assert!(fs::read(&back)? == content, "the file came back changed");
            fs::remove_file(&back)?;
            [&ours, &theirs].into_iter().for_each(|path| drop(fs::remove_file(path)));
        }
    }
    Ok(rows)
}

fn encrypt_file(provider: &dyn AeadProvider, key: &DataKey, from: &Path, to: &Path) -> io::Result<Manifest> {
    let (mut from, mut to) = (File::open(from)?, File::create(to)?);
    let mut sink = |bytes: &[u8]| to.write_all(bytes);
    let mut writer = Writer::new(provider, key, b"file", &mut UnwrapErr(SysRng)).map_err(io::Error::other)?;
    loop {
        let length = from.read(writer.space())?;
        if length == 0 {
            return writer.finish(&mut sink).map_err(io::Error::other);
        }
        writer.advance(length, &mut sink).map_err(io::Error::other)?;
    }
}

fn decrypt_file(
    provider: &dyn AeadProvider,
    key: &DataKey,
    manifest: Manifest,
    from: &Path,
    to: &Path,
) -> io::Result<()> {
    let (mut from, mut to) = (File::open(from)?, File::create(to)?);
    let mut prefix = [0; 56];
    from.read_exact(&mut prefix)?;
    let id = manifest.id();
    let mut reader = Reader::new(provider, key, &id, manifest).map_err(io::Error::other)?;
    let mut buffer = vec![0; GROUP_LENGTH];
    for index in 0..reader.group_count() {
        let range = reader.group_range(index).map_err(io::Error::other)?;
        let length = usize::try_from(range.end - range.start).map_err(io::Error::other)?;
        from.read_exact(&mut buffer[..length])?;
        to.write_all(reader.decrypt_group_in_place(index, &mut buffer[..length]).map_err(io::Error::other)?)?;
    }
    Ok(())
}

/// Runs a program to its end and gives the CPU time that it took.
fn run(command: &mut Command) -> io::Result<Duration> {
    let before = children_cpu_time()?;
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status()?;
    if !status.success() {
        return Err(io::Error::other(format!("{command:?} ended with {status}")));
    }
    Ok(children_cpu_time()? - before)
}

/// User and system time of all children that ended, in ticks of 10 ms. proc(5), /proc/pid/stat, fields 16 and 17.
fn children_cpu_time() -> io::Result<Duration> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    let ticks = fields.skip(13).take(2).filter_map(|field| field.parse::<u64>().ok()).sum::<u64>();
    Ok(Duration::from_millis(ticks * 10))
}
