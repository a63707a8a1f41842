//! The formats that others read.

use crate::median::median;
use crate::metric::Metric;
use crate::results::{Results, Run};
use serde::Serialize;
use serde_json::{Map, json};

/// Anything of ours.
pub(super) fn json<T: Serialize + ?Sized>(value: &T) -> String {
    serde_json::to_string_pretty(value).expect("strings and finite numbers are always JSON") + "\n"
}

/// Results: a line for each run, without the spaces that would double their size.
pub(super) fn results(results: &Results) -> String {
    let text = serde_json::to_string(results).expect("strings and whole numbers are always JSON");
    // A run begins so, and a failure. In a string the quotes would have a backslash before them.
    text.replace("{\"target\":", "\n{\"target\":") + "\n"
}

/// A time that was measured in each run of a target.
pub(super) struct Item<'a> {
    pub(super) target: &'a str,
    /// What was measured, unless it is the whole run.
    pub(super) metric: Option<&'a Metric>,
    pub(super) times: Times,
}

impl Item<'_> {
    /// The target, and what was measured.
    pub(super) fn name(&self) -> String {
        self.metric.map_or_else(|| self.target.to_owned(), |metric| format!("{} {metric}", self.target))
    }
}

/// The time of each target, and after it each of `metrics` that its runs have.
pub(super) fn items<'a>(results: &'a Results, metrics: &'a [Metric]) -> Vec<Item<'a>> {
    let of_target = |target: &'a str| {
        std::iter::once(None).chain(metrics.iter().map(Some)).filter_map(move |metric| {
            let of = |run: &Run| metric.unwrap_or(&Metric::WallNs).everywhere(run);
            Some(Item { target, metric, times: Times::of(results, target, of)? })
        })
    };
    results.targets().into_iter().flat_map(of_target).collect()
}

/// The times of a target, and what they come to. Seconds.
pub(super) struct Times {
    pub(super) all: Vec<f64>,
    median: f64,
}

impl Times {
    /// `value` is nanoseconds.
    fn of(results: &Results, target: &str, value: impl Fn(&Run) -> Option<f64>) -> Option<Self> {
        let nanos: Vec<f64> = results.of_target(target).filter_map(value).collect();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "they were whole numbers"
        )]
        let median = median(nanos.iter().map(|time| *time as u64))?;
        #[expect(clippy::cast_precision_loss, reason = "2^53 ns are 104 days")]
        let median = median as f64 / 1e9;
        Some(Times { all: nanos.into_iter().map(|time| time / 1e9).collect(), median })
    }

    #[expect(clippy::cast_precision_loss, reason = "there are few")]
    fn mean(&self) -> f64 {
        self.all.iter().sum::<f64>() / self.all.len() as f64
    }

    #[expect(clippy::cast_precision_loss, reason = "there are few")]
    fn deviation(&self) -> Option<f64> {
        let squares: f64 = self.all.iter().map(|time| (time - self.mean()).powi(2)).sum();
        (self.all.len() > 1).then(|| (squares / (self.all.len() - 1) as f64).sqrt())
    }

    pub(super) fn median(&self) -> f64 {
        self.median
    }

    pub(super) fn fastest(&self) -> f64 {
        self.all.iter().copied().fold(f64::INFINITY, f64::min)
    }

    pub(super) fn slowest(&self) -> f64 {
        self.all.iter().copied().fold(0.0, f64::max)
    }
}

/// As hyperfine exports its results (<https://github.com/sharkdp/hyperfine>, `--export-json`).
pub(super) fn hyperfine(results: &Results, items: &[Item<'_>]) -> String {
    let mean = |target: &str, metric: Metric| {
        Times::of(results, target, |run| metric.everywhere(run)).map(|times| times.mean())
    };
    let item = |item: &Item<'_>| {
        let times = &item.times;
        let mut result = json!({
            "command": item.name(),
            "mean": times.mean(),
            "stddev": times.deviation(),
            "median": times.median(),
            "min": times.fastest(),
            "max": times.slowest(),
            "times": times.all,
        });
        // The system counts whole runs, not parts of them.
        if item.metric.is_none() {
            // What was not measured is left out. A 0 would look like a measurement.
            for (key, metric) in [("user", Metric::UserNs), ("system", Metric::SystemNs)] {
                if let Some(mean) = mean(item.target, metric) {
                    result[key] = json!(mean);
                }
            }
            let codes: Vec<Option<i32>> = results.of_target(item.target).map(|run| run.exit_code).collect();
            if codes.iter().any(Option::is_some) {
                result["exit_codes"] = json!(codes);
            }
        }
        result
    };
    json(&json!({ "results": items.iter().map(item).collect::<Vec<_>>() }))
}

