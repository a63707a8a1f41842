//! `Curve`: levels over time, in the columns of a terminal.

use super::time::ticks;
use crate::levels::Levels;

/// Blocks for levels from 0 to the ceiling.
const BLOCKS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// Levels over time, a value for each column.
#[derive(Debug)]
pub(super) struct Curve {
    total_ns: u64,
    /// The highest level within each column: a short overlap is seen.
    most: Vec<f64>,
    /// The level of each column, weighted by time: a short overlap is short.
    mean: Vec<f64>,
    /// The first column about which nothing is known.
    unknown_from: usize,
}

impl Curve {
    /// Levels from 0 to `total_ns`, which are known up to `known_ns`.
    pub(super) fn new(levels: &Levels, total_ns: u64, known_ns: u64, columns: usize) -> Self {
        let total_ns = total_ns.max(1);
        let (mut most, mut mean) = (vec![0.0_f64; columns], vec![0.0_f64; columns]);
        let ends = levels.steps.iter().skip(1).map(|(at, _)| *at).chain([total_ns]);
        for ((from, level), to) in levels.steps.iter().zip(ends) {
            let (from, to) = (*from.min(&total_ns), to.min(total_ns));
            if *level == 0 || from >= to {
                continue;
            }
            let (first, last) = (column(from, total_ns, columns), last_column(to, total_ns, columns));
            for at in first..=last.min(columns - 1) {
                most[at] = most[at].max(f64::from(*level));
                mean[at] += f64::from(*level) * share(at, from, to, total_ns, columns);
            }
        }
        // Rounding must not lift a mean above the highest level.
        mean.iter_mut().zip(&most).for_each(|(mean, most)| *mean = mean.min(*most));
        let unknown_from =
            if known_ns >= total_ns { columns } else { last_column(known_ns.max(1), total_ns, columns) + 1 };
        Curve { total_ns, most, mean, unknown_from }
    }

    /// The highest levels, as blocks. A full block is the ceiling.
    pub(super) fn most(&self, ceiling: u32) -> String {
        self.blocks(&self.most, ceiling, f64::ceil)
    }

    /// The levels weighted by time, as blocks. A full block is the ceiling.
    pub(super) fn mean(&self, ceiling: u32) -> String {
        self.blocks(&self.mean, ceiling, f64::round)
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is from 0 to 8")]
    fn blocks(&self, values: &[f64], ceiling: u32, whole: fn(f64) -> f64) -> String {
        let block = |value: &f64| {
            // A level above 0 is always visible.
            let eighths = whole(value * 8.0 / f64::from(ceiling.max(1)) - 1e-9).clamp(0.0, 8.0);
            BLOCKS[if *value > 0.0 { (eighths as usize).max(1) } else { 0 }]
        };
        let known = values.iter().take(self.unknown_from).map(block);
        known.chain(std::iter::repeat_n('?', values.len().saturating_sub(self.unknown_from))).collect()
    }

    /// The axis: where round times are, and the times.
    pub(super) fn axis(&self) -> [String; 2] {
        let columns = self.most.len();
        let (mut line, mut labels) = ("─".repeat(columns), String::new());
        for (at, label) in ticks(self.total_ns, columns) {
            let used = labels.chars().count();
            // A label without room before the end is left out. Its mark stays.
            if at >= used && at + label.chars().count() <= columns {
                labels += &" ".repeat(at - used);
                labels += &label;
            }
            line = line.chars().enumerate().map(|(column, c)| if column == at { '┬' } else { c }).collect();
        }
        [line, labels]
    }
}

/// The column of a time.
fn column(at: u64, total: u64, columns: usize) -> usize {
    usize::try_from(u128::from(at) * columns as u128 / u128::from(total)).unwrap_or(usize::MAX)
}

/// The last column of something that ends at a time after 0.
fn last_column(to: u64, total: u64, columns: usize) -> usize {
    let end = (u128::from(to) * columns as u128).div_ceil(u128::from(total));
    usize::try_from(end).unwrap_or(usize::MAX).saturating_sub(1)
}

/// The share of a column that a time interval fills.
#[expect(clippy::cast_precision_loss, reason = "it is rounded to eighths")]
fn share(at: usize, from: u64, to: u64, total: u64, columns: usize) -> f64 {
    let wide = total as f64 / columns as f64;
    let begin = wide * at as f64;
    ((to as f64).min(begin + wide) - (from as f64).max(begin)).max(0.0) / wide
}

#[cfg(test)]
mod tests {
    use super::Curve;
    use crate::levels::Levels;

    #[test]
    fn each_column_shows_the_most_and_the_mean() {
        type Steps<'a> = &'a [(u64, u32)];
        for (what, steps, total, most, mean) in [
            ("nothing", &[] as Steps<'_>, 100, "          ", "          "),
            ("one of four, all the time", &[(0, 1), (100, 0)], 100, "▂▂▂▂▂▂▂▂▂▂", "▂▂▂▂▂▂▂▂▂▂"),
            ("the pool", &[(20, 4), (100, 0)], 100, "  ████████", "  ████████"),
            ("a short overlap", &[(0, 1), (55, 4), (56, 1), (100, 0)], 100, "▂▂▂▂▂█▂▂▂▂", "▂▂▂▂▂▃▂▂▂▂"),
            ("one after another", &[(0, 1), (9, 0), (10, 1), (19, 0)], 100, "▂▂        ", "▂▂        "),
            ("more than the ceiling", &[(0, 9), (100, 0)], 100, "██████████", "██████████"),
            ("shorter than the columns", &[(1, 4), (2, 0)], 4, "  ███     ", "  ▄██     "),
            ("the largest times", &[(0, 4), (u64::MAX, 0)], u64::MAX, "██████████", "██████████"),
        ] {
            let curve = Curve::new(&Levels { steps: steps.to_vec() }, total, total, 10);
            assert_eq!((curve.most(4).as_str(), curve.mean(4).as_str()), (most, mean), "{what}");
        }
    }

    #[test]
    fn what_is_not_known_is_not_nothing() {
        let curve = Curve::new(&Levels { steps: vec![(0, 4), (35, 0)] }, 100, 35, 10);
        assert_eq!(curve.most(4), "████??????");
        assert_eq!(Curve::new(&Levels::default(), 100, 0, 10).most(4), " ?????????");
    }

    #[test]
    fn the_axis_has_round_times() {
        let curve = Curve::new(&Levels::default(), 4_757_000_000, 4_757_000_000, 60);
        assert_eq!(
            curve.axis(),
            [
                "┬───────────┬────────────┬───────────┬────────────┬─────────",
                "0 s         1 s          2 s         3 s          4 s"
            ]
        );
    }
}
