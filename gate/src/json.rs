//! JSON, read strictly: what is ambiguous is refused, and every refusal has a place.

use crate::sentence::sentence;
use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::collections::HashSet;
use std::fmt;

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

/// serde says the place as part of the sentence, and of some things not what it expected.
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

/// Whether a text is JSON, and no object in it has a key twice: of two numbers nobody knows which one is meant. Says of which format it is.
pub(crate) fn check(bytes: &[u8]) -> Result<Head, Wrong> {
    let text = text(bytes)?;
    if text.trim_ascii().is_empty() {
        return Err(Wrong::at(bytes, bytes.len(), "it is empty: expected a JSON object"));
    }
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let mut head = Head::default();
    Strict::Outermost(&mut head)
        .deserialize(&mut deserializer)
        .and_then(|()| deserializer.end())
        .map_err(Wrong::from)?;
    Ok(head)
}

/// Reads a text that was [`check`]ed.
pub(crate) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Wrong> {
    serde_json::from_slice(bytes).map_err(Wrong::from)
}

/// The keys by which a format is known.
#[derive(Default)]
pub(crate) struct Head {
    /// Its `schema`, if that is a string.
    pub schema: Option<String>,
    /// Whether there are `results`.
    pub has_results: bool,
}

/// Looks at a value. Of the outermost object it keeps what says its format.
enum Strict<'a> {
    /// The outermost value.
    Outermost(&'a mut Head),
    /// The value of its key `schema`.
    Schema(&'a mut Option<String>),
    /// Any other.
    Inner,
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        // Names of formats are short.
        if let Strict::Schema(schema) = self {
            *schema = (text.len() < 1000).then(|| text.to_owned());
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element_seed(Strict::Inner)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        let mut keys = HashSet::new();
        while let Some(key) = map.next_key::<String>()? {
            if keys.contains(&key) {
                return Err(A::Error::custom(format!("duplicate key `{}`", key.escape_debug())));
            }
            let value = match (&mut self, key.as_str()) {
                (Strict::Outermost(head), "schema") => Strict::Schema(&mut head.schema),
                (Strict::Outermost(head), "results") => {
                    head.has_results = true;
                    Strict::Inner
                }
                _ => Strict::Inner,
            };
            map.next_value_seed(value)?;
            keys.insert(key);
        }
        Ok(())
    }
}
