//! The registry over real connections: generated packages and those of a mirror.

mod support;

use bytes::Bytes;
use futures::stream::{self, StreamExt};
use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};
use support::pack;
use testbed::lockfile::Lockfile;
use testbed::net::{Client, FetchError, Limits, LinkProfile, NpmConfig, RegistryClient};
use testbed::package::{PackageId, PackageName, Platform, VersionManifest};
use testbed::registry::{Catalogue, Embedded, Mirror, Packument, Registry};
use testbed::resolver::{PackumentSource, resolve};
use testbed::store::{gunzip, unpack};
use url::Url;

async fn start(catalogue: Catalogue) -> (Registry, RegistryClient) {
    let registry = Registry::start(catalogue, (std::net::Ipv4Addr::LOCALHOST, 0).into()).await.unwrap();
    let client = Client::new(LinkProfile::default(), Limits { retries: 0, ..Limits::default() }).unwrap();
    let config = NpmConfig::default().or_registry(registry.url().clone());
    let client = RegistryClient::new(client, config);
    (registry, client)
}

async fn embedded(packages: usize, seed: u64) -> (Registry, RegistryClient) {
    start(Catalogue::Embedded(Box::new(Embedded::generate(packages, seed)))).await
}

/// The tarballs of a lockfile's packages that can be had.
async fn tarballs(client: &RegistryClient, lockfile: &Lockfile) -> Vec<Bytes> {
    let ids = lockfile.packages.keys().map(|id| PackageId::parse(id).unwrap());
    let urls: Vec<_> = ids.map(|id| client.tarball_url(&id).unwrap()).collect();
    let fetched = stream::iter(&urls).map(|url| client.tarball(url)).buffered(8);
    fetched.filter_map(async |tarball| tarball.ok()).collect().await
}

#[tokio::test]
async fn the_same_seed_makes_the_same_packages_and_another_one_does_not() {
    for packages in [0, 1, 2, 5, 8, 20, 50, 300] {
        let (one, same) = (Embedded::generate(packages, 7), Embedded::generate(packages, 7));
        assert_eq!(one.frozen(), same.frozen(), "{packages}");
        assert_eq!(one.project(), same.project(), "{packages}");
        let other = Embedded::generate(packages, 8);
        assert_eq!(one.frozen() == other.frozen(), packages == 0, "{packages}");
    }
}

/// What an installer is to install of a project, and of its lockfile, is what was asked for.
#[tokio::test]
async fn projects_have_as_many_packages_as_were_asked_for() {
    for packages in [0, 1, 2, 5, 8, 19, 20, 21, 50, 300, 1308] {
        let generated = Embedded::generate(packages, 1);
        let (project, (_, frozen)) = (generated.project(), generated.frozen());
        let (_registry, client) = start(Catalogue::Embedded(Box::new(generated))).await;
        let mut announced = 0;
        let fresh = resolve(&client, &project, |_| announced += 1).await.unwrap();
        assert_eq!(announced, packages);
        for lockfile in [&fresh, &frozen] {
            let graph = lockfile.graph(Path::new("generated")).unwrap();
            let wanted = graph.wanted(&Platform::current());
            assert_eq!(wanted.iter().filter(|wanted| **wanted).count(), packages);
            assert_eq!(
                wanted.len() - packages,
                if packages < 20 { 0 } else { 2 },
                "those of other platforms"
            );
        }
        let peers = frozen.snapshots.keys().filter(|key| key.contains('(')).count();
        assert_eq!(peers, if packages < 50 { 0 } else { 4 });
        let had = tarballs(&client, &fresh).await.len();
        assert_eq!(had, fresh.packages.len() - if packages < 20 { 0 } else { 2 }, "two cannot be had");
    }
}

/// Asks a registry, and notes in which order.
struct Noting {
    client: RegistryClient,
    bytes: Mutex<Vec<usize>>,
}

impl PackumentSource for Noting {
    type Error = FetchError;

    async fn packument(&self, name: &PackageName) -> Result<Arc<Packument>, FetchError> {
        let packument = self.client.packument(name).await?;
        let bytes = packument.versions.values().map(|version| version.get().len()).sum();
        self.bytes.lock().unwrap().push(bytes);
        Ok(Arc::new(packument))
    }

    fn usual_tarball(&self, id: &PackageId) -> Option<Url> {
        self.client.tarball_url(id).ok()
    }
}

