//! XML as `JUnit` has it, which every CI shows as tests: a rule is a test case.

use crate::judgement::{Judgement, Place, Verdict};
use crate::made::{Commits, Made};
use crate::results::Results;
use crate::sentence::sentence;
use quick_junit::{NonSuccessKind, Property, Report, TestCase, TestCaseStatus, TestSuite};

/// A test suite with a test case for each rule. A rule that fails is a failure; one that has no data, or not enough, is an error; a run
/// that failed is a test case of its own, with an error.
pub(super) fn junit(results: &Results, judgements: &[Judgement]) -> String {
    let mut suite = TestSuite::new("probe-gate");
    if let Some(Made { host, commit, compared, date, .. }) = &results.made {
        suite.add_property(Property::new("host", sentence(&host.to_string())));
        suite.add_property(Property::new("date", sentence(date)));
        if let Some(commit) = commit {
            suite.add_property(Property::new("commit", sentence(commit)));
        }
        if let Some(Commits { base, .. }) = compared {
            suite.add_property(Property::new("base", sentence(base)));
        }
    }
    if let Some(failure) = &results.failure {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        status.set_message(sentence(&failure.what)).set_type("run");
        let lines = failure.live.iter().map(String::as_str).chain(failure.output.lines());
        status.set_description(lines.map(sentence).collect::<Vec<_>>().join("\n"));
        suite.add_test_case(case("every run succeeds", status));
    }
    for judgement in judgements {
        suite.add_test_case(case(&sentence(&judgement.rule), status(judgement)));
    }
    let mut report = Report::new("probe-gate");
    report.add_test_suite(suite);
    // Writing to memory does not fail.
    let xml = report.to_string().unwrap_or_default();
    // Jenkins' schema (junit-10.xsd of its xUnit plugin) has no such attribute in a suite. No text from the input comes before it.
    xml.replacen(" disabled=\"0\"", "", 1)
}

fn case(name: &str, status: TestCaseStatus) -> TestCase {
    let mut case = TestCase::new(name, status);
    case.set_classname("probe-gate");
    case
}

fn status(Judgement { why, verdict, found, places, .. }: &Judgement) -> TestCaseStatus {
    let kind = match verdict {
        Verdict::Holds => return TestCaseStatus::success(),
        Verdict::Fails => NonSuccessKind::Failure,
        Verdict::CannotTell { .. } | Verdict::NoData => NonSuccessKind::Error,
    };
    let mut status = TestCaseStatus::non_success(kind);
    status.set_message(sentence(found)).set_type(verdict.to_string());
    let places = places.iter().map(|Place { file, line, says }| sentence(&format!("{file}:{line}: {says}")));
    status.set_description(std::iter::once(sentence(why)).chain(places).collect::<Vec<_>>().join("\n"));
    status
}
