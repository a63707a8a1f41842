//! An install that is refused leaves a project, and where it can the store, as they were.

mod support;

use std::fs;
use std::path::Path;
use support::{Workshop, everything};
use testbed::install::{Linking, Options, Source};
use testbed::lockfile::Importer;
use testbed::net::{Client, Limits, LinkProfile};
use testbed::registry::Fault;

fn without_retries(packages: usize) -> Workshop {
    let mut workshop = Workshop::new(packages);
    workshop.client =
        Client::new(LinkProfile::default(), Limits { retries: 0, ..Limits::default() }).unwrap();
    workshop
}

/// What is wrong with a project, how it comes to that, and what the error says of it.
type Case = (&'static str, fn(&Path, &Workshop), &'static str);

/// Each case is refused, and nothing is made of it: neither in the project nor in a store. Its twin is installed.
fn assert_refused(cases: &[Case]) {
    let workshop = without_retries(10);
    for (number, (what, spoil, says)) in cases.iter().enumerate() {
        let project = workshop.frozen_project(&format!("project-{number}"));
        let options = Options { store: workshop.dir.path().join(format!("store-{number}")), ..project };
        spoil(&options.project, &workshop);
        let before = everything(&options.project);
        let error = workshop.install(&options).err().unwrap_or_else(|| panic!("{what}: it is installed"));
        let error = error.to_string();
        assert!(error.contains(says) && !error.contains('\n'), "{what}: {error}");
        assert_eq!(everything(&options.project), before, "{what}");
        assert!(!options.store.exists(), "{what}: the store was made");
        assert!(!workshop.dir.path().parent().unwrap().join("elsewhere").exists());

        fs::remove_dir_all(&options.project).unwrap();
        let well = workshop.frozen_project(&format!("project-{number}"));
        workshop.install(&Options { store: workshop.store(), ..well }).unwrap();
    }
}

#[test]
fn a_lockfile_that_cannot_be_installed_is_refused_before_anything_is_made() {
    assert_refused(&[
        ("no lockfile", |dir, _| fs::remove_file(dir.join("pnpm-lock.yaml")).unwrap(), "no such file"),
        ("an empty one", |dir, _| fs::write(dir.join("pnpm-lock.yaml"), "").unwrap(), "empty"),
        ("another version", |dir, _| edit(dir, "9.0", "6.0"), "6.0"),
        ("a directory", |dir, _| replace(&dir.join("pnpm-lock.yaml")), "pnpm-lock.yaml"),
        ("a weak integrity", |dir, _| edit(dir, "sha512-", "sha1-"), "integrity"),
        (
            "a damaged package.json",
            |dir, _| fs::write(dir.join("package.json"), "{").unwrap(),
            "package.json",
        ),
        (
            "a list as package.json",
            |dir, _| fs::write(dir.join("package.json"), "[]").unwrap(),
            "package.json",
        ),
        (
            "a text as package.json",
            |dir, _| fs::write(dir.join("package.json"), "\"a\"").unwrap(),
            "package.json",
        ),
        ("another package.json", |dir, _| fs::write(dir.join("package.json"), "{}").unwrap(), "out of date"),
        (
            "overrides that the lockfile was not written with",
            |dir, _| fs::write(dir.join("pnpm-workspace.yaml"), "overrides: { a: 1.0.0 }").unwrap(),
            "the `overrides` in",
        ),
        (
            "a lockfile with overrides that are not set",
            |dir, _| edit(dir, "importers:", "overrides:\n  a: 1.0.0\n\nimporters:"),
            "are not those of the settings",
        ),
        (
            "a project that is not there",
            |dir, workshop| {
                let mut lockfile = workshop.frozen.1.clone();
                lockfile.importers.insert("packages/a".into(), Importer::default());
                lockfile.write(&dir.join("pnpm-lock.yaml")).unwrap();
            },
            "packages/a",
        ),
        (
            "a project of another tool",
            |dir, workshop| {
                fs::create_dir_all(dir.join("packages/a/node_modules/theirs")).unwrap();
                let mut lockfile = workshop.frozen.1.clone();
                lockfile.importers.insert("packages/a".into(), Importer::default());
                lockfile.write(&dir.join("pnpm-lock.yaml")).unwrap();
            },
            "was not made by this program",
        ),
        (
            "a directory that leads out of the project",
            |dir, workshop| {
                let mut lockfile = workshop.frozen.1.clone();
                lockfile.importers.insert("../../elsewhere".into(), Importer::default());
                lockfile.write(&dir.join("pnpm-lock.yaml")).unwrap();
            },
            "elsewhere",
        ),
        (
            "a package that is nowhere",
            |dir, workshop| {
                let mut lockfile = workshop.frozen.1.clone();
                lockfile.packages.pop_first();
                lockfile.write(&dir.join("pnpm-lock.yaml")).unwrap();
            },
            "pnpm-lock.yaml",
        ),
    ]);
}

