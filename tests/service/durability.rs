//! An acknowledged `PUT` is never lost, whatever ends the process or the power, and many share one commit.

use crate::disk::{Disk, Operation};
use crate::support::prelude::*;
use backend_cloud_app::birthday::DateOfBirth;
use backend_cloud_app::store::{Store, StoreError};
use backend_cloud_app::username::Username;
use futures_util::future::try_join_all;
use std::io::{BufRead, BufReader};
use std::iter;
use tokio::runtime::Builder;

const WRITERS: usize = 16;

#[test]
fn acknowledged_puts_of_concurrent_writers_survive_kill_9_and_sigterm_again_and_again() {
    let directory = tempfile::tempdir().unwrap();
    let start = || Service::start(&[("DATA_DIR", path(&directory))]);
    let mut rng = Rng::with_seed(1);
    let next = AtomicUsize::new(0);
    let mut acknowledged = Vec::new();
    for signal in ["KILL", "KILL", "TERM", "KILL", "TERM", "KILL", "KILL"] {
        let mut service = start();
        let begun = next.load(Ordering::Relaxed) + rng.usize(100..300);
        let survivors = thread::scope(|scope| {
            let writers = scope.spawn(|| {
                put_from_many(&next, |number| match service.put_record(number).status {
                    204 => true,
                    0 => false,
                    status => panic!("a PUT was answered {status}"),
                })
            });
            until("many puts have begun", || (next.load(Ordering::Relaxed) >= begun).then_some(()));
            service.signal(signal);
            writers.join().unwrap()
        });
        let code = if signal == "TERM" { Some(0) } else { None };
        assert_eq!(service.wait().code(), code, "{}", service.log());
        assert!(survivors.len() > WRITERS, "too few to tell: {}", survivors.len());
        let service = start();
        for number in &survivors {
            assert_eq!(service.get_record(*number).status, 200, "record {number} is lost");
        }
        acknowledged.extend(survivors);
    }
    assert_kept(&Embedded::open(directory.path()).unwrap(), &acknowledged);
}

#[test]
fn a_kill_during_the_very_first_start_leaves_nothing_in_the_way_of_the_next() {
    for delay in 0..40 {
        let directory = tempfile::tempdir().unwrap();
        let mut child = program(&[], &[("DATA_DIR", path(&directory)), ("PORT", "0")]).spawn().unwrap();
        // A debug build needs some 5 ms to get there and 5 ms more to have the file.
        thread::sleep(Duration::from_micros(delay * 500));
        child.kill().unwrap();
        child.wait().unwrap();
        let store = Embedded::open(directory.path()).unwrap_or_else(|error| panic!("after {delay} x 0.5 ms: {error}"));
        put(&store, 1).unwrap();
    }
}

#[test]
fn a_power_cut_at_each_point_loses_no_acknowledged_record() {
    for cut in 0.. {
        let disk = Disk::holding(Vec::new(), cut);
        // Nothing is acknowledged before the file is made, so the cuts begin behind that.
        let store = disk.open().unwrap();
        disk.state().changes_until_power_loss = Some(usize::try_from(cut).unwrap());
        let acknowledged: Vec<_> = (0..5).filter(|number| put(&store, *number).is_ok()).collect();
        drop(store);
        let was_cut = disk.state().lost_power;
        let store = after_power_loss(&disk, cut);
        assert_kept(&store, &acknowledged);
        put(&store, 5).unwrap();
        if !was_cut {
            assert!(acknowledged.len() == 5 && cut > 50, "{cut} cuts and {acknowledged:?} are too few to tell");
            return;
        }
    }
}

/// At random points, again and again, each time after syncs or writes that failed. The kernel gives up the pages of a sync
/// that failed: they read as written, and no later sync writes them.
#[test]
fn power_cuts_under_concurrent_writers_after_syncs_that_failed_lose_no_acknowledged_record() {
    let filled = filled_disk(3000);
    for seed in 0..24 {
        let mut rng = Rng::with_seed(seed);
        let (mut content, records) = if seed % 2 == 0 { (Vec::new(), 0) } else { (filled.clone(), 3000) };
        let next = AtomicUsize::new(records);
        let mut acknowledged: Vec<usize> = (0..records).collect();
        for _ in 0..3 {
            let disk = Disk::holding(content, seed);
            let store = disk.open().unwrap_or_else(|error| panic!("seed {seed}: {error}"));
            for _ in 0..rng.usize(..3) {
                let failing = [Operation::Sync, Operation::Write][rng.usize(..2)];
                let calm = Duration::from_micros(rng.u64(..3000));
                thread::scope(|scope| {
                    scope.spawn(|| {
                        thread::sleep(calm);
                        disk.state().failing.push(failing);
                    });
                    acknowledged.extend(put_from_many(&next, |number| put(&store, number).is_ok()));
                });
                disk.state().failing.clear();
                // The first that succeeds again builds upon what the failed sync left.
                let number = next.fetch_add(1, Ordering::Relaxed);
                until("the store is back", || put(&store, number).ok());
                acknowledged.push(number);
            }
            disk.state().changes_until_power_loss = Some(rng.usize(..200));
            acknowledged.extend(put_from_many(&next, |number| put(&store, number).is_ok()));
            content = disk.after_power_loss();
            assert_kept(&after_power_loss(&disk, seed), &acknowledged);
        }
        assert!(acknowledged.len() > WRITERS, "seed {seed}: too few to tell: {}", acknowledged.len());
    }
}

