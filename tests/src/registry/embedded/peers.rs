//! Packages with peers, each of which is there twice.

use super::draft::Draft;
use super::levels::Levels;
use crate::lockfile::Snapshot;
use std::collections::{BTreeMap, BTreeSet};

/// The packages with peers, from 50 packages on: two plugins of a host, which is there in two versions, each with an
/// application that needs it and the plugins. They are eight snapshots of six packages.
pub(super) fn drafts(packages: usize) -> Vec<Draft> {
    if packages < 50 {
        return Vec::new();
    }
    let draft =
        |name: &str, version: &str| Draft::new(name.parse().expect("it is a name"), version.into(), 0);
    let hosts = ["1.0.1", "2.0.1"].map(|version| draft("z-host", version));
    let plugins = ["z-plugin-a", "@z/plugin-b"].map(|name| {
        let mut plugin = draft(name, "3.0.1");
        plugin.peers.insert("z-host".into(), "1 || 2".into());
        plugin
    });
    let apps = ["z-app-one", "z-app-two"].into_iter().zip(&hosts).map(|(name, host)| {
        let mut app = draft(name, "1.0.1");
        app.is_root = true;
        app.depend_on(host);
        for plugin in &plugins {
            app.depend_on(plugin);
        }
        app
    });
    apps.collect::<Vec<_>>().into_iter().chain(hosts).chain(plugins.clone()).collect()
}

/// As many names of other packages as there are snapshots of those with peers: leaves, which nobody misses.
pub(super) fn replaced<'graph>(graph: &'graph Levels, peers: &[Draft]) -> BTreeSet<&'graph str> {
    graph.leaves().take(snapshots(peers).len()).collect()
}

/// Each package with peers in the company of each of its hosts.
pub(super) fn snapshots(peers: &[Draft]) -> BTreeMap<String, Snapshot> {
    let is = |kind: &str, draft: &&Draft| draft.name.bare().contains(kind);
    let mut snapshots = BTreeMap::new();
    let apps = peers.iter().filter(|draft| is("app", draft));
    for (app, host) in apps.zip(peers.iter().filter(|draft| is("host", draft))) {
        let suffix = format!("({})", host.id());
        let host_reference = (host.name.to_string(), host.version.clone());
        let mut dependencies = BTreeMap::from([host_reference.clone()]);
        for plugin in peers.iter().filter(|draft| is("plugin", draft)) {
            dependencies.insert(plugin.name.to_string(), format!("{}{suffix}", plugin.version));
            let snapshot =
                Snapshot { dependencies: BTreeMap::from([host_reference.clone()]), ..Snapshot::default() };
            snapshots.insert(format!("{}{suffix}", plugin.id()), snapshot);
        }
        snapshots.insert(host.id(), Snapshot::default());
        snapshots.insert(app.id(), Snapshot { dependencies, ..Snapshot::default() });
    }
    snapshots
}
