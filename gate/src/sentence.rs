//! A sentence: input as one line of text that neither a terminal nor a workflow obeys.

/// One line of text that neither a terminal nor the runner of a workflow obeys. Characters that a terminal obeys or does not show (control
/// characters, marks for text from right to left, spaces without width) are escaped as in Rust source. So is the beginning of what GitHub's
/// runner takes for a command: `::` at the beginning, and `##[` anywhere
/// (<https://docs.github.com/actions/reference/workflow-commands-for-github-actions>).
pub(crate) fn sentence(text: &str) -> String {
    let mut said = String::with_capacity(text.len());
    let begins = text.len() - text.trim_start().len();
    for (at, c) in text.char_indices() {
        let rest = &text[at..];
        if (at == begins && rest.starts_with("::")) || (c == '#' && rest.starts_with("##[")) {
            said.extend(c.escape_unicode());
        } else if matches!(c, '"' | '\'' | '\\') {
            said.push(c);
        } else {
            // After another character, so that a combining character is not escaped.
            said.extend(String::from_iter(['a', c]).escape_debug().skip(1));
        }
    }
    said
}

/// `1 run`, `2 runs`.
pub(crate) fn counted(count: u64, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

/// A whole number without a point, unless it is so large that not each of its digits is known.
pub(crate) fn whole(value: f64) -> Option<String> {
    (value.fract() == 0.0 && value.abs() < 1e15).then(|| format!("{value:.0}"))
}

/// A number: a whole one without a point, any other with three places.
pub(crate) fn number(value: f64) -> String {
    whole(value).unwrap_or_else(|| format!("{value:.3}"))
}

#[cfg(test)]
mod tests {
    use super::sentence;
    use crate::{Config, ReportLine, Results};
    use std::path::Path;

    #[test]
    fn what_a_terminal_or_a_runner_would_obey_is_shown() {
        for (text, as_shown) in [
            ("link_slot", "link_slot"),
            ("a::b::c", "a::b::c"),
            ("::error::x", r"\u{3a}:error::x"),
            (" \t::stop-commands::x", r" \t\u{3a}:stop-commands::x"),
            ("a ##[error]x ## [b]", r"a \u{23}#[error]x ## [b]"),
            ("a\r\n\u{1b}[2J", r"a\r\n\u{1b}[2J"),
            ("a\u{202e}b\u{200b}c", r"a\u{202e}b\u{200b}c"),
            (r#""C:\a" 'b'"#, r#""C:\a" 'b'"#),
            ("Größe e\u{301}", "Größe e\u{301}"),
        ] {
            assert_eq!(sentence(text), as_shown);
        }
    }

    /// A terminal, and a log, show what was read as it is, and not as what it does to them.
    #[test]
    fn names_in_what_is_refused_break_no_line() {
        let path = Path::new("f");
        let rule = |name: &str| {
            format!(
                "[[rule]]\nname = \"{name}\"\nwhy = \"w\"\nkind = \"metric\"\nmetric = \"wall_ns\"\nat_most = 1\n"
            )
        };
        let config = |text: &str| Config::parse(text, path).unwrap_err().to_string();
        let kind = r#"{"schema":"concurrency-probe/1","scope":"s","wall_ns":1,"counts":{},"phases":[],"probes":[],
            "passes":[],"findings":[{"kind":"a\n\u001bb","file":"f","line":1,"message":"m"}]}"#;
        let line = kind.replace('\n', "");
        let results = format!(
            r#"{{"schema":"probe-gate/1","runs":[{{"target":"t","round":1,"wall_ns":1,"report":{kind}}}]}}"#
        );
        for (said, part) in [
            (config(&rule("a\\n\\u001bb").repeat(2)), r"there are two rules `a\n\u{1b}b`"),
            (config(&rule("a\\rb").replace("at_most = 1", "at_most = -1")), r"rule `a\rb`: `at_most` is -1"),
            (
                config(&rule("r").replace("wall_ns", "wall_ns\\r\\u001b +")),
                r"`wall_ns\r\u{1b} +` has no ` + `",
            ),
            (config("[run]\n\"a\\nb\" = 1"), "unknown field `a b`"),
            (ReportLine::parse(line.as_bytes()).unwrap_err().to_string(), r"unknown variant `a\n\u{1b}b`"),
            (
                Results::parse(results.as_bytes(), path).unwrap_err().to_string(),
                r"unknown variant `a\n\u{1b}b`",
            ),
        ] {
            assert!(said.contains(part) && !said.contains(char::is_control), "{part}: {said:?}");
        }
    }
}
