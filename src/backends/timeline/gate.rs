//! Who may use the database file. While commits are only in the timeline, page 1 of the file tells every other SQLite to keep out.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use super::format::{Mark, Sum, content_sum, valid_page_size};
use super::segment::failed;
use super::storage::Storage;
use super::store::Store;
use super::timeline::{beside, lock};
use crate::wal::{DbFile, FileSync, Frames, PageNo};
use crate::{Error, Result, ffi};

/// The bytes of page 1 that say who may write and read the file, what they are in WAL mode, and what no SQLite opens.
pub(super) const VERSIONS: std::ops::Range<usize> = 18..20;
const OPEN: [u8; 2] = [2, 2];
const CLOSED: [u8; 2] = [3, 3];

/// The bytes of page 1 that count changes.
const COUNTER: std::ops::Range<usize> = 24..28;

/// The size of the database file in bytes, and when it was changed.
pub(super) type Looks = (u64, u64);

/// What the database file says to others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Touched {
    /// That it is open to all, as it was found.
    Not(Looks),
    /// That they must keep out for as long as it is open here. Nothing has been committed.
    Quietly,
    /// That they must keep out; but that may not be durable.
    Perhaps,
    Durably,
}

/// What a database file is to its timeline.
pub(super) enum Found {
    /// It is open to no other, and may lack commits.
    Behind,
    /// It holds all commits.
    Whole,
    /// It is another one.
    Changed,
}

pub(super) struct Gate {
    storage: Arc<dyn Storage>,
    path: PathBuf,
    /// Page 1 as it would be in the database file if the file were open to all.
    page_one: Mutex<Arc<[u8]>>,
    touched: Mutex<Touched>,
    /// That is [`Touched::Not`]: who reads asks for that, and waits for nobody.
    open_to_all: AtomicBool,
}

impl Gate {
    pub(super) fn new(storage: Arc<dyn Storage>, path: &Path) -> Self {
        Gate {
            storage,
            path: path.to_owned(),
            page_one: Mutex::new(Arc::from([])),
            touched: Mutex::new(Touched::Durably),
            open_to_all: AtomicBool::new(false),
        }
    }

    pub(super) fn look(&self) -> Result<Looks> {
        self.storage.look_at(&self.path).map_err(|error| failed(&self.path, "a look at the size", &error))
    }

    /// Page 1 of the database file, as it is for those who have the timeline.
    pub(super) fn page_one(&self) -> Result<Arc<[u8]>> {
        Ok(Arc::clone(&*lock(&self.page_one, &self.path)?))
    }

    /// Read page 1. Returns whether it lets others in.
    pub(super) fn read_page_one(&self, file: &mut DbFile<'_>) -> Result<bool> {
        let page_one = read_page_one(file)?;
        let open = page_one.get(VERSIONS) != Some(&CLOSED);
        *lock(&self.page_one, &self.path)? = opened(page_one).into();
        Ok(open)
    }

    /// Page 1 is going to be written to the database file.
    pub(super) fn replace_page_one(&self, data: &mut [u8]) {
        if let Ok(mut page_one) = self.page_one.lock() {
            *page_one = (&*data).into();
        }
        if let Some(versions) = data.get_mut(VERSIONS) {
            versions.copy_from_slice(&CLOSED);
        }
    }

    /// Write page 1 as it is, or so that others keep out. False if there is none.
    fn write_page_one(&self, file: &mut DbFile<'_>, closed: bool) -> Result<bool> {
        let mut data = self.page_one()?.to_vec();
        let Some(versions) = data.get_mut(VERSIONS) else { return Ok(false) };
        if closed {
            versions.copy_from_slice(&CLOSED);
        }
        file.write_at(&data, 0)?;
        Ok(true)
    }

    /// What the database file is to the timeline. `open`: it does not tell others to keep out.
    pub(super) fn look_over(&self, store: &Store, file: &mut DbFile<'_>, open: bool, looks: Looks) -> Result<Found> {
        let (mark, head) = (store.mark(), store.head());
        let clean = mark.flags & Mark::CLEAN != 0;
        let as_left = (mark.size, mark.changed) == looks;
        if !clean && !open && (mark.flags & Mark::QUIET == 0 || as_left) {
            return Ok(Found::Behind);
        }
        let counted = mark.counter == 0 || mark.counter == counter(&self.page_one()?);
        let same = clean && counted && mark.copied == head.commit && as_left;
        if same || sum_of(file, store.page_size())? == (head.pages, head.sum) {
            return Ok(Found::Whole);
        }
        Ok(Found::Changed)
    }

