//! `Bounded`: a file that is read up to a limit.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::Path;

/// A file that is read up to a limit, and refused if it has more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bounded {
    /// Its name in a message: `a report`.
    what: &'static str,
    /// The most bytes that it may have.
    limit: u64,
}

/// `gates.toml`: thousands of rules.
pub(crate) const CONFIG: Bounded = Bounded { what: "a configuration", limit: 1 << 20 };
/// What one run reports: a full timeline takes some 10 MiB of it.
pub(crate) const REPORT: Bounded = Bounded { what: "a report", limit: 64 << 20 };
/// A history: a session takes some kilobytes of it.
pub(crate) const HISTORY: Bounded = Bounded { what: "a history", limit: 64 << 20 };
/// All runs of a session, or hyperfine's export.
pub(crate) const RESULTS: Bounded = Bounded { what: "results", limit: 512 << 20 };

impl Bounded {
    /// Reads a file whole, unless it is too large.
    pub(crate) fn read(self, path: &Path) -> io::Result<Vec<u8>> {
        self.read_from(&mut File::open(path)?)
    }

    /// Reads the rest of an open file.
    pub(crate) fn read_from(self, file: &mut File) -> io::Result<Vec<u8>> {
        // The length of a regular file is known. A device has no length, and a file may grow while it is read.
        let length = file.metadata()?.len();
        if length > self.limit {
            return Err(self.too_large());
        }
        let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or_default());
        Read::by_ref(file).take(self.limit + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > self.limit { Err(self.too_large()) } else { Ok(bytes) }
    }

    /// Whether a file of this many bytes is read.
    pub(crate) fn holds(self, bytes: usize) -> bool {
        bytes as u64 <= self.limit
    }

    fn too_large(self) -> io::Error {
        let Bounded { what, limit } = self;
        let limit = if limit >> 20 > 0 { format!("{} MiB", limit >> 20) } else { format!("{limit} bytes") };
        io::Error::new(
            ErrorKind::FileTooLarge,
            format!("it is larger than {limit}, the most that {what} may have"),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::{Bounded, CONFIG};
    use std::path::Path;

    #[test]
    fn what_is_larger_than_the_limit_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        for (length, is_read) in [(0, true), (7, true), (8, true), (9, false), (1 << 40, false)] {
            // It has a length, and takes no room on the disk.
            std::fs::File::create(&path).unwrap().set_len(length).unwrap();
            let read = Bounded { what: "a test", limit: 8 }.read(&path);
            match read {
                Ok(bytes) => assert!(is_read && bytes.len() as u64 == length, "{length}"),
                Err(error) => {
                    assert!(!is_read, "{length}: {error}");
                    assert_eq!(error.to_string(), "it is larger than 8 bytes, the most that a test may have");
                }
            }
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_has_no_length_and_no_end_is_refused() {
        let error = CONFIG.read(Path::new("/dev/zero")).unwrap_err();
        assert_eq!(error.to_string(), "it is larger than 1 MiB, the most that a configuration may have");
    }
}
