//! The commands that packages find: the `.bin` directories.

use super::InstallError;
use super::commands::{Command, Outside, choose, commands};
use super::layout::{CommandLinks, Layout};
use super::modules::ModulesDir;
use super::paths::{clean, relative};
use super::plan::Plan;
use super::shim::Shim;
use super::slot::Slot;
use super::top_link::TopLink;
use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// Makes the commands that each slot, each project and what is hoisted find, and returns how many there are. They are those
/// that pnpm makes from a lockfile (`linkAllBins` and what follows in `@pnpm/headless`).
pub(super) fn link(
    plan: &Plan,
    layout: &Layout,
    modules: &ModulesDir,
    gone: &[String],
) -> Result<usize, InstallError> {
    let root = modules.root().canonicalize().map_err(InstallError::write(modules.root()))?;
    let virtual_store = root.join("node_modules/.pnpm");
    let mut linker = Linker {
        modules,
        how: layout.commands,
        hoisted: virtual_store.join("node_modules"),
        gone: gone.iter().map(String::as_str).collect(),
        virtual_store,
        root,
        packages: HashMap::new(),
        files: HashMap::new(),
        count: 0,
    };
    linker.link_slots(plan)?;
    linker.link_hoisted(plan)?;
    linker.link_projects(plan)?;
    Ok(linker.count)
}

struct Linker<'a> {
    modules: &'a ModulesDir,
    how: CommandLinks,
    root: PathBuf,
    virtual_store: PathBuf,
    /// `node_modules/.pnpm/node_modules`.
    hoisted: PathBuf,
    /// The slots that could not be filled.
    gone: HashSet<&'a str>,
    /// The commands of packages that were looked at, by their directory.
    packages: HashMap<PathBuf, Vec<Command>>,
    /// The files of commands that were looked at. Of one that does not exist there is no script.
    files: HashMap<PathBuf, Option<Shim>>,
    count: usize,
}

