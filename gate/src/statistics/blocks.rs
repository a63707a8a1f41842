//! Two targets that were run in blocks, one after the other: their runs are no pairs.

use super::design::Design;
use super::interval::{Interval, mean_and_error};

/// A block is cut into so many parts.
const PARTS: usize = 5;

impl Interval {
    /// Of how much the mean of one block is above that of another. What the machine does while a block is run is common to its runs, so a
    /// block has fewer independent values than runs: it is cut into five parts, and the means of these are the values (batch means; Law and
    /// Kelton, Simulation Modeling and Analysis, section 9.5.3). `None` if there are fewer than ten runs.
    ///
    /// What is different between the two blocks, and did not change within them, cannot be told from a difference of the programs.
    pub(crate) fn of_blocks(a: &[f64], b: &[f64], design: Design) -> Option<Self> {
        let ((a, a_error), (b, b_error)) = (mean_and_error(&parts(a)?)?, mean_and_error(&parts(b)?)?);
        Some(Interval::student(a - b, a_error.hypot(b_error), PARTS - 1, design.error()))
    }
}

/// The means of consecutive parts. What does not divide is left out at the beginning, where a program is least warm.
fn parts(values: &[f64]) -> Option<Vec<f64>> {
    let length = values.len() / PARTS;
    if length < 2 {
        return None;
    }
    let values = &values[values.len() - length * PARTS..];
    #[expect(clippy::cast_precision_loss, reason = "there are few")]
    Some(values.chunks(length).map(|part| part.iter().sum::<f64>() / length as f64).collect())
}
