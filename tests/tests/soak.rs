//! A short soak, and what it would say if something were not at rest.

#[path = "../examples/soak/rest.rs"]
mod rest;
#[path = "../examples/soak/rounds.rs"]
mod rounds;
#[path = "../examples/soak/work.rs"]
mod work;

use concurrency_probe::Scope;
use rest::{OWN, PATIENCE, Rest};
use std::sync::{Arc, Barrier};

/// One test, as memory and threads are the process's.
#[test]
fn everything_comes_to_rest() {
    assert_eq!(rounds::soak(40, Rest::new(PATIENCE), work::round).faults(), [""; 0]);

    let faults =
        |round: &dyn Fn(&mut Rest)| rounds::soak(40, Rest::new(5), |_, rest| round(rest)).faults().join("; ");
    let leaks = faults(&|_| std::mem::forget(vec![0_u8; 8 << 10]));
    assert!(leaks.contains("bytes were taken"), "{leaks}");

    let inside = faults(&|rest| {
        let scope = Scope::open("soak inside");
        scope.run(|| {
            let _inside = concurrency_probe::enter!("inside", scope = "soak inside");
            rest.settle(&[scope.handle()]);
        });
    });
    assert!(inside.contains("1 calls are in flight"), "{inside}");

    let both = Arc::new(Barrier::new(2));
    let other = Arc::clone(&both);
    let named = std::thread::Builder::new().name(format!("{OWN}-0"));
    let thread = named.spawn(move || _ = (other.wait(), other.wait())).unwrap();
    // It gives itself its name when it begins.
    both.wait();
    let threads = faults(&|_| ());
    assert!(threads.contains("1 threads `soak own` are left"), "{threads}");
    both.wait();
    thread.join().unwrap();
}
