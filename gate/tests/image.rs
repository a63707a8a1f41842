//! The image of `probe-gate view --image`: its bars are where the report has them, and what a report says is only text in it.

use concurrency_probe::{Report, Scope, Timeline, concurrency_probe};
use concurrency_probe_gate::{Results, Run, artifacts};
use roxmltree::{Document, Node};
use serde_json::json;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::Barrier;
use std::time::Duration;
use tempfile::TempDir;

/// A report of this timeline: calls with a name, a thread, and when each began and ended.
fn report(scope: &str, calls: &[(&str, u64, u64, u64)]) -> Report {
    let spans = calls.iter().map(|(name, thread, start_ns, end_ns)| {
        json!({ "kind": "probe", "name": name, "batch": "", "thread": thread, "start_ns": start_ns, "end_ns": end_ns })
    });
    let threads: BTreeSet<u64> = calls.iter().map(|(_, thread, ..)| *thread).collect();
    let threads = threads.iter().map(|id| json!({ "id": id, "name": format!("worker-{id}") }));
    serde_json::from_value(json!({
        "schema": "concurrency-probe/1", "scope": scope, "wall_ns": calls.iter().map(|call| call.3).max().unwrap_or(0),
        "timeline": { "left_out": 0, "spans": spans.collect::<Vec<_>>(), "threads": threads.collect::<Vec<_>>() },
    }))
    .unwrap()
}

fn with(report: &Report, timeline: Option<Timeline>) -> Report {
    let mut report = report.clone();
    report.timeline = timeline;
    report
}

fn results(reports: impl IntoIterator<Item = Report>) -> Results {
    let run = |report: Report| Run::of(report.scope.clone(), 1, report.wall_ns).with_reports([report]);
    Results::of_runs(reports.into_iter().map(run).collect())
}

fn image(reports: impl IntoIterator<Item = Report>) -> String {
    artifacts::image(&results(reports)).unwrap()
}

/// A bar, as an image has it: from and to in nanoseconds on the axis below it, and its row.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Bar {
    from: f64,
    to: f64,
    row: f64,
}

fn number(node: Node<'_, '_>, attribute: &str) -> f64 {
    node.attribute(attribute).unwrap().parse().unwrap()
}

fn of_class<'a>(document: &'a Document<'_>, class: &str) -> Vec<Node<'a, 'a>> {
    document.root().descendants().filter(|node| node.attribute("class") == Some(class)).collect()
}

/// The bars of each picture, read by what its axis says.
fn pictures(image: &str) -> Vec<Vec<Bar>> {
    let document = Document::parse(image).unwrap();
    let unit = document.root().descendants().filter_map(|node| node.text()).find_map(|text| match text {
        "ns" => Some(1.0),
        "µs" => Some(1e3),
        "ms" => Some(1e6),
        "s" => Some(1e9),
        _ => None,
    });
    let of = |(bars, axis): (Node<'_, '_>, Node<'_, '_>)| {
        let ticks: Vec<(f64, f64)> = axis
            .children()
            .filter(Node::is_element)
            .map(|tick| (number(tick, "x"), tick.text().unwrap().parse::<f64>().unwrap() * unit.unwrap()))
            .collect();
        let ((first, _), (x, ns)) = (ticks[0], *ticks.last().unwrap());
        let time = |pixels: f64| (pixels - first) / (x - first) * ns;
        let bars = bars.children().filter(|node| node.has_tag_name(("http://www.w3.org/2000/svg", "rect")));
        bars.map(|bar| {
            let (x, row) = (number(bar, "x"), number(bar, "y"));
            Bar { from: time(x), to: time(x + number(bar, "width")), row }
        })
        .collect()
    };
    of_class(&document, "bars").into_iter().zip(of_class(&document, "axis")).map(of).collect()
}

/// How many bars begin before another one has ended that began before.
fn overlaps(mut bars: Vec<Bar>, precision: f64) -> usize {
    bars.sort_by(|a, b| a.from.total_cmp(&b.from));
    let (mut end, mut count) = (f64::MIN, 0);
    for bar in bars {
        count += usize::from(bar.from < end - precision);
        end = end.max(bar.to);
    }
    count
}

