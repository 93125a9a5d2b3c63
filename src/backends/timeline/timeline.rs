//! The timeline of one database, for all connections of the process.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::thread::JoinHandle;

use super::format::{CommitRecord, Head, Identity, Mark, Sum, content_sum};
use super::gate::{Found, Gate, Looks, each_page, page_size_of, read_page_one};
use super::page_cache::Part;
use super::places::{Place, Places};
use super::prune::{self, Keep};
use super::saved::Saved;
use super::segment::{CREATION, LOCKING, Segment, failed};
use super::storage::{Lock, Storage};
use super::store::{NewCommit, Store};
use crate::backends::live::{self, Log as _, Snapshot, State, UserId};
use crate::wal::{CloseRequest, DbFile, DirtyPage, FrameNo, Frames, PageNo, SyncFlags};
use crate::{Error, Result, ffi};

/// The frame that stands for page 1 of the database file, where it says that others must keep out.
pub(super) const PAGE_ONE: FrameNo = FrameNo::new(u32::MAX).expect("not zero");

const FRAME_ONE: FrameNo = FrameNo::new(1).expect("not zero");

pub(super) const PAGE_ONE_NO: PageNo = PageNo::new(1).expect("not zero");

/// The name of the file that a process locks that has the timeline open.
pub(super) const LOCK: &str = "lock";

/// The bytes of page 1 that change whenever the schema does.
const COOKIE: std::ops::Range<usize> = 40..44;

pub(super) struct Timeline {
    storage: Arc<dyn Storage>,
    path: PathBuf,
    folder: PathBuf,
    /// Who reads and writes which frames. Locked last of all.
    state: Mutex<State<Places>>,
    /// Locked by whoever appends, and for moments. Locked before `state`.
    store: Mutex<Store>,
    gate: Gate,
    durable: Mutex<Durable>,
    changed: Condvar,
    /// The bytes that change with the schema, after the last commit.
    cookie: Mutex<Cookie>,
    /// Set for good when a sync has failed.
    broken: AtomicBool,
    /// Flags of the next commit: whoever sets them is going to make it.
    announced: AtomicU32,
    /// Of this process, until nobody uses the timeline.
    lock: Mutex<Option<Box<dyn Lock>>>,
    /// How much history is kept.
    keep: Mutex<Keep>,
    /// Locked by whoever prunes.
    pub(super) pruning: Mutex<()>,
    /// The thread that prunes, and whether it is to end.
    worker: Mutex<Option<JoinHandle<()>>>,
    stopping: AtomicBool,
    /// For that thread.
    me: OnceLock<Weak<Timeline>>,
}

/// Which commits are durable.
#[derive(Debug, Default)]
struct Durable {
    commit: u64,
    /// Somebody is syncing, and so many wait for that.
    syncing: bool,
    waiting: usize,
    /// A sync has failed. Nobody knows what is on the disk since.
    failed: Option<Error>,
}

/// Lock something of the timeline of a database.
pub(super) fn lock<'a, T>(mutex: &'a Mutex<T>, path: &Path) -> Result<MutexGuard<'a, T>> {
    mutex.lock().map_err(|_| {
        let path = path.display();
        Error::IOERR.with_message(format!("wal \"timeline\" of {path} is broken after a panic: restart the process"))
    })
}

/// A commit that was found when the timeline was opened.
struct Recovered {
    segment: u32,
    /// Its pages, and where their frames begin.
    frames: Vec<(PageNo, u64)>,
    record: CommitRecord,
}

/// What a call of [`Timeline::append`] has done.
pub(super) struct Appended {
    pub(super) frames: u32,
    /// The number of the commit that it was.
    pub(super) commit: Option<u64>,
}

