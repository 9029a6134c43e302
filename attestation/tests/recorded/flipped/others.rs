//! The layouts of AWS Nitro's document, Arm CCA's token, NVIDIA's report and Azure's Evidence.

use super::hardware;
use super::layout::{Field, Layout};

/// Major type, argument, length of the head; indefinite lengths as their map says them.
fn cbor(bytes: &[u8], at: usize) -> (u8, usize, usize) {
    let (major, short) = (bytes[at] >> 5, bytes[at] & 31);
    let width = match short {
        0..24 => return (major, usize::from(short), 1),
        24 => 1,
        25 => 2,
        26 => 4,
        27 => 8,
        31 => return (major, usize::MAX, 1),
        other => panic!("{other}"),
    };
    let argument = bytes[at + 1..=at + width].iter().fold(0, |value, byte| value << 8 | usize::from(*byte));
    (major, argument, 1 + width)
}

/// One whole value under this name, its heads as its shape.
fn value(layout: &mut Layout<'_>, name: &str) {
    let (major, argument, head) = cbor(layout.bytes, layout.at);
    match major {
        2 | 3 => {
            layout.take(format!("{name}: shape"), head);
            layout.take(name, argument);
        }
        4 | 5 => {
            layout.take(format!("{name}: shape"), head);
            let items = argument.saturating_mul(if major == 5 { 2 } else { 1 });
            repeat(layout, items, &format!("{name}: shape"), |layout| value(layout, name));
        }
        // A number is its head, whose first byte says its size.
        0 | 1 if head > 1 => {
            layout.take(format!("{name}: shape"), 1);
            layout.take(name, head - 1);
        }
        0 | 1 => drop(layout.take(name, 1)),
        _ => drop(layout.take(format!("{name}: shape"), head)),
    }
}

/// So many times, or until a break, which is taken.
fn repeat(layout: &mut Layout<'_>, times: usize, name: &str, mut each: impl FnMut(&mut Layout<'_>)) {
    if times == usize::MAX {
        while layout.bytes[layout.at] != 0xff {
            each(layout);
        }
        layout.take(name, 1);
    } else {
        (0..times).for_each(|_| each(layout));
    }
}

/// COSE_Sign1 up to its payload's inside, and what is left of it.
fn sign1(layout: &mut Layout<'_>, name: &str, payload: impl FnOnce(&mut Layout<'_>)) {
    if layout.bytes[layout.at] == 0xd2 {
        layout.take(format!("{name}shape"), 1);
    }
    layout.take(format!("{name}shape"), 1);
    value(layout, &format!("{name}protected header"));
    value(layout, &format!("{name}unprotected header"));
    let head = cbor(layout.bytes, layout.at).2;
    layout.take(format!("{name}shape"), head);
    payload(layout);
    value(layout, &format!("{name}signature"));
}

/// AWS: `AttestationDocument`, in its COSE_Sign1.
pub(crate) fn nitro(bytes: &[u8]) -> Vec<Field> {
    let mut layout = Layout::new(bytes);
    sign1(&mut layout, "", |layout| {
        let (_, entries, head) = cbor(layout.bytes, layout.at);
        layout.take("shape", head);
        repeat(layout, entries, "shape", |layout| {
            let (_, length, head) = cbor(layout.bytes, layout.at);
            layout.take("payload: keys", head);
            let key = core::str::from_utf8(layout.take("payload: keys", length)).unwrap().to_owned();
            match &key[..] {
                "certificate" => {
                    let head = cbor(layout.bytes, layout.at).2;
                    layout.take("leaf: length", head);
                    layout.certificate("leaf");
                }
                "cabundle" => {
                    let (_, count, head) = cbor(layout.bytes, layout.at);
                    layout.take("cabundle: shape", head);
                    for index in 0..count {
                        let head = cbor(layout.bytes, layout.at).2;
                        layout.take("authority: length", head);
                        layout.certificate(if index == 0 { "root" } else { "authority" });
                    }
                }
                other => value(layout, other),
            }
        });
    });
    assert_eq!(layout.at, bytes.len());
    layout.fields
}