/// Bencher Metric Format (<https://bencher.dev/docs/reference/bencher-metric-format/>): nanoseconds.
pub(super) fn bencher(items: &[Item<'_>]) -> String {
    let mut all = Map::new();
    for Item { target, metric, times } in items {
        let measure = metric.map_or_else(|| "latency".to_owned(), ToString::to_string);
        let value = json!({
            "value": times.mean() * 1e9,
            "lower_value": times.fastest() * 1e9,
            "upper_value": times.slowest() * 1e9,
        });
        all.entry(*target).or_insert_with(|| json!({}))[measure] = value;
    }
    json(&all)
}

/// `customSmallerIsBetter` of github-action-benchmark (<https://github.com/benchmark-action/github-action-benchmark>).
pub(super) fn benchmark_action(items: &[Item<'_>]) -> String {
    let item = |item: &Item<'_>| {
        let times = &item.times;
        let range =
            times.deviation().map_or_else(String::new, |deviation| format!("± {:.1}", deviation * 1e3));
        let extra = format!("{} runs, median {:.1} ms", times.all.len(), times.median() * 1e3);
        json!({ "name": item.name(), "unit": "ms", "value": times.mean() * 1e3, "range": range, "extra": extra })
    };
    json(&items.iter().map(item).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::{bencher, benchmark_action, hyperfine, items};
    use crate::metric::Metric;
    use crate::results::{Results, Run};
    use serde_json::Value;

    fn results() -> Results {
        let run = |target: &str, round, wall_ms: u64| Run {
            user_ns: Some(1_000_000),
            ..Run::of(target, round, wall_ms * 1_000_000)
        };
        let runs = vec![run("a", 1, 10), run("b", 1, 20), run("a", 2, 30), run("a", 3, 20), run("a", 4, 40)];
        Results::of_runs(runs)
    }

    fn parse(text: &str) -> Value {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn each_format_has_what_its_readers_look_for() {
        let export = parse(&hyperfine(&results(), &items(&results(), &[])));
        let a = &export["results"][0];
        assert_eq!(
            (a["command"].as_str(), a["mean"].as_f64(), a["median"].as_f64()),
            (Some("a"), Some(0.025), Some(0.025))
        );
        assert_eq!(
            (a["min"].as_f64(), a["max"].as_f64(), a["user"].as_f64()),
            (Some(0.01), Some(0.04), Some(0.001))
        );
        assert_eq!(a["times"], serde_json::json!([0.01, 0.03, 0.02, 0.04]));
        assert!((a["stddev"].as_f64().unwrap() - 0.012_909_944).abs() < 1e-8);
        assert_eq!(export["results"][1]["stddev"], Value::Null, "of one run there is none");
        assert_eq!(a.get("system"), None, "what was not measured is no figure");
        assert_eq!(a.get("exit_codes"), None, "nobody knows");
        let mut known = results();
        known.runs[0].exit_code = Some(3);
        let export = parse(&hyperfine(&known, &items(&known, &[])));
        assert_eq!(export["results"][0]["exit_codes"], serde_json::json!([3, null, null, null]));

        // A command, as hyperfine has it, may look like a pattern, and is none.
        let mut several = results();
        several.runs[1].target = "*".into();
        let export = parse(&hyperfine(&several, &items(&several, &[])));
        assert_eq!(export["results"][1]["times"], serde_json::json!([0.02]));

        let export = parse(&bencher(&items(&results(), &[])));
        assert_eq!(export["a"]["latency"]["value"].as_f64(), Some(25e6));
        assert_eq!(export["a"]["latency"]["upper_value"].as_f64(), Some(40e6));

        let export = parse(&benchmark_action(&items(&results(), &[])));
        assert_eq!((export[0]["name"].as_str(), export[0]["value"].as_f64()), (Some("a"), Some(25.0)));
        assert_eq!((export[1]["unit"].as_str(), export[1]["range"].as_str()), (Some("ms"), Some("")));
    }

    /// A part of a run is an item of its own, in every format; of runs that do not have it there is none.
    #[test]
    fn a_part_of_a_run_is_an_item() {
        let mut results = results();
        for run in results.runs.iter_mut().filter(|run| run.target == "a") {
            let report = r#"{"schema":"concurrency-probe/1","scope":"s","wall_ns":1,"counts":{},"probes":[],"passes":[],"findings":[],
                "phases":[{"name":"link","total_ns":5000000,"times":1}]}"#;
            run.report = Some(serde_json::from_str(report).unwrap());
        }
        let metrics: Vec<Metric> = vec!["phases.link".parse().unwrap()];
        let items = items(&results, &metrics);
        let names: Vec<String> = items.iter().map(super::Item::name).collect();
        assert_eq!(names, ["a", "a phases.link", "b"]);
        let export = parse(&hyperfine(&results, &items));
        assert_eq!(export["results"][1]["command"], "a phases.link");
        assert_eq!(export["results"][1]["times"], serde_json::json!([0.005, 0.005, 0.005, 0.005]));
        assert_eq!(parse(&bencher(&items))["a"]["phases.link"]["value"].as_f64(), Some(5e6));
        let export = parse(&benchmark_action(&items));
        assert_eq!(
            (export[1]["name"].as_str(), export[1]["value"].as_f64()),
            (Some("a phases.link"), Some(5.0))
        );
    }
}