/// The default is as large, as many and as deep as it says.
#[tokio::test]
async fn the_default_is_like_npm() {
    let generated = Embedded::generate(1308, 12250);
    let (project, (_, frozen)) = (generated.project(), generated.frozen());
    let (_registry, client) = start(Catalogue::Embedded(Box::new(generated))).await;
    let tarballs = tarballs(&client, &frozen).await;
    let mean = tarballs.iter().map(Bytes::len).sum::<usize>() / tarballs.len();
    assert!((62_000..76_000).contains(&mean), "tarballs of {mean} bytes");
    let mut sizes: Vec<usize> = tarballs.iter().map(Bytes::len).collect();
    sizes.sort_unstable();
    assert!(sizes[sizes.len() / 2] * 3 < mean, "a few large ones and many small ones");
    let archives: Vec<Vec<u8>> = tarballs.iter().map(|tarball| gunzip(tarball).unwrap()).collect();
    let files: usize = archives.iter().map(|archive| unpack(archive).unwrap().len()).sum();
    assert!((15..25).contains(&(files / archives.len())), "{files} files");
    let ratio = archives.iter().map(Vec::len).sum::<usize>() / tarballs.iter().map(Bytes::len).sum::<usize>();
    assert!((2..=4).contains(&ratio), "they are {ratio} times as large when they are unpacked");

    let scoped = frozen.packages.keys().filter(|id| id.starts_with('@')).count();
    assert!((150..400).contains(&scoped), "{scoped} with a scope");
    let with_commands = frozen.packages.values().filter(|package| package.has_bin).count();
    assert!((30..120).contains(&with_commands), "{with_commands} with commands");

    // A package is asked for only when one that depends on it is known: the depth is that of the rounds.
    let noting = Noting { client, bytes: Mutex::default() };
    let lockfile = resolve(&noting, &project, drop).await.unwrap();
    let mut depth = 0;
    let mut level: Vec<String> = lockfile.importers["."].all().map(|(name, _)| name.clone()).collect();
    while !level.is_empty() {
        depth += 1;
        let of_level = lockfile
            .snapshots
            .iter()
            .filter(|(key, _)| level.iter().any(|name| key.starts_with(&format!("{name}@"))));
        level = of_level.flat_map(|(_, snapshot)| snapshot.dependencies.keys().cloned()).collect();
        level.sort();
        level.dedup();
    }
    assert_eq!(depth, 9, "levels");
    let mut bytes = noting.bytes.into_inner().unwrap();
    assert_eq!(bytes.len(), lockfile.packages.len(), "each packument once");
    bytes.sort_unstable();
    let mean = bytes.iter().sum::<usize>() / bytes.len();
    assert!((90_000..110_000).contains(&mean), "packuments of {mean} bytes");
    assert!((20_000..40_000).contains(&bytes[bytes.len() / 2]), "half of them are small");
    assert!(bytes.iter().any(|bytes| *bytes > 2_000_000), "and some have megabytes");
}

