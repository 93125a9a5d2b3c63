/*
** ATTACH and DETACH while allocations and file operations fail.
*/
#include "faults.h"

static void prepareMain(World *p){
  sqlite3 *db = worldReopen(p, "b.db");
  CHECK_SQL(db, "CREATE TABLE u(x); INSERT INTO u VALUES(1),(2)", "");
  closeDb(db);
  CHECK_INT("open", worldOpen(p, worldUri(p, "a.db")), SQLITE_OK);
  CHECK_SQL(p->db, "CREATE TABLE t(x); INSERT INTO t VALUES(1)", "");
}
static void prepareRollback(World *p){
  sqlite3 *db = openDb("b.db");
  CHECK_SQL(db, "CREATE TABLE u(x); INSERT INTO u VALUES(1),(2)", "");
  closeDb(db);
  CHECK_INT("open", worldOpen(p, "a.db"), SQLITE_OK);
  CHECK_SQL(p->db, "CREATE TABLE t(x); INSERT INTO t VALUES(1)", "");
}
static void prepareAttached(World *p){
  prepareMain(p);
  CHECK_INT("attach", sqlExec(p->db, "ATTACH '%s' AS b", worldUri(p, "b.db")),
            SQLITE_OK);
  CHECK_SQL(p->db, "UPDATE u SET x=x+1; UPDATE u SET x=x-1", "");
}

static int run(World *p, const char *zSql){
  char *z = 0;
  int rc = sqlite3_exec(p->db, zSql, 0, 0, &z);
  sqlite3_free(z);
  return rc;
}
static int runAttach(World *p){
  char zSql[200];
  int rc;
  snprintf(zSql, sizeof(zSql), "ATTACH '%s' AS b", worldUri(p, "b.db"));
  rc = run(p, zSql);
  return rc==SQLITE_OK ? run(p, "INSERT INTO u VALUES(4)") : rc;
}
static int runAttachPlain(World *p){
  int rc = run(p, "ATTACH 'b.db' AS b");
  return rc==SQLITE_OK ? run(p, "INSERT INTO u VALUES(4)") : rc;
}
static int runUnknown(World *p){
  return unknownWal(p, run(p, "ATTACH 'file:c.db?wal=nope' AS c"));
}
static int runDetach(World *p){
  return run(p, "DETACH b");
}
/* One transaction over both files. */
static int runBoth(World *p){
  return run(p, "BEGIN; INSERT INTO t VALUES(8); INSERT INTO u VALUES(4);"
                "SAVEPOINT s; DELETE FROM u; DELETE FROM t; ROLLBACK TO s;"
                "COMMIT");
}

/* The connection lives, and b.db holds what it held or the new row as well. */
static void verify(World *p, int rc){
  sqlite3 *db;
  sqlite3_int64 n;
  if( !sqlite3_get_autocommit(p->db) ){
    CHECK_INT("rollback", sqlExec(p->db, "ROLLBACK"), SQLITE_OK);
  }
  CHECK("main can be read", sqlInt(p->db, "SELECT sum(x) FROM main.t")>=1);
  db = worldReopen(p, "b.db");
  n = sqlInt(db, "SELECT sum(x) FROM u");
  CHECK("old or new", n==3 || n==7);
  if( rc==SQLITE_OK ) CHECK_INT("new", n, 7);
  CHECK_SQL(db, "PRAGMA integrity_check", "ok");
  closeDb(db);
  sqlExec(p->db, "DETACH b");
  CHECK_INT("attach once more", sqlExec(p->db, "ATTACH '%s' AS b",
            worldUri(p, "b.db")), SQLITE_OK);
  CHECK_INT("reads the same", sqlInt(p->db, "SELECT sum(x) FROM b.u"), n);
}
static void verifyUnknown(World *p, int rc){
  (void)rc;
  CHECK("no file", !fileExists("c.db"));
  CHECK_SQL(p->db, "PRAGMA main.integrity_check; SELECT x FROM t", "ok 1");
}
static void verifyDetached(World *p, int rc){
  CHECK_INT("it is gone if that was said", sqlExec(p->db, "SELECT * FROM b.u"),
            rc==SQLITE_OK ? SQLITE_ERROR : SQLITE_OK);
  sqlExec(p->db, "DETACH b");
  p->nFault = 0;
  CHECK_INT("write", sqlExec(p->db, "INSERT INTO t VALUES(2)"), SQLITE_OK);
  CHECK_INT("attach again", runAttach(p), SQLITE_OK);
  verify(p, SQLITE_OK);
}

int main(void){
  static const Scenario aScenario[] = {
    { "attach by URI", prepareMain, runAttach, verify },
    { "attach by URI, switching to WAL", prepareRollback, runAttach, verify },
    { "attach without a name", prepareMain, runAttachPlain, verify },
    { "attach, unknown name", prepareMain, runUnknown, verifyUnknown },
    { "detach", prepareAttached, runDetach, verifyDetached },
    { "a transaction over two files", prepareAttached, runBoth, verify },
  };
  unsigned i;
  for(i=0; i<sizeof(aScenario)/sizeof(aScenario[0]); i++){
    faultLoop(&aScenario[i]);
  }
  return finish();
}
