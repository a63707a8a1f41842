//! Prints what a gate catches, by which rules, each of them alone; how often it is wrong, and how small a change it sees.
//!
//! `cargo run --release -p concurrency-probe-gate --example catches`. It fails if something is not caught.

mod benchmark;
mod breakages;
mod noise;
mod power;
#[cfg(unix)]
mod sessions;

use benchmark::benchmark;
use breakages::{BREAKAGES, INVALID_REPORTS, InvalidReport, config, judge_alone};
use concurrency_probe_gate::{ReportLine, Verdict, judge};
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut missed = 0;
    println!("| what is broken | caught by, each alone | what the first of them says |");
    println!("|---|---|---|");
    for breakage in BREAKAGES {
        let results = (breakage.results)();
        let judgements: Vec<_> =
            config().rules.iter().map(|rule| judge_alone(&rule.name, &results)).collect();
        let caught: Vec<_> = judgements.iter().filter(|judged| judged.verdict != Verdict::Holds).collect();
        let names: Vec<_> =
            caught.iter().map(|judged| format!("{} ({})", judged.rule, judged.verdict)).collect();
        let says = caught.first().map_or("nothing", |judged| &judged.found);
        println!("| {} | {} | {says} |", breakage.name, names.join(", "));
        if caught.iter().map(|judged| judged.rule.as_str()).ne(breakage.rules.iter().copied()) {
            println!("\nNOT AS IT MUST BE: expected {}\n", breakage.rules.join(", "));
            missed += 1;
        }
    }
    for InvalidReport { name, text } in INVALID_REPORTS {
        if let Err(error) = ReportLine::parse(text().as_bytes()) {
            println!("| {name} | no rule: it never becomes a number (exit 2) | it left {error} |");
        } else {
            println!("\nNOT AS IT MUST BE: {name} is taken for a report\n");
            missed += 1;
        }
    }
    #[cfg(unix)]
    match sessions::program() {
        Ok(program) => {
            for session in sessions::SESSIONS {
                match session.run(&program) {
                    Ok(says) => println!("| {} | the session | {says} |", session.name),
                    Err(why) => {
                        println!("\nNOT AS IT MUST BE: {}: {why}\n", session.name);
                        missed += 1;
                    }
                }
            }
        }
        Err(why) => {
            println!("\nNOT AS IT MUST BE: {why}\n");
            missed += 1;
        }
    }
    let passed = (0..200)
        .filter(|seed| {
            let judgements = judge(&config(), &benchmark(0.6, 10, *seed), None);
            judgements.iter().all(|judged| judged.verdict == Verdict::Holds)
        })
        .count();
    println!("\nhonest benchmarks that pass: {passed} of 200\n");
    power::print();
    if missed == 0 && passed == 200 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
