//! The makers' services on this machine: one thread, one request a connection, answers that were recorded.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;

/// What a service has under a path: headers and a body.
pub(crate) type Answer = Option<(Vec<(&'static str, String)>, Vec<u8>)>;

/// Serves what `answer` has for each path; what it does not have is 404. Gives the address, without a slash at its end.
pub(crate) fn serve(answer: impl Fn(&str) -> Answer + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = [0; 4096];
            let length = stream.read(&mut request).unwrap();
            let request = String::from_utf8_lossy(&request[..length]).into_owned();
            let found = answer(request.split(' ').nth(1).unwrap_or_default());
            let status = if found.is_some() { "200 OK" } else { "404 Not Found" };
            let (headers, body) = found.unwrap_or_default();
            let mut head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n", body.len());
            for (name, value) in headers {
                head.push_str(&format!("{name}: {value}\r\n"));
            }
            head.push_str("\r\n");
            // Who asked may be gone.
            drop(stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body)));
        }
    });
    address
}

/// AMD's answers for one Milan chip. Its revocation list was not recorded.
pub(crate) fn amd(leaf: Vec<u8>, chain: Vec<u8>) -> String {
    serve(move |path| match path {
        _ if path.ends_with("/vcek/v1/Milan/cert_chain") => Some((Vec::new(), chain.clone())),
        _ if path.ends_with("/vcek/v1/Milan/crl") => None,
        _ if path.contains("/vcek/v1/Milan/") => Some((Vec::new(), leaf.clone())),
        _ => None,
    })
}

/// Intel's answers for the TDX quotes of one line of machines, out of what the common tools keep of them.
pub(crate) struct Intel {
    values: serde_json::Value,
}

impl Intel {
    pub(crate) fn recorded(collateral: &[u8]) -> Self {
        Self { values: serde_json::from_slice(collateral).unwrap() }
    }

    /// The same as if none of it had ended, which its signatures no longer fit.
    pub(crate) fn with_later_ends(mut self) -> Self {
        for name in ["tcb_info", "qe_identity"] {
            let text = self.text(name).to_owned();
            let (before, after) = text.split_once("\"nextUpdate\":\"").unwrap();
            self.values[name] = format!("{before}\"nextUpdate\":\"2049{}", &after[4..]).into();
        }
        for name in ["pck_crl", "root_ca_crl"] {
            // The second UTCTime of a list is its next update (RFC 5280 section 5.1.2): 13 digits and a Z.
            let mut list = hex::decode(self.text(name)).unwrap();
            let times: Vec<usize> = (0..list.len() - 1).filter(|at| list[*at..*at + 2] == [0x17, 13]).collect();
            list[times[1] + 2..times[1] + 4].copy_from_slice(b"49");
            self.values[name] = hex::encode(list).into();
        }
        self
    }

    /// Serves it. The revocation list of the root is under `/root.der`.
    pub(crate) fn serve(self, fmspc: &'static str) -> String {
        serve(move |path| self.answer(path, fmspc))
    }

    fn text(&self, name: &str) -> &str {
        self.values[name].as_str().unwrap()
    }

    /// The body of a service's answer: the document's own bytes, and its signature.
    fn document(&self, name: &str, kept: &str) -> Vec<u8> {
        let signature = self.text(&format!("{kept}_signature"));
        format!("{{\"{name}\":{},\"signature\":\"{signature}\"}}", self.text(kept)).into_bytes()
    }

    fn answer(&self, path: &str, fmspc: &str) -> Answer {
        let chain = |name: &'static str, kept| vec![(name, percent_encoded(self.text(kept)))];
        let list = |kept| Some((Vec::new(), hex::decode(self.text(kept)).unwrap()));
        match path {
            "/tdx/certification/v4/qe/identity" => {
                let headers = chain("SGX-Enclave-Identity-Issuer-Chain", "qe_identity_issuer_chain");
                Some((headers, self.document("enclaveIdentity", "qe_identity")))
            }
            "/sgx/certification/v4/pckcrl?ca=platform&encoding=der" => list("pck_crl"),
            "/root.der" => list("root_ca_crl"),
            _ if path == format!("/tdx/certification/v4/tcb?fmspc={fmspc}") => {
                let headers = chain("TCB-Info-Issuer-Chain", "tcb_info_issuer_chain");
                Some((headers, self.document("tcbInfo", "tcb_info")))
            }
            _ => None,
        }
    }
}

/// As Intel writes certificates into headers: everything but letters and digits as `%` and two digits.
fn percent_encoded(text: &str) -> String {
    let one = |byte: u8| {
        if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") }
    };
    text.bytes().map(one).collect()
}
