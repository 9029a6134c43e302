//! Steps 1 to 12, shared by TDX and SGX: is the quote genuine, and which firmware level is it from? Every check runs; each that
//! stands on a failed one says so.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Reverse;

use super::chain::{Certificates, TCB_SIGNING};
use super::evaluation::Evaluation;
use super::module::{self, ModuleClaims};
use super::pck::{PckPlatform, SGX_EXTENSION};
use super::policy::{PlatformRules, TcbAge};
use super::qe_identity::QeIdentity;
use super::quote::Quote;
use super::status::TcbStatus;
use super::tcb_info::TcbInfo;
use super::{checks, qe};
use crate::anchor::TrustAnchor;
use crate::certificate::Certificate;
use crate::check::{CheckDefinition, Words, common};
use crate::crypto::{Crypto, PublicKey, SignatureKind};
use crate::endorsements::Endorsements;
use crate::ledger::Ledger;
use crate::platform::tdx;
use crate::result::Established;
use crate::text::{Hex, joined, utc};

/// Intel's quoting enclaves say this of their vendor.
const QE_VENDOR: [u8; 16] =
    [0x93, 0x9a, 0x72, 0x33, 0xf7, 0x9c, 0x4c, 0xa9, 0x94, 0x0a, 0x0d, 0xb3, 0x95, 0x7f, 0x06, 0x07];

/// What authenticity established. Having one means: every check of the step holds.
#[derive(Clone, Debug)]
pub(crate) struct Genuine {
    pub(crate) platform: PckPlatform,
    pub(crate) evaluation: Evaluation,
    /// The lower one of TCB info and QE identity.
    pub(crate) evaluation_number: u32,
    pub(crate) valid_until: u64,
}

impl Genuine {
    pub(crate) fn established(&self) -> Established {
        let platform = &self.platform;
        Established {
            valid_until: self.valid_until,
            machine: Some(platform.ppid.to_vec()),
            hardware: format!(
                "FMSPC {}, {} SGX, firmware {} of {}",
                Hex(&platform.fmspc),
                platform.sgx_type.as_str(),
                self.evaluation.status,
                utc(self.evaluation.date)
            ),
        }
    }
}

/// What an appraisal of a quote stands on.
struct Collateral<'a> {
    info: Option<&'a TcbInfo>,
    identity: Option<&'a QeIdentity>,
    info_signer: Option<&'a Certificate>,
    identity_signer: Option<&'a Certificate>,
}

/// Enters every check of [`Step::Evidence`](crate::Step) and [`Step::Authentic`](crate::Step) that the TEEs share into the ledger,
/// and for a TDX quote that of its module.
#[expect(clippy::too_many_arguments, reason = "what every platform's authenticity takes, and the TDX module's claims")]
pub(crate) fn authenticate(
    quote: &Quote,
    module: Option<&ModuleClaims<'_>>,
    anchor: &TrustAnchor,
    rules: &PlatformRules,
    endorsements: &Endorsements,
    crypto: &Crypto<'_>,
    now: u64,
    ledger: &mut Ledger,
) -> Option<Genuine> {
    enter_decoded(quote, ledger);
    let vendor = Hex(&quote.qe_vendor_id);
    ledger.judge(&checks::QE_VENDOR, quote.qe_vendor_id == QE_VENDOR, format!("{} (Intel)", Hex(&QE_VENDOR)), vendor);

    let [pck, ..] = &quote.pck_chain;
    let platform = read_platform(pck);
    let collateral = find_collateral(quote, platform.as_ref().ok(), endorsements, crypto, ledger);
    // Steps 2 and 3.
    let certificates = Certificates::new(&quote.pck_chain, [collateral.info_signer, collateral.identity_signer]);
    let chains = certificates.chains();
    if let Some(chain) = chains.first() {
        chain.judge_trust_anchor(anchor, crypto, ledger);
    }
    certificates.judge_shape(ledger);
    for chain in &chains {
        chain.judge_signatures(crypto, ledger);
        chain.judge_time(now, ledger);
    }
    let lists_until = certificates.judge_revocation(&rules.revocation, endorsements, crypto, now, ledger);
    judge_platform(&platform, ledger);
    let platform = platform.ok();
    // Steps 4 to 6.
    collateral.judge_signatures(crypto, ledger);
    collateral.judge_currency(now, ledger);
    collateral.judge_match(platform.as_ref(), ledger);
    if let Some(module) = module {
        match collateral.info {
            Some(info) => module::judge(module, info, ledger),
            None => ledger.not_judged(&tdx::checks::MODULE, &common::ENDORSEMENTS),
        }
    }
    // Steps 7 to 9.
    qe::judge_signature(quote, pck, crypto, ledger);
    qe::judge_report_data(quote, crypto, ledger);
    match collateral.identity {
        Some(identity) => qe::judge_identity(quote, identity, ledger),
        None => ledger.not_judged(&checks::QE_IDENTITY, &common::ENDORSEMENTS),
    }
    judge_signature(quote, crypto, ledger);
    // Steps 10 to 12.
    let evaluation = judge_level(quote, module, platform.as_ref(), &collateral, ledger)?;
    let (info, identity) = (collateral.info?, collateral.identity?);
    let not_after = chains.iter().map(crate::chain::Chain::not_after).min()?;
    let mut valid_until =
        not_after.min(info.next_update).min(identity.next_update).min(lists_until.unwrap_or(u64::MAX));
    if let TcbAge::Grace { seconds } = rules.tcb_age
        && evaluation.status.is_out_of_date()
    {
        valid_until = valid_until.min(evaluation.date.saturating_add(seconds));
    }
    let evaluation_number = info.evaluation_number.min(identity.evaluation_number);
    Some(Genuine { platform: platform?, evaluation, evaluation_number, valid_until })
}

