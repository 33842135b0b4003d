//! A simulated disk for the embedded store, which forgets, refuses and counts as the worst real one may.
//!
//! What is written can be read at once, as from the kernel's cache. Only a sync makes it durable; when the power fails, any
//! of the sectors written since may have reached the disk, in any order, or none. A sync that fails does the same, and what
//! it lost is not written by the next one either, although it can still be read: Linux gives up dirty pages that way.

use crate::support::prelude::*;
use backend_cloud_app::store::OpenError;
use redb::StorageBackend;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard};

const SECTOR: usize = 512;

/// `EIO`, what a broken disk answers.
fn broken() -> io::Error {
    io::Error::from_raw_os_error(5)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operation {
    Read,
    Write,
    Resize,
    Sync,
}

/// The disk; clones are the same one.
#[derive(Debug, Clone)]
pub struct Disk(Arc<Mutex<State>>);

/// What becomes of it is set here.
#[derive(Debug, Default)]
pub struct State {
    /// These fail.
    pub failing: Vec<Operation>,
    /// These take that long.
    pub slow: HashMap<Operation, Duration>,
    pub syncs: usize,
    /// The power is lost in the middle of the write, resize or sync after that many.
    pub changes_until_power_loss: Option<usize>,
    pub lost_power: bool,
    cached: Vec<u8>,
    durable: Vec<u8>,
    unsynced: Vec<Change>,
    rng: Rng,
}

#[derive(Debug, Clone)]
enum Change {
    Sector { offset: usize, content: Vec<u8> },
    Length(usize),
}

impl Disk {
    /// A disk with this content, whose losses follow from `seed`.
    pub fn holding(content: Vec<u8>, seed: u64) -> Self {
        let (cached, durable) = (content.clone(), content);
        Self(Arc::new(Mutex::new(State { cached, durable, rng: Rng::with_seed(seed), ..State::default() })))
    }

    pub fn open(&self) -> Result<Embedded, OpenError> {
        let disk = self.clone();
        Embedded::open_with(move || Ok(disk.clone()))
    }

    /// Loses power, unless that has happened, and gives what the disk holds when it is back.
    pub fn after_power_loss(&self) -> Vec<u8> {
        let mut state = self.state();
        state.lose_power();
        state.durable.clone()
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("no test panics while it holds the disk")
    }

    fn begin(&self, operation: Operation) -> io::Result<MutexGuard<'_, State>> {
        let delay = self.state().slow.get(&operation).copied();
        delay.into_iter().for_each(thread::sleep);
        let state = self.state();
        if state.lost_power { Err(broken()) } else { Ok(state) }
    }
}

impl State {
    fn failure(&self, operation: Operation) -> io::Result<()> {
        if self.failing.contains(&operation) { Err(broken()) } else { Ok(()) }
    }

    /// Counts a change, whose effects are among the unsynced ones already, towards the power cut.
    fn count_change(&mut self) -> io::Result<()> {
        match &mut self.changes_until_power_loss {
            Some(0) => self.lose_power(),
            Some(left) => *left -= 1,
            None => {}
        }
        if self.lost_power { Err(broken()) } else { Ok(()) }
    }

    fn lose_power(&mut self) {
        if !self.lost_power {
            self.lost_power = true;
            self.lose_some_unsynced();
        }
    }

    /// Of the unsynced changes, some become durable, in any order; the others are lost.
    fn lose_some_unsynced(&mut self) {
        let mut changes = std::mem::take(&mut self.unsynced);
        // Losing all, keeping all and everything between are equally likely.
        let kept = self.rng.usize(..5);
        changes.retain(|_| self.rng.usize(..4) < kept);
        self.rng.shuffle(&mut changes);
        // Sectors beyond the end that the file is left with do not belong to it.
        let (lengths, sectors): (Vec<_>, Vec<_>) =
            changes.iter().partition(|change| matches!(change, Change::Length(_)));
        lengths.into_iter().chain(sectors).for_each(|change| change.apply(&mut self.durable));
    }
}

impl Change {
    fn apply(&self, file: &mut Vec<u8>) {
        match self {
            Self::Length(length) => file.resize(*length, 0),
            Self::Sector { offset, content } => {
                let end = file.len().min(offset + content.len());
                if let Some(place) = file.get_mut(*offset..end) {
                    place.copy_from_slice(&content[..place.len()]);
                }
            }
        }
    }
}

impl StorageBackend for Disk {
    fn len(&self) -> io::Result<u64> {
        Ok(self.begin(Operation::Read)?.cached.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let state = self.begin(Operation::Read)?;
        state.failure(Operation::Read)?;
        let offset = usize::try_from(offset).expect("64 bits");
        let content = state.cached.get(offset..offset + out.len()).ok_or(io::ErrorKind::UnexpectedEof)?;
        out.copy_from_slice(content);
        Ok(())
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        let mut state = self.begin(Operation::Resize)?;
        state.failure(Operation::Resize)?;
        let change = Change::Length(usize::try_from(length).expect("64 bits"));
        change.apply(&mut state.cached);
        state.unsynced.push(change);
        state.count_change()
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut state = self.begin(Operation::Sync)?;
        state.syncs += 1;
        if let Err(error) = state.failure(Operation::Sync) {
            // The length belongs to the file system, which journals it.
            let length = state.cached.len();
            state.durable.resize(length, 0);
            state.unsynced.retain(|change| matches!(change, Change::Sector { .. }));
            state.lose_some_unsynced();
            return Err(error);
        }
        state.count_change()?;
        for change in std::mem::take(&mut state.unsynced) {
            change.apply(&mut state.durable);
        }
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let mut state = self.begin(Operation::Write)?;
        let failure = state.failure(Operation::Write);
        let offset = usize::try_from(offset).expect("64 bits");
        let sectors = data.len().div_ceil(SECTOR);
        // A write that fails may have got anywhere.
        let written = if failure.is_err() { state.rng.usize(..=sectors) } else { sectors };
        for (index, content) in data.chunks(SECTOR).enumerate().take(written) {
            let change = Change::Sector { offset: offset + index * SECTOR, content: content.to_vec() };
            change.apply(&mut state.cached);
            state.unsynced.push(change);
        }
        failure?;
        state.count_change()
    }
}
