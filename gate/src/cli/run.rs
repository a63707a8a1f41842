//! `probe-gate run`.

use super::judging::{Judging, conclude};
use clap::Args;
use concurrency_probe_gate::{Config, Results};
use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

#[derive(Args, Debug)]
pub(super) struct RunArgs {
    #[command(flatten)]
    judging: Judging,

    /// Go on with a session that was interrupted
    #[arg(long)]
    resume: bool,
}

/// Runs the targets, then judges.
pub(super) fn run(args: &RunArgs) -> Result<ExitCode, Box<dyn Error>> {
    let config = Config::read(&args.judging.config)?;
    let base = args.judging.config.parent().unwrap_or(Path::new(""));
    let baseline = args.judging.baseline.as_deref().map(Results::read).transpose()?;
    let results = crate::session::run(&config, base, args.resume)?;
    let out = base.join(&config.run.out);
    conclude(&config, &results, baseline.as_ref(), Some(&out), args.judging.trace)
}
