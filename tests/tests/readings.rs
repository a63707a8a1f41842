//! What a reading counts: recursion, re-entry, threads, panics, cancellation, futures in flight.

#![allow(clippy::unused_async, reason = "the probed functions have nothing to wait for")]

use concurrency_probe::{Scope, concurrency_probe};
use futures::future::{join_all, pending};
use std::panic::catch_unwind;
use std::sync::{Arc, Barrier};
use std::task::{Context, Waker};

/// `(calls, in_flight, max_in_flight, max_concurrent)`.
fn read(scope: &Scope, probe: &str) -> (u64, usize, usize, Option<usize>) {
    let reading = scope.reading(probe);
    (reading.calls(), reading.in_flight(), reading.max_in_flight(), reading.max_concurrent())
}

#[test]
fn recursion_counts_calls_in_flight_and_one_thread() {
    #[concurrency_probe(scope = "recursion")]
    fn down(depth: u32) {
        if depth > 1 {
            down(depth - 1);
        }
    }
    let scope = Scope::open("recursion");
    scope.run(|| down(40));
    assert_eq!(read(&scope, "down"), (40, 0, 40, Some(1)));
}

#[test]
fn re_entry_through_another_probe_is_one_thread() {
    #[concurrency_probe(scope = "re-entry")]
    fn outer(again: bool) {
        inner(again);
    }
    #[concurrency_probe(scope = "re-entry")]
    fn inner(again: bool) {
        if again {
            outer(false);
        }
    }
    let scope = Scope::open("re-entry");
    scope.run(|| outer(true));
    assert_eq!(read(&scope, "outer"), (2, 0, 2, Some(1)));
    assert_eq!(read(&scope, "inner"), (2, 0, 2, Some(1)));
}

/// More different probes inside one another than a thread has places for.
#[test]
fn forty_probes_inside_one_another_are_counted_each() {
    macro_rules! nest {
        ($scope:expr;) => {};
        ($scope:expr; $name:literal $($rest:literal)*) => {
            let _probe = concurrency_probe::enter!($name, scope = "deep");
            assert_eq!($scope.reading($name).in_flight(), 1);
            nest!($scope; $($rest)*);
        };
    }
    let scope = Scope::open("deep");
    scope.run(|| {
        nest!(scope; "0" "1" "2" "3" "4" "5" "6" "7" "8" "9" "10" "11" "12" "13" "14" "15" "16" "17" "18" "19" "20"
            "21" "22" "23" "24" "25" "26" "27" "28" "29" "30" "31" "32" "33" "34" "35" "36" "37" "38" "39");
        let _again = concurrency_probe::enter!("39", scope = "deep");
    });
    for i in 0..39 {
        assert_eq!(read(&scope, &i.to_string()), (1, 0, 1, Some(1)), "probe {i}");
    }
    assert_eq!(read(&scope, "39"), (2, 0, 2, Some(1)));
}

/// More calls than a gauge's word has room for: what is beyond is carried.
#[test]
fn millions_of_calls_are_counted_each() {
    #[concurrency_probe(scope = "millions")]
    fn tick() {}
    const CALLS: u64 = (1 << 21) + 5;
    let scope = Scope::open("millions");
    scope.run(|| (0..CALLS).for_each(|_| tick()));
    assert_eq!(read(&scope, "tick"), (CALLS, 0, 1, Some(1)));
}

#[test]
fn distinct_threads_are_counted_and_calls_on_one_are_not_concurrent() {
    #[concurrency_probe(scope = "threads")]
    fn meet(barrier: &Barrier) {
        barrier.wait();
    }
    let scope = Scope::open("threads");
    let barrier = Barrier::new(3);
    std::thread::scope(|threads| {
        for _ in 0..3 {
            threads.spawn(|| scope.run(|| meet(&barrier)));
        }
    });
    assert_eq!(read(&scope, "meet"), (3, 0, 3, Some(3)));
}

#[test]
fn a_panic_leaves_the_count_at_rest() {
    #[concurrency_probe(scope = "panic")]
    fn fail(depth: u32) {
        assert!(depth > 0, "at the bottom");
        fail(depth - 1);
    }
    let mut scope = Scope::open("panic");
    for _ in 0..3 {
        assert!(catch_unwind(|| scope.run(|| fail(4))).is_err());
        let pass = scope.pass("panics");
        assert!(catch_unwind(|| pass.for_each(0..8, |_lane, _n| fail(2))).is_err());
    }
    let (calls, in_flight, ..) = read(&scope, "fail");
    assert!(calls >= 3 * (5 + 3));
    assert_eq!(in_flight, 0);
    // The scope is as usable as before.
    scope.run(|| assert!(catch_unwind(|| fail(0)).is_err()));
    assert_eq!(read(&scope, "fail").0, calls + 1);
}

#[test]
fn a_thousand_futures_in_flight_are_not_a_thousand_threads() {
    #[concurrency_probe(scope = "futures")]
    async fn fetch(id: usize) -> usize {
        tokio::task::yield_now().await;
        id
    }
    let scope = Scope::open("futures");
    let fetched = futures::executor::block_on(scope.attach(join_all((0..1000).map(fetch))));
    assert_eq!(fetched.len(), 1000);
    assert_eq!(read(&scope, "fetch"), (1000, 0, 1000, None));

    let judged = catch_unwind(|| scope.reading("fetch").assert_concurrent(2));
    let message = *judged.unwrap_err().downcast::<String>().unwrap();
    assert!(message.contains("add `polls`"), "{message}");
}

