//! `Series`: one number of one target over the sessions of a history.

use super::{Figure, History, SessionLine, TargetLine};
use crate::metric::Metric;
use std::collections::{HashMap, HashSet};

/// One number of one target over the sessions of a history.
#[derive(Debug)]
pub(crate) struct Series<'a> {
    pub(crate) target: &'a str,
    pub(crate) metric: &'a str,
    pub(crate) points: Vec<Point<'a>>,
}

/// The number in one session.
#[derive(Debug)]
pub(crate) struct Point<'a> {
    /// The number of the session, from 0.
    pub(crate) at: usize,
    pub(crate) session: &'a SessionLine,
    pub(crate) measured: Option<(&'a TargetLine, &'a Figure)>,
    /// The mean over that of the session before, if that was on the same machine.
    pub(crate) change: Option<f64>,
    /// Whether the session before it ran on another machine, so that their times cannot be compared.
    pub(crate) is_other_machine: bool,
    /// The rules about the target that failed, and the run that failed.
    pub(crate) wrong: Vec<String>,
}

/// What a number measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Time,
    Bytes,
    Count,
}

impl Kind {
    /// The kind of a metric. A metric that this version does not know counts as a count.
    pub(crate) fn of(metric: &str) -> Self {
        match metric.parse() {
            Ok(Metric::PeakBytes) => Kind::Bytes,
            Ok(metric) if metric.is_time() => Kind::Time,
            _ => Kind::Count,
        }
    }
}

impl History {
    /// Each number of each target over the last sessions, in the order in which they first occurred, grouped by target. Also how many more there
    /// are than the first `most`.
    pub(crate) fn series(&self, sessions: usize, most: usize) -> (Vec<Series<'_>>, usize) {
        let from = self.sessions.len().saturating_sub(sessions);
        let mut names: Vec<(usize, &str, &str)> = Vec::new();
        let (mut targets, mut known) = (HashMap::new(), HashSet::new());
        for line in self.sessions[from..].iter().flat_map(|session| &session.targets) {
            let number = targets.len();
            let number = *targets.entry(line.target.as_str()).or_insert(number);
            for Figure { metric, .. } in &line.figures {
                if known.insert((number, metric.as_str())) {
                    names.push((number, &line.target, metric));
                }
            }
        }
        names.sort_by_key(|(number, ..)| *number);
        let more = names.len().saturating_sub(most);
        names.truncate(most);
        let series = names.into_iter().map(|(_, target, metric)| {
            let mut series = Series { target, metric, points: Vec::new() };
            for (at, session) in self.sessions.iter().enumerate().skip(from) {
                series.add(at, session);
            }
            series
        });
        (series.collect(), more)
    }
}

impl<'a> Series<'a> {
    fn add(&mut self, at: usize, session: &'a SessionLine) {
        let measured =
            session.of_target(self.target).and_then(|line| Some((line, line.figure(self.metric)?)));
        // A run that failed ended the session. This may be why the target was not run.
        if measured.is_none() && session.failure.is_none() {
            return;
        }
        let rules = session.failed(self.target).map(|rule| format!("{rule} fails"));
        let wrong = rules.chain(session.failure.clone()).collect();
        // Two unknown machines may be different ones.
        let is_one = |before: &SessionLine| before.host.is_some() && before.host == session.host;
        let is_other_machine = self.points.last().is_some_and(|last| !is_one(last.session));
        let before = self.points.iter().rev().find_map(|point| Some((point.session, point.measured?.1)));
        let change = match (before, measured) {
            (Some((before, was)), Some((_, is))) if is_one(before) && was.mean > 0.0 => {
                Some(is.mean / was.mean)
            }
            _ => None,
        };
        self.points.push(Point { at, session, measured, change, is_other_machine, wrong });
    }
}

impl Point<'_> {
    /// The change in words: `+4.2 %`; empty if there is nothing to compare with.
    pub(crate) fn change(&self) -> String {
        self.change.map_or_else(String::new, |change| format!("{:+.1} %", (change - 1.0) * 100.0))
    }

    /// The machine in words.
    pub(crate) fn machine(&self) -> String {
        self.session.host.as_ref().map_or_else(|| "not known".into(), ToString::to_string)
    }
}
