//! HTML: text that is only text, and tables.

use std::fmt::Write;

/// The most rows of a table; of what has more, the first ones are shown, and how many more there are is said.
pub(super) const MAX_ROWS: usize = 500;

/// Text, whatever is in it.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in visible(text).chars() {
        match c {
            '&' => escaped += "&amp;",
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            '"' => escaped += "&quot;",
            '\'' => escaped += "&#39;",
            c => escaped.push(c),
        }
    }
    escaped
}

/// Text with the numbers of those characters that nobody sees.
pub(super) fn visible(text: &str) -> String {
    let mut visible = String::with_capacity(text.len());
    for c in text.chars() {
        if is_unseen(c) {
            let _ = write!(visible, "\\u{{{:x}}}", u32::from(c));
        } else {
            visible.push(c);
        }
    }
    visible
}

/// JSON that may stand between the tags of a script: nothing in it ends one.
pub(super) fn json<T: serde::Serialize>(value: &T) -> String {
    let json = serde_json::to_string(value).expect("it has strings and finite numbers");
    let json = json.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026");
    // In a string, which is the only place for it.
    json.chars().fold(String::with_capacity(json.len()), |mut shown, c| {
        if is_unseen(c) {
            let _ = write!(shown, "\\\\u{{{:x}}}", u32::from(c));
        } else {
            shown.push(c);
        }
        shown
    })
}

/// Whether a character is shown by its number: it is not seen and changes the order of others, or a terminal that shows the file obeys it, or
/// XML does not have it.
fn is_unseen(c: char) -> bool {
    (c.is_control() && !matches!(c, '\n' | '\t'))
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{fffe}' | '\u{ffff}')
}

/// A table of text. A column whose head begins with `#` has numbers.
pub(super) fn table(caption: &str, heads: &[String], rows: &[Vec<String>]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let is_number = |column: usize| heads.get(column).is_some_and(|head| head.starts_with('#'));
    let class = |column| if is_number(column) { " class=\"number\"" } else { "" };
    let mut html = format!(
        "<div class=\"wide\" role=\"region\" tabindex=\"0\" aria-label=\"{0}\"><table><caption>{0}</caption><thead><tr>",
        escape(caption)
    );
    for (column, head) in heads.iter().enumerate() {
        let head = if is_number(column) { &head[1..] } else { head };
        let _ = write!(html, "<th scope=\"col\"{}>{}</th>", class(column), escape(head));
    }
    html += "</tr></thead><tbody>\n";
    for row in rows.iter().take(MAX_ROWS) {
        html += "<tr>";
        for (column, cell) in row.iter().enumerate() {
            let cell = escape(cell);
            let _ = match column {
                0 => write!(html, "<th scope=\"row\">{cell}</th>"),
                _ => write!(html, "<td{}>{cell}</td>", class(column)),
            };
        }
        html += "</tr>\n";
    }
    html += "</tbody></table></div>\n";
    if let more @ 1.. = rows.len().saturating_sub(MAX_ROWS) {
        let _ =
            writeln!(html, "<p class=\"note\">{more} more rows are in the report and not shown here.</p>");
    }
    html
}

/// The heads of a table.
pub(super) fn heads<const N: usize>(heads: [&str; N]) -> Vec<String> {
    heads.map(str::to_owned).to_vec()
}
