//! A thread that has a `&Scope` and has not used it yet is in nobody's books. While it runs, or may run, a wait outside of passes goes on for
//! a moment, on every system.

use crate::judge::{LIMIT, Right, judge, proven};
use concurrency_probe::{Scope, concurrency_probe};
use std::sync::atomic::{AtomicBool, Ordering};

#[concurrency_probe(scope = "about to come")]
fn link() {}

/// Longer than the scope's workers take to say that they have nothing to run, and much shorter than the moment.
fn compute() {
    (0..200_000_u64).for_each(|n| _ = std::hint::black_box(n));
}

type Program = (&'static str, fn(&Scope), Right);

const PROGRAMS: [Program; 2] = [
    (
        "a scoped thread computes, and comes in",
        |scope| {
            let inside = AtomicBool::new(false);
            std::thread::scope(|threads| {
                threads.spawn(|| {
                    while !inside.load(Ordering::Relaxed) {
                        std::hint::spin_loop();
                    }
                    compute();
                    scope.in_scope(link);
                });
                scope.in_scope(|| {
                    inside.store(true, Ordering::Relaxed);
                    link();
                });
            });
        },
        Right::Green,
    ),
    (
        "the thread that opened the scope computes between its own calls",
        |scope| {
            for _ in 0..2 {
                scope.in_scope(link);
                compute();
            }
        },
        proven(&["nothing could run beside it"]),
    ),
];

#[test]
fn a_thread_that_runs_is_waited_for() {
    for (program, run, right) in PROGRAMS {
        for _ in 0..right.rounds() {
            // The moment is a quarter of the limit at most: the default's is long enough on a busy machine.
            let builder = Scope::builder("about to come").hold("link", 2);
            let scope = if let Right::Green = right { builder } else { builder.hold_limit(LIMIT) }.open();
            run(&scope);
            judge(program, scope.reading("link").check_concurrent(2), right);
        }
    }
}
