//! `testbed install`.

use super::args::InstallArgs;
use super::serve::find_registry;
use crate::install::{Options, Progress, SlowDisk, Source, Stop, install};
use crate::net::{Client, LinkProfile, NpmConfig, RegistryClient};
use crate::resolution_server::ResolutionClient;
use crate::signal::Listener;
use concurrency_probe::Scope;
use std::fs::File;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::thread::available_parallelism;

pub(super) fn run(args: &InstallArgs) -> super::Result {
    // The scope's pool, what unpacks, what generates packages, the writer of the index, the line that shows the progress.
    let cores = super::ground::cores().max(2);
    let runtime = super::ground::start(args.threads.map_or(cores, usize::from) + 2 * cores + 4)?;
    let stop = Stop::default();
    // Not in the task that installs: see `Stop`.
    let listener = runtime.block_on(async { Listener::start(&stop) })?;
    let summary = runtime.block_on(install_project(args, stop));
    // Threads that unpack what nobody waits for any more.
    runtime.shutdown_background();
    match (summary, listener.heard()) {
        (Ok(summary), _) => {
            super::print(&format!("{summary}\n"))?;
            Ok(ExitCode::SUCCESS)
        }
        (Err(_), Some(signal)) => {
            // Nothing is half done: what was being made is in a staging directory, which the next install takes away.
            let _ = writeln!(std::io::stderr(), "interrupted: install again, and it goes on from here");
            Ok(ExitCode::from(signal.exit_code()))
        }
        (Err(error), None) => Err(error),
    }
}

async fn install_project(args: &InstallArgs, stop: Stop) -> Result<String, Box<dyn std::error::Error>> {
    let link = LinkProfile {
        latency: args.network.registry_latency_ms,
        bandwidth_bits_per_second: args.network.registry_bandwidth_mbps.map(|mbps| mbps * 1_000_000),
        ..LinkProfile::default()
    };
    if !args.dir.is_dir() {
        return Err(
            format!("{} is no directory: name that of a project with --dir", args.dir.display()).into()
        );
    }
    let config = if args.generated_packages {
        NpmConfig::default()
    } else {
        NpmConfig::load(&args.dir, args.registry.clone())?
    };
    let progress = Arc::new(Progress::on_terminal());
    let teller = Arc::clone(&progress);
    let client = Client::new(link, config.limits())?.telling(move |wait| teller.tell(&wait.to_string()));
    let (registry, generated) = find_registry(config, args.generated).await?;
    let options = Options {
        project: args.dir.clone(),
        source: source(args, &client),
        store: store_dir(args)?,
        registry: RegistryClient::new(client, registry),
        linking: args.cold_linking,
        disk: SlowDisk { latency: args.link_latency_ms },
        stop,
    };
    let mut scope = open(args)?;
    let installed = install(&mut scope, &options, &progress).await;
    progress.finish();
    let summary = installed?;
    drop(generated);
    Ok(summary.to_string())
}

fn source(args: &InstallArgs, client: &Client) -> Source {
    if let Some(lockfile) = &args.lockfile {
        return Source::Lockfile(lockfile.clone());
    }
    let own = args.dir.join("pnpm-lock.yaml");
    if own.exists() && !args.fresh {
        return Source::Lockfile(own);
    }
    let Some(server) = &args.server else { return Source::Registry(own) };
    Source::Server(Box::new(ResolutionClient::new(client.clone(), server.clone())), own)
}

fn store_dir(args: &InstallArgs) -> Result<PathBuf, String> {
    let default = || dirs::cache_dir().map(|dir| dir.join("concurrency-probe-testbed"));
    args.store_dir.clone().or_else(default).ok_or_else(|| {
        "this user has no directory for caches: name one for the packages with --store-dir".into()
    })
}

fn open(args: &InstallArgs) -> Result<Scope, Box<dyn std::error::Error>> {
    // A thread that links mostly waits for the file system, so a second one helps on a single core too.
    let cores = || available_parallelism().map_or(2, |cores| cores.get().max(2));
    let mut scope = Scope::builder("install").threads(args.threads.map_or_else(cores, usize::from));
    if let Some(file) = &args.report {
        // The closing scope appends to it, and only warns if it cannot. Here it was asked for: say so first.
        File::options().append(true).create(true).open(file).map_err(|error| {
            format!("cannot write the report {}: {error}; name another file with --report", file.display())
        })?;
        scope = scope.report_to(file);
    }
    Ok(scope.try_open()?)
}
