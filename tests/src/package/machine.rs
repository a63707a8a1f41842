//! `Machine`: what packages are installed for.

use nodejs_semver::{Range, Version};

/// What packages are installed for: platforms, and a version of Node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Machine {
    /// The operating systems, in Node's words.
    pub os: Vec<String>,
    /// The processors.
    pub cpu: Vec<String>,
    /// The C libraries; `None` where there is no such choice.
    pub libc: Option<Vec<String>>,
    /// The version of Node. `None` if it is not known: then every package is for it.
    pub node: Option<Version>,
}

/// What a package says it is for. An empty list allows everything, and so does no version.
#[derive(Clone, Copy, Debug)]
pub struct Requirements<'a> {
    /// The operating systems.
    pub os: &'a [String],
    /// The processors.
    pub cpu: &'a [String],
    /// The C libraries.
    pub libc: &'a [String],
    /// The versions of Node.
    pub node: Option<&'a str>,
}

impl Machine {
    /// Whether a package runs here, by the rules of pnpm (`@pnpm/package-is-installable`).
    ///
    /// ```
    /// use testbed::package::{Machine, Platform, Requirements};
    ///
    /// let machine = Machine::from(Platform { os: "linux", cpu: "x64", libc: Some("glibc") });
    /// let machine = Machine { node: "20.11.0".parse().ok(), ..machine };
    /// let of = |node| Requirements { os: &[], cpu: &[], libc: &[], node: Some(node) };
    /// assert!(machine.runs(of(">=18")));
    /// assert!(!machine.runs(of("^16 || ^18")));
    /// ```
    pub fn runs<'a>(&self, package: impl Into<Requirements<'a>>) -> bool {
        let package = package.into();
        self.has_platform(package) && self.has_node(package)
    }

    /// Whether it is one of the platforms of a package.
    pub fn has_platform(&self, package: Requirements<'_>) -> bool {
        let Requirements { os, cpu, libc, .. } = package;
        let has_libc = self.libc.as_deref().is_none_or(|ours| allows(libc, ours));
        allows(os, &self.os) && allows(cpu, &self.cpu) && has_libc
    }

    /// Whether its Node is one that the package is for. A range that is none allows no version, as in npm's `semver`.
    pub fn has_node(&self, package: Requirements<'_>) -> bool {
        let (Some(ours), Some(wanted)) = (&self.node, package.node) else { return true };
        // pnpm takes a version before a release for the release (`includePrerelease`).
        let ours = Version::from((ours.major(), ours.minor(), ours.patch()));
        wanted.trim().is_empty() || Range::parse(wanted).is_ok_and(|wanted| wanted.satisfies(&ours))
    }
}

/// pnpm's `checkList`: a list names what is allowed, or with `!` what is not.
fn allows(list: &[String], ours: &[String]) -> bool {
    if list.is_empty() || list == ["any"] {
        return true;
    }
    let named = |entry: &String| ours.iter().any(|one| one == entry);
    let is_refused = |entry: &&str| ours.iter().any(|one| one == entry);
    let mut refusals = list.iter().filter_map(|entry| entry.strip_prefix('!'));
    if refusals.clone().any(|entry| is_refused(&entry)) {
        return false;
    }
    list.iter().any(named) || refusals.by_ref().count() == list.len()
}

#[cfg(test)]
mod tests {
    use super::{Machine, Requirements, allows};
    use crate::package::Platform;

    #[test]
    fn a_list_allows_what_it_names_or_does_not_refuse() {
        let list = |entries: &[&str]| entries.iter().map(|entry| (*entry).to_owned()).collect::<Vec<_>>();
        for (entries, ours, allowed) in [
            (&[][..], &["linux"][..], true),
            (&["linux", "darwin"], &["linux"], true),
            (&["darwin"], &["linux"], false),
            (&["darwin"], &["linux", "darwin"], true),
            (&["!win32"], &["linux"], true),
            (&["!linux"], &["linux"], false),
            (&["!linux"], &["darwin", "linux"], false),
            (&["!linux", "linux"], &["linux"], false),
            (&["!win32", "darwin"], &["linux"], false),
            (&["any"], &["linux"], true),
            (&["any", "darwin"], &["linux"], false),
        ] {
            assert_eq!(allows(&list(entries), &list(ours)), allowed, "{entries:?} {ours:?}");
        }
    }

    /// What npm's `semver.satisfies(node, range, { includePrerelease: true })` says.
    #[test]
    fn versions_of_node() {
        let platform = Platform { os: "linux", cpu: "x64", libc: None };
        for (ours, wanted, runs) in [
            ("20.11.0", ">=18", true),
            ("20.11.0", ">= 0.8", true),
            ("20.11.0", "^12.20.0 || ^14.13.1 || >=16.0.0", true),
            ("20.11.0", "^20.12.0 || >=22", false),
            ("20.11.0", "20.x", true),
            ("20.11.0", "*", true),
            ("20.11.0", "", true),
            ("20.11.0", "6 || 8", false),
            ("20.11.0", ">=16 <20", false),
            ("20.11.0", "nonsense", false),
            ("24.0.0-nightly", ">=24", true),
        ] {
            let machine = Machine { node: ours.parse().ok(), ..Machine::from(platform) };
            let package = Requirements { os: &[], cpu: &[], libc: &[], node: Some(wanted) };
            assert_eq!(machine.runs(package), runs, "{ours} {wanted}");
            let unknown = Machine { node: None, ..machine };
            assert!(unknown.runs(package), "{wanted}");
        }
    }
}
