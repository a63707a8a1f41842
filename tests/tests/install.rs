//! The installer: what it makes is what the lockfile says and what Node can use, and bad input costs nothing.

mod support;

use concurrency_probe::Scope;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;
use support::{Workshop, assert_conserved, count, tree};
use testbed::install::{Linking, Options, Progress, Source, Summary, install as install_project};
use testbed::lockfile::Lockfile;
use testbed::net::{Client, Limits};
use testbed::registry::Fault;
use testbed::resolution_server::{ResolutionClient, ResolutionServer};

/// The whole tree of a project, twice the same if it says the same.
fn modules(options: &Options) -> Vec<String> {
    tree(&options.project.join("node_modules"))
}

/// Whether Node is on this machine. The tests that need it say so when they are left out.
fn node(project: &Path, script: &str) -> Option<String> {
    let ran = Command::new("node").arg("-e").arg(script).current_dir(project).output();
    let Ok(ran) = ran else {
        println!("left out: there is no `node` on this machine");
        return None;
    };
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    Some(String::from_utf8(ran.stdout).unwrap().trim().to_owned())
}

#[test]
fn every_way_of_linking_and_resolving_makes_the_same_tree_and_node_can_use_it() {
    let workshop = Workshop::new(120);
    let any = (std::net::Ipv4Addr::LOCALHOST, 0).into();
    let server = ResolutionServer::start(workshop.registry_client(), any).unwrap();
    let mut trees = Vec::new();
    for (number, linking) in Linking::ALL.into_iter().cycle().take(6).enumerate() {
        let project = workshop.project(&format!("project-{number}"));
        let lockfile = project.project.join("pnpm-lock.yaml");
        // Cold with the registry, then warm with the server: its first answer is streamed, the others are cached.
        let source = if number < 3 {
            Source::Registry(lockfile.clone())
        } else {
            let client = ResolutionClient::new(workshop.client.clone(), server.url().clone());
            Source::Server(Box::new(client), lockfile.clone())
        };
        let store =
            if number < 3 { workshop.dir.path().join(format!("store-{number}")) } else { workshop.store() };
        let options = Options { linking, source, store, ..project };
        let summary = workshop.install(&options).unwrap();
        assert_conserved(&summary.report);
        assert_eq!(summary.count("linked") + summary.count("failed"), 120);
        let mut names = modules(&options);
        names.push(fs::read_to_string(lockfile).unwrap());
        trees.push(names);
        let script = "const {dependencies, optionalDependencies = {}} = require('./package.json');
             const found = Object.keys(dependencies).map(name => require(name).name);
             console.log(found.length === Object.keys(dependencies).length && found.every(Boolean))";
        assert_ne!(node(&options.project, script).as_deref(), Some("false"));
    }
    assert!(trees.iter().all(|tree| *tree == trees[0]));
}

/// A lockfile that was written can be installed, and one with peers too.
#[test]
fn a_lockfile_is_installed_as_it_is_and_only_if_it_is_of_the_project() {
    let workshop = Workshop::new(60);
    let fresh = workshop.project("fresh");
    workshop.install(&fresh).unwrap();
    let lockfile = fresh.project.join("pnpm-lock.yaml");
    let frozen = Options { source: Source::Lockfile(lockfile.clone()), ..workshop.project("frozen") };
    workshop.install(&frozen).unwrap();
    assert_eq!(modules(&frozen), modules(&fresh));

    let peers = workshop.frozen_project("peers");
    let summary = workshop.install(&peers).unwrap();
    assert_conserved(&summary.report);
    assert!(modules(&peers).iter().any(|file| file.contains('_')), "no slot has a peer suffix");

    let mut changed = workshop.fresh.clone();
    changed.dependencies.insert("left-pad".into(), "^1.3.0".into());
    changed.write(&frozen.project.join("package.json")).unwrap();
    let error = workshop.install(&frozen).unwrap_err().to_string();
    assert!(error.contains("is out of date") && error.contains("`left-pad` ^1.3.0"), "{error}");
}

