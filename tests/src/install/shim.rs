//! `Shim`: the script that stands for a command in `.bin`.

use super::paths::relative;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// As much of a file as its first line is looked for in.
const HEAD: u64 = 4096;

/// How each script begins: with the directory that it is in.
const BEGINNING: &str = r#"#!/bin/sh
basedir=$(dirname "$(echo "$0" | sed -e 's,\\,/,g')")

case `uname` in
    *CYGWIN*|*MINGW*|*MSYS*)
        if command -v cygpath > /dev/null 2>&1; then
            basedir=`cygpath -w "$basedir"`
        fi
    ;;
esac

"#;

/// The script that stands for a command, as pnpm's `@zkochan/cmd-shim` writes it.
#[derive(Debug)]
pub(super) struct Shim {
    /// What runs the file, and its arguments; `None` if it runs by itself.
    program: Option<(String, String)>,
    /// Where a script finds packages that it did not ask for.
    node_path: Vec<PathBuf>,
}

impl Shim {
    /// Of this file. `hoisted` is where packages are that nobody asked for, if scripts are to find them.
    ///
    /// # Errors
    ///
    /// If the file cannot be read.
    pub(super) fn of(file: &Path, hoisted: Option<&Path>) -> io::Result<Self> {
        let mut head = Vec::new();
        File::open(file)?.take(HEAD).read_to_end(&mut head)?;
        let node_path = hoisted.map(|hoisted| node_path(file, hoisted)).unwrap_or_default();
        Ok(Shim { program: program(&String::from_utf8_lossy(&head), file), node_path })
    }

    /// The text of the script in `bin` that runs `file`.
    pub(super) fn text(&self, bin: &Path, file: &Path) -> String {
        let node_path: Vec<String> = self.node_path.iter().map(|path| quoted(path)).collect();
        let node_path = match node_path.join(":") {
            none if none.is_empty() => none,
            all => format!(
                "if [ -z \"$NODE_PATH\" ]; then\n  \
                   export NODE_PATH=\"{all}\"\n\
                 else\n  \
                   export NODE_PATH=\"{all}:$NODE_PATH\"\n\
                 fi\n"
            ),
        };
        let file = quoted(&relative(bin, file));
        let call = match &self.program {
            Some((program, arguments)) => format!(
                "if [ -x \"$basedir/{program}\" ]; then\n  \
                   exec \"$basedir/{program}\" {arguments} \"$basedir/{file}\" \"$@\"\n\
                 else\n  \
                   exec {program} {arguments} \"$basedir/{file}\" \"$@\"\n\
                 fi\n"
            ),
            None => format!("\"$basedir/{file}\"   \"$@\"\nexit $?\n"),
        };
        format!("{BEGINNING}{node_path}{call}")
    }
}

/// What runs a file: what its first line names, else what is known for its kind.
fn program(head: &str, file: &Path) -> Option<(String, String)> {
    // As JavaScript's `trim`, which takes the mark at the beginning of a file for a space too.
    let head = head.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    let line = head.lines().next().unwrap_or_default().trim_end_matches('\r');
    if let Some((program, arguments)) = shebang(line) {
        // It becomes a part of a script. Where it has what means more than itself to a shell, the system is left to
        // read the line, which knows no such signs.
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./+=:,@% \t".contains(c);
        let is_safe = program.chars().chain(arguments.chars()).all(is_plain);
        return is_safe.then(|| (program.to_owned(), arguments.to_owned()));
    }
    let kind = file.extension().and_then(|kind| kind.to_str()).unwrap_or_default().to_lowercase();
    let (program, arguments) = match kind.as_str() {
        "js" | "cjs" | "mjs" => ("node", ""),
        "cmd" | "bat" => ("cmd", "/C"),
        "ps1" => ("pwsh", ""),
        "sh" => ("sh", ""),
        _ => return None,
    };
    Some((program.to_owned(), arguments.to_owned()))
}

