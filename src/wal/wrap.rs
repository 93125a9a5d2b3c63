//! A log around a log: override what you want to see, the rest goes through.

use crate::Result;
use crate::wal::handles::{Db, DbName, LogFile, Vfs};
use crate::wal::requests::{CheckpointRequest, CloseRequest, Frames, OpenRequest};
use crate::wal::traits::{Wal, WalManager};
use crate::wal::types::{CheckpointOutcome, ExclusiveMode, FrameNo, PageNo, SavepointPosition, Snapshot};

/// One wrapper around one open log.
///
/// Each method has the log below as `inner`, and forwards to it unless overridden. What a method means is told at
/// [`Wal`]. Make a manager of it with [`WalManager::wrap`]; wrappers can be stacked.
///
/// ```
/// use seawall::{Frames, Result, Stock, Wal, WalManager, WrapWal};
///
/// struct CommitCounter(u64);
///
/// impl<W: Wal> WrapWal<W> for CommitCounter {
///     fn append(&mut self, inner: &mut W, frames: Frames<'_>) -> Result<u32> {
///         let added = inner.append(frames)?;
///         self.0 += u64::from(frames.commit().is_some());
///         Ok(added)
///     }
/// }
///
/// let manager = Stock.wrap(|_| CommitCounter(0));
/// seawall::register("counted", manager)?;
/// # Ok::<(), seawall::Error>(())
/// ```
#[allow(missing_docs)]
pub trait WrapWal<W: Wal>: Send + 'static {
    fn begin_read(&mut self, inner: &mut W) -> Result<bool> {
        inner.begin_read()
    }

    fn end_read(&mut self, inner: &mut W) {
        inner.end_read();
    }

    fn find_frame(&mut self, inner: &mut W, page: PageNo) -> Result<Option<FrameNo>> {
        inner.find_frame(page)
    }

    fn read_frame(&mut self, inner: &mut W, frame: FrameNo, buffer: &mut [u8]) -> Result<()> {
        inner.read_frame(frame, buffer)
    }

    fn db_size(&self, inner: &W) -> u32 {
        inner.db_size()
    }

    fn begin_write(&mut self, inner: &mut W) -> Result<()> {
        inner.begin_write()
    }

    fn end_write(&mut self, inner: &mut W) {
        inner.end_write();
    }

    fn undo(&mut self, inner: &mut W, undone: &mut dyn FnMut(PageNo)) -> Result<()> {
        inner.undo(undone)
    }

    fn savepoint(&mut self, inner: &mut W) -> SavepointPosition {
        inner.savepoint()
    }

    fn savepoint_undo(&mut self, inner: &mut W, position: &mut SavepointPosition) -> Result<()> {
        inner.savepoint_undo(position)
    }

    fn savepoint_forget(&mut self, inner: &mut W, position: SavepointPosition) {
        inner.savepoint_forget(position);
    }

    fn append(&mut self, inner: &mut W, frames: Frames<'_>) -> Result<u32> {
        inner.append(frames)
    }

    fn checkpoint(&mut self, inner: &mut W, request: CheckpointRequest<'_>) -> Result<CheckpointOutcome> {
        inner.checkpoint(request)
    }

    fn take_committed(&mut self, inner: &mut W) -> u32 {
        inner.take_committed()
    }

    fn frame_count(&mut self, inner: &mut W, writing: bool) -> Result<u32> {
        inner.frame_count(writing)
    }

    fn set_size_limit(&mut self, inner: &mut W, limit: Option<u64>) {
        inner.set_size_limit(limit);
    }

    fn read_frame_raw(&mut self, inner: &mut W, frame: FrameNo, buffer: &mut [u8]) -> Result<()> {
        inner.read_frame_raw(frame, buffer)
    }

    fn exclusive_mode(&mut self, inner: &mut W, op: ExclusiveMode) -> bool {
        inner.exclusive_mode(op)
    }

    fn heap_memory(&self, inner: &W) -> bool {
        inner.heap_memory()
    }

    fn supports_snapshots(&self, inner: &W) -> bool {
        inner.supports_snapshots()
    }

    fn snapshot_get(&mut self, inner: &mut W) -> Result<Snapshot> {
        inner.snapshot_get()
    }

    fn snapshot_open(&mut self, inner: &mut W, snapshot: Option<Snapshot>) {
        inner.snapshot_open(snapshot);
    }

    fn snapshot_recover(&mut self, inner: &mut W) -> Result<()> {
        inner.snapshot_recover()
    }

    fn snapshot_check(&mut self, inner: &mut W, snapshot: Snapshot) -> Result<()> {
        inner.snapshot_check(snapshot)
    }

    fn snapshot_unlock(&mut self, inner: &mut W) {
        inner.snapshot_unlock();
    }

    fn frame_size(&self, inner: &W) -> u32 {
        inner.frame_size()
    }

    fn file<'a>(&'a mut self, inner: &'a mut W) -> Option<LogFile<'a>> {
        inner.file()
    }

    fn write_lock(&mut self, inner: &mut W, lock: bool) -> Result<()> {
        inner.write_lock(lock)
    }

    fn set_db(&mut self, inner: &mut W, db: Option<Db<'_>>) {
        inner.set_db(db);
    }

    /// Close the log below. [`WalManager::close`] tells more.
    fn close<M>(self, manager: &M, inner: W, request: CloseRequest<'_>) -> Result<()>
    where
        Self: Sized,
        M: WalManager<Wal = W>,
    {
        manager.close(inner, request)
    }
}

/// The manager of wrapped logs: see [`WalManager::wrap`].
#[derive(Debug)]
pub struct Wrapped<M, F> {
    manager: M,
    make: F,
}

