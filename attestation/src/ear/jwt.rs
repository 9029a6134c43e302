//! The result as a JWT (RFC 7519, JWS compact form of RFC 7515).
//!
//! What always holds: no object that is read has a key twice, whatever its depth, so that no two readers see two results.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::unique::Unique;
use super::{Ear, EarAlgorithm, EarError, EarExpected, EarKey, MAX_BYTES, PROFILE, Submod, Tier, TrustVector, form};
use crate::crypto::CryptoProvider;
use crate::text::{Hex, from_hex, printable};

/// Where this Verifier's own claims stand among those that a Verifier adds.
const CHECKS: &str = "sealroom-checks";
const EVIDENCE: &str = "sealroom-evidence-sha256";

#[derive(Serialize, Deserialize)]
struct Claims {
    eat_profile: String,
    iat: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    exp: Option<u64>,
    ear_verifier_id: VerifierId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    eat_nonce: Option<String>,
    submods: BTreeMap<String, SubmodClaims>,
}

#[derive(Serialize, Deserialize)]
struct VerifierId {
    developer: String,
    build: String,
}

#[derive(Serialize, Deserialize)]
struct SubmodClaims {
    ear_status: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ear_trustworthiness_vector: Option<BTreeMap<String, i8>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    ear_appraisal_policy_ids: Vec<String>,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    ear_verifier_claims: Map<String, Value>,
}

#[derive(Serialize, Deserialize)]
struct Header {
    alg: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    typ: Option<String>,
    /// RFC 7515 section 4.1.11: what must be understood, and is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    crit: Option<Value>,
}

impl Ear {
    /// As a JWT, signed by `sign` over the bytes that it gets (r and s of fixed size for ECDSA).
    ///
    /// # Errors
    /// Whatever `sign` returns.
    pub fn to_jwt<E>(
        &self,
        algorithm: EarAlgorithm,
        sign: impl FnOnce(&[u8]) -> Result<Vec<u8>, E>,
    ) -> Result<String, E> {
        let header = Header { alg: algorithm.as_str().into(), typ: Some("JWT".into()), crit: None };
        // Only maps with keys that are no text could fail, and there are none.
        let json = |value: serde_json::Result<Vec<u8>>| URL_SAFE_NO_PAD.encode(value.unwrap_or_default());
        let mut token = format!("{}.{}", json(serde_json::to_vec(&header)), json(serde_json::to_vec(&self.claims())));
        let signature = sign(token.as_bytes())?;
        token.push('.');
        token.push_str(&URL_SAFE_NO_PAD.encode(signature));
        Ok(token)
    }

    /// From a JWT, believed only where it is signed by `key`, of the profile known here, and as `expected`.
    ///
    /// # Errors
    /// [`EarError`].
    pub fn from_jwt(
        token: &str,
        key: &EarKey,
        provider: CryptoProvider,
        expected: &EarExpected<'_>,
    ) -> Result<Self, EarError> {
        if token.len() > MAX_BYTES {
            return Err(form(format!("{} bytes, expected at most {MAX_BYTES}", token.len())));
        }
        let (signed, signature) = token.rsplit_once('.').ok_or_else(|| form("three parts with dots between them"))?;
        let (header, claims) = signed.split_once('.').ok_or_else(|| form("three parts with dots between them"))?;
        let part =
            |text: &str, what| URL_SAFE_NO_PAD.decode(text).map_err(|_| form(format!("{what} is not base64url")));
        let header: Header = read(&part(header, "the header")?, "the header")?;
        if header.crit.is_some() {
            return Err(form("the header demands an extension (crit) that is not known"));
        }
        if header.alg != key.algorithm().as_str() {
            return Err(EarError::Algorithm { expected: key.algorithm().as_str(), found: printable(&header.alg) });
        }
        let signature = part(signature, "the signature")?;
        provider
            .verify(key.public_key(), key.signature_kind(), signed.as_bytes(), &signature)
            .map_err(|_| EarError::Signature)?;
        let claims: Claims = read(&part(claims, "the claims")?, "the claims")?;
        Self::from_claims(claims)?.believed(expected)
    }

