//! `ConfigError`: why a configuration cannot be used.

use crate::json::Wrong;
use crate::nearest::nearest;
use crate::sentence::sentence;
use std::io;
use std::path::{Path, PathBuf};

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// It cannot be read.
    #[error("cannot read {}: {source}{}", path.display(), hint(source))]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It is not TOML, or not a configuration.
    #[error("{}{}: {why}", path.display(), line.map_or_else(String::new, |line| format!(":{line}")))]
    Form {
        /// The file.
        path: PathBuf,
        /// Where, from 1, if that is known.
        line: Option<usize>,
        /// What is wrong there.
        why: String,
    },
}

impl ConfigError {
    /// An error of bytes that are not UTF-8.
    pub(crate) fn of_bytes(Wrong { line, column, why }: Wrong, path: &Path) -> Self {
        ConfigError::Form { path: path.into(), line: Some(line), why: format!("column {column}: {why}") }
    }

    /// An error in what the configuration asks for.
    pub(crate) fn of_check(why: &str, path: &Path) -> Self {
        ConfigError::Form { path: path.into(), line: None, why: sentence(why) }
    }

    /// An error of a text that is not TOML, or not a configuration.
    pub(crate) fn of_toml(error: &toml::de::Error, text: &str, path: &Path) -> Self {
        let line = error.span().map(|span| 1 + text[..span.start.min(text.len())].matches('\n').count());
        // The parser lays out what it says on several lines.
        let why = error.message().replace('\n', " ");
        ConfigError::Form { path: path.into(), line, why: sentence(&with_nearest(&why)) }
    }
}

/// What to do about a missing file.
fn hint(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::NotFound => "; `probe-gate init` writes one to begin with",
        _ => "",
    }
}

/// serde says which keys it expected; of many the nearest is the one to name.
fn with_nearest(why: &str) -> String {
    let is_unknown = why.starts_with("unknown field") || why.starts_with("unknown variant");
    let mut quoted = why.split('`').skip(1).step_by(2);
    let Some(wrong) = quoted.next().filter(|_| is_unknown) else { return why.into() };
    match nearest(wrong, quoted) {
        Some(nearest) => format!("`{wrong}` is not known here; did you mean `{nearest}`?"),
        None => why.into(),
    }
}
