//! Random programs of calls, panics, futures, scopes and batches on several threads, read after each step and compared with a model
//! that is slow and obviously right.
//!
//! The generator chooses the interleaving: one thread moves at a time, when it is told to. `PROGRAMS=20000` runs more of
//! them, and `PROGRAMS_FROM` begins at another seed. What fails is made shorter before it is shown.

mod model;
mod probes;
mod program;
mod stage;

use model::Model;
use program::Step;
use stage::Stage;

/// Runs a program; an error says after which step which reading differs.
fn run(steps: &[Step]) -> Result<(), String> {
    let mut model = Model::default();
    let stage = Stage::new();
    let mut result = Ok(());
    for (i, step) in steps.iter().enumerate() {
        if !model.allows(*step) {
            continue;
        }
        model.apply(*step);
        stage.apply(*step);
        result = stage.differs(&model).map_or(Ok(()), |how| Err(format!("after step {i}, {step:?}: {how}")));
        if result.is_err() {
            break;
        }
    }
    for step in model.steps_to_the_end() {
        model.apply(step);
        stage.apply(step);
    }
    result?;
    match stage.differs(&model) {
        Some(how) => Err(format!("at the end: {how}")),
        None => model.is_at_rest().then_some(()).ok_or_else(|| "the model is not at rest".into()),
    }
}

/// The steps that are left when none can be taken out any more without the failure.
fn shortest(mut steps: Vec<Step>) -> Vec<Step> {
    let mut chunk = steps.len();
    while chunk > 0 {
        let mut from = 0;
        while from < steps.len() {
            let mut fewer = steps.clone();
            fewer.drain(from..steps.len().min(from + chunk));
            if run(&fewer).is_err() {
                steps = fewer;
            } else {
                from += chunk;
            }
        }
        chunk /= 2;
    }
    steps
}

fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable).map_or(default, |n| n.parse().expect("a number"))
}

#[test]
fn readings_are_the_models() {
    let from = number("PROGRAMS_FROM", 0);
    for seed in from..from + number("PROGRAMS", 300) {
        let steps = program::generate(seed);
        if run(&steps).is_err() {
            let steps = shortest(steps);
            let why = run(&steps).err();
            panic!("program {seed}: {}\n{steps:#?}", why.unwrap_or_else(|| "fails now and then".into()));
        }
    }
}

/// The generator gives what it is for: each kind of step is allowed often.
#[test]
fn programs_are_of_all_steps() {
    let mut allowed = std::collections::BTreeMap::<String, u32>::new();
    for seed in 0..200 {
        let mut model = Model::default();
        for step in program::generate(seed) {
            if model.allows(step) {
                model.apply(step);
                let name = format!("{:?}", step.action);
                *allowed.entry(name.split(' ').next().unwrap().into()).or_default() += 1;
            }
        }
    }
    assert_eq!(allowed.len(), 16, "{allowed:?}");
    assert!(allowed.values().all(|times| *times >= 40), "{allowed:?}");
}
