//! A session of two commits: they are checked out and built, then their targets are run in pairs.

use super::checkouts::{Checkouts, checkout};
use super::commit_step::CommitStep;
use super::error::{read_failed, write_failed};
use super::folder::Folder;
use super::process;
use super::{Plan, SessionError, Signals, run_in};
use crate::git::{Repository, forget_repository};
use concurrency_probe_gate::{Commits, CompareConfig, Config, Failure, Results, Side};
use std::path::{Path, PathBuf};
use std::process::Command;

/// What is compared.
pub(crate) struct Comparison<'a> {
    pub(crate) repository: &'a Repository,
    /// As results say them.
    pub(crate) commits: &'a Commits,
    /// Whether the head is the work tree as it stands, which is not checked out.
    pub(crate) is_in_place: bool,
    pub(crate) compare: &'a CompareConfig,
}

/// Checks both commits out, builds them, and runs what a configuration says of them. What fails ends the session, and is part of its
/// results. The checkouts are gone afterwards, whatever happens.
///
/// # Errors
///
/// As of [`super::run`], and if a commit has no directory in which the configuration is.
pub(crate) fn compare(
    plan: &Plan<'_>,
    comparison: &Comparison<'_>,
    signals: &Signals,
) -> Result<(Results, Folder), SessionError> {
    let folder = Folder::take(&plan.base.join(&plan.config.run.out))?;
    folder.clear(false)?;
    let checkouts = Checkouts::begin(&folder, comparison.repository)?;
    let failure = comparison.make(&checkouts, &folder, plan.base, signals)?;
    if failure.is_none() {
        comparison.check_targets(plan.config, &folder, plan.base)?;
    }
    let results = run_in(&folder, plan, signals, failure)?;
    drop(checkouts);
    Ok((results, folder))
}

impl Comparison<'_> {
    fn make(
        &self,
        checkouts: &Checkouts<'_>,
        folder: &Folder,
        base: &Path,
        signals: &Signals,
    ) -> Result<Option<Failure>, SessionError> {
        let Commits { base: base_commit, head } = self.commits;
        let sides = [(Side::Base, base_commit, true), (Side::Head, head, !self.is_in_place)];
        for (side, commit, _) in sides.iter().filter(|(.., is_checked_out)| *is_checked_out) {
            let failure = checkouts.add(*side, commit, signals)?;
            if failure.is_some() {
                return Ok(failure);
            }
            let dir = self.dir(folder, base, *side);
            if !dir.is_dir() {
                let prefix = self.repository.prefix.clone();
                return Err(SessionError::NoDirectory {
                    side: side.name(),
                    commit: (*commit).clone(),
                    prefix,
                });
            }
        }
        let Some((program, arguments)) = self.compare.build.split_first() else { return Ok(None) };
        for (side, ..) in sides {
            let dir = self.dir(folder, base, side);
            let step = CommitStep {
                what: format!("the build of the {} commit", side.name()),
                label: format!("+build-{}", side.name()),
                limit_s: self.compare.build_timeout_s,
                folder,
                signals,
            };
            let started = process::program(program, &dir).map_err(write_failed(&dir))?;
            let mut command = Command::new(started);
            forget_repository(&mut command);
            let failure = step.run(command.args(arguments).current_dir(&dir), &dir)?;
            if failure.is_some() {
                return Ok(failure);
            }
        }
        Ok(None)
    }

    /// Checks that no symlink of a target leads to the work tree: both commits would use the same file.
    fn check_targets(&self, config: &Config, folder: &Folder, base: &Path) -> Result<(), SessionError> {
        let root = self.repository.root.canonicalize().map_err(read_failed(&self.repository.root))?;
        for side in Side::BOTH.into_iter().filter(|side| *side == Side::Base || !self.is_in_place) {
            let own = checkout(folder.out(), side);
            let own = own.canonicalize().map_err(read_failed(&own))?;
            let of_side = config.targets.iter().filter(|target| target.name.ends_with(&side.of("")));
            for target in of_side {
                let dir = target.dir_in(base);
                for path in target.command.iter().map(|word| dir.join(word)) {
                    let Ok(to) = path.canonicalize() else { continue };
                    if to.starts_with(&root) && !to.starts_with(&own) {
                        let target = target.name.clone();
                        return Err(SessionError::LeadsOut { target, side: side.name(), path, to });
                    }
                }
            }
        }
        Ok(())
    }

    /// The directory of the configuration in a commit.
    fn dir(&self, folder: &Folder, base: &Path, side: Side) -> PathBuf {
        if side == Side::Head && self.is_in_place {
            return if base.as_os_str().is_empty() { PathBuf::from(".") } else { base.into() };
        }
        checkout(folder.out(), side).join(&self.repository.prefix)
    }
}
