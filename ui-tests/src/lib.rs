//! Compile-fail tests of concurrency-probe: see the `tests` folder of this package.