impl Timeline {
    /// Open the timeline of a database, or begin it with what the database file holds.
    pub(super) fn open(
        storage: Arc<dyn Storage>,
        path: &Path,
        segment_limit: u64,
        file: &mut DbFile<'_>,
    ) -> Result<Self> {
        let folder = folder_of(path);
        let held = lock_folder(&*storage, &folder, path)?.map_err(|holder| {
            let path = path.display();
            Error::BUSY
                .with_message(format!("wal \"timeline\": process {holder} has {path} open, and one at a time can"))
        })?;
        let mut found = Vec::new();
        let store = Store::open(Arc::clone(&storage), &folder, segment_limit, &mut |segment, commit| {
            let frames = commit.frames.iter().filter_map(|frame| Some((PageNo::new(frame.header.page)?, frame.offset)));
            found.push(Recovered { segment, frames: frames.collect(), record: *commit.record });
            Ok(())
        })?;
        let timeline = Timeline {
            gate: Gate::new(Arc::clone(&storage), path),
            storage,
            path: path.to_owned(),
            folder,
            state: Mutex::default(),
            store: Mutex::new(store),
            durable: Mutex::default(),
            changed: Condvar::new(),
            cookie: Mutex::default(),
            broken: AtomicBool::new(false),
            announced: AtomicU32::new(0),
            lock: Mutex::new(Some(held)),
            keep: Mutex::default(),
            pruning: Mutex::default(),
            worker: Mutex::default(),
            stopping: AtomicBool::new(false),
            me: OnceLock::new(),
        };
        timeline.begin(file, &found)?;
        Ok(timeline)
    }

    /// Find out what the database file is, and what it lacks.
    fn begin(&self, file: &mut DbFile<'_>, found: &[Recovered]) -> Result<()> {
        let mut store = self.store()?;
        // What changes from here on is not taken for what is seen below.
        let was = self.gate.look()?;
        let open = self.gate.read_page_one(file)?;
        if store.head().commit == 0 {
            self.adopt(&mut store, file, was)?;
        } else {
            match self.gate.look_over(&store, file, open, was)? {
                Found::Behind => {}
                Found::Whole => self.gate.set_clean(&mut store, file, 0, was)?,
                Found::Changed if store.mark().flags & Mark::LEFT != 0 => self.adopt(&mut store, file, was)?,
                Found::Changed => {
                    return Err(Error::CANTOPEN.with_message(format!(
                        "wal \"timeline\": {0} was changed without its timeline, which ends with commit {1}. Put the file back \
                         that belongs to it, or move {2} away to begin a new timeline",
                        self.path.display(),
                        store.head().commit,
                        self.folder.display()
                    )));
                }
            }
        }
        let head = store.head();
        let copied = store.mark().copied;
        let mut state = self.state()?;
        if store.page_size() != 0 {
            state.begin_recovery(store.page_size());
            for Recovered { segment, frames, record } in found.iter().filter(|one| one.record.head.commit > copied) {
                let last = frames.len().saturating_sub(1);
                for (i, (page, offset)) in frames.iter().enumerate() {
                    let commit = if i == last { record.head.pages } else { 0 };
                    let place = Place { segment: *segment, offset: *offset, commit: record.head.commit };
                    state.push(*page, commit, place)?;
                }
            }
            state.recovered(head.pages);
        }
        let complete = open && state.unsaved() == 0;
        let newest = place(&state, state.newest_committed(PAGE_ONE_NO))?;
        drop(state);
        *lock(&self.cookie, &self.path)? = match newest {
            Some(place) => {
                let mut data = vec![0; store.page_size() as usize];
                read_frame(&*store.segment(place.segment)?, place, &mut data)?;
                cookie(&data)
            }
            None => cookie(&self.gate.page_one()?),
        };
        self.gate.begin(&mut store, file, was, complete)
    }

    /// Make a commit of the whole database file.
    fn adopt(&self, store: &mut Store, file: &mut DbFile<'_>, looks: Looks) -> Result<()> {
        let page_one = read_page_one(file)?;
        let Some(page_size) = page_size_of(&page_one) else {
            return Ok(()); // It is empty: the timeline begins with what is written first.
        };
        store.begin_append(page_size, 0, true)?;
        let mut sum: Sum = 0;
        let pages = each_page(file, page_size, &mut |page, data| {
            sum = sum.wrapping_add(content_sum(page.get(), data));
            // Empty ones as well: nothing from before shows through.
            store.put(DirtyPage { page, data }).map(drop)
        })?;
        store.commit(NewCommit { pages, sum, flags: CommitRecord::ADOPTED | CommitRecord::SCHEMA, sync: false })?;
        store.end_full_segment(true)?;
        self.gate.set_clean(store, file, 0, looks)
    }

