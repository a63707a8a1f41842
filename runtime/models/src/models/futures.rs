//! Held futures: their waits end when enough are in flight, when no other call can come, or when the scope closes. A future that is
//! dropped leaves nothing behind.

use super::{check_with_twins, leak};
use crate::call::gauge::Gauge;
use crate::call::host::{Held, Visit};
use crate::fault::Fault;
use crate::verdict::hold::holder::{DEFAULT_LIMIT, Hold};
use crate::verdict::hold::task_watch::TaskWatch;
use loom::sync::{Condvar, Mutex};
use loom::thread;
use std::mem::ManuallyDrop;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

/// Wakes a thread that blocks on a future.
struct Bell {
    rung: Mutex<bool>,
    ring: Condvar,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        *self.rung.lock().unwrap() = true;
        self.ring.notify_one();
    }
}

/// Polls a future on this thread until it is ready.
fn block_on(mut poll: impl FnMut(&mut Context<'_>) -> Poll<()>) {
    let bell = Arc::new(Bell { rung: Mutex::new(false), ring: Condvar::new() });
    let waker = Waker::from(Arc::clone(&bell));
    while poll(&mut Context::from_waker(&waker)) == Poll::Pending {
        let mut rung = bell.rung.lock().unwrap();
        while !std::mem::take(&mut *rung) {
            rung = bell.ring.wait(rung).unwrap();
        }
    }
}

/// Enters the probe, and waits while it is held.
fn fetch(hold: &Arc<Hold>, gauge: &'static Gauge) {
    gauge.enter_async();
    if let Some(future) = hold.wait_of_future("fetch", gauge, Visit::default(), None) {
        // Not dropped when loom ends an execution by a panic, because its drop takes a lock.
        let mut waiting = ManuallyDrop::new(future);
        block_on(|cx| waiting.poll(cx));
        drop(ManuallyDrop::into_inner(waiting));
    }
    gauge.exit_async();
}

/// Calls [`fetch`] several times, one call after another, in an attached future.
fn fetch_attached(hold: &Arc<Hold>, watch: TaskWatch, gauge: &'static Gauge, calls: usize) {
    // As above.
    let mut watch = ManuallyDrop::new(watch);
    let (mut left, mut waiting) = (calls, None);
    block_on(|cx| {
        let _way = watch.way();
        watch.poll(cx, |cx| {
            loop {
                if left == 0 {
                    return Poll::Ready(());
                }
                let future = waiting.get_or_insert_with(|| {
                    gauge.enter_async();
                    let future = hold.wait_of_future("fetch", gauge, Visit::default(), None);
                    future.map(ManuallyDrop::new)
                });
                if future.as_mut().is_some_and(|future| future.poll(cx).is_pending()) {
                    return Poll::Pending;
                }
                drop(waiting.take().flatten().map(ManuallyDrop::into_inner));
                gauge.exit_async();
                left -= 1;
            }
        })
    });
    drop(ManuallyDrop::into_inner(watch));
}

fn hold() -> (Arc<Hold>, &'static Gauge) {
    (Hold::new(&[("fetch".into(), 2)], DEFAULT_LIMIT, 0, false), leak(Gauge::default()))
}

/// Two futures on two threads meet, in whatever order they come.
#[test]
fn two_futures_meet() {
    let model = || {
        let (hold, gauge) = hold();
        let other = Arc::clone(&hold);
        let other = thread::spawn(move || fetch(&other, gauge));
        fetch(&hold, gauge);
        other.join().unwrap();
        assert_eq!(gauge.counts().max_in_flight, 2);
        assert!(gauge.is_at_rest());
        // There are two meetings if both were in flight before either of them looked.
        assert!(hold.evidence("fetch").unwrap().1[0].1.meetings >= 1);
    };
    check_with_twins(model, &[Fault::TornAdd]);
}

/// One future waits, and the scope closes.
#[test]
fn a_scope_that_closes_lets_futures_go() {
    let model = || {
        let (hold, gauge) = hold();
        let other = Arc::clone(&hold);
        let other = thread::spawn(move || fetch(&other, gauge));
        hold.close();
        other.join().unwrap();
        assert!(gauge.is_at_rest());
    };
    super::check(model);
}

/// One future waits and is dropped while another one comes. The other one meets it, or waits alone until the scope closes.
#[test]
fn a_future_that_is_given_up_is_not_waited_for() {
    let model = || {
        let (hold, gauge) = hold();
        gauge.enter_async();
        let waits: Option<Box<dyn Held>> = hold.wait_of_future("fetch", gauge, Visit::default(), None);
        let other = Arc::clone(&hold);
        let other = thread::spawn(move || fetch(&other, gauge));
        drop(waits);
        gauge.exit_async();
        hold.close();
        other.join().unwrap();
        assert!(gauge.is_at_rest());
    };
    super::check(model);
}

/// A future has the scope exclusively and calls twice. Both calls wait alone, and both waits end with a proof.
#[test]
fn a_future_that_has_the_scope_to_itself_is_let_go() {
    super::check(|| {
        let (hold, gauge) = hold();
        fetch_attached(&hold, TaskWatch::new(&hold, true), gauge, 2);
        let (_, evidence) = &hold.evidence("fetch").unwrap().1[0];
        assert!(evidence.was_alone && evidence.undecided.is_none() && evidence.meetings == 0);
    });
}

/// Such a future has attached another one, which a second thread polls. They meet, in whatever order they come.
#[test]
fn a_future_that_was_attached_beside_it_is_waited_for() {
    super::check(|| {
        let (hold, gauge) = hold();
        let exclusive = TaskWatch::new(&hold, true);
        let beside = TaskWatch::new(&hold, false);
        let here = Arc::clone(&hold);
        let other = thread::spawn(move || fetch_attached(&here, beside, gauge, 1));
        fetch_attached(&hold, exclusive, gauge, 1);
        other.join().unwrap();
        assert_eq!(gauge.counts().max_in_flight, 2);
        let (_, evidence) = &hold.evidence("fetch").unwrap().1[0];
        assert!(!evidence.was_alone && evidence.meetings >= 1);
    });
}