#[test]
fn concurrent_puts_share_a_commit() {
    const PUTS: usize = 300;
    let disk = Disk::holding(Vec::new(), 0);
    let service = serve(disk.open().unwrap());
    disk.state().slow.insert(Operation::Sync, Duration::from_millis(20));
    let before = disk.state().syncs;
    thread::scope(|scope| {
        for number in 0..PUTS {
            let service = &service;
            scope.spawn(move || assert_eq!(service.put_record(number).status, 204));
        }
    });
    let syncs = disk.state().syncs - before;
    // A commit syncs twice.
    assert!(syncs <= PUTS / 5, "{PUTS} PUTs took {syncs} syncs");
}

#[test]
fn of_servers_that_start_at_once_on_a_new_directory_one_serves_and_the_others_end_with_one_clear_line() {
    let directory = tempfile::tempdir().unwrap();
    let settings = [&[("DATA_DIR", path(&directory))], &LOOPBACK[..]].concat();
    let mut children: Vec<_> = (0..6).map(|_| program(&[], &settings).spawn().unwrap()).collect();
    until("all but one have ended", || {
        let ended = children.iter_mut().filter_map(|child| child.try_wait().unwrap());
        (ended.count() >= 5).then_some(())
    });
    // The last is given the time to end as well, if it should.
    thread::sleep(Duration::from_secs(1));
    let serving = children.iter_mut().position(|child| child.try_wait().unwrap().is_none()).expect("one serves");
    let mut serving = children.remove(serving);
    // It says where it listens as soon as it does.
    let mut line = String::new();
    BufReader::new(serving.stderr.take().unwrap()).read_line(&mut line).unwrap();
    assert!(line.contains("listening on http://"), "{line}");
    serving.kill().unwrap();
    serving.wait().unwrap();
    let used = "another process uses it; stop that one or set another DATA_DIR";
    let expected = format!("backend-cloud-app: cannot open {}/users.redb: {used}\n", path(&directory));
    for child in children {
        let (code, _, error) = outcome(child);
        assert_eq!((code, &error), (1, &expected));
    }
}

pub fn serve(store: Embedded) -> InProcess {
    let today = NaiveDate::from_ymd_opt(2024, 2, 28).unwrap();
    InProcess::start(Arc::new(store), at_midnight(move || today), &[])
}

/// Puts from several threads at once, each until a put fails; gives those acknowledged.
fn put_from_many(next: &AtomicUsize, put: impl Fn(usize) -> bool + Sync) -> Vec<usize> {
    let started = Instant::now();
    let put_next = || {
        assert!(started.elapsed() < TIMEOUT, "the fault does not come");
        let number = next.fetch_add(1, Ordering::Relaxed);
        put(number).then_some(number)
    };
    thread::scope(|scope| {
        let writers: Vec<_> =
            (0..WRITERS).map(|_| scope.spawn(|| iter::from_fn(put_next).collect::<Vec<_>>())).collect();
        writers.into_iter().flat_map(|writer| writer.join().unwrap()).collect()
    })
}

/// Does what a store has been asked to; it needs no runtime of its own.
fn wait<T>(future: impl Future<Output = T>) -> T {
    Builder::new_current_thread().build().unwrap().block_on(future)
}

fn name(number: usize) -> Username {
    Username::parse(username(number)).unwrap()
}

pub fn date(number: usize) -> DateOfBirth {
    DateOfBirth::parse(&birth_date(number)).unwrap()
}

pub fn put(store: &Embedded, number: usize) -> Result<(), StoreError> {
    wait(store.put(&name(number), date(number)))
}

pub fn find(store: &Embedded, number: usize) -> Result<Option<DateOfBirth>, StoreError> {
    wait(store.get(&name(number)))
}

/// What a disk holds on which a store has put that many records: enough pages that a commit leaves most of them alone.
pub fn filled_disk(records: usize) -> Vec<u8> {
    let disk = Disk::holding(Vec::new(), 0);
    let store = disk.open().unwrap();
    let put = async |number| store.put(&name(number), date(number)).await;
    wait(try_join_all((0..records).map(put))).unwrap();
    drop(store);
    disk.after_power_loss()
}

/// The store on what the disk holds when the power is back.
pub fn after_power_loss(disk: &Disk, seed: u64) -> Embedded {
    let disk = Disk::holding(disk.after_power_loss(), seed);
    disk.open().unwrap_or_else(|error| panic!("seed {seed}: {error}"))
}

pub fn assert_kept(store: &Embedded, numbers: &[usize]) {
    for &number in numbers {
        assert_eq!(find(store, number).unwrap(), Some(date(number)), "record {number} is lost");
    }
}
