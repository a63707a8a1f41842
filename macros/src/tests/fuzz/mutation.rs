//! `Mutation`: how an input that was valid once is broken, mostly so that it is still an item.

use rand::Rng;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;
use std::ops::Range;

const TOKENS: &str = include_str!("tokens.dict");

/// What is put into inputs.
pub(crate) struct Mutation {
    tokens: Vec<String>,
}

impl Mutation {
    /// Tokens as libFuzzer reads them: in quotes, with a backslash before a quote or a backslash.
    pub(crate) fn new() -> Self {
        let quoted = TOKENS.lines().filter_map(|line| line.strip_prefix('"')?.strip_suffix('"'));
        Mutation { tokens: quoted.map(|token| token.replace("\\\"", "\"").replace("\\\\", "\\")).collect() }
    }

    /// Breaks something, with a piece of another input perhaps.
    pub(crate) fn apply(&self, input: &mut Vec<u8>, other: &[u8], random: &mut ChaCha8Rng) {
        let place = range(random, input.len());
        match random.random_range(0..20) {
            0 | 1 => drop(input.drain(place)),
            2 => {
                let copied = input[place].to_vec();
                let at = random.random_range(0..=input.len());
                input.splice(at..at, copied);
            }
            3 => input.truncate(place.start),
            4 | 5 => drop(input.splice(place, other[range(random, other.len())].iter().copied())),
            6 if place.start < input.len() => input[place.start] = random.random(),
            7..10 => group(input, place.start, random),
            10..12 => {
                // An invisible group, as `macro_rules!` puts around what it was given.
                input.splice(place.end..place.end, "\\".bytes());
                input.splice(place.start..place.start, "`".bytes());
            }
            12 => {
                let many = self.token(random).repeat(random.random_range(1..300));
                input.splice(place.start..place.start, many);
            }
            13..17 => word(input, place.start, self.token(random)),
            _ => drop(input.splice(place.start..place.start, self.token(random).iter().copied())),
        }
    }

    fn token(&self, random: &mut ChaCha8Rng) -> &[u8] {
        self.tokens.choose(random).map_or(&[], String::as_bytes)
    }
}

/// A range of bytes, mostly a short one.
fn range(random: &mut ChaCha8Rng, length: usize) -> Range<usize> {
    let start = random.random_range(0..=length);
    let most = if random.random_ratio(1, 8) { length - start } else { (length - start).min(12) };
    start..start + random.random_range(0..=most)
}

/// The next word becomes a token.
fn word(input: &mut Vec<u8>, from: usize, token: &[u8]) {
    let is_word = |byte: u8| byte == b'_' || byte.is_ascii_alphanumeric();
    let Some(start) = (from..input.len()).find(|at| is_word(input[*at])) else { return };
    let length = input[start..].iter().take_while(|byte| is_word(**byte)).count();
    input.splice(start..start + length, token.iter().copied());
}

/// What is in the next brackets is there no more, or twice, or its brackets are others.
fn group(input: &mut Vec<u8>, from: usize, random: &mut ChaCha8Rng) {
    let is_open = |byte: u8| b"({[".contains(&byte);
    let Some(start) = (from..input.len()).find(|at| is_open(input[*at])) else { return };
    let mut depth = 0;
    let is_end = |at: &usize| {
        depth += i32::from(is_open(input[*at])) - i32::from(b")}]".contains(&input[*at]));
        depth == 0
    };
    let Some(end) = (start..input.len()).find(is_end) else { return };
    match random.random_range(0..3) {
        0 => drop(input.drain(start + 1..end)),
        1 => {
            let copied = input[start..=end].to_vec();
            input.splice(end + 1..=end, copied);
        }
        _ => input[start] = b"({["[random.random_range(0..3)],
    }
}
