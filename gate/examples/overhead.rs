//! What the gate itself costs: the time between two runs, and its memory, for as many runs as a session may have.
//!
//! `cargo build --release -p concurrency-probe-gate && cargo run --release -p concurrency-probe-gate --example overhead`, with the
//! number of runs as an argument, 10,000 unless told.
//!
//! Between two runs is everything but the runs themselves: starting a process, its log, its report, the journal. So that it does not count what
//! the machine does anyway, the same processes are started by a loop beside it, in the same program.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// A report of a real size: an installer's, without a timeline.
fn report() -> String {
    let probe = |at: usize| {
        format!(
            r#"{{"name":"probe_{at}","file":"src/install.rs","line":{at},"calls":1308,"in_flight":0,"max_in_flight":8,"max_concurrent":8,"unattributed":0,"stolen":0,"batches":[{{"label":"cold","file":"src/install.rs","line":7,"calls":996,"max_in_flight":8,"max_concurrent":8}}]}}"#
        )
    };
    let probes: Vec<String> = (0..8).map(probe).collect();
    let counts: Vec<String> = (0..8).map(|at| format!("\"count_{at}\":{at}")).collect();
    format!(
        r#"{{"schema":"concurrency-probe/1","scope":"install","wall_ns":1000000,"counts":{{{}}},"phases":[],"probes":[{}],"passes":[],"findings":[]}}"#,
        counts.join(","),
        probes.join(",")
    ) + "\n"
}

fn main() {
    let runs: u32 = std::env::args().nth(1).map_or(10_000, |runs| runs.parse().expect("a number of runs"));
    let gate = std::env::current_exe().expect("it runs").with_file_name("../probe-gate");
    assert!(gate.exists(), "{} is missing: build it first, with the same profile", gate.display());
    let dir = tempfile::tempdir().expect("a directory");
    std::fs::write(dir.path().join("report"), report()).expect("a report");
    println!("| runs | a run | between two runs | as a loop has it | memory of the gate | results.json |");
    println!("|---:|---:|---:|---:|---:|---:|");
    for runs in [runs / 100, runs / 10, runs] {
        let looped = looped(dir.path(), runs.min(1000));
        let (whole, in_runs, memory) = gated(&gate, dir.path(), runs);
        let size = std::fs::metadata(dir.path().join("out/results.json")).expect("results").len();
        println!(
            "| {runs} | {:.2} ms | {:.2} ms | {:.2} ms | {} MiB | {:.1} MiB |",
            millis(in_runs / runs),
            millis(whole.saturating_sub(in_runs) / runs),
            millis(looped),
            memory >> 20,
            mib(size)
        );
    }
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

#[expect(clippy::cast_precision_loss, reason = "it is a size")]
fn mib(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}

const SCRIPT: &str = "cat report > $CONCURRENCY_PROBE_REPORT";

/// The whole time of a session, that of its runs, and the most memory that the gate had.
fn gated(gate: &Path, dir: &Path, runs: u32) -> (Duration, Duration, u64) {
    use wait4::Wait4;
    let config = format!(
        "[run]\nruns = {runs}\nwarmups = 0\nout = \"out\"\n[[target]]\nname = \"t\"\ncommand = [\"sh\", \"-c\", '{SCRIPT}']\n\
         [[rule]]\nname = \"r\"\nwhy = \"w\"\nkind = \"metric\"\nmetric = \"counts.count_1\"\nat_least = 1\n"
    );
    std::fs::write(dir.join("gates.toml"), config).expect("a configuration");
    let began = Instant::now();
    let mut command = Command::new(gate);
    command.arg("run").current_dir(dir).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().expect("the gate");
    let used = child.wait4().expect("it ends");
    let whole = began.elapsed();
    assert!(used.status.success(), "the gate failed: {}", used.status);
    let results = std::fs::read(dir.join("out/results.json")).expect("results");
    let results: serde_json::Value = serde_json::from_slice(&results).expect("JSON");
    let walls = results["runs"].as_array().expect("runs").iter().filter_map(|run| run["wall_ns"].as_u64());
    (whole, Duration::from_nanos(walls.sum()), used.rusage.maxrss)
}

/// What lies between two runs of a loop that starts the same process and does nothing else: from its end to the next one's start.
fn looped(dir: &Path, runs: u32) -> Duration {
    let mut between = Duration::ZERO;
    for at in 0..runs {
        let began = Instant::now();
        let mut command = Command::new("sh");
        command.args(["-c", SCRIPT]).env("CONCURRENCY_PROBE_REPORT", dir.join(format!("looped-{at}")));
        command.current_dir(dir).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().expect("a process");
        let ready = began.elapsed();
        child.wait().expect("it ends");
        between += ready;
    }
    between / runs.max(1)
}