#[test]
fn each_bar_is_where_the_report_has_it() {
    let calls = [
        ("link", 0, 2_000_000, 7_000_000),
        ("link", 0, 7_500_000, 40_000_000),
        ("write", 0, 8_000_000, 20_000_000),
        ("link", 1, 5_000_000, 19_000_000),
    ];
    let short = [("link", 0, 0, 10_000_000)];
    let image = image([report("install", &calls), report("store", &short)]);
    let pictures = pictures(&image);
    assert_eq!(pictures.iter().map(Vec::len).collect::<Vec<_>>(), [4, 1]);
    // A hundredth of a pixel, of those that 40 ms have.
    let precision = 2e4;
    for (bars, calls) in pictures.iter().zip([&calls[..], &short]) {
        let mut from: Vec<_> = bars.iter().map(|bar| (bar.from, bar.to)).collect();
        from.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut expected: Vec<_> = calls.iter().map(|(_, _, start, end)| (*start, *end)).collect();
        expected.sort_unstable();
        for ((from, to), (start, end)) in from.iter().zip(expected) {
            #[expect(clippy::cast_precision_loss, reason = "they are milliseconds")]
            let (start, end) = (start as f64, end as f64);
            assert!(
                (from - start).abs() < precision && (to - end).abs() < precision,
                "{from} {to}: {start} {end}"
            );
        }
    }
    // What is inside of a call, and what another thread ran, has a row of its own.
    let rows: Vec<f64> = pictures[0].iter().map(|bar| bar.row).collect();
    assert!((rows[0] - rows[1]).abs() < 0.1 && rows[1] < rows[2] && rows[2] < rows[3], "{rows:?}");
    let document = Document::parse(&image).unwrap();
    let says: Vec<&str> = document.root().descendants().filter_map(|node| node.text()).collect();
    for part in ["install", "store", "worker-0", "worker-1", "ends 10.0 ms", "threads at once", "ms", "write"]
    {
        assert!(says.contains(&part), "{part}: {says:?}");
    }
}

#[concurrency_probe(scope = "install")]
fn link() {}

/// Two threads are inside of it at once for at least ten milliseconds, which are seen in a picture.
#[concurrency_probe(scope = "install")]
fn write(both: &Barrier) {
    both.wait();
    std::thread::sleep(Duration::from_millis(10));
    both.wait();
}

/// Calls that followed one another, and calls of two threads at once, of a real program.
#[test]
fn what_is_serial_looks_serial_and_what_is_parallel_does_not() {
    let serial = Scope::builder("install").timeline().open();
    serial.in_scope(|| (0..50).for_each(|_| link()));
    let parallel = Scope::builder("install").timeline().open();
    let (handle, both) = (parallel.handle(), Barrier::new(2));
    std::thread::scope(|threads| {
        for _ in 0..2 {
            threads.spawn(|| handle.in_scope(|| write(&both)));
        }
    });
    for (report, headline, says, expected) in [
        (
            serial.report(),
            "→ install: `link` was never called twice at once",
            "`link`: 50 calls, max_concurrent 1",
            0,
        ),
        (parallel.report(), "install", "`write`: 2 calls, max_concurrent 2", 1),
    ] {
        let image = image([report.clone()]);
        let document = Document::parse(&image).unwrap();
        let text = |class: &str| {
            of_class(&document, class).into_iter().filter_map(|node| node.text()).collect::<Vec<_>>()
        };
        assert_eq!([text("headline look"), text("headline text")].concat(), [headline]);
        assert!(text("text").contains(&says), "{:?}", text("text"));
        // Places are rounded to a hundredth of a pixel.
        #[expect(clippy::cast_precision_loss, reason = "it took no hundred days")]
        let precision = report.wall_ns as f64 / 30_000.0;
        let bars = pictures(&image).remove(0);
        assert_eq!(overlaps(bars.into_iter().filter(|bar| bar.to > bar.from).collect(), precision), expected);
    }
}

/// The same as for the page: passes of one item, each too short to be seen.
#[test]
fn what_is_too_short_to_be_seen_is_not_drawn_over_the_next_one() {
    let calls =
        |apart: u64| (0..1000).map(|n| ("link", n % 4, n * apart, n * apart + 90)).collect::<Vec<_>>();
    for (apart, end) in [(100, 1e5), (1_000_000, 1e9)] {
        let bars = pictures(&image([report("install", &calls(apart))])).remove(0);
        assert_eq!((bars.len(), overlaps(bars.clone(), end / 2e4)), (1000, 0), "{apart}");
        // The last one ends with its scope, behind which nothing is drawn.
        assert!(bars.iter().filter(|bar| bar.to > bar.from).count() >= 999, "each is seen");
    }
    let together = report("install", &[("link", 0, 0, 1000), ("link", 1, 500, 1500)]);
    assert_eq!(overlaps(pictures(&image([together])).remove(0), 1.0), 1, "what did overlap is seen to");
}

