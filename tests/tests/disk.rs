//! File systems that fail: each fault ends in one sentence, leaves nothing half made, and the next install goes on.

#![cfg(target_os = "linux")]

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc::channel;
use support::{Workshop, everything, tree};
use testbed::install::{Linking, Options};
use testbed::registry::Fault;

/// A small file system in memory, until it is dropped.
struct Disk(PathBuf);

impl Disk {
    /// `None`, and says so, where this user may not mount one.
    fn mount(at: &Path, options: &str) -> Option<Self> {
        fs::create_dir_all(at).unwrap();
        let mount = Command::new("mount").args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(at).output();
        if mount.is_ok_and(|mount| mount.status.success()) {
            return Some(Disk(at.to_owned()));
        }
        println!("left out: this user may not mount a small disk");
        None
    }

    fn remount(&self, options: &str) {
        let option = format!("remount,{options}");
        let mount = Command::new("mount").args(["-o", &option]).arg(&self.0).output().unwrap();
        assert!(mount.status.success(), "{options}: {}", String::from_utf8_lossy(&mount.stderr));
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).output();
    }
}

/// The one sentence that an install ends in.
fn refusal(workshop: &Workshop, options: &Options) -> String {
    let error = workshop.install(options).unwrap_err().to_string();
    assert!(!error.contains('\n'), "{error}");
    error
}

/// Each slot that is there is as in a whole install, and nothing is on its way. The commands of slots are made when all slots
/// are there, one after another: some may be missing.
fn assert_whole(options: &Options, expected: &[String]) {
    let slots = options.project.join("node_modules/.pnpm");
    for slot in fs::read_dir(&slots).into_iter().flatten().flatten() {
        let name = slot.file_name().into_string().unwrap();
        assert_ne!(name, ".staging");
        if name.starts_with('.') || name == "node_modules" {
            continue;
        }
        let prefix = format!(".pnpm/{name}/");
        let whole: Vec<_> = expected.iter().filter_map(|file| file.strip_prefix(&prefix)).collect();
        // Symlinks to what cannot be had go at the end of an install.
        let there = tree(&slot.path()).into_iter().filter(|file| !file.contains("z-unpublished"));
        let there: Vec<_> = there.collect();
        let missing = |file: &&&str| !there.iter().any(|there| there == *file);
        let missing: Vec<_> = whole.iter().filter(missing).collect();
        assert!(missing.iter().all(|file| file.contains("/node_modules/.bin/")), "{name} has no {missing:?}");
        assert_eq!(there.len(), whole.len() - missing.len(), "{name}: {there:?}, not {whole:?}");
    }
}

/// The tree of a whole install.
fn expected(workshop: &Workshop) -> Vec<String> {
    let whole = workshop.frozen_project("whole");
    let store = workshop.dir.path().join("whole-store");
    workshop.install(&Options { store, ..whole.clone() }).unwrap();
    tree(&whole.project.join("node_modules"))
}

/// A disk that gets full, early or late, under the project or under the store.
#[test]
fn a_disk_that_gets_full_is_named_and_gone_on_from() {
    let workshop = Workshop::new(30);
    let expected = expected(&workshop);
    let mut refusals = 0;
    for (number, kib) in [4, 64, 200, 400, 600, 700, 800, 900, 1000, 1100, 1200, 1300, 1400, 1500, 1600]
        .into_iter()
        .enumerate()
    {
        for (of, linking) in
            [("project", Linking::Streamed), ("project", Linking::OnePass), ("store", Linking::Streamed)]
        {
            let small = workshop.dir.path().join(format!("small-{number}-{of}-{}", linking.name()));
            let Some(disk) = Disk::mount(&small, &format!("size={kib}k,mode=777")) else { return };
            let project = workshop.frozen_project(&format!("full-{number}-{of}-{}", linking.name()));
            let mut options =
                Options { linking, store: workshop.dir.path().join(format!("{number}-store")), ..project };
            if of == "project" {
                options.project = small.join("project");
                if fs::create_dir(&options.project).is_err() {
                    continue;
                }
            } else {
                options.store = small.join("store");
            }
            let before = everything(&options.project);
            match workshop.install(&options) {
                Ok(_) => assert!(kib > 64, "{of}, {kib} KiB: it was installed"),
                Err(error) => {
                    refusals += 1;
                    let error = error.to_string();
                    assert!(
                        error.contains("free some space") && !error.contains('\n'),
                        "{of}, {kib} KiB: {error}"
                    );
                    assert!(error.contains(small.to_str().unwrap()), "{of}, {kib} KiB: {error}");
                    assert_whole(&options, &expected);
                    let slots = options.project.join("node_modules/.pnpm");
                    assert!(slots.exists() || everything(&options.project) == before, "{of}, {kib} KiB");
                    let staged = tree(&options.store.join("v1/staging"));
                    assert!(staged.iter().all(|file| !file.contains("/.tmp")), "{staged:?}");
                    disk.remount("size=200m");
                    workshop.install(&options).unwrap();
                }
            }
            assert_eq!(tree(&options.project.join("node_modules")), expected, "{of}, {kib} KiB");
        }
    }
    assert!(refusals > 6, "{refusals} only");
}

