//! Passes under a hold in which more may come than from their own items.

use crate::judge::{LIMIT, Right, judge, proven, undecided};
use concurrency_probe::{Pass, Scope, ScopeBuilder, ScopeHandle, concurrency_probe};
use futures::executor::block_on;
use futures::stream::{self, Stream, StreamExt as _};
use rayon::iter::{IndexedParallelIterator as _, IntoParallelIterator as _, ParallelIterator as _};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Barrier, Mutex};
use std::time::{Duration, Instant};
use tokio::task::yield_now;

#[concurrency_probe(scope = "held passes")]
fn link(_slot: u32) {}

fn open(threads: usize) -> ScopeBuilder {
    Scope::builder("held passes").threads(threads).hold("link", 2).hold_limit(LIMIT).quiet()
}

fn spin_until(is_so: impl Fn() -> bool) {
    while !is_so() {
        std::thread::yield_now();
    }
}

/// The thread comes when the lane is held already, and after it could have been let go.
#[test]
fn a_thread_that_a_lane_gave_a_handle_to_is_waited_for() {
    for round in 0..5 {
        // Longer than the thread takes to come.
        let mut scope = open(4).hold_limit(25 * LIMIT).open();
        let began = AtomicBool::new(false);
        std::thread::scope(|threads| {
            scope.pass("links").for_each(0..2, |_lane, slot| {
                if slot == 0 {
                    let here = ScopeHandle::current("held passes").unwrap();
                    threads.spawn(move || {
                        spin_until(|| here.reading("link").in_flight() > 0);
                        // So long that the lane would be let go if nobody knew of this thread.
                        let waits = Instant::now();
                        spin_until(|| here.reading("link").in_flight() == 0 || waits.elapsed() > LIMIT);
                        here.in_scope(|| link(9));
                    });
                    began.store(true, Ordering::SeqCst);
                } else {
                    spin_until(|| began.load(Ordering::SeqCst));
                    link(slot);
                }
            });
        });
        judge(&format!("round {round}"), scope.reading("link").check_concurrent(2), Right::Green);
    }
}

/// A lane that waits in a bare `join` takes up the item of another pass, and is held there: when that is let go, it comes to its
/// own.
#[test]
fn a_lane_that_is_held_in_another_pass_may_come() {
    for round in 0..5 {
        let mut scope = open(3).open();
        let (began, half) = (AtomicBool::new(false), AtomicBool::new(false));
        let [first, second] = scope.passes(["first", "second"]);
        std::thread::scope(|threads| {
            threads.spawn(|| {
                spin_until(|| half.load(Ordering::SeqCst));
                second.for_each(0..1, |_lane, slot| link(slot));
            });
            first.for_each(0..2, |_lane, slot| {
                if slot == 0 {
                    spin_until(|| began.load(Ordering::SeqCst));
                    link(slot);
                    return;
                }
                began.store(true, Ordering::SeqCst);
                rayon::join(
                    || spin_until(|| half.load(Ordering::SeqCst)),
                    || {
                        half.store(true, Ordering::SeqCst);
                        (0..10_000).for_each(|_| std::thread::yield_now());
                    },
                );
                link(slot);
            });
        });
        if let Err(why) = scope.reading("link").in_batch("first").check_concurrent(2) {
            assert!(!why.is_proven(), "round {round}: {why}");
        }
    }
}

/// The same of two calls of `run`: the second is taken up on top of the first, which would have called beside it.
#[test]
fn a_run_that_is_taken_up_on_top_of_another_proves_nothing() {
    for round in 0..5 {
        let scope = open(4).open();
        let (half, second) = (AtomicBool::new(false), AtomicBool::new(false));
        std::thread::scope(|threads| {
            threads.spawn(|| {
                spin_until(|| half.load(Ordering::SeqCst));
                scope.run(|| {
                    second.store(true, Ordering::SeqCst);
                    link(1);
                });
            });
            scope.run(|| {
                rayon::join(
                    || spin_until(|| half.load(Ordering::SeqCst)),
                    || {
                        half.store(true, Ordering::SeqCst);
                        spin_until(|| second.load(Ordering::SeqCst));
                        (0..10_000).for_each(|_| std::thread::yield_now());
                    },
                );
                link(0);
            });
        });
        if let Err(why) = scope.reading("link").check_concurrent(2) {
            assert!(!why.is_proven(), "round {round}: {why}");
        }
    }
}

