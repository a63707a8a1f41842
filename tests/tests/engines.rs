//! Packages that are for another version of Node.

#![cfg(unix)]

mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};
use support::{Workshop, pack, tree};

/// The program, where `node` says what a test wants it to say, or is not there.
fn install(workshop: &Workshop, project: &Path, node: Option<&str>) -> Output {
    let bin = workshop.dir.path().join("path");
    let _ = fs::remove_dir_all(&bin);
    fs::create_dir(&bin).unwrap();
    if let Some(says) = node {
        fs::write(bin.join("node"), format!("#!/bin/sh\necho {says}\n")).unwrap();
        fs::set_permissions(bin.join("node"), fs::Permissions::from_mode(0o755)).unwrap();
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_testbed"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.to_lowercase().starts_with("npm_config_")) {
        command.env_remove(name);
    }
    command.env("NPM_CONFIG_USERCONFIG", "/nonexistent/npmrc").env("PATH", &bin).current_dir(project);
    command.args(["install", "--registry", workshop.registry.url().as_str(), "--store-dir"]);
    command.arg(workshop.store()).output().unwrap()
}

/// One that is needed is installed with a warning, an optional one is left out; with `engine-strict` the first is refused.
#[test]
fn packages_for_another_node() {
    let package = |name: &str, more: &str| {
        pack(&[("package/package.json", &format!(r#"{{"name":"{name}","version":"1.0.0"{more}}}"#))])
    };
    let packages = [
        ("needed", package("needed", r#","engines":{"node":">=18"}"#)),
        ("optional", package("optional", r#","engines":{"node":">=18"}"#)),
    ];
    let workshop = Workshop::with_mirror(&packages);
    let manifest = r#"{"dependencies":{"needed":"1"},"optionalDependencies":{"optional":"1"}}"#;
    let project = workshop.dir.path().join("project");
    fs::create_dir(&project).unwrap();
    fs::write(project.join("package.json"), manifest).unwrap();
    for (node, settings, is_optional_there, warning) in [
        (Some("v20.1.0"), "", true, None),
        (Some("v16.1.0"), "", false, Some("warning: needed@1.0.0 is for Node >=18, and this is Node 16.1.0")),
        (Some("v16.1.0"), "node-version=20.1.0", true, None),
        (Some("v20.1.0"), "node-version=16.1.0\nengine-strict=false", false, Some("this is Node 16.1.0")),
        (Some("v20.1.0"), "engine-strict=true", true, None),
        // Where there is no Node, or one that says nothing, nothing can be said against a package.
        (Some("nothing"), "", true, None),
        (None, "engine-strict=true", true, None),
    ] {
        fs::write(project.join(".npmrc"), settings).unwrap();
        let installed = install(&workshop, &project, node);
        let says = String::from_utf8(installed.stderr).unwrap();
        assert!(installed.status.success(), "{node:?} {settings:?}: {says}");
        let is_there = |name: &str| project.join("node_modules").join(name).join("package.json").exists();
        assert_eq!(
            (is_there("needed"), is_there("optional")),
            (true, is_optional_there),
            "{node:?} {settings:?}"
        );
        assert_eq!(says.lines().count(), usize::from(warning.is_some()), "{says}");
        assert!(says.contains(warning.unwrap_or_default()), "{says}");
    }
    fs::remove_dir_all(project.join("node_modules")).unwrap();
    fs::write(project.join(".npmrc"), "engine-strict=true").unwrap();
    let before = tree(&project);
    let refused = install(&workshop, &project, Some("v16.1.0"));
    let says = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(refused.status.code(), Some(1));
    assert!(says.contains("error: needed@1.0.0 is for Node >=18, and this is Node 16.1.0"), "{says}");
    assert_eq!((says.lines().count(), tree(&project)), (1, before), "{says}");
}
