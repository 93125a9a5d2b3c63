/*
** What libsql_wal_disable_checkpoint() keeps from happening, and what not.
*/
#include "frames.h"
#include "managers.h"

static char zUri[100];

static sqlite3 *openNew(const char *zWal){
  removeDb("x.db");
  sqlite3_snprintf(sizeof(zUri), zUri, "file:x.db?wal=%s", zWal);
  return openDb(zUri);
}

/* Enough commits for an automatic checkpoint, which the next one would show by
** starting the log again. */
static void fill(sqlite3 *db){
  int i;
  for(i=0; i<25; i++) CHECK_INT("fill", sqlExec(db,
      "INSERT INTO t VALUES(%d)", i), SQLITE_OK);
}

static int nHook;
static int onCommit(void *p, sqlite3 *db, const char *zDb, int nFrame){
  (void)p; (void)db; (void)zDb; (void)nFrame;
  nHook++;
  return SQLITE_OK;
}

static void automaticOnesStop(const char *zWal){
  sqlite3 *db = openNew(zWal);
  unsigned n;
  context("%s: automatic", zWal);
  CHECK_SQL(db, "PRAGMA wal_autocheckpoint=10", "10");
  CHECK_SQL(db, "CREATE TABLE t(x)", "");
  fill(db);
  CHECK("checkpoints happen", frameCount(db)<25);
  CHECK_INT("disable", libsql_wal_disable_checkpoint(db), SQLITE_OK);
  fill(db);
  CHECK("none any more", frameCount(db)>=25);
  n = frameCount(db);
  CHECK_SQL(db, "PRAGMA wal_autocheckpoint=5", "5");
  fill(db);
  CHECK_INT("nor after the PRAGMA", frameCount(db), n+25);
  sqlite3_wal_autocheckpoint(db, 3);
  fill(db);
  CHECK_INT("nor after the function", frameCount(db), n+50);
  sqlite3_wal_hook(db, onCommit, 0);
  nHook = 0;
  fill(db);
  CHECK_INT("nor with a hook", frameCount(db), n+75);
  CHECK_INT("which is called", nHook, 25);
  CHECK_INT("once more", libsql_wal_disable_checkpoint(db), SQLITE_OK);
  fill(db);
  CHECK_INT("does not take the hook away", nHook, 50);
  closeDb(db);
  removeDb("x.db");
}

/* By hand it goes. */
static void explicitOnesGoOn(const char *zWal){
  sqlite3 *db = openNew(zWal);
  int nLog = -1, nCkpt = -1;
  context("%s: explicit", zWal);
  libsql_wal_disable_checkpoint(db);
  CHECK_SQL(db, "CREATE TABLE t(x); INSERT INTO t VALUES(1)", "");
  CHECK_INT("checkpoint", sqlite3_wal_checkpoint_v2(db, 0,
      SQLITE_CHECKPOINT_PASSIVE, &nLog, &nCkpt), SQLITE_OK);
  CHECK("all of it", nLog>0 && nLog==nCkpt);
  CHECK_SQL(db, "PRAGMA wal_checkpoint(TRUNCATE)", "0|0|0");
  closeDb(db);
}

static void closingLeavesTheLog(void){
  sqlite3 *db = openNew("sqlite");
  unsigned n;
  context("closing");
  libsql_wal_disable_checkpoint(db);
  CHECK_SQL(db, "CREATE TABLE t(x); INSERT INTO t VALUES(1)", "");
  sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, (int*)0);
  n = frameCount(db);
  closeDb(db);
  CHECK("the log is there", fileExists("x.db-wal"));
  db = openDb(zUri);
  CHECK_INT("all of it", frameCount(db), n);
  CHECK_SQL(db, "SELECT x FROM t", "1");
  closeDb(db);
  CHECK("the next one checkpoints", !fileExists("x.db-wal"));

  db = openDb("y.db");
  libsql_wal_disable_checkpoint(db);
  CHECK_SQL(db, "ATTACH 'file:x.db?wal=sqlite' AS x; INSERT INTO x.t VALUES(2);"
                "DETACH x", "");
  CHECK("attached databases, too", fileExists("x.db-wal"));
  closeDb(db);
  removeDb("y.db");
}

static void theJournalModeStays(const char *zWal){
  static const char zWhy[] =
    "1 cannot change out of wal mode, which takes a checkpoint:"
    " libsql_wal_disable_checkpoint() was called for this connection, use"
    " another one";
  sqlite3 *db = openNew(zWal);
  unsigned n;
  context("%s: journal mode", zWal);
  CHECK_SQL(db, "CREATE TABLE t(x); INSERT INTO t VALUES(1)", "");
  libsql_wal_disable_checkpoint(db);
  n = frameCount(db);
  CHECK_SQL(db, "PRAGMA journal_mode=DELETE", zWhy);
  CHECK_SQL(db, "PRAGMA journal_mode=OFF", zWhy);
  CHECK_SQL(db, "PRAGMA journal_mode=WAL; PRAGMA journal_mode", "wal wal");
  CHECK_INT("the log is what it was", frameCount(db), n);
  CHECK_SQL(db, "INSERT INTO t VALUES(2); SELECT x FROM t", "1 2");
  closeDb(db);
  db = openDb(zUri);
  CHECK_SQL(db, "PRAGMA journal_mode=DELETE; SELECT x FROM t;"
                "PRAGMA integrity_check", "delete 1 2 ok");
  closeDb(db);

  db = openDb("x.db");
  libsql_wal_disable_checkpoint(db);
  CHECK_SQL(db, "PRAGMA journal_mode=PERSIST; PRAGMA journal_mode=WAL",
      "persist wal");
  closeDb(db);
}

int main(void){
  Managers m;
  int j;
  CHECK_INT("managers", registerManagers(&m), SQLITE_OK);
  for(j=0; j<nManager; j++){
    automaticOnesStop(azManager[j]);
    explicitOnesGoOn(azManager[j]);
    theJournalModeStays(azManager[j]);
  }
  closingLeavesTheLog();
  CHECK_INT("nothing", libsql_wal_disable_checkpoint(0), SQLITE_MISUSE);
  return finishManagers(&m);
}
