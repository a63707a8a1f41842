//! How often the verdict under `hold` is wrong, and how long it takes, while more threads spin than there are cores.
//!
//! `cargo run --release -p testbed --example verdict -- [ROUNDS] [SPINNING_THREADS] [AT_ONCE]`, 2,000, cores + 2 and 1 unless
//! told; `taskset -c 0` in front of it for one core. The last is how many rounds are made at once, each with a scope and a pool
//! of its own: beside many spinning threads a round mostly waits for a core, and a hundred thousand would take half a day.
//! Process-wide scopes of one name take turns all the same.

use concurrency_probe::testing::with_lane;
use concurrency_probe::{Lane, Scope, ScopeBuilder, concurrency_probe, must_run_parallel, offload};
use futures::executor::block_on;
use futures::future::join_all;
use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};
use std::ops::Range;
use std::process::ExitCode;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use testbed::load::Load;

#[concurrency_probe(scope = "install")]
#[must_run_parallel]
fn link_slot(lane: Lane<'_>, _slot: u32) {
    lane.join(|_lane| (), |_lane| ());
}

#[concurrency_probe(scope = "install")]
#[allow(clippy::unused_async, reason = "it has nothing to wait for")]
async fn fetch(_slot: u32) {}

/// A link that no pass runs.
fn bare_link(slot: u32) {
    with_lane(|lane| link_slot(lane, slot));
}

/// A pool that no scope knows of, of two threads on one core as well.
static BARE: LazyLock<rayon::ThreadPool> = LazyLock::new(|| {
    rayon::ThreadPoolBuilder::new().num_threads(2).build().expect("two threads can be started")
});

/// A program, whether it overlaps, and how many of the rounds it is given.
struct Program {
    name: &'static str,
    overlaps: bool,
    share: usize,
    open: fn() -> ScopeBuilder,
    run: fn(&mut Scope),
}

/// Nothing but the hold.
fn held() -> ScopeBuilder {
    Scope::builder("install").hold("link_slot", 2).quiet()
}

/// Where only a clock can end a wait: the last ones of a program that overlaps, the first ones of a program that does not.
fn limited() -> ScopeBuilder {
    held().hold_limit(Duration::from_millis(50))
}

/// Where nobody else comes however long the hold waits, so that a short limit makes more rounds.
fn shortly_limited() -> ScopeBuilder {
    held().hold_limit(Duration::from_millis(4))
}

fn wide() -> ScopeBuilder {
    limited().process_wide()
}

fn shortly_wide() -> ScopeBuilder {
    shortly_limited().process_wide()
}

/// Of futures, none of which has anything to wait for.
fn held_futures() -> ScopeBuilder {
    Scope::builder("install").hold("fetch", 2).quiet()
}

/// Links in one pass.
fn pass(install: &mut Scope, label: &'static str, slots: Range<u32>) {
    install.pass(label).for_each(slots, link_slot);
}

/// Links in one pass which never splits.
fn one_leaf(install: &mut Scope, label: &'static str, slots: Range<u32>) {
    let slots = slots.into_par_iter().with_min_len(usize::MAX);
    install.pass(label).for_each(slots, link_slot);
}

/// Links in a pass for each slot.
fn pass_per_slot(install: &mut Scope, label: &'static str, slots: Range<u32>) {
    slots.for_each(|slot| install.pass(label).for_each([slot], link_slot));
}

