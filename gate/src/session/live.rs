//! What a program that hangs was doing: the file that it rewrites while it runs.

use std::path::Path;

/// A sentence for each probe that calls are inside of.
pub(super) fn sentences(_path: &Path) -> Vec<String> {
    Vec::new()
}
