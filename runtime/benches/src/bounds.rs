//! `Bound`: what a figure must not pass, and whether it does.

/// A figure with its bound.
pub struct Bound {
    what: &'static str,
    bound: String,
    measured: String,
    is_reached: bool,
    /// A count is the same each time, and fails the command; a time says only what this machine measured just now.
    is_count: bool,
}

impl Bound {
    /// A time or a ratio of times, at most so large.
    pub fn time(what: &'static str, measured: f64, at_most: f64, unit: &str) -> Self {
        Bound {
            what,
            bound: format!("at most {at_most} {unit}"),
            measured: format!("{measured:.2} {unit}"),
            is_reached: measured <= at_most,
            is_count: false,
        }
    }

    /// A count, at most so large.
    pub fn count(what: &'static str, measured: usize, at_most: usize, unit: &str) -> Self {
        Bound {
            what,
            bound: format!("at most {at_most} {unit}"),
            measured: format!("{measured} {unit}"),
            is_reached: measured <= at_most,
            is_count: true,
        }
    }

    /// What could not be measured here. That is never a pass.
    pub fn left_out(what: &'static str, why: &str) -> Self {
        let measured = format!("no data: {why}");
        Bound { what, bound: String::new(), measured, is_reached: false, is_count: true }
    }

    /// A row of the table.
    pub fn row(&self) -> [String; 4] {
        let reached = match (self.is_reached, self.is_count) {
            (true, _) => "yes",
            (false, true) => "NO",
            (false, false) => "not here",
        };
        [self.what.into(), self.bound.clone(), self.measured.clone(), reached.into()]
    }

    /// Whether the command fails for it.
    pub fn is_broken(&self) -> bool {
        self.is_count && !self.is_reached
    }
}