/// A file system that cannot be written: before anything was installed, and after.
#[test]
fn what_cannot_be_written_is_named_and_left_as_it_was() {
    let workshop = Workshop::new(10);
    let expected = expected(&workshop);
    for (number, (of, is_installed)) in
        [("node_modules", false), ("node_modules", true), ("store", false), ("store", true)]
            .into_iter()
            .enumerate()
    {
        let options = workshop.frozen_project(&format!("project-{number}"));
        let mut options = Options { store: workshop.dir.path().join(format!("store-{number}")), ..options };
        let place = if of == "store" { options.store.clone() } else { options.project.join("node_modules") };
        let Some(disk) = Disk::mount(&place, "mode=777") else { return };
        if is_installed {
            workshop.install(&options).unwrap();
            // Something that is to be done.
            if of == "store" {
                options.project = workshop.frozen_project(&format!("another-{number}")).project;
            } else {
                let slot = tree(&place.join(".pnpm")).into_iter().find(|file| file.contains('@')).unwrap();
                fs::remove_dir_all(place.join(".pnpm").join(slot.split('/').next().unwrap())).unwrap();
            }
        }
        disk.remount("ro");
        let before = everything(&options.project);
        let error = refusal(&workshop, &options);
        assert!(
            error.contains(place.to_str().unwrap()) && error.contains("; "),
            "{of}, {is_installed}: {error}"
        );
        assert_eq!(everything(&options.project), before, "{of}, {is_installed}");
        disk.remount("rw");
        workshop.install(&options).unwrap();
        assert_eq!(tree(&options.project.join("node_modules")), expected, "{of}, {is_installed}");
    }
}

/// A file is where a directory of the store should be.
#[test]
fn a_file_in_the_place_of_a_directory_of_the_store_is_named() {
    let workshop = Workshop::new(10);
    let expected = expected(&workshop);
    for (number, path) in ["", "v1", "v1/files", "v1/files/00", "v1/staging"].into_iter().enumerate() {
        let options = workshop.frozen_project(&format!("project-{number}"));
        let options = Options { store: workshop.dir.path().join(format!("store-{number}")), ..options };
        let at = if path.is_empty() { options.store.clone() } else { options.store.join(path) };
        fs::create_dir_all(at.parent().unwrap()).unwrap();
        fs::write(&at, "precious").unwrap();
        let before = everything(&options.project);
        let error = refusal(&workshop, &options);
        assert!(error.contains(at.to_str().unwrap()), "{path:?}: {error}");
        assert_eq!(everything(&options.project), before, "{path:?}");
        assert_eq!(fs::read_to_string(&at).unwrap(), "precious");
        fs::remove_file(&at).unwrap();
        workshop.install(&options).unwrap();
        assert_eq!(tree(&options.project.join("node_modules")), expected, "{path:?}");
    }
}

/// A store that someone removes while an install uses it: the last tarball comes when it is gone.
#[test]
fn a_store_that_is_removed_while_it_is_used_is_named_and_made_anew() {
    let workshop = Workshop::new(30);
    let expected = expected(&workshop);
    let needed =
        workshop.frozen.1.snapshots.iter().find(|(key, package)| !package.optional && !key.contains('('));
    let (name, version) = needed.unwrap().0.rsplit_once('@').unwrap();
    let tarball = format!("/{name}/-/{}-{version}.tgz", name.rsplit('/').next().unwrap());
    for (number, part) in ["", "v1/files", "v1/staging", "v1/index.db"].into_iter().enumerate() {
        for linking in [Linking::OnePass, Linking::Streamed] {
            let options = workshop.frozen_project(&format!("project-{number}-{}", linking.name()));
            let store = workshop.dir.path().join(format!("store-{number}-{}", linking.name()));
            let options = Options { linking, store, ..options };
            // It is asked for once, refused, and asked for again when the store is gone.
            let (ask, asked) = channel();
            let patient = testbed::net::Client::new(
                testbed::net::LinkProfile::default(),
                testbed::net::Limits {
                    retry_min: std::time::Duration::ZERO,
                    ..testbed::net::Limits::default()
                },
            );
            let store = options.store.clone();
            let client = patient.unwrap().telling(move |_| {
                let path = if part.is_empty() { store.clone() } else { store.join(part) };
                // In one step, so that nothing is removed after the install has seen what is left.
                let removed = fs::rename(&path, store.with_extension("removed")).is_ok();
                let _ = ask.send(removed);
            });
            let config = testbed::net::NpmConfig::default().or_registry(workshop.registry.url().clone());
            let registry = testbed::net::RegistryClient::new(client, config);
            workshop.registry.fault(&tarball, Fault::Status(503), Some(1));
            let result = workshop.install(&Options { registry, ..options.clone() });
            // The install may have failed before this was told.
            assert_eq!(asked.recv(), Ok(true), "the fault came, and it was there");
            // What was in the index or in memory already may do; what is not there cannot.
            if let Err(error) = result {
                let error = error.to_string();
                assert!(error.contains("; ") || error.contains(": install again"), "{part:?}: {error}");
                assert!(!error.contains('\n'), "{part:?}: {error}");
                assert_whole(&options, &expected);
            } else {
                assert_eq!(part, "v1/index.db", "{linking:?}: it was installed");
            }
            workshop.registry.heal();
            let next = workshop.install(&options);
            assert!(next.is_ok(), "{part:?}, {linking:?}: {}", next.unwrap_err());
            assert_eq!(tree(&options.project.join("node_modules")), expected, "{part:?}, {linking:?}");
        }
    }
}
