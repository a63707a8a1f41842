//! Paths as texts: what can be said of them without asking the file system.

use std::path::{Component, Path, PathBuf};

/// A path without `.` and `..`, but for the `..` that a relative one begins with. What leads above the root stays at the
/// root.
pub(super) fn clean(path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for part in path.components() {
        match (part, clean.components().next_back()) {
            (Component::CurDir, _) | (Component::ParentDir, Some(Component::RootDir)) => {}
            (Component::ParentDir, Some(Component::Normal(_))) => drop(clean.pop()),
            (part, _) => clean.push(part),
        }
    }
    clean
}

/// How to get from a directory to something else; both are absolute. Symlinks on the way are taken for directories.
pub(super) fn relative(from: &Path, to: &Path) -> PathBuf {
    let (from, to) = (clean(from), clean(to));
    let shared = from.components().zip(to.components()).take_while(|(one, other)| one == other).count();
    let up = from.components().skip(shared).map(|_| Component::ParentDir);
    up.chain(to.components().skip(shared)).collect()
}

#[cfg(test)]
mod tests {
    use super::{clean, relative};
    use std::path::Path;

    #[test]
    fn paths_are_compared_as_texts() {
        for (from, to, expected) in [
            ("/a/b", "/a/b/c", "c"),
            ("/a/b", "/a/c/d", "../c/d"),
            ("/a/b", "/a/b", ""),
            ("/a/node_modules", "/a/.", ".."),
            ("/a/./x/../b", "/a/b/../c", "../c"),
            ("/a", "/../b", "../b"),
        ] {
            assert_eq!(relative(Path::new(from), Path::new(to)), Path::new(expected), "{from} {to}");
        }
        for (path, expected) in [("/a/../../b/./c/..", "/b"), ("a/../../../b", "../../b"), ("./a/.", "a")] {
            assert_eq!(clean(Path::new(path)), Path::new(expected), "{path}");
        }
    }
}
