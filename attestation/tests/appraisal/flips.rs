//! One bit flipped in each byte of a report: exactly the checks that read that field fail.

use sealroom_attestation::{Binding, Challenge, CryptoProvider, DecodeError, Endorsements, Evidence, Policy, Verifier};

use crate::failed;
use crate::vectors::{self, Recorded, pinning, vendor_anchor};

const AUTHENTIC: &str = "snp.signature";

/// What a flipped bit must trip.
fn expected(offset: usize, bit: u8, version: u8, vlek: bool) -> Vec<&'static str> {
    let reserved = vec!["snp.reserved"];
    match offset {
        // 3 becomes 2: then the processor's bytes are reserved. 2 becomes 3: then they mean an unknown processor.
        0x000 if bit == 0 && version == 3 => reserved,
        0x000 if bit == 0 && version == 2 => vec![AUTHENTIC, "snp.product"],
        0x000..=0x003 => vec!["snp.version"],
        0x034..=0x037 => vec!["snp.signature-algorithm", AUTHENTIC],
        0x048 => match bit {
            0 => vec![AUTHENTIC],
            1 => vec!["snp.signing-key", AUTHENTIC],
            2 => vec!["snp.leaf-kind", AUTHENTIC],
            3 | 4 => vec!["snp.signing-key", AUTHENTIC],
            _ => reserved,
        },
        0x049..=0x04f => reserved,
        0x180..=0x187 => vec![AUTHENTIC, "snp.firmware-certified"],
        0x188..=0x18a if version == 2 => reserved,
        0x188 => vec![AUTHENTIC, "snp.product"],
        // The low bits of the model stay within the line.
        0x189 if bit >= 4 => vec![AUTHENTIC, "snp.product"],
        0x18b..=0x19f => reserved,
        // A VLEK names no chip.
        0x1a0..=0x1df if !vlek => vec![AUTHENTIC, "snp.chip-id"],
        0x1eb | 0x1ef | 0x1f8..=0x29f => reserved,
        // The scalars' 24 unused bytes, and what follows them.
        0x2d0..=0x2e7 | 0x318..=0x49f => reserved,
        _ => vec![AUTHENTIC],
    }
}

fn flip_all(recorded: &Recorded) {
    let good = Evidence::decode(&recorded.evidence).unwrap();
    let accept = pinning(&good, vendor_anchor(recorded.root));
    let policy = Policy::new(vec![accept.into()]).unwrap();
    let verifier = Verifier::new(CryptoProvider::ring(), &policy);
    let endorsements = Endorsements::decode_all(recorded.endorsements.iter().map(Vec::as_slice)).unwrap();
    let claims = good.unverified_snp_claims().unwrap();
    let (version, vlek, report_data) = (recorded.evidence[0], claims.signing_key == 1, claims.report_data);
    for offset in 0..recorded.evidence.len() {
        // Every bit of the fields made of bits; elsewhere another one in each byte.
        let bits = if [0x000, 0x048, 0x188, 0x189].contains(&offset) { 0..8 } else { offset % 8..offset % 8 + 1 };
        for bit in bits {
            let bit = u8::try_from(bit).unwrap();
            let mut evidence = recorded.evidence.clone();
            evidence[offset] ^= 1 << bit;
            let expected = expected(offset, bit, version, vlek);
            let decoded = Evidence::decode(&evidence);
            let rejection = match decoded {
                Err(error) => error.into(),
                Ok(evidence) => {
                    let binding = Binding::new(Challenge::from_random([1; 32]), [2; 32], report_data);
                    verifier.appraise(evidence, &endorsements, binding, recorded.at).unwrap_err()
                }
            };
            assert_eq!(failed(&rejection), expected, "{} byte {offset:#x} bit {bit}: {rejection}", recorded.name);
        }
    }
}

#[test]
fn a_flipped_bit_trips_the_checks_of_its_field() {
    flip_all(&vectors::packaged());
    let Some(folder) = vectors::folder("a_flipped_bit_trips_the_checks_of_its_field") else { return };
    vectors::all(&folder).iter().for_each(flip_all);
}

