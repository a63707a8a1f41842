//! `Made`: where, when and of what results were made.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Where, when and of what results were made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Made {
    /// The machine.
    pub host: Host,
    /// The commit of the repository that the configuration is in, with `+` after it if files were changed since; `None` where there is
    /// none, or no git.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// When the first run was begun, as RFC 3339 has it, in UTC.
    pub date: String,
    /// What each target was, by its name.
    pub targets: BTreeMap<String, Identity>,
}

/// A machine, as far as times depend on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Host {
    /// The operating system: `linux`.
    pub os: String,
    /// The architecture: `x86_64`.
    pub arch: String,
    /// The processor's name, as it calls itself; empty if it has none.
    pub cpu: String,
    /// How many processors a program may use.
    pub cores: u32,
}

/// What a target was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// SHA-256 of its command, directory, environment, and what goes before and after it.
    pub definition: String,
    /// SHA-256 of the file that its command names; `None` where there is no such file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub program: Option<String>,
}
