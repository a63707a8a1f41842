//! A sentence: what is said of an input, in one line, whatever is in the input.

/// With control characters as they are written in source.
pub(crate) fn sentence(text: &str) -> String {
    let mut said = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() { said.extend(c.escape_debug()) } else { said.push(c) }
    }
    said
}

#[cfg(test)]
mod tests {
    use crate::{Config, ReportLine, Results};
    use std::path::Path;

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
