//! With nextest: each test has a process of its own, so a process-wide scope claims no other test's calls.
//!
//! `cargo test` runs the tests of one program as threads of one process. There `process_wide` scopes of one name wait for one another's end, and a
//! call that another test makes outside of any scope is claimed as well. Under nextest neither can happen, and such a test needs no lock and no
//! program of its own. A test that is also run by `cargo test` uses a scope name that no other test has, as these two do.

use concurrency_probe::{Scope, concurrency_probe};
use rayon::iter::{IntoParallelIterator, ParallelIterator};

#[concurrency_probe(scope = "nextest, parallel")]
fn checksum(_file: u32) {}

#[concurrency_probe(scope = "nextest, serialized")]
fn checksum_serially(_file: u32) {}

/// Code that knows nothing of scopes, on rayon's own pool.
#[test]
fn a_bare_par_iter_is_parallel() {
    // On a machine of one core rayon's own pool has one thread.
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
    let scope = Scope::builder("nextest, parallel").process_wide().hold("checksum", 2).open();
    pool.install(|| (0..100).into_par_iter().for_each(checksum));
    let reading = scope.reading("checksum");
    reading.assert_concurrent(2);
    assert_eq!(reading.calls(), 100);
}

/// Its twin. The whole process may come, as far as can be known: a limit ends the wait.
#[test]
fn a_loop_is_not() {
    let limit = std::time::Duration::from_millis(20);
    let scope = Scope::builder("nextest, serialized")
        .process_wide()
        .hold("checksum_serially", 2)
        .hold_limit(limit)
        .open();
    (0..100).for_each(checksum_serially);
    let reading = scope.reading("checksum_serially");
    assert!(!reading.check_concurrent(2).expect_err("serialized").is_proven());
    assert_eq!(reading.calls(), 100);
}
