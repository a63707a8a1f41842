//! `Settings`: what pnpm's configuration says of a project.

use super::import::ImportMethod;
use super::setting::{Setting, SettingsError};
use super::setting_sources;
use nodejs_semver::Version;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

/// pnpm's settings, by their names as `.npmrc` has them. See <https://pnpm.io/settings>.
#[derive(Debug, Default)]
pub(super) struct Settings {
    all: BTreeMap<String, Setting>,
}

/// When a setting changes the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum When {
    /// In each install.
    Always,
    /// When a project is resolved. What came of it is in the lockfile.
    Resolving,
}

/// What a setting is where it changes nothing.
#[derive(Clone, Copy, Debug)]
enum Harmless {
    Flag(bool),
    Text(&'static [&'static str]),
    Number(i64),
    /// Nothing in it.
    Empty,
}

/// The settings of pnpm 10 that change the result and are not followed, with their defaults. What is followed is read by
/// `Layout`. All others are about the network, scripts, which are never run, or what is printed.
const UNSUPPORTED: &[(&str, Harmless, When)] = &[
    ("node-linker", Harmless::Text(&["isolated"]), When::Always),
    ("modules-dir", Harmless::Text(&["node_modules", "./node_modules"]), When::Always),
    ("virtual-store-dir", Harmless::Text(&["node_modules/.pnpm", "./node_modules/.pnpm"]), When::Always),
    ("virtual-store-dir-max-length", Harmless::Number(120), When::Always),
    ("enable-modules-dir", Harmless::Flag(true), When::Always),
    ("enable-global-virtual-store", Harmless::Flag(false), When::Always),
    ("symlink", Harmless::Flag(true), When::Always),
    // Where there are no reflinks, pnpm gives up; what to do then is for the user to say.
    ("package-import-method", Harmless::Text(&["auto", "hardlink", "copy", "clone-or-copy"]), When::Always),
    ("lockfile", Harmless::Flag(true), When::Always),
    ("package-lock", Harmless::Flag(true), When::Always),
    ("lockfile-dir", Harmless::Text(&[".", "./"]), When::Always),
    ("lockfile-directory", Harmless::Text(&[".", "./"]), When::Always),
    ("shared-workspace-lockfile", Harmless::Flag(true), When::Always),
    ("recursive-install", Harmless::Flag(true), When::Always),
    ("ignore-workspace", Harmless::Flag(false), When::Always),
    ("git-branch-lockfile", Harmless::Flag(false), When::Always),
    ("merge-git-branch-lockfiles", Harmless::Flag(false), When::Always),
    ("merge-git-branch-lockfiles-branch-pattern", Harmless::Empty, When::Always),
    ("inject-workspace-packages", Harmless::Flag(false), When::Always),
    ("production", Harmless::Flag(false), When::Always),
    ("dev", Harmless::Flag(false), When::Always),
    ("optional", Harmless::Flag(true), When::Always),
    ("only", Harmless::Empty, When::Always),
    ("patched-dependencies", Harmless::Empty, When::Always),
    ("config-dependencies", Harmless::Empty, When::Always),
    ("overrides", Harmless::Empty, When::Resolving),
    ("resolutions", Harmless::Empty, When::Resolving),
    ("package-extensions", Harmless::Empty, When::Resolving),
    ("ignored-optional-dependencies", Harmless::Empty, When::Resolving),
    ("resolution-mode", Harmless::Text(&["highest"]), When::Resolving),
    ("auto-install-peers", Harmless::Flag(true), When::Resolving),
    ("exclude-links-from-lockfile", Harmless::Flag(false), When::Resolving),
    ("minimum-release-age", Harmless::Number(0), When::Resolving),
    ("trust-policy", Harmless::Text(&["off"]), When::Resolving),
];

impl Settings {
    /// Reads the settings of the project in this directory.
    ///
    /// # Errors
    ///
    /// If a file cannot be read or understood.
    pub(super) fn load(project: &Path) -> Result<Self, SettingsError> {
        Ok(Settings { all: setting_sources::load(project)? })
    }

    /// Reads the settings that a project of a workspace has for itself.
    ///
    /// # Errors
    ///
    /// If its file cannot be read.
    pub(super) fn of_project(project: &Path) -> Result<Self, SettingsError> {
        Ok(Settings { all: setting_sources::of_project(project)? })
    }

    /// Whether all that changes the result is followed. `resolving`: there is no lockfile.
    ///
    /// # Errors
    ///
    /// If not, naming the first setting that is not.
    pub(super) fn check(&self, project: &Path, resolving: bool) -> Result<(), SettingsError> {
        let asked = UNSUPPORTED.iter().filter(|(_, _, when)| resolving || *when == When::Always);
        for (key, harmless, when) in asked {
            if let Some(Setting { value, origin }) = self.all.get(*key)
                && !harmless.is(value)
            {
                let when = match when {
                    When::Always => "",
                    When::Resolving => " without a lockfile of pnpm",
                };
                return Err(SettingsError::Unsupported {
                    key: (*key).to_owned(),
                    origin: origin.clone(),
                    when,
                });
            }
        }
        let ignores_hooks = self.flag("ignore-pnpmfile", false)?;
        let hooks = [".pnpmfile.cjs", ".pnpmfile.mjs"].map(|name| project.join(name));
        match hooks.into_iter().find(|file| file.exists()).filter(|_| resolving && !ignores_hooks) {
            Some(file) => Err(SettingsError::Hooks(file)),
            None => Ok(()),
        }
    }

