//! With shuttle: as with loom. A probed function is counted, and the schedules are the same.
//!
//! shuttle switches threads at its own locks, atomics and channels only; a probe has none of them. Do not hold in a check: a hold
//! blocks the thread that runs all others.

use concurrency_probe::{Scope, concurrency_probe};
use shuttle::sync::{Arc, Mutex};
use shuttle::thread;
use std::sync::Mutex as Noted;

const SCHEDULES: usize = 50;
const THREADS: u64 = 3;

/// Which thread took the lock, in the order in which they did, of all schedules.
type Order = Arc<Mutex<Vec<u64>>>;

fn take(order: &Order, who: u64) {
    order.lock().unwrap().push(who);
}

#[concurrency_probe(scope = "shuttle")]
fn take_probed(order: &Order, who: u64) {
    order.lock().unwrap().push(who);
}

/// The orders of all schedules of one seed.
fn orders_of(call: fn(&Order, u64)) -> Vec<Vec<u64>> {
    static ORDERS: Noted<Vec<Vec<u64>>> = Noted::new(Vec::new());
    ORDERS.lock().unwrap().clear();
    let scheduler = shuttle::scheduler::RandomScheduler::new_from_seed(7, SCHEDULES);
    shuttle::Runner::new(scheduler, shuttle::Config::default()).run(move || {
        let order: Order = Arc::default();
        let threads: Vec<_> = (0..THREADS)
            .map(|who| {
                let order = Arc::clone(&order);
                thread::spawn(move || call(&order, who))
            })
            .collect();
        for thread in threads {
            thread.join().unwrap();
        }
        ORDERS.lock().unwrap().push(order.lock().unwrap().clone());
    });
    std::mem::take(&mut ORDERS.lock().unwrap())
}

/// One test, as the scope is process-wide: shuttle's threads have no scope of their own.
#[test]
fn a_probe_is_counted_and_changes_no_schedule() {
    let plain = orders_of(take);
    let scope = Scope::builder("shuttle").process_wide().open();
    let probed = orders_of(take_probed);
    assert!(plain.iter().any(|order| order != &plain[0]), "all schedules are the same");
    assert_eq!(probed, plain, "the schedules of one seed");
    assert_eq!(scope.reading("take_probed").calls(), THREADS * SCHEDULES as u64);
}
