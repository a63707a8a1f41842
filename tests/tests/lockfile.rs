//! Lockfiles: those of pnpm, those that are to be refused, and those that are written.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use testbed::lockfile::{Graph, Importer, Lockfile, Target};
use testbed::package::{Platform, ProjectManifest};

const LINUX: Platform = Platform { os: "linux", cpu: "x64", libc: Some("glibc") };

fn fixture(name: &str, file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/lockfiles").join(name).join(file)
}

fn read(name: &str) -> (Lockfile, Graph) {
    let path = fixture(name, "pnpm-lock.yaml");
    let lockfile = Lockfile::read(&path).unwrap();
    let graph = lockfile.graph(&path).unwrap();
    (lockfile, graph)
}

const FIXTURES: [&str; 5] = ["aliases", "long", "optional", "peers", "workspace"];

#[test]
fn slots_are_called_as_pnpm_calls_them() {
    for name in FIXTURES {
        let (_, graph) = read(name);
        let wanted = graph.wanted(&LINUX);
        let ours: BTreeSet<String> = graph
            .nodes
            .iter()
            .zip(wanted)
            .filter(|(_, is)| *is)
            .map(|(node, _)| node.dep_path.directory())
            .collect();
        let slots = fs::read_to_string(fixture(name, "slots.txt")).unwrap();
        assert_eq!(ours, slots.lines().map(str::to_owned).collect(), "{name}");
    }
}

#[test]
fn what_is_written_is_what_was_read() {
    let dir = tempfile::tempdir().unwrap();
    for name in FIXTURES {
        let (lockfile, _) = read(name);
        let path = dir.path().join(name);
        lockfile.write(&path).unwrap();
        assert_eq!(Lockfile::read(&path).unwrap(), lockfile, "{name}");
        let json = serde_json::to_string(&lockfile).unwrap();
        assert_eq!(serde_json::from_str::<Lockfile>(&json).unwrap(), lockfile, "{name}");
    }
    // Nothing is left beside them.
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), FIXTURES.len());
}

#[test]
fn texts_that_look_like_something_else_stay_texts() {
    for text in [
        "1.0",
        "1e3",
        "0x10",
        "",
        "~",
        "null",
        "true",
        "no",
        "*",
        "&a",
        "- a",
        "a: b",
        "a #b",
        "'",
        "\"",
        "@a",
        ">=1 <2",
        "a\nb",
        " a ",
        "{}",
        "[]",
        "2001-01-01",
        "=",
        "<<",
    ] {
        let mut lockfile = Lockfile::parse("lockfileVersion: '9.0'", Path::new("x")).unwrap();
        let mut importer = Importer::default();
        let dependency = testbed::lockfile::DirectDependency { specifier: text.into(), version: text.into() };
        importer.dependencies.insert(format!("k{text}"), dependency.clone());
        importer.dependencies.insert(text.into(), dependency);
        lockfile.importers.insert(".".into(), importer);
        let yaml = lockfile.to_yaml();
        assert_eq!(Lockfile::parse(&yaml, Path::new("x")).unwrap(), lockfile, "{yaml}");
    }
}

#[test]
fn a_manifest_is_read_with_what_pnpm_locked_for_it() {
    for name in FIXTURES {
        let manifest = ProjectManifest::read(&fixture(name, "package.json")).unwrap();
        let (lockfile, _) = read(name);
        let locked: BTreeMap<_, _> = lockfile.importers["."]
            .all()
            .map(|(alias, dependency)| (alias.as_str(), dependency.specifier.as_str()))
            .collect();
        let wanted: BTreeMap<_, _> =
            manifest.wanted().into_iter().map(|wanted| (wanted.alias, wanted.specifier)).collect();
        assert_eq!(wanted, locked, "{name}");
    }
}

#[test]
fn aliases_links_and_optional_packages() {
    let (_, graph) = read("aliases");
    let old =
        graph.importers["."].dependencies.iter().find(|edge| edge.alias.as_str() == "old-chalk").unwrap();
    let Target::Node(chalk) = old.target else { panic!("{old:?}") };
    assert_eq!(graph.node(chalk).dep_path.to_string(), "chalk@2.4.2");

    let (_, graph) = read("workspace");
    let app = &graph.importers["packages/app"].dependencies;
    let targets: Vec<_> = app.iter().map(|edge| (edge.alias.as_str(), edge.target.clone())).collect();
    assert_eq!(targets[0], ("core", Target::Link("../core".into())));

    let (lockfile, graph) = read("optional");
    for node in &graph.nodes {
        assert_eq!(node.optional, lockfile.snapshots[&node.dep_path.to_string()].optional, "{node:?}");
    }
    let esbuild = graph.nodes.iter().find(|node| node.dep_path.id.name.as_str() == "esbuild").unwrap();
    assert!(esbuild.has_bin && !esbuild.optional && esbuild.dependencies.iter().all(|edge| edge.optional));
    assert_eq!(graph.wanted(&LINUX).into_iter().filter(|is| *is).count(), 2);
}

