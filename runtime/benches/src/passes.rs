//! What a pass costs over rayon alone.

use crate::timing::{Calls, side_by_side};
use concurrency_probe::Scope;
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use std::convert::Infallible;
use std::hint::black_box;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Items of ten microseconds: how many times as long the pass takes; and of none: the nanoseconds that an item costs more.
pub fn over_rayon() -> (f64, f64) {
    let [bare, pass] = pair(2_000, || {
        let began = Instant::now();
        while began.elapsed() < Duration::from_micros(10) {
            std::hint::spin_loop();
        }
    });
    let [bare_empty, pass_empty] = pair(100_000, || _ = black_box(0));
    (pass / bare, (pass_empty - bare_empty) / 100_000.0)
}

fn pair(items: u32, work: fn()) -> [f64; 2] {
    let scope = Mutex::new(Scope::open("passes"));
    let mut rows: Vec<Calls<'_>> = vec![
        Box::new(move |calls| {
            let began = Instant::now();
            for _ in 0..calls {
                let done: Result<(), Infallible> = (0..items).into_par_iter().try_for_each(|_| {
                    work();
                    Ok(())
                });
                black_box(done).unwrap_or_else(|never| match never {});
            }
            began.elapsed()
        }),
        Box::new(|calls| {
            let began = Instant::now();
            for _ in 0..calls {
                let mut scope = scope.lock().expect("nobody panics");
                let done: Result<(), Infallible> = scope.pass("items").try_for_each(0..items, |_lane, _| {
                    work();
                    Ok(())
                });
                black_box(done).unwrap_or_else(|never| match never {});
            }
            began.elapsed()
        }),
    ];
    let times = side_by_side(&mut rows);
    [times[0], times[1]]
}