#[test]
fn the_second_install_keeps_everything_and_a_changed_lockfile_changes_what_it_must() {
    let workshop = Workshop::new(60);
    let options = workshop.frozen_project("project");
    let first = workshop.install(&options).unwrap();
    let before = modules(&options);
    let second = workshop.install(&options).unwrap();
    assert_eq!((second.count("linked"), second.count("kept")), (0, first.count("linked")));
    assert_eq!(second.count("cold"), first.count("failed"), "what could not be had is tried again");
    assert_eq!(modules(&options), before);

    // One direct dependency less, and a name of another slot's dependency.
    let mut lockfile = workshop.frozen.1.clone();
    let root = lockfile.importers.get_mut(".").unwrap();
    let gone = root.dependencies.keys().next().unwrap().clone();
    root.dependencies.remove(&gone);
    let mut manifest = workshop.frozen.0.clone();
    manifest.dependencies.remove(&gone);
    manifest.write(&options.project.join("package.json")).unwrap();
    lockfile.write(options.source.path()).unwrap();
    let third = workshop.install(&options).unwrap();
    assert_eq!(third.count("linked"), 0);
    assert!(third.count("kept") < second.count("kept"));
    assert!(!options.project.join("node_modules").join(&gone).exists());
    let fresh = Options { project: workshop.dir.path().join("anew"), ..options.clone() };
    fs::create_dir(&fresh.project).unwrap();
    workshop.install(&fresh).unwrap();
    assert_eq!(modules(&options), modules(&fresh), "as if it were installed anew");
}

/// What each fault of the registry comes to: part of the message; every package is named, and nothing half made is left.
#[test]
fn a_registry_that_fails_is_named_and_leaves_nothing_half_made() {
    // Long enough for a busy machine, and short enough to wait for where an answer never comes.
    let patience = Duration::from_secs(3);
    let limits = Limits { first_byte: patience, stall: patience, retries: 0, ..Limits::default() };
    let faults = [
        (Fault::Status(404), "404"),
        (Fault::Status(500), "500"),
        (Fault::Corrupt, "its tarball is sha512-"),
        (Fault::Truncated, "the connection ended before the answer did"),
        (Fault::Never, "no answer"),
        (Fault::Slow(Duration::from_secs(3600)), "stopped"),
        (Fault::Garbage, "its tarball is sha512-"),
        (Fault::Cut, "bytes came, and the tarball goes on"),
        (Fault::Empty, "nothing came"),
    ];
    let workshop = Workshop::with_limits(30, limits);
    let healthy = workshop.frozen_project("healthy");
    let all =
        workshop.install(&Options { store: workshop.dir.path().join("healthy-store"), ..healthy.clone() });
    let expected = modules(&healthy);
    assert_conserved(&all.unwrap().report);
    // One that is needed.
    let victim = needed(&workshop.frozen.1);
    for (number, (fault, says)) in faults.into_iter().enumerate() {
        for linking in [Linking::OnePass, Linking::Streamed] {
            let project = workshop.frozen_project(&format!("project-{number}-{}", linking.name()));
            let store = workshop.dir.path().join(format!("store-{number}-{}", linking.name()));
            let options = Options { linking, store, ..project };
            workshop.registry.fault(&tarball_path(&victim), fault.clone(), None);
            let error = workshop.install(&options).unwrap_err().to_string();
            assert!(error.contains(&victim), "{fault:?}: {error}");
            assert!(error.contains(says), "{fault:?}: {error}");
            let url = workshop.registry.url().join(&tarball_path(&victim)).unwrap();
            assert!(error.contains(url.as_str()), "{fault:?}: {error}");
            assert!(!error.contains('\n'), "{fault:?}: {error}");
            assert_no_half_made_slot(&options.project, &expected);
            // The same install, once the registry is well, goes on.
            workshop.registry.heal();
            let summary = workshop.install(&options).unwrap();
            assert_conserved(&summary.report);
            assert_eq!(modules(&options), expected, "{fault:?}");
        }
    }
}

