//! What an install may go on without: an optional package that the registry does not have, and nothing else.

mod support;

use bytes::Bytes;
use ssri::{Algorithm, IntegrityOpts};
use std::fs;
use std::time::Duration;
use support::{Workshop, everything, pack};
use testbed::install::{Options, Source};
use testbed::lockfile::Lockfile;
use testbed::net::{Client, Limits, LinkProfile};
use testbed::package::ProjectManifest;
use testbed::registry::Fault;

const TARBALL: &str = "/victim/-/victim-1.0.0.tgz";

/// A registry of two packages, of which the project needs one, and the other or not.
struct Bench {
    workshop: Workshop,
    lockfile: Lockfile,
    optional: bool,
}

impl Bench {
    fn new(optional: bool) -> Self {
        let package = |name: &str| {
            let manifest = format!(r#"{{"name":"{name}","version":"1.0.0"}}"#);
            pack(&[("package/package.json", &manifest), ("package/index.js", "")])
        };
        let mut workshop = Workshop::with_mirror(&[("kept", package("kept")), ("victim", package("victim"))]);
        let limits = Limits { retry_min: Duration::ZERO, ..Limits::default() };
        workshop.client = Client::new(LinkProfile::default(), limits).unwrap();
        let one = |name: &str| [(name.to_owned(), "*".to_owned())].into();
        workshop.fresh = if optional {
            let (dependencies, optional_dependencies) = (one("kept"), one("victim"));
            ProjectManifest { dependencies, optional_dependencies, ..ProjectManifest::default() }
        } else {
            let dependencies = ["kept", "victim"].map(|name| (name.to_owned(), "*".to_owned())).into();
            ProjectManifest { dependencies, ..ProjectManifest::default() }
        };
        let first = workshop.project("first");
        workshop.install(&first).unwrap();
        let lockfile = Lockfile::read(first.source.path()).unwrap();
        Bench { workshop, lockfile, optional }
    }

    /// A project with this lockfile, and a store that has nothing.
    fn project(&self, name: &str, change: impl FnOnce(&mut Lockfile)) -> Options {
        let options = self.workshop.project(name);
        let mut lockfile = self.lockfile.clone();
        change(&mut lockfile);
        let path = options.project.join("pnpm-lock.yaml");
        lockfile.write(&path).unwrap();
        let store = self.workshop.dir.path().join(format!("{name}-store"));
        Options { source: Source::Lockfile(path), store, ..options }
    }

    /// Installs, and says what of it.
    fn check(&self, what: &str, options: &Options, is_left_out: bool, says: &str) {
        let of = if self.optional { "optional" } else { "needed" };
        let result = self.workshop.install(options);
        let there = |name: &str| options.project.join("node_modules").join(name).exists();
        if self.optional && is_left_out {
            let summary = result.unwrap_or_else(|error| panic!("{of}, {what}: {error}"));
            assert_eq!((summary.count("linked"), summary.count("failed")), (1, 1), "{of}, {what}");
            assert!(there("kept") && !there("victim"), "{of}, {what}");
        } else {
            let error = result.err().unwrap_or_else(|| panic!("{of}, {what}: it is installed")).to_string();
            assert!(error.contains("victim") && error.contains(says), "{of}, {what}: {error}");
            assert!(!error.contains('\n'), "{of}, {what}: {error}");
        }
        self.workshop.registry.heal();
    }
}

#[test]
fn an_optional_package_is_left_out_only_if_the_registry_does_not_have_it() {
    let sealed = |tarball: &[u8]| {
        let integrity = IntegrityOpts::new().algorithm(Algorithm::Sha512).chain(tarball).result();
        integrity.to_string()
    };
    let hostile = pack(&[("stray", "x")]);
    let damaged = Bytes::from_static(b"\x1f\x8bno gzip at all");
    for bench in [true, false].map(Bench::new) {
        for (number, (fault, is_left_out, says)) in [
            (Fault::Status(404), true, "404"),
            (Fault::Status(410), true, "410"),
            (Fault::Status(451), true, "451"),
            (Fault::Status(400), false, "400"),
            (Fault::Status(401), false, "401"),
            (Fault::Status(403), false, "403"),
            (Fault::Status(429), false, "429"),
            (Fault::Status(500), false, "500"),
            (Fault::Status(503), false, "503"),
            (Fault::Corrupt, false, "its tarball is sha512-"),
            (Fault::Garbage, false, "its tarball is sha512-"),
            (Fault::Truncated, false, "ended before the answer did"),
            (Fault::Cut, false, "bytes came, and the tarball goes on"),
            (Fault::Empty, false, "nothing came"),
        ]
        .into_iter()
        .enumerate()
        {
            let options = bench.project(&format!("fault-{number}"), |_| {});
            bench.workshop.registry.fault(TARBALL, fault.clone(), None);
            bench.check(&format!("{fault:?}"), &options, is_left_out, says);
            let again = bench.workshop.install(&options).unwrap();
            assert_eq!(again.count("linked") + again.count("kept"), 2, "{fault:?}");
        }

        // What the lockfile has of it is another thing.
        let victim = "victim@1.0.0";
        let elsewhere = |lockfile: &mut Lockfile| {
            let resolution = &mut lockfile.packages.get_mut(victim).unwrap().resolution;
            resolution.tarball = Some("http://127.0.0.1:1/victim.tgz".into());
        };
        let options = bench.project("elsewhere", elsewhere);
        bench.check("nobody listens", &options, false, "connection refused");
        for (name, tarball, says) in [
            ("hostile", Bytes::from(hostile.clone()), "in no directory"),
            ("damaged", damaged.clone(), "gzip"),
        ] {
            let options = bench.project(name, |lockfile| {
                let resolution = &mut lockfile.packages.get_mut(victim).unwrap().resolution;
                resolution.integrity = Some(sealed(&tarball));
            });
            bench.workshop.registry.fault(TARBALL, Fault::Instead(tarball.clone()), None);
            bench.check(name, &options, false, says);
        }

        // What is in the way in the store.
        let options = bench.project("store", |_| {});
        bench.workshop.registry.fault(TARBALL, Fault::Status(404), None);
        let _ = bench.workshop.install(&options);
        bench.workshop.registry.heal();
        fs::remove_dir_all(options.store.join("v1/staging")).unwrap();
        fs::remove_dir_all(options.store.join("v1/files")).unwrap();
        fs::write(options.store.join("v1/staging"), "").unwrap();
        let before = everything(&options.project);
        let error = bench.workshop.install(&options).unwrap_err().to_string();
        assert!(error.contains("v1/staging") && !error.contains('\n'), "{error}");
        assert_eq!(everything(&options.project), before);
    }
}

/// A registry that does not say which versions there are: the lockfile would be without a package that exists.
#[test]
fn an_optional_package_is_left_out_of_a_lockfile_only_if_the_registry_does_not_have_it() {
    for bench in [true, false].map(Bench::new) {
        for (number, (fault, is_left_out, says)) in [
            (Fault::Status(404), true, "404"),
            (Fault::Status(410), true, "410"),
            (Fault::Status(403), false, "403"),
            (Fault::Status(503), false, "503"),
            (Fault::Garbage, false, "makes no sense"),
            (Fault::Cut, false, "goes on"),
            (Fault::Empty, false, "goes on"),
        ]
        .into_iter()
        .enumerate()
        {
            let options = bench.workshop.project(&format!("resolve-{number}"));
            bench.workshop.registry.fault("/victim", fault.clone(), None);
            let result = bench.workshop.install(&options);
            bench.workshop.registry.heal();
            assert_eq!(options.source.path().exists(), result.is_ok(), "{fault:?}");
            match result {
                Ok(_) => assert!(bench.optional && is_left_out, "{fault:?}"),
                Err(error) => {
                    let error = error.to_string();
                    assert!(!(bench.optional && is_left_out), "{fault:?}: {error}");
                    assert!(error.contains("victim") && error.contains(says), "{fault:?}: {error}");
                    let there = everything(&options.project);
                    assert_eq!(there.len(), 1, "{fault:?}: only the package.json: {there:?}");
                }
            }
        }
    }
}
