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
                   ==32<<20);
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

/* What a function of the application runs by libSQL's functions. */
typedef struct Guest Guest;
struct Guest {
  libsql_wasm_udf_api *pApi;
  libsql_wasm_engine_t *pEngine;
  libsql_wasm_module_t *pModule;
  const char *zName;
};
static void runGuest(sqlite3_context *pCtx, int nArg, sqlite3_value **apArg){
  Guest *p = (Guest*)sqlite3_user_data(pCtx);
  libsql_run_wasm(p->pApi, pCtx, p->pEngine, p->pModule, p->zName, nArg, apArg);
}
static libsql_wasm_module_t *compileGuest(Guest *p, const char *zModule, char **pz){
  return libsql_compile_wasm_module(p->pEngine, zModule, (int)strlen(zModule),
                                    sqlite3_malloc64, pz);
}
static int half(sqlite3_value *pValue){
  return sqlite3_value_int(pValue)/2;
}
static void resultInt(sqlite3_context *pCtx, int iValue){
  sqlite3_result_text(pCtx, iValue ? "some" : "none", -1, SQLITE_STATIC);
}
static void resultError(sqlite3_context *pCtx, const char *z, int n){
  char *zOwn = sqlite3_mprintf("own: %.*s", n<0 ? (int)strlen(z) : n, z);
  sqlite3_result_error(pCtx, zOwn, -1);
  sqlite3_free(zOwn);
}
static int stopGuest(void *pArg){
  (void)pArg;
  return 1;
}

static void libsqlRuntime(void){
  static const libsql_wasm_udf_api api = {
    sqlite3_value_type, sqlite3_value_int, sqlite3_value_double, sqlite3_value_text,
    sqlite3_value_blob, sqlite3_value_bytes, sqlite3_result_error,
    sqlite3_result_error_nomem, sqlite3_result_int, sqlite3_result_double,
    sqlite3_result_text, sqlite3_result_blob, sqlite3_result_null, sqlite3_malloc,
    sqlite3_free
  };
  libsql_wasm_udf_api own = api;
  Guest guest = { &own, libsql_wasm_engine_new(), 0, "echo" };
  int bFake = &noBackends!=0;
  sqlite3 *db = openDb(":memory:");
  char *zErr = 0;

  CHECK("engine", guest.pEngine!=0);
  CHECK("no module", compileGuest(&guest, "(modul)", &zErr)==0);
  CHECK("message", zErr && strncmp(zErr, "Failed to compile module: ", 26)==0);
  sqlite3_free(zErr);
  CHECK("no message wanted", libsql_compile_wasm_module(guest.pEngine, "?", 1, 0, 0)==0);
  CHECK("no source", libsql_compile_wasm_module(guest.pEngine, 0, 0, 0, 0)==0);
  sqlite3_create_function(db, "run", -1, SQLITE_UTF8, &guest, runGuest, 0, 0);
  CHECK_SQL(db, "SELECT run()", "1 bad parameter or other API misuse");

  guest.pModule = compileGuest(&guest, bFake ? "1 0 7" :
      "(module (memory (export \"memory\") 1)"
      " (func (export \"libsql_malloc\") (param i32) (result i32) i32.const 8)"
      " (func (export \"echo\") (param i64) (result i64) local.get 0)"
      " (func (export \"Real\") (param f64) (result f64) local.get 0)"
      " (func (export \"data\") (param i32) (result i32) local.get 0)"
      " (func (export \"loop\") (result i64) (loop (br 0)) unreachable))", &zErr);
  CHECK("module", guest.pModule!=0);
  CHECK_SQL(db, "SELECT run()",
            "1 Calling function echo failed: it takes 1 argument");
  if( bFake ){
    CHECK_SQL(db, "SELECT run(1), run(2)", "7|7");
  }else{
    CHECK_SQL(db, "SELECT run(9223372036854775807), run(-1), typeof(run(2))",
              "9223372036854775807|-1|integer");
    own.libsql_result_error = resultError;
    CHECK_SQL(db, "SELECT run('x')", "1 own: Calling function echo failed: argument 1"
              " is TEXT, and the module takes an INTEGER (i64)");
    own.libsql_value_int = half;
    CHECK_SQL(db, "SELECT run(42)", "21");
    own = api;
    own.libsql_result_int = resultInt;
    CHECK_SQL(db, "SELECT run(42), run(0)", "some|none");
    CHECK_SQL(db, "SELECT run(2147483648)", "1 Calling function echo failed: its"
              " result is 2147483648, and the caller takes 32 bits");
    own.libsql_result_int = 0;
    CHECK_SQL(db, "SELECT run(42)", "1 Calling function echo failed: the table of"
              " functions for values is not complete");
    own = api;
    guest.zName = "Real";
    CHECK_SQL(db, "SELECT run(1.5)", "1.5");
    guest.zName = "data";
    CHECK_SQL(db, "SELECT run('x'), run('') IS '', hex(run(x'00ff')), run(NULL)",
              "x|1|00FF|null");
    guest.zName = "real";
    CHECK_SQL(db, "SELECT run(1.5)", "1 Function real not found in Wasm module: it"
              " must export one of just this name");
    guest.zName = "loop";
    sqlRun(db, "PRAGMA wasm_fuel=1000");
    CHECK_SQL(db, "SELECT run()", "1 Calling function loop failed: it needs more than"
              " 1000 units of fuel (PRAGMA wasm_fuel)");
    sqlRun(db, "PRAGMA wasm_fuel=1000000000000");
    sqlite3_progress_handler(db, 100, stopGuest, 0);
    CHECK_SQL(db, "SELECT run()", "9 interrupted");
  }
  closeDb(db);
  libsql_wasm_engine_free(guest.pEngine);
  libsql_free_wasm_module(&guest.pModule);
  CHECK("module is gone", guest.pModule==0);
  libsql_free_wasm_module(&guest.pModule);
  libsql_free_wasm_module(0);
  libsql_wasm_engine_free(0);
}

int main(void){
  limits();
  application();
  zombie();
  many();
  libsqlRuntime();
  return finish();
}
