//! `ThreadPool`: the part of rayon that a hold depends on.
//!
//! A worker takes its own youngest job first, then broadcasts, then the oldest job of another worker, then
//! jobs from outside. That is the order of `find_work` in rayon-core. The conclusions that a hold draws from a roll call depend on it.

use crate::fault::{self, Fault};
use loom::sync::{Condvar, Mutex};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::sync::Arc;

type Job = Box<dyn FnOnce() + Send>;

pub(crate) struct ThreadPool {
    queues: Mutex<Queues>,
    /// The condition variable of loom, and not ours: the fault of a broken twin must be in the hold only.
    changed: Condvar,
}

struct Queues {
    own: Vec<VecDeque<Job>>,
    asked: Vec<VecDeque<Job>>,
    outside: VecDeque<Job>,
    /// Jobs of the program that have not ended.
    left: usize,
}

loom::thread_local! {
    static WORKER: RefCell<Option<(Arc<ThreadPool>, usize)>> = RefCell::new(None);
}

/// The argument of a broadcast.
pub(crate) struct Asked(usize);

impl Asked {
    pub(crate) fn index(&self) -> usize {
        self.0
    }
}

impl ThreadPool {
    /// A pool that stops when so many jobs have [ended](ThreadPool::job_ended).
    pub(crate) fn new(workers: usize, jobs: usize) -> Arc<Self> {
        let queues = || (0..workers).map(|_| VecDeque::new()).collect();
        let queues = Queues { own: queues(), asked: queues(), outside: VecDeque::new(), left: jobs };
        Arc::new(ThreadPool { queues: Mutex::new(queues), changed: Condvar::new() })
    }

    #[allow(clippy::unused_self, reason = "as rayon's; there is one pool")]
    pub(crate) fn current_thread_index(&self) -> Option<usize> {
        WORKER.with(|worker| worker.borrow().as_ref().map(|(_, index)| *index))
    }

    pub(crate) fn current_thread_has_pending_tasks(&self) -> Option<bool> {
        let index = self.current_thread_index()?;
        Some(!fault::is(Fault::QueueLooksEmpty) && !self.queues.lock().unwrap().own[index].is_empty())
    }

    pub(crate) fn spawn_broadcast(&self, ask: impl Fn(Asked) + Send + Sync + 'static) {
        let ask = Arc::new(ask);
        let mut queues = self.queues.lock().unwrap();
        for (index, asked) in queues.asked.iter_mut().enumerate() {
            let ask = Arc::clone(&ask);
            asked.push_back(Box::new(move || ask(Asked(index))));
        }
        self.changed.notify_all();
    }

    /// As in rayon. Only the free time uses it, and no time passes.
    pub(crate) fn spawn(&self, job: impl FnOnce() + Send + 'static) {
        self.inject(job);
    }

    /// Sends a job from outside.
    pub(crate) fn inject(&self, job: impl FnOnce() + Send + 'static) {
        self.queues.lock().unwrap().outside.push_back(Box::new(job));
        self.changed.notify_all();
    }

    /// One of the jobs that the program consists of has ended.
    pub(crate) fn job_ended(&self) {
        self.queues.lock().unwrap().left -= 1;
        self.changed.notify_all();
    }

    /// Makes this thread a worker of the pool until all jobs have ended.
    pub(crate) fn work(self: &Arc<Self>, index: usize) {
        WORKER.with(|worker| *worker.borrow_mut() = Some((Arc::clone(self), index)));
        let mut queues = self.queues.lock().unwrap();
        loop {
            if let Some(job) = queues.next(index) {
                drop(queues);
                job();
                queues = self.queues.lock().unwrap();
            } else if queues.left == 0 {
                break;
            } else {
                queues = self.changed.wait(queues).unwrap();
            }
        }
        drop(queues);
        WORKER.with(|worker| *worker.borrow_mut() = None);
    }
}

impl Queues {
    fn next(&mut self, index: usize) -> Option<Job> {
        let own = self.own[index].pop_back().or_else(|| self.asked[index].pop_front());
        let stolen = own.or_else(|| self.own.iter_mut().find_map(VecDeque::pop_front));
        stolen.or_else(|| self.outside.pop_front())
    }
}

/// The worker that this thread is.
pub(crate) fn current_thread_index() -> Option<usize> {
    WORKER.with(|worker| worker.borrow().as_ref().map(|(_, index)| *index))
}

/// Puts a job into the queue of this worker.
pub(crate) fn spawn(job: impl FnOnce() + Send + 'static) {
    WORKER.with(|worker| {
        let worker = worker.borrow();
        let (pool, index) = worker.as_ref().expect("no model spawns from outside");
        pool.queues.lock().unwrap().own[*index].push_back(Box::new(job));
        pool.changed.notify_all();
    });
}
