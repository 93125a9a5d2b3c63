/*
** See foreign.h.  Nothing in this file knows of Seawall.
*/
#include "foreign.h"

const Foreign foreign = {
  sqlite3_version,
  &sqlite3_temp_directory,
  sqlite3_initialize,
  sqlite3_shutdown,
  sqlite3_config,
  sqlite3_close,
  sqlite3_compileoption_used,
  sqlite3_soft_heap_limit64,
  sqlite3_vfs_find,
  sqlite3_vfs_register,
  sqlite3_vfs_unregister,
};

sqlite3 *foreignOpen(const char *zUri){
  sqlite3 *db = 0;
  int rc = sqlite3_open_v2(zUri, &db,
      SQLITE_OPEN_READWRITE|SQLITE_OPEN_CREATE|SQLITE_OPEN_URI, 0);
  if( rc==SQLITE_OK ) return db;
  sqlite3_close(db);
  return 0;
}

const char *foreignText(sqlite3 *db, const char *zSql){
  static char zOut[500];
  sqlite3_stmt *pStmt = 0;
  int n = 0;
  zOut[0] = 0;
  sqlite3_prepare_v2(db, zSql, -1, &pStmt, 0);
  while( sqlite3_step(pStmt)==SQLITE_ROW && n<(int)sizeof(zOut)-100 ){
    sqlite3_snprintf(100, &zOut[n], "%s%s", n ? " " : "",
                     sqlite3_column_text(pStmt, 0));
    while( zOut[n] ) n++;
  }
  if( sqlite3_finalize(pStmt)!=SQLITE_OK || pStmt==0 ){
    sqlite3_snprintf(sizeof(zOut), zOut, "%s", sqlite3_errmsg(db));
  }
  return zOut;
}
