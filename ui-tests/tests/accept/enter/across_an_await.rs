//! Dropped before it.
async fn decode() -> u32 {
    {
        let _probe = concurrency_probe::enter!("decode", scope = "install");
    }
    std::future::ready(7).await
}

fn sent<F: Future + Send>(future: F) -> F {
    future
}

pub fn main() {
    assert_eq!(futures::executor::block_on(sent(decode())), 7);
}
