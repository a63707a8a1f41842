//! The page: what is drawn is what happened, what a person looks for is there, and the browser has nothing to complain about.
//!
//! Needs Chromium, as `.ci/run` installs it; where it is not, this says that it is left out.

use concurrency_probe::{Scope, concurrency_probe};
use concurrency_probe_gate::{Config, Results, Run, artifacts, judge};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;

/// Two targets, one of which shows the bug, and whose names and labels would be tags if they were not escaped.
fn results() -> Results {
    let mut runs = Vec::new();
    for round in 1..=6 {
        for (target, peak) in [("one-pass", 4_u64), ("inline", 1)] {
            // As many beside one another as there are threads.
            let lane = |n: u64| {
                let start_ns = n / peak * peak * 100;
                json!({ "kind": "lane", "name": "cold & <b>", "batch": "cold & <b>", "thread": n % 4,
                "start_ns": start_ns, "end_ns": start_ns + peak * 100 - 10 })
            };
            let phase = json!({ "kind": "phase", "name": "<i>link</i>", "batch": "", "thread": 4, "start_ns": 50,
                "end_ns": 1000 });
            let threads: Vec<_> =
                (0..=4).map(|id| json!({ "id": id, "name": format!("<u>worker-{id}") })).collect();
            let findings: &[_] = if peak > 1 {
                &[]
            } else {
                &[
                    json!({ "kind": "degenerate_passes", "file": "src/<s>.rs", "line": 207, "message": "8 passes of 1 item each" }),
                ]
            };
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
                "findings": findings,
                "timeline": { "left_out": 0, "spans": (0..8).map(lane).chain([phase]).collect::<Vec<_>>(), "threads": threads },
            });
            let report = serde_json::from_value(report).unwrap();
            let wall_ns = 1_000_000 * u64::from(round) * (5 - peak);
            runs.push(Run::of(target, round, wall_ns).with_reports([report]));
        }
    }
    Results::of_runs(runs)
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
    let all = artifacts::all(results, &judge(&config, results, None), &[]);
    all.into_iter().find(|artifact| artifact.name == "index.html").unwrap().text
}

/// What the script of a page draws.
fn data(page: &str) -> Value {
    let data = page.split("<script type=\"application/json\" id=\"data\">").nth(1).unwrap();
    serde_json::from_str(data.split("</script>").next().unwrap()).unwrap()
}

/// What a person reads where no script runs: all that is before the data and the library.
fn read(page: &str) -> &str {
    page.split("<footer>").next().unwrap()
}

/// A chart of a page.
fn chart(page: &str, id: &str) -> Value {
    let charts = data(page)["charts"].as_array().unwrap().clone();
    charts.into_iter().find(|chart| chart["id"] == id).unwrap_or_else(|| panic!("there is no {id}"))
}

#[test]
fn nothing_on_the_page_is_from_elsewhere_and_nothing_reported_is_a_tag() {
    let page = page(&results());
    assert!(
        page.contains("Content-Security-Policy\" content=\"default-src 'none';"),
        "a browser loads nothing"
    );
    let before = &page[..page.find("<script id=\"library\">").unwrap()];
    for outside in [" src=", "@import", "url(", "<link rel=\"stylesheet\"", "<iframe"] {
        assert!(!before.contains(outside), "{outside}");
    }
    assert_eq!(page.matches("<script").count(), 3, "data, library and what hands over one to the other");
    for tag in ["<i>", "<b>", "<u>", "<s>", "alert(1)</script>"] {
        assert!(!before.contains(tag), "{tag}");
    }
    assert!(
        page.contains("Apache License") && page.contains("zrender"),
        "the library is there under its licence"
    );
    let empty = Results::of_runs(Vec::new());
    assert!(artifacts::page(&empty, &[]).contains("Nothing was reported."));
}

