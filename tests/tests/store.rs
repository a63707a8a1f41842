//! The store: what is put into it is what comes out, and what should not get in does not.

use flate2::Compression;
use flate2::write::GzEncoder;
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use ssri::{Algorithm, Integrity, IntegrityOpts};
use std::fs;
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Barrier};
use testbed::package::PackageId;
use testbed::store::{PackageFiles, Row, Store, StoreError};

/// An archive, entry by entry. The path of an entry is written as it is, so that it can be one that no honest tool writes.
#[derive(Default)]
struct Tarball(Vec<u8>);

impl Tarball {
    fn entry(self, path: &str, kind: tar::EntryType, mode: u32, bytes: &[u8]) -> Self {
        self.sized(path, kind, mode, bytes, bytes.len() as u64)
    }

    fn sized(mut self, path: &str, kind: tar::EntryType, mode: u32, bytes: &[u8], size: u64) -> Self {
        let mut header = tar::Header::new_ustar();
        header.as_old_mut().name[..path.len()].copy_from_slice(path.as_bytes());
        header.set_entry_type(kind);
        header.set_mode(mode);
        header.set_size(size);
        header.set_cksum();
        self.0.extend_from_slice(header.as_bytes());
        self.0.extend_from_slice(bytes);
        self.0.resize(self.0.len().next_multiple_of(512), 0);
        self
    }

    fn file(self, path: &str, bytes: &[u8]) -> Self {
        self.entry(path, tar::EntryType::Regular, 0o644, bytes)
    }

    fn unended(self) -> Vec<u8> {
        gzip(&self.0)
    }

    fn end(mut self) -> Vec<u8> {
        self.0.resize(self.0.len() + 1024, 0);
        gzip(&self.0)
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(bytes).unwrap();
    gzip.finish().unwrap()
}

fn sha512(bytes: &[u8]) -> Integrity {
    IntegrityOpts::new().algorithm(Algorithm::Sha512).chain(bytes).result()
}

fn id() -> PackageId {
    PackageId::parse("left-pad@1.3.0").unwrap()
}

fn add(store: &Store, tarball: &[u8]) -> Result<PackageFiles, StoreError> {
    store.add(&id(), &sha512(tarball), tarball)
}

/// The files below a directory.
fn files_below(dir: &Path) -> Vec<String> {
    let mut files = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            files.extend(files_below(&entry.path()));
        } else {
            files.push(entry.path().display().to_string());
        }
    }
    files
}

#[test]
fn what_is_added_is_there_once_with_its_permissions() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let tarball = Tarball::default()
        .file("package/package.json", b"{}")
        .entry("package/lib", tar::EntryType::Directory, 0o755, b"")
        .file("package/lib/a.js", b"same")
        .file("package/./lib//b.js", b"same")
        .file("package/b.js", b"first")
        .file("other/b.js", b"last")
        .entry("package/cli", tar::EntryType::Regular, 0o755, b"same")
        .end();
    let files = add(&store, &tarball).unwrap();
    let found: Vec<_> = files
        .files
        .iter()
        .map(|file| (file.path.as_str(), fs::read(store.content().path(file)).unwrap(), file.executable))
        .collect();
    let expected = [
        ("b.js", &b"last"[..], false),
        ("cli", b"same", true),
        ("lib/a.js", b"same", false),
        ("lib/b.js", b"same", false),
        ("package.json", b"{}", false),
    ];
    assert_eq!(found, expected.map(|(path, bytes, executable)| (path, bytes.to_vec(), executable)));
    // Four: `same` with and without the bit, `last` and `{}`.
    assert_eq!(files_below(&dir.path().join("v1/files")).len(), 4);
    assert!(
        files_below(&dir.path().join("v1/staging")).iter().all(|file| file.ends_with("/.testbed-scratch"))
    );
    assert_eq!(add(&store, &tarball).unwrap(), files, "again");
}

#[test]
fn a_file_that_was_cut_off_is_written_anew() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let tarball = Tarball::default().file("package/a.js", b"whole").end();
    let file = add(&store, &tarball).unwrap().files.remove(0);
    fs::write(store.content().path(&file), b"who").unwrap();
    add(&store, &tarball).unwrap();
    assert_eq!(fs::read(store.content().path(&file)).unwrap(), b"whole");
}

