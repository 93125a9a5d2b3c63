//! The last commits of a segment, held in memory until they are synced. Then they are written in one go, and past the page cache: to sync
//! what has been written there takes longer. Whoever reads them meanwhile, or before they are in the database file, finds them here.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::storage::{BLOCK, StoredFile};

/// Pages that are held, somewhat more than are in the log by default when it is copied into the database file, and bytes at most.
const PAGES: usize = 1200;
const BYTES: usize = 10 << 20;

/// Nothing is held.
const NOWHERE: u64 = u64::MAX;

/// The end of a segment.
pub(super) struct Tail {
    /// Where what is held begins, so that what is before it is read without a lock.
    start: AtomicU64,
    held: RwLock<Held>,
    /// Bytes at most.
    room: usize,
    /// Locked by whoever writes, with room for that. Locked before `held`.
    writing: Mutex<Blocks>,
}

/// Bytes of the file.
#[derive(Default)]
struct Held {
    /// Where they begin; a multiple of [`BLOCK`].
    start: u64,
    bytes: Vec<u8>,
    /// Up to here they are in the file.
    written: u64,
}

impl Held {
    fn end(&self) -> u64 {
        self.start + self.bytes.len() as u64
    }

    /// Begin anew.
    fn begin(&mut self, start: u64) {
        self.bytes.clear();
        (self.start, self.written) = (start, start);
    }

    /// Add what comes at `offset`. False if that is not the end, or there is no room.
    fn add(&mut self, data: &[u8], offset: u64, room: usize) -> bool {
        let fits = offset == self.end() && self.bytes.len() + data.len() <= room;
        let added = fits && self.bytes.try_reserve(data.len()).is_ok();
        if added {
            self.bytes.extend_from_slice(data);
        }
        added
    }

    /// The bytes from `from` on, if they are here.
    fn from(&self, from: u64) -> Option<&[u8]> {
        self.bytes.get(usize::try_from(from.checked_sub(self.start)?).ok()?..)
    }
}

/// Whole blocks, at an address that is a multiple of their size.
#[derive(Default)]
struct Blocks(Vec<u8>);

impl Blocks {
    /// Have these bytes, and zeros up to the end of their last block.
    fn fill(&mut self, data: &[u8]) -> io::Result<&[u8]> {
        const SIZE: usize = BLOCK as usize;
        let size = data.len().next_multiple_of(SIZE);
        if let Some(more) = (size + SIZE).checked_sub(self.0.len()) {
            self.0.try_reserve(more).map_err(|_| io::ErrorKind::OutOfMemory)?;
            self.0.resize(size + SIZE, 0);
        }
        let start = self.0.as_ptr().align_offset(SIZE).min(SIZE);
        let blocks = self.0.get_mut(start..start + size).ok_or(io::ErrorKind::InvalidData)?;
        let (to, rest) = blocks.split_at_mut(data.len());
        to.copy_from_slice(data);
        rest.fill(0);
        Ok(blocks)
    }
}

/// Where the block begins that this byte is in.
pub(super) fn block_of(offset: u64) -> u64 {
    offset / BLOCK * BLOCK
}

impl Tail {
    pub(super) fn new(page_size: u32) -> Self {
        Tail::with_room(BYTES.min(PAGES * page_size as usize))
    }

    fn with_room(room: usize) -> Self {
        Tail { start: AtomicU64::new(NOWHERE), held: RwLock::default(), room, writing: Mutex::default() }
    }

    fn held(&self) -> RwLockReadGuard<'_, Held> {
        self.held.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn held_mut(&self) -> RwLockWriteGuard<'_, Held> {
        self.held.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hold these bytes as well, which follow what is held. False if they do not, or there is no room: then [`Tail::begin`].
    pub(super) fn hold(&self, data: &[u8], offset: u64) -> bool {
        self.holds() && self.held_mut().add(data, offset, self.room)
    }

    /// Hold these bytes, which follow what is in the file up to `offset`, of which the last block begins with `first`. The file is large
    /// enough for them, up to the end of their last block, and has zeros there. Nothing is held that is not written. One thread at a time.
    pub(super) fn begin(&self, file: &dyn StoredFile, first: &[u8], data: &[u8], offset: u64) -> io::Result<()> {
        let start = block_of(offset);
        let mut held = self.held_mut();
        self.drop_held(&mut held, file);
        held.begin(start);
        if !held.add(first, start, usize::MAX) || !held.add(data, offset, usize::MAX) {
            return Err(io::ErrorKind::OutOfMemory.into());
        }
        held.written = offset;
        self.start.store(start, Ordering::Release);
        Ok(())
    }

    fn holds(&self) -> bool {
        self.start.load(Ordering::Acquire) != NOWHERE
    }

