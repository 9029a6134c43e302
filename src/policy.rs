//! From a contract's terms to the Verifier's policy, and what one party demands beyond them.
//!
//! What always holds: what a party adds only takes enclaves away; an accept block whose operator has not stated that this
//! enclave is its own is no accept block.

use crate::appraise::RoomCheck;
use crate::evidence::EvidenceBundle;
use sealroom_attestation::snp::{self, SigningKey, TcbVersion};
use sealroom_attestation::{Fingerprint, Measurement, Policy, PolicyError, Requirement, Rule, TrustAnchor};
use sealroom_protocol::contract::{Contract, EnclaveTerms, FirmwareLevel, Platform};
use sealroom_protocol::run::{SignedStatement, Statement};

/// What a party demands of an enclave beyond the contract.
///
/// There is no default: whoever is content with the contract says so.
///
/// ```compile_fail
/// let stricter = sealroom::Stricter::default();
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "whoever demands something decides about every field")]
pub struct Stricter {
    /// Refuse simulated platforms, also where the contract accepts them.
    pub refuse_simulated: bool,
    /// The least firmware level, compared part by part with the contract's; the higher one counts.
    pub minimum_firmware: Option<FirmwareLevel>,
    /// Only these machines, by chip id. Where the contract pins machines too, it must be in both lists.
    pub machines: Option<Vec<[u8; 64]>>,
}

impl Stricter {
    /// Nothing beyond what this party signed.
    #[must_use]
    pub const fn as_signed() -> Self {
        Self { refuse_simulated: false, minimum_firmware: None, machines: None }
    }
}

/// No enclave at all would be accepted: the checks that say why.
#[derive(Debug)]
pub(crate) struct Refused(pub(crate) Vec<RoomCheck>);

type PolicyAndChecks = Result<(Policy, Vec<RoomCheck>), Refused>;

/// The Verifier's policy, with the checks that were made on the way.
pub(crate) fn policy_of(
    contract: &Contract,
    bundle: &EvidenceBundle,
    stricter: &Stricter,
    now: u64,
) -> Result<PolicyAndChecks, PolicyError> {
    let mut blocks = Vec::new();
    let mut checks = Vec::new();
    for (index, terms) in contract.terms().enclaves.iter().enumerate() {
        let name = format!("enclave {}", index.saturating_add(1));
        let simulated = simulated_check(&name, terms, stricter);
        let operator = operator_check(&name, contract, terms, bundle, now);
        let accepted = [&simulated, &operator].into_iter().flatten().all(RoomCheck::holds);
        checks.extend([simulated, operator].into_iter().flatten());
        if accepted {
            match terms.platform {
                Platform::AmdSevSnp => blocks.push(snp_block(name, terms, stricter)?.into()),
            }
        }
    }
    if blocks.is_empty() {
        return Ok(Err(Refused(checks)));
    }
    // A block that fell away is no failure while another is left: the Verifier says whether that one holds.
    checks.retain(RoomCheck::holds);
    Policy::new(blocks).map(|policy| Ok((policy, checks)))
}

fn simulated_check(name: &str, terms: &EnclaveTerms, stricter: &Stricter) -> Option<RoomCheck> {
    let refused = terms.simulated && stricter.refuse_simulated;
    refused.then(|| RoomCheck {
        id: "room.simulated",
        status: "fail",
        expected: "real hardware, as this party demands".into(),
        found: format!("{name} of the contract accepts a simulated platform"),
        hint: "do not demand real hardware here, or agree on a contract that names some",
    })
}

