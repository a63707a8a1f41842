//! The resolver, over a registry in memory.

use futures::executor::block_on;
use futures::future;
use serde_json::{Map, Value, json};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use testbed::lockfile::Lockfile;
use testbed::package::{PackageId, PackageName, ProjectManifest};
use testbed::registry::Packument;
use testbed::resolver::{IN_FLIGHT, PackumentSource, ResolvedPackage, resolve};
use url::Url;

/// Packuments by name.
#[derive(Default)]
struct Memory {
    packuments: BTreeMap<String, Value>,
    /// How often each answer is put off.
    turns: Option<fn(&str) -> usize>,
    asked: Mutex<Vec<String>>,
    in_flight: AtomicUsize,
    most_in_flight: AtomicUsize,
}

#[derive(Debug, thiserror::Error)]
#[error("no such package")]
struct Absent;

impl PackumentSource for Memory {
    type Error = Absent;

    fn usual_tarball(&self, id: &PackageId) -> Option<Url> {
        let PackageId { name, version } = id;
        Url::parse(&format!("https://registry.test/{name}/-/{}-{version}.tgz", name.bare())).ok()
    }

    async fn packument(&self, name: &PackageName) -> Result<Arc<Packument>, Absent> {
        self.asked.lock().unwrap().push(name.to_string());
        let in_flight = self.in_flight.fetch_add(1, Ordering::Relaxed) + 1;
        self.most_in_flight.fetch_max(in_flight, Ordering::Relaxed);
        for _ in 0..=self.turns.map_or(0, |turns| turns(name.as_str())) {
            yield_once().await;
        }
        self.in_flight.fetch_sub(1, Ordering::Relaxed);
        let packument = self.packuments.get(name.as_str()).ok_or(Absent)?;
        Ok(Arc::new(serde_json::from_str(&packument.to_string()).unwrap()))
    }
}

async fn yield_once() {
    let mut was_polled = false;
    future::poll_fn(|context| {
        if std::mem::replace(&mut was_polled, true) {
            return std::task::Poll::Ready(());
        }
        context.waker().wake_by_ref();
        std::task::Poll::Pending
    })
    .await;
}

/// A registry of `name@version`, each with the fields of its manifest. `latest` is the last one named.
fn registry(packages: &[(&str, Value)]) -> Memory {
    let mut memory = Memory::default();
    for (id, fields) in packages {
        let (name, version) = id.rsplit_once('@').unwrap();
        let bare = name.rsplit('/').next().unwrap();
        let mut manifest = json!({
            "name": name,
            "version": version,
            "dist": {
                "tarball": format!("https://registry.test/{name}/-/{bare}-{version}.tgz"),
                "integrity": format!("sha512-{}==", "A".repeat(86)),
            },
        });
        manifest.as_object_mut().unwrap().extend(fields.as_object().cloned().unwrap_or_else(Map::new));
        let packument = memory
            .packuments
            .entry(name.to_owned())
            .or_insert_with(|| json!({"name": name, "dist-tags": {}, "versions": {}}));
        packument["versions"][version] = manifest;
        packument["dist-tags"]["latest"] = json!(version);
    }
    memory
}

fn manifest(fields: Value) -> ProjectManifest {
    serde_json::from_value(fields).unwrap()
}

/// The lockfile and what was announced, or the message.
fn run(memory: &Memory, fields: Value) -> Result<(Lockfile, Vec<ResolvedPackage>), String> {
    let announced = RefCell::new(Vec::new());
    let lockfile =
        block_on(resolve(memory, &manifest(fields), |package| announced.borrow_mut().push(package)))
            .map_err(|error| error.to_string())?;
    lockfile.graph(Path::new("resolved")).unwrap();
    assert_eq!(Lockfile::parse(&lockfile.to_yaml(), Path::new("resolved")).unwrap(), lockfile);
    Ok((lockfile, announced.into_inner()))
}

fn ids(announced: &[ResolvedPackage]) -> BTreeSet<String> {
    let ids: BTreeSet<String> = announced.iter().map(|package| package.id.to_string()).collect();
    assert_eq!(ids.len(), announced.len(), "one was announced twice: {announced:?}");
    ids
}

