//! See `tpm_files` in `targets/quote_files.rs`.
#![no_main]
#![expect(dead_code, reason = "a program fuzzes one of the targets")]

#[path = "../targets.rs"]
mod targets;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    targets::quote_files::tpm_files(bytes);
});
