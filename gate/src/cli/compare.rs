//! `probe-gate compare`.

use super::judging::{Judging, conclude};
use super::running::Running;
use crate::git::Repository;
use crate::session::{Comparison, Enough, Plan, Signals, checkout};
use clap::Args;
use concurrency_probe_gate::{Checkouts, Commits, Config, Results, Side, say_what_is_new};
use std::error::Error;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

#[derive(Args, Debug)]
pub(super) struct CompareArgs {
    /// The commit to compare with [default: where the head left the default branch]
    #[arg(long, value_name = "REV")]
    base: Option<String>,

    /// The commit that is judged [default: the work tree as it stands]
    #[arg(long, value_name = "REV")]
    head: Option<String>,

    #[command(flatten)]
    judging: Judging,

    #[command(flatten)]
    running: Running,
}

/// Runs the targets of two commits in pairs, then judges those of the head.
pub(super) fn compare(args: &CompareArgs) -> Result<ExitCode, Box<dyn Error>> {
    let CompareArgs { judging, running, .. } = args;
    let mut config = Config::read(&judging.config)?;
    running.choose(&mut config)?;
    if config.targets.is_empty() {
        return Err("there is no target to run: add a `[[target]]`".into());
    }
    let at = judging.config.parent().unwrap_or(Path::new(""));
    let repository = Repository::of(at)?;
    let commits = commits(args, &repository)?;
    let out = &config.run.out;
    let [base, head] = Side::BOTH.map(|side| checkout(out, side).join(&repository.prefix));
    let head = if args.head.is_some() { head.as_path() } else { Path::new("") };
    let checkouts = Checkouts { root: &repository.root, prefix: &repository.prefix, dirs: [&base, head] };
    let mut of_both = config.of_commits(checkouts)?;
    judging.choose(&mut of_both)?;
    of_both.check()?;
    judging.look_at_history()?;
    let baseline = judging.baseline.as_deref().map(Results::read).transpose()?;
    let baseline = baseline.map(|baseline| as_head(baseline, &config));
    let until = running.until(&of_both, baseline.as_ref());
    let enough = until.as_ref().map(|until| until as &dyn Enough);
    let plan = Plan { config: &of_both, base: at, resume: false, enough, compared: Some(&commits) };
    let compare = config.compare.clone().unwrap_or_default();
    let comparison = Comparison {
        repository: &repository,
        commits: &commits,
        is_in_place: args.head.is_none(),
        compare: &compare,
    };
    let signals = Signals::listen().map_err(|error| format!("cannot listen for signals: {error}"))?;
    let _ = writeln!(std::io::stderr(), "base {}, head {}", commits.base, commits.head);
    let results = crate::session::compare(&plan, &comparison, &signals)?;
    let (mut judgements, design) = running.judge(&of_both, &results, baseline.as_ref());
    say_what_is_new(&mut judgements, &config, &results, baseline.as_ref(), design);
    let code = conclude(&of_both, &results, &judgements, Some(&at.join(out)), judging)?;
    let is_of_base = |name: &str| config.targets.iter().any(|target| Side::Base.of(&target.name) == name);
    if let Some(failure) = results.failure.as_ref().filter(|failure| is_of_base(&failure.target)) {
        let _ = writeln!(
            std::io::stderr(),
            "it is a run of the base commit: if {} is not there yet, leave it out with --target",
            failure.target.trim_end_matches("@base")
        );
    }
    Ok(signals.exit_code().unwrap_or(code))
}

/// The commits that are asked for.
fn commits(args: &CompareArgs, repository: &Repository) -> Result<Commits, Box<dyn Error>> {
    let named = args.base.as_deref().map(|base| repository.commit(base)).transpose()?;
    let is_changed = args.head.is_none() && repository.is_changed()?;
    let head = repository.commit(args.head.as_deref().unwrap_or("HEAD"))?;
    let base = named.map_or_else(|| repository.merge_base(&head, is_changed), Ok)?;
    Ok(Commits { base, head: if is_changed { head + "+" } else { head } })
}

/// A baseline that `run` made is one of the head: it has no sides.
pub(super) fn as_head(mut baseline: Results, config: &Config) -> Results {
    let is_plain = |name: &str| config.targets.iter().any(|target| target.name == name);
    for run in baseline.runs.iter_mut().filter(|run| is_plain(&run.target)) {
        run.target = Side::Head.of(&run.target);
    }
    if let Some(made) = &mut baseline.made {
        let targets = std::mem::take(&mut made.targets);
        let named = |name: String| if is_plain(&name) { Side::Head.of(&name) } else { name };
        made.targets = targets.into_iter().map(|(name, identity)| (named(name), identity)).collect();
    }
    baseline
}
