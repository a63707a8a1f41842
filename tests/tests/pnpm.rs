//! What pnpm itself says: it accepts the lockfiles that the resolver writes, and lays out the same `node_modules` from them and
//! from its own.
//!
//! Needs pnpm, as `.ci/run` installs it below `target/tools`; where it is not, this says that it is left out.

#![cfg(unix)]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use support::{Workshop, pack};
use testbed::install::{Options, Source};
use testbed::lockfile::Lockfile;

/// pnpm, if it is there.
fn pnpm() -> Option<PathBuf> {
    let pnpm = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/tools/node_modules/pnpm/bin/pnpm.cjs");
    if pnpm.exists() {
        return Some(pnpm);
    }
    println!("left out: there is no pnpm in target/tools");
    None
}

/// Runs pnpm in a project, and returns what it printed.
fn run_pnpm(workshop: &Workshop, project: &Path, arguments: &[&str]) -> String {
    let mut pnpm_in_node = Command::new("node");
    for (name, _) in std::env::vars().filter(|(name, _)| name.to_lowercase().starts_with("npm_config_")) {
        pnpm_in_node.env_remove(name);
    }
    let ran = pnpm_in_node
        .arg(pnpm().unwrap())
        .args(arguments)
        .args(["--ignore-scripts", "--registry", workshop.registry.url().as_str(), "--store-dir"])
        .arg(workshop.dir.path().join("pnpm-store"))
        .current_dir(project)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ran.stdout).into_owned();
    assert!(ran.status.success(), "{said}{}", String::from_utf8_lossy(&ran.stderr));
    said
}

/// Everything below the `node_modules` of all projects: directories, symlinks, and files with their modes and bytes. Left out
/// is what either program keeps for itself, and what leads to the package that cannot be had: pnpm leaves symlinks to it.
fn laid_out(project: &Path) -> BTreeMap<String, String> {
    const OWN: [&str; 5] = [
        "node_modules/.modules.yaml",
        "node_modules/.pnpm-workspace-state-v1.json",
        "node_modules/.pnpm/lock.yaml",
        "node_modules/.pnpm/.testbed.lock",
        "node_modules/.pnpm/.testbed-lock.yaml",
    ];
    let root = project.canonicalize().unwrap();
    let mut found = BTreeMap::new();
    let mut open = vec![root.clone()];
    while let Some(dir) = open.pop() {
        for entry in fs::read_dir(&dir).unwrap() {
            let path = entry.unwrap().path();
            let metadata = fs::symlink_metadata(&path).unwrap();
            let name = path.strip_prefix(&root).unwrap().display().to_string();
            if OWN.contains(&name.as_str()) || name.contains("z-unpublished") {
                continue;
            }
            let what = if metadata.is_symlink() {
                format!("-> {}", fs::read_link(&path).unwrap().display())
            } else if metadata.is_dir() {
                open.push(path);
                "a directory".to_owned()
            } else {
                let bytes = fs::read(&path).unwrap();
                let text = String::from_utf8_lossy(&bytes).replace(root.to_str().unwrap(), "PROJECT");
                format!("{:o} {text}", metadata.permissions().mode())
            };
            if name.contains("node_modules") {
                found.insert(name, what);
            }
        }
    }
    found
}

fn assert_same(ours: &Path, theirs: &Path) {
    let [ours, theirs] = [ours, theirs].map(laid_out);
    let names = ours.keys().chain(theirs.keys());
    let mut differ: Vec<_> = names.filter(|name| ours.get(*name) != theirs.get(*name)).collect();
    differ.sort();
    differ.dedup();
    let differ: Vec<_> =
        differ.into_iter().take(10).map(|name| (name, ours.get(name), theirs.get(name))).collect();
    assert!(differ.is_empty() && !ours.is_empty(), "(name, ours, theirs): {differ:#?}");
}

/// Installs one lockfile with both, and compares.
fn compare(workshop: &Workshop, options: &Options, with_pnpm: &Path) {
    workshop.install(options).unwrap();
    let lockfile = fs::read(options.source.path()).unwrap();
    run_pnpm(workshop, with_pnpm, &["install", "--frozen-lockfile"]);
    assert_eq!(
        String::from_utf8(lockfile).unwrap(),
        fs::read_to_string(with_pnpm.join("pnpm-lock.yaml")).unwrap(),
        "pnpm changed the lockfile"
    );
    assert_same(&options.project, with_pnpm);
    // Nothing is lost or changed by a second install, which keeps all slots.
    workshop.install(options).unwrap();
    assert_same(&options.project, with_pnpm);
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
        fs::create_dir(&with_pnpm).unwrap();
        workshop.install(&options).unwrap();
        for file in ["package.json", "pnpm-lock.yaml"] {
            fs::copy(options.project.join(file), with_pnpm.join(file)).unwrap();
        }
        compare(&workshop, &options, &with_pnpm);
    }
}

