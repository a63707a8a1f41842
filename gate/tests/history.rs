//! A history: what is added to it, what is read of it, and how it is drawn.
#![cfg(unix)]

mod support;

use concurrency_probe_gate::{History, SessionLine, artifacts, terminal};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use support::{configure, gate, report, reporter, said};
use tempfile::TempDir;

fn schema() -> Value {
    serde_json::from_str(include_str!("../history.schema.json")).unwrap()
}

/// A session that has everything that one may have.
fn full() -> Value {
    json!({
        "schema": "probe-gate-history/1",
        "date": "2026-11-27T00:00:00Z",
        "commit": "0123456789abcdef+",
        "base": "fedcba9876543210",
        "host": { "os": "linux", "arch": "x86_64", "cpu": "A 1", "cores": 2 },
        "ran": "00ff",
        "failure": "target b: the run failed",
        "targets": [
            { "target": "a", "runs": 6, "figures": [
                { "metric": "wall_ns", "mean": 1000.5, "median": 1000.0, "low": 990.0, "high": 1010.0 },
                { "metric": "counts.cold", "mean": 3.0, "median": 3.0 },
            ] },
        ],
        "rules": [
            { "rule": "r", "verdict": "fails", "about": ["a"] },
            { "rule": "q", "verdict": "cannot_tell", "more": 3, "about": [] },
        ],
    })
}

/// What the schema says against a line, and what the reader does.
fn refusals(line: &Value) -> (Vec<String>, Option<String>) {
    let validator = jsonschema::draft202012::new(&schema()).unwrap();
    let by_schema = validator.iter_errors(line).map(|error| error.to_string()).collect();
    let read = History::parse(line.to_string().as_bytes(), Path::new("history.ndjson"));
    (by_schema, read.err().map(|error| error.to_string()))
}

fn assert_valid(line: &Value, what: &str) {
    assert_eq!(refusals(line), (Vec::new(), None), "{what}");
}

#[test]
fn the_schema_is_one_and_describes_everything() {
    jsonschema::meta::validate(&schema()).unwrap();
    let all = schema();
    let definitions =
        all["$defs"].as_object().unwrap().iter().map(|(name, definition)| (name.as_str(), definition));
    for (name, definition) in definitions.chain([("line", &all)]) {
        assert!(!definition["description"].as_str().unwrap().is_empty(), "{name}");
        for (property, schema) in definition["properties"].as_object().unwrap() {
            assert!(!schema["description"].as_str().unwrap_or_default().is_empty(), "{name}.{property}");
        }
    }
}

#[test]
fn the_schema_has_every_field_that_is_written() {
    let read = History::parse(full().to_string().as_bytes(), Path::new("h")).unwrap();
    assert_eq!(serde_json::to_value(&read.sessions[0]).unwrap(), full(), "everything is read and written");
    fn known(at: &str, written: &Value, schema: &Value, root: &Value) {
        let schema = match (schema["$ref"].as_str(), schema["anyOf"][0]["$ref"].as_str()) {
            (Some(name), _) | (_, Some(name)) => root.pointer(&name[1..]).unwrap(),
            _ => schema,
        };
        for (name, value) in written.as_object().into_iter().flatten() {
            let property = &schema["properties"][name];
            assert!(!property.is_null(), "{at}.{name} is not in the schema");
            known(&format!("{at}.{name}"), value, property, root);
        }
        for value in written.as_array().into_iter().flatten() {
            known(&format!("{at}[]"), value, &schema["items"], root);
        }
    }
    known("line", &full(), &schema(), &schema());
}

#[test]
fn what_is_valid_is_so_by_both() {
    assert_valid(&full(), "full");
    assert_valid(&json!({ "schema": "probe-gate-history/1", "targets": [], "rules": [] }), "the least");
    let mut later = full();
    later["key_of_a_later_version"] = json!([1]);
    assert_valid(&later, "keys may be added");
    for pointer in ["/date", "/commit", "/base", "/host", "/ran", "/failure", "/targets/0/figures/0/low"] {
        let mut without = full();
        *without.pointer_mut(pointer).unwrap() = Value::Null;
        assert_valid(&without, pointer);
    }
    for verdict in ["holds", "fails", "no_data"] {
        let mut known = full();
        known["rules"][0]["verdict"] = verdict.into();
        assert_valid(&known, verdict);
    }
}