    /// Let other processes, and other openings in this one, have the database.
    pub(super) fn unlock(&self) {
        self.stopping.store(true, Ordering::Relaxed);
        self.finish_work();
        self.lock.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    /// Wait for the thread that prunes, if there is one.
    pub(super) fn finish_work(&self) {
        let worker = self.worker.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(worker) = worker {
            let _ = worker.join();
        }
    }

    pub(super) fn store(&self) -> Result<MutexGuard<'_, Store>> {
        lock(&self.store, &self.path)
    }

    pub(super) fn gate(&self) -> &Gate {
        &self.gate
    }

    pub(super) fn segment(&self, number: u32) -> Result<Arc<Segment>> {
        self.store()?.segment(number)
    }

    /// Append pages, and perhaps commit them: then they are durable when this returns, if that is wanted.
    pub(super) fn append(&self, user: UserId, frames: Frames<'_>) -> Result<Appended> {
        let appended = self.append_unsynced(user, frames);
        if let Err(error) = &appended {
            self.note_failure(error)?;
        }
        let appended = appended?;
        if let (Some(commit), Some(_)) = (appended.commit, frames.sync().commit()) {
            self.sync_up_to(commit)?;
        }
        Ok(appended)
    }

    /// Something has failed. If that is a sync, nobody knows what is on the disk.
    pub(super) fn note_failure(&self, error: &Error) -> Result<()> {
        if error.extended_code() == ffi::SQLITE_IOERR_FSYNC {
            self.broken.store(true, Ordering::Release);
            lock(&self.durable, &self.path)?.failed.get_or_insert_with(|| error.clone());
            self.changed.notify_all();
        }
        Ok(())
    }

    /// Fails if a sync has failed.
    pub(super) fn check(&self) -> Result<()> {
        if !self.broken.load(Ordering::Acquire) {
            return Ok(());
        }
        let path = self.path.display();
        let why = lock(&self.durable, &self.path)?.failed.clone().unwrap_or(Error::IOERR);
        let why = why.message().unwrap_or("a sync failed").to_owned();
        Err(Error::new(ffi::SQLITE_IOERR_FSYNC)
            .with_message(format!("{why}. Close {path} everywhere, and open it again, to see what is on the disk")))
    }

    fn append_unsynced(&self, user: UserId, frames: Frames<'_>) -> Result<Appended> {
        let mut store = self.store()?;
        self.check()?;
        let kept = {
            let mut state = self.state()?;
            state.begin_append(user, frames.page_size(), frames.is_inserted())?;
            state.len() - state.committed()
        };
        self.gate.touch(&mut store, &frames)?;
        store.begin_append(frames.page_size(), kept as usize, frames.sync().checkpoint().is_some())?;
        let added = self.put(&mut store, frames)?;
        let Some(pages) = frames.commit() else {
            store.flush()?;
            self.push(&added, 0)?;
            return Ok(Appended { frames: added.len() as u32, commit: None });
        };
        let mut database = frames.database()?;
        let changed = store.changed();
        let sum = self.sum_after(&store, &changed, &mut database, pages)?;
        let cookie = self.cookie_after(&store, frames)?;
        let flags = match cookie {
            Some(new) if *lock(&self.cookie, &self.path)? != new => CommitRecord::SCHEMA,
            _ => 0,
        };
        let flags = flags | self.announced.swap(0, Ordering::Relaxed);
        let wait = frames.sync().commit().is_some();
        // Before it is written: there may be no memory for it.
        self.push(&added, pages)?;
        let head = store.commit(NewCommit { pages, sum, flags, sync: wait })?;
        store.remember(&changed);
        if let Some(new) = cookie {
            *lock(&self.cookie, &self.path)? = new;
        }
        {
            let mut state = self.state()?;
            state.commit(user, pages);
            if wait && !frames.is_inserted() {
                // The next one may write while this one waits, and they are synced together.
                state.end_write(user);
            }
        }
        let frames_added = added.len() as u32;
        // There may be millions, and sealing a segment takes memory as well.
        drop((added, changed));
        if let Err(error) = store.end_full_segment(frames.sync().checkpoint().is_some()) {
            // It is committed, and whoever appends next tries again.
            self.note_failure(&error)?;
        }
        Ok(Appended { frames: frames_added, commit: Some(head.commit) })
    }

