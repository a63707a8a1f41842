//! `Signal`: what the system tells a program that is to end.

use crate::install::Stop;
use std::io;
use std::sync::{Arc, OnceLock};

/// What the system tells a program that is to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// Ctrl-C.
    Interrupt,
    /// `kill`, or a machine that shuts down.
    Terminate,
    /// The terminal was closed.
    HangUp,
}

impl Signal {
    /// Waits for the next one. From the first call on none of them ends the program by itself.
    ///
    /// # Errors
    ///
    /// If the system does not let the program listen.
    #[cfg(unix)]
    pub async fn next() -> io::Result<Signal> {
        use tokio::signal::unix::{SignalKind, signal};
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        let mut hang_up = signal(SignalKind::hangup())?;
        Ok(tokio::select! {
            _ = interrupt.recv() => Signal::Interrupt,
            _ = terminate.recv() => Signal::Terminate,
            _ = hang_up.recv() => Signal::HangUp,
        })
    }

    /// Waits for the next one.
    ///
    /// # Errors
    ///
    /// If the system does not let the program listen.
    #[cfg(not(unix))]
    pub async fn next() -> io::Result<Signal> {
        tokio::signal::ctrl_c().await.map(|()| Signal::Interrupt)
    }

    /// The exit code that shells have for it.
    pub fn exit_code(self) -> u8 {
        match self {
            Signal::HangUp => 129,
            Signal::Interrupt => 130,
            Signal::Terminate => 143,
        }
    }
}

/// Listens in a task of its own, and stops an install at the first signal. A second one ends the program at once: whoever sends it does not
/// want to wait until all is tidy.
#[derive(Clone, Debug, Default)]
pub struct Listener(Arc<OnceLock<Signal>>);

impl Listener {
    /// Begins to listen, on the tokio runtime that this is called in.
    pub fn start(stop: &Stop) -> Self {
        let listener = Listener::default();
        let (heard, stop) = (Arc::clone(&listener.0), stop.clone());
        tokio::spawn(async move {
            while let Ok(signal) = Signal::next().await {
                if heard.set(signal).is_err() {
                    std::process::exit(signal.exit_code().into());
                }
                stop.stop();
            }
        });
        listener
    }

    /// What was heard first.
    pub fn heard(&self) -> Option<Signal> {
        self.0.get().copied()
    }
}
