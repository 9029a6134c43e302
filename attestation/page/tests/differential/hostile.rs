//! Documents that are made to be read differently: where a number has 32 bits in one build and 64 in the other, where a parser
//! might go deep, and where text ends.

/// Evidence that is none, and nearly is.
pub(crate) fn evidence() -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> =
        vec![Vec::new(), b" ".to_vec(), b"\0".to_vec(), vec![0xff; 1184], vec![0; 16 * 1024 * 1024 + 1]];
    // Nesting: CBOR arrays, maps, tags, indefinite arrays; DER sequences; JSON.
    for (head, byte) in [
        (&[][..], 0x81),
        (&[], 0xa1),
        (&[0xd2, 0x84], 0xd2),
        (&[0x84, 0x44, 0xa1, 0x01, 0x38, 0x22, 0xa0], 0x9f),
        (&[0xd9, 0x01, 0x8f], 0x81),
        (&[], 0x30),
        (b"{\"quote\":", b'['),
    ] {
        all.push([head, &[byte].repeat(100_000)].concat());
    }
    // Lengths that are 2^32 and more, or that wrap around when something is added.
    for major in [0x40_u8, 0x60, 0x80, 0xa0] {
        for length in [0x7fff_ffff_u64, 0xffff_fffb, 0xffff_ffff, 0x1_0000_0000, 0x1_0000_0004, u64::MAX - 3, u64::MAX]
        {
            let huge = [&[major | 0x1b][..], &length.to_be_bytes()].concat();
            all.push([&[0x84][..], &huge].concat());
            all.push([&[0x84, 0x44, 0xa1, 0x01, 0x38, 0x22, 0xa0], huge.as_slice()].concat());
            all.push(huge);
        }
    }
    for head in [&b"\x30\x84\xff\xff\xff\xff"[..], b"\x30\x88\xff\xff\xff\xff\xff\xff\xff\xff"] {
        all.push(head.to_vec());
    }
    // Numbers in JSON that have no 32 bits, and keys that are written twice.
    for json in [
        r#"{"quote":[4294967296]}"#,
        r#"{"quote":[1e99]}"#,
        r#"{"quote":"00","quote":"01"}"#,
        r#"{"quote":"AA==","tdx":{"quote":"AA=="}}"#,
        "{\"format\":\"sealroom/1 appraisal bundle\",\"evidence\":\"\",\"endorsements\":[],\"appraised_at\":\"9999-12-31T23:59:59Z\"}",
        "{\"format\":\"sealroom/1 appraisal bundle\",\"evidence\":\"\",\"endorsements\":[],\"appraised_at\":\"2038-01-19T03:14:08Z\"}",
        "\u{feff}{\"quote\":\"00\"}",
        "0x\u{0660}\u{0661}",
        "-----BEGIN QUOTE-----\nAA==\n-----END QUOTE-----\n",
    ] {
        all.push(json.as_bytes().to_vec());
    }
    all
}

/// Policies that are none.
pub(crate) fn policies() -> Vec<String> {
    let deep = "[".repeat(20_000);
    let mut all: Vec<String> = vec![
        String::new(),
        "version = 1".to_owned(),
        "version = 4294967297".to_owned(),
        "version = 18446744073709551616".to_owned(),
        "version = 1\nname = \"\\uD800\"".to_owned(),
        format!("version = {deep}"),
        format!("{{\"version\":{deep}"),
        format!("{{\"version\":{}1{}}}", "{\"a\":".repeat(5000), "}".repeat(5000)),
        format!("a{} = 1", ".a".repeat(20_000)),
        "x".repeat(1024 * 1024 + 1),
        "\u{202e}version = 1".to_owned(),
    ];
    all.push("[[accept.intel-tdx]]\n".repeat(65));
    all
}

/// Endorsements that are none.
pub(crate) fn endorsements() -> Vec<Vec<u8>> {
    let deep = 50_000;
    vec![
        Vec::new(),
        [0x30, 0x80].repeat(deep),
        b"\x30\x84\xff\xff\xff\xff".to_vec(),
        b"\x30\x84\x80\x00\x00\x00".to_vec(),
        format!("{{\"tcb_info\":{}{}}}", "[".repeat(deep), "]".repeat(deep)).into_bytes(),
        br#"{"tcb_info":"{\"version\":4294967299}","tcb_info_signature":"00"}"#.to_vec(),
        b"-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n".to_vec(),
        b"-----BEGIN ".repeat(1000),
        br#"{"format":"sealroom/2 appraisal bundle"}"#.to_vec(),
    ]
}

/// One with something wrong at every place that is `step` after another: a bit flipped, four bytes of ones, an end.
pub(crate) fn changed(bytes: &[u8], step: usize) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    for at in (0..bytes.len()).step_by(step) {
        let mut flipped = bytes.to_vec();
        flipped[at] ^= 1 << (at / step % 8);
        all.push(flipped);
        let mut ones = bytes.to_vec();
        let end = ones.len().min(at + 4);
        ones[at..end].fill(0xff);
        all.push(ones);
        all.push(bytes[..at].to_vec());
    }
    all
}