impl<M, F> Wrapped<M, F> {
    /// Wrap the logs of `manager` into what `make` returns.
    pub fn new(manager: M, make: F) -> Self {
        Wrapped { manager, make }
    }
}

impl<M, F, T> WalManager for Wrapped<M, F>
where
    M: WalManager,
    T: WrapWal<M::Wal>,
    F: Fn(&OpenRequest<'_>) -> T + Send + Sync + 'static,
{
    type Wal = WrappedWal<T, M::Wal>;

    fn uses_shared_memory(&self) -> bool {
        self.manager.uses_shared_memory()
    }

    fn open(&self, request: OpenRequest<'_>) -> Result<Self::Wal> {
        let wrapper = (self.make)(&request);
        Ok(WrappedWal { wrapper, inner: self.manager.open(request)? })
    }

    fn close(&self, wal: Self::Wal, request: CloseRequest<'_>) -> Result<()> {
        wal.wrapper.close(&self.manager, wal.inner, request)
    }

    fn log_exists(&self, vfs: &Vfs<'_>, name: DbName<'_>) -> Result<bool> {
        self.manager.log_exists(vfs, name)
    }

    fn destroy_log(&self, vfs: &Vfs<'_>, name: DbName<'_>) -> Result<()> {
        self.manager.destroy_log(vfs, name)
    }
}

/// A log and the wrapper around it.
#[derive(Debug)]
pub struct WrappedWal<T, W> {
    wrapper: T,
    inner: W,
}

impl<T: WrapWal<W>, W: Wal> Wal for WrappedWal<T, W> {
    fn begin_read(&mut self) -> Result<bool> {
        self.wrapper.begin_read(&mut self.inner)
    }

    fn end_read(&mut self) {
        self.wrapper.end_read(&mut self.inner);
    }

    fn find_frame(&mut self, page: PageNo) -> Result<Option<FrameNo>> {
        self.wrapper.find_frame(&mut self.inner, page)
    }

    fn read_frame(&mut self, frame: FrameNo, buffer: &mut [u8]) -> Result<()> {
        self.wrapper.read_frame(&mut self.inner, frame, buffer)
    }

    fn db_size(&self) -> u32 {
        self.wrapper.db_size(&self.inner)
    }

    fn begin_write(&mut self) -> Result<()> {
        self.wrapper.begin_write(&mut self.inner)
    }

    fn end_write(&mut self) {
        self.wrapper.end_write(&mut self.inner);
    }

    fn undo(&mut self, undone: &mut dyn FnMut(PageNo)) -> Result<()> {
        self.wrapper.undo(&mut self.inner, undone)
    }

    fn savepoint(&mut self) -> SavepointPosition {
        self.wrapper.savepoint(&mut self.inner)
    }

    fn savepoint_undo(&mut self, position: &mut SavepointPosition) -> Result<()> {
        self.wrapper.savepoint_undo(&mut self.inner, position)
    }

    fn savepoint_forget(&mut self, position: SavepointPosition) {
        self.wrapper.savepoint_forget(&mut self.inner, position);
    }

    fn append(&mut self, frames: Frames<'_>) -> Result<u32> {
        self.wrapper.append(&mut self.inner, frames)
    }

    fn checkpoint(&mut self, request: CheckpointRequest<'_>) -> Result<CheckpointOutcome> {
        self.wrapper.checkpoint(&mut self.inner, request)
    }

    fn take_committed(&mut self) -> u32 {
        self.wrapper.take_committed(&mut self.inner)
    }

    fn frame_count(&mut self, writing: bool) -> Result<u32> {
        self.wrapper.frame_count(&mut self.inner, writing)
    }

    fn set_size_limit(&mut self, limit: Option<u64>) {
        self.wrapper.set_size_limit(&mut self.inner, limit);
    }

    fn read_frame_raw(&mut self, frame: FrameNo, buffer: &mut [u8]) -> Result<()> {
        self.wrapper.read_frame_raw(&mut self.inner, frame, buffer)
    }

    fn exclusive_mode(&mut self, op: ExclusiveMode) -> bool {
        self.wrapper.exclusive_mode(&mut self.inner, op)
    }

    fn heap_memory(&self) -> bool {
        self.wrapper.heap_memory(&self.inner)
    }

    fn supports_snapshots(&self) -> bool {
        self.wrapper.supports_snapshots(&self.inner)
    }

    fn snapshot_get(&mut self) -> Result<Snapshot> {
        self.wrapper.snapshot_get(&mut self.inner)
    }

    fn snapshot_open(&mut self, snapshot: Option<Snapshot>) {
        self.wrapper.snapshot_open(&mut self.inner, snapshot);
    }

    fn snapshot_recover(&mut self) -> Result<()> {
        self.wrapper.snapshot_recover(&mut self.inner)
    }

    fn snapshot_check(&mut self, snapshot: Snapshot) -> Result<()> {
        self.wrapper.snapshot_check(&mut self.inner, snapshot)
    }

    fn snapshot_unlock(&mut self) {
        self.wrapper.snapshot_unlock(&mut self.inner);
    }

    fn frame_size(&self) -> u32 {
        self.wrapper.frame_size(&self.inner)
    }

    fn file(&mut self) -> Option<LogFile<'_>> {
        self.wrapper.file(&mut self.inner)
    }

    fn write_lock(&mut self, lock: bool) -> Result<()> {
        self.wrapper.write_lock(&mut self.inner, lock)
    }

    fn set_db(&mut self, db: Option<Db<'_>>) {
        self.wrapper.set_db(&mut self.inner, db);
    }
}