/// The program and the arguments of a first line: `#!/usr/bin/env -S node --flag`. `env` itself is no program if another
/// follows.
fn shebang(line: &str) -> Option<(&str, &str)> {
    let rest = line.strip_prefix("#!")?.trim_start();
    let after_env = rest.strip_prefix("/usr/bin/env").and_then(|rest| {
        let own = rest.trim_start();
        let split = (own.len() < rest.len()).then(|| own.strip_prefix("-S")).flatten();
        split
            .map(str::trim_start)
            .filter(|rest| !rest.is_empty())
            .or(Some(own))
            .filter(|rest| !rest.is_empty())
    });
    let rest = after_env.unwrap_or(rest);
    let end = rest.find([' ', '\t']).unwrap_or(rest.len());
    (end > 0).then(|| rest.split_at(end))
}

/// Where the packages of a file are looked for, as pnpm has it: what its package brought along, what lies beside the package,
/// and what is hoisted.
fn node_path(file: &Path, hoisted: &Path) -> Vec<PathBuf> {
    let dir = file.parent().unwrap_or(file);
    let dir = dir.canonicalize().unwrap_or_else(|_| dir.to_owned());
    let is_modules = |dir: &Path| dir.file_name().is_some_and(|name| name == "node_modules");
    let mut all = Vec::new();
    let modules = dir.ancestors().find(|dir| is_modules(dir) && !dir.parent().is_some_and(is_modules));
    if let Some(modules) = modules {
        let rest = dir.strip_prefix(modules).unwrap_or(Path::new(""));
        let mut parts = rest.components();
        if let Some(first) = parts.next() {
            let is_scope = first.as_os_str().as_encoded_bytes().starts_with(b"@");
            let bare = if is_scope { parts.next() } else { None };
            let package: PathBuf = std::iter::once(first).chain(bare).collect();
            all.push(modules.join(package).join("node_modules"));
        }
        all.push(modules.to_owned());
    }
    if !all.iter().any(|path| path == hoisted) {
        all.push(hoisted.to_owned());
    }
    all
}

/// A path between double quotes of a shell.
fn quoted(path: &Path) -> String {
    let mut quoted = String::new();
    for c in path.to_string_lossy().chars() {
        if matches!(c, '"' | '$' | '`' | '\\') {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    quoted
}

#[cfg(test)]
mod tests {
    use super::program;
    use std::path::Path;

    /// What `@zkochan/cmd-shim` 7 reads out of the same lines.
    #[test]
    fn what_runs_a_file() {
        for (head, file, expected) in [
            ("#!/usr/bin/env node\nx", "a", Some(("node", ""))),
            ("#!/usr/bin/env node\r\r\nx", "a", Some(("node", ""))),
            ("\u{feff}\n #!/usr/bin/env node", "a", Some(("node", ""))),
            ("#! /usr/bin/env  -S  node --flag=1 x", "a", Some(("node", " --flag=1 x"))),
            ("#!/bin/sh -e\n", "a.js", Some(("/bin/sh", " -e"))),
            ("#!/usr/bin/env", "a", Some(("/usr/bin/env", ""))),
            ("#!/usr/bin/env -S", "a", Some(("-S", ""))),
            ("#!/bin/sh; rm -rf $HOME\n", "a.js", None),
            ("#!\n", "a.js", Some(("node", ""))),
            ("x\n#!/bin/sh", "a.JS", Some(("node", ""))),
            ("", "a.mjs", Some(("node", ""))),
            ("", "a.bat", Some(("cmd", "/C"))),
            ("", "a.sh", Some(("sh", ""))),
            ("", "a", None),
            ("", "js", None),
        ] {
            let found = program(head, Path::new(file));
            let found = found.as_ref().map(|(program, arguments)| (program.as_str(), arguments.as_str()));
            assert_eq!(found, expected, "{head:?} {file}");
        }
    }
}