    /// Whether something is set, where its value does not matter.
    pub(super) fn has(&self, key: &str) -> bool {
        self.all.get(key).is_some_and(|setting| !Harmless::Empty.is(&setting.value))
    }

    pub(super) fn flag(&self, key: &str, default: bool) -> Result<bool, SettingsError> {
        Ok(self.optional_flag(key)?.unwrap_or(default))
    }

    pub(super) fn optional_flag(&self, key: &str) -> Result<Option<bool>, SettingsError> {
        self.read(key, "`true` or `false`", |value| Some(flag(value)))
    }

    /// What `overrides` may be together with Yarn's `resolutions`: pnpm adds those to the ones in `package.json`, and leaves them out beside ones
    /// in `pnpm-workspace.yaml`.
    pub(super) fn overrides(&self) -> Result<Vec<BTreeMap<String, String>>, SettingsError> {
        let [overrides, resolutions] = ["overrides", "resolutions"].map(|key| {
            self.read(key, "a map of texts", |value| match value {
                Value::Object(map) if map.is_empty() => None,
                Value::Object(map) => Some(
                    map.iter().map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect(),
                ),
                _ => Some(None),
            })
        });
        Ok(match (overrides?, resolutions?) {
            (None, None) => vec![BTreeMap::new()],
            (Some(only), None) | (None, Some(only)) => vec![only],
            (Some(overrides), Some(resolutions)) => {
                let mut both: BTreeMap<String, String> = resolutions;
                both.extend(overrides.clone());
                vec![both, overrides]
            }
        })
    }

    /// A list of texts, or one text.
    pub(super) fn list(&self, key: &str) -> Result<Option<Vec<String>>, SettingsError> {
        self.read(key, "a list of texts", |value| Some(list(value)))
    }

    /// A list in a map.
    pub(super) fn part(&self, key: &str, part: &str) -> Result<Option<Vec<String>>, SettingsError> {
        self.read(key, "a map of lists of texts", |value| match value {
            Value::Object(map) => map.get(part).filter(|part| !part.is_null()).map(list),
            _ => Some(None),
        })
    }

    pub(super) fn version(&self, key: &str) -> Result<Option<Version>, SettingsError> {
        let version = |text: &str| Version::parse(text.trim_start_matches('v')).ok();
        self.read(key, "a version like `20.11.0`", |value| match value {
            Value::String(text) if text.is_empty() => None,
            value => Some(value.as_str().and_then(version)),
        })
    }

    pub(super) fn import_method(&self) -> Result<ImportMethod, SettingsError> {
        let method = self.read("package-import-method", "one that pnpm has", |value| match value {
            Value::String(text) if text.is_empty() => None,
            value => Some(value.as_str().and_then(ImportMethod::parse)),
        });
        Ok(method?.unwrap_or_default())
    }

    /// Reads a value. `kind` says `None` for what is as good as not set, and `Some(None)` for what is wrong.
    fn read<T>(
        &self,
        key: &str,
        expected: &'static str,
        kind: impl Fn(&Value) -> Option<Option<T>>,
    ) -> Result<Option<T>, SettingsError> {
        let Some(Setting { value, origin }) = self.all.get(key).filter(|setting| !setting.value.is_null())
        else {
            return Ok(None);
        };
        match kind(value) {
            None => Ok(None),
            Some(Some(read)) => Ok(Some(read)),
            Some(None) => {
                let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                let value = value.escape_debug().to_string();
                Err(SettingsError::Value { key: key.to_owned(), origin: origin.clone(), value, expected })
            }
        }
    }
}

impl Harmless {
    fn is(self, value: &Value) -> bool {
        let is_empty = match value {
            Value::Null => true,
            Value::String(text) => text.is_empty(),
            Value::Array(list) => list.is_empty(),
            Value::Object(map) => map.is_empty(),
            _ => false,
        };
        is_empty
            || match self {
                Harmless::Flag(default) => flag(value) == Some(default),
                Harmless::Text(texts) => value.as_str().is_some_and(|text| texts.contains(&text)),
                Harmless::Number(default) => {
                    let number = value.as_i64().or_else(|| value.as_str()?.trim().parse().ok());
                    number == Some(default)
                }
                Harmless::Empty => false,
            }
    }
}

fn flag(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

fn list(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::String(text) => Some(vec![text.clone()]),
        Value::Array(list) => list.iter().map(|entry| entry.as_str().map(str::to_owned)).collect(),
        _ => None,
    }
}
