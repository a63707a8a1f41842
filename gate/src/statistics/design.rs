//! `Design` and `Statistic`: how a sample is judged.

use serde::Deserialize;

/// The number of a sample that is compared with a bound.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Statistic {
    /// The mean of the logarithms. A change of any run moves it, and one run that took five times as long widens its interval.
    #[default]
    Mean,
    /// The median. Its interval is that of the sign test, which is exact for any noise. No single run moves it far. It does not see a change in
    /// fewer than half of the runs.
    Median,
}

/// How often a sample is looked at. A 95 % interval has its error rate for one look. Looking again and again, and stopping at a good moment, has a
/// higher one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Design {
    /// Once, after a number of runs that was fixed before.
    Fixed,
    /// After more and more runs, until it is decided. This is the look with this number, from 1.
    Look(u32),
}

impl Design {
    /// The error rate of each side. All looks together have the error rate of one fixed look: 1/2 + 1/6 + 1/12 + .. = 1.
    pub fn error(self) -> f64 {
        const EACH_SIDE: f64 = 0.025;
        match self {
            Design::Fixed => EACH_SIDE,
            Design::Look(look) => EACH_SIDE / (f64::from(look.max(1)) * f64::from(look.max(1) + 1)),
        }
    }

    /// The number of runs at the look with this number: 6, 12, 24, .. It doubles, so that few looks are needed for many runs, and at most half of
    /// the runs are more than were needed.
    pub fn runs_of_look(look: u32) -> u32 {
        6_u32.saturating_mul(1 << look.saturating_sub(1).min(20))
    }
}

#[cfg(test)]
mod tests {
    use super::Design;

    #[test]
    fn all_looks_together_are_wrong_as_often_as_one() {
        let all: f64 = (1..10_000).map(|look| Design::Look(look).error()).sum();
        assert!((0.0249..=0.025).contains(&all), "{all}");
        assert_eq!([1, 2, 3, 11].map(Design::runs_of_look), [6, 12, 24, 6144]);
    }
}
