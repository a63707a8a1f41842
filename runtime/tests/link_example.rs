//! The example `link`, as a person runs it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

/// Runs the example.
fn link(args: &[&str]) -> Run {
    let output = Command::new(example()).args(args).env_remove("CONCURRENCY_PROBE_REPORT").output();
    Run::new(&output.expect("the example is executable"))
}

/// The example beside this test: `target/<profile>/examples/link` beside `target/<profile>/deps/link_example-*`.
/// `cargo test` builds it, `cargo test --test link_example` does not: it must not be older than its source.
fn example() -> PathBuf {
    let test = std::env::current_exe().expect("a test knows its own path");
    let profile = test.ancestors().nth(2).expect("a test is in target/<profile>/deps");
    let example = profile.join("examples").join(format!("link{}", std::env::consts::EXE_SUFFIX));
    let changed = |path: &Path| path.metadata().and_then(|metadata| metadata.modified()).ok();
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/link");
    let newest = names(&sources).iter().filter_map(|name| changed(&sources.join(name))).max();
    assert!(
        changed(&example) >= newest,
        "{} is not up to date: run `cargo build --example link`",
        example.display()
    );
    example
}

/// What a run of the example printed and how it exited.
#[derive(Debug)]
struct Run {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Run {
    fn new(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("the example prints UTF-8");
        Run { code: output.status.code(), stdout: text(&output.stdout), stderr: text(&output.stderr) }
    }

    /// The cells of a row of the table.
    fn row(&self, name: &str) -> Vec<&str> {
        let row = self.stdout.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        row.unwrap_or_else(|| panic!("no row `{name}`: {self:?}")).split_whitespace().collect()
    }

    #[track_caller]
    fn assert_fails(&self, words: &[&str]) {
        assert_eq!((self.code, self.stdout.as_str()), (Some(1), ""), "{self:?}");
        assert_eq!(self.stderr.lines().count(), 1, "one sentence: {self:?}");
        assert!(self.stderr.starts_with("error: "), "{self:?}");
        for word in words {
            assert!(self.stderr.contains(word), "`{word}`: {self:?}");
        }
    }
}

/// A directory to work in. It has four packages, each with 20 files and one file in a deep directory.
struct Bench(TempDir);

impl Bench {
    const PACKAGES: [&str; 4] = ["a-1.0.0", "b-1.0.0", "c-1.0.0", "d-1.0.0"];

    fn new() -> Self {
        let bench = Bench(tempfile::tempdir().unwrap());
        for name in Self::PACKAGES {
            let package = bench.package(name);
            fs::create_dir_all(package.join("src/deep")).unwrap();
            fs::write(package.join("src/deep/lib.rs"), name).unwrap();
            for file in 0..20 {
                fs::write(package.join(format!("src/{file}.rs")), "0123456789").unwrap();
            }
        }
        // These two are not packages.
        fs::write(bench.path("packages/README.md"), "not a package").unwrap();
        bench
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        self.path(name).to_str().expect("a temporary directory has a plain name").to_owned()
    }

    fn packages(&self) -> String {
        self.text("packages")
    }

    fn package(&self, name: &str) -> PathBuf {
        self.path("packages").join(name)
    }
}

/// The names in a directory, sorted.
fn names(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).unwrap_or_else(|error| panic!("{}: {error}", dir.display()));
    let mut names: Vec<_> =
        entries.map(|entry| entry.unwrap().file_name().into_string().expect("a plain name")).collect();
    names.sort_unstable();
    names
}

/// Asserts that a slot has the same content as its package.
#[track_caller]
fn assert_same(package: &Path, slot: &Path) {
    assert_eq!(names(package), names(slot), "{}", slot.display());
    for name in names(package) {
        let (from, to) = (package.join(&name), slot.join(&name));
        if from.is_symlink() {
            assert_eq!(fs::read_link(&from).unwrap(), fs::read_link(&to).unwrap(), "{}", to.display());
        } else if from.is_dir() {
            assert_same(&from, &to);
        } else {
            assert_eq!(fs::read(&from).unwrap(), fs::read(&to).unwrap(), "{}", to.display());
        }
    }
}

