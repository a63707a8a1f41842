//! `Wait`: the time before something is tried again.

use super::fetch_error::FetchError;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// The time before something is tried again. It prints as one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wait {
    /// What went wrong.
    pub error: FetchError,
    /// How long it is.
    pub time: Duration,
    /// How often it is tried again, this time included.
    pub tries_left: usize,
}

impl fmt::Display for Wait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tries = if self.tries_left == 1 { "try" } else { "tries" };
        let (what, seconds) = (self.error.without_advice(), self.time.as_secs_f64());
        write!(f, "{what}; trying again in {seconds} s ({} {tries} left)", self.tries_left)
    }
}

/// Tells a user of waits. Clones know what the others have told.
#[derive(Clone)]
pub(super) struct Teller {
    tell: Arc<dyn Fn(&Wait) + Send + Sync>,
    /// The end of the last wait that was told.
    told: Arc<Mutex<Option<Instant>>>,
}

impl Teller {
    pub(super) fn new(tell: impl Fn(&Wait) + Send + Sync + 'static) -> Self {
        Teller { tell: Arc::new(tell), told: Arc::default() }
    }

    /// Tells of a wait, unless the user has been told of one that ends about then: where a registry is down, all of many
    /// downloads wait for the same reason.
    pub(super) fn tell(&self, wait: &Wait) {
        let end = Instant::now() + wait.time;
        {
            let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
            if told.is_some_and(|told| end <= told + Duration::from_secs(1)) {
                return;
            }
            *told = Some(end);
        }
        (self.tell)(wait);
    }
}

impl fmt::Debug for Teller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Teller").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::{FetchError, Teller, Wait};
    use crate::net::FetchErrorKind;
    use std::sync::{Arc, Mutex};
    use std::time::Duration;
    use url::Url;

    #[tokio::test(start_paused = true)]
    async fn many_that_wait_together_are_one_line() {
        let told = Arc::<Mutex<Vec<String>>>::default();
        let log = Arc::clone(&told);
        let teller = Teller::new(move |wait| log.lock().unwrap().push(wait.to_string()));
        let wait = |seconds, tries_left| {
            let kind = FetchErrorKind::Connect("connection refused".into());
            let error = FetchError::get(&Url::parse("http://host/x").unwrap(), kind);
            teller.tell(&Wait { error, time: Duration::from_secs(seconds), tries_left });
        };
        (0..5).for_each(|_| wait(10, 2));
        tokio::time::advance(Duration::from_secs(10)).await;
        (0..5).for_each(|_| wait(60, 1));
        assert_eq!(
            *told.lock().unwrap(),
            [
                "cannot get http://host/x: connection refused; trying again in 10 s (2 tries left)",
                "cannot get http://host/x: connection refused; trying again in 60 s (1 try left)",
            ]
        );
    }
}
