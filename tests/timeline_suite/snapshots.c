/*
** sqlite3_snapshot_get() and its siblings on a timeline, where a snapshot
** stands for a commit.  `cargo xtask timeline-suite` runs it in an empty folder,
** since it takes a build with SQLITE_ENABLE_SNAPSHOT.
*/
#include "check.h"
#include "seawall.h"

static sqlite3 *openT(const char *zName){
  char zUri[100];
  snprintf(zUri, sizeof(zUri), "file:%s?wal=timeline", zName);
  return openDb(zUri);
}

/* A snapshot of what a connection reads now. */
static sqlite3_snapshot *get(sqlite3 *db){
  sqlite3_snapshot *p = 0;
  CHECK_SQL(db, "BEGIN", "");
  CHECK_INT("get", sqlite3_snapshot_get(db, "main", &p), SQLITE_OK);
  CHECK_SQL(db, "COMMIT", "");
  return p;
}

/* Begin with a snapshot.  A connection must have seen the database before. */
static int openAt(sqlite3 *db, sqlite3_snapshot *p){
  int rc;
  CHECK_SQL(db, "SELECT count(*)>0 FROM sqlite_schema; BEGIN", "1");
  rc = sqlite3_snapshot_open(db, "main", p);
  if( rc!=SQLITE_OK ) CHECK_SQL(db, "COMMIT", "");
  return rc;
}

static void lives(void){
  sqlite3 *a = openT("s.db");
  sqlite3 *b = openT("s.db");
  sqlite3_snapshot *p1, *p2, *p3 = 0;
  CHECK_SQL(a, "CREATE TABLE t(x); INSERT INTO t VALUES(1)", "");
  p1 = get(a);
  CHECK_SQL(a, "INSERT INTO t VALUES(2)", "");
  p2 = get(a);
  CHECK("order", sqlite3_snapshot_cmp(p1, p2)<0 && sqlite3_snapshot_cmp(p2, p1)>0
                 && sqlite3_snapshot_cmp(p1, p1)==0);

  /* The newest one, older ones, and back, within a transaction and without. */
  CHECK_INT("newest", openAt(b, p2), SQLITE_OK);
  CHECK_SQL(b, "SELECT sum(x) FROM t", "3");
  CHECK_INT("older", sqlite3_snapshot_open(b, "main", p1), SQLITE_OK);
  CHECK_SQL(b, "SELECT sum(x) FROM t", "1");
  CHECK_INT("of what is read", sqlite3_snapshot_get(b, "main", &p3), SQLITE_OK);
  CHECK_INT("the same", sqlite3_snapshot_cmp(p1, p3), 0);
  sqlite3_snapshot_free(p3);
  CHECK_INT("newer", sqlite3_snapshot_open(b, "main", p2), SQLITE_OK);
  CHECK_SQL(b, "SELECT sum(x) FROM t; COMMIT; SELECT sum(x) FROM t", "3 3");

  /* A reader whose state is not the newest any more. */
  CHECK_SQL(b, "BEGIN; SELECT sum(x) FROM t", "3");
  CHECK_SQL(a, "INSERT INTO t VALUES(4)", "");
  CHECK_INT("get", sqlite3_snapshot_get(b, "main", &p3), SQLITE_OK);
  CHECK_INT("the second", sqlite3_snapshot_cmp(p2, p3), 0);
  CHECK_INT("opens", sqlite3_snapshot_open(b, "main", p3), SQLITE_OK);
  CHECK_SQL(b, "SELECT sum(x) FROM t; COMMIT", "3");
  sqlite3_snapshot_free(p3);

  /* It keeps no checkpoint back, and is not disturbed by one. */
  CHECK_INT("open", openAt(b, p1), SQLITE_OK);
  CHECK_SQL(b, "SELECT sum(x) FROM t", "1");
  CHECK_SQL(a, "PRAGMA wal_checkpoint(TRUNCATE)", "0|0|0");
  CHECK_SQL(a, "UPDATE t SET x=x*10; PRAGMA wal_checkpoint(TRUNCATE)", "0|0|0");
  CHECK_SQL(b, "SELECT sum(x) FROM t", "1");
  CHECK_INT("write", sqlite3_exec(b, "INSERT INTO t VALUES(5)", 0, 0, 0),
            SQLITE_BUSY);
  CHECK_SQL(b, "COMMIT; SELECT sum(x) FROM t; INSERT INTO t VALUES(1);"
               "SELECT sum(x) FROM t", "70 71");
  closeDb(b);
  closeDb(a);

  /* After all have closed the database, and with another page size. */
  a = openT("s.db");
  CHECK_INT("open", openAt(a, p2), SQLITE_OK);
  CHECK_SQL(a, "SELECT sum(x) FROM t; COMMIT", "3");
  CHECK_SQL(a, "PRAGMA journal_mode=DELETE; PRAGMA page_size=512; VACUUM;"
               "PRAGMA journal_mode=WAL; SELECT sum(x) FROM t", "delete wal 71");
  CHECK_INT("recover", sqlite3_snapshot_recover(a, "main"), SQLITE_OK);
  CHECK_INT("open", openAt(a, p1), SQLITE_OK);
  CHECK_SQL(a, "SELECT sum(x) FROM t; COMMIT; SELECT sum(x) FROM t", "1 71");

  /* Pruned. */
  CHECK_SQL(a, "PRAGMA wal_checkpoint(TRUNCATE)", "0|0|0");
  CHECK_INT(sqlite3_errmsg(a), seawall_timeline_prune(a, 0, "1 commit", 0, 0, 0),
            SQLITE_OK);
  CHECK_INT("gone", openAt(a, p1), SQLITE_ERROR_SNAPSHOT);
  p3 = get(a);
  CHECK_INT("kept", openAt(a, p3), SQLITE_OK);
  CHECK_SQL(a, "SELECT sum(x) FROM t; COMMIT", "71");
  sqlite3_snapshot_free(p1);
  sqlite3_snapshot_free(p2);
  sqlite3_snapshot_free(p3);
  closeDb(a);
}

