//! What packages have when they are unpacked is bounded by bytes, not by the number of threads. A test program of its own,
//! because its allocator has a limit.

mod support;

use concurrency_probe::Scope;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::alloc::System;
use std::fs;
use std::io::Write;
use std::sync::Arc;
use support::Workshop;
use testbed::install::{DownloadError, Downloads, Progress, Unpacking, Wanted};
use testbed::lockfile::Lockfile;
use testbed::package::PackageId;
use testbed::store::Store;

#[global_allocator]
static MEMORY: cap::Cap<System> = cap::Cap::new(System, usize::MAX);

const MIB: usize = 1 << 20;

/// A package with a file of so many megabytes of nothing, which is small as a tarball.
fn package(name: &str, mib: usize) -> Vec<u8> {
    let manifest = format!(r#"{{"name":"{name}","version":"1.0.0"}}"#);
    let mut archive = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (path, bytes) in
        [("package/package.json", manifest.into_bytes()), ("package/large", vec![0; mib * MIB])]
    {
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        archive.append_data(&mut header, path, &*bytes).unwrap();
    }
    let mut gzip = archive.into_inner().unwrap();
    gzip.flush().unwrap();
    gzip.finish().unwrap()
}

/// Downloads packages, all of them at once, while there is only so much memory more than before.
fn download(
    workshop: &Workshop,
    unpacking: Unpacking,
    limit: usize,
    names: &[String],
) -> Result<(), Arc<DownloadError>> {
    let lockfile = Lockfile::read(&workshop.dir.path().join("project/pnpm-lock.yaml")).unwrap();
    let registry = workshop.registry_client();
    let dir = tempfile::tempdir_in(workshop.dir.path()).unwrap();
    let store = Arc::new(Store::open(dir.path()).unwrap());
    let writer = store.index().writer().unwrap();
    let progress = Arc::new(Progress::hidden());
    let scope = Scope::open("install");
    let result = workshop.runtime.block_on(async {
        let downloads = Downloads::within(unpacking, &registry, &store, writer.rows(), &progress).unwrap();
        MEMORY.set_limit(MEMORY.allocated() + limit).unwrap();
        let started = names.iter().map(|name| {
            let package = PackageId::parse(&format!("{name}@1.0.0")).unwrap();
            let integrity = lockfile.packages[&package.to_string()].resolution.integrity.clone().unwrap();
            let tarball = registry.tarball_url(&package).unwrap();
            downloads.start(&scope, &Wanted { package, integrity, tarball }).unwrap()
        });
        let started: Vec<_> = started.collect();
        let ended = futures::future::try_join_all(started).await;
        MEMORY.set_limit(usize::MAX).unwrap();
        ended.map(drop)
    });
    writer.finish().unwrap();
    // Whole or not at all.
    let staged = fs::read_dir(dir.path().join("v1/staging")).unwrap();
    let staged = staged.flat_map(|of_install| fs::read_dir(of_install.unwrap().path()).unwrap());
    assert_eq!(staged.filter(|file| file.as_ref().unwrap().file_name() != ".testbed-scratch").count(), 0);
    result
}

#[test]
fn many_large_packages_are_unpacked_in_bounded_memory() {
    let mut packages: Vec<(String, Vec<u8>)> =
        (0..12).map(|number| (format!("large-{number}"), package(&format!("large-{number}"), 24))).collect();
    packages.push(("huge".into(), package("huge", 150)));
    let mirrored: Vec<(&str, Vec<u8>)> =
        packages.iter().map(|(name, tarball)| (name.as_str(), tarball.clone())).collect();
    let workshop = Workshop::with_mirror(&mirrored);
    workshop.install(&workshop.project("project")).unwrap();
    let names: Vec<String> = packages.into_iter().map(|(name, _)| name).collect();
    let (large, huge) = names.split_at(12);

    // Two have room, though eight threads would unpack: 8 * 24 MiB are twice as much as there is.
    let unpacking = Unpacking { memory: 50 << 20, threads: 8 };
    download(&workshop, unpacking, 90 * MIB, large).unwrap();
    // One that is larger than all of it is unpacked alone, in whatever it needs: before others, after them, and between.
    download(&workshop, unpacking, 250 * MIB, huge).unwrap();
    download(&workshop, unpacking, 250 * MIB, &names).unwrap();

    // The twin: it is the limit that counts.
    let error = download(&workshop, unpacking, 90 * MIB, huge).unwrap_err().to_string();
    assert!(error.contains("cannot store huge@1.0.0: there is no memory for the"), "{error}");
    assert!(!error.contains('\n'), "{error}");
}
