//! The rows of calls: each way of being probed, in each state of the scopes.

use crate::probes::{self, Metered};
use crate::timing::{Calls, side_by_side};
use concurrency_probe::Scope;
use futures::FutureExt;
use std::hint::black_box;
use std::sync::{Arc, Barrier};

/// A row: its name, and the nanoseconds of a call.
pub type Row = (String, f64);

/// One thread, with no scope live, and then with one live elsewhere. The scope is open while both it and what it is compared with
/// are timed.
pub fn idle() -> Vec<Row> {
    let metered = Metered::default();
    let mut rows: Vec<(&str, Calls<'_>)> = vec![
        ("a plain call", repeat(probes::plain)),
        ("bare RAII pair", repeat(probes::bare)),
        ("probe, no scope live", repeat(probes::probed)),
        ("plain future", repeat(|n| probes::plain_future(n).now_or_never().unwrap_or_default())),
        (
            "probed future, no scope live",
            repeat(|n| probes::probed_future(n).now_or_never().unwrap_or_default()),
        ),
        ("polls, no scope live", repeat(|n| probes::polled(n).now_or_never().unwrap_or_default())),
        ("metered InFlight", repeat(move |n| metered.call(n))),
        ("tracing #[instrument], no subscriber", repeat(probes::traced)),
        ("fastrace, no parent", repeat(probes::fastraced)),
        ("hotpath, no guard that collects", repeat(probes::hotpathed)),
        ("autometrics, with concurrency", repeat(probes::autometered)),
        ("a probe that notifies a condvar", repeat(probes::notifying)),
    ];
    timed(&mut rows)
}

/// One thread, in a live scope, beside the bare pair.
pub fn live() -> Vec<Row> {
    let elsewhere = Scope::open("elsewhere");
    let mut rows: Vec<Row> = timed(&mut [
        ("bare RAII pair", repeat(probes::bare)),
        ("probe, a scope live elsewhere", repeat(probes::probed)),
    ]);
    drop(elsewhere);
    let scope = Scope::open("costs");
    rows.extend(scope.run(|| {
        timed(&mut [
            ("bare RAII pair", repeat(probes::bare)),
            ("probe, live", repeat(probes::probed)),
            ("probed future, live", repeat(|n| probes::probed_future(n).now_or_never().unwrap_or_default())),
            ("polls, live", repeat(|n| probes::polled(n).now_or_never().unwrap_or_default())),
        ])
    }));
    rows
}

/// In so many scopes of other names, which are opened inside of the one that counts.
pub fn nested(depth: usize) -> f64 {
    let scope = Scope::open("costs");
    let inner: Vec<Scope> = (0..depth).map(|n| Scope::open(&format!("inner {n}"))).collect();
    scope.run(|| within(&inner, &mut || timed(&mut [("", repeat(probes::probed))])[0].1))
}

fn within(scopes: &[Scope], work: &mut (dyn FnMut() -> f64 + Send)) -> f64 {
    match scopes.split_first() {
        Some((outer, inner)) => outer.run(|| within(inner, work)),
        None => work(),
    }
}

/// With so many scopes open beside it.
pub fn beside(scopes: usize) -> f64 {
    let _others: Vec<Scope> = (0..scopes).map(|n| Scope::open(&format!("beside {}", n % 8))).collect();
    let scope = Scope::open("costs");
    scope.run(|| timed(&mut [("", repeat(probes::probed))])[0].1)
}

/// Several threads in one probe, each of which makes so many calls; the nanoseconds of a call on each of them.
pub fn contended(threads: usize, call: fn(u64) -> u64, scope: &Scope) -> Calls<'_> {
    Box::new(move |calls| {
        // The threads are there before the first of them begins.
        let barrier = Arc::new(Barrier::new(threads));
        std::thread::scope(|all| {
            for _ in 0..threads {
                let barrier = Arc::clone(&barrier);
                all.spawn(move || {
                    scope.run(|| {
                        barrier.wait();
                        repeat(call)(calls);
                    });
                });
            }
        });
    })
}

/// The nanoseconds of a call, alone.
pub fn one(call: fn(u64) -> u64) -> f64 {
    timed(&mut [("", repeat(call))])[0].1
}

/// Makes so many calls. Not inlined, so that it can be named to callgrind.
#[inline(never)]
pub fn calls(call: fn(u64) -> u64, calls: u64) {
    repeat(call)(calls);
}

/// Calls it again and again.
fn repeat<'a>(call: impl Fn(u64) -> u64 + 'a) -> Calls<'a> {
    Box::new(move |calls| {
        for n in 0..calls {
            black_box(call(black_box(n)));
        }
    })
}

fn timed(rows: &mut [(&str, Calls<'_>)]) -> Vec<Row> {
    let names: Vec<String> = rows.iter().map(|(name, _)| (*name).to_owned()).collect();
    let mut calls: Vec<Calls<'_>> =
        rows.iter_mut().map(|(_, calls)| std::mem::replace(calls, Box::new(|_| ()))).collect();
    names.into_iter().zip(side_by_side(&mut calls)).collect()
}
