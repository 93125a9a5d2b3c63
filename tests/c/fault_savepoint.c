/*
** Savepoints while allocations and file operations fail: a transaction that
** spills its pages, rolls back to savepoints and fails in the middle is
** rolled back as a whole, and nothing of a savepoint is left behind.
*/
#include "faults.h"

static void prepare(World *p){
  CHECK_INT("open", worldOpen(p, worldUri(p, "a.db")), SQLITE_OK);
  CHECK_SQL(p->db, "PRAGMA page_size=512; PRAGMA cache_size=1; "
     "CREATE TABLE t(id INTEGER PRIMARY KEY, tag, body); "
     "CREATE INDEX ti ON t(tag); "
     "WITH c(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM c WHERE i<12) "
     "INSERT INTO t SELECT i, i, zeroblob(300) FROM c", "");
}
/* All of the log is in the database file: the first write empties it. */
static void prepareRestart(World *p){
  prepare(p);
  CHECK_INT("checkpoint", sqlite3_wal_checkpoint_v2(p->db, 0,
            SQLITE_CHECKPOINT_FULL, 0, 0), SQLITE_OK);
}

#define OLD 78
#define NEW 378

static int run(World *p){
  return sqlExec(p->db,
     "BEGIN; SAVEPOINT a; UPDATE t SET tag=tag+1, body=zeroblob(700);"
     "SAVEPOINT b; DELETE FROM t WHERE id>3; SAVEPOINT c;"
     "INSERT INTO t SELECT id+50, tag, body FROM t; ROLLBACK TO b;"
     "UPDATE t SET tag=0, body=zeroblob(2000); ROLLBACK TO a;"
     "INSERT INTO t VALUES(100, 100, zeroblob(900)); SAVEPOINT d;"
     "INSERT INTO t VALUES(101, 200, zeroblob(900)); RELEASE d; SAVEPOINT e;"
     "UPDATE t SET body=zeroblob(5); ROLLBACK TO e; COMMIT");
}
/* A statement that is undone by itself, inside a transaction that goes on. */
static int runStatement(World *p){
  int rc = sqlExec(p->db, "BEGIN; INSERT INTO t VALUES(100,100,zeroblob(900))");
  if( rc==SQLITE_OK ){
    rc = sqlExec(p->db, "INSERT INTO t SELECT 60-id, tag, zeroblob(900) FROM t"
       " UNION ALL SELECT 1, 1, 1");
    if( rc==SQLITE_CONSTRAINT_PRIMARYKEY || rc==SQLITE_CONSTRAINT_ROWID ){
      rc = SQLITE_OK;
    }
  }
  if( rc==SQLITE_OK ){
    rc = sqlExec(p->db, "INSERT INTO t VALUES(101,200,zeroblob(900)); COMMIT");
  }
  return rc;
}
static int runRollback(World *p){
  int rc = sqlExec(p->db, "BEGIN; UPDATE t SET tag=0, body=zeroblob(600);"
     "SAVEPOINT a; DELETE FROM t; SAVEPOINT b; ROLLBACK");
  return rc;
}

static void verifyIs(World *p, sqlite3_int64 iWant, int bMaybe){
  sqlite3 *db;
  sqlite3_int64 n;
  if( !sqlite3_get_autocommit(p->db) ){
    CHECK_INT("rollback", sqlExec(p->db, "ROLLBACK"), SQLITE_OK);
  }
  n = sqlInt(p->db, "SELECT sum(tag) FROM t");
  if( bMaybe ){
    CHECK("old or new", n==OLD || n==iWant);
  }else{
    CHECK_INT("the rows", n, iWant);
  }
  CHECK_SQL(p->db, "PRAGMA integrity_check", "ok");
  CHECK_INT("write", sqlExec(p->db, "BEGIN; SAVEPOINT z; UPDATE t SET"
     " body=zeroblob(800); ROLLBACK TO z; UPDATE t SET body=zeroblob(400);"
     "COMMIT"), SQLITE_OK);
  CHECK_INT("close", sqlite3_close(p->db), SQLITE_OK);
  p->db = 0;
  db = worldReopen(p, "a.db");
  CHECK_INT("the same", sqlInt(db, "SELECT sum(tag) FROM t"), n);
  CHECK_SQL(db, "PRAGMA integrity_check; SELECT DISTINCT length(body) FROM t",
                "ok 400");
  closeDb(db);
}
static void verify(World *p, int rc){
  verifyIs(p, NEW, rc!=SQLITE_OK);
}
static void verifyOld(World *p, int rc){
  (void)rc;
  verifyIs(p, OLD, 0);
}

int main(void){
  static const Scenario aScenario[] = {
    { "savepoints", prepare, run, verify },
    { "savepoints, first write restarts the log", prepareRestart, run, verify },
    { "a statement that fails", prepare, runStatement, verify },
    { "rollback", prepare, runRollback, verifyOld },
  };
  unsigned i;
  for(i=0; i<sizeof(aScenario)/sizeof(aScenario[0]); i++){
    faultLoop(&aScenario[i]);
  }
  return finish();
}
