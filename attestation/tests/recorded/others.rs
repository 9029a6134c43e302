//! The files that are no Evidence: Endorsements, roots, event logs, and what stands beside them.

use sealroom_attestation::event_log::{Algorithm, Register};

use crate::entry::{Entry, Kind, Log};

const fn endorsement(file: &'static str, what: &'static str, holds: [usize; 4]) -> Entry {
    Entry { file, kind: Kind::Endorsement { what, holds } }
}

const fn root(file: &'static str, built_in: Option<&'static str>) -> Entry {
    Entry { file, kind: Kind::Root { built_in } }
}

const fn other(file: &'static str, why: &'static str) -> Entry {
    Entry { file, kind: Kind::Other { why } }
}

const fn log(file: &'static str, events: usize, registers: &'static [(Register, &'static str)]) -> Entry {
    let algorithm = if registers[0].1.len() == 64 { Algorithm::Sha256 } else { Algorithm::Sha384 };
    Entry { file, kind: Kind::EventLog(Log { events, algorithm, registers }) }
}

const VCEK: &str = "VCEK certificate";
const ASK: &str = "ASK certificate";
const CHAIN: [usize; 4] = [2, 0, 0, 0];
const CERTIFICATE: [usize; 4] = [1, 0, 0, 0];
const COLLATERAL: &str = "Intel's collateral for one line of machines, in one object";
const COMBINED: [usize; 4] = [3, 2, 1, 1];
const TCB_INFO: &str = "answer of Intel's service: TCB info";
const QE_IDENTITY: &str = "answer of Intel's service: QE identity";

pub(crate) const ENTRIES: &[Entry] = &[
    root("snp/roots/milan/ark.pem", Some("ARK-Milan")),
    root("snp/roots/genoa/ark.pem", Some("ARK-Genoa")),
    root("snp/roots/turin/ark.pem", Some("ARK-Turin")),
    root("nitro/AWS_NitroEnclaves_Root-G1.pem", Some("aws.nitro-enclaves")),
    root("tpm/dstack/gcp-root-ca.pem", None),
    endorsement("snp/roots/milan/ask.pem", ASK, CERTIFICATE),
    endorsement("snp/roots/genoa/ask.pem", ASK, CERTIFICATE),
    endorsement("snp/roots/turin/ask.pem", ASK, CERTIFICATE),
    endorsement("snp/virtee/vcek_milan.der", VCEK, CERTIFICATE),
    endorsement("snp/virtee/vcek_turin.der", VCEK, CERTIFICATE),
    endorsement("snp/virtee/cert_chain_milan", "ASK and ARK certificates", CHAIN),
    endorsement("snp/virtee/cert_chain_turin", "ASK and ARK certificates", CHAIN),
    endorsement("snp/go-sev-guest/milan.pem", "ASK and ARK certificates", CHAIN),
    endorsement("snp/go-sev-guest/milanvlek.pem", "ASVK and ARK certificates", CHAIN),
    endorsement("snp/go-sev-guest/vcek.der", VCEK, CERTIFICATE),
    endorsement("snp/trustee/test-vcek.der", VCEK, CERTIFICATE),
    endorsement("snp/trustee/test-vcek-invalid-legacy.der", VCEK, CERTIFICATE),
    endorsement("snp/trustee/test-vcek-invalid-new.der", VCEK, CERTIFICATE),
    endorsement("snp/trustee/test-vlek.der", "VLEK certificate", CERTIFICATE),
    endorsement("azure-vtpm/snp/vcek.pem", "VCEK, ASK and ARK certificates", [3, 0, 0, 0]),
    endorsement("azure-vtpm/snp/vcek-genoa.pem", VCEK, CERTIFICATE),
    endorsement("tdx/dcap-qvl/tdx_quote_collateral.json", COLLATERAL, COMBINED),
    endorsement("tdx/dcap-qvl/tdx_quote_outdated_collateral.json", COLLATERAL, COMBINED),
    endorsement("sgx/dcap-qvl/sgx_quote_collateral.json", COLLATERAL, COMBINED),
    endorsement("tdx/go-tdx-guest/pckcrl", "revocation list of the PCK Platform CA", [0, 1, 0, 0]),
    endorsement("tdx/go-tdx-guest/rootcrl.der", "revocation list of the Intel SGX Root CA", [0, 1, 0, 0]),
    endorsement("tdx/go-tdx-guest/sample_tcbInfo_response", TCB_INFO, [0, 0, 1, 0]),
    endorsement("tdx/go-tdx-guest/sample_tcbinfo_response_v5", TCB_INFO, [0, 0, 1, 0]),
    endorsement("tdx/go-tdx-guest/sample_qeIdentity_response", QE_IDENTITY, [0, 0, 0, 1]),
    endorsement("sgx/trustee/enclaveIdentity.json", QE_IDENTITY, [0, 0, 0, 1]),
    endorsement("nvidia/hopper_cert_chain_case1.txt", "chain of a GPU's key", [5, 0, 0, 0]),
    root("nvidia/hopper_cert_chain_case2.txt", Some("NVIDIA Device Identity CA")),
    endorsement(
        "nvidia/hopper_cert_chain_case3.txt",
        "chain of a GPU's key, without one of its authorities",
        [4, 0, 0, 0],
    ),
    endorsement("nvidia/hopper_cert_chain_case4.txt", "chain of a GPU's key, without its leaf", [4, 0, 0, 0]),
    // Computed from the files by a script that shares nothing with the crate.
    log(
        "eventlog/trustee/CCEL_data_gcp",
        21,
        &[
            (
                Register::Rtmr(0),
                "3300980705adf09d28b707b79699d9874892164280832be2c386a715b6e204e0897fb564a064f810659207ba862b304f",
            ),
            (
                Register::Rtmr(1),
                "204d49f78d29918fe7b2f694e76653861a0c2a018987d2c3a54266eff737232524cf0af68c4d180e2f8c2c0937f21967",
            ),
        ],
    ),
    log(
        "eventlog/trustee/CCEL_data_grub",
        37,
        &[
            (
                Register::Rtmr(0),
                "cec0a104f691f60da2387fea3c2de00c4ac035e2bb479ff02edcce69039d9e9907f0b3e55031da3dc7038f423adebd79",
            ),
            (
                Register::Rtmr(1),
                "6c289e0c62182d41ebe97bdbc9872d10998a08eaa86adcdc684001a363207ee72942c7522cdf00a4bbc3d784bed7b670",
            ),
            (
                Register::Rtmr(2),
                "08919d017ba0e52cd6d966351c7de16fe76c1d3d3d3da4554239e4c7d16cb8b82a94e7eaea3a0e6e18eb690b999fd31e",
            ),
        ],
    ),
    log(
        "eventlog/trustee/CCEL_data_ovmf",
        20,
        &[
            (
                Register::Rtmr(0),
                "8566f998798db09443b244c62de9a3041fb02e2e6936c4396d784bba2e90177329ec5aba3bb484404f2ab9cc90abe193",
            ),
            (
                Register::Rtmr(1),
                "775b9f6bfe99f8a31396f0d0218e67ffa796d3b96ccf961cbb0deba48c79c00f082cda1a5567c1c16305f1fc210c13c6",
            ),
            (
                Register::Rtmr(2),
                "94eaf7a7bf398ed8d888c91057ae0261802e4f3df084213a76ca7f0b5055ac9d2241de43cd58d9e8b49c503bbf25f34a",
            ),
        ],
    ),
    // What the quote that was made with it says.
    log(
        "tdx/go-tdx-guest/ccel/ccel_data.dat",
        43,
        &[
            (
                Register::Rtmr(0),
                "3fa2f61f395b7f5feefb4ec2df61297f109ad8abcd6410c1b7df60f21f37b19297fc35e544039c7e1edece752afd17f6",
            ),
            (
                Register::Rtmr(1),
                "f62dbc072bd5d3f3438b7b35c39a727f5aea2ffc2473f43723953f530daf62504f0a7944aa62c41a86e8a878c2b122c1",
            ),
            (
                Register::Rtmr(2),
                "4969684dc87381fc3b3134176c8d8806eaf0a901859f5f70cfae8d17714b46c10a8de219048c9fc09f11f381a6fbe7c1",
            ),
            (
                Register::Rtmr(3),
                "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000",
            ),
        ],
    ),
    // Computed by another implementation; the digest in the quote that was made with it is of the first three.
    log(
        "tpm/dstack/tpm_eventlog.bin",
        45,
        &[
            (Register::Pcr(0), "0cca9ec161b09288802e5a112255d21340ed5b797f5fe29cecccfd8f67b9f802"),
            (Register::Pcr(1), "0c56546d1549a5c27b77602d48c4afaa071cf36d5b0c36e8af84962e269ad0a5"),
            (Register::Pcr(2), "1f74355f18d9aab3a26faa060d2058726554207d040c63d25d501d97f5a41e0f"),
            (Register::Pcr(3), "3d458cfe55cc03ea1f443f1562beec8df51c75e14a9fcf9a7234a13f198e7969"),
            (Register::Pcr(4), "7a94ffe8a7729a566d3d3c577fcb4b6b1e671f31540375f80eae6382ab785e35"),
            (Register::Pcr(5), "a5ceb755d043f32431d63e39f5161464620a3437280494b5850dc1b47cc074e0"),
            (Register::Pcr(6), "3d458cfe55cc03ea1f443f1562beec8df51c75e14a9fcf9a7234a13f198e7969"),
            (Register::Pcr(7), "02836eb5a7a5ba639a26164ac6c57d69e2d00681049cc9e55922753ea7153f01"),
            (Register::Pcr(9), "b6f84aea75e7ce10698d55bc790610b9a7436198ec8a16d5ee8042bcab27206f"),
            (Register::Pcr(11), "16c654f49c03f385bc4d286302ff60213a3ab8aea0e38ffc2fc573ca15e26eb0"),
        ],
    ),
    other("SOURCES.tsv", "says where each file comes from"),
    other("azure-vtpm/snp/tpm-quote.msg", "a quote whose values and key were not recorded: the tests of TPMs read it"),
    other("azure-vtpm/snp/tpm-quote.sig", "the signature of that quote"),
    other(
        "azure-vtpm/tdx/hcl-report.bin",
        "the report of the paravisor: part of the Evidence whose quote stands beside it",
    ),
    other(
        "tpm/dstack/tpm_quote_sample.bin",
        "a quote without its signature: the tests of event logs compare its digest with what the log beside it replays to",
    ),
    other(
        "nvidia/hopperAttestationReport-claims.txt",
        "another decoder's account of the report beside it: the tests of GPUs compare ours with it",
    ),
    other("cca/cca-claims.json", "another decoder's account of the token beside it"),
    other("cca/cpak-pub.json", "the platform's key, which the policy for the token beside it pins"),
    other(
        "eventlog/trustee/CCEL_data_grub_out.json",
        "another decoder's account of the log beside it: the tests of event logs compare ours with it",
    ),
    other(
        "tdx/trustee/parse_tdx_claims_expected.json",
        "another decoder's account of a quote that was not recorded: the tests of TDX compare names with it",
    ),
    other("tdx/go-tdx-guest/ccel/nonce.dat", "the challenge that the quote beside it answers"),
    other(
        "snp/virtee/measurement/ovmf_AmdSev_suffix.bin",
        "the end of a firmware image: the tests of expected measurements read it",
    ),
    other(
        "snp/virtee/measurement/ovmf_OvmfX64_suffix.bin",
        "the end of a firmware image: the tests of expected measurements read it",
    ),
    other(
        "snp/virtee/measurement/test_auth_block.bin",
        "an ID block with its signatures, which a host gives to firmware: never part of a report",
    ),
];
