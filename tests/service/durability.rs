//! An acknowledged `PUT` is never lost, whatever ends the process or the power, and many share one commit.

use crate::disk::{Disk, IO_ERROR, Operation, Rng};
use crate::support::{InProcess, Service, TIMEOUT, birth_date, born, path, program, refusal, username};
use backend_cloud_app::birthday::DateOfBirth;
use backend_cloud_app::store::{Embedded, Store, StoreError};
use backend_cloud_app::username::Username;
use chrono::NaiveDate;
use futures_util::future::try_join_all;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

/// Writers that put at the same time.
const WRITERS: usize = 16;

#[tokio::test(flavor = "multi_thread")]
async fn acknowledged_puts_of_concurrent_writers_survive_kill_9_and_sigterm_again_and_again() {
    let directory = tempfile::tempdir().unwrap();
    let start = || Service::start(&[("DATA_DIR", path(&directory))]);
    let mut rng = Rng(1);
    let next = Arc::new(AtomicUsize::new(0));
    let mut acknowledged = Vec::new();
    for signal in ["KILL", "KILL", "TERM", "KILL", "TERM", "KILL", "KILL"] {
        let mut service = start();
        let writers = start_writers(&service, &next);
        wait_for(&next, 100 + rng.below(200)).await;
        service.signal(signal);
        let code = if signal == "TERM" { Some(0) } else { None };
        assert_eq!(service.wait().code(), code, "{}", service.log());
        let survivors = writers.join_all().await.concat();
        assert!(survivors.len() > WRITERS, "too few to tell: {}", survivors.len());
        let service = start();
        for number in &survivors {
            assert_eq!(service.get(&format!("/hello/{}", username(*number))).status, 200, "record {number} is lost");
        }
        acknowledged.extend(survivors);
    }
    assert_kept(&Embedded::open(directory.path()).unwrap(), &acknowledged).await;
}

#[tokio::test]
async fn a_kill_during_the_very_first_start_leaves_nothing_in_the_way_of_the_next() {
    for delay in 0..40 {
        let directory = tempfile::tempdir().unwrap();
        let mut child = program(&[], &[("DATA_DIR", path(&directory)), ("PORT", "0")]).spawn().unwrap();
        // A debug build needs some 5 ms to get there and 5 ms more to have the file.
        sleep(Duration::from_micros(delay * 500)).await;
        child.kill().unwrap();
        child.wait().unwrap();
        let store = Embedded::open(directory.path()).unwrap_or_else(|error| panic!("after {delay} x 0.5 ms: {error}"));
        put(&store, 1).await.unwrap();
    }
}

