//! Entering and leaving a probe allocates nothing, not even the first time.

#![allow(clippy::unused_async, reason = "the probed functions have nothing to wait for")]

use concurrency_probe::{Scope, concurrency_probe, enter};

#[concurrency_probe(scope = "allocation")]
fn work() {}

#[concurrency_probe(scope = "allocation")]
async fn fetch() {}

#[concurrency_probe(scope = "allocation", polls)]
async fn watch() {}

fn poll(future: impl Future<Output = ()>) {
    let future = std::pin::pin!(future);
    assert!(future.poll(&mut std::task::Context::from_waker(std::task::Waker::noop())).is_ready());
}

fn everything() {
    (0..100).for_each(|_| work());
    drop(enter!("block", scope = "allocation"));
    poll(fetch());
    poll(watch());
}

/// In a test program of its own, as what another thread allocates is not counted but what it opens is.
#[test]
fn entry_and_exit_never_allocate() {
    let none = allocation_counter::measure(everything);
    assert_eq!(none.count_total, 0, "without a scope");

    let scope = Scope::open("another name");
    assert_eq!(allocation_counter::measure(everything).count_total, 0, "with a scope of another name");

    let own = Scope::open("allocation");
    assert_eq!(allocation_counter::measure(everything).count_total, 0, "unattributed");
    own.run(|| {
        let first = allocation_counter::measure(everything);
        assert_eq!(first.count_total, 0, "the first entries in a scope");
        assert_eq!(allocation_counter::measure(everything).count_total, 0, "later ones");
    });
    assert_eq!(own.reading("work").calls(), 200);
    drop((own, scope));

    let wide = Scope::builder("allocation").process_wide().open();
    assert_eq!(allocation_counter::measure(everything).count_total, 0, "process-wide");
    assert_eq!(wide.reading("work").calls(), 100);
}