/// Names that would end the script, or the tag, that they stand in.
#[test]
fn hostile_names_are_text() {
    let hostile = "</script><img src=x onerror=alert(1)>\"'&\u{2028}";
    let mut results = results();
    for run in &mut results.runs {
        run.target += hostile;
        let report = run.report.as_mut().unwrap();
        report.scope += hostile;
        report.passes[0].label += hostile;
        report.timeline.as_mut().unwrap().spans[0].name = hostile.into();
        report.timeline.as_mut().unwrap().threads[0].name = hostile.into();
    }
    let page = artifacts::page(&results, &[]);
    let before = &page[..page.find("<script id=\"library\">").unwrap()];
    assert!(!before.contains("<img") && before.matches("</script>").count() == 1);
    assert!(
        data(&page)["names"].as_array().unwrap().iter().any(|name| name == hostile),
        "it is drawn as it is"
    );
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("index.html"), &page).unwrap();
    let Some((dom, _)) = browse(dir.path(), "index.html", &["--dump-dom"]) else { return };
    assert!(!dom.split("<script").next().unwrap().contains("<img") && dom.contains("&lt;/script&gt;&lt;img"));
}

/// Whoever opens it sees what is wrong, and where, before anything else.
#[test]
fn the_story_comes_first() {
    let told = page(&results());
    let story = read(&told).split("What ran when").next().unwrap();
    for part in [
        "✗ Wrong: overlap &lt;script&gt;alert(1)&lt;/script&gt; (fails)",
        "inline, round 1: pass `cold &amp; &lt;b&gt;` ran 1.00 at once",
        "inline: a pass for each item (degenerate_passes)</strong> <code>src/&lt;s&gt;.rs:207</code>",
    ] {
        assert!(story.contains(part), "{part:?} is not in:\n{story}");
    }
    assert!(!story.contains("<table") && !story.contains("class=\"chart\""));
    assert_eq!(story.matches("degenerate_passes").count(), 1, "once, and not for each run");

    let mut right = results();
    right.runs.retain(|run| run.target == "one-pass");
    let page = artifacts::page(&right, &[]);
    assert!(page.contains("role=\"status\"><strong>✓</strong> No report has a finding"), "{page}");
    // What is serial and is no finding is said where no rule says what is expected.
    let pass = &mut right.runs[2].report.as_mut().unwrap().passes[0];
    pass.max_concurrent = 1;
    let said = artifacts::page(&right, &[]);
    assert!(
        said.contains("→ Look at: one-pass: pass `cold &amp; &lt;b&gt;` never ran two items at once"),
        "{}",
        read(&said)
    );
    // A short overlap is no parallelism.
    let pass = &mut right.runs[2].report.as_mut().unwrap().passes[0];
    (pass.max_concurrent, pass.wall_ns, pass.busy_ns) = (2, 10_000, 10_001);
    let said = artifacts::page(&right, &[]);
    assert!(
        said.contains("pass `cold &amp; &lt;b&gt;` ran 1.00 items at once on average"),
        "{}",
        read(&said)
    );
}

