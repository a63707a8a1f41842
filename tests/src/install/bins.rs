//! The commands of a project's direct dependencies: `node_modules/.bin`.

use super::InstallError;
use super::modules::ModulesDir;
use super::plan::{Plan, TopLink};
use crate::package::PackageName;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::path::{Component, Path};

/// Makes the `.bin` of each project anew, and returns how many commands there are. A command is a small script and no
/// symlink, because the file it runs is mostly not executable, and to make it so would change it in the store too.
pub(super) fn link(plan: &Plan, modules: &ModulesDir, gone: &[String]) -> Result<usize, InstallError> {
    let mut count = 0;
    for (importer, links) in &plan.importers {
        let bin = modules.root().join(importer).join("node_modules/.bin");
        match fs::remove_dir_all(&bin) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(InstallError::write(&bin)(error));
            }
            _ => {}
        }
        for link in links {
            let TopLink::Slot { link, has_bin: true } = link else { continue };
            if gone.contains(&link.directory) {
                continue;
            }
            let package = bin.with_file_name(link.alias.as_str());
            for (command, file) in commands(&package, &link.name)? {
                fs::create_dir_all(&bin).map_err(InstallError::write(&bin))?;
                make(&bin.join(&command), &package.join(&file), &format!("../{}/{file}", link.alias))?;
                count += 1;
            }
        }
    }
    Ok(count)
}

/// The commands of a package, and their files in it. What is no command is passed over, as npm does; what would lead out of the
/// package is an error.
fn commands(package: &Path, name: &PackageName) -> Result<BTreeMap<String, String>, InstallError> {
    let manifest = package.join("package.json");
    let text = fs::read(&manifest).unwrap_or_default();
    let text = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&text);
    let manifest_value: Value = serde_json::from_slice(text).unwrap_or_default();
    let named: Vec<(&str, &str)> = match &manifest_value["bin"] {
        Value::String(file) => vec![(name.bare(), file)],
        Value::Object(commands) => {
            commands.iter().filter_map(|(command, file)| Some((command.as_str(), file.as_str()?))).collect()
        }
        _ => Vec::new(),
    };
    let mut commands = BTreeMap::new();
    for (command, file) in named {
        // `@scope/name` is a name for the command `name`.
        let command = command.rsplit_once('/').map_or(command, |(_, bare)| bare);
        if command.parse::<PackageName>().is_err() || file.is_empty() {
            continue;
        }
        let Some(file) = inside(file) else {
            let file = file.escape_debug();
            let why = format!("the file `{file}` of the command `{command}` is outside of the package");
            return Err(InstallError::Bin { path: manifest, why });
        };
        if package.join(&file).is_file() {
            commands.insert(command.to_owned(), file);
        }
    }
    Ok(commands)
}

/// A path in a package, normalized; `None` if it leads out of it.
fn inside(file: &str) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    for part in Path::new(file).components() {
        match part {
            Component::Normal(part) => parts.push(part.to_str()?),
            Component::CurDir => {}
            Component::ParentDir => {
                parts.pop()?;
            }
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    (!file.contains(['\\', '\0', '\n'])).then(|| parts.join("/"))
}

/// Writes the script.
fn make(at: &Path, file: &Path, relative: &str) -> Result<(), InstallError> {
    let mut head = Vec::new();
    let read = fs::File::open(file).and_then(|file| file.take(256).read_to_end(&mut head));
    read.map_err(InstallError::write(file))?;
    let quoted = relative.replace('\'', r"'\''");
    let interpreter = interpreter(&head, file).map(|interpreter| interpreter + " ").unwrap_or_default();
    let script = format!(
        "#!/bin/sh\nbasedir=$(CDPATH= cd -- \"$(dirname -- \"$0\")\" && pwd) || exit\n\
         exec {interpreter}\"$basedir\"/'{quoted}' \"$@\"\n"
    );
    write_executable(at, script.as_bytes()).map_err(InstallError::write(at))
}

/// What runs a file: what its first line names, else Node for a script of its kind, else the file itself.
fn interpreter(head: &[u8], file: &Path) -> Option<String> {
    let line = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let named = line.strip_prefix(b"#!").and_then(|line| std::str::from_utf8(line).ok());
    let Some(named) = named else {
        let is_script = file.extension().is_some_and(|kind| kind == "js" || kind == "cjs" || kind == "mjs");
        return is_script.then(|| "node".into());
    };
    let mut words = named.split_whitespace().skip_while(|word| word.ends_with("/env") || *word == "-S");
    let program = words.next()?.rsplit('/').next()?.to_owned();
    let words: Vec<String> = std::iter::once(program).chain(words.map(Into::into)).collect();
    // It becomes a part of a script: words that mean more than themselves to a shell are not taken.
    let is_plain =
        |word: &String| word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_./+=:,@".contains(&byte));
    words.iter().all(is_plain).then(|| words.join(" "))
}

fn write_executable(at: &Path, script: &[u8]) -> std::io::Result<()> {
    let mut options = fs::File::options();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o755);
    options.open(at)?.write_all(script)
}
