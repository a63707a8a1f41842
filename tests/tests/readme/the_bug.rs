use concurrency_probe::{Scope, concurrency_probe};
use futures::future::join_all;

#[concurrency_probe(scope = "install")] // counts its calls, and the threads inside
fn link(package: u32) {
    rayon::join(|| package + 1, || package + 2); // parallel in itself, and it blocks
}

fn main() {
    let install = Scope::builder("install").hold("link", 2).open();
    // The bug: all futures are one task, and each link blocks it. No two packages are linked at once.
    let links = (0..12).map(|package| async move { link(package) });
    futures::executor::block_on(install.attach(join_all(links)));
    install.reading("link").assert_concurrent(2);
}
