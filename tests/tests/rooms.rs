//! The rooms: inside a crate no two files import each other, directly or around, and in the runtime no room knows one above it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Each module of a crate, with those that its text names by `crate::..`.
fn imports(source: &Path) -> BTreeMap<String, BTreeSet<String>> {
    let mut texts = BTreeMap::new();
    read(source, source, &mut texts);
    assert!(texts.len() > 3, "{}: {texts:?}", source.display());
    let names: BTreeSet<String> = texts.keys().cloned().collect();
    let exports: BTreeMap<String, String> =
        texts.iter().flat_map(|(module, text)| re_exports(module, text, &names)).collect();
    let of = |own: &String, text: &String| {
        // `super` is the room of a file, or what is around a `mod.rs`.
        let around =
            own.rsplit_once("::").map_or("crate::".into(), |(around, _)| format!("crate::{around}::"));
        let text = text.replace("pub(super)", "").replace("super::", &around);
        let mut found: BTreeSet<String> =
            paths(&text).iter().filter_map(|path| longest(&followed(path, &exports), &names)).collect();
        found.remove(own);
        found
    };
    texts.iter().map(|(name, text)| (name.clone(), of(name, text))).collect()
}

/// What a module hands on, by the path that it has there, with the path where it is: `a::B` of `pub use b::B` in `a`.
fn re_exports(module: &str, text: &str, names: &BTreeSet<String>) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for statement in text.split(';') {
        let Some((before, path)) = statement.split_once(" use ") else { continue };
        let is_public =
            before.trim_end().rsplit(['\n', '}']).next().is_some_and(|word| word.starts_with("pub"));
        let (prefix, items) =
            path.split_once('{').unwrap_or_else(|| path.rsplit_once("::").unwrap_or(("", path)));
        let prefix = prefix.trim().trim_end_matches("::");
        let own = if module == "lib" { String::new() } else { format!("{module}::") };
        let from = format!("{own}{prefix}");
        if !is_public || !names.contains(&from) {
            continue;
        }
        for item in items.split(['{', '}', ',']).map(str::trim).filter(|item| !item.is_empty()) {
            let (name, as_name) = item.split_once(" as ").unwrap_or((item, item));
            found.push((format!("{own}{as_name}"), format!("{from}::{name}")));
        }
    }
    found
}

/// A path with what modules hand on followed to where it is.
fn followed(path: &str, exports: &BTreeMap<String, String>) -> String {
    let mut path = path.to_owned();
    // A chain of them is short.
    for _ in 0..8 {
        let parts: Vec<&str> = path.split("::").collect();
        let known = (1..=parts.len()).rev().find_map(|length| {
            let target = exports.get(&parts[..length].join("::"))?;
            Some([&[target.as_str()], &parts[length..]].concat().join("::"))
        });
        match known {
            Some(next) if next != path => path = next,
            _ => break,
        }
    }
    path
}

fn read(root: &Path, dir: &Path, texts: &mut BTreeMap<String, String>) {
    for entry in std::fs::read_dir(dir).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            if entry.file_name() != "tests" {
                read(root, &path, texts);
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.strip_prefix(root).unwrap().with_extension("");
            let name = name.to_str().unwrap().replace('/', "::");
            let name = name.strip_suffix("::mod").unwrap_or(&name).to_owned();
            let text = std::fs::read_to_string(&path).unwrap();
            let code = text.lines().map(|line| line.split("//").next().unwrap_or_default());
            // What a file's own tests use is no part of it.
            let code: Vec<&str> = code.take_while(|line| *line != "#[cfg(test)]").collect();
            texts.insert(name, code.join("\n"));
        }
    }
}

