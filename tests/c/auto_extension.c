/*
** Automatic extensions: the fourth argument of their entry points, here in a
** program that is linked with the library.
*/
#define SQLITE_CORE 1
#include "libsqlext.h"
#include "check.h"
SQLITE_EXTENSION_INIT1
LIBSQL_EXTENSION_INIT1

static int nThree, nFour, nClose;
static const sqlite3_api_routines *pApis;

static void onClose(void *pArg, sqlite3 *db){
  CHECK("the connection is given", db!=0);
  (*(int*)pArg)++;
}
static int three(sqlite3 *db, char **pzErr, const sqlite3_api_routines *pApi){
  SQLITE_EXTENSION_INIT2(pApi);
  (void)db; (void)pzErr;
  pApis = pApi;
  nThree++;
  return SQLITE_OK;
}
static int four(sqlite3 *db, char **pzErr, const sqlite3_api_routines *pApi,
                const libsql_api_routines *pLibsql){
  SQLITE_EXTENSION_INIT2(pApi);
  LIBSQL_EXTENSION_INIT2(pLibsql);
  (void)pzErr;
  nFour++;
  CHECK("both get SQLite's table", pApi==pApis);
  CHECK("there is a table of libSQL's", pLibsql!=0);
  CHECK("with the close hook", pLibsql->close_hook==libsql_close_hook);
  CHECK("which is free", pLibsql->close_hook(db, onClose, &nClose)==0);
  return SQLITE_OK;
}
static int fails(sqlite3 *db, char **pzErr, const sqlite3_api_routines *pApi,
                 const libsql_api_routines *pLibsql){
  (void)db; (void)pApi; (void)pLibsql;
  *pzErr = sqlite3_mprintf("not today");
  return SQLITE_ERROR;
}

int main(void){
  sqlite3 *db;
  CHECK_INT("three parameters", sqlite3_auto_extension((void(*)(void))three), 0);
  CHECK_INT("four parameters", sqlite3_auto_extension((void(*)(void))four), 0);
  db = openDb(":memory:");
  CHECK_INT("the one with three was called", nThree, 1);
  CHECK_INT("the one with four was called", nFour, 1);
  closeDb(db);
  CHECK_INT("its hook was called", nClose, 1);

  sqlite3_auto_extension((void(*)(void))fails);
  CHECK_INT("one that fails", sqlite3_open(":memory:", &db), SQLITE_ERROR);
  CHECK_TEXT("says why", sqlite3_errmsg(db),
             "automatic extension loading failed: not today");
  sqlite3_close(db);
  sqlite3_reset_auto_extension();
  return finish();
}