/// Step 1: what decoding has shown.
fn enter_decoded(quote: &Quote, ledger: &mut Ledger) {
    let length = format!("{} bytes", quote.bytes().len());
    ledger.pass(&common::EVIDENCE_SIZE, "a quote as long as it says, zeros after it", length);
    ledger.pass(&checks::VERSION, "version 3, 4 or 5", format!("version {}", quote.version));
    ledger.pass(&checks::KEY_TYPE, "2 (ECDSA P-256 with SHA-256)", "2");
    ledger.pass(&checks::RESERVED, "reserved bytes zero", "reserved bytes zero");
    let subjects = joined(quote.pck_chain.iter().map(Certificate::subject), ", ");
    ledger.pass(&checks::CERTIFICATION_DATA, "a PCK chain of three", subjects);
}

fn read_platform(pck: &Certificate) -> Result<PckPlatform, String> {
    let extension = pck.extension(&SGX_EXTENSION);
    PckPlatform::read(extension.ok_or_else(|| format!("extension {SGX_EXTENSION} is missing"))?)
}

fn judge_platform(platform: &Result<PckPlatform, String>, ledger: &mut Ledger) {
    const EXPECTED: &str = "every element of the SGX extension, exact, once";
    match platform {
        Ok(platform) => {
            let kind = if platform.registration.is_some() { "a registered platform" } else { "a single processor" };
            ledger.pass(&checks::PCK_EXTENSION, EXPECTED, format!("{kind}, PPID {}", Hex(&platform.ppid)));
        }
        Err(problem) => ledger.fail(&checks::PCK_EXTENSION, EXPECTED, problem.clone()),
    }
}

/// The TCB info for this platform (or another of its TEE, for `dcap.fmspc` to say so), the QE identity for its TEE, and who signed
/// them. Of several, the newest that is signed.
fn find_collateral<'a>(
    quote: &Quote,
    platform: Option<&PckPlatform>,
    endorsements: &'a Endorsements,
    crypto: &Crypto<'_>,
    ledger: &mut Ledger,
) -> Collateral<'a> {
    let tee = quote.tee();
    let fits = |info: &TcbInfo| {
        platform.is_some_and(|platform| platform.fmspc == info.fmspc && platform.pce_id == info.pce_id)
    };
    let mut infos: Vec<_> = endorsements.tcb_infos().iter().filter(|info| info.tee == tee).collect();
    infos.sort_by_key(|info| Reverse((fits(info), info.issue_date)));
    let mut identities: Vec<_> = endorsements.qe_identities().iter().filter(|identity| identity.tee == tee).collect();
    identities.sort_by_key(|identity| Reverse(identity.issue_date));
    let [.., root] = &quote.pck_chain;
    let signers = signers(root, endorsements, crypto);
    let (info, info_signer) = newest_signed(&infos, &signers, |info| (&info.signed_bytes, &info.signature), crypto);
    let (identity, identity_signer) =
        newest_signed(&identities, &signers, |identity| (&identity.signed_bytes, &identity.signature), crypto);
    let expected = format!("TCB info and QE identity for {tee}, and the certificate {TCB_SIGNING}");
    let missing = match (info, identity, signers.is_empty()) {
        (None, ..) => Some(format!("no TCB info for {tee}")),
        (_, None, _) => Some(format!("no QE identity for {tee}")),
        (_, _, true) => Some(format!("no certificate {TCB_SIGNING}")),
        (Some(_), Some(_), false) => None,
    };
    match missing {
        Some(missing) => ledger.undecided(&common::ENDORSEMENTS, expected, missing),
        None => ledger.pass(&common::ENDORSEMENTS, expected.clone(), expected),
    }
    Collateral { info, identity, info_signer, identity_signer }
}

