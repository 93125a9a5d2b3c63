/*
** A second file of the extension in hooked.c.
*/
#include <stdio.h>
#include "libsqlext.h"
SQLITE_EXTENSION_INIT3
LIBSQL_EXTENSION_INIT3

static void onClose(void *pArg, sqlite3 *db){
  (void)db;
  printf("closes %s\n", (const char*)pArg);
}

void setHook(sqlite3 *db);
void setHook(sqlite3 *db){
  libsql_close_hook(db, onClose, "hooked");
}
