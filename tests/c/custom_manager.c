/*
** What a program sees of a WAL of its own: the heap WAL, the pass-through
** and the stock one must look the same from SQL.
*/
#include "check.h"
#include "managers.h"

static char zUri[100];
static const char *uri(const char *zDb, const char *zWal){
  snprintf(zUri, sizeof(zUri), "file:%s?wal=%s", zDb, zWal);
  return zUri;
}

/* Readers see the state they began with; a second writer is told to wait. */
static void isolation(const char *zWal){
  sqlite3 *a = openDb(uri("iso.db", zWal));
  sqlite3 *b = openDb(uri("iso.db", zWal));
  CHECK_SQL(a, "CREATE TABLE t(x); INSERT INTO t VALUES(1); "
               "PRAGMA journal_mode", "wal");
  CHECK_SQL(b, "BEGIN; SELECT count(*) FROM t", "1");
  CHECK_SQL(a, "INSERT INTO t VALUES(2); SELECT count(*) FROM t", "2");
  CHECK_SQL(b, "SELECT count(*) FROM t", "1");
  CHECK_SQL(b, "INSERT INTO t VALUES(9)", "5 database is locked");
  CHECK_INT("a stale snapshot cannot write", sqlite3_extended_errcode(b),
            SQLITE_BUSY_SNAPSHOT);
  CHECK_SQL(b, "COMMIT; SELECT count(*) FROM t", "2");
  CHECK_SQL(a, "BEGIN IMMEDIATE", "");
  CHECK_SQL(b, "INSERT INTO t VALUES(9)", "5 database is locked");
  CHECK_SQL(a, "INSERT INTO t VALUES(3); ROLLBACK; SELECT count(*) FROM t", "2");
  CHECK_SQL(b, "INSERT INTO t VALUES(3); PRAGMA integrity_check", "ok");
  CHECK_SQL(a, "SELECT group_concat(x) FROM t", "1,2,3");
  closeDb(a);
  closeDb(b);
  CHECK("no log is left", !fileExists("iso.db-wal"));
  a = openDb("iso.db");
  CHECK_SQL(a, "SELECT group_concat(x) FROM t", "1,2,3");
  closeDb(a);
  removeDb("iso.db");
}

/* Checkpoint modes report what stock reports. */
static void checkpoints(const char *zWal){
  sqlite3 *a = openDb(uri("ckpt.db", zWal));
  sqlite3 *b = openDb(uri("ckpt.db", zWal));
  int nLog = -9, nCkpt = -9;
  CHECK_SQL(a, "PRAGMA page_size=4096; PRAGMA wal_autocheckpoint=0; "
               "CREATE TABLE t(x)", "0");
  CHECK_INT("NOOP", sqlite3_wal_checkpoint_v2(a, 0, SQLITE_CHECKPOINT_NOOP,
            &nLog, &nCkpt), SQLITE_OK);
  CHECK_INT("NOOP counts the frames", nLog, 2);
  CHECK_INT("NOOP copies none", nCkpt, 0);
  CHECK_SQL(b, "BEGIN; SELECT count(*) FROM t", "0");
  CHECK_SQL(a, "INSERT INTO t VALUES(1)", "");
  CHECK_SQL(a, "PRAGMA wal_checkpoint", "0|3|2");
  CHECK_INT("NOOP", sqlite3_wal_checkpoint_v2(a, 0, SQLITE_CHECKPOINT_NOOP,
            &nLog, &nCkpt), SQLITE_OK);
  CHECK_INT("NOOP counts the frames", nLog, 3);
  CHECK_INT("NOOP knows what was copied", nCkpt, 2);
  CHECK_SQL(a, "PRAGMA wal_checkpoint(FULL)", "1|3|2");
  CHECK_SQL(b, "COMMIT", "");
  CHECK_SQL(a, "PRAGMA wal_checkpoint(FULL)", "0|3|3");
  CHECK_SQL(a, "INSERT INTO t VALUES(2)", "");
  CHECK_SQL(a, "PRAGMA wal_checkpoint(RESTART)", "0|1|1");
  CHECK_SQL(a, "INSERT INTO t VALUES(3)", "");
  CHECK_SQL(a, "PRAGMA wal_checkpoint(TRUNCATE)", "0|0|0");
  CHECK_SQL(b, "SELECT group_concat(x) FROM t; PRAGMA integrity_check",
               "1,2,3 ok");
  closeDb(a);
  closeDb(b);
  removeDb("ckpt.db");
}

