//! A verdict is about a scope's own calls, whatever others do meanwhile: unit tests that know of no scope, other scopes of the name,
//! and another test that is held.

use crate::judge::{LIMIT, OUTSIDE, ROUNDS, Right, assert_says, foreign_pool, judge, proven, undecided};
use concurrency_probe::{Scope, concurrency_probe};
use futures::executor::block_on;
use futures::future::join_all;
use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};

/// A process-wide scope cannot tell whose a call is; a neighbour that overlaps with some calls does not make the others overlap.
#[test]
fn a_serialized_program_is_red_beside_any_neighbour() {
    #[concurrency_probe(scope = "serialized, wide")]
    fn link(_slot: u32) {}
    // The calls together with which a neighbour's unit test makes one.
    let neighbours: [&[u32]; 6] = [&[], &[0], &[50], &[99], &[0, 33, 66, 99], &[97, 98, 99]];
    for at in neighbours {
        let scope =
            Scope::builder("serialized, wide").process_wide().hold("link", 2).hold_limit(LIMIT).open();
        let together = Barrier::new(2);
        std::thread::scope(|threads| {
            threads.spawn(|| {
                for _ in at {
                    together.wait();
                    link(0);
                }
            });
            for slot in 0..100 {
                if at.contains(&slot) {
                    together.wait();
                }
                link(slot);
            }
        });
        let reading = scope.reading("link");
        assert_eq!(reading.calls(), 100 + at.len() as u64);
        judge(&format!("neighbours at {at:?}"), reading.check_concurrent(2), undecided(&[OUTSIDE]));
    }
}

#[test]
fn an_overlapping_program_is_green_beside_any_neighbour() {
    #[concurrency_probe(scope = "overlapping, wide")]
    fn link(_slot: u32) {}
    let pool = foreign_pool(4);
    let install = || pool.install(|| (0..100).into_par_iter().with_max_len(1).for_each(link));
    let programs: [(&str, &dyn Fn()); 4] = [
        ("alone", &install),
        ("a neighbour before", &|| {
            link(0);
            install();
        }),
        ("a neighbour beside", &|| {
            let together = Barrier::new(2);
            std::thread::scope(|threads| {
                threads.spawn(|| {
                    together.wait();
                    link(0);
                });
                together.wait();
                install();
            });
        }),
        ("a neighbour after", &|| {
            install();
            link(0);
        }),
    ];
    for (name, program) in programs {
        for _ in 0..5 {
            let wide = Scope::builder("overlapping, wide").process_wide();
            let scope = wide.hold("link", 2).hold_limit(LIMIT).open();
            program();
            judge(name, scope.reading("link").check_concurrent(2), Right::Green);
        }
    }
}

/// Nobody counts the ways into a process-wide scope: that all known ones wait proves nothing.
#[test]
fn a_process_wide_scope_knows_of_no_end() {
    #[concurrency_probe(scope = "ways, wide")]
    fn link(_slot: u32) {}
    for (wide, right) in [(false, proven(&[OUTSIDE, "9 calls"])), (true, undecided(&[OUTSIDE, "9 calls"]))] {
        let builder = Scope::builder("ways, wide").hold("link", 2).hold_limit(LIMIT);
        let scope = if wide { builder.process_wide().open() } else { builder.open() };
        scope.in_scope(|| (0..9).for_each(link));
        judge(&format!("wide: {wide}"), scope.reading("link").check_concurrent(2), right);
    }
}

/// Runs a program while two threads make calls without a scope, on and on; they have begun when it begins.
fn beside_unit_tests<R>(call: fn(), program: impl FnOnce() -> R) -> R {
    let (begun, ended) = (Barrier::new(3), AtomicBool::new(false));
    std::thread::scope(|threads| {
        for _ in 0..2 {
            threads.spawn(|| {
                call();
                begun.wait();
                while !ended.load(Ordering::Relaxed) {
                    call();
                    std::thread::yield_now();
                }
            });
        }
        begun.wait();
        // Also when the program panics, so that the threads end.
        struct Ends<'a>(&'a AtomicBool);
        impl Drop for Ends<'_> {
            fn drop(&mut self) {
                self.0.store(true, Ordering::Relaxed);
            }
        }
        let _ends = Ends(&ended);
        program()
    })
}

