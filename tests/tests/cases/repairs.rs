//! Repairs of the bug that compile and are none are seen, and the nearest right ones are not.

use crate::judge::{assert_says, runtimes};
use concurrency_probe::{
    Finding, FindingKind, Lane, Scope, concurrency_probe, must_run_parallel, offload, offload_blocking,
};
use futures::FutureExt;
use futures::executor::block_on;
use futures::future::join_all;
use futures::stream::{self, StreamExt};
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Barrier, Mutex};
use std::task::Context;
use tokio::task::yield_now;

#[concurrency_probe(scope = "repairs")]
#[must_run_parallel]
fn link(_lane: Lane<'_>, _slot: u32) {}

#[concurrency_probe(scope = "repairs")]
#[must_run_parallel]
fn unpack(_lane: Lane<'_>, slot: u32) -> u32 {
    slot
}

/// Marked calls of one lane, one after another.
fn stages(lane: Lane<'_>, calls: u32) {
    let _ = (0..calls).fold(lane, |lane, slot| lane.stage(|lane| link(lane, slot)).1);
}

/// A program, and what it raises.
type Program = (&'static str, fn(&mut Scope), Option<FindingKind>);

const PROGRAMS: [Program; 17] = [
    (
        "offloads in a loop",
        |scope| {
            block_on(scope.attach(async {
                for slot in 0..64 {
                    offload(move |lane| link(lane, slot)).await;
                }
            }));
        },
        Some(FindingKind::SerialOffloads),
    ),
    (
        "offloads in a loop, in a batch",
        |scope| {
            block_on(scope.batch("cold").attach(async {
                for slot in 0..64 {
                    offload(move |lane| link(lane, slot)).await;
                }
            }));
        },
        Some(FindingKind::SerialOffloads),
    ),
    (
        "offloads one after another from a stream",
        |scope| {
            let offloads = stream::iter(0..64).map(|slot| offload(move |lane| link(lane, slot)));
            block_on(scope.attach(offloads.buffered(1).for_each(async |()| ())));
        },
        Some(FindingKind::SerialOffloads),
    ),
    (
        "offloads to blocking threads in a loop",
        |scope| {
            let [_, (_, runtime)] = runtimes();
            runtime.block_on(scope.attach(async {
                for slot in 0..64 {
                    offload_blocking(move |lane| link(lane, slot)).await;
                }
            }));
        },
        Some(FindingKind::SerialOffloads),
    ),
    (
        "offloads in one join_all",
        |scope| {
            let offloads = (0..64).map(|slot| offload(move |lane| link(lane, slot)));
            block_on(scope.attach(join_all(offloads)));
        },
        None,
    ),
    (
        "offloads in chunks of 8, each joined",
        |scope| {
            block_on(scope.attach(async {
                for chunk in 0..8 {
                    join_all((0..8).map(|n| offload(move |lane| link(lane, 8 * chunk + n)))).await;
                }
            }));
        },
        None,
    ),
    (
        "offloads of which 8 are under way",
        |scope| {
            let offloads = stream::iter(0..64).map(|slot| offload(move |lane| link(lane, slot)));
            block_on(scope.attach(offloads.buffer_unordered(8).for_each(async |()| ())));
        },
        None,
    ),
    ("one offload", |scope| block_on(scope.attach(async { offload(|lane| link(lane, 0)).await })), None),
    (
        "two offloads, one after the other",
        |scope| {
            block_on(scope.attach(async {
                let slot = offload(|lane| unpack(lane, 0)).await;
                offload(move |lane| link(lane, slot)).await;
            }));
        },
        None,
    ),
    (
        "many stages of one lane",
        |scope| scope.pass("cold").for_each([()], |lane, ()| stages(lane, 64)),
        Some(FindingKind::SerialLane),
    ),
    (
        "five stages of one lane",
        |scope| scope.pass("cold").for_each([()], |lane, ()| stages(lane, 5)),
        Some(FindingKind::SerialLane),
    ),
    (
        "many stages of each of many lanes",
        |scope| scope.pass("cold").for_each(0..20, |lane, _n| stages(lane, 64)),
        Some(FindingKind::SerialLane),
    ),
    (
        "many stages of an offload",
        |scope| {
            block_on(scope.attach(async { offload(|lane| stages(lane, 64)).await }));
        },
        Some(FindingKind::SerialLane),
    ),
    ("four stages of one lane", |scope| scope.pass("cold").for_each([()], |lane, ()| stages(lane, 4)), None),
    (
        "two stages of each of many lanes",
        |scope| {
            scope.pass("cold").for_each(0..64, |lane, slot| {
                let (slot, lane) = lane.stage(|lane| unpack(lane, slot));
                link(lane, slot);
            });
        },
        None,
    ),
    (
        "two stages of each half, again and again",
        |scope| {
            fn tree(lane: Lane<'_>, depth: u32) {
                let (_, lane) = lane.stage(|lane| unpack(lane, depth));
                if depth > 0 {
                    lane.join(|lane| tree(lane, depth - 1), |lane| tree(lane, depth - 1));
                }
            }
            scope.pass("cold").for_each([6], tree);
        },
        None,
    ),
    ("no stage at all", |scope| scope.pass("cold").for_each(0..64, link), None),
];

#[test]
fn a_wrong_repair_is_a_finding_and_a_right_one_is_none() {
    for (name, program, expected) in PROGRAMS {
        let mut scope = Scope::builder("repairs").threads(2).quiet().open();
        program(&mut scope);
        let findings = scope.report().findings;
        let kinds: Vec<FindingKind> = findings.iter().map(|finding| finding.kind).collect();
        assert_eq!(kinds, Vec::from_iter(expected), "{name}: {findings:?}");
        for Finding { kind, file, message, .. } in findings {
            assert_eq!(file, "tests/tests/cases/repairs.rs", "{name}: {message}");
            let advice = match kind {
                FindingKind::SerialOffloads => ["offload", "pass", "64"],
                _ => ["stage", "lane", "item"],
            };
            assert_says(name, &message, &advice);
        }

        let mut scope = Scope::builder("repairs").threads(2).strict().quiet().open();
        let result = catch_unwind(AssertUnwindSafe(|| program(&mut scope)));
        assert_eq!(result.is_err(), expected.is_some(), "{name}, strict");
    }
}

#[test]
fn the_new_findings_have_the_names_of_the_contract() {
    let names = [FindingKind::SerialOffloads, FindingKind::SerialLane].map(|kind| kind.to_string());
    assert_eq!(names, ["serial_offloads", "serial_lane"]);
    let json = [FindingKind::SerialOffloads, FindingKind::SerialLane]
        .map(|kind| serde_json::to_value(kind).unwrap());
    assert_eq!(json, ["serial_offloads", "serial_lane"]);
}

/// Offloads are booked by their call sites, as passes are.
#[test]
fn offloads_are_rows_of_the_report() {
    let mut scope = Scope::builder("rows").threads(2).open();
    let both = Arc::new(Barrier::new(2));
    let line = line!() + 1;
    let meet = |both: Arc<Barrier>| offload(move |_lane| _ = both.wait());
    let two = [meet(Arc::clone(&both)), meet(both)];
    block_on(scope.attach(join_all(two)));
    block_on(scope.batch("cold").attach(async { offload(|_lane| ()).await }));
    scope.pass("cold").for_each(0..10, |_lane, _slot| ());
    let report = serde_json::to_value(scope.report()).unwrap();
    let rows: Vec<_> = report["passes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            let numbers = ["items", "completed", "max_concurrent"].map(|key| row[key].as_u64().unwrap());
            assert!(
                row["busy_ns"].is_u64() && row["wall_ns"].is_u64() && row["levels_ns"].is_array(),
                "{row}"
            );
            assert!(row["cpu_ns"].is_null() || row["cpu_ns"].is_u64(), "{row}");
            (row["kind"].as_str().unwrap(), row["label"].as_str().unwrap(), numbers)
        })
        .collect();
    let row = |kind, label| rows.iter().find(|row| (row.0, row.1) == (kind, label)).map(|row| row.2);
    assert_eq!(rows.len(), 3, "{report:#}");
    assert_eq!(row("offload", "offload"), Some([2, 2, 2]), "{report:#}");
    assert_eq!(row("offload", "cold"), Some([1, 1, 1]), "{report:#}");
    assert_eq!(
        row("pass", "cold").map(|[items, completed, _]| (items, completed)),
        Some((10, 10)),
        "{report:#}"
    );
    let first = report["passes"].as_array().unwrap().iter().find(|row| row["label"] == "offload").unwrap();
    assert_eq!(
        (first["file"].as_str(), first["line"].as_u64()),
        (Some("tests/tests/cases/repairs.rs"), Some(line.into()))
    );
}

/// Marked work that waits is off rayon's workers: as many of it as ever are under way.
#[test]
fn an_offload_to_a_blocking_thread_may_wait() {
    #[concurrency_probe(scope = "blocking threads")]
    fn build(_lane: Lane<'_>, all: &Barrier) -> bool {
        all.wait().is_leader()
    }
    for (flavour, runtime) in runtimes() {
        let scope = Scope::builder("blocking threads").threads(1).open();
        let all = Arc::new(Barrier::new(9));
        let builds = (0..9).map(|_| {
            let all = Arc::clone(&all);
            offload_blocking(move |lane| build(lane, &all))
        });
        let leaders = runtime.block_on(scope.attach(join_all(builds)));
        assert_eq!(leaders.into_iter().filter(|is_leader| *is_leader).count(), 1);
        let reading = scope.reading("build");
        let read = (reading.calls(), reading.unattributed(), reading.max_concurrent());
        assert_eq!(read, (9, 0, Some(9)), "{flavour}");
        let report = serde_json::to_value(scope.report()).unwrap();
        assert_eq!(report["passes"][0]["kind"], "offload", "{flavour}");
        assert_eq!(
            (&report["passes"][0]["items"], &report["passes"][0]["max_concurrent"]),
            (&9.into(), &9.into()),
            "{flavour}"
        );

        // Its panic is the caller's.
        let panics = AssertUnwindSafe(scope.attach(offload_blocking(|_lane| std::panic::panic_any(3_u8))));
        let payload = runtime.block_on(panics.catch_unwind()).unwrap_err();
        assert_eq!(payload.downcast_ref::<u8>(), Some(&3), "{flavour}");
    }
}

/// How many items had been taken from the stream whenever an item was run: while a chunk is, the task stands still.
fn taken_at_runs(scope: &mut Scope, items: u32, chunk: Option<usize>) -> BTreeSet<u32> {
    let (taken, seen) = (AtomicU32::new(0), Mutex::new(BTreeSet::new()));
    let downloads = stream::iter(0..items).then(|id| {
        let taken = &taken;
        async move {
            yield_now().await;
            taken.fetch_add(1, Ordering::SeqCst);
            Ok::<u32, ()>(id)
        }
    });
    let pass = scope.pass("cold");
    let pass = if let Some(items) = chunk { pass.chunk(items) } else { pass };
    let linked = pass.drive_in_place(downloads, |lane, id| {
        seen.lock().unwrap().insert(taken.load(Ordering::SeqCst));
        link(lane, *id);
        Ok(())
    });
    block_on(linked).unwrap();
    seen.into_inner().unwrap()
}

#[test]
fn a_chunk_waits_for_its_items_and_the_last_one_for_no_more() {
    let expected: [(u32, &[u32]); 7] = [
        (0, &[]),
        (1, &[1]),
        (31, &[31]),
        (32, &[32]),
        (33, &[32, 33]),
        (64, &[32, 64]),
        (100, &[32, 64, 96, 100]),
    ];
    for (items, chunks) in expected {
        let mut scope = Scope::builder("repairs").threads(2).open();
        let seen = taken_at_runs(&mut scope, items, Some(32));
        assert_eq!(Vec::from_iter(seen), chunks, "{items} items");
        assert_eq!(scope.reading("link").calls(), u64::from(items));
        assert_eq!(scope.report().findings, [], "{items} items");
        // Without one, what is there is run: here that is one item at first.
        let seen = taken_at_runs(&mut scope, items, None);
        assert_eq!(seen.contains(&1), items > 0, "{items} items");
    }
}

/// Tells that it was woken, and wakes nobody before it may.
struct Slow(Sender<()>, Mutex<Receiver<()>>);

impl futures::task::ArcWake for Slow {
    fn wake_by_ref(slow: &Arc<Self>) {
        slow.0.send(()).unwrap();
        slow.1.lock().unwrap().recv().unwrap();
    }
}

/// The next offload is sent while the thread that ran the one before it still tells of its end: they follow one another all the same.
#[test]
fn an_offload_has_ended_before_its_end_is_told() {
    let scope = Scope::builder("told").threads(2).quiet().open();
    let send = |begin: Receiver<()>| scope.attach(offload(move |_lane| begin.recv().unwrap()));
    let mut tells: Vec<Sender<()>> = Vec::new();
    for _ in 0..4 {
        let ((begin, has_begun), (told, is_told), (go_on, may_go_on)) = (channel(), channel(), channel());
        let waker = futures::task::waker(Arc::new(Slow(told, Mutex::new(may_go_on))));
        let mut offloaded = Box::pin(send(has_begun));
        assert!(offloaded.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        // The one before may go on only now.
        tells.drain(..).for_each(|tell| tell.send(()).unwrap());
        begin.send(()).unwrap();
        is_told.recv().unwrap();
        assert!(offloaded.as_mut().poll(&mut Context::from_waker(&waker)).is_ready());
        tells.push(go_on);
    }
    tells.drain(..).for_each(|tell| tell.send(()).unwrap());
    let kinds: Vec<FindingKind> = scope.report().findings.iter().map(|finding| finding.kind).collect();
    assert_eq!(kinds, [FindingKind::SerialOffloads]);
}
