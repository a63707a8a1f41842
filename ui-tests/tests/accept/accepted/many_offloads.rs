//! Many `offload`s at once, in one task and in tasks of their own.
use concurrency_probe::{Lane, must_run_parallel, offload};
use futures::future::join_all;

#[must_run_parallel]
fn checksum(_lane: Lane<'_>, bytes: &[u8]) -> u32 {
    bytes.iter().map(|byte| u32::from(*byte)).sum()
}

#[tokio::main]
pub async fn main() {
    let tarballs = (0..4_u8).map(|n| vec![n; 4]);
    let sums = join_all(tarballs.clone().map(|bytes| offload(move |lane| checksum(lane, &bytes)))).await;
    assert_eq!(sums, [0, 4, 8, 12]);

    let tasks = tarballs.map(|bytes| tokio::spawn(offload(move |lane| checksum(lane, &bytes))));
    let sums: Result<Vec<u32>, _> = join_all(tasks).await.into_iter().collect();
    assert_eq!(sums.unwrap(), [0, 4, 8, 12]);
}
