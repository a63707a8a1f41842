//! Whose call it is: of which scope, on which thread, inside which job, or nobody's.

#![allow(clippy::unused_async, reason = "the probed functions have nothing to wait for")]

use concurrency_probe::{Scope, concurrency_probe, enter};
use futures::future::pending;
use std::sync::Barrier;

#[test]
fn a_join_inside_a_probed_call_keeps_its_scope_on_a_pool_of_its_own() {
    #[concurrency_probe(scope = "join")]
    fn link(depth: u32) {
        if depth > 0 {
            rayon::join(|| link(depth - 1), || link(depth - 1));
        }
    }
    for _ in 0..50 {
        let mut scope = Scope::builder("join").threads(3).open();
        scope.pass("links").for_each(0..4, |_lane, _slot| link(4));
        let reading = scope.reading("link");
        assert_eq!(reading.calls(), 4 * 31);
        assert_eq!((reading.in_flight(), reading.unattributed()), (0, 0));
        assert!(reading.max_concurrent() <= Some(3));
    }
}

/// The halves are taken by a worker that knows the probe from the pass before.
#[test]
fn the_half_of_a_bare_join_is_counted_in_the_pass_that_is_under_way() {
    use std::sync::atomic::{AtomicBool, Ordering};

    #[concurrency_probe(scope = "halves")]
    fn link() {}

    let mut scope = Scope::builder("halves").threads(2).open();
    for _ in 0..4 {
        for label in ["warm", "cold"] {
            scope.pass(label).for_each([()], |_lane, ()| {
                let is_taken = AtomicBool::new(false);
                let wait = || {
                    while !is_taken.load(Ordering::Relaxed) {
                        std::thread::yield_now();
                    }
                };
                rayon::join(wait, || {
                    is_taken.store(true, Ordering::Relaxed);
                    link();
                });
            });
        }
    }
    let reading = scope.reading("link");
    assert_eq!(["warm", "cold"].map(|label| reading.in_batch(label).calls()), [4, 4], "{reading}");
}

#[test]
fn a_lane_join_keeps_its_scope_on_any_pool() {
    use concurrency_probe::Lane;
    #[concurrency_probe(scope = "lane join")]
    fn link(lane: Lane<'_>, depth: u32) {
        if depth > 0 {
            lane.join(|lane| link(lane, depth - 1), |lane| link(lane, depth - 1));
        }
    }
    for _ in 0..50 {
        let mut scope = Scope::open("lane join");
        scope.pass("links").for_each(0..4, |lane, _slot| link(lane, 4));
        let reading = scope.reading("link");
        assert_eq!((reading.calls(), reading.in_flight(), reading.unattributed()), (4 * 31, 0, 0));
    }
}

#[test]
fn nested_scopes_of_different_names_each_count_their_own() {
    #[concurrency_probe(scope = "outer scope")]
    fn a() {
        b();
    }
    #[concurrency_probe(scope = "inner scope")]
    fn b() {}
    let outer = Scope::open("outer scope");
    let mut inner = Scope::open("inner scope");
    // Both are current in every lane, on whatever worker it runs.
    outer.run(|| inner.pass("both").for_each(0..100, |_lane, _n| a()));
    assert_eq!(outer.reading("a").calls(), 100);
    assert_eq!(inner.reading("b").calls(), 100);
    assert_eq!(outer.reading("a").unattributed() + inner.reading("b").unattributed(), 0);
}

#[test]
fn the_innermost_scope_of_a_name_has_the_call() {
    #[concurrency_probe(scope = "innermost")]
    fn work() {}
    let outer = Scope::open("innermost");
    outer.run(|| {
        work();
        let inner = Scope::open("innermost");
        inner.run(work);
        assert_eq!(inner.reading("work").calls(), 1);
        work();
    });
    assert_eq!(outer.reading("work").calls(), 2);
}

#[test]
fn a_call_without_a_scope_is_unattributed_and_in_no_reading() {
    #[concurrency_probe(scope = "unattributed")]
    fn work() {}
    work(); // no scope lives: not counted at all
    let scope = Scope::open("unattributed");
    std::thread::spawn(work).join().unwrap();
    work();
    scope.run(work);
    let reading = scope.reading("work");
    assert_eq!((reading.calls(), reading.unattributed()), (1, 2));
    assert_eq!(scope.report().probes[0].unattributed, 2);

    // A scope that opens later does not see them.
    drop(scope);
    let later = Scope::open("unattributed");
    assert_eq!(later.reading("work").unattributed(), 0);
}

#[test]
fn a_scope_dropped_while_calls_are_in_flight_is_read_through_its_handle() {
    #[concurrency_probe(scope = "dropped")]
    fn work(inside: &Barrier, leave: &Barrier) {
        inside.wait();
        leave.wait();
    }
    let scope = Scope::open("dropped");
    let handle = scope.handle();
    let (inside, leave) = (Barrier::new(2), Barrier::new(2));
    let future = scope.attach(async { work(&inside, &leave) });
    std::thread::scope(|threads| {
        threads.spawn(|| futures::executor::block_on(future));
        inside.wait();
        drop(scope);
        assert_eq!(handle.reading("work").in_flight(), 1);
        // A scope that is opened meanwhile gets none of it.
        let other = Scope::open("dropped");
        leave.wait();
        assert_eq!(other.reading("work").calls(), 0);
    });
    assert_eq!((handle.reading("work").calls(), handle.reading("work").in_flight()), (1, 0));
}

