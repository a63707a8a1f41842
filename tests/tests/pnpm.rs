//! What pnpm itself says: it accepts the lockfiles that the resolver writes, and makes the same virtual store of them.
//!
//! Needs pnpm, as `.ci/run` installs it below `target/tools`; where it is not, this says that it is left out.

mod support;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use support::{Workshop, tree};
use testbed::install::Options;

/// pnpm, if it is there.
fn pnpm() -> Option<PathBuf> {
    let pnpm = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/tools/node_modules/pnpm/bin/pnpm.cjs");
    if pnpm.exists() {
        return Some(pnpm);
    }
    println!("left out: there is no pnpm in target/tools");
    None
}

/// The slots of a virtual store, with their files and symlinks; without the commands of slots, which only scripts need.
fn slots(project: &Path) -> BTreeSet<String> {
    let entries = tree(&project.join("node_modules/.pnpm")).into_iter();
    entries
        .filter(|entry| !entry.starts_with('.') && entry.contains('/'))
        .filter(|entry| is_compared(entry))
        .collect()
}

/// The names by which the project, and packages that did not ask for them, find packages.
fn names(project: &Path) -> BTreeSet<String> {
    let modules = project.join("node_modules");
    let hoisted =
        tree(&modules.join(".pnpm/node_modules")).into_iter().map(|entry| format!("hoisted {entry}"));
    let own =
        tree(&modules).into_iter().filter(|entry| entry.contains(" -> ") && !entry.starts_with(".pnpm/"));
    own.chain(hoisted).filter(|entry| is_compared(entry)).collect()
}

/// pnpm links the commands of each slot, for scripts, and leaves symlinks to optional packages that cannot be had.
fn is_compared(entry: &str) -> bool {
    !entry.contains(".bin/") && !entry.contains("z-unpublished")
}

fn assert_same(ours: &BTreeSet<String>, theirs: &BTreeSet<String>) {
    let difference: Vec<_> = ours.symmetric_difference(theirs).take(10).collect();
    assert!(difference.is_empty() && !ours.is_empty(), "only one of the two has {difference:#?}");
}

fn compare(workshop: &Workshop, options: &Options, with_pnpm: &Path) {
    workshop.install(options).unwrap();
    let lockfile = options.project.join("pnpm-lock.yaml");
    for file in ["package.json", "pnpm-lock.yaml"] {
        std::fs::copy(options.project.join(file), with_pnpm.join(file)).unwrap();
    }
    let ran = Command::new("node")
        .arg(pnpm().unwrap())
        .args(["install", "--frozen-lockfile", "--ignore-scripts", "--registry"])
        .arg(workshop.registry.url().as_str())
        .arg("--store-dir")
        .arg(workshop.dir.path().join("pnpm-store"))
        .current_dir(with_pnpm)
        .output()
        .unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stdout));
    let (ours, theirs) =
        (std::fs::read(&lockfile).unwrap(), std::fs::read(with_pnpm.join("pnpm-lock.yaml")).unwrap());
    assert_eq!(ours, theirs, "pnpm changed the lockfile");
    assert_same(&slots(&options.project), &slots(with_pnpm));
    assert_same(&names(&options.project), &names(with_pnpm));
}

#[test]
fn pnpm_accepts_our_lockfiles_and_makes_the_same_of_them() {
    if pnpm().is_none() {
        return;
    }
    let workshop = Workshop::new(150);
    for (name, options) in [("fresh", workshop.project("fresh")), ("peers", workshop.frozen_project("peers"))]
    {
        let with_pnpm = workshop.dir.path().join(format!("{name}-pnpm"));
        std::fs::create_dir(&with_pnpm).unwrap();
        compare(&workshop, &options, &with_pnpm);
    }
}
