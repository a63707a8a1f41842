//! The page, in a browser: what a person looks for is there, and the browser has nothing to complain about.
//!
//! Needs Chromium, as `.ci/run` installs it; where it is not, this says that it is left out.

use concurrency_probe::Scope;
use concurrency_probe_gate::{Config, Results, Run, artifacts, judge};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;

/// Two targets, one of which shows the bug, and whose names and labels would be tags if they were not escaped.
fn results() -> Results {
    let mut runs = Vec::new();
    for round in 1..=6 {
        for (target, peak) in [("one-pass", 4_u64), ("inline", 1)] {
            let lane = |n: u64| {
                json!({ "kind": "lane", "name": "cold & <b>", "batch": "cold & <b>", "thread": n % peak,
                "start_ns": n * 100, "end_ns": n * 100 + 90 })
            };
            let phase = json!({ "kind": "phase", "name": "<i>link</i>", "batch": "", "thread": peak, "start_ns": 50,
                "end_ns": 1000 });
            let threads: Vec<_> =
                (0..=peak).map(|id| json!({ "id": id, "name": format!("<u>worker-{id}") })).collect();
            let report = json!({
                "schema": "concurrency-probe/1", "scope": "install", "wall_ns": 1000,
                "counts": { "warm": 312, "cold": 996 },
                "phases": [{ "name": "<i>link</i>", "total_ns": 500, "times": 1 }],
                "probes": [],
                "passes": [
                    { "kind": "pass", "label": "cold & <b>", "file": "f", "line": 2, "passes": 1, "items": 8, "completed": 8,
                        "max_items": 8, "wall_ns": 1000, "busy_ns": 1000 * peak, "max_concurrent": peak, "threads": 4,
                        "levels_ns": [0, 600, 400] },
                    { "kind": "offload", "label": "cold & <b>", "file": "f", "line": 3, "passes": 8, "items": 8, "completed": 8,
                        "max_items": 1, "wall_ns": 1000, "busy_ns": 4000, "max_concurrent": 4, "threads": 4,
                        "levels_ns": [0, 0, 0, 0, 1000] },
                ],
                "findings": [],
                "timeline": { "left_out": 0, "spans": (0..8).map(lane).chain([phase]).collect::<Vec<_>>(), "threads": threads },
            });
            runs.push(Run {
                target: target.into(),
                round,
                wall_ns: 1_000_000 * u64::from(round) * (5 - peak),
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
    for tag in ["<i>", "<b>", "<u>", "alert(1)</script>"] {
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
        report.passes.push(report.passes[0].clone());
        let timeline = report.timeline.as_mut().unwrap();
        timeline.left_out = u64::MAX;
        for span in &mut timeline.spans[6..] {
            (span.thread, span.end_ns) = (u64::MAX, u64::MAX);
        }
        timeline.spans[7].start_ns = u64::MAX;
    }
    let config = Config::parse(RULES, Path::new("gates.toml")).unwrap();
    let judgements = judge(&config, &results, None);
    assert_eq!(judgements[0].found, "one-pass, round 1: pass `cold & <b>` ran 1.00 at once");
    let all = artifacts::all(&results, &judgements);
    let text = |name| &all.iter().find(|artifact| artifact.name == name).unwrap().text;
    assert!(text("index.html").contains("18446744073709.5 ms"));
    assert!(text("index.html").contains("Not in the report: 18446744073709551615 that ended later."));
    assert!(traced(&results).contains(&(u64::MAX, u64::MAX)));
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
        "one-pass cold &amp; &lt;b&gt;</span>",
        "one-pass cold &amp; &lt;b&gt;, offloads</span>",
        "one-pass, lanes",
        "</span>cold &amp; &lt;b&gt;</li>",
        "&lt;u&gt;worker-3",
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

/// One run with this timeline.
fn with_timeline(timeline: &Value) -> Results {
    let mut results = results();
    results.runs.truncate(1);
    let report = results.runs[0].report.as_mut().unwrap();
    report.timeline = Some(serde_json::from_value(timeline.clone()).unwrap());
    results
}

/// Lanes of this pass, from and to, each on the next one of four threads.
fn timeline(lanes: impl Iterator<Item = (&'static str, u64, u64)>, end_ns: u64) -> Value {
    let span = |kind: &str, name: &str, thread: usize, start_ns: u64, end_ns: u64| json!({ "kind": kind, "name": name, "batch": name, "thread": thread, "start_ns": start_ns, "end_ns": end_ns });
    let mut spans: Vec<Value> =
        lanes.enumerate().map(|(n, (name, start, end))| span("lane", name, n % 4, start, end)).collect();
    spans.push(span("phase", "install", 4, 0, end_ns));
    json!({ "left_out": 0, "spans": spans, "threads": [] })
}

/// Which lanes are drawn: from and to which millionth of the width.
fn drawn(results: &Results) -> Vec<(u64, u64)> {
    let page = page(results);
    let lanes = page.split("<h2>Lanes</h2>").nth(1).unwrap();
    let millionths = |bar: &str, attribute: &str| -> u64 {
        let (whole, behind) = bar
            .split(attribute)
            .nth(1)
            .and_then(|rest| rest.split("%\"").next()?.split_once('.'))
            .unwrap_or_else(|| panic!("{bar}"));
        assert_eq!(behind.len(), 4, "{bar}");
        whole.parse::<u64>().unwrap() * 10_000 + behind.parse::<u64>().unwrap()
    };
    let bars = lanes.split("<rect ").skip(1);
    bars.map(|bar| (millionths(bar, " x=\""), millionths(bar, " width=\"")))
        .map(|(from, width)| (from, from + width))
        .collect()
}

/// Which lanes are traced, in nanoseconds, as ui.perfetto.dev reads them: it cuts off what is behind the point.
fn traced(results: &Results) -> Vec<(u64, u64)> {
    let trace: Value = serde_json::from_str(&artifacts::trace(results).text).unwrap();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "as it does")]
    let ns = |micros: &Value| (micros.as_f64().unwrap() * 1000.0) as u64;
    let lanes = trace["traceEvents"].as_array().unwrap().iter().filter(|event| event["ph"] == "X");
    lanes.map(|lane| (ns(&lane["ts"]), ns(&lane["ts"]).saturating_add(ns(&lane["dur"])))).collect()
}

/// How many spans begin before another one has ended that began before.
fn overlaps(mut spans: Vec<(u64, u64)>) -> usize {
    spans.retain(|(from, to)| from < to);
    spans.sort_unstable();
    let (mut end, mut count) = (0, 0);
    for (from, to) in spans {
        count += usize::from(from < end);
        end = end.max(to);
    }
    count
}

/// The bug: a thousand passes of one item each, one after another. Times that began anew with each pass once made it look parallel.
#[test]
fn passes_that_follow_one_another_are_never_over_one_another() {
    let mut install = Scope::builder("install").threads(4).timeline().open();
    for slot in 0..1000 {
        install.pass("cold").for_each([slot], |_lane, _slot| ());
    }
    let real = serde_json::to_value(install.report().timeline).unwrap();
    // As long as 1 µs and a bit, with no time in between.
    let ends = |n: u64| n * 1001 + n / 3;
    let serial = |axis| timeline((0..1000).map(|n| ("cold", ends(n), ends(n + 1))), axis);
    for (name, timeline) in [
        ("real", real),
        ("as long as the scope", serial(ends(1000))),
        ("each too short to be seen", serial(100_000_000)),
        ("all together too short to be seen", serial(10_000_000_000_000)),
    ] {
        let results = with_timeline(&timeline);
        let (drawn, traced) = (drawn(&results), traced(&results));
        assert_eq!((drawn.len(), traced.len()), (1000, 1000), "{name}");
        assert_eq!((overlaps(drawn), overlaps(traced)), (0, 0), "{name}");
    }
    // What did overlap is seen to do so: here and in what is drawn.
    let anew = with_timeline(&timeline((0..1000).map(|_| ("cold", 0, 1001)), ends(1000)));
    assert_eq!((overlaps(drawn(&anew)), overlaps(traced(&anew))), (999, 999));
    let parallel = timeline((0..1000).map(|n| ("cold", ends(n), ends(n + 1) + 1)), ends(1000));
    let parallel = with_timeline(&parallel);
    assert_eq!(overlaps(traced(&parallel)), 999);
}

/// What is too short to be seen is drawn longer, where nothing else was.
#[test]
fn a_short_lane_is_seen() {
    let apart =
        timeline((0..1000).map(|n| ("cold", n * 100_000, n * 100_000 + u64::from(n % 2 == 0))), 100_000_000);
    let drawn = drawn(&with_timeline(&apart));
    assert!(drawn.iter().all(|(from, to)| to - from == 500), "{drawn:?}");
    assert_eq!((drawn.len(), overlaps(drawn)), (1000, 0));
}

/// Passes share an axis, on which each is known by its color; a lane that a waiting thread ran meanwhile is on top.
#[test]
fn passes_are_on_one_axis() {
    let spans = [("warm", 500_000, 700_000), ("cold", 0, 1_000_000)];
    let results = with_timeline(&timeline(spans.into_iter(), 2_000_000));
    assert_eq!(drawn(&results).len(), 2);
    let page = page(&results);
    let lanes = page.split("<h2>Lanes</h2>").nth(1).unwrap();
    assert!(lanes.contains("<span>2.0 ms</span></div>"), "{lanes}");
    for part in [
        "<rect class=\"c0\" x=\"0.0000%\" y=\"4\" width=\"50.0000%\"",
        "<rect class=\"c1\" x=\"25.0000%\" y=\"4\" width=\"10.0000%\"",
        "<span class=\"c0\"></span>cold</li>",
        "<span class=\"c1\"></span>warm</li>",
        ">thread 0</span>",
    ] {
        assert!(lanes.contains(part), "{part} is not in\n{lanes}");
    }
    assert!(!lanes.contains("class=\"note\""));
    let mut one_thread = timeline(spans.into_iter(), 2_000_000);
    one_thread["spans"][1]["thread"] = json!(0);
    assert_eq!(drawn(&with_timeline(&one_thread)), [(0, 500_000), (250_000, 350_000)], "in this order");
}

/// A page with all lanes would be slow. It does not look idle where lanes are not drawn: the axis ends there.
#[test]
fn what_is_not_drawn_is_said() {
    let many = timeline((0..5000).map(|n| ("cold", n * 1_000_000, n * 1_000_000 + 1_500_000)), 6_000_000_000);
    let results = with_timeline(&many);
    let drawn = drawn(&results);
    assert_eq!(drawn.len(), 3000);
    assert_eq!(
        drawn.iter().map(|(_, to)| *to).max(),
        Some(1_000_000),
        "up to the end of the axis, and not over it"
    );
    let page = page(&results);
    assert!(
        page.contains("<span>3000.0 ms</span></div>") && page.contains("Not drawn: 2000 that began later."),
        "{page}"
    );

    let mut threads = timeline((0..100).map(|n| ("cold", n * 10, n * 10 + 10)), 1000);
    for (n, span) in threads["spans"].as_array_mut().unwrap().iter_mut().enumerate() {
        span["thread"] = json!(n);
    }
    threads["left_out"] = json!(7);
    let results = with_timeline(&threads);
    assert_eq!(self::drawn(&results).len(), 64);
    let page = self::page(&results);
    assert!(
        page.contains("Not in the report: 7 that ended later.")
            && page.contains("Not drawn: 36 on other threads."),
        "{page}"
    );
}

/// Of the runs of a target, the last that has lanes.
#[test]
fn a_timeline_without_lanes_is_no_drawing() {
    let idle = timeline(std::iter::empty(), 1000);
    assert!(page(&with_timeline(&idle)).contains("No lanes were reported"));
    let mut results = results();
    results.runs.last_mut().unwrap().report = with_timeline(&idle).runs.remove(0).report;
    assert_eq!(drawn(&results).len(), 16);
}
