//! Symlinks, as the system has them.

use std::fs;
use std::path::Path;

/// Makes a symlink, and the directory of a scope that it is in.
pub(super) fn make_symlink(target: &str, at: &Path) -> std::io::Result<()> {
    match symlink(target, at) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            fs::create_dir_all(at.parent().unwrap_or(at))?;
            symlink(target, at)
        }
        made => made,
    }
}

#[cfg(unix)]
fn symlink(target: &str, at: &Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(target, at)
}

/// Elsewhere a symlink needs a privilege; pnpm makes junctions, which this does not.
#[cfg(not(unix))]
fn symlink(_target: &str, _at: &Path) -> std::io::Result<()> {
    Err(std::io::ErrorKind::Unsupported.into())
}