/// A package that is no optional one.
fn needed(lockfile: &Lockfile) -> String {
    let needed = lockfile.snapshots.iter().find(|(key, snapshot)| !snapshot.optional && !key.contains('('));
    needed.expect("some package is needed").0.clone()
}

/// Where a registry has the tarball of `name@version`.
fn tarball_path(id: &str) -> String {
    let (name, version) = id.rsplit_once('@').unwrap();
    let bare = name.rsplit('/').next().unwrap();
    format!("/{name}/-/{bare}-{version}.tgz")
}

/// Each slot that is there is whole.
fn assert_no_half_made_slot(project: &Path, expected: &[String]) {
    let virtual_store = project.join("node_modules/.pnpm");
    assert!(!virtual_store.join(".staging").exists());
    // Where no slot was made, there is nothing.
    for slot in fs::read_dir(&virtual_store).into_iter().flatten().map(|slot| slot.unwrap()) {
        let name = slot.file_name().into_string().unwrap();
        if name.starts_with('.') || name == "node_modules" {
            continue;
        }
        let prefix = format!(".pnpm/{name}/");
        // Commands are linked at the end of an install, and symlinks to what cannot be had go then.
        let is_of_slot = |file: &str| !file.contains("/.bin/") && !file.contains("z-unpublished");
        let whole =
            expected.iter().filter_map(|file| file.strip_prefix(&prefix)).filter(|file| is_of_slot(file));
        let there = tree(&slot.path()).into_iter().filter(|file| is_of_slot(file));
        assert_eq!(there.collect::<Vec<_>>(), whole.collect::<Vec<_>>(), "{name}");
    }
}

#[test]
fn a_fault_that_passes_is_survived() {
    let limits = Limits { retry_min: Duration::from_millis(1), ..Limits::default() };
    let workshop = Workshop::with_limits(30, limits);
    let victim = needed(&workshop.frozen.1);
    let faults = [
        Fault::Status(503),
        Fault::RetryAfter(429, 0),
        Fault::Truncated,
        Fault::Cut,
        Fault::Empty,
        Fault::Instead(bytes::Bytes::from_static(&[0x1f])),
    ];
    for (number, fault) in faults.into_iter().enumerate() {
        workshop.registry.fault(&tarball_path(&victim), fault, Some(2));
        let project = workshop.frozen_project(&format!("project-{number}"));
        let store = workshop.dir.path().join(format!("store-{number}"));
        workshop.install(&Options { store, ..project }).unwrap();
    }
}

/// The memory cache: each tarball is asked for once, though the resolution and the cold batch both want it.
#[test]
fn each_tarball_is_asked_for_once() {
    let workshop = Workshop::new(60);
    let summary = workshop.install(&workshop.project("project")).unwrap();
    let asked = workshop.registry.tarball_requests();
    assert_eq!(asked as u64, summary.downloaded + summary.count("failed"));
    workshop.install(&workshop.project("again")).unwrap();
    let again = workshop.registry.tarball_requests() - asked;
    assert_eq!(again as u64, summary.count("failed"), "what is in the store is not asked for");
}

/// Two installs of two projects, at once, on one store.
#[test]
fn two_installs_at_once_share_a_store() {
    let workshop = Workshop::new(60);
    let projects = [workshop.frozen_project("a"), workshop.frozen_project("b")];
    std::thread::scope(|threads| {
        for options in &projects {
            threads.spawn(|| assert_conserved(&workshop.install(options).unwrap().report));
        }
    });
    assert_eq!(modules(&projects[0]), modules(&projects[1]));
}

