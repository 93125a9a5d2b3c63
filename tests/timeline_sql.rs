//! The history in SQL, and for C programs.

mod common;

use std::ffi::{CStr, CString, c_int, c_void};
use std::ptr;

use common::{Env, assert_sound, checkpoint, get};
use rusqlite::{Connection, ffi};
use seawall::AsHandle;
use seawall::ffi as ours;
use seawall::timeline::History;

fn with_rows(env: &Env, rows: u32) -> Connection {
    let db = env.open("t.db");
    db.execute_batch("CREATE TABLE t(k INTEGER PRIMARY KEY, v)").unwrap();
    for row in 1..=rows {
        db.execute("INSERT INTO t VALUES(?1, 'x')", [row]).unwrap();
    }
    db
}

fn numbers(db: &Connection, sql: &str) -> Vec<i64> {
    let mut statement = db.prepare(sql).unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

fn error(db: &Connection, sql: &str) -> String {
    let mut statement = db.prepare(sql).unwrap();
    let mut rows = statement.query([]).unwrap();
    loop {
        match rows.next() {
            Ok(Some(_)) => {}
            Ok(None) => panic!("no error: {sql}"),
            Err(error) => return error.to_string(),
        }
    }
}

#[test]
fn commits_are_rows() {
    let env = Env::new("timeline");
    let db = with_rows(&env, 5);
    let history = History::open(env.path("t.db")).unwrap();
    let all = numbers(&db, "SELECT number FROM timeline_commits");
    assert_eq!(all, (1..=7).collect::<Vec<_>>());
    for (commit, number) in history.commits(..).map(Result::unwrap).zip(all) {
        let row: (i64, i64, i64, String, bool, String) = db
            .query_row(
                "SELECT pages_written, database_pages, bytes, checksum, schema_changed, kind FROM timeline_commits
                 WHERE number=?1",
                [number],
                |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?)),
            )
            .unwrap();
        assert_eq!((row.0, row.1), (commit.pages_written.into(), commit.database_pages.into()));
        assert_eq!((row.2 as u64, row.3), (commit.bytes, format!("{:032x}", commit.checksum)));
        assert_eq!(
            (row.4, row.5.as_str()),
            (commit.schema_changed, if number == 1 { "adopted" } else { "transaction" })
        );
    }
    let time = get::<String>(&db, "SELECT max(time) FROM timeline_commits");
    assert_eq!(get::<i64>(&db, &format!("SELECT '{time}' LIKE '____-__-__T__:__:__.___Z'")), 1);
    assert_eq!(get::<i64>(&db, &format!("SELECT datetime('{time}') IS NOT NULL")), 1);
}

#[test]
fn commits_are_found_by_their_numbers() {
    let env = Env::new("timeline");
    let db = with_rows(&env, 5);
    for (which, expected) in [
        ("WHERE number BETWEEN 2 AND 4", vec![2, 3, 4]),
        ("WHERE number>5", vec![6, 7]),
        ("WHERE number<3 ORDER BY number DESC", vec![2, 1]),
        ("ORDER BY number DESC LIMIT 2", vec![7, 6]),
        ("WHERE number=4 AND number>2", vec![4]),
        ("WHERE number=40", vec![]),
        ("WHERE number<0", vec![]),
        ("WHERE number>-5 AND number<=1", vec![1]),
        ("WHERE number>'x'", vec![]),
        ("WHERE number>6.5", vec![7]),
        ("WHERE number<'x' AND number>6", vec![7]),
        ("WHERE number IN (7,2,9)", vec![2, 7]),
        ("WHERE number IS NULL", vec![]),
        ("WHERE schema_changed AND number>1", vec![2]),
        ("ORDER BY time DESC, number DESC LIMIT 1", vec![7]),
    ] {
        let mut found = numbers(&db, &format!("SELECT number FROM timeline_commits {which}"));
        if !which.contains("ORDER") {
            found.sort_unstable();
        }
        assert_eq!(found, expected, "{which}");
    }
    for which in [
        "timeline_commits('main')",
        "timeline_commits WHERE schema='main' OR number<0",
        "timeline_commits WHERE schema IS 'main'",
        "(SELECT 'main' AS name) AS l, timeline_commits('main') AS c WHERE c.schema=l.name",
        "(SELECT 'main' AS name) AS l, timeline_commits(l.name)",
    ] {
        assert_eq!(numbers(&db, &format!("SELECT count(*) FROM {which}")), [7], "{which}");
    }
    let many: Vec<_> = (0..21).map(|i| format!("number<>{}", 100 + i)).collect();
    let many = format!("SELECT count(*) FROM timeline_commits('main') WHERE {}", many.join(" AND "));
    assert_eq!(numbers(&db, &many), [7]);
    assert_eq!(get::<String>(&db, "SELECT DISTINCT schema FROM timeline_commits"), "main");
    assert_eq!(numbers(&db, "SELECT c.number FROM t JOIN timeline_commits AS c ON c.number=t.k"), [1, 2, 3, 4, 5]);
}

