//! Drawings: named rows of marks on one scale, as HTML and SVG.
//!
//! Marks are placed in percent of a row, and names stand beside it: a row is as wide as the page lets it be, on a phone, on paper
//! and on a wide screen, and its text is always text of the page's size.

use std::fmt::Write;

/// A row: its name, and its marks as SVG.
pub(super) type Row = (String, String);

/// A run, at this share of the width.
pub(super) fn point(at: f64, label: &str) -> String {
    format!(
        "<circle class=\"point\" cx=\"{:.2}%\" cy=\"14\" r=\"5\"><title>{}</title></circle>",
        at * 100.0,
        escape(label)
    )
}

/// A span of time, from and as wide as these shares of the width.
pub(super) fn bar(from: f64, width: f64, color: usize, label: Option<&str>) -> String {
    let place = format!(
        "class=\"c{}\" x=\"{:.2}%\" y=\"4\" width=\"{:.2}%\" height=\"20\"",
        color % 8,
        from * 100.0,
        width * 100.0
    );
    match label {
        Some(label) => format!("<rect {place}><title>{}</title></rect>", escape(label)),
        None => format!("<rect {place}/>"),
    }
}

/// Rows, one below the other, over a scale with its labels from the left end to the right.
pub(super) fn drawing(title: &str, rows: &[Row], scale: &[String]) -> String {
    let mut html = format!("<figure aria-label=\"{}\">", escape(title));
    for (name, marks) in rows {
        let _ =
            write!(html, "<span class=\"name\">{}</span><svg class=\"marks\">{marks}</svg>", escape(name));
    }
    let labels =
        scale.iter().fold(String::new(), |labels, label| labels + "<span>" + &escape(label) + "</span>");
    let _ = write!(html, "<span class=\"name\"></span><div class=\"scale\">{labels}</div></figure>");
    html
}

/// The labels of a scale from 0 to so many nanoseconds, in quarters.
pub(super) fn times(longest: u64) -> Vec<String> {
    (0..=4).map(|quarter| millis(longest / 4 * quarter + longest % 4 * quarter / 4)).collect()
}

#[expect(clippy::cast_precision_loss, reason = "it is drawn")]
pub(super) fn share(part: u64, whole: u64) -> f64 {
    part as f64 / whole as f64
}

pub(super) fn millis(ns: u64) -> String {
    let tenths = ns.saturating_add(50_000) / 100_000;
    format!("{}.{} ms", tenths / 10, tenths % 10)
}

pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}
