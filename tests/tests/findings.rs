//! Each finding fires, and the nearest correct program raises none.

#![allow(clippy::unused_async, reason = "the probed functions have nothing to wait for")]

use concurrency_probe::{Finding, FindingKind, Scope, concurrency_probe};
use futures::StreamExt;
use std::panic::catch_unwind;
use std::task::{Context, Waker};

fn kinds(findings: &[Finding]) -> Vec<FindingKind> {
    findings.iter().map(|finding| finding.kind).collect()
}

/// A program that opens its scope with this strictness, and returns what it found.
type Program = fn(bool) -> Vec<Finding>;

fn open(name: &str, strict: bool) -> Scope {
    let builder = Scope::builder(name).threads(2);
    if strict { builder.strict().open() } else { builder.open() }
}

#[concurrency_probe(scope = "findings")]
fn link() {}

#[concurrency_probe(scope = "findings", polls)]
async fn fetch(blocking: bool) {
    if blocking {
        link();
    }
}

/// Runs a future beside a sibling of the same task, which is in flight and waits.
fn beside_a_sibling(outer: &Scope, future: impl Future<Output = ()>) {
    #[concurrency_probe(scope = "findings", polls)]
    async fn sibling() {
        tokio::task::yield_now().await;
    }
    let both = async {
        let mut sibling = std::pin::pin!(sibling());
        assert!(futures::poll!(&mut sibling).is_pending());
        future.await;
        sibling.await;
    };
    futures::executor::block_on(outer.attach(both));
}

#[concurrency_probe(scope = "findings", polls)]
async fn fetch_and_pass(scope: &mut Scope) {
    scope.pass("in a poll").for_each(0..10, |_lane, _n| ());
}

#[concurrency_probe(scope = "findings", polls)]
async fn fetch_and_drive(scope: &mut Scope) {
    let items = futures::stream::iter((0..20).map(Ok::<u32, ()>));
    let linked = scope.pass("in a poll").drive(items, |_lane, _n| {
        link();
        Ok(())
    });
    linked.await.unwrap();
}

#[concurrency_probe(scope = "findings", polls)]
async fn fetch_and_drive_in_place(scope: &mut Scope) {
    let items = futures::stream::iter((0..20).map(Ok::<u32, ()>));
    scope.pass("in a poll").drive_in_place(items, |_lane, _n| Ok(())).await.unwrap();
}

/// Each with the finding it raises.
const WRONG: [(&str, Program, FindingKind); 9] = [
    (
        "a pass per item with a label each",
        |strict| {
            let mut scope = open("findings", strict);
            (0..20).for_each(|n| scope.pass(format!("link {n}")).for_each([n], |_lane, _n| ()));
            scope.report().findings
        },
        FindingKind::DegeneratePasses,
    ),
    (
        "a drive in place inside a poll",
        |strict| {
            let outer = Scope::open("findings");
            let mut inner = open("a scope with a pass", strict);
            beside_a_sibling(&outer, fetch_and_drive_in_place(&mut inner));
            inner.report().findings
        },
        FindingKind::BlockedPoll,
    ),
    (
        "a pass per item in a loop",
        |strict| {
            let mut scope = open("findings", strict);
            (0..64).for_each(|n| scope.pass("cold").for_each([n], |_lane, _n| ()));
            scope.report().findings
        },
        FindingKind::DegeneratePasses,
    ),
    (
        "a pass per item through a RefCell",
        |strict| {
            let scope = std::cell::RefCell::new(open("findings", strict));
            let links = (0..4).map(|n| {
                let scope = &scope;
                async move { scope.borrow_mut().pass("cold").for_each([n], |_lane, _n| ()) }
            });
            futures::executor::block_on(futures::future::join_all(links));
            scope.borrow().report().findings
        },
        FindingKind::DegeneratePasses,
    ),
    (
        "a pass per item through a Mutex",
        |strict| {
            let scope = std::sync::Mutex::new(open("findings", strict));
            std::thread::scope(|threads| {
                for n in 0..4 {
                    let scope = &scope;
                    let link = move || scope.lock().unwrap().pass("cold").for_each([n], |_lane, _n| ());
                    if let Err(panic) = threads.spawn(link).join() {
                        std::panic::resume_unwind(panic);
                    }
                }
            });
            scope.into_inner().unwrap().report().findings
        },
        FindingKind::DegeneratePasses,
    ),
    (
        "a scope per item, seen by the outer one",
        |strict| {
            let scope = open("findings", strict);
            scope.run(|| (0..3).for_each(|_| drop(Scope::open("findings"))));
            scope.report().findings
        },
        FindingKind::NestedScope,
    ),
    (
        "a scope per item, seen by the inner one",
        |strict| {
            let scope = Scope::open("findings");
            scope.run(|| open("findings", strict).report().findings)
        },
        FindingKind::NestedScope,
    ),
    (
        "a call inside a poll",
        |strict| {
            let scope = open("findings", strict);
            futures::executor::block_on(scope.attach(fetch(true)));
            scope.report().findings
        },
        FindingKind::BlockedPoll,
    ),
    (
        "a pass inside a poll",
        |strict| {
            let outer = Scope::open("findings");
            let mut inner = open("a scope with a pass", strict);
            beside_a_sibling(&outer, fetch_and_pass(&mut inner));
            inner.report().findings
        },
        FindingKind::BlockedPoll,
    ),
];

