//! The list of mutants does not rot: each still applies. That tests go red for each is for `.ci/mutants` to show, in minutes.

#![cfg(unix)]

use std::process::Command;

#[test]
fn each_still_applies() {
    let checked = Command::new("bash")
        .args(["../.ci/mutants", "--check"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
}
