//! The rows of calls: each way of being probed, in each state of the scopes.

use crate::probes::{self, Metered};
use crate::timing::{Calls, side_by_side};
use concurrency_probe::__private::{Kind, Site, enter};
use concurrency_probe::{Lane, Scope};
use futures::FutureExt;
use std::cell::RefCell;
use std::hint::black_box;
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// A row: its name, and the nanoseconds of a call.
pub type Row = (String, f64);

/// One thread, with no scope live.
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

/// One thread, while a scope is live that is not current on this thread.
pub fn elsewhere() -> Vec<Row> {
    let _elsewhere = Scope::open("elsewhere");
    timed(&mut [
        ("a plain call", repeat(probes::plain)),
        ("probe, a scope live elsewhere", repeat(probes::probed)),
    ])
}

/// One thread, in a live scope, beside the bare pair.
pub fn live() -> Vec<Row> {
    let scope = Scope::open("costs");
    scope.run(|| {
        timed(&mut [
            ("bare RAII pair", repeat(probes::bare)),
            ("probe, live", repeat(probes::probed)),
            ("probed future, live", repeat(|n| probes::probed_future(n).now_or_never().unwrap_or_default())),
            ("polls, live", repeat(|n| probes::polled(n).now_or_never().unwrap_or_default())),
        ])
    })
}

/// In a scope without a timeline, with a timeline that has room, and with one that is full. Beside them: two reads
/// of the clock, which is the least that a timeline needs.
pub fn with_a_timeline() -> Vec<Row> {
    let without = Scope::open("costs");
    let full = Scope::builder("costs").timeline().open();
    full.in_scope(|| rows_full(&full));
    let in_scope = |scope: &Scope, calls| scope.in_scope(|| repeat(probes::probed)(calls));
    timed(&mut [
        ("probe, no timeline", Box::new(|calls| in_scope(&without, calls))),
        (
            "two reads of the clock",
            repeat(|n| {
                black_box(Instant::now());
                let result = probes::plain(n);
                black_box(Instant::now());
                result
            }),
        ),
        (
            "a timeline that has room",
            // A new scope each time, because the timeline would be full soon.
            Box::new(|calls| in_scope(&Scope::builder("costs").timeline().open(), calls)),
        ),
        ("a timeline that is full", Box::new(|calls| in_scope(&full, calls))),
    ])
}

/// Calls until the timeline is full.
fn rows_full(scope: &Scope) {
    while scope.report().timeline.is_some_and(|timeline| timeline.left_out == 0) {
        calls(probes::probed, 1 << 15);
    }
}

/// In a scope that holds no probe, and in one that holds another probe. Both have a pool of two threads.
pub fn unheld() -> Vec<Row> {
    let without = Scope::builder("costs").threads(2).open();
    let with = Scope::builder("costs").threads(2).hold("another", 2).open();
    let row = |scope: &'static str| -> Calls<'_> {
        let scope = if scope == "with" { &with } else { &without };
        Box::new(move |calls| scope.run(|| repeat(probes::probed)(calls)))
    };
    timed(&mut [("no probe is held", row("without")), ("another probe is held", row("with"))])
}

/// Outside of all batches, in a batch, in a lane, and on the ground of a pool, all in one scope with a pool of two threads.
pub fn places() -> Vec<Row> {
    let scope = RefCell::new(Scope::builder("costs").threads(2).open());
    let scope = &scope;
    let only = |mut times: Vec<Duration>| times.pop().unwrap_or_default();
    timed(&mut [
        ("outside of batches", Box::new(|calls| scope.borrow().run(|| repeat(probes::probed)(calls)))),
        (
            "in a batch of a handle",
            Box::new(|calls| scope.borrow().batch("batch").run(|| repeat(probes::probed)(calls))),
        ),
        (
            "in a lane",
            Box::new(|calls| {
                let lane = |_: Lane<'_>, calls| repeat(probes::probed)(calls);
                only(scope.borrow_mut().pass("lane").map([calls], lane))
            }),
        ),
        (
            "in a bare join in a lane, on another worker",
            Box::new(|calls| {
                let lane = |_: Lane<'_>, calls| {
                    let here = rayon::current_thread_index();
                    let was_taken = AtomicBool::new(false);
                    let (_, (there, took)) = rayon::join(
                        || {
                            while !was_taken.load(Ordering::Relaxed) {
                                std::thread::yield_now();
                            }
                        },
                        || {
                            was_taken.store(true, Ordering::Relaxed);
                            (rayon::current_thread_index(), repeat(probes::probed)(calls))
                        },
                    );
                    assert_ne!(here, there);
                    took
                };
                only(scope.borrow_mut().pass("join").map([calls], lane))
            }),
        ),
    ])
}

