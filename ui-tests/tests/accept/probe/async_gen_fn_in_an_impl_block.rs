//! A method that returns a stream is left out of the block.
use concurrency_probe::concurrency_probe;
use futures::stream::{self, Stream, StreamExt as _};

struct Store;

#[concurrency_probe(scope = "install")]
impl Store {
    fn unpack(&self, slot: u32) -> u32 {
        slot * 2
    }

    #[concurrency_probe(skip)]
    pub fn slots(&self) -> impl Stream<Item = u32> {
        stream::iter(1..4).map(|slot| self.unpack(slot))
    }
}

pub fn main() {
    assert_eq!(Store.unpack(2), 4);
}
