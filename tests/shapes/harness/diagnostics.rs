//! What the compiler and clippy say.

use super::case::{self, Kind};
use super::difference::InFile;
use super::variant::Variant;
use super::workspace;
use serde_json::Value;
use std::fmt;
use std::sync::OnceLock;

/// What the prefix of every variant reads like here, so that messages with a path in them are comparable.
pub(crate) const ANY_VARIANT: &str = "shapes";

/// One warning or error with everything a person sees of it: notes, labels and suggestions.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Diagnostic {
    /// In its package.
    pub(crate) file: String,
    pub(crate) line: usize,
    pub(crate) level: String,
    pub(crate) code: String,
    text: String,
}

impl InFile for Diagnostic {
    fn file(&self) -> &str {
        &self.file
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", case::shape_at(&self.file, self.line), self.text)
    }
}

/// Everything that is said about the files of a kind, in a variant.
pub(crate) fn of(variant: Variant, kind: Kind) -> Vec<Diagnostic> {
    let is_kind = |message: &&Value| {
        message["target"]["kind"][0] == if kind == Kind::Shapes { "bin" } else { "example" }
    };
    messages().iter().filter(is_kind).filter_map(|message| diagnostic(message, variant)).collect()
}

fn messages() -> &'static [Value] {
    static MESSAGES: OnceLock<Vec<Value>> = OnceLock::new();
    MESSAGES.get_or_init(|| {
        // It fails, as the errors are errors; which targets were looked at is in the messages.
        let (output, messages) = workspace::cargo(&["clippy", "--bins", "--examples", "--keep-going"]);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(
            messages.iter().any(|message| message["reason"] == "build-finished"),
            "clippy did not run: {said}"
        );
        messages.into_iter().filter(|message| message["reason"] == "compiler-message").collect()
    })
}

fn diagnostic(message: &Value, variant: Variant) -> Option<Diagnostic> {
    if !message["target"]["name"].as_str()?.starts_with(variant.prefix()) {
        return None;
    }
    let neutral = message["message"].to_string().replace(variant.prefix(), ANY_VARIANT);
    let message: Value = serde_json::from_str(&neutral).ok()?;
    let spans = message["spans"].as_array()?;
    // What has no span is a sum: "3 warnings emitted".
    let primary = spans.iter().find(|span| span["is_primary"] == true)?;
    Some(Diagnostic {
        file: file(primary),
        line: usize::try_from(primary["line_start"].as_u64()?).ok()?,
        level: message["level"].as_str()?.to_owned(),
        code: message["code"]["code"].as_str().unwrap_or_default().to_owned(),
        text: describe(&message, "    "),
    })
}

/// A message with its spans and, further in, its notes and suggestions.
fn describe(message: &Value, indent: &str) -> String {
    let level = message["level"].as_str().unwrap_or_default();
    let code = message["code"]["code"].as_str().unwrap_or_default();
    let mut text = format!("{level}[{code}]: {}", message["message"].as_str().unwrap_or_default());
    let mut spans: Vec<String> = array(&message["spans"]).map(place).collect();
    spans.sort();
    for span in spans {
        text += "\n";
        text += indent;
        text += &span;
    }
    for child in array(&message["children"]).filter(|child| !is_incidental(child)) {
        text += "\n";
        text += indent;
        text += &describe(child, &format!("{indent}  "));
    }
    text
}

/// Notes on the first warning of its lint only, and names of files that change with each build.
fn is_incidental(note: &Value) -> bool {
    let text = note["message"].as_str().unwrap_or_default();
    text.contains("implied by `#[")
        || text.contains("` on by default")
        || text == "the lint level is defined here"
        || text.starts_with("the full name for the type has been written")
}

fn array(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn place(span: &Value) -> String {
    let file = file(span);
    let number = |key: &str| span[key].as_u64().unwrap_or_default();
    let (line, column) = (number("line_start"), number("column_start"));
    let (end_line, end_column) = (number("line_end"), number("column_end"));
    let mark = if span["is_primary"] == true { "^" } else { "-" };
    let label = span["label"].as_str().unwrap_or_default();
    let replacement =
        span["suggested_replacement"].as_str().map_or_else(String::new, |text| format!(" => {text:?}"));
    format!("{mark} {file}:{line}:{column}-{end_line}:{end_column} {label}{replacement}")
}

/// A file in its package: `shapes_2024/src/free.rs` is `src/free.rs`. Those of the library have no line here, as they
/// move with the toolchain.
fn file(span: &Value) -> String {
    let name = span["file_name"].as_str().unwrap_or_default().replace('\\', "/");
    match name.split_once('/') {
        Some((package, rest)) if package.starts_with(ANY_VARIANT) => rest.to_owned(),
        _ => name,
    }
}