    /// Hand the pages to the store. Returns those that are new frames.
    fn put(&self, store: &mut Store, frames: Frames<'_>) -> Result<Vec<(PageNo, Place)>> {
        let mut added = Vec::new();
        let mut pages = frames.pages().peekable();
        while let Some(page) = pages.next() {
            // The frame that commits must be the last one, so it is always a new one.
            let last = frames.commit().is_some() && pages.peek().is_none();
            let old = if last || frames.is_inserted() { None } else { self.appended(page.page)? };
            match old {
                Some(place) => store.replace(place, page)?,
                None => {
                    added.try_reserve(1).map_err(|_| Error::NOMEM)?;
                    added.push((page.page, store.put(page)?));
                }
            }
        }
        Ok(added)
    }

    /// Where the frame lies that the running transaction has for a page.
    fn appended(&self, page: PageNo) -> Result<Option<Place>> {
        let state = self.state()?;
        place(&state, state.appended(page))
    }

    fn push(&self, added: &[(PageNo, Place)], commit: u32) -> Result<()> {
        let mut state = self.state()?;
        for (i, (page, place)) in added.iter().enumerate() {
            state.push(*page, if i + 1 == added.len() { commit } else { 0 }, *place)?;
        }
        Ok(())
    }

    /// The checksum of the database after the transaction that the store holds.
    fn sum_after(&self, store: &Store, changed: &[(u32, Sum)], database: &mut DbFile<'_>, pages: u32) -> Result<Sum> {
        let before = store.head();
        let mut sum = before.sum;
        for (page, new) in changed.iter().filter(|(page, _)| *page <= pages) {
            if *page <= before.pages {
                sum = sum.wrapping_sub(self.sum_before(store, database, *page)?);
            }
            sum = sum.wrapping_add(*new);
        }
        for page in pages + 1..=before.pages {
            sum = sum.wrapping_sub(self.sum_before(store, database, page)?);
        }
        Ok(sum)
    }

    /// What a page adds to the checksum before the transaction.
    fn sum_before(&self, store: &Store, database: &mut DbFile<'_>, page: u32) -> Result<Sum> {
        if let Some(sum) = store.remembered(page) {
            return Ok(sum);
        }
        let Some(number) = PageNo::new(page) else { return Ok(0) };
        let mut buffer = vec![0; store.page_size() as usize];
        let buffer = &mut buffer[..];
        let place = {
            let state = self.state()?;
            place(&state, state.newest_committed(number))?
        };
        match place {
            Some(place) => {
                read_frame(&*store.segment(place.segment)?, place, buffer)?;
            }
            None if page == 1 => buffer.copy_from_slice(&self.gate.page_one()?),
            None => {
                let offset = u64::from(page - 1) * buffer.len() as u64;
                match database.read_at(buffer, offset) {
                    Err(error) if error.extended_code() != ffi::SQLITE_IOERR_SHORT_READ => return Err(error),
                    _ => {}
                }
            }
        }
        Ok(content_sum(page, buffer))
    }

    /// The schema cookie after the transaction that the store holds, if it changes page 1.
    fn cookie_after(&self, store: &Store, frames: Frames<'_>) -> Result<Option<Cookie>> {
        if let Some(page) = frames.pages().find(|page| page.page == PAGE_ONE_NO) {
            return Ok(Some(cookie(page.data)));
        }
        let Some(place) = self.appended(PAGE_ONE_NO)? else { return Ok(None) };
        let mut data = vec![0; store.page_size() as usize];
        read_frame(&*store.segment(place.segment)?, place, &mut data)?;
        Ok(Some(cookie(&data)))
    }

