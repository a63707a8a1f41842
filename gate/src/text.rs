//! Text in the columns of a terminal.

use crate::sentence::sentence;
use unicode_width::UnicodeWidthStr;

/// The longest name or message that is shown whole, in characters.
const LONGEST: usize = 1000;

/// Text from outside, as it is shown. Characters that a terminal obeys or does not show are escaped as in Rust source. Of text with more than
/// 1000 characters the beginning is shown, with the number of the others.
pub(crate) fn shown(text: &str) -> String {
    let begin = text.char_indices().nth(LONGEST).map_or(text, |(end, _)| &text[..end]);
    let shown = sentence(begin);
    match text.chars().count().saturating_sub(LONGEST) {
        0 => shown,
        more => format!("{shown}… ({more} more characters)"),
    }
}

/// How many columns a text takes.
pub(crate) fn width(text: &str) -> usize {
    UnicodeWidthStr::width(text)
}

/// The lines of a text, none wider than `room`: the first begins with so many spaces, the others with `hang` more. A word that is
/// wider than a line is broken.
pub(crate) fn fold(text: &str, room: usize, indent: usize, hang: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = " ".repeat(indent);
    let mut is_begun = false;
    for word in text.split(' ') {
        let joined = format!("{line}{}{word}", if is_begun { " " } else { "" });
        if width(&joined) <= room {
            (line, is_begun) = (joined, true);
            continue;
        }
        if is_begun {
            lines.push(std::mem::replace(&mut line, " ".repeat(indent + hang)));
        }
        for c in word.chars() {
            line.push(c);
            if width(&line) > room {
                line.pop();
                lines.push(std::mem::replace(&mut line, " ".repeat(indent + hang)));
                line.push(c);
            }
        }
        is_begun = true;
    }
    lines.push(line);
    for line in &mut lines {
        line.truncate(line.trim_end().len());
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::{fold, shown, width};

    #[test]
    fn what_a_terminal_would_obey_is_shown() {
        for (text, as_shown) in [
            ("link_slot", "link_slot"),
            (r#""C:\a" 'b'"#, r#""C:\a" 'b'"#),
            ("\u{1b}[2J\u{7}\r\n\t", r"\u{1b}[2J\u{7}\r\n\t"),
            ("\u{9b}31m", r"\u{9b}31m"),
            // Text that is shown from right to left, and text that is not shown.
            ("a\u{202e}b\u{200b}c\u{2028}d\u{feff}", r"a\u{202e}b\u{200b}c\u{2028}d\u{feff}"),
            ("Größe 大小 नमस्ते e\u{301}", "Größe 大小 नमस्ते e\u{301}"),
        ] {
            assert_eq!(shown(text), as_shown);
        }
        let long = shown(&"x".repeat(1003));
        assert!(long.ends_with("x… (3 more characters)") && long.starts_with(&"x".repeat(1000)));
    }

    #[test]
    fn text_is_folded_and_nothing_of_it_is_lost() {
        for (text, room, folded) in [
            ("", 20, &[""] as &[&str]),
            ("one two three", 20, &["  one two three"]),
            ("one two three", 9, &["  one two", "    three"]),
            ("one abcdefghijk", 9, &["  one", "    abcde", "    fghij", "    k"]),
            ("abcdefghijk", 9, &["  abcdefg", "    hijk"]),
            ("大大大大", 9, &["  大大大", "    大"]),
        ] {
            assert_eq!(fold(text, room, 2, 2), folded);
        }
        let emoji = "☁\u{fe0f}1\u{fe0f}\u{20e3}".repeat(40);
        assert!(fold(&emoji, 20, 2, 2).iter().all(|line| width(line) <= 20));
    }
}
