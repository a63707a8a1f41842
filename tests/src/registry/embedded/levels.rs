//! `Levels`: who depends on whom.

use super::draft::Draft;
use crate::package::ProjectManifest;
use rand::Rng;
use std::collections::BTreeSet;

/// What names are made of.
const WORDS: [&str; 24] = [
    "async", "buffer", "cache", "color", "deep", "event", "fast", "glob", "hash", "is", "json", "lodash",
    "merge", "node", "object", "path", "query", "regex", "stream", "string", "to", "util", "view", "wrap",
];
const SCOPES: [&str; 5] = ["@babel", "@nodelib", "@types", "@jest", "@webpack"];

/// How many of a thousand packages each level has. A package of a level is known only when the level above it is, so that a resolver needs
/// as many rounds. They are those of the lockfile of a project of Next.js, Jest, webpack and Storybook in November 2026 (1818 packages,
/// each on the first level that leads to it): `cargo run --release -p testbed --example npm_shape -- pnpm-lock.yaml` prints them for any.
/// The last levels are thin, so that next to everything is known, and downloaded, some round trips before the end.
const SHARES: [usize; 9] = [10, 194, 330, 248, 134, 42, 27, 10, 2];

/// Packages by their level; a package depends on packages of the next one only.
pub(super) struct Levels {
    pub(super) packages: Vec<Draft>,
}

impl Levels {
    /// The project that needs the first level.
    pub(super) fn project(&self) -> ProjectManifest {
        let roots = || self.packages.iter().filter(|draft| draft.is_root);
        let section = |optional: bool| {
            roots()
                .filter(|draft| draft.is_optional == optional)
                .map(|draft| (draft.name.to_string(), draft.range()))
                .collect()
        };
        ProjectManifest {
            name: Some("project".into()),
            dependencies: section(false),
            optional_dependencies: section(true),
            ..ProjectManifest::default()
        }
    }

    /// The names of packages that depend on none: they can be taken out without leaving others alone.
    pub(super) fn leaves(&self) -> impl Iterator<Item = &str> {
        let is_leaf = |draft: &&Draft| {
            !draft.is_root && !draft.is_optional && draft.dependencies.is_empty() && draft.optional.is_empty()
        };
        self.packages.iter().rev().filter(is_leaf).map(|draft| draft.name.as_str())
    }
}

/// Packages, `wanted` of which run on this machine.
pub(super) fn graph(wanted: usize, random: &mut impl Rng) -> Levels {
    let special = if wanted >= 20 { 2 } else { 0 };
    let sizes = level_sizes(wanted - special);
    let mut packages: Vec<Draft> = Vec::new();
    let mut levels: Vec<Vec<usize>> = Vec::new();
    for size in &sizes {
        let begin = packages.len();
        for number in begin..begin + size {
            let mut draft = draft(number, random);
            draft.is_root = levels.is_empty();
            packages.push(draft);
        }
        let level: Vec<usize> = (begin..packages.len()).collect();
        if let Some(above) = levels.last() {
            connect(&mut packages, above, &level, random);
        }
        levels.push(level);
    }
    for number in 0..special {
        add_special(&mut packages, number);
    }
    Levels { packages }
}

/// The packages of each level; none is empty.
fn level_sizes(packages: usize) -> Vec<usize> {
    let depth = SHARES.len().min(packages);
    let mut sizes: Vec<usize> =
        SHARES[..depth].iter().map(|share| (packages * share / 1000).max(1)).collect();
    let sum: usize = sizes.iter().sum();
    // The rest goes to the widest level, or comes from it as long as it is the widest.
    for _ in packages..sum {
        if let Some(widest) = sizes.iter_mut().max_by_key(|size| **size) {
            *widest -= 1;
        }
    }
    if let Some(widest) = sizes.iter_mut().max_by_key(|size| **size) {
        *widest += packages.saturating_sub(sum);
    }
    sizes
}

fn draft(number: usize, random: &mut impl Rng) -> Draft {
    let mut word = || WORDS[random.random_range(0..WORDS.len())];
    let bare = format!("{}-{}-{number}", word(), word());
    let name = if random.random_ratio(1, 5) {
        format!("{}/{bare}", SCOPES[random.random_range(0..SCOPES.len())])
    } else {
        bare
    };
    let version = format!(
        "{}.{}.{}",
        random.random_range(1..9),
        random.random_range(0..20),
        random.random_range(1..10)
    );
    let mut draft = Draft::new(name.parse().expect("it is a name"), version, random.random());
    draft.has_bin = random.random_ratio(1, 20);
    draft
}

/// Lets each package of a level be needed by one above it, and some by more.
fn connect(packages: &mut [Draft], above: &[usize], level: &[usize], random: &mut impl Rng) {
    for &package in level {
        let parents: BTreeSet<usize> =
            (0..random.random_range(1..=3)).map(|_| above[random.random_range(0..above.len())]).collect();
        let needed = packages[package].clone();
        for parent in parents {
            packages[parent].depend_on(&needed);
        }
    }
}

/// A package that cannot be had and one that is not for this machine, both of which whoever wants them can do without. Their
/// names are the last of all.
fn add_special(packages: &mut Vec<Draft>, number: usize) {
    for (kind, is_for_others) in [("unpublished", false), ("for-others", true)] {
        let name = format!("z-{kind}-{number}");
        let mut draft = Draft::new(name.parse().expect("it is a name"), "1.0.1".into(), number as u64);
        draft.is_optional = true;
        draft.is_for_others = is_for_others;
        draft.is_published = is_for_others;
        // The project itself wants the first, a package the second.
        draft.is_root = number == 0;
        if number > 0
            && let Some(parent) = packages.first_mut()
        {
            parent.depend_on(&draft);
        }
        packages.push(draft);
    }
}

#[cfg(test)]
mod tests {
    use super::level_sizes;

    #[test]
    fn no_level_is_empty_and_all_packages_are_in_one() {
        for packages in 0..=2000 {
            let sizes = level_sizes(packages);
            assert_eq!(sizes.iter().sum::<usize>(), packages, "{packages}: {sizes:?}");
            assert!(sizes.iter().all(|size| *size > 0), "{packages}: {sizes:?}");
        }
    }
}