fn set(ids: &[&str]) -> BTreeSet<String> {
    ids.iter().map(|id| (*id).to_owned()).collect()
}

#[test]
fn the_highest_version_that_satisfies() {
    let mut memory = registry(&[
        ("a@1.0.0", json!({})),
        ("a@1.2.0", json!({})),
        ("a@2.0.0-rc.1", json!({})),
        ("a@1.10.0", json!({})),
        ("pre@1.0.0-rc.1", json!({})),
        ("pre@1.0.0-rc.2", json!({})),
    ]);
    memory.packuments.get_mut("a").unwrap()["dist-tags"] =
        json!({"latest": "1.2.0", "next": "2.0.0-rc.1", "gone": "9.0.0"});
    for (alias, specifier, expected) in [
        ("a", "^1.0.0", "1.10.0"),
        ("a", "~1.2.0", "1.2.0"),
        ("a", "1.0.0", "1.0.0"),
        ("a", "*", "1.10.0"),
        ("a", "", "1.10.0"),
        ("a", "latest", "1.2.0"),
        ("a", "next", "2.0.0-rc.1"),
        ("a", "^2.0.0-rc.0", "2.0.0-rc.1"),
        ("b", "npm:a@~1.0", "a@1.0.0"),
        ("b", "npm:a", "a@1.10.0"),
        ("pre", "*", "1.0.0-rc.2"),
    ] {
        let (lockfile, _) = run(&memory, json!({"dependencies": {alias: specifier}})).unwrap();
        let direct = &lockfile.importers["."].dependencies[alias];
        assert_eq!((direct.specifier.as_str(), direct.version.as_str()), (specifier, expected));
    }
    for specifier in ["^2.0.0", "9", "gone", "unknown", "^1.99"] {
        let message = run(&memory, json!({"dependencies": {"a": specifier}})).unwrap_err();
        let known =
            format!("no version of `a` is `{specifier}`, which the project asks for: the highest of its 4");
        assert!(message.starts_with(&known), "{message}");
    }
}

#[test]
fn level_by_level_each_packument_once_and_at_most_so_many_at_once() {
    let wide: Vec<(String, Value)> = (0..200)
        .map(|n| {
            (
                format!("wide{n}@1.0.0"),
                json!({"dependencies": {"deep": "1", format!("wide{}", (n + 1) % 200): "1"}}),
            )
        })
        .chain([("deep@1.0.0".to_owned(), json!({"dependencies": {"deeper": "*"}}))])
        .chain([("deeper@1.0.0".to_owned(), json!({"dependencies": {"deep": "^1", "wide0": "1"}}))])
        .collect();
    let wide: Vec<(&str, Value)> = wide.iter().map(|(id, fields)| (id.as_str(), fields.clone())).collect();
    let memory = registry(&wide);
    let dependencies: BTreeMap<String, &str> = (0..200).map(|n| (format!("wide{n}"), "1")).collect();
    let (lockfile, announced) = run(&memory, json!({"dependencies": dependencies})).unwrap();
    assert_eq!((lockfile.snapshots.len(), ids(&announced).len()), (202, 202));
    assert_eq!(memory.most_in_flight.into_inner(), IN_FLIGHT);
    let asked = memory.asked.into_inner().unwrap();
    assert_eq!((asked.len(), &asked[200..]), (202, &["deep".to_owned(), "deeper".to_owned()][..]));
}

