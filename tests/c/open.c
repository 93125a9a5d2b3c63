/*
** libsql_open(), libsql_open_v2() and libsql_open_v3(): which WAL serves, what
** a failure says, and when a manager that was handed over is destroyed.
*/
#include "check.h"
#include "managers.h"

#define RWC (SQLITE_OPEN_READWRITE|SQLITE_OPEN_CREATE|SQLITE_OPEN_URI)

/* The very first call of a program, before sqlite3_initialize(). */
static void beforeInitialize(void){
  PassCount n = {0};
  sqlite3 *db = 0;
  CHECK_INT("libsql_open_v3 as the first call", libsql_open_v3("first.db", &db,
            RWC, 0, passthrough_manager(&n)), SQLITE_OK);
  CHECK_SQL(db, "PRAGMA journal_mode=wal; CREATE TABLE t(x)", "wal");
  CHECK_INT("the manager opened the log", n.nLive, 1);
  closeDb(db);
  CHECK_INT("and closed it", n.nLive, 0);
  CHECK_INT("it was destroyed once", n.nDestroy, 1);
  removeDb("first.db");
}

/* By name, through both functions. */
static void byName(const Managers *p){
  sqlite3 *db = 0;
  CHECK_INT("no name", libsql_open("a.db", &db, RWC, 0, 0), SQLITE_OK);
  CHECK_SQL(db, "PRAGMA journal_mode; CREATE TABLE t(x)", "delete");
  closeDb(db);
  CHECK_INT("heap", libsql_open("a.db", &db, RWC, 0, "heap"), SQLITE_OK);
  CHECK_SQL(db, "PRAGMA journal_mode; PRAGMA journal_mode=wal; SELECT * FROM t",
                "delete wal");
  CHECK_INT("heap serves it", p->heap.nOpen-p->heap.nClose, 1);
  closeDb(db);
  CHECK_INT("v2, pass-through", libsql_open_v2("a.db", &db, RWC, 0,
            "passthrough", 0), SQLITE_OK);
  CHECK_SQL(db, "SELECT * FROM t; PRAGMA journal_mode", "wal");
  CHECK_INT("pass-through serves it", p->pass.nLive, 1);
  closeDb(db);
  CHECK_INT("sqlite", libsql_open("a.db", &db, RWC, 0, "sqlite"), SQLITE_OK);
  CHECK_SQL(db, "SELECT * FROM t; PRAGMA journal_mode", "wal");
  CHECK("the stock WAL serves it", fileExists("a.db-wal"));
  closeDb(db);
  CHECK_INT("the URI goes before the argument", libsql_open("file:a.db?wal=heap",
            &db, RWC, 0, "passthrough"), SQLITE_OK);
  CHECK_SQL(db, "SELECT * FROM t", "");
  CHECK_INT("heap serves it", p->heap.nOpen-p->heap.nClose, 1);
  closeDb(db);
  removeDb("a.db");
}

