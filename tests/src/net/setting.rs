//! `Setting`: a value of npm's configuration.

use super::npm_config_error::NpmConfigError;
use super::npmrc::{self, Environment};
use std::fmt;

/// A value, and where it is from.
#[derive(Clone)]
pub(super) struct Setting {
    pub(super) key: String,
    pub(super) value: String,
    pub(super) origin: String,
}

/// Not the value, which may be a secret.
impl fmt::Debug for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` of {}", self.key, self.origin)
    }
}

impl Setting {
    /// The value, if no variable is missing in it.
    pub(super) fn defined(&self) -> Result<&str, NpmConfigError> {
        match npmrc::undefined(&self.value) {
            None => Ok(&self.value),
            Some(variable) => Err(NpmConfigError::Undefined {
                key: self.key.clone(),
                origin: self.origin.clone(),
                variable: variable.to_owned(),
            }),
        }
    }

    /// The settings in the environment. Of `npm_config_x` and `NPM_CONFIG_X` the former comes first.
    pub(super) fn of_environment(environment: &Environment) -> Vec<Self> {
        let settings = environment.iter().rev().filter(|(_, value)| !value.is_empty());
        let settings = settings.filter_map(|(name, value)| {
            let (prefix, key) = name.split_at_checked("npm_config_".len())?;
            prefix.eq_ignore_ascii_case("npm_config_").then(|| Setting {
                // npm leaves the key of a URL alone, where capitals and underscores mean something.
                key: if key.starts_with("//") { key.to_owned() } else { with_dashes(key) },
                value: value.clone(),
                origin: format!("the environment variable {name}"),
            })
        });
        settings.collect()
    }
}

/// The key of a variable, which cannot have dashes: `FETCH_RETRIES` is `fetch-retries`. An underscore at the beginning stays.
fn with_dashes(key: &str) -> String {
    let name = key.trim_start_matches('_');
    let beginning = &key[..key.len() - name.len()];
    format!("{beginning}{}", name.to_ascii_lowercase().replace('_', "-"))
}
