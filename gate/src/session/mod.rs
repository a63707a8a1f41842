//! A session: the targets are run, one after another, and what they measured is on disk after every run.

mod attempt;
mod checkouts;
mod commit_step;
mod compare;
mod error;
mod event;
mod folder;
mod identity;
mod journal;
mod live;
mod owner;
mod process;
mod progress;
mod schedule;
mod signals;
mod step;

use attempt::{Attempt, Broken};
use concurrency_probe_gate::artifacts::{self, WriteError};
use concurrency_probe_gate::{Commits, Config, Failure, Made, Results};
use journal::Journal;
use owner::Owner;
use progress::Progress;
use std::collections::HashSet;
use std::path::Path;
use std::time::Instant;
use step::Step;

pub(crate) use checkouts::checkout;
pub(crate) use compare::{Comparison, compare};
pub(crate) use error::SessionError;
use error::write_failed;
pub(crate) use folder::Folder;
pub(crate) use signals::Signals;

/// How a session is made.
pub(crate) struct Plan<'a> {
    pub(crate) config: &'a Config,
    /// What paths of the configuration are relative to.
    pub(crate) base: &'a Path,
    /// Whether the session that is in the folder is continued.
    pub(crate) resume: bool,
    /// Decides after some rounds whether they are enough. `None`: as many rounds as the configuration says.
    pub(crate) enough: Option<&'a dyn Enough>,
    /// The commits whose targets these are, if two are compared.
    pub(crate) compared: Option<&'a Commits>,
}

/// Whether more rounds are needed.
pub(crate) trait Enough {
    /// The number of rounds after which to look next, if `rounds` were not enough.
    fn next_look(&self, rounds: u32) -> u32;
    /// Whether these are enough.
    fn is_enough(&self, results: &Results, rounds: u32) -> bool;
}

/// Runs what a configuration says. A run that fails ends the session, and is part of its results.
///
/// # Errors
///
/// If nothing can be run, or the folder cannot be written.
///
/// The folder is returned with the results, and is this session's until it is dropped: artifacts are written to it.
pub(crate) fn run(plan: &Plan<'_>, signals: &Signals) -> Result<(Results, Folder), SessionError> {
    if plan.config.targets.is_empty() {
        return Err(SessionError::NoTargets);
    }
    let folder = Folder::take(&plan.base.join(&plan.config.run.out))?;
    let results = run_in(&folder, plan, signals, None)?;
    Ok((results, folder))
}

/// The same in a folder that was taken. What failed before the first run is a failure of the session, and nothing is run.
fn run_in(
    folder: &Folder,
    plan: &Plan<'_>,
    signals: &Signals,
    failure: Option<Failure>,
) -> Result<Results, SessionError> {
    let Plan { config, base, resume, compared, enough } = *plan;
    let made = identity::made(config, base, enough.is_some()).of_commits(compared);
    let before = if resume { before(folder, &made)? } else { Vec::new() };
    // The runs that are kept are in the new journal before anything of the session before is removed.
    let (mut journal, runs) = Journal::create(&folder.file(journal::NAME), &made, before)?;
    // Of two commits the checkouts and the builds have logs already.
    folder.clear(resume || compared.is_some())?;
    let mut results = Results { made: Some(made), ..Results::of_runs(runs) };
    let session = Session { plan, folder, signals, began: Instant::now() };
    results.failure = match failure {
        None => session.run(&mut results, &mut journal)?,
        failure => failure,
    };
    write_results(folder, journal, &results)?;
    Ok(results)
}

/// The results are on disk in one piece before the journal goes.
fn write_results(folder: &Folder, journal: Journal, results: &Results) -> Result<(), SessionError> {
    let path = folder.file("results.json");
    artifacts::write_file(&path, &artifacts::results(results))
        .map_err(|WriteError { source, .. }| write_failed(&path)(source))?;
    journal.close()
}

/// The runs of the session to continue.
fn before(folder: &Folder, made: &Made) -> Result<Vec<concurrency_probe_gate::Run>, SessionError> {
    let file = folder.file("results.json");
    let kept = match Journal::read(&folder.file(journal::NAME))? {
        Some(results) => Some((folder.file(journal::NAME), results)),
        None if file.exists() => Some((file.clone(), Results::read(&file)?)),
        None => None,
    };
    let Some((path, results)) = kept else { return Ok(Vec::new()) };
    let other = |why: String| SessionError::Other { path: path.clone(), why };
    let Some(then) = &results.made else {
        return Err(other("they do not say what was run".into()));
    };
    if then.compared != made.compared {
        return Err(other("two commits were compared there".into()));
    }
    if then.until_decided {
        return Err(other(
            "it was made with --until-decided, which decides by itself how many runs are made".into(),
        ));
    }
    for target in results.targets() {
        if let Some(why) = then.differs(made, target) {
            return Err(other(why));
        }
    }
    Ok(results.runs)
}

