//! Recorded answers of the makers, from `SEALROOM_VECTORS` (default `../shared/vectors` beside the repository), replayed
//! as their services send them.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use sealroom_attestation::snp::{Product, SigningKey};
use sealroom_attestation::{Endorsements, IntelTee, Needed, PckCa};
use sealroom_endorsements::FetchError;

use crate::server::{Reply, status, with};
use crate::world::World;

/// 2023-06-20, when Intel's answers of that month were valid.
const IN_JUNE_2023: u64 = 1_687_219_200;
/// 2025-06-25.
const IN_JUNE_2025: u64 = 1_750_809_600;

/// The folder, or `None` after saying by name that the test did not run.
fn folder(test: &str) -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/vectors");
    let folder = std::env::var_os("SEALROOM_VECTORS").map_or_else(beside, PathBuf::from);
    if folder.join("SOURCES.tsv").is_file() {
        return Some(folder);
    }
    let missing = format!("no recorded answers in {} (set SEALROOM_VECTORS)", folder.display());
    assert!(std::env::var_os("SEALROOM_REQUIRE_ALL").is_none(), "{test} did not run: {missing}");
    // Past the test harness, which keeps what a passing test prints to itself.
    drop(writeln!(std::io::stderr(), "NOT RUN {test}: {missing}"));
    None
}