impl Linker<'_> {
    /// The commands of a slot's dependencies, for the package in it. Those of packages that it brought along come first.
    fn link_slots(&mut self, plan: &Plan) -> Result<(), InstallError> {
        let with_commands: HashMap<&str, &Slot> = plan
            .slots
            .iter()
            .filter(|slot| slot.has_bin)
            .map(|slot| (slot.directory.as_str(), &**slot))
            .collect();
        for slot in &plan.slots {
            if self.gone.contains(slot.directory.as_str()) {
                continue;
            }
            let package = self.virtual_store.join(&slot.directory).join(slot.package_dir());
            let mut all = Vec::new();
            for link in &slot.links {
                if let Some(slot) = with_commands.get(link.directory.as_str())
                    && !self.gone.contains(link.directory.as_str())
                {
                    let package = self.virtual_store.join(&slot.directory).join(slot.package_dir());
                    all.extend(self.commands(&package, Outside::IsPassedOver)?);
                }
            }
            // pnpm does not know projects among the dependencies of a package, and then looks at what is there.
            if !slot.projects.is_empty() {
                all.clear();
                let beside = self.virtual_store.join(&slot.directory).join("node_modules");
                for other in packages(&beside)?.iter().filter(|other| **other != package) {
                    all.extend(self.commands(other, Outside::IsPassedOver)?);
                }
            }
            let mut chosen = choose(all);
            if slot.has_bundled {
                let mut bundled = Vec::new();
                for package in packages(&package.join("node_modules"))? {
                    bundled.extend(self.commands(&package, Outside::IsPassedOver)?);
                }
                chosen.extend(choose(bundled));
            }
            self.fill(&package.join("node_modules/.bin"), &chosen)?;
        }
        Ok(())
    }

    /// The commands of what is hoisted, for all packages.
    fn link_hoisted(&mut self, plan: &Plan) -> Result<(), InstallError> {
        let mut all = Vec::new();
        for alias in &plan.hoisted.with_commands {
            all.extend(self.commands(&self.hoisted.join(alias.as_str()), Outside::IsPassedOver)?);
        }
        let bin = self.hoisted.join(".bin");
        let chosen = choose(all);
        remove_others(&bin, &chosen)?;
        self.fill(&bin, &chosen)
    }

    /// The commands of what projects ask for.
    fn link_projects(&mut self, plan: &Plan) -> Result<(), InstallError> {
        for (importer, links) in &plan.importers {
            let project = clean(&self.root.join(importer));
            let modules_dir = project.join("node_modules");
            let mut direct = Vec::new();
            for link in links {
                let is_of_root = |other: &TopLink| {
                    other.alias() == link.alias() && other.leads_to(".") == link.leads_to(importer)
                };
                // pnpm decides by the name here, and where there are symlinks by what they lead to.
                let root = plan.importers.get(".").filter(|_| importer != "." && !plan.of_root.is_empty());
                if root.is_some_and(|root| root.iter().any(is_of_root)) {
                    continue;
                }
                match link {
                    TopLink::Slot { link, .. } if self.gone.contains(link.directory.as_str()) => {}
                    TopLink::Slot { link, .. } => {
                        let package = self.virtual_store.join(&link.directory).join("node_modules");
                        direct.push((link.alias.as_str(), package.join(link.name.as_str())));
                    }
                    TopLink::Directory { alias, to } => {
                        direct.push((alias.as_str(), clean(&project.join(to))));
                    }
                }
            }
            let mut all = Vec::new();
            // Where packages are hoisted into the root, pnpm looks at what is there, by the names it has there.
            let chosen = if importer == "." && !plan.hoisted.public.is_empty() {
                let direct: HashSet<PathBuf> =
                    direct.iter().map(|(alias, _)| modules_dir.join(alias)).collect();
                let mut hoisted = Vec::new();
                for package in packages(&modules_dir)? {
                    let is_direct = direct.contains(&package);
                    let outside = if is_direct { Outside::IsRefused } else { Outside::IsPassedOver };
                    let commands = self.commands(&package, outside)?;
                    if is_direct { all.extend(commands) } else { hoisted.extend(commands) }
                }
                let direct = choose(all);
                let mut chosen = choose(hoisted);
                chosen.extend(direct);
                chosen
            } else {
                for (_, package) in direct {
                    all.extend(self.commands(&package, Outside::IsRefused)?);
                }
                choose(all)
            };
            let bin = modules_dir.join(".bin");
            remove_others(&bin, &chosen)?;
            self.fill(&bin, &chosen)?;
        }
        Ok(())
    }

    fn commands(&mut self, package: &Path, outside: Outside) -> Result<Vec<Command>, InstallError> {
        // What is refused is asked for by the projects alone, which come last.
        if outside == Outside::IsPassedOver
            && let Some(known) = self.packages.get(package)
        {
            return Ok(known.clone());
        }
        let commands = commands(package, outside)?;
        self.packages.insert(package.to_owned(), commands.clone());
        Ok(commands)
    }

    /// Makes the commands in a directory. What is there and right stays.
    fn fill(&mut self, bin: &Path, commands: &BTreeMap<String, Command>) -> Result<(), InstallError> {
        if commands.is_empty() {
            return Ok(());
        }
        fs::create_dir_all(bin).map_err(InstallError::write(bin))?;
        for command in commands.values() {
            let at = bin.join(&command.name);
            let how = self.how;
            let Some(shim) = self.file(&command.file)? else { continue };
            let made = if how.are_symlinks {
                put_symlink(&relative(bin, &command.file), &at)
            } else {
                put_script(&shim.text(bin, &command.file), &at)
            };
            made.map_err(InstallError::write(&at))?;
            self.count += 1;
        }
        Ok(())
    }

    /// Makes the file of a command one that can be run. `None` if there is no such file: pnpm then makes no command.
    fn file(&mut self, file: &Path) -> Result<Option<&Shim>, InstallError> {
        match self.files.entry(file.to_owned()) {
            Entry::Occupied(known) => Ok(known.into_mut().as_ref()),
            Entry::Vacant(vacant) => {
                if !file.is_file() {
                    return Ok(vacant.insert(None).as_ref());
                }
                let failed = || InstallError::write(file);
                let real = file.canonicalize().map_err(failed())?;
                let virtual_store = self.virtual_store.canonicalize().map_err(failed())?;
                let hoisted = self.how.find_hoisted.then_some(self.hoisted.as_path());
                let shim = Shim::of(file, hoisted).map_err(failed())?;
                let staging = real.starts_with(virtual_store).then(|| self.modules.staging());
                make_executable(&real, staging.as_deref()).map_err(failed())?;
                Ok(vacant.insert(Some(shim)).as_ref())
            }
        }
    }
}

