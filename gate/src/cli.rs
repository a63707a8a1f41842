//! The command line of `probe-gate`.

use clap::{Args, Parser, Subcommand};
use concurrency_probe::Report;
use concurrency_probe_gate::terminal::{Shown, story};
use concurrency_probe_gate::{
    Config, EXAMPLE, Judgement, Results, Run, artifacts, exit_code, explain, judge,
};
use std::error::Error;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Gates for benchmarks: rules that fail when structure breaks, and not only when time does.
///
/// Exit codes: 0 all rules hold; 1 a rule fails; 2 usage, or input that cannot be read; 3 a rule had no data, or not enough.
#[derive(Debug, Parser)]
#[command(name = "probe-gate", version)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the targets, then judge
    Run(RunArgs),
    /// Judge results that exist: of this program, or hyperfine's export
    Check(CheckArgs),
    /// Draw reports as a page, without a configuration
    View(ViewArgs),
    /// Say in words what a configuration asks for
    Explain {
        /// The configuration
        config: PathBuf,
    },
    /// Write a configuration to begin with
    Init {
        /// The file, which must not exist
        #[arg(default_value = "gates.toml")]
        file: PathBuf,
    },
}

#[derive(Args, Debug)]
struct Judging {
    /// The configuration
    #[arg(long, value_name = "FILE", default_value = "gates.toml")]
    config: PathBuf,

    /// Results of earlier, for the rules that compare with some
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,

    /// Also write timelines as `trace.json`, which ui.perfetto.dev opens
    #[arg(long)]
    trace: bool,
}

#[derive(Args, Debug)]
struct RunArgs {
    #[command(flatten)]
    judging: Judging,

    /// Go on with a session that was interrupted
    #[arg(long)]
    resume: bool,
}

#[derive(Args, Debug)]
struct CheckArgs {
    #[command(flatten)]
    judging: Judging,

    /// Where artifacts are written [default: nowhere]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,

    /// The results
    results: PathBuf,
}

#[derive(Args, Debug)]
struct ViewArgs {
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

/// So many reports are told in a terminal.
const MAX_STORIES: usize = 8;

/// Unreadable input, and everything else without a verdict.
const UNREADABLE: u8 = 2;

/// Runs a command.
pub(crate) fn run(cli: Cli) -> ExitCode {
    let result = match cli.command {
        Command::Run(args) => run_targets(&args),
        Command::Check(args) => check(&args),
        Command::View(args) => view(&args),
        Command::Explain { config } => Config::read(&config)
            .map_err(Into::into)
            .and_then(|config| print(&explain(&config)))
            .map(|()| ExitCode::SUCCESS),
        Command::Init { file } => init(&file),
    };
    result.unwrap_or_else(|error| {
        let _ = writeln!(std::io::stderr(), "error: {error}");
        ExitCode::from(UNREADABLE)
    })
}

fn run_targets(args: &RunArgs) -> Result<ExitCode, Box<dyn Error>> {
    let config = Config::read(&args.judging.config)?;
    let base = args.judging.config.parent().unwrap_or(Path::new(""));
    let baseline = args.judging.baseline.as_deref().map(Results::read).transpose()?;
    let results = crate::session::run(&config, base, args.resume)?;
    let out = base.join(&config.run.out);
    conclude(&config, &results, baseline.as_ref(), Some(&out), args.judging.trace)
}

fn check(args: &CheckArgs) -> Result<ExitCode, Box<dyn Error>> {
    let config = Config::read(&args.judging.config)?;
    let baseline = args.judging.baseline.as_deref().map(Results::read).transpose()?;
    let results = Results::read(&args.results)?;
    conclude(&config, &results, baseline.as_ref(), args.out.as_deref(), args.judging.trace)
}

fn view(args: &ViewArgs) -> Result<ExitCode, Box<dyn Error>> {
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
        return Err(format!("{} cannot be the page and the trace: name two files", page.display()).into());
    }
    artifacts::write_file(&page, &artifacts::page(&results, &[]))?;
    if let Some(trace) = &args.trace {
        artifacts::write_file(trace, &artifacts::trace(&results).text)?;
    }
    print(&viewed(&results, &page))?;
    if args.open
        && let Err(error) = open::that(&page)
    {
        // The page is there all the same.
        let _ = writeln!(
            std::io::stderr(),
            "there is no browser that could be started ({}): open {} in one by hand",
            error.to_string().replace('\n', " "),
            page.display()
        );
    }
    Ok(ExitCode::SUCCESS)
}

