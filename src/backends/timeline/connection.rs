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

    /// How a connection opens another file, which lies where this one does, with the stock log, and as one that nobody changes.
    pub(super) fn uri_of_unchanging(&self, path: &Path) -> String {
        uri(path, &format!("wal=sqlite&immutable=1&vfs={}", escaped(self.vfs.to_bytes())))
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
        let schema = self.schema.to_string_lossy();
        if reads_only {
            return Err(Error::READONLY.with_message(format!("{schema} is open for reading only")));
        }
        if self.pragma(connection, "query_only")? == "1" {
            return Err(Error::READONLY.with_message("the connection may only read: PRAGMA query_only is set"));
        }
        Ok(())
    }

    /// The timeline that the connection has open. It is asked to read, so that it opens it.
    pub(super) fn timeline(&self, connection: &impl AsHandle) -> Result<Arc<Timeline>> {
        if let Some(timeline) = directory::find(&self.identity) {
            return Ok(timeline);
        }
        self.read(connection)?;
        directory::find(&self.identity).ok_or_else(|| {
            let path = self.path.display();
            Error::UNSUPPORTED.with_message(format!(
                "{path} is not open here with its timeline: open it with wal=timeline, without at=, and in WAL mode"
            ))
        })
    }

    fn quoted(&self) -> String {
        format!("\"{}\"", self.schema.to_string_lossy().replace('"', "\"\""))
    }

    /// Read from it, so that the connection opens its log, or gives back locks that it does not want any more.
    pub(super) fn read(&self, connection: &impl AsHandle) -> Result<()> {
        ask(connection, &format!("SELECT 1 FROM {}.sqlite_schema LIMIT 1", self.quoted())).map(drop)
    }

    /// Run a pragma. Returns its answer.
    pub(super) fn pragma(&self, connection: &impl AsHandle, pragma: &str) -> Result<String> {
        ask(connection, &format!("PRAGMA {}.{pragma}", self.quoted()))
    }

    /// Put the main database of another connection in its place, in one transaction. The page size changes only outside WAL mode.
    pub(super) fn replace(&self, connection: &impl AsHandle, source: &Connection) -> Result<()> {
        let db = connection.as_handle();
        // SAFETY: both are open, and the names last for the call; the backup is used until it is finished.
        unsafe {
            let backup = ffi::sqlite3_backup_init(db, self.schema.as_ptr(), source.0, c"main".as_ptr());
            if !backup.is_null() {
                ffi::sqlite3_backup_step(backup, -1);
                ffi::sqlite3_backup_finish(backup);
            }
        }
        // All of them leave their error there.
        // SAFETY: it is open.
        check(db, unsafe { ffi::sqlite3_extended_errcode(db) })
    }
}

/// The error that a call of a connection has ended with, in the words of SQLite.
fn check(db: *mut ffi::sqlite3, code: libc::c_int) -> Result<()> {
    Error::check(code).map_err(|error| {
        // SAFETY: it is open, or NULL for want of memory, for which there is a message as well. That is copied at once.
        let message = unsafe { CStr::from_ptr(ffi::sqlite3_errmsg(db)) };
        error.with_message(message.to_string_lossy().into_owned())
    })
}

/// Run a statement. Returns the first value that it answers with, as a text.
fn ask(connection: &impl AsHandle, sql: &str) -> Result<String> {
    let sql = CString::new(sql).map_err(|_| Error::MISUSE)?;
    let mut answer = None;
    each_row(connection, &sql, &mut |row| {
        answer.get_or_insert_with(|| row.text(0));
    })?;
    Ok(answer.unwrap_or_default())
}

/// A row of a statement, as long as that is not stepped.
struct Row(*mut ffi::sqlite3_stmt);

impl Row {
    fn number(&self, column: libc::c_int) -> i64 {
        // SAFETY: the statement stands on a row.
        unsafe { ffi::sqlite3_column_int64(self.0, column) }
    }

    fn text(&self, column: libc::c_int) -> String {
        // SAFETY: the statement stands on a row, and the text is copied before anything else is done with it.
        unsafe {
            let text = ffi::sqlite3_column_text(self.0, column);
            let text = if text.is_null() { c"" } else { CStr::from_ptr(text.cast()) };
            text.to_string_lossy().into_owned()
        }
    }
}

fn each_row(connection: &impl AsHandle, sql: &CStr, each: &mut dyn FnMut(&Row)) -> Result<()> {
    let db = connection.as_handle();
    let mut statement = ptr::null_mut();
    // SAFETY: it is open, and the statement is finalized below.
    unsafe {
        check(db, ffi::sqlite3_prepare_v2(db, sql.as_ptr(), -1, &mut statement, ptr::null_mut()))?;
        while ffi::sqlite3_step(statement) == ffi::SQLITE_ROW {
            each(&Row(statement));
        }
        check(db, ffi::sqlite3_finalize(statement))
    }
}

pub(super) fn uri(path: &Path, parameters: &str) -> String {
    // Whoever shares a cache with others sees what they see, and waits for them.
    // An absolute path may begin with two slashes, which would be taken for a host.
    let host = if path.is_absolute() { "//" } else { "" };
    format!("file:{host}{}?cache=private&{parameters}", escaped(path.as_os_str().as_encoded_bytes()))
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
        check(db, code)?;
        Ok(connection)
    }

    /// Look at the rows of a query: `each` gets a number and a text.
    pub(super) fn rows(&self, sql: &CStr, each: &mut dyn FnMut(i64, &str)) -> Result<()> {
        each_row(self, sql, &mut |row| each(row.number(0), &row.text(1)))
    }
}
