//! The file of a page: written beside what it is of, and opened in a browser.

use std::io::Write;
use std::path::Path;

/// Opens a page. It is there all the same if there is no browser.
pub(super) fn open_page(page: &Path) {
    if let Err(error) = open::that(page) {
        let _ = writeln!(
            std::io::stderr(),
            "there is no browser that could be started ({}): open {} in one by hand",
            error.to_string().replace('\n', " "),
            page.display()
        );
    }
}

/// Whether two paths are of one file, as far as they are there.
pub(super) fn is_same(one: &Path, other: &Path) -> bool {
    let found = |path: &Path| std::fs::canonicalize(path).ok();
    one == other || found(one).is_some_and(|one| Some(one) == found(other))
}

/// How wide standard output is, in columns. What is no terminal is as wide as most are made.
pub(super) fn width() -> usize {
    console::Term::stdout().size_checked().map_or(80, |(_, columns)| columns.into())
}
