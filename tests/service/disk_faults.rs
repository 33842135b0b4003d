//! What the service does when its disk is missing, full, failing or damaged.

use crate::disk::{Disk, Operation};
use crate::durability::{after_power_loss, assert_kept, date, filled_disk, find, put, serve};
use crate::support::prelude::*;
use backend_cloud_app::store::OpenError;

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

/// One whose writes fail, one whose syncs fail, one on which everything fails. A full one is in tests/filesystem.
#[test]
fn a_disk_that_fails_answers_503_to_puts_and_loses_nothing_and_recovers_while_reads_go_on() {
    use Operation::{Read, Resize, Sync, Write};
    let content = filled_disk(RECORDS);
    for (faults, seeds) in [(&[Write][..], 3), (&[Sync], 3), (&[Read, Write, Resize, Sync], 1)] {
        for seed in 0..seeds {
            assert_survives(faults, &Disk::holding(content.clone(), seed));
        }
    }
}

#[test]
fn a_disk_whose_reads_fail_answers_503_and_recovers() {
    // The store has just been opened, so what it reads is not in its cache yet.
    let disk = Disk::holding(filled_disk(RECORDS), 0);
    let service = serve(disk.open().unwrap());
    disk.state().failing.push(Operation::Read);
    let answers: Vec<_> = (0..RECORDS).map(|number| service.get_record(number)).collect();
    assert!(answers.iter().any(|answer| answer.status == 503), "the fault was not met");
    assert!(answers.iter().all(|answer| answer.status == 200 || answer.is_unavailable()), "{answers:?}");
    disk.state().failing.clear();
    // No PUT helps it: that a read failed is enough to open the file again.
    within(RECOVERY, "every record is read", || {
        (0..RECORDS).all(|number| service.get_record(number).status == 200).then_some(())
    });
}

/// Opening means reading all of a file that was not closed well, which takes long if the disk is slow.
#[test]
fn while_the_file_is_being_opened_again_reads_go_on() {
    let disk = Disk::holding(filled_disk(RECORDS), 0);
    let service = serve(disk.open().unwrap());
    assert_eq!(service.get_record(0).status, 200);
    disk.state().slow.insert(Operation::Read, Duration::from_millis(500));
    disk.state().failing.push(Operation::Write);
    assert!(service.put_record(RECORDS).is_unavailable());
    disk.state().failing.clear();
    // The writer is on it now.
    thread::sleep(Duration::from_millis(100));
    let started = Instant::now();
    for _ in 0..10 {
        assert_eq!(service.get_record(0).status, 200);
    }
    assert_eq!(service.get("/health").status, 200);
    assert!(started.elapsed() < Duration::from_secs(1), "they took {:?}", started.elapsed());
    disk.state().slow.insert(Operation::Read, Duration::ZERO);
}

#[test]
fn a_damaged_file_is_refused_or_answers_what_was_put_but_never_anything_else() {
    let closed = filled_disk(RECORDS);
    let left_open = {
        let disk = Disk::holding(closed.clone(), 0);
        let store = disk.open().unwrap();
        put(&store, RECORDS).unwrap();
        disk.after_power_loss()
    };
    let mut refused = 0;
    for seed in 0..300 {
        let mut rng = Rng::with_seed(seed);
        let mut content = [&closed, &left_open][rng.usize(..2)].clone();
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
                    let found = find(&store, number).unwrap_or(Some(date(number)));
                    assert_eq!(found, Some(date(number)), "seed {seed}");
                }
                put(&store, RECORDS).unwrap_or_else(|error| panic!("seed {seed}: {error}"));
            }
        }
    }
    assert!(refused > 150, "{refused} of 300 are too few to tell");
}

#[test]
fn a_damaged_file_stops_the_start_with_one_clear_line() {
    let content = filled_disk(RECORDS);
    for (what, content) in [
        ("empty", Vec::new()),
        ("text", b"this is not a database\n".repeat(500)),
        ("zeros", vec![0; content.len()]),
        ("cut off", content[..content.len() / 2].to_vec()),
    ] {
        let directory = tempfile::tempdir().unwrap();
        fs::write(Embedded::file(directory.path()), &content).unwrap();
        println!("{what}");
        assert_refused(directory.path(), "/users.redb", "it is damaged or not a store of this service");
        assert_eq!(fs::read(Embedded::file(directory.path())).unwrap(), content, "{what}: it is left as it was");
    }
}

