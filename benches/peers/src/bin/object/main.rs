//! Encrypted objects against the bare AEAD at the same chunk size, and against the program `rage`.
//!
//! `cargo run --release --manifest-path benches/peers/Cargo.toml --bin object`
//!
//! Every item of a table runs once a round, in rotated order; figures are medians of CPU time of this thread, ratios are medians
//! of the ratios within one round. Buffers of one group (1 MiB) are reused, as a reader and a writer should. "Without digests" is
//! the time minus that of BLAKE3 over a group in the same round; a build without the two calls of BLAKE3 gave the same ratios
//! within 0.02 for ring and aws-lc-rs. `rage` is looked for in `PATH`, or named by `RAGE`; where there is none, the second table is not made.

mod bare;
mod rage;

use bare::Bare;
use core::convert::Infallible;
use core::hint::black_box;
use core::time::Duration;
use getrandom::SysRng;
use rand_core::UnwrapErr;
use rustix::time::{ClockId, clock_gettime};
use sealroom_protocol::object::{DataKey, GROUP_LENGTH, Manifest, Reader, Writer};
use sealroom_protocol::provider::{AeadProvider, AwsLcRs, Ring, RustCrypto};

const MIB: usize = 1 << 20;
/// Plaintext of one pass: what one group holds. A reader and a writer with reused buffers look like this.
const PASS: usize = MIB;
/// Passes of one sample: 64 MiB. Samples are short and rounds many, so that what else the machine does hits all items alike.
const PASSES: u32 = 64;
const ROUNDS: usize = 61;

/// CPU time of this thread so far.
fn cpu_time() -> Duration {
    clock_gettime(ClockId::ThreadCPUTime).try_into().expect("a clock that counts up")
}

/// One object of exactly one group and a reader of it: one byte less than a pass, or the short last chunk begins a second group.
struct Object {
    body: Vec<u8>,
    reader: Reader,
}

impl Object {
    fn new(provider: &dyn AeadProvider, plaintext: &[u8]) -> Self {
        let mut body = Vec::new();
        let mut rng = UnwrapErr(SysRng);
        let key = DataKey::generate(&mut rng);
        let manifest = write(provider, &key, &[&plaintext[..PASS - 1]], &mut |bytes| body.extend_from_slice(bytes));
        let id = manifest.id();
        let reader = Reader::new(provider, &key, &id, manifest).expect("its own object");
        Self { body, reader }
    }
}

fn write(provider: &dyn AeadProvider, key: &DataKey, parts: &[&[u8]], take: &mut dyn FnMut(&[u8])) -> Manifest {
    let mut sink = |bytes: &[u8]| -> Result<(), Infallible> {
        take(bytes);
        Ok(())
    };
    let mut writer = Writer::new(provider, key, b"bench", &mut UnwrapErr(SysRng)).expect("a short header");
    for part in parts {
        writer.write(part, &mut sink).expect("under the limit");
    }
    writer.finish(&mut sink).expect("under the limit")
}

/// What is measured: its name, the bare item it is compared with, whether it computes digests, and one sample of it.
struct Item<'data> {
    name: String,
    against: Option<usize>,
    digests: bool,
    sample: Box<dyn FnMut() -> Duration + 'data>,
    times: Vec<Duration>,
}

fn digest_item(body: &[u8]) -> Item<'_> {
    let sample = move || {
        let start = cpu_time();
        for _ in 0..PASSES {
            for group in body.chunks(GROUP_LENGTH) {
                black_box(blake3::hash(black_box(group)));
            }
        }
        cpu_time() - start
    };
    Item { name: "BLAKE3 alone".into(), against: None, digests: false, sample: Box::new(sample), times: Vec::new() }
}

