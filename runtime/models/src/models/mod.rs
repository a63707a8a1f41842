//! The models, and their common code.

mod board;
mod futures;
mod gauge;
mod hold;
mod recorder;
mod registration;

use crate::fault::{self, Fault};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs a model in every order of threads. `MODEL_PREEMPTIONS` sets the preemptions an execution, up to `most`.
fn check_within(most: usize, model: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    let preemptions = std::env::var("MODEL_PREEMPTIONS").map_or(2, |n| n.parse().unwrap());
    builder.preemption_bound = Some(most.min(preemptions));
    builder.max_branches = 20_000;
    builder.check(model);
}

fn check(model: impl Fn() + Send + Sync + 'static) {
    check_within(usize::MAX, model);
}

/// Runs a model as it is, and each of its broken twins, whose fault must be found.
fn check_with_twins(model: impl Fn() + Send + Sync + Clone + 'static, faults: &[Fault]) {
    check_with_twins_within(usize::MAX, model, faults);
}

fn check_with_twins_within(most: usize, model: impl Fn() + Send + Sync + Clone + 'static, faults: &[Fault]) {
    check_within(most, model.clone());
    for &fault in faults {
        fault::set(Some(fault));
        let found = catch_unwind(AssertUnwindSafe(|| check_within(most, model.clone()))).is_err();
        fault::set(None);
        assert!(found, "nothing was found of {fault:?}");
    }
}

fn leak<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}