#[test]
fn two_scopes_of_one_name_on_two_threads_never_see_each_others_calls() {
    #[concurrency_probe(scope = "two threads")]
    fn work() {}
    std::thread::scope(|threads| {
        for own in [3_u64, 5] {
            threads.spawn(move || {
                for round in 0..1000 {
                    let scope = Scope::open("two threads");
                    scope.run(|| (0..own).for_each(|_| work()));
                    let reading = scope.reading("work");
                    assert_eq!((reading.calls(), reading.in_flight()), (own, 0), "round {round}");
                    assert_eq!(reading.max_concurrent(), Some(1), "round {round}");
                    assert_eq!(reading.unattributed(), 0, "round {round}");
                }
            });
        }
    });
}

#[test]
fn two_scopes_of_one_name_on_one_pool_never_see_each_others_calls() {
    use concurrency_probe::Lane;
    #[concurrency_probe(scope = "one pool")]
    fn slot(lane: Lane<'_>) {
        // While a worker waits in here, it runs lanes of the other scope.
        lane.join(|_lane| file(), |_lane| file());
    }
    #[concurrency_probe(scope = "one pool")]
    fn file() {
        std::thread::yield_now();
    }
    let pool = rayon::ThreadPoolBuilder::new().num_threads(4).build().unwrap();
    std::thread::scope(|threads| {
        for own in [6_u64, 10] {
            let pool = &pool;
            threads.spawn(move || {
                for round in 0..1000 {
                    let mut scope = Scope::open("one pool");
                    pool.install(|| scope.pass("slots").for_each(0..own, |lane, _slot| slot(lane)));
                    let (slots, files) = (scope.reading("slot"), scope.reading("file"));
                    assert_eq!((slots.calls(), slots.in_flight()), (own, 0), "round {round}");
                    assert_eq!((files.calls(), files.in_flight()), (2 * own, 0), "round {round}");
                    assert_eq!(slots.unattributed() + files.unattributed(), 0, "round {round}");
                }
            });
        }
    });
}

#[test]
fn what_an_iterator_calls_belongs_to_the_pass() {
    use rayon::iter::{IntoParallelIterator, ParallelIterator};
    #[concurrency_probe(scope = "adaptor")]
    fn parse(n: u64) -> u64 {
        n
    }
    #[concurrency_probe(scope = "adaptor")]
    fn other() {}
    std::thread::scope(|threads| {
        threads.spawn(|| {
            for round in 0..300 {
                let mut scope = Scope::open("adaptor");
                scope.pass("parse").for_each((0..100).into_par_iter().map(parse), |_lane, _n| ());
                let reading = scope.reading("parse");
                assert_eq!((reading.calls(), reading.unattributed()), (100, 0), "round {round}");
            }
        });
        threads.spawn(|| {
            for round in 0..300 {
                let mut scope = Scope::open("adaptor");
                scope
                    .pass("other")
                    .for_each(0..8, |lane, _n| _ = lane.join(|_lane| other(), |_lane| other()));
                assert_eq!(scope.reading("parse").calls(), 0, "round {round}");
                assert_eq!(scope.reading("other").calls(), 16, "round {round}");
            }
        });
    });
}

/// A job that a worker runs while it waits for a lane's other half is not the lane's.
#[test]
fn a_foreign_job_is_not_counted_for_the_lane_that_waits() {
    #[concurrency_probe(scope = "foreign")]
    fn job() {}
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
    let mut scope = Scope::open("foreign");
    let both = Barrier::new(2);
    let (done, is_done) = std::sync::mpsc::channel();
    let is_done = std::sync::Mutex::new(is_done);
    pool.install(|| {
        scope.pass("lane").for_each([()], |lane, ()| {
            let done = done.clone();
            lane.join(
                // Meets the other half on the other worker, and leaves its own to wait for it.
                |_lane| _ = both.wait(),
                |_lane| {
                    both.wait();
                    // Queued here, where nobody runs it until the other worker comes for it.
                    rayon::spawn(move || {
                        job();
                        done.send(()).unwrap();
                    });
                    is_done.lock().unwrap().recv().unwrap();
                },
            );
        });
    });
    assert_eq!((scope.reading("job").calls(), scope.reading("job").unattributed()), (0, 1));
}

