//! What the service does when its disk is missing, full, failing or damaged.

use crate::disk::{Disk, IO_ERROR, NO_SPACE, Operation, Rng};
use crate::durability::{assert_kept, date, filled_disk, find, put};
use crate::support::{InProcess, Service, birth_date, born, path, program, refusal, username};
use backend_cloud_app::store::{Embedded, OpenError};
use chrono::NaiveDate;
use reqwest::{Client, Response};
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::time::sleep;

/// Records that are there before the fault.
const RECORDS: usize = 500;

/// How soon after the end of a fault everything works again: within a second, and some more on a machine that is busy.
const RECOVERY: Duration = Duration::from_secs(3);

#[test]
fn a_data_dir_that_cannot_be_made_or_has_a_directory_for_a_file_stops_the_start_with_one_clear_line() {
    let file = tempfile::NamedTempFile::new().unwrap();
    assert_refused(&file.path().join("data"), "", "Not a directory (os error 20); DATA_DIR must name a directory");
    let directory = tempfile::tempdir().unwrap();
    fs::create_dir(Embedded::file(directory.path())).unwrap();
    assert_refused(directory.path(), "/users.redb", "Is a directory");
}

/// A full disk, one whose writes fail, one whose syncs fail, one on which everything fails.
#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_fails_answers_503_to_puts_and_loses_nothing_and_recovers_while_reads_go_on() {
    use Operation::{Read, Resize, Sync, Write};
    let content = filled_disk(RECORDS).await;
    for (faults, error, seeds) in [
        (&[Write, Resize][..], NO_SPACE, 1),
        (&[Write], IO_ERROR, 3),
        (&[Sync], IO_ERROR, 3),
        (&[Read, Write, Resize, Sync], IO_ERROR, 1),
    ] {
        for seed in 0..seeds {
            assert_survives(faults, error, Disk::holding(content.clone(), seed)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_whose_reads_fail_answers_503_and_recovers() {
    // The store has just been opened, so what it reads is not in its cache yet.
    let disk = Disk::holding(filled_disk(RECORDS).await, 0);
    let service = serve(disk.open().unwrap()).await;
    disk.fail(Operation::Read, IO_ERROR);
    let mut refused = 0;
    for number in 0..RECORDS {
        let answer = service.get(number).await;
        refused += usize::from(answer.status() == 503);
        assert!(answer.status() == 200 || is_unavailable(&answer), "{answer:?}");
    }
    assert!(refused > 0, "the fault was not met");
    disk.clear_faults();
    // No PUT helps it: that a read failed is enough to open the file again.
    let started = Instant::now();
    for number in 0..RECORDS {
        while service.get(number).await.status() != 200 {
            assert!(started.elapsed() < RECOVERY, "no recovery");
            sleep(Duration::from_millis(10)).await;
        }
    }
    service.inner.stop().await;
}

/// Opening means reading all of a file that was not closed well, which takes long if the disk is slow.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_file_is_being_opened_again_reads_go_on() {
    let disk = Disk::holding(filled_disk(RECORDS).await, 0);
    let service = serve(disk.open().unwrap()).await;
    assert_eq!(service.get(0).await.status(), 200);
    disk.delay(Operation::Read, Duration::from_millis(500));
    disk.fail(Operation::Write, IO_ERROR);
    assert!(is_unavailable(&service.put(RECORDS).await));
    disk.clear_faults();
    // The writer is on it now.
    sleep(Duration::from_millis(100)).await;
    let started = Instant::now();
    for _ in 0..10 {
        assert_eq!(service.get(0).await.status(), 200);
    }
    let health = service.client.get(service.inner.url("/health")).send().await.unwrap();
    assert_eq!(health.status(), 200);
    assert!(started.elapsed() < Duration::from_secs(1), "they took {:?}", started.elapsed());
    disk.delay(Operation::Read, Duration::ZERO);
    service.inner.stop().await;
}

#[tokio::test]
async fn a_damaged_file_is_refused_or_answers_what_was_put_but_never_anything_else() {
    let closed = filled_disk(RECORDS).await;
    let left_open = {
        let disk = Disk::holding(closed.clone(), 0);
        let store = disk.open().unwrap();
        put(&store, RECORDS).await.unwrap();
        disk.after_power_loss()
    };
    let mut refused = 0;
    for seed in 0..300 {
        let mut rng = Rng(seed);
        let mut content = [&closed, &left_open][rng.below(2)].clone();
        damage(&mut content, &mut rng);
        match Disk::holding(content, seed).open() {
            Err(error @ OpenError::Damaged { .. }) => {
                assert!(!error.to_string().contains('\n'), "{error}");
                refused += 1;
            }
            Err(error) => panic!("seed {seed}: {error}"),
            Ok(store) => {
                for number in 0..RECORDS {
                    // An error is allowed, another date is not.
                    let found = find(&store, number).await.unwrap_or(Some(date(number)));
                    assert_eq!(found, Some(date(number)), "seed {seed}");
                }
                put(&store, RECORDS).await.unwrap_or_else(|error| panic!("seed {seed}: {error}"));
            }
        }
    }
    assert!(refused > 150, "{refused} of 300 are too few to tell");
}

#[tokio::test]
async fn a_file_damaged_while_it_is_open_makes_requests_fail_at_worst() {
    let content = filled_disk(RECORDS).await;
    let mut failed = 0;
    for seed in 0..100 {
        let mut rng = Rng(seed);
        let disk = Disk::holding(content.clone(), seed);
        let store = disk.open().unwrap();
        disk.damage(|content| damage(content, &mut rng));
        for number in 0..RECORDS {
            failed += usize::from(find(&store, number).await.is_err());
        }
        failed += usize::from(put(&store, RECORDS).await.is_err());
    }
    assert!(failed > 100, "{failed} failures are too few to tell");
}

#[tokio::test]
async fn a_damaged_file_stops_the_start_with_one_clear_line() {
    let content = filled_disk(RECORDS).await;
    let mut flipped = content.clone();
    let place = flipped.windows(10).position(|window| window == birth_date(7).as_bytes()).unwrap();
    flipped[place + 9] ^= 1;
    let zeroed_header = [&[0; 4096], &content[4096..]].concat();
    let damages = [
        ("empty", Vec::new()),
        ("text", b"this is not a database\n".repeat(500)),
        ("short text", b"{}".to_vec()),
        ("zeros", vec![0; content.len()]),
        ("a zeroed header", zeroed_header),
        ("cut off", content[..content.len() / 2].to_vec()),
        ("cut off in the header", content[..100].to_vec()),
        ("one bit of a date", flipped),
    ];
    for (what, content) in damages {
        let directory = tempfile::tempdir().unwrap();
        fs::write(Embedded::file(directory.path()), &content).unwrap();
        println!("{what}");
        assert_refused(directory.path(), "/users.redb", "it is damaged or not a store of this service");
        assert_eq!(fs::read(Embedded::file(directory.path())).unwrap(), content, "{what}: it is left as it was");
    }
}

#[tokio::test]
async fn a_file_that_is_damaged_while_it_is_served_takes_nothing_else_down() {
    let content = filled_disk(RECORDS).await;
    let mut failed = 0;
    for seed in 0..6 {
        let directory = tempfile::tempdir().unwrap();
        let file = Embedded::file(directory.path());
        fs::write(&file, &content).unwrap();
        let mut service = Service::start(&[("DATA_DIR", path(&directory))]);
        let mut damaged = fs::read(&file).unwrap();
        let mut rng = Rng(seed);
        for _ in 0..50 {
            flip_bits(&mut damaged, &mut rng);
        }
        fs::write(&file, damaged).unwrap();
        for number in 0..100 {
            let answer = service.get(&format!("/hello/{}", username(number)));
            assert!(matches!(answer.status, 200 | 404 | 500 | 503), "{answer:?}: {}", service.log());
            failed += usize::from(answer.status != 200);
        }
        let answer = service.put(&username(RECORDS), &birth_date(RECORDS));
        assert!(matches!(answer.status, 204 | 500 | 503), "{answer:?}: {}", service.log());
        assert_eq!(service.get("/health").status, 200);
        let log = service.stop();
        assert!(!log.contains("panic"), "{log}");
    }
    assert!(failed > 100, "{failed} failures are too few to tell");
}

/// The faults come, everything is answered as the contract says, the faults go, and all that was acknowledged is there.
async fn assert_survives(faults: &[Operation], error: i32, disk: Disk) {
    let service = serve(disk.open().unwrap()).await;
    let mut acknowledged: Vec<usize> = (0..RECORDS).collect();
    for round in 1..4 {
        for fault in faults {
            disk.fail(*fault, error);
        }
        let first = RECORDS + round * 100;
        for number in first..first + 20 {
            let answer = service.put(number).await;
            assert!(is_unavailable(&answer), "{faults:?}: {answer:?}");
            // The first of these are read from the disk: the store has just been opened.
            let answer = service.get(number * 25 % RECORDS).await;
            let may_fail = faults.contains(&Operation::Read) && is_unavailable(&answer);
            assert!(answer.status() == 200 || may_fail, "{faults:?}: reads go on: {answer:?}");
        }
        disk.clear_faults();
        service.recovers(&acknowledged).await;
        for number in first + 20..first + 40 {
            assert_eq!(service.put(number).await.status(), 204, "{faults:?}");
            acknowledged.push(number);
        }
    }
    service.recovers(&acknowledged).await;
    service.inner.stop().await;
    let store = Disk::holding(disk.after_power_loss(), 0).open().unwrap();
    assert_kept(&store, &acknowledged).await;
}

/// The service over a store, and a client of it.
struct Served {
    inner: InProcess,
    client: Client,
}

async fn serve(store: Embedded) -> Served {
    let today = NaiveDate::from_ymd_opt(2024, 2, 28).unwrap();
    Served { inner: InProcess::start(Arc::new(store), today, &[]).await, client: Client::new() }
}

impl Served {
    async fn put(&self, number: usize) -> Response {
        let request = self.client.put(self.inner.url(&format!("/hello/{}", username(number))));
        let body = born(&birth_date(number));
        request.header("content-type", "application/json").body(body).send().await.unwrap()
    }

    async fn get(&self, number: usize) -> Response {
        self.client.get(self.inner.url(&format!("/hello/{}", username(number)))).send().await.unwrap()
    }

    /// Everything that was there is there again in time, and a new record is taken.
    async fn recovers(&self, numbers: &[usize]) {
        let started = Instant::now();
        while self.put(9_999_999).await.status() != 204 {
            assert!(started.elapsed() < RECOVERY, "no recovery");
            sleep(Duration::from_millis(10)).await;
        }
        for number in numbers.iter().step_by(10) {
            assert_eq!(self.get(*number).await.status(), 200, "record {number}");
        }
    }
}

fn is_unavailable(answer: &Response) -> bool {
    answer.status() == 503 && answer.headers().get("retry-after").is_some_and(|seconds| seconds == "1")
}

/// Damages a file in one of the ways in which files get damaged.
fn damage(content: &mut Vec<u8>, rng: &mut Rng) {
    const PAGE: usize = 4096;
    let mut page = |content: &Vec<u8>| rng.below(content.len() / PAGE) * PAGE;
    let (one, other) = (page(content), page(content));
    match rng.below(8) {
        0 => content.truncate(rng.below(content.len())),
        // The header.
        1 => (0..=rng.below(8)).for_each(|_| content[rng.below(320)] ^= 1 << rng.below(8)),
        2 => content[one..one + PAGE].fill(0),
        3 => content.copy_within(one..one + PAGE, other),
        4 => content.extend(vec![0; rng.below(3 * PAGE)]),
        _ => flip_bits(content, rng),
    }
}

fn flip_bits(content: &mut [u8], rng: &mut Rng) {
    // Near what is used: most of a small file is room to grow.
    let used = content.iter().rposition(|byte| *byte != 0).unwrap();
    for _ in 0..=rng.below(64) {
        content[rng.below(used + 1)] ^= 1 << rng.below(8);
    }
}

fn assert_refused(directory: &Path, file: &str, reason: &str) {
    let directory = directory.to_str().unwrap();
    let (code, error) = refusal(&mut program(&["--port=0", "--bind-address=127.0.0.1", "--data-dir", directory], &[]));
    let expected = format!("backend-cloud-app: cannot open {directory}{file}: {reason}");
    assert!(code == 1 && error.starts_with(&expected) && error.lines().count() == 1, "exit {code}: {error}");
}