const PROGRAMS: [Program; 19] = [
    Program {
        name: "one pass of 8 items",
        overlaps: true,
        share: 1,
        open: held,
        run: |install| pass(install, "cold", 0..8),
    },
    Program {
        name: "one pass of 8 items in one leaf",
        overlaps: false,
        share: 1,
        open: held,
        run: |install| one_leaf(install, "cold", 0..8),
    },
    Program {
        name: "8 passes of one item",
        overlaps: false,
        share: 10,
        open: held,
        run: |install| pass_per_slot(install, "cold", 0..8),
    },
    Program {
        name: "two passes of 8 items",
        overlaps: true,
        share: 1,
        open: held,
        run: |install| {
            pass(install, "warm", 0..8);
            pass(install, "cold", 8..16);
        },
    },
    Program {
        name: "two passes of 8 items, the second in one leaf",
        overlaps: false,
        share: 1,
        open: held,
        run: |install| {
            pass(install, "warm", 0..8);
            one_leaf(install, "cold", 8..16);
        },
    },
    Program {
        name: "two passes of 8 items, the first in one leaf",
        overlaps: false,
        share: 1,
        open: held,
        run: |install| {
            one_leaf(install, "warm", 0..8);
            pass(install, "cold", 8..16);
        },
    },
    Program {
        name: "a mix: 8 items in a pass, 24 in another",
        overlaps: true,
        share: 1,
        open: held,
        run: |install| {
            pass(install, "warm", 0..8);
            pass(install, "cold", 8..32);
        },
    },
    Program {
        name: "a mix: 8 items in a pass, then 24 passes of one",
        overlaps: false,
        share: 10,
        open: held,
        run: |install| {
            pass(install, "warm", 0..8);
            pass_per_slot(install, "cold", 8..32);
        },
    },
    Program {
        name: "a mix: 24 passes of one, then 8 items in a pass",
        overlaps: false,
        share: 10,
        open: held,
        run: |install| {
            pass_per_slot(install, "cold", 8..32);
            pass(install, "warm", 0..8);
        },
    },
    Program {
        name: "8 offloads in one join_all",
        overlaps: true,
        share: 1,
        open: limited,
        run: |install| {
            let links = (0..8).map(|slot| offload(move |lane| link_slot(lane, slot)));
            block_on(install.attach(join_all(links)));
        },
    },
    Program {
        name: "8 offloads awaited in a loop",
        overlaps: false,
        share: 10,
        open: shortly_limited,
        run: |install| {
            block_on(install.attach(async {
                for slot in 0..8 {
                    offload(move |lane| link_slot(lane, slot)).await;
                }
            }));
        },
    },
    Program {
        name: "attached: one pass of 8 items after the join",
        overlaps: true,
        share: 1,
        open: held,
        run: |install| {
            let handle = install.handle();
            block_on(handle.attach(async {
                join_all((0..8).map(std::future::ready)).await;
                pass(install, "cold", 0..8);
            }));
        },
    },
    Program {
        name: "attached, the bug: 8 futures in one join_all",
        overlaps: false,
        share: 10,
        open: held,
        run: |install| {
            let links = (0..8).map(|slot| async move { bare_link(slot) });
            block_on(install.attach(join_all(links)));
        },
    },
    Program {
        name: "a mix: 8 items in a pass, then the bug with 24",
        overlaps: false,
        share: 10,
        open: held,
        run: |install| {
            pass(install, "warm", 0..8);
            let links = (8..32).map(|slot| async move { bare_link(slot) });
            block_on(install.attach(join_all(links)));
        },
    },
    Program {
        name: "a mix: the bug with 24, then 8 items in a pass",
        overlaps: false,
        share: 10,
        open: held,
        run: |install| {
            let links = (8..32).map(|slot| async move { bare_link(slot) });
            block_on(install.attach(join_all(links)));
            pass(install, "warm", 0..8);
        },
    },
    Program {
        name: "process-wide: a bare par_iter over 8 items",
        overlaps: true,
        share: 10,
        open: wide,
        run: |_install| BARE.install(|| (0..8).into_par_iter().for_each(bare_link)),
    },
    Program {
        name: "process-wide: a loop over 8 items",
        overlaps: false,
        share: 10,
        open: shortly_wide,
        run: |_install| (0..8).for_each(bare_link),
    },
    Program {
        name: "futures: 8 in one join_all",
        overlaps: true,
        share: 1,
        open: held_futures,
        run: |install| _ = block_on(install.attach_exclusive(join_all((0..8).map(fetch)))),
    },
    Program {
        name: "futures: 8 awaited in a loop",
        overlaps: false,
        share: 1,
        open: held_futures,
        run: |install| {
            block_on(install.attach_exclusive(async {
                for slot in 0..8 {
                    fetch(slot).await;
                }
            }));
        },
    },
];

fn main() -> ExitCode {
    let arguments: Result<Vec<usize>, _> =
        std::env::args().skip(1).map(|argument| argument.parse()).collect();
    let (rounds, spinning, at_once) = match arguments.as_deref() {
        Ok([]) => (2000, Load::more_than_cores(), 1),
        Ok([rounds]) => (*rounds, Load::more_than_cores(), 1),
        Ok([rounds, spinning]) => (*rounds, *spinning, 1),
        Ok([rounds, spinning, at_once]) if *at_once > 0 => (*rounds, *spinning, *at_once),
        _ => {
            eprintln!(
                "usage: verdict [ROUNDS] [SPINNING_THREADS] [AT_ONCE], all of them whole numbers, the last from 1 on"
            );
            return ExitCode::from(2);
        }
    };
    let _load = Load::on(spinning);
    println!("{spinning} spinning threads, {at_once} rounds at once\n");
    println!("{:<48} {:>7} {:>6} {:>10} {:>10}", "program", "rounds", "wrong", "median", "longest");
    let wrong: usize =
        PROGRAMS.iter().map(|program| judge(program, (rounds / program.share).max(1), at_once)).sum();
    if wrong == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Runs a program and prints its line; returns how many of its verdicts were wrong.
fn judge(program: &Program, rounds: usize, at_once: usize) -> usize {
    let taken = AtomicUsize::new(0);
    let wrong = AtomicUsize::new(0);
    let make = || {
        let mut times = Vec::new();
        while taken.fetch_add(1, Ordering::Relaxed) < rounds {
            let began = Instant::now();
            let mut install = (program.open)().open();
            (program.run)(&mut install);
            let green = if install.reading("fetch").calls() > 0 {
                install.reading("fetch").check_in_flight(2).is_ok()
            } else {
                install.reading("link_slot").check_concurrent(2).is_ok()
            };
            wrong.fetch_add(usize::from(green != program.overlaps), Ordering::Relaxed);
            times.push(began.elapsed());
        }
        times
    };
    let mut times: Vec<Duration> = std::thread::scope(|threads| {
        let makers: Vec<_> = (0..at_once).map(|_| threads.spawn(make)).collect();
        makers.into_iter().flat_map(|maker| maker.join().expect("no round panics")).collect()
    });
    let wrong = wrong.into_inner();
    times.sort_unstable();
    let (median, longest) = (times[times.len() / 2], times[times.len() - 1]);
    println!("{:<48} {rounds:>7} {wrong:>6} {:>10} {:>10}", program.name, millis(median), millis(longest));
    wrong
}

fn millis(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1e3)
}
