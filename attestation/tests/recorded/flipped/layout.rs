//! Which field each byte of Evidence belongs to, by the makers' layouts: read here once more, from nothing of the crate's.

use core::ops::Range;

/// A name of a field, and where it lies.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) range: Range<usize>,
    /// The certificate that stands there as text, by its place in the chain: then the range is of its DER.
    pub(crate) pem: Option<usize>,
}

/// Takes fields off the front.
pub(crate) struct Layout<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) at: usize,
    pub(crate) fields: Vec<Field>,
}

impl<'a> Layout<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, fields: Vec::new() }
    }

    /// The next bytes are this field.
    pub(crate) fn take(&mut self, name: impl Into<String>, length: usize) -> &'a [u8] {
        let range = self.at..self.at + length;
        self.at = range.end;
        let taken = &self.bytes[range.clone()];
        if length > 0 {
            self.fields.push(Field { name: name.into(), range, pem: None });
        }
        taken
    }

    pub(crate) fn all<const N: usize>(&mut self, fields: [(&str, usize); N]) {
        for (name, length) in fields {
            self.take(name, length);
        }
    }

    /// A big-endian or little-endian length is a field of its own, then what is as long.
    pub(crate) fn length(&mut self, name: &str, bytes: usize, big_endian: bool) -> usize {
        let number = self.take(format!("{name}: length"), bytes);
        let digit = |value: usize, byte: &u8| value << 8 | usize::from(*byte);
        if big_endian { number.iter().fold(0, digit) } else { number.iter().rev().fold(0, digit) }
    }

    /// A certificate in DER: its parts (RFC 5280 section 4.1), which end where it ends.
    pub(crate) fn certificate(&mut self, name: &str) {
        let parts =
            ["version", "serial number", "algorithm", "issuer", "validity", "subject", "public key", "extensions"];
        let head = tlv(self.bytes, self.at).0;
        self.take(format!("{name}: shape"), head);
        let (head, body) = tlv(self.bytes, self.at);
        let end = self.at + head + body;
        self.take(format!("{name}: shape"), head);
        for part in parts {
            let (head, body) = tlv(self.bytes, self.at);
            self.take(format!("{name}: shape"), head);
            self.take(format!("{name}: {part}"), body);
        }
        assert_eq!(self.at, end, "{name}");
        for part in ["algorithm", "signature"] {
            let (head, body) = tlv(self.bytes, self.at);
            self.take(format!("{name}: shape"), head);
            self.take(format!("{name}: {part}"), body);
        }
    }
}

/// Lengths of head and body of the value at this place.
fn tlv(bytes: &[u8], at: usize) -> (usize, usize) {
    match bytes[at + 1] {
        short @ ..=0x7f => (2, usize::from(short)),
        0x81 => (3, usize::from(bytes[at + 2])),
        0x82 => (4, usize::from(bytes[at + 2]) << 8 | usize::from(bytes[at + 3])),
        other => panic!("a length of {other:#x}"),
    }
}

/// The DER of each certificate of a text, and the text of such certificates again.
pub(crate) mod pem {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    pub(crate) fn decode(text: &[u8]) -> Vec<Vec<u8>> {
        let text = core::str::from_utf8(text).unwrap().trim_end_matches('\0');
        let blocks = text.split("-----END CERTIFICATE-----").filter_map(|block| block.split("-----\n").nth(1));
        blocks.map(|body| STANDARD.decode(body.replace('\n', "")).unwrap()).collect()
    }

    /// With the end that the text had: a line feed, a zero, both or nothing.
    pub(crate) fn encode(certificates: &[Vec<u8>], like: &[u8]) -> Vec<u8> {
        let mut text = String::new();
        for der in certificates {
            text.push_str("-----BEGIN CERTIFICATE-----\n");
            for line in STANDARD.encode(der).as_bytes().chunks(64) {
                text.push_str(core::str::from_utf8(line).unwrap());
                text.push('\n');
            }
            text.push_str("-----END CERTIFICATE-----\n");
        }
        let end = like.len() - like.iter().rev().take_while(|byte| [b'\n', 0].contains(byte)).count();
        let mut text = text.trim_end().as_bytes().to_vec();
        text.extend_from_slice(&like[end..]);
        text
    }
}
