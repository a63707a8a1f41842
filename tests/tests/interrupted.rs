//! An install that is killed leaves nothing half made, and the next one goes on from there.

mod support;

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use support::{Workshop, tree};
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
    let there = slots(&options.project);
    assert!(there >= 40, "only {there} slots were made in {PATIENCE:?}");

    workshop.registry.heal();
    let again = install().output().unwrap();
    let line = String::from_utf8(again.stdout).unwrap();
    assert!(again.status.success() && line.contains(&format!("kept {there}")), "{line}");
    assert_eq!(tree(&options.project.join("node_modules")), expected);
}
