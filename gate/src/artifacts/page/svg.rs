//! `Svg`: elements of an image, one after another.

use quick_xml::Writer;
use quick_xml::events::{BytesEnd, BytesStart, BytesText, Event};

/// An image that is being written. Every text and every value is escaped.
pub(super) struct Svg(Writer<Vec<u8>>);

/// The name of an attribute, and its value.
pub(super) type Attribute<'a> = (&'a str, &'a str);

impl Svg {
    /// An image without anything.
    pub(super) fn new() -> Self {
        Svg(Writer::new(Vec::new()))
    }

    /// Begins an element that has others in it.
    pub(super) fn open(&mut self, name: &str, attributes: &[Attribute<'_>]) {
        self.write(Event::Start(element(name, attributes)));
        self.new_line();
    }

    /// Ends it.
    pub(super) fn close(&mut self, name: &str) {
        self.write(Event::End(BytesEnd::new(name)));
        self.new_line();
    }

    /// An element that has nothing in it.
    pub(super) fn shape(&mut self, name: &str, attributes: &[Attribute<'_>]) {
        self.write(Event::Empty(element(name, attributes)));
        self.new_line();
    }

    /// An element that has text in it.
    pub(super) fn text(&mut self, name: &str, attributes: &[Attribute<'_>], text: &str) {
        self.write(Event::Start(element(name, attributes)));
        self.write(Event::Text(BytesText::new(&super::html::visible(text))));
        self.write(Event::End(BytesEnd::new(name)));
        self.new_line();
    }

    /// All of another one.
    pub(super) fn append(&mut self, other: Svg) {
        self.0.get_mut().extend(other.0.into_inner());
    }

    /// All that was written.
    pub(super) fn finish(self) -> String {
        String::from_utf8(self.0.into_inner()).expect("only strings were written")
    }

    fn write(&mut self, event: Event<'_>) {
        self.0.write_event(event).expect("memory takes everything");
    }

    fn new_line(&mut self) {
        self.write(Event::Text(BytesText::from_escaped("\n")));
    }
}

fn element<'a>(name: &'a str, attributes: &[Attribute<'a>]) -> BytesStart<'a> {
    BytesStart::new(name).with_attributes(attributes.iter().copied())
}

/// A place or a length, in pixels. A hundredth of a pixel is not seen.
pub(super) fn px(pixels: f64) -> String {
    let text = format!("{pixels:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