#[test]
fn the_lockfile_is_the_same_in_whatever_order_the_answers_come() {
    let packages = [
        ("a@1.0.0", json!({"dependencies": {"c": "1", "b": "1"}, "optionalDependencies": {"o": "1"}})),
        ("b@1.0.0", json!({"dependencies": {"c": "~1.0", "a": "1"}})),
        ("c@1.0.0", json!({"optionalDependencies": {"b": "1"}})),
        ("c@1.1.0", json!({"dependencies": {"o": "1"}})),
        ("o@1.0.0", json!({"dependencies": {"absent": "1"}})),
        ("o@1.1.0", json!({})),
    ];
    let wanted = json!({"dependencies": {"a": "1"}, "optionalDependencies": {"b": "1", "c": "1"}, "devDependencies": {"o": "*"}});
    let mut lockfiles = Vec::new();
    for turns in [
        (|_| 0) as fn(&str) -> usize,
        |name| usize::from(name.as_bytes()[0]),
        |name| usize::from(255 - name.as_bytes()[0]),
        |name| usize::from(name.as_bytes()[0] % 5),
    ] {
        let memory = Memory { turns: Some(turns), ..registry(&packages) };
        let (lockfile, announced) = run(&memory, wanted.clone()).unwrap();
        assert_eq!(ids(&announced), set(&["a@1.0.0", "b@1.0.0", "c@1.0.0", "c@1.1.0", "o@1.1.0"]));
        lockfiles.push(lockfile);
    }
    lockfiles.dedup();
    assert_eq!(lockfiles.len(), 1);
}

/// Each of these would be refused if it were needed.
#[test]
fn what_is_optional_is_left_out_where_it_is_not_supported() {
    let memory = registry(&[
        ("a@1.0.0", json!({"optionalDependencies": {"of-git": "github:no/such", "kept": "1"}})),
        ("kept@1.0.0", json!({})),
        ("peer@1.0.0", json!({"peerDependencies": {"kept": "1"}})),
        ("weak@1.0.0", json!({"dist": {"tarball": "https://x.test/w.tgz", "integrity": "sha1-deadbeef"}})),
        ("below@1.0.0", json!({"dependencies": {"kept": "1", "of-git": "github:no/such"}})),
    ]);
    for optional in ["peer", "weak", "below"] {
        assert!(run(&memory, json!({"dependencies": {optional: "1"}})).is_err(), "{optional}");
        let wanted =
            json!({"dependencies": {"a": "1"}, "optionalDependencies": {optional: "1", "x": "git://x/y"}});
        let (lockfile, _) = run(&memory, wanted).unwrap();
        let keys: Vec<&str> = lockfile.snapshots.keys().map(String::as_str).collect();
        assert_eq!(keys, ["a@1.0.0", "kept@1.0.0"], "{optional}");
    }
}

#[test]
fn a_lockfile_says_where_a_tarball_is_that_is_not_in_its_usual_place() {
    for (tarball, is_usual) in [
        ("https://registry.test/@s/a/-/a-1.0.0.tgz", true),
        ("http://registry.test/%40s%2fa/-/a-1.0.0.tgz", true),
        ("https://registry.test/cdn/@s/a/-/a-1.0.0.tgz", false),
        ("https://cdn.test/@s/a/-/a-1.0.0.tgz", false),
        ("https://registry.test:81/@s/a/-/a-1.0.0.tgz", false),
    ] {
        let integrity = format!("sha512-{}==", "A".repeat(86));
        let memory =
            registry(&[("@s/a@1.0.0", json!({"dist": {"tarball": tarball, "integrity": integrity}}))]);
        let (lockfile, _) = run(&memory, json!({"dependencies": {"@s/a": "1"}})).unwrap();
        let locked = lockfile.packages["@s/a@1.0.0"].resolution.tarball.as_deref();
        assert_eq!(locked, (!is_usual).then_some(tarball));
    }
}