/// Of several TCB Signing certificates, those that the root signed; all of them where it signed none. One alone is judged later.
fn signers<'a>(root: &Certificate, endorsements: &'a Endorsements, crypto: &Crypto<'_>) -> Vec<&'a Certificate> {
    let all: Vec<_> = endorsements.by_common_name(TCB_SIGNING).collect();
    if all.len() < 2 {
        return all;
    }
    let of_root = |one: &&Certificate| one.issuer == root.subject && one.is_signed_by(root, crypto);
    let genuine: Vec<_> = all.iter().copied().filter(of_root).collect();
    if genuine.is_empty() { all } else { genuine }
}

/// The first document that one of the signers signed, and that signer; else the first of each, for the checks to say what does
/// not hold. Where there is one document and one signer, nothing is verified here.
fn newest_signed<'a, T>(
    newest_first: &[&'a T],
    signers: &[&'a Certificate],
    signed: impl Fn(&'a T) -> (&'a [u8], &'a [u8; 64]),
    crypto: &Crypto<'_>,
) -> (Option<&'a T>, Option<&'a Certificate>) {
    let first = (newest_first.first().copied(), signers.first().copied());
    if let ([_], [_]) | ([], _) | (_, []) = (newest_first, signers) {
        return first;
    }
    let by = |document: &'a T| {
        let (message, signature) = signed(document);
        signers.iter().copied().find(|signer| is_signed(signer, message, signature, crypto))
    };
    let genuine = newest_first.iter().find_map(|document| Some((*document, by(document)?)));
    genuine.map_or(first, |(document, signer)| (Some(document), Some(signer)))
}

fn is_signed(signer: &Certificate, message: &[u8], signature: &[u8; 64], crypto: &Crypto<'_>) -> bool {
    crypto.verify_endorsed(&signer.key, SignatureKind::EcdsaP256Sha256Fixed, message, signature).is_ok()
}

impl Collateral<'_> {
    /// Step 4: over the bytes received.
    fn judge_signatures(&self, crypto: &Crypto<'_>, ledger: &mut Ledger) {
        let mut judge =
            |check: &'static CheckDefinition, signed: Option<(&[u8], &[u8; 64])>, signer: Option<&Certificate>| {
                let (Some((message, signature)), Some(signer)) = (signed, signer) else {
                    return ledger.not_judged(check, &common::ENDORSEMENTS);
                };
                let holds = is_signed(signer, message, signature, crypto);
                let found = if holds { "a valid signature" } else { "no valid signature" };
                ledger.judge(check, holds, format!("a signature of {}", signer.subject()), found);
            };
        let info = self.info.map(|info| (info.signed_bytes.as_slice(), &info.signature));
        judge(&checks::TCB_INFO_SIGNATURE, info, self.info_signer);
        let identity = self.identity.map(|identity| (identity.signed_bytes.as_slice(), &identity.signature));
        judge(&checks::QE_IDENTITY_SIGNATURE, identity, self.identity_signer);
    }

    /// Step 4: both are current, and belong together.
    fn judge_currency(&self, now: u64, ledger: &mut Ledger) {
        let (Some(info), Some(identity)) = (self.info, self.identity) else {
            ledger.not_judged(&checks::COLLATERAL_TIME, &common::ENDORSEMENTS);
            ledger.not_judged(&checks::COLLATERAL_ISSUE, &common::ENDORSEMENTS);
            return;
        };
        let validities = [info.validity_unix_seconds(), identity.validity_unix_seconds()];
        let holds = validities.iter().all(|(from, until)| *from <= now && now < *until);
        let [info_words, identity_words] = validities.map(|(from, until)| format!("{} to {}", utc(from), utc(until)));
        pass_or_undecided(
            ledger,
            &checks::COLLATERAL_TIME,
            holds,
            format!("both current at {}", utc(now)),
            format!("TCB info from {info_words}, QE identity from {identity_words}"),
        );
        let (info_number, identity_number) = (info.evaluation_number, identity.evaluation_number);
        pass_or_undecided(
            ledger,
            &checks::COLLATERAL_ISSUE,
            info_number == identity_number,
            "one evaluation",
            format!("TCB info of evaluation {info_number}, QE identity of {identity_number}"),
        );
    }

    /// Step 5.
    fn judge_match(&self, platform: Option<&PckPlatform>, ledger: &mut Ledger) {
        let Some(platform) = platform else {
            ledger.not_judged(&checks::FMSPC, &checks::PCK_EXTENSION);
            ledger.not_judged(&checks::PCE_ID, &checks::PCK_EXTENSION);
            return;
        };
        let Some(info) = self.info else {
            ledger.not_judged(&checks::FMSPC, &common::ENDORSEMENTS);
            ledger.not_judged(&checks::PCE_ID, &common::ENDORSEMENTS);
            return;
        };
        let words = |what: &str, bytes: &[u8]| format!("TCB info for {what} {}", Hex(bytes));
        pass_or_undecided(
            ledger,
            &checks::FMSPC,
            info.fmspc == platform.fmspc,
            words("FMSPC", &platform.fmspc),
            words("FMSPC", &info.fmspc),
        );
        pass_or_undecided(
            ledger,
            &checks::PCE_ID,
            info.pce_id == platform.pce_id,
            words("PCEID", &platform.pce_id),
            words("PCEID", &info.pce_id),
        );
    }
}

