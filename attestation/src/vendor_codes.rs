//! Vendors' statuses and error codes in plain words: what platforms, their drivers and other verifiers say when they refuse.
//!
//! What always holds: a table cites the vendor's document that its numbers and names are from; within a table no number and no
//! name stands twice. Nothing here takes part in an appraisal.

use alloc::string::String;
use alloc::vec::Vec;

mod amd;
mod aws;
mod intel_collateral;
mod intel_quote;
mod intel_tcb;
mod intel_verification;

/// Codes of one vendor's interface.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct VendorTable {
    /// Whose codes they are and where they appear, for people.
    pub title: &'static str,
    /// The vendor's document.
    pub source: &'static str,
    /// In the vendor's order.
    pub codes: &'static [VendorCode],
}

/// One status or error code.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct VendorCode {
    /// Its number; statuses that are words have none.
    pub number: Option<u64>,
    /// The vendor's name of it.
    pub name: &'static str,
    /// What it says.
    pub meaning: &'static str,
    /// What a person does about it.
    pub hint: &'static str,
}

/// Every table.
#[must_use]
pub fn vendor_tables() -> &'static [&'static VendorTable] {
    static TABLES: [&VendorTable; 8] = [
        &intel_tcb::STATUSES,
        &intel_verification::RESULTS,
        &intel_quote::ERRORS,
        &intel_collateral::ERRORS,
        &intel_verification::TDX_GUEST,
        &amd::FIRMWARE,
        &amd::HYPERVISOR,
        &aws::SECURITY_MODULE,
    ];
    &TABLES
}

/// Every code that `text` can mean: by its name, whatever the case, or by its number, decimal or hexadecimal after `0x`. One
/// number means other things in other tables, so there can be several.
#[must_use]
pub fn vendor_codes(text: &str) -> Vec<(&'static VendorTable, &'static VendorCode)> {
    let number = parsed(text);
    let is_it = |code: &VendorCode| {
        code.name.eq_ignore_ascii_case(text)
            || without_prefix(code.name).eq_ignore_ascii_case(text)
            || (number.is_some() && code.number == number)
    };
    let of = |table: &'static VendorTable| table.codes.iter().filter(|code| is_it(code)).map(move |code| (table, code));
    vendor_tables().iter().flat_map(|table| of(table)).collect()
}

fn parsed(text: &str) -> Option<u64> {
    let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
    match digits {
        Some(digits) if digits.bytes().all(|digit| digit.is_ascii_hexdigit()) => u64::from_str_radix(digits, 16).ok(),
        Some(_) => None,
        None if text.bytes().all(|digit| digit.is_ascii_digit()) => text.parse().ok(),
        None => None,
    }
}

/// Intel writes one code with the prefixes of SGX and of any TEE.
fn without_prefix(name: &str) -> String {
    let bare = name.strip_prefix("SGX_QL_");
    bare.map_or_else(|| String::from(name), |bare| alloc::format!("TEE_{bare}"))
}

const fn number(number: u64, name: &'static str, meaning: &'static str, hint: &'static str) -> VendorCode {
    VendorCode { number: Some(number), name, meaning, hint }
}

const fn word(name: &'static str, meaning: &'static str, hint: &'static str) -> VendorCode {
    VendorCode { number: None, name, meaning, hint }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intel::TcbStatus;
    use alloc::string::ToString;

    fn names(text: &str) -> Vec<&'static str> {
        vendor_codes(text).into_iter().map(|(_, code)| code.name).collect()
    }

    #[test]
    fn a_code_is_found_by_its_number_its_name_and_intels_other_prefix() {
        assert_eq!(names("0xe011"), ["SGX_QL_NO_PLATFORM_CERT_DATA"]);
        assert_eq!(names("57362"), ["SGX_QL_OUT_OF_EPC"]);
        assert_eq!(names("0xE032"), ["SGX_QL_TCB_REVOKED"]);
        assert_eq!(names("tee_tcb_revoked"), ["SGX_QL_TCB_REVOKED"]);
        assert_eq!(names("0x16"), ["INVALID_PARAM"]);
        assert_eq!(names("readonlyindex"), ["ReadOnlyIndex"]);
        assert_eq!(names("OutOfDateConfigurationNeeded"), ["OutOfDateConfigurationNeeded"]);
        for nothing in ["", "0x", "0xg", "e032", "+5", "99999999999999999999"] {
            assert!(names(nothing).is_empty(), "{nothing}");
        }
    }

    #[test]
    fn within_a_table_each_code_stands_once_and_says_something() {
        for table in vendor_tables() {
            assert!(!table.source.is_empty() && !table.title.is_empty());
            for (place, code) in table.codes.iter().enumerate() {
                let others = || table.codes.iter().skip(place + 1);
                assert!(others().all(|other| other.name != code.name), "{} {}", table.title, code.name);
                let numbered = code.number.is_some();
                assert!(!numbered || others().all(|other| other.number != code.number), "{}", code.name);
                assert!(code.meaning.ends_with('.') && !code.hint.is_empty(), "{}", code.name);
            }
        }
    }

    #[test]
    fn every_tcb_status_that_a_policy_can_name_is_explained() {
        let every = [
            TcbStatus::UpToDate,
            TcbStatus::SwHardeningNeeded,
            TcbStatus::ConfigurationNeeded,
            TcbStatus::ConfigurationAndSwHardeningNeeded,
            TcbStatus::OutOfDate,
            TcbStatus::OutOfDateConfigurationNeeded,
            TcbStatus::TdRelaunchAdvised,
            TcbStatus::TdRelaunchAdvisedConfigurationNeeded,
            TcbStatus::Revoked,
        ];
        let listed: Vec<String> = intel_tcb::STATUSES.codes.iter().map(|code| code.name.to_string()).collect();
        assert_eq!(listed, every.map(|status| status.as_str().to_string()));
    }
}
