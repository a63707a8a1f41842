//! `Command`: what a package offers to run.

use super::InstallError;
use super::collate::collate;
use super::paths::clean;
use nodejs_semver::Version;
use serde_json::Value;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// A command, as the `package.json` of a package has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Command {
    /// What it is called by.
    pub(super) name: String,
    /// What it runs. It may not exist.
    pub(super) file: PathBuf,
    /// Whether the package has the same name.
    is_own: bool,
    package: String,
    version: Option<Version>,
}

/// What becomes of a command whose file is outside of its package.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outside {
    /// The user asked for this package by name, and is told.
    IsRefused,
    /// Somebody else did: there is no such command, as pnpm has it.
    IsPassedOver,
}

/// The commands of the package in a directory, by the rules of pnpm 10 (`@pnpm/package-bins`): those of `bin`, else the files
/// of `directories.bin`. What is no command is passed over.
///
/// # Errors
///
/// If the file of one is outside of the package, and that is refused.
pub(super) fn commands(package: &Path, outside: Outside) -> Result<Vec<Command>, InstallError> {
    let manifest_path = package.join("package.json");
    let text = fs::read(&manifest_path).unwrap_or_default();
    let text = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&text);
    let manifest: Value = serde_json::from_slice(text).unwrap_or_default();
    let own = manifest["name"].as_str().unwrap_or_default();
    let version = manifest["version"].as_str().and_then(|version| Version::parse(version).ok());
    let command = |name: &str, file: PathBuf| Command {
        name: name.to_owned(),
        file,
        is_own: name == own,
        package: own.to_owned(),
        version: version.clone(),
    };
    let named: Vec<(&str, &str)> = match &manifest["bin"] {
        Value::String(file) if !file.is_empty() => vec![(own, file)],
        Value::Object(all) => {
            all.iter().filter_map(|(name, file)| Some((name.as_str(), file.as_str()?))).collect()
        }
        Value::Null | Value::String(_) | Value::Bool(false) => {
            let Some(dir) = manifest["directories"]["bin"].as_str() else { return Ok(Vec::new()) };
            let Some(dir) = inside(package, dir) else { return Ok(Vec::new()) };
            let mut files = Vec::new();
            find_files(&dir, &mut files);
            let commands = files.into_iter().filter_map(|file| {
                let name = file.file_name()?.to_str()?.to_owned();
                Some(command(&name, file))
            });
            return Ok(commands.collect());
        }
        _ => Vec::new(),
    };
    let mut commands = Vec::new();
    for (name, file) in named {
        // `@scope/name` is a name for the command `name`.
        let name =
            if name.starts_with('@') { name.split_once('/').map_or(name, |(_, bare)| bare) } else { name };
        if !is_name(name) || file.is_empty() {
            continue;
        }
        if outside == Outside::IsRefused && !stays_inside(file) {
            let file = file.escape_debug();
            let why = format!("the file `{file}` of the command `{name}` is outside of the package");
            return Err(InstallError::Bin { path: manifest_path, why });
        }
        if let Some(file) = inside(package, file) {
            commands.push(command(name, file));
        }
    }
    Ok(commands)
}

/// One command for each name. Of several packages that have one of the same name, that wins which has the name itself, then
/// the one whose name comes last, then the newer one: as pnpm decides it (`@pnpm/link-bins`).
pub(super) fn choose(all: impl IntoIterator<Item = Command>) -> BTreeMap<String, Command> {
    let mut chosen: BTreeMap<String, Command> = BTreeMap::new();
    for command in all {
        match chosen.get(&command.name) {
            Some(before) if before.rank(&command) != Ordering::Less => {}
            _ => drop(chosen.insert(command.name.clone(), command)),
        }
    }
    chosen
}

impl Command {
    fn rank(&self, other: &Self) -> Ordering {
        let version =
            || self.version.as_ref().zip(other.version.as_ref()).map(|(ours, theirs)| ours.cmp(theirs));
        self.is_own
            .cmp(&other.is_own)
            .then_with(|| collate(&self.package, &other.package))
            .then_with(|| version().unwrap_or(Ordering::Equal))
    }
}

/// Whether this can be the name of a file in `.bin`: what JavaScript's `encodeURIComponent` leaves as it is.
fn is_name(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.!~*'()".contains(&byte);
    name == "$" || (!matches!(name, "" | "." | "..") && name.bytes().all(is_plain))
}

/// A file or directory of a package; `None` if it is outside. An absolute path is taken from the package's directory, as
/// Node's `path.join` has it.
fn inside(package: &Path, file: &str) -> Option<PathBuf> {
    if file.contains(['\\', '\0', '\n']) {
        return None;
    }
    let joined = clean(&package.join(file.trim_start_matches('/')));
    (joined != package && joined.starts_with(package)).then_some(joined)
}

