//! `.npmrc`: the keys and values of one source of npm's configuration.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use configparser::ini::{Ini, IniDefault};
use std::collections::BTreeMap;

/// The environment, which npm's configuration may refer to.
pub(crate) type Environment = BTreeMap<String, String>;

/// Reads an `.npmrc`. Its sections are left out, as npm knows none.
///
/// Comments after a value are not left to the parser, because it would also see them inside of quotes.
pub(super) fn parse(text: &str) -> Result<Vec<(String, String)>, String> {
    let mut defaults = IniDefault::default();
    // A name that no `[section]` of the file can have.
    defaults.default_section = "\n".into();
    defaults.comment_symbols = vec!['#', ';'];
    defaults.inline_comment_symbols = Some(Vec::new());
    defaults.delimiters = vec!['='];
    defaults.case_sensitive = true;
    let mut sections = Ini::new_from_defaults(defaults).read(text.to_owned())?;
    let keys = sections.remove("\n").unwrap_or_default();
    // A key alone is a flag that is set, and none of ours is a flag.
    Ok(keys.into_iter().filter_map(|(key, value)| Some((unquote(&key), unquote(&value?)))).collect())
}

/// A key or value as `ini`, npm's parser, has it: quoted, or else up to a comment, with `\` before a `;`, `#` or `\` that
/// is meant.
pub(crate) fn unquote(text: &str) -> String {
    for quote in ['"', '\''] {
        let quoted = text.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
        if let Some(quoted) = quoted {
            // In double quotes it is JSON, if it can be.
            let json = if quote == '"' { serde_json::from_str(text).ok() } else { None };
            return json.unwrap_or_else(|| quoted.to_owned());
        }
    }
    let mut plain = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            ';' | '#' => break,
            '\\' => plain.push(chars.next_if(|next| matches!(next, ';' | '#' | '\\')).unwrap_or('\\')),
            _ => plain.push(c),
        }
    }
    plain.trim().to_owned()
}

/// Puts the environment in for `${NAME}`, as npm does; `${NAME?}` is nothing where there is no such variable, and
/// `${NAME-default}` the default, `${NAME:-default}` also where it is empty, as pnpm has it. `\` keeps it as it is.
/// What is not defined stays as it is.
pub(crate) fn interpolate(text: &str, environment: &Environment) -> String {
    let mut result = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        let (before, expression) = rest.split_at(at);
        let Some(end) = expression.find('}') else { break };
        let (whole, name) = (&expression[..=end], &expression[2..end]);
        let plain = before.trim_end_matches('\\');
        let escapes = before.len() - plain.len();
        result.push_str(plain);
        result.push_str(&"\\".repeat(escapes / 2));
        if escapes % 2 == 1 || name.is_empty() {
            result.push_str(whole);
        } else {
            result.push_str(&variable(name, environment).unwrap_or_else(|| whole.to_owned()));
        }
        rest = &expression[end + 1..];
    }
    result + rest
}

/// What stands for the inside of `${..}`.
fn variable(expression: &str, environment: &Environment) -> Option<String> {
    if let Some(value) = environment.get(expression) {
        return Some(value.clone());
    }
    if let Some(name) = expression.strip_suffix('?') {
        return Some(environment.get(name).cloned().unwrap_or_default());
    }
    let (name, default) = expression.split_once('-')?;
    let (name, is_empty_enough) = match name.strip_suffix(':') {
        Some(name) => (name, true),
        None => (name, false),
    };
    let value = environment.get(name).filter(|value| !(is_empty_enough && value.is_empty()));
    Some(value.map_or(default, String::as_str).to_owned())
}

/// The name in the first `${..}` that is left after [`interpolate`].
pub(super) fn undefined(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("${")?;
    rest.split_once('}').map(|(name, _)| name)
}

/// An `Authorization` of a user.
pub(super) fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
}

/// A password as `_password` has it.
pub(super) fn decode_password(text: &str) -> Option<String> {
    String::from_utf8(STANDARD.decode(text).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::{Environment, interpolate, parse, undefined};

    #[test]
    fn a_file_is_read_as_npm_reads_it() {
        for (text, expected) in [
            ("registry=https://a/", &[("registry", "https://a/")][..]),
            ("\u{20} registry =  https://a/  \r\n", &[("registry", "https://a/")]),
            ("# registry=x\n; registry=y\n\n", &[]),
            ("//h:1/p/:_authToken=a=b==", &[("//h:1/p/:_authToken", "a=b==")]),
            ("registry=https://a/ ; why\n", &[("registry", "https://a/")]),
            ("x=a\\;b\\#c\\\\d\\e", &[("x", "a;b#c\\d\\e")]),
            ("x=\"a;b\"", &[("x", "a;b")]),
            ("'@s:registry' = 'https://a/#b'", &[("@s:registry", "https://a/#b")]),
            ("x=1\nx=2", &[("x", "2")]),
            ("flag\n[section]\nregistry=x\n[default]\nregistry=y", &[]),
            ("_Auth=a\n_auth=b", &[("_Auth", "a"), ("_auth", "b")]),
        ] {
            let mut keys = parse(text).unwrap();
            keys.sort();
            let keys: Vec<_> = keys.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
            assert_eq!(keys, expected, "{text:?}");
        }
    }

    #[test]
    fn the_environment_is_put_in_as_npm_does() {
        let environment: Environment =
            [("A", "1"), ("B", "2"), ("EMPTY", "")].map(|(name, value)| (name.into(), value.into())).into();
        for (text, expected) in [
            ("plain", "plain"),
            ("${A}", "1"),
            ("x${A}y${B}z", "x1y2z"),
            ("${NONE}", "${NONE}"),
            ("${NONE?}", ""),
            ("${A?}", "1"),
            ("${NONE-d-e}", "d-e"),
            ("${A-d}", "1"),
            ("${EMPTY-d}", ""),
            ("${EMPTY:-d}", "d"),
            ("${NONE:-}", ""),
            ("\\${A}", "${A}"),
            ("\\\\${A}", "\\1"),
            ("${A", "${A"),
            ("${}", "${}"),
            ("$A", "$A"),
        ] {
            assert_eq!(interpolate(text, &environment), expected, "{text}");
        }
        assert_eq!((undefined("a${B}c"), undefined("abc")), (Some("B"), None));
    }
}
