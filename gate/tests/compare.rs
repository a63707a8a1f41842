//! What `probe-gate compare` compares: two commits beside one another, in real repositories of git.
#![cfg(unix)]

mod support;

use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::Command;
use support::repository::{COMPARE, Repository, TARGET, git};
use support::{RULE, gate, report, said};
use tempfile::TempDir;

#[test]
fn two_commits_are_run_in_pairs_and_the_head_is_judged() {
    let repository = Repository::new(r#""a":1,"b":1"#, 100_000);
    let base = git(repository.path(), &["rev-parse", "HEAD"]);
    let head = repository.commit(r#""a":2,"b":2"#, 101_000);
    let (code, text) = repository.compare(&["--base", "HEAD~1", "--head", "HEAD", "--runs", "6"]);
    assert_eq!(code, 0, "{text}");
    for says in [
        &format!("base {base}, head {head}"),
        "sums: holds",
        "link: report_ns of head over base: holds",
        "link@head takes 1.010 [1.010, 1.010] times as long as link@base, at most 1.050 is allowed",
    ] {
        assert!(text.contains(says), "{says}: {text}");
    }
    let results = repository.results();
    let order: Vec<_> =
        results["runs"].as_array().unwrap().iter().map(|run| run["target"].as_str().unwrap()).collect();
    let round = ["link@base", "link@head", "link@head", "link@base"];
    assert_eq!(order, [round, round, round].concat(), "A B B A");
    for run in results["runs"].as_array().unwrap() {
        let expected = if run["target"] == "link@base" { 1 } else { 2 };
        assert_eq!(run["report"]["counts"]["a"], expected, "each is of its commit");
    }
    let made = &results["made"];
    assert_eq!(
        (&made["compared"]["base"], &made["compared"]["head"]),
        (&base.clone().into(), &head.clone().into())
    );
    assert_eq!(made["commit"], head.as_str());
    for name in ["index.html", "summary.md", "junit.xml"] {
        assert!(
            repository.read(&format!("out/{name}")).contains(&base),
            "{name} does not say what it is compared with"
        );
    }
    // The symbolic path of a temporary directory may be another one.
    assert!(repository.read("out/runs/link@base-1.log").trim().ends_with("out/checkouts/base"));
    assert!(repository.read("out/runs/link@head-1.log").trim().ends_with("out/checkouts/head"));
    repository.is_clean();
    // What was compared can be judged again, and is not gone on with as if it were of one commit.
    let (code, text) = said(&gate(repository.path(), &["check", "out/results.json"]));
    assert!(code == 0 && text.contains("link: report_ns of head over base: holds"), "{text}");
    let (code, text) = said(&gate(repository.path(), &["run", "--resume"]));
    assert!(
        code == 2 && text.contains("two commits were compared there; start again without --resume"),
        "{text}"
    );
}

/// The same code is as it was, also with changes that are in no commit.
#[test]
fn the_head_is_the_work_tree_as_it_stands() {
    let repository = Repository::new(r#""a":1,"b":1"#, 100_000);
    let base = git(repository.path(), &["rev-parse", "HEAD"]);
    let (code, text) = repository.compare(&["--base", "HEAD"]);
    assert_eq!(code, 0, "{text}");
    assert_eq!(repository.results()["made"]["compared"]["head"], base.as_str());
    repository.report(r#""a":1,"b":2"#, 100_000);
    let (code, text) = repository.compare(&["--base", "HEAD"]);
    assert_eq!(code, 1, "{text}");
    let says = "sums: fails\n    link@head, round 1: counts.a is 1, and counts.b is 2; new: it holds in the base commit";
    assert!(text.contains(says), "{text}");
    assert_eq!(repository.results()["made"]["compared"]["head"], format!("{base}+").as_str());
    let judgements: Value = serde_json::from_str(&repository.read("out/judgements.json")).unwrap();
    assert_eq!(judgements[0]["in_base"]["verdict"], "holds");
    // It was run where it is.
    assert!(!repository.read("out/runs/link@head-1.log").contains("checkouts"));
    repository.is_clean();
}

#[test]
fn what_fails_in_both_is_not_new() {
    let repository = Repository::new(r#""a":1,"b":2"#, 100_000);
    for (counts, code, says) in [
        (r#""a":1,"b":3"#, 1, "counts.b is 3; not new: it fails in the base commit as well"),
        (r#""a":3,"b":3"#, 0, "sums: holds"),
    ] {
        repository.report(counts, 100_000);
        let (found, text) = repository.compare(&["--base", "HEAD"]);
        assert!(found == code && text.contains(says), "{says}: {found} {text}");
        assert_eq!(repository.read("out/summary.md").contains("not new"), code == 1);
        let (found, text) = said(&gate(repository.path(), &["check", "out/results.json"]));
        assert!(found == code && text.contains(says), "{says}: {found} {text}");
    }
    // Of a rule without data in the base it is not known.
    repository.commit(r#""a":1"#, 100_000);
    repository.report(r#""a":1,"b":3"#, 100_000);
    let (code, text) = repository.compare(&["--base", "HEAD"]);
    assert!(
        code == 1 && text.contains("it is not known whether this is new: there is no data of the base"),
        "{text}"
    );
}

#[test]
fn a_head_that_is_slower_than_its_base_fails() {
    let repository = Repository::new(r#""a":1,"b":1"#, 100_000);
    for (wall_ns, at_most, code, verdict) in [
        (104_000, "", 0, "holds"),
        (106_000, "", 1, "fails"),
        (106_000, "at_most = 1.1\n", 0, "holds"),
        (50_000, "at_most = 0.4\n", 1, "fails"),
    ] {
        repository.configure(&format!("{COMPARE}{at_most}"));
        repository.report(r#""a":1,"b":1"#, wall_ns);
        let (found, text) = repository.compare(&["--base", "HEAD"]);
        let says = format!("link: report_ns of head over base: {verdict}");
        assert!(found == code && text.contains(&says), "{wall_ns} {at_most}: {found} {text}");
    }
    // Several metrics, each in a rule of its own; and times of the process, unless told otherwise.
    repository.configure("[compare]\nmetrics = [\"counts.a\", \"report_ns\"]\n");
    let (code, text) = repository.compare(&["--base", "HEAD", "--rule", "link: *"]);
    assert!(
        code == 0 && text.contains("link: counts.a of head over base: holds") && !text.contains("sums"),
        "{text}"
    );
    repository.configure("");
    let (_, text) = repository.compare(&["--base", "HEAD", "--runs", "1"]);
    assert!(text.contains("link: wall_ns of head over base: cannot tell yet"), "{text}");
}

#[test]
fn each_commit_is_built_once() {
    let repository = Repository::new(r#""a":1,"b":1"#, 100_000);
    let build = format!("{COMPARE}build = [\"sh\", \"build.sh\"]\n");
    repository.configure(&build);
    repository.write("link.sh", "cat built > $CONCURRENCY_PROBE_REPORT\n");
    repository.write("build.sh", "cp report.json built; echo built in $(pwd); echo once >> times\n");
    repository.write(".gitignore", "out\nbuilt\ntimes\n");
    repository.commit(r#""a":1,"b":1"#, 100_000);
    let (code, text) = repository.compare(&["--base", "HEAD"]);
    assert_eq!(code, 0, "{text}");
    assert_eq!(repository.read("times"), "once\n");
    assert!(repository.read("out/runs/+build-base.log").trim().ends_with("out/checkouts/base"));
    assert!(!repository.read("out/runs/+build-head.log").contains("checkouts"));

    // A base that does not build, and its twin, a head that does not.
    repository.write("build.sh", "echo the linker is not there; exit 3\n");
    let (code, text) = repository.compare(&["--base", "HEAD"]);
    let says = "error: the build of the head commit failed (exit status: 3)\n    | the linker is not there\n";
    assert!(code == 4 && text.contains(says), "{code} {text}");
    repository.commit(r#""a":1,"b":1"#, 100_000);
    repository.write("build.sh", "cp report.json built\n");
    let (code, text) = repository.compare(&["--base", "HEAD", "--format", "json"]);
    assert!(
        code == 4 && text.contains("error: the build of the base commit failed (exit status: 3)"),
        "{code} {text}"
    );
    for name in ["out/index.html", "out/summary.md", "out/junit.xml", "out/results.json"] {
        assert!(repository.read(name).contains("the linker is not there"), "{name}");
    }
    repository.is_clean();
    repository.configure(&build.replace("\"sh\", \"build.sh\"", "\"./not-there\""));
    let (code, text) = repository.compare(&["--base", "HEAD"]);
    assert!(code == 4 && text.contains("the build of the base commit cannot be started: "), "{text}");
    repository.configure(&format!("{build}build_timeout_s = 0.2\n"));
    repository.write("build.sh", "sleep 999\n");
    repository.commit(r#""a":1,"b":1"#, 100_000);
    let (code, text) = repository.compare(&["--base", "HEAD"]);
    assert!(code == 4 && text.contains("the build of the base commit did not end in 0.2 s"), "{text}");
    repository.is_clean();
}

/// Without `--base` it is where the head left the default branch.
#[test]
fn the_base_is_the_merge_base_unless_told() {
    let repository = Repository::new(r#""a":1,"b":1"#, 100_000);
    let base = git(repository.path(), &["rev-parse", "HEAD"]);
    let (code, text) = repository.compare(&[]);
    assert!(code == 2 && text.contains("the merge base with main is the head commit itself"), "{text}");
    repository.report(r#""a":2,"b":2"#, 100_000);
    let (code, text) = repository.compare(&[]);
    assert!(code == 0 && text.contains(&format!("base {base}, head {base}+")), "{text}");
    git(repository.path(), &["switch", "--quiet", "--create", "topic"]);
    let head = repository.commit(r#""a":2,"b":2"#, 100_000);
    git(repository.path(), &["switch", "--quiet", "main"]);
    repository.commit(r#""a":9,"b":9"#, 100_000);
    git(repository.path(), &["switch", "--quiet", "topic"]);
    let (code, text) = repository.compare(&[]);
    assert!(code == 0 && text.contains(&format!("base {base}, head {head}")), "{text}");
    git(repository.path(), &["branch", "--quiet", "--move", "main", "trunk"]);
    let (code, text) = repository.compare(&[]);
    assert!(code == 2 && text.contains("there is no default branch (origin/HEAD, main or master)"), "{text}");
    git(repository.path(), &["checkout", "--quiet", "--orphan", "main"]);
    repository.commit(r#""a":2,"b":2"#, 100_000);
    git(repository.path(), &["switch", "--quiet", "topic"]);
    let (code, text) = repository.compare(&[]);
    assert!(code == 2 && text.contains("there is no merge base with main"), "{text}");
}

/// Wrong input is one sentence that says what to do.
#[test]
fn input_that_cannot_be_compared_is_named() {
    let dir = TempDir::new().unwrap();
    fs::write(dir.path().join("gates.toml"), format!("{TARGET}{RULE}")).unwrap();
    let (code, text) = said(&gate(dir.path(), &["compare", "--base", "HEAD"]));
    assert!(
        code == 2 && text.contains("is not in a work tree of git") && text.lines().count() == 1,
        "{text}"
    );
    git(dir.path(), &["init", "--quiet"]);
    let (code, text) = said(&gate(dir.path(), &["compare", "--base", "HEAD"]));
    assert!(code == 2 && text.contains("there is no commit `HEAD`"), "{text}");
    let mut command = Command::new(env!("CARGO_BIN_EXE_probe-gate"));
    command.current_dir(dir.path()).args(["compare", "--base", "HEAD"]).env("PATH", "/nonexistent");
    let (code, text) = said(&command.output().unwrap());
    assert!(code == 2 && text.contains("git cannot be started") && text.contains("install it"), "{text}");

    let repository = Repository::new(r#""a":1,"b":1"#, 100_000);
    for (arguments, says) in [
        (&["--base", "nowhere"][..], "there is no commit `nowhere`"),
        (&["--base", "HEAD", "--head", "nowhere"], "there is no commit `nowhere`"),
        (&["--base", ""], "there is no commit ``"),
        (&["--base=--output=stolen"], "no name of a commit begins with `-`"),
        (&["--base", "HEAD:report.json"], "there is no commit `HEAD:report.json`"),
        (&["--base", "$(touch stolen)"], "there is no commit `$(touch stolen)`"),
        (&["--base", "a\nb\u{1b}[2J"], r"there is no commit `a\nb\u{1b}[2J`"),
        (&["--base", "HEAD", "--target", "lin"], "there is no target `lin`; did you mean `link`?"),
        (&["--base", "HEAD", "--rule", "sum"], "there is no rule `sum`; did you mean `sums`?"),
        (&["--base", "HEAD", "--until-decided"], "give --budget SECONDS"),
        (&["--base", "HEAD", "--config", "none.toml"], "cannot read none.toml"),
    ] {
        let (code, text) = repository.compare(arguments);
        assert!(code == 2 && text.contains(says), "{arguments:?}: {code} {text}");
        assert_eq!(text.lines().count(), 1, "{text}");
        assert!(!repository.path().join("stolen").exists());
    }
    for (compare, says) in [
        ("[compare]\nat_most = 0\n", "`at_most` of `[compare]` is 0"),
        ("[compare]\nbuilt = []\n", "`built` is not known here; did you mean `build`?"),
        ("[compare]\nmetrics = [\"wall\"]\n", "there is no metric `wall`; did you mean `wall_ns`?"),
        ("[compare]\nmetrics = [\"wall_ns\", \"wall_ns\"]\n", "has `wall_ns` twice"),
        ("[compare]\nbuild_timeout_s = 0\n", "`build_timeout_s` is 0"),
    ] {
        repository.configure(compare);
        let (code, text) = repository.compare(&["--base", "HEAD"]);
        assert!(code == 2 && text.contains(says), "{compare}: {code} {text}");
    }
    // The directory of the configuration is not in the base; that of a target neither.
    fs::create_dir(repository.path().join("gate")).unwrap();
    repository.configure(COMPARE);
    let config = repository.read("gates.toml");
    repository
        .write("gate/gates.toml", &config.replace("\"out\"", "\"../out\"").replace("link.sh", "../link.sh"));
    let (code, text) = repository.compare(&["--base", "HEAD", "--config", "gate/gates.toml"]);
    assert!(code == 2 && text.contains("has no directory gate/, in which the configuration is"), "{text}");
    repository.is_clean();
    repository.write("gates.toml", &config.replace("\"link.sh\"]", "\"new.sh\"]\nreports = false"));
    repository.write("new.sh", "true");
    let (code, text) = repository.compare(&["--base", "HEAD"]);
    assert!(
        code == 4 && text.contains("if that commit does not have link, leave it out with --target"),
        "{code} {text}"
    );
    repository.is_clean();
}

/// The configuration of the head is used for both, wherever in the repository it is, and in whatever directory.
#[test]
fn the_configuration_may_be_new() {
    let repository = Repository::new(r#""a":1,"b":1"#, 100_000);
    let config = repository.read("gates.toml");
    let sub = "it's a \"dir\" $x";
    fs::create_dir(repository.path().join(sub)).unwrap();
    repository
        .write(&format!("{sub}/report.json"), &report(r#""a":5,"b":5"#).replace("_ns\":1", "_ns\":1000"));
    git(repository.path(), &["rm", "--quiet", "--cached", "gates.toml"]);
    repository.commit(r#""a":1,"b":1"#, 100_000);
    git(repository.path(), &["rm", "--quiet", "--cached", "gates.toml"]);
    git(repository.path(), &["commit", "--quiet", "--message", "no configuration"]);
    repository.write(&format!("{sub}/gates.toml"), &config.replace("link.sh", "../link.sh"));
    repository.write(&format!("{sub}/.gitignore"), "out\n");
    let (code, text) = repository.compare(&["--base", "HEAD", "--config", &format!("{sub}/gates.toml")]);
    assert_eq!(code, 0, "{text}");
    let results: Value = serde_json::from_str(&repository.read(&format!("{sub}/out/results.json"))).unwrap();
    for run in results["runs"].as_array().unwrap() {
        assert_eq!(run["report"]["counts"]["a"], 5, "it is run where the configuration is");
    }
    repository.is_clean();
}

/// A new file that git does not ignore is part of the work tree as it stands, and of no commit. In a history each commit has its own numbers.
#[test]
fn a_new_file_is_a_change() {
    let repository = Repository::new(r#""a":1,"b":1"#, 100_000);
    let commit = git(repository.path(), &["rev-parse", "HEAD"]);
    let (code, text) = repository.compare(&[]);
    assert!(code == 2 && text.contains("nothing is changed"), "the twin: {text}");
    repository.write("new.rs", "");
    let (code, text) = repository.compare(&["--history", "history.ndjson"]);
    assert!(code == 0 && text.contains(&format!("base {commit}, head {commit}+")), "{text}");
    let (_, text) = said(&gate(repository.path(), &["history", "history.ndjson"]));
    let (base, head) = text.split_once("link@head").unwrap();
    let short = &commit[..7];
    assert!(base.contains(&format!("{short} ")) && head.contains(&format!("{short}+ ")), "{text}");
}

/// Every rule is about the head: those of a matrix, of patterns, and those that compare with a baseline.
#[test]
fn rules_of_every_kind_are_about_the_head() {
    let repository = Repository::new(r#""a":1,"b":1"#, 100_000);
    let config = "[run]\nruns = 5\nwarmups = 0\nout = \"out\"\n[compare]\nmetrics = [\"report_ns\"]\n\
        [[target]]\nname = \"link\"\ncommand = [\"sh\", \"link.sh\", \"{n}\"]\nmatrix = { n = [1, 4] }\n\
        [[rule]]\nname = \"scales\"\nwhy = \"w\"\nkind = \"scaling\"\ntarget = \"link\"\nparameter = \"n\"\nfrom = 1\nto = 4\n\
        metric = \"report_ns\"\nat_least = 1.5\n\
        [[rule]]\nname = \"no more\"\nwhy = \"w\"\nkind = \"delta\"\ntarget = \"link.n-1\"\nmetric = \"report_ns\"\nat_most = 0.1\n";
    repository.write("gates.toml", config);
    let script = |four: u32| {
        format!("sed s/100000/$(($1 == 4 ? {four} : 102000))/ report.json > $CONCURRENCY_PROBE_REPORT\n")
    };
    repository.write("link.sh", &script(50_000));
    repository.commit(r#""a":1,"b":1"#, 100_000);
    assert_eq!(said(&gate(repository.path(), &["run", "--skip", "no more"])).0, 0);
    fs::copy(repository.path().join("out/results.json"), repository.path().join("baseline.json")).unwrap();
    for (four, code, says) in [(50_000, 0, "scales: holds"), (90_000, 1, "scales: fails")] {
        repository.write("link.sh", &script(four));
        let (found, text) = repository.compare(&["--base", "HEAD", "--baseline", "baseline.json"]);
        assert!(
            found == code && text.contains(says) && text.contains("no more: holds"),
            "{four}: {found} {text}"
        );
        assert_eq!(text.contains("new: it holds in the base commit"), code == 1, "{text}");
    }
    // A baseline is one of both commits, wherever they are checked out.
    repository.write("link.sh", &script(50_000).replace("102000", "204000"));
    git(repository.path(), &["commit", "--quiet", "--all", "--message", "slower"]);
    for head in ["HEAD", "HEAD~1"] {
        let arguments =
            ["--base", "HEAD~1", "--head", head, "--baseline", "baseline.json", "--rule", "no more"];
        let (code, text) = repository.compare(&arguments);
        let says = if head == "HEAD" { "; new: it holds in the base commit" } else { "no more: holds" };
        assert!(code == i32::from(head == "HEAD") && text.contains(says), "{head}: {code} {text}");
    }
}

/// Rounds are made until the two commits are told apart.
#[test]
fn commits_are_compared_until_it_is_decided() {
    let repository = Repository::new(r#""a":1,"b":1"#, 100_000);
    repository.report(r#""a":1,"b":1"#, 200_000);
    let (code, text) = repository.compare(&["--base", "HEAD", "--until-decided", "--budget", "600"]);
    assert_eq!(code, 1, "{text}");
    assert_eq!(repository.results()["runs"].as_array().unwrap().len(), 12);
}

/// How often so many sessions of ten pairs of equal programs are shown to be within a bound, if pairs vary by 3.5 %.
fn shown_to_be_equal(at_most: &str) -> usize {
    use concurrency_probe_gate::{CheckoutDirs, Config, Results, Run, Verdict, judge};
    use rand::{Rng, SeedableRng};
    use std::time::Duration;
    let text = format!("[compare]\nat_most = {at_most}\n[[target]]\nname = \"t\"\ncommand = [\"t\"]\n");
    let config = Config::parse(&text, Path::new("gates.toml")).unwrap();
    let [root, prefix, base, head] = ["/r", "", "b", ""].map(Path::new);
    let config = config.of_commits(CheckoutDirs { root, prefix, dirs: [base, head] }).unwrap();
    let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(1);
    // Box and Muller's way to a normal number. Each of a pair has half of the variance.
    let mut time = || {
        let (radius, angle): (f64, f64) = (random.random_range(1e-9..1.0), random.random_range(0.0..1.0));
        let normal = (-2.0 * radius.ln()).sqrt() * (std::f64::consts::TAU * angle).cos();
        Duration::from_secs_f64(0.1 * (0.035 / 2.0_f64.sqrt() * normal).exp()).subsec_nanos().into()
    };
    let session = |_: &usize| {
        let pair = |round: u32| ["t@base", "t@head"].map(|target| Run::of(target, round, time()));
        let results = Results::of_runs((1..=10).flat_map(pair).collect());
        judge(&config, &results, None)[0].verdict == Verdict::Holds
    };
    (0..200).filter(session).count()
}

/// What the documentation says of the default: it can be shown, and 1 cannot.
#[test]
fn the_bound_is_one_that_ten_pairs_can_show() {
    let [default, one] = ["1.05", "1.0"].map(shown_to_be_equal);
    println!("within 5 %: {default} of 200, within nothing: {one}");
    assert!(default >= 180 && one <= 10, "{default} {one}");
}

/// README's example, as it stands there.
#[test]
fn the_example_of_the_readme_compares() {
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let section = readme.split("\n## Two commits\n").nth(1).unwrap().split("\n## ").next().unwrap();
    let block =
        |kind: &str| section.split(&format!("```{kind}\n")).nth(1).unwrap().split("```").next().unwrap();
    let repository = Repository::new(r#""a":1,"b":1"#, 100_000);
    repository.write("gates.toml", block("toml"));
    repository.write(".gitignore", "target\n");
    // In the place of a compiler: what it builds takes so long that no noise hides which one it is.
    repository.write("link.rs", "0.1\n");
    let cargo = "#!/bin/sh\nmkdir -p target/release\nprintf '#!/bin/sh\\nsleep %s\\n' \"$(cat link.rs)\" > target/release/link\n\
                 chmod +x target/release/link\n";
    repository.write("cargo", cargo);
    fs::set_permissions(repository.path().join("cargo"), std::os::unix::fs::PermissionsExt::from_mode(0o755))
        .unwrap();
    repository.commit(r#""a":1,"b":1"#, 100_000);
    repository.write("link.rs", "0.6\n");
    repository.commit(r#""a":1,"b":1"#, 100_000);
    for command in block("sh").lines() {
        let command = command.split('#').next().unwrap().trim();
        let arguments: Vec<&str> = command.split(' ').collect();
        assert_eq!(arguments[..2], ["probe-gate", "compare"]);
        let path = format!("{}:{}", repository.path().display(), std::env::var("PATH").unwrap());
        let mut gate = Command::new(env!("CARGO_BIN_EXE_probe-gate"));
        gate.current_dir(repository.path())
            .args(&arguments[1..])
            .args(["--base", "HEAD~1"])
            .env("PATH", path);
        let (code, text) =
            said(&gate.env_remove("GITHUB_ACTIONS").env_remove("GITHUB_STEP_SUMMARY").output().unwrap());
        assert!(
            code == 1 && text.contains("link: wall_ns of head over base: fails"),
            "{command}: {code} {text}"
        );
    }
}