static int nHook;
static int nFrame;
static int walHook(void *pArg, sqlite3 *db, const char *zDb, int n){
  (void)pArg; (void)db; (void)zDb;
  nHook++;
  nFrame = n;
  return SQLITE_OK;
}

/* wal_hook, autocheckpoint, backup, VACUUM, exclusive locking, mmap. */
static void features(const char *zWal){
  sqlite3 *a = openDb(uri("feat.db", zWal));
  sqlite3 *b;
  sqlite3_backup *pBackup;
  CHECK_SQL(a, "PRAGMA page_size=1024; CREATE TABLE t(x, y)", "");
  nHook = 0;
  sqlite3_wal_hook(a, walHook, 0);
  CHECK_SQL(a, "INSERT INTO t VALUES(1, zeroblob(3000))", "");
  CHECK_INT("the hook ran once", nHook, 1);
  CHECK("the hook was told the length of the log", nFrame>2);
  CHECK_SQL(a, "PRAGMA wal_autocheckpoint=10; "
     "WITH c(i) AS (SELECT 2 UNION ALL SELECT i+1 FROM c WHERE i<300) "
     "INSERT INTO t SELECT i, zeroblob(900) FROM c; "
     "PRAGMA mmap_size=1000000", "10 1000000");
  CHECK_SQL(a, "SELECT count(*), sum(length(y)) FROM t", "300|272100");
  CHECK_SQL(a, "DELETE FROM t WHERE x%2; VACUUM; PRAGMA integrity_check", "ok");
  b = openDb(uri("copy.db", zWal));
  pBackup = sqlite3_backup_init(b, "main", a, "main");
  CHECK("a backup starts", pBackup!=0);
  CHECK_INT("in small steps", sqlite3_backup_step(pBackup, 20), SQLITE_OK);
  CHECK_SQL(a, "UPDATE t SET y=zeroblob(10) WHERE x<20", "");
  CHECK_INT("while the source is written",
            sqlite3_backup_step(pBackup, -1), SQLITE_DONE);
  CHECK_INT("it ends", sqlite3_backup_finish(pBackup), SQLITE_OK);
  CHECK_SQL(b, "SELECT count(*) FROM t WHERE length(y)=10", "9");
  CHECK_SQL(b, "PRAGMA journal_mode; PRAGMA integrity_check", "wal ok");
  closeDb(b);
  removeDb("copy.db");
  CHECK_SQL(a, "VACUUM INTO 'copy.db'", "");
  b = openDb("copy.db");
  CHECK_SQL(b, "PRAGMA journal_mode; SELECT count(*) FROM t", "delete 150");
  closeDb(b);
  removeDb("copy.db");
  CHECK_SQL(a, "PRAGMA locking_mode=exclusive; INSERT INTO t VALUES(0,0)",
               "exclusive");
  b = openDb(uri("feat.db", zWal));
  CHECK_SQL(b, "SELECT count(*) FROM t", "5 database is locked");
  CHECK_SQL(a, "PRAGMA locking_mode=normal; SELECT count(*) FROM t",
               "normal 151");
  CHECK_SQL(b, "SELECT count(*) FROM t", "151");
  closeDb(b);
  closeDb(a);
  removeDb("feat.db");
}

/* A log that the last connection must not checkpoint waits for the next. */
static void keptLog(const char *zWal){
  sqlite3 *a = openDb(uri("kept.db", zWal));
  CHECK_SQL(a, "CREATE TABLE t(x); INSERT INTO t VALUES(7)", "");
  sqlite3_db_config(a, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int*)0);
  closeDb(a);
  a = openDb(uri("kept.db", zWal));
  CHECK_SQL(a, "SELECT x FROM t", "7");
  closeDb(a);
  removeDb("kept.db");
}

int main(void){
  Managers m;
  int i;
  CHECK_INT("register", registerManagers(&m), SQLITE_OK);
  for(i=0; i<nManager; i++){
    context("wal %s", azManager[i]);
    isolation(azManager[i]);
    checkpoints(azManager[i]);
    features(azManager[i]);
    keptLog(azManager[i]);
  }
  CHECK("the pass-through was used", m.pass.nCommit>0);
  CHECK("the heap was used", m.heap.nOpen>0);
  return finishManagers(&m);
}