/// A finding comes before what is to be looked at, with its place.
#[test]
fn a_finding_is_the_headline() {
    let mut found = report("install", &[("link", 0, 0, 1000)]);
    let finding = json!({ "kind": "blocked_poll", "file": "src/a.rs", "line": 7, "message": "m" });
    found.findings = vec![serde_json::from_value(finding).unwrap()];
    let image = image([found]);
    let document = Document::parse(&image).unwrap();
    assert_eq!(
        of_class(&document, "headline wrong")[0].text(),
        Some("✗ install: a poll was blocked at src/a.rs:7")
    );
}

#[test]
fn hostile_names_are_text() {
    let hostile = "</text><script>alert(1)</script>\"'&\u{202e}\u{7}\u{ffff}";
    let mut report = report("install", &[(hostile, 0, 0, 40_000_000)]);
    report.scope += hostile;
    report.timeline.as_mut().unwrap().threads[0].name = hostile.into();
    let image = image([report]);
    let document = Document::parse(&image).unwrap();
    let tags: BTreeSet<&str> =
        document.root().descendants().filter(Node::is_element).map(|node| node.tag_name().name()).collect();
    assert_eq!(
        tags,
        BTreeSet::from(["svg", "title", "style", "defs", "pattern", "rect", "line", "path", "text", "g"])
    );
    let says: String = document.root().descendants().filter_map(|node| node.text()).collect();
    assert!(says.contains("</text><script>alert(1)</script>\"'&\\u{202e}\\u{7}\\u{ffff}"), "{says}");
    for outside in ["href", "url(http", "@import", "<image", "onload"] {
        assert!(!image.contains(outside), "{outside}");
    }
}

/// What the page leaves out is left out here, with the same words.
#[test]
fn what_is_left_out_is_said() {
    let calls: Vec<_> = (0..30_000).map(|n| ("link", n % 40, n * 1000, n * 1000 + 900)).collect();
    let mut report = report("install", &calls);
    report.timeline.as_mut().unwrap().left_out = 7;
    let results = results([report]);
    let image = artifacts::image(&results).unwrap();
    let document = Document::parse(&image).unwrap();
    let page = artifacts::page(&results, &[]);
    let mut notes: Vec<String> = Vec::new();
    for node in of_class(&document, "faint") {
        // A line that is folded begins further to the right.
        match (number(node, "x"), notes.last_mut()) {
            (x, Some(note)) if x > 16.0 && x < 100.0 => {
                note.push(' ');
                note.push_str(node.text().unwrap());
            }
            _ => notes.push(node.text().unwrap().to_owned()),
        }
    }
    for note in [
        "10000 spans that began later are not drawn",
        "7 spans that began later are not in the report",
        "4000 spans of other threads than the first 32 are not drawn",
    ] {
        let said =
            notes.iter().find(|said| said.starts_with(note)).unwrap_or_else(|| panic!("{note}: {notes:?}"));
        assert!(page.contains(said.as_str()), "{said}");
    }
    assert_eq!(pictures(&image)[0].len(), 16_000);
    assert!(!of_class(&document, "missing waits").is_empty(), "it does not look idle there");
    assert!(image.len() < 4 << 20, "{}", image.len());
}

/// Reports without a timeline have no picture. It is said how many they are.
#[test]
fn a_report_without_a_timeline_is_counted() {
    let without = with(&report("store", &[]), None);
    assert_eq!(artifacts::image(&results([without.clone()])), None);
    assert_eq!(artifacts::image(&results([report("empty", &[])])), None);
    assert_eq!(artifacts::image(&results([])), None);
    let image = image([report("install", &[("link", 0, 0, 1000)]), without]);
    assert!(image.contains("1 more report has no timeline, and no picture."), "{image}");
}

/// The largest numbers are numbers, in pixels.
#[test]
fn the_largest_times_are_drawn() {
    let image =
        image([report("install", &[("link", 0, 0, u64::MAX), ("link", u64::MAX, u64::MAX, u64::MAX)])]);
    for attribute in ["x", "y", "width", "height"] {
        let document = Document::parse(&image).unwrap();
        for node in document.root().descendants().filter(|node| node.has_attribute(attribute)) {
            assert!((-1.0..100_000.0).contains(&number(node, attribute)), "{node:?}");
        }
    }
}

