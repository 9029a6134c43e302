//! The result as a CWT (RFC 8392) in COSE_Sign1 (RFC 9052), with the keys of draft-ietf-rats-ear-04 section 3. Its CBOR is
//! deterministic (RFC 8949 section 4.2.1), and read in that form only; claims that are not known are refused.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::trust::CLAIMS;
use super::{
    Ear, EarAlgorithm, EarError, EarExpected, EarKey, MAX_BYTES, MAX_SUBMODS, PROFILE, Submod, Tier, TrustVector, form,
};
use crate::cbor::{self, Reader, once, push_bytes, push_head, push_integer, push_text, required};
use crate::cose::{Sign1, sign1};
use crate::crypto::{Crypto, CryptoProvider};
use crate::text::printable;

/// RFC 8392 section 3.1.
const EXP: u64 = 4;
const IAT: u64 = 6;
/// RFC 9711.
const NONCE: u64 = 10;
const EAT_PROFILE: u64 = 265;
const SUBMODS: u64 = 266;
/// draft-ietf-rats-ear-04 section 3.
const STATUS: u64 = 1000;
const VECTOR: u64 = 1001;
const POLICY_IDS: u64 = 1003;
const VERIFIER_ID: u64 = 1004;
const VERIFIER_CLAIMS: u64 = 1006;
/// Where this Verifier's own claims stand among those that a Verifier adds.
const CHECKS: &str = "sealroom-checks";
const EVIDENCE: &str = "sealroom-evidence-sha256";

const MAX_CHECKS: u64 = 256;
const MAX_POLICIES: u64 = 16;

impl Ear {
    /// As a CWT, signed by `sign` over the bytes that it gets (r and s of fixed size for ECDSA).
    ///
    /// # Errors
    /// Whatever `sign` returns.
    pub fn to_cwt<E>(
        &self,
        algorithm: EarAlgorithm,
        sign: impl FnOnce(&[u8]) -> Result<Vec<u8>, E>,
    ) -> Result<Vec<u8>, E> {
        sign1(algorithm.cose(), &self.claims_set(), sign)
    }

    /// From a CWT, believed as in [`Ear::from_jwt`].
    ///
    /// # Errors
    /// [`EarError`].
    pub fn from_cwt(
        token: &[u8],
        key: &EarKey,
        provider: CryptoProvider,
        expected: &EarExpected<'_>,
    ) -> Result<Self, EarError> {
        if token.len() > MAX_BYTES {
            return Err(form(format!("{} bytes, expected at most {MAX_BYTES}", token.len())));
        }
        let (message, claims) = Sign1::decode(token).map_err(form)?;
        if message.algorithm.as_str() != key.algorithm().as_str() {
            let found = message.algorithm.as_str().to_string();
            return Err(EarError::Algorithm { expected: key.algorithm().as_str(), found });
        }
        message.verify(key.public_key(), &Crypto::new(provider)).map_err(|_| EarError::Signature)?;
        let (profile, ear) = read(claims).map_err(form)?;
        if profile != PROFILE {
            return Err(EarError::Profile { found: printable(&profile) });
        }
        ear.believed(expected)
    }

    fn claims_set(&self) -> Vec<u8> {
        let mut out = Vec::new();
        let count = 4 + usize::from(self.expires_at.is_some()) + usize::from(self.nonce.is_some());
        push_head(5, count, &mut out);
        if let Some(expires_at) = self.expires_at {
            pair(EXP, expires_at, &mut out);
        }
        pair(IAT, self.issued_at, &mut out);
        if let Some(nonce) = &self.nonce {
            push_number(NONCE, &mut out);
            push_bytes(nonce, &mut out);
        }
        push_number(EAT_PROFILE, &mut out);
        push_text(PROFILE, &mut out);
        push_number(SUBMODS, &mut out);
        push_head(5, self.submods.len(), &mut out);
        for (name, submod) in &self.submods {
            push_text(name, &mut out);
            submod.push(&mut out);
        }
        push_number(VERIFIER_ID, &mut out);
        push_head(5, 2, &mut out);
        push_number(0, &mut out);
        push_text(&self.developer, &mut out);
        push_number(1, &mut out);
        push_text(&self.build, &mut out);
        out
    }
}

