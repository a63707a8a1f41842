//! The gauge: no call and no peak is lost.

use super::{check_with_twins, leak};
use crate::call::gauge::{Counts, Gauge};
use crate::fault::Fault;
use loom::thread::spawn;

/// `threads` threads enter and all stay. The peaks are exact.
fn all_stay(threads: usize, faults: &[Fault]) {
    let model = move || {
        let gauge: &'static Gauge = leak(Gauge::default());
        let others: Vec<_> = (1..threads).map(|_| spawn(move || gauge.enter_sync(true))).collect();
        gauge.enter_sync(true);
        for other in others {
            other.join().unwrap();
        }
        let all = Counts {
            calls: threads as u64,
            in_flight: threads,
            max_in_flight: threads,
            max_threads: threads,
            stolen: 0,
        };
        assert_eq!(gauge.counts(), all);
        (0..threads).for_each(|_| gauge.exit_sync(true));
        assert_eq!(gauge.counts(), Counts { in_flight: 0, ..all });
        assert!(gauge.is_at_rest());
    };
    check_with_twins(model, faults);
}

#[test]
fn two_threads_that_stay() {
    all_stay(2, &[Fault::TornAdd, Fault::TornMax]);
}

#[test]
fn three_threads_that_stay() {
    all_stay(3, &[Fault::TornAdd, Fault::TornMax]);
}

/// Threads enter and leave. The peak is at least what any of them saw inside, and nothing stays in flight.
fn all_leave(threads: usize, faults: &[Fault]) {
    let model = move || {
        let gauge: &'static Gauge = leak(Gauge::default());
        let call = move || {
            gauge.enter_sync(true);
            let seen = gauge.threads_inside();
            gauge.exit_sync(true);
            seen
        };
        let others: Vec<_> = (1..threads).map(|_| spawn(call)).collect();
        let mut seen = call();
        for other in others {
            seen = seen.max(other.join().unwrap());
        }
        let counts = gauge.counts();
        assert_eq!((counts.calls, counts.in_flight), (threads as u64, 0));
        assert!((seen..=threads).contains(&counts.max_threads), "{seen} were seen: {counts:?}");
        assert_eq!(counts.max_in_flight, counts.max_threads);
        assert!(gauge.is_at_rest());
    };
    check_with_twins(model, faults);
}

#[test]
fn two_threads_that_leave() {
    all_leave(2, &[Fault::TornAdd]);
}

#[test]
fn three_threads_that_leave() {
    all_leave(3, &[Fault::TornAdd]);
}

/// A future is polled on one thread and dropped on another, while a third thread polls. It uses both counts of the word.
#[test]
fn futures_that_are_polled_and_dropped() {
    let model = || {
        let gauge: &'static Gauge = leak(Gauge::default());
        gauge.enter_async();
        let dropped = spawn(move || gauge.exit_async());
        let polled = spawn(move || {
            gauge.enter_async();
            gauge.enter_poll();
            gauge.exit_poll();
        });
        dropped.join().unwrap();
        polled.join().unwrap();
        let counts = gauge.counts();
        assert_eq!((counts.calls, counts.in_flight, counts.max_threads), (2, 1, 1));
        assert!((1..=2).contains(&counts.max_in_flight));
    };
    check_with_twins(model, &[Fault::TornAdd]);
}

/// Guards that were moved to other threads may leave in any order, and more often than their thread entered. The number of threads never goes below
/// zero, and no count borrows from its neighbour in the word.
#[test]
fn no_count_borrows_from_another() {
    super::check(|| {
        let gauge: &'static Gauge = leak(Gauge::default());
        gauge.enter_sync(true);
        gauge.enter_sync(false);
        gauge.enter_sync(true);
        let elsewhere = spawn(move || {
            gauge.exit_elsewhere(true);
            gauge.exit_poll_elsewhere(true);
        });
        gauge.exit_elsewhere(true);
        elsewhere.join().unwrap();
        assert_eq!((gauge.threads_inside(), gauge.in_flight()), (0, 1));
        gauge.exit_elsewhere(true);
        assert!(gauge.is_at_rest());
        assert_eq!(gauge.counts().calls, 3);
    });
}
