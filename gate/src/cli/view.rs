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

    /// Also draw what ran when to this file, as an image for a README
    #[arg(long, value_name = "FILE.svg")]
    image: Option<PathBuf>,

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
    let files = Files { page: &page, image: args.image.as_deref(), trace: args.trace.as_deref() };
    files.check(&args.reports)?;
    let image = files.image.map(|file| Ok::<_, String>((file, image(&results, file)?))).transpose()?;
    if let Some((file, image)) = image {
        artifacts::write_file(file, &image)?;
    }
    artifacts::write_file(&page, &artifacts::page(&results, &[]))?;
    if let Some(trace) = files.trace {
        artifacts::write_file(trace, &artifacts::trace(&results).text)?;
    }
    print(&viewed(&results, &files))?;
    if args.open {
        open_page(&page);
    }
    Ok(ExitCode::SUCCESS)
}

/// Where everything is written.
struct Files<'a> {
    page: &'a Path,
    image: Option<&'a Path>,
    trace: Option<&'a Path>,
}

impl Files<'_> {
    /// Checks that all files are different, and that none of them is a report.
    fn check(&self, reports: &[PathBuf]) -> Result<(), String> {
        let files = [
            (Some(self.page), "the page", "--out"),
            (self.image, "the image", "--image"),
            (self.trace, "the trace", "--trace"),
        ];
        let files: Vec<_> =
            files.into_iter().filter_map(|(file, what, option)| Some((file?, what, option))).collect();
        for (at, (file, what, option)) in files.iter().enumerate() {
            if reports.iter().any(|report| is_same(report, file)) {
                return Err(format!(
                    "{} is a report: name another file for {what} with {option}",
                    shown(file)
                ));
            }
            if let Some((_, other, _)) = files[..at].iter().find(|(other, ..)| is_same(other, file)) {
                return Err(format!("{} cannot be {other} and {what}: name two files", shown(file)));
            }
        }
        Ok(())
    }
}

/// The image of what ran when.
fn image(results: &Results, file: &Path) -> Result<String, String> {
    if !file.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("svg")) {
        return Err(format!(
            "{} does not end with .svg: an image is drawn as SVG, so name it FILE.svg, and convert that if you need another format",
            shown(file)
        ));
    }
    artifacts::image(results).ok_or_else(|| {
        "no report has a timeline, and an image shows when things ran: run the program with CONCURRENCY_PROBE_TIMELINE=1, or open its scope \
         with `Scope::builder(..).timeline()`"
            .into()
    })
}

/// A path in a sentence.
fn shown(path: &Path) -> String {
    path.display().to_string().escape_debug().to_string()
}

/// What `view` prints: the story of each report, and last where the files are, since a terminal shows the end.
fn viewed(results: &Results, files: &Files<'_>) -> String {
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
    let image =
        files.image.map_or_else(String::new, |image| format!("the image is {}\n", self::shown(image)));
    format!("{}{more}\n{image}the page is {}\n", story(&shown, width()), self::shown(files.page))
}