impl Submod {
    fn push(&self, out: &mut Vec<u8>) {
        let values: BTreeMap<&str, i8> = self.vector.claims().collect();
        let own = usize::from(!self.checks.is_empty()) + usize::from(self.evidence_sha256.is_some());
        let count = 1 + usize::from(!values.is_empty()) + usize::from(!self.policies.is_empty()) + usize::from(own > 0);
        push_head(5, count, out);
        push_number(STATUS, out);
        push_integer(self.status.code().into(), out);
        if !values.is_empty() {
            push_number(VECTOR, out);
            push_head(5, values.len(), out);
            for (name, key) in CLAIMS {
                if let Some(value) = values.get(name) {
                    push_integer(key, out);
                    push_integer((*value).into(), out);
                }
            }
        }
        if !self.policies.is_empty() {
            push_number(POLICY_IDS, out);
            push_head(4, self.policies.len(), out);
            self.policies.iter().for_each(|policy| push_text(policy, out));
        }
        if own > 0 {
            push_number(VERIFIER_CLAIMS, out);
            push_head(5, own, out);
            if !self.checks.is_empty() {
                push_text(CHECKS, out);
                push_head(4, self.checks.len(), out);
                for (id, status) in &self.checks {
                    push_head(4, 2, out);
                    push_text(id, out);
                    push_text(status, out);
                }
            }
            if let Some(digest) = &self.evidence_sha256 {
                push_text(EVIDENCE, out);
                push_bytes(digest, out);
            }
        }
    }
}

fn push_number(number: u64, out: &mut Vec<u8>) {
    push_integer(i64::try_from(number).unwrap_or(i64::MAX), out);
}

fn pair(key: u64, value: u64, out: &mut Vec<u8>) {
    push_number(key, out);
    push_number(value, out);
}

fn read(claims: &[u8]) -> cbor::Result<(String, Ear)> {
    let mut reader = Reader::new(claims);
    let (mut exp, mut iat, mut nonce, mut profile, mut submods, mut verifier) = (None, None, None, None, None, None);
    let mut items = reader.map(8, "the claims")?;
    while reader.more(&mut items)? {
        match reader.unsigned("a claim's key")? {
            EXP => once(&mut exp, reader.unsigned("exp")?, "exp")?,
            IAT => once(&mut iat, reader.unsigned("iat")?, "iat")?,
            NONCE => once(&mut nonce, reader.bytes("the nonce")?.to_vec(), "the nonce")?,
            EAT_PROFILE => once(&mut profile, reader.text("the profile")?.to_string(), "the profile")?,
            SUBMODS => once(&mut submods, read_submods(&mut reader)?, "the submodules")?,
            VERIFIER_ID => once(&mut verifier, read_verifier(&mut reader)?, "the verifier's id")?,
            key => return Err(format!("claim {key} is not known")),
        }
    }
    reader.end("the claims")?;
    let (developer, build) = required(verifier, "the verifier's id")?;
    let ear = Ear {
        issued_at: required(iat, "iat")?,
        expires_at: exp,
        developer,
        build,
        nonce,
        submods: required(submods, "the submodules")?,
    };
    Ok((required(profile, "the profile")?, ear))
}

fn read_verifier(reader: &mut Reader<'_>) -> cbor::Result<(String, String)> {
    reader.map_of(2, "the verifier's id")?;
    let mut parts = [const { String::new() }; 2];
    for (expected, part) in (0..).zip(&mut parts) {
        if reader.unsigned("a key in the verifier's id")? != expected {
            return Err(format!("the verifier's id has another key where {expected} is expected"));
        }
        *part = reader.text("the verifier's id")?.to_string();
    }
    let [developer, build] = parts;
    Ok((developer, build))
}

