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
    /// The exit code that shells have for it.
    pub fn exit_code(self) -> u8 {
        match self {
            Signal::HangUp => 129,
            Signal::Interrupt => 130,
            Signal::Terminate => 143,
        }
    }
}

/// What the system tells from now on.
#[derive(Debug)]
pub struct Signals {
    #[cfg(unix)]
    streams: [(Signal, tokio::signal::unix::Signal); 3],
}

impl Signals {
    /// Begins to listen, on the tokio runtime that this is called in. From now on none of them ends the program by itself, and each is heard
    /// by [`next`](Signals::next), however late that is called.
    ///
    /// # Errors
    ///
    /// If the system does not let the program listen.
    #[cfg(unix)]
    pub fn listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Signals {
            streams: [
                (Signal::Interrupt, signal(SignalKind::interrupt())?),
                (Signal::Terminate, signal(SignalKind::terminate())?),
                (Signal::HangUp, signal(SignalKind::hangup())?),
            ],
        })
    }

    /// Begins to listen.
    ///
    /// # Errors
    ///
    /// If the system does not let the program listen.
    #[cfg(not(unix))]
    pub fn listen() -> io::Result<Self> {
        Ok(Signals {})
    }

    /// Waits for the next one.
    #[cfg(unix)]
    pub async fn next(&mut self) -> Signal {
        let [interrupt, terminate, hang_up] = &mut self.streams;
        tokio::select! {
            _ = interrupt.1.recv() => interrupt.0,
            _ = terminate.1.recv() => terminate.0,
            _ = hang_up.1.recv() => hang_up.0,
        }
    }

    /// Waits for the next one.
    #[cfg(not(unix))]
    pub async fn next(&mut self) -> Signal {
        // Where it cannot listen, nothing is heard.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        Signal::Interrupt
    }
}

/// Listens in a task of its own, and stops an install at the first signal. A second one ends the program immediately: whoever sends it does not
/// want to wait until all is tidy.
#[derive(Clone, Debug, Default)]
pub struct Listener(Arc<OnceLock<Signal>>);

impl Listener {
    /// Begins to listen, on the tokio runtime that this is called in.
    ///
    /// # Errors
    ///
    /// If the system does not let the program listen.
    pub fn start(stop: &Stop) -> io::Result<Self> {
        let listener = Listener::default();
        let (heard, stop) = (Arc::clone(&listener.0), stop.clone());
        let mut signals = Signals::listen()?;
        tokio::spawn(async move {
            loop {
                let signal = signals.next().await;
                if heard.set(signal).is_err() {
                    std::process::exit(signal.exit_code().into());
                }
                stop.stop();
            }
        });
        Ok(listener)
    }

    /// What was heard first.
    pub fn heard(&self) -> Option<Signal> {
        self.0.get().copied()
    }
}
