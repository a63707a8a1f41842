//! Both attributes, with inputs that were valid once. They are always the same ones; `FUZZ_INPUTS=1000000` makes more of them.
//! Those that are guided by coverage are in `macros/fuzz/`, and ask for the same properties; `ARCHITECTURE.md` has the command.

mod growth;
mod mutation;
mod properties;
mod reader;

use mutation::Mutation;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::Path;

/// Valid inputs, by their names.
fn seeds() -> Vec<(String, Vec<u8>)> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/tests/fuzz/seeds");
    let entries = std::fs::read_dir(dir).unwrap();
    let mut seeds: Vec<_> = entries
        .map(|entry| {
            let entry = entry.unwrap();
            (entry.file_name().into_string().unwrap(), std::fs::read(entry.path()).unwrap())
        })
        .collect();
    seeds.sort();
    seeds
}

/// A stack as large as that of rustc.
fn on_a_stack_of_rustc(test: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(8 << 20).spawn(test).unwrap();
    if let Err(panic) = thread.join() {
        resume_unwind(panic);
    }
}

#[test]
fn seeds_are_valid() {
    for (name, input) in seeds() {
        let is_refused = ["other.txt", "declared.txt", "generator.txt", "stream.txt"].contains(&&*name);
        assert_eq!(properties::check(&input), !is_refused, "{name}");
    }
}

#[test]
fn both_attributes_keep_their_properties() {
    on_a_stack_of_rustc(|| {
        let inputs = std::env::var("FUZZ_INPUTS").map_or(3000, |inputs| inputs.parse().unwrap());
        let (seeds, mutation) = (seeds(), Mutation::new());
        let mut accepted = 0;
        for number in 0..inputs {
            let mut random = ChaCha8Rng::seed_from_u64(number);
            let (name, seed) = seeds.choose(&mut random).unwrap();
            let (_, other) = seeds.choose(&mut random).unwrap();
            let mut input = seed.clone();
            for _ in 0..random.random_range(1..5) {
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
        println!("{inputs} inputs, {accepted} of them accepted by an attribute");
        // If hardly any is valid, refusals are tested, and nothing behind them.
        assert!(accepted * 10 > inputs, "{accepted} of {inputs}");
    });
}
