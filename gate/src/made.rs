//! `Made`: the machine, the time, the commit and the targets of results.

use crate::json::unique;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The machine, the time, the commit and the targets of results.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Made {
    /// The machine.
    pub host: Host,
    /// The commit of the repository that the configuration is in, with `+` after it if files were changed since; `None` where there is
    /// none, or no git.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// The two commits, if two were compared. `TARGET@base` is the target of one, `TARGET@head` of the other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compared: Option<Commits>,
    /// Whether rounds were made until every rule was decided. They are then judged look by look, as during the session.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub until_decided: bool,
    /// When the first run was begun, as RFC 3339 has it, in UTC.
    pub date: String,
    /// Hashes of each target, by its name.
    #[serde(deserialize_with = "unique")]
    pub targets: BTreeMap<String, Identity>,
}

/// Two commits that were compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Commits {
    /// The one that was compared with.
    pub base: String,
    /// The one that was judged, with `+` after it if it was the work tree and files were changed since.
    pub head: String,
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

/// Hashes by which it is seen whether a target has changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// SHA-256 of its command, directory, environment, exit codes, and what goes before and after it.
    pub definition: String,
    /// SHA-256 of the files that its command names; `None` where there is no such file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub program: Option<String>,
}

impl Made {
    /// The same for two commits that are compared, if there are two. Its commit is then the head.
    #[must_use]
    pub fn of_commits(self, compared: Option<&Commits>) -> Self {
        let commit = compared.map(|commits| commits.head.clone()).or(self.commit);
        Made { commit, compared: compared.cloned(), ..self }
    }

    /// Why runs of `other` cannot be added to runs of this for a target, if they cannot: the target must be the same, and the machine.
    pub fn differs(&self, other: &Made, target: &str) -> Option<String> {
        let (Some(ours), Some(theirs)) = (self.targets.get(target), other.targets.get(target)) else {
            return None;
        };
        self.differs_for_comparison(other, target).or_else(|| {
            (ours.program != theirs.program).then(|| format!("the program of `{target}` has changed since"))
        })
    }

    /// Why times of a target cannot be compared with those of `other`, if they cannot. Its program may have changed: that is what a comparison
    /// looks for.
    pub fn differs_for_comparison(&self, other: &Made, target: &str) -> Option<String> {
        if self.host != other.host {
            return Some(format!(
                "the runs were made on another machine ({}), and this one is {}",
                self.host, other.host
            ));
        }
        self.differs_in_definition(other, target)
    }

    /// Why ratios of a target cannot be compared, if they cannot. The machine may be another one: both times of a ratio were measured on one.
    pub fn differs_in_definition(&self, other: &Made, target: &str) -> Option<String> {
        let (ours, theirs) = (self.targets.get(target)?, other.targets.get(target)?);
        (ours.definition != theirs.definition).then(|| {
            format!("the command, the environment, or what runs before or after `{target}` has changed since")
        })
    }
}

impl std::fmt::Display for Commits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Commits { base, head } = self;
        let (base, head) = (base.escape_debug(), head.escape_debug());
        write!(f, "TARGET@base is of commit {base}, and TARGET@head of commit {head}.")
    }
}

impl std::fmt::Display for Host {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Host { os, arch, cpu, cores } = self;
        let cpu = if cpu.is_empty() { String::new() } else { format!("{}, ", cpu.escape_debug()) };
        write!(f, "{cpu}{cores} cores, {} {}", os.escape_debug(), arch.escape_debug())
    }
}
