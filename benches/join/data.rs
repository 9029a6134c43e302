//! Both tables of the join, the same in every run.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

/// Every customer once, in a random order; sales of random customers, of whom four in five exist.
pub(crate) fn make(folder: &Path, rows: u32) {
    let mut random = Numbers(42);
    let mut customers: Vec<u32> = (0..rows).collect();
    for at in (1..rows).rev() {
        let (at, other) = (usize::try_from(at).unwrap(), usize::try_from(random.below(u64::from(at) + 1)).unwrap());
        customers.swap(at, other);
    }
    let mut out = table(folder, "customers", "customer,segment");
    for customer in customers {
        writeln!(out, "{customer},{}", random.below(1_000)).unwrap();
    }
    out.flush().unwrap();
    let mut out = table(folder, "sales", "customer,amount");
    for _ in 0..rows {
        let customer = random.below((u64::from(rows) / 4 * 5).max(1));
        writeln!(out, "{customer},{}", random.below(1_000_000)).unwrap();
    }
    out.flush().unwrap();
}

fn table(folder: &Path, name: &str, header: &str) -> BufWriter<File> {
    let mut out = BufWriter::with_capacity(1 << 20, File::create(folder.join(format!("{name}.csv"))).unwrap());
    writeln!(out, "{header}").unwrap();
    out
}

/// splitmix64 (public domain, Steele, Lea and Flood 2014).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ mixed >> 31) % limit
    }
}