/// Reports are what a program writes, and the largest numbers are numbers.
#[test]
fn the_largest_numbers_are_judged_and_drawn() {
    let mut results = results();
    for run in &mut results.runs {
        run.wall_ns = u64::MAX;
        let report = run.report.as_mut().unwrap();
        report.wall_ns = u64::MAX;
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
    let all = artifacts::all(&results, &judgements, &[]);
    let text = |name| &all.iter().find(|artifact| artifact.name == name).unwrap().text;
    assert!(text("index.html").contains(">18446744074</td>"));
    assert!(text("index.html").contains("18446744073709551615 spans that began later are not in the report"));
    data(text("index.html"));
    assert!(traced(&results).contains(&(u64::MAX, u64::MAX)));
    assert!(text("summary.md").contains("| ` one-pass ` | 6 | 18446744073709.6 |"));
}

/// A report may have 64 MiB: what is shown is bounded, and what is left out is said.
#[test]
fn many_levels_and_counts_are_bounded() {
    let mut results = results();
    for run in &mut results.runs {
        let report = run.report.as_mut().unwrap();
        report.counts = (0..50_000).map(|n| (n.to_string(), n)).collect();
        report.passes[0].levels_ns = vec![1; 50_000];
    }
    let page = page(&results);
    assert!(page.contains("49500 more rows are in the report and not shown here."));
    let levels = chart(&page, "levels");
    let parts = levels["parts"].as_array().unwrap();
    assert!(parts.iter().any(|part| part[4] == "8 or more" && part[2] == 1.0), "{levels}");
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

/// Ways to show the page, and a color that tells that it is shown so.
const MODES: [(&str, &str, &str); 2] =
    [("light", "(max-width: 0)", "rgb(255, 255, 255)"), ("dark", "(min-width: 0)", "rgb(22, 24, 28)")];

/// Shows a page on a phone, on a tablet and on a screen; what whoever looks at it says.
fn looked_at(page: &str) -> Option<String> {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("looked_at.html"), include_str!("page_looked_at.html")).unwrap();
    std::fs::write(dir.path().join("index.html"), page).unwrap();
    let (dom, log) = browse(dir.path(), "looked_at.html", &["--dump-dom"])?;
    let said = dom.split("<pre id=\"said\">").nth(1).and_then(|rest| rest.split("</pre>").next());
    Some(said.unwrap_or_else(|| panic!("{dom}\n{log}")).to_owned())
}

/// Light and dark, on a phone, on a tablet and on a screen: text stands out and is large enough, pictures are drawn and have words,
/// and no span is over another.
#[test]
fn it_can_be_read_on_everything() {
    let mut results = results();
    // The longest names that anybody would give.
    for run in &mut results.runs {
        run.target = format!("frozen-lockfile.pnpr-cached-in-another-region.{}", run.target);
    }
    let page = artifacts::page(&results, &[]);
    for (mode, prefers, back) in MODES {
        // What the system prefers cannot be told to every version of the browser, so that the page is told.
        let shown = page.replace("screen and (prefers-color-scheme: dark)", prefers);
        assert_ne!(shown, page);
        let Some(said) = looked_at(&shown) else { return };
        assert!(!said.contains("BAD"), "{mode}: {said}");
        assert_eq!(said.matches("looked at its texts").count(), 3, "{mode}: {said}");
        assert_eq!(said.matches(back).count(), 3, "{mode}: {said}");
        assert_eq!(said.matches("picture-0 has 9 spans, 0 over another").count(), 3, "{mode}: {said}");
        assert_eq!(
            said.matches("picture-1 has 9 spans, 0 over another, 0 lanes beside another").count(),
            3,
            "{mode}: {said}"
        );
        assert_eq!(
            said.matches("inline: cold &amp; &lt;b&gt;: at most 1 of 4 threads ran at once").count(),
            3,
            "{mode}: {said}"
        );
        assert_eq!(
            said.matches("one-pass: cold &amp; &lt;b&gt;: at most 4 of 4 threads").count(),
            3,
            "{mode}: {said}"
        );
    }
    // Whoever looks sees what is wrong: gray on gray, a page that is too wide, and lanes that are drawn longer than they may be.
    let broken = page
        .replace("--text: #1a1a1a", "--text: #e8e8e8")
        .replace("h1 { ", "h1 { min-width: 2000px; ")
        .replace("const SEEN = 1.5", "const SEEN = 400")
        .replace("at + room * per", "at + 1e9 + room * per");
    let Some(said) = looked_at(&broken) else { return };
    assert!(said.contains("too faint") && said.contains("the page is 2"), "{said}");
    let is_beside = |line: &&str| line.contains("picture-1") && !line.contains(" 0 lanes beside another");
    assert_eq!(said.lines().filter(is_beside).count(), 3, "{said}");
}

/// Whoever points at something is told what it is; whoever drags over one picture zooms into all of them.
#[test]
fn it_answers_to_a_mouse() {
    let dir = tempfile::tempdir().unwrap();
    let page = artifacts::page(&results(), &[]);
    let act = format!("<script>{}</script></body>", include_str!("page_acted_on.js"));
    let (before, after) = page.rsplit_once("</body>").unwrap();
    std::fs::write(dir.path().join("index.html"), format!("{before}{act}{after}")).unwrap();
    let arguments = ["--dump-dom", "--window-size=1280,1000"];
    let Some((dom, _)) = browse(dir.path(), "index.html", &arguments) else { return };
    let said = dom.split("<pre id=\"said\">").nth(1).and_then(|rest| rest.split("</pre>").next());
    let said: Vec<&str> = said.unwrap_or_else(|| panic!("{dom}")).lines().collect();
    let span = "span: lane cold &amp; &lt;b&gt;|batch cold &amp; &lt;b&gt;|&lt;u&gt;worker-";
    assert!(said[0].starts_with(span) && said[0].contains("|took "), "{said:?}");
    assert!(said[1].starts_with("curve: ") && said[1].contains(" threads at once"), "{said:?}");
    let [one, other] = said[2].strip_prefix("dragged: ").unwrap().split(", ").collect::<Vec<_>>()[..] else {
        panic!("{said:?}")
    };
    assert!(one == other && one != "0 to 100", "{said:?}");
    assert_eq!(said[3], "whole: 0 to 100, 0 to 100");
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
    assert!(printed.starts_with(b"%PDF") && (1..=6).contains(&pages), "{pages} pages");
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

/// Spans of a picture: from and to where they are drawn on a screen of so many pixels, of their kind, in their row.
fn drawn(picture: &Value, kind: u64, end: u64, pixels: u64) -> Vec<(u64, u64)> {
    let numbers: Vec<u64> =
        picture["spans"].as_array().unwrap().iter().map(|number| number.as_u64().unwrap()).collect();
    // As the script does: what is shorter than one and a half pixels is drawn so long, up to its room.
    let seen = end * 3 / pixels / 2;
    let spans = numbers.chunks(8).filter(|span| span[5] == kind);
    spans.map(|span| (span[0], span[1].max(span[2].min(span[0] + seen)))).collect()
}

/// The most at once, as the curve of a picture has it.
fn most(picture: &Value) -> u64 {
    // Of a long curve the highest of a moment is beside its mean.
    let level = |step: &Value| step.get(3).unwrap_or(&step[1]).as_u64().unwrap();
    picture["curve"].as_array().unwrap().iter().map(level).max().unwrap_or(0)
}

fn pictures(results: &Results) -> (u64, Vec<Value>) {
    let data = data(&artifacts::page(results, &[]));
    (data["end"].as_u64().unwrap(), data["pictures"].as_array().unwrap().clone())
}

const LANE: u64 = 1;

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
        let (end, pictures) = pictures(&results);
        for pixels in [100, 1000, 100_000] {
            let drawn = drawn(&pictures[0], LANE, end, pixels);
            assert_eq!((drawn.len(), overlaps(drawn)), (1000, 0), "{name} on {pixels}");
        }
        assert_eq!(most(&pictures[0]), 1, "{name}");
        let traced = traced(&results);
        assert_eq!((traced.len(), overlaps(traced)), (1000, 0), "{name}");
        let page = artifacts::page(&results, &[]);
        assert!(page.contains("cold: at most 1 of 4 threads ran at once"), "{}", read(&page));
    }
    // What did overlap is seen to do so: here and in what is drawn.
    let anew = with_timeline(&timeline((0..1000).map(|_| ("cold", 0, 1001)), ends(1000)));
    let (end, pictures) = pictures(&anew);
    assert_eq!(most(&pictures[0]), 4);
    assert!(overlaps(drawn(&pictures[0], LANE, end, 1000)) > 0 && overlaps(traced(&anew)) == 999);
}

