//! The files that are, or hold, Evidence of a platform.

use sealroom_attestation::Outcome;
use sealroom_attestation::intel::TcbStatus;

use crate::entry::{
    Anchor, Asked, At, Case, Entry, Inside, JUNE_2023, JUNE_2025, Kind, LATE_JUNE_2023, LATE_JUNE_2025, Loosened,
    MARCH_2026,
};

const MILAN: Anchor = Anchor::Vendor("ARK-Milan");
const GENOA: Anchor = Anchor::Vendor("ARK-Genoa");
const INTEL: Anchor = Anchor::Vendor("Intel SGX Root CA");
const NVIDIA: Anchor = Anchor::Vendor("NVIDIA Device Identity CA");
const AWS: Anchor = Anchor::Vendor("aws.nitro-enclaves");

const NO_LIST: (Loosened, &str) = (Loosened::Revocation, "no revocation list was recorded with it");
const NOBODY_ASKED: Asked = Asked::Nothing("recorded without a challenge of ours");

/// An SEV-SNP report that is good as it is.
const fn snp(endorsements: &'static [&'static str], anchor: Anchor, at: u64) -> Case {
    Case {
        name: "with the chain recorded beside it",
        endorsements,
        anchor,
        at: At::Seconds(at),
        challenge: Asked::AsRecorded,
        loosened: &[NO_LIST],
        outcome: Outcome::Accepted,
        failed: &[],
    }
}

/// A whole VM at Azure that is good as it is.
const fn azure(endorsements: &'static [&'static str], anchor: Anchor, at: u64) -> Case {
    Case {
        name: "the virtual TPM's quote, the paravisor's report and the chain of the hardware",
        challenge: Asked::Text("challenge"),
        ..snp(endorsements, anchor, at)
    }
}

/// The same on TDX, of which no collateral was recorded.
const AZURE_TDX: Case = Case {
    name: "without collateral",
    loosened: &[],
    outcome: Outcome::Undecided,
    failed: &["common.endorsements", "common.revocation"],
    ..azure(&[], INTEL, LATE_JUNE_2025)
};

