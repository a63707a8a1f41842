//! A hold comes again: a call alone uses up nothing, and a serial stretch is seen after calls that met.

use crate::judge::{LIMIT, OUTSIDE, Right, foreign_pool, judge, red, undecided};
use concurrency_probe::{Scope, concurrency_probe};
use futures::channel::mpsc;
use futures::executor::block_on;
use futures::join;
use futures::stream::StreamExt;
use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};
use std::sync::{Barrier, Mutex};
use std::time::Duration;

/// So short that waits which it ends are no matter, and shorter than what a right program may take.
const SHORT: Duration = Duration::from_millis(20);

#[concurrency_probe(scope = "again")]
fn link(_slot: u32) {}

/// Drives items of which the first `alone` are sent when the one before is done.
fn drive(scope: &mut Scope, alone: u32, items: u32) {
    let (arrivals, stream) = mpsc::unbounded::<Result<u32, ()>>();
    let (done, mut is_done) = mpsc::unbounded();
    let linked = scope.pass("cold").drive(stream, move |_lane, slot| {
        link(slot);
        let _ = done.unbounded_send(());
        Ok(())
    });
    let feed = async move {
        for slot in 0..alone {
            arrivals.unbounded_send(Ok(slot)).unwrap();
            is_done.next().await;
        }
        (alone..items).for_each(|slot| arrivals.unbounded_send(Ok(slot)).unwrap());
    };
    block_on(async { join!(linked, feed) }).0.unwrap();
}

