//! With loom: a probed function in a model is counted, and the model is the same.
//!
//! loom sees its own atomics, locks and threads only. A probe uses those of `std`, so it adds no order for loom to try, and hides none. loom runs
//! all threads of a model on one thread of the system, one after another: how many *threads* are at once inside of a probe is 1, and calls in
//! flight overlap as the order has it. Hence count calls in a model, and do not hold: a hold blocks the thread that runs the whole model.

use concurrency_probe::{Scope, concurrency_probe};
use loom::sync::Arc;
use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::thread;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

fn add(to: &AtomicUsize) {
    to.fetch_add(1, Ordering::SeqCst);
}

#[concurrency_probe(scope = "loom")]
fn add_probed(to: &AtomicUsize) {
    to.fetch_add(1, Ordering::SeqCst);
}

/// Wrong: two threads may read the same value. The model has to find that out.
#[concurrency_probe(scope = "loom")]
fn add_wrongly(to: &AtomicUsize) {
    let before = to.load(Ordering::SeqCst);
    to.store(before + 1, Ordering::SeqCst);
}

/// How many orders loom tried of two threads that both call this.
fn orders_of(call: fn(&AtomicUsize)) -> u64 {
    static ORDERS: AtomicU64 = AtomicU64::new(0);
    ORDERS.store(0, Relaxed);
    loom::model(move || {
        ORDERS.fetch_add(1, Relaxed);
        let sum = Arc::new(AtomicUsize::new(0));
        let other = {
            let sum = Arc::clone(&sum);
            thread::spawn(move || call(&sum))
        };
        call(&sum);
        other.join().unwrap();
        assert_eq!(sum.load(Ordering::SeqCst), 2, "an addition is lost");
    });
    ORDERS.load(Relaxed)
}

/// One test, as the scope is process-wide: loom's threads have no scope of their own.
#[test]
fn a_probe_is_counted_and_changes_nothing_of_a_model() {
    let plain = orders_of(add);
    let scope = Scope::builder("loom").process_wide().open();
    let probed = orders_of(add_probed);
    assert!(plain > 1, "{plain} orders");
    assert_eq!(probed, plain, "orders that loom tried");
    assert_eq!(scope.reading("add_probed").calls(), 2 * probed);

    // What loom is for: it still finds the order in which an addition is lost.
    assert!(std::panic::catch_unwind(|| orders_of(add_wrongly)).is_err());
}
