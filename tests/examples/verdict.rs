//! How often the verdict under `hold` is wrong, and how long it takes, while more threads spin than there are cores.
//!
//! `cargo run --release -p testbed --example verdict -- [ROUNDS] [SPINNING_THREADS]`, 2,000 and cores + 2 unless told;
//! `taskset -c 0` in front of it for one core.

use concurrency_probe::testing::with_lane;
use concurrency_probe::{Lane, Scope, concurrency_probe, must_run_parallel};
use rayon::iter::{IndexedParallelIterator, IntoParallelIterator};
use std::process::ExitCode;
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
    let mut arguments = std::env::args().skip(1).map(|argument| argument.parse::<usize>());
    let (rounds, spinning) = match (arguments.next(), arguments.next(), arguments.next()) {
        (None, ..) => (2000, Load::more_than_cores()),
        (Some(Ok(rounds)), None, _) => (rounds, Load::more_than_cores()),
        (Some(Ok(rounds)), Some(Ok(spinning)), None) => (rounds, spinning),
        _ => {
            eprintln!("usage: verdict [ROUNDS] [SPINNING_THREADS], both of them whole numbers");
            return ExitCode::from(2);
        }
    };
    let _load = Load::on(spinning);
    println!("{spinning} spinning threads\n");
    println!("{:<48} {:>7} {:>6} {:>10} {:>10}", "program", "rounds", "wrong", "median", "longest");
    let wrong: usize = PROGRAMS.iter().map(|program| judge(program, (rounds / program.share).max(1))).sum();
    if wrong == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Runs a program and prints its line; returns how many of its verdicts were wrong.
fn judge(program: &Program, rounds: usize) -> usize {
    let mut wrong = 0;
    let mut times: Vec<Duration> = (0..rounds)
        .map(|_| {
            let began = Instant::now();
            let mut install = Scope::builder("install").hold("link_slot", 2).open();
            (program.run)(&mut install);
            let green = install.reading("link_slot").check_concurrent(2).is_ok();
            wrong += usize::from(green != program.overlaps);
            began.elapsed()
        })
        .collect();
    times.sort_unstable();
    let (median, longest) = (times[times.len() / 2], times[times.len() - 1]);
    println!("{:<48} {rounds:>7} {wrong:>6} {:>10} {:>10}", program.name, millis(median), millis(longest));
    wrong
}

fn millis(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1e3)
}
