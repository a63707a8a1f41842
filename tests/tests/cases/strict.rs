//! What strictness does, and what it must not: panic in a thread that panics, or at what is right.

use crate::judge::{as_child, in_child, runtimes};
use concurrency_probe::{FindingKind, Scope, concurrency_probe};
use futures::executor::block_on;
use futures::future::{join_all, pending};
use std::panic::{AssertUnwindSafe, catch_unwind};
use tokio::task::yield_now;

fn kinds(scope: &Scope) -> Vec<FindingKind> {
    scope.report().findings.into_iter().map(|finding| finding.kind).collect()
}

#[concurrency_probe(scope = "unwinding")]
fn clean_up() {}

#[concurrency_probe(scope = "unwinding", polls)]
async fn waits() {
    pending::<()>().await;
}

/// Does something that a strict scope panics at, while it is dropped.
struct Guard<F: FnMut()>(F);

impl<F: FnMut()> Drop for Guard<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

#[concurrency_probe(scope = "unwinding", polls)]
async fn fails() {
    let _guard = Guard(clean_up);
    yield_now().await;
    panic!("the real error");
}

/// A program that panics, and what is found while it does.
type Unwinds = (&'static str, fn(&mut Scope), FindingKind);

const UNWINDS: [Unwinds; 5] = [
    (
        "a call in a poll",
        |scope| _ = block_on(scope.attach(async { futures::join!(waits(), fails()) })),
        FindingKind::BlockedPoll,
    ),
    (
        "a pass per item",
        |scope| {
            let _guard = Guard(|| {
                for slot in 0..8 {
                    scope.pass("cold").for_each([slot], |_lane, _slot| ());
                }
            });
            panic!("the real error");
        },
        FindingKind::DegeneratePasses,
    ),
    (
        "a scope in a scope",
        |scope| {
            scope.in_scope(|| {
                let _guard = Guard(|| drop(Scope::open("unwinding")));
                panic!("the real error");
            });
        },
        FindingKind::NestedScope,
    ),
    (
        "stages of one lane",
        |scope| {
            scope.pass("cold").for_each([()], |lane, ()| {
                let mut lane = Some(lane);
                let _guard =
                    Guard(|| (0..20).for_each(|_| lane = lane.take().map(|lane| lane.stage(|_lane| ()).1)));
                panic!("the real error");
            });
        },
        FindingKind::SerialLane,
    ),
    (
        "offloads in a loop",
        |scope| {
            let _guard = Guard(|| {
                block_on(scope.attach(async {
                    for _ in 0..64 {
                        concurrency_probe::offload(|_lane| ()).await;
                    }
                }));
            });
            panic!("the real error");
        },
        FindingKind::SerialOffloads,
    ),
];

/// A panic while a thread panics aborts the process: in one of its own.
#[test]
fn the_first_panic_goes_on_and_the_finding_is_kept() {
    let Some(task) = as_child() else {
        for (name, ..) in UNWINDS {
            let child = in_child("strict::the_first_panic_goes_on_and_the_finding_is_kept", name);
            assert!(child.status.success(), "{name}: {child:?}");
        }
        return;
    };
    let (name, program, kind) = UNWINDS.into_iter().find(|(name, ..)| *name == task).unwrap();
    let mut scope = Scope::builder("unwinding").threads(2).strict().open();
    let panic = catch_unwind(AssertUnwindSafe(|| program(&mut scope))).expect_err(name);
    assert_eq!(panic.downcast_ref::<&str>(), Some(&"the real error"), "{name}");
    assert_eq!(kinds(&scope), [kind], "{name}");
    assert_eq!(scope.reading("clean_up").in_flight(), 0, "{name}");
}

#[concurrency_probe(scope = "in polls")]
fn link(_slot: u32) {}

#[concurrency_probe(scope = "in polls", polls)]
async fn download(id: u32) -> u32 {
    yield_now().await;
    id
}

#[concurrency_probe(scope = "in polls", polls)]
async fn downloads_forever() {
    pending::<()>().await;
}

/// One pass after the join.
#[concurrency_probe(scope = "in polls", polls)]
async fn create_virtual_store(scope: &mut Scope) {
    let downloaded = join_all((0..20).map(download)).await;
    scope.pass("cold").for_each(downloaded, |_lane, slot| link(slot));
}

/// A pass in each of several, which would go on beside one another.
#[concurrency_probe(scope = "in polls", polls)]
async fn link_one(scope: &mut Scope) {
    yield_now().await;
    scope.pass("cold").for_each(0..20, |_lane, slot| link(slot));
}

#[concurrency_probe(scope = "in polls", polls)]
async fn link_alone() {
    yield_now().await;
    link(0);
}

/// What a program does in polls of the scope, and whether that is a finding: a call is, and a pass if something of its task could have
/// gone on beside it.
type InPolls = (&'static str, bool, fn(&tokio::runtime::Runtime, &mut Scope));

const IN_POLLS: [InPolls; 8] = [
    ("one pass after the join", false, |runtime, scope| {
        let handle = scope.handle();
        runtime.block_on(handle.attach(create_virtual_store(scope)));
    }),
    ("one pass after the join, in a task", false, |runtime, scope| {
        let handle = scope.handle();
        let install = handle.attach(async {
            let mut own = Scope::open("a scope with a pass");
            create_virtual_store(&mut own).await;
            assert_eq!(own.report().findings, []);
        });
        runtime.block_on(async { tokio::spawn(install).await.unwrap() });
    }),
    ("a call, alone", true, |runtime, scope| runtime.block_on(scope.attach(link_alone()))),
    ("a call, after others have ended", true, |runtime, scope| {
        runtime.block_on(scope.attach(async {
            join_all((0..20).map(download)).await;
            link_alone().await;
        }));
    }),
    ("a call, beside a future of another task", true, |runtime, scope| {
        runtime.block_on(async {
            let other = tokio::spawn(scope.attach(downloads_forever()));
            while scope.reading("downloads_forever").calls() == 0 {
                yield_now().await;
            }
            tokio::spawn(scope.attach(link_alone())).await.unwrap();
            other.abort();
            assert!(other.await.unwrap_err().is_cancelled());
        });
    }),
    ("a call, beside a future of its task", true, |runtime, scope| {
        runtime.block_on(scope.attach(async {
            tokio::select! {
                biased;
                () = downloads_forever() => {}
                () = link_alone() => {}
            }
        }));
    }),
    ("calls in siblings", true, |runtime, scope| {
        runtime.block_on(scope.attach(async { futures::join!(link_alone(), link_alone()) }));
    }),
    ("a pass beside a future of its task", true, |runtime, scope| {
        let handle = scope.handle();
        runtime.block_on(handle.attach(async {
            tokio::select! {
                biased;
                () = downloads_forever() => {}
                () = link_one(scope) => {}
            }
        }));
    }),
];

#[test]
fn a_call_in_a_poll_is_a_finding_and_a_pass_is_one_if_something_waits_beside_it() {
    for (flavour, runtime) in runtimes() {
        for (name, blocks, program) in IN_POLLS {
            let open = || Scope::builder("in polls").threads(2).quiet();
            let mut scope = open().open();
            program(&runtime, &mut scope);
            let expected: &[FindingKind] = if blocks { &[FindingKind::BlockedPoll] } else { &[] };
            let mut found = kinds(&scope);
            found.dedup();
            assert_eq!(found, expected, "{name}, {flavour}: {:?}", scope.report().findings);

            let mut scope = open().strict().open();
            let result = catch_unwind(AssertUnwindSafe(|| program(&runtime, &mut scope)));
            assert_eq!(result.is_err(), blocks, "{name}, {flavour}, strict");
        }
    }
}

/// Findings are for who develops the program: a builder call keeps them off the terminal, and leaves them in the report.
#[test]
fn a_quiet_scope_prints_nothing_and_reports_all() {
    let Some(task) = as_child() else {
        for (task, prints) in [("loud", true), ("quiet", false)] {
            let child = in_child("strict::a_quiet_scope_prints_nothing_and_reports_all", task);
            assert!(child.status.success(), "{task}: {child:?}");
            let printed = String::from_utf8_lossy(&child.stderr).contains("degenerate_passes");
            assert_eq!(printed, prints, "{task}: {child:?}");
        }
        return;
    };
    let builder = Scope::builder("quiet").threads(2);
    let mut scope = if task == "quiet" { builder.quiet().open() } else { builder.open() };
    for slot in 0..8 {
        scope.pass("cold").for_each([slot], |_lane, _slot| ());
    }
    assert_eq!(kinds(&scope), [FindingKind::DegeneratePasses]);
}