/// Whether a path leads out of its package nowhere on its way.
fn stays_inside(file: &str) -> bool {
    let mut depth = 0_usize;
    !file.starts_with('/')
        && !file.contains(['\\', '\0', '\n'])
        && file.split('/').all(|part| match part {
            "" | "." => true,
            ".." => depth.checked_sub(1).map(|less| depth = less).is_some(),
            _ => {
                depth += 1;
                true
            }
        })
}

/// The files of a directory and of those in it, but for hidden ones, in the order of their paths. Symlinks to directories are
/// not followed.
fn find_files(dir: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(dir) else { return };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        let is_hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        if is_hidden {
            continue;
        }
        if path.is_dir() && !path.is_symlink() {
            find_files(&path, found);
        } else if path.is_file() {
            found.push(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Outside, choose, commands};
    use std::fs;
    use std::path::Path;

    fn names(dir: &Path, manifest: &str) -> Vec<String> {
        fs::write(dir.join("package.json"), manifest).unwrap();
        let all = commands(dir, Outside::IsPassedOver).unwrap();
        let file = |file: &Path| file.strip_prefix(dir).unwrap().display().to_string();
        all.iter().map(|command| format!("{} {}", command.name, file(&command.file))).collect()
    }

    /// What pnpm 10.34 makes of the same files.
    #[test]
    fn what_is_a_command() {
        let dir = tempfile::tempdir().unwrap();
        for file in ["cmd/one.js", "cmd/deep/two", "cmd/.hidden", "cmd/.dir/three"] {
            let file = dir.path().join(file);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, "").unwrap();
        }
        for (manifest, expected) in [
            (r#"{"name":"a","bin":"./x.js"}"#, &["a x.js"][..]),
            (r#"{"name":"@s/a","bin":"x.js"}"#, &["a x.js"]),
            (r#"{"name":"a","bin":{"@s/b":"x.js","c":"d/../y"}}"#, &["b x.js", "c y"]),
            (
                r#"{"name":"a","bin":{"a/b":"x","a b":"x","":"x",".":"x","..":"x","@x":"x","c":"","d":1}}"#,
                &[],
            ),
            (r#"{"name":"a","bin":{"$":"x","(b)":"x"}}"#, &["$ x", "(b) x"]),
            (r#"{"name":"a","bin":{"b":"../x","c":"y/../../x","d":"/bin/e"}}"#, &["d bin/e"]),
            (r#"{"name":"a","directories":{"bin":"cmd"}}"#, &["two cmd/deep/two", "one.js cmd/one.js"]),
            (r#"{"name":"a","bin":"","directories":{"bin":"./cmd/deep"}}"#, &["two cmd/deep/two"]),
            (r#"{"name":"a","bin":{},"directories":{"bin":"cmd"}}"#, &[]),
            (r#"{"name":"a","directories":{"bin":"../"}}"#, &[]),
            (r#"{"name":"a","directories":{"bin":"none"}}"#, &[]),
            (r#"{"name":"a","directories":"bin"}"#, &[]),
            ("[]", &[]),
            ("", &[]),
        ] {
            assert_eq!(names(dir.path(), manifest), expected, "{manifest}");
        }
    }

    #[test]
    fn one_of_several_commands_of_a_name_wins() {
        let dir = tempfile::tempdir().unwrap();
        let of = |name: &str, version: &str| {
            let text =
                format!(r#"{{"name":"{name}","version":"{version}","bin":{{"x":"{name}-{version}"}}}}"#);
            fs::write(dir.path().join("package.json"), text).unwrap();
            commands(dir.path(), Outside::IsRefused).unwrap()
        };
        for (packages, winner) in [
            ([("a", "1.0.0"), ("b", "1.0.0")], "b-1.0.0"),
            ([("b", "1.0.0"), ("a", "1.0.0")], "b-1.0.0"),
            ([("x", "1.0.0"), ("z", "1.0.0")], "x-1.0.0"),
            ([("z", "1.0.0"), ("x", "1.0.0")], "x-1.0.0"),
            ([("a", "10.0.0"), ("a", "9.0.0")], "a-10.0.0"),
            ([("a", "9.0.0"), ("a", "10.0.0")], "a-10.0.0"),
        ] {
            let all = packages.iter().flat_map(|(name, version)| of(name, version));
            assert_eq!(choose(all)["x"].file, dir.path().join(winner), "{packages:?}");
        }
    }
}
