//! `Repository`: what git says of the commits of a configuration.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Component, Path, PathBuf};
use std::process::{Command, Stdio};

/// The work tree of git that has the configuration.
#[derive(Clone, Debug)]
pub(crate) struct Repository {
    /// Its root directory.
    pub(crate) root: PathBuf,
    /// The directory of the configuration, relative to the root.
    pub(crate) prefix: PathBuf,
}

/// Why commits cannot be compared.
#[derive(Debug, thiserror::Error)]
pub(crate) enum GitError {
    /// git is not installed, or cannot be started.
    #[error("git cannot be started: {0}; install it: git makes the checkouts")]
    Start(io::Error),
    /// There is no repository.
    #[error(
        "{} is not in a work tree of git ({says}): two commits of the repository that has the configuration are compared; name another configuration with --config",
        dir.display()
    )]
    NoRepository { dir: PathBuf, says: String },
    /// There is no such commit.
    #[error(
        "there is no commit `{}` ({says}): name one that `git log` knows; in a workflow, check out with `fetch-depth: 0`",
        revision.escape_debug()
    )]
    NoCommit { revision: String, says: String },
    /// `git status` failed.
    #[error("`git status` fails ({says}): see that it works in the work tree")]
    Status { says: String },
    /// There is no default branch to compare with.
    #[error(
        "there is no default branch (origin/HEAD, main or master): say with --base REV what to compare with"
    )]
    NoDefault,
    /// The two commits have no common ancestor.
    #[error(
        "there is no merge base with {branch}: say with --base REV what to compare with; in a workflow, check out with `fetch-depth: 0`"
    )]
    NoMergeBase { branch: String },
    /// A commit would be compared with itself.
    #[error(
        "the merge base with {branch} is the head commit itself, and nothing is changed: say with --base REV what to compare with, such as \
         --base HEAD~1"
    )]
    Same { branch: String },
}

/// Names of the default branch, in the order in which they are looked for.
const DEFAULTS: [&str; 5] = ["origin/HEAD", "origin/main", "origin/master", "main", "master"];

impl Repository {
    /// The work tree that a directory is in.
    ///
    /// # Errors
    ///
    /// If there is no repository, or git cannot be started.
    pub(crate) fn of(dir: &Path) -> Result<Self, GitError> {
        let dir = if dir.as_os_str().is_empty() { Path::new(".") } else { dir };
        let path = |argument: &str| {
            let answer = ask(dir, ["rev-parse", argument])?;
            answer
                .map(|bytes| path_of(&bytes))
                .map_err(|says| GitError::NoRepository { dir: dir.into(), says })
        };
        Ok(Repository { root: path("--show-toplevel")?, prefix: path("--show-prefix")? })
    }

    /// The whole name of a commit.
    ///
    /// # Errors
    ///
    /// If there is no such commit.
    pub(crate) fn commit(&self, revision: &str) -> Result<String, GitError> {
        let no_commit = |says: String| GitError::NoCommit { revision: revision.into(), says };
        // git would take it for an option.
        if revision.starts_with('-') {
            return Err(no_commit("no name of a commit begins with `-`".into()));
        }
        let commit = format!("{revision}^{{commit}}");
        let answer = ask(&self.root, ["rev-parse", "--verify", &commit])?.map_err(no_commit)?;
        Ok(text_of(&answer))
    }

    /// Whether there are files that are changed, or new and not ignored. Those in `out` are the gate's own.
    ///
    /// # Errors
    ///
    /// If git cannot be started, or fails.
    pub(crate) fn is_changed(&self, out: &Path) -> Result<bool, GitError> {
        let mut own = OsString::from(":(exclude)");
        own.push(self.prefix.join(out));
        // git refuses a path that leads out of the work tree. There is then nothing to leave out.
        let is_inside = out.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
        let own = is_inside.then_some(own);
        let arguments = ["status", "--porcelain", "--", "."].map(OsString::from);
        let changes = ask(&self.root, arguments.into_iter().chain(own))?;
        changes.map(|changes| !changes.is_empty()).map_err(|says| GitError::Status { says })
    }

    /// The merge base of a commit with the default branch. `is_changed`: the work tree differs from the commit, so that the two can be
    /// compared even if the merge base is the commit itself.
    ///
    /// # Errors
    ///
    /// If there is no default branch, or nothing to compare.
    pub(crate) fn merge_base(&self, head: &str, is_changed: bool) -> Result<String, GitError> {
        for branch in DEFAULTS {
            let Ok(tip) = self.commit(branch) else { continue };
            let branch = branch.to_owned();
            return match ask(&self.root, ["merge-base", head, &tip])?.map(|answer| text_of(&answer)) {
                Err(_) => Err(GitError::NoMergeBase { branch }),
                Ok(base) if base == head && !is_changed => Err(GitError::Same { branch }),
                Ok(base) => Ok(base),
            };
        }
        Err(GitError::NoDefault)
    }

    /// git, at the root.
    pub(crate) fn git(&self) -> Command {
        git(&self.root)
    }
}

/// Removes the variables by which a hook of git names its repository. The command then finds the repository of its own directory.
pub(crate) fn forget_repository(command: &mut Command) {
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR"] {
        command.env_remove(name);
    }
}

/// git in a directory, and of the repository there. No hook of the repository is run: what it does is
/// meant for who works there.
fn git(dir: &Path) -> Command {
    let mut command = Command::new("git");
    forget_repository(&mut command);
    // Another program may have locked the index.
    command.env("GIT_OPTIONAL_LOCKS", "0");
    command
        .current_dir(dir)
        .args(["-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false"])
        .stdin(Stdio::null());
    // Ctrl-C is for the gate, which removes the checkouts. git must not die before.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    command
}

/// What git prints, or the error that it prints.
fn ask<I: IntoIterator<Item = S>, S: AsRef<OsStr>>(
    dir: &Path,
    arguments: I,
) -> Result<Result<Vec<u8>, String>, GitError> {
    let output = git(dir).args(arguments).output().map_err(GitError::Start)?;
    if output.status.success() {
        return Ok(Ok(output.stdout));
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<&str> = said.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let said = if lines.is_empty() { "git does not say why".to_owned() } else { lines.join(" ") };
    Ok(Err(said.escape_debug().to_string()))
}

fn text_of(answer: &[u8]) -> String {
    String::from_utf8_lossy(answer).trim().to_owned()
}

#[cfg(unix)]
fn path_of(answer: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    // Only one line feed, which git adds. The path itself may end with another one.
    OsStr::from_bytes(answer.strip_suffix(b"\n").unwrap_or(answer)).into()
}

#[cfg(not(unix))]
fn path_of(answer: &[u8]) -> PathBuf {
    text_of(answer).into()
}
