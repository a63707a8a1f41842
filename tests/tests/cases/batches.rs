//! Every call is in one batch of its scope.

use crate::judge::assert_says;
use concurrency_probe::{Reading, Scope, concurrency_probe, offload, offload_blocking};
use futures::executor::block_on;
use futures::future::join_all;
use futures::stream::{self, StreamExt};
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use std::collections::BTreeMap;
use std::sync::Barrier;
use tokio::task::yield_now;

#[concurrency_probe(scope = "batches")]
fn link(_slot: u32) {}

#[concurrency_probe(scope = "batches")]
async fn fetch(id: u32) -> u32 {
    yield_now().await;
    id
}

/// The batches that have calls, by their labels.
fn calls_by_label(reading: &Reading) -> BTreeMap<String, u64> {
    let mut calls = BTreeMap::new();
    for batch in reading.batches() {
        if batch.calls() > 0 {
            *calls.entry(batch.label().to_owned()).or_default() += batch.calls();
        }
    }
    calls
}

/// A program, and how many calls of which probe are in which batch of it.
type Program = (&'static str, &'static str, fn(&mut Scope), &'static [(&'static str, u64)]);

const PROGRAMS: [Program; 16] = [
    ("nothing", "link", |scope| scope.in_scope(|| link(0)), &[("", 1)]),
    ("run", "link", |scope| scope.run(|| (0..9).into_par_iter().for_each(link)), &[("", 9)]),
    ("attach", "fetch", |scope| _ = block_on(scope.attach(join_all((0..9).map(fetch)))), &[("", 9)]),
    (
        "two passes",
        "link",
        |scope| {
            scope.pass("warm").for_each(0..3, |_lane, slot| link(slot));
            scope.pass("cold").for_each(3..9, |_lane, slot| link(slot));
        },
        &[("cold", 6), ("warm", 3)],
    ),
    (
        "rights at one place",
        "link",
        |scope| {
            let [warm, cold] = scope.passes(["warm", "cold"]);
            cold.for_each(3..9, |_lane, slot| link(slot));
            warm.for_each(0..3, |_lane, slot| link(slot));
        },
        &[("cold", 6), ("warm", 3)],
    ),
    (
        "a pass, and what is around it",
        "link",
        |scope| {
            scope.in_scope(|| link(0));
            scope.pass("cold").for_each(1..9, |_lane, slot| link(slot));
            scope.in_scope(|| link(9));
        },
        &[("", 2), ("cold", 8)],
    ),
    (
        "the halves of a lane",
        "link",
        |scope| {
            scope.pass("cold").for_each(0..9, |lane, slot| {
                lane.join(|_lane| link(slot), |_lane| link(slot));
            });
        },
        &[("cold", 18)],
    ),
    (
        "the stages of a lane",
        "link",
        |scope| {
            scope.pass("cold").for_each(0..9, |lane, slot| {
                let ((), lane) = lane.stage(|_lane| link(slot));
                let ((), _lane) = lane.stage(|_lane| link(slot));
            });
        },
        &[("cold", 18)],
    ),
    (
        "what a lane's own iterator calls",
        "link",
        |scope| {
            scope
                .pass("cold")
                .for_each((0..9).into_par_iter().inspect(|slot| link(*slot)), |_lane, slot| link(slot));
        },
        &[("cold", 18)],
    ),
    (
        "the stream of a pass",
        "fetch",
        |scope| {
            let fetched = stream::iter(0..9).map(|id| async move { Ok::<u32, ()>(fetch(id).await) });
            block_on(scope.pass("cold").drive(fetched.buffered(2), |_lane, _id| Ok(()))).unwrap();
        },
        &[("cold", 9)],
    ),
    (
        "offloads",
        "link",
        |scope| {
            let offloads = (0..9).map(|slot| offload(move |_lane| link(slot)));
            block_on(scope.attach(join_all(offloads)));
        },
        &[("offload", 9)],
    ),
    (
        "offloads in a batch",
        "link",
        |scope| {
            let offloads = (0..9).map(|slot| offload(move |_lane| link(slot)));
            block_on(scope.batch("cold").attach(join_all(offloads)));
        },
        &[("cold", 9)],
    ),
    (
        "offloads to blocking threads",
        "link",
        |scope| {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let offloads = (0..9).map(|slot| offload_blocking(move |_lane| link(slot)));
            runtime.block_on(scope.batch("cold").attach(join_all(offloads)));
        },
        &[("cold", 9)],
    ),
    (
        "batches of a handle",
        "link",
        |scope| {
            let handle = scope.handle();
            handle.batch("warm").run(|| (0..3).for_each(link));
            handle.batch("cold").in_scope(|| (3..9).for_each(link));
            std::thread::scope(|threads| {
                threads.spawn(|| handle.batch("cold").run(|| link(9)));
            });
        },
        &[("cold", 7), ("warm", 3)],
    ),
    (
        "futures in batches",
        "fetch",
        |scope| {
            let handle = scope.handle();
            let (warm, cold) = (handle.batch("warm"), handle.batch("cold"));
            let warm = warm.attach(join_all((0..3).map(fetch)));
            let cold = cold.attach(join_all((3..9).map(fetch)));
            block_on(handle.attach(async { futures::join!(fetch(9), warm, cold) }));
        },
        &[("", 1), ("cold", 6), ("warm", 3)],
    ),
    (
        "a pass in a batch",
        "link",
        |scope| {
            let batch = scope.batch("all");
            batch.in_scope(|| {
                link(0);
                scope.pass("cold").for_each(1..9, |_lane, slot| link(slot));
                link(9);
            });
        },
        &[("all", 2), ("cold", 8)],
    ),
];

