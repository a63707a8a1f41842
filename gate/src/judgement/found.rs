//! `Found`: what a rule has found, before it is a judgement.

use crate::sentence::counted;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A place in the source of what was run, and what is wrong there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The file, as the compiler named it.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// What is wrong there.
    pub says: String,
}

/// The interval of the ratio of two targets, and its bound.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct RatioInterval {
    /// The geometric mean of the pairs.
    pub mean: f64,
    /// The low end of the 95 % interval.
    pub low: f64,
    /// The high end of the 95 % interval.
    pub high: f64,
    /// The most that is allowed.
    pub at_most: f64,
}

/// Whether a rule holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// It does.
    Holds,
    /// It does not.
    Fails,
    /// The times vary too much to say.
    CannotTell {
        /// About how many more runs would be enough.
        more: u32,
    },
    /// There is no data to judge. This is never a pass.
    NoData,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Verdict::Holds => f.write_str("holds"),
            Verdict::Fails => f.write_str("fails"),
            Verdict::CannotTell { more } => {
                let runs = counted((*more).into(), "run");
                write!(f, "cannot tell yet: start again with {runs} more, or with --until-decided")
            }
            Verdict::NoData => f.write_str("no data"),
        }
    }
}

/// What was found, before it is a judgement.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) verdict: Verdict,
    pub(super) says: String,
    pub(super) compared: Option<[String; 2]>,
    pub(super) ratio: Option<RatioInterval>,
    pub(super) places: Vec<Place>,
}

impl Found {
    pub(super) fn of(verdict: Verdict, says: impl Into<String>) -> Self {
        Found { verdict, says: says.into(), compared: None, ratio: None, places: Vec::new() }
    }

    /// No data, with the reason.
    pub(super) fn nothing(says: impl Into<String>) -> Self {
        Found::of(Verdict::NoData, says)
    }
}

/// The order of verdicts from good to bad. The worst of several is reported.
pub(super) fn severity(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Holds => 0,
        Verdict::CannotTell { .. } => 1,
        Verdict::NoData => 2,
        Verdict::Fails => 3,
    }
}