/* A refused one leaves the transaction as it is. */
static void foreign(void){
  sqlite3 *a = openT("f.db");
  sqlite3 *b = openT("o.db");
  sqlite3_snapshot *p;
  CHECK_SQL(a, "CREATE TABLE t(x); INSERT INTO t VALUES(1)", "");
  CHECK_SQL(b, "CREATE TABLE t(x); INSERT INTO t VALUES(2); INSERT INTO t VALUES(3)",
            "");
  p = get(a);
  CHECK_SQL(b, "BEGIN; SELECT sum(x) FROM t", "5");
  CHECK_INT("of another", sqlite3_snapshot_open(b, "main", p),
            SQLITE_ERROR_SNAPSHOT);
  CHECK_INT("it is still open", sqlite3_txn_state(b, "main"), SQLITE_TXN_READ);
  CHECK_SQL(b, "SELECT sum(x) FROM t; COMMIT", "5");
  CHECK_INT("of another", openAt(b, p), SQLITE_ERROR_SNAPSHOT);
  sqlite3_snapshot_free(p);
  closeDb(a);
  closeDb(b);
}

/* What was read last does not matter to a checkpoint. */
static void anotherPageSize(void){
  sqlite3 *a = openT("z.db");
  sqlite3_snapshot *p;
  CHECK_SQL(a, "PRAGMA page_size=1024; CREATE TABLE t(x)", "");
  p = get(a);
  CHECK_SQL(a, "PRAGMA journal_mode=delete; PRAGMA page_size=4096; VACUUM; "
               "PRAGMA journal_mode=wal; INSERT INTO t VALUES(1)", "delete wal");
  CHECK_INT("another size", openAt(a, p), SQLITE_OK);
  CHECK_SQL(a, "SELECT count(*) FROM t; COMMIT", "0");
  CHECK_SQL(a, "PRAGMA wal_checkpoint(TRUNCATE); SELECT x FROM t", "0|0|0 1");
  CHECK_SQL(a, "INSERT INTO t VALUES(2)", "");
  CHECK_INT("another size", openAt(a, p), SQLITE_OK);
  CHECK_SQL(a, "SELECT count(*) FROM t; COMMIT", "0");
  sqlite3_snapshot_free(p);
  closeDb(a);
  a = openDb("file:z.db?wal=sqlite");
  CHECK_SQL(a, "SELECT sum(x) FROM t", "3");
  closeDb(a);
}

int main(void){
  lives();
  foreign();
  anotherPageSize();
  return finish();
}
