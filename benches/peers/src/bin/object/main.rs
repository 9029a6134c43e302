//! Encrypted objects against the bare AEAD at the same chunk size, and against the program `rage`.
//!
//! `cargo run --release --manifest-path benches/peers/Cargo.toml --bin object`
//!
//! Every item runs once a round, in rotated order; figures are medians of CPU time of this thread, ratios are medians of
//! the ratios within one round. Buffers of one group (1 MiB) are reused, as a reader and a writer should. "Without digests" is the
//! time minus that of BLAKE3 over the same groups in the same round; a build without the two calls of BLAKE3 gave the same ratios
//! within 0.02. `rage` is looked for in `PATH`, or named by `RAGE`. `SEALROOM_BENCH_OBJECT_MIB` changes the size.

mod bare;
mod rage;
#[expect(dead_code, reason = "no aim of this bench is a most")]
#[path = "../../../../support/row.rs"]
mod row;

use bare::Bare;
use core::convert::Infallible;
use core::hint::black_box;
use core::time::Duration;
use getrandom::SysRng;
use rand_core::UnwrapErr;
use row::{Aim, Figure};
use rustix::time::{ClockId, clock_gettime};
use sealroom_protocol::object::{DataKey, GROUP_LENGTH, Manifest, Reader, Writer};
use sealroom_protocol::provider::{AeadProvider, AwsLcRs, Ring};

const MIB: usize = 1 << 20;
/// Plaintext of one pass: what one group holds. A reader and a writer with reused buffers look like this.
const PASS: usize = MIB;
const ROUNDS: usize = 9;

/// Passes of one sample: 1 GiB, unless the environment says otherwise.
fn passes() -> usize {
    std::env::var("SEALROOM_BENCH_OBJECT_MIB").map_or(1_024, |text| text.parse().expect("a number of MiB"))
}

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

/// What is measured: one sample of it, and the CPU seconds of every round.
struct Item<'data> {
    sample: Box<dyn FnMut() -> Duration + 'data>,
    times: Vec<f64>,
}

impl<'data> Item<'data> {
    fn new(sample: impl FnMut() -> Duration + 'data) -> Self {
        Self { sample: Box::new(sample), times: Vec::new() }
    }
}

fn digest_item(body: &[u8]) -> Item<'_> {
    let sample = move || {
        let start = cpu_time();
        for _ in 0..passes() {
            for group in body.chunks(GROUP_LENGTH) {
                black_box(blake3::hash(black_box(group)));
            }
        }
        cpu_time() - start
    };
    Item::new(sample)
}

/// What of an object is measured: its name, its place among [`items`], and the places of the bare AEAD's items that it is compared with.
const MEASURED: [(&str, usize, &[(usize, &str)]); 4] = [
    ("encrypting, in place", 1, &[(0, IN_PLACE)]),
    ("encrypting, from another buffer", 2, &[(0, IN_PLACE), (6, COPYING)]),
    ("decrypting, in place", 4, &[(3, IN_PLACE)]),
    ("decrypting, into another buffer", 5, &[(3, IN_PLACE), (7, COPYING)]),
];
const IN_PLACE: &str = "speed of the bare AEAD in place, chunks of 16 KiB";
/// What an AEAD that works in place costs who keeps what it had.
const COPYING: &str = "speed of the bare AEAD in place in a copy, made chunk by chunk";
/// Items of one provider.
const ITEMS: usize = 8;