#[test]
fn what_is_broken_is_refused_by_both() {
    let missing = Value::String("MISSING".into());
    for (pointer, value) in [
        ("/schema", missing.clone()),
        ("/schema", json!("probe-gate-history/2")),
        ("/schema", json!("probe-gate/1")),
        ("/date", json!(1)),
        ("/commit", json!([])),
        ("/host", json!("A 1")),
        ("/host/cores", json!(-1)),
        ("/host/cpu", missing.clone()),
        ("/failure", json!(true)),
        ("/targets", missing.clone()),
        ("/targets/0", json!("a")),
        ("/targets/0/runs", json!(-1)),
        ("/targets/0/runs", json!(1_u64 << 32)),
        ("/targets/0/figures", json!({})),
        ("/targets/0/figures/0/metric", missing.clone()),
        ("/targets/0/figures/0/mean", json!("1")),
        ("/targets/0/figures/0/mean", json!(null)),
        ("/targets/0/figures/0/high", json!("1")),
        ("/rules", json!(null)),
        ("/rules/0/rule", missing.clone()),
        ("/rules/0/verdict", json!("maybe")),
        ("/rules/1/more", missing.clone()),
        ("/rules/1/more", json!(-1)),
        ("/rules/0/about", json!("a")),
    ] {
        let mut broken = full();
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        if value == missing {
            broken.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(name).unwrap();
        } else {
            *broken.pointer_mut(pointer).unwrap() = value.clone();
        }
        let (by_schema, by_reader) = refusals(&broken);
        assert!(
            !by_schema.is_empty(),
            "{pointer} {value}: the schema takes it; the reader says {by_reader:?}"
        );
        let by_reader = by_reader.unwrap_or_else(|| panic!("{pointer} {value}: the reader takes it"));
        assert!(by_reader.starts_with("history.ndjson:1:"), "{by_reader}");
    }
}

fn read(dir: &TempDir, name: &str) -> String {
    fs::read_to_string(dir.path().join(name)).unwrap_or_default()
}

fn lines(dir: &TempDir, name: &str) -> Vec<Value> {
    let lines: Vec<Value> = read(dir, name).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for line in &lines {
        assert_valid(line, name);
    }
    lines
}

/// A gate with a target that counts, and that holds or fails.
fn counting(dir: &TempDir, b: u32) {
    configure(dir, &[reporter(dir.path(), "t", &report(&format!("\"a\":3,\"b\":{b}")))]);
    let config =
        read(dir, "gates.toml").replace("runs = 2", "runs = 5\nhistory = [\"counts.b\", \"counts.none\"]");
    fs::write(dir.path().join("gates.toml"), config).unwrap();
}