#[test]
fn a_file_that_is_damaged_while_it_is_served_takes_nothing_else_down() {
    let content = filled_disk(RECORDS);
    let mut failed = 0;
    for seed in 0..12 {
        let directory = tempfile::tempdir().unwrap();
        let file = Embedded::file(directory.path());
        fs::write(&file, &content).unwrap();
        let mut service = Service::start(&[("DATA_DIR", path(&directory))]);
        let mut damaged = fs::read(&file).unwrap();
        damage(&mut damaged, &mut Rng::with_seed(seed));
        fs::write(&file, damaged).unwrap();
        for number in 0..RECORDS {
            let answer = service.get_record(number);
            assert!(matches!(answer.status, 200 | 404 | 500 | 503), "{answer:?}: {}", service.log());
            failed += usize::from(answer.status != 200);
        }
        let answer = service.put_record(RECORDS);
        assert!(matches!(answer.status, 204 | 500 | 503), "{answer:?}: {}", service.log());
        assert_eq!(service.get("/health").status, 200);
        let log = service.stop();
        assert!(!log.contains("panic"), "{log}");
    }
    assert!(failed > 100, "{failed} failures are too few to tell");
}

/// The faults come, everything is answered as the contract says, the faults go, and all that was acknowledged is there.
fn assert_survives(faults: &[Operation], disk: &Disk) {
    let service = serve(disk.open().unwrap());
    let mut acknowledged: Vec<usize> = (0..RECORDS).collect();
    for round in 1..4 {
        disk.state().failing.extend(faults);
        let first = RECORDS + round * 100;
        for number in first..first + 20 {
            let answer = service.put_record(number);
            assert!(answer.is_unavailable(), "{faults:?}: {answer:?}");
            // The first of these are read from the disk: the store has just been opened.
            let answer = service.get_record(number * 25 % RECORDS);
            let may_fail = faults.contains(&Operation::Read) && answer.is_unavailable();
            assert!(answer.status == 200 || may_fail, "{faults:?}: reads go on: {answer:?}");
        }
        disk.state().failing.clear();
        assert_recovers(&service, &acknowledged);
        for number in first + 20..first + 40 {
            assert_eq!(service.put_record(number).status, 204, "{faults:?}");
            acknowledged.push(number);
        }
    }
    assert_recovers(&service, &acknowledged);
    drop(service);
    assert_kept(&after_power_loss(disk, 0), &acknowledged);
}

/// Everything that was there is there again in time, and a new record is taken.
fn assert_recovers(service: &InProcess, numbers: &[usize]) {
    within(RECOVERY, "a PUT is taken again", || (service.put_record(9_999_999).status == 204).then_some(()));
    for number in numbers.iter().step_by(10) {
        assert_eq!(service.get_record(*number).status, 200, "record {number}");
    }
}

fn damage(content: &mut Vec<u8>, rng: &mut Rng) {
    const PAGE: usize = 4096;
    let mut page = |content: &Vec<u8>| rng.usize(..content.len() / PAGE) * PAGE;
    let (one, other) = (page(content), page(content));
    match rng.usize(..8) {
        0 => content.truncate(rng.usize(..content.len())),
        // The header.
        1 => (0..=rng.usize(..8)).for_each(|_| content[rng.usize(..320)] ^= 1 << rng.usize(..8)),
        2 => content[one..one + PAGE].fill(0),
        3 => content.copy_within(one..one + PAGE, other),
        4 => content.extend(vec![0; rng.usize(..3 * PAGE)]),
        _ => {
            // Near what is used: most of a small file is room to grow.
            let used = content.iter().rposition(|byte| *byte != 0).unwrap();
            (0..=rng.usize(..64)).for_each(|_| content[rng.usize(..=used)] ^= 1 << rng.usize(..8));
        }
    }
}

fn assert_refused(directory: &Path, file: &str, reason: &str) {
    let directory = directory.to_str().unwrap();
    let (code, error) = Service::refusal(&mut program(&["--data-dir", directory], &[]));
    let expected = format!("backend-cloud-app: cannot open {directory}{file}: {reason}");
    assert!(code == 1 && error.starts_with(&expected) && error.lines().count() == 1, "exit {code}: {error}");
}