/// Passes of one label and place are one batch, and their calls meet: the stream of one is waited for in the other.
#[test]
fn the_stream_of_another_pass_of_the_batch_is_waited_for() {
    for round in 0..5 {
        let mut scope = open(4).hold_limit(25 * LIMIT).open();
        let handle = scope.handle();
        let is_open = AtomicBool::new(false);
        let [first, second] = scope.passes(["links", "links"]);
        std::thread::scope(|threads| {
            threads.spawn(|| {
                let slots = stream::iter([Ok::<u32, ()>(1)]).then(|slot| {
                    is_open.store(true, Ordering::SeqCst);
                    spin_until(|| handle.reading("link").in_flight() > 0);
                    (0..10_000).for_each(|_| std::thread::yield_now());
                    std::future::ready(slot)
                });
                let driven = second.drive_in_place(slots, |_lane, slot| {
                    link(*slot);
                    Ok(())
                });
                block_on(driven).unwrap();
            });
            spin_until(|| is_open.load(Ordering::SeqCst));
            first.for_each(0..1, |_lane, slot| link(slot));
        });
        judge(&format!("round {round}"), scope.reading("link").check_concurrent(2), Right::Green);
    }
}

/// Passes of one item each that are under way at once follow nothing, and a strict scope has nothing to say. One after another they are
/// a pass per item.
#[test]
fn passes_of_one_item_beside_one_another_are_no_pass_per_item() {
    let mut scope = open(5).strict().open();
    let all = Barrier::new(4);
    let passes = scope.passes(["links"; 4]);
    std::thread::scope(|threads| {
        for pass in passes {
            threads.spawn(|| {
                pass.for_each(0..1, |_lane, slot| {
                    all.wait();
                    link(slot);
                });
            });
        }
    });
    judge("beside", scope.reading("link").check_concurrent(2), Right::Green);
    assert!(scope.report().findings.is_empty(), "{:?}", scope.report().findings);

    let mut scope = open(5).open();
    for pass in scope.passes(["links"; 4]) {
        pass.for_each(0..1, |_lane, slot| link(slot));
    }
    judge("in turn", scope.reading("link").check_concurrent(2), undecided(&["4 passes of 1 item each"]));
    assert_eq!(scope.report().findings.len(), 1);
}

/// Threads with a loop each: one ends last. What it calls then is a tail, if it is shorter than what was before.
#[test]
fn the_tail_of_a_threads_loop_is_no_serial_stretch() {
    for (times, right) in [(0, Right::Green), (4, proven(&["calls of `link` followed one another"]))] {
        let scope = open(2).hold_limit(25 * LIMIT).open();
        // Both are inside of the scope before either calls, and this thread calls as long as the other one does: it is the last. Were
        // the other one, its last calls would be undecided, as this thread could have come.
        let (both, is_over) = (Barrier::new(2), AtomicBool::new(false));
        let before = scope.in_scope(|| {
            std::thread::scope(|threads| {
                threads.spawn(|| {
                    scope.in_scope(|| {
                        both.wait();
                        (0..100).for_each(link);
                        is_over.store(true, Ordering::Relaxed);
                    });
                });
                both.wait();
                let mut before = 100;
                while !is_over.load(Ordering::Relaxed) {
                    link(before);
                    before += 1;
                }
                before
            })
        });
        scope.in_scope(|| (0..40 + times * before).for_each(link));
        judge(&format!("{times} times as many more"), scope.reading("link").check_concurrent(2), right);
    }
}

/// A handle that was used here and is then given to a thread: it could have come while the first calls waited.
#[test]
fn a_handle_that_moves_on_takes_the_proof_away() {
    let scope = open(2).open();
    let handle = scope.handle();
    handle.run(|| ());
    scope.run(|| (0..12).for_each(link));
    std::thread::spawn(move || handle.run(|| link(12))).join().unwrap();
    let why = scope.reading("link").check_concurrent(2).unwrap_err();
    assert!(!why.is_proven() && why.to_string().contains("undecided"), "{why}");
}

/// A leaf that has run all of its items may still have what the others need.
#[test]
fn a_lock_that_a_leaf_keeps_is_let_go() {
    let mut scope = open(2).open();
    let done = Mutex::new(0);
    let items = (0..8).into_par_iter().map_init(
        || done.lock().unwrap(),
        |done, slot| {
            **done += 1;
            slot
        },
    );
    scope.pass("links").for_each(items, |_lane, slot| link(slot));
    assert_eq!((*done.lock().unwrap(), scope.reading("link").calls()), (8, 8));
}

/// A worker that waits in a lane for another pool takes up the other item on top of it, by luck. They could have run at once.
#[test]
fn items_that_are_taken_up_on_top_of_each_other_prove_nothing() {
    let other = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    for round in 0..20 {
        let mut scope = open(2).open();
        scope.pass("links").for_each(0..8, |_lane, slot| {
            other.install(|| (0..100).for_each(|_| std::thread::yield_now()));
            link(slot);
        });
        if let Err(why) = scope.reading("link").check_concurrent(2) {
            assert!(!why.is_proven(), "round {round}: {why}");
        }
    }
}

