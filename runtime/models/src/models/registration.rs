//! Registration: a probe has one key and a key has one probe, whichever thread comes first.

use super::{check_with_twins, leak};
use crate::call::key::{Key, Kind};
use crate::call::name::Name;
use crate::call::site::Site;
use crate::fault::Fault;
use loom::thread::spawn;

fn site(name: &'static str) -> &'static Site {
    leak(Kind::Sync.named_site("scope", name))
}

/// Every thread registers its sites at once. Sites of one name are one probe.
fn registered(threads: &'static [&'static [usize]], names: &'static [&'static str], faults: &[Fault]) {
    let model = move || {
        let sites: Vec<&'static Site> = names.iter().map(|name| site(name)).collect();
        let register = move |own: &[usize], sites: &[&'static Site]| -> Vec<(usize, Key, &'static Name)> {
            let key = |&i: &usize| {
                let (key, name) = sites[i].registered();
                (i, key, name)
            };
            own.iter().map(key).collect()
        };
        let others: Vec<_> = threads[1..]
            .iter()
            .map(|own| {
                let sites = sites.clone();
                spawn(move || register(own, &sites))
            })
            .collect();
        let mut all = register(threads[0], &sites);
        for other in others {
            all.extend(other.join().unwrap());
        }
        for &(i, key, name) in &all {
            assert_eq!(name.text(), "scope");
            assert!(name.is(all[0].2), "one name, two nodes");
            assert_eq!(Site::of(key).map(Site::name), Some(names[i]), "the key leads to another probe");
            assert_eq!(sites[i].registered().0, key, "the key has changed");
            for &(j, other, _) in &all {
                assert_eq!(key == other, names[i] == names[j], "{} and {}", names[i], names[j]);
            }
        }
        let mut probes: Vec<_> = all.iter().map(|(_, key, _)| key.bits()).collect();
        probes.sort_unstable();
        probes.dedup();
        assert_eq!(Site::probes_of(all[0].2).count(), probes.len());
    };
    check_with_twins(model, faults);
}

#[test]
fn two_threads_at_one_site() {
    registered(&[&[0], &[0]], &["a"], &[]);
}

#[test]
fn two_sites_of_two_probes() {
    registered(&[&[0], &[1]], &["a", "b"], &[Fault::TornExchange]);
}

#[test]
fn two_sites_of_one_probe() {
    registered(&[&[0], &[1]], &["a", "a"], &[Fault::TornExchange]);
}

#[test]
fn two_sites_in_two_orders() {
    registered(&[&[0, 1], &[1, 0]], &["a", "b"], &[Fault::TornExchange]);
}

#[test]
fn three_threads_and_three_sites() {
    registered(&[&[0], &[1], &[2]], &["a", "b", "a"], &[Fault::TornExchange]);
}

/// Two threads open scopes of one new name at once. Both count at one node.
#[test]
fn a_name_that_two_threads_meet_first() {
    let model = || {
        let open = || {
            let name = Name::intern("name");
            name.opened();
            name
        };
        let other = spawn(open);
        let (own, other) = (open(), other.join().unwrap());
        assert!(own.is(other));
        own.closed();
        assert!(own.is_live());
        own.closed();
        assert!(!own.is_live());
    };
    check_with_twins(model, &[Fault::TornExchange, Fault::RelaxedRelease, Fault::RelaxedAcquire]);
}