#[test]
#[cfg(unix)]
fn what_is_in_the_way_is_refused_before_anything_is_made() {
    assert_refused(&[
        (
            "a node_modules of another tool",
            |dir, _| fs::create_dir_all(dir.join("node_modules/theirs")).unwrap(),
            "was not made by this program",
        ),
        ("a file", |dir, _| fs::write(dir.join("node_modules"), "").unwrap(), "is no directory"),
        (
            "a file in it",
            |dir, _| {
                fs::create_dir(dir.join("node_modules")).unwrap();
                fs::write(dir.join("node_modules/.pnpm"), "").unwrap();
            },
            "is no directory",
        ),
        (
            "a file as a virtual store, of an earlier install",
            |dir, workshop| {
                ours(dir, workshop);
                fs::remove_dir_all(dir.join("node_modules/.pnpm")).unwrap();
                fs::write(dir.join("node_modules/.pnpm"), "").unwrap();
            },
            "is no directory",
        ),
        (
            "commands that are no directory",
            |dir, workshop| {
                ours(dir, workshop);
                let _ = fs::remove_dir_all(dir.join("node_modules/.bin"));
                fs::write(dir.join("node_modules/.bin"), "").unwrap();
            },
            ".bin is no directory",
        ),
        (
            "something in the place of a package",
            |dir, workshop| {
                ours(dir, workshop);
                let name = workshop.frozen.0.dependencies.keys().next().unwrap();
                let place = dir.join("node_modules").join(name);
                fs::remove_file(&place).unwrap();
                fs::create_dir(&place).unwrap();
                fs::write(place.join("mine"), "mine").unwrap();
            },
            "is no symlink",
        ),
        (
            "something in the place of a scope",
            |dir, workshop| {
                ours(dir, workshop);
                let mut lockfile = workshop.frozen.1.clone();
                let root = lockfile.importers.get_mut(".").unwrap();
                let (name, dependency) = root.dependencies.pop_first().unwrap();
                let version = format!("{name}@{}", dependency.version);
                let specifier = format!("npm:{name}@{}", dependency.specifier);
                let aliased = testbed::lockfile::DirectDependency { specifier: specifier.clone(), version };
                root.dependencies.insert("@scope/alias".into(), aliased);
                lockfile.write(&dir.join("pnpm-lock.yaml")).unwrap();
                let mut manifest = workshop.frozen.0.clone();
                manifest.dependencies.remove(&name);
                manifest.dependencies.insert("@scope/alias".into(), specifier);
                manifest.write(&dir.join("package.json")).unwrap();
                fs::write(dir.join("node_modules/@scope"), "mine").unwrap();
            },
            "@scope is no directory",
        ),
    ]);
}

