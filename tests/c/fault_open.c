/*
** Opening and closing databases while allocations and file operations fail.
*/
#include "faults.h"

#define RWC (SQLITE_OPEN_READWRITE|SQLITE_OPEN_CREATE|SQLITE_OPEN_URI)

/* a.db, with the rows 1 and 2. */
static void makeRollback(World *p){
  sqlite3 *db = openDb("a.db");
  (void)p;
  CHECK_SQL(db, "CREATE TABLE t(x); INSERT INTO t VALUES(1),(2)", "");
  closeDb(db);
}
static void makeWal(World *p){
  sqlite3 *db = worldReopen(p, "a.db");
  CHECK_SQL(db, "CREATE TABLE t(x); INSERT INTO t VALUES(1),(2)", "");
  closeDb(db);
}
/* The rows are in the log, and nobody has it open. */
static void makeHotLog(World *p){
  sqlite3 *db = worldReopen(p, "a.db");
  CHECK_SQL(db, "CREATE TABLE t(x); PRAGMA wal_checkpoint(TRUNCATE); "
                "INSERT INTO t VALUES(1),(2)", "0|0|0");
  sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int*)0);
  closeDb(db);
}
static void makeOpen(World *p){
  makeWal(p);
  CHECK_INT("open", worldOpen(p, worldUri(p, "a.db")), SQLITE_OK);
  CHECK_SQL(p->db, "INSERT INTO t VALUES(4); DELETE FROM t WHERE x=4", "");
}

/* Read the rows.  SQLITE_OK means that they are right. */
static int readRows(World *p){
  sqlite3_stmt *pStmt = 0;
  int rc;
  sqlite3_extended_result_codes(p->db, 1);
  rc = sqlite3_prepare_v2(p->db, "SELECT sum(x) FROM t", -1, &pStmt, 0);
  if( rc==SQLITE_OK && sqlite3_step(pStmt)==SQLITE_ROW ){
    CHECK_INT("the rows", sqlite3_column_int(pStmt, 0), 3);
  }
  if( rc==SQLITE_OK ){
    rc = sqlite3_finalize(pStmt);
  }
  return rc;
}

static int runUri(World *p){
  int rc = worldOpen(p, worldUri(p, "a.db"));
  return rc==SQLITE_OK ? readRows(p) : rc;
}
static int runName(World *p){
  int rc = libsql_open("a.db", &p->db, RWC, 0, p->zWal);
  return rc==SQLITE_OK ? readRows(p) : rc;
}
static int runDefault(World *p){
  int rc = sqlite3_open("a.db", &p->db);
  return rc==SQLITE_OK ? readRows(p) : rc;
}
static int runHandedOver(World *p){
  int rc = libsql_open_v3("a.db", &p->db, RWC, 0, passthrough_manager(&p->own));
  return rc==SQLITE_OK ? readRows(p) : rc;
}
static int runHandedOverWithUri(World *p){
  int rc = libsql_open_v3(worldUri(p, "a.db"), &p->db, RWC, 0,
                          passthrough_manager(&p->own));
  return rc==SQLITE_OK ? readRows(p) : rc;
}
static int runCreate(World *p){
  int rc = worldOpen(p, worldUri(p, "a.db"));
  if( rc!=SQLITE_OK ) return rc;
  return sqlExec(p->db, "BEGIN; CREATE TABLE t(x); "
                        "INSERT INTO t VALUES(1),(2); COMMIT");
}
static int runClose(World *p){
  int rc = sqlite3_close(p->db);
  CHECK_INT("a close always works", rc, SQLITE_OK);
  p->db = 0;
  return rc;
}

/* An unknown name: the error that says so, or that of the fault. */
static int runUnknown(World *p){
  return unknownWal(p, worldOpen(p, "file:a.db?wal=nope"));
}

