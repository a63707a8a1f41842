//! What results are made of: the machine, the commit, and what each target is.

use crate::git::Repository;
use concurrency_probe_gate::{Config, Host, Identity, Made, TargetConfig};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Of what is about to be run. Paths of the configuration are relative to `base`.
pub(super) fn made(config: &Config, base: &Path, until_decided: bool) -> Made {
    let targets = config.targets.iter().map(|target| (target.name.clone(), identity(target, base)));
    Made {
        host: host(),
        commit: commit(base, &config.run.out),
        compared: None,
        until_decided,
        date: humantime::format_rfc3339_seconds(SystemTime::now()).to_string(),
        targets: targets.collect(),
    }
}

fn host() -> Host {
    use sysinfo::{CpuRefreshKind, RefreshKind, System};
    let system = System::new_with_specifics(RefreshKind::nothing().with_cpu(CpuRefreshKind::nothing()));
    let cpu = system.cpus().first().map(|cpu| cpu.brand().trim().to_owned()).unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    Host {
        os: std::env::consts::OS.into(),
        arch: std::env::consts::ARCH.into(),
        cpu,
        cores: u32::try_from(cores).unwrap_or(u32::MAX),
    }
}

/// The commit of the repository that the configuration is in. Without one, or without git, it is not known.
fn commit(base: &Path, out: &Path) -> Option<String> {
    let repository = Repository::of(base).ok()?;
    let commit = repository.commit("HEAD").ok()?;
    Some(if repository.is_changed(out).ok()? { commit + "+" } else { commit })
}

fn identity(target: &TargetConfig, base: &Path) -> Identity {
    let TargetConfig { command, dir, env, prepare, conclude, setup, exit_codes, .. } = target;
    let mut hash = Sha256::new();
    let env: BTreeMap<_, _> = env.iter().collect();
    // JSON keeps apart what stands side by side.
    let parts = serde_json::json!([command, dir, env, prepare, conclude, setup, exit_codes]);
    hash.update(parts.to_string());
    Identity { definition: format!("{:x}", hash.finalize()), program: program(command, &target.dir_in(base)) }
}

/// Of all files that a command names: the program, and a script that it is given.
fn program(command: &[String], dir: &Path) -> Option<String> {
    let first = command.first().and_then(|program| on_path(program, dir));
    let others = command.iter().skip(1).map(|argument| dir.join(argument));
    let mut hash = Sha256::new();
    let mut is_any = false;
    for file in first.into_iter().chain(others).filter(|file| file.is_file()) {
        is_any |= add(&mut hash, &file).is_ok();
    }
    is_any.then(|| format!("{:x}", hash.finalize()))
}

fn add(hash: &mut Sha256, file: &Path) -> io::Result<()> {
    let mut file = File::open(file)?;
    hash.update(file.metadata()?.len().to_le_bytes());
    let mut buffer = vec![0; 1 << 16];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(()),
            read => hash.update(&buffer[..read]),
        }
    }
}

/// Where the system finds a program.
fn on_path(program: &str, dir: &Path) -> Option<PathBuf> {
    if program.contains(std::path::is_separator) {
        return Some(dir.join(program));
    }
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|dir| dir.join(program)).find(|file| file.is_file())
}
