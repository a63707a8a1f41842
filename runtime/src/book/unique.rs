//! A map whose names are unique, read by serde.

use serde::de::{Deserializer, Error, MapAccess, Visitor};
use std::collections::BTreeMap;
use std::fmt;

/// Reads counts. A name that appears twice is an error, as for a field, because it is not clear which of the two is meant.
pub(crate) fn unique<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, u64>, D::Error> {
    deserializer.deserialize_map(Unique)
}

struct Unique;

impl<'de> Visitor<'de> for Unique {
    type Value = BTreeMap<String, u64>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map of counts")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let mut counts = BTreeMap::new();
        while let Some((name, count)) = entries.next_entry::<String, u64>()? {
            if counts.contains_key(&name) {
                return Err(A::Error::custom(format_args!("duplicate field `{}`", name.escape_debug())));
            }
            counts.insert(name, count);
        }
        Ok(counts)
    }
}

#[cfg(test)]
mod tests {
    use crate::Report;

    #[test]
    fn a_count_is_there_once() {
        for (counts, expected) in [
            (r#"{"a":1,"b":1}"#, None),
            (r#"{"a":1,"b":1,"a":1}"#, Some("duplicate field `a`")),
            ("[]", Some("expected a map of counts")),
        ] {
            let text =
                format!(r#"{{"schema":"concurrency-probe/1","scope":"s","wall_ns":1,"counts":{counts}}}"#);
            let error = serde_json::from_str::<Report>(&text).err().map(|error| error.to_string());
            assert_eq!(error.is_some(), expected.is_some(), "{counts}");
            assert!(error.unwrap_or_default().contains(expected.unwrap_or_default()), "{counts}");
        }
    }
}
