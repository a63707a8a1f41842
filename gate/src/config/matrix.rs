//! A matrix: one target that is run with each value of its parameters.

use super::target::TargetConfig;
use super::value::{Value, expanded_name};
use std::collections::BTreeMap;

/// The most targets that one matrix makes. More are taken for a mistake, since each is run many times.
const MOST: usize = 256;

/// Every target with each combination of its parameters, in the order of their names. `{threads}` in its command, its environment
/// and what goes before and after it is replaced by the value of `threads`.
///
/// # Errors
///
/// If a parameter has no value or is not used, or there are too many combinations.
pub(crate) fn expand(targets: Vec<TargetConfig>) -> Result<Vec<TargetConfig>, String> {
    let mut all = Vec::new();
    for target in targets {
        let combinations = combinations(&target.name, &target.matrix)?;
        for values in combinations {
            all.push(with(&target, &values));
        }
        for parameter in target.matrix.keys() {
            let sign = format!("{{{parameter}}}");
            if !target.texts().any(|text| text.contains(&sign)) {
                return Err(format!(
                    "target `{}` does not use its parameter `{parameter}`: write `{sign}` in its command or its environment",
                    target.name
                ));
            }
        }
    }
    Ok(all)
}

fn combinations(
    target: &str,
    matrix: &BTreeMap<String, Vec<Value>>,
) -> Result<Vec<Vec<(String, String)>>, String> {
    let mut all: Vec<Vec<(String, String)>> = vec![Vec::new()];
    for (parameter, values) in matrix {
        let is_of_a_name = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        let said: Vec<String> = values.iter().map(ToString::to_string).collect();
        for name in said.iter().chain([parameter]) {
            if name.is_empty() || !name.chars().all(is_of_a_name) {
                return Err(format!(
                    "the matrix of target `{target}` has `{}`: expected letters, digits, `-`, `_` and `.`, as it is part of a name",
                    name.escape_debug()
                ));
            }
        }
        if said.is_empty() {
            return Err(format!("the parameter `{parameter}` of target `{target}` has no value"));
        }
        all = all
            .iter()
            .flat_map(|before| {
                said.iter().map(move |value| {
                    let mut values = before.clone();
                    values.push((parameter.clone(), value.clone()));
                    values
                })
            })
            .collect();
        if all.len() > MOST {
            return Err(format!("target `{target}` has more than {MOST} combinations of its parameters"));
        }
    }
    Ok(all)
}

fn with(target: &TargetConfig, values: &[(String, String)]) -> TargetConfig {
    let filled = |text: &String| {
        values.iter().fold(text.clone(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
    };
    let all = |texts: &[String]| texts.iter().map(filled).collect::<Vec<_>>();
    let named: Vec<(&str, &str)> =
        values.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    TargetConfig {
        name: expanded_name(&target.name, &named),
        command: all(&target.command),
        prepare: all(&target.prepare),
        conclude: all(&target.conclude),
        setup: all(&target.setup),
        cleanup: all(&target.cleanup),
        env: target.env.iter().map(|(name, value)| (name.clone(), filled(value))).collect(),
        matrix: BTreeMap::new(),
        ..target.clone()
    }
}