/* An open that cannot work says why, and leaves a handle to be closed. */
static void failedOpen(const char *zFile, const char *zVfs, const char *zWal,
                       int rcWant, const char *zWant){
  sqlite3 *db = 0;
  int rc = libsql_open(zFile, &db, RWC, zVfs, zWal);
  CHECK_INT("code", rc, rcWant);
  CHECK("there is a handle", db!=0);
  CHECK_INT("it has the code too", sqlite3_errcode(db), rcWant);
  CHECK_TEXT("message", sqlite3_errmsg(db), zWant);
  CHECK_INT("it can be closed", sqlite3_close(db), SQLITE_OK);
}
static void refusals(void){
  sqlite3 *db = (sqlite3*)1;
  failedOpen("a.db", 0, "nope", SQLITE_ERROR, "wal \"nope\" is not registered"
             " (registered: heap, passthrough, sqlite)");
  failedOpen("file:a.db?wal=no%70e", 0, "heap", SQLITE_ERROR,
             "wal \"nope\" is not registered"
             " (registered: heap, passthrough, sqlite)");
  failedOpen("a.db", 0, "", SQLITE_ERROR, "wal \"\" is not registered"
             " (registered: heap, passthrough, sqlite)");
  failedOpen("file:a.db?wal=", 0, 0, SQLITE_ERROR, "wal \"\" is not registered"
             " (registered: heap, passthrough, sqlite)");
  failedOpen("a.db", 0, "Heap", SQLITE_ERROR, "wal \"Heap\" is not registered"
             " (registered: heap, passthrough, sqlite)");
  failedOpen("a.db", "no-vfs", "heap", SQLITE_ERROR, "no such vfs: no-vfs");
  failedOpen("no/such/dir.db", 0, "heap", SQLITE_CANTOPEN,
             "unable to open database file");
  failedOpen("file:a.db?mode=x", 0, "heap", SQLITE_ERROR,
             "no such access mode: x");
  CHECK("an unknown name creates no file", !fileExists("a.db"));
  CHECK_INT("NULL", libsql_open("a.db", 0, RWC, 0, "heap"), SQLITE_MISUSE);
  CHECK_INT("NULL", libsql_open_v2("a.db", 0, RWC, 0, 0, 0), SQLITE_MISUSE);
  CHECK_INT("flags without a meaning", libsql_open("a.db", &db, 0, 0, "heap"),
            SQLITE_MISUSE);
  CHECK_INT("closes", sqlite3_close(db), SQLITE_OK);
}

/* Databases that never have a log. */
static void noLog(void){
  static const char *const azFile[] = {
    ":memory:", "", "file::memory:?wal=heap", "file:?wal=heap",
    "file:m?mode=memory&wal=heap", "file:/m?vfs=memdb&wal=heap"
  };
  static const char *const azMode[] = {
    "memory", "delete", "memory", "delete", "memory", "memory"
  };
  unsigned i;
  for(i=0; i<sizeof(azFile)/sizeof(azFile[0]); i++){
    sqlite3 *db = 0;
    char *z;
    context("file name \"%s\"", azFile[i]);
    CHECK_INT("open", libsql_open(azFile[i], &db, RWC, 0, "heap"), SQLITE_OK);
    CHECK_SQL(db, "CREATE TABLE t(x); INSERT INTO t VALUES(1); "
                  "SELECT x FROM t", "1");
    z = sqlText(db, "PRAGMA journal_mode");
    CHECK_TEXT("journal mode", z, azMode[i]);
    sqlite3_free(z);
    closeDb(db);
  }
  context("");
}

