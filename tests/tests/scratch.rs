//! What a killed process left in a scratch directory goes with the next one, and nothing else does.

mod support;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use support::everything;
use testbed::scratch::Scratch;

/// How long to wait for what must come, before the test gives up.
const PATIENCE: Duration = Duration::from_secs(120);

const LOCK: &str = ".testbed-scratch";

fn count(place: &Path) -> usize {
    fs::read_dir(place).unwrap().count()
}

/// Of a benchmark that is killed while it runs.
#[test]
fn a_killed_benchmark_is_cleared_up_after() {
    let dir = tempfile::tempdir().unwrap();
    let place = dir.path().join("scratch");
    fs::create_dir(&place).unwrap();
    let mut benchmark = Command::new(env!("CARGO_BIN_EXE_testbed"));
    benchmark.args(["--packages", "150", "--runs", "100", "--registry-latency-ms", "60", "--scratch"]);
    benchmark.arg(&place).arg("--out").arg(dir.path().join("out")).stdout(Stdio::null());
    let mut benchmark = benchmark.spawn().unwrap();
    let began = Instant::now();
    // The hot store, and that of a run.
    while count(&place) < 2 && began.elapsed() < PATIENCE {
        assert!(benchmark.try_wait().unwrap().is_none(), "it ended");
        std::thread::yield_now();
    }
    let used = count(&place);
    let beside = Scratch::at(&place).dir().unwrap();
    assert!(
        fs::read_dir(&place).unwrap().flatten().any(|entry| entry.path() != beside.path()),
        "it was in use"
    );
    benchmark.kill().unwrap();
    benchmark.wait().unwrap();
    assert!(used >= 2, "it made nothing in {PATIENCE:?}");

    let left = count(&place);
    assert!(left > 1, "nothing was left");
    let next = Scratch::at(&place).dir().unwrap();
    assert_eq!(count(&place), 2, "{:?} and {:?} are in use", beside.path(), next.path());
    assert!(beside.path().exists() && next.path().exists());
    drop((beside, next));
    assert_eq!(count(&place), 0);
}

/// What looks like one of ours, and what becomes of it.
#[test]
#[cfg(unix)]
fn only_what_this_program_made_and_nobody_uses_is_taken_away() {
    use std::os::unix::fs::{PermissionsExt, chown, symlink};
    let dir = tempfile::tempdir().unwrap();
    let (place, elsewhere) = (dir.path().join("scratch"), dir.path().join("elsewhere"));
    fs::create_dir(&place).unwrap();
    let mark = {
        let one = Scratch::at(&place).dir().unwrap();
        fs::read(one.path().join(LOCK)).unwrap()
    };
    // What a killed process leaves.
    let make = |path: &Path, mode: u32| {
        fs::create_dir(path).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        fs::write(path.join(LOCK), &mark).unwrap();
        fs::write(path.join("file"), "precious").unwrap();
    };
    make(&elsewhere, 0o700);
    let outside = everything(&elsewhere);
    type Make<'a> = &'a dyn Fn(&Path);
    let cases: [(&str, &str, Make<'_>, bool); 11] = [
        ("left", "testbed-1", &|path| make(path, 0o700), false),
        (
            "left, with a symlink in it",
            "testbed-1",
            &|path| {
                make(path, 0o755);
                symlink(&elsewhere, path.join("link")).unwrap();
            },
            false,
        ),
        ("of another name", "other-1", &|path| make(path, 0o700), true),
        ("without a lock", "testbed-1", &|path| fs::create_dir(path).unwrap(), true),
        (
            "without the mark",
            "testbed-1",
            &|path| {
                make(path, 0o700);
                fs::write(path.join(LOCK), "").unwrap();
            },
            true,
        ),
        (
            "with another mark",
            "testbed-1",
            &|path| {
                make(path, 0o700);
                fs::write(path.join(LOCK), [&mark[..], b"."].concat()).unwrap();
            },
            true,
        ),
        (
            "with a lock that leads elsewhere",
            "testbed-1",
            &|path| {
                make(path, 0o700);
                fs::remove_file(path.join(LOCK)).unwrap();
                symlink(elsewhere.join(LOCK), path.join(LOCK)).unwrap();
            },
            true,
        ),
        (
            "with a pipe for a lock",
            "testbed-1",
            &|path| {
                make(path, 0o700);
                fs::remove_file(path.join(LOCK)).unwrap();
                assert!(Command::new("mkfifo").arg(path.join(LOCK)).status().unwrap().success());
            },
            true,
        ),
        ("that others may change", "testbed-1", &|path| make(path, 0o777), true),
        ("a symlink", "testbed-1", &|path| symlink(&elsewhere, path).unwrap(), true),
        ("a file", "testbed-1", &|path| fs::write(path, &mark).unwrap(), true),
    ];
    for (what, name, make, stays) in cases {
        let path = place.join(name);
        make(&path);
        let _ = Scratch::at(&place);
        assert_eq!(fs::symlink_metadata(&path).is_ok(), stays, "{what}");
        assert_eq!(everything(&elsewhere), outside, "{what}");
        let _ = fs::remove_file(&path);
        let _ = fs::remove_dir_all(&path);
    }

    let theirs = place.join("testbed-1");
    make(&theirs, 0o700);
    if chown(&theirs, Some(12345), None).is_ok() {
        let _ = Scratch::at(&place);
        assert!(theirs.exists(), "of another user");
    } else {
        println!("left out: this user may not give a directory to another");
    }
}

/// Many at one place, each of which looks for what others left while those make theirs.
#[test]
fn what_is_just_being_made_is_not_taken_away() {
    let dir = tempfile::tempdir().unwrap();
    std::thread::scope(|threads| {
        for _ in 0..4 {
            threads.spawn(|| {
                for _ in 0..50 {
                    let own = Scratch::at(dir.path()).dir().unwrap();
                    fs::write(own.path().join("file"), "").unwrap();
                    let _ = Scratch::at(dir.path());
                    assert!(own.path().join("file").exists() && own.path().join(LOCK).exists());
                }
            });
        }
    });
    assert_eq!(count(dir.path()), 0);
}
