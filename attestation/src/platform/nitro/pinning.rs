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
        Self {
            name,
            trust_anchor,
            measurements: vec![document.measurement()],
            registers: Rule::Require(registers),
            timestamp: Rule::Require(AGE),
            machines: Rule::Require(vec![claims.instance().to_string()]),
            // The field that AWS has for it. Whether user data without a nonce is a challenge or a constant, a document does
            // not say: it is pinned, so that no constant is taken for an answer. Who answers there has to say so.
            challenge_field: ChallengeField::Nonce,
            nonce: Rule::skip("the challenge stands there"),
            user_data: pinned(&claims.user_data),
            public_key: pinned(&claims.public_key),
        }
    }
}
