//! `sealroom measure`: what a platform will report for given files, worked out before anything runs, for a contract or a
//! policy to name.

mod image;
mod snp;

use super::exit::Failure;
use super::output::Output;
use clap::{Args, Subcommand};
use serde_json::json;
use sha2::{Digest, Sha384};
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// What is typed.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, arg_required_else_help = true, disable_help_subcommand = true)]
#[command(after_help = "Examples:
  sealroom measure \"$(enclave/build image)\"      # compare what you built from the source with what a contract names
  sealroom measure snp --ovmf OVMF.fd --vcpus 2 --vcpu-type EPYC-Milan
  sealroom measure eif image.eif --json")]
pub(crate) struct Typed {
    #[command(subcommand)]
    platform: Option<Platform>,
    /// An image of the simulated platform, as for `measure simulated`
    image: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Platform {
    /// Measure an enclave's image as the simulated platform loads it: SHA-384 of the file
    Simulated(Simulated),
    /// Work out the launch measurement of an AMD SEV-SNP guest
    Snp(snp::Typed),
    /// Work out the PCRs of an AWS Nitro enclave image file
    Eif(image::Typed),
}

/// What is typed for `simulated`.
#[derive(Debug, Args)]
#[command(after_help = "Example:
  sealroom measure simulated \"$(enclave/build image)\"")]
struct Simulated {
    /// The image
    image: PathBuf,
}

impl Typed {
    /// The command as typed.
    pub(crate) const fn name(&self) -> &'static str {
        match self.platform {
            None => "measure",
            Some(Platform::Simulated(_)) => "measure simulated",
            Some(Platform::Snp(_)) => "measure snp",
            Some(Platform::Eif(_)) => "measure eif",
        }
    }

    /// Measures, and prints it.
    pub(crate) fn run(&self, output: Output) -> Result<(), Failure> {
        match (&self.platform, &self.image) {
            (Some(Platform::Snp(typed)), _) => snp::run(typed, output),
            (Some(Platform::Eif(typed)), _) => image::run(typed, output),
            (Some(Platform::Simulated(Simulated { image })), _) | (None, Some(image)) => simulated(image, output),
            (None, None) => Err(Failure::local("nothing to measure was named").hint("see sealroom measure --help")),
        }
    }
}

fn simulated(image: &Path, output: Output) -> Result<(), Failure> {
    let measurement = measure(image)?;
    output.answer(json!({ "measurement": measurement, "image": image }), &measurement)
}

/// `sha384:` and 96 hexadecimal digits.
pub(crate) fn measure(image: &Path) -> Result<String, Failure> {
    Ok(format!("sha384:{}", hex::encode(digest::<Sha384>(image)?)))
}

/// The digest of a whole file, which is read piece by piece.
fn digest<D: Digest>(path: &Path) -> Result<sha2::digest::Output<D>, Failure> {
    let of = |source: io::Error| Failure::local(format!("{}: {source}", path.display()));
    let mut file = File::open(path).map_err(of)?;
    let mut hasher = D::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        let length = file.read(&mut buffer).map_err(of)?;
        if length == 0 {
            return Ok(hasher.finalize());
        }
        hasher.update(buffer.get(..length).unwrap_or_default());
    }
}

/// A whole file of at most `limit` bytes; of a longer one, one byte more than that.
fn read(path: &Path, limit: u64) -> Result<Vec<u8>, Failure> {
    let of = |source: io::Error| Failure::local(format!("{}: {source}", path.display()));
    let mut bytes = Vec::new();
    File::open(path).map_err(of)?.take(limit.saturating_add(1)).read_to_end(&mut bytes).map_err(of)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        typed: Typed,
    }

    fn typed(words: &[&str]) -> Result<Typed, clap::error::ErrorKind> {
        let line = Line::try_parse_from([&["measure"], words].concat());
        line.map(|line| line.typed).map_err(|error| error.kind())
    }

    #[test]
    fn the_measurement_is_the_plain_sha384_of_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let image = folder.path().join("image");
        std::fs::write(&image, b"abc").unwrap();
        // FIPS 180-4, the example of one block.
        let expected =
            "sha384:cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7";
        assert_eq!(measure(&image).unwrap(), expected);
    }

    #[test]
    fn a_file_alone_is_an_image_of_the_simulated_platform() {
        let alone = typed(&["target/sealroom-enclave"]).unwrap();
        assert_eq!((alone.name(), alone.image), ("measure", Some("target/sealroom-enclave".into())));
        assert_eq!(typed(&["simulated", "file"]).unwrap().name(), "measure simulated");
        assert_eq!(typed(&["eif", "file"]).unwrap().name(), "measure eif");
        assert_eq!(typed(&["file", "eif", "file"]).map(drop), Err(clap::error::ErrorKind::ArgumentConflict));
    }
}