/// A package: its manifest without name and version, and its files. A file has its own name in it, so that a command says
/// which it is.
fn package(name: &str, version: &str, more: &str, files: &[(&str, &str)]) -> (String, Vec<u8>) {
    let manifest = format!(r#"{{"name":"{name}","version":"{version}"{more}}}"#);
    let texts: Vec<_> = files
        .iter()
        .map(|(path, text)| {
            (format!("package/{path}"), text.replace("SELF", &format!("{name} {version} {path}")))
        })
        .collect();
    let mut all = vec![("package/package.json", manifest.as_str())];
    all.extend(texts.iter().map(|(path, text)| (path.as_str(), text.as_str())));
    (name.to_owned(), pack(&all))
}

/// A project in both programs, from the lockfile that pnpm makes.
struct Both {
    workshop: Workshop,
    options: Options,
    with_pnpm: PathBuf,
}

impl Both {
    /// `change` is for what pnpm would know of a registry that says more of its packages than the one of these tests does.
    fn install(
        packages: &[(String, Vec<u8>)],
        files: &[(&str, &str)],
        change: impl Fn(&mut Lockfile),
    ) -> Self {
        let packages: Vec<_> =
            packages.iter().map(|(name, tarball)| (name.as_str(), tarball.clone())).collect();
        let workshop = Workshop::with_mirror(&packages);
        let options = workshop.project("ours");
        let lockfile = options.project.join("pnpm-lock.yaml");
        let options = Options { source: Source::Lockfile(lockfile), ..options };
        let with_pnpm = workshop.dir.path().join("with-pnpm");
        for project in [&options.project, &with_pnpm] {
            for (path, text) in files {
                let path = project.join(path);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, text).unwrap();
            }
        }
        run_pnpm(&workshop, &with_pnpm, &["install", "--lockfile-only"]);
        let theirs = with_pnpm.join("pnpm-lock.yaml");
        let mut lockfile = Lockfile::read(&theirs).unwrap();
        change(&mut lockfile);
        for path in [theirs.as_path(), options.source.path()] {
            lockfile.write(path).unwrap();
        }
        compare(&workshop, &options, &with_pnpm);
        Both { workshop, options, with_pnpm }
    }

    /// What a command says in both.
    fn run(&self, command: &str) -> String {
        let [ours, theirs] = [&self.options.project, &self.with_pnpm].map(|project| {
            let ran = Command::new(project.join(command)).args(["a b", "$c"]).output().unwrap();
            assert!(ran.status.success(), "{command}: {}", String::from_utf8_lossy(&ran.stderr));
            String::from_utf8(ran.stdout).unwrap()
        });
        assert_eq!(ours, theirs, "{command}");
        ours
    }
}

const NODE: &str = "#!/usr/bin/env node\nconsole.log('SELF', process.argv.slice(2).join(' '))\n";
const PLAIN: &str = "console.log('SELF', process.argv.slice(2).join(' '))\n";
const WINDOWS: &str = "#!/usr/bin/env node\r\nconsole.log('SELF', process.argv.slice(2).join(' '))\r\n";
const SHELL: &str = "#!/bin/sh -e\necho \"SELF $@\"\n";

