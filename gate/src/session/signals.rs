//! `Signals`: what the system tells the gate while it runs its targets.

use super::event::Event;
#[cfg(unix)]
use concurrency_probe_gate::is_ignored;
use std::io;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};

/// Where the next signal is sent to, and the first signal that came.
#[derive(Debug, Default)]
struct Heard {
    first: Option<i32>,
    listener: Option<Sender<Event>>,
}

/// Listens for Ctrl-C, `kill`, a closed terminal, and other signals that would end the gate. Without this they would end the gate alone: its target
/// is in another process group and would go on.
#[derive(Clone, Debug, Default)]
pub(crate) struct Signals(Arc<Mutex<Heard>>);

impl Signals {
    /// Begins to listen. From now on no such signal ends the gate by itself. On Linux one that was ignored when the gate was started
    /// goes on being ignored.
    ///
    /// # Errors
    ///
    /// If the system does not let the program listen.
    #[cfg(unix)]
    pub(crate) fn listen() -> io::Result<Self> {
        use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2};
        let signals = Signals::default();
        let heard = signals.clone();
        // A signal that was ignored before the gate started stays ignored, as with `nohup`.
        let all = [SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2];
        let heeded = all.into_iter().filter(|signal| !is_ignored(*signal));
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
            // The receiver may be gone.
            let _ = listener.send(Event::Signal(signal));
        }
    }

    /// The first signal that came.
    pub(crate) fn first(&self) -> Option<i32> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).first
    }

    /// The exit code of a gate that one has ended, as shells have it for a program.
    pub(crate) fn exit_code(&self) -> Option<u8> {
        self.first().and_then(|signal| u8::try_from(128 + signal).ok())
    }

    /// Sends signals to this receiver from now on. `heeds_first`: a signal that came before is sent to it as well.
    pub(super) fn listen_with(&self, listener: Sender<Event>, heeds_first: bool) {
        let mut heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(first) = heard.first.filter(|_| heeds_first) {
            // It is there, as its other end is.
            let _ = listener.send(Event::Signal(first));
        }
        heard.listener = Some(listener);
    }
}
