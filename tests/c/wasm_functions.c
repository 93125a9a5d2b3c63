/*
** Functions that a database holds, as C programs meet them: limits, functions of
** the application beside them, and connections that are closed too early.
*/
#include "check.h"

extern const int noBackends;      /* See no_backends.c */
#pragma weak noBackends

static void define(sqlite3 *db, const char *zName, int iValue){
  sqlRun(db, &noBackends
    ? "CREATE FUNCTION %s LANGUAGE wasm AS '0 0 %d'/*%s*/"
    : "CREATE FUNCTION %s LANGUAGE wasm AS '(module (global i64 (i64.const %d))"
      " (func (export \"%s\") (result i64) global.get 0))'", zName, iValue, zName);
}

static void answer(sqlite3_context *pCtx, int nArg, sqlite3_value **apArg){
  (void)nArg;
  (void)apArg;
  sqlite3_result_int(pCtx, 42);
}

static void limits(void){
  sqlite3 *db = openDb(":memory:");
  CHECK("default", seawall_wasm_limit(db, SEAWALL_WASM_FUEL, -1)==1000000000);
  CHECK("before", seawall_wasm_limit(db, SEAWALL_WASM_STACK, 5)==1000);
  CHECK("after", seawall_wasm_limit(db, SEAWALL_WASM_STACK, -1)==5);
  CHECK_SQL(db, "PRAGMA wasm_stack", "5");
  CHECK("largest", seawall_wasm_limit(db, SEAWALL_WASM_MEMORY, (sqlite3_int64)1<<62)
                   ==64<<20);
  CHECK("capped", seawall_wasm_limit(db, SEAWALL_WASM_MEMORY, -1)
                  ==(sqlite3_int64)1<<32);
  CHECK("no such limit", seawall_wasm_limit(db, 3, 1)==-1);
  CHECK("no such limit", seawall_wasm_limit(db, -1, 1)==-1);
  CHECK("no connection", seawall_wasm_limit(0, SEAWALL_WASM_FUEL, 1)==-1);
  CHECK_INT("libSQL's", libsql_try_initialize_wasm_func_table(db), SQLITE_OK);
  CHECK_SQL(db, "SELECT count(*) FROM sqlite_schema", "0");
  CHECK_INT("no connection", libsql_try_initialize_wasm_func_table(0),
            SQLITE_MISUSE);
  closeDb(db);
}

/* A function of the application takes the place of one, and gives it back. */
static void application(void){
  sqlite3 *db = openDb(":memory:");
  sqlite3_stmt *pStmt;
  define(db, "f", 1);
  CHECK_SQL(db, "SELECT f()", "1");
  CHECK_INT("register", sqlite3_create_function(db, "f", 0, SQLITE_UTF8, 0, answer, 0,
            0), SQLITE_OK);
  CHECK_SQL(db, "SELECT f()", "42");
  CHECK_INT("remove", sqlite3_create_function(db, "f", 0, SQLITE_UTF8, 0, 0, 0, 0),
            SQLITE_OK);
  CHECK_SQL(db, "SELECT f()", "1");

  /* Not while a statement runs that calls it. */
  sqlite3_prepare_v2(db, "SELECT f() UNION ALL SELECT f()", -1, &pStmt, 0);
  CHECK_INT("row", sqlite3_step(pStmt), SQLITE_ROW);
  CHECK_INT("busy", sqlite3_create_function(db, "f", 0, SQLITE_UTF8, 0, answer, 0, 0),
            SQLITE_BUSY);
  sqlRun(db, "DROP FUNCTION f");
  CHECK_INT("row", sqlite3_step(pStmt), SQLITE_ROW);
  CHECK_INT("value", sqlite3_column_int(pStmt, 0), 1);
  sqlite3_finalize(pStmt);

  /* One with any number of arguments is hidden only by one that is there. */
  define(db, "h", 1);
  CHECK_SQL(db, "SELECT h()", "1");
  CHECK_INT("register", sqlite3_create_function(db, "h", -1, SQLITE_UTF8, 0, answer,
            0, 0), SQLITE_OK);
  CHECK_SQL(db, "SELECT h(1,2)", "42");
  sqlRun(db, "DROP FUNCTION h");
  CHECK_SQL(db, "SELECT h()", "42");
  CHECK_INT("overload", sqlite3_overload_function(db, "g", 0), SQLITE_OK);
  closeDb(db);
}

/* Statements that outlive the connection, and a function that was replaced. */
static void zombie(void){
  sqlite3 *db = openDb("zombie.db");
  sqlite3_stmt *pStmt, *pOld;
  define(db, "f", 1);
  sqlite3_prepare_v2(db, "SELECT f()", -1, &pOld, 0);
  CHECK_INT("row", sqlite3_step(pOld), SQLITE_ROW);
  sqlRun(db, "DROP FUNCTION f");
  define(db, "f", 2);
  sqlite3_prepare_v2(db, "SELECT f() UNION ALL SELECT f()", -1, &pStmt, 0);
  CHECK_INT("row", sqlite3_step(pStmt), SQLITE_ROW);
  CHECK_INT("closed later", sqlite3_close_v2(db), SQLITE_OK);
  CHECK_INT("row", sqlite3_step(pStmt), SQLITE_ROW);
  CHECK_INT("value", sqlite3_column_int(pStmt, 0), 2);
  CHECK_INT("done", sqlite3_step(pOld), SQLITE_DONE);
  sqlite3_finalize(pOld);
  sqlite3_finalize(pStmt);
  CHECK_INT("no memory is left", sqlite3_memory_used(), 0);
}

/* Many functions of one name, one after the other. */
static void many(void){
  sqlite3 *db = openDb(":memory:");
  sqlite3_int64 nBefore = 0;
  int i;
  for(i=0; i<300; i++){
    char *z;
    define(db, "f", i);
    z = sqlText(db, "SELECT f()");
    CHECK_INT("value", atoi(z), i);
    sqlite3_free(z);
    sqlRun(db, "DROP FUNCTION f");
    if( i==50 ) nBefore = sqlite3_memory_used();
  }
  CHECK("memory does not grow", sqlite3_memory_used()<nBefore+20000);
  closeDb(db);
}

int main(void){
  limits();
  application();
  zombie();
  many();
  return finish();
}
