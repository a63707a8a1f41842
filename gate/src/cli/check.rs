//! `probe-gate check`.

use super::judged::Judged;
use super::judging::{Judging, conclude};
use clap::Args;
use concurrency_probe_gate::{Config, Results};
use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Args, Debug)]
pub(super) struct CheckArgs {
    #[command(flatten)]
    judging: Judging,

    /// Write all artifacts to this directory [default: none are written]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,

    /// The results to judge
    results: PathBuf,
}

/// Judges results that exist. Of two commits that were compared the head is judged, as it was then.
pub(super) fn check(args: &CheckArgs) -> Result<ExitCode, Box<dyn Error>> {
    let CheckArgs { judging, out, results } = args;
    let plain = Config::read(&judging.config)?;
    judging.look_at_history()?;
    let baseline = judging.baseline.as_deref().map(Results::read).transpose()?;
    let results = Results::read(results)?;
    let made = results.made.as_ref();
    let compared = made.is_some_and(|made| made.compared.is_some());
    let mut config = if compared { plain.of_compared() } else { plain.clone() };
    judging.choose(&mut config)?;
    let judged = Judged::of(&results);
    let judgements = if compared {
        judged.judge_sides(&config, &plain, baseline.as_ref())
    } else {
        judged.judge(&config, baseline.as_ref())
    };
    conclude(&config, &results, &judgements, out.as_deref(), judging, None)
}
