/*
** CREATE FUNCTION, calls and DROP FUNCTION while allocations and file operations
** fail: a statement has happened or it has not, and the connection goes on.
*/
#include "faults.h"

extern const int noBackends;      /* See no_backends.c */
#pragma weak noBackends

/* A function without arguments that returns a number. */
static char *define(const char *zName, const char *zOptions, int iValue){
  return &noBackends
    ? sqlite3_mprintf("CREATE FUNCTION %s LANGUAGE wasm %s AS '0 0 %d'", zName,
                      zOptions, iValue)
    : sqlite3_mprintf("CREATE FUNCTION %s LANGUAGE wasm %s AS '(module (func"
                      " (export \"%s\") (result i64) i64.const %d))'", zName,
                      zOptions, zName, iValue);
}

/* Run a statement that is freed. */
static int runOwned(World *p, char *zSql){
  int rc = zSql ? sqlExec(p->db, zSql) : SQLITE_NOMEM;
  sqlite3_free(zSql);
  return rc;
}

static void prepareEmpty(World *p){
  CHECK_INT("open", worldOpen(p, worldUri(p, "a.db")), SQLITE_OK);
  sqlRun(p->db, "PRAGMA page_size=512; CREATE TABLE t(a); INSERT INTO t VALUES(1)");
}
static void prepareOne(World *p){
  prepareEmpty(p);
  CHECK_INT("create", runOwned(p, define("f", "DETERMINISTIC TRUSTED", 7)), SQLITE_OK);
}

/* What is there of a function that returns 7, if any. */
static void verifyWhole(World *p, int bMust, int bMay){
  char *z = sqlText(p->db, "SELECT count(*) FROM sqlite_schema"
                           " WHERE name='libsql_wasm_func_table'");
  int bTable = strcmp(z, "1")==0;
  int bRow = 0;
  sqlite3_free(z);
  if( bTable ){
    z = sqlText(p->db, "SELECT count(*) FROM libsql_wasm_func_table WHERE name='f'");
    bRow = strcmp(z, "1")==0;
    sqlite3_free(z);
  }
  CHECK("there", bRow>=bMust && bRow<=bMay);
  if( bRow ){
    CHECK_SQL(p->db, "SELECT f() FROM t", "7");
  }else{
    CHECK_INT("not found", sqlExec(p->db, "SELECT f()"), SQLITE_ERROR);
    CHECK_TEXT("says so", sqlite3_errmsg(p->db), "no such function: f");
    CHECK_INT("again", runOwned(p, define("f", "", 7)), SQLITE_OK);
    CHECK_SQL(p->db, "SELECT f() FROM t", "7");
  }
  CHECK_SQL(p->db, "PRAGMA integrity_check", "ok");
}

static int runCreate(World *p){
  return runOwned(p, define("f", "TRUSTED", 7));
}
static void verifyCreate(World *p, int rc){
  verifyWhole(p, rc==SQLITE_OK, 1);
}

static int runCall(World *p){
  sqlite3 *db = 0;
  int rc = sqlite3_open_v2(worldUri(p, "a.db"), &db,
                           SQLITE_OPEN_READWRITE|SQLITE_OPEN_URI, 0);
  if( rc==SQLITE_OK ) rc = sqlExec(db, "SELECT f() FROM t; SELECT f()+f()");
  sqlite3_close(db);
  if( rc==SQLITE_OK ) rc = sqlExec(p->db, "SELECT f() FROM t");
  return rc;
}
static void verifyCall(World *p, int rc){
  (void)rc;
  verifyWhole(p, 1, 1);
}

static int runUse(World *p){
  return sqlExec(p->db, "CREATE INDEX i ON t(a+f()); INSERT INTO t VALUES(2)");
}
static void verifyUse(World *p, int rc){
  CHECK_SQL(p->db, "SELECT a FROM t WHERE a+f()=8", "1");
  if( rc==SQLITE_OK ){
    CHECK_INT("used", sqlExec(p->db, "DROP FUNCTION f"), SQLITE_ERROR);
    CHECK_TEXT("says so", sqlite3_errmsg(p->db),
               "cannot drop function f: main.i uses it");
  }
  CHECK_SQL(p->db, "PRAGMA integrity_check", "ok");
}

static int runDrop(World *p){
  int rc = sqlExec(p->db, "SELECT f() FROM t");
  return rc ? rc : sqlExec(p->db, "DROP FUNCTION f");
}
static void verifyDrop(World *p, int rc){
  verifyWhole(p, 0, rc!=SQLITE_OK);
}

/* Another function of the same name while a statement runs, and back again. */
static int runReplace(World *p){
  int rc = sqlExec(p->db, "BEGIN; SELECT f() FROM t; DROP FUNCTION f");
  if( rc==SQLITE_OK ) rc = runOwned(p, define("f", "", 8));
  if( rc==SQLITE_OK ) rc = sqlExec(p->db, "SELECT f() FROM t");
  sqlExec(p->db, "ROLLBACK");
  return rc;
}
static void verifyReplace(World *p, int rc){
  (void)rc;
  if( sqlite3_get_autocommit(p->db)==0 ) sqlRun(p->db, "ROLLBACK");
  verifyWhole(p, 1, 1);
}

int main(void){
  static const Scenario aScenario[] = {
    { "create function", prepareEmpty, runCreate, verifyCreate },
    { "call a function", prepareOne, runCall, verifyCall },
    { "use a function", prepareOne, runUse, verifyUse },
    { "drop function", prepareOne, runDrop, verifyDrop },
    { "replace a function", prepareOne, runReplace, verifyReplace },
  };
  unsigned i;
  for(i=0; i<sizeof(aScenario)/sizeof(aScenario[0]); i++){
    faultLoop(&aScenario[i]);
  }
  return finish();
}
