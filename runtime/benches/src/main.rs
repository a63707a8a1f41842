//! Prints what a probe costs, side by side with a plain call, with the least that could count, and with what others do.
//!
//! `cargo run --release --manifest-path runtime/benches/Cargo.toml`. Every comparison is made in one run: the rows take turns.
//! criterion and divan time one row after another, so that a machine that becomes slower meanwhile is a difference; that is why
//! neither is used. Times are of this machine, and say "not here" where they pass their bound; counts fail the command.

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
    let idle = rows::idle();
    print("one thread, no scope live", &idle, 0);
    let live = rows::live();
    print("one thread, a scope live", &live, 0);
    let contended = contended();
    print("contended; ratios are to the bare pair contended the same way", &contended, 0);
    let depths: Vec<Row> =
        [0, 1, 4, 16].map(|depth| (format!("{depth} scopes deeper"), rows::nested(depth))).into();
    print("live, in scopes of other names inside", &depths, 0);
    let open: Vec<Row> =
        [0, 9, 99, 999].map(|more| (format!("{} scopes open", more + 1), rows::beside(more))).into();
    print("live, with scopes open beside it", &open, 0);
    let registered = registered();
    print("live, with more probes registered", &registered, 0);
    match instructions::per_call(&["plain", "bare", "idle", "live"]) {
        Ok(rows) => print_numbers("instructions a call, by callgrind", &rows),
        Err(why) => println!("instructions a call: left out, {why}\n"),
    }

    let of = |rows: &[Row], name: &str| rows.iter().find(|row| row.0 == name).map_or(f64::NAN, |row| row.1);
    let (pass, item) = passes::over_rayon();
    let slope = (depths[3].1 - depths[0].1) / 16.0;
    let future = size_of_val(&probes::probed_future(0)) - size_of_val(&probes::plain_future(0));
    let mut bounds = vec![
        Bound::time(
            "no scope live, over a plain call",
            of(&idle, "probe, no scope live") - of(&idle, "a plain call"),
            1.0,
            "ns",
        ),
        Bound::time(
            "live, over the bare pair",
            of(&live, "probe, live") / of(&live[2..], "bare RAII pair"),
            2.0,
            "x",
        ),
        Bound::time("contended by 2 threads, over the bare pair", contended[1].1 / contended[0].1, 1.3, "x"),
        Bound::time("contended by 4 threads, over the bare pair", contended[3].1 / contended[2].1, 1.3, "x"),
        Bound::time("a level of nesting", slope, 3.0, "ns"),
        Bound::time("1000 scopes open, over one", open[3].1 / open[0].1, 1.2, "x"),
        Bound::time("10,000 probes registered, over one", registered[2].1 / registered[0].1, 1.2, "x"),
        Bound::time("a pass of items of 10 us, over rayon alone", pass, 1.03, "x"),
        Bound::time("an item of a pass, over rayon alone", item, 60.0, "ns"),
        Bound::count("memory of a live scope", empty, 1024, "bytes"),
        Bound::count("memory of one with 8 probes entered", eight, 1024 + 8 * 256, "bytes"),
        Bound::count("a future with a probe is larger by", future, 16, "bytes"),
    ];
    let counted = |what, counted: Result<usize, String>, at_most, unit| match counted {
        Ok(count) => Bound::count(what, count, at_most, unit),
        Err(why) => Bound::left_out(what, &why),
    };
    bounds.push(counted("loads when no scope is live", instructions::loads_when_idle(), 1, "loads"));
    bounds.push(counted(
        "packages that the macros are made of",
        compile::closure_of_the_macros(),
        5,
        "packages",
    ));
    bounds.push(match compile::check_ratio() {
        Ok(ratio) => Bound::time("cargo check of 1,000 annotated functions", ratio, 1.15, "x"),
        Err(why) => Bound::left_out("cargo check of 1,000 annotated functions", &why),
    });
    let mut table = Table::new();
    table.load_style(presets::ASCII_MARKDOWN).set_header(["what", "bound", "measured", "reached"]);
    bounds.iter().for_each(|bound| _ = table.add_row(bound.row()));
    println!("{table}");
    if bounds.iter().any(Bound::is_broken) { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// The bare pair and the probe by turns, contended by two threads and by four.
fn contended() -> Vec<Row> {
    let scope = Scope::open("costs");
    let mut rows = Vec::new();
    for threads in [2, 4] {
        let mut calls = [probes::bare, probes::probed].map(|call| rows::contended(threads, call, &scope));
        // The threads of a round are started in it.
        let times = timing::side_by_side_from(1 << 16, &mut calls);
        rows.push((format!("bare RAII pair, {threads} threads"), times[0]));
        rows.push((format!("probe, live, {threads} threads"), times[1]));
    }
    rows
}

/// With 1, 100 and 10,000 probes registered in the same scope, each of which was entered once.
fn registered() -> Vec<Row> {
    use concurrency_probe::__private::{Kind, Site, enter};
    let scope = Scope::open("costs");
    let mut rows = Vec::new();
    let mut there = 1;
    for probes in [1_usize, 100, 10_000] {
        scope.run(|| {
            for n in there..probes {
                // What the attribute emits as a static.
                let name: &'static str = Box::leak(format!("probe {n}").into_boxed_str());
                let site: &'static Site =
                    Box::leak(Box::new(Site::new(Kind::Sync, "costs", name, true, file!(), line!())));
                drop(enter(site));
            }
        });
        there = probes;
        rows.push((format!("{probes} probes registered"), scope.run(|| rows::one(probes::probed))));
    }
    rows
}

/// So many calls of a row and nothing else, for callgrind.
fn alone(row: &str, calls: &str) -> ExitCode {
    let Ok(calls) = calls.parse() else { return ExitCode::from(2) };
    let scope = Scope::open(if row == "live" { "costs" } else { "elsewhere" });
    let call = match row {
        "plain" => probes::plain,
        "bare" => probes::bare,
        "idle" => {
            drop(scope);
            rows::calls(probes::probed, calls);
            return ExitCode::SUCCESS;
        }
        "live" => probes::probed,
        _ => return ExitCode::from(2),
    };
    scope.run(|| rows::calls(call, calls));
    ExitCode::SUCCESS
}

fn print(title: &str, rows: &[Row], reference: usize) {
    let mut table = Table::new();
    table.load_style(presets::ASCII_MARKDOWN).set_header([title, "ns a call", "ratio"]);
    for (name, ns) in rows {
        table.add_row([name.clone(), format!("{ns:.2}"), format!("{:.2}", ns / rows[reference].1)]);
    }
    println!("{table}\n");
}

fn print_numbers(title: &str, rows: &[Row]) {
    let mut table = Table::new();
    table.load_style(presets::ASCII_MARKDOWN).set_header([title, "instructions"]);
    for (name, count) in rows {
        table.add_row([name.clone(), format!("{count:.1}")]);
    }
    println!("{table}\n");
}
