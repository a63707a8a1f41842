//! The file of a page: written beside what it is of, and opened in a browser.

use std::io::Write;
use std::path::Path;

/// Opens a page. It is not an error if there is no browser.
pub(super) fn open_page(page: &Path) {
    if let Err(error) = open::that(page) {
        let _ = writeln!(
            std::io::stderr(),
            "no browser could be started ({}): open {} in a browser",
            error.to_string().replace('\n', " "),
            page.display()
        );
    }
}

/// Whether two paths name one file.
pub(super) fn is_same(one: &Path, other: &Path) -> bool {
    let found = |path: &Path| std::fs::canonicalize(path).ok();
    one == other || found(one).is_some_and(|one| Some(one) == found(other))
}

/// The width of standard output in columns; 80 if it is not a terminal.
pub(super) fn width() -> usize {
    console::Term::stdout().size_checked().map_or(80, |(_, columns)| columns.into())
}
