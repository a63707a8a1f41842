//! What an assertion says where it has nothing to judge: no data, a name that nobody has, a number that means nothing, more than what
//! was held.

use crate::judge::{LIMIT, Right, assert_says, judge, proven, red, undecided};
use concurrency_probe::{Lane, NotConcurrent, Reading, Scope, ScopeHandle, concurrency_probe};
use futures::executor::block_on;
use futures::future::join_all;
use std::sync::{Barrier, Mutex};
use tokio::sync::Semaphore;
use tokio::task::yield_now;

type Check = (&'static str, fn(&Reading, usize) -> Result<(), NotConcurrent>);

const CHECKS: [Check; 3] = [
    ("assert_concurrent", Reading::check_concurrent),
    ("assert_in_flight", Reading::check_in_flight),
    ("assert_at_most", Reading::check_at_most),
];

#[test]
fn zero_is_refused_with_what_it_would_mean() {
    #[concurrency_probe(scope = "zero")]
    fn link(_slot: u32) {}
    let mut scope = Scope::builder("zero").threads(2).open();
    scope.pass("cold").for_each(0..10, |_lane, slot| link(slot));
    for (name, check) in CHECKS {
        let why = check(&scope.reading("link"), 0).expect_err(name).to_string();
        assert_says(name, &why, &[&format!("{name}(0)"), "`link`"]);
        let panic = std::panic::catch_unwind(|| match name {
            "assert_concurrent" => scope.reading("link").assert_concurrent(0),
            "assert_in_flight" => scope.reading("link").assert_in_flight(0),
            _ => scope.reading("link").assert_at_most(0),
        });
        assert_eq!(*panic.unwrap_err().downcast::<String>().unwrap(), why);
    }
}

#[test]
fn no_data_is_never_a_pass() {
    #[concurrency_probe(scope = "no data")]
    fn link(_slot: u32) {}
    #[concurrency_probe(scope = "no data")]
    fn other() {}
    for held in [false, true] {
        let builder = Scope::builder("no data");
        let scope = if held { builder.hold("link", 2).open() } else { builder.open() };
        scope.in_scope(other);
        for (name, check) in CHECKS {
            let why = check(&scope.reading("link"), 1).expect_err(name).to_string();
            assert_says(name, &why, &["`link` was never called"]);
        }
    }
    // Fewer calls than are asked for.
    for calls in 1..3 {
        let scope = Scope::builder("no data").hold("link", 3).hold_limit(LIMIT).open();
        std::thread::scope(|threads| {
            let scope = &scope;
            (0..calls).for_each(|slot| _ = threads.spawn(move || scope.in_scope(|| link(slot))));
        });
        let says: &[&str] = if calls == 1 { &["1 call"] } else { &["2 calls"] };
        let why = scope.reading("link").check_concurrent(3).unwrap_err().to_string();
        assert_says("fewer calls", &why, says);
    }
}

#[test]
fn a_hold_that_was_never_entered_makes_every_check_of_its_scope_red() {
    #[concurrency_probe(scope = "misspelt hold")]
    fn link(_slot: u32) {}
    #[concurrency_probe(scope = "misspelt hold")]
    fn other() {}
    /// Both probes, so that whatever is held by its name overlaps.
    fn install(scope: &mut Scope) {
        scope.pass("cold").for_each(0..100, |_lane, slot| {
            link(slot);
            other();
        });
    }
    for (held, near) in [("lnik", "`link`"), ("Link", "`link`"), ("othr", "`other`"), ("link", "")] {
        let mut scope = Scope::builder("misspelt hold").threads(2).hold(held, 2).open();
        install(&mut scope);
        // `other` is not held: asked for one thread, it has no use for luck.
        for (probe, threads) in [("link", 2), ("other", 1)] {
            for (name, check) in CHECKS {
                let threads = if name == "assert_at_most" { 100 } else { threads };
                let name = format!("{name} on {probe}, held `{held}`");
                let verdict = check(&scope.reading(probe), threads);
                if near.is_empty() {
                    judge(&name, verdict, Right::Green);
                } else {
                    let why = verdict.expect_err(&name).to_string();
                    assert_says(&name, &why, &[&format!("`{held}`"), near]);
                }
            }
        }
    }
}

/// Four were inside at once; but who asserts more than was held asserts what luck decides.
#[test]
fn more_than_was_held_is_red_even_if_so_many_met() {
    #[concurrency_probe(scope = "held for fewer")]
    fn link(all: &Barrier) {
        all.wait();
    }
    #[concurrency_probe(scope = "held for fewer")]
    async fn fetch() {
        yield_now().await;
    }
    for (held, asserted) in [(2, 4), (3, 4), (4, 4), (4, 2)] {
        let mut scope =
            Scope::builder("held for fewer").threads(4).hold("link", held).hold("fetch", held).open();
        let all = Barrier::new(4);
        scope.pass("cold").for_each(0..4, |_lane, _slot| link(&all));
        block_on(scope.attach(join_all((0..4).map(|_| fetch()))));
        assert_eq!(scope.reading("link").max_concurrent(), Some(4));
        assert_eq!(scope.reading("fetch").max_in_flight(), 4);
        let verdicts = [
            ("link", scope.reading("link").check_concurrent(asserted)),
            ("fetch", scope.reading("fetch").check_in_flight(asserted)),
        ];
        for (probe, verdict) in verdicts {
            let name = format!("`{probe}` held for {held}, asserted {asserted}");
            if asserted > held {
                let why = verdict.expect_err(&name).to_string();
                let hold = format!("hold(\"{probe}\", {asserted})");
                assert_says(&name, &why, &["held", &held.to_string(), &hold]);
            } else {
                judge(&name, verdict, Right::Green);
            }
        }
    }
}

#[test]
fn what_nobody_has_is_named_with_the_nearest_known() {
    #[concurrency_probe(scope = "nearest names")]
    fn link_slot(_slot: u32) {}
    #[concurrency_probe(scope = "nearest names")]
    fn unpack(_slot: u32) {}
    let mut scope = Scope::builder("nearest names").threads(2).hold("link_slot", 2).open();
    scope.pass("warm").for_each(0..100, |_lane, slot| link_slot(slot));
    scope.pass("cold").for_each(0..100, |_lane, slot| link_slot(slot));
    scope.in_scope(|| unpack(0));
    for (name, check) in CHECKS {
        // A probe.
        for (misspelt, near) in [("lnik_slot", "`link_slot`"), ("Unpack", "`unpack`")] {
            let reading = scope.reading(misspelt);
            assert_eq!(reading.calls(), 0);
            let why = check(&reading, 100).expect_err(name).to_string();
            assert_says(name, &why, &[&format!("`{misspelt}`"), near]);
        }
        // A batch.
        for (misspelt, near) in [("clod", "`cold`"), ("wram", "`warm`"), ("COLD", "`cold`")] {
            let batch = scope.reading("link_slot").in_batch(misspelt);
            assert_eq!(batch.calls(), 0);
            let why = check(&batch, 100).expect_err(name).to_string();
            assert_says(name, &why, &[&format!("`{misspelt}`"), near]);
        }
        let most = if name == "assert_at_most" { 100 } else { 2 };
        judge(name, check(&scope.reading("link_slot").in_batch("cold"), most), Right::Green);
    }
    // A scope.
    let misspelt = Scope::open("nearest name");
    misspelt.run(|| link_slot(1));
    let why = misspelt.reading("link_slot").check_concurrent(1).unwrap_err().to_string();
    assert_says("a scope", &why, &["`link_slot` was never called", "`nearest names`"]);
}

#[test]
fn at_most_is_judged_by_the_highest_batch() {
    #[concurrency_probe(scope = "at most")]
    async fn fetch() {
        yield_now().await;
    }
    async fn fetch_all(permits: usize) {
        let permits = &Semaphore::new(permits);
        join_all((0..20).map(|_| async move {
            let _permit = permits.acquire().await.unwrap();
            fetch().await;
        }))
        .await;
    }
    let scope = Scope::open("at most");
    block_on(scope.batch("warm").attach(fetch_all(2)));
    block_on(scope.batch("cold").attach(fetch_all(4)));
    let reading = scope.reading("fetch");
    assert_eq!(reading.max_in_flight(), 4);
    for most in 4..7 {
        judge(&format!("at most {most}"), reading.check_at_most(most), Right::Green);
    }
    for most in 1..4 {
        let why = reading.check_at_most(most).expect_err("red");
        assert_says(&format!("at most {most}"), &why.to_string(), &["`fetch`", "batch `cold`", "4"]);
        assert!(why.is_proven(), "what was seen is a fact: {why}");
    }
    judge("in one batch", reading.in_batch("warm").check_at_most(2), Right::Green);
    reading.assert_at_most(4);
    reading.in_batch("cold").assert_in_flight(4);
}

/// Under a hold for one more than there may be, it is no luck whether too many are seen.
#[test]
fn at_most_is_certain_under_a_hold_for_one_more() {
    #[concurrency_probe(scope = "one too many")]
    async fn fetch() {
        yield_now().await;
    }
    for (permits, right) in [(4, Right::Green), (5, red(&["`fetch`", "5"]))] {
        for _ in 0..5 {
            let builder = Scope::builder("one too many").hold("fetch", 5);
            let scope = builder.hold_limit(std::time::Duration::from_millis(20)).open();
            let permits = &Semaphore::new(permits);
            block_on(scope.attach(join_all((0..20).map(|_| async move {
                let _permit = permits.acquire().await.unwrap();
                fetch().await;
            }))));
            judge("held for 5", scope.reading("fetch").check_at_most(4), right);
        }
    }
}

/// Calls enough, and none of them could have met another one: a batch has too few of them, or each of its passes had.
#[test]
fn calls_that_no_pass_had_together_are_no_calls_to_judge() {
    #[concurrency_probe(scope = "nothing to judge")]
    fn link(_slot: u32) {}
    type Program = (&'static str, fn(&mut Scope), Right);
    /// Runs a pass of one item, which may take a handle before it calls or after; returns the handle.
    fn one_call(scope: &mut Scope, is_taken_before: bool) -> ScopeHandle {
        let taken = Mutex::new(None);
        let take = || *taken.lock().unwrap() = ScopeHandle::current("nothing to judge");
        scope.pass("cold").for_each(0..1, |_lane, slot| {
            if is_taken_before {
                take();
                link(slot);
            } else {
                link(slot);
                take();
            }
        });
        taken.into_inner().unwrap().unwrap()
    }
    const NO_PASS: &[&str] =
        &["no pass had 2 calls to judge", "give one pass 2 items that call `link`", "`handle.batch(..)`"];
    const NO_BATCH: &[&str] =
        &["no batch of scope", "has 2 calls of `link`: 2 calls in 2 batches", "in one pass"];
    let programs: [Program; 9] = [
        ("a handle calls later", |scope| one_call(scope, false).in_scope(|| link(9)), proven(NO_PASS)),
        (
            "a handle calls later, many times",
            |scope| one_call(scope, false).in_scope(|| (0..100).for_each(link)),
            proven(NO_PASS),
        ),
        // It might have called while the lane was held.
        (
            "a handle that could have called before",
            |scope| one_call(scope, true).in_scope(|| link(9)),
            undecided(NO_PASS),
        ),
        (
            "a call in each pass",
            |scope| {
                for _ in 0..2 {
                    scope.pass("cold").for_each(0..8, |_lane, slot| {
                        if slot == 0 {
                            link(slot);
                        }
                    });
                }
            },
            red(NO_PASS),
        ),
        (
            "a pass that an error stops",
            |scope| {
                let calls = |_lane: Lane<'_>, slot| {
                    link(slot);
                    link(slot);
                    Err(())
                };
                scope.pass("cold").try_for_each(0..1, calls).unwrap_err();
            },
            proven(NO_PASS),
        ),
        (
            "a handle calls later in its own batch",
            |scope| one_call(scope, false).batch("late").in_scope(|| link(9)),
            proven(NO_BATCH),
        ),
        (
            "a call in the pass, and one outside",
            |scope| {
                scope.in_scope(|| link(0));
                scope.pass("cold").for_each(0..1, |_lane, slot| link(slot));
            },
            proven(NO_BATCH),
        ),
        (
            "many calls in a batch of the handle's own",
            |scope| one_call(scope, false).batch("late").in_scope(|| (0..9).for_each(link)),
            red(&["never ran on 2 threads at once in batch `late`"]),
        ),
        (
            "two calls in one pass",
            |scope| scope.pass("cold").for_each(0..2, |_lane, slot| link(slot)),
            Right::Green,
        ),
    ];
    for (name, program, right) in programs {
        for _ in 0..right.rounds() {
            let builder = Scope::builder("nothing to judge").threads(2).hold("link", 2);
            let mut scope = builder.hold_limit(LIMIT).quiet().open();
            program(&mut scope);
            judge(name, scope.reading("link").check_concurrent(2), right);
        }
    }
}
