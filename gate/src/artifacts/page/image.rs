//! `Image`: the pictures of a page as one SVG, for a README or a comment.
//!
//! It shows what the pictures of the page show, and leaves out what they leave out. It has its own white or dark background, no
//! script, and no font of its own, so that each viewer can draw it.

use super::fills::{fill, ink, patterns, style};
use super::picture::{Bar, MAX_PICTURES, Missing, Picture, Step};
use super::pictures::Pictures;
use super::story::{calls, headline};
use super::subject::{Named, Subject};
use super::svg::{Svg, px};
use super::unit::ticks;
use crate::results::Results;
use crate::text::{fold, width};
use std::collections::BTreeSet;
use std::fmt::Write;

/// How wide an image is, in pixels.
const WIDTH: f64 = 900.0;
/// The room beside what is drawn.
const MARGIN: f64 = 16.0;
/// Where the time axis begins: left of it are the names of threads.
const LEFT: f64 = 132.0;
/// The room on the right if futures have an axis there.
const FUTURES: f64 = 48.0;
/// The height of the curve.
const CURVE: f64 = 80.0;
/// The room between the curve and the rows.
const GAP: f64 = 10.0;
/// What is shorter than this is drawn so long, where nothing else begins. As on the page.
const SEEN: f64 = 1.5;
/// How wide a character is at most, on average: of text, and of a headline.
const CHARACTER: f64 = 7.0;
const CHARACTER_OF_HEADLINE: f64 = 8.6;
/// So many names are in the key.
const MAX_KEYS: usize = 32;
/// An image that is being drawn, from the top down.
struct Image<'a> {
    svg: Svg,
    pictures: &'a Pictures<'a>,
    /// Where what comes next begins.
    top: f64,
    /// Where the time axis ends.
    right: f64,
}

/// The image of all targets with a timeline; `None` if there is none.
pub(in crate::artifacts) fn image(results: &Results) -> Option<String> {
    let named = Named::all(results);
    let subjects = Subject::all(&named, results, &[]);
    let pictures = Pictures::of(&subjects, results);
    if pictures.drawn.is_empty() {
        return None;
    }
    let has_futures = pictures.drawn.iter().any(|picture| !picture.futures.is_empty());
    let right = WIDTH - if has_futures { FUTURES } else { MARGIN };
    let mut image = Image { svg: Svg::new(), pictures: &pictures, top: MARGIN, right };
    for (picture, subject) in pictures.drawn.iter().zip(&pictures.of) {
        image.picture(picture, *subject);
    }
    image.key();
    let mut notes = Vec::new();
    if let more @ 1.. = pictures.more {
        notes.push(format!("{more} more targets have no picture: an image has at most {MAX_PICTURES}."));
    }
    match subjects.iter().filter(|subject| subject.timeline().is_none()).count() {
        0 => {}
        1 => notes.push("1 more report has no timeline, and no picture.".into()),
        without => notes.push(format!("{without} more reports have no timeline, and no picture.")),
    }
    image.lines(&notes, "faint", CHARACTER, 16.0);
    Some(image.finish())
}

