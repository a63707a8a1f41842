//! No dependency of the library needs a newer compiler than its `rust-version` promises, as Cargo.lock has them. Only the workflow has that
//! compiler; this asks what each dependency says of itself.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

fn metadata() -> Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked", "--all-features"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// `1.85` or `1.85.1` as numbers. What says nothing works everywhere, as far as it says.
fn version(of: &Value) -> (u64, u64) {
    let text = of.as_str().unwrap_or("0.0");
    let mut parts = text.split('.').map(|part| part.parse().expect("a number"));
    (parts.next().unwrap_or_default(), parts.next().unwrap_or_default())
}

/// All that a package is built with, by `normal` and `build` dependencies on any system: their ids.
fn built_with(metadata: &Value, package: &str) -> BTreeSet<String> {
    let nodes: BTreeMap<&str, &Value> = metadata["resolve"]["nodes"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|node| (node["id"].as_str().expect("an id"), node))
        .collect();
    let id = |of: &Value| of["id"].as_str().expect("an id").to_owned();
    let packages = metadata["packages"].as_array().expect("a list");
    let first = packages.iter().find(|of| of["name"] == package).map(id).expect("it is in the workspace");
    let (mut all, mut to_see) = (BTreeSet::new(), vec![first]);
    while let Some(next) = to_see.pop() {
        for dep in nodes[next.as_str()]["deps"].as_array().expect("a list") {
            let is_built =
                dep["dep_kinds"].as_array().expect("a list").iter().any(|kind| kind["kind"] != "dev");
            if is_built {
                to_see.extend(dep["pkg"].as_str().filter(|id| !all.contains(*id)).map(str::to_owned));
            }
        }
        all.insert(next);
    }
    all
}

/// The dependencies of a package that say that they need a newer compiler than this.
fn too_new(metadata: &Value, package: &str, promised: (u64, u64)) -> Vec<String> {
    let built = built_with(metadata, package);
    let packages = metadata["packages"].as_array().expect("a list");
    let of_it = packages.iter().filter(|of| built.contains(of["id"].as_str().expect("an id")));
    let newer = of_it.filter(|of| version(&of["rust_version"]) > promised);
    newer.map(|of| format!("{} {} needs {}", of["name"], of["version"], of["rust_version"])).collect()
}

#[test]
fn no_dependency_needs_more_than_is_promised() {
    let metadata = metadata();
    let packages = metadata["packages"].as_array().unwrap();
    for package in ["concurrency-probe", "concurrency-probe-gate"] {
        let promised =
            packages.iter().find(|of| of["name"] == package).map(|of| version(&of["rust_version"]));
        let promised = promised.unwrap();
        assert!(promised >= (1, 85), "{package} promises {promised:?}");
        assert_eq!(too_new(&metadata, package, promised), Vec::<String>::new(), "{package}");
    }
    // Its twin: the gate has dependencies that the library's promise would not do for, or that promise would be the gate's too.
    assert!(!too_new(&metadata, "concurrency-probe-gate", (1, 60)).is_empty());
}