    /// Wait until a commit is durable. One thread syncs for all that wait.
    pub(super) fn sync_up_to(&self, commit: u64) -> Result<()> {
        let mut durable = lock(&self.durable, &self.path)?;
        loop {
            if durable.commit >= commit {
                return Ok(());
            }
            if let Some(error) = &durable.failed {
                return Err(error.clone());
            }
            if durable.syncing {
                durable.waiting += 1;
                durable = self.changed.wait(durable).unwrap_or_else(PoisonError::into_inner);
                durable.waiting -= 1;
                continue;
            }
            durable.syncing = true;
            drop(durable);
            let result = catch_unwind(AssertUnwindSafe(|| self.sync_now())).unwrap_or(Err(Error::IOERR));
            durable = lock(&self.durable, &self.path)?;
            durable.syncing = false;
            match result {
                // Another sync may have been told of what this one should have been.
                Ok(commit) if durable.failed.is_none() => durable.commit = durable.commit.max(commit),
                Ok(_) => {}
                Err(error) => {
                    self.broken.store(true, Ordering::Release);
                    durable.failed.get_or_insert(error);
                }
            }
            if durable.waiting > 0 {
                self.changed.notify_all();
            }
        }
    }

    fn sync_now(&self) -> Result<u64> {
        let target = self.store()?.target();
        target.sync(&*self.storage, &self.folder)?;
        self.store()?.reached(&target);
        Ok(target.commit)
    }

    /// The number of the commit whose state a user reads, and the newest one as a snapshot. `SQLITE_ERROR` before the first one.
    pub(super) fn read_commit(&self, user: UserId) -> Result<(u64, Saved)> {
        let store = self.store()?;
        let state = self.state()?;
        let snapshot = state.snapshot(user).ok_or(Error::MISUSE)?;
        let commit = match FrameNo::new(snapshot.last) {
            Some(last) => state.contents().get(last)?.commit,
            // What it reads is the state before the first frame.
            None => state.contents().get(FRAME_ONE).map_or(store.head().commit, |first| first.commit - 1),
        };
        if commit == 0 {
            return Err(Error::UNSUPPORTED.with_message("wal \"timeline\": nothing has been committed so far"));
        }
        Ok((commit, Saved::new(store.identity(), store.head())))
    }

    /// Begin to read the state after the newest commit, if it is that one.
    pub(super) fn begin_read_newest(&self, user: UserId, saved: Saved) -> Result<Option<Snapshot>> {
        // Nothing is committed meanwhile.
        let store = self.store()?;
        let newest = Saved::new(store.identity(), store.head());
        (saved == newest).then(|| self.state()?.begin_read(user)).transpose()
    }

    pub(super) fn identity(&self) -> Result<Identity> {
        Ok(self.store()?.identity())
    }

    /// The last connection of the process closes the database.
    pub(super) fn close(&self, user: UserId, request: CloseRequest<'_>) -> Result<()> {
        let leaves = request.leaves_wal_mode;
        self.check()?;
        let mut file = request.file;
        let again = CloseRequest { file: file.reborrow(), ..request };
        let checkpoint = again.into_checkpoint();
        if !leaves && self.gate.is_quiet()? {
            // If there must be no checkpoint, the file may have another name now.
            let named = checkpoint.is_some();
            return self.gate.close_quietly(&mut *self.store()?, &mut file, named);
        }
        let Some(checkpoint) = checkpoint else { return Ok(()) };
        live::checkpoint(self, user, checkpoint)?;
        if self.state()?.unsaved() > 0 {
            return if leaves { Err(Error::BUSY) } else { Ok(()) };
        }
        let mut store = self.store()?;
        let flags = if leaves { Mark::LEFT } else { 0 };
        if store.is_empty() {
            return Ok(());
        }
        store.trim()?;
        self.gate.close(&mut store, &mut file, flags)
    }