#[tokio::test]
async fn what_is_served_and_what_is_not() {
    let (registry, _) = embedded(8, 1).await;
    let client = Client::new(LinkProfile::default(), Limits { retries: 0, ..Limits::default() }).unwrap();
    let get = async |path: &str| client.get(&registry.url().join(path).unwrap(), None, None).await;
    assert_eq!(get("").await.unwrap(), r#"{"packages":8}"#);
    for missing in [
        "no-such",
        "@no/such",
        "@no%2fsuch",
        "no-such/-/no-such-1.0.0.tgz",
        "..%2f..%2fetc%2fpasswd",
        "a/b/c",
    ] {
        assert!(get(missing).await.unwrap_err().is_not_found(), "{missing}");
    }
    assert_eq!((registry.packument_requests(), registry.tarball_requests()), (5, 1));
    assert!(client.post(registry.url(), Vec::new()).await.unwrap_err().to_string().contains("405"));
}

/// A client that knows the registry by another name gets tarballs from there too.
#[tokio::test]
async fn tarballs_are_where_packuments_are() {
    let generated = Embedded::generate(1, 1);
    let name: PackageName = generated.project().dependencies.keys().next().unwrap().parse().unwrap();
    let (registry, client) = start(Catalogue::Embedded(Box::new(generated))).await;
    let mut by_name = registry.url().clone();
    by_name.set_host(Some("localhost")).unwrap();
    let other = Client::new(LinkProfile::default(), Limits::default()).unwrap();
    let other = RegistryClient::new(other, NpmConfig::default().or_registry(by_name));
    for (client, host) in [(client, "127.0.0.1"), (other, "localhost")] {
        let packument = client.packument(&name).await.unwrap();
        assert!(packument.versions.len() > 1, "older ones are told of");
        for version in packument.versions.values() {
            let manifest: VersionManifest = serde_json::from_str(version.get()).unwrap();
            assert_eq!(manifest.dist.tarball.host_str(), Some(host));
        }
        let latest: VersionManifest =
            serde_json::from_str(packument.versions[&packument.dist_tags["latest"]].get()).unwrap();
        assert!(!client.tarball(&latest.dist.tarball).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_mirror_serves_the_packages_of_a_directory() {
    let dir = tempfile::tempdir().unwrap();
    for (file, manifest) in [
        ("a1.tgz", r#"{"name":"a","version":"1.2.0","dependencies":{"@s/b":"^2"},"bin":"cli.js"}"#),
        ("a2.tgz", r#"{"name":"a","version":"1.10.0"}"#),
        ("a3.tgz", r#"{"name":"a","version":"2.0.0-beta.1"}"#),
        ("b.tgz", r#"{"name":"@s/b","version":"2.0.0","os":"linux","scripts":{"install":"rm -rf /"}}"#),
    ] {
        fs::write(dir.path().join(file), pack(&[("package/package.json", manifest)])).unwrap();
    }
    fs::write(dir.path().join("README"), "no package").unwrap();
    let (_registry, client) = start(Catalogue::Mirror(Mirror::open(dir.path()).unwrap())).await;
    let a = client.packument(&"a".parse().unwrap()).await.unwrap();
    assert_eq!(a.dist_tags["latest"], "1.10.0", "the highest release");
    assert_eq!(a.versions.len(), 3);
    let manifest: VersionManifest = serde_json::from_str(a.versions["1.2.0"].get()).unwrap();
    assert_eq!(manifest.dependencies["@s/b"], "^2");
    let tarball = client.tarball(&manifest.dist.tarball).await.unwrap();
    assert_eq!(tarball, fs::read(dir.path().join("a1.tgz")).unwrap());
    let integrity: ssri::Integrity = manifest.dist.integrity.unwrap().parse().unwrap();
    integrity.check(&tarball).unwrap();
}

#[test]
fn what_is_no_mirror_is_named() {
    let package = |manifest: &str| pack(&[("package/package.json", manifest)]);
    let good = package(r#"{"name":"a","version":"1.0.0"}"#);
    for (file, bytes, says) in [
        ("cut.tgz", good[..good.len() - 10].to_vec(), "no whole gzip file"),
        ("text.tgz", b"text".to_vec(), "no whole gzip file"),
        ("empty.tgz", pack(&[]), "no file"),
        ("none.tgz", pack(&[("package/index.js", "")]), "no package.json"),
        ("syntax.tgz", package("{"), "its package.json"),
        ("list.tgz", package("[]"), "no object"),
        ("nameless.tgz", package(r#"{"version":"1.0.0"}"#), "missing field `name`"),
        ("name.tgz", package(r#"{"name":"../a","version":"1.0.0"}"#), "no package name"),
        ("version.tgz", package(r#"{"name":"a","version":"one"}"#), "no version"),
        ("twice.tgz", good.clone(), "is in another file too"),
        ("escapes.tgz", pack(&[("package/link", ""), ("other/package.json", "{}")]), "its package.json"),
    ] {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("good.tgz"), &good).unwrap();
        assert!(Mirror::open(dir.path()).is_ok());
        fs::write(dir.path().join(file), bytes).unwrap();
        let error = Mirror::open(dir.path()).unwrap_err().to_string();
        assert!(error.contains(says) && error.contains(".tgz"), "{file}: {error}");
    }
    let dir = tempfile::tempdir().unwrap();
    assert!(Mirror::open(dir.path()).unwrap_err().to_string().contains("no .tgz file"));
    assert!(Mirror::open(&dir.path().join("none")).unwrap_err().to_string().contains("--mirror"));
}

#[tokio::test]
async fn a_port_that_is_taken_is_said_to_be() {
    let (registry, _) = embedded(1, 1).await;
    let address = registry.url().socket_addrs(|| None).unwrap()[0];
    let again = Registry::start(Catalogue::Embedded(Box::new(Embedded::generate(1, 1))), address).await;
    let error = again.unwrap_err().to_string();
    assert!(error.contains(&address.to_string()) && error.contains("another program"), "{error}");
}
