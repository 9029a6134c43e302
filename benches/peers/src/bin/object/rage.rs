//! Whole files, against the program `rage` (age's format: ChaCha20-Poly1305 in chunks of 64 KiB, one thread).

use crate::row::{self, Aim, Figure};
use crate::{MIB, cpu_time, median, passes};
use core::time::Duration;
use getrandom::SysRng;
use rand_core::UnwrapErr;
use sealroom_protocol::object::{DataKey, GROUP_LENGTH, Manifest, Reader, Writer};
use sealroom_protocol::provider::{AeadProvider, AwsLcRs, Ring};
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const ROUNDS: usize = 5;

/// Prints a row each for encrypting and decrypting, where there is a `rage`.
pub fn compare() {
    let rage = std::env::var_os("RAGE").map_or_else(|| PathBuf::from("rage"), PathBuf::from);
    let found = Command::new(&rage).arg("--version").output().ok().filter(|output| output.status.success());
    let mib = passes();
    let what = ["encrypting", "decrypting"].map(|what| format!("{what} a file of {mib} MiB, with digests"));
    let Some(version) = found else {
        what.iter().for_each(|what| row::not_run(what, "CPU time of rage", Aim::None));
        return;
    };
    let folder = std::env::temp_dir().join(format!("sealroom-bench-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder for temporary files");
    let result = measure(&rage, &folder);
    fs::remove_dir_all(&folder).expect("its own folder");
    let [ring, aws_lc_rs, theirs] = result.expect("files can be read and written");

    let version = String::from_utf8_lossy(&version.stdout).trim().to_owned();
    let times: [fn(&Row) -> &[f64]; 2] = [|row| &row.encrypt, |row| &row.decrypt];
    for (what, times) in what.iter().zip(times) {
        let figure = |ours: &Row| {
            let ratio = median(times(ours).iter().zip(times(&theirs)).map(|(ours, theirs)| ours / theirs).collect());
            Figure(ratio, format!("{ratio:.2} ({:.3} s)", median(times(ours).to_vec())))
        };
        let against = format!("CPU time of {version}, the whole program ({:.2} s)", median(times(&theirs).to_vec()));
        row::print(what, &against, Aim::None, &figure(&ring), Some(&figure(&aws_lc_rs)));
    }
}

/// CPU seconds of every round.
#[derive(Default)]
struct Row {
    encrypt: Vec<f64>,
    decrypt: Vec<f64>,
}

/// With ring, with aws-lc-rs, and `rage`.
fn measure(rage: &Path, folder: &Path) -> io::Result<[Row; 3]> {
    let [plain, ours, theirs, identity, back] =
        ["plain", "ours", "theirs.age", "identity", "back"].map(|name| folder.join(name));
    let mut content = vec![0; passes() * MIB];
    blake3::Hasher::new().update(b"file").finalize_xof().fill(&mut content);
    fs::write(&plain, &content)?;
    let keygen = rage.with_file_name("rage-keygen");
    run(Command::new(keygen).arg("-o").arg(&identity))?;

    let providers: [&dyn AeadProvider; 2] = [&Ring, &AwsLcRs];
    let mut rows: [Row; 3] = Default::default();
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
