//! What the attribute costs at compile time.

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

/// How often each variant is checked. The variants take turns.
const ROUNDS: usize = 5;

/// What the thousand functions have.
#[derive(Clone, Copy)]
enum Variant {
    Nothing,
    /// The attribute.
    Attribute,
    /// The code that the attribute emits, written by hand. The difference is the expansion.
    Emitted,
    /// The emitted code without its file and line.
    WithoutPlace,
}

/// The time of `cargo check` for a thousand annotated functions, divided by the time for the same functions without the attribute. Then the same for the
/// code that the attribute emits, and for that code without its file and line. It shows what the time is spent on.
pub fn check_ratios() -> Result<[f64; 3], String> {
    let dir = std::env::temp_dir().join(format!("concurrency-probe-costs-{}", std::process::id()));
    let result = compare(&dir);
    let _ = std::fs::remove_dir_all(&dir);
    result.map_err(|error| error.to_string())
}

fn compare(dir: &Path) -> std::io::Result<[f64; 3]> {
    let runtime = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    std::fs::create_dir_all(dir.join("src"))?;
    let manifest = format!(
        "[package]\nname = \"thousand\"\nversion = \"0.0.0\"\nedition = \"2024\"\n[workspace]\n\
         [dependencies]\nconcurrency-probe = {{ path = {:?} }}\n",
        runtime.canonicalize()?
    );
    std::fs::write(dir.join("Cargo.toml"), manifest)?;
    let variants = [Variant::Nothing, Variant::Attribute, Variant::Emitted, Variant::WithoutPlace];
    let mut times = variants.map(|_| Vec::new());
    for round in 0..=ROUNDS {
        for at in 0..variants.len() {
            let at = if round % 2 == 0 { at } else { variants.len() - 1 - at };
            // A different text each time, so that no earlier result is used.
            std::fs::write(dir.join("src/lib.rs"), format!("{}// {round}\n", source(variants[at])))?;
            let began = Instant::now();
            let mut check = Command::new("cargo");
            check
                .args(["check", "--quiet"])
                .env("CARGO_INCREMENTAL", "0")
                .current_dir(dir)
                .stderr(Stdio::null());
            if !check.status()?.success() {
                return Err(std::io::Error::other("`cargo check` of the generated crate fails"));
            }
            // The first round also checks the dependencies.
            if round > 0 {
                times[at].push(began.elapsed().as_secs_f64());
            }
        }
    }
    let [nothing, attribute, emitted, without] = times.map(|mut times| crate::timing::median(&mut times));
    Ok([attribute / nothing, emitted / nothing, without / nothing])
}

/// A thousand functions as an installer has them.
fn source(variant: Variant) -> String {
    let private = "::concurrency_probe::__private";
    let site = |place: &str| {
        format!("{private}::Site::new({private}::Kind::Sync, \"install\", \"link\", false, {place})")
    };
    let entered = |site: String| {
        format!("let __probe = {{ static SITE: {private}::Site = {site}; {private}::enter(&SITE) }};\n")
    };
    let (attribute, entry) = match variant {
        Variant::Nothing => ("", String::new()),
        Variant::Attribute => {
            ("#[concurrency_probe::concurrency_probe(scope = \"install\")]\n", String::new())
        }
        Variant::Emitted => {
            let site = site("__file!(), __line!()");
            ("", entered(format!("{{ use ::core::{{file as __file, line as __line}}; {site} }}")))
        }
        Variant::WithoutPlace => ("", entered(site("\"lib.rs\", 1"))),
    };
    let mut source = String::new();
    for n in 0..1000 {
        let _ = write!(
            source,
            "{attribute}pub fn link_{n}(from: &std::path::Path, to: &std::path::Path) -> std::io::Result<u64> {{\n{entry}\
             let length = std::fs::metadata(from)?.len();\n\
             if length > {n} {{ std::fs::hard_link(from, to)?; }} else {{ std::fs::copy(from, to)?; }}\n\
             Ok(length)\n}}\n"
        );
    }
    source
}

/// The number of packages that the macros need, with the macros themselves.
pub fn closure_of_the_macros() -> Result<usize, String> {
    let mut tree = Command::new("cargo");
    tree.args(["tree", "--package", "concurrency-probe-macros", "--edges", "normal", "--prefix", "none"]);
    let output = tree.current_dir(env!("CARGO_MANIFEST_DIR")).output().map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let packages: std::collections::BTreeSet<&str> =
        text.lines().map(|line| line.trim_end_matches(" (*)")).collect();
    if packages.is_empty() { Err("`cargo tree` says nothing".into()) } else { Ok(packages.len()) }
}
