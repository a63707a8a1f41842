//! Fills: which name has which colour and pattern in an image.

use super::names::COLORS;
use super::svg::Svg;
use std::collections::BTreeSet;
use std::fmt::Write;

/// Colours come again after so many names, with all patterns.
const FILLS: u64 = 32;
/// Lines from the lower left to the upper right, in a square of 8 pixels.
const LINES: &str = "M-2 2L2 -2M-2 10L10 -2M6 10L10 6";

/// How everything but the names is drawn, in the light and in the dark.
const STYLE: &str = "text{font:12px system-ui,-apple-system,'Segoe UI',Helvetica,Arial,sans-serif}\
.headline{font-size:15px;font-weight:600}.end{text-anchor:end}.middle{text-anchor:middle}\
.text{fill:#1a1a1a}.faint{fill:#595959}.wrong{fill:#b0101d}.look{fill:#0a5c9e}.back{fill:#fff}.band{fill:#f4f5f7}\
.grid{stroke:#d8d8d8}.pool{stroke:#1a1a1a;stroke-dasharray:5 4}.ends{stroke:#595959}\
.area{fill:#0a5c9e;fill-opacity:.25;stroke:#0a5c9e;stroke-width:1.5}.highest{fill:none;stroke:#0a5c9e;stroke-opacity:.5;stroke-width:.75}\
.futures{fill:none;stroke:#d55e00;stroke-width:1.5;stroke-dasharray:2 3}.hatch{stroke:#595959}.poll{fill-opacity:.75}.missing{fill-opacity:.7}\
@media (prefers-color-scheme:dark){.text{fill:#ececec}.faint{fill:#a8a8a8}.wrong{fill:#ff8080}.look{fill:#7cbcf0}.back{fill:#16181c}\
.band{fill:#1e2126}.grid{stroke:#3a3d44}.pool{stroke:#ececec}.ends,.hatch{stroke:#a8a8a8}.area{fill:#7cbcf0;stroke:#7cbcf0}.highest{stroke:#7cbcf0}}";

/// The class of what has this name.
pub(super) fn fill(name: u64) -> String {
    format!("n{}", name % FILLS)
}

/// The class of text on it.
pub(super) fn ink(name: u64) -> String {
    format!("t{}", name % COLORS.len() as u64)
}

/// The fills of these names.
fn fills(names: &BTreeSet<u64>) -> BTreeSet<u64> {
    names.iter().map(|name| name % FILLS).collect()
}

/// The colour of a name, that of text on it, and which pattern it has: none, lines, dots or stripes.
fn colors(name: u64) -> (&'static str, &'static str, u64) {
    let number = COLORS.len() as u64;
    let (color, ink) = COLORS[usize::try_from(name % number).unwrap_or(0)];
    (color, ink, name / number)
}

pub(super) fn style(names: &BTreeSet<u64>) -> String {
    let mut style = STYLE.to_owned() + ".waits{fill:url(#waits)}";
    for name in fills(names) {
        let (color, ink, pattern) = colors(name);
        let fill = if pattern == 0 { color.to_owned() } else { format!("url(#p{name})") };
        let _ = write!(style, ".n{name}{{fill:{fill}}}.{}{{fill:{ink}}}", self::ink(name));
    }
    style
}

/// The patterns of names from the ninth one on, and of what waits or is missing.
pub(super) fn patterns(svg: &mut Svg, names: &BTreeSet<u64>) {
    let begin = |svg: &mut Svg, id: &str| {
        let size = ("patternUnits", "userSpaceOnUse");
        svg.open("pattern", &[("id", id), ("width", "8"), ("height", "8"), size]);
    };
    begin(svg, "waits");
    svg.shape("rect", &[("class", "band"), ("width", "8"), ("height", "8")]);
    svg.shape("path", &[("class", "hatch"), ("d", LINES)]);
    svg.close("pattern");
    for name in fills(names) {
        let (color, ink, pattern) = colors(name);
        let path = match pattern {
            0 => continue,
            1 => LINES,
            2 => "M2 3H4",
            _ => "M0 4H8",
        };
        begin(svg, &format!("p{name}"));
        svg.shape("rect", &[("fill", color), ("width", "8"), ("height", "8")]);
        svg.shape("path", &[("stroke", ink), ("stroke-opacity", ".6"), ("d", path)]);
        svg.close("pattern");
    }
}