/// A quote of Intel's.
const fn quote(name: &'static str, endorsements: &'static [&'static str], at: u64) -> Case {
    Case {
        name,
        endorsements,
        anchor: INTEL,
        at: At::Seconds(at),
        challenge: Asked::AsRecorded,
        loosened: &[],
        outcome: Outcome::Accepted,
        failed: &[],
    }
}

/// A Nitro document, a second after it was made.
const NITRO: Case = Case {
    name: "a second after it was made",
    endorsements: &[],
    anchor: AWS,
    at: At::AfterMade(1),
    challenge: NOBODY_ASKED,
    loosened: &[],
    outcome: Outcome::Accepted,
    failed: &[],
};
const NITRO_FIVE_MINUTES: Case = Case {
    name: "five minutes and a second after",
    at: At::AfterMade(301),
    outcome: Outcome::Refused,
    failed: &["nitro.timestamp"],
    ..NITRO
};
const NITRO_FOUR_HOURS: Case = Case {
    name: "four hours after, when its leaf has expired",
    at: At::AfterMade(4 * 3600),
    outcome: Outcome::Undecided,
    failed: &["common.time"],
    ..NITRO
};

/// A report of a GPU with the chain of its key.
const GPU: Case = Case {
    name: "with the chain recorded beside it",
    endorsements: &["nvidia/hopper_cert_chain_case1.txt"],
    anchor: NVIDIA,
    at: At::Seconds(JUNE_2025),
    challenge: NOBODY_ASKED,
    loosened: &[NO_LIST],
    outcome: Outcome::Accepted,
    failed: &[],
};
const GPU_WITH_A_HOLE: Case = Case { outcome: Outcome::Undecided, failed: &["common.endorsements"], ..GPU };

const TDX_2025: &[&str] = &["tdx/dcap-qvl/tdx_quote_collateral.json"];
const TDX_2026: &[&str] = &["tdx/dcap-qvl/tdx_quote_outdated_collateral.json"];
const SGX_2025: &[&str] = &["sgx/dcap-qvl/sgx_quote_collateral.json"];
const TDX_2023: &[&str] = &[
    "tdx/go-tdx-guest/sample_tcbInfo_response",
    "tdx/go-tdx-guest/sample_qeIdentity_response",
    "tdx/go-tdx-guest/rootcrl.der",
    "tdx/go-tdx-guest/pckcrl",
];
const OTHER_CHIP: &[&str] = &["common.chain-signatures", "snp.signature", "snp.firmware-certified", "snp.chip-id"];
const GENOA_CHAIN: &[&str] = &["azure-vtpm/snp/evidence-genoa.json#vcek", "snp/roots/genoa/ask.pem"];
const MILAN_OF_TRUSTEE: &[&str] = &["snp/trustee/test-vcek.der", "snp/roots/milan/ask.pem"];

const fn evidence(file: &'static str, inside: Inside, cases: &'static [Case]) -> Entry {
    Entry { file, kind: Kind::Evidence { inside, cases } }
}

pub(crate) const ENTRIES: &[Entry] = &[
    evidence(
        "snp/trustee/test-report.bin",
        Inside::Whole,
        &[
            snp(MILAN_OF_TRUSTEE, MILAN, JUNE_2023),
            Case {
                name: "with the VCEK of another chip, and not as AMD signed it",
                endorsements: &["snp/trustee/test-vcek-invalid-new.der", "snp/roots/milan/ask.pem"],
                outcome: Outcome::NotAuthentic,
                failed: OTHER_CHIP,
                ..snp(&[], MILAN, JUNE_2025)
            },
            Case {
                name: "the same with one whose hardware id is in the old form",
                endorsements: &["snp/trustee/test-vcek-invalid-legacy.der", "snp/roots/milan/ask.pem"],
                outcome: Outcome::NotAuthentic,
                failed: OTHER_CHIP,
                ..snp(&[], MILAN, JUNE_2025)
            },
            Case {
                name: "demanding a revocation list",
                loosened: &[],
                outcome: Outcome::Undecided,
                failed: &["common.revocation"],
                ..snp(MILAN_OF_TRUSTEE, MILAN, JUNE_2023)
            },
        ],
    ),
    evidence(
        "snp/trustee/test-vlek-report.bin",
        Inside::Whole,
        &[snp(&["snp/trustee/test-vlek.der", "snp/go-sev-guest/milanvlek.pem"], MILAN, JUNE_2025)],
    ),
    evidence(
        "snp/virtee/report_milan.hex",
        Inside::Hex,
        &[snp(&["snp/virtee/vcek_milan.der", "snp/virtee/cert_chain_milan"], MILAN, JUNE_2023)],
    ),
    evidence(
        "snp/go-sev-guest/attestation.bin",
        Inside::Whole,
        &[Case {
            name: "genuine, of a guest whose memory its host may read",
            outcome: Outcome::Refused,
            failed: &["snp.debug"],
            ..snp(&["snp/go-sev-guest/vcek.der", "snp/go-sev-guest/milan.pem"], MILAN, JUNE_2023)
        }],
    ),
    evidence(
        "azure-vtpm/snp/hcl-report.bin",
        Inside::Paravisor,
        &[snp(&["azure-vtpm/snp/vcek.pem"], MILAN, JUNE_2023)],
    ),
    evidence(
        "azure-vtpm/snp/evidence-v0.json",
        Inside::AzureJson,
        &[azure(&["azure-vtpm/snp/evidence-v0.json#vcek", "snp/roots/milan/ask.pem"], MILAN, JUNE_2025)],
    ),
    evidence(
        "azure-vtpm/snp/evidence-v1.json",
        Inside::AzureJson,
        &[azure(&["azure-vtpm/snp/evidence-v1.json#vcek", "snp/roots/milan/ask.pem"], MILAN, JUNE_2025)],
    ),
    evidence(
        "azure-vtpm/snp/evidence-v2.json",
        Inside::AzureJson,
        &[Case {
            challenge: Asked::AsRecorded,
            ..azure(&["azure-vtpm/snp/evidence-v2.json#vcek", "snp/roots/milan/ask.pem"], MILAN, JUNE_2025)
        }],
    ),
    evidence(
        "azure-vtpm/snp/evidence-genoa.json",
        Inside::AzureJson,
        &[
            Case { challenge: Asked::AsRecorded, ..azure(GENOA_CHAIN, GENOA, JUNE_2025) },
            Case {
                name: "under the root of another product line",
                challenge: Asked::AsRecorded,
                outcome: Outcome::Undecided,
                failed: &["common.endorsements"],
                ..azure(GENOA_CHAIN, MILAN, JUNE_2025)
            },
        ],
    ),
    evidence(
        "azure-vtpm/snp/quote.bin",
        Inside::AzureKeptQuote,
        &[azure(&["azure-vtpm/snp/vcek.pem"], MILAN, JUNE_2023)],
    ),
    evidence(
        "azure-vtpm/snp/tpm-quote-v1.json",
        Inside::AzureJsonQuote,
        &[
            azure(&["azure-vtpm/snp/vcek.pem"], MILAN, JUNE_2023),
            Case {
                name: "asked for less than all of its nonce",
                challenge: Asked::Text("challeng"),
                outcome: Outcome::NotAuthentic,
                failed: &["common.freshness"],
                ..azure(&["azure-vtpm/snp/vcek.pem"], MILAN, JUNE_2023)
            },
        ],
    ),
    evidence("azure-vtpm/tdx/evidence-v0.json", Inside::AzureJson, &[AZURE_TDX]),
    evidence("azure-vtpm/tdx/evidence-v1.json", Inside::AzureJson, &[AZURE_TDX]),
    evidence("azure-vtpm/tdx/quote.bin", Inside::AzureKeptQuote, &[AZURE_TDX]),
    evidence("azure-vtpm/tdx/tpm-quote-v1.json", Inside::AzureJsonQuote, &[AZURE_TDX]),
    evidence(
        "tdx/dcap-qvl/tdx_quote",
        Inside::Whole,
        &[
            Case {
                loosened: &[(Loosened::Age, "no level of it is out of date")],
                ..quote("with its collateral", TDX_2025, LATE_JUNE_2025)
            },
            Case {
                outcome: Outcome::Undecided,
                failed: &["dcap.fmspc"],
                ..quote("with the collateral of another machine", TDX_2026, MARCH_2026)
            },
            Case {
                outcome: Outcome::Undecided,
                failed: &["common.revocation", "dcap.collateral-time"],
                ..quote("with its collateral, when that has expired", TDX_2025, LATE_JUNE_2025 + 60 * 24 * 3600)
            },
        ],
    ),
    evidence(
        "tdx/dcap-qvl/tdx_quote_outdated",
        Inside::Whole,
        &[Case {
            outcome: Outcome::NotAuthentic,
            failed: &["dcap.tcb-level"],
            ..quote("below every level that Intel lists", TDX_2026, MARCH_2026)
        }],
    ),
    evidence(
        "tdx/go-tdx-guest/quote_v5_sample.dat",
        Inside::Whole,
        &[quote("with collateral of its line of machines", TDX_2026, MARCH_2026)],
    ),
    evidence(
        "tdx/go-tdx-guest/tdx_prod_quote_SPR_E4.dat",
        Inside::Whole,
        &[Case {
            outcome: Outcome::Malformed,
            failed: &["common.evidence-size"],
            ..quote("39 bytes stand after the quote", TDX_2023, LATE_JUNE_2023)
        }],
    ),
    evidence(
        "tdx/go-tdx-guest/ccel/cos-113-tdx-quote.dat",
        Inside::WithLog("tdx/go-tdx-guest/ccel/ccel_data.dat"),
        &[Case {
            challenge: Asked::File("tdx/go-tdx-guest/ccel/nonce.dat"),
            outcome: Outcome::Undecided,
            failed: &["common.endorsements", "common.revocation"],
            ..quote("with its event log, without collateral", &[], LATE_JUNE_2025)
        }],
    ),
    evidence(
        "azure-vtpm/tdx/td-quote.bin",
        Inside::Whole,
        &[Case {
            outcome: Outcome::Undecided,
            failed: &["common.endorsements", "common.revocation"],
            ..quote("without collateral", &[], LATE_JUNE_2025)
        }],
    ),
    evidence(
        "sgx/dcap-qvl/sgx_quote",
        Inside::Whole,
        &[
            Case {
                loosened: &[(
                    Loosened::Status(TcbStatus::ConfigurationAndSwHardeningNeeded),
                    "Intel says so of every machine of this line with multithreading on",
                )],
                outcome: Outcome::AcceptedWithWarnings,
                ..quote("with its collateral, accepting what Intel says of it", SGX_2025, LATE_JUNE_2025)
            },
            Case {
                outcome: Outcome::Refused,
                failed: &["dcap.tcb-status"],
                ..quote("with its collateral, demanding that it is up to date", SGX_2025, LATE_JUNE_2025)
            },
            Case {
                outcome: Outcome::Undecided,
                failed: &["common.endorsements", "common.revocation"],
                ..quote("with the collateral of a TDX quote", TDX_2025, LATE_JUNE_2025)
            },
        ],
    ),
    evidence(
        "sgx/trustee/occlum_quote.dat",
        Inside::Whole,
        &[Case {
            outcome: Outcome::Undecided,
            failed: &["common.endorsements", "common.revocation"],
            ..quote("without collateral", &[], LATE_JUNE_2023)
        }],
    ),
    evidence("nitro/dstack/nitro_attestation.bin", Inside::Scale, &[NITRO, NITRO_FIVE_MINUTES, NITRO_FOUR_HOURS]),
    evidence("nitro/dstack/nitro_attestation_app.bin", Inside::Scale, &[NITRO, NITRO_FIVE_MINUTES, NITRO_FOUR_HOURS]),
    evidence(
        "nitro/dstack/nitro_attestation_dbg.bin",
        Inside::Scale,
        &[Case {
            name: "genuine, of an enclave whose console its host reads",
            loosened: &[(Loosened::OtherMeasurement, "its own is zero, which no policy may name")],
            outcome: Outcome::Refused,
            failed: &["nitro.debug"],
            ..NITRO
        }],
    ),
    evidence(
        "cca/cca-example-token.cbor",
        Inside::Whole,
        &[Case {
            name: "with the platform's key recorded beside it",
            endorsements: &[],
            anchor: Anchor::Key("cca/cpak-pub.json", "the key that stands beside the recorded token"),
            at: At::Any,
            challenge: NOBODY_ASKED,
            loosened: &[],
            outcome: Outcome::Accepted,
            failed: &[],
        }],
    ),
    evidence(
        "nvidia/hopperAttestationReport.txt",
        Inside::Hex,
        &[
            GPU,
            Case {
                name: "with the root alone",
                endorsements: &["nvidia/hopper_cert_chain_case2.txt"],
                ..GPU_WITH_A_HOLE
            },
            Case {
                name: "with a chain that lacks an authority",
                endorsements: &["nvidia/hopper_cert_chain_case3.txt"],
                ..GPU_WITH_A_HOLE
            },
            Case {
                name: "with a chain that lacks the leaf",
                endorsements: &["nvidia/hopper_cert_chain_case4.txt"],
                ..GPU_WITH_A_HOLE
            },
            Case {
                name: "demanding revocation lists",
                loosened: &[],
                outcome: Outcome::Undecided,
                failed: &["common.revocation"],
                ..GPU
            },
        ],
    ),
];
