//! `probe-gate check`.

use super::judging::{Judging, conclude};
use clap::Args;
use concurrency_probe_gate::{Config, Results, judge};
use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Args, Debug)]
pub(super) struct CheckArgs {
    #[command(flatten)]
    judging: Judging,

    /// Where artifacts are written [default: nowhere]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,

    /// The results
    results: PathBuf,
}

/// Judges results that exist.
pub(super) fn check(args: &CheckArgs) -> Result<ExitCode, Box<dyn Error>> {
    let mut config = Config::read(&args.judging.config)?;
    args.judging.choose(&mut config)?;
    args.judging.look_at_history()?;
    let baseline = args.judging.baseline.as_deref().map(Results::read).transpose()?;
    let results = Results::read(&args.results)?;
    let judgements = judge(&config, &results, baseline.as_ref());
    conclude(&config, &results, &judgements, args.out.as_deref(), &args.judging)
}
