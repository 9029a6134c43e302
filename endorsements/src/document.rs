//! Intel's signed JSON documents (PCS API version 4): which one it is, and when the next one is due.

use serde::Deserialize;

use crate::needed::IntelTee;
use crate::request::Document;

/// The answer to a request for TCB info. Unknown fields are Intel's to add; the appraisal decides over them.
#[derive(Deserialize)]
struct TcbInfoAnswer {
    #[serde(rename = "tcbInfo")]
    tcb_info: TcbInfo,
    signature: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TcbInfo {
    id: String,
    fmspc: String,
    next_update: String,
}

/// The answer to a request for the identity of the quoting enclave.
#[derive(Deserialize)]
struct IdentityAnswer {
    #[serde(rename = "enclaveIdentity")]
    identity: Identity,
    signature: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Identity {
    id: String,
    next_update: String,
}

/// The end of a document's validity, in seconds since 1970.
///
/// # Errors
/// What is wrong, in words.
pub(crate) fn next_update(document: &Document, body: &[u8]) -> Result<u64, String> {
    // Line and column, not the answer's bytes.
    let form =
        |error: serde_json::Error| format!("json of another shape (line {}, column {})", error.line(), error.column());
    let (signature, next_update) = match document {
        Document::TcbInfo { tee, fmspc } => {
            let answer: TcbInfoAnswer = serde_json::from_slice(body).map_err(form)?;
            let id = match tee {
                IntelTee::Sgx => "SGX",
                IntelTee::Tdx => "TDX",
            };
            same("id", id, &answer.tcb_info.id)?;
            same("fmspc", &hex::encode(fmspc), &answer.tcb_info.fmspc.to_ascii_lowercase())?;
            (answer.signature, answer.tcb_info.next_update)
        }
        Document::QeIdentity { tee } => {
            let answer: IdentityAnswer = serde_json::from_slice(body).map_err(form)?;
            let id = match tee {
                IntelTee::Sgx => "QE",
                IntelTee::Tdx => "TD_QE",
            };
            same("id", id, &answer.identity.id)?;
            (answer.signature, answer.identity.next_update)
        }
    };
    if hex::decode(&signature).map_or(0, |bytes| bytes.len()) != 64 {
        return Err("the signature is not 64 bytes in hex".into());
    }
    unix_seconds(&next_update).ok_or_else(|| "nextUpdate is not a time of the form YYYY-MM-DDThh:mm:ssZ".into())
}

fn same(what: &str, expected: &str, found: &str) -> Result<(), String> {
    if expected == found { Ok(()) } else { Err(format!("expected {what} {expected}, found another one")) }
}

/// RFC 3339 in the one form that Intel uses: `YYYY-MM-DDThh:mm:ssZ`.
fn unix_seconds(text: &str) -> Option<u64> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let [year, month, day] = numbers(date, '-', [4, 2, 2])?;
    let [hour, minute, second] = numbers(time, ':', [2, 2, 2])?;
    if year < 1970 || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let leap = |year: u64| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let february = if leap(year) { 29 } else { 28 };
    let months = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let month = usize::try_from(month).ok()?.checked_sub(1)?;
    if day == 0 || day > *months.get(month)? {
        return None;
    }
    let years: u64 = (1970..year).map(|year| if leap(year) { 366 } else { 365 }).sum();
    let days = years + months.iter().take(month).sum::<u64>() + day - 1;
    Some(((days * 24 + hour) * 60 + minute) * 60 + second)
}

fn numbers(text: &str, separator: char, lengths: [usize; 3]) -> Option<[u64; 3]> {
    let mut parts = text.split(separator);
    let mut numbers = [0; 3];
    for (number, length) in numbers.iter_mut().zip(lengths) {
        let part = parts.next()?;
        if part.len() != length || !part.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        *number = part.parse().ok()?;
    }
    parts.next().is_none().then_some(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_has_one_form() {
        for (text, seconds) in [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("2000-02-29T12:00:00Z", Some(951_825_600)),
            ("2025-07-19T10:16:03Z", Some(1_752_920_163)),
            ("9999-12-31T23:59:59Z", Some(253_402_300_799)),
            ("2025-07-19T10:16:03", None),
            ("2025-07-19T10:16:03+00:00", None),
            ("2025-7-19T10:16:03Z", None),
            ("2025-02-29T10:16:03Z", None),
            ("2025-13-01T10:16:03Z", None),
            ("2025-00-01T10:16:03Z", None),
            ("2025-07-00T10:16:03Z", None),
            ("2025-07-19T24:00:00Z", None),
            ("2025-07-19T10:16:60Z", None),
            ("1969-12-31T23:59:59Z", None),
            ("", None),
        ] {
            assert_eq!(unix_seconds(text), seconds, "{text}");
        }
    }

    #[test]
    fn another_document_than_the_one_asked_for_is_refused() {
        let body = |id: &str, fmspc: &str| {
            let next = "2025-07-19T10:16:03Z";
            format!(
                "{{\"tcbInfo\":{{\"id\":\"{id}\",\"fmspc\":\"{fmspc}\",\"nextUpdate\":\"{next}\"}},\"signature\":\"{}\"}}",
                "00".repeat(64)
            )
        };
        let asked = Document::TcbInfo { tee: IntelTee::Tdx, fmspc: [0xb0, 0xc0, 0x6f, 0, 0, 0] };
        let read = |body: String| next_update(&asked, body.as_bytes());
        assert_eq!(read(body("TDX", "B0C06F000000")), Ok(1_752_920_163));
        assert_eq!(read(body("SGX", "B0C06F000000")), Err("expected id TDX, found another one".into()));
        assert_eq!(read(body("TDX", "00606A000000")), Err("expected fmspc b0c06f000000, found another one".into()));
        assert_eq!(read("{\n}".into()), Err("json of another shape (line 2, column 1)".into()));
        let short = body("TDX", "B0C06F000000").replacen("00\"}", "\"}", 1);
        assert_eq!(read(short), Err("the signature is not 64 bytes in hex".into()));
    }
}
