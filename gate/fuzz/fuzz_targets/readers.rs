//! Every reader, guided by coverage. What is asked for is in `tests/fuzz/properties.rs`; half of the inputs are broken as those
//! of the bounded test are, the other half in libFuzzer's ways.
#![no_main]

#[path = "../../tests/fuzz/mutation.rs"]
mod mutation;
#[path = "../../tests/fuzz/properties.rs"]
mod properties;

use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};
use mutation::Mutation;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use std::sync::LazyLock;

static MUTATION: LazyLock<Mutation> = LazyLock::new(Mutation::new);

fuzz_target!(|input: &[u8]| {
    properties::check(input);
});

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    if seed.is_multiple_of(2) {
        return fuzzer_mutate(data, size, max_size);
    }
    let mut input = data[..size].to_vec();
    MUTATION.apply(&mut input, &data[..size], &mut ChaCha8Rng::seed_from_u64(seed.into()));
    let size = input.len().min(max_size);
    data[..size].copy_from_slice(&input[..size]);
    size
});
