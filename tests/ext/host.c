/*
** Load an extension into a database in memory, print what it says, close.
**
**    host EXTENSION
*/
#include <stdio.h>
#include "sqlite3.h"

static int onRow(void *pArg, int n, char **apValue, char **apName){
  (void)pArg; (void)n; (void)apName;
  printf("%s\n", apValue[0] ? apValue[0] : "null");
  return 0;
}

int main(int argc, char **argv){
  sqlite3 *db = 0;
  char *zErr = 0;
  if( argc!=2 || sqlite3_open(":memory:", &db)!=SQLITE_OK ) return 2;
  sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 1, (int*)0);
  if( sqlite3_load_extension(db, argv[1], 0, &zErr)!=SQLITE_OK
   || sqlite3_exec(db, "SELECT extension_says()", onRow, 0, &zErr)!=SQLITE_OK
  ){
    printf("error: %s\n", zErr);
    return 1;
  }
  return sqlite3_close(db);
}