#[test]
fn calls_that_are_nobodys_turn_no_verdict() {
    #[concurrency_probe(scope = "unit tests")]
    fn link(_slot: u32) {}
    type Program = (&'static str, fn(&mut Scope), Right);
    let programs: [Program; 4] = [
        ("one pass", |scope| scope.pass("cold").for_each(0..100, |_lane, slot| link(slot)), Right::Green),
        ("par_iter under run", |scope| scope.run(|| (0..100).into_par_iter().for_each(link)), Right::Green),
        (
            "one leaf",
            |scope| {
                let slots = (0..100).into_par_iter().with_min_len(100);
                scope.pass("cold").for_each(slots, |_lane, slot| link(slot));
            },
            // Whose calls were not counted is said where a verdict is red.
            proven(&["batch `cold`", "100 calls", "no scope `unit tests` is current"]),
        ),
        (
            "inline in one join_all",
            |scope| _ = block_on(scope.attach(join_all((0..100).map(|slot| async move { link(slot) })))),
            proven(&[OUTSIDE, "100 calls", "no scope `unit tests` is current"]),
        ),
    ];
    for (name, program, right) in programs {
        for _ in 0..right.rounds() {
            let mut scope = Scope::builder("unit tests").threads(2).hold("link", 2).hold_limit(LIMIT).open();
            beside_unit_tests(|| link(0), || program(&mut scope));
            let reading = scope.reading("link");
            assert_eq!(reading.calls(), 100, "{name}");
            assert!(reading.unattributed() >= 2, "{name}");
            judge(name, reading.check_concurrent(2), right);
        }
    }
}

#[test]
fn only_a_strict_scope_takes_calls_that_are_nobodys_for_a_fault() {
    #[concurrency_probe(scope = "nobody's")]
    fn link(_slot: u32) {}
    for strict in [false, true] {
        for neighbour in [false, true] {
            let builder = Scope::builder("nobody's").threads(2).hold("link", 2);
            let mut scope = if strict { builder.strict().open() } else { builder.open() };
            scope.pass("cold").for_each(0..100, |_lane, slot| link(slot));
            if neighbour {
                link(0);
            }
            let verdict = scope.reading("link").check_concurrent(2);
            let name = format!("strict: {strict}, neighbour: {neighbour}");
            if strict && neighbour {
                let why = verdict.expect_err(&name).to_string();
                assert_says(&name, &why, &["1 call of `link`", "no scope `nobody's` is current"]);
            } else {
                judge(&name, verdict, Right::Green);
            }
        }
    }
}

/// Two tests on two threads, each held, of which one is serialized.
#[test]
fn held_scopes_of_one_name_do_not_change_each_others_verdicts() {
    #[concurrency_probe(scope = "two tests")]
    fn link(_slot: u32) {}
    let together = Barrier::new(2);
    // Judged afterwards, as a thread that fails would not come to the barrier any more.
    let install = |min_len: usize| {
        let verdicts = (0..ROUNDS).map(|_| {
            together.wait();
            let mut scope = Scope::builder("two tests").threads(2).hold("link", 2).open();
            let slots = (0..64).into_par_iter().with_min_len(min_len);
            scope.pass("cold").for_each(slots, |_lane, slot| link(slot));
            let reading = scope.reading("link");
            (reading.calls(), reading.unattributed(), reading.check_concurrent(2))
        });
        verdicts.collect::<Vec<_>>()
    };
    let (overlapping, serialized) = std::thread::scope(|threads| {
        let serialized = threads.spawn(|| install(64));
        (install(1), serialized.join().unwrap())
    });
    let right = [(overlapping, Right::Green), (serialized, proven(&["batch `cold`", "64 calls"]))];
    for (verdicts, right) in right {
        for (calls, unattributed, verdict) in verdicts {
            assert_eq!((calls, unattributed), (64, 0));
            judge("two tests", verdict, right);
        }
    }
}

/// What a neighbour does in a scope of its own is not the process-wide one's, red or green.
#[test]
fn a_neighbours_own_scope_changes_nothing_for_a_process_wide_one() {
    #[concurrency_probe(scope = "beside a scope")]
    fn link(_slot: u32) {}
    let pool = foreign_pool(4);
    for (overlaps, right) in [(true, Right::Green), (false, undecided(&[OUTSIDE, "100 calls"]))] {
        let wide = Scope::builder("beside a scope").process_wide();
        let wide = wide.hold("link", 2).hold_limit(LIMIT).open();
        let together = Barrier::new(2);
        std::thread::scope(|threads| {
            threads.spawn(|| {
                let own = Scope::open("beside a scope");
                together.wait();
                own.in_scope(|| (0..1000).for_each(link));
                assert_eq!(own.reading("link").calls(), 1000);
            });
            together.wait();
            if overlaps {
                pool.install(|| (0..100).into_par_iter().with_max_len(1).for_each(link));
            } else {
                (0..100).for_each(link);
            }
        });
        let reading = wide.reading("link");
        assert_eq!(reading.calls(), 100);
        judge(&format!("overlaps: {overlaps}"), reading.check_concurrent(2), right);
    }
}

/// A scope for each future has the calls, and the verdict of the outer one says where they are.
#[test]
fn the_verdict_names_the_other_scopes_of_the_name() {
    #[concurrency_probe(scope = "a scope each")]
    fn link(_slot: u32) {}
    let outer = Scope::builder("a scope each").threads(2).hold("link", 2).open();
    block_on(join_all((0..8).map(|slot| async move {
        Scope::open("a scope each").pass("cold").for_each([slot], |_lane, slot| link(slot));
    })));
    let line = line!() - 2;
    let why = outer.reading("link").check_concurrent(2).unwrap_err().to_string();
    let place = format!("tests/tests/cases/neighbours.rs:{line}");
    assert_says("a scope each", &why, &["`link` was never called", &place, "8 "]);
}
