//! `Lockfile::read` and `Lockfile::parse`.

use super::model::{Importer, LockedPackage, Lockfile, Settings, Snapshot};
use super::{LockfileError, LockfileFault};
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

/// The version that is read and written.
pub(super) const VERSION: &str = "9.0";

/// The file as it is, before anything is asked of it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    lockfile_version: Option<String>,
    settings: Option<Settings>,
    #[serde(default)]
    overrides: BTreeMap<String, String>,
    #[serde(default)]
    importers: BTreeMap<String, Importer>,
    #[serde(default)]
    packages: BTreeMap<String, LockedPackage>,
    #[serde(default)]
    snapshots: BTreeMap<String, Snapshot>,
    patched_dependencies: Option<IgnoredAny>,
}

/// What every version of the file has.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Header {
    lockfile_version: Option<String>,
}

impl Lockfile {
    /// Reads a `pnpm-lock.yaml`.
    ///
    /// # Errors
    ///
    /// If it cannot be read, or as [`Lockfile::parse`].
    pub fn read(path: &Path) -> Result<Self, LockfileError> {
        let text = fs::read_to_string(path).map_err(|error| {
            let fault = match error.kind() {
                ErrorKind::NotFound => LockfileFault::Missing,
                ErrorKind::InvalidData => LockfileFault::Malformed("it is no UTF-8".to_owned()),
                _ => LockfileFault::Read(error),
            };
            fault.at(path, None)
        })?;
        Self::parse(&text, path)
    }

    /// Reads the text of a `pnpm-lock.yaml`; the path is for messages. Whether its parts fit together is seen by
    /// [`Lockfile::graph`]. Keys that make no difference to an installation (`catalogs`, `time`, ..) are
    /// passed over.
    ///
    /// # Errors
    ///
    /// If it is empty, in conflict, no YAML, of another shape or version, or asks for patches.
    pub fn parse(text: &str, path: &Path) -> Result<Self, LockfileError> {
        if let Some(line) = text.lines().position(is_conflict) {
            return Err(LockfileFault::Conflict.at(path, Some(line as u64 + 1)));
        }
        let (skipped, text) = last_document(text);
        if text.trim().is_empty() {
            return Err(LockfileFault::Empty.at(path, None));
        }
        let document: Document = serde_saphyr::from_str_with_options(text, options()).map_err(|error| {
            // An old version has another shape, and that it is old says more than how it differs.
            let header = serde_saphyr::from_str_with_options::<Header>(text, options());
            let line = error.location().map(|location| skipped + location.line());
            match header.map(|header| header.lockfile_version) {
                Ok(Some(found)) if found != VERSION => LockfileFault::Version(found).at(path, None),
                _ => LockfileFault::Malformed(one_line(&error)).at(path, line),
            }
        })?;
        match document.lockfile_version {
            Some(version) if version == VERSION => {}
            Some(other) => return Err(LockfileFault::Version(other).at(path, None)),
            None => return Err(LockfileFault::NoVersion.at(path, None)),
        }
        if document.patched_dependencies.is_some() {
            let line = text.lines().position(|line| line.starts_with("patchedDependencies"));
            return Err(LockfileFault::Patches.at(path, line.map(|line| skipped + line as u64 + 1)));
        }
        Ok(Lockfile {
            lockfile_version: VERSION.to_owned(),
            settings: document.settings,
            overrides: document.overrides,
            importers: document.importers,
            packages: document.packages,
            snapshots: document.snapshots,
        })
    }
}

/// What Git leaves in a file. `=======` alone is none: it may be in a text.
fn is_conflict(line: &str) -> bool {
    line.starts_with("<<<<<<< ") || line.starts_with(">>>>>>> ") || line == "<<<<<<<" || line == ">>>>>>>"
}

/// The last YAML document, and how many lines come before it: pnpm keeps its own tools in one of its own before the
/// project's. Three dashes begin a document wherever they begin a line, also in a text.
fn last_document(text: &str) -> (u64, &str) {
    let (mut lines, mut at, mut last) = (0, 0, (0, 0));
    for line in text.split_inclusive('\n') {
        at += line.len();
        lines += 1;
        if line.trim_end() == "---" {
            last = (lines, at);
        }
    }
    (last.0, &text[last.1..])
}

/// A lockfile may be as long as it likes, as it is the user's own, but not as deep: that would end the process. Two keys that
/// are the same are a fault. What looks like nothing is a text where a text is asked for.
fn options() -> serde_saphyr::Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_events: usize::MAX,
            max_nodes: usize::MAX,
            max_total_scalar_bytes: usize::MAX,
            // The peers of a key are up to a thousand characters, and then hashed.
            simple_key_max_lookahead: 4096,
        },
        merge_keys: serde_saphyr::MergeKeyPolicy::AsOrdinary,
        null_as_string: true,
        with_snippet: false,
    }
}

/// The error without a picture of the file, and without the place, which the message has already.
fn one_line(error: &serde_saphyr::Error) -> String {
    let text = error.without_snippet().to_string();
    // What comes then is for the programmer.
    let text = text.split(", set DuplicateKeyPolicy").next().unwrap_or_default();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let place = error.location().map(|at| format!(" at line {}, column {}", at.line(), at.column()));
    place.and_then(|place| text.strip_suffix(&place)).unwrap_or(&text).to_owned()
}
