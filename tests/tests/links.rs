//! Two versions of the crate in one program are refused by cargo: each would see half of the calls.

use std::path::Path;
use std::process::Command;

/// What cargo says of a program that depends on the crate and on another one that has these `links`.
fn resolved(links: &str) -> Result<(), String> {
    let runtime = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("runtime");
    let dir = tempfile::tempdir().unwrap();
    let write = |file: &str, text: &str| {
        let file = dir.path().join(file);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    };
    let package =
        |name: &str| format!("[package]\nname = \"{name}\"\nversion = \"9.0.0\"\nedition = \"2024\"\n");
    write("other/Cargo.toml", &format!("{}links = \"{links}\"\nbuild = \"build.rs\"\n", package("other")));
    write("other/build.rs", "fn main() {}");
    write("other/src/lib.rs", "");
    write(
        "Cargo.toml",
        &format!(
            "{}[workspace]\n[dependencies]\nother = {{ path = \"other\" }}\nconcurrency-probe = {{ path = \"{}\" }}\n",
            package("program"),
            runtime.display(),
        ),
    );
    write("src/main.rs", "fn main() {}");
    let lockfile = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("Cargo.lock");
    std::fs::copy(lockfile, dir.path().join("Cargo.lock")).unwrap();
    let cargo = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--offline"])
        .current_dir(dir.path())
        .output()
        .unwrap();
    if cargo.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&cargo.stderr).into_owned()) }
}

#[test]
fn a_second_version_is_refused_and_another_crate_is_not() {
    assert_eq!(resolved("something-else"), Ok(()));
    let why = resolved("concurrency-probe").expect_err("two packages link to one name");
    assert!(why.contains("links") && why.contains("concurrency-probe"), "{why}");
}