/// The same of a project that is resolved.
#[test]
fn what_cannot_be_resolved_leaves_the_project_as_it_was() {
    type Spoil = fn(&Path);
    let cases: [(&str, Spoil, &str); 5] = [
        ("no package.json", |dir| fs::remove_file(dir.join("package.json")).unwrap(), "package.json"),
        (
            "a workspace",
            |dir| fs::write(dir.join("pnpm-workspace.yaml"), "packages: [a]").unwrap(),
            "several projects",
        ),
        ("a directory", |dir| fs::create_dir(dir.join("pnpm-lock.yaml")).unwrap(), "pnpm-lock.yaml"),
        (
            "a dependency that is not there",
            |dir| {
                fs::write(dir.join("package.json"), r#"{"dependencies":{"no-such-package":"1"}}"#).unwrap();
            },
            "no-such-package",
        ),
        (
            "something in the place of a package",
            |dir| {
                let manifest = fs::read_to_string(dir.join("package.json")).unwrap();
                let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
                let name = manifest["dependencies"].as_object().unwrap().keys().next().unwrap().clone();
                // Ours, by its lock.
                fs::create_dir_all(dir.join("node_modules/.pnpm")).unwrap();
                fs::write(dir.join("node_modules/.pnpm/.testbed.lock"), "").unwrap();
                fs::create_dir_all(dir.join("node_modules").join(name)).unwrap();
            },
            "is no symlink",
        ),
    ];
    let workshop = without_retries(10);
    for (number, (what, spoil, says)) in cases.into_iter().enumerate() {
        let options = workshop.project(&format!("project-{number}"));
        spoil(&options.project);
        let before = everything(&options.project);
        let error = workshop.install(&options).unwrap_err().to_string();
        assert!(error.contains(says) && !error.contains('\n'), "{what}: {error}");
        assert_eq!(everything(&options.project), before, "{what}");
    }
    workshop.install(&workshop.project("well")).unwrap();
}

/// What was made for packages that did not come goes again, whatever was there before.
#[test]
fn what_was_made_for_nothing_goes_again() {
    let workshop = without_retries(10);
    fail_all(&workshop);
    for (number, made) in ["", "node_modules", "node_modules/.pnpm"].into_iter().enumerate() {
        for linking in Linking::ALL {
            let project = workshop.frozen_project(&format!("project-{number}-{}", linking.name()));
            let options = Options { linking, ..project };
            fs::create_dir_all(options.project.join(made)).unwrap();
            let before = everything(&options.project);
            let error = workshop.install(&options).unwrap_err().to_string();
            assert!(error.contains("500"), "{error}");
            assert_eq!(everything(&options.project), before, "{made:?}, {linking:?}");
        }
    }
    // What an earlier install made stays.
    workshop.registry.heal();
    let options = workshop.frozen_project("well");
    workshop.install(&options).unwrap();
    let before = everything(&options.project);
    fail_all(&workshop);
    workshop.install(&options).unwrap();
    assert_eq!(everything(&options.project), before);
    // Also where it has nothing to install.
    let mut empty = workshop.frozen.1.clone();
    empty.packages.clear();
    empty.snapshots.clear();
    empty.importers.insert(".".into(), Importer::default());
    let options = Options { source: Source::Lockfile(workshop.dir.path().join("empty.yaml")), ..options };
    empty.write(options.source.path()).unwrap();
    fs::write(options.project.join("package.json"), "{}").unwrap();
    workshop.install(&options).unwrap();
    assert!(options.project.join("node_modules/.pnpm").exists());
}

/// No tarball can be had any more.
fn fail_all(workshop: &Workshop) {
    for tarball in workshop.frozen.1.packages.keys() {
        let (name, version) = tarball.rsplit_once('@').unwrap();
        let path = format!("/{name}/-/{}-{version}.tgz", name.rsplit('/').next().unwrap());
        workshop.registry.fault(&path, Fault::Status(500), None);
    }
}

/// Many at one project: one is installed, the others are refused or have nothing to do, and none is half done.
#[test]
fn many_installs_of_one_project_do_not_take_away_what_another_made() {
    let workshop = without_retries(10);
    for round in 0..5 {
        let options = workshop.frozen_project(&format!("project-{round}"));
        let installed = std::thread::scope(|threads| {
            let installs: Vec<_> = (0..6).map(|_| threads.spawn(|| workshop.install(&options))).collect();
            installs.into_iter().map(|install| install.join().unwrap()).collect::<Vec<_>>()
        });
        assert!(installed.iter().any(Result::is_ok));
        for refused in installed.into_iter().filter_map(Result::err) {
            assert!(refused.to_string().contains("another install works on"), "{refused}");
        }
        let there = everything(&options.project);
        // The same as one install makes. In the same place, because scripts have its path in them.
        fs::remove_dir_all(options.project.join("node_modules")).unwrap();
        workshop.install(&options).unwrap();
        assert_eq!(there, everything(&options.project));
    }
}

/// Changes the lockfile's text.
fn edit(dir: &Path, from: &str, to: &str) {
    let path = dir.join("pnpm-lock.yaml");
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{from} is not in the lockfile");
    fs::write(&path, text.replace(from, to)).unwrap();
}

/// Makes a directory of a file.
fn replace(path: &Path) {
    fs::remove_file(path).unwrap();
    fs::create_dir(path).unwrap();
}

/// Has an install go before.
fn ours(dir: &Path, workshop: &Workshop) {
    let name = dir.file_name().unwrap().to_str().unwrap();
    workshop.install(&workshop.frozen_project(name)).unwrap();
}