/* A manager that is handed over is destroyed once, whatever happens. */
static void ownership(void){
  PassCount n = {0};
  libsql_wal_manager m = passthrough_manager(&n);
  libsql_wal_manager bad;
  sqlite3 *db = (sqlite3*)1;
  sqlite3 *db2 = 0;
  sqlite3_stmt *pStmt = 0;

  CHECK_INT("no place for the handle", libsql_open_v3("b.db", 0, RWC, 0, m),
            SQLITE_MISUSE);
  CHECK_INT("destroyed", n.nDestroy, 1);
  bad = m;
  bad.xOpen = 0;
  CHECK_INT("no xOpen", libsql_open_v3("b.db", &db, RWC, 0, bad),
            SQLITE_MISUSE);
  CHECK("no handle", db==0);
  CHECK_INT("destroyed", n.nDestroy, 2);
  CHECK_INT("flags without a meaning", libsql_open_v3("b.db", &db, 0, 0, m),
            SQLITE_MISUSE);
  CHECK_INT("closes", sqlite3_close(db), SQLITE_OK);
  CHECK_INT("destroyed", n.nDestroy, 3);
  CHECK_INT("no such directory", libsql_open_v3("no/b.db", &db, RWC, 0, m),
            SQLITE_CANTOPEN);
  CHECK_INT("the handle still has it", n.nDestroy, 3);
  sqlite3_close(db);
  CHECK_INT("destroyed", n.nDestroy, 4);
  CHECK_INT("no such VFS", libsql_open_v3("b.db", &db, RWC, "no-vfs", m),
            SQLITE_ERROR);
  sqlite3_close(db);
  CHECK_INT("destroyed", n.nDestroy, 5);
  CHECK_INT("unknown name in the URI", libsql_open_v3("file:b.db?wal=nope", &db,
            RWC, 0, m), SQLITE_ERROR);
  sqlite3_close(db);
  CHECK_INT("destroyed", n.nDestroy, 6);

  CHECK_INT("open", libsql_open_v3("b.db", &db, RWC, 0, m), SQLITE_OK);
  CHECK_SQL(db, "PRAGMA journal_mode=wal; CREATE TABLE t(x); "
     "ATTACH 'b2.db' AS two; PRAGMA two.journal_mode=wal; "
     "CREATE TABLE two.t(x)", "wal wal");
  CHECK_INT("it serves the attached database, too", n.nLive, 2);
  CHECK_SQL(db, "DETACH two", "");
  CHECK_INT("which was closed", n.nLive, 1);
  sqlite3_prepare_v2(db, "SELECT * FROM t", -1, &pStmt, 0);
  CHECK_INT("a zombie", sqlite3_close_v2(db), SQLITE_OK);
  CHECK_INT("lives on", n.nDestroy, 6);
  CHECK_INT("and can be used", sqlite3_step(pStmt), SQLITE_DONE);
  sqlite3_finalize(pStmt);
  CHECK_INT("destroyed with its last statement", n.nDestroy, 7);

  m.xDestroy = 0;
  CHECK_INT("open", libsql_open_v3("b.db", &db, RWC, 0, m), SQLITE_OK);
  CHECK_INT("again", libsql_open_v3("b.db", &db2, RWC, 0, m), SQLITE_OK);
  CHECK_SQL(db, "INSERT INTO t VALUES(5)", "");
  CHECK_SQL(db2, "SELECT x FROM t", "5");
  closeDb(db);
  closeDb(db2);
  CHECK_INT("no xDestroy is fine", n.nDestroy, 7);
  CHECK_INT("all logs are closed", n.nLive, 0);

  CHECK_INT("the stock manager by value", libsql_open_v3("b.db", &db, RWC, 0,
            sqlite3_wal_manager), SQLITE_OK);
  CHECK_SQL(db, "SELECT x FROM t", "5");
  closeDb(db);
  removeDb("b.db");
  removeDb("b2.db");
}

/* Counted managers by themselves. */
static void counted(void){
  PassCount n = {0};
  RefCountedWalManager *p = 0;
  RefCountedWalManager *pStock = make_sqlite3_wal_manager_rc();
  CHECK_INT("make", make_ref_counted_wal_manager(passthrough_manager(&n), &p),
            SQLITE_OK);
  CHECK_INT("one user", p->n, 1);
  CHECK("clone gives the same", clone_wal_manager(p)==p);
  CHECK_INT("two users", p->n, 2);
  destroy_wal_manager(p);
  CHECK_INT("one is left", n.nDestroy, 0);
  destroy_wal_manager(p);
  CHECK_INT("none is left", n.nDestroy, 1);
  CHECK_INT("nowhere to put it", make_ref_counted_wal_manager(
            passthrough_manager(&n), 0), SQLITE_MISUSE);
  CHECK_INT("destroyed", n.nDestroy, 2);
  destroy_wal_manager(0);
  CHECK("clone of NULL", clone_wal_manager(0)==0);
  CHECK("the stock one is static", pStock->is_static!=0);
  CHECK("and one object", clone_wal_manager(pStock)==pStock
        && make_sqlite3_wal_manager_rc()==pStock);
  destroy_wal_manager(pStock);
  destroy_wal_manager(pStock);
  CHECK("that is never destroyed", pStock->ref.xOpen==sqlite3_wal_manager.xOpen);
  CHECK_TEXT("libsql_libversion", libsql_libversion(), LIBSQL_VERSION);
}

int main(void){
  Managers m;
  beforeInitialize();
  CHECK_INT("register", registerManagers(&m), SQLITE_OK);
  byName(&m);
  refusals();
  noLog();
  ownership();
  counted();
  return finishManagers(&m);
}
