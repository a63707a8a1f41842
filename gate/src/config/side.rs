//! `Side`: one of two commits that are compared, and what a configuration is for both.

use super::{Asks, Config, RuleConfig, TargetConfig, Value};
use std::path::{Component, Path};

/// One of two commits that are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The one that is compared with.
    Base,
    /// The one that is judged.
    Head,
}

/// Where two commits are checked out.
#[derive(Clone, Copy, Debug)]
pub struct CheckoutDirs<'a> {
    /// The root of the repository.
    pub root: &'a Path,
    /// The directory of the configuration, relative to the root.
    pub prefix: &'a Path,
    /// The directory of the configuration in the checkout of the base and of the head, relative to the configuration.
    pub dirs: [&'a Path; 2],
}

impl Side {
    /// Both, in the order in which their targets are run.
    pub const BOTH: [Side; 2] = [Side::Base, Side::Head];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Side::Base => "base",
            Side::Head => "head",
        }
    }

    /// The name of a target on this side: `link@head`. No target of a configuration may have an `@` in its name.
    pub fn of(self, target: &str) -> String {
        format!("{target}@{}", self.name())
    }
}

/// A name without its side, if it has one.
pub(crate) fn without_side(name: &str) -> &str {
    Side::BOTH.iter().find_map(|side| name.strip_suffix(side.name())?.strip_suffix('@')).unwrap_or(name)
}

impl RuleConfig {
    /// The same rule about the targets of one side.
    #[must_use]
    pub fn of_side(&self, side: Side) -> Self {
        let mut rule = self.clone();
        match &mut rule.asks {
            Asks::Ratio { target, over, .. } => {
                for name in [target, over] {
                    *name = side.of(name);
                }
            }
            Asks::Delta { target, .. } => *target = side.of(target),
            // The name of an expanded target ends with the value of its parameter. The side comes after it.
            Asks::Scaling { from, to, .. } => {
                for value in [from, to] {
                    *value = Value::Text(side.of(&value.to_string()));
                }
            }
            Asks::Metric { target, .. }
            | Asks::Conserve { target, .. }
            | Asks::Parallelism { target, .. }
            | Asks::Concurrent { target, .. }
            | Asks::Findings { target, .. } => *target = Some(side.of(target.as_deref().unwrap_or("*"))),
        }
        rule
    }
}

impl Config {
    /// The configuration by which two commits are compared. Each target is there once for each checkout. Every rule is about the targets of the
    /// head. For each target there is one more rule: how long the head takes over the base.
    ///
    /// # Errors
    ///
    /// If a target would run the same program in both checkouts, as a sentence.
    pub fn of_commits(&self, checkouts: CheckoutDirs<'_>) -> Result<Config, String> {
        self.targets.iter().try_for_each(|target| is_in_a_checkout(target, checkouts))?;
        Ok(self.of_sides(checkouts.dirs))
    }

    /// The same for existing results of two commits: nothing is run.
    #[must_use]
    pub fn of_compared(&self) -> Config {
        self.of_sides([Path::new(""); 2])
    }

    fn of_sides(&self, dirs: [&Path; 2]) -> Config {
        let compare = self.compare.clone().unwrap_or_default();
        let mut config = self.clone();
        config.targets = Vec::new();
        config.rules = self.rules.iter().map(|rule| rule.of_side(Side::Head)).collect();
        for target in &self.targets {
            for (side, dir) in Side::BOTH.into_iter().zip(dirs) {
                let (name, checkout) = (side.of(&target.name), Some(dir.to_owned()));
                config.targets.push(TargetConfig { name, checkout, ..target.clone() });
            }
            for metric in &compare.metrics {
                let [over, name] = Side::BOTH.map(|side| side.of(&target.name));
                config.rules.push(RuleConfig {
                    name: format!("{}: {metric} of head over base", target.name),
                    why:
                        "the head commit must not need more than the base commit, on one machine at one time"
                            .into(),
                    scope: compare.scope.clone().filter(|_| !metric.is_of_process()),
                    statistic: compare.statistic,
                    asks: Asks::Ratio {
                        target: name,
                        over,
                        metric: metric.clone(),
                        at_most: compare.at_most,
                        ratchet: None,
                    },
                });
            }
        }
        config
    }
}

/// Checks that a target runs its own files in each checkout. It looks at the paths in its commands and in its environment.
fn is_in_a_checkout(
    target: &TargetConfig,
    CheckoutDirs { root, prefix, .. }: CheckoutDirs<'_>,
) -> Result<(), String> {
    let TargetConfig { name, dir, .. } = target;
    let inside = prefix.join(dir);
    if dir.is_absolute() || depth(&inside).is_none() {
        return Err(format!(
            "target `{name}` is run in {}, which is in neither checkout, so both commits would run the same program: make `dir` a path inside of the \
             repository, relative to the configuration",
            dir.display()
        ));
    }
    // The same directory may have two names, as /tmp has on macOS.
    let roots = [Some(root.to_owned()), root.canonicalize().ok()];
    let is_of_the_work_tree = |path: &Path| {
        let names = [Some(path.to_owned()), path.canonicalize().ok()];
        names.iter().flatten().any(|path| roots.iter().flatten().any(|root| path.starts_with(root)))
    };
    let leads_out =
        |path: &Path| path.is_relative() && path.starts_with("..") && depth(&inside.join(path)).is_none();
    let is_fixed = |path: &Path| (path.is_absolute() && is_of_the_work_tree(path)) || leads_out(path);
    match target.texts().flat_map(paths).find(|path| is_fixed(path)) {
        Some(path) => Err(format!(
            "target `{name}` names {}, which is one file for both commits: write a path inside of the repository, relative to `dir`",
            path.display()
        )),
        None => Ok(()),
    }
}

