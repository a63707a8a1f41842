//! The page, in a browser: what a person looks for is there, and the browser has nothing to complain about.
//!
//! Needs Chromium, as `.ci/run` installs it; where it is not, this says that it is left out.

use concurrency_probe_gate::{Config, Results, Run, artifacts, judge};
use serde_json::json;
use std::path::Path;
use std::process::Command;

/// Two targets, one of which shows the bug, and whose names and labels would be tags if they were not escaped.
fn results() -> Results {
    let mut runs = Vec::new();
    for round in 1..=6 {
        for (target, peak) in [("one-pass", 4), ("inline", 1)] {
            let spans: Vec<_> = (0..8)
                .map(|n| json!({ "thread": n % peak, "start_ns": n * 100, "end_ns": n * 100 + 90 }))
                .collect();
            let report = json!({
                "schema": "concurrency-probe/1", "scope": "install", "wall_ns": 1000,
                "counts": { "warm": 312, "cold": 996 },
                "phases": [{ "name": "<i>link</i>", "total_ns": 500, "times": 1 }],
                "probes": [],
                "passes": [{ "label": "cold & <b>", "file": "f", "line": 2, "passes": 1, "items": 8, "completed": 8,
                    "max_items": 8, "wall_ns": 1000, "busy_ns": 1000 * peak, "max_concurrent": peak, "threads": 4,
                    "levels_ns": [0, 600, 400], "timeline": { "spans": spans, "left_out": 0 } }],
                "findings": [],
            });
            runs.push(Run {
                target: target.into(),
                round,
                wall_ns: 1_000_000 * u64::from(round) * (5 - u64::try_from(peak).unwrap()),
                user_ns: None,
                system_ns: None,
                peak_bytes: None,
                report: Some(serde_json::from_value(report).unwrap()),
            });
        }
    }
    Results { schema: Results::SCHEMA.into(), runs }
}

const RULES: &str = r#"
[[rule]]
name = "overlap <script>alert(1)</script>"
why = "the bug"
kind = "parallelism"
pass = "cold & <b>"
at_least = 2

[[rule]]
name = "compared"
why = "it is drawn"
kind = "ratio"
target = "inline"
over = "one-pass"
at_most = 1
"#;

/// The page of these results.
fn page(results: &Results) -> String {
    let config = Config::parse(RULES, Path::new("gates.toml")).unwrap();
    let all = artifacts::all(results, &judge(&config, results, None));
    all.into_iter().find(|artifact| artifact.name == "index.html").unwrap().text
}

#[test]
fn nothing_on_the_page_is_from_elsewhere_and_nothing_reported_is_a_tag() {
    let page = page(&results());
    for outside in ["http:", "https:", "<script", "src=", "@import", "url("] {
        assert!(!page.contains(outside), "{outside}");
    }
    for tag in ["<i>", "<b>", "alert(1)</script>"] {
        assert!(!page.contains(tag), "{tag}");
    }
    let empty = Results { schema: Results::SCHEMA.into(), runs: Vec::new() };
    assert!(self::page(&empty).contains("Nothing was reported."));
}

/// Reports are what a program writes, and the largest numbers are numbers.
#[test]
fn the_largest_numbers_are_judged_and_drawn() {
    let mut results = results();
    for run in &mut results.runs {
        run.wall_ns = u64::MAX;
        let report = run.report.as_mut().unwrap();
        report.phases[0].total_ns = u64::MAX;
        report.phases.push(report.phases[0].clone());
        let pass = &mut report.passes[0];
        (pass.wall_ns, pass.busy_ns, pass.levels_ns) = (u64::MAX, u64::MAX, vec![u64::MAX; 3]);
        pass.timeline.as_mut().unwrap().spans[0].thread = u64::MAX;
        pass.timeline.as_mut().unwrap().spans[0].end_ns = u64::MAX;
        report.passes.push(report.passes[0].clone());
    }
    let config = Config::parse(RULES, Path::new("gates.toml")).unwrap();
    let judgements = judge(&config, &results, None);
    assert_eq!(judgements[0].found, "one-pass, round 1: pass `cold & <b>` ran 1.00 at once");
    let all = artifacts::all(&results, &judgements);
    let text = |name| &all.iter().find(|artifact| artifact.name == name).unwrap().text;
    assert!(text("index.html").contains("18446744073709.5 ms"));
    assert!(text("summary.md").contains("| one-pass | 6 | 18446744073709.5 |"));
}

/// A report may have 64 MiB: what is drawn takes as much longer as it is larger, and not the square of that.
#[test]
fn many_levels_and_counts_are_drawn() {
    let mut results = results();
    for run in &mut results.runs {
        let report = run.report.as_mut().unwrap();
        report.counts = (0..50_000).map(|n| (n.to_string(), n)).collect();
        report.passes[0].levels_ns = vec![1; 50_000];
    }
    let page = page(&results);
    assert!(page.contains("49999 at once") && page.contains(">49999</th>"));
}