fn operator_check(
    name: &str,
    contract: &Contract,
    terms: &EnclaveTerms,
    bundle: &EvidenceBundle,
    now: u64,
) -> Option<RoomCheck> {
    let operator = terms.operator.as_ref()?;
    let stated = || -> Result<String, &'static str> {
        let bytes = bundle.operator_statement.as_ref().ok_or("no statement")?;
        let signed = SignedStatement::decode(&bytes.0).map_err(|_| "a statement that does not decode")?;
        match signed.verify(operator).map_err(|_| "a statement that the operator did not sign")? {
            Statement::Operator { contract: of, enclave_key, site, expires } => {
                if *of != contract.id() {
                    Err("a statement about another contract")
                } else if *enclave_key != bundle.enclave_key {
                    Err("a statement about another enclave")
                } else if *expires <= now {
                    Err("a statement that has expired")
                } else {
                    Ok(format!("stated, not measured: it stands at {:?}", site))
                }
            }
            Statement::HostRegion { .. } => Err("a statement about something else"),
        }
    };
    let (status, found) = match stated() {
        Ok(found) => ("pass", found),
        Err(found) => ("fail", found.to_owned()),
    };
    Some(RoomCheck {
        id: "room.operator",
        status,
        expected: format!("for {name}, a statement by {operator} that this enclave is its own"),
        found,
        hint: "ask the operator for a statement about this contract and this enclave's key",
    })
}

fn snp_block(name: String, terms: &EnclaveTerms, stricter: &Stricter) -> Result<snp::Accept, PolicyError> {
    let unnamed = || "the contract does not name it";
    let minimum = level(terms.minimum_firmware, stricter.minimum_firmware);
    let machines = machines(terms, stricter);
    let pinned = machines.is_some();
    Ok(snp::Accept {
        name,
        trust_anchor: TrustAnchor::new(Fingerprint::from_sha256(terms.trust_anchor), terms.simulated)?,
        report_versions: vec![2, 3, 4, 5],
        signing_keys: if pinned { vec![SigningKey::Vcek] } else { vec![SigningKey::Vcek, SigningKey::Vlek] },
        revocation: Requirement::Required,
        visible_chip_id: if pinned { Requirement::Required } else { Requirement::skip("the contract pins no machine") },
        measurements: vec![Measurement::sha384(terms.measurement)],
        machines: machines.map_or_else(|| Rule::skip("the contract pins no machine"), Rule::Require),
        minimum_firmware: Rule::Require(minimum),
        minimum_launch_firmware: Rule::Require(minimum),
        committed_firmware: Requirement::skip(
            "firmware that is taken back shows in the reported level, which has a minimum",
        ),
        guest_policy: snp::Bits { set: 0, clear: 0 },
        minimum_guest_abi: Rule::skip(unnamed()),
        platform_info: snp::Bits { set: 0, clear: 0 },
        maximum_vmpl: 0,
        host_data: Rule::skip(unnamed()),
        images: Rule::skip(unnamed()),
        minimum_guest_svn: Rule::skip(unnamed()),
        id_key_digests: Rule::skip(unnamed()),
        author_key_digests: Rule::skip(unnamed()),
        mitigations: Rule::skip(unnamed()),
    })
}

fn level(contract: FirmwareLevel, party: Option<FirmwareLevel>) -> TcbVersion {
    let party = party.unwrap_or(contract);
    TcbVersion {
        fmc: contract.fmc.max(party.fmc),
        bootloader: contract.bootloader.max(party.bootloader),
        tee: contract.tee.max(party.tee),
        snp: contract.snp.max(party.snp),
        microcode: contract.microcode.max(party.microcode),
    }
}

/// The machines in both lists. An empty list is one that no machine is in, which the Verifier refuses as a policy.
fn machines(terms: &EnclaveTerms, stricter: &Stricter) -> Option<Vec<[u8; 64]>> {
    let agreed: Vec<[u8; 64]> = terms.machines.iter().filter_map(|id| id.as_slice().try_into().ok()).collect();
    match (&stricter.machines, terms.machines.is_empty()) {
        (None, true) => None,
        (None, false) => Some(agreed),
        (Some(own), true) => Some(own.clone()),
        (Some(own), false) => Some(agreed.into_iter().filter(|id| own.contains(id)).collect()),
    }
}
