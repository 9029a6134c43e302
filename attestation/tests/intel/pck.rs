//! The SGX extension of a PCK certificate: complete and in exact DER, or not read at all.

use sealroom_attestation::Evidence;
use sealroom_attestation::intel::{PckPlatform, SgxType};

use crate::der;
use crate::world::{COMPONENTS, SGX_EXTENSION, World};

/// Of a quote whose PCK certificate has this extension.
fn platform(extension: &[u8]) -> Option<PckPlatform> {
    let world = World::sgx();
    let [_, ca, root] = world.sign_chain();
    let mut pck = world.pck.clone();
    pck.set_extension(SGX_EXTENSION, extension);
    Evidence::decode(&world.quote(&[pck.sign(), ca, root])).unwrap().unverified_pck_platform()
}

fn good() -> Vec<u8> {
    World::sgx().extension.encode()
}

/// Elements of the outer sequence, each with its tag and length.
fn elements(extension: &[u8]) -> Vec<Vec<u8>> {
    let ([0x30, 0x82, _, _, rest @ ..] | [0x30, 0x81, _, rest @ ..]) = extension else {
        panic!("a sequence of another length")
    };
    let mut rest = rest;
    let mut all = Vec::new();
    while !rest.is_empty() {
        let length = match rest[1] {
            0x82 => 4 + usize::from(rest[2]) * 256 + usize::from(rest[3]),
            0x81 => 3 + usize::from(rest[2]),
            short => 2 + usize::from(short),
        };
        all.push(rest[..length].to_vec());
        rest = &rest[length..];
    }
    all
}

#[test]
fn a_complete_extension_is_read_whole() {
    let platform = platform(&good()).unwrap();
    assert_eq!(platform.ppid, [0x11; 16]);
    assert_eq!(platform.components, COMPONENTS);
    assert_eq!((platform.pce_svn, platform.pce_id), (13, [0, 0]));
    assert_eq!(platform.fmspc, [0x90, 0xc0, 0x6f, 0, 0, 0]);
    assert_eq!(platform.sgx_type, SgxType::Scalable);
    let registration = platform.registration.unwrap();
    assert_eq!(registration.instance_id, [0x66; 16]);
    assert_eq!((registration.dynamic_platform, registration.cached_keys, registration.smt), (false, true, true));
}

#[test]
fn an_element_that_is_missing_repeated_or_out_of_order_is_not_passed_over() {
    let good = elements(&good());
    assert_eq!(good.len(), 7);
    for at in 0..good.len() {
        let mut missing = good.clone();
        missing.remove(at);
        assert_eq!(platform(&der::sequence(&missing)), None, "without {at}");
        let mut repeated = good.clone();
        repeated.insert(at, good[at].clone());
        assert_eq!(platform(&der::sequence(&repeated)), None, "{at} twice");
        if at > 0 {
            let mut swapped = good.clone();
            swapped.swap(at - 1, at);
            assert_eq!(platform(&der::sequence(&swapped)), None, "{at} before its time");
        }
    }
    let mut unknown = good.clone();
    unknown.push(der::sequence(&[der::oid("1.2.840.113741.1.13.1.8"), der::integer(&[1])]));
    assert_eq!(platform(&der::sequence(&unknown)), None, "an element that is not known");
}

#[test]
fn an_element_of_another_form_is_refused() {
    let element =
        |number: &str, value: Vec<u8>| der::sequence(&[der::oid(&format!("{SGX_EXTENSION}.{number}")), value]);
    let cases = [
        (0, element("1", der::octets(&[0x11; 15]))),
        (0, element("1", der::integer(&[0x11; 16]))),
        (1, element("2", der::octets(&[]))),
        (2, element("3", der::octets(&[0, 0, 0]))),
        (3, element("4", der::octets(&[0x90; 5]))),
        (4, element("5", der::integer(&[1]))),
        (4, element("5", der::tlv(0x0a, &[3]))),
        (5, element("6", der::octets(&[]))),
        (6, element("7", der::sequence(&[]))),
    ];
    for (at, other) in cases {
        let mut parts = elements(&good());
        parts[at] = other;
        assert_eq!(platform(&der::sequence(&parts)), None, "element {at}");
    }
    // A component above 255, and one in two bytes where one is enough.
    let component = |value: &[u8]| [&[0x30, 13 + u8::try_from(value.len()).unwrap()][..], &SVN_OID, value].concat();
    for value in [&[0x02, 0x02, 0x01, 0x00][..], &[0x02, 0x02, 0x00, 0x07], &[0x02, 0x01, 0xff]] {
        let whole = good();
        let from = component(&[0x02, 0x01, COMPONENTS[0]]);
        assert!(whole.windows(from.len()).any(|window| window == from), "{from:02x?}");
        let mut parts = elements(&whole);
        let nested: Vec<_> = (1..=18)
            .map(|number| match number {
                1 => component(value),
                2..=16 => element(&format!("2.{number}"), der::integer(&[COMPONENTS[number - 1]])),
                17 => element("2.17", der::integer(&[13])),
                _ => element("2.18", der::octets(&COMPONENTS)),
            })
            .collect();
        parts[1] = element("2", der::sequence(&nested));
        assert_eq!(platform(&der::sequence(&parts)), None, "{value:02x?}");
    }
}

/// 1.2.840.113741.1.13.1.2.1 in DER.
const SVN_OID: [u8; 13] = [0x06, 0x0b, 0x2a, 0x86, 0x48, 0x86, 0xf8, 0x4d, 0x01, 0x0d, 0x01, 0x02, 0x01];

#[test]
fn bytes_after_the_extension_and_every_cut_are_refused() {
    let whole = good();
    assert_eq!(platform(&[whole.as_slice(), &[0]].concat()), None);
    for length in (0..whole.len()).step_by(11) {
        assert_eq!(platform(&whole[..length]), None, "{length} bytes");
    }
}
