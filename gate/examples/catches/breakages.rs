//! What a gate must catch: each breakage with the rules that see it, each of them alone.

use super::benchmark::{benchmark, report, run};
use concurrency_probe_gate::{Config, Judgement, Results, judge};
use serde_json::{Value, json};
use std::path::Path;

/// The rules, as a project would have them.
pub(crate) const RULES: &str = include_str!("rules.toml");

/// Every rule, those that read reports behind the one that does not.
const ALL: [&str; 8] = [
    "ratio",
    "conserve linked",
    "conserve items",
    "conserve batch",
    "cold",
    "streamed",
    "parallelism",
    "concurrent",
];

/// What is wrong with a benchmark.
pub(crate) struct Breakage {
    /// What.
    pub(crate) name: &'static str,
    /// The rules that catch it. Each does so alone, and no other does.
    pub(crate) rules: &'static [&'static str],
    /// The broken benchmark.
    pub(crate) results: fn() -> Results,
}

/// All of them.
pub(crate) const BREAKAGES: &[Breakage] = &[
    Breakage {
        name: "inline links: a pass for each package, one after another",
        rules: &["conserve batch", "parallelism", "concurrent"],
        results: || in_one_run(inline),
    },
    Breakage {
        name: "the same on a machine that is a hundred times as fast",
        rules: &["conserve batch", "parallelism", "concurrent"],
        results: || at_speed(0.01),
    },
    Breakage {
        name: "the same on a machine that is a hundred times as slow",
        rules: &["conserve batch", "parallelism", "concurrent"],
        results: || at_speed(100.0),
    },
    Breakage {
        name: "the same behind offloads, under the label of the pass, that keep all threads busy",
        rules: &["conserve batch", "parallelism", "concurrent"],
        results: || {
            in_one_run(|report| {
                inline(report);
                (report["passes"][1]["wall_ns"], report["passes"][1]["busy_ns"]) =
                    (100_000.into(), 400_000.into());
            })
        },
    },
    Breakage {
        name: "one batch ran one at a time, beside another that overlapped",
        rules: &["concurrent"],
        results: || in_one_run(|report| report["probes"][0]["batches"][1]["max_concurrent"] = 1.into()),
    },
    Breakage {
        name: "everything was warmed (cold = 0)",
        rules: &["conserve items", "conserve batch", "cold"],
        results: || {
            in_one_run(|report| {
                (report["counts"]["warm"], report["counts"]["cold"]) = (1308.into(), 0.into());
            })
        },
    },
    Breakage {
        name: "rows of pnpr are reports of pacquet",
        rules: &["streamed"],
        results: || in_one_run(|report| report["counts"]["streamed"] = 0.into()),
    },
    Breakage { name: "rows of pnpr are copies, times and all", rules: &["ratio"], results: copies },
    Breakage {
        name: "pnpr is missing",
        rules: &["ratio", "streamed"],
        results: || without(|target| target != "pnpr"),
    },
    Breakage {
        name: "pacquet is missing",
        rules: &["ratio"],
        results: || without(|target| target != "pacquet"),
    },
    Breakage { name: "there is no run at all", rules: &ALL, results: || without(|_| false) },
    Breakage {
        name: "no run left a report",
        rules: ALL.split_at(1).1,
        results: || {
            let mut results = benchmark(0.6, 10, 1);
            results.runs.iter_mut().for_each(|run| run.report = None);
            results
        },
    },
    Breakage {
        name: "a count was renamed",
        rules: &["conserve linked", "conserve items", "conserve batch", "cold"],
        results: || {
            in_one_run(|report| {
                let counts = report["counts"].as_object_mut().expect("counts");
                let cold = counts.remove("cold").expect("it is counted");
                counts.insert("cold_packages".into(), cold);
            })
        },
    },
    Breakage {
        name: "a mean of chunks poses as a sum",
        rules: &["conserve items"],
        results: || in_one_run(|report| report["passes"][0]["items"] = 32.into()),
    },
    Breakage {
        name: "a link is lost",
        rules: &["conserve linked"],
        results: || in_one_run(|report| report["counts"]["linked"] = 1305.into()),
    },
    Breakage {
        name: "a probe that counts nothing",
        rules: &["concurrent"],
        results: || in_one_run(|report| report["probes"][0]["calls"] = 0.into()),
    },
    Breakage {
        name: "a pass that is not there",
        rules: &["conserve items", "conserve batch", "parallelism"],
        results: || in_one_run(|report| report["passes"] = json!([])),
    },
    Breakage {
        name: "offloads under the label of a pass that is not there",
        rules: &["conserve items", "conserve batch", "parallelism"],
        results: || in_one_run(|report| drop(report["passes"].as_array_mut().expect("passes").remove(0))),
    },
    Breakage {
        name: "pnpr is 10 % slower, with noise of 5 %",
        rules: &["ratio"],
        results: || benchmark(1.1, 10, 1),
    },
];