    /// Read from what is held, and the rest from the file.
    pub(super) fn read(&self, file: &dyn StoredFile, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        let end = offset + buffer.len() as u64;
        if end <= self.start.load(Ordering::Acquire) {
            return file.read_at(buffer, offset);
        }
        let held = self.held();
        if let Some(data) = held.from(offset).and_then(|data| data.get(..buffer.len())) {
            buffer.copy_from_slice(data);
            return Ok(());
        }
        // What is held stays so until it is copied.
        file.read_at(buffer, offset)?;
        if self.holds() {
            let from = offset.max(held.start);
            let data = held.from(from).unwrap_or_default();
            let part = buffer.get_mut((from - offset) as usize..).unwrap_or_default();
            part.iter_mut().zip(data).for_each(|(to, from)| *to = *from);
        }
        Ok(())
    }

    /// Write what is not in the file.
    pub(super) fn write_out(&self, file: &dyn StoredFile) -> io::Result<()> {
        if !self.holds() {
            return Ok(());
        }
        let mut blocks = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let held = self.held();
        let (from, end) = (block_of(held.written), held.end());
        if held.written == end {
            return Ok(());
        }
        let blocks = blocks.fill(held.from(from).ok_or(io::ErrorKind::InvalidData)?)?;
        drop(held);
        file.write_blocks(blocks, from)?;
        self.held_mut().written = end;
        Ok(())
    }

    /// Hold nothing: it is in the file, but has gone past the page cache.
    fn drop_held(&self, held: &mut Held, file: &dyn StoredFile) {
        if self.holds() {
            self.start.store(NOWHERE, Ordering::Release);
            file.cache(held.start..held.end());
        }
        held.begin(0);
    }

    /// Nobody is going to read what comes before this byte: give the memory back.
    pub(super) fn forget(&self, up_to: u64) {
        let mut held = self.held_mut();
        let start = block_of(up_to.min(held.written));
        if self.holds() && start > held.start {
            held.bytes = held.from(start).unwrap_or_default().to_vec();
            held.start = start;
            self.start.store(start, Ordering::Release);
        }
    }

    /// These bytes have been written to the file, where there is nothing that was held and not written.
    pub(super) fn written(&self, file: &dyn StoredFile, data: &[u8], offset: u64) {
        if !self.holds() {
            return;
        }
        let mut held = self.held_mut();
        if held.add(data, offset, self.room) {
            held.written = held.end();
        } else {
            self.drop_held(&mut held, file);
        }
    }

    /// Hold nothing, and no memory: all of it is in the file.
    pub(super) fn clear(&self, file: &dyn StoredFile) {
        let mut held = self.held_mut();
        self.drop_held(&mut held, file);
        *held = Held::default();
        drop(held);
        *self.writing.lock().unwrap_or_else(PoisonError::into_inner) = Blocks::default();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicBool;
    use std::thread;

    use super::*;

    /// A file in memory, which wants whole blocks where they must be.
    #[derive(Default)]
    struct File(Mutex<Vec<u8>>);

    impl StoredFile for File {
        fn size(&self) -> io::Result<u64> {
            Ok(self.0.lock().unwrap().len() as u64)
        }

        fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
            let bytes = self.0.lock().unwrap();
            let bytes = bytes.get(offset as usize..offset as usize + buffer.len());
            buffer.copy_from_slice(bytes.ok_or(io::ErrorKind::UnexpectedEof)?);
            Ok(())
        }

        fn write_at(&self, data: &[u8], offset: u64) -> io::Result<()> {
            let mut bytes = self.0.lock().unwrap();
            let end = offset as usize + data.len();
            if bytes.len() < end {
                bytes.resize(end, 0);
            }
            bytes[offset as usize..end].copy_from_slice(data);
            Ok(())
        }

        fn write_blocks(&self, data: &[u8], offset: u64) -> io::Result<()> {
            assert_eq!((offset % BLOCK, data.len() as u64 % BLOCK), (0, 0));
            assert_eq!(data.as_ptr().align_offset(BLOCK as usize), 0);
            assert!(offset + data.len() as u64 <= self.size()?, "beyond the end");
            self.write_at(data, offset)
        }

        fn truncate(&self, size: u64) -> io::Result<()> {
            self.0.lock().unwrap().resize(size as usize, 0);
            Ok(())
        }

        fn sync(&self) -> io::Result<()> {
            Ok(())
        }
    }

    /// Numbers that look random.
    struct Numbers(u64);

    impl Numbers {
        fn below(&mut self, limit: usize) -> usize {
            self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (self.0 >> 33) as usize % limit
        }

