//! `probe-gate init`.

use super::print;
use concurrency_probe_gate::EXAMPLE;
use std::error::Error;
use std::io::{ErrorKind, Write};
use std::path::Path;
use std::process::ExitCode;

/// Writes a configuration to begin with.
pub(super) fn init(file: &Path) -> Result<ExitCode, Box<dyn Error>> {
    let made = std::fs::File::options().write(true).create_new(true).open(file);
    made.and_then(|mut file| file.write_all(EXAMPLE.as_bytes())).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => format!("{} exists: name another file", file.display()),
        _ => format!("cannot write {}: {error}", file.display()),
    })?;
    print(&format!("wrote {}; `probe-gate explain {0}` says what it asks for\n", file.display()))?;
    Ok(ExitCode::SUCCESS)
}
