//! From checked text to terms: the enclaves that the parties accept.

use super::error::ContractError;
use super::reader::Value;
use super::terms::{EnclaveTerms, FirmwareLevel, Platform};
use alloc::vec::Vec;

const KNOWN: [&str; 8] =
    ["platform", "simulated", "trust_anchor", "measurement", "minimum_firmware", "machines", "operator", "debug"];

pub(super) fn enclaves(value: &Value<'_>) -> Result<Vec<EnclaveTerms>, ContractError> {
    let mut enclaves = Vec::new();
    for value in value.list(1, 16)? {
        let table = value.table("enclave", &KNOWN)?;
        if let Some(debug) = table.optional("debug")
            && debug.boolean()?
        {
            return Err(ContractError::DebugAccepted { at: debug.at() });
        }
        let enclave = EnclaveTerms {
            platform: table.required("platform")?.word(&[("amd-sev-snp", Platform::AmdSevSnp)], "amd-sev-snp")?,
            simulated: table.required("simulated")?.boolean()?,
            trust_anchor: table
                .required("trust_anchor")?
                .hex("sha256:", "sha256: and 64 lowercase hexadecimal digits")?,
            measurement: table
                .required("measurement")?
                .hex("sha384:", "sha384: and 96 lowercase hexadecimal digits")?,
            minimum_firmware: firmware(&table.required("minimum_firmware")?)?,
            machines: table.optional("machines").map_or_else(|| Ok(Vec::new()), |value| machines(&value))?,
            operator: table.optional("operator").map(|value| value.key()).transpose()?,
        };
        if enclaves.contains(&enclave) {
            return Err(value.repeated("this enclave"));
        }
        enclaves.push(enclave);
    }
    Ok(enclaves)
}

fn firmware(value: &Value<'_>) -> Result<FirmwareLevel, ContractError> {
    let table = value.table("enclave.minimum_firmware", &["fmc", "bootloader", "tee", "snp", "microcode"])?;
    let level = |value: Value<'_>| Ok::<u8, ContractError>(u8::try_from(value.count(0, 255)?).unwrap_or(u8::MAX));
    Ok(FirmwareLevel {
        // Processors before Turin have none.
        fmc: table.optional("fmc").map(level).transpose()?.unwrap_or(0),
        bootloader: level(table.required("bootloader")?)?,
        tee: level(table.required("tee")?)?,
        snp: level(table.required("snp")?)?,
        microcode: level(table.required("microcode")?)?,
    })
}

fn machines(value: &Value<'_>) -> Result<Vec<Vec<u8>>, ContractError> {
    let mut machines = Vec::new();
    for entry in value.list(1, 1024)? {
        let machine = entry.hex::<64>("", "128 lowercase hexadecimal digits")?.to_vec();
        if machines.contains(&machine) {
            return Err(entry.repeated(entry.text()?));
        }
        machines.push(machine);
    }
    Ok(machines)
}
