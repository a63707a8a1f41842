//! `probe-gate view`.

use super::page_file::{is_same, open_page, width};
use super::print;
use clap::Args;
use concurrency_probe::Report;
use concurrency_probe_gate::terminal::{Shown, story};
use concurrency_probe_gate::{Results, Run, artifacts};
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// So many reports are told in a terminal.
const MAX_STORIES: usize = 8;

#[derive(Args, Debug)]
pub(super) struct ViewArgs {
    /// Reports of concurrency-probe, one or more a file, or results.json of a gate
    #[arg(required = true, value_name = "REPORT.ndjson")]
    reports: Vec<PathBuf>,

    /// The page [default: beside the first report, with the ending .html]
    #[arg(long, value_name = "FILE.html")]
    out: Option<PathBuf>,

    /// Also write timelines to this file, which ui.perfetto.dev opens
    #[arg(long, value_name = "FILE.json")]
    trace: Option<PathBuf>,

    /// Open the page in a browser
    #[arg(long)]
    open: bool,
}

/// Draws reports as a page.
pub(super) fn view(args: &ViewArgs) -> Result<ExitCode, Box<dyn Error>> {
    let results = concurrency_probe_gate::view(&args.reports)?;
    let page = match &args.out {
        Some(out) => out.clone(),
        None => args.reports[0].with_extension("html"),
    };
    for (written, what) in
        [(Some(&page), "the page with --out"), (args.trace.as_ref(), "the trace with --trace")]
    {
        let is_report = |written: &&PathBuf| args.reports.iter().any(|report| is_same(report, written));
        if let Some(written) = written.filter(is_report) {
            return Err(format!("{} is a report: name another file for {what}", written.display()).into());
        }
    }
    if args.trace.as_ref().is_some_and(|trace| is_same(trace, &page)) {
        return Err(format!(
            "{} cannot be the page and the trace: name two files",
            page.display().to_string().escape_debug()
        )
        .into());
    }
    artifacts::write_file(&page, &artifacts::page(&results, &[]))?;
    if let Some(trace) = &args.trace {
        artifacts::write_file(trace, &artifacts::trace(&results).text)?;
    }
    print(&viewed(&results, &page))?;
    if args.open {
        open_page(&page);
    }
    Ok(ExitCode::SUCCESS)
}

/// What `view` prints: the story of each report, and where the page is, which is last as it is what a terminal shows at its end.
fn viewed(results: &Results, page: &Path) -> String {
    let reports = results.runs.iter().flat_map(|run| run.reports().map(move |report| (run, report)));
    let name = |run: &Run| match results.of_target(&run.target).count() {
        1 => run.target.clone(),
        _ => format!("{}, round {}", run.target, run.round),
    };
    let named: Vec<(String, &Report)> = reports
        .map(|(run, report)| {
            let scope =
                if run.more_reports.is_empty() { String::new() } else { format!(", {}", report.scope) };
            (name(run) + &scope, report)
        })
        .collect();
    let shown: Vec<Shown<'_>> =
        named.iter().take(MAX_STORIES).map(|(name, report)| Shown { name, report }).collect();
    let more = named.len() - shown.len();
    let more = if more > 0 { format!("\n{more} more reports are on the page\n") } else { String::new() };
    format!("{}{more}\nthe page is {}\n", story(&shown, width()), page.display().to_string().escape_debug())
}
