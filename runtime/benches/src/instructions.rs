//! The machine code of a probed function, and the number of instructions of a call.

use std::process::Command;

/// How many numbers a probed function reads from memory outside of its stack. It does not count the functions that it calls, because they are called only
/// if a scope is live. It does not count a load of an address from a table of the linker.
pub fn loads_when_idle() -> Result<usize, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let mut objdump = Command::new("objdump");
    objdump.args(["--disassemble", "--demangle", "--no-show-raw-insn"]).arg(program);
    let output = objdump.output().map_err(|_| "there is no `objdump`".to_owned())?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut lines = text.lines().skip_while(|line| !line.ends_with("<costs::probes::probed>:"));
    lines.next().ok_or("the function was inlined")?;
    let is_load = |line: &&str| {
        let is_of_memory = line.contains("(%") && !line.contains("(%rsp") && !line.contains("(%rbp");
        let is_address = line.contains("_DYNAMIC") || line.contains("_GLOBAL_OFFSET_TABLE_");
        is_of_memory && !is_address && !line.contains("lea ") && !line.contains("call ")
    };
    Ok(lines.take_while(|line| !line.trim().is_empty()).filter(is_load).count())
}

/// The number of instructions of a call. Rows of this program are run alone under callgrind, which counts only what
/// [`crate::rows::calls`] calls.
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
