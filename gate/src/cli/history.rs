//! `probe-gate history`.

use super::page_file::{is_same, open_page, width};
use super::print;
use clap::Args;
use concurrency_probe_gate::{History, artifacts, terminal};
use std::error::Error;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Args, Debug)]
pub(super) struct HistoryArgs {
    /// The file that `run`, `check` or `compare` wrote with --history
    #[arg(value_name = "FILE")]
    history: PathBuf,

    /// The page [default: beside the history, with the ending .html]
    #[arg(long, value_name = "FILE.html")]
    out: Option<PathBuf>,

    /// Open the page in a browser
    #[arg(long)]
    open: bool,
}

/// Draws a history as a page.
pub(super) fn history(args: &HistoryArgs) -> Result<ExitCode, Box<dyn Error>> {
    let file = &args.history;
    let history = History::read(file)?;
    let page = args.out.clone().unwrap_or_else(|| file.with_extension("html"));
    if is_same(file, &page) {
        return Err(format!(
            "{} is the history: name another file for the page with --out",
            page.display().to_string().escape_debug()
        )
        .into());
    }
    artifacts::write_file(&page, &artifacts::history(&history))?;
    for line in &history.cut {
        let _ = writeln!(
            std::io::stderr(),
            "warning: {}:{line}: it was cut off when a gate was killed, and is skipped",
            file.display()
        );
    }
    print(&format!(
        "{}\nthe page is {}\n",
        terminal::history(&history, width()),
        page.display().to_string().escape_debug()
    ))?;
    if args.open {
        open_page(&page);
    }
    Ok(ExitCode::SUCCESS)
}
