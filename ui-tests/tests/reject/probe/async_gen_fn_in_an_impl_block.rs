//! An `async gen fn` in a probed `impl` block. The compiler has it behind a feature and says so as well.
use concurrency_probe::concurrency_probe;

struct Store;

#[concurrency_probe(scope = "install")]
impl Store {
    fn unpack(&self, slot: u32) -> u32 {
        slot * 2
    }

    pub async gen fn slots(&self) -> u32 {
        for slot in 1..4 {
            self.unpack(slot);
        }
    }
}

pub fn main() {
    assert_eq!(Store.unpack(2), 4);
}
