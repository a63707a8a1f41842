//! `probe-gate run`.

use super::judging::{Judging, conclude};
use super::until_decided::{UntilDecided, look_of};
use crate::session::{Enough, Plan, Signals};
use clap::Args;
use concurrency_probe_gate::{Config, Design, Results, judge, judge_at_look};
use std::error::Error;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

#[derive(Args, Debug)]
pub(super) struct RunArgs {
    #[command(flatten)]
    judging: Judging,

    /// Go on with a session that was interrupted
    #[arg(long)]
    resume: bool,

    /// How often each target is run [default: what the configuration says]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    runs: Option<u32>,

    /// Make more and more rounds (6, 12, 24, ..) until every rule is decided. All looks together are wrong as often as one
    #[arg(long, conflicts_with_all = ["runs", "resume"])]
    until_decided: bool,

    /// Begin no further round after so many seconds [default: what the configuration says]
    #[arg(long, value_name = "SECONDS")]
    budget: Option<f64>,

    /// Run only this target; `*` stands for any text. May be given several times
    #[arg(long = "target", value_name = "PATTERN")]
    targets: Vec<String>,
}

/// Runs the targets, then judges.
pub(super) fn run(args: &RunArgs) -> Result<ExitCode, Box<dyn Error>> {
    let mut config = Config::read(&args.judging.config)?;
    args.judging.choose(&mut config)?;
    let left_out = config.only_targets(&args.targets)?;
    if left_out > 0 {
        let are = if left_out == 1 { "rule is left out: it is" } else { "rules are left out: they are" };
        let _ = writeln!(std::io::stderr(), "{left_out} {are} about targets that are not run");
    }
    config.run.runs = args.runs.unwrap_or(config.run.runs);
    config.run.budget_s = args.budget.or(config.run.budget_s);
    if args.until_decided && config.run.budget_s.is_none() {
        return Err(
            "how long may it take until it is decided? give --budget SECONDS, or `budget_s` in `[run]`"
                .into(),
        );
    }
    config.check()?;
    let base = args.judging.config.parent().unwrap_or(Path::new(""));
    let baseline = args.judging.baseline.as_deref().map(Results::read).transpose()?;
    let until = UntilDecided { config: &config, baseline: baseline.as_ref() };
    let enough = args.until_decided.then_some(&until as &dyn Enough);
    let plan = Plan { config: &config, base, resume: args.resume, enough };
    let signals = Signals::listen().map_err(|error| format!("cannot listen for signals: {error}"))?;
    let results = crate::session::run(&plan, &signals)?;
    let out = base.join(&config.run.out);
    let judgements = if args.until_decided {
        // A budget may end it between two looks. What was made after the last look is not looked at.
        let rounds = results.runs.iter().map(|run| run.round).max().unwrap_or(0);
        let look = look_of(rounds);
        let seen = results.up_to_round(Design::runs_of_look(look).min(rounds));
        judge_at_look(&config, &seen, baseline.as_ref(), look)
    } else {
        judge(&config, &results, baseline.as_ref())
    };
    let code = conclude(&config, &results, &judgements, Some(&out), &args.judging)?;
    // As shells have it for a program that a signal has ended.
    let of_signal = signals.first().and_then(|signal| u8::try_from(128 + signal).ok());
    Ok(of_signal.map_or(code, ExitCode::from))
}
