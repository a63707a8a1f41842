//! What the shapes need to run: in every generated crate, of every edition, and never probed.

use concurrency_probe::Scope;
use std::cell::{Cell, RefCell};
use std::future::Future;
use std::panic::{self, AssertUnwindSafe};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

thread_local! {
    static LOG: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
    static LARGEST: Cell<usize> = const { Cell::new(0) };
}

/// Runs each shape in a scope, and prints its name, the calls that were counted, its largest future and its result.
pub fn run_all(shapes: &[(&str, fn() -> String)]) {
    for (name, run) in shapes {
        let scope = Scope::open("shapes");
        let result = scope.run(|| run());
        let calls: u64 = scope.report().probes.iter().map(|probe| probe.calls).sum();
        println!("{}\t{}\t{}\t{:?}", name, calls, largest(), result);
    }
}

/// Polls a future until it is ready. How large it is goes into [`largest`].
pub fn block_on<F: Future>(future: F) -> F::Output {
    LARGEST.with(|largest| largest.set(largest.get().max(std::mem::size_of::<F>())));
    let mut future = Box::pin(future);
    loop {
        if let Poll::Ready(output) = poll_once(future.as_mut()) {
            return output;
        }
    }
}

pub fn poll_once<F: Future + ?Sized>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// The bytes of the largest future that [`block_on`] ran since the last call.
pub fn largest() -> usize {
    LARGEST.with(|largest| largest.replace(0))
}

/// Is pending once.
pub fn pause() -> Pause {
    Pause { paused: false }
}

pub struct Pause {
    paused: bool,
}

impl Future for Pause {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.paused, true) { Poll::Ready(()) } else { Poll::Pending }
    }
}

/// Takes only what may go to another thread.
pub fn send<T: Send>(value: T) -> T {
    value
}

/// Where and with what `f` panics.
pub fn panic_of<R>(f: impl FnOnce() -> R) -> String {
    panic::set_hook(Box::new(|info| {
        let place = info.location().map_or_else(String::new, |at| format!("{}:{}", at.line(), at.column()));
        log(format!("at {place}"));
    }));
    let result = panic::catch_unwind(AssertUnwindSafe(f));
    let _ = panic::take_hook();
    let payload = match result {
        Ok(_) => return String::from("no panic"),
        Err(payload) => payload,
    };
    let message = match payload.downcast::<String>() {
        Ok(text) => *text,
        Err(payload) => payload.downcast::<&str>().map_or_else(|_| String::new(), |text| text.to_string()),
    };
    format!("{:?} {}", message, logged())
}

/// The line and column of the caller.
#[track_caller]
pub fn here() -> String {
    let here = panic::Location::caller();
    format!("{}:{}", here.line(), here.column())
}

pub fn log(entry: impl Into<String>) {
    LOG.with(|log| log.borrow_mut().push(entry.into()));
}

/// What was logged since the last call.
pub fn logged() -> String {
    LOG.with(|log| log.borrow_mut().drain(..).collect::<Vec<_>>().join(" "))
}

/// Logs its drop.
pub struct Noisy(pub &'static str);

impl Drop for Noisy {
    fn drop(&mut self) {
        log(self.0);
    }
}
