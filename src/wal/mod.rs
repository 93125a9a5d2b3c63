//! Write-ahead logs: the traits that a backend implements, the stock log, wrappers, and the way to and from C.

mod handles;
mod requests;
mod scope;
mod stock;
mod thunks;
mod traits;
mod types;
mod wrap;

pub use handles::{Db, DbFile, DbName, FileLock, LogFile, Vfs};
pub use requests::{CheckpointRequest, CloseRequest, DirtyPage, DirtyPages, Frames, OpenRequest};
pub use stock::{Stock, StockWal};
pub use thunks::make_manager;
pub use traits::{Wal, WalManager};
pub use types::{
    BusyHandler, CheckpointMode, CheckpointObserver, CheckpointOutcome, CheckpointedPage, ExclusiveMode, FileSync,
    FrameNo, PageNo, SavepointPosition, Snapshot, SyncFlags,
};
pub use wrap::{WrapWal, Wrapped, WrappedWal};

#[cfg(test)]
mod boundary_tests;