#[test]
fn each_session_is_a_line() {
    let dir = TempDir::new().unwrap();
    for b in [3, 4] {
        counting(&dir, b);
        assert_eq!(said(&gate(dir.path(), &["run", "--history", "h.ndjson"])).0, i32::from(b == 4));
    }
    let before = read(&dir, "h.ndjson");
    assert_eq!(said(&gate(dir.path(), &["check", "out/results.json", "--history", "h.ndjson"])).0, 1);
    assert!(read(&dir, "h.ndjson").starts_with(&before), "it only grows");
    let lines = lines(&dir, "h.ndjson");
    assert_eq!(lines.len(), 3);
    for (line, b) in lines.iter().zip([3, 4, 4]) {
        let target = &line["targets"][0];
        assert_eq!((&target["target"], &target["runs"]), (&json!("t"), &json!(5)));
        let figures = target["figures"].as_array().unwrap();
        assert_eq!(figures.len(), 2, "what no run has is no figure: {target}");
        assert_eq!(figures[0]["metric"], "wall_ns");
        let wall: Vec<f64> = ["low", "mean", "high"].map(|key| figures[0][key].as_f64().unwrap()).to_vec();
        assert!(wall[0] <= wall[1] && wall[1] <= wall[2], "{wall:?}");
        let b = f64::from(b);
        assert_eq!(figures[1], json!({ "metric": "counts.b", "mean": b, "median": b, "low": b, "high": b }));
        let verdict = if b > 3.0 { "fails" } else { "holds" };
        assert_eq!(line["rules"], json!([{ "rule": "sums", "verdict": verdict, "about": ["t"] }]));
        assert!(line["host"]["cores"].as_u64().unwrap() > 0 && line["ran"].as_str().unwrap().len() == 64);
    }
    assert_eq!(lines[1]["date"], lines[2]["date"], "it is when they were made");
    assert_eq!(lines[0]["ran"], lines[1]["ran"], "the same files");

    // A run that fails is in it, and results that do not say what they were made of are.
    configure(&dir, &["[[target]]\nname = \"t\"\ncommand = [\"false\"]\n".into()]);
    assert_eq!(said(&gate(dir.path(), &["run", "--history", "h.ndjson"])).0, 4);
    fs::write(dir.path().join("hyperfine.json"), r#"{"results":[{"command":"a b","times":[1.0,3.0]}]}"#)
        .unwrap();
    assert_eq!(said(&gate(dir.path(), &["check", "hyperfine.json", "--history", "h.ndjson"])).0, 3);
    let lines = self::lines(&dir, "h.ndjson");
    assert!(
        lines[3]["failure"].as_str().unwrap().contains("the run failed") && lines[3]["targets"] == json!([])
    );
    assert_eq!(
        lines[4]["targets"][0]["figures"][0],
        json!({ "metric": "wall_ns", "mean": 2e9, "median": 2e9 })
    );
    assert!(lines[4]["date"].is_null() && lines[4]["host"].is_null());
}

#[test]
fn two_commits_are_in_it() {
    let dir = TempDir::new().unwrap();
    counting(&dir, 3);
    let git = |arguments: &[&str]| {
        let mut command = Command::new("git");
        command.current_dir(dir.path()).args(["-c", "user.name=a", "-c", "user.email=a@b"]).args(arguments);
        let output = command.env("GIT_CONFIG_GLOBAL", "/dev/null").output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    git(&["init", "--quiet"]);
    git(&["add", "--all"]);
    git(&["commit", "--quiet", "--message", "m"]);
    let commit = git(&["rev-parse", "HEAD"]);
    fs::write(dir.path().join("t.json"), report(r#""a":3,"b":5"#)).unwrap();
    let arguments = ["compare", "--base", "HEAD", "--history", "h.ndjson"];
    assert_eq!(said(&gate(dir.path(), &arguments)).0, 1);
    let line = &lines(&dir, "h.ndjson")[0];
    assert_eq!((&line["base"], &line["commit"]), (&json!(commit), &json!(commit + "+")));
    let targets = line["targets"].as_array().unwrap();
    assert_eq!((&targets[0]["target"], &targets[1]["target"]), (&json!("t@base"), &json!("t@head")));
    assert_eq!(line["rules"][0], json!({ "rule": "sums", "verdict": "fails", "about": ["t@head"] }));
    assert_eq!(line["rules"][1]["about"], json!(["t@base", "t@head"]));
    let (code, text) = said(&gate(dir.path(), &["history", "h.ndjson"]));
    assert!(code == 0 && text.contains("t@head, counts.b") && text.contains("✗ sums fails"), "{text}");
}

/// A gate that was killed while it added has left half of a line.
#[test]
fn a_line_that_was_cut_off_is_named_and_passed_over() {
    let dir = TempDir::new().unwrap();
    let line = full().to_string();
    let results = r#"{"schema":"probe-gate/1","runs":[{"target":"t","round":1,"wall_ns":1}]}"#;
    fs::write(dir.path().join("results.json"), results).unwrap();
    counting(&dir, 3);
    for cut in [1, 20, line.len() / 2, line.len() - 1, line.len()] {
        let torn = format!("{line}\n{}", &line[..cut]);
        fs::write(dir.path().join("h.ndjson"), &torn).unwrap();
        let (code, text) = said(&gate(dir.path(), &["check", "results.json", "--history", "h.ndjson"]));
        let is_torn = cut < line.len();
        let says = "warning: h.ndjson:2: it was cut off when a gate was killed, and is passed over";
        assert!(code == 3 && text.contains(says) == is_torn, "{cut}: {code} {text}");
        let after = read(&dir, "h.ndjson");
        assert!(after.starts_with(&format!("{torn}\n{{\"schema\"")) && after.ends_with("}\n"), "{after}");
        let (code, text) = said(&gate(dir.path(), &["history", "h.ndjson"]));
        assert!(code == 0 && text.contains(says) == is_torn, "{cut}: {code} {text}");
        let history = History::read(&dir.path().join("h.ndjson")).unwrap();
        assert_eq!(
            (history.sessions.len(), history.cut.len()),
            (3 - usize::from(is_torn), usize::from(is_torn))
        );
        assert_eq!(read(&dir, "h.html").contains("Line 2 was cut off"), is_torn);
    }
    // The twin: a file whose last line is whole has no warning.
    fs::write(dir.path().join("h.ndjson"), format!("{line}\n\n{line}\n")).unwrap();
    let (code, text) = said(&gate(dir.path(), &["history", "h.ndjson"]));
    assert!(code == 0 && !text.contains("warning"), "{text}");
}

/// What is no history is refused, before anything is run, and is as it was.
#[test]
fn a_file_of_something_else_is_not_added_to() {
    let dir = TempDir::new().unwrap();
    counting(&dir, 3);
    fs::create_dir(dir.path().join("folder")).unwrap();
    assert!(Command::new("mkfifo").arg(dir.path().join("pipe")).status().unwrap().success());
    let results = "{\"schema\":\"probe-gate/1\",\"runs\":[]}\n";
    for (name, text, says) in [
        (
            "results.json",
            results,
            "results.json:1:1: its schema is `probe-gate/1`, expected `probe-gate-history/1`",
        ),
        ("list", "[1]\n", "list:1:1: expected a session of a history"),
        ("text", "no json\n", "text:1:"),
        (
            "key",
            "{\"schema\":\"probe-gate-history/1\",\"rules\":[],\"rules\":[]}\n",
            "duplicate field `rules`",
        ),
        ("later", "{\"schema\":\"probe-gate-history/2\"}\n", "its schema is `probe-gate-history/2`"),
        ("middle", "{\"a\":1} {\n", "middle:1:9: "),
        ("folder", "", "cannot add to the history folder: it is there, and not a regular file"),
        ("pipe", "", "cannot add to the history pipe: it is there, and not a regular file"),
        ("/dev/full", "", "cannot add to the history /dev/full: it is there, and not a regular file"),
        ("no/where", "", "cannot add to the history no/where: "),
    ] {
        if !text.is_empty() {
            fs::write(dir.path().join(name), text).unwrap();
        }
        for command in ["run", "check"] {
            let mut arguments = vec![command, "--history", name];
            if command == "check" {
                arguments.push("results.json");
            }
            let (code, said) = said(&gate(dir.path(), &arguments));
            assert!(code == 2 && said.contains(says), "{name}: {code} {said}");
        }
        assert!(!dir.path().join("out/results.json").exists(), "nothing was run");
        if !text.is_empty() {
            assert_eq!(read(&dir, name), text);
            let (code, said) = said(&gate(dir.path(), &["history", name]));
            assert!(code == 2 && said.contains(says), "{name}: {said}");
        }
    }
    fs::write(dir.path().join("nothing"), "\n").unwrap();
    let (code, text) = said(&gate(dir.path(), &["history", "nothing"]));
    assert!(
        code == 2 && text.contains("there is no session in it: add some with `probe-gate run --history"),
        "{text}"
    );
    let (code, text) = said(&gate(dir.path(), &["history", "missing"]));
    assert!(code == 2 && text.contains("cannot read the history missing"), "{text}");
    fs::File::create(dir.path().join("large")).unwrap().set_len((64 << 20) + 1).unwrap();
    for arguments in [&["history", "large"][..], &["run", "--history", "large"]] {
        let (code, text) = said(&gate(dir.path(), arguments));
        assert!(
            code == 2 && text.contains("it is larger than 64 MiB, the most that a history may have"),
            "{text}"
        );
    }
    fs::write(dir.path().join("h"), full().to_string()).unwrap();
    let (code, text) = said(&gate(dir.path(), &["history", "h", "--out", "h"]));
    assert!(code == 2 && text.contains("h is the history: name another file"), "{text}");
    assert_eq!(read(&dir, "h"), full().to_string());
    assert_eq!(said(&gate(dir.path(), &["run", "--history", "h"])).0, 0, "the twin");
}

/// Several gates add to one file, and no line is in another.
#[test]
fn gates_may_add_at_once() {
    const GATES: usize = 16;
    let dir = TempDir::new().unwrap();
    counting(&dir, 3);
    let runs: Vec<Value> =
        (0..200).map(|at| json!({ "target": format!("t{at}"), "round": 1, "wall_ns": 1 })).collect();
    fs::write(dir.path().join("results.json"), json!({ "schema": "probe-gate/1", "runs": runs }).to_string())
        .unwrap();
    let start = |_| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_probe-gate"));
        command.current_dir(dir.path()).args(["check", "results.json", "--history", "h.ndjson"]);
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    };
    let children: Vec<_> = (0..GATES).map(start).collect();
    for mut child in children {
        assert_eq!(child.wait().unwrap().code(), Some(3));
    }
    let lines = lines(&dir, "h.ndjson");
    assert_eq!(lines.len(), GATES);
    assert!(lines.iter().all(|line| line["targets"].as_array().unwrap().len() == 200));
}

/// Sessions of two machines, of which one fails a rule and one has a run that failed.
fn sessions(name: &str) -> History {
    let line = |at: u32, cores: u32, mean: f64, verdict: &str| {
        json!({
            "schema": "probe-gate-history/1", "date": format!("2026-11-{at:02}T00:00:00Z"), "commit": format!("{at:040x}"),
            "host": { "os": "linux", "arch": "x86_64", "cpu": name, "cores": cores },
            "targets": [{ "target": name, "runs": 6, "figures": [
                { "metric": "wall_ns", "mean": mean, "median": mean, "low": mean - 1e6, "high": mean + 1e6 },
                { "metric": format!("counts.{name}"), "mean": 7.0, "median": 7.0 },
            ] }],
            "rules": [{ "rule": name, "verdict": verdict, "about": [name] }],
        })
    };
    let mut failed = line(4, 8, 1.0, "holds");
    failed["targets"] = json!([]);
    failed["failure"] = format!("{name}: the run failed").into();
    let lines = [
        line(1, 4, 100e6, "holds"),
        line(2, 4, 150e6, "fails"),
        line(3, 8, 50e6, "holds"),
        failed,
        line(5, 8, 55e6, "holds"),
    ];
    let text = lines.map(|line| line.to_string()).join("\n");
    History::parse(text.as_bytes(), Path::new("h")).unwrap()
}

/// What the script of a page draws.
fn data(page: &str) -> Value {
    let data = page.split("<script type=\"application/json\" id=\"data\">").nth(1).unwrap();
    serde_json::from_str(data.split("</script>").next().unwrap()).unwrap()
}

#[test]
fn each_number_is_drawn_over_the_sessions() {
    let page = artifacts::history(&sessions("link"));
    let data = data(&page);
    assert_eq!(data["sessions"][1], "0000000 2026-11-02");
    let charts = data["charts"].as_array().unwrap();
    assert_eq!(charts.len(), 2);
    let wall = &charts[0];
    assert_eq!(wall["unit"], json!({ "name": "ms", "by": 1e6 }));
    let points: Vec<_> = wall["points"]
        .as_array()
        .unwrap()
        .iter()
        .map(|point| json!([point[0], point[1], point[3]]))
        .collect();
    assert_eq!(
        points,
        [json!([0, 1e8, 99e6]), json!([1, 15e7, 149e6]), json!([2, 5e7, 49e6]), json!([4, 55e6, 54e6])]
    );
    let wrong: Vec<_> =
        wall["wrong"].as_array().unwrap().iter().map(|mark| json!([mark[0], mark[1]])).collect();
    assert_eq!(wrong, [json!([1, 15e7]), json!([3, null])], "a rule that failed, and a run that did");
    assert_eq!(wall["machines"], json!([[1.5, "link, 8 cores, linux x86_64"]]));
    let says = wall["points"][1][5].as_array().unwrap();
    assert!(
        says.contains(&json!("+50.0 % since the session before that has this number"))
            && says.contains(&json!("✗ link fails")),
        "{says:?}"
    );
    let first_of_machine = wall["points"][2][5].as_array().unwrap();
    assert!(
        !first_of_machine
            .iter()
            .any(|said| said.as_str().unwrap().contains('%') && said.as_str().unwrap().contains("since"))
    );
    assert_eq!(charts[1]["points"][0][3], Value::Null, "of few runs there is no band");
    // The same where no script runs, the newest first.
    let read = page.split("<footer>").next().unwrap();
    for part in [
        "<caption>link, wall_ns (ms)</caption>",
        "<th scope=\"row\">0000000 2026-11-02</th><td class=\"number\">6</td><td class=\"number\">150</td>",
        "<td class=\"number\">+50.0 %</td><td>link, 4 cores, linux x86_64</td><td>link fails</td>",
        "every rule holds",
    ] {
        assert!(read.contains(part), "{part}: {read}");
    }
    assert!(read.find("2026-11-05</th>") < read.find("2026-11-01</th>"));
    // The last session is what is said first.
    let mut last = sessions("link");
    last.sessions.truncate(2);
    assert!(artifacts::history(&last).contains("sentence wrong\">✗ 0000000 2026-11-02: link fails"));
}

/// A history is bounded: what is not drawn is said.
#[test]
fn a_long_history_is_drawn_from_its_end() {
    let mut history = sessions("link");
    history.sessions.truncate(1);
    let session = history.sessions[0].clone();
    let few = artifacts::history(&history);
    history.sessions = vec![session; 700];
    let page = artifacts::history(&history);
    let data = data(&page);
    assert_eq!(data["charts"][0]["points"].as_array().unwrap().len(), 500);
    assert_eq!((&data["charts"][0]["points"][0][0], &data["first"]), (&json!(200), &json!(200)));
    assert!(page.contains("200 sessions before these are not drawn") && !few.contains("not drawn"));
    // Many numbers of one session, in order.
    history.sessions.truncate(1);
    let target = history.sessions[0].targets[0].clone();
    let named = |at: usize| {
        let mut target = target.clone();
        target.target = format!("link-{at}");
        target
    };
    history.sessions[0].targets = (0..40).map(named).collect();
    let page = artifacts::history(&history);
    assert_eq!(self::data(&page)["charts"].as_array().unwrap().len(), 60);
    assert!(page.contains("20 more numbers are not drawn"));
    let text = terminal::history(&history, 80);
    assert!(
        text.contains("68 more numbers are not shown here") && text.contains("link-5, counts.link"),
        "{text}"
    );
    assert!(text.find("link-0, counts.link") < text.find("link-1, wall_ns"));
}

const HOSTILE: &str = "</script><img src=x onerror=alert(1)>\"'&\u{2028}\u{1b}[2J::error::x";

#[test]
fn hostile_names_are_text() {
    let page = artifacts::history(&sessions(HOSTILE));
    let before = &page[..page.find("<script id=\"library\">").unwrap()];
    assert!(!before.contains("<img") && before.matches("</script>").count() == 1);
    assert_eq!(
        page.matches("<script").count(),
        artifacts::history(&sessions("t")).matches("<script").count()
    );
    assert!(page.contains("Content-Security-Policy\" content=\"default-src 'none';"));
    for outside in [" src=", "@import", "url(", "<link rel=\"stylesheet\"", "<iframe"] {
        let text = artifacts::history(&sessions("t"));
        assert!(!text[..text.find("<script id=\"library\">").unwrap()].contains(outside), "{outside}");
    }
    for columns in [20, 40, 80, 200] {
        let text = terminal::history(&sessions(HOSTILE), columns);
        assert!(
            !text.contains('\u{1b}') && !text.lines().any(|line| line.trim_start().starts_with("::")),
            "{text}"
        );
        assert!(text.lines().all(|line| line.chars().count() <= columns), "{columns}: {text}");
    }
}

#[test]
fn the_terminal_has_the_last_sessions() {
    let expected = "link, wall_ns\n\
        \x20 0000000 2026-11-01   100 ms  [99.0 ms, 101 ms]\n\
        \x20 0000000 2026-11-02   150 ms  [149 ms, 151 ms]    +50.0 %  ✗ link fails\n\
        \x20 -- another machine: link, 8 cores, linux x86_64\n\
        \x20 0000000 2026-11-03  50.0 ms  [49.0 ms, 51.0 ms]\n\
        \x20 0000000 2026-11-04  no data                               ✗ link: the run failed\n\
        \x20 0000000 2026-11-05  55.0 ms  [54.0 ms, 56.0 ms]  +10.0 %\n";
    let text = terminal::history(&sessions("link"), 100);
    assert_eq!(text.split("link, counts.link").next().unwrap(), expected);
    let mut many = sessions("link");
    many.sessions = vec![many.sessions[0].clone(); 20];
    assert!(terminal::history(&many, 80).contains("12 sessions before these are not shown here"));
}

/// In a browser, if there is one: every chart is drawn, and nothing is complained about.
#[test]
fn a_browser_draws_it() {
    let dir = TempDir::new().unwrap();
    fs::write(dir.path().join("h.html"), artifacts::history(&sessions(HOSTILE))).unwrap();
    let mut browser = Command::new("chromium");
    browser.args([
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--no-first-run",
        "--disable-background-networking",
    ]);
    browser.args(["--enable-logging=stderr", "--virtual-time-budget=10000", "--dump-dom"]);
    browser.arg(format!("--user-data-dir={}", dir.path().join("profile").display()));
    let Ok(shown) = browser.arg(format!("file://{}", dir.path().join("h.html").display())).output() else {
        println!("left out: there is no `chromium` on this machine");
        return;
    };
    let [dom, log] = [shown.stdout, shown.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
    assert!(shown.status.success() && !log.contains("CONSOLE"), "{log}");
    let body = dom.split("<footer>").next().unwrap();
    assert!(body.matches("<canvas").count() == 2 && !body.contains("<img"), "{body}");
}

/// README's example, as it stands there.
#[test]
fn the_example_of_the_readme_is_drawn() {
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let section = readme.split("\n## History\n").nth(1).unwrap().split("\n## ").next().unwrap();
    let block =
        |kind: &str| section.split(&format!("```{kind}\n")).nth(1).unwrap().split("```").next().unwrap();
    let dir = TempDir::new().unwrap();
    let target = reporter(dir.path(), "t", &report(r#""cold":3"#));
    fs::write(dir.path().join("gates.toml"), format!("{}runs = 2\n{target}", block("toml"))).unwrap();
    for command in block("sh").lines() {
        let arguments: Vec<&str> = command.split(' ').filter(|argument| *argument != "--open").collect();
        assert_eq!(arguments[0], "probe-gate");
        let (code, text) = said(&gate(dir.path(), &arguments[1..]));
        assert!([0, 3].contains(&code), "{command}: {text}");
    }
    let history = History::read(&dir.path().join("history.ndjson")).unwrap();
    let SessionLine { targets, .. } = &history.sessions[0];
    let metrics: Vec<_> = targets[0].figures.iter().map(|figure| figure.metric.as_str()).collect();
    assert_eq!(metrics, ["wall_ns", "counts.cold", "involuntary_switches"]);
    assert!(read(&dir, "history.html").contains("t, counts.cold"));
}