#[test]
fn other_databases_of_a_connection_have_theirs() {
    let env = Env::new("timeline");
    drop(with_rows(&env, 2));
    let db = env.open("u.db");
    db.execute_batch("CREATE TABLE u(a)").unwrap();
    db.execute("ATTACH ?1 AS late", [env.uri("t.db")]).unwrap();
    assert_eq!(numbers(&db, "SELECT max(number) FROM timeline_commits('late')"), [4]);
    assert_eq!(numbers(&db, "SELECT max(number) FROM timeline_commits"), [2]);
    assert_eq!(numbers(&db, "SELECT newest FROM timeline_info('late')"), [4]);
    // Where only the past is open, all of it is listed.
    let past = Connection::open(format!("{}&at=3", env.uri("t.db"))).unwrap();
    assert_eq!(numbers(&past, "SELECT max(number) FROM timeline_commits"), [4]);
    for sql in ["SELECT * FROM timeline_commits('x')", "SELECT * FROM timeline_info('x')"] {
        assert!(error(&db, sql).contains("there is no database x"), "{}", error(&db, sql));
    }
    let memory = Connection::open_in_memory().unwrap();
    assert!(error(&memory, "SELECT * FROM timeline_commits").contains("not a file"));
    let plain = Connection::open(env.path("plain.db")).unwrap();
    plain.execute_batch("CREATE TABLE t(a)").unwrap();
    assert!(error(&plain, "SELECT * FROM timeline_info").contains("has no timeline"));
}

#[test]
fn a_difference_names_tables_and_indexes() {
    let env = Env::new("timeline");
    let db = with_rows(&env, 2);
    db.execute_batch("CREATE TABLE big(x); INSERT INTO big VALUES(zeroblob(9000)); CREATE INDEX i ON t(v)").unwrap();
    db.execute_batch("UPDATE t SET v='changed' WHERE k=1").unwrap();
    let diff = |from: &str, to: &str| {
        let sql = format!("SELECT page || change || ifnull(owner, '-') FROM timeline_diff({from}, {to}) ORDER BY page");
        let mut statement = db.prepare(&sql).unwrap();
        statement.query_map([], |row| row.get::<_, String>(0)).unwrap().map(Result::unwrap).collect::<Vec<_>>()
    };
    assert_eq!(diff("7", "8"), ["2changedt", "6changedi"]);
    // The header of page 1 counts the pages.
    assert_eq!(diff("5", "6"), ["1changedsqlite_schema", "3changedbig", "4addedbig", "5addedbig"]);
    assert_eq!(diff("6", "5"), ["1changedsqlite_schema", "3changedbig", "4removedbig", "5removedbig"]);
    assert_eq!(diff("8", "8"), Vec::<String>::new());
    let newest = get::<String>(&db, "SELECT newest_time FROM timeline_info");
    assert_eq!(diff(&format!("'{newest}'"), "8"), Vec::<String>::new());
    assert!(error(&db, "SELECT * FROM timeline_diff(1)").contains("takes two commits"));
    assert!(error(&db, "SELECT * FROM timeline_diff(1, 99)").contains("there is no commit 99"));
    assert!(error(&db, "SELECT * FROM timeline_diff(1, 'soon')").contains("2026-11-22T10:00:00Z"));
}

#[test]
fn a_pragma_says_how_much_is_kept() {
    let env = Env::new("timeline");
    let db = with_rows(&env, 2);
    assert_eq!(get::<String>(&db, "PRAGMA timeline_keep"), "all");
    assert_eq!(get::<String>(&db, "PRAGMA timeline_keep='30d, 500 commits'"), "500 commits,30days");
    assert_eq!(get::<String>(&env.open("t.db"), "PRAGMA main.timeline_keep"), "500 commits,30days");
    let told = db.prepare("PRAGMA timeline_keep=sometimes").unwrap_err().to_string();
    assert!(told.contains("1000 commits, 30d, 10GB"), "{told}");
    assert_eq!(get::<String>(&db, "PRAGMA timeline_keep"), "500 commits,30days");
    assert_eq!(get::<String>(&db, "PRAGMA timeline_keep='all'"), "all");
    let memory = Connection::open_in_memory().unwrap();
    assert!(memory.prepare("PRAGMA timeline_keep").unwrap_err().to_string().contains("not a file"));
}

