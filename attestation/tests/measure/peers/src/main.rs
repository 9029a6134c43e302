//! Asks two implementations that are not ours for measurements, once, and writes down what they say.
//!
//! ```text
//! openssl ecparam -name secp384r1 -genkey -noout -out /tmp/key.pem
//! openssl req -x509 -new -sha384 -key /tmp/key.pem -out /tmp/certificate.pem -days 3650 -subj "/CN=signer of the tests"
//! cargo run -- images ../images /tmp/key.pem /tmp/certificate.pem > ../images.json
//! python3 launches.py FOLDER > ../launches.json && cargo run -- launches ../launches.json FOLDER
//! ```

use std::error::Error;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use aws_nitro_enclaves_image_format::defs::{EifBuildInfo, EifIdentityInfo};
use aws_nitro_enclaves_image_format::utils::eif_reader::EifReader;
use aws_nitro_enclaves_image_format::utils::{EifBuilder, SignKeyData};
use serde_json::{Value, json};
use sev::measurement::snp::{SnpMeasurementArgs, snp_calc_launch_digest};
use sev::measurement::vcpu_types::CpuType;
use sev::measurement::vmsa::{GuestFeatures, VMMType};
use sha2::{Digest, Sha384};

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    match arguments.as_slice() {
        [what, list, firmware] if what.as_os_str() == "launches" => launches(list, firmware),
        [what, folder, key, certificate] if what.as_os_str() == "images" => images(folder, key, certificate),
        _ => Err("usage: launches LIST FIRMWARE-FOLDER | images FOLDER KEY CERTIFICATE".into()),
    }
}

/// Adds the column `sev` to the list: a digest, or none where the crate does not know the case.
fn launches(list: &Path, folder: &Path) -> Outcome<()> {
    let mut cases: Vec<Value> = serde_json::from_str(&fs::read_to_string(list)?)?;
    let scratch = std::env::temp_dir().join(format!("sealroom-measure-peers-{}", std::process::id()));
    fs::create_dir_all(&scratch)?;
    for case in &mut cases {
        let digest = launch(case, folder, &scratch)?;
        case["sev"] = json!(digest);
    }
    fs::remove_dir_all(&scratch)?;
    fs::write(list, serde_json::to_string_pretty(&cases)? + "\n")?;
    Ok(())
}

fn launch(case: &Value, folder: &Path, scratch: &Path) -> Outcome<Option<String>> {
    let text = |name: &str| case[name].as_str();
    let vmm_type = match text("vmm") {
        Some("qemu") => VMMType::QEMU,
        Some("ec2") => VMMType::EC2,
        _ => return Ok(None),
    };
    let pages = case["pages_before"].as_u64().ok_or("pages_before")?;
    let mut image: Vec<u8> = (0..pages * 4096).map(|i| ((i * 7 + i / 4096) & 0xff) as u8).collect();
    image.extend(fs::read(folder.join(text("firmware").ok_or("firmware")?))?);
    let ovmf_file = scratch.join("firmware");
    fs::write(&ovmf_file, image)?;
    let file = |name: &str| -> Outcome<Option<PathBuf>> {
        let Some(content) = text(name) else { return Ok(None) };
        fs::write(scratch.join(name), content)?;
        Ok(Some(scratch.join(name)))
    };
    let digest = snp_calc_launch_digest(SnpMeasurementArgs {
        vcpus: u32::try_from(case["vcpus"].as_u64().ok_or("vcpus")?)?,
        vcpu_type: CpuType::try_from(text("vcpu").unwrap_or("EPYC"))?,
        ovmf_file,
        guest_features: GuestFeatures(case["guest_features"].as_u64().ok_or("guest_features")?),
        kernel_file: file("kernel")?,
        initrd_file: file("initrd")?,
        append: text("command_line"),
        ovmf_hash_str: None,
        vmm_type: Some(vmm_type),
    })?;
    Ok(Some(digest.get_hex_ld()))
}

/// Builds images with AWS's builder, reads each with AWS's reader, and prints the registers of both.
fn images(folder: &Path, key: &Path, certificate: &Path) -> Outcome<()> {
    fs::create_dir_all(folder)?;
    let one: &[&[u8]] = &[b"the only ramdisk\n"];
    let three: &[&[u8]] = &[b"init\n", b"application\n", b"more of it\n"];
    let key_path = key.to_str().ok_or("the key's path is not text")?;
    let mut answers = Vec::new();
    for (name, flags, ramdisks, signed) in
        [("one-ramdisk", 0, one, false), ("three-ramdisks-arm", 1, three, false), ("signed", 0, &three[..2], true)]
    {
        let inputs = folder.join("inputs");
        fs::create_dir_all(&inputs)?;
        fs::write(inputs.join("kernel"), b"a kernel\n")?;
        let signer = if signed { Some(SignKeyData::new(key_path, certificate)?) } else { None };
        let command_line = "reboot=k panic=30 pci=off nomodules console=ttyS0".to_string();
        let mut builder =
            EifBuilder::new(&inputs.join("kernel"), command_line, signer, Sha384::new(), flags, identity(name));
        for (number, ramdisk) in ramdisks.iter().enumerate() {
            let path = inputs.join(format!("ramdisk-{number}"));
            fs::write(&path, ramdisk)?;
            builder.add_ramdisk(&path);
        }
        let path = folder.join(format!("{name}.eif"));
        let built = builder.write_to(&mut File::create(&path)?);
        fs::remove_dir_all(&inputs)?;

        let mut reader = EifReader::from_eif(path.to_str().ok_or("a path that is not text")?.to_string())?;
        let read = reader.get_measurements()?;
        if !reader.check_crc() || built != read {
            return Err(format!("{name}: AWS's builder and reader disagree").into());
        }
        let mut answer = json!({ "image": format!("{name}.eif"), "ramdisks": ramdisks.len() });
        for (register, value) in read.iter().filter(|(register, _)| register.starts_with("PCR")) {
            answer[register] = json!(value);
        }
        answers.push(answer);
    }
    println!("{}", serde_json::to_string_pretty(&answers)?);
    Ok(())
}

fn identity(name: &str) -> EifIdentityInfo {
    EifIdentityInfo {
        img_name: name.into(),
        img_version: "1".into(),
        build_info: EifBuildInfo {
            build_time: "2026-11-24T00:00:00Z".into(),
            build_tool: "the tests".into(),
            build_tool_version: "1".into(),
            img_os: "none".into(),
            img_kernel: "none".into(),
        },
        docker_info: json!({}),
        custom_info: json!({}),
    }
}
