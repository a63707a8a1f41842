//! `Owner`: whose commands are run.

use super::step::Step;
use crate::git::forget_repository;
use concurrency_probe_gate::{RunConfig, TargetConfig};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Whose commands are run.
#[derive(Clone, Copy, Debug)]
pub(super) enum Owner<'a> {
    /// Those of the session: its setup and its cleanup.
    Session(&'a RunConfig),
    /// Those of a target.
    Target(&'a TargetConfig),
}

impl<'a> Owner<'a> {
    /// Its name. The session has none.
    pub(super) fn name(self) -> &'a str {
        match self {
            Owner::Session(_) => "",
            Owner::Target(target) => &target.name,
        }
    }

    /// The program of a step and its arguments; empty if there is nothing to run.
    pub(super) fn arguments(self, step: Step) -> &'a [String] {
        match (self, step) {
            (Owner::Session(run), Step::Setup) => &run.setup,
            (Owner::Session(run), Step::Cleanup) => &run.cleanup,
            (Owner::Session(_), Step::Prepare | Step::Run | Step::Conclude) => &[],
            (Owner::Target(target), Step::Setup) => &target.setup,
            (Owner::Target(target), Step::Prepare) => &target.prepare,
            (Owner::Target(target), Step::Run) => &target.command,
            (Owner::Target(target), Step::Conclude) => &target.conclude,
            (Owner::Target(target), Step::Cleanup) => &target.cleanup,
        }
    }

    /// The exit codes of a step that count as success.
    pub(super) fn exit_codes(self, step: Step) -> &'a [i32] {
        match (self, step) {
            (Owner::Target(target), Step::Run) => &target.exit_codes,
            _ => &[0],
        }
    }

    /// Where its commands are run. `base` is where the configuration is.
    pub(super) fn dir_in(self, base: &Path) -> PathBuf {
        let dir = match self {
            Owner::Session(_) => base.into(),
            Owner::Target(target) => target.dir_in(base),
        };
        if dir.as_os_str().is_empty() { PathBuf::from(".") } else { dir }
    }

    /// Makes the commands of a target in a checkout find the repository of the checkout.
    pub(super) fn forget_git(self, command: &mut Command) {
        if matches!(self, Owner::Target(target) if target.checkout.is_some()) {
            forget_repository(command);
        }
    }

    /// The environment of its commands, beside that of the gate.
    pub(super) fn env(self) -> Option<&'a BTreeMap<String, String>> {
        match self {
            Owner::Session(_) => None,
            Owner::Target(target) => Some(&target.env),
        }
    }

    /// The time limit of a command in seconds, if this owner has its own.
    pub(super) fn timeout_s(self) -> Option<f64> {
        match self {
            Owner::Session(_) => None,
            Owner::Target(target) => target.timeout_s,
        }
    }
}
