//! A machine that has few threads, few open files, or little memory, to give: an install ends well, or in one sentence.

#![cfg(target_os = "linux")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

mod support;

/// A user that has nothing else running: its threads are counted.
const USER: &str = "54321";

/// A project of generated packages, and a program that any user may run.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let open = |path: &Path| fs::set_permissions(path, fs::Permissions::from_mode(0o777)).unwrap();
        fs::copy(env!("CARGO_BIN_EXE_testbed"), dir.path().join("testbed")).unwrap();
        open(dir.path());
        open(&dir.path().join("testbed"));
        Place(dir)
    }

    /// A new project, with a store of its own.
    fn project(&self, name: &str) {
        let made = Command::new(self.0.path().join("testbed"))
            .args(["init", name, "--packages", "30"])
            .current_dir(self.0.path())
            .output();
        assert!(made.unwrap().status.success());
        let open = fs::Permissions::from_mode(0o777);
        fs::set_permissions(self.0.path().join(name), open).unwrap();
    }

    /// Installs it through another program, which sets a limit first.
    fn install(&self, name: &str, limit: &[&str]) -> Output {
        let mut command = Command::new(limit[0]);
        command.args(&limit[1..]).arg(self.0.path().join("testbed"));
        command.args(["install", "--generated-packages", "--packages", "30", "--dir", name, "--store-dir"]);
        command.arg(format!("{name}-store")).current_dir(self.0.path());
        command.env("HOME", self.0.path()).env_remove("RUST_BACKTRACE");
        command.output().unwrap()
    }
}

/// Whether it was installed; else what it said, in one line.
fn ended(what: &str, output: &Output) -> Result<(), String> {
    let (out, error) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if output.status.success() {
        assert!(out.starts_with("linked ") && error.is_empty(), "{what}: {out} {error}");
        return Ok(());
    }
    assert_eq!((output.status.code(), &*out), (Some(1), ""), "{what}: {error}");
    assert!(error.starts_with("error: ") && error.trim_end().lines().count() == 1, "{what}: {error}");
    Err(error.into_owned())
}

#[test]
fn few_threads_are_one_sentence() {
    let place = Place::new();
    let as_user = ["setpriv", "--reuid", USER, "--clear-groups", "prlimit"];
    let may = Command::new("setpriv").args(["--reuid", USER, "--clear-groups", "true"]).status();
    if !may.is_ok_and(|status| status.success()) {
        println!("left out: this user may not run programs as another one, or has no `setpriv`");
        return;
    }
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    for threads in [1, 2, 3, 4, 5, 6, 8, 10, 12, 14, 16, 20, 8 * cores + 64] {
        let name = format!("threads-{threads}");
        place.project(&name);
        let before = support::everything(&place.0.path().join(&name));
        let limit = format!("--nproc={threads}");
        let result = ended(&limit, &place.install(&name, &[&as_user[..], &[&limit]].concat()));
        // It needs at least one for each of what it consists of.
        assert!(result.is_err() || threads >= 8, "{limit}: it was installed");
        if let Err(error) = result {
            assert!(threads < 8 * cores + 64, "{limit}: {error}");
            assert!(error.contains("threads") && error.contains("ulimit -u"), "{limit}: {error}");
            assert_eq!(support::everything(&place.0.path().join(&name)), before, "{limit}");
            // The same, where there are enough.
            ended(&limit, &place.install(&name, &as_user[..4])).unwrap();
        }
    }
}

#[test]
fn little_memory_is_one_sentence() {
    let place = Place::new();
    if Command::new("prlimit").arg("--version").output().is_err() {
        println!("left out: there is no `prlimit` on this machine");
        return;
    }
    // More than it asks for with four threads a core.
    let cores = std::thread::available_parallelism().map_or(1, |cores| cores.get() as u64);
    let enough = 1024 + 1024 * cores;
    for mib in [64, 128, 256, 512, 1024, enough] {
        let name = format!("memory-{mib}");
        place.project(&name);
        let limit = format!("--as={}", mib << 20);
        let result = ended(&limit, &place.install(&name, &["prlimit", &limit]));
        if let Err(error) = result {
            assert!(mib < enough && error.contains("ulimit -v"), "{limit}: {error}");
            ended(&limit, &place.install(&name, &["prlimit", "--as=unlimited"])).unwrap();
        } else {
            assert!(mib > 512, "{limit}: it was installed");
        }
    }
}

#[test]
fn few_open_files_and_small_ones_are_one_sentence() {
    let place = Place::new();
    if Command::new("prlimit").arg("--version").output().is_err() {
        println!("left out: there is no `prlimit` on this machine");
        return;
    }
    for (number, (limit, says)) in [
        ("--nofile=32", Some("ulimit -n")),
        ("--nofile=100", Some("ulimit -n")),
        // What may be raised is raised.
        ("--nofile=32:4096", None),
        ("--fsize=1024", Some("ulimit -f")),
        ("--fsize=100000", Some("ulimit -f")),
        ("--fsize=100000000", None),
    ]
    .into_iter()
    .enumerate()
    {
        let name = format!("limited-{number}");
        place.project(&name);
        let result = ended(limit, &place.install(&name, &["prlimit", limit]));
        match (result, says) {
            (Ok(()), None) => {}
            (Err(error), Some(says)) => {
                assert!(error.contains(says), "{limit}: {error}");
                ended(limit, &place.install(&name, &["prlimit", "--nofile=4096"])).unwrap();
            }
            (result, _) => panic!("{limit}: {result:?}"),
        }
    }
}