#[concurrency_probe(scope = "install")]
fn link() {}

/// The right one: four threads were in `link` at once, as the hold saw to.
#[test]
fn the_curve_of_what_ran_at_once_reaches_the_pool() {
    let mut install = Scope::builder("install").threads(4).hold("link", 4).timeline().open();
    install.pass("cold").for_each(0..64, |_lane, _slot| link());
    install.reading("link").assert_concurrent(4);
    let mut results = with_timeline(&serde_json::to_value(install.report().timeline).unwrap());
    results.runs[0].report = Some(install.report());
    let (_, pictures) = pictures(&results);
    assert_eq!((most(&pictures[0]), pictures[0]["pool"].as_u64()), (4, Some(4)));
    let page = artifacts::page(&results, &[]);
    assert!(page.contains("cold: at most 4 of 4 threads ran at once"), "{}", read(&page));
}

/// Phases that contain each other once added up to 11.2 s of a run of 4.6 s.
#[test]
fn phases_add_up_to_at_most_the_time_of_the_run() {
    let install = Scope::builder("install").timeline().open();
    for _ in 0..20 {
        let (_outer, _inner) = (install.phase("install"), install.phase("link"));
        let _innermost = install.phase("rename");
    }
    let report = install.report();
    let mut results = results();
    results.runs.truncate(1);
    results.runs[0].report = Some(report.clone());
    let phases = chart(&artifacts::page(&results, &[]), "phases");
    let parts = phases["parts"].as_array().unwrap();
    let number = |value: &Value| value.as_f64().unwrap();
    let sum: f64 = parts.iter().map(|part| number(&part[2]) - number(&part[1])).sum();
    #[expect(clippy::cast_precision_loss, reason = "it took no hundred days")]
    let [wall, totals] =
        [report.wall_ns, report.phases.iter().map(|phase| phase.total_ns).sum()].map(|ns| ns as f64);
    assert_eq!(parts.len(), 3, "{phases}");
    assert!(sum <= wall && sum < totals, "{sum} of {wall}, and added up {totals}");
    assert!(parts.windows(2).all(|pair| pair[0][2] == pair[1][1]), "no bar is over another");
}