fn read_submods(reader: &mut Reader<'_>) -> cbor::Result<BTreeMap<String, Submod>> {
    let mut submods = BTreeMap::new();
    let limit = u64::try_from(MAX_SUBMODS).unwrap_or(u64::MAX);
    let mut items = reader.map(limit, "the submodules")?;
    while reader.more(&mut items)? {
        let name = reader.text("a submodule's name")?.to_string();
        let submod = read_submod(reader)?;
        if submods.insert(name.clone(), submod).is_some() {
            return Err(format!("submodule \"{}\" is there twice", name.escape_default()));
        }
    }
    Ok(submods)
}

fn read_submod(reader: &mut Reader<'_>) -> cbor::Result<Submod> {
    let (mut status, mut vector, mut policies, mut own) = (None, None, None, None);
    let mut items = reader.map(8, "a submodule")?;
    while reader.more(&mut items)? {
        match reader.unsigned("a key in a submodule")? {
            STATUS => {
                let code = reader.integer("the status")?;
                let tier = Tier::from_code(code).ok_or_else(|| format!("the status {code} is none of AR4SI"))?;
                once(&mut status, tier, "the status")?;
            }
            VECTOR => once(&mut vector, read_vector(reader)?, "the trustworthiness vector")?,
            POLICY_IDS => {
                let mut ids = Vec::new();
                let mut items = reader.array(MAX_POLICIES, "the policies' ids")?;
                while reader.more(&mut items)? {
                    ids.push(reader.text("a policy's id")?.to_string());
                }
                once(&mut policies, ids, "the policies' ids")?;
            }
            VERIFIER_CLAIMS => once(&mut own, read_own(reader)?, "the verifier's claims")?,
            key => return Err(format!("claim {key} of a submodule is not known")),
        }
    }
    let (checks, evidence_sha256) = own.unwrap_or_default();
    Ok(Submod {
        status: required(status, "the status")?,
        vector: vector.unwrap_or_else(TrustVector::empty),
        policies: policies.unwrap_or_default(),
        checks,
        evidence_sha256,
    })
}

fn read_vector(reader: &mut Reader<'_>) -> cbor::Result<TrustVector> {
    let mut vector = TrustVector::empty();
    let mut items = reader.map(8, "the trustworthiness vector")?;
    while reader.more(&mut items)? {
        let key = reader.integer("a claim's key")?;
        let value = reader.integer("a claim's value")?;
        let value = i8::try_from(value).map_err(|_| format!("the claim's value {value} is not -128 to 127"))?;
        let known = CLAIMS.into_iter().find(|(_, known)| *known == key);
        let inserted = known.and_then(|(name, _)| vector.insert(name, value));
        inserted.ok_or_else(|| format!("the claim {key} is none of AR4SI, or there twice"))?;
    }
    Ok(vector)
}

type Own = (Vec<(String, String)>, Option<[u8; 32]>);

fn read_own(reader: &mut Reader<'_>) -> cbor::Result<Own> {
    let (mut checks, mut evidence) = (None, None);
    let mut items = reader.map(2, "the verifier's claims")?;
    while reader.more(&mut items)? {
        match reader.text("a key of the verifier's claims")? {
            CHECKS => {
                let mut pairs = Vec::new();
                let mut items = reader.array(MAX_CHECKS, CHECKS)?;
                while reader.more(&mut items)? {
                    reader.array_of(2, "a check")?;
                    pairs
                        .push((reader.text("a check's id")?.to_string(), reader.text("a check's status")?.to_string()));
                }
                once(&mut checks, pairs, CHECKS)?;
            }
            EVIDENCE => once(&mut evidence, reader.sized::<32>(EVIDENCE)?, EVIDENCE)?,
            key => return Err(format!("the verifier's claim \"{}\" is not known", key.escape_default())),
        }
    }
    Ok((checks.unwrap_or_default(), evidence))
}
