//! What the attribute costs whoever compiles it, beside the attributes of others.

use crate::timing::median;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

/// How often each variant is checked, in turns.
const ROUNDS: usize = 7;

/// What stands on each of a thousand functions, or at the head of each.
struct Variant {
    name: &'static str,
    attribute: &'static str,
    statement: &'static str,
}

const PLAIN: &str = "nothing";
pub const OURS: &str = "#[concurrency_probe]";

const VARIANTS: [Variant; 7] = [
    Variant { name: PLAIN, attribute: "", statement: "" },
    Variant { name: "an attribute that does nothing", attribute: "#[nothing::nothing]", statement: "" },
    Variant {
        name: "what ours emits, written by hand",
        attribute: "",
        statement: "let __probe = { static SITE: ::concurrency_probe::__private::Site = \
                    ::concurrency_probe::__private::Sync.site(\"install\", \"link\"); \
                    ::concurrency_probe::__private::enter(&SITE) };",
    },
    Variant {
        name: OURS,
        attribute: "#[concurrency_probe::concurrency_probe(scope = \"install\")]",
        statement: "",
    },
    Variant { name: "#[fastrace::trace]", attribute: "#[fastrace::trace]", statement: "" },
    Variant { name: "#[hotpath::measure]", attribute: "#[hotpath::measure]", statement: "" },
    Variant { name: "#[tracing::instrument]", attribute: "#[tracing::instrument]", statement: "" },
];

/// The crates that are built from nothing.
const CRATES: [&str; 4] = ["concurrency-probe", "fastrace", "hotpath", "tracing"];

/// `cargo check` of a thousand functions, with one attribute each.
pub struct Checked {
    pub variant: &'static str,
    /// How many times as much processor time as without any.
    pub ratio: f64,
}

/// `cargo check` of one crate and all that it needs.
pub struct Built {
    pub name: &'static str,
    pub packages: usize,
    pub seconds: f64,
    pub cpu_seconds: f64,
}

/// Checks a thousand functions in each variant, in turns.
pub fn check_ratios() -> Result<Vec<Checked>, String> {
    in_scratch("checked", compare)
}

/// Checks each crate once in an empty target directory.
pub fn from_nothing() -> Result<Vec<Built>, String> {
    in_scratch("built", |dir| CRATES.into_iter().map(|name| build(dir, name)).collect())
}

fn in_scratch<T>(name: &str, work: impl FnOnce(&Path) -> io::Result<T>) -> Result<T, String> {
    let dir = std::env::temp_dir().join(format!("concurrency-probe-{name}-{}", std::process::id()));
    let result = work(&dir);
    let _ = std::fs::remove_dir_all(&dir);
    result.map_err(|error| error.to_string())
}

fn compare(dir: &Path) -> io::Result<Vec<Checked>> {
    nothing(&dir.join("nothing"))?;
    let dependencies: String = CRATES.into_iter().map(dependency).collect();
    package(dir, &format!("{dependencies}nothing = {{ path = \"nothing\" }}\n"))?;
    let mut times = VARIANTS.each_ref().map(|_| Vec::new());
    for round in 0..=ROUNDS {
        for at in 0..VARIANTS.len() {
            let at = if round % 2 == 0 { at } else { VARIANTS.len() - 1 - at };
            // Each time another text, so that nothing is known of it.
            std::fs::write(dir.join("src/lib.rs"), format!("{}// {round}\n", source(&VARIANTS[at])))?;
            let before = cpu_of_children();
            let began = Instant::now();
            check(dir)?;
            // What else the machine does is in its time, and not in its processor time.
            let took = match (before, cpu_of_children()) {
                (Some(before), Some(after)) => after - before,
                _ => began.elapsed().as_secs_f64(),
            };
            // The first is that of the dependencies.
            if round > 0 {
                times[at].push(took);
            }
        }
    }
    let times = times.map(|mut times| median(&mut times));
    let checked =
        |(variant, time): (&Variant, f64)| Checked { variant: variant.name, ratio: time / times[0] };
    Ok(VARIANTS.iter().zip(times).map(checked).collect())
}

fn build(dir: &Path, name: &'static str) -> io::Result<Built> {
    let dir = dir.join(name);
    package(&dir, &dependency(name))?;
    std::fs::write(dir.join("src/lib.rs"), "")?;
    // What has to be downloaded first is none of its time.
    cargo(&dir, &["fetch", "--quiet"])?;
    let (before, began) = (cpu_of_children(), Instant::now());
    check(&dir)?;
    let seconds = began.elapsed().as_secs_f64();
    let cpu_seconds = before.zip(cpu_of_children()).map_or(f64::NAN, |(before, after)| after - before);
    Ok(Built { name, packages: packages(&dir)?, seconds, cpu_seconds })
}

