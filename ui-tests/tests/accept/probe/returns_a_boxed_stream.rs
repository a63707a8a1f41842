//! An `enter!` counts the work on an item, inside of the stream.
use concurrency_probe::concurrency_probe;
use futures::stream::{self, BoxStream, StreamExt as _};

struct Store;

#[concurrency_probe(scope = "install")]
impl Store {
    #[concurrency_probe(skip)]
    fn slots(&self) -> Result<BoxStream<'_, u32>, String> {
        let unpacked = stream::iter(1..4).map(|slot| {
            let _probe = concurrency_probe::enter!("unpack", scope = "install");
            slot * 2
        });
        Ok(unpacked.boxed())
    }
}

pub fn main() {
    let slots = Store.slots().unwrap().collect::<Vec<_>>();
    assert_eq!(futures::executor::block_on(slots), [2, 4, 6]);
}