unsafe extern "C" fn count(argument: *mut c_void, done: i64, total: i64) -> c_int {
    assert!(done <= total);
    // SAFETY: it points to a number.
    unsafe { *argument.cast::<i64>() += 1 };
    0
}

unsafe extern "C" fn refuse(_argument: *mut c_void, _done: i64, _total: i64) -> c_int {
    1
}

fn message(db: &Connection) -> String {
    // SAFETY: the connection is open.
    unsafe { CStr::from_ptr(ffi::sqlite3_errmsg(db.as_handle())) }.to_string_lossy().into_owned()
}

#[test]
fn c_programs_can_do_all_of_it() {
    let env = Env::new("timeline");
    let db = with_rows(&env, 5);
    let path = |name: &str| CString::new(env.path(name).to_str().unwrap()).unwrap();
    let (mut calls, mut number) = (0i64, 0i64);
    let argument: *mut c_void = (&raw mut calls).cast();
    // SAFETY: the connection is open, and all texts and numbers last for their calls.
    unsafe {
        let handle = db.as_handle();
        assert_eq!(
            ours::seawall_timeline_restore(handle, ptr::null(), c"4".as_ptr(), &mut number),
            ffi::SQLITE_OK,
            "{}",
            message(&db)
        );
        assert_eq!((number, get::<i64>(&db, "SELECT max(k) FROM t")), (8, 2));
        let export = path("copy.db");
        let code = ours::seawall_timeline_export(
            handle,
            c"main".as_ptr(),
            c"7".as_ptr(),
            export.as_ptr(),
            Some(count),
            argument,
        );
        assert_eq!((code, calls), (ffi::SQLITE_OK, 2));
        assert_eq!(get::<i64>(&Connection::open(env.path("copy.db")).unwrap(), "SELECT max(k) FROM t"), 5);
        let branch = path("branch.db");
        let branch = |at: &CStr, progress| {
            ours::seawall_timeline_branch(handle, ptr::null(), at.as_ptr(), branch.as_ptr(), progress, ptr::null_mut())
        };
        assert_eq!(branch(c"99", None), ffi::SQLITE_CANTOPEN);
        assert!(message(&db).contains("there is no commit 99"), "{}", message(&db));
        assert_eq!(branch(c"6", None), ffi::SQLITE_OK);
        assert_eq!(branch(c"6", None), ffi::SQLITE_CANTOPEN);
        assert!(message(&db).contains("exists already"), "{}", message(&db));
        assert_eq!(get::<i64>(&env.open("branch.db"), "SELECT max(k) FROM t"), 4);
        let other = path("other.db");
        let code = ours::seawall_timeline_export(
            handle,
            ptr::null(),
            c"7".as_ptr(),
            other.as_ptr(),
            Some(refuse),
            ptr::null_mut(),
        );
        assert_eq!(code, ffi::SQLITE_INTERRUPT);
        let verify = || ours::seawall_timeline_verify(handle, ptr::null(), None, ptr::null_mut());
        assert_eq!(verify(), ffi::SQLITE_OK);
        checkpoint(&db, "TRUNCATE");
        let keep = |text: Option<&CStr>| {
            let kept = ours::seawall_timeline_keep(handle, ptr::null(), text.map_or(ptr::null(), CStr::as_ptr));
            let said = (!kept.is_null()).then(|| CStr::from_ptr(kept).to_string_lossy().into_owned());
            ffi::sqlite3_free(kept.cast());
            said
        };
        assert_eq!(keep(Some(c"10MB")).as_deref(), Some("10485760B"));
        assert_eq!(keep(Some(c"much")), None);
        assert!(message(&db).contains("10GB"), "{}", message(&db));
        assert_eq!(keep(Some(c"all")).as_deref(), Some("all"));
        let prune = |text: &CStr, oldest: *mut i64| {
            ours::seawall_timeline_prune(handle, ptr::null(), text.as_ptr(), None, ptr::null_mut(), oldest)
        };
        assert_eq!(prune(c"1 commit", &mut number), ffi::SQLITE_OK, "{}", message(&db));
        assert_eq!(number, 8);
        assert_eq!(prune(c"1 commit", ptr::null_mut()), ffi::SQLITE_OK);
        assert_eq!(
            ours::seawall_timeline_restore(handle, ptr::null(), ptr::null(), ptr::null_mut()),
            ffi::SQLITE_MISUSE
        );
        assert_eq!(
            ours::seawall_timeline_restore(handle, ptr::null(), c"4".as_ptr(), ptr::null_mut()),
            ffi::SQLITE_CANTOPEN
        );
    }
    assert_eq!(numbers(&db, "SELECT number FROM timeline_commits"), [8]);
    assert_eq!(get::<String>(&db, "SELECT kind FROM timeline_commits"), "folded");
    assert_sound(&db);
}
