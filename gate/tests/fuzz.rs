//! Every reader, with inputs that were valid once. They are always the same ones; `FUZZ_INPUTS=1000000` makes more of them.
//! Those that are guided by coverage are in `fuzz/`, and ask for the same properties.

#[path = "fuzz/mutation.rs"]
mod mutation;
#[path = "fuzz/properties.rs"]
mod properties;

use concurrency_probe_gate::{Config, History, Metric, ReportLine, Results, Sum};
use mutation::Mutation;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::Path;

/// Valid inputs, by their names.
fn seeds() -> Vec<(String, Vec<u8>)> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/seeds");
    let mut seeds: Vec<_> = std::fs::read_dir(dir)
        .unwrap()
        .map(|entry| {
            let entry = entry.unwrap();
            (entry.file_name().into_string().unwrap(), std::fs::read(entry.path()).unwrap())
        })
        .collect();
    seeds.sort();
    seeds
}

#[test]
fn seeds_are_valid() {
    for (name, input) in seeds() {
        let path = Path::new(&name);
        let text = || std::str::from_utf8(&input).unwrap();
        match name.as_str() {
            "rules.toml" => assert_eq!(Config::parse(text(), path).unwrap().rules.len(), 11),
            "commands.json" => assert_eq!(Results::parse(&input, path).unwrap().targets().len(), 9),
            "failed.json" => assert!(Results::parse(&input, path).unwrap().failure.is_some()),
            "results.json" => assert_eq!(Results::parse(&input, path).unwrap().runs.len(), 3),
            "hyperfine.json" => assert_eq!(Results::parse(&input, path).unwrap().runs.len(), 4),
            "names.json" => assert_eq!(Results::parse(&input, path).unwrap().runs.len(), 2),
            "report.ndjson" => assert_eq!(ReportLine::parse(&input).unwrap().0.passes.len(), 2),
            "older.ndjson" => assert_eq!(ReportLine::parse(&input).unwrap().0.passes.len(), 1),
            "history.ndjson" => {
                let history = History::parse(&input, path).unwrap();
                assert_eq!((history.sessions.len(), history.cut), (3, vec![4]));
            }
            "metric.txt" => drop(text().parse::<Metric>().unwrap()),
            "sum.txt" => drop(text().parse::<Sum>().unwrap()),
            "judged.txt" => {
                let parts: Vec<_> = text().split("\n%%\n").collect();
                assert_eq!(Config::parse(parts[0], path).unwrap().rules.len(), 3);
                assert!(parts[1..].iter().all(|part| Results::parse(part.as_bytes(), path).is_ok()));
            }
            _ => {}
        }
        properties::check(&input);
    }
}

#[test]
fn every_reader_keeps_its_properties() {
    let inputs = std::env::var("FUZZ_INPUTS").map_or(4000, |inputs| inputs.parse().unwrap());
    let (seeds, mutation) = (seeds(), Mutation::new());
    let mut accepted = 0;
    for number in 0..inputs {
        let mut random = ChaCha8Rng::seed_from_u64(number);
        let (name, seed) = seeds.choose(&mut random).unwrap();
        let (_, other) = seeds.choose(&mut random).unwrap();
        let mut input = seed.clone();
        for _ in 0..random.random_range(1..4) {
            mutation.apply(&mut input, other, &mut random);
        }
        match catch_unwind(AssertUnwindSafe(|| properties::check(&input))) {
            Ok(is_accepted) => accepted += u64::from(is_accepted),
            Err(panic) => {
                println!("input {number}, from {name}:\n{}", String::from_utf8_lossy(&input));
                resume_unwind(panic);
            }
        }
    }
    println!("{inputs} inputs, {accepted} of them accepted by a reader");
    // If hardly any is valid, readers are tested, and nothing behind them.
    assert!(accepted * 10 > inputs, "{accepted} of {inputs}");
}
