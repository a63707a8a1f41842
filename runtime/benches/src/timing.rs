//! `Timing`: rows that are timed side by side.

use std::time::Duration;

/// Makes a number of calls and returns how long they took, without the set-up before them.
pub type Calls<'a> = Box<dyn FnMut(u64) -> Duration + 'a>;

/// How often each row is timed. The rows take turns, forwards and backwards, so that a machine that becomes slower slows down
/// all of them equally.
const ROUNDS: usize = 41;

/// Times rows side by side. Returns the median nanoseconds of a call for each row. The calls of each row take about the same time in a round.
pub fn side_by_side(rows: &mut [Calls<'_>]) -> Vec<f64> {
    let calls: Vec<u64> = rows.iter_mut().map(enough).collect();
    let mut times = vec![Vec::with_capacity(ROUNDS); rows.len()];
    for round in 0..ROUNDS {
        for at in 0..rows.len() {
            let at = if round % 2 == 0 { at } else { rows.len() - 1 - at };
            times[at].push(time(&mut rows[at], calls[at]));
        }
    }
    times.iter_mut().map(|times| median(times)).collect()
}

/// The median, in place.
pub fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// The number of calls that take half a millisecond, so that the cost of the clock does not matter.
fn enough(row: &mut Calls<'_>) -> u64 {
    let mut calls = 1;
    loop {
        let ns = time(row, calls) * calls as f64;
        if ns > 5e5 || calls >= 1 << 24 {
            return calls;
        }
        calls *= 2;
    }
}

fn time(row: &mut Calls<'_>, calls: u64) -> f64 {
    row(calls).as_nanos() as f64 / calls as f64
}
