//! The probe on a method that returns a boxed stream.
use concurrency_probe::concurrency_probe;
use futures::stream::{self, BoxStream, StreamExt as _};

struct Store;

#[concurrency_probe(scope = "install")]
impl Store {
    fn slots(&self) -> Result<BoxStream<'_, u32>, String> {
        let unpacked = stream::iter(1..4).map(|slot| slot * 2);
        Ok(unpacked.boxed())
    }
}

pub fn main() {
    let slots = Store.slots().unwrap().collect::<Vec<_>>();
    assert_eq!(futures::executor::block_on(slots), [2, 4, 6]);
}