#[test]
fn a_future_that_was_never_polled_is_no_call() {
    #[concurrency_probe(scope = "unpolled")]
    async fn fetch() {}
    let scope = Scope::open("unpolled");
    scope.run(|| drop(fetch()));
    assert_eq!(read(&scope, "fetch").0, 0);
}

#[test]
fn a_future_dropped_midway_is_no_longer_in_flight_on_whatever_thread() {
    #[concurrency_probe(scope = "cancelled")]
    async fn wait() {
        pending::<()>().await;
    }
    #[concurrency_probe(scope = "cancelled", polls)]
    async fn watch() {
        pending::<()>().await;
    }
    let scope = Scope::open("cancelled");
    let mut futures = Vec::new();
    for _ in 0..3 {
        let mut future = Box::pin(scope.attach(async { futures::join!(wait(), watch()) }));
        assert!(future.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        futures.push(future);
    }
    assert_eq!(read(&scope, "wait"), (3, 3, 3, None));
    assert_eq!(read(&scope, "watch"), (3, 3, 3, Some(1)));
    std::thread::spawn(move || drop(futures)).join().unwrap();
    assert_eq!(read(&scope, "wait").1, 0);
    assert_eq!(read(&scope, "watch").1, 0);
}

#[test]
fn polls_counts_the_threads_that_poll_at_once() {
    #[concurrency_probe(scope = "polls", polls)]
    async fn fetch(barrier: Arc<Barrier>) {
        tokio::task::yield_now().await;
        barrier.wait();
    }
    let scope = Scope::open("polls");
    let barrier = Arc::new(Barrier::new(2));
    let threads: Vec<_> = (0..2)
        .map(|_| {
            let fetch = scope.attach(fetch(Arc::clone(&barrier)));
            std::thread::spawn(|| futures::executor::block_on(fetch))
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
    assert_eq!(read(&scope, "fetch"), (2, 0, 2, Some(2)));
    scope.reading("fetch").assert_concurrent(2);

    // The futures of one `join_all` are polled by one thread.
    let one = Scope::open("polls");
    futures::executor::block_on(one.attach(join_all((0..10).map(|_| fetch(Arc::new(Barrier::new(1)))))));
    assert_eq!(read(&one, "fetch"), (10, 0, 10, Some(1)));
}

#[test]
fn calls_that_are_nobodys_are_named_and_turn_a_strict_verdict_red_and_no_other() {
    #[concurrency_probe(scope = "somebody's")]
    fn work() {}
    for strict in [false, true] {
        let builder = Scope::builder("somebody's");
        let scope = if strict { builder.strict().open() } else { builder.open() };
        scope.run(work);
        scope.reading("work").assert_concurrent(1);
        std::thread::spawn(work).join().unwrap();
        assert_eq!(scope.reading("work").check_concurrent(1).is_err(), strict);
        let why = scope.reading("work").check_concurrent(2).unwrap_err().to_string();
        let nobodys = "1 call of `work` came from other threads where no scope `somebody's` is current";
        assert!(why.contains(nobodys), "{why}");
    }
}

#[test]
fn a_reading_does_not_start_the_global_pool() {
    const CHILD: &str = "READINGS_TEST_CHILD";
    if std::env::var_os(CHILD).is_some() {
        drop(Scope::open("pools").reading("none"));
        rayon::ThreadPoolBuilder::new().num_threads(3).build_global().unwrap();
        return;
    }
    let child = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "a_reading_does_not_start_the_global_pool"])
        .env(CHILD, "1")
        .output()
        .unwrap();
    assert!(child.status.success(), "{child:?}");
}

#[test]
fn a_call_in_the_inner_of_two_scopes_is_no_riddle_in_the_outer() {
    #[concurrency_probe(scope = "riddle")]
    fn work() {}
    let outer = Scope::open("riddle");
    outer.run(|| Scope::open("riddle").run(work));
    let why = outer.reading("work").check_concurrent(1).unwrap_err().to_string();
    assert!(why.contains("was never called") && why.contains("while a scope `riddle` was current"), "{why}");
}

#[test]
fn one_written_name_is_one_probe_and_two_functions_of_one_name_are_refused() {
    let scope = Scope::open("names");
    scope.run(|| {
        drop(concurrency_probe::enter!("step", scope = "names"));
        drop(concurrency_probe::enter!("step", scope = "names"));
    });
    assert_eq!(scope.reading("step").calls(), 2);

    mod first {
        #[concurrency_probe::concurrency_probe(scope = "names")]
        pub(super) fn link() {}
    }
    mod second {
        #[concurrency_probe::concurrency_probe(scope = "names")]
        pub(super) fn link() {}
    }
    scope.run(first::link);
    assert_eq!(scope.reading("link").calls(), 1);
    scope.run(second::link);
    let message = *catch_unwind(|| scope.reading("link")).unwrap_err().downcast::<String>().unwrap();
    assert!(message.contains("2 different probes of scope `names` are named `link`"), "{message}");
}
