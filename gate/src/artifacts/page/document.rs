//! The HTML file of a page. It loads nothing.

use super::html::escape;
use std::fmt::Write;

const STYLE: &str = include_str!("page.css");
/// What all scripts have in common.
const DRAWING: &str = include_str!("drawing.js");
const LIBRARY: &str = include_str!("../vendor/echarts.min.js");
const LICENSES: &str = include_str!("../vendor/LICENSES.txt");

/// What the page may do: run the scripts that are in it, and load nothing.
const POLICY: &str = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

/// A page: `title`, `body` and `data` are HTML and JSON already, `script` hands the data to the library.
pub(super) fn document(title: &str, body: &str, data: &str, script: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <link rel=\"icon\" href=\"data:,\">\n<title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n{body}</main>\n\
         <noscript><p class=\"note\">The pictures need scripts. Sentences and tables are all here.</p></noscript>\n\
         <footer><details><summary>Drawn with Apache ECharts, which is part of this page: licences</summary><pre>{}</pre></details></footer>\n\
         <script type=\"application/json\" id=\"data\">{data}</script>\n<script id=\"library\">{LIBRARY}</script>\n<script>{DRAWING}{script}</script>\n\
         </body>\n</html>\n",
        escape(LICENSES),
    )
}

/// A part of the page. One about which nothing is known is left out.
pub(super) fn section(body: &mut String, title: &str, content: &str) {
    if !content.is_empty() {
        let _ = writeln!(body, "<section aria-label=\"{title}\">\n<h2>{title}</h2>\n{content}</section>");
    }
}
