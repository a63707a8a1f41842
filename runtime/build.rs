//! Nothing is built: a package with `links` needs a build script, and `links` is what keeps a second version of this crate out of a
//! program. Each would have lists of scopes and probes of its own, and see half of the calls.

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
