//! A page in a real browser, where there is one.

use std::path::Path;
use std::process::Command;

/// Opens a page of `dir` in a browser; what it shows and what it logs. `None` if there is no browser.
pub(crate) fn browse(dir: &Path, page: &str, arguments: &[&str]) -> Option<(String, String)> {
    let mut browser = Command::new("chromium");
    browser.args([
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--no-first-run",
        "--enable-logging=stderr",
        "--allow-file-access-from-files",
        // So much of its own time for scripts, however slow the machine is.
        "--virtual-time-budget=10000",
    ]);
    browser.arg(format!("--user-data-dir={}", dir.join("profile").display())).args(arguments);
    let Ok(shown) = browser.arg(format!("file://{}", dir.join(page).display())).output() else {
        println!("left out: there is no `chromium` on this machine");
        return None;
    };
    let [dom, log] = [shown.stdout, shown.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
    assert!(shown.status.success(), "{log}");
    assert!(!log.contains("CONSOLE"), "{log}");
    Some((dom, log))
}