#[test]
fn links_every_package_and_prints_the_table() {
    let bench = Bench::new();
    let run = link(&[&bench.packages(), "--out", &bench.text("store"), "--threads", "3"]);

    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{run:?}");
    assert_eq!(run.row("packages"), ["1", "3", "4"]);
    assert_eq!(run.row("files"), ["21", "63", "84"]);
    assert_eq!(run.row("threads"), ["3"]);
    assert_eq!(run.row("effective parallelism").len(), 3);
    let peak: usize = run.row("max_concurrent")[0].parse().unwrap();
    assert!((1..=3).contains(&peak), "{run:?}");
    for phase in ["read_packages", "link_warm", "link_cold"] {
        assert_eq!(run.row(phase)[1], "ms");
    }
    assert!(!run.stdout.contains(['\x1b', '\r']), "a progress bar in a pipe: {run:?}");

    assert_eq!(names(&bench.path("store")), Bench::PACKAGES);
    for name in Bench::PACKAGES {
        assert_same(&bench.package(name), &bench.path("store").join(name));
    }
}

#[test]
fn warm_and_cold_are_all_packages_at_any_share() {
    let bench = Bench::new();
    for (share, expected) in [("0", ["0", "4", "4"]), ("50", ["2", "2", "4"]), ("100", ["4", "0", "4"])] {
        let run = link(&[&bench.packages(), "--warm", share]);
        assert_eq!(run.row("packages"), expected, "{run:?}");
    }
}

#[test]
fn a_temporary_store_is_removed_unless_it_is_kept() {
    let bench = Bench::new();
    let store = |run: &Run| {
        let line = run.stdout.lines().next().unwrap().strip_prefix("store: ").unwrap().to_owned();
        PathBuf::from(line.trim_end_matches(" (temporary, removed now)"))
    };

    assert!(!store(&link(&[&bench.packages()])).exists());

    let kept = store(&link(&[&bench.packages(), "--keep"]));
    assert_eq!(names(&kept), Bench::PACKAGES);
    fs::remove_dir_all(kept).unwrap();
}

#[test]
fn serialized_shows_the_message_of_the_assertion() {
    let bench = Bench::new();
    let run = link(&[&bench.packages(), "--serialized", "--threads", "2"]);

    assert_eq!(run.code, Some(1), "{run:?}");
    assert_eq!(run.row("max_concurrent"), ["1"]);
    let message = "error: `link_slot` never ran on 2 threads at once in scope `install` (opened at ";
    assert!(run.stderr.contains(message), "{run:?}");
    assert!(run.stderr.contains("outside of any pass: 4 calls, max_concurrent 1\n"), "{run:?}");
    assert!(run.stderr.contains("inside a poll of `download_and_link`"), "the cause: {run:?}");
    assert!(!run.stderr.contains("panicked"), "{run:?}");
}

#[test]
fn serialized_does_the_same_work() {
    let bench = Bench::new();
    let parallel = link(&[&bench.packages()]);
    let serialized = link(&[&bench.packages(), "--serialized"]);
    for row in ["packages", "files", "bytes", "hard links", "copies", "symlinks", "checksum"] {
        assert_eq!(parallel.row(row), serialized.row(row), "{row}");
    }
}

#[test]
fn the_report_is_one_line_for_each_run() {
    let bench = Bench::new();
    for runs in 1..=2 {
        link(&[&bench.packages(), "--report", &bench.text("report.ndjson")]);
        let file = fs::read_to_string(bench.path("report.ndjson")).unwrap();
        assert!(file.ends_with('\n') && file.lines().count() == runs, "{file}");
        for line in file.lines() {
            let report: serde_json::Value = serde_json::from_str(line).unwrap();
            assert_eq!(report["schema"], "concurrency-probe/1");
            assert_eq!(report["scope"], "install");
            let count = |name: &str| report["counts"][name].as_u64().unwrap();
            assert_eq!(count("warm") + count("cold"), count("packages"));
            assert_eq!(count("linked"), 4);
            assert_eq!(count("hard_links") + count("copies"), 84);
            let probe = &report["probes"][0];
            assert_eq!((&probe["name"], &probe["calls"]), (&"link_slot".into(), &4.into()));
        }
    }
}

