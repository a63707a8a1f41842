//! `Made`: what an install made before its first package.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// The files and directories that an install made and that were not there before. They go again with it, unless it came as
/// far as to keep them: an install that is refused leaves a project as it was.
#[derive(Debug, Default)]
pub(super) struct Made {
    /// What is inside of another comes later.
    paths: Vec<PathBuf>,
    is_settled: AtomicBool,
}

impl Made {
    /// Takes note of what is going to be made, if it is not there.
    pub(super) fn note(&mut self, path: &Path) {
        let is_missing = fs::symlink_metadata(path).is_err_and(|error| error.kind() == ErrorKind::NotFound);
        if is_missing && !self.has(path) {
            self.paths.push(path.into());
        }
    }

    /// Whether it was made by this install.
    pub(super) fn has(&self, path: &Path) -> bool {
        self.paths.iter().any(|made| made == path)
    }

    /// Something worth keeping is in it. Relaxed, because it is read when all threads that install have ended.
    pub(super) fn keep(&self) {
        self.is_settled.store(true, Ordering::Relaxed);
    }

    /// Takes it all away, unless something is to be kept, or it was taken away before.
    pub(super) fn take_away(&self) {
        if self.is_settled.swap(true, Ordering::Relaxed) {
            return;
        }
        for path in self.paths.iter().rev() {
            // Of a directory only if it is empty: what others put into it meanwhile is theirs. What cannot be taken away is
            // there for the next install.
            let _ = fs::remove_file(path).or_else(|_| fs::remove_dir(path));
        }
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        self.take_away();
    }
}

#[cfg(test)]
mod tests {
    use super::Made;
    use std::fs;

    #[test]
    fn what_was_made_goes_and_nothing_else() {
        for (keep, others, expected) in [
            (false, false, &["there"][..]),
            (true, false, &["there", "there/a", "there/a/b"]),
            (false, true, &["there", "there/a", "there/a/other"]),
        ] {
            let dir = tempfile::tempdir().unwrap();
            let paths = ["there", "there/a", "there/a/b"].map(|path| dir.path().join(path));
            fs::create_dir(&paths[0]).unwrap();
            let mut made = Made::default();
            for path in &paths {
                made.note(path);
            }
            fs::create_dir(&paths[1]).unwrap();
            fs::write(&paths[2], "").unwrap();
            if others {
                fs::write(paths[1].join("other"), "").unwrap();
            }
            if keep {
                made.keep();
            }
            drop(made);
            let there = ["there", "there/a", "there/a/b", "there/a/other"];
            let there: Vec<_> = there.into_iter().filter(|path| dir.path().join(path).exists()).collect();
            assert_eq!(there, expected);
        }
    }
}