#[test]
fn what_is_not_ours_is_left_alone() {
    let workshop = Workshop::new(5);
    let options = workshop.frozen_project("project");
    let theirs = options.project.join("node_modules/theirs");
    fs::create_dir_all(&theirs).unwrap();
    let error = workshop.install(&options).unwrap_err().to_string();
    assert!(error.contains("was not made by this program"), "{error}");
    assert!(theirs.exists());

    fs::remove_dir_all(options.project.join("node_modules")).unwrap();
    workshop.install(&options).unwrap();
    let name = workshop.frozen.0.dependencies.keys().next().unwrap();
    let place = options.project.join("node_modules").join(name);
    fs::remove_file(&place).unwrap();
    fs::create_dir(&place).unwrap();
    let error = workshop.install(&options).unwrap_err().to_string();
    assert!(error.contains("is no symlink"), "{error}");
}

#[test]
fn one_install_works_on_a_project_at_a_time() {
    let workshop = Workshop::new(5);
    let options = workshop.frozen_project("project");
    workshop.install(&options).unwrap();
    let lock = fs::File::open(options.project.join("node_modules/.pnpm/.testbed.lock")).unwrap();
    lock.lock().unwrap();
    let error = workshop.install(&options).unwrap_err().to_string();
    assert!(error.contains("another install works on"), "{error}");
    lock.unlock().unwrap();
    workshop.install(&options).unwrap();
}

/// Files that someone removed from the store: the install that finds out says so, the next one is well.
#[test]
fn a_file_that_the_store_has_lost_is_fetched_again() {
    let workshop = Workshop::new(5);
    workshop.install(&workshop.frozen_project("first")).unwrap();
    let files = workshop.store().join("v1/files");
    for file in tree(&files) {
        fs::remove_file(files.join(file)).unwrap();
    }
    let options = workshop.frozen_project("second");
    let error = workshop.install(&options).unwrap_err().to_string();
    assert!(error.contains("is not in the store any more"), "{error}");
    assert_conserved(&workshop.install(&options).unwrap().report);
}

/// Files that were damaged: one that was cut off is noticed when it is linked, and any is mended when its package is fetched.
#[test]
fn what_is_damaged_in_the_store_is_mended() {
    let workshop = Workshop::new(5);
    let first = workshop.frozen_project("first");
    workshop.install(&first).unwrap();
    let whole = contents(&first);
    let files = workshop.store().join("v1/files");
    let damage = |damage: &dyn Fn(usize) -> Vec<u8>| {
        for file in tree(&files) {
            let file = files.join(file);
            let length = fs::metadata(&file).unwrap().len();
            // Not through the hard links of the first project.
            fs::remove_file(&file).unwrap();
            fs::write(&file, damage(usize::try_from(length).unwrap())).unwrap();
        }
    };
    damage(&|_| Vec::new());
    let second = workshop.frozen_project("second");
    assert!(workshop.install(&second).unwrap_err().to_string().contains("or was cut off"));
    workshop.install(&second).unwrap();
    assert_eq!(contents(&second), whole);

    damage(&|length| vec![0; length]);
    fs::remove_file(workshop.store().join("v1/index.db")).unwrap();
    let third = workshop.frozen_project("third");
    workshop.install(&third).unwrap();
    assert_eq!(contents(&third), whole);
}

/// Every file of a project's virtual store, with its bytes.
fn contents(options: &Options) -> Vec<(String, Vec<u8>)> {
    let slots = options.project.join("node_modules/.pnpm");
    let files = tree(&slots).into_iter().filter(|file| file.contains('/') && !file.contains(" -> "));
    files.map(|file| (file.clone(), fs::read(slots.join(&file)).unwrap())).collect()
}

