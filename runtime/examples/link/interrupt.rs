//! `Interrupt`: Ctrl-C, checked between two files and not in the middle of one.

use crate::error::{Action, Error};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether the user wants the run to end.
#[derive(Clone, Debug)]
pub(crate) struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Watches for Ctrl-C. A second signal changes nothing: the clean-up takes less than a second, and some programs, such as
    /// `timeout`, send their signal twice.
    pub(crate) fn watch() -> Result<Self, Error> {
        let asked = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM] {
            flag::register(signal, Arc::clone(&asked))
                .map_err(|source| Error::Io { action: Action::Watch, source })?;
        }
        Ok(Interrupt(asked))
    }

    /// Fails once the user has asked for the end. `Relaxed`, because no other data depends on it.
    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.0.load(Ordering::Relaxed) { Err(Error::Interrupted) } else { Ok(()) }
    }
}
