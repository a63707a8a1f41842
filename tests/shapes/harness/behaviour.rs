//! What the shapes do.

use super::variant::Variant;
use super::workspace;
use std::collections::BTreeMap;

/// What a shape's `run` gave.
#[derive(Clone)]
pub(crate) struct Outcome {
    pub(crate) result: String,
    /// How many calls the scope around it counted.
    pub(crate) calls: u64,
    /// The size of the largest future it ran.
    pub(crate) largest: usize,
}

/// Runs every shape of a variant.
pub(crate) fn of(variant: Variant) -> BTreeMap<String, Outcome> {
    workspace::packages(variant).flat_map(|(package, _)| run(&package)).collect()
}

fn run(package: &str) -> BTreeMap<String, Outcome> {
    let output = workspace::run(&workspace::artifacts()[package], &[]);
    assert!(output.status.success(), "{package} failed: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).lines().map(outcome).collect()
}

/// A line as `run_all` of `support.rs` prints it.
fn outcome(line: &str) -> (String, Outcome) {
    let mut fields = line.splitn(4, '\t');
    let mut field = || fields.next().expect("a line of four fields");
    let (name, calls, largest, result) = (field(), field(), field(), field());
    let number = "a number";
    let outcome = Outcome {
        result: result.to_owned(),
        calls: calls.parse().expect(number),
        largest: largest.parse().expect(number),
    };
    (name.to_owned(), outcome)
}