#[test]
fn each_call_is_in_the_batch_that_it_is_made_in() {
    for held in [false, true] {
        for (name, probe, program, expected) in PROGRAMS {
            let builder = Scope::builder("batches").threads(2);
            let builder = if held { builder.hold(probe, 2) } else { builder };
            let mut scope = builder.hold_limit(std::time::Duration::from_millis(20)).open();
            program(&mut scope);
            let reading = scope.reading(probe);
            let expected: BTreeMap<String, u64> =
                expected.iter().map(|(label, calls)| ((*label).to_owned(), *calls)).collect();
            assert_eq!(calls_by_label(&reading), expected, "{name}, held: {held}");
            assert_eq!(reading.calls(), expected.values().sum::<u64>(), "{name}, held: {held}");
            assert_eq!(reading.unattributed(), 0, "{name}, held: {held}");
            for (label, calls) in &expected {
                assert_eq!(reading.in_batch(label).calls(), *calls, "{name}, held: {held}");
            }
            let probe = scope.report().probes.into_iter().find(|report| report.name == probe).unwrap();
            let mut reported = BTreeMap::<String, u64>::new();
            for batch in probe.batches.into_iter().filter(|batch| batch.calls > 0) {
                *reported.entry(batch.label).or_default() += batch.calls;
            }
            assert_eq!(reported, expected, "{name}, held: {held}");
        }
    }
}

/// The lines of the calls that make a pass, or offload.
#[test]
fn a_batch_has_the_place_where_it_was_made() {
    #[concurrency_probe(scope = "places of batches")]
    fn link(_slot: u32) {}
    let mut scope = Scope::builder("places of batches").threads(2).open();
    let pass = line!() + 1;
    scope.pass("cold").for_each(0..9, |_lane, slot| link(slot));
    let again = line!() + 1;
    scope.pass("cold").for_each(0..7, |_lane, slot| link(slot));
    let offloaded = line!() + 1;
    block_on(scope.attach(async { offload(|_lane| link(0)).await }));
    let places = |reading: &Reading| {
        let mut places = Vec::new();
        for batch in reading.batches() {
            if batch.calls() > 0 {
                assert_eq!(batch.file(), "tests/tests/cases/batches.rs");
                places.push((batch.line(), batch.label().to_owned(), batch.calls()));
            }
        }
        places.sort();
        places
    };
    let expected =
        [(pass, "cold".to_owned(), 9), (again, "cold".to_owned(), 7), (offloaded, "offload".to_owned(), 1)];
    assert_eq!(places(&scope.reading("link")), expected);
    let probe = scope.report().probes.remove(0);
    let mut reported: Vec<_> =
        probe.batches.into_iter().map(|batch| (batch.line, batch.label, batch.calls)).collect();
    reported.retain(|(_, _, calls)| *calls > 0);
    reported.sort();
    assert_eq!(reported, expected);
}