/// Its gauge is nobody else's until the future is dropped, whatever becomes of the scope.
#[test]
fn a_future_that_outlives_its_scope_is_in_no_later_one() {
    #[concurrency_probe(scope = "outlived")]
    async fn wait() {
        pending::<()>().await;
    }
    let poll_in = |scope: &Scope, future: &mut std::pin::Pin<Box<dyn Future<Output = ()>>>| {
        let once = scope.attach(std::future::poll_fn(|cx| {
            assert!(future.as_mut().poll(cx).is_pending());
            std::task::Poll::Ready(())
        }));
        futures::executor::block_on(once);
    };
    for round in 0..20 {
        let mut early: std::pin::Pin<Box<dyn Future<Output = ()>>> = Box::pin(wait());
        poll_in(&Scope::open("outlived"), &mut early);
        let scope = Scope::open("outlived");
        let mut late: std::pin::Pin<Box<dyn Future<Output = ()>>> = Box::pin(wait());
        poll_in(&scope, &mut late);
        drop(early);
        let reading = scope.reading("wait");
        assert_eq!(
            (reading.calls(), reading.in_flight(), reading.max_in_flight()),
            (1, 1, 1),
            "round {round}"
        );
    }
}

/// Probes of one scope, more than the first places of its board.
const MANY: [(&str, fn()); 12] = {
    macro_rules! many {
        ($($name:literal)+) => { [$(($name, || drop(enter!($name, scope = "many")))),+] };
    }
    many!["0" "1" "2" "3" "4" "5" "6" "7" "8" "9" "10" "11"]
};

/// A thread remembers where it found a probe that is far behind in its board. That is good for this board only, and only as long
/// as the board is the same scope's.
#[test]
fn a_probe_that_is_far_behind_counts_in_its_own_scope() {
    for round in 0..50 {
        let (one, other) = (Scope::open("many"), Scope::open("many"));
        for scope in [&one, &other, &one] {
            scope.run(|| MANY.iter().for_each(|(_, call)| call()));
        }
        for (name, _) in MANY {
            let calls = [&one, &other].map(|scope| scope.reading(name).calls());
            assert_eq!(calls, [2, 1], "{name}, round {round}");
        }
        drop(other);
        drop(one);
        // On the board that was given back last, where what was far behind comes first now.
        let next = Scope::open("many");
        next.run(|| MANY[4..].iter().for_each(|(_, call)| call()));
        for (name, _) in &MANY[4..] {
            assert_eq!(next.reading(name).calls(), 1, "{name}, round {round}");
        }
    }
}

/// More probes than a thread remembers: two of them have one place there.
#[test]
fn each_of_two_hundred_probes_counts_its_own_calls() {
    use concurrency_probe::__private::{Kind, Site, enter};

    let sites: Vec<(&'static str, &'static Site)> = (0..200)
        .map(|n| {
            // What the attribute emits as a static.
            let name: &'static str = format!("one of many {n}").leak();
            let site = Kind::Sync.named_site("remembered", name);
            (name, &*Box::leak(Box::new(site)))
        })
        .collect();
    let scope = Scope::open("remembered");
    scope.in_scope(|| {
        for round in 1..=3 {
            for (name, site) in &sites {
                drop(enter(site));
                assert_eq!(scope.reading(name).calls(), round, "{name}");
            }
        }
    });
}

/// Scopes take the place of earlier ones. Many, because those of other tests may come in between.
#[test]
fn a_scope_has_nothing_of_the_one_whose_place_it_takes() {
    #[concurrency_probe(scope = "places")]
    fn down(depth: u32) {
        if depth > 1 {
            down(depth - 1);
        }
    }
    for _ in 0..50 {
        for depth in [9, 1] {
            let scope = Scope::open("places");
            scope.run(|| down(depth));
            let reading = scope.reading("down");
            let read = (reading.calls(), reading.in_flight(), reading.max_in_flight());
            assert_eq!(read, (depth.into(), 0, depth as usize));
        }
    }
}

#[test]
fn a_handle_of_a_closed_scope_sees_nothing_of_later_ones() {
    #[concurrency_probe(scope = "closed")]
    fn work() {}
    let scope = Scope::open("closed");
    let handle = scope.handle();
    work();
    drop(scope);
    let _later = Scope::open("closed");
    work();
    assert_eq!(handle.reading("work").unattributed(), 1);
}

#[test]
fn a_process_wide_scope_claims_what_no_other_scope_has() {
    #[concurrency_probe(scope = "wide")]
    fn work() {}
    let wide = Scope::builder("wide").process_wide().open();
    let own = Scope::open("wide");
    std::thread::spawn(work).join().unwrap();
    own.run(work);
    assert_eq!((wide.reading("work").calls(), own.reading("work").calls()), (1, 1));
    assert_eq!(wide.reading("work").unattributed(), 0);
    drop(wide);
    work();
    assert_eq!(own.reading("work").unattributed(), 1);
}

#[test]
fn process_wide_scopes_of_one_name_wait_their_turn() {
    #[concurrency_probe(scope = "turns")]
    fn work() {}
    std::thread::scope(|threads| {
        for own in [2_u64, 7] {
            threads.spawn(move || {
                for round in 0..500 {
                    let scope = Scope::builder("turns").process_wide().open();
                    (0..own).for_each(|_| std::thread::spawn(work).join().unwrap());
                    assert_eq!(scope.reading("work").calls(), own, "round {round}");
                }
            });
        }
    });
}