#[test]
fn evidence_of_any_other_length_does_not_decode() {
    let good = vectors::packaged().evidence;
    for length in [0, 1, 3] {
        assert_eq!(Evidence::decode(&good[..length]), Err(DecodeError::EvidenceKind { length }));
    }
    for length in [4, 0x2a0, 1183, 1185, 4096] {
        let mut bytes = good.clone();
        bytes.resize(length, 0);
        assert_eq!(Evidence::decode(&bytes), Err(DecodeError::EvidenceSize { expected: 1184, found: length }));
    }
    let rejection = sealroom_attestation::Rejection::from(Evidence::decode(&good[..1183]).unwrap_err());
    assert_eq!(failed(&rejection), ["common.evidence-size"]);
    let rejection = sealroom_attestation::Rejection::from(Evidence::decode(&good[1..]).unwrap_err());
    assert_eq!(failed(&rejection), ["common.evidence-kind"]);
}

#[test]
fn an_unknown_version_does_not_decode() {
    let mut bytes = vectors::packaged().evidence;
    for version in [0, 1, 6, 255] {
        bytes[0] = version;
        let error = DecodeError::EvidenceVersion { expected: "2, 3, 4 or 5", found: version.into() };
        assert_eq!(Evidence::decode(&bytes), Err(error));
    }
}

#[test]
fn another_decoder_of_the_layout_reads_the_same_fields() {
    use sev::firmware::guest::AttestationReport;
    use sev::parser::ByteParser as _;
    let mut reports = vec![vectors::packaged().evidence];
    if let Some(folder) = vectors::folder("another_decoder_of_the_layout_reads_the_same_fields") {
        reports.extend(vectors::all(&folder).into_iter().map(|recorded| recorded.evidence));
    }
    let world = crate::world::World::new(
        sealroom_attestation::snp::Product::Turin,
        sealroom_attestation::snp::SigningKey::Vcek,
        5,
    );
    reports.push(world.evidence());
    for report in reports {
        let theirs = AttestationReport::from_bytes(&report).unwrap();
        let ours = Evidence::decode(&report).unwrap();
        let ours = ours.unverified_snp_claims().unwrap();
        assert_eq!(ours.version, theirs.version);
        assert_eq!(ours.guest_svn, theirs.guest_svn);
        assert_eq!(ours.guest_policy, u64::from(theirs.policy));
        assert_eq!(ours.family_id, theirs.family_id);
        assert_eq!(ours.image_id, theirs.image_id);
        assert_eq!(ours.vmpl, theirs.vmpl);
        assert_eq!(ours.signature_algorithm, theirs.sig_algo);
        assert_eq!(ours.platform_info, u64::from(theirs.plat_info));
        assert_eq!(u32::from(ours.signing_key), theirs.key_info.signing_key());
        assert_eq!(ours.author_key_enabled, theirs.key_info.author_key_en());
        assert_eq!(ours.chip_key_masked, theirs.key_info.mask_chip_key());
        assert_eq!(ours.report_data[..], theirs.report_data[..]);
        assert_eq!(ours.measurement[..], theirs.measurement[..]);
        assert_eq!(ours.host_data, theirs.host_data);
        assert_eq!(ours.id_key_digest[..], theirs.id_key_digest[..]);
        assert_eq!(ours.author_key_digest[..], theirs.author_key_digest[..]);
        assert_eq!(ours.report_id, theirs.report_id);
        assert_eq!(ours.report_id_migration_agent, theirs.report_id_ma);
        assert_eq!(ours.cpuid.map(|cpuid| cpuid.family), theirs.cpuid_fam_id);
        assert_eq!(ours.cpuid.map(|cpuid| cpuid.model), theirs.cpuid_mod_id);
        assert_eq!(ours.cpuid.map(|cpuid| cpuid.stepping), theirs.cpuid_step);
        assert_eq!(ours.chip_id[..], theirs.chip_id[..]);
        assert_eq!(ours.current_version.build, theirs.current.build);
        assert_eq!(ours.current_version.minor, theirs.current.minor);
        assert_eq!(ours.current_version.major, theirs.current.major);
        assert_eq!(ours.committed_version.build, theirs.committed.build);
        assert_eq!(ours.launch_mitigations, theirs.launch_mit_vector);
        assert_eq!(ours.current_mitigations, theirs.current_mit_vector);
    }
}
