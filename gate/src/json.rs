//! JSON that is read strictly: ambiguous text is refused, and each error has its line and column.

use crate::sentence::sentence;
use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;
use serde_json::error::Category;
use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

/// What is wrong in a text, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wrong {
    /// Where, from 1.
    pub line: usize,
    /// Where, from 1, in bytes.
    pub column: usize,
    /// What is wrong there, and what was expected.
    pub why: String,
}

impl Wrong {
    /// Something at a byte of a text.
    fn at(bytes: &[u8], at: usize, why: impl Into<String>) -> Self {
        let before = &bytes[..at.min(bytes.len())];
        let mut lines = before.split(|byte| *byte == b'\n');
        let column = 1 + lines.next_back().map_or(0, <[u8]>::len);
        Wrong { line: 1 + lines.count(), column, why: why.into() }
    }
}

/// serde puts the place into the sentence, and does not always say what it expected.
impl From<serde_json::Error> for Wrong {
    fn from(error: serde_json::Error) -> Self {
        let (line, column) = (error.line().max(1), error.column().max(1));
        let place = format!(" at line {} column {}", error.line(), error.column());
        let said = error.to_string();
        let said = said.strip_suffix(&place).unwrap_or(&said);
        let why = match said {
            "expected value" => "expected a value: a number, a string, `null`, `[..]` or `{..}`".to_owned(),
            "number out of range" => "the number is out of range: expected a finite one".to_owned(),
            "recursion limit exceeded" => "it is nested too deeply: expected at most 127 levels".to_owned(),
            "trailing characters" => "there is more: expected the end".to_owned(),
            said if said.starts_with("EOF") => {
                format!("it ends too early ({said}): expected the rest of it; was its writing cut off?")
            }
            said => sentence(said),
        };
        Wrong { line, column, why }
    }
}

/// The text of a file. JSON and TOML have no byte order mark.
pub(crate) fn text(bytes: &[u8]) -> Result<&str, Wrong> {
    if bytes.starts_with(b"\xef\xbb\xbf") {
        return Err(Wrong::at(bytes, 0, "unexpected byte order mark: expected UTF-8 without one"));
    }
    std::str::from_utf8(bytes).map_err(|error| Wrong::at(bytes, error.valid_up_to(), "invalid UTF-8"))
}

/// Reads a text in one pass. Unknown keys are skipped. A known key that is there twice is refused, because it is ambiguous.
pub(crate) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Wrong> {
    serde_json::from_str(something(bytes)?).map_err(Wrong::from)
}

/// A text that is not empty.
fn something(bytes: &[u8]) -> Result<&str, Wrong> {
    let text = text(bytes)?;
    if text.trim_ascii().is_empty() {
        return Err(Wrong::at(bytes, bytes.len(), "it is empty: expected a JSON object"));
    }
    Ok(text)
}

/// The keys by which a format is recognized, of a text that is not of the expected one.
#[derive(Deserialize)]
pub(crate) struct Head {
    schema: Option<Value>,
    results: Option<IgnoredAny>,
}

impl Head {
    /// Of any object.
    ///
    /// # Errors
    ///
    /// If it is not JSON. Other JSON has neither key.
    pub(crate) fn of(bytes: &[u8]) -> Result<Self, Wrong> {
        serde_json::from_str(something(bytes)?).or_else(|error| match error.classify() {
            Category::Data => Ok(Head { schema: None, results: None }),
            _ => Err(error.into()),
        })
    }

    /// Its `schema`, if that is a text.
    pub(crate) fn schema(&self) -> Option<&str> {
        self.schema.as_ref()?.as_str()
    }

    /// Whether there are `results`.
    pub(crate) fn has_results(&self) -> bool {
        self.results.is_some()
    }
}

/// Reads a map. A key that is there twice is refused, as a field would be.
pub(crate) fn unique<'de, D, V>(deserializer: D) -> Result<BTreeMap<String, V>, D::Error>
where
    D: Deserializer<'de>,
    V: Deserialize<'de>,
{
    struct Unique<V>(PhantomData<V>);

    impl<'de, V: Deserialize<'de>> Visitor<'de> for Unique<V> {
        type Value = BTreeMap<String, V>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a map")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
            let mut map = BTreeMap::new();
            while let Some((key, value)) = entries.next_entry::<String, V>()? {
                if map.contains_key(&key) {
                    return Err(A::Error::custom(format_args!("duplicate field `{}`", key.escape_debug())));
                }
                map.insert(key, value);
            }
            Ok(map)
        }
    }

    deserializer.deserialize_map(Unique(PhantomData))
}
