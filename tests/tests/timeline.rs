//! The timeline of a scope: what is in it, that its times are true, and that it is bounded.

use concurrency_probe::{Report, Scope, ScopeBuilder, Span, SpanKind, Timeline, concurrency_probe};
use futures::executor::block_on;
use futures::future::join_all;
use std::future::Future as _;
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Waker};
use std::thread::spawn;
use std::time::{Duration, Instant};

#[concurrency_probe(scope = "timeline")]
fn link(_slot: u32) {}

#[concurrency_probe(scope = "timeline")]
fn both(barrier: &Barrier) {
    barrier.wait();
}

#[concurrency_probe(scope = "timeline")]
async fn fetch(times: u32) {
    for _ in 0..times {
        yield_once().await;
    }
}

#[concurrency_probe(scope = "timeline", polls)]
async fn step(times: u32) {
    for _ in 0..times {
        yield_once().await;
    }
}

async fn yield_once() {
    let mut was_polled = false;
    std::future::poll_fn(|cx| {
        if std::mem::replace(&mut was_polled, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

fn open() -> ScopeBuilder {
    Scope::builder("timeline").threads(2).timeline().quiet()
}

fn timeline(report: &Report) -> &Timeline {
    report.timeline.as_ref().expect("the scope has a timeline")
}

fn of(report: &Report, kind: SpanKind) -> Vec<&Span> {
    timeline(report).spans.iter().filter(|span| span.kind == kind).collect()
}

fn is_inside(inner: &Span, outer: &Span) -> bool {
    outer.start_ns <= inner.start_ns && inner.end_ns <= outer.end_ns && inner.thread == outer.thread
}

#[test]
fn a_call_is_inside_of_its_lane_on_its_thread_and_in_its_batch() {
    // Another scope was opened long before, so that times of the process are not times of this scope.
    drop(open().open());
    let before = Instant::now();
    while before.elapsed() < Duration::from_millis(50) {
        std::thread::yield_now();
    }
    let mut scope = open().open();
    scope.pass("cold").for_each(0..20, |_lane, slot| link(slot));
    let report = scope.report();
    let (lanes, calls) = (of(&report, SpanKind::Lane), of(&report, SpanKind::Probe));
    assert_eq!((lanes.len(), calls.len()), (20, 20));
    for call in calls {
        assert_eq!((&*call.name, &*call.batch, call.is_future), ("link", "cold", false));
        assert_eq!(lanes.iter().filter(|lane| is_inside(call, lane)).count(), 1, "{call:?}");
    }
    assert!(lanes.iter().all(|lane| (&*lane.name, &*lane.batch) == ("cold", "cold")));
    let names: Vec<&str> = timeline(&report).threads.iter().map(|thread| &*thread.name).collect();
    assert!(names.iter().all(|name| name.starts_with("timeline-")), "{names:?}");
    assert!(
        timeline(&report).spans.iter().all(|span| span.end_ns <= report.wall_ns),
        "since the scope opened"
    );
}

/// A program that has probes and no pass yet has a picture too.
#[test]
fn calls_outside_of_any_pass_are_there_and_those_that_met_overlap() {
    let scope = open().open();
    let barrier = Barrier::new(2);
    std::thread::scope(|threads| {
        for _ in 0..2 {
            threads.spawn(|| scope.in_scope(|| both(&barrier)));
        }
    });
    scope.in_scope(|| (0..3).for_each(link));
    let report = scope.report();
    let calls = of(&report, SpanKind::Probe);
    let [one, other] = [calls[0], calls[1]];
    assert!(one.name == "both" && other.name == "both" && one.thread != other.thread);
    assert!(one.start_ns < other.end_ns && other.start_ns < one.end_ns, "{one:?} {other:?}");
    let links = &calls[2..];
    assert_eq!(links.len(), 3);
    assert!(links.windows(2).all(|pair| pair[0].end_ns <= pair[1].start_ns), "one after another: {links:?}");
}

#[test]
fn recursion_is_nested() {
    #[concurrency_probe(scope = "timeline")]
    fn down(n: u32) {
        if n > 0 {
            down(n - 1);
        }
    }
    let scope = open().open();
    scope.in_scope(|| down(3));
    let report = scope.report();
    let calls = of(&report, SpanKind::Probe);
    assert_eq!(calls.len(), 4);
    assert!(calls.windows(2).all(|pair| is_inside(pair[1], pair[0])), "{calls:?}");
}

#[test]
fn a_future_is_in_flight_from_its_first_poll_to_its_drop() {
    let scope = open().open();
    block_on(scope.attach(join_all([fetch(3), fetch(1), fetch(0)])));
    let report = scope.report();
    let futures = of(&report, SpanKind::Probe);
    assert_eq!(futures.len(), 3);
    assert!(futures.iter().all(|future| future.is_future && future.name == "fetch"));
    // Each begins in the first round, and ends in the round of its last poll.
    let mut ends: Vec<u64> = futures.iter().map(|future| future.end_ns).collect();
    assert!(futures[..2].iter().all(|future| future.end_ns >= futures[2].start_ns), "{futures:?}");
    ends.sort_unstable();
    assert_eq!(ends, [futures[2].end_ns, futures[1].end_ns, futures[0].end_ns]);
}

#[test]
fn polls_are_on_their_thread_and_inside_of_their_future() {
    let scope = open().open();
    block_on(scope.attach(step(4)));
    let report = scope.report();
    let (polls, futures) = (of(&report, SpanKind::Poll), of(&report, SpanKind::Probe));
    assert_eq!((polls.len(), futures.len()), (5, 1));
    assert!(
        futures[0].is_future && polls.iter().all(|poll| is_inside(poll, futures[0]) && poll.name == "step")
    );
}

#[test]
fn a_wait_in_a_hold_is_inside_of_its_call() {
    let mut scope = open().hold("link", 2).open();
    scope.pass("cold").for_each(0..8, |_lane, slot| link(slot));
    assert_eq!(scope.reading("link").check_concurrent(2).err(), None);
    let report = scope.report();
    let (waits, calls) = (of(&report, SpanKind::Wait), of(&report, SpanKind::Probe));
    assert!(!waits.is_empty() && waits.iter().all(|wait| (&*wait.name, &*wait.batch) == ("link", "cold")));
    // Those that came to a meeting and those after it did not wait.
    assert!(waits.len() < 8, "{waits:?}");
    for wait in waits {
        assert_eq!(calls.iter().filter(|call| is_inside(wait, call)).count(), 1, "{wait:?} {calls:?}");
    }

    let mut scope = open().hold("fetch", 2).open();
    block_on(scope.attach_exclusive(join_all([fetch(1), fetch(1)])));
    let report = scope.report();
    let waits = of(&report, SpanKind::Wait);
    assert!(!waits.is_empty() && waits.iter().all(|wait| wait.name == "fetch"), "{waits:?}");
}

#[test]
fn phases_are_nested_and_one_that_is_open_ends_at_the_report() {
    let scope = open().open();
    let outer = scope.phase("install");
    drop(scope.phase("resolve"));
    let report = scope.report();
    let phases = of(&report, SpanKind::Phase);
    assert_eq!([&*phases[0].name, &*phases[1].name], ["install", "resolve"]);
    assert!(is_inside(phases[1], phases[0]) && phases[0].end_ns > phases[1].end_ns);
    drop(outer);
    let closed = scope.report();
    assert!(of(&closed, SpanKind::Phase)[0].end_ns >= phases[0].end_ns);
}

/// A guard is dropped in any order, or never, and on any thread: each call has its own end.
#[test]
fn guards_that_are_dropped_in_any_order_have_their_own_ends() {
    let scope = open().open();
    scope.in_scope(|| {
        let enter = || concurrency_probe::enter!("guarded", scope = "timeline");
        let first = enter();
        let second = enter();
        drop(first);
        // So that the two ends differ.
        let since = Instant::now();
        while since.elapsed() < Duration::from_micros(10) {}
        drop(second);
        let outer = enter();
        std::mem::forget(enter());
        drop(outer);
    });
    let report = scope.report();
    let calls = of(&report, SpanKind::Probe);
    let [first, second, outer, never] = calls[..] else { panic!("{calls:?}") };
    assert!(first.end_ns < second.end_ns && first.end_ns > second.start_ns, "{calls:?}");
    assert!(outer.end_ns < never.end_ns, "one that is forgotten ends at the report: {calls:?}");
}

/// What waits is seen while it waits, and a wait that is given up too.
#[test]
fn a_wait_is_there_from_its_beginning() {
    let scope = open().hold("fetch", 2).hold_limit(Duration::from_secs(60)).open();
    let mut held = Box::pin(scope.attach(fetch(1)));
    assert!(held.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    let now = scope.report();
    let waits = of(&now, SpanKind::Wait);
    assert!(waits.len() == 1 && waits[0].is_future, "{waits:?}");
    drop(held);
    let later = scope.report();
    let ended = of(&later, SpanKind::Wait)[0].end_ns;
    assert_eq!(of(&scope.report(), SpanKind::Wait)[0].end_ns, ended, "it ended when it was given up");
}

/// Whoever asks for no timeline has none.
#[test]
fn it_is_off_unless_it_is_asked_for() {
    if std::env::var_os("CONCURRENCY_PROBE_TIMELINE").is_none() {
        let scope = Scope::open("timeline");
        scope.in_scope(|| link(0));
        assert!(scope.report().timeline.is_none());
    }
}

/// Ten million calls: 65,536 spans, and the others are counted. A phase that began before them is there, and so is its end.
#[test]
fn it_is_bounded_and_what_found_no_room_is_counted() {
    const CALLS: u64 = 10_000_000;
    let scope = open().open();
    let phase = scope.phase("all");
    let half = || scope.in_scope(|| (0..CALLS / 2).for_each(|_| link(0)));
    std::thread::scope(|threads| {
        threads.spawn(half);
        threads.spawn(half);
    });
    drop(phase);
    let report = scope.report();
    let timeline = timeline(&report);
    assert_eq!(timeline.spans.len() as u64, 65_536);
    assert_eq!(timeline.left_out, CALLS + 1 - 65_536);
    let since = timeline.left_out_since_ns.unwrap();
    // The other of the two threads may have taken the last place a moment before it read the clock.
    let later = timeline.spans.iter().filter(|span| span.start_ns > since).count();
    assert!(later <= 1, "{later} began after the first that was left out");
    assert_eq!(report.probes[0].calls, CALLS, "what is counted is not bounded");
    let phase = timeline.spans[0].clone();
    assert!(phase.kind == SpanKind::Phase && timeline.spans.iter().all(|span| span.end_ns <= phase.end_ns));
    let line = serde_json::to_string(&report).unwrap();
    assert!(line.len() < 16 << 20, "{} bytes", line.len());
}

/// The room of a scope that is gone goes to the next one, and not before everything in it has ended.
#[test]
fn nothing_of_one_scope_is_in_the_next() {
    let outlives = {
        let scope = open().open();
        scope.in_scope(|| (0..100).for_each(link));
        let mut future = Box::pin(scope.attach(fetch(1)));
        assert!(future.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        future
    };
    for _ in 0..3 {
        let scope = open().open();
        assert_eq!(scope.report().timeline, Some(Timeline::default()));
        scope.in_scope(|| link(0));
        assert_eq!(timeline(&scope.report()).spans.len(), 1);
    }
    drop(outlives);
    // More scopes than have a room at the same time: one of them has a room again, and all of it.
    for _ in 0..20 {
        let scope = open().open();
        assert_eq!(scope.report().timeline, Some(Timeline::default()));
        scope.in_scope(|| (0..40_000).for_each(link));
        let report = scope.report();
        assert_eq!((timeline(&report).spans.len(), timeline(&report).left_out), (40_000, 0));
    }
}

/// A future that found no room, and outlives its scope, is in no other one: neither is it when it is polled again.
#[test]
fn a_future_that_was_left_out_is_in_no_other_scope() {
    let first = open().open();
    first.in_scope(|| (0..65_536).for_each(|_| link(0)));
    // Not attached, so that it does not keep the scope.
    let mut future = Box::pin(step(5));
    let mut cx = Context::from_waker(Waker::noop());
    assert!(first.in_scope(|| future.as_mut().poll(&mut cx)).is_pending());
    assert_eq!(timeline(&first.report()).left_out, 2);
    drop(first);
    let others: Vec<Scope> = (0..20).map(|_| open().open()).collect();
    assert!(future.as_mut().poll(&mut cx).is_pending());
    drop(future);
    for other in others {
        assert_eq!(other.report().timeline, Some(Timeline::default()));
    }
}

/// The same of calls that a process-wide scope claims while it closes.
#[test]
fn a_call_that_comes_while_its_scope_closes_is_in_no_other_scope() {
    #[concurrency_probe(scope = "closing")]
    fn late() {}
    let is_over = AtomicBool::new(false);
    std::thread::scope(|threads| {
        for _ in 0..2 {
            threads.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    late();
                }
            });
        }
        for _ in 0..200 {
            drop(Scope::builder("closing").process_wide().timeline().quiet().open());
            let next = open().open();
            assert_eq!(next.report().timeline, Some(Timeline::default()));
        }
        is_over.store(true, Ordering::Relaxed);
    });
}

/// A report that is made while batches come has the batch of each call, and nothing that ends after it.
#[test]
fn a_report_that_is_made_meanwhile_is_whole() {
    let scope = open().open();
    let is_over = AtomicBool::new(false);
    std::thread::scope(|threads| {
        threads.spawn(|| {
            for n in 0..3000 {
                let label = ["a", "b", "c", "d", "e", "f", "g", "h"][n % 8];
                scope.batch(label).in_scope(|| link(0));
            }
            is_over.store(true, Ordering::Relaxed);
        });
        while !is_over.load(Ordering::Relaxed) {
            let report = scope.report();
            for span in &timeline(&report).spans {
                assert!(!span.batch.is_empty() && span.end_ns <= report.wall_ns, "{span:?}");
            }
        }
    });
}

/// Names of phases that find no room are left out, and it is said since when.
#[test]
fn too_many_names_of_phases_are_left_out() {
    let scope = open().open();
    (0..1100).for_each(|n| drop(scope.phase(format!("phase {n}"))));
    scope.in_scope(|| link(0));
    let report = scope.report();
    let timeline = timeline(&report);
    assert_eq!((timeline.spans.len(), timeline.left_out), (1024 + 1, 1100 - 1024));
    assert!(timeline.spans[1023].start_ns < timeline.left_out_since_ns.unwrap());
}

/// Scopes beside one another have a room each, and threads that end have their names kept.
#[test]
fn scopes_beside_one_another_do_not_mix() {
    let made: Vec<_> = (0..8)
        .map(|n| {
            spawn(move || {
                let scope = open().open();
                scope.in_scope(|| (0..50 + n).for_each(link));
                let handle = scope.handle();
                let named = std::thread::Builder::new().name(format!("thread of {n}, {}", "x".repeat(100)));
                named.spawn(move || handle.in_scope(|| link(0))).unwrap().join().unwrap();
                scope.report()
            })
        })
        .collect();
    for (n, report) in (0..).zip(made) {
        let report = report.join().unwrap();
        let timeline = timeline(&report);
        assert_eq!(timeline.spans.len(), 51 + n);
        let name = &timeline.threads[1].name;
        assert!(name.starts_with(&format!("thread of {n}, xx")) && name.len() == 48, "{name}");
    }
}

/// More threads than there is room for names, in one scope after another, which have the same room.
#[test]
fn the_names_of_threads_are_those_of_the_scope() {
    for round in 0..3 {
        let scope = open().open();
        for n in 0..150 {
            let handle = scope.handle();
            let named = std::thread::Builder::new().name(format!("{n} of round {round}"));
            named.spawn(move || handle.in_scope(|| link(n))).unwrap().join().unwrap();
        }
        let report = scope.report();
        let names: Vec<&str> = timeline(&report).threads.iter().map(|thread| &*thread.name).collect();
        let expected: Vec<String> = (0..150).map(|n| format!("{n} of round {round}")).collect();
        assert_eq!(names, expected);
    }
}

/// Many futures in flight at once each have a span of their own.
#[test]
fn each_of_many_futures_has_its_own_span() {
    let scope = open().open();
    let mut futures: Vec<_> = (0..5000).map(|_| Box::pin(scope.attach(fetch(1)))).collect();
    let mut cx = Context::from_waker(Waker::noop());
    for future in &mut futures {
        assert!(future.as_mut().poll(&mut cx).is_pending());
    }
    // They end in another order than they began in.
    while !futures.is_empty() {
        drop(futures.swap_remove(futures.len() / 2));
    }
    let report = scope.report();
    let mut ends: Vec<u64> = of(&report, SpanKind::Probe).iter().map(|future| future.end_ns).collect();
    assert_eq!((ends.len(), timeline(&report).left_out), (5000, 0));
    let last_to_begin = timeline(&report).spans.iter().map(|span| span.start_ns).max().unwrap();
    assert!(ends.iter().all(|end| *end >= last_to_begin));
    ends.sort_unstable();
    ends.dedup();
    assert!(ends.len() > 2500, "each at its own time: {}", ends.len());
}
