//! What the page calls in the WebAssembly: numbers in, numbers out; bytes pass through the module's memory.
//!
//! 1. [`sealroom_request`] makes room and says where; the page writes the request there.
//! 2. [`sealroom_appraise`], [`sealroom_inspect`] or [`sealroom_sniff`] reads it, and says how long the answer is.
//! 3. [`sealroom_answer`] says where the answer begins. It stands there until the next call of step 1 or 2.
//!
//! What always holds: no pointer is read or written here. Room and answer are vectors of this file, which are handed out by
//! address alone; a page that writes elsewhere spoils its own memory and nobody else's.
#![expect(
    unsafe_code,
    reason = "the attribute that keeps a function's name is called unsafe; there is no unsafe block"
)]

use core::cell::Cell;

use sealroom_attestation::CryptoProvider;

use crate::appraise::appraise;
use crate::inspect::inspect;
use crate::request::Request;
use crate::sniff::FileKind;

thread_local! {
    /// A request before a call, its answer after it.
    static BYTES: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// Where a request of so many bytes is to be written. 0: it is longer than any that is answered.
#[unsafe(no_mangle)]
extern "C" fn sealroom_request(length: usize) -> *mut u8 {
    if length > Request::LIMIT {
        return core::ptr::null_mut();
    }
    let mut room = vec![0; length];
    let place = room.as_mut_ptr();
    BYTES.set(room);
    place
}

/// Appraises a [`Request`].
#[unsafe(no_mangle)]
extern "C" fn sealroom_appraise() -> usize {
    answer(|request| appraise(request, CryptoProvider::rustcrypto()).to_string())
}

/// Inspects a file with Evidence.
#[unsafe(no_mangle)]
extern "C" fn sealroom_inspect() -> usize {
    answer(|file| inspect(file).to_string())
}

/// Says what a file is for: [`FileKind::as_str`].
#[unsafe(no_mangle)]
extern "C" fn sealroom_sniff() -> usize {
    answer(|file| FileKind::of(file).as_str().to_owned())
}

/// Where the answer begins.
#[unsafe(no_mangle)]
extern "C" fn sealroom_answer() -> *const u8 {
    let bytes = BYTES.take();
    let place = bytes.as_ptr();
    BYTES.set(bytes);
    place
}

fn answer(function: impl FnOnce(&[u8]) -> String) -> usize {
    let text = function(&BYTES.take());
    let length = text.len();
    BYTES.set(text.into_bytes());
    length
}