    fn claims(&self) -> Claims {
        let submods = self.submods.iter().map(|(name, submod)| (name.clone(), submod.claims())).collect();
        Claims {
            eat_profile: PROFILE.into(),
            iat: self.issued_at,
            exp: self.expires_at,
            ear_verifier_id: VerifierId { developer: self.developer.clone(), build: self.build.clone() },
            eat_nonce: self.nonce.as_ref().map(|nonce| URL_SAFE_NO_PAD.encode(nonce)),
            submods,
        }
    }

    fn from_claims(claims: Claims) -> Result<Self, EarError> {
        if claims.eat_profile != PROFILE {
            return Err(EarError::Profile { found: printable(&claims.eat_profile) });
        }
        let nonce = claims.eat_nonce.map(|text| URL_SAFE_NO_PAD.decode(text)).transpose();
        let read = |(name, submod): (String, SubmodClaims)| Ok((name, Submod::from_claims(submod)?));
        Ok(Self {
            issued_at: claims.iat,
            expires_at: claims.exp,
            developer: claims.ear_verifier_id.developer,
            build: claims.ear_verifier_id.build,
            nonce: nonce.map_err(|_| form("the nonce is not base64url"))?,
            submods: claims.submods.into_iter().map(read).collect::<Result<_, EarError>>()?,
        })
    }
}

/// Of a part's bytes, after every object in them was found to have each of its keys once.
fn read<T: DeserializeOwned>(bytes: &[u8], what: &str) -> Result<T, EarError> {
    let read = serde_json::from_slice::<Unique>(bytes).and_then(|Unique| serde_json::from_slice(bytes));
    read.map_err(|error| form(format!("{what}: {error}")))
}

impl Submod {
    fn claims(&self) -> SubmodClaims {
        let vector: BTreeMap<String, i8> = self.vector.claims().map(|(name, value)| (name.into(), value)).collect();
        let mut own = Map::new();
        if !self.checks.is_empty() {
            let pairs = self.checks.iter().map(|(id, status)| Value::from(Vec::from([id.as_str(), status.as_str()])));
            own.insert(CHECKS.into(), pairs.collect());
        }
        if let Some(digest) = &self.evidence_sha256 {
            own.insert(EVIDENCE.into(), format!("{}", Hex(digest)).into());
        }
        SubmodClaims {
            ear_status: self.status.as_str().into(),
            ear_trustworthiness_vector: (!vector.is_empty()).then_some(vector),
            ear_appraisal_policy_ids: self.policies.clone(),
            ear_verifier_claims: own,
        }
    }

    fn from_claims(claims: SubmodClaims) -> Result<Self, EarError> {
        let status = Tier::parse(&claims.ear_status)
            .ok_or_else(|| form(format!("the status \"{}\" is none of AR4SI", claims.ear_status.escape_default())))?;
        let mut vector = TrustVector::empty();
        for (name, value) in claims.ear_trustworthiness_vector.unwrap_or_default() {
            vector
                .insert(&name, value)
                .ok_or_else(|| form(format!("the claim \"{}\" is none of AR4SI", name.escape_default())))?;
        }
        let mut checks = Vec::new();
        if let Some(pairs) = claims.ear_verifier_claims.get(CHECKS) {
            let pairs = serde_json::from_value::<Vec<(String, String)>>(pairs.clone());
            checks = pairs.map_err(|_| form(format!("{CHECKS} is no list of pairs of texts")))?;
        }
        let evidence_sha256 = claims.ear_verifier_claims.get(EVIDENCE).map(|digest| {
            let digest = digest.as_str().and_then(from_hex);
            digest.ok_or_else(|| form(format!("{EVIDENCE} is no SHA-256 in lower-case hexadecimal")))
        });
        Ok(Self {
            status,
            vector,
            policies: claims.ear_appraisal_policy_ids,
            checks,
            evidence_sha256: evidence_sha256.transpose()?,
        })
    }
}
