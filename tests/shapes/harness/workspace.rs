//! The throw-away packages: one for each variant and edition, in a workspace under the target directory.

use super::case::{self, EDITIONS, Kind};
use super::variant::Variant;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

/// The packages of a variant; those of a single file are of one edition.
pub(crate) fn packages(variant: Variant) -> impl Iterator<Item = (String, &'static str)> {
    let is_built = move |edition: &&str| variant.only().is_none() || *edition == "2024";
    EDITIONS
        .into_iter()
        .filter(is_built)
        .map(move |edition| (format!("{}_{edition}", variant.prefix()), edition))
}

/// The workspace, written.
pub(crate) fn folder() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("shapes");
        write_workspace(&folder);
        write_inert(&folder.join("inert"));
        for variant in Variant::ALL {
            for (package, edition) in packages(variant) {
                write_package(&folder.join(&package), variant, &package, edition);
            }
        }
        folder
    })
}

fn write_workspace(folder: &Path) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace of this package");
    let mut members: Vec<String> =
        Variant::ALL.into_iter().flat_map(packages).map(|(package, _)| package).collect();
    members.push(String::from("inert"));
    let runtime = root.join("runtime").to_str().expect("a path in UTF-8").to_owned();
    let manifest = format!(
        "[workspace]\nresolver = \"3\"\nmembers = {members:?}\n\n\
         [workspace.dependencies]\n\
         async-trait = \"0.1\"\n\
         concurrency-probe = {{ path = {runtime:?} }}\n\
         futures = {{ version = \"0.3\", default-features = false, features = [\"alloc\"] }}\n\
         inert = {{ path = \"inert\" }}\n\n\
         [profile.dev]\ndebug = false\nincremental = false\n"
    );
    write(&folder.join("Cargo.toml"), &manifest);
    let lock = std::fs::read_to_string(root.join("Cargo.lock")).expect("the workspace's Cargo.lock");
    // Cargo leaves out what is not needed here; only a lock file that has changed is to be looked at again.
    if write(&folder.join("Cargo.lock.workspace"), &lock) || !folder.join("Cargo.lock").exists() {
        write(&folder.join("Cargo.lock"), &lock);
    }
}

fn write_package(folder: &Path, variant: Variant, package: &str, edition: &str) {
    let manifest = format!(
        "[package]\nname = {package:?}\nversion = \"0.0.0\"\nedition = {edition:?}\npublish = false\n\n\
         [dependencies]\n\
         async-trait.workspace = true\nconcurrency-probe.workspace = true\nfutures.workspace = true\n\
         inert.workspace = true\n"
    );
    write(&folder.join("Cargo.toml"), &manifest);
    write(&folder.join("src/main.rs"), &main(variant, edition));
    let support = Path::new(env!("CARGO_MANIFEST_DIR")).join("shapes/support.rs");
    write(&folder.join("src/support.rs"), &std::fs::read_to_string(support).expect("support.rs"));
    for case in case::all().iter().filter(|case| case.edition == edition && case.is_in(variant)) {
        let text = variant.of(&case.text);
        let text = match case.kind {
            Kind::Shapes => text,
            Kind::Errors => format!("{text}\nfn main() {{}}\n"),
        };
        write(&folder.join(case.file(variant.prefix())), &text);
    }
}

/// The attribute that does nothing but take its item to tokens and put them together again, as each has to that changes
/// something.
fn write_inert(folder: &Path) {
    let manifest = "[package]\nname = \"inert\"\nversion = \"0.0.0\"\nedition = \"2024\"\npublish = false\n\n\
                    [lib]\nproc-macro = true\n";
    let code = "use proc_macro::TokenStream;\n\n#[proc_macro_attribute]\n\
                pub fn inert(_: TokenStream, item: TokenStream) -> TokenStream {\n    item.into_iter().collect()\n}\n";
    write(&folder.join("Cargo.toml"), manifest);
    write(&folder.join("src/lib.rs"), code);
}

/// The program: every file a module, and a `main` that runs every shape.
fn main(variant: Variant, edition: &str) -> String {
    let mut text = String::from(
        "#![warn(clippy::all, clippy::pedantic, clippy::nursery, rust_2018_idioms, unused, let_underscore_drop)]\n\
         // What is counted cannot be `const`, so this one does not apply to it.\n\
         #![allow(clippy::missing_const_for_fn)]\n\
         #[allow(warnings, clippy::all)]\nmod support;\n",
    );
    if edition == "2015" {
        text.push_str("extern crate concurrency_probe;\n");
    }
    let cases = || case::all().iter().filter(|case| case.edition == edition && case.is_in(variant));
    for case in cases().filter(|case| case.kind == Kind::Shapes) {
        writeln!(text, "mod {};", case.name).expect("a string");
    }
    text.push_str("\nfn main() {\n    support::run_all(&[\n");
    for shape in case::shapes().iter().filter(|shape| shape.edition == edition && shape.is_in(variant)) {
        writeln!(text, "        ({0:?}, {0}::run),", shape.name).expect("a string");
    }
    text.push_str("    ]);\n}\n");
    text
}

/// Writes a file unless it is that already, so that Cargo sees what has changed; tells whether it did.
fn write(path: &Path, text: &str) -> bool {
    if std::fs::read_to_string(path).is_ok_and(|old| old == text) {
        return false;
    }
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a writable target directory");
    std::fs::write(path, text).expect("a writable target directory");
    true
}

/// Runs a tool on the workspace, free of what the flags of the outer build would change.
pub(crate) fn run(tool: &Path, arguments: &[&str]) -> Output {
    Command::new(tool)
        .args(arguments)
        .current_dir(folder())
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .env_remove("CARGO_TARGET_DIR")
        .env_remove("CARGO_BUILD_TARGET")
        .env_remove("CONCURRENCY_PROBE_REPORT")
        .output()
        .unwrap_or_else(|error| panic!("{} did not start: {error}", tool.display()))
}

/// Runs cargo, which prints one JSON message a line.
pub(crate) fn cargo(arguments: &[&str]) -> (Output, Vec<Value>) {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let target = folder().join("target");
    let mut all = arguments.to_vec();
    let target = target.to_str().expect("a target directory in UTF-8");
    all.extend(["--workspace", "--offline", "--message-format=json", "--target-dir", target]);
    let output = run(Path::new(&cargo), &all);
    let messages = String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect();
    (output, messages)
}

/// What `cargo build` made, by the name of the target.
pub(crate) fn artifacts() -> &'static BTreeMap<String, PathBuf> {
    static ARTIFACTS: OnceLock<BTreeMap<String, PathBuf>> = OnceLock::new();
    ARTIFACTS.get_or_init(|| {
        let (output, messages) = cargo(&["build", "--bins"]);
        let rendered: String = messages
            .iter()
            .filter(|message| message["message"]["level"] == "error")
            .filter_map(|message| message["message"]["rendered"].as_str())
            .collect();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "the shapes do not compile:\n{rendered}\n{said}");
        messages.iter().filter_map(artifact).collect()
    })
}

fn artifact(message: &Value) -> Option<(String, PathBuf)> {
    let name = message["target"]["name"].as_str()?.replace('-', "_");
    if let Some(program) = message["executable"].as_str() {
        return Some((name, program.into()));
    }
    let is_library = |file: &&str| [".rlib", ".so", ".dylib", ".dll"].iter().any(|end| file.ends_with(end));
    let file = message["filenames"].as_array()?.iter().filter_map(Value::as_str).find(is_library)?;
    Some((name, file.into()))
}
