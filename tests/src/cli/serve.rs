//! `testbed registry`, `testbed server` and `testbed init`.

use super::args::{GeneratedArgs, InitArgs, RegistryArgs, ServerArgs};
use crate::net::{Client, LinkProfile, NpmConfig, RegistryClient};
use crate::registry::{Catalogue, Embedded, Mirror, Registry, StartError};
use crate::resolution_server::{MAX_AGE, Remembering, ResolutionServer};
use crate::signal::Signals;
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::ExitCode;

/// Serves packages until it is stopped.
pub(super) fn registry(args: &RegistryArgs) -> super::Result {
    // What generates packages has threads of its own, and a server of resolutions.
    let runtime = super::ground::start(super::ground::cores() + 4)?;
    runtime.block_on(async {
        let mut signals = Signals::listen()?;
        let registry = match &args.mirror {
            Some(dir) => {
                let mirror = Mirror::open(dir)?;
                Registry::start(Catalogue::Mirror(mirror), loopback(args.port)).await?
            }
            None => start_generated(args.generated, args.port).await?,
        };
        super::print(&format!("{}\n", registry.url()))?;
        signals.next().await;
        Ok(ExitCode::SUCCESS)
    })
}

/// Serves resolutions until it is stopped.
pub(super) fn server(args: &ServerArgs) -> super::Result {
    // What generates packages has threads of its own, and a server of resolutions.
    let runtime = super::ground::start(super::ground::cores() + 4)?;
    runtime.block_on(async {
        let mut signals = Signals::listen()?;
        let config = NpmConfig::load(Path::new("."), args.registry.clone())?;
        let (config, _generated) = find_registry(config, args.generated).await?;
        let link = LinkProfile { latency: args.pnpr_server_registry_latency_ms, ..LinkProfile::default() };
        let client =
            Client::new(link, config.limits())?.telling(|wait| drop(writeln!(std::io::stderr(), "{wait}")));
        let source = RegistryClient::new(client, config);
        let server = ResolutionServer::start(Remembering::new(source, MAX_AGE), loopback(args.port))?;
        super::print(&format!("{}\n", server.url()))?;
        signals.next().await;
        Ok(ExitCode::SUCCESS)
    })
}

/// Writes a project.
pub(super) fn init(args: &InitArgs) -> super::Result {
    let dir = &args.dir;
    let failed = |error: std::io::Error| format!("cannot write a project to {}: {error}", dir.display());
    std::fs::create_dir_all(dir).map_err(failed)?;
    if std::fs::read_dir(dir).map_err(failed)?.next().is_some() {
        return Err(
            format!("{} is not empty: name a directory that is, or does not exist", dir.display()).into()
        );
    }
    let packages = generate(args.generated);
    let (manifest, lockfile) = if args.lockfile {
        let (manifest, lockfile) = packages.frozen();
        (manifest, Some(lockfile))
    } else {
        (packages.project(), None)
    };
    manifest.write(&dir.join("package.json"))?;
    if let Some(lockfile) = lockfile {
        lockfile.write(&dir.join("pnpm-lock.yaml"))?;
    }
    let GeneratedArgs { packages, seed } = args.generated;
    super::print(&format!(
        "wrote {}; install it with `testbed install --generated-packages --packages {packages} --seed {seed} --dir {0}`\n",
        dir.display()
    ))?;
    Ok(ExitCode::SUCCESS)
}

/// Starts a registry of generated packages.
async fn start_generated(args: GeneratedArgs, port: u16) -> Result<Registry, StartError> {
    Registry::start(Catalogue::Embedded(Box::new(generate(args))), loopback(port)).await
}

/// The registry that the user or npm names, else one of generated packages that lives as long as this install.
pub(super) async fn find_registry(
    config: NpmConfig,
    generated: GeneratedArgs,
) -> Result<(NpmConfig, Option<Registry>), Box<dyn std::error::Error>> {
    if config.registry().is_some() {
        return Ok((config, None));
    }
    let registry = start_generated(generated, 0).await?;
    Ok((config.or_registry(registry.url().clone()), Some(registry)))
}

fn generate(args: GeneratedArgs) -> Embedded {
    Embedded::generate(usize::from(args.packages), args.seed)
}

/// Nobody but this machine is served.
fn loopback(port: u16) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, port).into()
}