/// How much text stands out from what is behind it, as WCAG 2 counts it. 4.5 is enough.
fn contrast(one: &str, other: &str) -> f64 {
    let light = |color: &str| {
        let digits = color.trim_start_matches('#');
        let digits =
            if digits.len() == 3 { digits.chars().flat_map(|c| [c, c]).collect() } else { digits.to_owned() };
        let part = |at: usize| {
            let part = f64::from(u8::from_str_radix(&digits[at..at + 2], 16).unwrap()) / 255.0;
            if part <= 0.03928 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * part(0) + 0.7152 * part(2) + 0.0722 * part(4)
    };
    let (one, other) = (light(one), light(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

#[test]
fn it_can_be_read_in_the_light_and_in_the_dark() {
    let image = image([report("install", &[("link", 0, 0, 1000)])]);
    let document = Document::parse(&image).unwrap();
    let style =
        document.root().descendants().find(|node| node.tag_name().name() == "style").unwrap().text().unwrap();
    let (light, dark) = style.split_once("@media (prefers-color-scheme:dark)").unwrap();
    for mode in [light, dark] {
        let color = |class: &str| {
            let rule =
                mode.split(&format!("{class}{{fill:")).nth(1).unwrap_or_else(|| panic!("{class}: {mode}"));
            rule.split(['}', ';']).next().unwrap()
        };
        for class in [".text", ".faint", ".wrong", ".look"] {
            let found = contrast(color(class), color(".back"));
            assert!(found >= 4.5, "{class}: {found}");
        }
    }
    assert!(contrast("#fff", "#ddd") < 2.0 && contrast("#000", "#fff") > 20.9, "the measure itself");
    let (back, all) = (of_class(&document, "back")[0], document.root_element());
    for attribute in ["width", "height"] {
        assert_eq!(back.attribute(attribute), all.attribute(attribute));
    }
}

fn view(dir: &Path, arguments: &[&str]) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_probe-gate"));
    let Output { status, stdout, stderr } =
        command.current_dir(dir).arg("view").args(arguments).output().unwrap();
    (status.code().unwrap(), String::from_utf8([stdout, stderr].concat()).unwrap())
}

#[test]
fn an_image_is_whole_or_not_there() {
    let dir = TempDir::new().unwrap();
    let write = |name: &str, report: &Report| {
        fs::write(dir.path().join(name), serde_json::to_string(report).unwrap() + "\n").unwrap();
    };
    let drawn = report("install", &[("link", 0, 0, 1000)]);
    write("r.ndjson", &drawn);
    write("without.ndjson", &with(&drawn, None));
    write("empty.ndjson", &with(&drawn, Some(Timeline::default())));
    fs::create_dir(dir.path().join("folder.svg")).unwrap();
    let names = || -> BTreeSet<String> {
        let entries = fs::read_dir(dir.path()).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    };
    let before = names();
    let no_timeline = "no report has a timeline, and an image shows when things ran: run the program with CONCURRENCY_PROBE_TIMELINE=1";
    for (arguments, says) in [
        (&["without.ndjson", "--image", "a.svg"][..], no_timeline),
        (&["empty.ndjson", "--image", "a.svg"], no_timeline),
        (
            &["r.ndjson", "--image", "a.gif"],
            "a.gif does not end with .svg: an image is drawn as SVG, so name it FILE.svg",
        ),
        (&["r.ndjson", "--image", "a"], "a does not end with .svg"),
        (&["r.ndjson", "--image", "no/such/a.svg"], "cannot write no/such/a.svg: "),
        (
            &["r.ndjson", "--image", "folder.svg"],
            "cannot write folder.svg: it exists, and is not a regular file",
        ),
        (
            &["r.ndjson", "--image", "./r.ndjson"],
            "r.ndjson is a report: name another file for the image with --image",
        ),
        (
            &["r.ndjson", "--image", "a.svg", "--out", "a.svg"],
            "a.svg cannot be the page and the image: name two files",
        ),
        (&["r.ndjson", "--image", "a.svg", "--trace", "a.svg"], "a.svg cannot be the image and the trace"),
    ] {
        let (code, said) = view(dir.path(), arguments);
        assert!(code == 2 && said.starts_with("error: ") && said.contains(says), "{says}: {said}");
        assert_eq!(said.lines().count(), 1, "{said}");
        assert_eq!(names(), before, "{arguments:?}");
    }
    let (code, said) = view(dir.path(), &["r.ndjson", "without.ndjson", "--image", "A.SVG"]);
    assert!(code == 0 && said.ends_with("\nthe image is A.SVG\nthe page is r.html\n"), "{said}");
    let image = fs::read_to_string(dir.path().join("A.SVG")).unwrap();
    assert_eq!(pictures(&image)[0].len(), 1);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), before.len() + 2);
}
