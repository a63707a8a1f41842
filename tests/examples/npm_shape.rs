//! What the generated packages are modelled on: how deep the graph of a lockfile is, and how large the packuments of its packages are.
//!
//! `cargo run --release -p testbed --example npm_shape -- pnpm-lock.yaml [REGISTRY]`

use futures::{StreamExt, stream};
use std::collections::BTreeSet;
use std::error::Error;
use std::path::Path;
use testbed::lockfile::{Graph, Lockfile, NodeIndex, Target};
use testbed::net::{Client, Limits, LinkProfile};
use testbed::package::PackageName;
use url::Url;

const ACCEPT: &str = "application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8";

/// The packages of each level: those that are reached first by so many steps.
fn levels(graph: &Graph) -> Vec<Vec<NodeIndex>> {
    let direct = graph.importers.values().flat_map(|importer| &importer.dependencies);
    let target = |target: &Target| if let Target::Node(node) = target { Some(*node) } else { None };
    let mut level: Vec<NodeIndex> = direct.filter_map(|edge| target(&edge.target)).collect();
    let (mut seen, mut levels) = (BTreeSet::new(), Vec::new());
    loop {
        level.retain(|node| seen.insert(*node));
        if level.is_empty() {
            return levels;
        }
        let next = level.iter().flat_map(|node| &graph.node(*node).dependencies).map(|edge| edge.node);
        let next = next.collect();
        levels.push(std::mem::replace(&mut level, next));
    }
}

async fn packument_bytes(client: &Client, registry: &Url, name: &PackageName) -> Result<usize, String> {
    let url = registry.join(&name.as_str().replacen('/', "%2f", 1)).map_err(|error| error.to_string())?;
    client.get(&url, Some(ACCEPT), None).await.map(|body| body.len()).map_err(|error| error.to_string())
}

#[expect(clippy::cast_precision_loss, reason = "2^53 bytes are a lot")]
fn spread(sizes: &mut [usize]) -> String {
    sizes.sort_unstable();
    let n = sizes.len() as f64;
    let mean = sizes.iter().sum::<usize>() as f64 / n;
    let logs = || sizes.iter().map(|size| (*size as f64).ln());
    let mean_log = logs().sum::<f64>() / n;
    let sigma = (logs().map(|log| (log - mean_log).powi(2)).sum::<f64>() / n).sqrt();
    let (median, largest) = (sizes.get(sizes.len() / 2).unwrap_or(&0), sizes.last().unwrap_or(&0));
    format!(
        "{n} packuments: mean {mean:.0} bytes, median {median}, largest {largest}, sigma of the logarithms {sigma:.2}"
    )
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let lockfile = args.next().ok_or("name a pnpm-lock.yaml")?;
    let registry: Url = args.next().as_deref().unwrap_or("https://registry.npmjs.org/").parse()?;
    let graph = Lockfile::read(Path::new(&lockfile))?.graph(Path::new(&lockfile))?;
    let levels = levels(&graph);
    let all: usize = levels.iter().map(Vec::len).sum();
    let shares: Vec<usize> = levels.iter().map(|level| level.len() * 1000 / all).collect();
    println!("{all} packages on {} levels, of a thousand: {shares:?}", levels.len());

    let names: BTreeSet<&PackageName> = graph.nodes.iter().map(|node| &node.dep_path.id.name).collect();
    let client = Client::new(LinkProfile::default(), Limits::default())?;
    let sizes =
        stream::iter(names).map(|name| packument_bytes(&client, &registry, name)).buffer_unordered(16);
    let (sizes, failed): (Vec<_>, Vec<_>) =
        sizes.collect::<Vec<_>>().await.into_iter().partition(Result::is_ok);
    println!("{}", spread(&mut sizes.into_iter().flatten().collect::<Vec<_>>()));
    if let Some(Err(first)) = failed.first() {
        println!("{} could not be had: {first}", failed.len());
    }
    Ok(())
}
