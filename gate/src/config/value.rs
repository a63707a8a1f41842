//! `Value`: a value of a parameter, and what a target is called with it.

use serde::Deserialize;
use std::fmt;

/// A value of a parameter: a number or a text.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(untagged, expecting = "expected a whole number or a text")]
pub enum Value {
    /// A whole number.
    Number(i64),
    /// A text.
    Text(String),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Number(number) => number.fmt(f),
            Value::Text(text) => f.write_str(text),
        }
    }
}

/// The name of a target with these values of its parameters: `link.threads-4`.
pub(crate) fn expanded_name(target: &str, values: &[(&str, &str)]) -> String {
    values.iter().fold(target.to_owned(), |name, (parameter, value)| format!("{name}.{parameter}-{value}"))
}
