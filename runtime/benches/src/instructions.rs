//! What the compiler made of a probed function, and how many instructions a call takes.

use std::process::Command;

/// How often a probed function that no scope counts reads memory other than its stack, up to where it goes on without a guard.
pub fn loads_when_idle() -> Result<usize, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let mut objdump = Command::new("objdump");
    objdump.args(["--disassemble", "--demangle", "--no-show-raw-insn"]).arg(program);
    let output = objdump.output().map_err(|_| "there is no `objdump`".to_owned())?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let start = text
        .lines()
        .position(|line| {
            line.ends_with(">:") && line.contains("costs::probes::probed>")
                || line.ends_with("<costs::probes::probed>:")
        })
        .ok_or("the function was inlined")?;
    // Up to the first jump, which is taken if a scope is live.
    let path = text.lines().skip(start + 1).take_while(|line| !line.trim().is_empty());
    let before_jump = path.take_while(|line| !line.split_whitespace().any(|word| word.starts_with('j')));
    Ok(before_jump.filter(|line| line.contains("(%rip)")).count())
}

/// The instructions of a call, of rows of this program that are run alone under callgrind, which counts only what is below
/// [`crate::rows::calls`].
pub fn per_call(rows: &[&str]) -> Result<Vec<(String, f64)>, String> {
    const CALLS: u64 = 10_000;
    rows.iter().map(|row| Ok(((*row).to_owned(), instructions(row, CALLS)? as f64 / CALLS as f64))).collect()
}

fn instructions(row: &str, calls: u64) -> Result<u64, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let mut valgrind = Command::new("valgrind");
    valgrind.args([
        "--tool=callgrind",
        "--callgrind-out-file=/dev/null",
        "--toggle-collect=costs::rows::calls",
    ]);
    let row = valgrind.arg(program).args(["--row", row, &calls.to_string()]);
    let output = row.output().map_err(|_| "there is no `valgrind`".to_owned())?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let total = said.lines().find_map(|line| line.split("Collected :").nth(1)?.trim().parse().ok());
    let total = total.filter(|total| *total > calls);
    total.ok_or_else(|| {
        format!("callgrind does not say how many: {}", said.lines().last().unwrap_or_default())
    })
}
