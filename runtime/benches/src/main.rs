//! Prints what a probe costs, side by side with a plain call, with the cheapest code that counts, and with other crates.
//!
//! Run `cargo run --release --manifest-path runtime/benches/Cargo.toml`. With `-- --only PART` it runs only the sections that have
//! `PART` in their titles. Every comparison is made in one run, and the rows take turns. criterion and divan are not used, because they time one row
//! after another, so that a machine that becomes slower looks like a difference between the rows. A time is only what this
//! machine measured: if it exceeds its bound, the table says "not here". A count that exceeds its bound fails the command.
//!
//! # Where the cost comes from
//!
//! - With no scope live, a call has thirteen instructions more than a plain call. Four of them look for a live scope (the address of the number of live
//!   scopes, the number, a test, a jump). Three ask at the end whether a guard must be dropped. The others save the
//!   argument and the guard across calls that are not made. Tried: the guard cannot do with less. The linker could put the address
//!   into the instruction, and does not by the default of rustc.
//! - In a live scope, most of the time is spent on the two locked operations, as it is in the bare pair. A thread remembers the
//!   gauge of a site as long as one context is current. Without that a call had three times as many instructions. Tried: the kind of a probe is
//!   passed on and not read from the gauge (fewer instructions, the same time). Tried: fields that are rarely written are on another cache line
//!   than the counts (contended, it now takes about as long as the bare pair).
//! - Under `cargo check` about half of the added time is the expansion, and half is the static and the guard of each probe. The second half
//!   alone is above the bound. Tried: optimized macros (`opt-level = 3` under `[profile.dev.build-override]`), which
//!   remove most of the first half. Tried: a static without its file and line, which saves very little.

mod bounds;
mod compile;
mod instructions;
mod memory;
mod passes;
mod probes;
mod rows;
mod timing;

use bounds::Bound;
use comfy_table::{Table, presets};
use concurrency_probe::Scope;
use rows::Row;
use std::process::ExitCode;

/// Rows that take turns, under a title.
struct Section {
    title: &'static str,
    rows: fn() -> Vec<Row>,
}

const SECTIONS: [Section; 16] = [
    Section { title: IDLE, rows: rows::idle },
    Section { title: "one thread, a scope live elsewhere", rows: rows::elsewhere },
    Section { title: LIVE, rows: rows::live },
    Section { title: BY_TWO, rows: || rows::contended(2) },
    Section { title: BY_FOUR, rows: || rows::contended(4) },
    Section { title: UNHELD, rows: rows::unheld },
    Section { title: TIMELINE, rows: rows::with_a_timeline },
    Section { title: PLACES, rows: rows::places },
    Section { title: NESTED, rows: rows::nested },
    Section { title: BESIDE, rows: rows::beside },
    Section { title: ONE_PROBE, rows: || rows::registered(1) },
    Section { title: "live, with 100 probes registered", rows: || rows::registered(100) },
    Section { title: MANY_PROBES, rows: || rows::registered(10_000) },
    Section { title: SHORT_ITEMS, rows: passes::of_short_items },
    Section { title: NO_ITEMS, rows: passes::of_empty_items },
    Section { title: HELD, rows: passes::under_a_hold },
];
const IDLE: &str = "one thread, no scope live";
const LIVE: &str = "one thread, live";
const BY_TWO: &str = "contended by 2 threads";
const BY_FOUR: &str = "contended by 4 threads";
const UNHELD: &str = "live, in a scope with a pool";
const TIMELINE: &str = "live, by whether there is a timeline";
const PLACES: &str = "live, by where it is counted";
const NESTED: &str = "live, in scopes of other names inside";
const BESIDE: &str = "live, with scopes open beside it";
const ONE_PROBE: &str = "live, with 1 probe registered";
const MANY_PROBES: &str = "live, with 10,000 probes registered";
const SHORT_ITEMS: &str = "a pass of 2,000 items of 10 us";
const NO_ITEMS: &str = "a pass of 100,000 items that do nothing";
const HELD: &str = "a pass of 1,000 items of 100 us";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match &arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => all(),
        ["--only", part] => {
            let timed = timed(|title| title.contains(part));
            println!("{}", table(&timed, &[]));
            ExitCode::SUCCESS
        }
        ["--row", row, calls] => alone(row, calls),
        _ => {
            eprintln!("usage: costs [--only PART]");
            ExitCode::from(2)
        }
    }
}

