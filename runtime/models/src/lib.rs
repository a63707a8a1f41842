//! The models: the files of the runtime in which threads meet, compiled with loom and run in every order of threads.
//!
//! `cargo test --release -p concurrency-probe-models` runs them with at most two preemptions an execution, in seconds. With
//! `MODEL_PREEMPTIONS=3` they take a minute. They include the code of `runtime/src` itself, by path:
//!
//! | models | what they run | what they show |
//! |---|---|---|
//! | `gauge` | `call::gauge` | no call and no peak is lost, for threads and for futures |
//! | `board` | `call::board`, `call::name`, `open::turn` | a probe has one gauge; no call of one scope is counted in the next, also if it is process-wide; one scope has the turn at a time |
//! | `registration` | `call::site`, `call::name`, `call::key` | a probe has one key and a key one probe; a name is one node, whichever thread registers it first |
//! | `recorder` | `call::recorder` | a span is read whole or not at all; no two spans have one place; a recorder goes to the next scope when all spans have ended |
//! | `hold` | `verdict::hold` with its referee and its roll call | calls that can meet do meet, and the wait of a lone call ends: in a pass, by the ways into the scope, beside another hold, and when the scope closes |
//! | `futures` | `verdict::hold` with its held futures | their waits end when enough futures are in flight, when only the hold can wake a future that has the scope exclusively, or when the scope closes; a future that is dropped leaves nothing behind |
//!
//! `base` has the threads, locks and atomics of loom. `pool` replaces rayon. The clock and the operating system are replaced too: no time
//! passes, and every thread runs. So a hold must end by what it is told. The `timekeeper` of futures ends waits by time, and is in no
//! model. `context`, `entry`, `Scope` itself and all of `book` and `work` are in no model, because they use thread-local state and
//! `Arc`s.
//!
//! Each model has broken twins. In a twin a `fault` weakens an operation that the code depends on. The twin passes if
//! loom, or the model, finds the fault.

#![cfg(test)]
#![allow(unexpected_cfgs, reason = "features are those of the runtime, whose files are compiled here")]

extern crate self as rayon;

mod base;
mod call;
mod open;
mod verdict;

mod fault;
mod models;
mod pool;

use pool::{ThreadPool, current_thread_index, spawn};
