/*
** A loadable extension that knows nothing of Seawall.  Its function tells
** whether the SQLite that it calls was compiled with an option.
*/
#include "sqlite3ext.h"
SQLITE_EXTENSION_INIT1

static void usedFunc(sqlite3_context *pCtx, int nArg, sqlite3_value **apArg){
  const char *z = (const char*)sqlite3_value_text(apArg[0]);
  (void)nArg;
  sqlite3_result_int(pCtx, z && sqlite3_compileoption_used(z));
}

int sqlite3_extension_init(
  sqlite3 *db,
  char **pzErrMsg,
  const sqlite3_api_routines *pApi
){
  (void)pzErrMsg;
  SQLITE_EXTENSION_INIT2(pApi);
  return sqlite3_create_function(db, "used", 1, SQLITE_UTF8, 0, usedFunc, 0, 0);
}
