//! `Unit`: the one unit of time of a page.

use serde::Serialize;

/// The unit of all times of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Unit {
    /// Its name.
    name: &'static str,
    /// Its length in nanoseconds.
    ns: u64,
}

impl Unit {
    /// The unit in which the longest time of a page is easy to read.
    pub(super) fn of(longest_ns: u64) -> Self {
        let (name, ns) = match longest_ns {
            0..10_000 => ("ns", 1),
            10_000..10_000_000 => ("µs", 1000),
            10_000_000..10_000_000_000 => ("ms", 1_000_000),
            _ => ("s", 1_000_000_000),
        };
        Unit { name, ns }
    }

    /// A time, with as many places as it needs to have three digits.
    pub(super) fn show(self, ns: u64) -> String {
        format!("{} {}", self.number(ns), self.name)
    }

    /// The same without the unit.
    pub(super) fn number(self, ns: u64) -> String {
        let whole = ns / self.ns;
        let places = match whole {
            _ if self.ns == 1 || ns == 0 => 0,
            0..10 => 2,
            10..100 => 1,
            _ => 0,
        };
        let by = 10_u128.pow(places);
        let number = (u128::from(ns) * by + u128::from(self.ns) / 2) / u128::from(self.ns);
        match places {
            0 => number.to_string(),
            _ if number == 0 => format!("<0.{:0>1$}", 1, places as usize),
            _ => format!("{}.{:02$}", number / by, number % by, places as usize),
        }
    }

    /// A round time without the unit, exactly.
    pub(super) fn whole(self, ns: u64) -> String {
        let digits = self.ns.ilog10() as usize;
        let text = format!("{}.{:02$}", ns / self.ns, ns % self.ns, digits);
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    }

    /// Its name.
    pub(super) fn name(self) -> &'static str {
        self.name
    }
}

/// The end of an axis from 0 that has room for a time: the next number with at most two digits that are not 0.
pub(super) fn axis_end(longest_ns: u64) -> u64 {
    let longest = u128::from(longest_ns.max(1));
    let mut power = 1_u128;
    while power * 10 <= longest {
        power *= 10;
    }
    let step = power / 10;
    let end = longest.div_ceil(step.max(1)) * step.max(1);
    u64::try_from(end).unwrap_or(u64::MAX)
}

/// Round numbers from 0 to `end`: 0 and at most `most` others. Their distance is 1, 2 or 5 times a power of ten.
pub(super) fn ticks(end: u64, most: u64) -> Vec<u64> {
    let least = (end / most.max(1)).max(1);
    let power = 10_u64.pow(least.ilog10());
    let step = [1, 2, 5, 10].into_iter().map(|by| power.saturating_mul(by)).find(|step| end / step <= most);
    let step = step.unwrap_or(u64::MAX);
    (0..=end / step).map(|at| at * step).collect()
}

#[cfg(test)]
mod tests {
    use super::{Unit, axis_end, ticks};

    #[test]
    fn ticks_are_round_numbers() {
        for (end, most, expected) in [
            (0, 4, &[0][..]),
            (1, 4, &[0, 1]),
            (4, 4, &[0, 1, 2, 3, 4]),
            (9, 4, &[0, 2, 4, 6, 8]),
            (17, 4, &[0, 5, 10, 15]),
            (48_000_000, 8, &[0, 10_000_000, 20_000_000, 30_000_000, 40_000_000]),
            (95, 8, &[0, 20, 40, 60, 80]),
            (u64::MAX, 2, &[0, 10_000_000_000_000_000_000]),
        ] {
            assert_eq!(ticks(end, most), expected, "{end}");
            assert!(ticks(end, most).len() as u64 <= most + 1);
        }
        assert_eq!(Unit::of(48_000_000).whole(2_500_000), "2.5");
        assert_eq!(Unit::of(48_000_000).whole(20_000_000), "20");
        assert_eq!(Unit::of(5).whole(5), "5");
    }

    #[test]
    fn times_of_a_page_have_one_unit_and_three_digits() {
        for (longest, ns, shown) in [
            (5, 5, "5 ns"),
            (20_000, 1234, "1.23 µs"),
            (4_757_000_000, 4_757_000_000, "4757 ms"),
            (4_757_000_000, 12_345_678, "12.3 ms"),
            (4_757_000_000, 10_000, "0.01 ms"),
            (4_757_000_000, 1000, "<0.01 ms"),
            (4_757_000_000, 0, "0 ms"),
            (u64::MAX, u64::MAX, "18446744074 s"),
        ] {
            assert_eq!(Unit::of(longest).show(ns), shown);
        }
    }

    #[test]
    fn an_axis_ends_close_to_the_longest_time() {
        for (longest, end) in [
            (0, 1),
            (1, 1),
            (9, 9),
            (11, 11),
            (4757, 4800),
            (4_757_000_000, 4_800_000_000),
            (1000, 1000),
            (1001, 1100),
        ] {
            assert_eq!(axis_end(longest), end, "{longest}");
        }
        assert_eq!(axis_end(u64::MAX), u64::MAX);
    }
}
