//! `make_executable`: the file of a command becomes one that can be run.

use std::fs::{self, File, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

/// What pnpm gives the file of a command, whatever it had.
const MODE: u32 = 0o755;

/// As much of a file as pnpm looks for the end of the first line in.
const HEAD: u64 = 2048;

/// Makes a file executable, and takes the carriage return away that ends its first line: with it the system looks for a program
/// of that name. It is what pnpm does (`fix-bin` of `bin-links`), but for one thing. A file of a slot is mostly a
/// hard link into the store, and pnpm changes the store's file with it. Here such a file is exchanged for a copy, which is
/// made in the directory `staging` and moved into its place in one step, so that the store's file, and every other project's, stays as it
/// was. A file that nobody shares is changed where it is.
///
/// # Errors
///
/// If the file system says no.
pub(super) fn make_executable(file: &Path, staging: Option<&Path>) -> io::Result<()> {
    let metadata = fs::metadata(file)?;
    let has_mode = metadata.permissions().mode() & 0o7777 == MODE;
    let carriage_return = find_carriage_return(file)?;
    let is_shared = metadata.nlink() > 1;
    if carriage_return.is_none() && has_mode {
        return Ok(());
    }
    if carriage_return.is_none() && (staging.is_none() || !is_shared) {
        return fs::set_permissions(file, Permissions::from_mode(MODE));
    }
    let mut bytes = fs::read(file)?;
    if let Some(at) = carriage_return {
        bytes.remove(at);
    }
    // Beside the file, if that is not in a slot: another place may be on another file system.
    let dir = staging.or(file.parent()).unwrap_or(Path::new("."));
    let mut copy = tempfile::Builder::new().prefix(".testbed-").tempfile_in(dir)?;
    copy.write_all(&bytes)?;
    copy.as_file().set_permissions(Permissions::from_mode(MODE))?;
    copy.persist(file).map(drop).map_err(|error| error.error)
}

/// Where the first line of a script ends with a carriage return.
fn find_carriage_return(file: &Path) -> io::Result<Option<usize>> {
    let mut head = Vec::new();
    File::open(file)?.take(HEAD).read_to_end(&mut head)?;
    let end = head.iter().position(|byte| *byte == b'\n');
    let at = end.and_then(|end| end.checked_sub(1)).filter(|at| *at > 2 && head[*at] == b'\r');
    Ok(at.filter(|_| head.starts_with(b"#!")))
}

#[cfg(test)]
mod tests {
    use super::make_executable;
    use std::fs;
    use std::os::unix::fs::{MetadataExt, PermissionsExt};

    #[test]
    fn a_file_of_the_store_stays_as_it_was() {
        for (before, after) in [
            ("#!/bin/sh\r\nx\r\n", "#!/bin/sh\nx\r\n"),
            ("#!/bin/sh\nx\r\n", "#!/bin/sh\nx\r\n"),
            ("#!\r\nx", "#!\r\nx"),
            ("x\r\n", "x\r\n"),
            ("", ""),
        ] {
            for is_shared in [false, true] {
                let dir = tempfile::tempdir().unwrap();
                let [file, stored, staging] = ["file", "stored", "staging"].map(|name| dir.path().join(name));
                fs::create_dir(&staging).unwrap();
                fs::write(&file, before).unwrap();
                fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
                if is_shared {
                    fs::hard_link(&file, &stored).unwrap();
                }
                for _ in 0..2 {
                    make_executable(&file, Some(&staging)).unwrap();
                    assert_eq!(fs::read_to_string(&file).unwrap(), after);
                    assert_eq!(fs::metadata(&file).unwrap().mode() & 0o7777, 0o755);
                }
                if is_shared {
                    assert_eq!(fs::read_to_string(&stored).unwrap(), before);
                    assert_eq!(fs::metadata(&stored).unwrap().mode() & 0o7777, 0o644);
                }
                assert_eq!(fs::read_dir(&staging).unwrap().count(), 0);
            }
        }
    }

    #[test]
    fn a_file_of_the_user_is_changed_where_it_is() {
        let dir = tempfile::tempdir().unwrap();
        let [file, other] = ["file", "other"].map(|name| dir.path().join(name));
        fs::write(&file, "#!/bin/sh\n").unwrap();
        fs::hard_link(&file, &other).unwrap();
        make_executable(&file, None).unwrap();
        assert_eq!(fs::metadata(&other).unwrap().mode() & 0o7777, 0o755);
        fs::write(&file, "#!/bin/sh\r\n").unwrap();
        make_executable(&file, None).unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "#!/bin/sh\n");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2);
        assert!(make_executable(&dir.path().join("none"), None).is_err());
    }
}