/// Commands of all kinds: of scoped names and aliases, of what is hoisted or bundled, of files from Windows, of a directory, and
/// several of one name.
#[test]
fn an_application_with_many_commands() {
    if pnpm().is_none() {
        return;
    }
    let packages = [
        package(
            "one",
            "1.0.0",
            r#","bin":"cli.js","dependencies":{"tool":"1","@s/two":"*"}"#,
            &[("cli.js", NODE)],
        ),
        package(
            "@s/two",
            "1.0.0",
            r#","bin":{"first":"./bin/a.js","second":"bin/b","@s/third":"bin/a.js"},"dependencies":{"tool":"2"}"#,
            &[("bin/a.js", PLAIN), ("bin/b", SHELL)],
        ),
        package("tool", "1.0.0", r#","bin":{"tool":"t.js"}"#, &[("t.js", WINDOWS)]),
        package("tool", "2.0.0", r#","bin":{"tool":"t.js"}"#, &[("t.js", WINDOWS)]),
        package("same", "1.0.0", r#","bin":{"tool":"t.js","same":"t.js"}"#, &[("t.js", NODE)]),
        // Versions of one package that need each other under its own name.
        package("again", "1.0.0", r#","bin":"a.js""#, &[("a.js", NODE)]),
        package("again", "2.0.0", r#","bin":"a.js","dependencies":{"again":"1"}"#, &[("a.js", NODE)]),
        package("@s/again", "1.0.0", "", &[("a.js", NODE)]),
        package("@s/again", "2.0.0", r#","dependencies":{"@s/again":"1"}"#, &[]),
        package("gone", "1.0.0", r#","bin":"missing.js","dependencies":{"gone-too":"1"}"#, &[]),
        package("gone-too", "1.0.0", r#","bin":"missing.js""#, &[]),
        package(
            "dir",
            "1.0.0",
            r#","directories":{"bin":"cmd"}"#,
            &[("cmd/d1.js", NODE), ("cmd/deep/d2", SHELL), ("cmd/.no", NODE)],
        ),
        package("needs-dir", "1.0.0", r#","dependencies":{"dir":"1"}"#, &[]),
        package(
            "bundles",
            "1.0.0",
            r#","bundledDependencies":["inner"],"dependencies":{"tool":"1"}"#,
            &[
                (
                    "node_modules/inner/package.json",
                    r#"{"name":"inner","version":"1.0.0","bin":{"inner":"i.js","tool":"i.js"}}"#,
                ),
                ("node_modules/inner/i.js", NODE),
                ("node_modules/.bin/old", NODE),
            ],
        ),
        package(
            "odd",
            "1.0.0",
            r#","bin":{"":"a.js","a b":"a.js","c":"../x.js","dot":"./","$":"a.js"}"#,
            &[("a.js", NODE)],
        ),
        package("Capital", "1.0.0", r#","bin":"a.js""#, &[("a.js", NODE)]),
        package("capital", "1.0.0", r#","bin":"a.js""#, &[("a.js", NODE)]),
        package("needs-capital", "1.0.0", r#","dependencies":{"Capital":"1","capital":"1"}"#, &[]),
    ];
    let manifest = r#"{"name":"app","dependencies":{
        "one":"1","@s/two":"1","same":"1","again":"2","@s/again":"2","gone":"1","dir":"1","needs-dir":"1","bundles":"1",
        "needs-capital":"1","Capital":"1"},
        "devDependencies":{"renamed":"npm:tool@2","@x/renamed":"npm:@s/two@1"}}"#;
    let both = Both::install(&packages, &[("package.json", manifest)], |lockfile| {
        assert!(lockfile.packages["dir@1.0.0"].has_bin);
        let bundles = lockfile.packages.get_mut("bundles@1.0.0").unwrap();
        bundles.bundled_dependencies = Some(serde_json::json!(["inner"]));
    });
    let of = |package: &str, command: &str| {
        let (name, slot) = (package.split_at(package.rfind('@').unwrap()).0, package.replace('/', "+"));
        format!("node_modules/.pnpm/{slot}/node_modules/{name}/{command}")
    };
    for (command, says) in [
        ("node_modules/.bin/one".into(), "one 1.0.0 cli.js"),
        ("node_modules/one/cli.js".into(), "one 1.0.0 cli.js"),
        ("node_modules/.bin/first".into(), "@s/two 1.0.0 bin/a.js"),
        ("node_modules/.bin/second".into(), "@s/two 1.0.0 bin/b"),
        ("node_modules/.bin/third".into(), "@s/two 1.0.0 bin/a.js"),
        // The name itself wins, in the newer version.
        ("node_modules/.bin/tool".into(), "tool 2.0.0 t.js"),
        ("node_modules/renamed/t.js".into(), "tool 2.0.0 t.js"),
        ("node_modules/.bin/d1.js".into(), "dir 1.0.0 cmd/d1.js"),
        ("node_modules/.bin/d2".into(), "dir 1.0.0 cmd/deep/d2"),
        (of("one@1.0.0", "node_modules/.bin/tool"), "tool 1.0.0 t.js"),
        (of("one@1.0.0", "node_modules/.bin/second"), "@s/two 1.0.0 bin/b"),
        (of("@s/two@1.0.0", "node_modules/.bin/tool"), "tool 2.0.0 t.js"),
        (of("again@2.0.0", "node_modules/.bin/again"), "again 1.0.0 a.js"),
        (of("needs-dir@1.0.0", "node_modules/.bin/d2"), "dir 1.0.0 cmd/deep/d2"),
        (of("bundles@1.0.0", "node_modules/.bin/inner"), "bundles 1.0.0 node_modules/inner/i.js"),
        (of("bundles@1.0.0", "node_modules/.bin/tool"), "bundles 1.0.0 node_modules/inner/i.js"),
        ("node_modules/.pnpm/node_modules/.bin/tool".into(), "tool 2.0.0 t.js"),
    ] {
        assert_eq!(both.run(&command), format!("{says} a b $c\n"), "{command}");
    }
}

/// Projects that need each other, and commands of those; several versions of one package, of which one is hoisted.
#[test]
fn a_workspace_with_several_projects() {
    if pnpm().is_none() {
        return;
    }
    let packages = [
        package("tool", "1.0.0", r#","bin":"t.js","dependencies":{"deep":"1"}"#, &[("t.js", NODE)]),
        package(
            "tool",
            "2.0.0",
            r#","bin":"t.js","dependencies":{"deep":"2","core":"1"}"#,
            &[("t.js", NODE)],
        ),
        package("deep", "1.0.0", r#","bin":"d.js","dependencies":{"low":"1"}"#, &[("d.js", NODE)]),
        package("deep", "2.0.0", r#","bin":"d.js","dependencies":{"low":"2"}"#, &[("d.js", NODE)]),
        package("low", "1.0.0", r#","dependencies":{"base":"2"}"#, &[]),
        package("low", "2.0.0", r#","dependencies":{"base":"1"}"#, &[]),
        package("base", "1.0.0", "", &[]),
        package("base", "2.0.0", "", &[]),
        // A package of the name of a project.
        package("core", "1.0.0", r#","bin":"c.js""#, &[("c.js", NODE)]),
        package("only-b", "1.0.0", r#","dependencies":{"base":"1","low":"2"}"#, &[]),
        // Its peer is a project.
        package(
            "plugin",
            "1.0.0",
            r#","peerDependencies":{"core":"*","@s/lib":"*"},"dependencies":{"deep":"1"}"#,
            &[],
        ),
    ];
    let root = r#"{"name":"root","dependencies":{"itself":"link:.","low":"1"},"devDependencies":{"app":"workspace:*"}}"#;
    let core = r#"{"name":"core","version":"3.0.0","bin":{"core":"bin/core.js","unbuilt":"dist/x.js"},"devDependencies":{"tool":"2"}}"#;
    let app = r#"{"name":"app","version":"1.0.0","bin":"app.js","dependencies":{"core":"workspace:*","plugin":"1","tool":"1","@s/lib":"workspace:^"},
        "devDependencies":{"other":"link:../../outside"}}"#;
    let lib = r#"{"name":"@s/lib","version":"1.0.0","directories":{"bin":"cmd"},"dependencies":{"only-b":"1","tool":"2"}}"#;
    let files = [
        ("package.json", root),
        ("pnpm-workspace.yaml", "packages: ['packages/**']\n"),
        ("packages/core/package.json", core),
        ("packages/core/bin/core.js", "#!/usr/bin/env node\r\nconsole.log('core')\r\n"),
        ("packages/app/package.json", app),
        ("packages/app/app.js", "#!/bin/sh\necho app\n"),
        ("packages/nested/lib/package.json", lib),
        ("packages/nested/lib/cmd/lib-cmd", "#!/bin/sh\necho lib\n"),
        ("outside/package.json", r#"{"name":"outside","bin":"o.js"}"#),
        ("outside/o.js", "console.log('outside')\n"),
        // pnpm takes a project with settings of its own after those without.
        ("packages/app/.npmrc", ""),
    ];
    let both = Both::install(&packages, &files, |_| ());
    for (command, says) in [
        ("node_modules/.bin/app", "app\n"),
        ("packages/app/node_modules/.bin/core", "core\n"),
        ("packages/app/node_modules/plugin/node_modules/.bin/core", "core\n"),
        ("packages/core/bin/core.js", "core\n"),
        ("packages/app/node_modules/.bin/lib-cmd", "lib\n"),
        ("packages/app/node_modules/.bin/outside", "outside\n"),
        ("packages/app/node_modules/.bin/tool", "tool 1.0.0 t.js a b $c\n"),
        ("packages/core/node_modules/.bin/tool", "tool 2.0.0 t.js a b $c\n"),
    ] {
        assert_eq!(both.run(command), says, "{command}");
    }
}

/// Peers, packages for other machines and other versions of Node, and aliases.
#[test]
fn peers_and_packages_for_other_machines() {
    if pnpm().is_none() {
        return;
    }
    let other = if cfg!(target_os = "linux") { "win32" } else { "linux" };
    let only = |os: &str| format!(r#","os":["{os}"]"#);
    let packages = [
        package("host", "1.0.0", r#","bin":"h.js""#, &[("h.js", NODE)]),
        package("host", "2.0.0", r#","bin":"h.js""#, &[("h.js", NODE)]),
        package("plugin", "1.0.0", r#","peerDependencies":{"host":"*"},"dependencies":{"inner":"1"}"#, &[]),
        package(
            "inner",
            "1.0.0",
            r#","peerDependencies":{"host":"*","none":"*"},"peerDependenciesMeta":{"none":{"optional":true}}"#,
            &[],
        ),
        package("old-plugin", "1.0.0", r#","dependencies":{"host":"1","plugin":"1"}"#, &[]),
        package(
            "native",
            "1.0.0",
            r#","bin":"n.js","optionalDependencies":{"native-here":"1","native-there":"1"}"#,
            &[("n.js", NODE)],
        ),
        package("native-here", "1.0.0", r#","bin":"n.js""#, &[("n.js", NODE)]),
        package(
            "native-there",
            "1.0.0",
            &format!(r#"{},"bin":"n.js","dependencies":{{"shared":"1","helper":"1"}}"#, only(other)),
            &[("n.js", NODE)],
        ),
        package("not-there", "1.0.0", r#","os":["!linux","!darwin","!win32"]"#, &[]),
        package("helper", "1.0.0", r#","dependencies":{"deep-helper":"1"}"#, &[]),
        package("deep-helper", "1.0.0", "", &[]),
        package("shared", "1.0.0", "", &[]),
        package("zz-last", "1.0.0", r#","dependencies":{"helper":"1"}"#, &[]),
        package("old-node", "1.0.0", r#","engines":{"node":"<1"},"dependencies":{"only-old":"1"}"#, &[]),
        package("only-old", "1.0.0", "", &[]),
        package("new-node", "1.0.0", r#","engines":{"node":">=4","pnpm":"1"}"#, &[]),
        package("needs-old-node", "1.0.0", r#","engines":{"node":"<1"}"#, &[]),
    ];
    let manifest = r#"{"name":"app","dependencies":{
        "host":"2","plugin":"1","old-plugin":"1","native":"1","shared":"1","renamed":"npm:native@1","@s/renamed":"npm:host@1",
        "needs-old-node":"1"},
        "optionalDependencies":{"not-there":"1","old-node":"1","new-node":"1","zz-last":"1"}}"#;
    let both = Both::install(&packages, &[("package.json", manifest)], |_| ());
    for (command, says) in [
        ("node_modules/.bin/host", "host 2.0.0 h.js a b $c\n"),
        ("node_modules/.bin/native", "native 1.0.0 n.js a b $c\n"),
        ("node_modules/.pnpm/node_modules/.bin/native-here", "native-here 1.0.0 n.js a b $c\n"),
    ] {
        assert_eq!(both.run(command), says, "{command}");
    }
    let is_there = |name: &str| both.options.project.join("node_modules/.pnpm").join(name).exists();
    for (name, expected) in [
        ("native-here@1.0.0", true),
        ("native-there@1.0.0", false),
        ("not-there@1.0.0", false),
        ("old-node@1.0.0", false),
        ("only-old@1.0.0", false),
        // Another optional package needs it, which comes after the one that is for other machines.
        ("helper@1.0.0", false),
        ("new-node@1.0.0", true),
        ("needs-old-node@1.0.0", true),
    ] {
        assert_eq!(is_there(name), expected, "{name}");
    }
}

/// Links that are not in the lockfile: each program finds them in the `package.json`.
#[test]
fn links_that_the_lockfile_leaves_out() {
    if pnpm().is_none() {
        return;
    }
    let packages = [package("a", "1.0.0", r#","bin":"a.js""#, &[("a.js", NODE)])];
    let files = [
        (
            "package.json",
            r#"{"name":"app","dependencies":{"a":"1","near":"link:./dir/near"},"devDependencies":{"up":"link:../app"},
                "optionalDependencies":{"@s/near":"link:dir/near"}}"#,
        ),
        (".npmrc", "exclude-links-from-lockfile=true\n"),
        ("dir/near/package.json", r#"{"name":"near","version":"1.0.0","bin":"n.js"}"#),
        ("dir/near/n.js", NODE),
    ];
    let both = Both::install(&packages, &files, |lockfile| {
        assert!(lockfile.settings.as_ref().unwrap().exclude_links_from_lockfile);
        assert_eq!(lockfile.importers["."].all().count(), 1);
    });
    assert_eq!(both.run("node_modules/.bin/near"), "SELF a b $c\n");
    // A link that changed is followed, and another dependency that is not in the lockfile is still one too many.
    let manifest = both.options.project.join("package.json");
    let text = fs::read_to_string(&manifest).unwrap();
    fs::write(&manifest, text.replace("dir/near", "dir")).unwrap();
    both.workshop.install(&both.options).unwrap();
    let near = fs::read_link(both.options.project.join("node_modules/near")).unwrap();
    assert_eq!(near, Path::new("../dir"));
    fs::write(&manifest, text.replace(r#""a":"1""#, r#""a":"1","b":"1""#)).unwrap();
    let error = both.workshop.install(&both.options).unwrap_err().to_string();
    assert!(error.contains("out of date") && error.contains("`b` 1"), "{error}");
}

/// The settings that are followed, each in the files that pnpm reads it from.
#[test]
fn settings_lead_to_the_same() {
    if pnpm().is_none() {
        return;
    }
    let other = if cfg!(target_os = "linux") { "win32" } else { "linux" };
    let packages = [
        package("a", "1.0.0", r#","bin":"a.js","dependencies":{"b":"1","eslint-x":"1"}"#, &[("a.js", NODE)]),
        package("b", "1.0.0", r#","bin":"b.js","optionalDependencies":{"there":"1"}"#, &[("b.js", NODE)]),
        package("eslint-x", "1.0.0", r#","bin":{"a":"e.js","e":"e.js"}"#, &[("e.js", NODE)]),
        package("there", "1.0.0", &format!(r#","os":["{other}"]"#), &[]),
        package("for-node-9", "1.0.0", r#","engines":{"node":"^9"}"#, &[]),
    ];
    let manifest = |more: &str| {
        format!(
            r#"{{"name":"app","dependencies":{{"a":"1"}},"optionalDependencies":{{"for-node-9":"1"}}{more}}}"#
        )
    };
    let project =
        r#"{"name":"p","dependencies":{"a":"1","b":"1","renamed":"npm:a@1","@s/renamed":"npm:b@1"}}"#;
    let architectures = format!(r#","pnpm":{{"supportedArchitectures":{{"os":["current","{other}"]}}}}"#);
    let mut defaults = BTreeMap::new();
    for (npmrc, workspace, more) in [
        ("", "", ""),
        ("", "packages: ['p']\n", ""),
        ("shamefully-hoist=true\n", "", ""),
        ("shamefully-hoist\n", "", ""),
        ("public-hoist-pattern[]=*eslint*\npublic-hoist-pattern[]=nothing\n", "", ""),
        ("hoist=false", "", ""),
        ("hoist-pattern[]=*\nhoist-pattern[]=!b", "", ""),
        ("extend-node-path=false", "", ""),
        ("prefer-symlinked-executables=true", "", ""),
        ("node-version=9.1.0", "", ""),
        ("", "", architectures.as_str()),
        ("", "packages: ['p']\ndedupeDirectDeps: true\n", ""),
        ("", "packages: ['p']\ndedupeDirectDeps: true\nshamefullyHoist: true\n", ""),
        ("", "packages: ['p']\nhoistWorkspacePackages: false\n", ""),
        ("hoist=false", "packages: ['p']\nhoist: true\npublicHoistPattern: ['*eslint*', 'p']\n", ""),
    ] {
        let manifest = manifest(more);
        let mut files = vec![("package.json", manifest.as_str()), (".npmrc", npmrc)];
        if !workspace.is_empty() {
            files.extend([("pnpm-workspace.yaml", workspace), ("p/package.json", project)]);
        }
        println!("{npmrc:?} {workspace:?} {more:?}");
        let both = Both::install(&packages, &files, |_| ());
        // Each of them changes the result.
        let (laid_out, kind) = (laid_out(&both.options.project), workspace.is_empty());
        match defaults.get(&kind) {
            None => drop(defaults.insert(kind, laid_out)),
            Some(default) => assert_ne!(&laid_out, default),
        }
    }
}
