//! What must be so of every input, however broken it is. Both the bounded test and the coverage-guided one ask for it.

use concurrency_probe_gate::terminal::{self, Shown, failure, story, verdicts, warnings};
use concurrency_probe_gate::{
    CheckoutDirs, Config, History, Judgement, Metric, ReportLine, Results, Run, Sample, Sum, Verdict,
    artifacts, exit_code, explain, judge,
};
use serde_json::Value;
use std::path::Path;

/// Rules of every kind, about every target.
const RULES: &str = include_str!("seeds/rules.toml");
const RESULTS: &[u8] = include_bytes!("seeds/results.json");

/// Between a configuration, results for it, and a baseline.
const SEPARATOR: &str = "\n%%\n";

/// More runs take long to judge, and show nothing that these do not.
const MOST_RUNS: usize = 100;

/// Gives an input to every reader, and what a reader makes of it to everything that uses it. Says whether any took it.
pub(crate) fn check(input: &[u8]) -> bool {
    let mut is_accepted = false;
    let rules = Config::parse(RULES, Path::new("rules.toml")).expect("they are valid");
    if let Some(results) = results(input) {
        is_accepted = true;
        judged(&rules, &results, Some(&results));
    }
    if let Some(report) = report(input) {
        is_accepted = true;
        judged(&rules, &report, None);
    }
    is_accepted |= history(input);
    let Ok(text) = std::str::from_utf8(input) else { return is_accepted };
    is_accepted |= expression(text);
    if let Some(config) = config(text) {
        is_accepted = true;
        judged(&config, &results_of_seed(), None);
    }
    let mut parts = text.split(SEPARATOR);
    let read = (parts.next().and_then(config), parts.next().and_then(|text| results(text.as_bytes())));
    if let (Some(config), Some(found)) = read {
        is_accepted = true;
        judged(&config, &found, parts.next().and_then(|text| results(text.as_bytes())).as_ref());
    }
    is_accepted
}

fn results_of_seed() -> Results {
    Results::parse(RESULTS, Path::new("results.json")).expect("they are valid")
}

/// What is printed is obeyed neither by a terminal nor by the runner of a workflow.
fn printed(text: &str) {
    let is_obeyed = |c: &char| {
        (c.is_control() && *c != '\n')
            || "\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\u{2066}\u{2069}".contains(*c)
    };
    assert_eq!(text.chars().find(is_obeyed), None, "an escape sequence in a terminal: {text:?}");
    for line in text.lines() {
        assert!(
            !line.trim_start().starts_with("::") && !line.contains("##["),
            "a command of a workflow: {line:?}"
        );
    }
}

/// What is refused says where, in one line.
fn refused(message: &str, begins: &str) {
    assert!(message.starts_with(begins) && message.len() > begins.len(), "{message:?}");
    assert!(!message.contains(char::is_control), "it is several lines: {message:?}");
}

fn config(text: &str) -> Option<Config> {
    match Config::parse(text, Path::new("gates.toml")) {
        Ok(config) => {
            assert!(explain(&config).len() >= config.rules.len());
            of_commits(&config);
            Some(config)
        }
        Err(error) => {
            refused(&error.to_string(), "gates.toml:");
            None
        }
    }
}

/// What can be run can be run of two commits: each target of each, and each rule about the head.
fn of_commits(config: &Config) {
    let [root, prefix] = ["/r", "p"].map(Path::new);
    let checkouts = CheckoutDirs { root, prefix, dirs: [Path::new("b"), Path::new("")] };
    match config.of_commits(checkouts) {
        Ok(both) => {
            assert_eq!(both.targets.len(), 2 * config.targets.len());
            assert!(both.rules.len() >= config.rules.len());
        }
        Err(why) => refused(&why, "target `"),
    }
}

/// A history is written as it was read, and nothing in it is a tag, or obeyed by a terminal.
fn history(bytes: &[u8]) -> bool {
    match History::parse(bytes, Path::new("h.ndjson")) {
        Ok(history) => {
            let mut written = Vec::new();
            for session in &history.sessions {
                written.extend(serde_json::to_vec(session).expect("it has strings and finite numbers"));
                written.push(b'\n');
            }
            let again = History::parse(&written, Path::new("h.ndjson")).expect("it was written by us");
            assert_eq!(again.sessions.len(), history.sessions.len());
            printed(&terminal::history(&history, 80));
            let page = artifacts::history(&history);
            let before = page.split("<script id=\"library\">").next().unwrap_or_default();
            assert_eq!((before.matches("<script").count(), before.matches("</script>").count()), (1, 1));
            let data = before.split("id=\"data\">").nth(1).and_then(|rest| rest.split("</script>").next());
            serde_json::from_str::<Value>(data.unwrap_or_default()).expect("what is drawn is JSON");
            !history.sessions.is_empty()
        }
        Err(error) => {
            refused(&error.to_string(), "h.ndjson:");
            false
        }
    }
}