/// What may be a path in a text: the text itself, what follows a `=`, as in `--bin=../x`, and each entry of a list, as in `PATH`.
fn paths(text: &str) -> impl Iterator<Item = &Path> {
    let value = text.split_once('=').map(|(_, value)| value);
    let listed = text.split(if cfg!(windows) { ';' } else { ':' });
    [Some(text), value].into_iter().flatten().chain(listed).map(Path::new)
}

/// The depth of a relative path; `None` if it leads out of its starting directory.
fn depth(path: &Path) -> Option<usize> {
    path.components().try_fold(0_usize, |depth, component| match component {
        Component::CurDir => Some(depth),
        Component::Normal(_) => Some(depth + 1),
        Component::ParentDir => depth.checked_sub(1),
        Component::RootDir | Component::Prefix(_) => None,
    })
}

#[cfg(test)]
mod tests {
    use super::{CheckoutDirs, Side};
    use crate::config::Config;
    use std::path::Path;

    fn checkouts() -> CheckoutDirs<'static> {
        CheckoutDirs {
            root: Path::new("/repo"),
            prefix: Path::new("gate"),
            dirs: [Path::new("out/base/gate"), Path::new("")],
        }
    }

    fn parse(text: &str) -> Config {
        Config::parse(text, Path::new("gates.toml")).unwrap()
    }

    #[test]
    fn each_target_is_one_of_each_commit_and_rules_are_about_the_head() {
        let rule = |name: &str, more: &str| format!("[[rule]]\nname = \"{name}\"\nwhy = \"w\"\n{more}\n");
        let text = "[compare]\nat_most = 1.1\nmetrics = [\"wall_ns\", \"counts.a\"]\n\
            [[target]]\nname = \"link\"\ncommand = [\"./link\", \"{n}\"]\ndir = \"x\"\nmatrix = { n = [1, 4] }\n"
            .to_owned()
            + &rule("all", "kind = \"findings\"")
            + &rule("some", "kind = \"findings\"\ntarget = \"link.*\"")
            + &rule("scales", "kind = \"scaling\"\ntarget = \"link\"\nparameter = \"n\"\nfrom = 1\nto = 4\nat_least = 2")
            + &rule("ratio", "kind = \"ratio\"\ntarget = \"link.n-4\"\nover = \"link.n-1\"\nat_most = 1")
            + &rule("delta", "kind = \"delta\"\ntarget = \"link.n-4\"\nat_most = 1");
        let config = parse(&text).of_commits(checkouts()).unwrap();
        config.check().unwrap();
        let targets: Vec<_> = config
            .targets
            .iter()
            .map(|target| (target.name.as_str(), target.dir_in(Path::new(""))))
            .collect();
        let expected = [
            ("link.n-1@base", "out/base/gate/x"),
            ("link.n-1@head", "x"),
            ("link.n-4@base", "out/base/gate/x"),
            ("link.n-4@head", "x"),
        ];
        assert_eq!(targets, expected.map(|(name, dir)| (name, dir.into())));
        let rules: Vec<_> =
            config.rules.iter().map(|rule| (rule.name.as_str(), rule.targets().join(" "))).collect();
        let expected = [
            ("all", "*@head"),
            ("some", "link.*@head"),
            ("scales", "link.n-1@head link.n-4@head"),
            ("ratio", "link.n-4@head link.n-1@head"),
            ("delta", "link.n-4@head"),
            ("link.n-1: wall_ns of head over base", "link.n-1@head link.n-1@base"),
            ("link.n-1: counts.a of head over base", "link.n-1@head link.n-1@base"),
            ("link.n-4: wall_ns of head over base", "link.n-4@head link.n-4@base"),
            ("link.n-4: counts.a of head over base", "link.n-4@head link.n-4@base"),
        ];
        assert_eq!(rules, expected.map(|(name, targets)| (name, targets.to_owned())));
        let base = config.rules[0].of_side(Side::Base);
        assert!(!base.is_about("link.n-1@head"), "the twin is about the other commit alone");
    }

    #[test]
    fn a_target_that_is_one_for_both_commits_is_refused() {
        let target = |more: &str| format!("[[target]]\nname = \"t\"\n{more}\n");
        for (more, says) in [
            ("command = [\"./t\"]", None),
            ("command = [\"./t\"]\ndir = \"../bench\"", None),
            ("command = [\"/bin/sh\"]", None),
            ("command = [\"./t\"]\ndir = \"/bench\"", Some("which is in neither checkout")),
            ("command = [\"./t\"]\ndir = \"../../bench\"", Some("which is in neither checkout")),
            (
                "command = [\"sh\", \"/repo/t.sh\"]",
                Some("names /repo/t.sh, which is one file for both commits"),
            ),
            ("command = [\"sh\", \"--bin=/repo/t.sh\"]", Some("names /repo/t.sh, which is one file")),
            ("command = [\"sh\", \"../t.sh\"]", None),
            ("command = [\"sh\", \"../../t.sh\"]", Some("names ../../t.sh, which is one file")),
            (
                "command = [\"sh\"]\nenv = { BIN = \"/repo/t.sh\" }",
                Some("names /repo/t.sh, which is one file"),
            ),
            ("command = [\"sh\"]\nenv = { BIN = \"a=b\" }", None),
            (
                "command = [\"sh\"]\nprepare = [\"cp\", \"/repo/x\", \"x\"]",
                Some("names /repo/x, which is one file"),
            ),
        ] {
            let found = parse(&target(more)).of_commits(checkouts()).err();
            match says {
                None => assert_eq!(found, None, "{more}"),
                Some(says) => {
                    assert!(found.as_ref().is_some_and(|why| why.contains(says)), "{more}: {found:?}");
                }
            }
        }
    }
}
