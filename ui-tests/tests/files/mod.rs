//! The programs of a folder.

use std::fs;
use std::path::Path;

/// The programs in `tests/<folder>`, as `group/shape.rs`, sorted.
pub(crate) fn programs(folder: &str) -> Vec<String> {
    all(folder, "rs")
}

/// The files in `tests/<folder>` that end in `extension`, as `group/file`, sorted.
pub(crate) fn all(folder: &str, extension: &str) -> Vec<String> {
    let root = Path::new("tests").join(folder);
    let mut files = Vec::new();
    for group in names(&root) {
        for file in names(&root.join(&group)) {
            if Path::new(&file).extension().is_some_and(|is| is == extension) {
                files.push(format!("{group}/{file}"));
            }
        }
    }
    assert!(!files.is_empty(), "no .{extension} files in {}", root.display());
    files.sort();
    files
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("a UTF-8 name")).collect()
}
