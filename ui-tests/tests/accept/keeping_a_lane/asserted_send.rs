//! Its result in one.
use concurrency_probe::{Lane, testing::with_lane};

struct Sent<T>(T);

impl<T> Sent<T> {
    fn spawn(self)
    where
        T: Send,
    {
        std::thread::scope(|scope| {
            scope.spawn(|| drop(self.0));
        });
    }
}

pub fn main() {
    with_lane(|lane: Lane<'_>| Sent(format!("{lane:?}")).spawn());
}