/// Each hostile tarball, what the message says of it, and its twin that is right.
#[test]
fn nothing_of_a_tarball_that_is_refused_is_stored() {
    use tar::EntryType::{Block, Fifo, Link, Regular, Symlink};
    let good = || Tarball::default().file("package/a.js", b"a");
    let whole = good().end();
    let cut_in_data = Tarball::default().sized("package/a.js", Regular, 0o644, b"a", 5000).unended();
    let mut damaged = Tarball::default().file("package/a.js", b"a");
    damaged.0[20] ^= 1;
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        ("up", good().file("package/../../evil", b"x").end(), "leads out of the package"),
        ("up in the first component", good().file("../evil", b"x").end(), "leads out of the package"),
        ("absolute", good().file("/etc/passwd", b"x").end(), "absolute"),
        ("drive", good().file("package/C:/evil", b"x").end(), "drive of Windows"),
        ("drive first", good().file("C:evil/x", b"x").end(), "drive of Windows"),
        ("backslash", good().file("package\\..\\evil", b"x").end(), "backslash"),
        ("share", good().file("\\\\host\\share\\x", b"x").end(), "backslash"),
        ("control character", good().file("package/a\nb", b"x").end(), "control character"),
        ("symlink", good().entry("package/link", Symlink, 0o777, b"").end(), "is a link"),
        ("hard link", good().entry("package/link", Link, 0o644, b"").end(), "is a link"),
        ("pipe", good().entry("package/pipe", Fifo, 0o644, b"").end(), "no regular file"),
        ("device", good().entry("package/device", Block, 0o644, b"").end(), "no regular file"),
        ("in no directory", good().file("stray", b"x").end(), "in no directory"),
        ("file and directory", good().file("package/a.js/b.js", b"x").end(), "a file and a directory"),
        ("without a file", gzip(&[0; 1024]), "no file"),
        ("nothing", gzip(b""), "no file"),
        ("no gzip", b"<html>404</html>".to_vec(), "no whole gzip file"),
        ("cut off gzip", whole[..whole.len() - 9].to_vec(), "no whole gzip file"),
        ("no tar", gzip(&[b'x'; 2048]), "no whole tar archive"),
        ("cut off tar", cut_in_data, "no whole tar archive"),
        ("damaged header", damaged.end(), "no whole tar archive"),
    ];
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    for (name, tarball, expected) in cases {
        let error = add(&store, &tarball).expect_err(name).to_string();
        assert!(error.starts_with("cannot store left-pad@1.3.0: "), "{name}: {error}");
        assert!(error.contains(expected), "{name}: {error}");
        assert_eq!(files_below(&dir.path().join("v1/files")), [""; 0], "{name}");
    }
    assert_eq!(add(&store, &whole).unwrap().files.len(), 1);
}

#[test]
fn a_path_may_be_long_and_not_too_deep() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    for (depth, is_taken) in [(99, true), (100, false), (5000, false)] {
        let mut archive = tar::Builder::new(Vec::new());
        let mut header = tar::Header::new_gnu();
        header.set_size(1);
        header.set_mode(0o644);
        let path = format!("package/{}x", "d/".repeat(depth - 1));
        archive.append_data(&mut header, path, &b"x"[..]).unwrap();
        let added = add(&store, &gzip(&archive.into_inner().unwrap()));
        match added {
            Ok(files) => assert!(is_taken && files.files[0].path.len() == 2 * depth - 1),
            Err(error) => assert!(!is_taken && error.to_string().contains("too many directories"), "{error}"),
        }
    }
}

#[test]
fn a_path_that_is_no_text_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let mut tarball = Tarball::default().file("package/a.js", b"a");
    tarball.0[8] = 0xff;
    let mut header = tar::Header::from_byte_slice(&tarball.0[..512]).clone();
    header.set_cksum();
    tarball.0[..512].copy_from_slice(header.as_bytes());
    assert!(add(&store, &tarball.end()).unwrap_err().to_string().contains("no UTF-8"));
}

#[test]
fn a_tarball_is_checked_before_it_is_looked_at() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let tarball = Tarball::default().file("package/a.js", b"a").end();
    let other = sha512(b"another");
    let error = store.add(&id(), &other, &tarball).unwrap_err().to_string();
    for part in ["left-pad@1.3.0", &other.to_string(), &sha512(&tarball).to_string()] {
        assert!(error.contains(part), "{error}");
    }
    let weak = IntegrityOpts::new().algorithm(Algorithm::Sha1).chain(&tarball).result();
    let error = store.add(&id(), &weak, &tarball).unwrap_err().to_string();
    assert!(error.contains("sha1 only, expected sha512"), "{error}");
    assert_eq!(files_below(&dir.path().join("v1/files")), [""; 0]);
}

fn row(number: usize) -> Row {
    Row {
        package: PackageId::parse(&format!("p{number}@1.0.0")).unwrap(),
        integrity: format!("sha512-{number}"),
        files: Arc::new(PackageFiles::default()),
    }
}

