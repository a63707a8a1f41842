//! `Home`: where in its scope a handle was taken.

use crate::call::board::Board;
use crate::call::host::Visit;
use crate::verdict::hold::holder::Hold;
use crate::verdict::hold::tokens::OpenPass;
use std::sync::Arc;

/// Where in its scope a handle was taken. Calls that are made through the handle on other threads are counted there.
#[derive(Clone)]
pub(crate) struct Home {
    pub(crate) place: (&'static Board, Visit),
    /// If that is in a pass: tells the hold that calls of the pass may come from any thread.
    _keeps_open: Option<OpenPass>,
}

impl Home {
    pub(crate) fn new(place: (&'static Board, Visit), hold: Option<&Arc<Hold>>) -> Self {
        let visit = place.1;
        let keeps_open = hold.filter(|_| visit.pass != 0).map(|hold| hold.keep_open(visit));
        Home { place, _keeps_open: keeps_open }
    }
}