#[test]
fn what_is_optional_is_left_out_where_it_cannot_be_had() {
    let memory = registry(&[
        (
            "a@1.0.0",
            json!({"dependencies": {"gone": "1", "old": "9", "kept": "1"}, "optionalDependencies": {"gone": "1", "old": "9"}}),
        ),
        ("old@1.0.0", json!({})),
        ("kept@1.0.0", json!({})),
        // Cannot be had, as something below it cannot.
        ("broken@1.0.0", json!({"dependencies": {"halfway": "1"}})),
        ("halfway@1.0.0", json!({"dependencies": {"gone": "1", "alone": "1"}})),
        ("alone@1.0.0", json!({})),
    ]);
    let (lockfile, _) = run(
        &memory,
        json!({"dependencies": {"a": "1"}, "optionalDependencies": {"broken": "1", "gone": "1"}}),
    )
    .unwrap();
    let keys: Vec<&str> = lockfile.snapshots.keys().map(String::as_str).collect();
    assert_eq!(keys, ["a@1.0.0", "kept@1.0.0"]);
    assert!(lockfile.importers["."].optional_dependencies.is_empty());

    let message = run(&memory, json!({"dependencies": {"broken": "1"}})).unwrap_err();
    assert_eq!(
        message,
        "cannot find out the versions of `gone`, which `halfway@1.0.0` asks for: no such package"
    );
    // Needed by one, after another could do without.
    let memory = Memory {
        turns: Some(|name| if name == "late" { 9 } else { 0 }),
        ..registry(&[
            ("broken@1.0.0", json!({"dependencies": {"gone": "1"}})),
            ("late@1.0.0", json!({"dependencies": {"later": "1"}})),
            ("later@1.0.0", json!({"dependencies": {"broken": "1"}})),
        ])
    };
    let message =
        run(&memory, json!({"dependencies": {"late": "1"}, "optionalDependencies": {"broken": "1"}}))
            .unwrap_err();
    assert!(message.contains("`gone`, which `broken@1.0.0` asks for"), "{message}");
}

#[test]
fn what_is_for_another_machine_is_locked_and_not_announced() {
    let other =
        json!({"os": ["no-such-system"], "cpu": "x64", "dependencies": {"below": "1", "shared": "1"}});
    let memory = registry(&[
        ("a@1.0.0", json!({"optionalDependencies": {"native": "1"}, "dependencies": {"shared": "1"}})),
        ("native@1.0.0", other.clone()),
        ("below@1.0.0", json!({})),
        ("shared@1.0.0", json!({})),
    ]);
    let (lockfile, announced) = run(&memory, json!({"dependencies": {"a": "1"}})).unwrap();
    assert_eq!(ids(&announced), set(&["a@1.0.0", "shared@1.0.0"]));
    let optional: Vec<bool> = lockfile.snapshots.values().map(|snapshot| snapshot.optional).collect();
    assert_eq!(optional, [false, true, true, false], "{:?}", lockfile.snapshots.keys());
    assert_eq!(lockfile.packages["native@1.0.0"].os.as_slice(), ["no-such-system"]);
    // What is needed is installed wherever it is said to run.
    let (_, announced) = run(&memory, json!({"dependencies": {"native": "1"}})).unwrap();
    assert_eq!(ids(&announced), set(&["native@1.0.0", "below@1.0.0", "shared@1.0.0"]));
    assert!(announced.iter().all(|package| !package.optional));
}

#[test]
fn a_lockfile_says_what_pnpm_needs() {
    let memory = registry(&[
        (
            "@s/a@1.0.0",
            json!({
                "bin": {"a": "a.js"}, "engines": {"node": ">=4", "npm": "*"}, "deprecated": "old", "libc": ["glibc"],
                "peerDependencies": {"p": "^1"}, "peerDependenciesMeta": {"p": {"optional": true}, "q": {"optional": true}},
                "dist": {"tarball": "https://cdn.test/a.tgz", "integrity": format!("sha512-{}==", "A".repeat(86))},
            }),
        ),
        ("user@1.0.0", json!({"dependencies": {"x": "npm:@s/a@1", "self": "npm:user@1"}})),
    ]);
    let (lockfile, announced) = run(&memory, json!({"devDependencies": {"user": "*"}})).unwrap();
    assert_eq!(
        serde_json::to_value(&lockfile).unwrap(),
        json!({
            "lockfileVersion": "9.0",
            "settings": {"autoInstallPeers": true, "excludeLinksFromLockfile": false},
            "importers": {".": {"devDependencies": {"user": {"specifier": "*", "version": "1.0.0"}}}},
            "packages": {
                "@s/a@1.0.0": {
                    "resolution": {"integrity": announced[1].integrity, "tarball": "https://cdn.test/a.tgz"},
                    "engines": {"node": ">=4"}, "libc": ["glibc"], "deprecated": "old", "hasBin": true,
                    "peerDependencies": {"p": "^1", "q": "*"},
                    "peerDependenciesMeta": {"p": {"optional": true}, "q": {"optional": true}},
                },
                "user@1.0.0": {"resolution": {"integrity": announced[0].integrity}},
            },
            "snapshots": {
                "@s/a@1.0.0": {},
                "user@1.0.0": {
                    "dependencies": {"x": "@s/a@1.0.0", "self": "user@1.0.0"},
                    "transitivePeerDependencies": ["p", "q"],
                },
            },
        })
    );
}