/// The nearest programs that are right.
const RIGHT: [(&str, Program); 11] = [
    ("one pass after the join, in a poll of a task that has nothing else", |strict| {
        let outer = Scope::open("findings");
        let mut inner = open("a scope with a pass", strict);
        futures::executor::block_on(outer.attach(fetch_and_pass(&mut inner)));
        inner.report().findings
    }),
    ("a drive in place in such a poll", |strict| {
        let outer = Scope::open("findings");
        let mut inner = open("a scope with a pass", strict);
        futures::executor::block_on(outer.attach(fetch_and_drive_in_place(&mut inner)));
        inner.report().findings
    }),
    ("drives that are given up after an item", |strict| {
        let mut scope = open("findings", strict);
        for _ in 0..6 {
            let (done, is_done) = std::sync::mpsc::channel();
            let done = std::sync::Mutex::new(done);
            let items = futures::stream::iter([Ok::<(), ()>(())]).chain(futures::stream::pending());
            let mut linked = Box::pin(scope.pass("given up").drive(items, move |_lane, ()| {
                done.lock().unwrap().send(()).unwrap();
                Ok(())
            }));
            assert!(linked.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
            is_done.recv().unwrap();
        }
        scope.report().findings
    }),
    ("passes of many items that fail at the first", |strict| {
        let mut scope = open("findings", strict);
        for _ in 0..6 {
            let failed = scope.pass("retry").try_for_each(0..1000, |_lane, _n| Err(()));
            assert!(failed.is_err());
        }
        scope.report().findings
    }),
    ("a drive in a poll on a worker", |strict| {
        let outer = open("findings", strict);
        let mut scope = Scope::open("a scope with a pass");
        outer.run(|| futures::executor::block_on(outer.attach(fetch_and_drive(&mut scope))));
        outer.report().findings
    }),
    ("chunks of 30 with a last chunk of one", |strict| {
        let mut scope = open("findings", strict);
        let items: Vec<u32> = (0..301).collect();
        items.chunks(30).for_each(|chunk| scope.pass("cold").for_each(chunk, |_lane, _n| ()));
        scope.report().findings
    }),
    ("one package", |strict| {
        let mut scope = open("findings", strict);
        scope.pass("warm").for_each([()], |_lane, ()| ());
        scope.pass("cold").for_each([()], |_lane, ()| ());
        scope.report().findings
    }),
    ("one-item passes at four places", |strict| {
        let mut scope = open("findings", strict);
        scope.pass("a").for_each([()], |_lane, ()| ());
        scope.pass("b").for_each([()], |_lane, ()| ());
        scope.pass("c").for_each([()], |_lane, ()| ());
        scope.pass("d").for_each([()], |_lane, ()| ());
        scope.report().findings
    }),
    ("a pool of one thread", |strict| {
        let builder = Scope::builder("findings").threads(1);
        let mut scope = if strict { builder.strict().open() } else { builder.open() };
        (0..64).for_each(|n| scope.pass("cold").for_each([n], |_lane, _n| ()));
        scope.report().findings
    }),
    ("installs one after another", |strict| {
        (0..8)
            .flat_map(|_| {
                let mut scope = open("findings", strict);
                scope.pass("cold").for_each([()], |_lane, ()| ());
                scope.report().findings
            })
            .collect()
    }),
    ("a call after the poll, and one beside it", |strict| {
        let scope = open("findings", strict);
        futures::executor::block_on(scope.attach(async {
            fetch(false).await;
            link();
        }));
        scope.report().findings
    }),
];

#[test]
fn each_finding_fires_once_and_says_what_to_do() {
    for (name, program, kind) in WRONG {
        let findings = program(false);
        assert_eq!(kinds(&findings), [kind], "{name}");
        let advice = match kind {
            FindingKind::DegeneratePasses => "collect the items into one pass",
            FindingKind::NestedScope => "open one scope for each unit of work",
            _ => "run it after the join",
        };
        assert!(findings[0].message.contains(advice), "{name}: {}", findings[0]);
    }
}

#[test]
fn each_finding_panics_under_strict() {
    for (name, program, kind) in WRONG {
        let panic = catch_unwind(|| program(true)).expect_err(name);
        let message = panic.downcast::<String>().expect("a message");
        let expected = match kind {
            FindingKind::DegeneratePasses => "4 passes of 1 item each",
            FindingKind::NestedScope => "one scope for each unit of work",
            _ => "inside a poll of `fetch",
        };
        assert!(message.contains(expected), "{name}: {message}");
    }
}

#[test]
fn the_nearest_correct_program_raises_none() {
    for (name, program) in RIGHT {
        for strict in [false, true] {
            assert_eq!(program(strict), [], "{name}, strict: {strict}");
        }
    }
}

#[test]
fn calls_inside_polls_are_counted_per_pair() {
    #[concurrency_probe(scope = "pairs")]
    fn work() {}
    #[concurrency_probe(scope = "pairs", polls)]
    async fn first() {
        (0..3).for_each(|_| work());
    }
    #[concurrency_probe(scope = "pairs", polls)]
    async fn second() {
        (0..5).for_each(|_| work());
    }
    let scope = Scope::open("pairs");
    futures::executor::block_on(scope.attach(async { futures::join!(first(), second()) }));
    let messages: Vec<String> = scope.report().findings.into_iter().map(|finding| finding.message).collect();
    assert!(messages[0].contains(") began 3 times inside a poll of `first`"), "{messages:?}");
    assert!(messages[1].contains(") began 5 times inside a poll of `second`"), "{messages:?}");
}

#[test]
fn strict_panics_each_time() {
    let scope = open("findings", true);
    for round in 0..3 {
        let call = scope.attach(fetch(true));
        assert!(catch_unwind(|| futures::executor::block_on(call)).is_err(), "round {round}");
    }
    assert_eq!(scope.reading("link").in_flight(), 0);
}

/// A poll of a probe inside of a lane, on a thread that polls the same probe further out, is a poll as well.
#[test]
fn a_probe_that_is_polled_again_in_a_lane_polls() {
    #[concurrency_probe(scope = "again")]
    fn work() {}
    #[concurrency_probe(scope = "again", polls)]
    async fn fetch(again: bool) {
        if again {
            Scope::open("a scope with a pass").pass("again").for_each([()], |_lane, ()| {
                let again = std::pin::pin!(fetch(false));
                assert!(again.poll(&mut Context::from_waker(Waker::noop())).is_ready());
            });
        } else {
            work();
        }
    }
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let scope = Scope::open("again");
    one.install(|| futures::executor::block_on(scope.attach(fetch(true))));
    assert_eq!(kinds(&scope.report().findings), [FindingKind::BlockedPoll]);
}
