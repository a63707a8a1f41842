//! The files that a gate writes. All of them are written before the exit code is decided.

mod annotations;
mod exports;
mod junit;
mod markdown;
mod page;
mod trace;

use crate::history::History;
use crate::judgement::Judgement;
use crate::metric::Metric;
use crate::results::Results;
use std::io::Write;
use std::path::{Path, PathBuf};

/// The names of all files that [`all`] and [`trace`] make.
pub const NAMES: [&str; 9] = [
    "results.json",
    "judgements.json",
    "index.html",
    "summary.md",
    "junit.xml",
    "hyperfine.json",
    "bencher.json",
    "benchmark-action.json",
    "trace.json",
];

/// A file, by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artifact {
    /// Its name in the output directory.
    pub name: &'static str,
    /// What is in it.
    pub text: String,
}

/// Why a file could not be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write {}: {source}; name another place for it", path.display())]
pub struct WriteError {
    /// The file.
    pub path: PathBuf,
    /// Why.
    pub source: std::io::Error,
}

/// All files. `items` are times that have rows of their own beside those of `wall_ns`.
pub fn all(results: &Results, judgements: &[Judgement], items: &[Metric]) -> Vec<Artifact> {
    let items = exports::items(results, items);
    vec![
        Artifact { name: "results.json", text: exports::results(results) },
        Artifact { name: "judgements.json", text: exports::json(&judgements) },
        Artifact { name: "index.html", text: page::page(results, judgements) },
        Artifact { name: "summary.md", text: markdown::summary(results, &items, judgements) },
        Artifact { name: "junit.xml", text: junit::junit(results, judgements) },
        Artifact { name: "hyperfine.json", text: exports::hyperfine(results, &items) },
        Artifact { name: "bencher.json", text: exports::bencher(&items) },
        Artifact { name: "benchmark-action.json", text: exports::benchmark_action(&items) },
    ]
}

/// All that was decided, as one JSON object: what `--format json` prints. `schema` is `probe-gate-verdict/1`, `exit_code` that of the program,
/// `judgements` as in `judgements.json`, `failure` as in `results.json`, `warnings` sentences, and `out` the directory of the artifacts, if
/// there is one.
pub fn verdict(results: &Results, judgements: &[Judgement], exit_code: u8, out: Option<&Path>) -> String {
    exports::json(&serde_json::json!({
        "schema": "probe-gate-verdict/1",
        "exit_code": exit_code,
        "judgements": judgements,
        "failure": results.failure,
        "warnings": crate::warnings::warnings(results),
        "out": out.map(|out| out.display().to_string()),
    }))
}

/// Results as they are written and read again.
pub fn results(results: &Results) -> String {
    exports::results(results)
}

/// The timelines of all runs, in the Chrome trace format.
pub fn trace(results: &Results) -> Artifact {
    Artifact { name: "trace.json", text: trace::trace(results) }
}

/// The page of results, for a browser. Where no rules were judged, it says what was reported.
pub fn page(results: &Results, judgements: &[Judgement]) -> String {
    page::page(results, judgements)
}

/// The pictures of the page as one image in SVG, 900 pixels wide: what ran when, for each target with a timeline. `None` if no report has a
/// timeline.
///
/// ```
/// use concurrency_probe::Scope;
/// use concurrency_probe_gate::{Results, Run, artifacts};
///
/// let mut install = Scope::builder("install").threads(2).timeline().open();
/// install.pass("cold").for_each(0..8, |_lane, _slot| std::hint::black_box(()));
/// let report = install.report();
/// let run = Run::of("install", 1, report.wall_ns).with_reports([report]);
/// let image = artifacts::image(&Results::of_runs(vec![run])).expect("the report has a timeline");
/// assert!(image.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\""));
/// ```
pub fn image(results: &Results) -> Option<String> {
    page::image::image(results)
}

/// The page of a history, for a browser.
pub fn history(history: &History) -> String {
    page::history::page(history)
}

/// Writes all files into a directory. Each is complete or not there.
///
/// # Errors
///
/// If one cannot be written. The others are.
pub fn write(dir: &Path, artifacts: &[Artifact]) -> Result<(), WriteError> {
    std::fs::create_dir_all(dir).map_err(|source| WriteError { path: dir.to_owned(), source })?;
    let mut first = Ok(());
    for artifact in artifacts {
        first = first.and(write_file(&dir.join(artifact.name), &artifact.text));
    }
    first
}

/// Writes a file, which is complete or not there.
///
/// # Errors
///
/// If it cannot be written.
pub fn write_file(path: &Path, text: &str) -> Result<(), WriteError> {
    // A device or a directory would be replaced by a file.
    if std::fs::metadata(path).is_ok_and(|there| !there.is_file()) {
        let source = std::io::Error::other("it exists, and is not a regular file");
        return Err(WriteError { path: path.to_owned(), source });
    }
    #[cfg_attr(not(unix), expect(unused_mut, reason = "only Unix has permissions to set"))]
    let mut builder = tempfile::Builder::new();
    // Readable for other users, as any other file. A temporary file is not.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644));
    let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let written = builder.tempfile_in(dir).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.persist(path).map(drop).map_err(|error| error.error)
    });
    written.map_err(|source| WriteError { path: path.to_owned(), source })
}

/// For a workflow on GitHub: annotations of what does not hold, as lines for standard output.
pub fn annotations(results: &Results, judgements: &[Judgement]) -> String {
    annotations::annotations(results.failure.as_ref(), judgements)
}
