//! Where pnpm's settings are.

use super::setting::{Setting, SettingsError};
use crate::net::npmrc::{self, Environment};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// What pnpm reads in the `pnpm` field of the root's `package.json`. Other settings in it have no meaning.
const OF_MANIFEST: [&str; 6] = [
    "configDependencies",
    "ignoredOptionalDependencies",
    "overrides",
    "packageExtensions",
    "patchedDependencies",
    "supportedArchitectures",
];

/// Reads all settings of the project in this directory. What comes first counts: `pnpm-workspace.yaml`, the `pnpm` field of
/// `package.json`, the environment (`npm_config_..`), the project's `.npmrc`, the user's, pnpm's own file of the user.
pub(super) fn load(project: &Path) -> Result<BTreeMap<String, Setting>, SettingsError> {
    let environment = environment();
    let mut sources =
        vec![of_workspace(project, &environment)?, of_manifest(project)?, of_environment(&environment)];
    let set =
        |key: &str| sources[2].iter().find(|(name, _)| name == key)?.1.value.as_str().map(PathBuf::from);
    let user = set("userconfig").or_else(|| Some(dirs::home_dir()?.join(".npmrc")));
    let own = dirs::config_dir().map(|dir| dir.join("pnpm/rc"));
    for file in [Some(project.join(".npmrc")), user, own].into_iter().flatten() {
        if let Some(text) = read(&file)? {
            sources.push(of_npmrc(&text, &file, &environment));
        }
    }
    // The first of a name stays.
    Ok(sources.into_iter().rev().flatten().collect())
}

/// What pnpm reads in the `.npmrc` of a project of a workspace.
pub(super) fn of_project(project: &Path) -> Result<BTreeMap<String, Setting>, SettingsError> {
    let file = project.join(".npmrc");
    let text = read(&file)?.unwrap_or_default();
    Ok(of_npmrc(&text, &file, &environment()).into_iter().filter(|(key, _)| key == "modules-dir").collect())
}

fn environment() -> Environment {
    let texts =
        |(name, value): (OsString, OsString)| Some((name.into_string().ok()?, value.into_string().ok()?));
    env::vars_os().filter_map(texts).collect()
}

type Source = Vec<(String, Setting)>;

fn read(file: &Path) -> Result<Option<String>, SettingsError> {
    match fs::read(file) {
        Ok(bytes) => {
            let text = String::from_utf8_lossy(&bytes);
            Ok(Some(text.strip_prefix('\u{feff}').unwrap_or(&text).to_owned()))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(source) => Err(SettingsError::Read { file: file.to_owned(), source }),
    }
}

fn of_workspace(project: &Path, environment: &Environment) -> Result<Source, SettingsError> {
    let file = project.join("pnpm-workspace.yaml");
    let Some(text) = read(&file)? else { return Ok(Vec::new()) };
    if text.trim().is_empty() {
        return Ok(Vec::new());
    }
    let value: Value = serde_saphyr::from_str(&text).map_err(|error| {
        let why = error.without_snippet().to_string();
        SettingsError::Malformed {
            file: file.clone(),
            why: why.split_whitespace().collect::<Vec<_>>().join(" "),
        }
    })?;
    match value {
        Value::Object(mut settings) => {
            for value in settings.values_mut() {
                if let Value::String(text) = value {
                    *text = npmrc::interpolate(text, environment);
                }
            }
            Ok(of_map(settings, &file.display().to_string(), |_| true))
        }
        Value::Null => Ok(Vec::new()),
        _ => Err(SettingsError::Malformed { file, why: "expected a map".to_owned() }),
    }
}

/// A `package.json` that is none is seen by who reads what it asks for.
fn of_manifest(project: &Path) -> Result<Source, SettingsError> {
    let file = project.join("package.json");
    let Some(text) = read(&file)? else { return Ok(Vec::new()) };
    let mut manifest: Value = serde_json::from_str(&text).unwrap_or_default();
    if !manifest.is_object() {
        return Ok(Vec::new());
    }
    let origin = file.display().to_string();
    let mut source = Vec::new();
    if let Value::Object(settings) = manifest["pnpm"].take() {
        source = of_map(settings, &format!("`pnpm` in {origin}"), |key| OF_MANIFEST.contains(&key));
    }
    // Yarn's name for `overrides`.
    let resolutions = manifest["resolutions"].take();
    if !resolutions.is_null() {
        source.push(("resolutions".to_owned(), Setting { value: resolutions, origin }));
    }
    Ok(source)
}

fn of_map(settings: Map<String, Value>, origin: &str, is_one: impl Fn(&str) -> bool) -> Source {
    let settings = settings.into_iter().filter(|(key, _)| is_one(key));
    settings.map(|(key, value)| (kebab(&key), Setting { value, origin: origin.to_owned() })).collect()
}

/// `npm_config_node_linker` is `node-linker`; a list has two line breaks between its parts.
fn of_environment(environment: &Environment) -> Source {
    let settings = environment.iter().filter_map(|(name, value)| {
        let (prefix, key) = name.split_at_checked("npm_config_".len())?;
        let is_setting = prefix.eq_ignore_ascii_case("npm_config_") && !value.is_empty();
        is_setting.then(|| {
            let value = match value.split_once("\n\n") {
                None => Value::from(value.as_str()),
                Some(_) => value.split("\n\n").map(Value::from).collect(),
            };
            let origin = format!("the environment variable {name}");
            (key.to_ascii_lowercase().replace('_', "-"), Setting { value, origin })
        })
    });
    settings.collect()
}

/// Lines of `key=value`, `key[]=value` for one part of a list, and `key` for a flag that is set. What follows a `[section]` is
/// of no meaning to npm.
fn of_npmrc(text: &str, file: &Path, environment: &Environment) -> Source {
    let mut settings: BTreeMap<String, Value> = BTreeMap::new();
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with(['#', ';']));
    for line in lines.take_while(|line| !line.starts_with('[')) {
        let (key, value) = match line.split_once('=') {
            Some((key, value)) => {
                (key, Value::from(npmrc::interpolate(&npmrc::unquote(value.trim()), environment)))
            }
            None => (line, Value::Bool(true)),
        };
        let key = npmrc::interpolate(&npmrc::unquote(key.trim()), environment);
        match key.strip_suffix("[]") {
            None => drop(settings.insert(key, value)),
            Some(key) => match settings.entry(key.to_owned()).or_insert_with(|| Value::Array(Vec::new())) {
                Value::Array(list) => list.push(value),
                single => *single = Value::Array(vec![single.take(), value]),
            },
        }
    }
    let origin = file.display().to_string();
    settings.into_iter().map(|(key, value)| (key, Setting { value, origin: origin.clone() })).collect()
}

/// `nodeLinker` is `node-linker`.
fn kebab(key: &str) -> String {
    let mut kebab = String::with_capacity(key.len());
    for c in key.chars() {
        if c.is_ascii_uppercase() {
            kebab.push('-');
        }
        kebab.push(c.to_ascii_lowercase());
    }
    kebab
}
