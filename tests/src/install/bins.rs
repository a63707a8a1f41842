//! The commands of a project's direct dependencies: `node_modules/.bin`.

use super::InstallError;
use super::modules::ModulesDir;
use super::plan::{Plan, TopLink};
use crate::package::{Bin, PackageName};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::path::{Component, Path};

/// What of a `package.json` says which commands it has.
#[derive(Deserialize)]
struct Commands {
    bin: Option<Bin>,
}

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

/// The commands of a package, and their files in it.
fn commands(package: &Path, name: &PackageName) -> Result<BTreeMap<String, String>, InstallError> {
    let manifest = package.join("package.json");
    let refused = |why: String| InstallError::Bin { path: manifest.clone(), why };
    let text = fs::read(&manifest).map_err(|error| refused(error.to_string()))?;
    let commands: Commands = serde_json::from_slice(&text).map_err(|error| refused(error.to_string()))?;
    let commands = commands.bin.map(|bin| bin.commands(name)).unwrap_or_default();
    commands
        .into_iter()
        .map(|(command, file)| {
            // `@scope/name` is a name for the command `name`.
            let command = command.rsplit_once('/').map_or(command.as_str(), |(_, bare)| bare).to_owned();
            if command.parse::<PackageName>().is_err() {
                return Err(refused(format!("`{}` is no name for a command", command.escape_debug())));
            }
            match inside(&file) {
                Some(inside) => Ok((command, inside)),
                None => Err(refused(format!(
                    "the file `{}` of the command `{command}` is outside of the package",
                    file.escape_debug()
                ))),
            }
        })
        .collect()
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
    (!parts.is_empty() && !file.contains(['\\', '\0', '\n'])).then(|| parts.join("/"))
}

/// Writes the script. A file that is not there is no command, as npm has it.
fn make(at: &Path, file: &Path, relative: &str) -> Result<(), InstallError> {
    let mut head = Vec::new();
    match fs::File::open(file) {
        Ok(file) => file.take(256).read_to_end(&mut head).map_err(InstallError::write(at))?,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(InstallError::write(file)(error)),
    };
    let quoted = relative.replace('\'', r"'\''");
    let interpreter = interpreter(&head, file).map(|interpreter| interpreter + " ").unwrap_or_default();
    let script = format!(
        "#!/bin/sh\nbasedir=$(cd \"$(dirname \"$0\")\" && pwd) || exit\n\
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
