//! Two targets that were run in blocks, one after the other, so that their runs are not pairs.

use super::design::Design;
use super::interval::Interval;

/// The number of parts of a block.
const PARTS: usize = 5;

/// A run of a block: its place among all runs, and its value.
pub(crate) type Placed = (f64, f64);

impl Interval {
    /// The interval of the difference of the means of two blocks. `None` if there are fewer than ten runs.
    ///
    /// Two things make the runs of a block depend on each other. A disturbance of the machine affects neighbouring runs: therefore a block is cut
    /// into five parts, and the means of these are the values (batch means; Law and Kelton, Simulation Modeling and
    /// Analysis, section 9.5.3). And a machine that becomes slower is slower for the second block: therefore the values have a common slope,
    /// which is estimated with the difference (analysis of covariance). Any other change between the blocks counts as a difference of the
    /// programs.
    pub(crate) fn of_blocks(a: &[Placed], b: &[Placed], design: Design) -> Option<Self> {
        let (a, b) = (Block::of(a)?, Block::of(b)?);
        let slope = (a.together + b.together) / (a.places + b.places);
        let apart = a.place - b.place;
        let mean = a.value - b.value - slope * apart;
        let rest = a.rest(slope) + b.rest(slope);
        #[expect(clippy::cast_precision_loss, reason = "there are ten")]
        let (parts, freedom) = (PARTS as f64, (2 * PARTS - 3) as f64);
        let variance = rest / freedom * (2.0 / parts + apart.powi(2) / (a.places + b.places));
        Some(Interval::student(mean, variance.sqrt(), 2 * PARTS - 3, design.error()))
    }
}

/// The parts of a block: their mean, and their sums of squares and products around it.
struct Block {
    parts: Vec<Placed>,
    place: f64,
    value: f64,
    places: f64,
    together: f64,
}

impl Block {
    fn of(runs: &[Placed]) -> Option<Self> {
        let length = runs.len() / PARTS;
        if length < 2 || runs.iter().any(|(_, value)| !value.is_finite()) {
            return None;
        }
        // The remainder of the division is left out at the beginning, where caches are coldest.
        let parts: Vec<Placed> = runs[runs.len() - length * PARTS..].chunks(length).map(mean).collect();
        let (place, value) = mean(&parts);
        let places = parts.iter().map(|part| (part.0 - place).powi(2)).sum();
        let together = parts.iter().map(|part| (part.0 - place) * (part.1 - value)).sum();
        Some(Block { parts, place, value, places, together })
    }

    /// What remains after a slope.
    fn rest(&self, slope: f64) -> f64 {
        let left = |part: &Placed| (part.1 - self.value - slope * (part.0 - self.place)).powi(2);
        self.parts.iter().map(left).sum()
    }
}

fn mean(runs: &[Placed]) -> Placed {
    #[expect(clippy::cast_precision_loss, reason = "there are few")]
    let count = runs.len() as f64;
    let (place, value) = runs.iter().fold((0.0, 0.0), |sum, run| (sum.0 + run.0, sum.1 + run.1));
    (place / count, value / count)
}
