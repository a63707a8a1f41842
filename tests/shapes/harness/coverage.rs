//! What coverage sees: the regions that the compiler maps to counters.
//!
//! They are read from the comments of `--emit=mir`, which a stable compiler prints too. A compiler that no longer does
//! gives no region, and the test fails for lack of data. They are compared as one set, because `polls` spreads the
//! regions of one function over two.

use super::case;
use super::difference::InFile;
use super::variant::Variant;
use super::workspace;
use std::fmt;
use std::path::Path;

/// A region of a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Region {
    /// In its package.
    file: String,
    line: usize,
    /// `column-line:column`, as the compiler prints it.
    rest: String,
}

impl InFile for Region {
    fn file(&self) -> &str {
        &self.file
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shape = case::shape_at(&self.file, self.line);
        write!(f, "{shape}: {}:{}:{}", self.file, self.line, self.rest)
    }
}

/// The regions of a variant, but for those of an `enter!`, which is a statement of the user's and none in the plain one.
pub(crate) fn of(variant: Variant) -> Vec<Region> {
    let mut regions: Vec<Region> =
        workspace::packages(variant).flat_map(|(package, edition)| read(&emit(&package, edition))).collect();
    regions.sort();
    regions.dedup();
    regions.retain(|region| region.file.starts_with("src/") && !case::is_entered(&region.file, region.line));
    regions
}

/// The MIR of a package, by its target's compiler and with its dependencies.
fn emit(package: &str, edition: &str) -> String {
    let artifacts = workspace::artifacts();
    let mir = workspace::folder().join(package).join("shapes.mir");
    let externs = ["async_trait", "concurrency_probe", "futures", "inert"];
    let externs = externs.map(|name| format!("{name}={}", artifacts[name].display()));
    let dependencies = artifacts["async_trait"].parent().expect("the folder of the dependencies");
    let dependencies = format!("dependency={}", dependencies.display());
    let (main, emit) = (format!("{package}/src/main.rs"), format!("mir={}", mir.display()));
    let mut arguments = vec!["--crate-name", "shapes", "--edition", edition, main.as_str(), "--emit", &emit];
    arguments.extend(["-Cinstrument-coverage", "--cap-lints=allow", "-L", &dependencies]);
    arguments.extend(externs.iter().flat_map(|library| ["--extern", library]));
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = workspace::run(Path::new(&rustc), &arguments);
    assert!(output.status.success(), "{package}: {}", String::from_utf8_lossy(&output.stderr));
    std::fs::read_to_string(mir).expect("the MIR")
}

fn read(mir: &str) -> Vec<Region> {
    mir.lines().filter(|line| line.trim_start().starts_with("coverage ")).filter_map(region).collect()
}

/// Reads a line such as `coverage Code { bcb: bcb0 } => shapes_plain_2024/src/free.rs:7:20: 7:43 (#0);`.
fn region(line: &str) -> Option<Region> {
    let (_, place) = line.split_once(" => ")?;
    let (place, _) = place.split_once(" (#")?;
    let (_, in_package) = place.split_once('/')?;
    let (file, rest) = in_package.split_once(':')?;
    let (line, rest) = rest.split_once(':')?;
    Some(Region { file: file.to_owned(), line: line.parse().ok()?, rest: rest.replace(": ", "-") })
}
