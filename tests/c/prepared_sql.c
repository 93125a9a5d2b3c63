/*
** xPreparedSql: which modules are told the text of a statement, when, and
** what its result does.
*/
#include "check.h"

/* What the module saw: "P(text)" for xPreparedSql, "F" for xFilter. */
static char zSeen[2000];
static int rcPrepared;           /* What xPreparedSql is to return */
static const char *zMessage;     /* and to put into zErrMsg */

typedef struct Cursor Cursor;
struct Cursor {
  sqlite3_vtab_cursor base;
  int i;
};

static int xConnect(sqlite3 *db, void *pAux, int argc,
                    const char *const *argv, sqlite3_vtab **ppVtab,
                    char **pzErr){
  (void)pAux; (void)argc; (void)argv; (void)pzErr;
  *ppVtab = sqlite3_malloc(sizeof(**ppVtab));
  memset(*ppVtab, 0, sizeof(**ppVtab));
  return sqlite3_declare_vtab(db, "CREATE TABLE x(a)");
}
static int xDisconnect(sqlite3_vtab *pVtab){
  sqlite3_free(pVtab);
  return SQLITE_OK;
}
static int xBestIndex(sqlite3_vtab *pVtab, sqlite3_index_info *pInfo){
  (void)pVtab;
  pInfo->estimatedCost = 10;
  return SQLITE_OK;
}
static int xOpen(sqlite3_vtab *pVtab, sqlite3_vtab_cursor **ppCur){
  Cursor *p = sqlite3_malloc(sizeof(*p));
  (void)pVtab;
  memset(p, 0, sizeof(*p));
  *ppCur = &p->base;
  return SQLITE_OK;
}
static int xClose(sqlite3_vtab_cursor *pCur){
  sqlite3_free(pCur);
  return SQLITE_OK;
}
static int xFilter(sqlite3_vtab_cursor *pCur, int idxNum, const char *idxStr,
                   int argc, sqlite3_value **argv){
  (void)idxNum; (void)idxStr; (void)argc; (void)argv;
  strcat(zSeen, "F");
  ((Cursor*)pCur)->i = 0;
  return SQLITE_OK;
}
/* Two rows, 0 and 1. */
static int xNext(sqlite3_vtab_cursor *pCur){
  ((Cursor*)pCur)->i++;
  return SQLITE_OK;
}
static int xEof(sqlite3_vtab_cursor *pCur){
  return ((Cursor*)pCur)->i>=2;
}
static int xColumn(sqlite3_vtab_cursor *pCur, sqlite3_context *pCtx, int i){
  (void)i;
  sqlite3_result_int(pCtx, ((Cursor*)pCur)->i);
  return SQLITE_OK;
}
static int xRowid(sqlite3_vtab_cursor *pCur, sqlite3_int64 *pRowid){
  *pRowid = ((Cursor*)pCur)->i;
  return SQLITE_OK;
}
static int xPreparedSql(sqlite3_vtab_cursor *pCur, const char *zSql){
  strcat(strcat(strcat(zSeen, "P("), zSql), ")");
  if( zMessage ) pCur->pVtab->zErrMsg = sqlite3_mprintf("%s", zMessage);
  return rcPrepared;
}

/* A module of either kind: the methods that both have. */
#define METHODS .xConnect = xConnect, .xBestIndex = xBestIndex, \
  .xDisconnect = xDisconnect, .xOpen = xOpen, .xClose = xClose, \
  .xFilter = xFilter, .xNext = xNext, .xEof = xEof, .xColumn = xColumn, \
  .xRowid = xRowid
static const libsql_module told =
  { .iVersion = LIBSQL_MODULE_VERSION, METHODS, .xPreparedSql = xPreparedSql };
static const libsql_module silent = { .iVersion = 900, METHODS };
static const libsql_module old =
  { .iVersion = 699, METHODS, .xPreparedSql = xPreparedSql };
static const sqlite3_module stock = { .iVersion = 4, METHODS };

static void saw(sqlite3 *db, const char *zSql, const char *zWant){
  zSeen[0] = 0;
  sqlExec(db, "%s", zSql);
  CHECK_TEXT(zSql, zSeen, zWant);
}

static int create(sqlite3 *db, const char *zName, const libsql_module *p){
  return sqlite3_create_module(db, zName, (const sqlite3_module*)p, 0);
}

/* Fails before it reads a row, and works when it is tried again. */
static void testError(sqlite3 *db){
  sqlite3_stmt *pStmt = 0;
  sqlite3_prepare_v2(db, "SELECT a FROM told", -1, &pStmt, 0);
  zSeen[0] = 0;
  rcPrepared = SQLITE_AUTH;
  CHECK_INT("its result ends the statement", sqlite3_step(pStmt), SQLITE_AUTH);
  CHECK_TEXT("before xFilter", zSeen, "P(SELECT a FROM told)");
  sqlite3_reset(pStmt);
  zMessage = "told not to";
  CHECK_INT("with a message", sqlite3_step(pStmt), SQLITE_AUTH);
  CHECK_TEXT("that is passed on", sqlite3_errmsg(db), "told not to");
  CHECK_INT("reset", sqlite3_reset(pStmt), SQLITE_AUTH);
  rcPrepared = SQLITE_OK;
  zMessage = 0;
  CHECK_INT("and works", sqlite3_step(pStmt), SQLITE_ROW);
  sqlite3_finalize(pStmt);
}

static void testParameters(sqlite3 *db){
  sqlite3_stmt *pStmt = 0;
  sqlite3_prepare_v2(db, "SELECT ?1 FROM told; SELECT 2", -1, &pStmt, 0);
  sqlite3_bind_text(pStmt, 1, "secret", -1, SQLITE_STATIC);
  zSeen[0] = 0;
  CHECK_INT("a row", sqlite3_step(pStmt), SQLITE_ROW);
  CHECK_TEXT("parameters are not expanded", zSeen, "P(SELECT ?1 FROM told;)F");
  sqlite3_finalize(pStmt);
}

int main(void){
  sqlite3 *db = openDb(":memory:");
  CHECK_INT("told", create(db, "told", &told), SQLITE_OK);
  CHECK_INT("silent", create(db, "silent", &silent), SQLITE_OK);
  CHECK_INT("old", create(db, "old", &old), SQLITE_OK);
  CHECK_INT("stock", sqlite3_create_module(db, "stock", &stock, 0), SQLITE_OK);

  saw(db, "SELECT a FROM told", "P(SELECT a FROM told)F");
  saw(db, "SELECT a FROM silent", "F");
  saw(db, "SELECT a FROM old", "F");
  saw(db, "SELECT a FROM stock", "F");
  saw(db, "SELECT 1 FROM silent x CROSS JOIN told",
      "FP(SELECT 1 FROM silent x CROSS JOIN told)F"
       "P(SELECT 1 FROM silent x CROSS JOIN told)F");
  sqlExec(db, "CREATE TABLE t(a); CREATE TEMP TRIGGER tr AFTER INSERT ON t"
              " BEGIN SELECT count(*) FROM told; END");
  saw(db, "INSERT INTO t VALUES(1)", "P(INSERT INTO t VALUES(1))F");
  CHECK_SQL(db, "SELECT a FROM told WHERE a>0", "1");
  testParameters(db);
  testError(db);
  closeDb(db);
  return finish();
}
