//! A history, as a terminal shows it: the last sessions, a table for each number of each target.

use super::time::time;
use crate::history::{History, Kind, Point, Series};
use crate::sentence;
use crate::text::{fold, shown, width};

/// The most sessions that are shown.
const SESSIONS: usize = 8;
/// The most tables that are shown.
const TABLES: usize = 12;

/// The last sessions of a history. Lines are at most `columns` wide where that is possible; `columns` is limited to 20 to 200.
pub fn history(history: &History, columns: usize) -> String {
    let room = columns.clamp(20, 200);
    let (all, more) = history.series(SESSIONS, TABLES);
    let mut lines = Vec::new();
    for series in &all {
        lines.extend(fold(&format!("{}, {}", shown(series.target), shown(series.metric)), room, 0, 2));
        lines.extend(table(series, room));
    }
    if more > 0 {
        lines.extend(fold(&format!("{more} more numbers are not shown here"), room, 0, 2));
    }
    if let before @ 1.. = history.sessions.len().saturating_sub(SESSIONS) {
        lines.extend(fold(&format!("{before} sessions before these are not shown here"), room, 0, 2));
    }
    lines.iter().fold(String::new(), |text, line| text + line + "\n")
}

/// A line for each session.
fn table(series: &Series<'_>, room: usize) -> Vec<String> {
    let kind = Kind::of(series.metric);
    let rows: Vec<[String; 5]> = series.points.iter().map(|point| row(series.target, point, kind)).collect();
    let wide = |column: usize| rows.iter().map(|row| width(&row[column])).max().unwrap_or(0);
    let widths = [wide(0), wide(1), wide(2), wide(3)];
    let mut lines = Vec::new();
    for (row, point) in rows.iter().zip(&series.points) {
        if point.is_other_machine {
            lines.extend(fold(&format!("-- another machine: {}", shown(&point.machine())), room, 2, 2));
        }
        let cells = row.iter().zip(widths).enumerate().map(|(column, (cell, wide))| {
            let room = " ".repeat(wide.saturating_sub(width(cell)));
            // Numbers are aligned on the right.
            if matches!(column, 1 | 3) { room + cell } else { format!("{cell}{room}") }
        });
        let line = cells.chain([row[4].clone()]).collect::<Vec<_>>().join("  ");
        if width(line.trim_end()) + 2 <= room {
            lines.push(format!("  {}", line.trim_end()));
        } else {
            let folded: Vec<&str> = line.split(' ').filter(|word| !word.is_empty()).collect();
            lines.extend(fold(&folded.join(" "), room, 2, 4));
        }
    }
    lines
}

/// The session, the mean, its interval, the change, what is wrong.
fn row(target: &str, point: &Point<'_>, kind: Kind) -> [String; 5] {
    let session = shown(&point.session.label_of(target));
    let wrong: Vec<String> = point.wrong.iter().map(|wrong| format!("✗ {}", shown(wrong))).collect();
    let Some((line, figure)) = point.measured else {
        return [session, "no data".into(), String::new(), String::new(), wrong.join("; ")];
    };
    let interval = match (figure.low, figure.high) {
        (Some(low), Some(high)) => format!("[{}, {}]", number(low, kind), number(high, kind)),
        _ if line.runs == 1 => "1 run".into(),
        _ => format!("{} runs", line.runs),
    };
    [session, number(figure.mean, kind), interval, point.change(), wrong.join("; ")]
}

/// A number: a count with all of its digits, anything else with three.
fn number(value: f64, kind: Kind) -> String {
    match kind {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "what is below 0 is shown as 0"
        )]
        Kind::Time => time(value.round() as u64),
        Kind::Bytes => format!("{:.1} MiB", value / 1_048_576.0),
        Kind::Count => sentence::number(value),
    }
}
