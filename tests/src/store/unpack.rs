//! `unpack`: the files of a tarball, none of which lies outside of its package.

use crate::budget::make_room;
use flate2::read::GzDecoder;
use ssri::{Algorithm, Integrity, IntegrityOpts};
use std::collections::BTreeMap;
use std::io::{self, ErrorKind, Read};
use tar::{Archive, EntryType};

/// The most bytes that a package may have when it is unpacked. npm's largest have some hundreds of megabytes; what is
/// beyond this is a decompression bomb.
pub const MAX_UNPACKED: u64 = 1 << 30;

/// The most components of a path. Deeper ones can be made, and then not be removed by tools that hold a directory open for
/// each level.
const MAX_DEPTH: usize = 100;

/// A file in a tarball.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry<'tar> {
    /// Its path in the package, with `/`.
    pub path: String,
    /// What is in it.
    pub bytes: &'tar [u8],
    /// Whether it can be executed.
    pub executable: bool,
}

/// What is wrong with a tarball.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PackageFault {
    /// It is another one.
    #[error("its tarball is {found}, expected {expected}; if the registry is right, make the lockfile anew")]
    Integrity {
        /// What was asked for.
        expected: String,
        /// What came.
        found: String,
    },
    /// There is nothing strong enough to check it against.
    #[error("its integrity is {0} only, expected sha512")]
    WeakIntegrity(String),
    /// The compressed data is damaged.
    #[error("its tarball is no whole gzip file: {0}")]
    Gzip(String),
    /// The archive is damaged.
    #[error("its tarball is no whole tar archive: {0}")]
    Tar(String),
    /// It ends before it should: it was cut off on its way.
    #[error("its tarball was cut off: {0}; install again")]
    CutOff(String),
    /// It is larger than this many bytes.
    #[error("its tarball unpacks to more than {0} bytes")]
    TooLarge(u64),
    /// This machine has not so many bytes for it.
    #[error(
        "there is no memory for the {0} bytes that its tarball unpacks to; end other programs, or raise the limit on \
         memory (`ulimit -v`)"
    )]
    Memory(u64),
    /// There is nothing in it.
    #[error("its tarball holds no file")]
    Empty,
    /// A file does not belong into a package.
    #[error("its tarball holds `{}`, {why}", path.escape_debug())]
    File {
        /// As it is in the tarball.
        path: String,
        /// Why it does not.
        why: &'static str,
    },
}

impl PackageFault {
    /// Of a tarball that is not the one that was expected.
    pub(super) fn integrity(expected: &Integrity, tarball: &[u8]) -> Self {
        if let Some(why) = cut_off(tarball) {
            return PackageFault::CutOff(why);
        }
        let found = IntegrityOpts::new().algorithm(Algorithm::Sha512).chain(tarball).result();
        PackageFault::Integrity { expected: expected.to_string(), found: found.to_string() }
    }
}

/// What a tarball of these bytes says that it has when it is unpacked: the last four bytes of a gzip file. It may be wrong.
pub fn unpacked_size(tarball: &[u8]) -> u64 {
    /// No gzip file has more bytes for one of its own.
    const MOST: u64 = 1032;
    let length = tarball.len() as u64;
    let says = tarball.last_chunk().map_or(0, |last| u64::from(u32::from_le_bytes(*last)));
    says.clamp(length, length.saturating_mul(MOST)).min(MAX_UNPACKED)
}

/// Uncompresses a tarball.
///
/// # Errors
///
/// If it is no whole gzip file, or what is in it is too large for a package.
pub fn gunzip(tarball: &[u8]) -> Result<Vec<u8>, PackageFault> {
    match gunzip_within(unpacked_size(tarball), tarball) {
        Err(PackageFault::TooLarge(_)) => gunzip_within(MAX_UNPACKED, tarball),
        unpacked => unpacked,
    }
}

/// Uncompresses a tarball of up to so many bytes, and takes no more memory than that.
pub(super) fn gunzip_within(room: u64, tarball: &[u8]) -> Result<Vec<u8>, PackageFault> {
    let no_memory = || PackageFault::Memory(room);
    let mut unpacked = Vec::new();
    // What it says of itself, and so mostly all. Where it says too little, what is read makes the room that it needs.
    let size = usize::try_from(unpacked_size(tarball).min(room)).map_err(|_| no_memory())?;
    // A byte more, which is how more than that is noticed.
    make_room(&mut unpacked, size + 1).map_err(|_| no_memory())?;
    match GzDecoder::new(tarball).take(room.saturating_add(1)).read_to_end(&mut unpacked) {
        Ok(bytes) if bytes as u64 > room => Err(PackageFault::TooLarge(room)),
        Ok(_) => Ok(unpacked),
        Err(error) if error.kind() == ErrorKind::OutOfMemory => Err(no_memory()),
        Err(error) => Err(PackageFault::Gzip(error.to_string())),
    }
}

