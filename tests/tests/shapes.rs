//! Every shape of a function, with and without its attribute, must be the same function.
//!
//! The shapes are in `tests/shapes/`, one module each: `//@probe(..)`, `//@mark` and `//@enter(..)` stand where the
//! attributes go, on lines of their own, so that both variants have the same lines and columns. `calls=N` behind a marker
//! is what it must have counted, 1 if it does not say; `grows=N` is by how much more than a guard its futures may grow.
//! `//~` names the lint or error that a line must have, so that a
//! comparison of nothing with nothing does not pass.
//!
//! Both variants are built, in packages under the target directory, and compared: what they do, what they are warned
//! about, where their errors stand, which regions coverage sees. `canary.rs` is also built with its bodies wrapped in
//! closures, as other attributes do it, and every comparison must see that.

#[path = "../shapes/harness/mod.rs"]
mod harness;

use harness::behaviour::{self, Outcome};
use harness::case::{self, Case, Kind};
use harness::coverage;
use harness::diagnostics::{self, Diagnostic};
use harness::difference::{Exception, baseline, canaries, differences};
use harness::variant::Variant::{Plain, Probed, Wrapped};
use std::fmt::Display;

/// Why `clippy::unused_async` is quiet: clippy looks for any `await` at all.
const AWAITS: &str = "a probed async function waits for its count to begin";

/// What may differ of warnings.
const WARNINGS: &[Exception] = &[
    Exception { of: "futures::async_fn_never_polled: warning[clippy::unused_async]", reason: AWAITS },
    Exception { of: "warnings::asynchronous: warning[clippy::unused_async]", reason: AWAITS },
    Exception {
        of: "warnings::locks_that_are_arguments",
        reason: "an argument is held across the await that the probe begins with, and clippy lists that await",
    },
];

/// What may differ of errors.
const ERRORS: &[Exception] = &[Exception {
    of: "examples/shapes_send_of_an_argument.rs",
    reason: "the first await that the argument is held across is that of the probe, and the note stands there",
}];

/// What may differ of coverage.
const REGIONS: &[Exception] = &[
    Exception {
        of: "async_trait::polls_",
        reason: "`#[async_trait]` hides its bodies from coverage; the block that `polls` puts around them shows them again",
    },
    Exception {
        of: "polls::never_returns",
        reason: "the closing brace is never reached; with `polls` the compiler does not know, and counts zero there",
    },
    Exception {
        of: "futures::async_fn_never_polled",
        reason: "an empty body is one region; behind an await its end is one of its own",
    },
];

#[track_caller]
fn assert_none(what: &str, differences: &[String]) {
    assert!(differences.is_empty(), "{what}: plain (-) vs probed (+)\n{}", differences.join("\n"));
}

#[test]
fn every_shape_does_the_same_and_is_counted() {
    let shapes = case::shapes();
    assert!(shapes.len() >= 60, "{} shapes", shapes.len());
    let (plain, probed) = (behaviour::of(Plain), behaviour::of(Probed));
    let wrong: Vec<String> = shapes
        .iter()
        .filter_map(|shape| shape.wrong(plain.get(&shape.name), probed.get(&shape.name)))
        .collect();
    assert_none("behaviour", &wrong);
    println!("{} shapes", shapes.len());
}

#[test]
fn every_shape_has_the_same_warnings() {
    let warnings = |variant| diagnostics::of(variant, Kind::Shapes);
    let (plain, probed) = (baseline(warnings), warnings(Probed));
    assert_none("missing warnings", &missing(&plain, Kind::Shapes));
    let errors: Vec<&Diagnostic> = plain.iter().chain(&probed).filter(|it| it.level == "error").collect();
    assert!(errors.is_empty(), "lints that are denied: {errors:#?}");
    assert_none("warnings", &differences(&plain, &probed, WARNINGS));
    println!("{} warnings", plain.len());
}

#[test]
fn every_error_stands_where_it_stood() {
    let errors = |variant| diagnostics::of(variant, Kind::Errors);
    let (plain, probed) = (errors(Plain), errors(Probed));
    assert_none("missing errors", &missing(&plain, Kind::Errors));
    assert_none("errors", &differences(&plain, &probed, ERRORS));
    println!("{} errors", plain.iter().filter(|it| it.level == "error").count());
}

#[test]
fn coverage_sees_the_same_regions() {
    let (plain, probed) = (baseline(coverage::of), coverage::of(Probed));
    assert!(plain.len() > 1000, "{} regions", plain.len());
    assert_none("regions", &differences(&plain, &probed, REGIONS));
    println!("{} regions", plain.len());
}

/// The comparisons see a body that was wrapped, each of them.
#[test]
fn a_wrapped_body_is_seen() {
    let shapes: Vec<_> = case::shapes().into_iter().filter(|shape| shape.is_in(Wrapped)).collect();
    let (plain, wrapped) = (behaviour::of(Plain), behaviour::of(Wrapped));
    let wrong = |name: &str| {
        let mut shape = shapes.iter().find(|shape| shape.name == name).expect("a canary").clone();
        // A wrapped body holds its arguments once more, as a probed one may.
        shape.grows = 0;
        // It is not counted either; this is about the rest.
        let counted = |outcome: &Outcome| Outcome { calls: shape.calls, ..outcome.clone() };
        shape.wrong(plain.get(name), wrapped.get(name).map(counted).as_ref()).expect("a difference")
    };
    assert!(wrong("canary::caller").contains("result"));
    assert!(wrong("canary::size").contains("bytes"));
    for shape in &shapes {
        let why = shape.wrong(plain.get(&shape.name), wrapped.get(&shape.name));
        assert!(why.is_some_and(|why| why.contains("calls")), "{}", shape.name);
    }
    for kind in [Kind::Shapes, Kind::Errors] {
        let said = |variant| diagnostics::of(variant, kind);
        assert_seen(&canaries(said, Plain), &canaries(said, Wrapped));
    }
    assert_seen(&canaries(coverage::of, Plain), &canaries(coverage::of, Wrapped));
}

#[track_caller]
fn assert_seen<T: Ord + Display>(plain: &[T], wrapped: &[T]) {
    assert!(!plain.is_empty());
    assert!(!differences(plain, wrapped, &[]).is_empty());
}

/// The annotations (`//~`) that nothing was found for; of errors, also what has none.
fn missing(found: &[Diagnostic], kind: Kind) -> Vec<String> {
    case::all().iter().filter(|case| case.kind == kind).flat_map(|case| missing_in(case, found)).collect()
}

fn missing_in(case: &Case, found: &[Diagnostic]) -> Vec<String> {
    let file = case.file(diagnostics::ANY_VARIANT);
    let here: Vec<&Diagnostic> = found.iter().filter(|it| it.file == file).collect();
    let mut wrong = Vec::new();
    for expected in case.annotations() {
        if !here.iter().any(|it| it.line == expected.line && it.code.contains(&expected.code)) {
            wrong.push(format!("  {file}:{}: no {:?}", expected.line, expected.code));
        }
    }
    if case.kind == Kind::Errors {
        let unexpected = |it: &&&Diagnostic| {
            it.level == "error" && !case.annotations().iter().any(|expected| expected.line == it.line)
        };
        wrong.extend(here.iter().filter(unexpected).map(|it| format!("  not annotated: {it}")));
    }
    wrong
}
