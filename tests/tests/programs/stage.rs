//! `Stage`: the threads of a program, each of which takes a step when it is told to.

use crate::model::{BATCHES, Counts, Model};
use crate::probes::{self, Future, Kind, LABELS, NAMES, PROBES};
use crate::program::{Action, SLOTS, Step, THREADS};
use concurrency_probe::{Batch, Reading, Scope, ScopeHandle};
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::rc::Rc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::task::Context;
use std::thread::JoinHandle;

pub(crate) struct Stage {
    props: Arc<Mutex<Props>>,
    threads: Vec<(SyncSender<Action>, Receiver<()>, JoinHandle<()>)>,
    /// Calls are counted while any scope is open, so that one is.
    _open: Scope,
}

/// What the threads hand to one another.
#[derive(Default)]
struct Props {
    scopes: [Option<(usize, Arc<Scope>)>; SLOTS],
    futures: [Option<Future>; SLOTS],
    /// Of every scope that was ever opened, if it is not forgotten.
    handles: Vec<Option<ScopeHandle>>,
}

/// A thread of the stage, as it knows itself.
struct Actor {
    steps: Receiver<Action>,
    taken: SyncSender<()>,
    props: Arc<Mutex<Props>>,
}

/// So many frames are still to be unwound.
struct Unwinds(usize);

thread_local! {
    static ACTOR: RefCell<Option<Rc<Actor>>> = const { RefCell::new(None) };
}

impl Stage {
    pub(crate) fn new() -> Self {
        let props: Arc<Mutex<Props>> = Arc::default();
        let threads = (0..THREADS).map(|_| {
            let (send, steps) = sync_channel(0);
            let (taken, wait) = sync_channel(1);
            let actor = Actor { steps, taken, props: Arc::clone(&props) };
            let thread = std::thread::spawn(move || {
                ACTOR.set(Some(Rc::new(actor)));
                serve();
            });
            wait.recv().unwrap();
            (send, wait, thread)
        });
        let threads = threads.collect();
        Stage { props, threads, _open: Scope::open("programs") }
    }

    pub(crate) fn apply(&self, step: Step) {
        let (send, taken, _) = &self.threads[step.thread];
        send.send(step.action).unwrap();
        taken.recv().unwrap();
    }

    /// The first reading that is not the model's.
    pub(crate) fn differs(&self, model: &Model) -> Option<String> {
        let props = self.props.lock().unwrap();
        for (i, handle) in props.handles.iter().enumerate() {
            for (probe, (_, name, kind)) in PROBES.iter().enumerate() {
                let (Some(mut expected), Some(handle)) = (model.reading(i, probe), handle) else { continue };
                let reading = handle.reading(name);
                if *kind == Kind::Async {
                    let (all, _, batches) = &mut expected;
                    batches.iter_mut().chain([all]).for_each(|counts| counts.3 = 0);
                    if reading.calls() > 0 && reading.max_concurrent().is_some() {
                        return Some(format!("`{name}` knows its threads: {reading}"));
                    }
                }
                let read = (counts(&reading), reading.unattributed(), batches(&reading));
                if read != expected {
                    return Some(format!("scope {i}, `{name}`: read {read:?}, expected {expected:?}"));
                }
                if let Some(why) = inconsistent(&reading, &expected.2) {
                    return Some(format!("scope {i}, `{name}`: {why}"));
                }
            }
        }
        None
    }
}

/// A batch of this label, at one place in the source.
fn batch(handle: &ScopeHandle, label: usize) -> Batch {
    handle.batch(LABELS[label])
}

fn counts(reading: &Reading) -> Counts {
    let threads = reading.max_concurrent().unwrap_or_default();
    (reading.calls(), reading.in_flight(), reading.max_in_flight(), threads)
}

/// Each as a reading of its own.
fn batches(reading: &Reading) -> [Counts; BATCHES] {
    std::array::from_fn(|batch| counts(&reading.in_batch(label(batch))))
}

/// What a model's batch is called.
fn label(batch: usize) -> &'static str {
    if batch == 0 { "" } else { LABELS[batch - 1] }
}