#[cfg(unix)]
use super::executable::make_executable;

/// Elsewhere what a file is called says whether it can be run.
#[cfg(not(unix))]
fn make_executable(_file: &Path, _staging: Option<&Path>) -> io::Result<()> {
    Ok(())
}

/// The packages in a `node_modules`, those with a scope last: of one package under two names the first one counts.
fn packages(modules_dir: &Path) -> Result<Vec<PathBuf>, InstallError> {
    let read = |dir: &Path| -> Result<Vec<PathBuf>, InstallError> {
        let entries = match fs::read_dir(dir) {
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                return Ok(Vec::new());
            }
            entries => entries.map_err(InstallError::write(dir))?,
        };
        let paths = entries.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<Vec<_>>>();
        let mut paths = paths.map_err(InstallError::write(dir))?;
        paths.sort();
        Ok(paths)
    };
    let begins = |path: &Path, sign: &[u8]| {
        path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(sign))
    };
    let (scopes, mut packages): (Vec<_>, Vec<_>) = read(modules_dir)?
        .into_iter()
        .filter(|path| !begins(path, b"."))
        .partition(|path| begins(path, b"@"));
    for scope in scopes {
        packages.extend(read(&scope)?);
    }
    Ok(packages)
}

/// Takes away the commands of an earlier install.
fn remove_others(bin: &Path, commands: &BTreeMap<String, Command>) -> Result<(), InstallError> {
    let entries = match fs::read_dir(bin) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        entries => entries.map_err(InstallError::write(bin))?,
    };
    for entry in entries {
        let entry = entry.map_err(InstallError::write(bin))?;
        let is_wanted = entry.file_name().to_str().is_some_and(|name| commands.contains_key(name));
        let is_dir = entry.file_type().is_ok_and(|kind| kind.is_dir());
        if !is_wanted && !is_dir {
            fs::remove_file(entry.path()).map_err(InstallError::write(&entry.path()))?;
        }
    }
    if commands.is_empty() {
        // Only if nothing else is in it.
        let _ = fs::remove_dir(bin);
    }
    Ok(())
}

fn put_symlink(target: &Path, at: &Path) -> io::Result<()> {
    if fs::read_link(at).is_ok_and(|there| there == target) {
        return Ok(());
    }
    remove(at)?;
    super::symlink::make_symlink(&target.display().to_string(), at)
}

/// Writes a script. What is there is removed first, and never written to: it may be a hard link into the store. A script that
/// could not be written whole is removed.
fn put_script(text: &str, at: &Path) -> io::Result<()> {
    if fs::read(at).is_ok_and(|there| there == text.as_bytes()) && !at.is_symlink() && is_executable(at) {
        return Ok(());
    }
    remove(at)?;
    let written = fs::write(at, text).and_then(|()| make_executable(at, None));
    if written.is_err() {
        let _ = remove(at);
    }
    written
}

fn remove(at: &Path) -> io::Result<()> {
    match fs::remove_file(at) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(unix)]
fn is_executable(at: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(at).is_ok_and(|file| file.permissions().mode() & 0o777 == 0o755)
}

#[cfg(not(unix))]
fn is_executable(_at: &Path) -> bool {
    true
}