        fn bytes(&mut self, most: usize) -> Vec<u8> {
            let length = 1 + self.below(most);
            (0..length).map(|_| self.below(256) as u8).collect()
        }
    }

    /// As a segment does.
    fn hold(tail: &Tail, file: &File, data: &[u8], offset: u64) {
        if !tail.hold(data, offset) {
            tail.write_out(file).unwrap();
            let mut first = vec![0; (offset - block_of(offset)) as usize];
            file.read_at(&mut first, block_of(offset)).unwrap();
            tail.begin(file, &first, data, offset).unwrap();
        }
    }

    fn read(tail: &Tail, file: &File, from: usize, to: usize) -> Vec<u8> {
        let mut bytes = vec![0; to - from];
        tail.read(file, &mut bytes, from as u64).unwrap();
        bytes
    }

    #[test]
    fn what_is_read_is_what_was_written_last() {
        let rounds = if cfg!(miri) { 100 } else { 20_000 };
        let (tail, file, mut numbers) = (Tail::with_room(40_000), File::default(), Numbers(7));
        let mut all = numbers.bytes(9000);
        file.write_at(&all, 0).unwrap();
        for round in 0..rounds {
            let end = all.len();
            let data = numbers.bytes(9000);
            match numbers.below(10) {
                0..5 => {
                    file.truncate((end + data.len()).next_multiple_of(BLOCK as usize) as u64 + BLOCK).unwrap();
                    hold(&tail, &file, &data, end as u64);
                    all.extend_from_slice(&data);
                }
                5 | 6 => tail.write_out(&file).unwrap(),
                7 => {
                    // Behind the end, or over what was there before.
                    let at = if round % 3 == 0 { end - 1 - numbers.below(end.min(20_000)) } else { end };
                    tail.write_out(&file).unwrap();
                    file.write_at(&data, at as u64).unwrap();
                    tail.written(&file, &data, at as u64);
                    all.truncate(at);
                    all.extend_from_slice(&data);
                }
                8 => tail.forget((end - numbers.below(2).min(end)) as u64),
                _ => {
                    let from = end.saturating_sub(numbers.below(60_000)).saturating_sub(1);
                    let to = from + numbers.below(end - from) + 1;
                    assert_eq!(read(&tail, &file, from, to), all[from..to], "round {round}");
                }
            }
            if all.len() > 1 << 20 {
                tail.write_out(&file).unwrap();
                tail.clear(&file);
                all.truncate(numbers.below(5000) + 1);
                file.truncate(all.len() as u64).unwrap();
            }
        }
        tail.write_out(&file).unwrap();
        assert_eq!(file.0.lock().unwrap()[..all.len()], all);
    }

    #[test]
    fn readers_and_whoever_syncs_do_not_disturb_one_another() {
        const PIECE: usize = 1000;
        let pieces = if cfg!(miri) { 30 } else { 20_000 };
        let (tail, file, end, done) =
            (Tail::with_room(30_000), File::default(), AtomicU64::new(0), AtomicBool::new(false));
        file.truncate((pieces * PIECE) as u64 + 2 * BLOCK).unwrap();
        let piece = |number: usize| [(number % 251) as u8 + 1; PIECE];
        thread::scope(|scope| {
            for seed in 0..2 {
                let (tail, file, end, done) = (&tail, &file, &end, &done);
                scope.spawn(move || {
                    let mut numbers = Numbers(seed);
                    while !done.load(Ordering::Acquire) {
                        let last = end.load(Ordering::Acquire) as usize / PIECE;
                        let Some(number) = last.checked_sub(1 + numbers.below(60)) else { continue };
                        assert_eq!(
                            read(tail, file, number * PIECE, (number + 1) * PIECE),
                            piece(number),
                            "piece {number}"
                        );
                    }
                });
                scope.spawn(move || {
                    while !done.load(Ordering::Acquire) {
                        let before = end.load(Ordering::Acquire);
                        tail.write_out(file).unwrap();
                        // What was held before that is in the file.
                        if let Some(last) = (before as usize / PIECE).checked_sub(1) {
                            let mut bytes = [0; PIECE];
                            file.read_at(&mut bytes, (last * PIECE) as u64).unwrap();
                            assert_eq!(bytes, piece(last), "piece {last}");
                        }
                        tail.forget(before);
                    }
                });
            }
            for number in 0..pieces {
                let at = (number * PIECE) as u64;
                if number % 50 == 49 {
                    tail.write_out(&file).unwrap();
                    file.write_at(&piece(number), at).unwrap();
                    tail.written(&file, &piece(number), at);
                } else {
                    hold(&tail, &file, &piece(number), at);
                }
                end.store(at + PIECE as u64, Ordering::Release);
            }
            done.store(true, Ordering::Release);
        });
    }
}
