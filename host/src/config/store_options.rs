//! Options of a store by name. Some are secret.
//!
//! What always holds: no value is printed, by `Debug` or by an error.

use core::fmt;
use serde::de::{Deserialize, Deserializer, Error};
use std::collections::BTreeMap;

/// Options of a store. Their values may be secret and are never printed.
#[derive(Clone, Default)]
pub struct StoreOptions(pub(crate) BTreeMap<String, String>);

impl StoreOptions {
    /// The name of an option whose value is a secret, if there is one.
    pub(super) fn secret(&self) -> Option<&str> {
        // object_store's names: aws_secret_access_key, aws_session_token, aws_token, aws_sse_customer_key_base64. Others are
        // paths of files with secrets.
        let secret = |name: &&String| {
            let name = name.to_ascii_lowercase();
            ["secret", "token", "customer_key"].iter().any(|word| name.contains(word)) && !name.ends_with("_file")
        };
        self.0.keys().find(secret).map(String::as_str)
    }
}

impl fmt::Debug for StoreOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl<'de> Deserialize<'de> for StoreOptions {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // serde's own errors about a type repeat the value.
        let toml::Value::Table(table) = toml::Value::deserialize(deserializer)? else {
            return Err(D::Error::custom("expected store_options as a table of strings"));
        };
        let text = |(name, value)| match value {
            toml::Value::String(text) => Ok((name, text)),
            _ => Err(D::Error::custom(format!("expected the store option {name} as a string, in quotation marks"))),
        };
        table.into_iter().map(text).collect::<Result<_, _>>().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use crate::config::tests::{GOOD, with_key};
    use crate::config::{Config, ConfigError};
    use crate::test_support::mode;

    #[test]
    fn a_configuration_that_does_not_hold_is_refused_without_the_secrets_in_it() {
        let table = with_key(GOOD) + "[store_options]\n";
        let cases = [
            (table.clone() + "aws_secret_access_key = \"hush", "at 13:"),
            (table.clone() + "aws_secret_access_key = hush", "at 13:"),
            (table.clone() + "aws_secret_access_key = \"hush\" \"hush\"", "at 13:"),
            (table.clone() + "aws_secret_access_key = [\"hush\"]", "aws_secret_access_key as a string"),
            (format!("store_options = \"hush\"\n{}", with_key(GOOD)), "store_options as a table"),
            (format!("aws_secret_access_key = \"hush\"\n{}", with_key(GOOD)), "unknown field `aws_secret_access_key`"),
        ];
        for (text, place) in cases {
            let error = Config::parse(&text).unwrap_err();
            assert!(matches!(error, ConfigError::Form { .. }), "{error}");
            let said = format!("{error} {error:?}");
            assert!(!said.contains("hush"), "{said}");
            assert!(said.contains(place), "{place}: {said}");
        }
        let good = Config::parse(&(table + "aws_secret_access_key = \"hush\"")).unwrap();
        assert!(!format!("{good:?}").contains("hush"));
    }

    #[test]
    fn a_configuration_with_a_secret_that_others_can_read_is_refused_and_one_without_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("host.toml");
        let read = |options: &str, bits| {
            std::fs::write(&path, with_key(GOOD) + "[store_options]\n" + options).unwrap();
            mode(&path, bits);
            Config::read(&path)
        };
        for secret in ["aws_secret_access_key", "AWS_SESSION_TOKEN", "aws_sse_customer_key_base64"] {
            let options = format!("aws_region = \"here\"\n{secret} = \"hush\"");
            match read(&options, 0o640).unwrap_err() {
                ConfigError::Open { option, open } => assert_eq!((option.as_str(), open.found), (secret, 0o640)),
                other => panic!("{other}"),
            }
            assert!(read(&options, 0o600).is_ok());
        }
        let public = "aws_access_key_id = \"one\"\naws_web_identity_token_file = \"/run/token\"";
        assert!(read(public, 0o644).is_ok());
    }
}