#[test]
fn errors_name_the_file_and_what_to_do() {
    let bench = Bench::new();
    let (packages, store) = (bench.packages(), bench.text("store"));
    fs::create_dir(bench.path("empty")).unwrap();
    let (missing, empty, file) =
        (bench.text("missing"), bench.text("empty"), format!("{packages}/README.md"));

    link(&[&missing]).assert_fails(&[&missing, "name one"]);
    link(&[&empty]).assert_fails(&[&empty, "name a directory"]);
    link(&[&file]).assert_fails(&[&file, "name a directory"]);
    link(&[&packages, "--out", &packages]).assert_fails(&[&packages, "not empty", "--out"]);
    link(&[&packages, "--out", &file]).assert_fails(&[&file, "name a directory"]);
    let report = format!("{missing}/report.ndjson");
    link(&[&packages, "--out", &store, "--report", &report]).assert_fails(&[&report, "name a file"]);
    assert!(!bench.path("store").exists());
}

#[test]
fn wrong_arguments_are_usage_errors() {
    for args in [&["--threads", "0"][..], &["--warm", "101"], &["a", "b"], &["--parallel"]] {
        let run = link(args);
        assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{run:?}");
    }
}

#[cfg(unix)]
#[test]
fn symlinks_are_made_anew_and_not_followed() {
    use std::os::unix::fs::symlink;
    let bench = Bench::new();
    let package = bench.package("a-1.0.0");
    symlink("..", package.join("src/loop")).unwrap();
    symlink("nowhere", package.join("dangling")).unwrap();
    symlink("a-1.0.0", bench.package("not-a-package")).unwrap();

    let run = link(&[&bench.packages(), "--out", &bench.text("store")]);

    assert_eq!(run.row("symlinks")[2], "2");
    assert_eq!(names(&bench.path("store")), Bench::PACKAGES);
    assert_same(&package, &bench.path("store/a-1.0.0"));
}

#[cfg(unix)]
#[test]
fn a_special_file_is_refused_before_anything_is_linked() {
    let bench = Bench::new();
    let socket = bench.package("c-1.0.0").join("socket");
    let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();

    link(&[&bench.packages(), "--out", &bench.text("store")]).assert_fails(&[
        socket.to_str().unwrap(),
        "cannot be linked",
        "remove it",
    ]);
    assert!(!bench.path("store").exists());
}

/// The store is so deep that the longest path of one package is too long in it. So the slot fails
/// when a part of its files is linked.
#[cfg(target_os = "linux")]
#[test]
fn a_slot_that_fails_midway_leaves_nothing() {
    const PATH_MAX: usize = 4096;
    let bench = Bench::new();
    let name = "n".repeat(200);
    let mut deep = bench.package("b-1.0.0");
    while deep.as_os_str().len() + 2 * 201 < PATH_MAX - 400 {
        deep.push(&name);
    }
    fs::create_dir_all(&deep).unwrap();
    fs::write(deep.join(&name), "too deep").unwrap();
    let inside = deep.strip_prefix(bench.package("b-1.0.0")).unwrap().as_os_str().len();
    let mut store = bench.path("store");
    while store.as_os_str().len() + inside + 201 < PATH_MAX {
        store.push("s".repeat(100));
    }

    for mode in [&[][..], &["--serialized"]] {
        let out = store.join(mode.len().to_string());
        let (packages, store) = (bench.packages(), out.to_str().unwrap());
        let run = link(&[&[&packages, "--out", store], mode].concat());
        assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""), "{run:?}");
        assert!(run.stderr.contains("b-1.0.0") && run.stderr.contains("File name too long"), "{run:?}");
        assert!(!run.stderr.contains("cannot remove"), "{run:?}");
        for slot in names(&out) {
            assert_ne!(slot, "b-1.0.0");
            assert_same(&bench.package(&slot), &out.join(&slot));
        }
    }
}
