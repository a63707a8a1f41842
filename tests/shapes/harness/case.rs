//! The files with the shapes and with the errors, as they are written.

use super::behaviour::Outcome;
use super::variant::{Marker, Variant};
use std::path::Path;
use std::sync::OnceLock;

/// Whether a file holds shapes, which compile, or bodies with errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A module of the one program of its edition.
    Shapes,
    /// A target of its own, so that errors of one phase do not hide those of a later one.
    Errors,
}

/// One file.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) edition: &'static str,
    pub(crate) text: String,
}

pub(crate) const EDITIONS: [&str; 3] = ["2024", "2021", "2015"];

/// Every file, in the order of their names.
pub(crate) fn all() -> &'static [Case] {
    static ALL: OnceLock<Vec<Case>> = OnceLock::new();
    ALL.get_or_init(|| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("shapes");
        let mut cases = read(&folder, Kind::Shapes);
        cases.extend(read(&folder.join("errors"), Kind::Errors));
        cases
    })
}

fn read(folder: &Path, kind: Kind) -> Vec<Case> {
    let mut cases: Vec<Case> = std::fs::read_dir(folder)
        .expect("the folder of the cases")
        .map(|entry| entry.expect("a readable folder").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .map(|path| Case::read(&path, kind))
        .filter(|case| case.name != "support")
        .collect();
    cases.sort_by(|a, b| a.name.cmp(&b.name));
    cases
}

/// Code that must be reported on a line: `//~ E0308`; an empty code is any.
#[derive(Clone, Debug)]
pub(crate) struct Annotation {
    pub(crate) line: usize,
    pub(crate) code: String,
}

impl Case {
    fn read(path: &Path, kind: Kind) -> Case {
        let name = path.file_stem().expect("a file name").to_string_lossy().into_owned();
        let text = std::fs::read_to_string(path).expect("a readable file");
        let is_of = |edition: &&str| text.lines().any(|line| line == format!("//@edition {edition}"));
        let edition = EDITIONS.into_iter().find(is_of).unwrap_or("2024");
        Case { name, kind, edition, text }
    }

    /// Where it is in the package that is built of it.
    pub(crate) fn file(&self, variant: &str) -> String {
        match self.kind {
            Kind::Shapes => format!("src/{}.rs", self.name),
            Kind::Errors => format!("examples/{variant}_{}.rs", self.name),
        }
    }

    /// Whether a variant is built of it.
    pub(crate) fn is_in(&self, variant: Variant) -> bool {
        variant.only().is_none_or(|only| self.name == only)
    }

    pub(crate) fn annotations(&self) -> Vec<Annotation> {
        let mut annotations = Vec::new();
        for (number, line) in (1..).zip(self.text.lines()) {
            let Some((_, codes)) = line.split_once(" //~") else { continue };
            let mut codes: Vec<&str> = codes.split_whitespace().collect();
            if codes.is_empty() {
                codes.push("");
            }
            annotations
                .extend(codes.into_iter().map(|code| Annotation { line: number, code: code.to_owned() }));
        }
        annotations
    }
}

/// Whether an `enter!` stands on a line of a file.
pub(crate) fn is_entered(file: &str, line: usize) -> bool {
    let case = all().iter().find(|case| case.file("") == file);
    let line = case.and_then(|case| case.text.lines().nth(line.checked_sub(1)?));
    line.and_then(Marker::of).is_some_and(|marker| marker.is_enter())
}

/// The shape that a line of a file belongs to, as `file::module`.
pub(crate) fn shape_at(file: &str, line: usize) -> String {
    let Some(case) = all().iter().find(|case| case.file("") == file) else { return file.to_owned() };
    let module = case.text.lines().take(line).filter_map(module).last();
    format!("{}::{}", case.name, module.unwrap_or("*"))
}

/// The name of a shape, if its module begins on this line.
fn module(line: &str) -> Option<&str> {
    line.strip_prefix("pub mod ").map(|module| module.trim_end_matches(" {"))
}

/// One shape: a module with a `run`, and how many calls its markers expect.
#[derive(Clone)]
pub(crate) struct Shape {
    /// `file::module`.
    pub(crate) name: String,
    pub(crate) edition: &'static str,
    pub(crate) calls: u64,
    /// How many bytes its largest future may grow by beside a guard: by arguments that are held once more.
    pub(crate) grows: usize,
    polls: bool,
}

/// Every shape of every file.
pub(crate) fn shapes() -> Vec<Shape> {
    let mut shapes: Vec<Shape> = Vec::new();
    for case in all().iter().filter(|case| case.kind == Kind::Shapes) {
        for line in case.text.lines() {
            if let Some(module) = module(line) {
                let name = format!("{}::{module}", case.name);
                shapes.push(Shape { name, edition: case.edition, calls: 0, grows: 0, polls: false });
            }
            if let (Some(marker), Some(shape)) = (Marker::of(line), shapes.last_mut()) {
                shape.calls += marker.calls();
                shape.grows += marker.grows();
                shape.polls |= marker.has_polls();
            }
        }
    }
    shapes
}

impl Shape {
    /// Whether a variant is built of its file.
    pub(crate) fn is_in(&self, variant: Variant) -> bool {
        variant.only().is_none_or(|only| self.name.starts_with(&format!("{only}::")))
    }

    /// What differs between the outcomes, beyond what a probe is for.
    pub(crate) fn wrong(&self, plain: Option<&Outcome>, probed: Option<&Outcome>) -> Option<String> {
        let name = &self.name;
        let (Some(plain), Some(probed)) = (plain, probed) else {
            return Some(format!("  {name}: did not run"));
        };
        let mut wrong = Vec::new();
        if plain.result != probed.result {
            wrong.push(format!("  {name}: result\n    - {}\n    + {}", plain.result, probed.result));
        }
        if plain.calls != 0 || probed.calls != self.calls {
            let (expected, found) = (self.calls, probed.calls);
            wrong
                .push(format!("  {name}: {expected} calls expected, {found} found (plain: {})", plain.calls));
        }
        if !self.polls && probed.largest > plain.largest + GUARD + self.grows {
            wrong.push(format!("  {name}: a future of {} bytes grew to {}", plain.largest, probed.largest));
        }
        (!wrong.is_empty()).then(|| wrong.join("\n"))
    }
}

/// How much a future may grow: by a word while it begins or is held, which shares its place with its guard, and by padding.
const GUARD: usize = 16;