/// In scopes of other names, which are opened inside the scope that counts.
pub fn nested() -> Vec<Row> {
    let scope = Scope::open("costs");
    let inner: Vec<Scope> = (0..16).map(|n| Scope::open(&format!("inner {n}"))).collect();
    let row = |depth: usize| -> Calls<'_> {
        let (scope, inner) = (&scope, &inner[..depth]);
        Box::new(move |calls| scope.run(|| within(inner, &mut || repeat(probes::probed)(calls))))
    };
    timed(&mut [
        ("probe, live", row(0)),
        ("1 scope deeper", row(1)),
        ("4 scopes deeper", row(4)),
        ("16 scopes deeper", row(16)),
    ])
}

fn within(scopes: &[Scope], work: &mut (dyn FnMut() -> Duration + Send)) -> Duration {
    match scopes.split_first() {
        Some((outer, inner)) => outer.run(|| within(inner, work)),
        None => work(),
    }
}

/// With more scopes open beside it.
pub fn beside() -> Vec<Row> {
    let row = |scopes: usize| -> Calls<'_> {
        Box::new(move |calls| {
            let _others: Vec<Scope> =
                (1..scopes).map(|n| Scope::open(&format!("beside {}", n % 8))).collect();
            let scope = Scope::open("costs");
            scope.run(|| repeat(probes::probed)(calls))
        })
    };
    timed(&mut [
        ("probe, live", row(1)),
        ("10 scopes open", row(10)),
        ("100 scopes open", row(100)),
        ("1000 scopes open", row(1000)),
    ])
}

/// Several threads in one probe.
pub fn contended(threads: usize) -> Vec<Row> {
    let scope = Scope::open("costs");
    let row = |call: fn(u64) -> u64| -> Calls<'_> {
        let scope = &scope;
        Box::new(move |calls| {
            // All threads are started before the first one begins, and each measures its own time.
            let barrier = Barrier::new(threads);
            std::thread::scope(|all| {
                let one = || {
                    scope.run(|| {
                        barrier.wait();
                        repeat(call)(calls)
                    })
                };
                let all: Vec<_> = (0..threads).map(|_| all.spawn(one)).collect();
                let times = all.into_iter().map(|one| one.join().expect("nobody panics"));
                times.max().unwrap_or_default()
            })
        })
    };
    let (bare, probe) =
        (format!("bare RAII pair, {threads} threads"), format!("probe, live, {threads} threads"));
    timed(&mut [(&bare, row(probes::bare)), (&probe, row(probes::probed))])
}

/// With a number of probes registered in one scope. Each was entered once. A probe stays registered, so that fewer and more
/// probes cannot take turns. Each case has the bare pair beside it.
pub fn registered(probes: usize) -> Vec<Row> {
    let scope = Scope::open("costs");
    scope.run(|| {
        probes::probed(0);
        let mut last: Option<&'static Site> = None;
        for n in 1..probes {
            // What the attribute emits as a static.
            let name: &'static str = Box::leak(format!("probe {n} of {probes}").into_boxed_str());
            let site = Box::leak(Box::new(Kind::Sync.named_site("costs", name)));
            drop(enter(site));
            last = Some(site);
        }
        let (first_name, last_name) = (format!("the first of {probes}"), format!("the last of {probes}"));
        let mut rows: Vec<(&str, Calls<'_>)> =
            vec![("bare RAII pair", repeat(probes::bare)), (&first_name, repeat(probes::probed))];
        if let Some(site) = last {
            let call = move |n| {
                let _entry = enter(site);
                black_box(n)
            };
            rows.push((&last_name, repeat(call)));
        }
        timed(&mut rows)
    })
}

/// Makes a number of calls. Not inlined, so that callgrind finds it by its name.
#[inline(never)]
pub fn calls(call: fn(u64) -> u64, calls: u64) {
    repeat(call)(calls);
}

/// Calls it again and again.
fn repeat<'a>(call: impl Fn(u64) -> u64 + 'a) -> Calls<'a> {
    Box::new(move |calls| {
        let began = Instant::now();
        for n in 0..calls {
            black_box(call(black_box(n)));
        }
        began.elapsed()
    })
}

/// Times rows side by side.
pub fn timed(rows: &mut [(&str, Calls<'_>)]) -> Vec<Row> {
    let names: Vec<String> = rows.iter().map(|(name, _)| (*name).to_owned()).collect();
    let mut calls: Vec<Calls<'_>> =
        rows.iter_mut().map(|(_, calls)| std::mem::replace(calls, Box::new(|_| Duration::ZERO))).collect();
    names.into_iter().zip(side_by_side(&mut calls)).collect()
}
