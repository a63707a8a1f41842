//! Drawings: named rows of marks on one scale, as HTML and SVG.
//!
//! Marks are placed in percent of a row, and names stand beside it: a row is as wide as the page lets it be, on a phone, on paper
//! and on a wide screen, and its text is always text of the page's size.

use std::collections::HashMap;
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

/// A span of time, from and to these shares of the width.
///
/// Both edges are rounded, and not an edge and the width: of two spans the one that begins where the other ends is not drawn over
/// it.
pub(super) fn bar([from, to]: [f64; 2], color: usize, label: Option<&str>) -> String {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "shares are from 0 to 1")]
    let [from, to] = [from, to].map(|share| (share * 1e6).round() as u64);
    let percent = |millionths: u64| format!("{}.{:04}%", millionths / 10_000, millionths % 10_000);
    let place = format!(
        "class=\"c{}\" x=\"{}\" y=\"4\" width=\"{}\" height=\"20\"",
        color % 8,
        percent(from),
        percent(to.saturating_sub(from))
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

/// Which color is for what.
#[derive(Default)]
pub(super) struct Key {
    names: Vec<String>,
    known: HashMap<String, usize>,
}

impl Key {
    /// The color of a name.
    pub(super) fn color(&mut self, name: &str) -> usize {
        if let Some(color) = self.known.get(name) {
            return *color;
        }
        let color = self.names.len();
        self.known.insert(name.to_owned(), color);
        self.names.push(name.to_owned());
        color
    }

    /// Below a drawing.
    pub(super) fn html(&self) -> String {
        let names = self.names.iter().enumerate().fold(String::new(), |mut html, (color, name)| {
            let _ = write!(html, "<li><span class=\"c{}\"></span>{}</li>", color % 8, escape(name));
            html
        });
        format!("<ul class=\"key\">{names}</ul>")
    }
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
