//! `probe-gate compare`.

use super::baseline::of_side;
use super::judged::Judged;
use super::judging::{Judging, conclude};
use super::running::Running;
use crate::git::Repository;
use crate::session::{Comparison, Enough, Plan, Signals, checkout};
use clap::Args;
use concurrency_probe_gate::{CheckoutDirs, Commits, Config, Results, Side};
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
    let out = &config.run.out;
    let commits = commits(args, &repository, out)?;
    let [base, head] = Side::BOTH.map(|side| checkout(out, side).join(&repository.prefix));
    let head = if args.head.is_some() { head.as_path() } else { Path::new("") };
    let checkouts = CheckoutDirs { root: &repository.root, prefix: &repository.prefix, dirs: [&base, head] };
    let mut of_both = config.of_commits(checkouts)?;
    judging.choose(&mut of_both)?;
    of_both.check()?;
    judging.look_at_history()?;
    let baseline = judging.baseline.as_deref().map(Results::read).transpose()?;
    let of_head = baseline.clone().map(|baseline| of_side(baseline, &config, Side::Head));
    let until = running.until(&of_both, of_head.as_ref());
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
    // The folder is this gate's until all is written.
    let (results, _folder) = crate::session::compare(&plan, &comparison, &signals)?;
    let judgements = Judged::of(&results).judge_sides(&of_both, &config, baseline.as_ref());
    let is_of_base = |name: &str| config.targets.iter().any(|target| Side::Base.of(&target.name) == name);
    let failed = results.failure.as_ref().filter(|failure| is_of_base(&failure.target));
    if let Some(failure) = failed.filter(|_| signals.first().is_none()) {
        let _ = writeln!(
            std::io::stderr(),
            "a run of the base commit failed: if that commit does not have {}, leave it out with --target",
            failure.target.trim_end_matches("@base")
        );
    }
    conclude(&of_both, &results, &judgements, Some(&at.join(out)), judging, signals.exit_code())
}

/// The commits that are asked for.
fn commits(args: &CompareArgs, repository: &Repository, out: &Path) -> Result<Commits, Box<dyn Error>> {
    let named = args.base.as_deref().map(|base| repository.commit(base)).transpose()?;
    let is_changed = args.head.is_none() && repository.is_changed(out)?;
    let head = repository.commit(args.head.as_deref().unwrap_or("HEAD"))?;
    let base = named.map_or_else(|| repository.merge_base(&head, is_changed), Ok)?;
    Ok(Commits { base, head: if is_changed { head + "+" } else { head } })
}
