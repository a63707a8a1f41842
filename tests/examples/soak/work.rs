//! What a round does, all of it at once.

use crate::rest::{OWN, Rest};
use concurrency_probe::{Lane, Scope, ScopeHandle, concurrency_probe, must_run_parallel, offload};
use futures::executor::block_on;
use futures::future::{join_all, pending};
use futures::stream;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::pin;
use std::sync::{Arc, Barrier};
use std::task::{Context, Waker};

/// The probes of one scope name.
macro_rules! probes {
    ($module:ident, $scope:literal) => {
        mod $module {
            use super::*;

            #[concurrency_probe(scope = $scope)]
            #[must_run_parallel]
            pub(super) fn link(lane: Lane<'_>, slot: usize, fails_at: usize) -> Result<(), usize> {
                lane.join(|_lane| file(slot), |_lane| file(slot));
                match slot {
                    slot if slot != fails_at => Ok(()),
                    // Without the hook, which would print it each time.
                    slot if slot % 2 == 0 => resume_unwind(Box::new("a lane panics")),
                    slot => Err(slot),
                }
            }

            #[concurrency_probe(scope = $scope)]
            pub(super) fn file(slot: usize) {
                std::hint::black_box(vec![slot; 16]);
            }

            #[concurrency_probe(scope = $scope, polls)]
            pub(super) async fn fetch(polls: usize) {
                for _ in 0..polls {
                    tokio::task::yield_now().await;
                }
                pending::<()>().await;
            }
        }
    };
}

probes!(own, "soak own");
probes!(shared, "soak shared");

/// No slot fails.
const NONE: usize = usize::MAX;
const SLOTS: usize = 8;

/// What a scope's thread does; it is told which slot fails.
type Program = fn(&mut Scope, Link, usize);
type Link = for<'lane> fn(Lane<'lane>, usize, usize) -> Result<(), usize>;

fn open(is_own: bool) -> (Scope, Link) {
    if is_own {
        (Scope::builder(OWN).threads(3).open(), own::link)
    } else {
        (Scope::open("soak shared"), shared::link)
    }
}

/// One round, with the failures at other places in each.
pub(crate) fn round(round: usize, rest: &mut Rest) {
    let fails_at = round % SLOTS;
    let programs: [Program; 4] = [passes, drives, offloads, futures_dropped];
    let together = Barrier::new(2 * programs.len() + 1);
    let (handles, held) = std::thread::scope(|threads| {
        let all: Vec<_> = [true, false]
            .into_iter()
            .flat_map(|is_own| programs.map(|program| (is_own, program)))
            .map(|(is_own, program)| {
                let together = &together;
                threads.spawn(move || {
                    let (mut scope, link) = open(is_own);
                    together.wait();
                    program(&mut scope, link, fails_at);
                    scope.handle()
                })
            })
            .collect();
        together.wait();
        let held = held();
        let handles: Vec<ScopeHandle> = all.into_iter().map(|thread| thread.join().unwrap()).collect();
        (handles, held)
    });
    rest.expect(held >= 2, || format!("round {round}: a held pass read {held}"));
    rest.settle(&handles);
}

/// The peak of a pass that is held.
fn held() -> usize {
    let mut scope = Scope::builder(OWN).hold("link", 2).open();
    let linked = scope.pass("held").try_for_each(0..SLOTS, |lane, slot| own::link(lane, slot, NONE));
    assert_eq!(linked, Ok(()));
    scope.reading("link").max_concurrent().unwrap_or_default()
}

/// Passes that end well, with an error or with a panic.
fn passes(scope: &mut Scope, link: Link, fails_at: usize) {
    for fails_at in [NONE, fails_at] {
        let pass = scope.pass("pass");
        let pass = AssertUnwindSafe(|| pass.try_for_each(0..SLOTS, |lane, slot| link(lane, slot, fails_at)));
        let is_ok = catch_unwind(pass).is_ok_and(|linked| linked.is_ok());
        assert_eq!(is_ok, fails_at == NONE);
    }
}

/// Drives that end well, with an error or with a panic, and one that is dropped midway.
fn drives(scope: &mut Scope, link: Link, fails_at: usize) {
    for fails_at in [NONE, fails_at] {
        let items = stream::iter((0..SLOTS).map(Ok));
        let drive = scope.pass("drive").drive(items, move |lane, slot| link(lane, slot, fails_at));
        let is_ok = catch_unwind(AssertUnwindSafe(|| block_on(drive))).is_ok_and(|linked| linked.is_ok());
        assert_eq!(is_ok, fails_at == NONE);
        let items = stream::iter((0..SLOTS).map(Ok));
        let drive = scope.pass("in place").drive_in_place(items, |lane, slot| link(lane, *slot, fails_at));
        let is_ok = catch_unwind(AssertUnwindSafe(|| block_on(drive))).is_ok_and(|linked| linked.is_ok());
        assert_eq!(is_ok, fails_at == NONE);
    }
    let items = futures::StreamExt::chain(stream::iter((0..SLOTS).map(Ok)), stream::pending());
    let drive = pin!(scope.pass("dropped").drive(items, move |lane, slot| link(lane, slot, NONE)));
    assert!(drive.poll(&mut Context::from_waker(Waker::noop())).is_pending());
}

/// Offloads that are awaited, of which one panics or fails, and ones that are dropped before and after they began.
fn offloads(scope: &mut Scope, link: Link, fails_at: usize) {
    let one = |slot, fails_at| offload(move |lane| link(lane, slot, fails_at));
    for fails_at in [NONE, fails_at] {
        let all = scope.attach(join_all((0..SLOTS).map(|slot| one(slot, fails_at))));
        let is_ok = catch_unwind(AssertUnwindSafe(|| block_on(all)))
            .is_ok_and(|linked| linked.iter().all(Result::is_ok));
        assert_eq!(is_ok, fails_at == NONE);
    }
    let never = scope.attach(one(0, NONE));
    let mut begun = Box::pin(scope.attach(one(1, NONE)));
    _ = begun.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    drop((never, begun));
}

/// Futures that are polled here and on another thread, and dropped before they are ready, some after their scope.
fn futures_dropped(scope: &mut Scope, _link: Link, fails_at: usize) {
    let is_own = scope.report().scope == OWN;
    let fetch = |polls| -> std::pin::Pin<Box<dyn Future<Output = ()> + Send>> {
        if is_own { Box::pin(own::fetch(polls)) } else { Box::pin(shared::fetch(polls)) }
    };
    let mut all: Vec<_> = (0..SLOTS).map(|polls| Box::pin(scope.attach(fetch(polls)))).collect();
    let poll = move || {
        for future in &mut all {
            assert!(future.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        }
        all
    };
    let both = Arc::new(Barrier::new(2));
    let other = Arc::clone(&both);
    let thread = std::thread::spawn(move || {
        let mut all = poll();
        other.wait();
        all.truncate(fails_at);
        all
    });
    both.wait();
    drop(thread.join().unwrap());
}
