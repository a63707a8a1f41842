//! Rounds of everything at once, after which everything has to be at rest.
//!
//! `cargo run --release -p testbed --example soak -- [ROUNDS]`, 2,000 unless told. A round has scopes with pools of their own
//! and on the global one, passes, holds, drives, offloads and attached futures side by side, with panics, errors and
//! cancellations in between. At the end every count is at rest, no thread of a scope's pool is left, and as much memory is
//! taken as after the first rounds. The exit code is 1 if not.

mod rest;
mod rounds;
mod work;

use rest::{PATIENCE, Rest};
use std::process::ExitCode;
use std::time::Instant;

fn main() -> ExitCode {
    let rounds = match std::env::args().nth(1).map_or(Ok(2000), |n| n.parse::<usize>()) {
        Ok(rounds) => rounds,
        Err(error) => {
            eprintln!("usage: soak [ROUNDS]: {error}");
            return ExitCode::from(2);
        }
    };
    let began = Instant::now();
    let rest = rounds::soak(rounds, Rest::new(PATIENCE), work::round);
    println!("{rounds} rounds in {:.1?}, with some to warm up: {rest}", began.elapsed());
    for fault in rest.faults() {
        println!("NOT AT REST: {fault}");
    }
    if rest.faults().is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
