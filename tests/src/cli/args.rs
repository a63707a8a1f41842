//! `Cli`: the command line.

use crate::bench::{BenchOptions, millis};
use crate::install::Linking;
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;
use std::time::Duration;
use url::Url;

/// A small package installer with its registry, and the benchmark that runs it: what concurrency-probe is tried on.
///
/// Without a command it runs the benchmark, over packages that it generates itself.
#[derive(Debug, Parser)]
#[command(name = "testbed", version, args_conflicts_with_subcommands = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Option<Command>,

    /// Of the benchmark.
    #[command(flatten)]
    pub bench: BenchOptions,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the benchmark (as without a command)
    Bench(BenchOptions),
    /// Install the packages of a project
    Install(InstallArgs),
    /// Write a project of generated packages, as an example to install
    Init(InitArgs),
    /// Serve packages over HTTP on this machine
    Registry(RegistryArgs),
    /// Serve resolutions over HTTP on this machine
    Server(ServerArgs),
}

/// Of `install`.
#[derive(Args, Debug)]
pub struct InstallArgs {
    /// The project: a directory with a package.json
    #[arg(long, default_value = ".", value_name = "DIR")]
    pub dir: PathBuf,

    /// Install what this pnpm-lock.yaml says, and resolve nothing [default: that of the project, if it has one]
    #[arg(long, value_name = "FILE", conflicts_with = "fresh")]
    pub lockfile: Option<PathBuf>,

    /// Resolve package.json anew, and write the lockfile, also where there is one
    #[arg(long)]
    pub fresh: bool,

    /// The registry [default: that of npm's own configuration (`npm_config_registry`, .npmrc), else generated packages]
    #[arg(long, value_name = "URL")]
    pub registry: Option<Url>,

    /// Install from generated packages, whatever npm's own configuration says
    #[arg(long, conflicts_with = "registry")]
    pub generated_packages: bool,

    /// Let this resolution server (`testbed server`) resolve, if there is something to resolve
    #[arg(long, value_name = "URL")]
    pub server: Option<Url>,

    /// Where the files of all packages are kept [default: a directory in this user's cache]
    #[arg(long, value_name = "DIR")]
    pub store_dir: Option<PathBuf>,

    /// When packages are linked that had to be downloaded
    #[arg(long, value_enum, default_value = "streamed", value_name = "LINKING")]
    pub cold_linking: Linking,

    /// Threads of the install's own pool, 1 to 256 [default: one for each core, and at least 2]
    #[arg(long, allow_negative_numbers = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub threads: Option<u16>,

    /// Append the report of this install to this file, as one line of JSON
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,

    /// A slow disk: what it takes for each package that is linked
    #[arg(long, default_value = "0", allow_negative_numbers = true, value_name = "MS", value_parser = millis)]
    pub link_latency_ms: Duration,

    /// A slow network.
    #[command(flatten)]
    pub network: NetworkArgs,

    /// Of the generated packages.
    #[command(flatten)]
    pub generated: GeneratedArgs,
}

/// A slow network.
#[derive(Args, Clone, Copy, Debug)]
pub struct NetworkArgs {
    /// A slow network: a round trip
    #[arg(long, default_value = "0", allow_negative_numbers = true, value_name = "MS", value_parser = millis)]
    pub registry_latency_ms: Duration,

    /// A slow network: megabits a second, for all connections together [default: as fast as it is]
    #[arg(long, allow_negative_numbers = true, value_name = "MBPS", value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    pub registry_bandwidth_mbps: Option<u64>,
}

/// Which packages are generated.
#[derive(Args, Clone, Copy, Debug)]
pub struct GeneratedArgs {
    /// How many packages are generated, 0 to 5000, where they are
    #[arg(long, default_value_t = 1308, allow_negative_numbers = true, value_name = "N", value_parser = clap::value_parser!(u16).range(0..=5000))]
    pub packages: u16,

    /// Of the generated packages: the same seed, the same packages
    #[arg(long, default_value_t = 12250, allow_negative_numbers = true, value_name = "SEED")]
    pub seed: u64,
}

/// Of `init`.
#[derive(Args, Debug)]
pub struct InitArgs {
    /// Where the project is written: a directory that is empty or does not exist
    pub dir: PathBuf,

    /// Write a lockfile too
    #[arg(long)]
    pub lockfile: bool,

    /// Of the generated packages.
    #[command(flatten)]
    pub generated: GeneratedArgs,
}

/// Of `registry`.
#[derive(Args, Debug)]
pub struct RegistryArgs {
    /// Serve the .tgz files of this directory, instead of generated packages
    #[arg(long, value_name = "DIR")]
    pub mirror: Option<PathBuf>,

    /// The port [default: any]
    #[arg(long, default_value_t = 0, allow_negative_numbers = true, value_name = "PORT")]
    pub port: u16,

    /// Of the generated packages.
    #[command(flatten)]
    pub generated: GeneratedArgs,
}

/// Of `server`.
#[derive(Args, Debug)]
pub struct ServerArgs {
    /// The registry [default: that of npm's own configuration, else generated packages]
    #[arg(long, value_name = "URL")]
    pub registry: Option<Url>,

    /// The port [default: any]
    #[arg(long, default_value_t = 0, allow_negative_numbers = true, value_name = "PORT")]
    pub port: u16,

    /// The server's own network: a round trip to the registry. What a client's is, it says itself
    #[arg(long, default_value = "0", allow_negative_numbers = true, value_name = "MS", value_parser = millis)]
    pub pnpr_server_registry_latency_ms: Duration,

    /// Of the generated packages.
    #[command(flatten)]
    pub generated: GeneratedArgs,
}
