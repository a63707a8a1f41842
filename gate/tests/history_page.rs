//! A history, as it is drawn on its page and in a terminal.

mod support;

use concurrency_probe_gate::{History, artifacts, terminal};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use support::browser::browse;
use support::page::data;
use tempfile::TempDir;

/// Sessions of two machines, of which one fails a rule and one has a run that failed.
fn sessions(name: &str) -> History {
    let line = |at: u32, cores: u32, mean: f64, verdict: &str| {
        json!({
            "schema": "probe-gate-history/1", "date": format!("2026-11-{at:02}T00:00:00Z"), "commit": format!("{at:040x}"),
            "host": { "os": "linux", "arch": "x86_64", "cpu": name, "cores": cores },
            "targets": [{ "target": name, "runs": 6, "figures": [
                { "metric": "wall_ns", "mean": mean, "median": mean, "low": mean - 1e6, "high": mean + 1e6 },
                { "metric": format!("counts.{name}"), "mean": 7.0, "median": 7.0 },
            ] }],
            "rules": [{ "rule": name, "verdict": verdict, "about": [name] }],
        })
    };
    let mut failed = line(4, 8, 1.0, "holds");
    failed["targets"] = json!([]);
    failed["failure"] = format!("{name}: the run failed").into();
    let lines = [
        line(1, 4, 100e6, "holds"),
        line(2, 4, 150e6, "fails"),
        line(3, 8, 50e6, "holds"),
        failed,
        line(5, 8, 55e6, "holds"),
    ];
    let text = lines.map(|line| line.to_string()).join("\n");
    History::parse(text.as_bytes(), Path::new("h")).unwrap()
}

#[test]
fn each_number_is_drawn_over_the_sessions() {
    let page = artifacts::history(&sessions("link"));
    let data = data(&page);
    assert_eq!(data["sessions"][1], "0000000 2026-11-02");
    let charts = data["charts"].as_array().unwrap();
    assert_eq!(charts.len(), 2);
    let wall = &charts[0];
    assert_eq!(wall["unit"], json!({ "name": "ms", "by": 1e6 }));
    let points: Vec<_> = wall["points"]
        .as_array()
        .unwrap()
        .iter()
        .map(|point| json!([point[0], point[1], point[3]]))
        .collect();
    assert_eq!(
        points,
        [json!([0, 1e8, 99e6]), json!([1, 15e7, 149e6]), json!([2, 5e7, 49e6]), json!([4, 55e6, 54e6])]
    );
    let wrong: Vec<_> =
        wall["wrong"].as_array().unwrap().iter().map(|mark| json!([mark[0], mark[1]])).collect();
    assert_eq!(wrong, [json!([1, 15e7]), json!([3, null])], "a rule that failed, and a run that did");
    assert_eq!(wall["machines"], json!([[1.5, "link, 8 cores, linux x86_64"]]));
    let says = wall["points"][1][5].as_array().unwrap();
    assert!(
        says.contains(&json!("+50.0 % since the session before that has this number"))
            && says.contains(&json!("✗ link fails")),
        "{says:?}"
    );
    let first_of_machine = wall["points"][2][5].as_array().unwrap();
    assert!(
        !first_of_machine
            .iter()
            .any(|said| said.as_str().unwrap().contains('%') && said.as_str().unwrap().contains("since"))
    );
    assert_eq!(charts[1]["points"][0][3], Value::Null, "of few runs there is no band");
    // The same where no script runs, the newest first.
    let read = page.split("<footer>").next().unwrap();
    for part in [
        "<caption>link, wall_ns (ms)</caption>",
        "<th scope=\"row\">0000000 2026-11-02</th><td class=\"number\">6</td><td class=\"number\">150</td>",
        "<td class=\"number\">+50.0 %</td><td>link, 4 cores, linux x86_64</td><td>link fails</td>",
        "every rule holds",
    ] {
        assert!(read.contains(part), "{part}: {read}");
    }
    assert!(read.find("2026-11-05</th>") < read.find("2026-11-01</th>"));
    // The last session is what is said first.
    let mut last = sessions("link");
    last.sessions.truncate(2);
    assert!(artifacts::history(&last).contains("sentence wrong\">✗ 0000000 2026-11-02: link fails"));
}

