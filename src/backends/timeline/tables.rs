//! The tables `timeline_commits`, `timeline_diff` and `timeline_info`.

use std::ffi::{CStr, CString};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::SystemTime;
use std::{ptr, slice};

use libc::{c_char, c_int, c_void};

use super::connection::{Database, Handle};
use super::history::{Commit, History, PageChange};
use super::reader::again_if_pruned;
use crate::{Error, Result, ffi, log};

enum Value {
    Null,
    Integer(i64),
    Text(String),
}

impl From<u64> for Value {
    fn from(number: u64) -> Self {
        Value::Integer(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Value::Integer(number.into())
    }
}

impl From<SystemTime> for Value {
    fn from(time: SystemTime) -> Self {
        Value::Text(humantime::format_rfc3339_millis(time).to_string())
    }
}

/// A checksum or an identity.
impl From<u128> for Value {
    fn from(number: u128) -> Self {
        Value::Text(format!("{number:032x}"))
    }
}

type Row = Vec<Value>;
type Rows = Box<dyn Iterator<Item = Result<Row>>>;

/// One of the tables.
struct Table {
    name: &'static CStr,
    declaration: &'static CStr,
    /// The first hidden column: they are the arguments, the last of which is the schema.
    arguments: c_int,
    count: c_int,
    rows: fn(Query<'_>) -> Result<Rows>,
}

/// What is asked for.
struct Query<'a> {
    history: History,
    /// Without that of the schema.
    arguments: Vec<Option<&'a str>>,
    /// Commits from here to there, the newest first or not. Only for the table of commits.
    first: u64,
    last: u64,
    descending: bool,
}

static TABLES: [Table; 3] = [
    Table {
        name: c"timeline_commits",
        declaration: c"CREATE TABLE x(number INTEGER, time TEXT, pages_written INTEGER, database_pages INTEGER, \
            bytes INTEGER, checksum TEXT, schema_changed INTEGER, kind TEXT, schema HIDDEN)",
        arguments: 8,
        count: 1,
        rows: commits,
    },
    Table {
        name: c"timeline_diff",
        declaration:
            c"CREATE TABLE x(page INTEGER, change TEXT, owner TEXT, \"from\" HIDDEN, \"to\" HIDDEN, schema HIDDEN)",
        arguments: 3,
        count: 3,
        rows: diff,
    },
    Table {
        name: c"timeline_info",
        declaration: c"CREATE TABLE x(database TEXT, lineage TEXT, ancestors TEXT, oldest INTEGER, oldest_time TEXT, \
            newest INTEGER, newest_time TEXT, page_size INTEGER, segments INTEGER, bytes INTEGER, index_bytes INTEGER, \
            schema HIDDEN)",
        arguments: 11,
        count: 1,
        rows: info,
    },
];

fn commits(query: Query<'_>) -> Result<Rows> {
    let mut history = query.history;
    let (mut first, mut behind) = history.clip(query.first, query.last.saturating_add(1));
    let descending = query.descending;
    Ok(Box::new(std::iter::from_fn(move || {
        loop {
            if first >= behind {
                return None;
            }
            let number = if descending { behind - 1 } else { first };
            let commit = history.commit(number);
            if commit.as_ref().is_err_and(|error| error.code() == ffi::SQLITE_CANTOPEN)
                && let Ok(now) = history.anew()
                && now.oldest() > history.oldest()
            {
                // What has been pruned meanwhile is not listed.
                first = first.max(now.oldest());
                history = now;
                continue;
            }
            if descending {
                behind -= 1
            } else {
                first += 1
            }
            return Some(commit.map(commit_row));
        }
    })))
}

fn commit_row(commit: Commit) -> Row {
    let kind = match commit {
        Commit { folded: true, .. } => "folded",
        Commit { adopted: true, .. } => "adopted",
        Commit { restored: true, .. } => "restored",
        _ => "transaction",
    };
    vec![
        commit.number.into(),
        commit.time.into(),
        commit.pages_written.into(),
        commit.database_pages.into(),
        commit.bytes.into(),
        commit.checksum.into(),
        u32::from(commit.schema_changed).into(),
        Value::Text(kind.to_owned()),
    ]
}

fn diff(query: Query<'_>) -> Result<Rows> {
    let [Some(from), Some(to)] = query.arguments[..] else {
        return Err(Error::UNSUPPORTED.with_message("timeline_diff() takes two commits: timeline_diff(12, 34)"));
    };
    let history = &query.history;
    let (from, to) = (history.at(from)?.number, history.at(to)?.number);
    let changes = history.diff(from, to)?;
    let (then, now) =
        if changes.is_empty() { Default::default() } else { (history.owners(from)?, history.owners(to)?) };
    Ok(Box::new(changes.into_iter().map(move |(page, change)| {
        let (what, owners) = match change {
            PageChange::Changed => ("changed", &now),
            PageChange::Added => ("added", &now),
            PageChange::Removed => ("removed", &then),
        };
        let owner = owners.get(&page).map_or(Value::Null, |owner| Value::Text(owner.clone()));
        Ok(vec![page.get().into(), Value::Text(what.to_owned()), owner])
    })))
}

fn info(query: Query<'_>) -> Result<Rows> {
    let info = query.history.info()?;
    let ancestors = info.ancestors.iter().map(|(lineage, last)| format!("{lineage:032x}@{last}"));
    let row = vec![
        info.database.into(),
        info.lineage.into(),
        Value::Text(ancestors.collect::<Vec<_>>().join(" ")),
        info.oldest.number.into(),
        info.oldest.time.into(),
        info.newest.number.into(),
        info.newest.time.into(),
        info.page_size.into(),
        (info.segments as u64).into(),
        info.bytes.into(),
        info.index_bytes.into(),
    ];
    Ok(Box::new(std::iter::once(Ok(row))))
}

// What follows is between SQLite and the functions above.

/// Bits of idxNum: what the values for xFilter are, in this order.
const FROM: c_int = 1;
const BEHIND: c_int = 2;
const TO: c_int = 4;
const BEFORE: c_int = 8;
const EXACTLY: c_int = 16;
/// The order, which has no value.
const DESCENDING: c_int = 32;
/// The first argument, the second one, …
const ARGUMENT: c_int = 64;

#[repr(C)]
struct OpenTable {
    base: ffi::sqlite3_vtab,
    db: *mut ffi::sqlite3,
    table: &'static Table,
}

#[repr(C)]
struct Cursor {
    base: ffi::sqlite3_vtab_cursor,
    rows: Option<Rows>,
    row: Option<Row>,
    rowid: i64,
    /// What the hidden columns are, from the first one on.
    arguments: Vec<Value>,
}

static MODULE: ffi::sqlite3_module = ffi::sqlite3_module {
    iVersion: 0,
    xCreate: None,
    xConnect: Some(connect),
    xBestIndex: Some(best_index),
    xDisconnect: Some(disconnect),
    xDestroy: None,
    xOpen: Some(open),
    xClose: Some(close),
    xFilter: Some(filter),
    xNext: Some(next),
    xEof: Some(eof),
    xColumn: Some(column),
    xRowid: Some(rowid),
    xUpdate: None,
    xBegin: None,
    xSync: None,
    xCommit: None,
    xRollback: None,
    xFindFunction: None,
    xRename: None,
    xSavepoint: None,
    xRelease: None,
    xRollbackTo: None,
    xShadowName: None,
    xIntegrity: None,
};

/// Make the tables known to a connection. SQLite calls this for each one that it opens.
///
/// # Safety
/// The connection is open.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seawall_timeline_tables(db: *mut ffi::sqlite3) -> c_int {
    for table in &TABLES {
        let data = ptr::from_ref(table).cast_mut().cast();
        // SAFETY: the connection is open, and the rest lasts for ever.
        let code = unsafe { ffi::sqlite3_create_module_v2(db, table.name.as_ptr(), &MODULE, data, None) };
        if code != ffi::SQLITE_OK {
            return code;
        }
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn connect(
    db: *mut ffi::sqlite3,
    data: *mut c_void,
    _count: c_int,
    _arguments: *const *const c_char,
    out: *mut *mut ffi::sqlite3_vtab,
    _error: *mut *mut c_char,
) -> c_int {
    // SAFETY: the data is what seawall_timeline_tables() has given, and SQLite takes the table over.
    unsafe {
        let table: &'static Table = &*data.cast::<Table>();
        let code = ffi::sqlite3_declare_vtab(db, table.declaration.as_ptr());
        if code == ffi::SQLITE_OK {
            let open = OpenTable { base: std::mem::zeroed(), db, table };
            *out = Box::into_raw(Box::new(open)).cast();
        }
        code
    }
}

unsafe extern "C" fn disconnect(vtab: *mut ffi::sqlite3_vtab) -> c_int {
    // SAFETY: connect() has made it, and SQLite gives it back once.
    drop(unsafe { Box::from_raw(vtab.cast::<OpenTable>()) });
    ffi::SQLITE_OK
}

unsafe extern "C" fn best_index(vtab: *mut ffi::sqlite3_vtab, info: *mut ffi::sqlite3_index_info) -> c_int {
    // SAFETY: SQLite has made both, with as many constraints, usages and terms of the order as they say.
    unsafe {
        let table = (*vtab.cast::<OpenTable>()).table;
        let info = &mut *info;
        let constraints = parts(info.aConstraint, info.nConstraint);
        let mut found: Vec<(c_int, usize)> = Vec::new();
        for (i, constraint) in constraints.iter().enumerate() {
            let argument = constraint.iColumn - table.arguments;
            let bit = if (0..table.count).contains(&argument) {
                let equal = c_int::from(constraint.op) == ffi::SQLITE_INDEX_CONSTRAINT_EQ;
                if equal && constraint.usable == 0 {
                    return ffi::SQLITE_CONSTRAINT;
                }
                if equal { ARGUMENT << argument } else { 0 }
            } else if constraint.iColumn == 0 && table.count == 1 && table.arguments == 8 && constraint.usable != 0 {
                match c_int::from(constraint.op) {
                    ffi::SQLITE_INDEX_CONSTRAINT_GE => FROM,
                    ffi::SQLITE_INDEX_CONSTRAINT_GT => BEHIND,
                    ffi::SQLITE_INDEX_CONSTRAINT_LE => TO,
                    ffi::SQLITE_INDEX_CONSTRAINT_LT => BEFORE,
                    ffi::SQLITE_INDEX_CONSTRAINT_EQ => EXACTLY,
                    _ => 0,
                }
            } else {
                0
            };
            if bit != 0 && found.iter().all(|(other, _)| *other != bit) {
                found.push((bit, i));
            }
        }
        found.sort_unstable();
        for (at, (bit, i)) in found.iter().enumerate() {
            let usage = &mut *info.aConstraintUsage.add(*i);
            usage.argvIndex = at as c_int + 1;
            usage.omit = u8::from(*bit >= ARGUMENT);
            info.idxNum |= bit;
        }
        if let [order] = parts(info.aOrderBy, info.nOrderBy)
            && order.iColumn == 0
            && table.arguments == 8
        {
            info.orderByConsumed = 1;
            info.idxNum |= if order.desc != 0 { DESCENDING } else { 0 };
        }
        let narrow = info.idxNum & (FROM | BEHIND | TO | BEFORE | EXACTLY) != 0;
        info.estimatedCost = if narrow { 100.0 } else { 1e6 };
        info.estimatedRows = if narrow { 100 } else { 1_000_000 };
    }
    ffi::SQLITE_OK
}

/// An array of C, which may be NULL if it is empty.
///
/// # Safety
/// It has so many elements, for as long as the result is used.
unsafe fn parts<'a, T>(array: *const T, count: c_int) -> &'a [T] {
    let count = usize::try_from(count).unwrap_or(0);
    // SAFETY: as the caller promises.
    if count == 0 { &[] } else { unsafe { slice::from_raw_parts(array, count) } }
}

unsafe extern "C" fn open(_vtab: *mut ffi::sqlite3_vtab, out: *mut *mut ffi::sqlite3_vtab_cursor) -> c_int {
    // SAFETY: SQLite takes the cursor over, and sets its pointer to the table.
    unsafe {
        let cursor = Cursor { base: std::mem::zeroed(), rows: None, row: None, rowid: 0, arguments: Vec::new() };
        *out = Box::into_raw(Box::new(cursor)).cast();
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn close(cursor: *mut ffi::sqlite3_vtab_cursor) -> c_int {
    // SAFETY: open() has made it, and SQLite gives it back once.
    drop(unsafe { Box::from_raw(cursor.cast::<Cursor>()) });
    ffi::SQLITE_OK
}

/// Do something, and leave the error with the table.
///
/// # Safety
/// The cursor is open.
unsafe fn guarded(cursor: *mut ffi::sqlite3_vtab_cursor, work: impl FnOnce(&mut Cursor) -> Result<()>) -> c_int {
    // SAFETY: it is open, and nobody else has it meanwhile.
    let ours = unsafe { &mut *cursor.cast::<Cursor>() };
    let error = match catch_unwind(AssertUnwindSafe(|| work(ours))) {
        Ok(Ok(())) => return ffi::SQLITE_OK,
        Ok(Err(error)) => error,
        Err(payload) => {
            log::panicked(ffi::SQLITE_INTERNAL, "a table of the timeline", payload);
            Error::new(ffi::SQLITE_INTERNAL)
        }
    };
    ours.row = None;
    if let Some(text) = error.message().and_then(|message| CString::new(message).ok()) {
        // SAFETY: the table outlives its cursors; the message is memory of SQLite's, which frees it.
        unsafe {
            let vtab = &mut *(*cursor).pVtab;
            ffi::sqlite3_free(vtab.zErrMsg.cast());
            vtab.zErrMsg = super::c_api::copy(&text);
        }
    }
    error.extended_code()
}

unsafe extern "C" fn filter(
    cursor: *mut ffi::sqlite3_vtab_cursor,
    index: c_int,
    _text: *const c_char,
    count: c_int,
    values: *mut *mut ffi::sqlite3_value,
) -> c_int {
    // SAFETY: SQLite has opened the cursor, and gives as many values as best_index() has asked for.
    unsafe {
        guarded(cursor, |cursor| {
            let open = &*cursor.base.pVtab.cast::<OpenTable>();
            let mut values = parts(values.cast_const(), count).iter().copied();
            let (mut first, mut last) = (0, u64::MAX);
            for bit in [FROM, BEHIND, TO, BEFORE, EXACTLY] {
                if index & bit == 0 {
                    continue;
                }
                let Some(value) = values.next() else { break };
                // What is not a number is left to SQLite, which looks at all rows again.
                if ffi::sqlite3_value_type(value) != ffi::SQLITE_INTEGER {
                    continue;
                }
                let number = ffi::sqlite3_value_int64(value);
                let at = u64::try_from(number).unwrap_or(0);
                match bit {
                    FROM => first = first.max(at),
                    BEHIND => first = first.max(if number < 0 { 0 } else { at.saturating_add(1) }),
                    TO => last = last.min(at),
                    BEFORE => last = last.min(at.saturating_sub(1)),
                    _ => (first, last) = (at, at),
                }
            }
            let mut arguments = Vec::new();
            for i in 0..open.table.count {
                let value = if index & ARGUMENT << i == 0 { None } else { values.next() };
                arguments.push(value.and_then(|value| as_text(value)));
            }
            let schema = arguments.pop().flatten().unwrap_or("main");
            let given = arguments.iter().copied().chain([Some(schema)]);
            cursor.arguments =
                given.map(|text| text.map_or(Value::Null, |text| Value::Text(text.to_owned()))).collect();
            let path = Database::of(&Handle::new(open.db), schema)?.path;
            let descending = index & DESCENDING != 0;
            let rows = again_if_pruned(|| {
                let (history, arguments) = (History::open(&path)?, arguments.clone());
                (open.table.rows)(Query { history, arguments, first, last, descending })
            })?;
            cursor.rows = Some(rows);
            cursor.rowid = 0;
            advance(cursor)
        })
    }
}

/// # Safety
/// The value lasts for the call of xFilter.
unsafe fn as_text<'a>(value: *mut ffi::sqlite3_value) -> Option<&'a str> {
    // SAFETY: as the caller promises.
    unsafe {
        let text = ffi::sqlite3_value_text(value);
        if text.is_null() { None } else { CStr::from_ptr(text.cast()).to_str().ok() }
    }
}

fn advance(cursor: &mut Cursor) -> Result<()> {
    cursor.rowid += 1;
    cursor.row = cursor.rows.as_mut().and_then(Iterator::next).transpose()?;
    Ok(())
}

unsafe extern "C" fn next(cursor: *mut ffi::sqlite3_vtab_cursor) -> c_int {
    // SAFETY: SQLite has opened it.
    unsafe { guarded(cursor, advance) }
}

unsafe extern "C" fn eof(cursor: *mut ffi::sqlite3_vtab_cursor) -> c_int {
    // SAFETY: SQLite has opened it.
    c_int::from(unsafe { &*cursor.cast::<Cursor>() }.row.is_none())
}

unsafe extern "C" fn column(
    cursor: *mut ffi::sqlite3_vtab_cursor,
    context: *mut ffi::sqlite3_context,
    column: c_int,
) -> c_int {
    // SAFETY: SQLite has opened the cursor, and copies the text.
    unsafe {
        let cursor = &*cursor.cast::<Cursor>();
        let at = usize::try_from(column).unwrap_or(usize::MAX);
        let value = cursor.row.as_ref().and_then(|row| row.get(at).or_else(|| cursor.arguments.get(at - row.len())));
        match value {
            None | Some(Value::Null) => {}
            Some(Value::Integer(number)) => ffi::sqlite3_result_int64(context, *number),
            Some(Value::Text(text)) => ffi::sqlite3_result_text64(
                context,
                text.as_ptr().cast(),
                text.len() as u64,
                ffi::SQLITE_TRANSIENT(),
                ffi::SQLITE_UTF8 as u8,
            ),
        }
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn rowid(cursor: *mut ffi::sqlite3_vtab_cursor, out: *mut i64) -> c_int {
    // SAFETY: SQLite has opened the cursor, and waits for the number.
    unsafe { *out = (*cursor.cast::<Cursor>()).rowid };
    ffi::SQLITE_OK
}
