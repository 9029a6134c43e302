//! Faults of tools that read Evidence from files.

use sealroom_attestation::{EnvelopeError, Evidence, EvidenceFile};

use crate::snp_world::World;

/// snpguest: whatever was no hexadecimal was taken for the bytes themselves, digits, commas and all.
#[test]
fn fault_39_decimal_and_odd_hexadecimal_input() {
    let report = World::milan().evidence();
    let hex: String = report.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(EvidenceFile::read(hex.as_bytes()).unwrap().evidence, report);
    let decimal = |separator| report.iter().map(u8::to_string).collect::<Vec<_>>().join(separator);
    for text in [decimal(" "), decimal(","), decimal(", "), decimal("\n")] {
        assert_eq!(EvidenceFile::read(text.as_bytes()), Err(EnvelopeError::Decimal));
    }
    // A digit too few, or one too many.
    let cut = EnvelopeError::OddHexadecimal { digits: 2367 };
    assert_eq!(EvidenceFile::read(&hex.as_bytes()[1..]), Err(cut));
    let long = EnvelopeError::OddHexadecimal { digits: 2369 };
    assert_eq!(EvidenceFile::read(format!("{hex}0").as_bytes()), Err(long));
    // A byte too few reads, and is no report.
    let short = EvidenceFile::read(&hex.as_bytes()[2..]).unwrap();
    assert!(Evidence::decode(&short.evidence).is_err());
    // One digit that is none.
    let foreign = hex.replacen(&hex[100..101], "!", 1);
    assert!(matches!(EvidenceFile::read(foreign.as_bytes()), Err(EnvelopeError::Text { character: '!', .. })));
    // As many characters as a report has bytes are no report either.
    let text = "0 ".repeat(592);
    assert_eq!(text.len(), 1184);
    assert_eq!(EvidenceFile::read(text.as_bytes()), Err(EnvelopeError::Decimal));
}