/// The items of one provider.
fn items<'data>(
    provider: &'static dyn AeadProvider,
    bare: Box<dyn Bare>,
    plaintext: &'data [u8],
) -> [Item<'data>; ITEMS] {
    let bare: std::rc::Rc<dyn Bare> = bare.into();

    let (encrypt, mut buffer) = (bare.clone(), plaintext.to_vec());
    let bare_encrypt = move || {
        let start = cpu_time();
        for _ in 0..passes() {
            black_box(bare::encrypt_all(&*encrypt, &mut buffer));
        }
        cpu_time() - start
    };

    let write_object = move || {
        let key = DataKey::generate(&mut UnwrapErr(SysRng));
        let parts = vec![plaintext; passes()];
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
        for _ in 0..PASS / 16_384 * passes() {
            // What reads a file or socket would put its bytes here.
            let length = black_box(writer.space()).len();
            writer.advance(length, &mut sink).expect("under the limit");
        }
        black_box(writer.finish(&mut sink).expect("under the limit"));
        cpu_time() - start
    };

    let (decrypt, mut buffer) = (bare.clone(), plaintext.to_vec());
    let bare_decrypt = move || {
        let mut spent = Duration::ZERO;
        for _ in 0..passes() {
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
        for _ in 0..passes() {
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
        for _ in 0..passes() {
            for (index, group) in (0..).zip(object.body[56..].chunks(GROUP_LENGTH)) {
                object.reader.decrypt_group(index, group, &mut group_plaintext).expect("a good group");
                black_box(&group_plaintext);
            }
        }
        cpu_time() - start
    };

    let (encrypt, mut buffer) = (bare.clone(), vec![0; plaintext.len()]);
    let bare_encrypt_copies = move || {
        let start = cpu_time();
        for _ in 0..passes() {
            black_box(bare::encrypt_copies(&*encrypt, black_box(plaintext), &mut buffer));
        }
        cpu_time() - start
    };

    let (mut ciphertext, mut buffer) = (plaintext.to_vec(), vec![0; plaintext.len()]);
    let tags = bare::encrypt_all(&*bare, &mut ciphertext);
    let bare_decrypt_copies = move || {
        let start = cpu_time();
        for _ in 0..passes() {
            bare::decrypt_copies(&*bare, black_box(&ciphertext), &mut buffer, &tags);
            black_box(&buffer);
        }
        cpu_time() - start
    };

    [
        Item::new(bare_encrypt),
        Item::new(fill_object),
        Item::new(write_object),
        Item::new(bare_decrypt),
        Item::new(read_in_place),
        Item::new(read),
        Item::new(bare_encrypt_copies),
        Item::new(bare_decrypt_copies),
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
    table.extend(items(&Ring, bare::ring(), &plaintext));
    table.extend(items(&AwsLcRs, bare::aws_lc_rs(), &plaintext));
    let count = table.len();
    for round in 0..=ROUNDS {
        for place in 0..count {
            let item = &mut table[(place + round) % count];
            let time = (item.sample)();
            // The first round warms up.
            if round > 0 {
                item.times.push(time.as_secs_f64());
            }
        }
    }
    let (digests, providers) = table.split_first().expect("the digests come first");
    print_rows(&digests.times, providers);
    rage::compare();
}

fn print_rows(digests: &[f64], providers: &[Item<'_>]) {
    let mib = passes();
    let speed = |seconds: &[f64]| (mib * MIB) as f64 / 1e9 / median(seconds.to_vec());
    let of_bare = |bare: &[f64], ours: &[f64]| {
        let ratio = median(bare.iter().zip(ours).map(|(bare, ours)| bare / ours).collect());
        Figure(ratio, format!("{ratio:.2} ({:.1} GB/s)", speed(ours)))
    };
    for (what, place, others) in MEASURED {
        let what = format!("{what}, {mib} MiB");
        for (index, (bare, against)) in others.iter().enumerate() {
            let all = [0, ITEMS].map(|first| of_bare(&providers[first + bare].times, &providers[first + place].times));
            let without = [0, ITEMS].map(|first| {
                let ours = providers[first + place].times.iter().zip(digests).map(|(all, digests)| all - digests);
                of_bare(&providers[first + bare].times, &ours.collect::<Vec<_>>())
            });
            let aim = Aim::AtLeast(0.85);
            row::print(&format!("{what}, without digests"), against, aim, &without[0], Some(&without[1]));
            if index == 0 {
                row::print(&format!("{what}, with digests"), against, Aim::None, &all[0], Some(&all[1]));
            }
        }
    }
    let alone = |first: usize| {
        let ratio = median(providers[first].times.iter().zip(digests).map(|(bare, digests)| digests / bare).collect());
        Figure(ratio, format!("{ratio:.2} ({:.1} GB/s)", speed(digests)))
    };
    let what = "the digests alone (BLAKE3)";
    row::print(what, "CPU time of the bare AEAD encrypting", Aim::None, &alone(0), Some(&alone(ITEMS)));
}