#[test]
fn an_optional_peer_is_one_that_a_package_above_has() {
    let memory = registry(&[
        ("a@1.0.0", json!({"peerDependenciesMeta": {"p": {"optional": true}}})),
        ("above@1.0.0", json!({"dependencies": {"a": "1", "p": "1"}})),
        ("beside@1.0.0", json!({"dependencies": {"p": "1"}})),
        ("p@1.0.0", json!({})),
    ]);
    for (dependencies, is_good) in [
        (json!({"a": "1"}), true),
        (json!({"a": "1", "beside": "1"}), true),
        (json!({"a": "1", "p": "1"}), false),
        (json!({"a": "1", "other": "npm:p@1"}), false),
        (json!({"above": "1"}), false),
    ] {
        let result = run(&memory, json!({"dependencies": dependencies}));
        let message = result.map(|_| ()).err();
        assert_eq!(message.is_none(), is_good, "{dependencies}");
        if let Some(message) = message {
            assert!(
                message.starts_with("`a@1.0.0`, which ") && message.contains("has the peer `p`"),
                "{message}"
            );
        }
    }
}

#[test]
fn what_is_refused_says_who_asks_and_what_to_do() {
    let memory = registry(&[
        ("peer@1.0.0", json!({"peerDependencies": {"react": "*"}})),
        ("git@1.0.0", json!({"dependencies": {"x": "github:a/b"}})),
        ("weak@1.0.0", json!({"dist": {"tarball": "https://x.test/w.tgz", "integrity": "sha1-deadbeef"}})),
        ("none@1.0.0", json!({"dist": {"tarball": "https://x.test/w.tgz"}})),
        ("liar@1.0.0", json!({"name": "honest"})),
        ("file@1.0.0", json!({"dist": {"tarball": "file:///etc/passwd", "integrity": "x"}})),
        ("evil@1.0.0", json!({"dependencies": {"../../up": "1"}})),
        ("top@1.0.0", json!({"dependencies": {"peer": "1"}})),
    ]);
    let advice = "run `pnpm install --lockfile-only` once, and install what it locked";
    for (alias, specifier, parts) in [
        ("peer", "1", &["`peer@1.0.0`, which the project asks for", "`react`", advice][..]),
        ("top", "1", &["`peer@1.0.0`, which `top@1.0.0` asks for", advice]),
        ("git", "1", &["`git@1.0.0` asks for `x` as `github:a/b`", advice]),
        ("x", "workspace:*", &["the project asks for `x` as `workspace:*`", advice]),
        ("x", "https://x.test/x.tgz", &["`x`", advice]),
        ("weak", "1", &["`weak@1.0.0`", "no SHA-512", "another version"]),
        ("none", "1", &["`none@1.0.0`", "there is none"]),
        ("liar", "1", &["`liar@1.0.0`", "`honest@1.0.0`"]),
        ("file", "1", &["`file@1.0.0`", "`file:///etc/passwd`"]),
        ("evil", "1", &["`evil@1.0.0`", "`../../up`", "rename"]),
        ("../up", "1", &["the project", "`../up`"]),
        ("x", "npm:../up@1", &["the project", "`../up`"]),
        ("absent", "1", &["`absent`, which the project asks for", "no such package"]),
    ] {
        let message = run(&memory, json!({"dependencies": {alias: specifier}})).unwrap_err();
        for part in parts {
            assert!(message.contains(part), "`{message}` does not say `{part}`");
        }
    }
}