    /// The timeline has been opened. `whole`: the database file is open to all, and has all commits.
    pub(super) fn begin(&self, store: &mut Store, file: &mut DbFile<'_>, was: Looks, whole: bool) -> Result<()> {
        let mut touched = lock(&self.touched, &self.path)?;
        *touched = if whole { self.keep_out_quietly(store, file, was)? } else { Touched::Perhaps };
        self.note(*touched);
        Ok(())
    }

    fn note(&self, touched: Touched) {
        self.open_to_all.store(matches!(touched, Touched::Not(_)), Ordering::Relaxed);
    }

    /// Say in the database file, which has all commits, that others must keep out: what they change would be read here. None of this is
    /// made durable. If the power fails, the file is known by its checksum, and if the process does, by its size and time.
    fn keep_out_quietly(&self, store: &mut Store, file: &mut DbFile<'_>, was: Looks) -> Result<Touched> {
        if self.look()? != was || self.has_stock_log() {
            return Ok(Touched::Not(was));
        }
        if !self.write_page_one(file, true).unwrap_or(false) {
            // It may be open for reading only, or have been written in spite of an error.
            return Ok(if self.look()? == was { Touched::Not(was) } else { Touched::Perhaps });
        }
        if self.has_stock_log() {
            self.let_in(store, file)?;
            return Ok(Touched::Not(self.look()?));
        }
        let (size, changed) = self.look()?;
        let copied = store.mark().copied;
        store.set_mark(Mark { copied, flags: Mark::QUIET, size, changed, ..Mark::default() }, false)?;
        Ok(Touched::Quietly)
    }

    /// Say that the database file, in which nothing else was changed, is open to all again.
    fn let_in(&self, store: &mut Store, file: &mut DbFile<'_>) -> Result<()> {
        self.write_page_one(file, false)?;
        let (size, changed) = self.look()?;
        let counter = counter(&self.page_one()?);
        store.set_mark(Mark { flags: Mark::CLEAN, counter, size, changed, ..store.mark() }, false)
    }

    /// Before the first commit, tell all others to keep out of the database file.
    pub(super) fn touch(&self, store: &mut Store, frames: &Frames<'_>) -> Result<()> {
        let mut touched = lock(&self.touched, &self.path)?;
        let was_open = match *touched {
            Touched::Durably => return Ok(()),
            Touched::Quietly | Touched::Perhaps => false,
            Touched::Not(was) => {
                if self.look()? != was || self.has_stock_log() {
                    return Err(self.used_elsewhere());
                }
                true
            }
        };
        // In this order, for the log is not looked for if the mark says that nothing is missing. It happens once.
        let copied = store.mark().copied;
        store.set_mark(Mark { copied, ..Mark::default() }, true)?;
        *touched = Touched::Perhaps;
        let mut file = frames.database()?;
        self.keep_out(&mut file, &mut touched)?;
        if was_open && self.has_stock_log() {
            // Another one has come in between. Those who come later read page 1 after they have made that file, and keep out.
            self.let_in(store, &mut file)?;
            *touched = Touched::Not(self.look()?);
            return Err(self.used_elsewhere());
        }
        self.note(*touched);
        Ok(())
    }

    /// Say in the database file that others must keep out, durably.
    fn keep_out(&self, file: &mut DbFile<'_>, touched: &mut Touched) -> Result<()> {
        if self.write_page_one(file, true)? {
            file.sync(FileSync::Normal)?;
        }
        *touched = Touched::Durably;
        Ok(())
    }

    /// Before commits are copied into the database file.
    pub(super) fn before_copy(&self, file: &mut DbFile<'_>) -> Result<()> {
        let mut touched = lock(&self.touched, &self.path)?;
        if *touched == Touched::Perhaps { self.keep_out(file, &mut touched) } else { Ok(()) }
    }

    /// Fail if the database file is open to all, and somebody has changed it.
    pub(super) fn must_be_unchanged(&self) -> Result<()> {
        if !self.open_to_all.load(Ordering::Relaxed) {
            return Ok(());
        }
        match *lock(&self.touched, &self.path)? {
            Touched::Not(was) if self.look()? != was => Err(self.used_elsewhere()),
            _ => Ok(()),
        }
    }

    fn used_elsewhere(&self) -> Error {
        Error::IOERR.with_message(format!(
            "wal \"timeline\": {} is used by another SQLite, without its timeline. Close it there and here, and see what has changed",
            self.path.display()
        ))
    }

    /// Whether another SQLite uses the database file in WAL mode.
    fn has_stock_log(&self) -> bool {
        self.storage.look_at(&beside(&self.path, "-shm")).is_ok()
    }

    /// Whether others are kept out, though nothing has been committed.
    pub(super) fn is_quiet(&self) -> Result<bool> {
        Ok(*lock(&self.touched, &self.path)? == Touched::Quietly)
    }

