//! `Mutation`: how an input that was valid once is broken, mostly so that it is still read. It knows brackets, strings and
//! numbers, which TOML and JSON write alike.

use rand::Rng;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;
use std::ops::Range;

const TOKENS: &str = include_str!("tokens.dict");

/// What is put into inputs.
pub(crate) struct Mutation {
    /// Anything.
    tokens: Vec<Vec<u8>>,
    /// Those that are a number at some limit.
    numbers: Vec<Vec<u8>>,
}

impl Mutation {
    /// Tokens as libFuzzer reads them: in quotes, with a backslash before a quote or a backslash.
    pub(crate) fn new() -> Self {
        let quoted = TOKENS.lines().filter_map(|line| line.strip_prefix('"')?.strip_suffix('"'));
        let tokens: Vec<Vec<u8>> =
            quoted.map(|token| token.replace("\\\"", "\"").replace("\\\\", "\\").into_bytes()).collect();
        let is_number =
            |token: &&Vec<u8>| token.iter().all(|byte| byte.is_ascii_digit() || b"-.e".contains(byte));
        let numbers = tokens.iter().filter(is_number).cloned().collect();
        Mutation { tokens, numbers }
    }

    /// Breaks something, with a piece of another input perhaps.
    pub(crate) fn apply(&self, input: &mut Vec<u8>, other: &[u8], random: &mut ChaCha8Rng) {
        let place = range(random, input.len());
        match random.random_range(0..16) {
            0 => drop(input.drain(place)),
            1 => {
                let copied = input[place].to_vec();
                let at = random.random_range(0..=input.len());
                input.splice(at..at, copied);
            }
            2 => input.truncate(place.start),
            3 => drop(input.splice(place, other[range(random, other.len())].iter().copied())),
            4 if place.start < input.len() => input[place.start] = random.random(),
            5..9 => self.numbers(input, place.start, random),
            9..12 => self.string(input, place.start, random),
            12..15 => group(input, place.start, random),
            _ => drop(input.splice(place.start..place.start, self.token(random).iter().copied())),
        }
    }

    fn token(&self, random: &mut ChaCha8Rng) -> &[u8] {
        self.tokens.choose(random).map_or(&[], Vec::as_slice)
    }

    /// The next numbers become one at which something may overflow.
    fn numbers(&self, input: &mut Vec<u8>, mut from: usize, random: &mut ChaCha8Rng) {
        let Some(number) = self.numbers.choose(random) else { return };
        for _ in 0..random.random_range(1..5) {
            let Some(start) = (from..input.len()).find(|at| input[*at].is_ascii_digit()) else { return };
            let length = input[start..].iter().take_while(|byte| byte.is_ascii_digit()).count();
            input.splice(start..start + length, number.iter().copied());
            from = start + number.len();
        }
    }

    /// The next string gets a token, or becomes one.
    fn string(&self, input: &mut Vec<u8>, from: usize, random: &mut ChaCha8Rng) {
        let quote = |from: usize, input: &[u8]| (from..input.len()).find(|at| input[*at] == b'"');
        let Some(start) = quote(from, input).map(|quote| quote + 1) else { return };
        let Some(end) = quote(start, input) else { return };
        let end = if random.random() { end } else { start };
        input.splice(start..end, self.token(random).iter().copied());
    }
}

/// A range of bytes, mostly a short one.
fn range(random: &mut ChaCha8Rng, length: usize) -> Range<usize> {
    let start = random.random_range(0..=length);
    let most = if random.random_ratio(1, 8) { length - start } else { (length - start).min(12) };
    start..start + random.random_range(0..=most)
}

/// What is in the next brackets is there no more, or twice. Once in three times they are among the first ones, which hold the rest.
fn group(input: &mut Vec<u8>, from: usize, random: &mut ChaCha8Rng) {
    let is_open = |at: &usize| b"[{".contains(&input[*at]);
    let from = if random.random_ratio(1, 3) { random.random_range(0..=from.min(40)) } else { from };
    let Some(start) = (from..input.len()).find(is_open) else { return };
    let mut depth = 0;
    let is_end = |at: &usize| {
        depth += i32::from(b"[{".contains(&input[*at])) - i32::from(b"]}".contains(&input[*at]));
        depth == 0
    };
    let Some(end) = (start..input.len()).find(is_end) else { return };
    if random.random() {
        input.drain(start + 1..end);
    } else {
        let copied = [b",", &input[start..=end]].concat();
        let after = end + 1;
        input.splice(after..after, copied);
    }
}
