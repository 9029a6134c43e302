//! `replay`.

use crate::program::{sealroom, vectors, word};

#[test]
fn a_log_and_the_quote_of_its_machine_agree_and_the_quote_is_called_not_verified() {
    let Some(vectors) = vectors("a_log_and_the_quote_of_its_machine_agree") else { return };
    let ccel = vectors.join("tdx/go-tdx-guest/ccel");
    let (log, quote) = (ccel.join("ccel_data.dat"), ccel.join("cos-113-tdx-quote.dat"));
    let ran = sealroom(&["replay", word(&log), "--evidence", word(&quote)]).ended(0);
    assert!(ran.out.contains("RTMR 0 agrees with the log") && ran.out.contains("NOT VERIFIED"), "{}", ran.out);
    let json = sealroom(&["replay", word(&log), "--evidence", word(&quote), "--json"]).ended(0).json();
    assert_eq!(json["registers"].as_array().unwrap().len(), 4);
    assert_eq!(json["events"].as_array().unwrap().len(), 43);
}

#[test]
fn a_log_of_another_machine_differs_and_a_good_one_shows_where() {
    let Some(vectors) = vectors("a_log_of_another_machine_differs_and_a_good_one_shows_where") else { return };
    let ccel = vectors.join("tdx/go-tdx-guest/ccel");
    let (other, quote) = (vectors.join("eventlog/trustee/CCEL_data_gcp"), ccel.join("cos-113-tdx-quote.dat"));
    let good = ccel.join("ccel_data.dat");
    let words = ["replay", word(&other), "--evidence", word(&quote), "--reference", word(&good)];
    let ran = sealroom(&words).ended(4);
    assert!(ran.out.contains("DIFFERS: expected sha384:"), "{}", ran.out);
    assert!(ran.out.contains("first departure from the reference: RTMR"), "{}", ran.out);
}

#[test]
fn typed_registers_are_compared_one_by_one_and_a_shorter_history_is_found() {
    let Some(vectors) = vectors("typed_registers_are_compared_one_by_one") else { return };
    let log = vectors.join("eventlog/trustee/CCEL_data_grub");
    let wrong = format!("0={}", "ab".repeat(48));
    let first = sealroom(&["replay", word(&log), "--rtmr", &wrong, "--json"]).ended(4).json();
    let replayed = first["registers"][0]["replayed"].as_str().unwrap().replace("sha384:", "0=");
    let again = sealroom(&["replay", word(&log), "--rtmr", &replayed, "--rtmr", &wrong.replace("0=", "1="), "--json"]);
    let again = again.ended(4).json();
    assert_eq!((&again["registers"][0]["agrees"], &again["registers"][1]["agrees"]), (&true.into(), &false.into()));
    // A register that nothing was measured into yet holds zeros: the log goes on from its first event.
    let zeros = format!("1={}", "00".repeat(48));
    let ran = sealroom(&["replay", word(&log), "--rtmr", &zeros]).ended(4);
    assert!(ran.out.contains("it agrees up to event"), "{}", ran.out);
}

#[test]
fn what_is_no_log_is_malformed_and_nothing_to_compare_is_wrong_usage() {
    let folder = tempfile::tempdir().unwrap();
    let garbage = folder.path().join("garbage");
    std::fs::write(&garbage, [7; 100]).unwrap();
    let zeros = format!("0={}", "00".repeat(48));
    drop(sealroom(&["replay", word(&garbage), "--rtmr", &zeros]).ended(2));
    drop(sealroom(&["replay", word(&garbage)]).ended(1));
    drop(sealroom(&["replay", word(&garbage), "--pcr", "7=00"]).ended(2));
}

/// No log has so many bytes: the command's own code for a file that is none, whatever is in it, and not one byte is read.
#[test]
fn a_file_that_is_too_large_is_malformed() {
    let folder = tempfile::tempdir().unwrap();
    let large = folder.path().join("large");
    std::fs::File::create(&large).unwrap().set_len(1 << 30).unwrap();
    let zeros = format!("0={}", "00".repeat(48));
    let ran = sealroom(&["replay", word(&large), "--rtmr", &zeros]).ended(2);
    assert!(ran.error.contains("1073741824 bytes"), "{}", ran.error);
}
