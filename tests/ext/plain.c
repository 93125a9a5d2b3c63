/*
** An extension that knows of stock SQLite only.
*/
#include "sqlite3ext.h"
SQLITE_EXTENSION_INIT1

static void says(sqlite3_context *pCtx, int nArg, sqlite3_value **apArg){
  (void)nArg; (void)apArg;
  sqlite3_result_text(pCtx, "plain", -1, SQLITE_STATIC);
}

int sqlite3_extension_init(sqlite3 *db, char **pzErrMsg,
                           const sqlite3_api_routines *pApi){
  SQLITE_EXTENSION_INIT2(pApi);
  (void)pzErrMsg;
  return sqlite3_create_function(db, "extension_says", 0, SQLITE_UTF8, 0,
                                 says, 0, 0);
}