/// Opens a page of `dir` in a browser; what it shows and what it logs. `None` if there is no browser.
fn browse(dir: &Path, page: &str, arguments: &[&str]) -> Option<(String, String)> {
    let mut browser = Command::new("chromium");
    browser.args([
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--no-first-run",
        "--enable-logging=stderr",
        "--allow-file-access-from-files",
        // So much of its own time for scripts, however slow the machine is.
        "--virtual-time-budget=10000",
    ]);
    browser.arg(format!("--user-data-dir={}", dir.join("profile").display())).args(arguments);
    let Ok(shown) = browser.arg(format!("file://{}", dir.join(page).display())).output() else {
        println!("left out: there is no `chromium` on this machine");
        return None;
    };
    let [dom, log] = [shown.stdout, shown.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
    assert!(shown.status.success(), "{log}");
    assert!(!log.contains("CONSOLE"), "{log}");
    Some((dom, log))
}

#[test]
fn a_browser_shows_what_a_person_looks_for() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("index.html"), page(&results())).unwrap();
    let Some((dom, _)) = browse(dir.path(), "index.html", &["--dump-dom"]) else { return };
    for part in [
        "<h1>probe-gate: 0 of 2 rules hold</h1>",
        "overlap &lt;script&gt;",
        "inline, round 1: pass `cold &amp; &lt;b&gt;` ran 1.00 at once",
        "round 6: 24.0 ms",
        "inline / one-pass",
        ">996</td>",
        "&lt;i&gt;link&lt;/i&gt;: 0.0 ms",
        "2 at once",
        "one-pass, pass cold &amp; &lt;b&gt;",
        "thread 3",
    ] {
        assert!(dom.contains(part), "{part:?} is not in:\n{dom}");
    }
    assert_eq!(dom.matches("<circle").count(), 12 + 6, "a point for each run, and one for each pair");
}

/// Light and dark, on a phone, on a tablet and on a screen: text stands out, is large enough, and stands over nothing else.
#[test]
fn it_can_be_read_on_everything() {
    let dir = tempfile::tempdir().unwrap();
    let mut results = results();
    // The longest names that anybody would give.
    for run in &mut results.runs {
        run.target = format!("frozen-lockfile.pnpr-cached-in-another-region.{}", run.target);
    }
    std::fs::write(dir.path().join("looked_at.html"), include_str!("page_looked_at.html")).unwrap();
    let page = page(&results);
    for (mode, back) in [("light", "rgb(255, 255, 255)"), ("dark", "rgb(22, 24, 28)")] {
        // What the system prefers cannot be told to every version of the browser, so that the page is told.
        let is_dark = if mode == "dark" { "(min-width: 0)" } else { "(max-width: 0)" };
        let shown = page.replace("(prefers-color-scheme: dark)", is_dark);
        assert_ne!(shown, page);
        std::fs::write(dir.path().join("index.html"), shown).unwrap();
        let Some((dom, log)) = browse(dir.path(), "looked_at.html", &["--dump-dom"]) else { return };
        let said = dom.split("<pre id=\"said\">").nth(1).and_then(|rest| rest.split("</pre>").next());
        let said = said.unwrap_or_else(|| panic!("{dom}\n{log}"));
        assert_eq!(said.matches("looked at 5 figures").count(), 3, "{mode}: {said}");
        assert_eq!(said.matches(back).count(), 3, "{mode}: {said}");
        assert!(!said.contains("BAD"), "{mode}: {said}");
    }
    // Whoever looks sees what is wrong: names as they were, over the marks, and gray on gray.
    let broken =
        page.replace("--text: #1a1a1a", "--text: #e8e8e8").replace(".name {", ".name { margin-right: -9rem;");
    std::fs::write(dir.path().join("index.html"), broken).unwrap();
    let Some((dom, _)) = browse(dir.path(), "looked_at.html", &["--dump-dom"]) else { return };
    assert!(dom.contains("too faint") && dom.contains(" is over "), "{dom}");
}

#[test]
fn it_prints() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("index.html"), page(&results())).unwrap();
    let file = dir.path().join("printed.pdf");
    let print = format!("--print-to-pdf={}", file.display());
    if browse(dir.path(), "index.html", &[&print]).is_none() {
        return;
    }
    let printed = std::fs::read(file).unwrap();
    let pages = String::from_utf8_lossy(&printed).matches("/Type /Page\n").count();
    assert!(printed.starts_with(b"%PDF") && (1..=4).contains(&pages), "{pages} pages");
}

/// Perfetto's own format: an event for each item, of the process that is its run.
#[test]
fn a_trace_has_every_item() {
    let trace: serde_json::Value = serde_json::from_str(&artifacts::trace(&results()).text).unwrap();
    let events = trace["traceEvents"].as_array().unwrap();
    assert_eq!(events.iter().filter(|event| event["ph"] == "X").count(), 12 * 8);
    assert_eq!(events.iter().filter(|event| event["ph"] == "M").count(), 12);
    let item = events.iter().find(|event| event["ph"] == "X").unwrap();
    assert_eq!((item["ts"].as_f64(), item["dur"].as_f64()), (Some(0.0), Some(0.09)));
}
