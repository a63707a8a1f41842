//! How much memory a live scope takes.

use concurrency_probe::{Scope, enter};
use std::alloc::System;

/// Counts the bytes that are allocated and not freed.
#[global_allocator]
static ALLOCATOR: stats_alloc::StatsAlloc<System> = stats_alloc::StatsAlloc::system();

/// The bytes that are allocated now.
fn allocated() -> isize {
    let stats = ALLOCATOR.stats();
    stats.bytes_allocated as isize - stats.bytes_deallocated as isize
}

/// The bytes of a live scope, as an average over many scopes: without an entered probe, and with eight entered probes.
pub fn of_a_scope() -> [usize; 2] {
    // All scopes stay live, so that no scope uses the boards of an earlier one.
    let (empty, _scopes) = of_scopes(0);
    let (eight, _others) = of_scopes(8);
    [empty, eight]
}

/// The additional bytes of a scope with a full timeline.
pub fn of_a_full_timeline() -> usize {
    let before = allocated();
    let scope = Scope::builder("memory").timeline().open();
    scope.in_scope(|| (0..100_000).for_each(|_| drop(enter!("memory 0", scope = "memory"))));
    usize::try_from(allocated() - before).unwrap_or_default()
}

fn of_scopes(probes: usize) -> (usize, Vec<Scope>) {
    const SCOPES: usize = 100;
    let touch: [fn(); 8] = [
        || drop(enter!("memory 0", scope = "memory")),
        || drop(enter!("memory 1", scope = "memory")),
        || drop(enter!("memory 2", scope = "memory")),
        || drop(enter!("memory 3", scope = "memory")),
        || drop(enter!("memory 4", scope = "memory")),
        || drop(enter!("memory 5", scope = "memory")),
        || drop(enter!("memory 6", scope = "memory")),
        || drop(enter!("memory 7", scope = "memory")),
    ];
    let before = allocated();
    let mut scopes = Vec::with_capacity(SCOPES);
    for _ in 0..SCOPES {
        let scope = Scope::open("memory");
        scope.run(|| touch[..probes].iter().for_each(|touch| touch()));
        scopes.push(scope);
    }
    let bytes = usize::try_from(allocated() - before).unwrap_or_default() / SCOPES;
    (bytes, scopes)
}
