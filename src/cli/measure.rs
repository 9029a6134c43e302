//! `sealroom measure`: the measurement of an image, as a contract names it.

use super::exit::Failure;
use super::output::Output;
use clap::Args;
use serde_json::json;
use sha2::{Digest, Sha384};
use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;

/// What is typed.
#[derive(Debug, Args)]
#[command(after_help = "Example, to compare what you built from the source with what a contract names:
  sealroom measure \"$(enclave/build image)\"")]
pub(crate) struct Typed {
    /// The image
    image: PathBuf,
}

/// Measures a file: plain SHA-384 over its bytes, as the simulated platform loads it.
pub(crate) fn run(typed: &Typed, output: Output) -> Result<(), Failure> {
    let measurement = measure(&typed.image)?;
    output.answer(json!({ "measurement": measurement, "image": typed.image }), &measurement)
}

/// `sha384:` and 96 hexadecimal digits.
pub(crate) fn measure(image: &std::path::Path) -> Result<String, Failure> {
    let of = |source: io::Error| Failure::local(format!("{}: {source}", image.display()));
    let mut file = File::open(image).map_err(of)?;
    let mut hasher = Sha384::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        let length = file.read(&mut buffer).map_err(of)?;
        if length == 0 {
            return Ok(format!("sha384:{}", hex::encode(hasher.finalize())));
        }
        hasher.update(buffer.get(..length).unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