/// The buggy target stands beside the right one, and as long as it took.
#[test]
fn all_pictures_have_one_scale() {
    let mut results = results();
    results.runs[0].report.as_mut().unwrap().timeline.as_mut().unwrap().spans[0].end_ns = 7_000_000;
    results.runs.truncate(2);
    let (end, pictures) = pictures(&results);
    let ends: Vec<u64> = pictures.iter().map(|picture| picture["end"].as_u64().unwrap()).collect();
    assert_eq!((end, &ends[..]), (7_000_000, &[7_000_000, 1000][..]));
    let data = data(&artifacts::page(&results, &[]));
    assert_eq!(data["unit"], json!({ "name": "µs", "ns": 1000 }), "one unit");
}

/// A page with all spans would be slow. It does not look idle where some are not drawn.
#[test]
fn what_is_not_drawn_is_said() {
    let many =
        timeline((0..30_000).map(|n| ("cold", n * 1_000_000, n * 1_000_000 + 900_000)), 30_000_000_000);
    let page = artifacts::page(&with_timeline(&many), &[]);
    assert!(
        page.contains(
            "10001 spans that began later are not drawn; the curve has those of them that run on threads."
        ),
        "{}",
        read(&page)
    );
    let picture = &data(&page)["pictures"][0];
    assert_eq!(picture["spans"].as_array().unwrap().len(), 20_000 * 8);
    let missing = json!([{ "from": 19_999_000_000_u64, "to": 30_000_000_000_u64, "why": "not drawn", "is_unknown": false }]);
    assert_eq!(picture["missing"], missing);
    assert!(picture["curve"].as_array().unwrap().len() <= 4000);

    // Calls inside of lanes are left out first: so the whole time is seen.
    let mut nested = timeline((0..15_000).map(|n| ("cold", n * 1000, n * 1000 + 900)), 15_000_000);
    let spans = nested["spans"].as_array_mut().unwrap();
    for at in 0..15_000 {
        let mut call = spans[at].clone();
        (call["kind"], call["start_ns"]) = (json!("probe"), json!(at * 1000 + 1));
        spans.push(call);
    }
    let page = artifacts::page(&with_timeline(&nested), &[]);
    assert!(page.contains("15000 spans inside of others on their thread are not drawn"), "{}", read(&page));
    let picture = &data(&page)["pictures"][0];
    assert_eq!((picture["spans"].as_array().unwrap().len(), &picture["missing"]), (15_001 * 8, &json!([])));

    let mut threads = timeline((0..100).map(|n| ("cold", n * 10, n * 10 + 10)), 1000);
    for (n, span) in threads["spans"].as_array_mut().unwrap().iter_mut().enumerate() {
        span["thread"] = json!(n);
    }
    threads["left_out"] = json!(7);
    let page = artifacts::page(&with_timeline(&threads), &[]);
    for part in [
        "7 spans that began later are not in the report: where it is hatched, only what began before is known",
        "68 spans of other threads than the first 32 are not drawn",
    ] {
        assert!(page.contains(part), "{part} is not in {}", read(&page));
    }

    // All pictures of a page share what it may have.
    let mut twelve = with_timeline(&many);
    for n in 2..=12 {
        let mut run = twelve.runs[0].clone();
        run.target = format!("target {n}");
        twelve.runs.push(run);
    }
    let page = artifacts::page(&twelve, &[]);
    let pictures = data(&page)["pictures"].as_array().unwrap().clone();
    let spans: usize = pictures.iter().map(|picture| picture["spans"].as_array().unwrap().len() / 8).sum();
    assert_eq!((pictures.len(), spans), (12, 60_000));
    assert!(page.len() < 8 << 20, "{}", page.len());
}

