//! The pictures of the page, and the trace: what is drawn is what happened.

mod support;

use concurrency_probe::{Scope, concurrency_probe};
use concurrency_probe_gate::{Results, artifacts};
use serde_json::{Value, json};
use support::page::{chart, data, read, results, traced, with_timeline};

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
            "10001 spans that began later are not drawn; the curve counts those that run on threads."
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
