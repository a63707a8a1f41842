//! `Progress`: how far an install is.

use indicatif::{HumanBytes, ProgressBar, ProgressStyle};
use std::io::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// How far an install is, drawn as one line on a terminal's standard error, and nowhere else. What the user should know is told
/// above it.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
    /// Whether warnings are written.
    warns: bool,
    resolved: AtomicU64,
    downloaded: AtomicU64,
    bytes: AtomicU64,
}

impl Progress {
    /// Draws if standard error is a terminal.
    pub fn on_terminal() -> Self {
        // A bar that is not on a terminal draws nothing.
        Progress::of(ProgressBar::new(0), true)
    }

    /// Draws nothing.
    pub fn hidden() -> Self {
        Progress::of(ProgressBar::hidden(), false)
    }

    fn of(bar: ProgressBar, warns: bool) -> Self {
        set_style(&bar, "{spinner} {msg}");
        bar.enable_steady_tick(Duration::from_millis(100));
        Progress {
            bar,
            warns,
            resolved: AtomicU64::new(0),
            downloaded: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
        }
    }

    /// A package was resolved.
    pub(super) fn resolved(&self) {
        self.resolved.fetch_add(1, Ordering::Relaxed);
        self.show();
    }

    /// A package was downloaded.
    pub(super) fn downloaded(&self, bytes: u64) {
        self.downloaded.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        self.show();
    }

    /// So many slots are to be linked.
    pub(super) fn to_link(&self, slots: usize) {
        self.bar.set_length(slots as u64);
        set_style(&self.bar, "{spinner} {msg}, linked {pos}/{len} {wide_bar}");
    }

    /// A slot was linked.
    pub(super) fn linked(&self) {
        self.bar.inc(1);
    }

    /// Writes a line on standard error, above the line of progress if there is one.
    pub(super) fn warn(&self, text: &str) {
        if self.warns {
            // Who does not read it any more has seen enough.
            self.bar.suspend(|| drop(writeln!(std::io::stderr(), "warning: {text}")));
        }
    }

    /// The packages that were downloaded so far, and their bytes.
    pub fn downloads(&self) -> (u64, u64) {
        (self.downloaded.load(Ordering::Relaxed), self.bytes.load(Ordering::Relaxed))
    }

    /// Tells the user something, on a line of its own on standard error.
    pub fn tell(&self, line: &str) {
        // Whoever closed standard error does not want to know.
        self.bar.suspend(|| drop(writeln!(std::io::stderr(), "{line}")));
    }

    /// Takes the line away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }

    fn show(&self) {
        if self.bar.is_hidden() {
            return;
        }
        let (downloaded, bytes) = self.downloads();
        self.bar.set_message(format!(
            "resolved {}, downloaded {downloaded} ({})",
            self.resolved.load(Ordering::Relaxed),
            HumanBytes(bytes),
        ));
    }
}

fn set_style(bar: &ProgressBar, template: &str) {
    bar.set_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()));
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.finish();
    }
}
