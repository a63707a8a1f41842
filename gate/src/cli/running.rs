//! What `run` and `compare` share: how often which targets are run.

use super::until_decided::UntilDecided;
use clap::Args;
use concurrency_probe_gate::{Config, Results};
use std::io::Write;

#[derive(Args, Debug)]
pub(super) struct Running {
    /// How often each target is run [default: what the configuration says]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    runs: Option<u32>,

    /// Make 6, 12, 24, .. rounds until every rule is decided. All looks together have the error rate of one
    #[arg(long, conflicts_with = "runs")]
    until_decided: bool,

    /// Start no new round after this many seconds [default: what the configuration says]
    #[arg(long, value_name = "SECONDS")]
    budget: Option<f64>,

    /// Run only this target; `*` stands for any text. May be given several times
    #[arg(long = "target", value_name = "PATTERN")]
    targets: Vec<String>,
}

impl Running {
    /// Applies the arguments to a configuration.
    pub(super) fn choose(&self, config: &mut Config) -> Result<(), String> {
        let left_out = config.only_targets(&self.targets)?;
        if left_out > 0 {
            let are = if left_out == 1 { "rule is left out: it is" } else { "rules are left out: they are" };
            let _ = writeln!(std::io::stderr(), "{left_out} {are} about targets that are not run");
        }
        config.run.runs = self.runs.unwrap_or(config.run.runs);
        config.run.budget_s = self.budget.or(config.run.budget_s);
        if self.until_decided && config.run.budget_s.is_none() {
            return Err(
                "--until-decided needs a time limit: give --budget SECONDS, or `budget_s` in `[run]`".into(),
            );
        }
        config.check()
    }

    /// What looks whether there are enough rounds, if it is to be looked.
    pub(super) fn until<'a>(
        &self,
        config: &'a Config,
        baseline: Option<&'a Results>,
    ) -> Option<UntilDecided<'a>> {
        self.until_decided.then_some(UntilDecided { config, baseline })
    }
}