/// Calls of two batches that are inside at once are one at once in each of them.
#[test]
fn a_peak_is_the_highest_of_its_batches() {
    #[concurrency_probe(scope = "peaks of batches")]
    fn link(all: &Barrier) {
        all.wait();
    }
    let scope = Scope::open("peaks of batches");
    let (all, mut in_flight) = (Barrier::new(4), [0, 0]);
    std::thread::scope(|threads| {
        for label in ["warm", "cold", "cold"] {
            let (all, batch) = (&all, scope.batch(label));
            threads.spawn(move || batch.in_scope(|| link(all)));
        }
        while scope.reading("link").in_flight() < 3 {
            std::thread::yield_now();
        }
        in_flight = ["warm", "cold"].map(|label| scope.reading("link").in_batch(label).in_flight());
        all.wait();
    });
    assert_eq!(in_flight, [1, 2]);
    let peaks = |reading: &Reading| (reading.calls(), reading.max_in_flight(), reading.max_concurrent());
    let reading = scope.reading("link");
    assert_eq!(peaks(&reading), (3, 2, Some(2)));
    assert_eq!(peaks(&reading.in_batch("warm")), (1, 1, Some(1)));
    assert_eq!(peaks(&reading.in_batch("cold")), (2, 2, Some(2)));
    assert_says("display", &reading.to_string(), &["3 calls", "max_concurrent 2"]);
}

/// Memory is bounded also for a program that makes up a label for each item, and no call is lost.
#[test]
fn a_label_for_each_item_does_not_make_a_batch_for_each() {
    #[concurrency_probe(scope = "labels")]
    fn link(_slot: u32) {}
    const LABELS: u32 = 20_000;
    let mut scope = Scope::builder("labels").threads(1).quiet().open();
    for slot in 0..LABELS {
        scope.pass(format!("package {slot}")).for_each([slot], |_lane, slot| link(slot));
    }
    let reading = scope.reading("link");
    assert_eq!((reading.calls(), reading.unattributed()), (u64::from(LABELS), 0));
    let mut batches = (0, 0);
    for batch in reading.batches() {
        batches = (batches.0 + 1, batches.1 + batch.calls());
    }
    assert!(batches.0 < LABELS, "{} batches", batches.0);
    assert_eq!(batches.1, u64::from(LABELS));
}

/// rayon does not say whose job a worker takes up; the pool runs nothing but the scope.
#[test]
fn a_half_that_another_worker_takes_is_in_the_batch() {
    #[concurrency_probe(scope = "halves")]
    fn link() {}
    /// On two workers, as each half waits for the other.
    fn halves() {
        let both = Barrier::new(2);
        let half = || {
            both.wait();
            link();
        };
        rayon::join(half, half);
    }
    type Program = (&'static str, fn(&mut Scope));
    let programs: [Program; 3] = [
        ("cold", |scope| scope.pass("cold").for_each([()], |_lane, ()| halves())),
        ("cold", |scope| scope.batch("cold").run(halves)),
        ("offload", |scope| block_on(scope.attach(offload(|_lane| halves())))),
    ];
    for (label, program) in programs {
        let mut scope = Scope::builder("halves").threads(2).open();
        program(&mut scope);
        let expected = BTreeMap::from([(label.to_owned(), 2)]);
        assert_eq!(calls_by_label(&scope.reading("link")), expected);
    }
}

/// A helper that is called once with all warm ones, and then with each cold one: one call site, one label, one batch.
#[test]
fn a_pass_per_item_after_a_large_pass_of_the_same_place_is_red() {
    #[concurrency_probe(scope = "one helper")]
    fn link(_slot: u32) {}
    fn link_all(scope: &mut Scope, slots: std::ops::Range<u32>) {
        scope.pass("link").for_each(slots, |_lane, slot| link(slot));
    }
    let open = || Scope::builder("one helper").threads(4).hold("link", 2).quiet().open();
    let mut scope = open();
    link_all(&mut scope, 0..312);
    (312..400).for_each(|slot| link_all(&mut scope, slot..slot + 1));
    let why = scope.reading("link").check_concurrent(2).err();
    assert!(why.is_some_and(|why| why.to_string().contains("88 passes of 1 item each")));

    let mut scope = open();
    for start in (0..310).step_by(30) {
        link_all(&mut scope, start..(start + 30).min(301));
    }
    assert_eq!(scope.reading("link").check_concurrent(2).err(), None, "chunks, the last of one");
}