    /// The same, and it is closed: let them in. `named`: it is sure that the file has the name that it had.
    pub(super) fn close_quietly(&self, store: &mut Store, file: &mut DbFile<'_>, named: bool) -> Result<()> {
        if named { self.let_in(store, file) } else { self.write_page_one(file, false).map(drop) }
    }

    /// The database file, which has all commits, is closed: let others in. With [`Mark::LEFT`], it leaves WAL mode.
    pub(super) fn close(&self, store: &mut Store, file: &mut DbFile<'_>, flags: u32) -> Result<()> {
        let mut touched = lock(&self.touched, &self.path)?;
        let looks = match *touched {
            // The mark is that of the file as it was: it is seen at the next opening.
            Touched::Not(was) if self.look()? != was => {
                return if flags & Mark::LEFT != 0 { Err(self.used_elsewhere()) } else { Ok(()) };
            }
            Touched::Not(was) => was,
            _ => {
                // It is open to all again when all that it holds is durable.
                file.sync(FileSync::Normal)?;
                self.write_page_one(file, false)?;
                file.sync(FileSync::Normal)?;
                self.look()?
            }
        };
        *touched = Touched::Not(looks);
        self.set_clean(store, file, flags, looks)
    }

    /// Say that the database file holds all commits, and is what it is now.
    pub(super) fn set_clean(&self, store: &mut Store, file: &mut DbFile<'_>, flags: u32, looks: Looks) -> Result<()> {
        let (size, changed) = looks;
        let (copied, flags, counter) = (store.head().commit, Mark::CLEAN | flags, counter(&self.page_one()?));
        let mark = Mark { copied, flags, counter, size, changed, ..store.mark() };
        if mark == store.mark() {
            return Ok(());
        }
        // Whoever has written it may not have done that.
        store.sync()?;
        file.sync(FileSync::Normal)?;
        store.set_mark(mark, true)
    }
}

/// Page 1 of the database file, empty if the file is.
pub(super) fn read_page_one(file: &mut DbFile<'_>) -> Result<Vec<u8>> {
    let mut head = vec![0; 512];
    if file.size()? < head.len() as u64 {
        return Ok(Vec::new());
    }
    file.read_at(&mut head, 0)?;
    let Some(size) = page_size_of(&head) else { return Ok(head) };
    head.resize(size as usize, 0);
    match file.read_at(&mut head, 0) {
        Err(error) if error.extended_code() != ffi::SQLITE_IOERR_SHORT_READ => Err(error),
        _ => Ok(head),
    }
}

/// The page size that the header of a database says.
pub(super) fn page_size_of(page_one: &[u8]) -> Option<u32> {
    let size = u16::from_be_bytes(page_one.get(16..18)?.try_into().ok()?);
    let size = if size == 1 { 65536 } else { u32::from(size) };
    Some(size).filter(|size| valid_page_size(*size))
}

/// Page 1 as it is for those who have the timeline.
pub(super) fn opened(mut page_one: Vec<u8>) -> Vec<u8> {
    if let Some(versions) = page_one.get_mut(VERSIONS)
        && *versions == CLOSED
    {
        versions.copy_from_slice(&OPEN);
    }
    page_one
}

/// The change counter in the header of a database.
fn counter(page_one: &[u8]) -> u32 {
    page_one.get(COUNTER).and_then(|bytes| bytes.try_into().ok()).map_or(0, u32::from_be_bytes)
}

/// Look at all pages of a database file, as they are for those who have the timeline. Returns how many there are.
pub(super) fn each_page(
    file: &mut DbFile<'_>,
    page_size: u32,
    each: &mut dyn FnMut(PageNo, &[u8]) -> Result<()>,
) -> Result<u32> {
    let pages = u32::try_from(file.size()?.div_ceil(u64::from(page_size))).map_err(|_| Error::CORRUPT)?;
    let mut data = vec![0; page_size as usize];
    for number in 1..=pages {
        match file.read_at(&mut data, u64::from(number - 1) * u64::from(page_size)) {
            Err(error) if error.extended_code() != ffi::SQLITE_IOERR_SHORT_READ => return Err(error),
            _ => {}
        }
        if number == 1 {
            data = opened(data);
        }
        if let Some(page) = PageNo::new(number) {
            each(page, &data)?;
        }
    }
    Ok(pages)
}

/// Pages and checksum of a database file.
fn sum_of(file: &mut DbFile<'_>, page_size: u32) -> Result<(u32, Sum)> {
    let mut sum: Sum = 0;
    let pages = each_page(file, page_size, &mut |page, data| {
        sum = sum.wrapping_add(content_sum(page.get(), data));
        Ok(())
    })?;
    Ok((pages, sum))
}