/* A second connection to a shared cache, with the WAL of the first; and with
** another, which is refused. */
static void makeShared(World *p){
  char zUri[200];
  makeWal(p);
  snprintf(zUri, sizeof(zUri), "%s&cache=shared", worldUri(p, "a.db"));
  CHECK_INT("open", worldOpen(p, zUri), SQLITE_OK);
  CHECK_SQL(p->db, "SELECT sum(x) FROM t", "3");
}
static int runShared(World *p){
  char zUri[200];
  sqlite3 *pFirst = p->db;
  int rc;
  snprintf(zUri, sizeof(zUri), "%s&cache=shared", worldUri(p, "a.db"));
  rc = worldOpen(p, zUri);
  if( rc==SQLITE_OK ) rc = readRows(p);
  CHECK_INT("close", sqlite3_close(p->db), SQLITE_OK);
  p->db = pFirst;
  return rc;
}
static int runRefused(World *p){
  sqlite3 *db = 0;
  int rc = libsql_open_v3("file:a.db?cache=shared", &db, RWC, 0,
                          passthrough_manager(&p->own));
  CHECK("it cannot work", rc!=SQLITE_OK);
  if( rc==SQLITE_ERROR ){
    CHECK("the message", strstr(sqlite3_errmsg(db), "the shared cache of")!=0);
    rc = SQLITE_OK;
  }
  CHECK_INT("close", sqlite3_close(db), SQLITE_OK);
  CHECK_INT("destroyed once", p->own.nDestroy, 1);
  return rc;
}
static void verifyShared(World *p, int rc){
  (void)rc;
  CHECK_SQL(p->db, "INSERT INTO t VALUES(0); SELECT sum(x) FROM t", "3");
}

static void closeNow(World *p){
  CHECK_INT("close", sqlite3_close(p->db), SQLITE_OK);
  p->db = 0;
}

/* The database is whole, and so are the connections to it. */
static void verifyRows(World *p, int rc){
  sqlite3 *db;
  if( rc!=SQLITE_OK && p->db && sqlite3_errcode(p->db)!=SQLITE_OK ){
    /* A handle of a failed open or a failed read can only be closed, or used */
    closeNow(p);
  }
  db = worldReopen(p, "a.db");
  CHECK_SQL(db, "SELECT sum(x) FROM t; PRAGMA integrity_check", "3 ok");
  closeDb(db);
}
static void verifyHandedOver(World *p, int rc){
  if( p->db ) closeNow(p);
  CHECK_INT("destroyed once", p->own.nDestroy, 1);
  verifyRows(p, rc);
}
static void verifyUnknown(World *p, int rc){
  (void)rc;
  closeNow(p);
  CHECK("no file", !fileExists("a.db"));
}
static void verifyCreated(World *p, int rc){
  sqlite3 *db;
  closeNow(p);
  db = worldReopen(p, "a.db");
  if( sqlInt(db, "SELECT count(*) FROM sqlite_schema")==0 ){
    CHECK("not created, because of the fault", rc!=SQLITE_OK);
    CHECK_SQL(db, "CREATE TABLE t(x); INSERT INTO t VALUES(3)", "");
  }
  CHECK_SQL(db, "SELECT sum(x) FROM t; PRAGMA integrity_check; "
                "PRAGMA journal_mode", "3 ok wal");
  closeDb(db);
}

/* As the default of the library. */
static void prepareDefault(World *p){
  libsql_wal_manager m;
  makeWal(p);
  if( strcmp(p->zWal, "passthrough")==0 ){
    m = passthrough_manager(&p->own);
    CHECK_INT("register", seawall_wal_register("own", &m, 1), SQLITE_OK);
  }
}
static void verifyDefault(World *p, int rc){
  if( p->db ) closeNow(p);
  if( strcmp(p->zWal, "passthrough")==0 ){
    CHECK_INT("unregister", seawall_wal_unregister("own"), SQLITE_OK);
    CHECK_INT("destroyed once", p->own.nDestroy, 1);
  }
  verifyRows(p, rc);
}

int main(void){
  static const Scenario aScenario[] = {
    { "open by URI", makeWal, runUri, verifyRows },
    { "open by URI, switching to WAL", makeRollback, runUri, verifyRows },
    { "open by URI, with a log", makeHotLog, runUri, verifyRows },
    { "open by URI, a new database", 0, runCreate, verifyCreated },
    { "open by URI, unknown name", 0, runUnknown, verifyUnknown },
    { "libsql_open", makeWal, runName, verifyRows },
    { "sqlite3_open with a default", prepareDefault, runDefault, verifyDefault },
    { "libsql_open_v3", makeWal, runHandedOver, verifyHandedOver },
    { "libsql_open_v3 and a URI", makeWal, runHandedOverWithUri,
      verifyHandedOver },
    { "a shared cache", makeShared, runShared, verifyShared },
    { "a shared cache, another WAL", makeShared, runRefused, verifyShared },
    { "close", makeOpen, runClose, verifyRows },
  };
  unsigned i;
  for(i=0; i<sizeof(aScenario)/sizeof(aScenario[0]); i++){
    faultLoop(&aScenario[i]);
  }
  return finish();
}
