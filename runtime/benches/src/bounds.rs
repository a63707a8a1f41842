//! `Bound`: the limit of a figure, and whether the figure is within it.

/// A figure with its bound.
pub struct Bound {
    what: &'static str,
    bound: String,
    measured: String,
    is_reached: bool,
    /// Whether the command fails if the bound is exceeded. A count is the same each time, and fails it. A time is only what this machine measured now.
    is_count: bool,
}

impl Bound {
    /// The bound of a time or of a ratio of times.
    pub fn time(what: &'static str, measured: f64, at_most: f64, unit: &str) -> Self {
        Bound {
            what,
            bound: format!("at most {at_most} {unit}"),
            measured: format!("{measured:.2} {unit}"),
            is_reached: measured <= at_most,
            is_count: false,
        }
    }

    /// The bound of a count.
    pub fn count(what: &'static str, measured: usize, at_most: usize, unit: &str) -> Self {
        Bound {
            what,
            bound: format!("at most {at_most} {unit}"),
            measured: format!("{measured} {unit}"),
            is_reached: measured <= at_most,
            is_count: true,
        }
    }

    /// A figure that could not be measured here. It never passes.
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

    /// Whether the command fails because of it.
    pub fn is_broken(&self) -> bool {
        self.is_count && !self.is_reached
    }
}
