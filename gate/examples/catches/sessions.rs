//! What a session must not get wrong: programs that run, fail, hang or say too much, under the program `probe-gate` itself.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Something that went wrong once, or would, and what is right.
pub(crate) struct Session {
    pub(crate) name: &'static str,
    /// What is done, in an empty directory.
    steps: &'static [Step],
}

/// A run of the program, and what must come of it.
struct Step {
    /// The targets and rules; the configuration is as it was before if it is empty.
    config: &'static str,
    arguments: &'static [&'static str],
    code: i32,
    /// Must be part of what is printed.
    says: &'static str,
    /// A file, and what must not be in it.
    never: (&'static str, &'static str),
}

const NEVER: (&str, &str) = ("out/index.html", "\u{0}");

/// A rule that holds of [`GOOD`].
const RULE: &str = "[[rule]]\nname = \"sums\"\nwhy = \"they must\"\nkind = \"conserve\"\nsum = \"counts.a\"\nequals = \"counts.b\"\n";

/// A report in a file: shells have quotes of their own.
const GOOD: &str = r#"{"schema":"concurrency-probe/1","scope":"s","wall_ns":1,"counts":{"a":1,"b":1},"probes":[{"name":"p","calls":8,"max_in_flight":8,"max_concurrent":8}]}"#;
const FOUND: &str = r#"{"schema":"concurrency-probe/1","scope":"s","wall_ns":1,"counts":{"a":1,"b":1},"findings":[{"kind":"degenerate_passes","file":"src/a.rs","line":7,"message":"a pass per item"}]}"#;
const HOSTILE: &str = r#"{"schema":"concurrency-probe/1","scope":"s","wall_ns":1,"counts":{"a":1,"b":1},"probes":[{"name":"p\n::stop-commands::x\n<script>alert(1)</script>![i](http://x)\u001b[31m","calls":1,"max_in_flight":1,"max_concurrent":1}]}"#;
const LIVE: &str = r#"{"schema":"concurrency-probe-live/1","pid":1,"more_scopes":0,"scopes":[{"scope":"s","open_ns":9000000000,"probes":[{"name":"link_slot","file":"a.rs","line":7,"calls":9,"inside":8,"unchanged_ns":8000000000}]}]}"#;

const FINDINGS: &str = "[[target]]\nname = \"t\"\ncommand = [\"sh\", \"-c\", \"cat found > $CONCURRENCY_PROBE_REPORT\"]\n[[rule]]\nname = \"none\"\nwhy = \"w\"\nkind = \"findings\"\n";
const RIGHT: &str =
    "[[target]]\nname = \"t\"\ncommand = [\"sh\", \"-c\", \"cat good > $CONCURRENCY_PROBE_REPORT\"]\n";