/// DEN0137 section A7.2.
pub(crate) fn cca(bytes: &[u8]) -> Vec<Field> {
    const CLAIMS: [(usize, &str); 15] = [
        (10, "challenge"),
        (256, "instance id"),
        (265, "profile"),
        (2395, "lifecycle"),
        (2396, "implementation id"),
        (2399, "components"),
        (2400, "verification service"),
        (2401, "config"),
        (2402, "hash algorithm"),
        (44235, "personalization value"),
        (44236, "hash algorithm"),
        (44237, "public key"),
        (44238, "initial measurement"),
        (44239, "extensible measurements"),
        (44240, "hash algorithm of the public key"),
    ];
    let mut layout = Layout::new(bytes);
    // Tag 399 and a map of two.
    layout.take("shape", 4);
    for whose in ["platform: ", "realm: "] {
        let head = cbor(bytes, layout.at).2;
        layout.take("shape", head);
        let head = cbor(bytes, layout.at).2;
        layout.take("shape", head);
        sign1(&mut layout, whose, |layout| {
            let (_, entries, head) = cbor(layout.bytes, layout.at);
            layout.take(format!("{whose}shape"), head);
            repeat(layout, entries, &format!("{whose}shape"), |layout| {
                let (_, label, head) = cbor(layout.bytes, layout.at);
                layout.take(format!("{whose}keys"), head);
                let name = CLAIMS.iter().find(|(number, _)| *number == label).unwrap().1;
                value(layout, &format!("{whose}{name}"));
            });
        });
    }
    assert_eq!(layout.at, bytes.len());
    layout.fields
}

/// DSP0274 1.1, GET_MEASUREMENTS and MEASUREMENTS, and NVIDIA's opaque data in it.
pub(crate) fn gpu(bytes: &[u8]) -> Vec<Field> {
    let mut layout = Layout::new(bytes);
    layout.all([("request: version, code, what is asked", 4), ("nonce", 32), ("request: slot", 1)]);
    layout.all([("response: version and code", 2), ("response: slot", 2), ("number of blocks", 1)]);
    let length = layout.length("measurements", 3, false);
    let end = layout.at + length;
    while layout.at < end {
        layout.all([("block: index", 1), ("block: specification", 1), ("block: length", 2), ("block: kind", 1)]);
        let length = layout.length("block", 2, false);
        layout.take("measurement", length);
    }
    layout.take("nonce of the response", 32);
    let length = layout.length("opaque data", 2, false);
    let end = layout.at + length;
    while layout.at < end {
        let kind = layout.take("opaque data: kind", 2)[0];
        let length = layout.length("opaque data: field", 2, false);
        let name = match kind {
            // NVIDIA's numbers of opaque fields.
            3 => "driver version",
            6 => "vbios version",
            20 => "firmware id",
            _ => "other opaque data",
        };
        layout.take(name, length);
    }
    layout.take("signature", 96);
    assert_eq!(layout.at, bytes.len());
    layout.fields
}

/// The container, Azure's paravisor report, and a quote of its virtual TPM (TPM 2.0 part 2, TPMS_ATTEST and TPMT_SIGNATURE).
pub(crate) fn azure_snp(bytes: &[u8]) -> Vec<Field> {
    let mut layout = Layout::new(bytes);
    layout.take("container: name", 8);
    let length = layout.length("container", 4, true);
    let end = layout.at + length;
    layout.take("paravisor: header", 32);
    hardware::snp(&mut layout);
    layout.take("paravisor: runtime header", 16);
    let length = layout.length("runtime data", 4, false);
    layout.take("runtime data", length);
    layout.take("paravisor: padding", end - layout.at);
    layout.length("container", 4, true);
    layout.length("container", 4, true);
    layout.all([("attest: magic and type", 6)]);
    let length = layout.length("attest: signer", 2, true);
    layout.take("attest: signer", length);
    let length = layout.length("attest: extra data", 2, true);
    layout.take("attest: extra data", length);
    layout.all([("attest: clock", 16), ("attest: safe", 1), ("attest: firmware", 8), ("attest: selections", 4)]);
    layout.all([("attest: bank", 2), ("attest: selection: length", 1), ("attest: selection", 3)]);
    let length = layout.length("attest: digest", 2, true);
    layout.take("attest: digest", length);
    let length = layout.length("container", 4, true);
    layout.all([("tpm signature: scheme", 4), ("tpm signature: length", 2)]);
    layout.take("tpm signature", length - 6);
    let length = layout.length("container", 4, true);
    layout.take("values: bank", 2);
    for _ in 0..(length - 2) / 33 {
        layout.all([("values: index", 1), ("values", 32)]);
    }
    layout.length("container", 4, true);
    assert_eq!(layout.at, bytes.len());
    layout.fields
}