/// Where nothing is known of when things ran, it is said how to learn it, and peaks are drawn.
#[test]
fn without_a_timeline_peaks_are_drawn() {
    let install = Scope::open("install");
    install.run(link);
    let mut results = results();
    results.runs.truncate(1);
    results.runs[0].report = Some(install.report());
    let page = artifacts::page(&results, &[]);
    assert!(page.contains("CONCURRENCY_PROBE_TIMELINE=1") && page.contains("Scope::builder(..).timeline()"));
    results.runs[0].report.as_mut().unwrap().timeline = Some(concurrency_probe::Timeline::default());
    let empty = artifacts::page(&results, &[]);
    assert!(empty.contains("Nothing that takes time was recorded in the timeline of one-pass."));
    assert_eq!(chart(&page, "peaks")["rows"], json!(["one-pass: link, outside of all batches"]));
    assert!(page.contains("<caption>Batches of each probe</caption>"), "and in a table");
}

/// Of the runs of a target, the one with the median time, or the last that has a timeline.
#[test]
fn a_run_with_a_timeline_is_drawn() {
    let idle = timeline(std::iter::empty(), 1000);
    let mut results = results();
    results.runs.retain(|run| run.target == "inline");
    for run in &mut results.runs[..5] {
        run.report.as_mut().unwrap().timeline = None;
    }
    let (_, with_last) = pictures(&results);
    assert_eq!(with_last[0]["spans"].as_array().unwrap().len(), 9 * 8);
    let only_phases = artifacts::page(&with_timeline(&idle), &[]);
    assert!(only_phases.contains("no thread was seen in a lane or in a call of a probe"));
}

/// Runs and pairs are points, with the interval and the bound of their rule.
#[test]
fn runs_and_pairs_are_points() {
    let page = page(&results());
    let (runs, pairs) = (chart(&page, "runs"), chart(&page, "pairs"));
    let len = |list: &Value| list.as_array().unwrap().len();
    assert_eq!((len(&runs["points"]), len(&runs["bounds"])), (12, 2));
    assert_eq!((len(&pairs["points"]), len(&pairs["intervals"])), (6, 1));
    assert_eq!((&pairs["rows"], &pairs["bounds"][0][1]), (&json!(["inline / one-pass"]), &json!(1.0)));
    let levels = chart(&page, "levels");
    assert_eq!(levels["is_amount"], json!(true), "amounts have one colour, in steps");
    assert!(read(&page).contains(">996</td>"), "counts are in a table");
}

/// A program that has a probe, and neither pass nor finding: that it is serial is not called right.
#[test]
fn calls_that_followed_one_another_are_looked_at() {
    let says = "install: `link` was never called twice at once";
    for (calls, is_said) in [(1, false), (3, false), (4, true), (40, true)] {
        let install = Scope::builder("install").timeline().open();
        install.in_scope(|| (0..calls).for_each(|_| link()));
        let mut results = results();
        results.runs.truncate(1);
        results.runs[0].target = "install".into();
        results.runs[0].report = Some(install.report());
        let page = artifacts::page(&results, &[]);
        assert_eq!(page.contains(says), is_said, "{calls}");
        assert_eq!(page.contains("No report has a finding, and no batch"), !is_said, "{calls}");
    }
}
