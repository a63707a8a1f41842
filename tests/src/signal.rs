//! `Signal`: what the system tells a program that is to end.

use crate::install::Stop;
#[cfg(unix)]
use concurrency_probe_gate::is_ignored;
use std::io::{self, Write};
use std::sync::{Arc, OnceLock};
#[cfg(unix)]
use std::{future::poll_fn, task::Poll};
#[cfg(unix)]
use tokio::signal::unix::SignalKind;

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
    /// Those that were not ignored when the program was started.
    #[cfg(unix)]
    heeded: Vec<(Signal, tokio::signal::unix::Signal)>,
}

impl Signals {
    /// Begins to listen, on the tokio runtime that this is called in. From now on none of them ends the program by itself, and each is heard
    /// by [`next`](Signals::next), however late that is called. One that was ignored when the program was started goes on being ignored, as
    /// `nohup` wants it.
    ///
    /// A file that grows beyond the limit of its size (`ulimit -f`) ends the program no more: its write fails, which can be told.
    ///
    /// # Errors
    ///
    /// If the system does not let the program listen.
    #[cfg(unix)]
    pub fn listen() -> io::Result<Self> {
        use tokio::signal::unix::signal;
        // It goes on being caught when nobody listens.
        let _ = signal(SignalKind::from_raw(rustix::process::Signal::XFSZ.as_raw()))?;
        let all = [
            (Signal::Interrupt, SignalKind::interrupt()),
            (Signal::Terminate, SignalKind::terminate()),
            (Signal::HangUp, SignalKind::hangup()),
        ];
        let heeded = all.into_iter().filter(|(_, kind)| !is_ignored(kind.as_raw_value()));
        let heeded = heeded.map(|(heard, kind)| Ok((heard, signal(kind)?))).collect::<io::Result<_>>()?;
        Ok(Signals { heeded })
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
        poll_fn(|context| {
            let mut heeded = self.heeded.iter_mut();
            let came =
                heeded.find_map(|(heard, stream)| stream.poll_recv(context).is_ready().then_some(*heard));
            came.map_or(Poll::Pending, Poll::Ready)
        })
        .await
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
/// want to wait until all is tidy. The next install, or the next benchmark, takes away what is left then.
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
                let _ = writeln!(io::stderr(), "interrupted: cleaning up; a second signal ends it at once");
            }
        });
        Ok(listener)
    }

    /// What was heard first.
    pub fn heard(&self) -> Option<Signal> {
        self.0.get().copied()
    }
}