impl Image<'_> {
    /// What ran when, of one target.
    fn picture(&mut self, picture: &Picture, subject: Subject<'_>) {
        let (class, headline) = headline(subject);
        self.lines(&[headline], &format!("headline {class}"), CHARACTER_OF_HEADLINE, 20.0);
        let says = [picture.label.clone()].into_iter().chain(calls(subject)).collect::<Vec<_>>();
        self.lines(&says, "text", CHARACTER, 16.0);
        self.top += 24.0;
        let height = if picture.labels.len() > 24 { 14.0 } else { 20.0 };
        let bottom = self.top + CURVE + GAP + size(picture.labels.len()) * height;
        self.bands(picture, self.top + CURVE + GAP, height);
        for tick in self.ticks() {
            self.line("grid", (self.x(tick), self.top), (self.x(tick), bottom));
        }
        self.curve(picture);
        if picture.end < self.pictures.end {
            self.line("ends", (self.x(picture.end), self.top), (self.x(picture.end), bottom));
        }
        self.top += CURVE + GAP;
        self.rows(picture, height, bottom);
        self.axis(picture);
        self.lines(&picture.notes, "faint", CHARACTER, 16.0);
        self.top += 12.0;
    }

    /// Sentences, each on as many lines as it needs.
    fn lines(&mut self, sentences: &[String], class: &str, character: f64, height: f64) {
        let columns = columns(WIDTH - 2.0 * MARGIN, character);
        for sentence in sentences {
            for line in fold(&super::html::visible(sentence).replace('\n', " "), columns, 0, 2) {
                self.top += height;
                let indent = f64::from(u8::from(line.starts_with(' '))) * MARGIN;
                self.say(class, MARGIN + indent, self.top - 4.0, line.trim_start());
            }
        }
    }

    /// How many threads ran at once, and how many futures were in flight.
    fn curve(&mut self, picture: &Picture) {
        let (top, bottom) = (self.top, self.top + CURVE);
        // One scale for all pictures: one of one must not look as full as four of four.
        let highest = |steps: &[Step]| steps.iter().map(|step| step.highest()).max().unwrap_or(0);
        let all = &self.pictures.drawn;
        let most = all.iter().map(|picture| picture.pool.unwrap_or(0).max(highest(&picture.curve).into()));
        let most = most.max().unwrap_or(0).max(2);
        let most_futures =
            all.iter().map(|picture| u64::from(highest(&picture.futures))).max().unwrap_or(0).max(1);
        let y = |level: f64, most: u64| bottom - level / (float(most) * 1.2) * CURVE;
        self.say("faint", LEFT, top - 8.0, "threads at once");
        for level in ticks(most, 4) {
            let at = y(float(level), most);
            self.line("grid", (LEFT, at), (self.right, at));
            self.say("faint end", LEFT - 6.0, at + 4.0, &level.to_string());
        }
        for Missing { from, to, .. } in picture.missing.iter().filter(|missing| missing.is_unknown) {
            self.rect("missing waits", (self.x(*from), top), (self.x(*to) - self.x(*from), CURVE));
        }
        let known = picture.missing.iter().filter(|missing| missing.is_unknown).map(|missing| missing.from);
        let known = known.fold(picture.end, u64::min);
        let of_level = |level: f64| y(level, most);
        if let Some(line) = self.steps(&picture.curve, known, |step| of_level(step.level())) {
            let from = self.x(picture.curve[0].at());
            let area = format!("M{} {} L{line} V{}Z", px(from), px(bottom), px(bottom));
            self.svg.shape("path", &[("class", "area"), ("d", &area)]);
        }
        if picture.curve.iter().any(|step| matches!(step, Step::Summed(..)))
            && let Some(line) = self.steps(&picture.curve, known, |step| of_level(step.highest().into()))
        {
            self.svg.shape("path", &[("class", "highest"), ("d", &format!("M{line}"))]);
        }
        if let Some(line) = self.steps(&picture.futures, known, |step| y(step.level(), most_futures)) {
            self.svg.shape("path", &[("class", "futures"), ("d", &format!("M{line}"))]);
            self.say("faint end", WIDTH - MARGIN, top - 8.0, "futures");
            for level in ticks(most_futures, 2) {
                self.say("faint", self.right + 6.0, y(float(level), most_futures) + 4.0, &level.to_string());
            }
        }
        if let Some(pool) = picture.pool {
            let at = y(float(pool), most);
            self.line("pool", (LEFT, at), (self.right, at));
            // On the side that the end of the scope is farther from, which is a line as well.
            let says = format!("pool of {pool}");
            if self.x(picture.end) > WIDTH / 2.0 {
                self.say("text", LEFT + 4.0, at - 4.0, &says);
            } else {
                self.say("text end", self.right - 4.0, at - 4.0, &says);
            }
        }
    }

    /// A curve of steps as a path without its first letter, up to when it is known.
    fn steps(&self, steps: &[Step], known: u64, y: impl Fn(Step) -> f64) -> Option<String> {
        let (first, last) = (steps.first()?, steps.last()?);
        let mut path = format!("{} {}", px(self.x(first.at())), px(y(*first)));
        for step in &steps[1..] {
            let _ = write!(path, "H{}V{}", px(self.x(step.at())), px(y(*step)));
        }
        Some(path + &format!("H{}", px(self.x(known.max(last.at())))))
    }

    /// The name of each group of rows, and what is behind every other group.
    fn bands(&mut self, picture: &Picture, top: f64, height: f64) {
        let ends = picture.groups.iter().skip(1).copied().chain([picture.labels.len()]);
        for (at, (from, to)) in picture.groups.iter().zip(ends).enumerate() {
            let y = top + size(*from) * height;
            if at % 2 == 1 {
                self.rect("band", (LEFT, y), (self.right - LEFT, size(to - from) * height));
            }
            let label = cut(&picture.labels[*from], columns(LEFT - MARGIN, CHARACTER));
            self.say("text end", LEFT - 6.0, y + height / 2.0 + 4.0, &label);
        }
    }

    /// Phases, threads and futures, each with what it ran.
    fn rows(&mut self, picture: &Picture, height: f64, bottom: f64) {
        let top = self.top;
        for Missing { from, to, why, .. } in &picture.missing {
            let (x, wide) = (self.x(*from), self.x(*to) - self.x(*from));
            self.rect("missing waits", (x, top), (wide, bottom - top));
            if wide > 110.0 {
                self.say("text middle", x + wide / 2.0, f64::midpoint(top, bottom) + 4.0, why);
            }
        }
        self.svg.open("g", &[("class", "bars")]);
        for bar in picture.bars() {
            self.bar(bar, top + float(bar.row) * height + 2.0, height - 4.0);
        }
        self.svg.close("g");
        self.top = bottom;
    }

    /// A span, with its name if that fits.
    fn bar(&mut self, bar: Bar, y: f64, height: f64) {
        let x = self.x(bar.start);
        let seen = (x + SEEN).min(self.x(bar.room));
        let wide = self.x(bar.end).max(seen) - x;
        let name = self.pictures.names.name(bar.name);
        let (fill, ink, says) = match bar {
            _ if bar.is_wait() => ("waits".to_owned(), "text".to_owned(), format!("waits: {name}")),
            _ => (fill(bar.name), ink(bar.name), name.to_owned()),
        };
        let class = if bar.is_poll() { fill + " poll" } else { fill };
        self.rect(&class, (x, y), (wide, height));
        let says = cut(&says, columns(wide - 6.0, CHARACTER));
        if wide >= 34.0 && height >= 12.0 && !says.is_empty() {
            self.say(&ink, x + 3.0, y + height / 2.0 + 4.0, &says);
        }
    }

    /// The time axis, below the rows.
    fn axis(&mut self, picture: &Picture) {
        self.line("grid", (LEFT, self.top), (self.right, self.top));
        let unit = self.pictures.unit;
        self.svg.open("g", &[("class", "axis")]);
        for tick in self.ticks() {
            self.say("faint middle", self.x(tick), self.top + 15.0, &unit.whole(tick));
        }
        self.svg.close("g");
        self.say("faint end", LEFT - 6.0, self.top + 15.0, unit.name());
        if picture.end < self.pictures.end {
            // Where there is room for it.
            let is_late = self.x(picture.end) > WIDTH / 2.0;
            let class = if is_late { "text end" } else { "text" };
            let says = format!("ends {}", unit.show(picture.end));
            self.say(class, self.x(picture.end), self.top + 30.0, &says);
        }
        self.top += 34.0;
    }

    /// Which name has which colour.
    fn key(&mut self) {
        let bars = || self.pictures.drawn.iter().flat_map(Picture::bars);
        let names: BTreeSet<u64> = bars().filter(|bar| !bar.is_wait()).map(|bar| bar.name).collect();
        let has_waits = bars().any(Bar::is_wait);
        let shown = names.iter().take(MAX_KEYS);
        let mut keys: Vec<(String, String)> =
            shown.map(|name| (fill(*name), self.pictures.names.name(*name).to_owned())).collect();
        if has_waits {
            keys.push(("waits".into(), "waits in a hold".into()));
        }
        if let more @ 1.. = names.len().saturating_sub(MAX_KEYS) {
            keys.push((String::new(), format!("and {more} more")));
        }
        let mut x = LEFT;
        for (fill, name) in keys {
            let name = cut(&name, 40);
            let wide = size(width(&name)) * CHARACTER + 44.0;
            if x + wide > WIDTH - MARGIN && x > LEFT {
                (x, self.top) = (LEFT, self.top + 20.0);
            }
            if !fill.is_empty() {
                self.rect(&fill, (x, self.top + 3.0), (22.0, 11.0));
            }
            self.say("text", x + 28.0, self.top + 13.0, &name);
            x += wide;
        }
        self.top += 24.0;
    }

    /// The whole image, as text.
    fn finish(self) -> String {
        let Image { svg: drawn, pictures, top, .. } = self;
        let (wide, high) = (px(WIDTH), px(top + MARGIN));
        let mut svg = Svg::new();
        let says: Vec<String> =
            pictures.drawn.iter().map(|picture| format!("{}: {}", picture.target, picture.label)).collect();
        svg.open(
            "svg",
            &[
                ("xmlns", "http://www.w3.org/2000/svg"),
                ("viewBox", &format!("0 0 {wide} {high}")),
                ("width", &wide),
                ("height", &high),
                ("role", "img"),
                ("aria-labelledby", "says"),
            ],
        );
        svg.text("title", &[("id", "says")], &says.join("; "));
        let names = pictures.drawn.iter().flat_map(Picture::bars).map(|bar| bar.name).collect();
        svg.text("style", &[], &style(&names));
        svg.open("defs", &[]);
        patterns(&mut svg, &names);
        svg.close("defs");
        svg.shape("rect", &[("class", "back"), ("width", &wide), ("height", &high), ("rx", "6")]);
        svg.append(drawn);
        svg.close("svg");
        svg.finish()
    }

    /// Where a time is.
    fn x(&self, ns: u64) -> f64 {
        LEFT + float(ns) / float(self.pictures.end) * (self.right - LEFT)
    }

    fn ticks(&self) -> Vec<u64> {
        ticks(self.pictures.end, 8)
    }

    fn say(&mut self, class: &str, x: f64, y: f64, text: &str) {
        self.svg.text("text", &[("class", class), ("x", &px(x)), ("y", &px(y))], text);
    }

    fn line(&mut self, class: &str, from: (f64, f64), to: (f64, f64)) {
        let [x1, y1, x2, y2] = [from.0, from.1, to.0, to.1].map(px);
        self.svg.shape("line", &[("class", class), ("x1", &x1), ("y1", &y1), ("x2", &x2), ("y2", &y2)]);
    }

    fn rect(&mut self, class: &str, at: (f64, f64), size: (f64, f64)) {
        let [x, y, width, height] = [at.0, at.1, size.0, size.1].map(px);
        self.svg
            .shape("rect", &[("class", class), ("x", &x), ("y", &y), ("width", &width), ("height", &height)]);
    }
}

/// The beginning of a text, with a mark if there was more. Columns of an East Asian character are two.
fn cut(text: &str, columns: usize) -> String {
    let text = super::html::visible(text);
    if width(&text) <= columns {
        return text;
    }
    let mut begin = String::new();
    for c in text.chars() {
        begin.push(c);
        if width(&begin) >= columns {
            begin.pop();
            break;
        }
    }
    if begin.is_empty() { begin } else { begin + "…" }
}

/// How many characters find room.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it is not below 0, and less than the image is wide"
)]
fn columns(pixels: f64, character: f64) -> usize {
    (pixels / character).max(0.0) as usize
}

#[expect(clippy::cast_precision_loss, reason = "it is drawn")]
fn float(number: u64) -> f64 {
    number as f64
}

fn size(number: usize) -> f64 {
    float(number as u64)
}