/// What does not hold of collateral as such may hold of other collateral, which was not brought.
fn pass_or_undecided(
    ledger: &mut Ledger,
    check: &'static CheckDefinition,
    holds: bool,
    expected: impl Into<Words>,
    found: impl Into<Words>,
) {
    if holds { ledger.pass(check, expected, found) } else { ledger.undecided(check, expected, found) }
}

/// Step 9: over the bytes received.
fn judge_signature(quote: &Quote, crypto: &Crypto<'_>, ledger: &mut Ledger) {
    let mut point = [4; 65]; // SEC 1 section 2.3.3: 4 and the two coordinates, which are all that the quote has
    for (to, from) in point.iter_mut().skip(1).zip(&quote.attestation_key) {
        *to = *from;
    }
    let key = PublicKey::P256(point.into());
    let verified = crypto.verify(&key, SignatureKind::EcdsaP256Sha256Fixed, quote.signed_bytes(), &quote.signature);
    let found = if verified.is_ok() { "a valid signature" } else { "no valid signature" };
    ledger.judge(
        &checks::SIGNATURE,
        verified.is_ok(),
        "a signature by the attestation key over header and body",
        found,
    );
}

/// Steps 10 to 12.
fn judge_level(
    quote: &Quote,
    module: Option<&ModuleClaims<'_>>,
    platform: Option<&PckPlatform>,
    collateral: &Collateral<'_>,
    ledger: &mut Ledger,
) -> Option<Evaluation> {
    const EXPECTED: &str = "a level of Intel's for each part";
    let (Some(platform), Some(info), Some(identity)) = (platform, collateral.info, collateral.identity) else {
        let because = if platform.is_none() { &checks::PCK_EXTENSION } else { &common::ENDORSEMENTS };
        ledger.not_judged(&checks::TCB_LEVEL, because);
        ledger.not_judged(&checks::TCB_REVOKED, because);
        return None;
    };
    let of = |td| Evaluation::of(platform, quote.qe_report.svn, td, info, identity);
    let evaluation = of(module.map(|module| module.tee_tcb_svn)).and_then(|launch| {
        let current = module.and_then(|module| module.tee_tcb_svn_2).map(|td| of(Some(td))).transpose()?;
        Ok(match current {
            Some(current) => launch.relaunched(&current),
            None => launch,
        })
    });
    match evaluation {
        Ok(evaluation) => {
            ledger.pass(&checks::TCB_LEVEL, EXPECTED, evaluation.words.clone());
            let revoked = evaluation.status == TcbStatus::Revoked;
            ledger.judge(&checks::TCB_REVOKED, !revoked, "nothing revoked", evaluation.words.clone());
            Some(evaluation)
        }
        Err(problem) => {
            ledger.fail(&checks::TCB_LEVEL, EXPECTED, problem);
            ledger.not_judged(&checks::TCB_REVOKED, &checks::TCB_LEVEL);
            None
        }
    }
}