    pub(super) fn storage(&self) -> Arc<dyn Storage> {
        Arc::clone(&self.storage)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// It is shared like this from now on.
    pub(super) fn shared(self) -> Arc<Self> {
        let shared = Arc::new(self);
        let _ = shared.me.set(Arc::downgrade(&shared));
        shared
    }

    pub(super) fn keep(&self) -> Result<Keep> {
        Ok(*lock(&self.keep, &self.path)?)
    }

    pub(super) fn set_keep(&self, keep: Keep) -> Result<()> {
        *lock(&self.keep, &self.path)? = keep;
        Ok(())
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    /// Begin a thread, unless there is one.
    pub(super) fn begin_work(&self, begin: impl FnOnce() -> Option<JoinHandle<()>>) {
        if let Ok(mut worker) = self.worker.lock()
            && !self.is_stopping()
            && worker.as_ref().is_none_or(JoinHandle::is_finished)
        {
            *worker = begin();
        }
    }

    /// Say what the next commit is, for whoever writes it: the caller, who keeps all others from writing; 0 if it comes to none.
    pub(super) fn announce(&self, flags: u32) {
        self.announced.store(flags, Ordering::Relaxed);
    }

    pub(super) fn head(&self) -> Result<Head> {
        Ok(self.store()?.head())
    }
}

impl live::Log for Timeline {
    type Contents = Places;

    fn state(&self) -> Result<MutexGuard<'_, State<Places>>> {
        lock(&self.state, &self.path)
    }

    fn read(&self, frame: FrameNo, buffer: &mut [u8]) -> Result<()> {
        let place = self.state()?.contents().get(frame)?;
        read_frame(&*self.segment(place.segment)?, place, buffer)
    }

    fn before_copy(&self, file: &mut DbFile<'_>, sync: SyncFlags) -> Result<()> {
        self.gate.before_copy(file)?;
        if sync.checkpoint().is_none() {
            // If the process ends now, the log must have what the database file has.
            return self.store()?.write_out();
        }
        let commit = self.head()?.commit;
        self.sync_up_to(commit)
    }

    fn before_write(&self, page: PageNo, data: &mut [u8]) {
        if page == PAGE_ONE_NO {
            self.gate.replace_page_one(data);
        }
    }

    fn commit_at(&self, state: &State<Places>, safe: u32) -> Option<u64> {
        let place = state.contents().get(FrameNo::new(safe)?).ok()?;
        Some(place.commit)
    }

    fn copied(&self, copied: u64, durably: bool) {
        let mut passed = Vec::new();
        if let Ok(mut store) = self.store() {
            if durably {
                // If this fails, a recovery has more to do.
                let _ = store.set_mark(Mark { copied, ..Mark::default() }, false);
            }
            passed = store.pass(copied);
        }
        passed.iter().for_each(Part::uncache);
        if !durably {
            return;
        }
        if self.keep().is_ok_and(|keep| keep != Keep::ALL)
            && let Some(me) = self.me.get().and_then(Weak::upgrade)
        {
            prune::in_background(&me);
        }
    }
}

/// Where a frame lies, if there is one.
fn place(state: &State<Places>, frame: Option<FrameNo>) -> Result<Option<Place>> {
    frame.map(|frame| state.contents().get(frame)).transpose()
}

/// Copy the page of a frame, and fill the rest with zeros.
pub(super) fn read_frame(segment: &Segment, place: Place, buffer: &mut [u8]) -> Result<()> {
    let length = buffer.len().min(segment.header.page_size as usize);
    let (page, rest) = buffer.split_at_mut(length);
    rest.fill(0);
    segment.read(page, place.offset + super::format::FrameHeader::SIZE as u64)
}

/// Lock the folder of a timeline, which is created for those who may use a database file unless it exists. Otherwise, who has it.
pub(super) fn lock_folder(
    storage: &dyn Storage,
    folder: &Path,
    like: &Path,
) -> Result<std::result::Result<Box<dyn Lock>, String>> {
    storage.create_folder(folder, like).map_err(|error| failed(folder, CREATION, &error))?;
    let path = folder.join(LOCK);
    storage.lock(&path).map_err(|error| failed(&path, LOCKING, &error))
}

/// The folder of a timeline.
pub(super) fn folder_of(path: &Path) -> PathBuf {
    beside(path, "-timeline")
}

/// What has the name of a database and a suffix.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

type Cookie = [u8; 4];

/// The bytes of page 1 that change with the schema.
fn cookie(page_one: &[u8]) -> Cookie {
    page_one.get(COOKIE).and_then(|bytes| bytes.try_into().ok()).unwrap_or_default()
}