/// Whether two paths are of one file, as far as they are there.
fn is_same(one: &Path, other: &Path) -> bool {
    let found = |path: &Path| std::fs::canonicalize(path).ok();
    one == other || found(one).is_some_and(|one| Some(one) == found(other))
}

/// What `view` prints: the story of each report, and where the page is, which is last as it is what a terminal shows at its end.
fn viewed(results: &Results, page: &Path) -> String {
    let reports = results.runs.iter().filter_map(|run| Some((run, run.report.as_ref()?)));
    let name = |run: &Run| match results.of_target(&run.target).count() {
        1 => run.target.clone(),
        _ => format!("{}, round {}", run.target, run.round),
    };
    let named: Vec<(String, &Report)> = reports.map(|(run, report)| (name(run), report)).collect();
    let shown: Vec<Shown<'_>> =
        named.iter().take(MAX_STORIES).map(|(name, report)| Shown { name, report }).collect();
    let more = named.len() - shown.len();
    let more = if more > 0 { format!("\n{more} more reports are on the page\n") } else { String::new() };
    format!("{}{more}\nthe page is {}\n", story(&shown, width()), page.display())
}

/// How wide standard output is, in columns. What is no terminal is as wide as most are made.
fn width() -> usize {
    console::Term::stdout().size_checked().map_or(80, |(_, columns)| columns.into())
}

/// Judges, writes every artifact, and only then decides.
fn conclude(
    config: &Config,
    results: &Results,
    baseline: Option<&Results>,
    out: Option<&Path>,
    trace: bool,
) -> Result<ExitCode, Box<dyn Error>> {
    let judgements = judge(config, results, baseline);
    let mut artifacts = artifacts::all(results, &judgements, &config.run.items);
    if trace {
        artifacts.push(artifacts::trace(results));
    }
    let written = out.map_or(Ok(()), |out| artifacts::write(out, &artifacts));
    print(&judgements.iter().map(line).collect::<String>())?;
    if std::env::var_os("GITHUB_ACTIONS").is_some() {
        print(&artifacts::annotations(&judgements))?;
    }
    if let Some(file) = std::env::var_os("GITHUB_STEP_SUMMARY") {
        let summary = artifacts.iter().find(|artifact| artifact.name == "summary.md");
        let text = summary.map_or("", |summary| summary.text.as_str());
        let mut options = std::fs::File::options();
        let appended = options
            .append(true)
            .create(true)
            .open(&file)
            .and_then(|mut file| file.write_all(text.as_bytes()));
        appended.map_err(|error| format!("cannot write the step summary {}: {error}", file.display()))?;
    }
    written?;
    Ok(ExitCode::from(exit_code(&judgements)))
}

fn line(judgement: &Judgement) -> String {
    let Judgement { rule, why, verdict, found, .. } = judgement;
    let holds = exit_code(std::slice::from_ref(judgement)) == 0;
    let why = if holds { String::new() } else { format!("    {why}\n") };
    format!("{rule}: {verdict}\n    {found}\n{why}")
}

fn init(file: &Path) -> Result<ExitCode, Box<dyn Error>> {
    let made = std::fs::File::options().write(true).create_new(true).open(file);
    made.and_then(|mut file| file.write_all(EXAMPLE.as_bytes())).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => format!("{} exists: name another file", file.display()),
        _ => format!("cannot write {}: {error}", file.display()),
    })?;
    print(&format!("wrote {}; `probe-gate explain {0}` says what it asks for\n", file.display()))?;
    Ok(ExitCode::SUCCESS)
}

/// Prints. Whoever stops reading early (`| head`) has seen enough.
fn print(text: &str) -> Result<(), Box<dyn Error>> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}
