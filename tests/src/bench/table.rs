//! The tables that a benchmark prints.

use super::cell::{Cell, Scenario, Target};
use super::results::Results;
use super::run::Run;
use crate::install::Linking;
use comfy_table::{CellAlignment, Table, presets};
use std::fmt;

/// The phases of the table, in the order in which they run.
const PHASES: [&str; 6] = ["resolve", "download", "create_virtual_store", "link_warm", "link_cold", "bins"];

/// Prints the runs, the ways of linking against each other, and the checks. Tables are at most 80 columns wide.
fn print(results: &Results, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let rounds = if results.rounds == 1 {
        "1 round, 5 of what is compared".to_owned()
    } else {
        format!("{} rounds", results.rounds)
    };
    let times = match results.faster {
        1 => "all times are\nas real ones are".to_owned(),
        faster => format!("all times\nare {faster} times as short as real ones"),
    };
    writeln!(
        f,
        "{} packages, {} threads, {rounds}; {times}. A row is the run with the median time,\n\
         in ms. Out are optional packages that the registry does not have. How\n\
         parallel links were is that of the cold ones, where there are some. Stall is\n\
         the longest time for which linking them kept its task, so that no download\n\
         was waited for.\n",
        results.packages, results.threads
    )?;
    let ratios = [targets(results), linkings(results)];
    let has_ratios = ratios.iter().any(|table| !table.is_empty());
    for table in [runs(results), phases(results)].iter().chain(&ratios).filter(|table| !table.is_empty()) {
        writeln!(f, "{table}\n")?;
    }
    if has_ratios {
        writeln!(
            f,
            "Ratios are of runs of the same round, below 1 is faster. Of 5 rounds or more\nthey have the 95 % interval that the gates judge by."
        )?;
    }
    if results.cells.iter().any(|(cell, _)| cell.scenario == Scenario::FrozenLockfile) {
        writeln!(
            f,
            "In frozen-lockfile both targets do the same: that ratio is the noise of this\nmachine."
        )?;
    }
    writeln!(f)?;
    for check in &results.checks {
        writeln!(f, "{check}")?;
    }
    write!(f, "\n{} runs and their warm-up took {:.0} s", results.runs.len(), results.took.as_secs_f64())
}

/// One row a cell: what was linked, how long it took in all, and how parallel links were.
fn runs(results: &Results) -> Table {
    let header = ["warm", "cold", "out", "in all", "stall", "at\nonce", "paral-\nlelism"];
    rows(results, &header, |_, run| {
        // A package that the registry does not have is in no store, and so among those that were cold.
        let out = run.count("failed");
        let cold = run.count("cold").saturating_sub(out);
        let mut row: Vec<String> = [run.count("warm"), cold, out].map(|count| count.to_string()).into();
        row.push(millis(run.wall_ns));
        row.push(millis(run.count("link_stall_us").saturating_mul(1000)));
        row.push(run.batch().max_concurrent.to_string());
        let parallelism = run.batch().effective_parallelism();
        row.push(parallelism.map_or_else(|| "-".into(), |parallelism| format!("{parallelism:.2}")));
        row
    })
}

/// One row a cell: the phases of its run.
fn phases(results: &Results) -> Table {
    let header = PHASES.map(|phase| match phase {
        "create_virtual_store" => "create\nvirtual\nstore",
        "download" => "down-\nload",
        "link_warm" => "link\nwarm",
        "link_cold" => "link\ncold",
        other => other,
    });
    rows(results, &header, |_, run| {
        PHASES.map(|phase| run.phases_ns.get(phase).map_or_else(|| "-".into(), |ns| millis(*ns))).into()
    })
}

/// One row a cell of another target: that against `pacquet`.
fn targets(results: &Results) -> Table {
    rows(results, &["pnpr / pacquet"], |cell, _| {
        let pacquet = Cell { target: Target::Pacquet, ..cell };
        let ratio = results.ratio(cell, pacquet);
        match ratio {
            Some(ratio) if cell.target != Target::Pacquet => vec![said(ratio)],
            _ => Vec::new(),
        }
    })
}

fn said((mean, interval): (f64, Option<(f64, f64)>)) -> String {
    let interval = interval.map(|(low, high)| format!(" [{low:.2}, {high:.2}]"));
    format!("{mean:.2}{}", interval.unwrap_or_default())
}

/// A table with one row a cell: the names of the cell, and what is said of its median run. A cell of which nothing is said has none.
fn rows(results: &Results, header: &[&'static str], say: impl Fn(Cell, &Run) -> Vec<String>) -> Table {
    let mut table = table([&["scenario", "target", "linking"], header].concat(), 3);
    for &(cell, _) in &results.cells {
        let Some(run) = median(results, cell) else { continue };
        let said = say(cell, run);
        if said.is_empty() {
            continue;
        }
        let mut row =
            vec![cell.scenario.name().to_owned(), cell.target.name().into(), cell.linking.name().into()];
        row.extend(said);
        table.add_row(row);
    }
    table
}

/// One row a cell of another way of linking: that against `one-pass`.
fn linkings(results: &Results) -> Table {
    rows(results, &["over one-pass"], |cell, _| {
        let one_pass = Cell { linking: Linking::OnePass, ..cell };
        match results.ratio(cell, one_pass) {
            Some(ratio) if cell.linking != Linking::OnePass => vec![said(ratio)],
            _ => Vec::new(),
        }
    })
}

/// A table whose columns after the first `texts` are numbers.
fn table(header: Vec<&str>, texts: usize) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(header);
    for (at, column) in table.column_iter_mut().enumerate() {
        // One space between columns: so all of them fit 80 columns.
        column.set_padding((0, 1));
        if at >= texts {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

/// The run with the median time, so that what a row says is of one run and adds up.
fn median(results: &Results, cell: Cell) -> Option<&Run> {
    let mut runs: Vec<&Run> = results.of(cell).collect();
    runs.sort_by_key(|run| run.wall_ns);
    runs.get(runs.len().saturating_sub(1) / 2).copied()
}

fn millis(ns: u64) -> String {
    format!("{}", (ns + 500_000) / 1_000_000)
}

impl fmt::Display for Results {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        print(self, f)
    }
}
