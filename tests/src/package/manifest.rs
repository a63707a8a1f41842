//! `ProjectManifest`: the `package.json` of a project.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The `package.json` of a project that is installed: its direct dependencies, alias to specifier.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProjectManifest {
    /// Its name, which may be missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What it needs.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub dependencies: BTreeMap<String, String>,
    /// What it needs to be worked on.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub dev_dependencies: BTreeMap<String, String>,
    /// What it can do without.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub optional_dependencies: BTreeMap<String, String>,
    /// What whoever depends on it is to provide; installed with it, as pnpm's `auto-install-peers` has it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub peer_dependencies: BTreeMap<String, String>,
}

/// A direct dependency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct WantedDependency<'a> {
    /// The name it has in `node_modules`.
    pub alias: &'a str,
    /// What is asked for: `^1.2.3`, `npm:other@1`, a tag.
    pub specifier: &'a str,
    /// Where it is asked for.
    pub section: Section,
}

/// A list of dependencies in a `package.json`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Section {
    /// `dependencies`, or `peerDependencies` of the project itself.
    Dependencies,
    /// `devDependencies`.
    Dev,
    /// `optionalDependencies`.
    Optional,
}

/// Why a `package.json` cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ManifestError {
    /// There is none.
    #[error("there is no {}: name the directory of a project", .0.display())]
    Missing(PathBuf),
    /// The file system said no.
    #[error("cannot read {}: {source}; see that it is a file that this user may read", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the file system says.
        source: io::Error,
    },
    /// It is not JSON, or not of this shape.
    #[error("{}, line {line}, column {column}: {what}; correct it", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// The column, counted from 1.
        column: usize,
        /// What is wrong, as a sentence.
        what: String,
    },
    /// It cannot be written.
    #[error("cannot write {}: {source}; name another directory", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the file system says.
        source: io::Error,
    },
}

impl ProjectManifest {
    /// Reads a `package.json`.
    ///
    /// # Errors
    ///
    /// If there is none, it cannot be read, is no JSON, or has dependencies that are no texts.
    pub fn read(path: &Path) -> Result<Self, ManifestError> {
        let text = fs::read(path).map_err(|source| match source.kind() {
            io::ErrorKind::NotFound => ManifestError::Missing(path.to_owned()),
            _ => ManifestError::Read { path: path.to_owned(), source },
        })?;
        // Some editors on Windows put a mark in front, which npm and pnpm pass over.
        let text = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&text);
        // A list is taken for the fields in their order, which no `package.json` is.
        if text.trim_ascii_start().starts_with(b"[") {
            let what = "it is no `package.json`: expected an object".to_owned();
            return Err(ManifestError::Malformed { path: path.to_owned(), line: 1, column: 1, what });
        }
        serde_json::from_slice(text).map_err(|error| {
            let kind = match error.classify() {
                serde_json::error::Category::Data => "no `package.json`",
                _ => "no JSON",
            };
            let (line, column) = (error.line(), error.column());
            let place = format!(" at line {line} column {column}");
            let what = format!("it is {kind}: {}", error.to_string().trim_end_matches(&place));
            ManifestError::Malformed { path: path.to_owned(), line, column, what }
        })
    }

    /// Writes a `package.json`.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), ManifestError> {
        let text = serde_json::to_string_pretty(self).expect("texts are always JSON");
        fs::write(path, text + "\n").map_err(|source| ManifestError::Write { path: path.to_owned(), source })
    }

    /// All direct dependencies, in the order of their aliases. Of one in several sections, the optional one counts, else
    /// that of `dependencies`, then `devDependencies`, then `peerDependencies`, as pnpm has it.
    pub fn wanted(&self) -> Vec<WantedDependency<'_>> {
        let mut all = BTreeMap::new();
        for (list, section) in [
            (&self.peer_dependencies, Section::Dependencies),
            (&self.dev_dependencies, Section::Dev),
            (&self.dependencies, Section::Dependencies),
            (&self.optional_dependencies, Section::Optional),
        ] {
            all.extend(list.iter().map(|(alias, specifier)| (alias.as_str(), (specifier.as_str(), section))));
        }
        let wanted = |(alias, (specifier, section))| WantedDependency { alias, specifier, section };
        all.into_iter().map(wanted).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{ProjectManifest, Section};
    use std::fs;

    #[test]
    fn one_dependency_in_two_sections() {
        let manifest: ProjectManifest = serde_json::from_str(
            r#"{"dependencies":{"a":"1","b":"1"},"devDependencies":{"a":"2","c":"2"},"optionalDependencies":{"b":"3"},
                "peerDependencies":{"c":"4","d":"4"},"unknown":[1]}"#,
        )
        .unwrap();
        let wanted = manifest.wanted();
        assert_eq!(
            wanted.iter().map(|one| (one.alias, one.specifier, one.section)).collect::<Vec<_>>(),
            [
                ("a", "1", Section::Dependencies),
                ("b", "3", Section::Optional),
                ("c", "2", Section::Dev),
                ("d", "4", Section::Dependencies)
            ]
        );
    }

    #[test]
    fn what_is_refused_says_where() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("package.json");
        assert!(ProjectManifest::read(&path).unwrap_err().to_string().contains("there is no "));
        for (text, parts) in [
            ("", &["line 1", "no JSON"][..]),
            ("{\n  \"dependencies\": {,}", &["line 2, column 20", "no JSON"]),
            ("{\n \"dependencies\": {\"a\": 1}}", &["line 2", "expected a string"]),
            ("{\"dependencies\": []}", &["line 1", "expected a map"]),
            ("[]x", &["line 1"]),
        ] {
            fs::write(&path, text).unwrap();
            let error = ProjectManifest::read(&path).unwrap_err().to_string();
            for part in parts {
                assert!(error.contains(part), "`{error}` does not say `{part}`");
            }
        }
        fs::write(&path, "\u{feff}{}").unwrap();
        assert_eq!(ProjectManifest::read(&path).unwrap(), ProjectManifest::default());
    }
}