fn results(bytes: &[u8]) -> Option<Results> {
    match Results::parse(bytes, Path::new("results.json")) {
        Ok(results) => Some(results),
        Err(error) => {
            refused(&error.to_string(), "results.json:");
            None
        }
    }
}

/// The runs of a target that all left this report.
fn report(bytes: &[u8]) -> Option<Results> {
    match ReportLine::parse_all(bytes) {
        Ok(reports) => {
            let mut written = Vec::new();
            for report in &reports {
                written.extend(serde_json::to_vec(report).expect("it has strings and whole numbers"));
                written.push(b'\n');
            }
            assert_eq!(ReportLine::parse_all(&written).expect("it was written by us"), reports);
            let run = |round: u32| Run::of("a", round, reports[0].wall_ns).with_reports(reports.clone());
            Some(Results::of_runs((1..3).map(run).collect()))
        }
        Err(error) => {
            let message = error.to_string();
            let begins = ["an empty report: ", "more than ", "an invalid report: ", "a report of schema "];
            assert!(message.contains("line "), "{message:?}");
            refused(
                &message,
                begins.into_iter().find(|begin| message.starts_with(begin)).unwrap_or("a report"),
            );
            None
        }
    }
}

/// A metric, or a sum of some, is what it is written as.
fn expression(text: &str) -> bool {
    let (metric, sum) = (text.parse::<Metric>(), text.parse::<Sum>());
    let is_accepted = metric.is_ok() || sum.is_ok();
    if let Ok(metric) = metric {
        assert_eq!(metric.to_string().parse(), Ok(metric));
    }
    if let Ok(sum) = sum {
        assert_eq!(sum.to_string().parse(), Ok(sum.clone()));
        for run in &results_of_seed().runs {
            let lines = Sample::of_scope(run, None).unwrap_or_default();
            assert!(lines.iter().all(|line| sum.of(line).map_or(true, f64::is_finite)));
        }
    }
    is_accepted
}

fn judged(config: &Config, results: &Results, baseline: Option<&Results>) {
    if results.runs.len() > MOST_RUNS || config.rules.len() > MOST_RUNS {
        return;
    }
    let judgements = judge(config, results, baseline);
    assert_eq!(judgements.len(), config.rules.len());
    for (rule, judgement) in config.rules.iter().zip(&judgements) {
        let has_runs = !results.runs.is_empty() && concurrency_probe_gate::has_runs(rule, results);
        assert!(has_runs || judgement.verdict == Verdict::NoData, "{judgement:?}");
        assert!(!judgement.found.is_empty());
    }
    let all_hold = !judgements.is_empty()
        && results.failure.is_none()
        && judgements.iter().all(|judgement| judgement.verdict == Verdict::Holds);
    assert_eq!(exit_code(results, &judgements) == 0, all_hold);
    assert!(judge(&Config { rules: Vec::new(), ..config.clone() }, results, baseline).is_empty());
    written(results, &judgements);
}

/// Of what was read a reader of Markdown makes text and code, and nothing that does something.
fn summarized(text: &str, results: &Results, judgements: &[Judgement]) {
    use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
    let (mut rows, mut cells, mut is_code) = (0, 0, false);
    for event in Parser::new_ext(text, Options::all()) {
        match event {
            Event::Start(Tag::TableRow) => rows += 1,
            Event::Start(Tag::TableCell) => cells += 1,
            Event::Html(html) | Event::InlineHtml(html) => assert_eq!(&*html, "<br>", "{text}"),
            Event::Start(Tag::Link { .. } | Tag::Image { .. } | Tag::BlockQuote(_) | Tag::List(_))
            | Event::FootnoteReference(_) => {
                panic!("something was read as Markdown: {event:?} in {text}")
            }
            Event::Start(Tag::CodeBlock(_)) => is_code = true,
            Event::End(TagEnd::CodeBlock) => is_code = false,
            Event::Text(said) if !is_code => {
                // What GitHub would make a link or a mention of is code.
                assert!(!said.contains('@') && !said.contains("://"), "{said:?} in {text}");
            }
            _ => {}
        }
    }
    let targets = results.targets().len();
    assert_eq!(rows, judgements.len() + targets, "each rule and each target has one row: {text}");
    assert_eq!(cells, 3 * (judgements.len() + 1) + 5 * (targets + 1), "{text}");
}

