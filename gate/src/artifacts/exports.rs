//! The formats that others read.

use crate::results::{Results, Run};
use serde::Serialize;
use serde_json::{Map, Value, json};

/// Anything of ours.
pub(super) fn json<T: Serialize + ?Sized>(value: &T) -> String {
    serde_json::to_string_pretty(value).expect("strings and finite numbers are always JSON") + "\n"
}

/// The times of a target, sorted, and what they come to. Seconds.
struct Times {
    all: Vec<f64>,
    sorted: Vec<f64>,
}

impl Times {
    fn of(results: &Results, target: &str, value: impl Fn(&Run) -> Option<u64>) -> Option<Self> {
        #[expect(clippy::cast_precision_loss, reason = "2^53 ns are 104 days")]
        let all: Vec<f64> =
            results.of_target(target).filter_map(|run| Some(value(run)? as f64 / 1e9)).collect();
        let mut sorted = all.clone();
        sorted.sort_by(f64::total_cmp);
        (!all.is_empty()).then_some(Times { all, sorted })
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

    fn median(&self) -> f64 {
        let middle = self.sorted.len() / 2;
        if self.sorted.len() % 2 == 1 {
            self.sorted[middle]
        } else {
            f64::midpoint(self.sorted[middle - 1], self.sorted[middle])
        }
    }
}

/// As hyperfine exports its results (<https://github.com/sharkdp/hyperfine>, `--export-json`).
pub(super) fn hyperfine(results: &Results) -> String {
    let all: Vec<Value> = results
        .targets()
        .into_iter()
        .filter_map(|target| {
            let times = Times::of(results, target, |run| Some(run.wall_ns))?;
            let mean = |value: fn(&Run) -> Option<u64>| {
                Times::of(results, target, value).map_or(0.0, |times| times.mean())
            };
            Some(json!({
                "command": target,
                "mean": times.mean(),
                "stddev": times.deviation(),
                "median": times.median(),
                "user": mean(|run| run.user_ns),
                "system": mean(|run| run.system_ns),
                "min": times.sorted[0],
                "max": times.sorted[times.sorted.len() - 1],
                "times": times.all,
                "exit_codes": vec![0; times.all.len()],
            }))
        })
        .collect();
    json(&json!({ "results": all }))
}

/// Bencher Metric Format (<https://bencher.dev/docs/reference/bencher-metric-format/>): nanoseconds.
pub(super) fn bencher(results: &Results) -> String {
    let all: Map<String, Value> = results
        .targets()
        .into_iter()
        .filter_map(|target| {
            let times = Times::of(results, target, |run| Some(run.wall_ns))?;
            let latency = json!({
                "value": times.mean() * 1e9,
                "lower_value": times.sorted[0] * 1e9,
                "upper_value": times.sorted[times.sorted.len() - 1] * 1e9,
            });
            Some((target.to_owned(), json!({ "latency": latency })))
        })
        .collect();
    json(&all)
}

/// `customSmallerIsBetter` of github-action-benchmark (<https://github.com/benchmark-action/github-action-benchmark>).
pub(super) fn benchmark_action(results: &Results) -> String {
    let all: Vec<Value> = results
        .targets()
        .into_iter()
        .filter_map(|target| {
            let times = Times::of(results, target, |run| Some(run.wall_ns))?;
            let range = times.deviation().map_or_else(String::new, |deviation| format!("± {:.1}", deviation * 1e3));
            let extra = format!("{} runs, median {:.1} ms", times.all.len(), times.median() * 1e3);
            Some(json!({ "name": target, "unit": "ms", "value": times.mean() * 1e3, "range": range, "extra": extra }))
        })
        .collect();
    json(&all)
}

#[cfg(test)]
mod tests {
    use super::{bencher, benchmark_action, hyperfine};
    use crate::results::{Results, Run};
    use serde_json::Value;

    fn results() -> Results {
        let run = |target: &str, round, wall_ms: u64| Run {
            target: target.into(),
            round,
            wall_ns: wall_ms * 1_000_000,
            user_ns: Some(1_000_000),
            system_ns: None,
            peak_bytes: None,
            report: None,
        };
        let runs = vec![run("a", 1, 10), run("b", 1, 20), run("a", 2, 30), run("a", 3, 20), run("a", 4, 40)];
        Results { schema: Results::SCHEMA.into(), runs }
    }

    fn parse(text: &str) -> Value {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn each_format_has_what_its_readers_look_for() {
        let export = parse(&hyperfine(&results()));
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

        // A command, as hyperfine has it, may look like a pattern, and is none.
        let mut several = results();
        several.runs[1].target = "*".into();
        let export = parse(&hyperfine(&several));
        assert_eq!(export["results"][1]["times"], serde_json::json!([0.02]));

        let export = parse(&bencher(&results()));
        assert_eq!(export["a"]["latency"]["value"].as_f64(), Some(25e6));
        assert_eq!(export["a"]["latency"]["upper_value"].as_f64(), Some(40e6));

        let export = parse(&benchmark_action(&results()));
        assert_eq!((export[0]["name"].as_str(), export[0]["value"].as_f64()), (Some("a"), Some(25.0)));
        assert_eq!((export[1]["unit"].as_str(), export[1]["range"].as_str()), (Some("ms"), Some("")));
    }
}
