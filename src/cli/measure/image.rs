//! `sealroom measure eif`: the registers that an AWS Nitro enclave will have, from its image file.

use super::super::exit::{Exit, Failure};
use super::super::output::Output;
use clap::Args;
use sealroom_attestation::measure::{Architecture, EnclaveImage};
use serde_json::{Value, json};
use std::path::PathBuf;

/// What is typed.
#[derive(Debug, Args)]
#[command(
    after_help = "PCR3, PCR4 (the instance and its role) are not in the file. Metadata in the file is not measured: docs/measure.md.

Example:
  sealroom measure eif image.eif"
)]
pub(crate) struct Typed {
    /// The image that nitro-cli build-enclave made
    image: PathBuf,
}

/// Works them out, and prints them.
pub(super) fn run(typed: &Typed, output: Output) -> Result<(), Failure> {
    let of = |source| Failure::local(format!("{}: {source}", typed.image.display()));
    let about = std::fs::metadata(&typed.image).map_err(of)?;
    if !about.is_file() {
        return Err(Failure::local(format!("{} is no file", typed.image.display())));
    }
    let bytes = super::read(&typed.image, about.len())?;
    let image = EnclaveImage::decode(&bytes);
    let image = image.map_err(|error| Failure::new(Exit::Malformed, format!("{}: {error}", typed.image.display())))?;
    output.answer(fields(typed, &image), text(&image))
}

/// The registers that the image decides, with their numbers.
fn registers(image: &EnclaveImage<'_>) -> Vec<(u8, String)> {
    let all = [(0, Some(image.pcr0())), (1, Some(image.pcr1())), (2, Some(image.pcr2())), (8, image.pcr8())];
    all.into_iter().filter_map(|(number, value)| Some((number, hex::encode(value?)))).collect()
}

fn text(image: &EnclaveImage<'_>) -> String {
    registers(image).into_iter().map(|(number, value)| format!("PCR{number} {value}\n")).collect()
}

fn fields(typed: &Typed, image: &EnclaveImage<'_>) -> Value {
    let mut fields = json!({
        "platform": "aws-nitro",
        "image": typed.image,
        "format_version": image.version(),
        "architecture": match image.architecture() {
            Architecture::X86 => "x86_64",
            Architecture::Arm => "aarch64",
        },
        "command_line": String::from_utf8_lossy(image.command_line()),
        "ramdisks": image.ramdisks(),
        "signed": image.signing_certificate().is_some(),
    });
    if let Value::Object(fields) = &mut fields {
        fields.extend(registers(image).into_iter().map(|(number, value)| (format!("pcr{number}"), value.into())));
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIGNED: &[u8] = include_bytes!("../../../attestation/tests/measure/images/signed.eif");
    const EXPECTED: &str = include_str!("../../../attestation/tests/measure/images.json");

    #[test]
    fn the_registers_of_an_image_are_printed_as_awss_tools_print_them() {
        let image = EnclaveImage::decode(SIGNED).unwrap();
        let expected: Value = serde_json::from_str(EXPECTED).unwrap();
        let expected = expected.as_array().unwrap().iter().find(|case| case["image"] == "signed.eif").unwrap();
        for (number, value) in registers(&image) {
            assert_eq!(expected[format!("PCR{number}")], value);
            assert!(text(&image).contains(&format!("PCR{number} {value}\n")));
            assert_eq!(fields(&Typed { image: "signed.eif".into() }, &image)[format!("pcr{number}")], value);
        }
        assert_eq!(registers(&image).len(), 4);
    }

    #[test]
    fn a_file_that_is_no_image_is_malformed_and_no_file_is_usage() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("image.eif");
        std::fs::write(&path, [SIGNED, b"tail"].concat()).unwrap();
        let output = Output { json: true, command: "measure eif" };
        let exit = |image: PathBuf| run(&Typed { image }, output).unwrap_err().exit;
        assert_eq!(exit(path), Exit::Malformed);
        assert_eq!(exit("/dev/zero".into()), Exit::Local);
        assert_eq!(exit(folder.path().join("absent")), Exit::Local);
    }
}