fn read(folder: &Path, name: &str) -> Vec<u8> {
    std::fs::read(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn from_hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

/// As Intel writes certificates into headers: everything but letters and digits as `%` and two digits.
fn percent_encoded(text: &str) -> String {
    let one = |byte: u8| {
        if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") }
    };
    text.bytes().map(one).collect()
}

/// What common tools keep of Intel's answers for one quote.
struct Recorded {
    tee: IntelTee,
    fmspc: [u8; 6],
    ca: PckCa,
    values: serde_json::Value,
}

impl Recorded {
    fn text(&self, name: &str) -> &str {
        self.values[name].as_str().unwrap()
    }

    /// The body of a service's answer: the document's own bytes, and its signature.
    fn document(&self, name: &str, tool: &str) -> Vec<u8> {
        let signature = self.text(&format!("{tool}_signature"));
        format!("{{\"{name}\":{},\"signature\":\"{signature}\"}}", self.text(tool)).into_bytes()
    }

    fn reply(&self, path: &str) -> Reply {
        let prefix = match self.tee {
            IntelTee::Sgx => "/sgx/certification/v4/",
            IntelTee::Tdx => "/tdx/certification/v4/",
        };
        let fmspc: String = self.fmspc.iter().map(|byte| format!("{byte:02X}")).collect();
        let chain = |name: &str| percent_encoded(self.text(name));
        if path == format!("{prefix}tcb?fmspc={fmspc}") {
            let issuers = chain("tcb_info_issuer_chain");
            return with(200, &[("TCB-Info-Issuer-Chain", &issuers)], &self.document("tcbInfo", "tcb_info"));
        }
        if path == format!("{prefix}qe/identity") {
            let issuers = chain("qe_identity_issuer_chain");
            let body = self.document("enclaveIdentity", "qe_identity");
            return with(200, &[("SGX-Enclave-Identity-Issuer-Chain", &issuers)], &body);
        }
        let ca = match self.ca {
            PckCa::Platform => "platform",
            PckCa::Processor => "processor",
        };
        if path == format!("/sgx/certification/v4/pckcrl?ca={ca}&encoding=der") {
            return with(200, &[], &from_hex(self.text("pck_crl")));
        }
        if path == "/root.der" { with(200, &[], &from_hex(self.text("root_ca_crl"))) } else { status(404) }
    }
}

#[tokio::test]
async fn all_of_intels_answers_for_a_quote_are_fetched_kept_and_decode() {
    let Some(folder) = folder("all_of_intels_answers_for_a_quote_are_fetched_kept_and_decode") else { return };
    for (file, tee, fmspc, ca) in [
        ("tdx/dcap-qvl/tdx_quote_collateral.json", IntelTee::Tdx, [0xb0, 0xc0, 0x6f, 0, 0, 0], PckCa::Platform),
        ("sgx/dcap-qvl/sgx_quote_collateral.json", IntelTee::Sgx, [0, 0xa0, 0x67, 0x11, 0, 0], PckCa::Processor),
    ] {
        let values = serde_json::from_slice(&read(&folder, file)).unwrap();
        let recorded = Recorded { tee, fmspc, ca, values };
        let expected = [
            vec![recorded.document("tcbInfo", "tcb_info"), recorded.text("tcb_info_issuer_chain").into()],
            vec![recorded.document("enclaveIdentity", "qe_identity"), recorded.text("qe_identity_issuer_chain").into()],
            vec![from_hex(recorded.text("pck_crl"))],
            vec![from_hex(recorded.text("root_ca_crl"))],
            // No service gives it out alone.
            vec![recorded.text("tcb_info_issuer_chain").into()],
        ];
        let world = World::new(move |asked| recorded.reply(&asked.path)).await;
        world.clock.set(IN_JUNE_2025);
        let needed = [
            Needed::IntelTcbInfo { tee, fmspc },
            Needed::IntelQeIdentity { tee },
            Needed::IntelPckRevocationList { ca },
            Needed::IntelRootRevocationList,
            Needed::Certificate { subject: "Intel SGX TCB Signing".into() },
        ];
        for from in [world.source.fetch(&needed).await, world.source.cached(&needed).await] {
            let files: Vec<_> = from.into_iter().map(|(_, outcome)| outcome.unwrap().into_files()).collect();
            assert_eq!(files, expected, "{file}");
            // What is fetched is what the Verifier reads.
            let all = Endorsements::decode_all(files.iter().flatten().map(Vec::as_slice)).unwrap();
            assert_eq!((all.tcb_infos().len(), all.qe_identities().len(), all.revocation_lists().len()), (1, 1, 2));
        }
        assert_eq!(world.server.asked().len(), 4);
        assert_eq!(world.source.show().await.unwrap().len(), 4);
    }
}

#[tokio::test]
async fn intels_answers_of_2023_are_good_then_and_said_to_be_expired_today() {
    let Some(folder) = folder("intels_answers_of_2023_are_good_then_and_said_to_be_expired_today") else { return };
    let values: serde_json::Value =
        serde_json::from_slice(&read(&folder, "tdx/dcap-qvl/tdx_quote_collateral.json")).unwrap();
    let issuers = percent_encoded(values["tcb_info_issuer_chain"].as_str().unwrap());
    let tee = IntelTee::Tdx;
    let tcb_info = |fmspc| Needed::IntelTcbInfo { tee, fmspc };
    let fmspc = [0x50, 0x80, 0x6f, 0, 0, 0];
    for (needed, file, expired) in [
        (tcb_info(fmspc), "tdx/go-tdx-guest/sample_tcbInfo_response", 1_689_669_778),
        (Needed::IntelQeIdentity { tee }, "tdx/go-tdx-guest/sample_qeIdentity_response", 1_688_801_099),
        (Needed::IntelPckRevocationList { ca: PckCa::Platform }, "tdx/go-tdx-guest/pckcrl", 1_688_801_272),
        (Needed::IntelRootRevocationList, "tdx/go-tdx-guest/rootcrl.der", 1_712_053_371),
    ] {
        let body = read(&folder, file);
        let answer = body.clone();
        let headers = issuers.clone();
        let world = World::new(move |_| {
            let chains =
                ["TCB-Info-Issuer-Chain", "SGX-Enclave-Identity-Issuer-Chain"].map(|name| (name, headers.as_str()));
            with(200, &chains, &answer)
        })
        .await;
        world.clock.set(IN_JUNE_2023);
        let fetched = world.fetch(needed.clone()).await.unwrap_or_else(|error| panic!("{file}: {error}"));
        assert_eq!((&fetched.files()[0], fetched.expires_unix_seconds()), (&body, expired), "{file}");
        world.clock.set(IN_JUNE_2025);
        let address = format!("{}{}", world.server.url(), world.server.paths()[0]);
        let renewal = Some(Box::new(FetchError::ServedExpired { address, expired, now: IN_JUNE_2025 }));
        assert_eq!(
            world.fetch(needed).await,
            Err(FetchError::Expired { expired, now: IN_JUNE_2025, renewal }),
            "{file}"
        );
    }
    // Without who signed it, and for another platform than the one asked for.
    let body = read(&folder, "tdx/go-tdx-guest/sample_tcbInfo_response");
    let world = World::new(move |_| with(200, &[], &body)).await;
    for (fmspc, what) in [
        (fmspc, "the header tcb-info-issuer-chain is missing"),
        ([0; 6], "expected fmspc 000000000000, found \"50806f000000\""),
    ] {
        let Err(FetchError::Malformed { what: found, .. }) = world.fetch(tcb_info(fmspc)).await else {
            panic!("{what}")
        };
        assert_eq!(found, what);
    }
}

#[tokio::test]
async fn amds_certificates_for_a_report_are_fetched_kept_and_decode() {
    let Some(folder) = folder("amds_certificates_for_a_report_are_fetched_kept_and_decode") else { return };
    let report = from_hex(String::from_utf8(read(&folder, "snp/virtee/report_milan.hex")).unwrap().trim());
    // AMD 56860, ATTESTATION_REPORT: REPORTED_TCB at 180h, CHIP_ID at 1A0h.
    let reported_tcb: [u8; 8] = report[0x180..0x188].try_into().unwrap();
    let chip_id: [u8; 64] = report[0x1a0..0x1e0].try_into().unwrap();
    let id: String = chip_id.iter().map(|byte| format!("{byte:02x}")).collect();
    let [bootloader, tee, .., snp, microcode] = reported_tcb;
    let asked =
        format!("/vcek/v1/Milan/{id}?blSPL={bootloader:02}&teeSPL={tee:02}&snpSPL={snp:02}&ucodeSPL={microcode:02}");
    let (leaf, vcek_chain) = (read(&folder, "snp/virtee/vcek_milan.der"), read(&folder, "snp/virtee/cert_chain_milan"));
    let vlek_chain = read(&folder, "snp/go-sev-guest/milanvlek.pem");
    let turin_chain = read(&folder, "snp/virtee/cert_chain_turin");
    let expected = [leaf, vcek_chain, vlek_chain, turin_chain];
    let served = expected.clone();
    let world = World::new(move |request| {
        let paths = [&asked, "/vcek/v1/Milan/cert_chain", "/vlek/v1/Milan/cert_chain", "/vcek/v1/Turin/cert_chain"];
        let found = paths.iter().position(|path| *path == request.path);
        found.map_or_else(|| status(404), |at| with(200, &[], &served[at]))
    })
    .await;
    world.clock.set(IN_JUNE_2025);
    let chain = |product, signing_key| Needed::AmdChain { product, signing_key };
    let milan = Some(Product::Milan);
    let needed = [
        // A report of version 2 does not say its line.
        Needed::AmdVcek { product: None, chip_id, reported_tcb },
        chain(None, SigningKey::Vcek),
        chain(milan, SigningKey::Vlek),
        chain(Some(Product::Turin), SigningKey::Vcek),
    ];
    for from in [world.source.fetch(&needed).await, world.source.cached(&needed).await] {
        let files: Vec<_> = from.into_iter().flat_map(|(_, outcome)| outcome.unwrap().into_files()).collect();
        assert_eq!(files, expected);
        let for_milan = Endorsements::decode_all(files.iter().take(2).map(Vec::as_slice)).unwrap();
        assert_eq!(for_milan.certificates().len(), 3);
    }
    assert_eq!(world.server.asked().len(), 4);
}