/// The rows of the sections that were asked for.
fn timed(is_wanted: impl Fn(&str) -> bool) -> Vec<(&'static str, Vec<Row>)> {
    let wanted = SECTIONS.iter().filter(|section| is_wanted(section.title));
    wanted.map(|section| (section.title, (section.rows)())).collect()
}

fn table(timed: &[(&str, Vec<Row>)], instructions: &[(String, f64)]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::ASCII_MARKDOWN).set_header(["", "ns", "over the first", "instructions"]);
    for (title, rows) in timed {
        table.add_row([format!("**{title}**"), String::new(), String::new(), String::new()]);
        for (name, ns) in rows {
            let counted = instructions.iter().find(|(counted, _)| counted == name);
            let counted = counted.map_or_else(String::new, |(_, count)| format!("{count:.1}"));
            table.add_row([name.clone(), format!("{ns:.2}"), format!("{:.2}", ns / rows[0].1), counted]);
        }
    }
    table
}

/// Runs all sections and prints all bounds.
fn all() -> ExitCode {
    // Measured first, while there are no boards of other scopes that could be used again.
    let [empty, eight] = memory::of_a_scope();
    let timeline = memory::of_a_full_timeline();
    let instructions = instructions::per_call(&ALONE.map(|(name, _)| name));
    let timed = timed(|_| true);
    println!("{}\n", table(&timed, instructions.as_deref().unwrap_or_default()));
    if let Err(why) = &instructions {
        println!("instructions are left out: {why}\n");
    }

    let row = |title, place: usize| {
        let rows = timed.iter().find(|(known, _)| *known == title).map(|(_, rows)| rows);
        rows.and_then(|rows| rows.get(place)).map_or(f64::NAN, |row| row.1)
    };
    let over_first = |title, place| row(title, place) / row(title, 0);
    let one_probe = over_first(ONE_PROBE, 1);
    let future = size_of_val(&probes::probed_future(0)) - size_of_val(&probes::plain_future(0));
    let mut bounds = vec![
        Bound::time("no scope live, over a plain call", row(IDLE, 2) - row(IDLE, 0), 1.0, "ns"),
        Bound::time("live, over the bare pair", over_first(LIVE, 1), 1.4, "x"),
        Bound::time("contended by 2 threads, over the bare pair", over_first(BY_TWO, 1), 1.3, "x"),
        Bound::time("contended by 4 threads, over the bare pair", over_first(BY_FOUR, 1), 1.3, "x"),
        Bound::time("another probe is held, over none", over_first(UNHELD, 1), 1.1, "x"),
        Bound::time("in a batch of a handle, over outside", over_first(PLACES, 1), 1.1, "x"),
        Bound::time("in a lane, over outside", over_first(PLACES, 2), 1.1, "x"),
        Bound::time("a level of nesting", (row(NESTED, 3) - row(NESTED, 0)) / 16.0, 3.0, "ns"),
        Bound::time("1000 scopes open, over one", over_first(BESIDE, 3), 1.2, "x"),
        Bound::time(
            "the first of 10,000 probes, over one alone",
            over_first(MANY_PROBES, 1) / one_probe,
            1.2,
            "x",
        ),
        Bound::time(
            "the last of 10,000 probes, over one alone",
            over_first(MANY_PROBES, 2) / one_probe,
            1.2,
            "x",
        ),
        Bound::time("a pass of items of 10 us, over rayon alone", over_first(SHORT_ITEMS, 1), 1.03, "x"),
        Bound::time(
            "an item of a pass, over rayon alone",
            (row(NO_ITEMS, 1) - row(NO_ITEMS, 0)) / passes::EMPTY_ITEMS as f64,
            60.0,
            "ns",
        ),
        Bound::time("a pass of items of 100 us under a hold, over none", over_first(HELD, 1), 2.0, "x"),
        Bound::count("a future with a probe is larger by", future, 16, "bytes"),
    ];
    let counted = |what, counted: Result<usize, String>, at_most, unit| match counted {
        Ok(0) => Bound::left_out(what, "none was found"),
        Ok(count) => Bound::count(what, count, at_most, unit),
        Err(why) => Bound::left_out(what, &why),
    };
    bounds.push(counted("memory of a live scope", Ok(empty), 1024, "bytes"));
    bounds.push(counted("memory of one with 8 probes entered", Ok(eight), 1024 + 8 * 256, "bytes"));
    bounds.push(counted("memory of a full timeline", Ok(timeline), (2 << 20) + (32 << 10), "bytes"));
    bounds.push(counted("loads when no scope is live", instructions::loads_when_idle(), 1, "loads"));
    bounds.push(counted(
        "packages that the macros are made of",
        compile::closure_of_the_macros(),
        5,
        "packages",
    ));
    let compiled = compile_times(&mut bounds);
    let mut table = Table::new();
    table.load_style(presets::ASCII_MARKDOWN).set_header(["what", "bound", "measured", "reached"]);
    bounds.iter().for_each(|bound| _ = table.add_row(bound.row()));
    println!("{table}\n\n{compiled}");
    if bounds.iter().any(Bound::is_broken) { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// What compiling costs: the tables, and the bounds of our attribute.
fn compile_times(bounds: &mut Vec<Bound>) -> String {
    const CHECK: &str = "cargo check of 1,000 annotated functions";
    const BESIDE: &str = "the same over the cheapest of the others";
    let mut table = Table::new();
    table.load_style(presets::ASCII_MARKDOWN).set_header(["on each of 1,000 functions", "cargo check"]);
    match compile::check_ratios() {
        Ok(checked) => {
            let is_others = |checked: &&compile::Checked| {
                checked.variant.starts_with("#[") && checked.variant != compile::OURS
            };
            let others = checked.iter().filter(is_others).map(|checked| checked.ratio);
            let others = others.fold(f64::INFINITY, f64::min);
            for checked in &checked {
                table.add_row([checked.variant.to_owned(), format!("{:.2} x", checked.ratio)]);
                if checked.variant == compile::OURS {
                    bounds.push(Bound::time(CHECK, checked.ratio, 1.6, "x"));
                    bounds.push(Bound::time(BESIDE, checked.ratio / others, 1.0, "x"));
                }
            }
        }
        Err(why) => {
            bounds.push(Bound::left_out(CHECK, &why));
            bounds.push(Bound::left_out(BESIDE, &why));
        }
    }
    let mut built = Table::new();
    built.load_style(presets::ASCII_MARKDOWN).set_header([
        "cargo check from nothing",
        "packages",
        "s",
        "processor s",
    ]);
    match compile::from_nothing() {
        Ok(all) => all.iter().for_each(|one| {
            let (seconds, cpu) = (format!("{:.1}", one.seconds), format!("{:.1}", one.cpu_seconds));
            _ = built.add_row([one.name.to_owned(), one.packages.to_string(), seconds, cpu]);
        }),
        Err(why) => _ = built.add_row([why]),
    }
    format!("{table}\n\n{built}")
}

/// A row that is run alone: its name, and what makes so many calls.
type Alone = (&'static str, fn(u64));

/// The rows whose instructions are counted.
const ALONE: [Alone; 12] = [
    ("a plain call", |calls| rows::calls(probes::plain, calls)),
    ("bare RAII pair", |calls| rows::calls(probes::bare, calls)),
    ("probe, no scope live", |calls| rows::calls(probes::probed, calls)),
    ("probe, a scope live elsewhere", |calls| {
        // Open, and not current on this thread.
        let _scope = Scope::open("elsewhere");
        rows::calls(probes::probed, calls);
    }),
    ("probe, live", |calls| Scope::open("costs").in_scope(|| rows::calls(probes::probed, calls))),
    ("another probe is held", |calls| {
        let scope = Scope::builder("costs").hold("another", 2).open();
        // One call before, because the first entry finds out that the probe is not held.
        scope.in_scope(|| {
            probes::probed(0);
            rows::calls(probes::probed, calls);
        });
    }),
    ("in a batch of a handle", |calls| {
        Scope::open("costs").batch("batch").in_scope(|| rows::calls(probes::probed, calls));
    }),
    ("in a lane", |calls| {
        let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread can be had");
        let mut scope = Scope::open("costs");
        one.install(|| {
            scope.pass("lane").for_each([calls], |_lane, calls| rows::calls(probes::probed, calls))
        });
    }),
    ("tracing #[instrument], no subscriber", |calls| rows::calls(probes::traced, calls)),
    ("fastrace, no parent", |calls| rows::calls(probes::fastraced, calls)),
    ("autometrics, with concurrency", |calls| rows::calls(probes::autometered, calls)),
    ("a probe that notifies a condvar", |calls| rows::calls(probes::notifying, calls)),
];

/// Makes a number of calls of one row and nothing else, for callgrind.
fn alone(row: &str, calls: &str) -> ExitCode {
    let known = ALONE.into_iter().find(|(name, _)| *name == row);
    let (Some((_, run)), Ok(calls)) = (known, calls.parse()) else { return ExitCode::from(2) };
    run(calls);
    ExitCode::SUCCESS
}