const FAILS: &str = "[[target]]\nname = \"t\"\ncommand = [\"sh\", \"-c\", \"echo it broke; exit 7\"]\n";
const SLOWER: &str = "[[target]]\nname = \"t\"\nenv = { A = \"1\" }\ncommand = [\"sh\", \"-c\", \"cat good > $CONCURRENCY_PROBE_REPORT\"]\n";
const OUTLIVES: &str = "[[target]]
name = \"t\"
command = [\"sh\", \"-c\", \"sleep 999 & echo $! > pid; cat good > $CONCURRENCY_PROBE_REPORT\"]
";
const HANGS: &str = "[[target]]\nname = \"t\"\ntimeout_s = 0.5\ncommand = [\"sh\", \"-c\", \"cat live > $CONCURRENCY_PROBE_LIVE; exec sleep 999\"]\n";
const COUNTS: &str = "[[target]]\nname = \"t\"\ncommand = [\"sh\", \"-c\", \"cat good > $CONCURRENCY_PROBE_REPORT\"]\n[[target]]\nname = \"u\"\ncommand = [\"sh\", \"-c\", \"cat good > $CONCURRENCY_PROBE_REPORT\"]\n[[rule]]\nname = \"no more work\"\nwhy = \"w\"\nkind = \"ratio\"\ntarget = \"u\"\nover = \"t\"\nmetric = \"counts.a\"\nat_most = 1.0\n";
const STEERS: &str = "[[target]]\nname = \"t\"\ncommand = [\"sh\", \"-c\", \"cat hostile > $CONCURRENCY_PROBE_REPORT\"]\n[[rule]]\nname = \"at once\"\nwhy = \"w\"\nkind = \"concurrent\"\nprobe = \"p\"\nat_least = 2\n";
const ASKS: &str = "[[target]]\nname = \"t\"\ncommand = [\"sh\", \"-c\", \"cat > got; test ! -s got && cat good > $CONCURRENCY_PROBE_REPORT\"]\n";
const MISSING_THEN_WRONG: &str = "[[target]]\nname = \"t\"\ncommand = [\"sh\", \"-c\", \"echo >> n; if [ $(wc -l < n) -eq 1 ]; then cat missing; else cat wrong; fi > $CONCURRENCY_PROBE_REPORT\"]\n";

const fn step(config: &'static str, code: i32, says: &'static str) -> Step {
    Step { config, arguments: &["run", "--runs", "2"], code, says, never: NEVER }
}

pub(crate) const SESSIONS: &[Session] = &[
    Session {
        name: "a finding that no rule was about",
        steps: &[step(FINDINGS, 1, "t, round 1: degenerate_passes: a pass per item")],
    },
    Session {
        name: "a green page of yesterday, and a run that fails today",
        steps: &[
            step(RIGHT, 0, "sums: holds"),
            Step {
                never: ("out/index.html", "The rule holds"),
                ..step(FAILS, 4, "the run failed (exit status: 7)")
            },
        ],
    },
    Session {
        name: "a process that outlives its target",
        steps: &[step(OUTLIVES, 0, "were still running when it ended; the gate has ended them")],
    },
    Session {
        name: "a target that hangs, and leaves nothing",
        steps: &[step(
            HANGS,
            4,
            "8 calls were inside of `link_slot` (a.rs:7) in scope `s`, and for 8 s none had begun or ended",
        )],
    },
    Session {
        name: "a count that is rightly the same twice (it must hold)",
        steps: &[Step { arguments: &["run", "--runs", "5"], ..step(COUNTS, 0, "no more work: holds") }],
    },
    Session {
        name: "names that are commands, tags or escapes",
        steps: &[Step {
            never: ("out/index.html", "<script>alert(1)"),
            ..step(STEERS, 3, "at once: no data")
        }],
    },
    Session {
        name: "runs of another command, gone on with",
        steps: &[
            step(RIGHT, 0, "sums: holds"),
            Step {
                arguments: &["run", "--resume"],
                ..step(SLOWER, 2, "has changed since; start again without --resume")
            },
        ],
    },
    Session { name: "a target that waits for input (it must hold)", steps: &[step(ASKS, 0, "sums: holds")] },
    Session {
        name: "no rule at all",
        steps: &[Step {
            arguments: &["run", "--runs", "2", "--skip", "*"],
            ..step(RIGHT, 3, "there is no rule, so nothing was judged")
        }],
    },
    Session {
        name: "missing data in one round, and what is wrong in another",
        steps: &[step(MISSING_THEN_WRONG, 1, "round 2: counts.a is 1, and counts.b is 2")],
    },
    Session {
        name: "hyperfine's blocks of equal programs, with a drift (they must not fail)",
        steps: &[Step {
            arguments: &["check", "blocks.json"],
            ..step(BLOCKS, 3, "not by pairs, as each was run in a block")
        }],
    },
];

const BLOCKS: &str = "[[rule]]\nname = \"no slower\"\nwhy = \"w\"\nkind = \"ratio\"\ntarget = \"b\"\nover = \"a\"\nat_most = 1.0\n";

/// Two equal programs, each in a block of its own, on a machine that gets slower by a thousandth from run to run.
fn blocks() -> String {
    let times = |from: u32| -> Vec<f64> {
        (from..from + 12).map(|run| 1.0 + f64::from(run) * 1e-3 + f64::from(run * 7 % 5) * 1e-3).collect()
    };
    serde_json::json!({ "results": [
        { "command": "a", "times": times(0) },
        { "command": "b", "times": times(12) },
    ] })
    .to_string()
}

impl Session {
    /// What the program said, or what was not as it must be.
    pub(crate) fn run(&self, gate: &Path) -> Result<String, String> {
        let dir = tempfile::tempdir().map_err(|error| error.to_string())?;
        let wrong = r#"{"schema":"concurrency-probe/1","scope":"s","wall_ns":1,"counts":{"a":1,"b":2}}"#;
        let missing = r#"{"schema":"concurrency-probe/1","scope":"s","wall_ns":1,"counts":{"a":1}}"#;
        let blocks = blocks();
        for (name, text) in [
            ("good", GOOD),
            ("found", FOUND),
            ("hostile", HOSTILE),
            ("live", LIVE),
            ("wrong", wrong),
            ("missing", missing),
            ("blocks.json", &blocks),
        ] {
            fs::write(dir.path().join(name), text).map_err(|error| error.to_string())?;
        }
        let mut said = String::new();
        for step in self.steps {
            said = step.run(gate, dir.path())?;
        }
        Ok(said)
    }
}

impl Step {
    fn run(&self, gate: &Path, dir: &Path) -> Result<String, String> {
        let rule = if self.config.contains("[[rule]]") { "" } else { RULE };
        let config = format!("[run]\nwarmups = 0\nout = \"out\"\n{}{rule}", self.config);
        fs::write(dir.join("gates.toml"), config).map_err(|error| error.to_string())?;
        let mut command = Command::new(gate);
        command
            .current_dir(dir)
            .args(self.arguments)
            .env("GITHUB_ACTIONS", "true")
            .env_remove("GITHUB_STEP_SUMMARY");
        let Output { status, stdout, stderr } = command.output().map_err(|error| error.to_string())?;
        let text = String::from_utf8_lossy(&[stdout, stderr].concat()).into_owned();
        if status.code() != Some(self.code) {
            return Err(format!("{status}, expected exit code {}: {text}", self.code));
        }
        let Some(line) = text.lines().find(|line| line.contains(self.says)) else {
            return Err(format!("it does not say `{}`: {text}", self.says));
        };
        if text.lines().any(|line| line.starts_with("::stop-commands") || line.contains('\u{1b}')) {
            return Err(format!("a line is a command: {text}"));
        }
        let (file, never) = self.never;
        if fs::read_to_string(dir.join(file)).is_ok_and(|text| text.contains(never)) {
            return Err(format!("{file} has `{never}`"));
        }
        if fs::read_to_string(dir.join("pid")).is_ok_and(|pid| runs(pid.trim())) {
            return Err("a process outlives its target".into());
        }
        Ok(line.trim().to_owned())
    }
}

/// Whether a process runs. One that has ended and that nobody has waited for does not.
fn runs(pid: &str) -> bool {
    match fs::read_to_string(format!("/proc/{pid}/stat")) {
        Ok(stat) => !stat.rsplit(')').next().unwrap_or_default().trim_start().starts_with('Z'),
        Err(_) if Path::new("/proc/self/stat").exists() => false,
        Err(_) => Command::new("kill").args(["-0", pid]).status().is_ok_and(|status| status.success()),
    }
}

/// The program, built from the same sources.
pub(crate) fn program() -> Result<PathBuf, String> {
    let own = std::env::current_exe().map_err(|error| error.to_string())?;
    let profile = own.parent().and_then(Path::parent).ok_or("the example is in no directory of cargo's")?;
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut build = Command::new(cargo);
    build
        .args(["build", "--quiet", "--bin", "probe-gate", "--manifest-path"])
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"));
    if profile.ends_with("release") {
        build.arg("--release");
    }
    match build.status() {
        Ok(status) if status.success() => {
            Ok(profile.join(format!("probe-gate{}", std::env::consts::EXE_SUFFIX)))
        }
        Ok(status) => Err(format!("cannot build probe-gate: {status}")),
        Err(error) => Err(format!("cannot build probe-gate: {error}")),
    }
}
