//! `Out`: where a benchmark writes, one at a time.

use super::BenchError;
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

/// The directory of a benchmark's reports and gates. No other benchmark writes to it while this is there: the lines of two in one file would be
/// neither's.
#[derive(Debug)]
pub struct Out {
    dir: PathBuf,
    /// Locked as long as it is open. Its file stays: one that was removed could be locked by two.
    _lock: File,
}

impl Out {
    /// Makes the directory, and takes it for this benchmark.
    ///
    /// # Errors
    ///
    /// If it cannot be written, or another benchmark has it.
    pub fn take(dir: &Path) -> Result<Self, BenchError> {
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |source| BenchError::Write { path, source }
        };
        fs::create_dir_all(dir).map_err(failed(dir))?;
        let path = dir.join("testbed.lock");
        // Windows locks no file that is open to be appended to alone.
        let lock = File::options().read(true).create(true).append(true).open(&path).map_err(failed(&path))?;
        match lock.try_lock() {
            Ok(()) => Ok(Out { dir: dir.into(), _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(BenchError::Busy(dir.into())),
            Err(TryLockError::Error(source)) => Err(failed(&path)(source)),
        }
    }

    /// The directory.
    pub fn dir(&self) -> &Path {
        &self.dir
    }
}

#[cfg(test)]
mod tests {
    use super::Out;

    #[test]
    fn a_directory_has_one_benchmark_at_a_time() {
        let dir = tempfile::tempdir().unwrap();
        let one = Out::take(&dir.path().join("out")).unwrap();
        let error = Out::take(one.dir()).unwrap_err().to_string();
        assert!(error.starts_with("another benchmark writes to ") && error.contains("--out"), "{error}");
        let dir = one.dir().to_owned();
        drop(one);
        Out::take(&dir).unwrap();
    }
}
