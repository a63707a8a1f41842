//! The places where scopes of each name were opened, and how many. A message uses it to name other scopes that may have counted the calls.

use crate::base::lock::lock;
use crate::call::name::Name;
use std::panic::Location;
use std::sync::Mutex;

/// One entry for each name and place in the source.
static OPENED: Mutex<Vec<Opened>> = Mutex::new(Vec::new());

#[derive(Clone, Copy)]
struct Opened {
    name: &'static Name,
    at: &'static Location<'static>,
    scopes: u64,
}

/// The scopes of one name that were opened until some moment.
pub(crate) struct OpenedBefore(Box<[(&'static Location<'static>, u64)]>);

/// Notes that a scope is opened. Returns the scopes of its name that were opened until now, with this one.
pub(crate) fn note(name: &'static Name, at: &'static Location<'static>) -> OpenedBefore {
    let mut all = lock(&OPENED);
    match all.iter_mut().find(|opened| opened.name.is(name) && opened.at == at) {
        Some(opened) => opened.scopes += 1,
        None => all.push(Opened { name, at, scopes: 1 }),
    }
    OpenedBefore(
        all.iter().filter(|opened| opened.name.is(name)).map(|opened| (opened.at, opened.scopes)).collect(),
    )
}

impl OpenedBefore {
    /// The scopes of the name that were opened since.
    pub(crate) fn since(&self, name: &'static Name) -> Vec<(&'static Location<'static>, u64)> {
        let before = |at| self.0.iter().find(|(known, _)| *known == at).map_or(0, |(_, scopes)| *scopes);
        let all = lock(&OPENED);
        all.iter()
            .filter(|opened| opened.name.is(name))
            .map(|opened| (opened.at, opened.scopes - before(opened.at)))
            .filter(|(_, scopes)| *scopes > 0)
            .collect()
    }
}