#[test]
fn what_only_optional_packages_of_other_machines_lead_to_is_not_wanted() {
    let sha = sha512();
    let text = format!(
        "lockfileVersion: '9.0'
importers: {{.: {{optionalDependencies: {{a: {{specifier: '1', version: 1.0.0}}}}}}}}
packages:
  a@1.0.0: {{resolution: {{integrity: {sha}}}, os: [darwin]}}
  b@1.0.0: {{resolution: {{integrity: {sha}}}}}
  orphan@1.0.0: {{resolution: {{integrity: {sha}}}}}
snapshots:
  a@1.0.0: {{dependencies: {{b: 1.0.0}}}}
  b@1.0.0: {{dependencies: {{a: 1.0.0}}}}
  orphan@1.0.0: {{}}
"
    );
    let path = Path::new("pnpm-lock.yaml");
    let graph = Lockfile::parse(&text, path).unwrap().graph(path).unwrap();
    assert_eq!(
        graph.nodes.iter().map(|node| node.dep_path.to_string()).collect::<Vec<_>>(),
        ["a@1.0.0", "b@1.0.0"]
    );
    assert!(graph.nodes.iter().all(|node| node.optional));
    assert_eq!(graph.wanted(&LINUX), [false, false]);
    assert_eq!(graph.wanted(&Platform { os: "darwin", ..LINUX }), [true, true]);
}

/// A peer may be a project of the lockfile; a link to anything else is refused, which is a case below.
#[test]
fn a_project_may_be_a_peer_of_a_package() {
    let text = changed("  a@1.0.0: {}", "  a@1.0.0: {dependencies: {b: 'link:packages/b', c: 'link:'}}");
    let path = Path::new("pnpm-lock.yaml");
    let with_b = text.replace("packages:\n", "  packages/b: {}\n\npackages:\n");
    let graph = Lockfile::parse(&with_b, path).unwrap().graph(path).unwrap();
    let projects: Vec<_> =
        graph.nodes[0].projects.iter().map(|(alias, project)| (alias.as_str(), project.as_str())).collect();
    assert_eq!(projects, [("b", "packages/b"), ("c", ".")]);
    let error = Lockfile::parse(&text, path).unwrap().graph(path).unwrap_err().to_string();
    assert!(error.contains("`link:packages/b`, which package `a@1.0.0` asks for"), "{error}");
}

fn sha512() -> String {
    format!("sha512-{}==", "A".repeat(86))
}

/// A lockfile of one package, `a@1.0.0`, with one text in place of another.
fn changed(from: &str, to: &str) -> String {
    let good = format!(
        "lockfileVersion: '9.0'

importers:

  .:
    dependencies:
      a:
        specifier: ^1.0.0
        version: 1.0.0

packages:

  a@1.0.0:
    resolution: {{integrity: {}}}

snapshots:

  a@1.0.0: {{}}
",
        sha512()
    );
    assert!(good.contains(from), "{from}");
    good.replacen(from, to, 1)
}

#[test]
fn what_makes_no_difference_is_passed_over() {
    let more = "overrides: {a: 1.0.0}\ncatalogs: {default: {}}\ntime: {a@1.0.0: '2020'}\npackageExtensionsChecksum: x\n\
                pnpmfileChecksum: y\nignoredOptionalDependencies: [b]\nunknown: [1]\nimporters:";
    for text in [
        changed("", ""),
        changed("importers:", more),
        changed(
            "lockfileVersion",
            "---\nlockfileVersion: '9.0'\nimporters: {.: {configDependencies: {}}}\n---\nlockfileVersion",
        ),
        changed("", "").replace('\n', "\r\n"),
        changed("  a@1.0.0: {}", &format!("  a@1.0.0({}): {{}}", "b".repeat(1_100)))
            .replace("version: 1.0.0", &format!("version: 1.0.0({})", "b".repeat(1_100))),
        changed("    resolution", "    unknown: 1\n    deprecated: a <<<<<<< b\n    resolution"),
    ] {
        let path = Path::new("pnpm-lock.yaml");
        let graph = Lockfile::parse(&text, path).and_then(|lockfile| lockfile.graph(path));
        assert_eq!(graph.unwrap_or_else(|error| panic!("{error}\n{text}")).nodes.len(), 1);
    }
}

