//! The variants of a file: without attributes, with them, with others that do nothing or too much.

/// What becomes of the markers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Variant {
    /// They stay the comments they are.
    Plain,
    /// They are replaced by what they stand for.
    Probed,
    /// They are replaced by an attribute that does nothing.
    Inert,
    /// They stay comments, and the body that follows is called as a closure.
    Wrapped,
}

impl Variant {
    pub(crate) const ALL: [Variant; 4] = [Variant::Plain, Variant::Probed, Variant::Inert, Variant::Wrapped];

    /// How the names of the variant's packages begin. They are of one length, as long types are shortened in messages.
    pub(crate) fn prefix(self) -> &'static str {
        match self {
            Variant::Plain => "shapes_plain",
            Variant::Probed => "shapes_probe",
            Variant::Inert => "shapes_inert",
            Variant::Wrapped => "shapes_wraps",
        }
    }

    /// The one file that the variant is built of, if it is not all of them.
    pub(crate) fn only(self) -> Option<&'static str> {
        match self {
            Variant::Plain | Variant::Probed => None,
            Variant::Inert => Some("macros"),
            Variant::Wrapped => Some("canary"),
        }
    }

    /// The text of a file in this variant; its lines stay where they are.
    pub(crate) fn of(self, text: &str) -> String {
        match self {
            Variant::Plain => text.to_owned(),
            Variant::Probed => replaced(text, &|marker| marker.code()),
            Variant::Inert => replaced(text, &|_| String::from("#[::inert::inert]")),
            Variant::Wrapped => wrapped(text),
        }
    }
}

/// `//@probe(..)`, `//@mark(..)` or `//@enter(..)`, and `calls=N` and `grows=N` behind it.
pub(crate) struct Marker<'a> {
    word: &'a str,
    arguments: &'a str,
    calls: Option<u64>,
    grows: Option<usize>,
}

impl<'a> Marker<'a> {
    pub(crate) fn of(line: &'a str) -> Option<Marker<'a>> {
        let marker = line.trim_start().strip_prefix("//@")?;
        if marker.starts_with("edition ") {
            return None;
        }
        let end = marker.rfind(')').map_or(marker.len(), |end| end + 1);
        let (marker, rest) = marker.split_at(end);
        let (word, arguments) = marker.split_at(marker.find('(').unwrap_or(marker.len()));
        assert!(["probe", "mark", "enter"].contains(&word), "an unknown marker: {line}");
        let mut marker = Marker { word, arguments, calls: None, grows: None };
        for field in rest.split_whitespace() {
            let (key, number) = field.split_once('=').expect("calls=N or grows=N");
            match key {
                "calls" => marker.calls = Some(number.parse().expect("calls=N")),
                "grows" => marker.grows = Some(number.parse().expect("grows=N")),
                _ => panic!("neither calls=N nor grows=N: {line}"),
            }
        }
        Some(marker)
    }

    /// How many calls it is to count; one, unless it says so.
    pub(crate) fn calls(&self) -> u64 {
        self.calls.unwrap_or(u64::from(self.word != "mark"))
    }

    /// How many bytes its future may grow by beside its guard.
    pub(crate) fn grows(&self) -> usize {
        self.grows.unwrap_or(0)
    }

    pub(crate) fn has_polls(&self) -> bool {
        self.arguments.contains("polls")
    }

    pub(crate) fn is_enter(&self) -> bool {
        self.word == "enter"
    }

    fn code(&self) -> String {
        let arguments = self.arguments;
        match self.word {
            "probe" => format!("#[::concurrency_probe::concurrency_probe{arguments}]"),
            "mark" => format!("#[::concurrency_probe::must_run_parallel{arguments}]"),
            _ => format!("let _probe = ::concurrency_probe::enter!{arguments};"),
        }
    }
}

fn replaced(text: &str, code: &dyn Fn(&Marker<'_>) -> String) -> String {
    let replaced = |line: &str| {
        let indent = " ".repeat(line.len() - line.trim_start().len());
        Marker::of(line).map_or_else(|| line.to_owned(), |marker| indent + &code(&marker)) + "\n"
    };
    text.lines().map(replaced).collect()
}

/// Wraps each body behind a marker. It has to begin on the line of its `fn`, and to end on a line of the same indent.
fn wrapped(text: &str) -> String {
    let mut follows_marker = false;
    let mut closing: Option<(String, &str)> = None;
    let mut wrapped = String::new();
    for line in text.lines() {
        wrapped.push_str(line);
        follows_marker |= Marker::of(line).is_some();
        if let (true, Some(signature)) = (follows_marker, line.strip_suffix(" {")) {
            let indent = " ".repeat(line.len() - line.trim_start().len());
            let is_async = signature.trim_start().starts_with("async ");
            let (begin, end) = if is_async { ("async move {", "}.await") } else { ("(move || {", "})()") };
            wrapped.push_str(begin);
            closing = Some((indent + "}", end));
            follows_marker = false;
        } else if closing.as_ref().is_some_and(|(last, _)| last == line) {
            let end = closing.take().map_or("", |(_, end)| end);
            wrapped.truncate(wrapped.len() - 1);
            wrapped.push_str(end);
            wrapped.push('}');
        }
        wrapped.push('\n');
    }
    wrapped
}
