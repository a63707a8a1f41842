//! Prints what a probe costs, side by side with a plain call, with the least that could count, and with what others do.
//!
//! `cargo run --release --manifest-path runtime/benches/Cargo.toml`. Every comparison is made in one run: the rows take turns.
//! criterion and divan time one row after another, so that a machine that becomes slower meanwhile is a difference; that is why
//! neither is used. Times are of this machine, and say "not here" where they pass their bound; counts fail the command.
//!
//! # What costs what
//!
//! - With no scope live a call has thirteen instructions more than a plain one: four look (the address of the number of live
//!   scopes, the number, a test, a jump), three ask at the end whether there is a guard to be dropped, and the others save the
//!   argument and the guard over calls that are not made. Tried: nothing is left that the guard could be without; the address
//!   is one the linker could put into the instruction, and by rustc's default does not.
//! - In a live scope the two locked operations are most of the time, as they are of the bare pair. Tried: the kind of a probe is
//!   passed on and not read from the gauge (fewer instructions, time alike); what is rarely written stands on another cache line
//!   than the counts (contended, it now takes about as long as the bare pair).
//! - Under `cargo check` about half of what is added is the expansion, and half the static and the guard of each probe, which
//!   alone are above the bound. Tried: macros that are optimized (`opt-level = 3` under `[profile.dev.build-override]`), which
//!   takes most of the first half away, and a static without its file and line, which saves next to nothing.

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

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match &arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => {}
        ["--row", row, calls] => return alone(row, calls),
        _ => {
            eprintln!("usage: costs, without arguments");
            return ExitCode::from(2);
        }
    }
    // Before boards of other scopes are there to be used again.
    let [empty, eight] = memory::of_a_scope();
    let instructions = instructions::per_call(&ALONE.map(|(name, ..)| name));
    let idle = rows::idle();
    let elsewhere = rows::elsewhere();
    let live = rows::live();
    let contended = [rows::contended(2), rows::contended(4)];
    let depths = rows::nested();
    let open = rows::beside();
    let registered = rows::registered();
    let mut sections = vec![
        ("one thread, no scope live", &idle),
        ("one thread, a scope live elsewhere", &elsewhere),
        ("one thread, live", &live),
        ("contended by 2 threads", &contended[0]),
        ("contended by 4 threads", &contended[1]),
        ("live, in scopes of other names inside", &depths),
        ("live, with scopes open beside it", &open),
    ];
    sections.extend(registered.iter().map(|rows| ("live, with so many probes registered", rows)));
    let mut table = Table::new();
    table.load_style(presets::ASCII_MARKDOWN).set_header(["", "ns a call", "over the first", "instructions"]);
    for (title, rows) in sections {
        table.add_row([format!("**{title}**"), String::new(), String::new(), String::new()]);
        for (name, ns) in rows {
            let counted = instructions.iter().flatten().find(|(counted, _)| counted == name);
            let counted = counted.map_or_else(String::new, |(_, count)| format!("{count:.1}"));
            table.add_row([name.clone(), format!("{ns:.2}"), format!("{:.2}", ns / rows[0].1), counted]);
        }
    }
    println!("{table}\n");
    if let Err(why) = &instructions {
        println!("instructions are left out: {why}\n");
    }

    let of = |rows: &[Row], name: &str| rows.iter().find(|row| row.0 == name).map_or(f64::NAN, |row| row.1);
    let over = |rows: &[Row]| rows.last().map_or(f64::NAN, |row| row.1) / rows[0].1;
    let (pass, item) = passes::over_rayon();
    let future = size_of_val(&probes::probed_future(0)) - size_of_val(&probes::plain_future(0));
    let first = |rows: &[Row]| rows[1].1 / rows[0].1;
    let mut bounds = vec![
        Bound::time(
            "no scope live, over a plain call",
            of(&idle, "probe, no scope live") - of(&idle, "a plain call"),
            1.0,
            "ns",
        ),
        Bound::time("live, over the bare pair", first(&live), 2.0, "x"),
        Bound::time("contended by 2 threads, over the bare pair", over(&contended[0]), 1.3, "x"),
        Bound::time("contended by 4 threads, over the bare pair", over(&contended[1]), 1.3, "x"),
        Bound::time("a level of nesting", (depths[3].1 - depths[0].1) / 16.0, 3.0, "ns"),
        Bound::time("1000 scopes open, over one", over(&open), 1.2, "x"),
        Bound::time(
            "the first of 10,000 probes, over one alone",
            first(&registered[2]) / first(&registered[0]),
            1.2,
            "x",
        ),
        Bound::time(
            "the last of 10,000 probes, over one alone",
            over(&registered[2]) / first(&registered[0]),
            1.2,
            "x",
        ),
        Bound::time("a pass of items of 10 us, over rayon alone", pass, 1.03, "x"),
        Bound::time("an item of a pass, over rayon alone", item, 60.0, "ns"),
        Bound::count("a future with a probe is larger by", future, 16, "bytes"),
    ];
    let counted = |what, counted: Result<usize, String>, at_most, unit| match counted {
        Ok(0) => Bound::left_out(what, "none was found"),
        Ok(count) => Bound::count(what, count, at_most, unit),
        Err(why) => Bound::left_out(what, &why),
    };
    bounds.push(counted("memory of a live scope", Ok(empty), 1024, "bytes"));
    bounds.push(counted("memory of one with 8 probes entered", Ok(eight), 1024 + 8 * 256, "bytes"));
    bounds.push(counted("loads when no scope is live", instructions::loads_when_idle(), 1, "loads"));
    bounds.push(counted(
        "packages that the macros are made of",
        compile::closure_of_the_macros(),
        5,
        "packages",
    ));
    const CHECK: &str = "cargo check of 1,000 annotated functions";
    let why = match compile::check_ratios() {
        Ok([attribute, emitted, without]) => {
            bounds.push(Bound::time(CHECK, attribute, 1.15, "x"));
            format!(
                "{CHECK} takes {attribute:.2} times as long as without; {emitted:.2} with what is emitted, written by hand, and \
                 {without:.2} with that but its file and line. The rest is the expansion, by macros that a development build \
                 does not optimize."
            )
        }
        Err(why) => {
            bounds.push(Bound::left_out(CHECK, &why));
            String::new()
        }
    };
    let mut table = Table::new();
    table.load_style(presets::ASCII_MARKDOWN).set_header(["what", "bound", "measured", "reached"]);
    bounds.iter().for_each(|bound| _ = table.add_row(bound.row()));
    println!("{table}\n\n{why}");
    if bounds.iter().any(Bound::is_broken) { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// A row that is run alone: its name, the scope that is open around it, and the call.
type Alone = (&'static str, Option<&'static str>, fn(u64) -> u64);

/// Of these the instructions are counted.
const ALONE: [Alone; 9] = [
    ("a plain call", None, probes::plain),
    ("bare RAII pair", None, probes::bare),
    ("probe, no scope live", None, probes::probed),
    ("probe, a scope live elsewhere", Some("elsewhere"), probes::probed),
    ("probe, live", Some("costs"), probes::probed),
    ("tracing #[instrument], no subscriber", None, probes::traced),
    ("fastrace, no parent", None, probes::fastraced),
    ("autometrics, with concurrency", None, probes::autometered),
    ("a probe that notifies a condvar", None, probes::notifying),
];

/// So many calls of a row and nothing else, for callgrind.
fn alone(row: &str, calls: &str) -> ExitCode {
    let known = ALONE.into_iter().find(|(name, ..)| *name == row);
    let (Some((_, scope, call)), Ok(calls)) = (known, calls.parse()) else { return ExitCode::from(2) };
    match scope {
        // Open, and not that of this thread.
        Some("elsewhere") => {
            let _scope = Scope::open("elsewhere");
            rows::calls(call, calls);
        }
        Some(name) => Scope::open(name).run(|| rows::calls(call, calls)),
        None => rows::calls(call, calls),
    }
    ExitCode::SUCCESS
}