/// A reader of XML finds a test case for each rule, by its name.
fn junit(text: &str, results: &Results, judgements: &[Judgement]) {
    let document = roxmltree::Document::parse(text).expect("it is XML");
    let cases: Vec<_> = document.descendants().filter(|node| node.has_tag_name("testcase")).collect();
    assert_eq!(cases.len(), judgements.len() + usize::from(results.failure.is_some()));
    let bad = |name: &str| document.descendants().filter(|node| node.has_tag_name(name)).count();
    let fails = judgements.iter().filter(|judged| judged.verdict == Verdict::Fails).count();
    let holds = judgements.iter().filter(|judged| judged.verdict == Verdict::Holds).count();
    assert_eq!((bad("failure"), bad("error")), (fails, cases.len() - fails - holds));
}

fn written(results: &Results, judgements: &[Judgement]) {
    let all = artifacts::all(results, judgements, &[]);
    let text = |name: &str| &all.iter().find(|artifact| artifact.name == name).expect("it is made").text;
    let json = |name: &str| -> Value { serde_json::from_str(text(name)).expect("it is JSON") };
    for artifact in
        all.iter().filter(|artifact| !["index.html", "summary.md", "junit.xml"].contains(&artifact.name))
    {
        json(artifact.name);
    }
    let again = Results::parse(text("results.json").as_bytes(), Path::new("again.json"));
    assert_eq!(&again.expect("it was written by us"), results);

    // Each run is in the figures of its target, and of no other one.
    let targets = results.targets();
    let export = json("hyperfine.json");
    let export = export["results"].as_array().expect("it is a list");
    assert_eq!(export.len(), targets.len());
    for (target, figures) in targets.iter().zip(export) {
        let runs = results.runs.iter().filter(|run| run.target == *target).count();
        assert_eq!(figures["times"].as_array().map(Vec::len), Some(runs), "{target:?}");
    }
    assert_eq!(json("bencher.json").as_object().map(serde_json::Map::len), Some(targets.len()));

    // What was read stands before the library, and the only script there is the data.
    let page = text("index.html").split("<script id=\"library\">").next().unwrap_or_default().to_lowercase();
    assert_eq!((page.matches("<script").count(), page.matches("</script").count()), (1, 1));
    for tag in ["<img", "<iframe"] {
        assert!(!page.contains(tag), "{tag}");
    }
    let data = page.split("id=\"data\">").nth(1).and_then(|data| data.split("</script>").next());
    assert!(data.is_some_and(|data| serde_json::from_str::<Value>(data).is_ok()), "it is JSON");
    for text in
        [verdicts(judgements), warnings(results), results.failure.as_ref().map(failure).unwrap_or_default()]
    {
        printed(&text);
    }
    summarized(text("summary.md"), results, judgements);
    junit(text("junit.xml"), results, judgements);
    let annotated: usize = judgements
        .iter()
        .filter(|judgement| judgement.verdict != Verdict::Holds)
        .map(|judgement| judgement.places.len().clamp(1, 10))
        .sum::<usize>()
        + usize::from(results.failure.is_some());
    let annotations = artifacts::annotations(results, judgements);
    assert_eq!(annotations.lines().filter(|line| line.starts_with("::")).count(), annotated);
    assert_eq!(annotations.lines().count(), annotated);
    let trace: Value = serde_json::from_str(&artifacts::trace(results).text).expect("it is JSON");
    let events = trace["traceEvents"].as_array().expect("it is a list");
    // The scope as a whole is no span.
    let spans_of = |event: &&Value| event["cat"] != "scope";
    let traced = |phase: &str| events.iter().filter(spans_of).filter(|event| event["ph"] == phase).count();
    let timelines = results.runs.iter().flat_map(Run::reports).filter_map(|report| report.timeline.as_ref());
    let spans: usize = timelines.map(|timeline| timeline.spans.len()).sum();
    assert_eq!((traced("X") + traced("b"), traced("b")), (spans, traced("e")), "each span is traced once");

    for run in &results.runs {
        for report in run.reports() {
            printed(&story(&[Shown { name: &run.target, report }], 40));
        }
    }
}
