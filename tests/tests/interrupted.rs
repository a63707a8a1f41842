//! An install that is killed leaves nothing half made, and the next one goes on from there.

mod support;

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use support::{Workshop, everything, tree};
use testbed::registry::Fault;

/// How long to wait for what must come, before the test gives up.
const PATIENCE: Duration = Duration::from_secs(120);

fn slots(project: &Path) -> usize {
    let Ok(entries) = std::fs::read_dir(project.join("node_modules/.pnpm")) else { return 0 };
    entries
        .filter(|entry| entry.as_ref().is_ok_and(|entry| entry.file_name().to_string_lossy().contains('@')))
        .count()
}

#[test]
fn an_install_that_was_killed_is_gone_on_with() {
    let workshop = Workshop::new(60);
    let whole = workshop.frozen_project("whole");
    workshop.install(&whole).unwrap();
    let expected = tree(&whole.project.join("node_modules"));

    let options = workshop.frozen_project("killed");
    let needed =
        workshop.frozen.1.snapshots.iter().find(|(key, package)| !package.optional && !key.contains('('));
    let (name, version) = needed.unwrap().0.rsplit_once('@').unwrap();
    let tarball = format!("{name}/-/{}-{version}.tgz", name.rsplit('/').next().unwrap());
    workshop.registry.fault(&tarball, Fault::Never, None);
    let install = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_testbed"));
        command.arg("install").arg("--dir").arg(&options.project);
        command.arg("--registry").arg(workshop.registry.url().as_str());
        command.arg("--store-dir").arg(workshop.dir.path().join("other-store"));
        command.stdout(Stdio::piped());
        command
    };
    let mut child = install().spawn().unwrap();
    let began = Instant::now();
    // All but the one that never comes, and those that cannot be had.
    while slots(&options.project) < 40 && began.elapsed() < PATIENCE {
        assert!(child.try_wait().unwrap().is_none(), "it ended");
        std::thread::yield_now();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let staging = workshop.dir.path().join("other-store/v1/staging");
    let staged: Vec<_> = std::fs::read_dir(&staging).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(staged.len(), 1, "what it was writing is beside the store's files");
    let there = slots(&options.project);
    assert!(there >= 40, "only {there} slots were made in {PATIENCE:?}");

    workshop.registry.heal();
    let again = install().output().unwrap();
    let line = String::from_utf8(again.stdout).unwrap();
    assert!(again.status.success() && line.contains(&format!("kept {there}")), "{line}");
    assert_eq!(tree(&options.project.join("node_modules")), expected);
    assert!(!staged[0].exists(), "it is taken away by the next install");
}

/// A signal is heard while a pass blocks the task that installs: each link asks whether it should begin, and the disk is not waited for. If it
/// were not, the test would wait for links of a minute each.
#[cfg(unix)]
#[test]
fn a_signal_ends_an_install_in_the_middle_of_a_pass() {
    let workshop = Workshop::new(30);
    for (number, (signal, code, linking)) in [
        ("INT", 130, "inline"),
        ("TERM", 143, "one-pass"),
        ("HUP", 129, "streamed"),
        ("INT", 130, "chunked"),
        ("INT", 130, "convoy"),
        ("INT", 130, "offload-each"),
    ]
    .into_iter()
    .enumerate()
    {
        let options = workshop.frozen_project(&format!("project-{number}"));
        let install = |latency: &str| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_testbed"));
            command.arg("install").arg("--dir").arg(&options.project).args(["--link-latency-ms", latency]);
            command.arg("--registry").arg(workshop.registry.url().as_str()).args(["--cold-linking", linking]);
            command.arg("--store-dir").arg(workshop.dir.path().join(format!("store-{number}")));
            command.stdout(Stdio::piped()).stderr(Stdio::piped());
            command
        };
        let mut child = install("60000").spawn().unwrap();
        // A link is under way, and waits for the disk.
        let staged = options.project.join("node_modules/.pnpm/.staging/0");
        wait_for(&mut child, || staged.exists());
        kill(&child, signal);
        wait_for_end(&mut child);
        let ended = child.wait_with_output().unwrap();
        let says = String::from_utf8(ended.stderr).unwrap();
        assert_eq!(ended.status.code(), Some(code), "{linking}: {says}");
        let [cleaning, again] =
            ["cleaning up; a second signal ends it at once", "install again, and it goes on from here"];
        assert_eq!(says, format!("interrupted: {cleaning}\ninterrupted: {again}\n"), "{linking}");
        assert!(!options.project.join("node_modules/.pnpm/.staging").exists(), "{linking}");
        let again = install("0").output().unwrap();
        assert!(again.status.success(), "{linking}: {}", String::from_utf8_lossy(&again.stderr));
    }
}

/// A signal that was ignored when the program was started, as `nohup` has it, ends nothing.
#[cfg(target_os = "linux")]
#[test]
fn a_signal_that_was_ignored_ends_nothing() {
    let workshop = Workshop::new(10);
    let options = workshop.frozen_project("project");
    let mut command = Command::new("sh");
    command.args([
        "-c",
        "trap '' HUP; exec \"$0\" \"$@\"",
        env!("CARGO_BIN_EXE_testbed"),
        "install",
        "--dir",
    ]);
    command.arg(&options.project).args(["--link-latency-ms", "300", "--threads", "1"]);
    command.arg("--registry").arg(workshop.registry.url().as_str());
    command.arg("--store-dir").arg(workshop.dir.path().join("store")).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let staged = options.project.join("node_modules/.pnpm/.staging/0");
    wait_for(&mut child, || staged.exists());
    kill(&child, "HUP");
    let ended = child.wait_with_output().unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
}

/// What a benchmark keeps in memory goes with it, whatever ends it.
#[cfg(unix)]
#[test]
fn a_signal_ends_a_benchmark_and_leaves_nothing() {
    for (signal, code) in [("INT", 130), ("TERM", 143), ("HUP", 129)] {
        let dir = tempfile::tempdir().unwrap();
        let scratch = dir.path().join("scratch");
        std::fs::create_dir(&scratch).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_testbed"));
        command.args(["--packages", "100", "--link-latency-ms", "60000", "--scratch"]).arg(&scratch);
        command.args(["--faster", "1", "--out"]).arg(dir.path().join("out")).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        wait_for(&mut child, || tree(&scratch).iter().any(|file| file.ends_with(".testbed-lock.yaml")));
        kill(&child, signal);
        wait_for_end(&mut child);
        assert_eq!(child.wait().unwrap().code(), Some(code));
        assert_eq!(everything(&scratch), [], "{signal}");
    }
}

#[cfg(unix)]
fn kill(child: &std::process::Child, signal: &str) {
    let killed = Command::new("kill").args(["-s", signal, &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
}

/// Waits for something to happen while a program runs.
#[cfg(unix)]
fn wait_for(child: &mut std::process::Child, happens: impl Fn() -> bool) {
    let began = Instant::now();
    while !happens() {
        assert!(child.try_wait().unwrap().is_none(), "it ended");
        assert!(began.elapsed() < PATIENCE, "nothing happened in {PATIENCE:?}");
        std::thread::yield_now();
    }
}

#[cfg(unix)]
fn wait_for_end(child: &mut std::process::Child) {
    let began = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if began.elapsed() > PATIENCE {
            child.kill().unwrap();
            panic!("it did not end in {PATIENCE:?}");
        }
        std::thread::yield_now();
    }
}