/// The six items of one provider. `first` is the place of the first one in the table.
fn items<'data>(
    provider: &'static dyn AeadProvider,
    bare: Box<dyn Bare>,
    plaintext: &'data [u8],
    first: usize,
) -> Vec<Item<'data>> {
    let name = provider.name();
    let bare: std::rc::Rc<dyn Bare> = bare.into();
    let item = |what: &str, against, digests, sample: Box<dyn FnMut() -> Duration + 'data>| Item {
        name: format!("{name}: {what}"),
        against,
        digests,
        sample,
        times: Vec::new(),
    };

    let (encrypt, mut buffer) = (bare.clone(), plaintext.to_vec());
    let bare_encrypt = move || {
        let start = cpu_time();
        for _ in 0..PASSES {
            black_box(bare::encrypt_all(&*encrypt, &mut buffer));
        }
        cpu_time() - start
    };

    let write_object = move || {
        let key = DataKey::generate(&mut UnwrapErr(SysRng));
        let parts = vec![plaintext; usize::try_from(PASSES).expect("few")];
        let start = cpu_time();
        black_box(write(provider, &key, &parts, &mut |bytes| {
            black_box(bytes);
        }));
        cpu_time() - start
    };

    let fill_object = move || {
        let key = DataKey::generate(&mut UnwrapErr(SysRng));
        let mut sink = |bytes: &[u8]| -> Result<(), Infallible> {
            black_box(bytes);
            Ok(())
        };
        let start = cpu_time();
        let mut writer = Writer::new(provider, &key, b"bench", &mut UnwrapErr(SysRng)).expect("a short header");
        for _ in 0..PASS / 16_384 * usize::try_from(PASSES).expect("few") {
            // What reads a file or socket would put its bytes here.
            let length = black_box(writer.space()).len();
            writer.advance(length, &mut sink).expect("under the limit");
        }
        black_box(writer.finish(&mut sink).expect("under the limit"));
        cpu_time() - start
    };

    let (decrypt, mut buffer) = (bare, plaintext.to_vec());
    let bare_decrypt = move || {
        let mut spent = Duration::ZERO;
        for _ in 0..PASSES {
            let tags = bare::encrypt_all(&*decrypt, &mut buffer);
            let start = cpu_time();
            bare::decrypt_all(&*decrypt, &mut buffer, &tags);
            spent += cpu_time() - start;
        }
        spent
    };

    let (mut object, mut buffer) = (Object::new(provider, plaintext), Vec::new());
    let read_in_place = move || {
        let mut spent = Duration::ZERO;
        for _ in 0..PASSES {
            buffer.clear();
            buffer.extend_from_slice(&object.body[56..]);
            let start = cpu_time();
            for (index, group) in (0..).zip(buffer.chunks_mut(GROUP_LENGTH)) {
                black_box(object.reader.decrypt_group_in_place(index, group).expect("a good group"));
            }
            spent += cpu_time() - start;
        }
        spent
    };

    let (mut object, mut group_plaintext) = (Object::new(provider, plaintext), Vec::new());
    let read = move || {
        let start = cpu_time();
        for _ in 0..PASSES {
            for (index, group) in (0..).zip(object.body[56..].chunks(GROUP_LENGTH)) {
                object.reader.decrypt_group(index, group, &mut group_plaintext).expect("a good group");
                black_box(&group_plaintext);
            }
        }
        cpu_time() - start
    };

    vec![
        item("bare encryption in place", None, false, Box::new(bare_encrypt)),
        item("Writer, from its own space", Some(first), true, Box::new(fill_object)),
        item("Writer, from another buffer", Some(first), true, Box::new(write_object)),
        item("bare decryption in place", None, false, Box::new(bare_decrypt)),
        item("Reader, in place", Some(first + 3), true, Box::new(read_in_place)),
        item("Reader, into another buffer", Some(first + 3), true, Box::new(read)),
    ]
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

fn main() {
    let mut plaintext = vec![0; PASS];
    blake3::Hasher::new().update(b"bench").finalize_xof().fill(&mut plaintext);
    let pristine = Object::new(&Ring, &plaintext).body;

    let mut table = vec![digest_item(&pristine[56..])];
    let providers: [(&dyn AeadProvider, Box<dyn Bare>); 3] =
        [(&Ring, bare::ring()), (&AwsLcRs, bare::aws_lc_rs()), (&RustCrypto, bare::rust_crypto())];
    for (provider, bare) in providers {
        let first = table.len();
        table.extend(items(provider, bare, &plaintext, first));
    }
    let count = table.len();
    for round in 0..=ROUNDS {
        for place in 0..count {
            let item = &mut table[(place + round) % count];
            let time = (item.sample)();
            // The first round warms up.
            if round > 0 {
                item.times.push(time);
            }
        }
    }

    let bytes = (PASS as f64) * f64::from(PASSES);
    let seconds = |item: &Item<'_>| item.times.iter().map(Duration::as_secs_f64).collect::<Vec<_>>();
    let digests = seconds(&table[0]);
    println!("{ROUNDS} rounds of {} MiB in chunks of 16 KiB; CPU time of one thread, medians\n", bytes / (MIB as f64));
    println!("| item | GB/s | of bare | GB/s without digests | of bare |\n|---|---:|---:|---:|---:|");
    for item in &table {
        let times = seconds(item);
        let speed = bytes / 1e9 / median(times.clone());
        let Some(bare) = item.against.map(|place| seconds(&table[place])) else {
            println!("| {} | {speed:.2} | | | |", item.name);
            continue;
        };
        assert!(item.digests);
        let without: Vec<f64> = times.iter().zip(&digests).map(|(all, digests)| all - digests).collect();
        let of_bare = |times: &[f64]| median(bare.iter().zip(times).map(|(bare, ours)| bare / ours).collect());
        println!(
            "| {} | {speed:.2} | {:.2} | {:.2} | {:.2} |",
            item.name,
            of_bare(&times),
            bytes / 1e9 / median(without.clone()),
            of_bare(&without),
        );
    }
    rage::compare();
}
