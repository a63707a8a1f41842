//! The trace, as Perfetto reads it.

mod format;

use concurrency_probe::{Report, Scope};
use concurrency_probe_gate::{Results, Run, artifacts};
use format::{Read, overlaps, read};
use serde_json::{Value, json};
use std::sync::Barrier;
use std::time::{Duration, Instant};

fn results(runs: impl IntoIterator<Item = (&'static str, u32, Option<Report>)>) -> Results {
    let runs = runs
        .into_iter()
        .map(|(target, round, report)| Run::of(target, round, 1_000_000).with_reports(report));
    Results::of_runs(runs.collect())
}

fn trace(results: &Results) -> Value {
    serde_json::from_str(&artifacts::trace(results).text).unwrap()
}

fn read_one(report: Report) -> Read {
    read(&trace(&results([("t", 1, Some(report))]))).unwrap()
}

/// The bug: passes of one item each, one after another, each in a phase that is inside of another one.
fn serialized() -> Report {
    let mut install = Scope::builder("install").threads(4).timeline().open();
    let outer = install.phase("link");
    for slot in 0..200 {
        install.pass("cold").for_each([slot], |_lane, _slot| ());
    }
    drop(outer);
    install.report()
}

/// One pass, in which four items meet.
fn parallel() -> Report {
    let mut install = Scope::builder("install").threads(4).timeline().open();
    let all = Barrier::new(4);
    install.pass("cold").for_each(0..4, |_lane, _slot| {
        all.wait();
    });
    install.report()
}

/// A report with this timeline: kind, name, batch, thread, from and to.
fn report(spans: &[(&str, &str, &str, u64, u64, u64)]) -> Report {
    let span = |&(kind, name, batch, thread, start, end): &(&str, &str, &str, u64, u64, u64)| {
        let (kind, is_future) = if kind == "future" { ("probe", true) } else { (kind, false) };
        json!({ "kind": kind, "name": name, "batch": batch, "thread": thread, "start_ns": start, "end_ns": end,
            "is_future": is_future })
    };
    let threads = json!([{ "id": 0, "name": "main" }, { "id": 1, "name": "install-0" }]);
    serde_json::from_value(json!({
        "schema": Report::SCHEMA, "scope": "install", "wall_ns": 10_000, "counts": {}, "phases": [], "probes": [],
        "passes": [], "findings": [],
        "timeline": { "left_out": 0, "spans": spans.iter().map(span).collect::<Vec<_>>(), "threads": threads },
    }))
    .unwrap()
}

#[test]
fn what_is_serialized_never_overlaps_and_what_is_parallel_reaches_the_pool() {
    let (serialized, parallel) = (read_one(serialized()), read_one(parallel()));
    let lanes = serialized.of("lane");
    assert_eq!((lanes.len(), overlaps(&lanes)), (200, 0));
    for counter in ["at once threads", "batch cold: at once threads"] {
        assert!(serialized.most(counter) <= 1, "{counter}");
        assert_eq!(parallel.most(counter), 4, "{counter}");
    }
    let lanes = parallel.of("lane");
    assert_eq!((lanes.len(), overlaps(&lanes)), (4, 3));
    assert!(lanes.iter().all(|lane| lane.track.starts_with("install-") && lane.args["batch"] == "cold"));
    // The times that once began anew with each pass are seen to overlap, by both.
    let anew: Vec<_> = (0..200).map(|n| ("lane", "cold", "cold", n % 4, 0, 1000)).collect();
    let anew = read_one(report(&anew));
    assert_eq!(overlaps(&anew.of("lane")), 199);
    assert_eq!(anew.most("at once threads"), 4);
}

#[test]
fn each_run_is_a_process_with_a_name_in_its_place() {
    let mut without = serialized();
    without.timeline = None;
    let mut full = parallel();
    full.timeline.as_mut().unwrap().left_out = 7;
    let wall_ns = without.wall_ns;
    let results = results([
        ("inline", 1, Some(without)),
        ("one-pass", 1, Some(full)),
        ("one-pass", 2, Some(parallel())),
        ("\u{1b}[2J", 1, None),
    ]);
    let trace = trace(&results);
    let read = read(&trace).unwrap();
    let names = ["inline, round 1", "one-pass, round 1", "one-pass, round 2", r"\u{1b}[2J, round 1"];
    assert_eq!(read.processes, names);
    let scopes = read.of("scope");
    assert_eq!((scopes.len(), scopes[0].from), (3, 0));
    assert!(scopes.iter().any(|scope| scope.process == "inline, round 1" && scope.to == wall_ns));
    assert_eq!(trace["otherData"]["left_out"], 7);
    for (name, label, instant) in [
        ("inline, round 1", "no timeline", "no timeline: set CONCURRENCY_PROBE_TIMELINE=1"),
        (
            "one-pass, round 1",
            "7 spans found no room in the timeline",
            "7 spans found no room in the timeline",
        ),
        (r"\u{1b}[2J, round 1", "no report", "no report"),
    ] {
        assert!(read.labels.contains(&(name.into(), label.into())), "{:?}", read.labels);
        let at = read.instants.iter().find(|(process, text, _)| process == name && text == instant);
        assert!(at.is_some(), "{:?}", read.instants);
    }
    assert_eq!((read.labels.len(), read.instants.len()), (3, 3));
}

#[test]
fn every_span_is_where_it_belongs_to_the_nanosecond() {
    let read = read_one(report(&[
        // In the order in which they began: the outer one of two with the same times is the first.
        ("lane", "cold", "cold", 1, 1001, 1999),
        ("probe", "link", "cold", 1, 1001, 1999),
        ("wait", "link", "cold", 1, 2001, 2003),
        ("poll", "fetch", "", 0, 100, 200),
        ("future", "fetch", "", 0, 100, 5000),
        ("future", "fetch", "", 0, 150, 4000),
        // Overlaps the lane, and is not inside of it.
        ("probe", "late", "cold", 1, 1500, 2100),
        // On a thread that has no name.
        ("lane", "warm", "warm", u64::MAX, 3000, 3001),
        ("phase", "inner", "", 0, 0, 4000),
        ("phase", "outer", "", 0, 0, 9000),
        ("phase", "beside", "", 0, 4000, 6000),
        ("phase", "across", "", 0, 5000, 9500),
        ("phase", "short", "", 0, 7000, 7000),
        ("phase", "backwards", "", 0, 7000, 6000),
    ]));
    let slice = |name: &str, category: &str| {
        let mut found = read.slices.iter().filter(|slice| slice.name == name && slice.category == category);
        let slice = found.next().unwrap_or_else(|| panic!("{name}: {:?}", read.slices));
        assert!(found.next().is_none(), "{name}");
        (slice.track.as_str(), slice.from, slice.to)
    };
    assert_eq!(slice("cold", "lane"), ("install-0", 1001, 1999));
    assert_eq!(slice("link", "probe"), ("install-0", 1001, 1999));
    assert_eq!(slice("link", "wait"), ("install-0", 2001, 2003));
    assert_eq!(slice("fetch", "poll"), ("main", 100, 200));
    assert_eq!(slice("warm", "lane"), ("thread 18446744073709551615", 3000, 3001));
    assert_eq!(read.slices.len(), 5);
    let position = |name| read.slices.iter().position(|slice| slice.name == name);
    assert!(position("cold") < position("link"), "the lane is the outer one");

    let on = |name: &str| {
        let found: Vec<_> = read.asyncs.iter().filter(|slice| slice.name == name).collect();
        assert_eq!(found.len(), 1, "{name}");
        (found[0].track.clone(), found[0].from, found[0].to)
    };
    let (track, ..) = on("outer");
    for (name, from, to) in [
        ("inner", 0, 4000),
        ("outer", 0, 9000),
        ("beside", 4000, 6000),
        ("short", 7000, 7000),
        ("backwards", 7000, 7000),
    ] {
        assert_eq!(on(name), (track.clone(), from, to), "nested phases are on one track");
    }
    assert_eq!((on("across").1, on("across").2), (5000, 9500));
    assert_ne!(on("across").0, track);
    assert_eq!((on("late").1, on("late").2), (1500, 2100));
    assert_eq!(
        read.of("probe").iter().find(|slice| slice.name == "late").unwrap().args["thread"],
        "install-0"
    );
    let futures = read.of("future");
    assert_eq!(futures.len(), 2);
    assert_ne!(futures[0].track, futures[1].track);
    assert_eq!(read.most("in flight futures"), 2);
    let of = |name: &str| &read.counters[&("t, round 1".to_owned(), name.to_owned())];
    assert_eq!(of("batch warm: at once threads"), &[(0, 0), (3000, 1), (3001, 0)]);
    assert_eq!(of("in flight futures"), &[(0, 0), (100, 1), (150, 2), (4000, 1), (5000, 0)]);
}

/// Each span overlaps all others. The time is far from the square of their number.
#[test]
fn large_timelines_are_traced_fast() {
    const SPANS: u64 = 8192;
    let began = Instant::now();
    for kind in ["phase", "future", "lane", "probe"] {
        let spans: Vec<_> = (0..SPANS).map(|n| (kind, "x", "b", n % 3, n, SPANS + n)).collect();
        let read = read_one(report(&spans));
        assert_eq!(read.slices.len() + read.asyncs.len(), 8192 + 1, "{kind}");
    }
    let took = began.elapsed();
    assert!(took < Duration::from_secs(30), "{took:?}");
}

/// Every complaint is made of a trace that is broken in this way.
#[test]
fn a_broken_trace_is_refused() {
    let good = trace(&results([("t", 1, Some(serialized())), ("u", 1, Some(parallel()))]));
    read(&good).unwrap();
    type Break = fn(&mut Vec<Value>);
    fn first<'a>(events: &'a mut [Value], ph: &str) -> &'a mut Value {
        events.iter_mut().find(|event| event["ph"] == ph).unwrap()
    }
    fn without(events: &mut [Value], ph: &str, key: &str) {
        first(events, ph).as_object_mut().unwrap().remove(key).unwrap();
    }
    fn named<'a>(events: &'a mut [Value], name: &str) -> &'a mut Value {
        events.iter_mut().find(|event| event["name"] == name).unwrap()
    }
    let cases: &[(&str, Break)] = &[
        ("an event of ph X has no dur", |events| without(events, "X", "dur")),
        ("an event of ph X has no cat", |events| without(events, "X", "cat")),
        ("an event of ph b has no id2", |events| without(events, "b", "id2")),
        ("id2 is not local", |events| first(events, "b")["id2"] = json!({ "global": "0x1" })),
        ("an event of ph C has no args", |events| without(events, "C", "args")),
        ("an event of ph M has no args", |events| without(events, "M", "args")),
        ("an event of ph X has no pid", |events| without(events, "X", "pid")),
        ("name is no text", |events| without(events, "X", "name")),
        ("ph is no text", |events| without(events, "X", "ph")),
        ("ph Q is not used", |events| first(events, "X")["ph"] = "Q".into()),
        ("an event has an empty name", |events| first(events, "X")["name"] = "".into()),
        ("an event has a key duration", |events| first(events, "X")["duration"] = 1.into()),
        ("dur is no time", |events| first(events, "X")["dur"] = (-1).into()),
        ("ts is no time", |events| first(events, "X")["ts"] = "1".into()),
        ("pid is no number", |events| first(events, "X")["pid"] = 0.into()),
        ("tid is no number", |events| first(events, "X")["tid"] = u64::MAX.into()),
        ("an event is no object", |events| events.push(1.into())),
        ("args are no object", |events| first(events, "X")["args"] = 1.into()),
        ("counts nothing", |events| first(events, "C")["args"] = json!({})),
        ("counter at once is -1", |events| first(events, "C")["args"] = json!({ "threads": -1 })),
        ("has two values at", |events| {
            let again = first(events, "C").clone();
            events.push(again);
        }),
        ("overlaps another one of thread", |events| {
            let mut late = first(events, "X").clone();
            late["ts"] = (late["ts"].as_f64().unwrap() + late["dur"].as_f64().unwrap() / 2.0).into();
            events.push(late);
        }),
        ("begins and does not end", |events| events.retain(|event| event["ph"] != "e")),
        ("ends and did not begin", |events| events.retain(|event| event["ph"] != "b")),
        ("ends while link is open", |events| {
            events.iter_mut().find(|event| event["ph"] == "e" && event["name"] == "link").unwrap()["name"] =
                "x".into();
        }),
        ("the scope of an instant is g, p or t", |events| {
            events.push(json!({ "ph": "i", "s": "x", "name": "n", "pid": 1, "tid": 1, "ts": 1 }));
        }),
        ("has no name", |events| events.retain(|event| event["name"] != "process_name")),
        ("has no name", |events| events.retain(|event| event["name"] != "thread_name")),
        ("has no sort index", |events| events.retain(|event| event["name"] != "process_sort_index")),
        ("two processes have the sort index 1", |events| {
            named(events, "process_sort_index")["args"]["sort_index"] = 1.into();
        }),
        ("is there twice", |events| {
            let again = named(events, "thread_name").clone();
            events.push(again);
        }),
        ("is of process", |events| {
            let process = events.last().unwrap()["pid"].clone();
            first(events, "X")["pid"] = process;
        }),
        ("metadata colour is not in the format", |events| first(events, "M")["name"] = "colour".into()),
    ];
    for (complaint, break_it) in cases {
        let mut broken = good.clone();
        break_it(broken["traceEvents"].as_array_mut().unwrap());
        let said = read(&broken).unwrap_err();
        assert!(said.contains(complaint), "{complaint}: {said}");
    }
    for broken in
        [json!({}), json!({ "displayTimeUnit": "ms" }), json!({ "displayTimeUnit": 1, "traceEvents": [] })]
    {
        assert!(read(&broken).is_err(), "{broken}");
    }
}
