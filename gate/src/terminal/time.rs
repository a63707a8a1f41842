//! Times, in the unit that suits them.

/// Units, the largest first, in nanoseconds.
const UNITS: [(u64, &str); 4] = [(1_000_000_000, "s"), (1_000_000, "ms"), (1000, "µs"), (1, "ns")];

/// A time, to three digits.
#[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
pub(super) fn time(ns: u64) -> String {
    // A number that would be rounded to 1000 uses the next unit.
    let (unit, name) =
        UNITS.into_iter().find(|(unit, _)| ns as f64 >= *unit as f64 * 0.9995).unwrap_or((1, "ns"));
    let value = ns as f64 / unit as f64;
    let digits = match value {
        _ if unit == 1 => 0,
        value if value < 9.995 => 2,
        value if value < 99.95 => 1,
        _ => 0,
    };
    format!("{value:.digits$} {name}")
}

/// Round times on an axis in one unit, each with its column. They do not overlap.
pub(super) fn ticks(total_ns: u64, columns: usize) -> Vec<(usize, String)> {
    const ROOM: u128 = 12;
    let (unit, name) = UNITS.into_iter().find(|(unit, _)| total_ns >= *unit).unwrap_or((1, "ns"));
    let (total, columns) = (u128::from(total_ns.max(1)), columns as u128);
    let steps = (0..20).flat_map(|power| [1, 2, 5].map(|step| step * 10_u128.pow(power)));
    let Some(step) = steps.into_iter().find(|step| step * columns >= ROOM * total) else {
        return vec![(0, format!("0 {name}"))];
    };
    let times = (0..).map(|n| n * step).take_while(|time| time * columns / total < columns);
    let ticks = times.map(|time| {
        let (whole, part) = (time / u128::from(unit), time % u128::from(unit));
        let digits = unit.ilog10() as usize;
        let part = format!("{part:0digits$}");
        let part = part.trim_end_matches('0');
        let point = if part.is_empty() { "" } else { "." };
        (usize::try_from(time * columns / total).unwrap_or(0), format!("{whole}{point}{part} {name}"))
    });
    ticks.collect()
}

#[cfg(test)]
mod tests {
    use super::{ticks, time};

    #[test]
    fn times_have_three_digits() {
        for (ns, text) in [
            (0, "0 ns"),
            (999, "999 ns"),
            (1000, "1.00 µs"),
            (9_994, "9.99 µs"),
            (9_996, "10.0 µs"),
            (99_960, "100 µs"),
            (999_400, "999 µs"),
            (999_600, "1.00 ms"),
            (4_757_000_000, "4.76 s"),
            (u64::MAX, "18446744074 s"),
        ] {
            assert_eq!(time(ns), text);
        }
    }

    #[test]
    fn ticks_are_round_and_of_one_unit() {
        for (total, columns, labels) in [
            (4_757_000_000, 70, &["0 s", "1 s", "2 s", "3 s", "4 s"] as &[&str]),
            (1_200_000_000, 60, &["0 s", "0.5 s", "1 s"]),
            (450_000, 60, &["0 µs", "100 µs", "200 µs", "300 µs", "400 µs"]),
            (3, 60, &["0 ns", "1 ns", "2 ns"]),
            (0, 60, &["0 ns"]),
            (5000, 12, &["0 µs"]),
            (u64::MAX, 60, &["0 s", "5000000000 s", "10000000000 s", "15000000000 s"]),
        ] {
            let ticks = ticks(total, columns);
            assert_eq!(ticks.iter().map(|(_, label)| label.as_str()).collect::<Vec<_>>(), labels);
            assert!(ticks.is_sorted() && ticks.iter().all(|(at, _)| *at < columns));
        }
    }
}
