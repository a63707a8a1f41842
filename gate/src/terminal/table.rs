//! `Table`: rows that fit a terminal. `comfy-table` was rejected: where a table does not fit, it breaks numbers in the middle.

use crate::text::{fold, width};

/// How many rows are shown.
const ROWS: usize = 12;

/// A table whose columns after the first `texts` are numbers.
#[derive(Debug)]
pub(super) struct Table {
    header: &'static [&'static str],
    texts: usize,
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    /// If there are too many rows, those with the largest amounts are shown.
    amount: u64,
    cells: Vec<String>,
    /// More about it, such as its place. It has its own line where it does not fit.
    note: String,
}

impl Table {
    pub(super) fn new(header: &'static [&'static str], texts: usize) -> Self {
        Table { header, texts, rows: Vec::new() }
    }

    pub(super) fn add(&mut self, amount: u64, cells: Vec<String>, note: String) {
        self.rows.push(Row { amount, cells, note });
    }

    /// The lines of the table, none wider than `room`; none if there is nothing in it.
    pub(super) fn lines(mut self, room: usize, indent: usize) -> Vec<String> {
        if self.rows.is_empty() {
            return Vec::new();
        }
        let more = self.cap();
        let widths: Vec<usize> = (0..self.header.len())
            .map(|column| {
                let cells = self.rows.iter().map(|row| width(&row.cells[column]));
                cells.chain([width(self.header[column])]).max().unwrap_or(0)
            })
            .collect();
        let table = indent + widths.iter().sum::<usize>() + 2 * (widths.len() - 1);
        let notes = self.rows.iter().map(|row| width(&row.note)).max().unwrap_or(0);
        let mut lines = Vec::new();
        if table <= room {
            let has_room_for_notes = table + 2 + notes <= room;
            let header: Vec<_> = self.header.iter().map(|cell| (*cell).to_owned()).collect();
            lines.push(self.line(&header, &widths, indent));
            for row in &self.rows {
                let mut line = self.line(&row.cells, &widths, indent);
                if row.note.is_empty() {
                    lines.push(line);
                } else if has_room_for_notes {
                    line += &" ".repeat(table.saturating_sub(width(&line)) + 2);
                    lines.push(line + &row.note);
                } else {
                    lines.push(line);
                    lines.extend(fold(&row.note, room, indent + 4, 0));
                }
            }
        } else {
            for row in &self.rows {
                lines.extend(fold(&row.cells[0], room, indent, 2));
                let facts = self.header.iter().zip(&row.cells).skip(1);
                // A name and its number stay together: the space between them is one that does not end a line. Text from outside cannot have such
                // a space, because it is escaped there.
                let mut facts: Vec<_> =
                    facts.map(|(name, cell)| format!("{name} {cell}").replace(' ', "\u{a0}")).collect();
                facts.extend((!row.note.is_empty()).then(|| row.note.clone()));
                let folded = fold(&facts.join(", "), room, indent + 4, 0);
                lines.extend(folded.into_iter().map(|line| line.replace('\u{a0}', " ")));
            }
        }
        if more > 0 {
            lines.extend(fold(&format!(".. and {more} more, each with less"), room, indent, 2));
        }
        lines
    }

    /// Keeps the rows with the largest amounts, in their order. Returns how many it removed.
    fn cap(&mut self) -> usize {
        let more = self.rows.len().saturating_sub(ROWS);
        if more > 0 {
            let mut order: Vec<usize> = (0..self.rows.len()).collect();
            order.sort_by_key(|at| std::cmp::Reverse(self.rows[*at].amount));
            let mut stays = vec![false; self.rows.len()];
            order.iter().take(ROWS).for_each(|at| stays[*at] = true);
            let mut stays = stays.into_iter();
            self.rows.retain(|_| stays.next().unwrap_or(false));
        }
        more
    }

    fn line(&self, cells: &[String], widths: &[usize], indent: usize) -> String {
        let mut line = " ".repeat(indent);
        for (column, (cell, wide)) in cells.iter().zip(widths).enumerate() {
            let space = " ".repeat(wide.saturating_sub(width(cell)));
            let (before, after) =
                if column < self.texts { ("", space.as_str()) } else { (space.as_str(), "") };
            let between = if column > 0 { "  " } else { "" };
            line += between;
            line.extend([before, cell.as_str(), after]);
        }
        line.truncate(line.trim_end().len());
        line
    }
}

#[cfg(test)]
mod tests {
    use super::Table;

    fn table(rows: u64) -> Table {
        let mut table = Table::new(&["pass", "items", "wall"], 1);
        for n in 0..rows {
            table.add(n % 7, vec![format!("p{n}"), n.to_string(), "4.76 s".into()], format!("src/a.rs:{n}"));
        }
        table
    }

    #[test]
    fn a_table_fits_or_folds() {
        for (room, lines) in [
            (40, &["  pass  items    wall", "  p0        0  4.76 s  src/a.rs:0"] as &[&str]),
            (22, &["  pass  items    wall", "  p0        0  4.76 s", "      src/a.rs:0"]),
            (20, &["  p0", "      items 0,", "      wall 4.76 s,", "      src/a.rs:0"]),
        ] {
            assert_eq!(table(1).lines(room, 2), lines);
        }
        assert!(table(0).lines(40, 2).is_empty());
    }

    #[test]
    fn of_a_long_table_the_rows_with_the_most_are_shown() {
        let lines = table(40).lines(80, 0);
        assert_eq!(lines.len(), 1 + 12 + 1);
        assert_eq!(lines.last().unwrap(), ".. and 28 more, each with less");
        let first: Vec<_> = lines[1..13].iter().map(|line| line.split(' ').next().unwrap()).collect();
        assert_eq!(first.join(" "), "p4 p5 p6 p11 p12 p13 p19 p20 p26 p27 p33 p34");
    }
}
