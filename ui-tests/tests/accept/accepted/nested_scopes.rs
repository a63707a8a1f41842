//! A pass of another scope in a lane: an install that builds.
use concurrency_probe::{Lane, Scope, must_run_parallel};

#[must_run_parallel]
fn compile(_lane: Lane<'_>, unit: u32) -> u32 {
    unit
}

#[must_run_parallel]
fn build(_lane: Lane<'_>, package: u32) -> u32 {
    let mut build = Scope::open("build");
    build.pass("compile").map(0..package, compile).iter().sum()
}

pub fn main() {
    let mut install = Scope::open("install");
    assert_eq!(install.pass("packages").map(1..4, build), [0, 1, 3]);
    assert!(install.report().findings.is_empty());
}
