//! The models: the files of the runtime that threads meet in, compiled once more over loom and run in every order.
//!
//! `cargo test --release -p concurrency-probe-models` runs them with at most two preemptions an execution, in seconds, and
//! with `MODEL_PREEMPTIONS=3` before it, in a minute. What is run is the code of `runtime/src` itself, by path:
//! `gauge`, `board`, `name`, `site` and `hold` with its referee. Not loom's are rayon, for which `pool` stands in, and
//! the clock and the system, which say nothing here: time does not pass and every thread runs, so that a hold has to end
//! by what it was told. `context`, `entry` and `Scope` itself are outside: they hold a thread's own things, and `Arc`s.
//!
//! Each model has broken twins, in which a `fault` takes something from what the code stands on: the twin passes if
//! loom, or the model, finds it.

#![cfg(test)]

extern crate self as rayon;

#[path = "../../src/board.rs"]
#[allow(dead_code, reason = "a part of the runtime")]
mod board;
#[path = "../../src/gauge.rs"]
#[allow(dead_code, reason = "a part of the runtime")]
mod gauge;
#[path = "../../src/hold/mod.rs"]
#[allow(dead_code, reason = "a part of the runtime")]
mod hold;
#[path = "../../src/name.rs"]
#[allow(dead_code, reason = "a part of the runtime")]
mod name;
#[path = "../../src/site.rs"]
#[allow(dead_code, unreachable_pub, missing_debug_implementations, reason = "a part of the runtime")]
mod site;

mod fault;
mod memo;
mod models;
mod pool;
mod shared;
mod sync;
mod task;

use pool::{ThreadPool, spawn};

fn lock<T: ?Sized>(mutex: &sync::Mutex<T>) -> sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn warn(message: std::fmt::Arguments<'_>) {
    panic!("no model takes long enough for a warning: {message}");
}
