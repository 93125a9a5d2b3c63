/*
** An extension that uses the fourth argument where there is one.
*/
#include "libsqlext.h"
SQLITE_EXTENSION_INIT1
LIBSQL_EXTENSION_INIT1

/* hooked_hook.c */
void setHook(sqlite3 *db);

static void says(sqlite3_context *pCtx, int nArg, sqlite3_value **apArg){
  (void)nArg; (void)apArg;
  sqlite3_result_text(pCtx, sqlite3_user_data(pCtx), -1, SQLITE_STATIC);
}

int sqlite3_extension_init(sqlite3 *db, char **pzErrMsg,
                           const sqlite3_api_routines *pApi,
                           const libsql_api_routines *pLibsql){
  void *pMethods = 0;
  const char *zSays = "alone";
  SQLITE_EXTENSION_INIT2(pApi);
  (void)pzErrMsg;
  if( sqlite3_file_control(db, "main", SQLITE_FCNTL_WAL_METHODS_POINTER,
                           &pMethods)==SQLITE_OK ){
    LIBSQL_EXTENSION_INIT2(pLibsql);
    setHook(db);
    zSays = "hooked";
  }
  return sqlite3_create_function(db, "extension_says", 0, SQLITE_UTF8,
                                 (void*)zSays, says, 0, 0);
}
