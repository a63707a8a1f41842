//! The first real run: hard-links packages into a fresh virtual store, in parallel and probed.
//!
//! ```text
//! cargo run --release --example link                    # this machine's own Cargo registry sources
//! cargo run --release --example link -- node_modules    # or the package directories under any other directory
//! cargo run --release --example link -- --serialized    # the same work with the bug: see the assertion fail
//! ```
//!
//! Where to read what: [`slot`] holds the marked and probed `link_slot` and the one pass that may call it,
//! [`serialized`] the bug, [`install`] the scope with its phases and counts, [`table`] what is read from its report.

mod args;
mod checksum;
mod error;
mod install;
mod interrupt;
mod package;
mod serialized;
mod slot;
mod source;
mod staging;
mod store;
mod table;
mod tally;

use args::Args;
use clap::Parser;
use std::io::Write;
use std::process::ExitCode;

fn main() -> ExitCode {
    match install::run(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Does not panic if standard error is closed.
            let _ = writeln!(std::io::stderr(), "error: {error}");
            error.exit_code()
        }
    }
}