/// What leaves all calls of a pass to one worker, and the nearest programs that do not.
#[test]
fn what_keeps_the_calls_of_a_pass_together_is_in_the_message() {
    type Program = (&'static str, fn(Pass<'_>), Right);
    fn in_place(pass: Pass<'_>) {
        run_in_place(pass, stream::iter((0..8).map(Ok)));
    }
    fn run_in_place(pass: Pass<'_>, slots: impl Stream<Item = Result<u32, ()>>) {
        let driven = pass.drive_in_place(slots, |_lane, slot| {
            link(*slot);
            Ok(())
        });
        block_on(driven).unwrap();
    }
    /// A stream that has one item ready whenever it is polled.
    fn one_by_one() -> impl Stream<Item = Result<u32, ()>> {
        stream::iter(0..8).then(|slot| async move {
            yield_now().await;
            Ok(slot)
        })
    }
    let programs: [Program; 13] = [
        (
            "a loop in one lane",
            |pass| pass.for_each([()], |_lane, ()| (0..8).for_each(link)),
            proven(&["a loop in one lane"]),
        ),
        (
            "a large `with_min_len`",
            |pass| pass.for_each((0..8).into_par_iter().with_min_len(8), |_lane, slot| link(slot)),
            proven(&["a large `with_min_len`"]),
        ),
        (
            "a small `with_min_len`",
            |pass| pass.for_each((0..8).into_par_iter().with_min_len(2), |_lane, slot| link(slot)),
            Right::Green,
        ),
        (
            "a filter that leaves two neighbours",
            |pass| {
                let slots = (0..1000).into_par_iter().filter(|slot| *slot < 2);
                pass.for_each(slots, |_lane, slot| link(slot));
            },
            proven(&["a `filter` or an `if`"]),
        ),
        (
            "a filter that leaves two far apart",
            |pass| {
                let slots = (0..1000).into_par_iter().filter(|slot| slot % 500 == 0);
                pass.for_each(slots, |_lane, slot| link(slot));
            },
            Right::Green,
        ),
        (
            "an if that is true of two neighbours",
            |pass| {
                pass.for_each(0..1000, |_lane, slot| {
                    if slot < 2 {
                        link(slot);
                    }
                });
            },
            proven(&["a `filter` or an `if`"]),
        ),
        ("drive_in_place, one at a time", |pass| in_place(pass.queue(1)), proven(&["`.queue(1)`"])),
        (
            "drive_in_place, with one ready at a time",
            |pass| run_in_place(pass, one_by_one()),
            undecided(&["had no more ready"]),
        ),
        (
            "drive_in_place, two of them waited for",
            |pass| run_in_place(pass.chunk(2), one_by_one()),
            Right::Green,
        ),
        ("drive_in_place, two at a time", |pass| in_place(pass.queue(2)), Right::Green),
        ("drive_in_place", in_place, Right::Green),
        (
            // Its queue is of those that have not begun.
            "drive, with a queue of one",
            |pass| {
                let slots = stream::iter((0..8).map(Ok::<u32, ()>));
                let driven = pass.queue(1).drive(slots, |_lane, slot| {
                    link(slot);
                    Ok(())
                });
                block_on(driven).unwrap();
            },
            Right::Green,
        ),
        ("as it should be", |pass| pass.for_each(0..8, |_lane, slot| link(slot)), Right::Green),
    ];
    for (name, program, right) in programs {
        for _ in 0..right.rounds() {
            let mut scope = open(2).open();
            program(scope.pass("links"));
            judge(name, scope.reading("link").check_concurrent(2), right);
        }
    }
}

/// The worker that divided the pass waits for the half that was taken from it, and could take up anything: the message tells it
/// from an idle one. Which limit ends while it answers a roll call is luck.
#[test]
fn a_worker_that_waits_for_a_half_of_its_own_is_not_called_idle() {
    let is_said = (10..200).any(|limit| {
        let mut scope = open(2).hold_limit(Duration::from_millis(limit)).open();
        let began = AtomicBool::new(false);
        scope.pass("links").for_each(0..2, |_lane, slot| {
            if slot == 0 {
                spin_until(|| began.load(Ordering::SeqCst));
            } else {
                began.store(true, Ordering::SeqCst);
                link(slot);
                link(slot);
            }
        });
        let why = scope.reading("link").check_concurrent(2).unwrap_err().to_string();
        assert!(!why.contains("1 idle)"), "{limit} ms: {why}");
        why.contains("1 held inside, 1 waiting for a part of their own job that another worker took")
    });
    assert!(is_said);
}