/// An optional dependency that does not exist is not in the lockfile, and is no reason to call that out of date.
#[test]
fn an_optional_dependency_that_does_not_exist_is_left_out_each_time() {
    let workshop = Workshop::new(5);
    let options = workshop.project("project");
    let mut manifest = workshop.fresh.clone();
    manifest.optional_dependencies.insert("no-such-package".into(), "1".into());
    manifest.optional_dependencies.insert("of-git".into(), "github:no/such".into());
    manifest.write(&options.project.join("package.json")).unwrap();
    workshop.install(&options).unwrap();
    let lockfile = options.project.join("pnpm-lock.yaml");
    workshop.install(&Options { source: Source::Lockfile(lockfile), ..options.clone() }).unwrap();

    fs::write(options.project.join("pnpm-workspace.yaml"), "packages: [a]").unwrap();
    let error = workshop.install(&options).unwrap_err().to_string();
    assert!(error.contains("pnpm-workspace.yaml is that of several projects"), "{error}");
}

/// A disk that is full: what was whole stays, and the install goes on when there is room.
#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_named_and_gone_on_from() {
    let workshop = Workshop::new(30);
    let small = workshop.dir.path().join("small");
    fs::create_dir(&small).unwrap();
    let mount = |size: &str| {
        let option = format!("{size},mode=777");
        Command::new("mount").args(["-t", "tmpfs", "-o", &option, "tmpfs"]).arg(&small).output()
    };
    if !mount("size=300k").is_ok_and(|mounted| mounted.status.success()) {
        println!("left out: this user may not mount a small disk");
        return;
    }
    let options = Options { store: small.join("store"), ..workshop.frozen_project("project") };
    let result = workshop.install(&options);
    let grown = Command::new("mount").args(["-o", "remount,size=200m"]).arg(&small).output().unwrap();
    let second = workshop.install(&options);
    let unmounted = Command::new("umount").arg("-l").arg(&small).output().unwrap();
    assert!(grown.status.success() && unmounted.status.success());
    let error = result.unwrap_err().to_string();
    assert!(error.contains("free some space") || error.contains("full"), "{error}");
    assert_conserved(&second.unwrap().report);
}

/// Downloads are in flight together. Each is held until a second one is, so no clock decides it.
#[test]
fn downloads_are_in_flight_together() {
    let workshop = Workshop::new(30);
    let options = workshop.frozen_project("project");
    let mut install = Scope::builder("install").threads(2).hold("download", 2).open();
    let progress = Arc::new(Progress::hidden());
    workshop.runtime.block_on(install_project(&mut install, &options, &progress)).unwrap();
    install.reading("download").in_batch("needed").assert_in_flight(2);
}

#[test]
fn a_summary_is_one_line() {
    let workshop = Workshop::new(60);
    let summary: Summary = workshop.install(&workshop.project("project")).unwrap();
    let line = summary.to_string();
    assert!(!line.contains('\n'), "{line}");
    let linked = format!("linked {} packages (", summary.count("linked"));
    assert!(line.starts_with(&linked), "{line}");
}

/// Phases and counts are in the report, whatever the way.
#[test]
fn the_report_has_every_phase_and_count() {
    let workshop = Workshop::new(30);
    let options = workshop.project("project");
    let mut scope = Scope::builder("install").threads(2).open();
    let progress = Arc::new(Progress::hidden());
    workshop.runtime.block_on(testbed::install::install(&mut scope, &options, &progress)).unwrap();
    let report = scope.report();
    let phases: Vec<&str> = report.phases.iter().map(|phase| phase.name.as_str()).collect();
    for phase in ["resolve", "download", "create_virtual_store", "link_warm", "link_cold", "bins"] {
        assert!(phases.contains(&phase), "{phase} is not in {phases:?}");
    }
    for name in ["warm", "cold", "kept", "skipped", "linked", "failed", "bins"] {
        assert!(report.counts.contains_key(name), "{name} is not in {:?}", report.counts);
    }
    assert!(count(&report, "skipped") > 0);
    let client = Client::new(testbed::net::LinkProfile::default(), Limits::default());
    assert!(client.is_ok());
}