type Program = (&'static str, fn(&mut Scope), Right);

const PROGRAMS: [Program; 13] = [
    (
        "one alone, then many, under run",
        |scope| {
            scope.run(|| {
                link(0);
                (1..100).into_par_iter().for_each(link);
            });
        },
        Right::Green,
    ),
    (
        "one alone under in_scope, then a pass",
        |scope| {
            scope.in_scope(|| link(0));
            scope.pass("cold").for_each(1..100, |_lane, slot| link(slot));
        },
        Right::Green,
    ),
    (
        "a pass, then one alone under in_scope",
        |scope| {
            scope.pass("cold").for_each(1..100, |_lane, slot| link(slot));
            scope.in_scope(|| link(0));
        },
        Right::Green,
    ),
    (
        "many, then three alone, under run",
        |scope| {
            scope.run(|| {
                (3..100).into_par_iter().for_each(link);
                (0..3).for_each(link);
            });
        },
        Right::Green,
    ),
    (
        "passes of one item and of many, at one place",
        |scope| {
            for items in [1, 1, 98] {
                scope.pass("cold").for_each(0..items, |_lane, slot| link(slot));
            }
        },
        Right::Green,
    ),
    (
        "passes of 33, and a last one of one item",
        |scope| {
            let slots: Vec<u32> = (0..100).collect();
            for chunk in slots.chunks(33) {
                scope.pass("cold").for_each(chunk, |_lane, slot| link(*slot));
            }
        },
        Right::Green,
    ),
    (
        "a pass of one item in a batch of its own",
        |scope| {
            scope.pass("warm").for_each([0], |_lane, slot| link(slot));
            scope.pass("cold").for_each(1..100, |_lane, slot| link(slot));
        },
        Right::Green,
    ),
    ("the first is done before others arrive", |scope| drive(scope, 1, 100), Right::Green),
    (
        "each is done before the next arrives",
        |scope| drive(scope, 100, 100),
        red(&["batch `cold`", "100 calls"]),
    ),
    (
        "many, then more one after another, under run",
        |scope| {
            scope.run(|| {
                (0..30).into_par_iter().for_each(link);
                (30..100).for_each(link);
            });
        },
        red(&[OUTSIDE, "100 calls"]),
    ),
    (
        "one after another, then many, under run",
        |scope| {
            scope.run(|| {
                (0..70).for_each(link);
                (70..100).into_par_iter().for_each(link);
            });
        },
        red(&[OUTSIDE, "100 calls"]),
    ),
    (
        "two together, then one after another, under in_scope",
        |scope| {
            let both = Barrier::new(2);
            let (here, there) = (scope.handle(), scope.handle());
            std::thread::scope(|threads| {
                threads.spawn(|| {
                    there.in_scope(|| {
                        both.wait();
                        link(0);
                    });
                });
                here.in_scope(|| {
                    both.wait();
                    link(1);
                });
            });
            here.in_scope(|| (2..100).for_each(link));
        },
        red(&[OUTSIDE, "100 calls"]),
    ),
    (
        "one after another, then two together, under in_scope",
        |scope| {
            let both = Barrier::new(2);
            let (here, there) = (scope.handle(), scope.handle());
            here.in_scope(|| (2..100).for_each(link));
            std::thread::scope(|threads| {
                threads.spawn(|| {
                    there.in_scope(|| {
                        both.wait();
                        link(0);
                    });
                });
                here.in_scope(|| {
                    both.wait();
                    link(1);
                });
            });
        },
        red(&[OUTSIDE, "100 calls"]),
    ),
];

#[test]
fn a_hold_that_found_nobody_comes_again_and_so_does_one_that_was_met() {
    for (name, program, right) in PROGRAMS {
        for threads in [2, 4] {
            for _ in 0..right.rounds() {
                let mut scope =
                    Scope::builder("again").threads(threads).hold("link", 2).hold_limit(SHORT).open();
                program(&mut scope);
                let reading = scope.reading("link");
                assert_eq!((reading.calls(), reading.unattributed()), (100, 0), "{name}");
                judge(&format!("{name}, {threads} threads"), reading.check_concurrent(2), right);
            }
        }
    }
}

#[test]
fn a_call_alone_is_no_matter_to_a_process_wide_scope_and_a_stretch_of_them_is() {
    #[concurrency_probe(scope = "again, wide")]
    fn link(_slot: u32) {}
    let pool = foreign_pool(4);
    let many = |slots: std::ops::Range<u32>| {
        pool.install(|| slots.into_par_iter().with_max_len(1).for_each(link));
    };
    let stretch = undecided(&[OUTSIDE, "100 calls"]);
    let programs: [(&str, &dyn Fn(), Right); 5] = [
        (
            "one alone, then many",
            &|| {
                link(0);
                many(1..100);
            },
            Right::Green,
        ),
        (
            "many, then one alone",
            &|| {
                many(1..100);
                link(0);
            },
            Right::Green,
        ),
        (
            "many, then more one after another",
            &|| {
                many(0..30);
                (30..100).for_each(link);
            },
            stretch,
        ),
        (
            "one after another, then many",
            &|| {
                (0..70).for_each(link);
                many(70..100);
            },
            stretch,
        ),
        ("one after another", &|| (0..100).for_each(link), stretch),
    ];
    for (name, program, right) in programs {
        for _ in 0..right.rounds().min(5) {
            let wide = Scope::builder("again, wide").process_wide();
            let scope = wide.hold("link", 2).hold_limit(LIMIT).open();
            program();
            assert_eq!(scope.reading("link").calls(), 100, "{name}");
            judge(name, scope.reading("link").check_concurrent(2), right);
        }
    }
}

/// While a lane waits for a channel, no worker is free to run what would have come, and time passes more slowly for the hold.
#[test]
fn a_lane_that_waits_for_a_thread_outside_is_waited_for() {
    #[concurrency_probe(scope = "outside")]
    fn link() {}
    for round in 0..5 {
        let mut scope = Scope::builder("outside").threads(2).hold("link", 2).hold_limit(SHORT).open();
        let (send, receive) = std::sync::mpsc::channel();
        let (receive, handle) = (Mutex::new(receive), scope.handle());
        std::thread::scope(|threads| {
            threads.spawn(move || {
                while handle.reading("link").calls() == 0 {
                    std::thread::yield_now();
                }
                // Not to wait for something: to be longer than the limit. While this thread sleeps and no worker is free, a
                // quarter of the time is free time.
                std::thread::sleep(3 * SHORT);
                send.send(()).unwrap();
            });
            scope.pass("cold").for_each([true, false], |_lane, waits| {
                if waits {
                    receive.lock().unwrap().recv().unwrap();
                }
                link();
            });
        });
        judge(&format!("round {round}"), scope.reading("link").check_concurrent(2), Right::Green);
    }
}

/// Passes of many items, of which one is probed, are no pass per item. They prove nothing, and neither do they turn what does red.
#[test]
fn passes_in_which_one_item_is_probed_prove_nothing_and_are_no_fault() {
    #[concurrency_probe(scope = "one of many")]
    fn link(_slot: u32) {}
    fn one_of_eight(scope: &mut Scope) {
        for _ in 0..64 {
            scope.pass("warm").for_each(0..8, |_lane, slot| {
                if slot == 3 {
                    link(slot);
                }
            });
        }
    }
    fn one_of_one(scope: &mut Scope) {
        (0..64).for_each(|slot| scope.pass("warm").for_each([slot], |_lane, slot| link(slot)));
    }
    let open = || Scope::builder("one of many").threads(4).hold("link", 2).hold_limit(LIMIT).quiet().open();
    for round in 0..20 {
        let mut scope = open();
        one_of_eight(&mut scope);
        scope.pass("cold").for_each(0..20, |_lane, slot| link(slot));
        judge(&format!("round {round}"), scope.reading("link").check_concurrent(2), Right::Green);
    }
    let mut scope = open();
    one_of_eight(&mut scope);
    judge(
        "nothing else",
        scope.reading("link").check_concurrent(2),
        red(&["no pass had 2 calls to judge", "64 calls"]),
    );
    let mut scope = open();
    one_of_one(&mut scope);
    scope.pass("cold").for_each(0..20, |_lane, slot| link(slot));
    judge(
        "a pass per item",
        scope.reading("link").check_concurrent(2),
        red(&["batch `warm`", "64 passes of 1 item each"]),
    );
}
