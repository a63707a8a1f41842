//! What a pass costs in comparison with rayon alone, and what it costs under a hold.

use crate::rows::{Row, timed};
use crate::timing::Calls;
use concurrency_probe::{Scope, ScopeBuilder, concurrency_probe};
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use std::convert::Infallible;
use std::hint::black_box;
use std::time::{Duration, Instant};

/// The items of [`of_empty_items`].
pub const EMPTY_ITEMS: u32 = 100_000;

/// Items of ten microseconds.
pub fn of_short_items() -> Vec<Row> {
    over_rayon(2_000, || spin(Duration::from_micros(10)))
}

/// Items that do nothing.
pub fn of_empty_items() -> Vec<Row> {
    over_rayon(EMPTY_ITEMS, || _ = black_box(0))
}

/// Items of a hundred microseconds, in scopes with a pool of two threads. In each pass the hold is armed, and its calls meet.
pub fn under_a_hold() -> Vec<Row> {
    fn row(scope: ScopeBuilder) -> Calls<'static> {
        #[concurrency_probe(scope = "passes")]
        fn item() {
            spin(Duration::from_micros(100));
        }

        let mut scope = scope.threads(2).open();
        repeat(move || scope.pass("items").for_each(0..1_000, |_lane, _| item()))
    }
    timed(&mut [
        ("no hold", row(Scope::builder("passes"))),
        ("under a hold for 2", row(Scope::builder("passes").hold("item", 2))),
    ])
}

fn over_rayon(items: u32, work: fn()) -> Vec<Row> {
    let mut scope = Scope::open("passes");
    timed(&mut [
        (
            "rayon alone",
            repeat(move || {
                let done: Result<(), Infallible> = (0..items).into_par_iter().try_for_each(|_| {
                    work();
                    Ok(())
                });
                black_box(done).unwrap_or_else(|never| match never {});
            }),
        ),
        (
            "a pass",
            repeat(move || {
                let done: Result<(), Infallible> = scope.pass("items").try_for_each(0..items, |_lane, _| {
                    work();
                    Ok(())
                });
                black_box(done).unwrap_or_else(|never| match never {});
            }),
        ),
    ])
}

fn repeat<'a>(mut pass: impl FnMut() + 'a) -> Calls<'a> {
    Box::new(move |passes| {
        let began = Instant::now();
        (0..passes).for_each(|_| pass());
        began.elapsed()
    })
}

fn spin(time: Duration) {
    let began = Instant::now();
    while began.elapsed() < time {
        std::hint::spin_loop();
    }
}
