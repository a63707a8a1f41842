//! pnpm's settings: those that are refused, and those that change nothing. Those that are followed are compared with pnpm's own
//! result in `pnpm.rs`.

mod support;

use std::fs;
use std::path::Path;
use std::process::Command;
use support::{Workshop, tree};
use testbed::install::Options;

/// Writes files into a project, installs it, and takes the files away again. Returns what was refused.
fn install_with(workshop: &Workshop, options: &Options, files: &[(&str, &str)]) -> Result<(), String> {
    let before: Vec<_> = files.iter().map(|(name, _)| fs::read(options.project.join(name)).ok()).collect();
    for (name, text) in files {
        fs::write(options.project.join(name), text).unwrap();
    }
    let there = tree(&options.project);
    let installed = workshop.install(options).map(drop).map_err(|error| error.to_string());
    if installed.is_err() {
        assert_eq!(tree(&options.project), there, "something was left behind");
    }
    for ((name, _), before) in files.iter().zip(before) {
        let path = options.project.join(name);
        before.map_or_else(|| fs::remove_file(&path), |text| fs::write(&path, text)).unwrap();
    }
    installed
}

/// Settings that change the result and are not followed, wherever they are, are refused by name; where they have their default
/// they are not.
#[test]
fn what_is_not_followed_is_refused_by_name() {
    let workshop = Workshop::new(10);
    let options = workshop.frozen_project("frozen");
    let manifest = fs::read_to_string(options.project.join("package.json")).unwrap();
    let with = |more: &str| manifest.trim_end().trim_end_matches('}').to_owned() + "," + more + "}";
    let patches = with(r#""pnpm":{"patchedDependencies":{"a@1.0.0":"a.patch"}}"#);
    let no_patches = with(r#""pnpm":{"patchedDependencies":{}}"#);
    // It is no setting of this field, and pnpm passes it over.
    let elsewhere = with(r#""pnpm":{"nodeLinker":"hoisted"}"#);
    let (npmrc, workspace, package) = (".npmrc", "pnpm-workspace.yaml", "package.json");
    for (file, text, refused) in [
        (npmrc, "node-linker=hoisted", Some("node-linker")),
        (npmrc, "node-linker = pnp ; why", Some("node-linker")),
        (npmrc, "node-linker=isolated", None),
        (npmrc, "# node-linker=hoisted\n[section]\nnode-linker=hoisted", None),
        (npmrc, "modules-dir=deps", Some("modules-dir")),
        (npmrc, "modules-dir=node_modules", None),
        (npmrc, "virtual-store-dir=../store", Some("virtual-store-dir")),
        (npmrc, "virtual-store-dir-max-length=60", Some("virtual-store-dir-max-length")),
        (npmrc, "virtual-store-dir-max-length=120", None),
        (npmrc, "symlink=false", Some("symlink")),
        (npmrc, "symlink=true\nlockfile=true\noptional=true\nproduction=false", None),
        (npmrc, "lockfile=false", Some("lockfile")),
        (npmrc, "package-lock=false", Some("package-lock")),
        (npmrc, "production", Some("production")),
        (npmrc, "optional=false", Some("optional")),
        (npmrc, "package-import-method=clone", Some("package-import-method")),
        (npmrc, "package-import-method=auto", None),
        (npmrc, "shared-workspace-lockfile=false", Some("shared-workspace-lockfile")),
        (npmrc, "enable-global-virtual-store=true", Some("enable-global-virtual-store")),
        (npmrc, "strict-peer-dependencies=true\nsave-exact=true\nunknown=1", None),
        (npmrc, "resolution-mode=time-based\nauto-install-peers=false", None),
        (workspace, "nodeLinker: hoisted", Some("node-linker")),
        (workspace, "nodeLinker: isolated\npackages: []", None),
        (workspace, "", None),
        (workspace, "# nothing", None),
        (workspace, "packageExtensions: {a: {}}", None),
        (workspace, "configDependencies: {x: 1.0.0}", Some("config-dependencies")),
        (workspace, "patchedDependencies: {a: a.patch}", Some("patched-dependencies")),
        (package, &patches, Some("patched-dependencies")),
        (package, &no_patches, None),
        (package, &elsewhere, None),
    ] {
        let installed = install_with(&workshop, &options, &[(file, text)]);
        match (installed, refused) {
            (Ok(()), None) => {}
            (Err(error), Some(key)) => {
                let says = error.contains(&format!("the setting `{key}` of ")) && error.contains(file);
                assert!(says && !error.contains('\n') && error.contains("remove it"), "{text}: {error}");
            }
            (installed, _) => panic!("{file} {text}: {installed:?}"),
        }
    }
    // `pnpm-workspace.yaml` counts more than `package.json` and `.npmrc`.
    let files = [(npmrc, "node-linker=hoisted"), (workspace, "nodeLinker: isolated")];
    assert_eq!(install_with(&workshop, &options, &files), Ok(()));
}

/// What changes the resolution is in a lockfile, and refused where there is none.
#[test]
fn what_changes_the_resolution_is_refused_without_a_lockfile() {
    let workshop = Workshop::new(10);
    let (fresh, frozen) = (workshop.project("fresh"), workshop.frozen_project("frozen"));
    let (npmrc, workspace) = (".npmrc", "pnpm-workspace.yaml");
    for (file, text, key) in [
        (workspace, "overrides: {a: '1'}", "`overrides`"),
        (workspace, "packageExtensions: {a: {dependencies: {b: '1'}}}", "`package-extensions`"),
        (workspace, "ignoredOptionalDependencies: [a]", "`ignored-optional-dependencies`"),
        (workspace, "minimumReleaseAge: 1440", "`minimum-release-age`"),
        (npmrc, "resolution-mode=lowest-direct", "`resolution-mode`"),
        (npmrc, "auto-install-peers=false", "`auto-install-peers`"),
        (".pnpmfile.cjs", "", ".pnpmfile.cjs"),
    ] {
        let error = install_with(&workshop, &fresh, &[(file, text)]).unwrap_err();
        assert!(
            error.contains(key) && error.contains("lockfile") && !error.contains('\n'),
            "{text}: {error}"
        );
        // Overrides are compared with those of the lockfile, as pnpm does.
        if key == "`overrides`" {
            let error = install_with(&workshop, &frozen, &[(file, text)]).unwrap_err();
            assert!(error.contains("are not those of the settings"), "{error}");
        } else {
            assert_eq!(install_with(&workshop, &frozen, &[(file, text)]), Ok(()), "{text}");
        }
    }
    overrides_are_those_of_the_lockfile(&workshop, &frozen);
    let files = [(".pnpmfile.cjs", ""), (npmrc, "ignore-pnpmfile=true")];
    assert_eq!(install_with(&workshop, &fresh, &files), Ok(()));
    // A file of settings alone makes no workspace.
    assert_eq!(install_with(&workshop, &fresh, &[(workspace, "hoist: false")]), Ok(()));
    let error = install_with(&workshop, &fresh, &[(workspace, "packages: ['p/*']")]).unwrap_err();
    assert!(error.contains("several projects"), "{error}");
}

/// A lockfile that was written with overrides is installed with the same ones, wherever they are set, and with no others.
fn overrides_are_those_of_the_lockfile(workshop: &Workshop, options: &Options) {
    let lockfile_path = options.project.join("pnpm-lock.yaml");
    let (whole, manifest) = (fs::read_to_string(&lockfile_path).unwrap(), workshop.frozen.0.clone());
    let (alias, specifier) = manifest.dependencies.iter().next().unwrap();
    let mut lockfile = workshop.frozen.1.clone();
    lockfile.overrides =
        [(alias.clone(), "9.9.9".to_owned()), ("other".to_owned(), specifier.clone())].into();
    let importer = lockfile.importers.get_mut(".").unwrap();
    "9.9.9".clone_into(&mut importer.dependencies.get_mut(alias).unwrap().specifier);
    lockfile.write(&lockfile_path).unwrap();
    let with = |field: &str| {
        let manifest = serde_json::to_string(&manifest).unwrap();
        manifest.replacen('{', &format!("{{{field},"), 1)
    };
    let [both, other] =
        ["9.9.9", "9.9.8"].map(|version| format!("{{\"{alias}\":\"{version}\",\"other\":\"${alias}\"}}"));
    let of_pnpm = with(&format!("\"pnpm\":{{\"overrides\":{both}}}"));
    let split = with(&format!(
        "\"resolutions\":{{\"{alias}\":\"9.9.9\"}},\"pnpm\":{{\"overrides\":{{\"other\":\"${alias}\"}}}}"
    ));
    let (package, workspace) = ("package.json", "pnpm-workspace.yaml");
    for (file, text, is_installed) in [
        (workspace, format!("overrides: {both}"), true),
        (package, of_pnpm, true),
        (package, with(&format!("\"resolutions\":{both}")), true),
        (package, split, true),
        (workspace, format!("overrides: {other}"), false),
        (workspace, String::new(), false),
    ] {
        let installed = install_with(workshop, options, &[(file, &text)]);
        let is_refused =
            installed.as_ref().is_err_and(|error| error.contains("are not those of the settings"));
        assert_eq!((installed.is_ok(), is_refused), (is_installed, !is_installed), "{text}: {installed:?}");
    }
    fs::write(lockfile_path, whole).unwrap();
}

#[test]
fn what_cannot_be_understood_is_said() {
    let workshop = Workshop::new(5);
    let options = workshop.frozen_project("frozen");
    for (file, text, says) in [
        (".npmrc", "hoist=maybe", "`hoist` of "),
        (".npmrc", "node-version=new", "`node-version` of "),
        ("pnpm-workspace.yaml", "publicHoistPattern: {a: 1}", "`public-hoist-pattern` of "),
        ("pnpm-workspace.yaml", "supportedArchitectures: [linux]", "`supported-architectures` of "),
        ("pnpm-workspace.yaml", "a: [1", "pnpm-workspace.yaml: "),
        ("pnpm-workspace.yaml", "text", "expected a map"),
    ] {
        let error = install_with(&workshop, &options, &[(file, text)]).unwrap_err();
        assert!(
            error.contains(says) && error.contains("correct it") && !error.contains('\n'),
            "{text}: {error}"
        );
    }
}

/// Files are shared with the store, or not, as `package-import-method` says.
#[test]
#[cfg(unix)]
fn how_files_come_from_the_store() {
    use std::os::unix::fs::MetadataExt;
    let workshop = Workshop::new(20);
    for (method, is_shared) in
        [("hardlink", Some(true)), ("copy", Some(false)), ("clone-or-copy", Some(false)), ("auto", None)]
    {
        let options = workshop.frozen_project(method);
        fs::write(options.project.join(".npmrc"), format!("package-import-method={method}")).unwrap();
        workshop.install(&options).unwrap();
        let slots = options.project.join("node_modules/.pnpm");
        let files = tree(&slots).into_iter().filter(|file| file.ends_with("/index.js"));
        let links: Vec<u64> = files.map(|file| fs::metadata(slots.join(file)).unwrap().nlink()).collect();
        assert!(!links.is_empty());
        for link in links {
            assert!(is_shared.is_none_or(|is| is == (link > 1)), "{method}: {link}");
        }
    }
}

/// A project of a workspace has one setting of its own that changes the result.
#[test]
fn settings_of_one_project() {
    let workshop = Workshop::new(5);
    let options = workshop.frozen_project("workspace");
    let mut lockfile = workshop.frozen.1.clone();
    lockfile.importers.insert("p".into(), lockfile.importers["."].clone());
    lockfile.write(options.source.path()).unwrap();
    fs::create_dir(options.project.join("p")).unwrap();
    let file = "p/.npmrc";
    fs::write(options.project.join(file), "").unwrap();
    let error = install_with(&workshop, &options, &[(file, "modules-dir=deps")]).unwrap_err();
    assert!(error.contains("`modules-dir` of ") && error.contains(file), "{error}");
    assert_eq!(install_with(&workshop, &options, &[(file, "node-linker=hoisted")]), Ok(()));
}

fn testbed(dir: &Path, environment: (&str, &str)) -> (bool, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_testbed"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.to_lowercase().starts_with("npm_config_")) {
        command.env_remove(name);
    }
    command.env("NPM_CONFIG_USERCONFIG", dir.join("user")).env(environment.0, environment.1);
    command.args(["install", "--generated-packages", "--packages", "5", "--store-dir", "../store"]);
    let ran = command.current_dir(dir).output().unwrap();
    (ran.status.success(), String::from_utf8(ran.stderr).unwrap())
}

/// The environment and the user's own file are read too.
#[test]
fn settings_of_the_user() {
    let workshop = Workshop::new(5);
    let project = workshop.frozen_project("frozen").project;
    for (user, environment, refused) in [
        ("", ("a", "b"), None),
        ("node-linker=hoisted", ("a", "b"), Some("user")),
        ("", ("npm_config_node_linker", "hoisted"), Some("npm_config_node_linker")),
        ("node-linker=hoisted", ("NPM_CONFIG_NODE_LINKER", "isolated"), None),
    ] {
        fs::write(project.join("user"), user).unwrap();
        // The packages of this program are others: without a setting it goes as far as to find that out.
        let (_, says) = testbed(&project, environment);
        let is_refused = says.contains("the setting `node-linker` of ");
        assert_eq!(is_refused, refused.is_some(), "{user} {environment:?}: {says}");
        assert!(refused.is_none_or(|origin| says.contains(origin)), "{says}");
    }
}
