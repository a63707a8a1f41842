//! The board: a probe has one gauge, and no call of one scope is counted in the next scope.

use super::{check_with_twins, leak};
use crate::base::sync::atomic::{AtomicUsize, Ordering};
use crate::call::board::Board;
use crate::call::key::Key;
use crate::call::name::Name;
use crate::fault::Fault;
use crate::open::turn::Turn;
use loom::thread::spawn;
use std::panic::Location;

/// The key of the probe at a place in the list of sites.
fn key(place: u32) -> Key {
    Key::from_bits(place << 2).unwrap()
}

/// Threads enter the probes at these places. The first gauges of the board are taken or free.
fn gauges(taken: u32, threads: &'static [u32], faults: &[Fault]) {
    let model = move || {
        let board = Board::leaked();
        (100..100 + taken).for_each(|place| _ = board.gauge(key(place)));
        let enter = move |place| board.gauge(key(place)).enter_sync(true);
        let others: Vec<_> = threads[1..].iter().map(|&place| spawn(move || enter(place))).collect();
        enter(threads[0]);
        for other in others {
            other.join().unwrap();
        }
        for place in threads {
            let calls = threads.iter().filter(|other| *other == place).count();
            let own = board.all().filter(|gauge| gauge.key() == Some(key(*place)));
            assert_eq!(own.map(|gauge| gauge.counts().calls).collect::<Vec<_>>(), [calls as u64]);
        }
    };
    check_with_twins(model, faults);
}

#[test]
fn one_probe_of_two_threads() {
    gauges(0, &[1, 1], &[Fault::TornAdd]);
}

#[test]
fn two_probes_for_one_place() {
    gauges(0, &[1, 5], &[Fault::TornExchange]);
}

#[test]
fn probes_beyond_the_first_gauges() {
    gauges(4, &[1, 1], &[Fault::TornExchange, Fault::RelaxedRelease, Fault::RelaxedAcquire]);
}

#[test]
fn two_probes_beyond_the_first_gauges() {
    gauges(4, &[1, 2], &[Fault::TornExchange]);
}

/// A scope closes while its call is in flight, and another one opens. The new scope has the board only if the call has ended. Then it sees
/// everything that was done before the end of the call, and does not count the call.
#[test]
fn a_call_that_ends_while_its_scope_closes() {
    let model = || {
        let board = Board::lease();
        let last: &'static AtomicUsize = leak(AtomicUsize::new(0));
        let gauge = board.gauge(key(1));
        gauge.enter_sync(true);
        let call = spawn(move || {
            last.store(1, Ordering::Relaxed);
            gauge.exit_sync(true);
        });
        board.put_back();
        let next = Board::lease();
        if std::ptr::eq(next, board) {
            assert_eq!(last.load(Ordering::Relaxed), 1, "the board is another scope's before the call's end");
        }
        next.gauge(key(1)).enter_sync(true);
        call.join().unwrap();
        assert_eq!(next.find(key(1)).map(|gauge| gauge.counts().calls), Some(1));
        assert_eq!(next.find(key(1)).map(|gauge| gauge.counts().in_flight), Some(1));
    };
    check_with_twins(model, &[Fault::RelaxedRelease, Fault::RelaxedAcquire]);
}

/// Two scopes open at once, and one board is free. They never both have it.
#[test]
fn two_scopes_for_one_free_board() {
    let model = || {
        Board::lease().put_back();
        let other = spawn(|| std::ptr::from_ref(Board::lease()).addr());
        let own = std::ptr::from_ref(Board::lease()).addr();
        assert_ne!(own, other.join().unwrap());
    };
    super::check(model);
}

/// A process-wide scope closes while a thread without a context calls, and the next one opens. The call is counted in the first scope, or
/// in the second if that is open already. It is never counted on a board that is being reset.
fn wide(publishes: bool, faults: &[Fault]) {
    let model = move || {
        let name: &'static Name = leak(Name::new("wide"));
        let first = name.lease_wide();
        first.publish(None);
        let board = first.board();
        let call = spawn(move || {
            name.with_wide(|board| {
                board.gauge(key(1)).enter_sync(true);
                board.gauge(key(1)).exit_sync(true);
            })
            .is_some()
        });
        drop(first);
        board.release();
        let second = name.lease_wide();
        if publishes {
            second.publish(None);
        }
        let claimed = call.join().unwrap();
        let calls = second.board().find(key(1)).map_or(0, |gauge| gauge.counts().calls);
        if publishes {
            assert!(calls <= u64::from(claimed));
        } else {
            assert_eq!(calls, 0, "a call is counted where no scope claims it");
        }
        assert!(second.board().all().all(crate::call::gauge::Gauge::is_at_rest));
    };
    check_with_twins(model, faults);
}

#[test]
fn a_process_wide_scope_that_closes_under_a_call() {
    wide(false, &[Fault::NoTotalOrder]);
}

#[test]
fn a_process_wide_scope_after_another() {
    wide(true, &[]);
}

/// A scope that waits for the turn to be process-wide is notified when it is free, and two scopes never have it.
#[test]
fn the_turn_is_passed_on() {
    let model = || {
        let name: &'static Name = leak(Name::new("turns"));
        let has_it: &'static AtomicUsize = leak(AtomicUsize::new(0));
        let turn = move || {
            let turn = Turn::take(name, Location::caller()).expect("no thread has it already");
            assert_eq!(has_it.fetch_add(1, Ordering::Relaxed), 0, "two have the turn");
            let wide = name.lease_wide();
            wide.publish(None);
            let board = wide.board();
            drop(wide);
            board.release();
            has_it.fetch_sub(1, Ordering::Relaxed);
            drop(turn);
        };
        let other = spawn(turn);
        turn();
        other.join().unwrap();
    };
    check_with_twins(model, &[Fault::NoNotification]);
}

/// A thread that has the turn already gets an error with the place where it took it, and does not wait for itself.
#[test]
fn a_thread_does_not_wait_for_its_own_turn() {
    super::check(|| {
        let name: &'static Name = leak(Name::new("turns"));
        let _turn = Turn::take(name, Location::caller()).expect("nobody has it");
        assert!(Turn::take(name, Location::caller()).is_err());
    });
}