/// What is wrong with the list of a reading's batches, or with what it says beside its counts.
fn inconsistent(reading: &Reading, expected: &[Counts; BATCHES]) -> Option<String> {
    let mut listed = [(0, 0, 0); BATCHES];
    for batch in reading.batches() {
        let Some(place) = (0..BATCHES).find(|place| label(*place) == batch.label()) else {
            return Some(format!("nobody made a batch `{}`", batch.label()));
        };
        if listed[place].0 > 0 {
            return Some(format!("batch `{}` is listed twice", batch.label()));
        }
        listed[place] = (batch.calls(), batch.max_in_flight(), batch.max_concurrent().unwrap_or_default());
    }
    let expected = expected.map(|(calls, _, in_flight, threads)| (calls, in_flight, threads));
    if listed != expected {
        return Some(format!("listed {listed:?}, expected {expected:?}"));
    }
    // No job is taken up by a thread that waits.
    (reading.stolen() > 0).then(|| format!("{} stolen", reading.stolen()))
}

impl Drop for Stage {
    fn drop(&mut self) {
        for (send, _, thread) in self.threads.drain(..) {
            // Outside of all frames, a thread is over when nobody tells it more.
            drop(send);
            thread.join().unwrap();
        }
    }
}

/// Takes the steps of this thread until its frame ends; whether a poll is ready then.
pub(crate) fn serve() -> bool {
    let actor = ACTOR.with_borrow(|actor| Rc::clone(actor.as_ref().expect("a thread of the stage")));
    let mut guards = Vec::new();
    loop {
        actor.taken.send(()).unwrap();
        let Ok(action) = actor.steps.recv() else { return true };
        match action {
            Action::Leave { ready } => return ready,
            Action::Panic { frames } => resume_unwind(Box::new(Unwinds(frames - 1))),
            Action::Block { probe } => guards.push(probes::block(probe)),
            Action::Unblock { nth } => drop(guards.remove(nth)),
            Action::Run { .. }
            | Action::InScope { .. }
            | Action::RunBatch { .. }
            | Action::Call { .. }
            | Action::Poll { .. } => {
                let Err(panic) = catch_unwind(AssertUnwindSafe(|| actor.frame(action))) else { continue };
                match panic.downcast::<Unwinds>() {
                    Ok(left) if left.0 > 0 => resume_unwind(Box::new(Unwinds(left.0 - 1))),
                    Ok(_) => {}
                    Err(panic) => resume_unwind(panic),
                }
            }
            other => actor.props.lock().unwrap().apply(other),
        }
    }
}

impl Actor {
    /// Begins a frame and is back when it has ended.
    fn frame(&self, action: Action) {
        match action {
            Action::Run { slot } => {
                let scope = self.props.lock().unwrap().scopes[slot].clone().unwrap().1;
                scope.run(|| _ = serve());
            }
            Action::InScope { slot } => {
                let handle = self.props.lock().unwrap().handle(slot);
                handle.in_scope(|| _ = serve());
            }
            Action::RunBatch { slot, label } => {
                let handle = self.props.lock().unwrap().handle(slot);
                batch(&handle, label).run(|| _ = serve());
            }
            Action::Call { probe } => probes::call(probe),
            Action::Poll { future: slot } => {
                let mut future = self.props.lock().unwrap().futures[slot].take().unwrap();
                let waker = std::task::Waker::noop();
                if future.as_mut().poll(&mut Context::from_waker(waker)).is_pending() {
                    self.props.lock().unwrap().futures[slot] = Some(future);
                }
            }
            other => unreachable!("{other:?} begins no frame"),
        }
    }
}

impl Props {
    fn apply(&mut self, action: Action) {
        match action {
            Action::Open { slot, name } => self.keep(slot, Scope::open(NAMES[name])),
            Action::OpenWide { slot, name } => {
                self.keep(slot, Scope::builder(NAMES[name]).process_wide().open());
            }
            Action::Close { slot, forgets } => {
                let (place, scope) = self.scopes[slot].take().unwrap();
                drop(scope);
                if forgets {
                    self.handles[place] = None;
                }
            }
            Action::Make { future, probe } => self.futures[future] = Some(probes::future(probe)),
            Action::MakeAttached { future, probe, slot } => {
                let (_, scope) = self.scopes[slot].as_ref().unwrap();
                self.futures[future] = Some(Box::pin(scope.attach(probes::future(probe))));
            }
            Action::MakeInBatch { future, probe, slot, label } => {
                let attached = batch(&self.handle(slot), label).attach(probes::future(probe));
                self.futures[future] = Some(Box::pin(attached));
            }
            Action::Drop { future } => self.futures[future] = None,
            other => unreachable!("{other:?} is of a frame"),
        }
    }

    fn handle(&self, slot: usize) -> ScopeHandle {
        self.scopes[slot].as_ref().unwrap().1.handle()
    }

    fn keep(&mut self, slot: usize, scope: Scope) {
        self.handles.push(Some(scope.handle()));
        self.scopes[slot] = Some((self.handles.len() - 1, Arc::new(scope)));
    }
}
