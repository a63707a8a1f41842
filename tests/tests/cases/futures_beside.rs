//! Held futures that have something beside them: a sibling of another length, another hold, another way to be polled, a waker that is
//! out of the ordinary.

#![allow(clippy::unused_async, reason = "the probed functions have nothing to wait for")]

use crate::judge::{LIMIT, OUTSIDE, ROUNDS, Right, judge, proven, red, runtimes, undecided};
use concurrency_probe::{Scope, ScopeHandle, concurrency_probe, offload};
use futures::FutureExt;
use futures::executor::block_on;
use futures::future::{BoxFuture, LocalBoxFuture, join_all, poll_fn};
use futures::task::{ArcWake, waker};
use std::cell::Cell;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::task::{JoinSet, yield_now};

#[concurrency_probe(scope = "beside")]
async fn fetch() {}

#[concurrency_probe(scope = "beside")]
async fn unpack() {}

/// Calls [`fetch`] so often, after each of which its siblings are polled or not.
async fn calls(calls: usize, yields: bool) {
    for _ in 0..calls {
        fetch().await;
        if yields {
            yield_now().await;
        }
    }
}

async fn in_turn(n: usize) {
    calls(n, false).await;
}

/// Loops beside one another: one of them ends last, and its tail is alone. A tail that is longer than all that was before it is not
/// the end of something parallel.
#[test]
fn the_tail_of_a_loop_is_no_serial_stretch() {
    type Row = (&'static [usize], bool, Right);
    let rows: [Row; 11] = [
        (&[10, 10], false, Right::Green),
        (&[10, 12], false, Right::Green),
        (&[100, 100], false, Right::Green),
        (&[10, 10, 10], false, Right::Green),
        (&[20, 20, 20, 20, 20, 20, 20, 20], false, Right::Green),
        (&[10, 10], true, Right::Green),
        (&[100, 100], true, Right::Green),
        (&[10, 12, 14], true, Right::Green),
        (&[10, 300], true, red(&[OUTSIDE, "followed one another alone"])),
        (&[100], false, proven(&[OUTSIDE, "100 calls"])),
        (&[100], true, proven(&[OUTSIDE, "100 calls"])),
    ];
    for (lengths, yields, right) in rows {
        for (flavour, runtime) in runtimes() {
            let mut scope = Scope::builder("beside").hold("fetch", 2).hold_limit(Duration::MAX).open();
            let loops = join_all(lengths.iter().map(|n| calls(*n, yields))).map(drop);
            runtime.block_on(scope.attach_exclusive(loops));
            let name = format!("loops of {lengths:?}, {flavour}, yields: {yields}");
            judge(&name, scope.reading("fetch").check_in_flight(2), right);

            if matches!(right, Right::Green) {
                let scope = Scope::builder("beside").hold("fetch", 2).hold_limit(LIMIT).open();
                runtime.block_on(async {
                    let mut tasks = JoinSet::new();
                    for n in lengths {
                        tasks.spawn(scope.attach(calls(*n, yields)));
                    }
                    tasks.join_all().await;
                });
                judge(&format!("{name}, spawned"), scope.reading("fetch").check_in_flight(2), right);
            }
        }
    }
}

/// One that is held in another probe is kept by the hold, and not by the program.
#[test]
fn two_holds_prove_nothing_against_each_other() {
    type Run = fn() -> LocalBoxFuture<'static, ()>;
    let programs: [(&str, Run, Right); 3] = [
        (
            "in opposite order",
            || {
                let one = async {
                    fetch().await;
                    unpack().await;
                };
                let other = async {
                    unpack().await;
                    fetch().await;
                };
                async { _ = futures::join!(one, other) }.boxed_local()
            },
            undecided(&["2 calls"]),
        ),
        (
            "in one order",
            || {
                let both = || async {
                    fetch().await;
                    unpack().await;
                };
                async move { _ = futures::join!(both(), both()) }.boxed_local()
            },
            Right::Green,
        ),
        (
            "one loop",
            || {
                let both = async {
                    for _ in 0..10 {
                        fetch().await;
                        unpack().await;
                    }
                };
                both.boxed_local()
            },
            proven(&["10 calls"]),
        ),
    ];
    for (name, run, right) in programs {
        for _ in 0..right.rounds() {
            let mut scope = Scope::builder("beside").hold("fetch", 2).hold("unpack", 2).open();
            block_on(scope.attach_exclusive(run()));
            judge(name, scope.reading("fetch").check_in_flight(2), right);
        }
    }
}

/// What was begun in the scope's own pool may still be there, and bring a call.
#[test]
fn what_runs_in_the_pool_is_waited_for() {
    for _ in 0..ROUNDS {
        let mut scope = Scope::builder("beside").hold("fetch", 2).open();
        let is_pending = Arc::new(AtomicBool::new(false));
        let (seen, (send, receive)) = (Arc::clone(&is_pending), mpsc::channel());
        scope.run(|| {
            rayon::spawn(move || {
                while !seen.load(Ordering::Acquire) {
                    std::thread::yield_now();
                }
                // So that the other one is judged first, if it is at all.
                (0..100).for_each(|_| std::thread::yield_now());
                block_on(ScopeHandle::current("beside").unwrap().attach(fetch()));
                send.send(()).unwrap();
            });
        });
        block_on(scope.attach_exclusive(async {
            is_pending.store(true, Ordering::Release);
            fetch().await;
        }));
        receive.recv().unwrap();
        judge("a job of the pool", scope.reading("fetch").check_in_flight(2), Right::Green);
    }
}

/// When all that ran in the pool has ended, it is known that nothing else comes.
#[test]
fn a_pool_that_is_idle_again_brings_nobody() {
    #[concurrency_probe(scope = "beside")]
    fn link(_slot: u32) {}
    let mut scope =
        Scope::builder("beside").hold("fetch", 2).hold("link", 2).hold_limit(Duration::MAX).open();
    scope.pass("links").for_each(0..20, |_lane, slot| link(slot));
    block_on(scope.attach_exclusive(async {
        offload(|lane| lane.join(|_lane| link(0), |_lane| link(1))).await;
        in_turn(20).await;
    }));
    judge("fetch", scope.reading("fetch").check_in_flight(2), proven(&[OUTSIDE, "20 calls"]));
    judge("link", scope.reading("link").in_batch("links").check_concurrent(2), Right::Green);
}

/// A future is polled again because its sibling was woken, and finds what it waits for without a waker of its own.
#[test]
fn a_poll_that_nobody_rang_for_takes_the_proof_away() {
    let mut scope = Scope::builder("beside").hold("fetch", 2).hold_limit(Duration::MAX).open();
    let is_set = Cell::new(false);
    let late = async {
        poll_fn(|_| if is_set.get() { Poll::Ready(()) } else { Poll::Pending }).await;
        fetch().await;
    };
    let fetches = async { _ = futures::join!(fetch(), late) };
    let sibling = async {
        for _ in 0..100 {
            yield_now().await;
        }
        is_set.set(true);
        yield_now().await;
    };
    let (_, runtime) = &runtimes()[0];
    runtime.block_on(async { _ = futures::join!(scope.attach_exclusive(fetches), sibling) });
    judge("a cell", scope.reading("fetch").check_in_flight(2), undecided(&[OUTSIDE, "2 calls"]));
}

/// A sibling that is woken all the time, and has nothing to do with the scope, is no reason to doubt.
#[test]
fn a_sibling_that_is_busy_is_no_doubt() {
    let mut scope = Scope::builder("beside").hold("fetch", 2).hold_limit(Duration::MAX).open();
    let busy = async {
        for _ in 0..1000 {
            yield_now().await;
        }
    };
    let (_, runtime) = &runtimes()[0];
    runtime.block_on(async { _ = futures::join!(scope.attach_exclusive(in_turn(20)), busy) });
    judge("busy", scope.reading("fetch").check_in_flight(2), proven(&[OUTSIDE, "20 calls"]));
}

/// Runs its future where it is woken.
struct Inline(Mutex<Option<BoxFuture<'static, ()>>>);

impl ArcWake for Inline {
    fn wake_by_ref(task: &Arc<Self>) {
        let future = task.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(mut future) = future else { return };
        if future.poll_unpin(&mut Context::from_waker(&waker(Arc::clone(task)))).is_pending() {
            *task.0.lock().unwrap() = Some(future);
        }
    }
}

/// The wake that lets a future go polls it, on the thread that counts free time.
#[test]
fn an_executor_may_poll_where_it_is_woken() {
    let scope = Scope::builder("beside").hold("fetch", 2).hold_limit(LIMIT).open();
    let (send, receive) = mpsc::channel();
    let attached = scope.attach(async move {
        in_turn(20).await;
        send.send(()).unwrap();
    });
    let task = Arc::new(Inline(Mutex::new(Some(attached.boxed()))));
    ArcWake::wake_by_ref(&task);
    receive.recv().unwrap();
    judge("inline", scope.reading("fetch").check_in_flight(2), red(&[OUTSIDE, "20 calls"]));
}

/// A task that nothing but its wakers keeps alive.
struct Kept(Mutex<Option<BoxFuture<'static, ()>>>);

impl ArcWake for Kept {
    fn wake_by_ref(_: &Arc<Self>) {}
}

/// A future that waits for nothing is dropped with its task, and the scope does not keep it.
#[test]
fn a_task_that_nobody_can_wake_is_not_kept_alive() {
    for holds in [false, true] {
        let builder = Scope::builder("beside");
        let scope = if holds { builder.hold("fetch", 2).open() } else { builder.open() };
        let alive = Arc::new(());
        let attached = scope.attach({
            let alive = Arc::clone(&alive);
            async move {
                std::future::pending::<()>().await;
                drop(alive);
            }
        });
        let task = Arc::new(Kept(Mutex::new(None)));
        let mut future = attached.boxed();
        assert!(future.poll_unpin(&mut Context::from_waker(&waker(Arc::clone(&task)))).is_pending());
        *task.0.lock().unwrap() = Some(future);
        drop(task);
        assert_eq!(Arc::strong_count(&alive), 1, "with a hold: {holds}");
    }
}

/// An exclusive future that comes after another one was stuck for the whole limit could have met it.
#[test]
fn an_exclusive_future_that_comes_later_takes_the_proof_away() {
    let mut scope = Scope::builder("beside").hold("fetch", 2).hold_limit(LIMIT).open();
    let handle = scope.handle();
    let before = scope.attach(fetch());
    let later = async {
        while handle.reading("fetch").calls() == 0 || handle.reading("fetch").in_flight() > 0 {
            yield_now().await;
        }
        scope.attach_exclusive(fetch()).await;
    };
    let (_, runtime) = &runtimes()[0];
    runtime.block_on(async { _ = futures::join!(before, later) });
    judge("later", scope.reading("fetch").check_in_flight(2), undecided(&[OUTSIDE, "2 calls"]));
}

/// Panics when it is woken.
#[derive(Default)]
struct Panics(AtomicUsize);

impl ArcWake for Panics {
    fn wake_by_ref(woken: &Arc<Self>) {
        woken.0.fetch_add(1, Ordering::SeqCst);
        panic!("a waker that panics");
    }
}

/// Another future of the scope is let go all the same.
#[test]
fn a_waker_that_panics_stops_nobody_else() {
    let scope = Scope::builder("beside").hold("fetch", 3).hold_limit(LIMIT).open();
    let woken = Arc::new(Panics::default());
    let mut held = Box::pin(scope.attach(fetch()));
    assert!(held.as_mut().poll(&mut Context::from_waker(&waker(Arc::clone(&woken)))).is_pending());
    block_on(scope.attach(fetch()));
    assert_eq!(woken.0.load(Ordering::SeqCst), 1);
    drop(held);
    block_on(scope.attach(in_turn(4)));
    judge("after a panic", scope.reading("fetch").check_in_flight(3), undecided(&[OUTSIDE, "6 calls"]));
}
