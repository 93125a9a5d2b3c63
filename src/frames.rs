//! The frames of a log, one by one: what it takes to ship a database to somewhere else.

use std::ffi::CStr;
use std::marker::PhantomData;

use libc::c_int;

use crate::wal::FrameNo;
use crate::{AsHandle, Error, Result, ffi};

/// Bytes of the header that comes before the page in a raw frame.
pub const FRAME_HEADER: usize = 24;

/// How many frames the log of the main database has now; 0 without a log.
///
/// This is `libsql_wal_frame_count`: the errors are those of reading, and `SQLITE_BUSY` only while another connection
/// locks everybody out.
pub fn frame_count(connection: &impl AsHandle) -> Result<u32> {
    let db = handle(connection)?;
    let mut count = 0;
    // SAFETY: the connection is open.
    check(db, unsafe { ffi::libsql_wal_frame_count(db, &mut count) })?;
    Ok(count)
}

/// Read a frame of the log of the main database, its header of [`FRAME_HEADER`] bytes first. The buffer has the length
/// of a frame: the header and a page.
///
/// This is `libsql_wal_get_frame`: `SQLITE_IOERR_SHORT_READ` when the log has no such frame, `SQLITE_MISUSE` for another
/// length, `SQLITE_ERROR` when the database is not in WAL mode.
pub fn read_frame(connection: &impl AsHandle, frame: FrameNo, buffer: &mut [u8]) -> Result<()> {
    let db = handle(connection)?;
    // SAFETY: the connection is open, and the buffer as long as it says.
    check(db, unsafe { ffi::libsql_wal_get_frame(db, frame.get(), buffer.as_mut_ptr().cast(), length(buffer)) })
}

/// No checkpoint by this connection of its own accord from now on, not even when it is closed: somebody else still
/// needs the frames. Leaving WAL mode becomes an error. This is `libsql_wal_disable_checkpoint`.
pub fn disable_checkpoint(connection: &impl AsHandle) -> Result<()> {
    let db = handle(connection)?;
    // SAFETY: the connection is open.
    check(db, unsafe { ffi::libsql_wal_disable_checkpoint(db) })
}

/// What became of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Insert {
    /// The log has it, be it now or before.
    Taken,
    /// The log has another frame of that number, and keeps it.
    Conflict,
}

/// Inserts frames into the log of the main database. While it lives, the connection is the one writer of the database,
/// and its own statements get `SQLITE_LOCKED`. Dropping it rolls back the frames that no commit follows.
#[derive(Debug)]
pub struct Inserter<'a> {
    db: *mut ffi::sqlite3,
    connection: PhantomData<&'a ()>,
}

impl<'a> Inserter<'a> {
    /// This is `libsql_wal_insert_begin`: `SQLITE_BUSY` while somebody else writes, `SQLITE_ERROR` within a transaction
    /// or without WAL mode, `SQLITE_MISUSE` when there is one already, `SQLITE_READONLY`.
    pub fn begin<C: AsHandle>(connection: &'a C) -> Result<Self> {
        let db = handle(connection)?;
        // SAFETY: the connection is open.
        check(db, unsafe { ffi::libsql_wal_insert_begin(db) })?;
        Ok(Inserter { db, connection: PhantomData })
    }

    /// Insert a frame as [`read_frame`] gave it, behind the last one of the log, or compare it with the one that the log
    /// has.
    ///
    /// This is `libsql_wal_insert_frame`: `SQLITE_ERROR` when it would leave a gap, `SQLITE_MISUSE` for another length or
    /// page size, `SQLITE_CORRUPT` for a page that no database has. An error of writing rolls back to the last commit.
    pub fn insert(&mut self, number: FrameNo, frame: &[u8]) -> Result<Insert> {
        let mut conflict: c_int = 0;
        // SAFETY: the connection is open, and the frame is only read from.
        let code = unsafe {
            let frame_ptr = frame.as_ptr().cast_mut().cast();
            ffi::libsql_wal_insert_frame(self.db, number.get(), frame_ptr, length(frame), &mut conflict)
        };
        if conflict != 0 {
            return Ok(Insert::Conflict);
        }
        check(self.db, code)?;
        Ok(Insert::Taken)
    }

    /// End it, as dropping does, and say if something went wrong with that.
    pub fn end(self) -> Result<()> {
        let db = std::mem::ManuallyDrop::new(self).db;
        // SAFETY: the connection is open.
        check(db, unsafe { ffi::libsql_wal_insert_end(db) })
    }
}

impl Drop for Inserter<'_> {
    fn drop(&mut self) {
        // SAFETY: the connection is open, since it is borrowed.
        unsafe { ffi::libsql_wal_insert_end(self.db) };
    }
}

fn handle(connection: &impl AsHandle) -> Result<*mut ffi::sqlite3> {
    let db = connection.as_handle();
    if db.is_null() { Err(Error::MISUSE.with_message("the connection is not open")) } else { Ok(db) }
}

/// A length that no frame has stands for one that C cannot express.
fn length(frame: &[u8]) -> u32 {
    u32::try_from(frame.len()).unwrap_or(u32::MAX)
}

/// The error of a call, with the message that it left in the connection.
fn check(db: *mut ffi::sqlite3, code: c_int) -> Result<()> {
    Error::check(code).map_err(|error| {
        // SAFETY: the connection is open, and its message is copied at once.
        let message = unsafe { CStr::from_ptr(ffi::sqlite3_errmsg(db)) };
        error.with_message(message.to_string_lossy().into_owned())
    })
}
