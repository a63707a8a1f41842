//! The install: one scope, with its phases, counts and passes.

use crate::args::Args;
use crate::error::Error;
use crate::interrupt::Interrupt;
use crate::package::Package;
use crate::serialized;
use crate::slot::{Slot, link_slots_parallel};
use crate::source;
use crate::store::Store;
use crate::table::Table;
use crate::tally::Tally;
use concurrency_probe::Scope;
use indicatif::{ProgressBar, ProgressStyle};
use std::fs::{self, File};
use std::path::Path;

/// Links what the arguments name, and prints the table.
pub(crate) fn run(args: &Args) -> Result<(), Error> {
    let interrupt = Interrupt::watch()?;
    let mut install = open(args)?;

    let packages = read_packages(&mut install, args.dir.as_deref(), &interrupt)?;
    let store = Store::create(args.out.as_deref(), args.keep)?;
    let progress = progress_bar(packages.len());
    let slot = |(number, package)| Slot {
        package,
        path: store.path().join(&package.slot),
        number,
        is_warm: is_warm(number, args.warm),
        interrupt: &interrupt,
        progress: &progress,
    };
    let (warm, cold): (Vec<_>, Vec<_>) = packages.iter().enumerate().map(slot).partition(|slot| slot.is_warm);

    make_parents(&warm, &cold)?;
    let warm = link(&mut install, "warm", &warm, args.serialized)?;
    let cold = link(&mut install, "cold", &cold, args.serialized)?;
    progress.finish_and_clear();

    let reading = install.reading("link_slot");
    let report = install.report();
    Table { warm, cold, threads: args.threads(), store: &store, reading: &reading, report: &report }
        .print()?;
    store.close()?;
    // A test would call `assert_concurrent`, which panics with the same message.
    if args.serialized { reading.check_concurrent(2).map_err(Error::NotConcurrent) } else { Ok(()) }
}

/// Opens the scope, which has everything that this run counts, times and probes.
fn open(args: &Args) -> Result<Scope, Error> {
    let mut builder = Scope::builder("install").threads(args.threads());
    if let Some(file) = &args.report {
        // The closing scope appends to this file, and only warns if it cannot. The user asked for it, so check it first.
        File::options().append(true).create(true).open(file).map_err(Error::write(file))?;
        builder = builder.report_to(file);
    }
    builder.try_open().map_err(Error::Threads)
}

/// Lists the packages, in a parallel pass too.
fn read_packages(
    install: &mut Scope,
    dir: Option<&Path>,
    interrupt: &Interrupt,
) -> Result<Vec<Package>, Error> {
    let _phase = install.phase("read_packages");
    let found = source::packages(dir)?;
    let packages = install.pass("read").try_map(&found, |_lane, found| Package::read(found, interrupt))?;
    install.count("packages", packages.len() as u64);
    Ok(packages)
}

/// Links a batch of slots in one pass, or in the buggy way.
fn link(
    install: &mut Scope,
    batch: &'static str,
    slots: &[Slot<'_>],
    serialized: bool,
) -> Result<Tally, Error> {
    let _phase = install.phase(format!("link_{batch}"));
    install.count(batch, slots.len() as u64);
    let linked = if serialized {
        serialized::link_slots(install, slots)?
    } else {
        link_slots_parallel(install.pass(batch), slots)?
    };
    install.count("linked", linked.packages);
    install.count("hard_links", linked.hard_links);
    install.count("copies", linked.copies);
    install.count("symlinks", linked.symlinks);
    install.count("bytes", linked.bytes);
    Ok(linked)
}

/// Whether the package of this number is one of the `percent` warm packages. They are spread as evenly as whole numbers allow,
/// so that both batches are similar to the whole.
fn is_warm(number: usize, percent: u8) -> bool {
    let warm_before = |n: usize| n * usize::from(percent) / 100;
    warm_before(number + 1) > warm_before(number)
}

/// Makes the directories that slots of several registries are in.
fn make_parents(warm: &[Slot<'_>], cold: &[Slot<'_>]) -> Result<(), Error> {
    for parent in warm.iter().chain(cold).filter_map(|slot| slot.path.parent()) {
        fs::create_dir_all(parent).map_err(Error::write(parent))?;
    }
    Ok(())
}

/// A progress bar on standard error, if that is a terminal. Otherwise it draws nothing. Dropping it clears it.
fn progress_bar(packages: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} packages");
    ProgressBar::new(packages as u64).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}
