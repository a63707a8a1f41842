//! Both attributes, guided by coverage. What is asked for is in `src/tests/fuzz/properties.rs`; half of the inputs are broken as
//! those of the bounded test are, the other half in libFuzzer's ways.
//!
//! A crate of macros exports nothing else, so its sources are taken in here once more, at the places that they know.
#![no_main]

#[path = "../../src/args.rs"]
mod args;
#[path = "../../src/body.rs"]
mod body;
#[path = "../../src/early_return.rs"]
mod early_return;
#[path = "../../src/expand.rs"]
mod expand;
#[path = "../../src/impl_block.rs"]
mod impl_block;
#[path = "../../src/item.rs"]
mod item;
#[path = "../../src/marker.rs"]
mod marker;
#[path = "../../src/polls.rs"]
mod polls;
#[path = "../../src/probe.rs"]
mod probe;
#[path = "../../src/returns_future.rs"]
mod returns_future;
#[path = "../../src/tail.rs"]
mod tail;
#[path = "../../src/tokens.rs"]
mod tokens;

#[path = "../../src/tests/fuzz/mutation.rs"]
mod mutation;
#[path = "../../src/tests/fuzz/properties.rs"]
mod properties;
#[path = "../../src/tests/fuzz/reader.rs"]
mod reader;

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
