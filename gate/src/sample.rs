//! `Sample`: one line of what a run reported, with the run that it is of.

use crate::nearest::unknown;
use crate::results::Run;
use concurrency_probe::Report;
use std::collections::BTreeSet;

/// One line of what a run reported, with the run that it is of. It is what a metric reads.
#[derive(Clone, Copy, Debug)]
pub struct Sample<'a> {
    /// The run.
    pub run: &'a Run,
    /// The line, if the run left one.
    pub report: Option<&'a Report>,
}

impl<'a> Sample<'a> {
    /// The run alone: for metrics of the process.
    pub fn of_process(run: &'a Run) -> Self {
        Sample { run, report: None }
    }

    /// Every line of a run that is of this scope. Without a scope it is every line, and all of them must be of one scope.
    ///
    /// # Errors
    ///
    /// If there is no such line, or if no scope is asked for and there are several, as a sentence.
    pub fn of_scope(run: &'a Run, scope: Option<&str>) -> Result<Vec<Self>, String> {
        let lines: Vec<&Report> = run.reports().collect();
        let scopes: BTreeSet<&str> = lines.iter().map(|report| report.scope.as_str()).collect();
        if lines.is_empty() {
            return Err("it left no report".into());
        }
        let wanted = match scope {
            Some(scope) if !scopes.contains(scope) => return Err(unknown("scope", scope, scopes)),
            Some(scope) => scope,
            None if scopes.len() > 1 => {
                let scopes: Vec<_> =
                    scopes.iter().map(|scope| format!("`{}`", scope.escape_debug())).collect();
                return Err(format!(
                    "it left reports of the scopes {}: say which one the rule is about, as `scope = \"..\"`",
                    scopes.join(", ")
                ));
            }
            None => &lines[0].scope,
        };
        let of_scope = lines.into_iter().filter(|report| report.scope == wanted);
        Ok(of_scope.map(|report| Sample { run, report: Some(report) }).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::Sample;
    use crate::results::Run;

    #[test]
    fn a_rule_is_about_every_line_of_one_scope() {
        let report = |scope: &str, wall: u64| {
            let text = format!(
                r#"{{"schema":"concurrency-probe/1","scope":"{scope}","wall_ns":{wall},"counts":{{}},"phases":[],"probes":[],"passes":[],"findings":[]}}"#
            );
            crate::ReportLine::parse(text.as_bytes()).unwrap().0
        };
        let lines = [report("a", 1), report("b", 2), report("a", 3)];
        let run = |lines: &[_]| Run::of("t", 1, 10).with_reports(lines.to_vec());
        for (lines, scope, expected) in [
            (&lines[..1], None, Ok(vec![1])),
            (&lines[..1], Some("a"), Ok(vec![1])),
            (&lines[..], Some("a"), Ok(vec![1, 3])),
            (&lines[..], Some("b"), Ok(vec![2])),
            (
                &lines[..],
                None,
                Err(
                    "it left reports of the scopes `a`, `b`: say which one the rule is about, as `scope = \"..\"`",
                ),
            ),
            (&lines[..], Some("c"), Err("there is no scope `c`; there are `a`, `b`")),
            (&[], None, Err("it left no report")),
        ] {
            let run = run(lines);
            let found = Sample::of_scope(&run, scope);
            let walls =
                found.map(|found| found.iter().map(|sample| sample.report.unwrap().wall_ns).collect());
            assert_eq!(walls, expected.map_err(str::to_owned), "{scope:?}");
        }
    }
}
