//! `Design` and `Statistic`: how a sample is judged.

use serde::Deserialize;

/// What of a sample is compared with a bound.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Statistic {
    /// The mean of the logarithms. It sees a change of any run, and one run that took five times as long widens its interval.
    #[default]
    Mean,
    /// The median. Its interval is that of the sign test, exact whatever the noise is, and no single run moves it far. A change that is in
    /// fewer than half of the runs is not seen.
    Median,
}

/// How often a sample is looked at. An interval of 95 % is right once: whoever looks again and again, and stops when it suits, is wrong more
/// often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Design {
    /// Once, after a number of runs that was fixed before.
    Fixed,
    /// After more and more runs, until it is decided. This is the look with this number, from 1.
    Look(u32),
}

impl Design {
    /// How often it may be wrong on each side. All looks together are wrong as often as one that is fixed: 1/2 + 1/6 + 1/12 + .. = 1.
    pub fn error(self) -> f64 {
        const EACH_SIDE: f64 = 0.025;
        match self {
            Design::Fixed => EACH_SIDE,
            Design::Look(look) => EACH_SIDE / (f64::from(look.max(1)) * f64::from(look.max(1) + 1)),
        }
    }

    /// After how many runs the look with this number is: 6, 12, 24, .. The number of runs is doubled, so that few looks are needed for many
    /// runs, and at most half of the runs were not needed.
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
