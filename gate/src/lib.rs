//! Rules for benchmarks, which fail if the structure of a run breaks, and not only if it becomes slower.
//!
//! A gate reads the reports of a benchmark's runs, in the format of concurrency-probe, and applies rules: the ratio of two targets,
//! counts and shares, sums that must agree, the effective parallelism of a pass, the peak of a probe. The program `probe-gate` is
//! this library with a command line.
//!
//! **Only the program has a stable interface:** its commands, its configuration, its exit codes and the formats of its files. This library is there for
//! the program and for the project's own tests. Its items may change in any version.
//!
//! ```
//! use concurrency_probe_gate::{Config, ReportLine, Results, Run, Verdict, exit_code, judge};
//! use std::path::Path;
//!
//! let rules = r#"
//! [[rule]]
//! name = "every package is linked once"
//! why = "a package that is linked twice, or never, is a bug at any speed"
//! kind = "conserve"
//! sum = "counts.linked"
//! equals = "counts.warm + counts.cold"
//! "#;
//! let line = r#"{"schema":"concurrency-probe/1","scope":"install","wall_ns":5000,"counts":{"warm":2,"cold":6,"linked":7}}"#;
//!
//! let config = Config::parse(rules, Path::new("gates.toml"))?;
//! let report = ReportLine::parse(line.as_bytes())?.0;
//! let results = Results::of_runs(vec![Run::of("install", 1, 5000).with_reports([report])]);
//! let judgements = judge(&config, &results, None);
//! assert_eq!(judgements[0].verdict, Verdict::Fails);
//! assert_eq!(judgements[0].found, "install, round 1: counts.linked is 7, and counts.warm + counts.cold is 8");
//! assert_eq!(exit_code(&results, &judgements), 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

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
