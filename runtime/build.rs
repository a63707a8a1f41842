//! This script builds nothing. `links` in the manifest prevents that a program has two versions of this crate, because each version would have
//! its own lists of scopes and probes, and would see only a part of the calls. A package with `links` needs a build script.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let atomics = std::env::var("CARGO_CFG_TARGET_HAS_ATOMIC").unwrap_or_default();
    if !atomics.split(',').any(|width| width == "64") {
        let target = std::env::var("TARGET").unwrap_or_default();
        println!(
            "cargo::error=concurrency-probe counts in 64-bit atomics, which {target} does not have: build for another target"
        );
    }
}
