//! `Platform`: the machine that is installed on, in Node's words.

use super::{Machine, Requirements};

/// The machine that is installed on, in the words of Node's `process.platform` and `process.arch`, and npm's `libc`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Platform {
    /// `linux`, `darwin`, `win32`, ..
    pub os: &'static str,
    /// `x64`, `arm64`, ..
    pub cpu: &'static str,
    /// `glibc` or `musl`; `None` where there is no such choice.
    pub libc: Option<&'static str>,
}

impl Platform {
    /// This machine.
    pub fn current() -> Self {
        let os = match std::env::consts::OS {
            "macos" => "darwin",
            "windows" => "win32",
            other => other,
        };
        let cpu = match std::env::consts::ARCH {
            "x86_64" => "x64",
            "x86" => "ia32",
            "aarch64" => "arm64",
            "powerpc64" => "ppc64",
            other => other,
        };
        let libc = (os == "linux").then_some(if cfg!(target_env = "musl") { "musl" } else { "glibc" });
        Platform { os, cpu, libc }
    }

    /// Whether a package that is for these runs here. Each list names what is allowed, or with `!` what is not; an empty
    /// one, or `any` alone, allows everything.
    ///
    /// ```
    /// use testbed::package::Platform;
    ///
    /// let linux = Platform { os: "linux", cpu: "x64", libc: Some("glibc") };
    /// assert!(linux.runs(&["!win32".into()], &[], &[]));
    /// assert!(!linux.runs(&["darwin".into()], &[], &[]));
    /// ```
    pub fn runs(&self, os: &[String], cpu: &[String], libc: &[String]) -> bool {
        Machine::from(*self).has_platform(Requirements { os, cpu, libc, node: None })
    }
}

impl From<Platform> for Machine {
    fn from(platform: Platform) -> Self {
        let one = |name: &str| vec![name.to_owned()];
        Machine { os: one(platform.os), cpu: one(platform.cpu), libc: platform.libc.map(one), node: None }
    }
}
