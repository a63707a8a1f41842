//! `Signals`: what the system tells the gate while it runs its targets.

use super::event::Event;
#[cfg(unix)]
use concurrency_probe_gate::is_ignored;
use std::io;
use std::process::ExitCode;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};

/// Who is told of the next signal, and the first one that came.
#[derive(Debug, Default)]
struct Heard {
    first: Option<i32>,
    listener: Option<Sender<Event>>,
}

/// Listens for Ctrl-C, `kill` and a terminal that is closed. Without it they would end the gate and leave its target running, as that is a
/// process group of its own.
#[derive(Clone, Debug, Default)]
pub(crate) struct Signals(Arc<Mutex<Heard>>);

impl Signals {
    /// Begins to listen. From now on no such signal ends the gate by itself. One that was ignored when the gate was started goes on being
    /// ignored.
    ///
    /// # Errors
    ///
    /// If the system does not let the program listen.
    #[cfg(unix)]
    pub(crate) fn listen() -> io::Result<Self> {
        use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
        let signals = Signals::default();
        let heard = signals.clone();
        // Whoever ignored one before the gate was started wants it to go on, as with `nohup`.
        let heeded = [SIGHUP, SIGINT, SIGTERM].into_iter().filter(|signal| !is_ignored(*signal));
        let mut coming = signal_hook::iterator::Signals::new(heeded)?;
        std::thread::Builder::new()
            .name("signals".into())
            .spawn(move || coming.forever().for_each(|signal| heard.hear(signal)))?;
        Ok(signals)
    }

    /// Elsewhere the system ends the gate and its targets together.
    #[cfg(not(unix))]
    pub(crate) fn listen() -> io::Result<Self> {
        Ok(Signals::default())
    }

    #[cfg_attr(not(unix), expect(dead_code, reason = "there are no signals"))]
    fn hear(&self, signal: i32) {
        let mut heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        heard.first.get_or_insert(signal);
        if let Some(listener) = &heard.listener {
            // Whoever listened may have heard enough.
            let _ = listener.send(Event::Signal(signal));
        }
    }

    /// The first signal that came.
    pub(crate) fn first(&self) -> Option<i32> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).first
    }

    /// The exit code of a gate that one has ended, as shells have it for a program.
    pub(crate) fn exit_code(&self) -> Option<ExitCode> {
        self.first().and_then(|signal| u8::try_from(128 + signal).ok()).map(ExitCode::from)
    }

    /// From now on signals are told to this one, and to nobody else.
    pub(super) fn tell(&self, listener: Sender<Event>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).listener = Some(listener);
    }
}
