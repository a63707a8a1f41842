//! The page: what a person looks for is there, nothing that was reported is a tag, and the browser has nothing to complain about.
//!
//! Needs Chromium, as `.ci/run` installs it; where it is not, this says that it is left out.

mod support;

use concurrency_probe::{Scope, concurrency_probe};
use concurrency_probe_gate::{Config, Results, artifacts, judge};
use serde_json::{Value, json};
use std::path::Path;
use support::browser::browse;
use support::page::{RULES, chart, data, page, read, results, traced};

#[concurrency_probe(scope = "install")]
fn link() {}

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
