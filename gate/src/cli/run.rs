//! `probe-gate run`.

use super::judged::Judged;
use super::judging::{Judging, conclude};
use super::running::Running;
use crate::session::{Enough, Plan, Signals};
use clap::Args;
use concurrency_probe_gate::{Config, Results};
use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

#[derive(Args, Debug)]
pub(super) struct RunArgs {
    #[command(flatten)]
    judging: Judging,

    #[command(flatten)]
    running: Running,

    /// Continue a session that was interrupted
    #[arg(long, conflicts_with = "until_decided")]
    resume: bool,
}

/// Runs the targets, then judges.
pub(super) fn run(args: &RunArgs) -> Result<ExitCode, Box<dyn Error>> {
    let RunArgs { judging, running, resume } = args;
    let mut config = Config::read(&judging.config)?;
    judging.choose(&mut config)?;
    running.choose(&mut config)?;
    let base = judging.config.parent().unwrap_or(Path::new(""));
    judging.look_at_history()?;
    let baseline = judging.baseline.as_deref().map(Results::read).transpose()?;
    let until = running.until(&config, baseline.as_ref());
    let enough = until.as_ref().map(|until| until as &dyn Enough);
    let plan = Plan { config: &config, base, resume: *resume, enough, compared: None };
    let signals = Signals::listen().map_err(|error| format!("cannot listen for signals: {error}"))?;
    // The folder is this gate's until all is written.
    let (results, _folder) = crate::session::run(&plan, &signals)?;
    let judgements = Judged::of(&results).judge(&config, baseline.as_ref());
    let out = base.join(&config.run.out);
    conclude(&config, &results, &judgements, Some(&out), judging, signals.exit_code())
}
