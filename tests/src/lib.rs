//! What concurrency-probe is tried on: a small package installer, its registry and resolution server, and the benchmark
//! that runs them.
//!
//! The installer is a miniature of the one whose bug this project is about, and faithful where that matters. Read
//! [`install`] first: it is the example of how to use the library. `README.md` beside this crate shows the rest.

pub mod bench;
pub mod budget;
pub mod cli;
pub mod install;
pub mod load;
pub mod lockfile;
pub mod net;
pub mod package;
pub mod registry;
pub mod resolution_server;
pub mod resolver;
pub mod scratch;
pub mod signal;
pub mod store;