fn count(store: &Store, rows: &[Row]) -> usize {
    let mut reader = store.index().reader().unwrap();
    let wanted = rows.iter().map(|row| (&row.package, row.integrity.as_str()));
    reader.snapshot(wanted).unwrap().len()
}

#[test]
fn rows_are_seen_once_they_are_committed() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let rows: Vec<Row> = (0..1000).map(row).collect();
    let writer = store.index().writer().unwrap();
    let sender = writer.rows();
    for row in &rows {
        sender.send(row.clone());
    }
    writer.finish().unwrap();
    assert_eq!(count(&store, &rows), 1000);
    sender.send(row(1000));
    assert_eq!(count(&store, &[row(1000)]), 0, "after the end");

    let other_integrity = Row { integrity: "sha512-x".into(), ..row(1) };
    assert_eq!(
        count(&store, &[other_integrity]),
        0,
        "another tarball of the same version is another package"
    );

    store.index().retain(|package| package < "p5").unwrap();
    assert_eq!(
        count(&store, &rows),
        rows.iter().filter(|row| row.package.to_string().as_str() < "p5").count()
    );
}

/// What two installs do with one store, from the opening on.
#[test]
fn many_open_and_write_one_store_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let tarball = Tarball::default().file("package/a.js", b"a").end();
    (0..8_usize).into_par_iter().for_each(|writer| {
        let store = Store::open(dir.path()).unwrap();
        add(&store, &tarball).unwrap();
        let index = store.index().writer().unwrap();
        for number in 0..50 {
            index.rows().send(row(writer * 50 + number));
        }
        index.finish().unwrap();
    });
    let store = Store::open(dir.path()).unwrap();
    assert_eq!(count(&store, &(0..400).map(row).collect::<Vec<_>>()), 400);
    assert_eq!(files_below(&dir.path().join("v1/files")).len(), 1);
}

/// The first of many to open an index turns it into one with a log, and the last to close it takes the log away: whoever comes
/// amid either waits.
#[test]
fn an_index_is_opened_and_closed_by_many_at_once() {
    for _ in 0..40 {
        let dir = tempfile::tempdir().unwrap();
        let together = Barrier::new(4);
        std::thread::scope(|threads| {
            for writer in 0..4 {
                let (dir, together) = (dir.path(), &together);
                threads.spawn(move || {
                    together.wait();
                    for number in 0..4 {
                        let store = Store::open(dir).unwrap();
                        let index = store.index().writer().unwrap();
                        index.rows().send(row(writer * 4 + number));
                        index.finish().unwrap();
                        assert_eq!(count(&store, &[row(writer * 4 + number)]), 1);
                    }
                });
            }
        });
        let store = Store::open(dir.path()).unwrap();
        assert_eq!(count(&store, &(0..16).map(row).collect::<Vec<_>>()), 16);
    }
}

#[test]
fn an_index_that_is_none_is_named_and_said_what_to_do_about() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("v1")).unwrap();
    let index = dir.path().join("v1/index.db");
    fs::write(&index, "this is no database, and was never one. ".repeat(50)).unwrap();
    let error = Store::open(dir.path()).unwrap_err().to_string();
    assert!(error.contains(&index.display().to_string()) && error.contains("delete it"), "{error}");

    fs::remove_file(&index).unwrap();
    drop(Store::open(dir.path()).unwrap());
    let database = rusqlite::Connection::open(&index).unwrap();
    let store = Store::open(dir.path()).unwrap();
    for (number, (row, says)) in [
        ("'a text'", "Invalid column type"),
        ("x'00'", "the row of p1@1.0.0 cannot be read"),
        (
            r#"CAST('{"files":[{"path":"a","sha512":"x","size":1,"executable":false}]}' AS BLOB)"#,
            "is nowhere",
        ),
    ]
    .iter()
    .enumerate()
    {
        let row_of = self::row(number);
        let insert = format!("INSERT INTO packages VALUES ('sha512-{number}', 'p{number}@1.0.0', {row})");
        database.execute_batch(&insert).unwrap();
        let reader = store.index().reader().unwrap();
        let error = reader.get(&row_of.package, &row_of.integrity).unwrap_err().to_string();
        assert!(error.contains(says) && error.contains("delete it"), "{error}");
    }

    database.execute_batch("PRAGMA user_version = 7").unwrap();
    let error = Store::open(dir.path()).unwrap_err().to_string();
    assert!(error.contains("has layout 7, and this program knows 1"), "{error}");
}