/// As it is given where it is used, with the features that make the attribute do something.
fn dependency(name: &str) -> String {
    match name {
        "fastrace" => "fastrace = { version = \"0.7\", features = [\"enable\"] }\n".into(),
        "hotpath" => "hotpath = { version = \"0.30\", features = [\"hotpath\"] }\n".into(),
        "tracing" => "tracing = \"0.1\"\n".into(),
        _ => {
            let runtime = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
            format!("concurrency-probe = {{ path = {runtime:?} }}\n")
        }
    }
}

/// An empty package with these dependencies, in the versions that this program is built with.
fn package(dir: &Path, dependencies: &str) -> io::Result<()> {
    std::fs::create_dir_all(dir.join("src"))?;
    let manifest = format!(
        "[package]\nname = \"thousand\"\nversion = \"0.0.0\"\nedition = \"2024\"\n[workspace]\n[dependencies]\n{dependencies}"
    );
    std::fs::write(dir.join("Cargo.toml"), manifest)?;
    let own = |file: &str| Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let files =
        [("Cargo.lock", own("Cargo.lock")), ("rust-toolchain.toml", own("../../rust-toolchain.toml"))];
    for (name, file) in files {
        if file.exists() {
            std::fs::copy(file, dir.join(name))?;
        }
    }
    Ok(())
}

/// The package of an attribute that does nothing.
fn nothing(dir: &Path) -> io::Result<()> {
    std::fs::create_dir_all(dir.join("src"))?;
    let manifest =
        "[package]\nname = \"nothing\"\nversion = \"0.0.0\"\nedition = \"2024\"\n[lib]\nproc-macro = true\n";
    std::fs::write(dir.join("Cargo.toml"), manifest)?;
    let source = "use proc_macro::TokenStream;\n\
                  #[proc_macro_attribute]\npub fn nothing(_: TokenStream, item: TokenStream) -> TokenStream { item }\n";
    std::fs::write(dir.join("src/lib.rs"), source)
}

fn check(dir: &Path) -> io::Result<()> {
    cargo(dir, &["check", "--quiet"])
}

fn cargo(dir: &Path, arguments: &[&str]) -> io::Result<()> {
    let mut cargo = Command::new("cargo");
    cargo.args(arguments).current_dir(dir).env("CARGO_INCREMENTAL", "0").env_remove("CARGO_TARGET_DIR");
    let output = cargo.stdin(Stdio::null()).output()?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(io::Error::other(format!("`cargo {}` of the generated package fails: {said}", arguments.join(" "))))
}

/// The processor time of the children that have ended, where the system tells: in ticks, which is all that a ratio needs, made
/// seconds by the hundred ticks of a second that Linux has.
fn cpu_of_children() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |at: usize| fields.get(at)?.parse::<f64>().ok();
    Some((ticks(13)? + ticks(14)?) / 100.0)
}

/// A thousand functions like those of an installer.
fn source(variant: &Variant) -> String {
    let Variant { attribute, statement, .. } = variant;
    let mut source = String::new();
    for n in 0..1000 {
        let _ = write!(
            source,
            "{attribute}\npub fn link_{n}(from: &std::path::Path, to: &std::path::Path) -> std::io::Result<u64> {{\n{statement}\n\
             let length = std::fs::metadata(from)?.len();\n\
             if length > {n} {{ std::fs::hard_link(from, to)?; }} else {{ std::fs::copy(from, to)?; }}\n\
             Ok(length)\n}}\n"
        );
    }
    source
}

/// How many packages the macros are made of, themselves among them.
pub fn closure_of_the_macros() -> Result<usize, String> {
    let dir = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let packages =
        tree(&dir, &["--package", "concurrency-probe-macros"]).map_err(|error| error.to_string())?;
    if packages.is_empty() { Err("`cargo tree` says nothing".into()) } else { Ok(packages.len()) }
}

/// How many packages one that is in this directory needs.
fn packages(dir: &Path) -> io::Result<usize> {
    Ok(tree(dir, &[])?.len().saturating_sub(1))
}

fn tree(dir: &Path, arguments: &[&str]) -> io::Result<BTreeSet<String>> {
    let mut tree = Command::new("cargo");
    tree.args(["tree", "--edges", "normal,build", "--prefix", "none"]).args(arguments).current_dir(dir);
    let text = String::from_utf8_lossy(&tree.output()?.stdout).into_owned();
    Ok(text.lines().map(|line| line.trim_end_matches(" (*)").to_owned()).collect())
}