#[tokio::test]
async fn a_power_cut_at_each_point_loses_no_acknowledged_record() {
    for cut in 0.. {
        let disk = Disk::new(cut);
        // Nothing is acknowledged before the file is made, so the cuts begin behind that.
        let store = disk.open().unwrap();
        disk.lose_power_after(usize::try_from(cut).unwrap());
        let mut acknowledged = Vec::new();
        for number in 0..5 {
            if put(&store, number).await.is_ok() {
                acknowledged.push(number);
            }
        }
        drop(store);
        let was_cut = disk.has_lost_power();
        let store =
            Disk::holding(disk.after_power_loss(), cut).open().unwrap_or_else(|error| panic!("cut {cut}: {error}"));
        assert_kept(&store, &acknowledged).await;
        put(&store, 5).await.unwrap();
        if !was_cut {
            assert!(acknowledged.len() == 5 && cut > 50, "{cut} cuts and {acknowledged:?} are too few to tell");
            return;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn power_cuts_at_random_points_under_concurrent_writers_lose_no_acknowledged_record() {
    for seed in 0..12 {
        let mut rng = Rng(seed);
        let mut content = Vec::new();
        let mut acknowledged = Vec::new();
        let next = Arc::new(AtomicUsize::new(0));
        for _ in 0..5 {
            let disk = Disk::holding(content, seed);
            let store = Arc::new(disk.open().unwrap_or_else(|error| panic!("seed {seed}: {error}")));
            disk.lose_power_after(rng.below(200));
            acknowledged.extend(put_until_refused(&store, &next).await);
            content = disk.after_power_loss();
            let after =
                Disk::holding(content.clone(), seed).open().unwrap_or_else(|error| panic!("seed {seed}: {error}"));
            assert_kept(&after, &acknowledged).await;
        }
        assert!(acknowledged.len() > WRITERS, "seed {seed}: too few to tell: {}", acknowledged.len());
    }
}

/// The kernel gives up the pages of a sync that failed: they read as written, and no later sync writes them.
#[tokio::test(flavor = "multi_thread")]
async fn a_power_cut_after_syncs_that_failed_loses_no_acknowledged_record() {
    let content = filled_disk(3000).await;
    for seed in 0..24 {
        let mut rng = Rng(seed);
        let disk = Disk::holding(content.clone(), seed);
        let store = Arc::new(disk.open().unwrap());
        let next = Arc::new(AtomicUsize::new(3000));
        let mut acknowledged: Vec<usize> = (0..3000).collect();
        for _ in 0..2 {
            let failing = [Operation::Sync, Operation::Write][rng.below(2)];
            let trouble = {
                let disk = disk.clone();
                let calm = Duration::from_micros(rng.below(3000) as u64);
                tokio::spawn(async move {
                    sleep(calm).await;
                    disk.fail(failing, IO_ERROR);
                })
            };
            acknowledged.extend(put_until_refused(&store, &next).await);
            trouble.await.unwrap();
            disk.clear_faults();
            // The first that succeeds again builds upon what the failed sync left.
            acknowledged.push(put_until_acknowledged(&store, &next).await);
        }
        disk.lose_power_after(rng.below(20));
        acknowledged.extend(put_until_refused(&store, &next).await);
        let after = Disk::holding(disk.after_power_loss(), seed);
        let after = after.open().unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        assert_kept(&after, &acknowledged).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_puts_share_a_commit() {
    const PUTS: usize = 300;
    let disk = Disk::new(0);
    let store = Arc::new(disk.open().unwrap());
    let today = NaiveDate::from_ymd_opt(2024, 2, 28).unwrap();
    let service = InProcess::start(store, today, &[]).await;
    let client = reqwest::Client::new();
    disk.delay(Operation::Sync, Duration::from_millis(20));
    let before = disk.syncs();
    let mut puts = JoinSet::new();
    for number in 0..PUTS {
        puts.spawn(put_over_http(client.clone(), service.url(""), number));
    }
    assert_eq!(puts.join_all().await, vec![Some(204); PUTS]);
    let syncs = disk.syncs() - before;
    // A commit syncs twice.
    assert!(syncs <= PUTS / 5, "{PUTS} PUTs took {syncs} syncs");
    service.stop().await;
}

#[test]
fn a_second_server_on_the_same_directory_ends_with_one_clear_line() {
    let first = Service::embedded(&[]);
    let data = first.directory();
    let used = "another process uses it; stop that one or set another DATA_DIR";
    let (code, error) = refusal(&mut program(&[], &[("DATA_DIR", data), ("PORT", "0")]));
    assert_eq!((code, error), (1, format!("backend-cloud-app: cannot open {data}/users.redb: {used}\n")));
    assert_eq!(first.get("/health").status, 200, "the first one serves on");
}

#[tokio::test]
async fn of_servers_that_start_at_once_on_a_new_directory_one_serves() {
    let directory = tempfile::tempdir().unwrap();
    let settings = [("DATA_DIR", path(&directory)), ("PORT", "0"), ("BIND_ADDRESS", "127.0.0.1")];
    let mut children: Vec<_> = (0..6).map(|_| program(&[], &settings).spawn().unwrap()).collect();
    let started = Instant::now();
    let refused = loop {
        let ended: Vec<_> = children.iter_mut().filter_map(|child| child.try_wait().unwrap()).collect();
        // The one that serves is given the time to end as well, if it should.
        if ended.len() >= 5 && started.elapsed() > Duration::from_secs(1) || started.elapsed() > TIMEOUT {
            break ended;
        }
        sleep(Duration::from_millis(10)).await;
    };
    for child in &mut children {
        child.kill().unwrap();
        child.wait().unwrap();
    }
    assert!(refused.len() == 5 && refused.iter().all(|status| status.code() == Some(1)), "{refused:?}");
}

/// Starts writers that put one record after the other until the service is gone; each gives those acknowledged.
fn start_writers(service: &Service, next: &Arc<AtomicUsize>) -> JoinSet<Vec<usize>> {
    let (client, url) = (reqwest::Client::new(), service.url(""));
    spawn_writers(next, move |number| {
        let put = put_over_http(client.clone(), url.clone(), number);
        async {
            match put.await {
                Some(204) => true,
                Some(status) => panic!("a PUT was answered {status}"),
                None => false,
            }
        }
    })
}

/// Starts tasks that each put one number after the other until that fails; each gives those acknowledged.
fn spawn_writers<F: Future<Output = bool> + Send>(
    next: &Arc<AtomicUsize>,
    put: impl Fn(usize) -> F + Clone + Send + 'static,
) -> JoinSet<Vec<usize>> {
    let writer = || {
        let (next, put) = (Arc::clone(next), put.clone());
        async move {
            let mut acknowledged = Vec::new();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if !put(number).await {
                    return acknowledged;
                }
                acknowledged.push(number);
            }
        }
    };
    (0..WRITERS).map(|_| writer()).collect()
}

/// Waits until the writers have begun that many more puts.
async fn wait_for(next: &AtomicUsize, more: usize) {
    let target = next.load(Ordering::Relaxed) + more;
    while next.load(Ordering::Relaxed) < target {
        sleep(Duration::from_millis(1)).await;
    }
}

/// The status, or `None` if there was no answer.
async fn put_over_http(client: reqwest::Client, url: String, number: usize) -> Option<u16> {
    let request = client.put(format!("{url}/hello/{}", username(number)));
    let request = request.header("content-type", "application/json").body(born(&birth_date(number)));
    request.send().await.ok().map(|answer| answer.status().as_u16())
}

/// The date of birth that goes with a number.
pub fn date(number: usize) -> DateOfBirth {
    DateOfBirth::parse(&birth_date(number)).unwrap()
}

pub async fn put(store: &Embedded, number: usize) -> Result<(), StoreError> {
    store.put(&Username::parse(username(number)).unwrap(), date(number)).await
}

pub async fn find(store: &Embedded, number: usize) -> Result<Option<DateOfBirth>, StoreError> {
    store.get(&Username::parse(username(number)).unwrap()).await
}

/// Puts from several tasks at once, each until the store refuses; gives what was acknowledged.
async fn put_until_refused(store: &Arc<Embedded>, next: &Arc<AtomicUsize>) -> Vec<usize> {
    let store = Arc::clone(store);
    let writers = spawn_writers(next, move |number| {
        let store = Arc::clone(&store);
        async move { put(&store, number).await.is_ok() }
    });
    timeout(TIMEOUT, writers.join_all()).await.expect("the fault comes").concat()
}

/// What a disk holds on which a store has put that many records: enough pages that a commit leaves most of them alone.
pub async fn filled_disk(records: usize) -> Vec<u8> {
    let disk = Disk::new(0);
    let store = disk.open().unwrap();
    try_join_all((0..records).map(|number| put(&store, number))).await.unwrap();
    drop(store);
    disk.after_power_loss()
}

async fn put_until_acknowledged(store: &Embedded, next: &AtomicUsize) -> usize {
    let number = next.fetch_add(1, Ordering::Relaxed);
    let trying = async {
        while put(store, number).await.is_err() {
            sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(TIMEOUT, trying).await.expect("the store is back after the fault");
    number
}

pub async fn assert_kept(store: &Embedded, numbers: &[usize]) {
    for &number in numbers {
        assert_eq!(find(store, number).await.unwrap(), Some(date(number)), "record {number} is lost");
    }
}
