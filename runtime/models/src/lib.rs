//! The models: the files of the runtime that threads meet in, compiled once more over loom and run in every order.
//!
//! `cargo test --release -p concurrency-probe-models` runs them with at most two preemptions an execution, in seconds, and
//! with `MODEL_PREEMPTIONS=3` before it, in a minute. What is run is the code of `runtime/src` itself, by path:
//!
//! | models | what they run | what they show |
//! |---|---|---|
//! | `gauge` | `call::gauge` | no call is lost, and no peak, of threads and of futures |
//! | `board` | `call::board`, `call::name`, `open::turn` | one gauge a probe; no call of one scope in the next, of a process-wide one neither; one turn to be process-wide at a time |
//! | `registration` | `call::site`, `call::name`, `call::key` | a probe has one key and a key one probe; a name is one, whoever meets it first |
//! | `recorder` | `call::recorder` | a span is read whole or not at all, no two have one place, and a recorder goes on when all has ended |
//! | `hold` | `verdict::hold` with its referee and its roll call | who can meet does, and who is alone is let go: in a pass, by the ways into the scope, beside another hold, and when the scope closes |
//! | `futures` | `verdict::hold` with its held futures | they are let go when enough are in flight, when one that has the scope to itself can be woken by nobody else, or when the scope closes; one that is given up leaves nothing behind |
//!
//! `base` is loom's threads, locks and atomics. Not loom's are rayon, for which `pool` stands in, and the clock and the system, which
//! say nothing here: time does not pass and every thread runs, so that a hold has to end by what it was told. The `timekeeper` of
//! futures, which ends by time, is in no model. `context`, `entry`, `Scope` itself and all of `book` and `work` are outside: they hold a thread's own things, and
//! `Arc`s.
//!
//! Each model has broken twins, in which a `fault` takes something from what the code stands on: the twin passes if
//! loom, or the model, finds it.

#![cfg(test)]

extern crate self as rayon;

mod base;
mod call;
mod open;
mod verdict;

mod fault;
mod models;
mod pool;

use pool::{ThreadPool, current_thread_index, spawn};