/// A history is bounded: what is not drawn is said.
#[test]
fn a_long_history_is_drawn_from_its_end() {
    let mut history = sessions("link");
    history.sessions.truncate(1);
    let session = history.sessions[0].clone();
    let few = artifacts::history(&history);
    history.sessions = vec![session; 700];
    let page = artifacts::history(&history);
    let data = data(&page);
    assert_eq!(data["charts"][0]["points"].as_array().unwrap().len(), 500);
    assert_eq!((&data["charts"][0]["points"][0][0], &data["first"]), (&json!(200), &json!(200)));
    assert!(page.contains("200 sessions before these are not drawn") && !few.contains("not drawn"));
    // Many numbers of one session, in order.
    history.sessions.truncate(1);
    let target = history.sessions[0].targets[0].clone();
    let named = |at: usize| {
        let mut target = target.clone();
        target.target = format!("link-{at}");
        target
    };
    history.sessions[0].targets = (0..40).map(named).collect();
    let page = artifacts::history(&history);
    assert_eq!(support::page::data(&page)["charts"].as_array().unwrap().len(), 60);
    assert!(page.contains("20 more numbers are not drawn"));
    let text = terminal::history(&history, 80);
    assert!(
        text.contains("68 more numbers are not shown here") && text.contains("link-5, counts.link"),
        "{text}"
    );
    assert!(text.find("link-0, counts.link") < text.find("link-1, wall_ns"));
}

const HOSTILE: &str = "</script><img src=x onerror=alert(1)>\"'&\u{2028}\u{1b}[2J::error::x";

#[test]
fn hostile_names_are_text() {
    let page = artifacts::history(&sessions(HOSTILE));
    let before = &page[..page.find("<script id=\"library\">").unwrap()];
    assert!(!before.contains("<img") && before.matches("</script>").count() == 1);
    assert_eq!(
        page.matches("<script").count(),
        artifacts::history(&sessions("t")).matches("<script").count()
    );
    assert!(page.contains("Content-Security-Policy\" content=\"default-src 'none';"));
    for outside in [" src=", "@import", "url(", "<link rel=\"stylesheet\"", "<iframe"] {
        let text = artifacts::history(&sessions("t"));
        assert!(!text[..text.find("<script id=\"library\">").unwrap()].contains(outside), "{outside}");
    }
    for columns in [20, 40, 80, 200] {
        let text = terminal::history(&sessions(HOSTILE), columns);
        assert!(
            !text.contains('\u{1b}') && !text.lines().any(|line| line.trim_start().starts_with("::")),
            "{text}"
        );
        assert!(text.lines().all(|line| line.chars().count() <= columns), "{columns}: {text}");
    }
}

#[test]
fn the_terminal_has_the_last_sessions() {
    let expected = "link, wall_ns\n\
        \x20 0000000 2026-11-01   100 ms  [99.0 ms, 101 ms]\n\
        \x20 0000000 2026-11-02   150 ms  [149 ms, 151 ms]    +50.0 %  ✗ link fails\n\
        \x20 -- another machine: link, 8 cores, linux x86_64\n\
        \x20 0000000 2026-11-03  50.0 ms  [49.0 ms, 51.0 ms]\n\
        \x20 0000000 2026-11-04  no data                               ✗ link: the run failed\n\
        \x20 0000000 2026-11-05  55.0 ms  [54.0 ms, 56.0 ms]  +10.0 %\n";
    let text = terminal::history(&sessions("link"), 100);
    assert_eq!(text.split("link, counts.link").next().unwrap(), expected);
    let mut many = sessions("link");
    many.sessions = vec![many.sessions[0].clone(); 20];
    assert!(terminal::history(&many, 80).contains("12 sessions before these are not shown here"));
}

/// In a browser, if there is one: every chart is drawn, and nothing is complained about.
#[test]
fn a_browser_draws_it() {
    let dir = TempDir::new().unwrap();
    fs::write(dir.path().join("h.html"), artifacts::history(&sessions(HOSTILE))).unwrap();
    let Some((dom, _)) = browse(dir.path(), "h.html", &["--dump-dom"]) else { return };
    let body = dom.split("<footer>").next().unwrap();
    assert!(body.matches("<canvas").count() == 2 && !body.contains("<img"), "{body}");
}
