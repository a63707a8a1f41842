//! `Cell`: what a run of the benchmark is a run of.

use crate::install::Linking;
use serde::{Serialize, Serializer};
use std::fmt;

/// What is there before an install.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, clap::ValueEnum)]
pub enum Scenario {
    /// Nothing: no lockfile, and a store without a package.
    Fresh,
    /// No lockfile, and a store that has every package.
    HotStore,
    /// A lockfile, and a store without a package. Nothing is resolved, so that both targets do the same, and their ratio is
    /// the noise of the machine.
    FrozenLockfile,
}

/// Who resolves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Target {
    /// The installer itself, with the packuments of the registry.
    Pacquet,
    /// The resolution server, which streams packages as it finds them.
    Pnpr,
    /// The resolution server, which has been asked before: it answers immediately, and streams nothing.
    PnprCached,
}

/// What a run is a run of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Cell {
    /// What is there before.
    pub scenario: Scenario,
    /// Who resolves.
    pub target: Target,
    /// When cold packages are linked.
    pub linking: Linking,
}

impl Scenario {
    /// All of them.
    pub const ALL: [Scenario; 3] = [Scenario::Fresh, Scenario::HotStore, Scenario::FrozenLockfile];

    /// As on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Scenario::Fresh => "fresh",
            Scenario::HotStore => "hot-store",
            Scenario::FrozenLockfile => "frozen-lockfile",
        }
    }

    /// Who installs in it.
    pub fn targets(self) -> &'static [Target] {
        match self {
            Scenario::Fresh | Scenario::HotStore => &[Target::Pacquet, Target::Pnpr, Target::PnprCached],
            Scenario::FrozenLockfile => &[Target::Pacquet, Target::Pnpr],
        }
    }
}

impl Target {
    /// In tables and files.
    pub fn name(self) -> &'static str {
        match self {
            Target::Pacquet => "pacquet",
            Target::Pnpr => "pnpr",
            Target::PnprCached => "pnpr-cached",
        }
    }
}

impl Cell {
    /// What is run unless it is said what: each way of linking where it makes a difference. Where everything is warm it makes none, and with
    /// a lockfile both targets do the same.
    pub(super) fn by_default() -> Vec<Cell> {
        use Linking::{Chunked, Inline, OnePass, Streamed};
        use Scenario::{Fresh, FrozenLockfile, HotStore};
        use Target::{Pacquet, Pnpr, PnprCached};
        let all: [(Scenario, Target, &[Linking]); 8] = [
            (Fresh, Pacquet, &[Inline, OnePass, Streamed]),
            (Fresh, Pnpr, &Linking::ALL),
            (Fresh, PnprCached, &[Inline, Streamed]),
            (HotStore, Pacquet, &[Streamed]),
            (HotStore, Pnpr, &[Streamed]),
            (HotStore, PnprCached, &[Streamed]),
            (FrozenLockfile, Pacquet, &[Inline, OnePass, Streamed, Chunked]),
            (FrozenLockfile, Pnpr, &[Streamed]),
        ];
        let of = |(scenario, target, linkings): (Scenario, Target, &'static [Linking])| {
            linkings.iter().map(move |linking| Cell { scenario, target, linking: *linking })
        };
        all.into_iter().flat_map(of).collect()
    }

    /// What a rule of the gates calls it.
    pub fn rule_name(self) -> String {
        format!("{}.{}.{}", self.scenario.name(), self.target.name(), self.linking.name())
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.scenario.name(), self.target.name(), self.linking.name())
    }
}

impl Serialize for Cell {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let mut cell = serializer.serialize_struct("Cell", 3)?;
        cell.serialize_field("scenario", self.scenario.name())?;
        cell.serialize_field("target", self.target.name())?;
        cell.serialize_field("linking", self.linking.name())?;
        cell.end()
    }
}
