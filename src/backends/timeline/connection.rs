//! A connection of our own, and what an open one knows of its databases.

use std::ffi::{CStr, CString};
use std::path::{Path, PathBuf};
use std::ptr;
use std::sync::Arc;

use super::directory;
use super::timeline::Timeline;
use crate::backends::live::{Identity, os_path};
use crate::{AsHandle, Error, Result, ffi};

/// One database of an open connection.
pub(super) struct Database {
    pub(super) path: PathBuf,
    identity: Identity,
    schema: CString,
    /// The name that its log is registered under.
    log: String,
    vfs: CString,
}

impl Database {
    pub(super) fn of(connection: &impl AsHandle, schema: &str) -> Result<Self> {
        let db = connection.as_handle();
        let name = CString::new(schema).map_err(|_| Error::MISUSE)?;
        if db.is_null() {
            return Err(Error::MISUSE.with_message("the connection is not open"));
        }
        // SAFETY: the connection is open, and the name lasts for the call.
        let path = unsafe { ffi::sqlite3_db_filename(db, name.as_ptr()) };
        if path.is_null() {
            return Err(Error::UNSUPPORTED.with_message(format!("there is no database {schema}")));
        }
        // SAFETY: SQLite has said that it is a text, and it is copied at once.
        let path = unsafe { CStr::from_ptr(path) }.to_owned();
        if path.is_empty() {
            return Err(Error::UNSUPPORTED.with_message(format!("{schema} is not a file, so it has no timeline")));
        }
        let mut vfs: *mut ffi::sqlite3_vfs = ptr::null_mut();
        // SAFETY: this file control sets a pointer to a VFS.
        let vfs = unsafe {
            let out = (&raw mut vfs).cast();
            Error::check(ffi::sqlite3_file_control(db, name.as_ptr(), ffi::SQLITE_FCNTL_VFS_POINTER, out))?;
            match vfs.as_ref() {
                Some(vfs) => CStr::from_ptr(vfs.zName).to_owned(),
                None => return Err(Error::UNSUPPORTED),
            }
        };
        let log = crate::name_of(connection, schema).unwrap_or_default();
        Ok(Database { path: os_path(&path), identity: Identity::named(&vfs, &path), schema: name, log, vfs })
    }

    /// How another connection opens it.
    pub(super) fn uri(&self) -> String {
        uri(&self.path, &format!("wal={}&vfs={}", escaped(self.log.as_bytes()), escaped(self.vfs.to_bytes())))
    }

    /// Fail if the connection may not write.
    pub(super) fn must_be_writable(&self, connection: &impl AsHandle) -> Result<()> {
        let db = connection.as_handle();
        // SAFETY: the connection is open, and the names last for the calls. SQLite knows the parameters of a name it has given.
        let reads_only = unsafe {
            let name = ffi::sqlite3_db_filename(db, self.schema.as_ptr());
            ffi::sqlite3_db_readonly(db, self.schema.as_ptr()) == 1
                || !ffi::sqlite3_uri_parameter(name, c"at".as_ptr()).is_null()
        };
        if !reads_only {
            return Ok(());
        }
        let schema = self.schema.to_string_lossy();
        Err(Error::READONLY.with_message(format!("{schema} is open for reading only")))
    }

    /// The timeline that the connection has open. It is asked to read, so that it opens it.
    pub(super) fn timeline(&self, connection: &impl AsHandle) -> Result<Arc<Timeline>> {
        let db = connection.as_handle();
        if let Some(timeline) = directory::find(&self.identity) {
            return Ok(timeline);
        }
        let quoted = self.schema.to_string_lossy().replace('"', "\"\"");
        let sql =
            CString::new(format!("SELECT 1 FROM \"{quoted}\".sqlite_schema LIMIT 1")).map_err(|_| Error::MISUSE)?;
        // SAFETY: it is open, and nothing is called back.
        Error::check(unsafe { ffi::sqlite3_exec(db, sql.as_ptr(), None, ptr::null_mut(), ptr::null_mut()) })?;
        directory::find(&self.identity).ok_or_else(|| {
            let path = self.path.display();
            Error::UNSUPPORTED.with_message(format!("{path} is not open with wal=timeline: nothing keeps its history"))
        })
    }
}

pub(super) fn uri(path: &Path, parameters: &str) -> String {
    // Whoever shares a cache with others sees what they see, and waits for them.
    format!("file:{}?cache=private&{parameters}", escaped(path.as_os_str().as_encoded_bytes()))
}

/// A text as a part of a URI.
fn escaped(text: &[u8]) -> String {
    let one = |byte: &u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'_' | b'-' | b':' | b'\\' => {
            char::from(*byte).to_string()
        }
        byte => format!("%{byte:02x}"),
    };
    text.iter().map(one).collect()
}

/// A connection of somebody else.
pub(super) struct Handle(*mut ffi::sqlite3);

impl Handle {
    /// # Safety
    /// The connection is open for as long as the value lives.
    pub(super) unsafe fn new(db: *mut ffi::sqlite3) -> Self {
        Handle(db)
    }
}

// SAFETY: as new() was promised.
unsafe impl AsHandle for Handle {
    fn as_handle(&self) -> *mut ffi::sqlite3 {
        self.0
    }
}

/// A connection that is closed when it is dropped.
pub(super) struct Connection(*mut ffi::sqlite3);

// SAFETY: the connection is open until it is dropped.
unsafe impl AsHandle for Connection {
    fn as_handle(&self) -> *mut ffi::sqlite3 {
        self.0
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        // SAFETY: it is open, or NULL.
        unsafe { ffi::sqlite3_close_v2(self.0) };
    }
}

impl Connection {
    pub(super) fn open(uri: &str) -> Result<Self> {
        let name = CString::new(uri).map_err(|_| Error::MISUSE)?;
        let mut db = ptr::null_mut();
        let flags = ffi::SQLITE_OPEN_READWRITE | ffi::SQLITE_OPEN_URI;
        // SAFETY: a NUL-terminated name, and a place for the connection.
        let code = unsafe { ffi::sqlite3_open_v2(name.as_ptr(), &mut db, flags, ptr::null()) };
        let connection = Connection(db);
        connection.check(code)?;
        Ok(connection)
    }

    fn check(&self, code: libc::c_int) -> Result<()> {
        Error::check(code).map_err(|error| {
            // SAFETY: it is open, or NULL for want of memory, for which there is a message as well. That is copied at once.
            let message = unsafe { CStr::from_ptr(ffi::sqlite3_errmsg(self.0)) };
            error.with_message(message.to_string_lossy().into_owned())
        })
    }

    /// Look at the rows of a query: `each` gets a number and a text.
    pub(super) fn rows(&self, sql: &CStr, each: &mut dyn FnMut(i64, &str)) -> Result<()> {
        let mut statement = ptr::null_mut();
        // SAFETY: it is open; the statement is finalized below, and the texts are used before the next step.
        unsafe {
            self.check(ffi::sqlite3_prepare_v2(self.0, sql.as_ptr(), -1, &mut statement, ptr::null_mut()))?;
            while ffi::sqlite3_step(statement) == ffi::SQLITE_ROW {
                let text = ffi::sqlite3_column_text(statement, 1);
                let text = if text.is_null() { c"" } else { CStr::from_ptr(text.cast()) };
                each(ffi::sqlite3_column_int64(statement, 0), &text.to_string_lossy());
            }
            self.check(ffi::sqlite3_finalize(statement))
        }
    }
}
