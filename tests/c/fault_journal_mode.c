/*
** PRAGMA journal_mode and checkpoints while allocations and file operations
** fail.
*/
#include "faults.h"

static void prepare(World *p, const char *zMode){
  CHECK_INT("open", libsql_open("a.db", &p->db,
     SQLITE_OPEN_READWRITE|SQLITE_OPEN_CREATE, 0, p->zWal), SQLITE_OK);
  sqlite3_extended_result_codes(p->db, 1);
  CHECK_INT("create", sqlExec(p->db, "PRAGMA journal_mode=%s;"
     "PRAGMA wal_autocheckpoint=0; CREATE TABLE t(x);"
     "INSERT INTO t VALUES(1); INSERT INTO t VALUES(2)", zMode), SQLITE_OK);
}
static void prepareDelete(World *p){
  prepare(p, "delete");
}
static void prepareWal(World *p){
  prepare(p, "wal");
}
/* A connection that has the database open, but not yet its log. */
static void prepareUnopened(World *p){
  prepare(p, "wal");
  sqlite3_db_config(p->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int*)0);
  closeDb(p->db);
  CHECK_INT("open", libsql_open("a.db", &p->db, SQLITE_OPEN_READWRITE, 0,
            p->zWal), SQLITE_OK);
  sqlite3_extended_result_codes(p->db, 1);
}

/* The mode that a PRAGMA reports, in zMode, or its error. */
static int pragma(World *p, const char *zSql, char *zMode, int nMode){
  sqlite3_stmt *pStmt = 0;
  int rc = sqlite3_prepare_v2(p->db, zSql, -1, &pStmt, 0);
  zMode[0] = 0;
  if( rc!=SQLITE_OK ) return rc;
  if( sqlite3_step(pStmt)==SQLITE_ROW ){
    const char *z = (const char*)sqlite3_column_text(pStmt, 0);
    snprintf(zMode, nMode, "%s", z ? z : "");
  }
  return sqlite3_finalize(pStmt);
}
/* Changes the mode and writes a row if that worked.  A PRAGMA that leaves the
** mode as it was says so in place of an error. */
static int change(World *p, const char *zMode){
  char zSql[100], zIs[20];
  int rc;
  snprintf(zSql, sizeof(zSql), "PRAGMA journal_mode=%s", zMode);
  rc = pragma(p, zSql, zIs, sizeof(zIs));
  if( rc!=SQLITE_OK ) return rc;
  if( strcmp(zIs, zMode) ){
    CHECK("the mode stays because of the fault",
          zIs[0]==0 || strcmp(zIs, "wal")==0 || strcmp(zIs, "delete")==0);
    return SQLITE_OK;
  }
  return sqlExec(p->db, "INSERT INTO t VALUES(4)");
}
static int runToWal(World *p){
  return change(p, "wal");
}
static int runToDelete(World *p){
  return change(p, "delete");
}
static int runThereAndBack(World *p){
  int rc = change(p, "wal");
  if( rc==SQLITE_OK ) rc = change(p, "delete");
  return rc;
}
static int runExclusive(World *p){
  int rc = sqlExec(p->db, "PRAGMA locking_mode=exclusive;"
                          "INSERT INTO t VALUES(4)");
  if( rc!=SQLITE_OK ) return rc;
  return sqlExec(p->db, "PRAGMA locking_mode=normal; SELECT * FROM t");
}
static int runCheckpoints(World *p){
  int i, rc = SQLITE_OK;
  for(i=SQLITE_CHECKPOINT_NOOP; rc==SQLITE_OK && i<=SQLITE_CHECKPOINT_TRUNCATE;
      i++){
    rc = sqlExec(p->db, "UPDATE t SET x=x+1; UPDATE t SET x=x-1");
    if( rc==SQLITE_OK ){
      rc = sqlite3_wal_checkpoint_v2(p->db, 0, i, 0, 0);
      if( rc!=SQLITE_OK ) rc = sqlite3_extended_errcode(p->db);
    }
  }
  return rc;
}
/* NO_CKPT_ON_CLOSE is off: the close is a checkpoint that may fail. */
static int runClose(World *p){
  int rc = sqlite3_close(p->db);
  p->db = 0;
  CHECK_INT("a close always works", rc, SQLITE_OK);
  return rc;
}

/* Old rows or new ones, by this connection and by another, in either mode. */
static void verify(World *p, int rc){
  static const char zSum[] = "SELECT sum(x) FROM t";
  sqlite3_int64 n;
  sqlite3 *db;
  (void)rc;
  if( p->db ){
    if( !sqlite3_get_autocommit(p->db) ) sqlExec(p->db, "ROLLBACK");
    n = sqlInt(p->db, zSum);
    CHECK("old or new", n==3 || n==5 || n==7 || n==11);
    CHECK_INT("write", sqlExec(p->db, "INSERT INTO t VALUES(0)"), SQLITE_OK);
    CHECK_SQL(p->db, "PRAGMA integrity_check", "ok");
    CHECK_INT("close", sqlite3_close(p->db), SQLITE_OK);
    p->db = 0;
    CHECK_INT("open", libsql_open("a.db", &db, SQLITE_OPEN_READWRITE, 0,
              p->zWal), SQLITE_OK);
    CHECK_INT("the same", sqlInt(db, zSum), n);
  }else{
    CHECK_INT("open", libsql_open("a.db", &db, SQLITE_OPEN_READWRITE, 0,
              p->zWal), SQLITE_OK);
    CHECK_INT("the rows", sqlInt(db, zSum), 3);
  }
  CHECK_SQL(db, "PRAGMA integrity_check; PRAGMA journal_mode=delete;"
                "PRAGMA integrity_check", "ok delete ok");
  CHECK("no log is left", !fileExists("a.db-wal"));
  closeDb(db);
}

int main(void){
  static const Scenario aScenario[] = {
    { "into WAL mode", prepareDelete, runToWal, verify },
    { "out of WAL mode", prepareWal, runToDelete, verify },
    { "out of WAL mode, log not open", prepareUnopened, runToDelete, verify },
    { "into WAL mode and out of it", prepareDelete, runThereAndBack, verify },
    { "exclusive locking", prepareWal, runExclusive, verify },
    { "checkpoints", prepareWal, runCheckpoints, verify },
    { "closing with a log", prepareWal, runClose, verify },
  };
  unsigned i;
  for(i=0; i<sizeof(aScenario)/sizeof(aScenario[0]); i++){
    faultLoop(&aScenario[i]);
  }
  return finish();
}