/// The paths that begin with `crate::`, those in braces one by one.
fn paths(text: &str) -> Vec<String> {
    let mut paths = Vec::new();
    for rest in text.split("crate::").skip(1) {
        let end = rest.find(|c: char| !(c.is_alphanumeric() || "_:{".contains(c))).unwrap_or(rest.len());
        let path = &rest[..end];
        match path.split_once('{') {
            None => paths.push(path.to_owned()),
            Some((prefix, _)) => {
                let list = rest.split_once('{').map_or("", |(_, list)| list);
                let list = list.split_once(';').map_or(list, |(list, _)| list);
                paths.push(prefix.trim_end_matches(':').to_owned());
                paths.extend(list.split(['{', '}', ',']).map(|item| format!("{prefix}{}", item.trim())));
            }
        }
    }
    paths
}

fn longest(path: &str, names: &BTreeSet<String>) -> Option<String> {
    let mut parts: Vec<&str> = path.split("::").filter(|part| !part.is_empty()).collect();
    while !parts.is_empty() {
        let name = parts.join("::");
        if names.contains(&name) {
            return Some(name);
        }
        parts.pop();
    }
    None
}

/// A module that is reached from itself, with the way around.
fn circle(imports: &BTreeMap<String, BTreeSet<String>>) -> Option<Vec<String>> {
    fn walk<'a>(
        at: &'a str,
        imports: &'a BTreeMap<String, BTreeSet<String>>,
        way: &mut Vec<&'a str>,
        done: &mut BTreeSet<&'a str>,
    ) -> Option<Vec<String>> {
        if let Some(i) = way.iter().position(|module| *module == at) {
            return Some(way[i..].iter().map(|module| (*module).to_owned()).collect());
        }
        if done.contains(at) {
            return None;
        }
        way.push(at);
        let found = imports[at].iter().find_map(|next| walk(next, imports, way, done));
        way.pop();
        done.insert(at);
        found
    }
    let mut done = BTreeSet::new();
    imports.keys().find_map(|module| walk(module, imports, &mut Vec::new(), &mut done))
}

fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

#[test]
fn no_two_files_of_a_crate_import_each_other() {
    for krate in ["macros", "runtime", "gate", "tests"] {
        let found = circle(&imports(&workspace().join(krate).join("src")));
        assert_eq!(found, None, "{krate}: these import each other in a circle");
    }
}

/// From the bottom up.
const ROOMS: [&str; 7] = ["base", "call", "book", "verdict", "work", "open", "bridge"];

#[test]
fn no_room_of_the_runtime_knows_one_above_it() {
    let imports = imports(&workspace().join("runtime/src"));
    let height = |module: &str| ROOMS.iter().position(|room| module.split("::").next() == Some(room));
    for (module, others) in &imports {
        // `lib` and `testing` stand on all of them.
        let Some(own) = height(module) else { continue };
        for other in others {
            assert!(height(other) <= Some(own), "{module} knows {other}");
        }
    }
}

/// The check sees what it is for.
#[test]
fn a_circle_is_found() {
    let modules = |all: &[(&str, &[&str])]| {
        let own = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        all.iter().map(|(name, others)| ((*name).to_owned(), own(others))).collect()
    };
    assert_eq!(circle(&modules(&[("a", &["b", "c"]), ("b", &["c"]), ("c", &[])])), None);
    let around = circle(&modules(&[("a", &["b"]), ("b", &["c"]), ("c", &["b"])]));
    assert_eq!(around, Some(vec!["b".to_owned(), "c".to_owned()]));
    let text = "use crate::a::b;\nuse crate::c::{self, d::E};\nfn f() { crate::g::h() }";
    let names = ["a::b", "c", "c::d", "g"].map(str::to_owned).into();
    let found: BTreeSet<String> = paths(text).iter().filter_map(|path| longest(path, &names)).collect();
    assert_eq!(found, names);
    // What a parent hands on is where it is.
    let names: BTreeSet<String> = ["a", "a::b", "lib"].map(str::to_owned).into();
    let handed: BTreeMap<String, String> =
        re_exports("a", "mod b;\n\npub use b::{C, D as E};\nuse b::F;", &names).into_iter().collect();
    for (path, leads_to) in
        [("a::C", "a::b::C"), ("a::E::new", "a::b::D::new"), ("a::F", "a::F"), ("a::b::C", "a::b::C")]
    {
        assert_eq!(followed(path, &handed), leads_to, "{path}");
    }
}
