//! A worker that waits in a `join` takes up other work. What it then enters while it is inside already is told apart, as a lock that
//! is held across the `join` would be asked for by its own thread.

use concurrency_probe::{Lane, Pass, Scope, concurrency_probe};
use std::sync::{Barrier, Mutex};

/// While the worker that runs the first half waits for the second one, it takes up an item of another pass, as the worker with the
/// second half is busy until that item is done.
fn steal(lane: Lane<'_>, pass: Pass<'_>, call: impl Fn(Lane<'_>) + Sync) {
    let both = Barrier::new(2);
    let (done, is_done) = std::sync::mpsc::channel();
    let (done, is_done) = (Mutex::new(done), Mutex::new(is_done));
    lane.join(
        |_lane| _ = both.wait(),
        |_lane| {
            both.wait();
            // Its worker begins with the first item; the second is in its queue, for the other one.
            pass.for_each([true, false], |lane, is_first| {
                if is_first {
                    is_done.lock().unwrap().recv().unwrap();
                } else {
                    call(lane);
                    done.lock().unwrap().send(()).unwrap();
                }
            });
        },
    );
}

#[test]
fn an_item_that_a_waiting_worker_takes_up_is_stolen() {
    #[concurrency_probe(scope = "stolen")]
    fn link(lane: Lane<'_>, stolen_from: Option<Pass<'_>>) {
        if let Some(pass) = stolen_from {
            steal(lane, pass, |lane| link(lane, None));
        }
    }
    for round in 0..50 {
        let mut scope = Scope::builder("stolen").threads(2).open();
        let [outer, inner] = scope.passes(["outer", "inner"]);
        let inner = Mutex::new(Some(inner));
        outer.for_each([()], |lane, ()| link(lane, inner.lock().unwrap().take()));
        let reading = scope.reading("link");
        let read = (reading.calls(), reading.in_flight(), reading.max_concurrent(), reading.stolen());
        assert_eq!(read, (2, 0, Some(1), 1), "round {round}");
        assert_eq!(scope.report().probes[0].stolen, 1, "round {round}");
    }
}

/// It is no matter what a waiting worker takes up while it is not inside, or inside of another probe.
#[test]
fn what_is_entered_once_is_not_stolen() {
    #[concurrency_probe(scope = "not stolen")]
    fn outer(lane: Lane<'_>, stolen_from: Pass<'_>) {
        steal(lane, stolen_from, |_lane| link());
    }
    #[concurrency_probe(scope = "not stolen")]
    fn link() {}
    for round in 0..50 {
        let mut scope = Scope::builder("not stolen").threads(2).open();
        let [first, inside_another, second, outside] = scope.passes(["first", "inside", "second", "outside"]);
        let inner = Mutex::new(Some(inside_another));
        first.for_each([()], |lane, ()| outer(lane, inner.lock().unwrap().take().unwrap()));
        let inner = Mutex::new(Some(outside));
        second.for_each([()], |lane, ()| steal(lane, inner.lock().unwrap().take().unwrap(), |_lane| link()));
        for (probe, calls) in [("outer", 1), ("link", 2)] {
            let reading = scope.reading(probe);
            assert_eq!((reading.calls(), reading.stolen()), (calls, 0), "{probe}, round {round}");
        }
    }
}

#[test]
fn recursion_is_not_stolen() {
    #[concurrency_probe(scope = "recursive")]
    fn down(depth: u32) {
        if depth > 1 {
            down(depth - 1);
        }
    }
    #[concurrency_probe(scope = "recursive")]
    fn tree(lane: Lane<'_>, depth: u32) {
        if depth > 1 {
            lane.join(|lane| tree(lane, depth - 1), |lane| tree(lane, depth - 1));
        }
    }
    let mut scope = Scope::builder("recursive").threads(4).open();
    scope.pass("loops").for_each(0..20, |_lane, _n| down(9));
    let reading = scope.reading("down");
    assert_eq!((reading.calls(), reading.stolen()), (180, 0));

    // On one worker, each half is its own.
    let mut scope = Scope::builder("recursive").threads(1).open();
    scope.pass("trees").for_each(0..4, |lane, _n| tree(lane, 6));
    let reading = scope.reading("tree");
    assert_eq!((reading.calls(), reading.stolen()), (4 * 63, 0));
}
