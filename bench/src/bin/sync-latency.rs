//! Prints the median time of an fdatasync in a directory, in microseconds: `sync-latency <directory>`.
//! Each sync follows a write of one page into a file that has its space already, as a commit of the store does.

use std::fs::{self, File};
use std::io::Result;
use std::os::unix::fs::FileExt;
use std::time::Instant;

const PAGE: [u8; 4096] = [1; 4096];
const PAGES: u64 = 64;
const SYNCS: u64 = 301;

fn main() -> Result<()> {
    let path = format!("{}/sync-latency", std::env::args().nth(1).expect("a directory"));
    let file = File::create(&path)?;
    for page in 0..PAGES {
        file.write_all_at(&PAGE, page * PAGE.len() as u64)?;
    }
    file.sync_all()?;
    let mut times = Vec::new();
    for sync in 0..SYNCS {
        file.write_all_at(&[sync.to_le_bytes()[0]; 4096], sync % PAGES * PAGE.len() as u64)?;
        let started = Instant::now();
        file.sync_data()?;
        times.push(started.elapsed());
    }
    fs::remove_file(&path)?;
    times.sort();
    println!("{}", times[times.len() / 2].as_micros());
    Ok(())
}
