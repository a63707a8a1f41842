//! An unknown name, and the known one that was probably meant.

/// The message for an unknown name, with the name that was probably meant.
pub(crate) fn unknown<'a>(what: &str, name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    let name_shown = name.escape_debug();
    match nearest(name, known.iter().copied()) {
        Some(nearest) => format!("there is no {what} `{name_shown}`; did you mean `{nearest}`?"),
        None if known.is_empty() => format!("there is no {what} `{name_shown}`, and no other"),
        None => format!("there is no {what} `{name_shown}`; there are `{}`", known.join("`, `")),
    }
}

/// The name that was probably meant.
pub(crate) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let scored = known.map(|known| (strsim::jaro_winkler(name, known), known));
    scored.filter(|(score, _)| *score > 0.75).max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, known)| known)
}
