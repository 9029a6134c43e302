//! The strictest policy that a document could pass, for a person to loosen. Nothing in it is verified; who pins Evidence says
//! that it is the right one.

use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use super::{Accept, Age, ChallengeField, Document, Register};
use crate::anchor::TrustAnchor;
use crate::policy::Rule;

/// A certificate of AWS's lives for three hours; a document is made in a moment.
const AGE: Age = Age { maximum_seconds: 300, skew_seconds: 30 };

impl Accept {
    pub(crate) fn pinning(document: &Document, trust_anchor: TrustAnchor, name: String) -> Self {
        let claims = document.claims();
        // Those that are zero were never extended.
        let used = claims.pcrs.iter().filter(|(index, value)| *index != 0 && (*index <= 2 || *value != [0; 48]));
        let registers = used.map(|(index, value)| Register { index: *index, values: vec![*value] }).collect();
        let pinned = |value: &Option<Vec<u8>>| {
            value.clone().map_or_else(|| Rule::skip("the document has none"), |value| Rule::Require(vec![value]))
        };
        // Who put something into user_data and nothing into nonce answers there.
        let challenge_field = match (&claims.nonce, &claims.user_data) {
            (None, Some(_)) => ChallengeField::UserData,
            _ => ChallengeField::Nonce,
        };
        let other = |field, value| {
            if field == challenge_field { Rule::skip("the challenge stands there") } else { pinned(value) }
        };
        Self {
            name,
            trust_anchor,
            measurements: vec![document.measurement()],
            registers: Rule::Require(registers),
            timestamp: Rule::Require(AGE),
            machines: Rule::Require(vec![claims.instance().to_string()]),
            challenge_field,
            nonce: other(ChallengeField::Nonce, &claims.nonce),
            user_data: other(ChallengeField::UserData, &claims.user_data),
            public_key: pinned(&claims.public_key),
        }
    }
}