/// An invalid report, which must not become a number.
pub(crate) struct InvalidReport {
    /// What.
    pub(crate) name: &'static str,
    /// What is in the file.
    pub(crate) text: fn() -> String,
}

/// All of them.
pub(crate) const INVALID_REPORTS: &[InvalidReport] = &[
    InvalidReport { name: "an empty log", text: String::new },
    InvalidReport { name: "a truncated line", text: || line()[..line().len() / 2].to_owned() },
    InvalidReport { name: "a report of another version", text: || line().replace("probe/1", "probe/2") },
    InvalidReport {
        name: "a time below zero",
        text: || line().replace("\"total_ns\":500", "\"total_ns\":-500"),
    },
    InvalidReport {
        name: "work of an unknown kind",
        text: || line().replace("\"kind\":\"offload\"", "\"kind\":\"detour\""),
    },
    InvalidReport { name: "a log in place of a report", text: || "linked 1306 packages\n".into() },
];

/// An honest line.
pub(crate) fn line() -> String {
    report("pnpr").to_string()
}

/// What this rule comes to, without the others.
pub(crate) fn judge_alone(rule: &str, results: &Results) -> Judgement {
    let mut config = config();
    config.rules.retain(|known| known.name == rule);
    judge(&config, results, None).remove(0)
}

/// The rules.
pub(crate) fn config() -> Config {
    Config::parse(RULES, Path::new("rules.toml")).expect("they are rules")
}

/// The bug.
fn inline(report: &mut Value) {
    let pass = &mut report["passes"][0];
    (pass["passes"], pass["max_items"], pass["busy_ns"]) = (994.into(), 1.into(), 1000.into());
    pass["max_concurrent"] = 1.into();
    report["probes"][0]["max_concurrent"] = 1.into();
    report["probes"][0]["batches"][1]["max_concurrent"] = 1.into();
}

/// An honest benchmark, but for one run of twenty.
fn in_one_run(breakage: fn(&mut Value)) -> Results {
    let mut results = benchmark(0.6, 10, 1);
    let broken = results.runs.iter_mut().find(|run| run.target == "pnpr").expect("there is one");
    let mut report = report(&broken.target);
    breakage(&mut report);
    *broken = run("pnpr", broken.round, broken.wall_ns, report);
    results
}

/// The bug, where every time is so many times as long.
fn at_speed(factor: f64) -> Results {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "it is about a second"
    )]
    let scaled = |ns: u64| (ns as f64 * factor) as u64;
    let mut results = in_one_run(inline);
    for run in &mut results.runs {
        run.wall_ns = scaled(run.wall_ns);
        for pass in run.report.iter_mut().flat_map(|report| &mut report.passes) {
            (pass.wall_ns, pass.busy_ns) = (scaled(pass.wall_ns), scaled(pass.busy_ns));
        }
    }
    results
}

fn copies() -> Results {
    let mut results = benchmark(1.0, 10, 1);
    let walls: Vec<u64> = results.of(Some("pacquet")).map(|run| run.wall_ns).collect();
    for (run, wall) in results.runs.iter_mut().filter(|run| run.target == "pnpr").zip(walls) {
        run.wall_ns = wall;
    }
    results
}

fn without(keeps: fn(&str) -> bool) -> Results {
    let mut results = benchmark(0.6, 10, 1);
    results.runs.retain(|run| keeps(&run.target));
    results
}