struct Session<'a> {
    plan: &'a Plan<'a>,
    folder: &'a Folder,
    signals: &'a Signals,
    began: Instant,
}

impl Session<'_> {
    /// Sets up, makes all runs, and cleans up, also after a failure.
    fn run(&self, results: &mut Results, journal: &mut Journal) -> Result<Option<Failure>, SessionError> {
        let config = self.plan.config;
        let mut owners = vec![Owner::Session(&config.run)];
        owners.extend(config.targets.iter().map(Owner::Target));
        let mut set_up = 0;
        let mut ended = Ok(None);
        for owner in &owners {
            set_up += 1;
            ended = failed(self.attempt(*owner, 0, "setup").once(Step::Setup));
            if !matches!(ended, Ok(None)) {
                break;
            }
        }
        if let Ok(None) = ended {
            ended = self.runs(results, journal);
        }
        for owner in owners[..set_up].iter().rev() {
            let cleaned = failed(self.attempt(*owner, 0, "cleanup").once(Step::Cleanup));
            // What went wrong first is said.
            if let Ok(None) = ended {
                ended = cleaned;
            }
        }
        ended
    }

    fn runs(&self, results: &mut Results, journal: &mut Journal) -> Result<Option<Failure>, SessionError> {
        let Plan { config, enough, .. } = *self.plan;
        let targets = &config.targets;
        let mut look = enough.map(|enough| enough.next_look(0));
        let rounds = |look: Option<u32>| look.unwrap_or(config.run.runs);
        let progress = Progress::of(config, rounds(look), enough.is_some());
        // Runs of the session that is continued.
        let kept: HashSet<(u32, String)> =
            results.runs.iter().map(|run| (run.round, run.target.clone())).collect();
        results.runs.iter().for_each(|run| progress.made(run));
        for number in 1..=config.run.warmups {
            if self.is_over() {
                break;
            }
            for target in targets {
                progress.begin(target, None);
                if let Some(failure) =
                    failed(self.attempt(Owner::Target(target), 0, &format!("warmup-{number}")).make())?
                {
                    return Ok(Some(failure));
                }
                progress.end();
            }
        }
        let mut round = 0;
        loop {
            if round == rounds(look) {
                let Some(enough) = enough else { break };
                if enough.is_enough(results, round) {
                    break;
                }
                let next = enough.next_look(round);
                if next <= round {
                    break;
                }
                look = Some(next);
                progress.more(config, next - round);
            }
            round += 1;
            // A round that was begun is ended: half of it would be no pair.
            let is_new = !kept.iter().any(|(of, _)| *of == round);
            if round > 1 && is_new && self.is_over() {
                break;
            }
            for target in schedule::of_round(targets, round) {
                progress.begin(target, Some(round));
                if !kept.contains(&(round, target.name.clone())) {
                    match self.attempt(Owner::Target(target), round, &round.to_string()).make() {
                        Ok((mut run, left_others)) => {
                            if left_others {
                                progress.left_others(target);
                            }
                            journal.add(&mut run)?;
                            progress.made(&run);
                            results.runs.push(run);
                        }
                        Err(broken) => return failed::<()>(Err(broken)),
                    }
                }
                progress.end();
            }
            progress.end_of_round(round, rounds(look), &results.runs);
        }
        Ok(None)
    }

    fn is_over(&self) -> bool {
        let budget = self.plan.config.run.budget_s;
        budget.is_some_and(|budget| self.began.elapsed().as_secs_f64() > budget)
    }

    fn attempt<'a>(&'a self, owner: Owner<'a>, round: u32, which: &str) -> Attempt<'a> {
        let label = match owner {
            // No target has a name that begins so.
            Owner::Session(_) => format!("+{which}"),
            Owner::Target(target) => format!("{}-{which}", target.name),
        };
        Attempt {
            base: self.plan.base,
            folder: self.folder,
            signals: self.signals,
            owner,
            round,
            label,
            timeout_s: owner.timeout_s().unwrap_or(self.plan.config.run.timeout_s),
        }
    }
}

/// The failure, if there is one that is part of the results.
fn failed<T>(result: Result<T, Broken>) -> Result<Option<Failure>, SessionError> {
    match result {
        Ok(_) => Ok(None),
        Err(Broken::Failed(failure)) => Ok(Some(*failure)),
        Err(Broken::Session(error)) => Err(error),
    }
}