/// Whether, and where, a tarball ends before it should: it is empty, or a gzip file that goes on.
fn cut_off(tarball: &[u8]) -> Option<String> {
    const GZIP: [u8; 2] = [0x1f, 0x8b];
    let length = tarball.len();
    if length == 0 {
        return Some("nothing came".into());
    }
    let is_gzip = GZIP.starts_with(tarball) || tarball.starts_with(&GZIP);
    let read = io::copy(&mut GzDecoder::new(tarball).take(MAX_UNPACKED), &mut io::sink());
    let goes_on = read.is_err_and(|error| error.kind() == ErrorKind::UnexpectedEof);
    (is_gzip && goes_on).then(|| format!("{length} bytes came, and the tarball goes on"))
}

/// Reads a whole archive: its regular files, sorted by path. The first component of a path is dropped, as npm has it, which
/// is mostly `package`. Of two files of one path the later one counts.
///
/// # Errors
///
/// If the archive is damaged, is empty, or holds a file that is none (a symlink, a device), whose path leads out of the
/// package, or that is in the place of a directory of another one.
pub fn unpack(archive: &[u8]) -> Result<Vec<Entry<'_>>, PackageFault> {
    let damaged = |error: io::Error| PackageFault::Tar(error.to_string());
    let mut files = BTreeMap::new();
    for entry in Archive::new(archive).entries().map_err(damaged)? {
        let entry = entry.map_err(damaged)?;
        let raw = entry.path_bytes();
        let name = String::from_utf8_lossy(&raw).into_owned();
        let refused = |why| PackageFault::File { path: name.clone(), why };
        let path = std::str::from_utf8(&raw).map_err(|_| "whose path is no UTF-8").and_then(inside);
        let path = match (entry.header().entry_type(), path) {
            (EntryType::XGlobalHeader, _) | (EntryType::Directory, Ok(_)) => continue,
            (_, Err(why)) => return Err(refused(why)),
            (EntryType::Regular | EntryType::Continuous, Ok(path)) if path.is_empty() => {
                return Err(refused(
                    "which is in no directory: expected all files in one, such as `package`",
                ));
            }
            (EntryType::Regular | EntryType::Continuous, Ok(path)) => path,
            (EntryType::Symlink | EntryType::Link, Ok(_)) => {
                return Err(refused("which is a link: expected regular files only"));
            }
            (_, Ok(_)) => return Err(refused("which is no regular file")),
        };
        let begin = usize::try_from(entry.raw_file_position()).unwrap_or(usize::MAX);
        let end = begin.saturating_add(usize::try_from(entry.size()).unwrap_or(usize::MAX));
        let bytes =
            archive.get(begin..end).ok_or_else(|| PackageFault::Tar(format!("`{name}` is cut off")))?;
        let executable = entry.header().mode().map_err(damaged)? & 0o111 != 0;
        files.insert(path.clone(), Entry { path, bytes, executable });
    }
    if files.is_empty() {
        return Err(PackageFault::Empty);
    }
    for path in files.keys() {
        let parents = path.match_indices('/').map(|(end, _)| &path[..end]);
        if let Some(parent) = parents.into_iter().find(|parent| files.contains_key(*parent)) {
            return Err(PackageFault::File {
                path: parent.into(),
                why: "which is a file and a directory at once",
            });
        }
    }
    Ok(files.into_values().collect())
}

/// The path of an entry inside of its package: without the first component, and empty where there is no other.
fn inside(path: &str) -> Result<String, &'static str> {
    if path.starts_with('/') {
        return Err("whose path is absolute");
    }
    if path.contains('\\') {
        return Err("whose path has a backslash, which is a separator on Windows");
    }
    if path.contains(|c: char| c.is_control()) {
        return Err("whose path has a control character");
    }
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    if parts.contains(&"..") {
        return Err("whose path leads out of the package");
    }
    if parts.len() > MAX_DEPTH {
        return Err("whose path has too many directories");
    }
    let is_drive =
        |part: &&str| matches!(part.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic());
    if parts.iter().any(is_drive) {
        return Err("whose path names a drive of Windows");
    }
    Ok(parts.get(1..).unwrap_or_default().join("/"))
}
