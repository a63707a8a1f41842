//! `Pictures`: what ran when, of each target with a timeline, on one axis.

use super::names::Names;
use super::picture::{self, MAX_PICTURES, Picture};
use super::subject::Subject;
use super::unit::{Unit, axis_end};
use crate::results::Results;

/// The pictures of a page or of an image, and what all of them share.
#[derive(Debug)]
pub(super) struct Pictures<'a> {
    /// One for each target with a timeline, up to [`MAX_PICTURES`].
    pub drawn: Vec<Picture>,
    /// The targets that are drawn.
    pub of: Vec<Subject<'a>>,
    /// How many targets have a timeline and no picture.
    pub more: usize,
    /// The names of spans, which have a colour each.
    pub names: Names,
    /// The labels of batches.
    pub batches: Names,
    /// Where the time axis of all pictures ends, in nanoseconds since a scope opened.
    pub end: u64,
    /// The unit of all times.
    pub unit: Unit,
}

impl<'a> Pictures<'a> {
    /// The pictures of these subjects of `results`.
    pub(super) fn of(subjects: &[Subject<'a>], results: &Results) -> Self {
        let (mut names, mut batches) = (Names::default(), Names::default());
        let mut of: Vec<Subject<'a>> =
            subjects.iter().copied().filter(|subject| subject.timeline().is_some()).collect();
        let more = of.len().saturating_sub(MAX_PICTURES);
        of.truncate(MAX_PICTURES);
        let limit = picture::limit(of.len());
        let picture =
            |(at, subject): (usize, &Subject<'a>)| Picture::of(*subject, at, limit, &mut names, &mut batches);
        let drawn: Vec<Picture> = of.iter().enumerate().filter_map(picture).collect();
        let end = drawn.iter().map(Picture::end).max().unwrap_or(0);
        let times = results
            .runs
            .iter()
            .flat_map(|run| std::iter::once(run.wall_ns).chain(run.reports().map(|report| report.wall_ns)));
        let unit = Unit::of(times.max().unwrap_or(0).max(end));
        Pictures { drawn, of, more, names, batches, end: axis_end(end), unit }
    }
}
