//! How often the verdict under `hold` is wrong, and how long it takes, while more threads spin than there are cores.
//!
//! `cargo run --release -p testbed --example verdict -- [ROUNDS] [SPINNING_THREADS] [AT_ONCE]`, 2,000, cores + 2 and 1 unless
//! told; `taskset -c 0` in front of it for one core. The last is how many rounds are made at once, each with a scope and a pool
//! of its own: beside many spinning threads a round mostly waits for a core, and a hundred thousand would take half a day.

use concurrency_probe::testing::with_lane;
use concurrency_probe::{Lane, Scope, concurrency_probe, must_run_parallel};
use rayon::iter::{IndexedParallelIterator, IntoParallelIterator};
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use testbed::load::Load;

#[concurrency_probe(scope = "install")]
#[must_run_parallel]
fn link_slot(lane: Lane<'_>, _slot: u32) {
    lane.join(|_lane| (), |_lane| ());
}

/// A program, whether it overlaps, and how many of the rounds it is given.
struct Program {
    name: &'static str,
    overlaps: bool,
    share: usize,
    run: fn(&mut Scope),
}

const PROGRAMS: [Program; 4] = [
    Program {
        name: "one pass of 8 items",
        overlaps: true,
        share: 1,
        run: |install| install.pass("cold").for_each(0..8, link_slot),
    },
    Program {
        name: "one pass of 8 items in one leaf",
        overlaps: false,
        share: 1,
        run: |install| install.pass("cold").for_each((0..8).into_par_iter().with_min_len(8), link_slot),
    },
    Program {
        name: "8 passes of one item",
        overlaps: false,
        share: 10,
        run: |install| (0..8).for_each(|slot| install.pass("cold").for_each([slot], link_slot)),
    },
    Program {
        name: "the bug: 8 futures in one join_all, by chances",
        overlaps: false,
        share: 1000,
        run: |install| {
            let links = (0..8).map(|slot| async move { with_lane(|lane| link_slot(lane, slot)) });
            futures::executor::block_on(install.attach(futures::future::join_all(links)));
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
            let mut install = Scope::builder("install").hold("link_slot", 2).open();
            (program.run)(&mut install);
            let green = install.reading("link_slot").check_concurrent(2).is_ok();
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
