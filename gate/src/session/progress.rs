//! The progress of a session: a bar in a terminal, otherwise a line after each round.

use concurrency_probe_gate::{Config, Run, TargetConfig};
use indicatif::{ProgressBar, ProgressStyle};
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::io::Write;
use std::time::Duration;

#[derive(Debug)]
pub(super) struct Progress {
    bar: ProgressBar,
    /// The targets for which it was reported that they leave processes behind.
    said: RefCell<BTreeSet<String>>,
    /// How long each target took so far, in the order of the configuration.
    sums: RefCell<Vec<(String, u128)>>,
    /// Whether the number of rounds is not known before.
    is_open: bool,
}

impl Progress {
    /// On standard error.
    pub(super) fn of(config: &Config, rounds: u32, is_open: bool) -> Self {
        let style = ProgressStyle::with_template("{bar:30} {pos}/{len} runs, {eta} left: {msg}");
        let runs = (u64::from(config.run.warmups) + u64::from(rounds)) * config.targets.len() as u64;
        let bar = ProgressBar::new(runs).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.enable_steady_tick(Duration::from_millis(200));
        let sums = config.targets.iter().map(|target| (target.name.clone(), 0)).collect();
        Progress { bar, said: RefCell::default(), sums: RefCell::new(sums), is_open }
    }

    /// A run is begun; a warm-up if it is of no round.
    pub(super) fn begin(&self, target: &TargetConfig, round: Option<u32>) {
        let round = round.map_or_else(|| "warm-up".to_owned(), |round| format!("round {round}"));
        self.bar.set_message(format!("{}, {round}{}", target.name, self.running_ratio()));
    }

    /// A run is in the results.
    pub(super) fn made(&self, run: &Run) {
        let mut sums = self.sums.borrow_mut();
        if let Some((_, sum)) = sums.iter_mut().find(|(target, _)| *target == run.target) {
            *sum += u128::from(run.wall_ns);
        }
    }

    /// It has ended.
    pub(super) fn end(&self) {
        self.bar.inc(1);
    }

    /// Reports that a run has left processes behind, once for each target.
    pub(super) fn left_others(&self, target: &TargetConfig) {
        if self.said.borrow_mut().insert(target.name.clone()) {
            self.say(&format!(
                "target {}: processes that it had started were still running when it ended; the gate has ended them",
                target.name
            ));
        }
    }

    /// How long the second target took over the first, so far.
    fn running_ratio(&self) -> String {
        let sums = self.sums.borrow();
        let [(first, first_sum), (second, second_sum), ..] = &sums[..] else { return String::new() };
        if *first_sum == 0 {
            return String::new();
        }
        let hundredths = second_sum * 100 / first_sum;
        format!("; {second} / {first} is {}.{:02}", hundredths / 100, hundredths % 100)
    }

    fn say(&self, line: &str) {
        self.bar.suspend(|| {
            let _ = writeln!(std::io::stderr(), "{line}");
        });
    }

    /// More rounds are needed.
    pub(super) fn more(&self, config: &Config, rounds: u32) {
        self.bar.inc_length(u64::from(rounds) * config.targets.len() as u64);
    }

    /// All targets were run in a round. Without a terminal, this line is all that is printed during a session.
    pub(super) fn end_of_round(&self, round: u32, rounds: u32, runs: &[Run]) {
        if !self.bar.is_hidden() {
            return;
        }
        let time = |run: &Run| {
            let millis = run.wall_ns / 1_000_000;
            format!("{} {}.{:03} s", run.target, millis / 1000, millis % 1000)
        };
        let of_round: Vec<&Run> = runs.iter().rev().take_while(|run| run.round == round).collect();
        let sums = self.sums.borrow();
        let in_order = sums.iter().filter_map(|(name, _)| of_round.iter().find(|run| run.target == *name));
        let times: Vec<String> = in_order.map(|run| time(run)).collect();
        if times.is_empty() {
            // The session is continued, and this run was made before.
            return;
        }
        let of = if self.is_open { String::new() } else { format!(" of {rounds}") };
        let line = format!("round {round}{of}: {}{}", times.join(", "), self.running_ratio());
        self.say(&line);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