#[test]
fn what_is_refused_says_what_and_where_and_what_to_do() {
    let cut = changed("", "");
    let at = |end: &str| cut[..cut.find(end).unwrap() + end.len()].to_owned();
    let version = |text: &str| changed("'9.0'", text);
    let mut cases = Vec::new();
    let mut case = |text: String, parts: &[&str]| {
        cases.push((text, parts.iter().map(|part| (*part).to_owned()).collect::<Vec<_>>()));
    };
    case(String::new(), &["is empty", "pnpm install"]);
    case(" \n\n".into(), &["is empty"]);
    case("just text".into(), &["line 1", "version control"]);
    case("a: [1".into(), &["line 1", "cut off"]);
    case("importers: {}".into(), &["no `lockfileVersion`"]);
    case(version("'6.0'"), &["expected `lockfileVersion: '9.0'`, found `6.0`", "pnpm 9 or later"]);
    case(version("5.4"), &["found `5.4`"]);
    case(
        "lockfileVersion: 5.4\nspecifiers: {a: 1}\npackages: {/a/1.0.0: {engines: 1}}".into(),
        &["found `5.4`"],
    );
    case(changed("importers:", "<<<<<<< HEAD\nimporters:"), &["line 3", "merge conflict"]);
    case(
        changed("importers:", "patchedDependencies: {a: {hash: x, path: y}}\nimporters:"),
        &["line 3", "patch"],
    );
    case(at("packages:"), &["line 11", "cut off"]);
    case(at("version: 1.0.0\n"), &["`a@1.0.0`", "not in `snapshots`"]);
    case(at("==}\n"), &["`a@1.0.0`", "`packages` but not in `snapshots`"]);
    case(at("sha512-AAAA"), &["line 14", "cut off"]);
    case(changed("AAAA==", ""), &["`a@1.0.0`", "cut off"]);
    case(changed("sha512-", "sha1-"), &["`a@1.0.0`", "no SHA-512"]);
    case(changed("integrity: ", "i: "), &["`a@1.0.0`", "there is none"]);
    case(changed("integrity: ", "tarball: 'http://x/', i: "), &["`a@1.0.0`", "tarball without integrity"]);
    case(changed("integrity: ", "tarball: 'file:x', integrity: "), &["`a@1.0.0`", "`file:x`", "`https:`"]);
    case(changed("{integrity", "{type: git, repo: r, commit: c, i"), &["`a@1.0.0`", "git repository"]);
    case(changed("{integrity", "{type: directory, directory: d, i"), &["`a@1.0.0`", "a directory"]);
    case(changed("  a@1.0.0:\n", "  a@https://x/a.tgz:\n"), &["`a@https://x/a.tgz`", "not from a registry"]);
    case(changed("  a@1.0.0:\n", "  ../a@1.0.0:\n"), &["`packages`", "`../a`"]);
    case(changed("  a@1.0.0: {}", "  b@1.0.0: {}"), &["`b@1.0.0`", "`snapshots` but not in `packages`"]);
    case(
        changed("  a@1.0.0: {}", "  a@1.0.0: {dependencies: {b: 2.0.0}}"),
        &["package `a@1.0.0` needs `b@2.0.0`"],
    );
    case(changed("  a@1.0.0: {}", "  a@1.0.0: {dependencies: {../b: a@1.0.0}}"), &["`a@1.0.0`", "`../b`"]);
    case(changed("  a@1.0.0: {}", "  a@1.0.0: {dependencies: {b: 'link:b'}}"), &["`a@1.0.0`", "`b`"]);
    case(changed("  a@1.0.0: {}", "  a@1.0.0(b/../c): {}\n  a@1.0.0(b+..+c): {}"), &["same directory"]);
    case(
        changed("  a@1.0.0: {}", "  a@1.0.0: {}\n  a@1.0.0: {}"),
        &["line 19: duplicate mapping key: a@1.0.0; it was"],
    );
    case(changed("      a:", "      ../../a:"), &["project in `.`", "`../../a`"]);
    case(changed("version: 1.0.0", "version: 1.0.1"), &["project in `.`", "`a@1.0.1`"]);
    case(changed("version: 1.0.0", "version: link:/etc"), &["project in `.`", "`/etc`", "relative"]);
    case(changed("version: 1.0.0", "version: file:../x"), &["project in `.`", "`a`"]);
    case(format!("{}deep: {}", changed("", ""), "[".repeat(100_000)), &["line 19"]);
    case(format!("{}deep:\n {}", changed("", ""), "- ".repeat(100_000)), &["line 20"]);
    case(changed("  .:", "  ../up:"), &["importer `../up`"]);
    case(changed("  .:", "  /root:"), &["importer `/root`"]);
    case(changed("  .:", "  'C:':"), &["importer `C:`"]);
    let path = Path::new("some/pnpm-lock.yaml");
    for (text, parts) in cases {
        let error = match Lockfile::parse(&text, path).and_then(|lockfile| lockfile.graph(path)) {
            Ok(_) => panic!("accepted:\n{text}"),
            Err(error) => error.to_string(),
        };
        assert!(error.starts_with("cannot use the lockfile some/pnpm-lock.yaml"), "{error}");
        assert!(!error.contains('\n'), "{error}");
        for part in parts {
            assert!(error.contains(&part), "`{error}` does not say `{part}` of\n{text}");
        }
    }
}

#[test]
fn a_file_that_is_not_there() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("pnpm-lock.yaml");
    assert!(Lockfile::read(&path).unwrap_err().to_string().contains("no such file; name one that is there"));
    fs::write(&path, [0xff, 0xfe]).unwrap();
    assert!(Lockfile::read(&path).unwrap_err().to_string().contains("no UTF-8"));
    let nowhere = dir.path().join("none/pnpm-lock.yaml");
    let lockfile = Lockfile::parse("lockfileVersion: '9.0'", &path).unwrap();
    assert!(lockfile.write(&nowhere).unwrap_err().to_string().contains("cannot be written"));
}
