//! Gates for benchmarks that fail when structure breaks, and not only when time does.
//!
//! A gate reads what the runs of a benchmark reported, in the format of concurrency-probe, and applies rules: the ratio of two
//! targets, counts and shares, sums that must agree, the effective parallelism of a pass, the peak of a probe. The program
//! `probe-gate` is this library with a command line.
//!
//! **Only the program has a stable interface:** its commands, its configuration, its exit codes and the formats of its files. This library is there for
//! the program and for the project's own tests. Its items may change in any version.

pub mod artifacts;
mod bounded;
mod config;
mod explain;
mod failure;
mod history;
mod json;
mod judgement;
mod levels;
mod look;
mod made;
mod median;
mod metric;
mod nearest;
mod pattern;
mod report_line;
mod results;
mod sample;
mod sentence;
mod signal;
mod statistics;
pub mod terminal;
mod text;
mod view;
mod warnings;

pub use config::{
    Asks, By, CheckoutDirs, CompareConfig, Config, ConfigError, RuleConfig, RunConfig, Side, TargetConfig,
    Value,
};
pub use explain::{EXAMPLE, explain};
pub use failure::Failure;
pub use history::{Figure, History, HistoryError, RuleLine, SessionLine, TargetLine};
pub use judgement::{
    Judgement, Place, RatioInterval, Verdict, exit_code, has_runs, judge, judge_at_look, say_what_is_new,
};
pub use levels::{Levels, known_until};
pub use made::{Commits, Host, Identity, Made};
pub use metric::{Metric, Sum};
pub use report_line::{ReportError, ReportLine};
pub use results::{Results, ResultsError, Run};
pub use sample::Sample;
pub use signal::is_ignored;
pub use statistics::{Design, FEWEST, Interval, Statistic};
pub use view::{ViewError, view};
pub use warnings::warnings;
