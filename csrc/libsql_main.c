/*
** The entry points of libSQL that concern a connection as a whole.  This
** stands in main.c, behind openDatabase().
*/

SQLITE_API const char *libsql_libversion(void){
  return LIBSQL_VERSION;
}

SQLITE_API int libsql_open_v2(
  const char *filename,
  sqlite3 **ppDb,
  int flags,
  const char *zVfs,
  const char *zWal,
  void *pWalMethodsData
){
  SeawallOpen x;
  (void)pWalMethodsData;
  if( ppDb==0 ) return SQLITE_MISUSE_BKPT;
  x.zWal = zWal;
  x.pMgr = 0;
  return openDatabase(filename, ppDb, (unsigned int)flags, zVfs, &x);
}
SQLITE_API int libsql_open(
  const char *filename,
  sqlite3 **ppDb,
  int flags,
  const char *zVfs,
  const char *zWal
){
  return libsql_open_v2(filename, ppDb, flags, zVfs, zWal, 0);
}

/*
** The manager belongs to a count from the start.  Whatever becomes of the
** connection, it is destroyed when the last count is given back.
*/
SQLITE_API int libsql_open_v3(
  const char *filename,
  sqlite3 **ppDb,
  int flags,
  const char *zVfs,
  libsql_wal_manager wal_manager
){
  SeawallOpen x;
  int rc;
  if( ppDb ) *ppDb = 0;
  if( ppDb==0 || !managerIsUsable(&wal_manager) ){
    managerDestroy(&wal_manager);
    return SQLITE_MISUSE_BKPT;
  }
#ifndef SQLITE_OMIT_AUTOINIT
  rc = sqlite3_initialize();
  if( rc!=SQLITE_OK ){
    managerDestroy(&wal_manager);
    return rc;
  }
#endif
  x.zWal = 0;
  rc = make_ref_counted_wal_manager(wal_manager, &x.pMgr);
  if( rc==SQLITE_OK ){
    rc = openDatabase(filename, ppDb, (unsigned int)flags, zVfs, &x);
    destroy_wal_manager(x.pMgr);
  }
  return rc;
}

SQLITE_API void *libsql_close_hook(
  sqlite3 *db,
  void (*xClose)(void *pCtx, sqlite3 *db),
  void *arg
){
  void *pOld;
  if( db==0 || !sqlite3SafetyCheckSickOrOk(db) ){
    (void)SQLITE_MISUSE_BKPT;
    return 0;
  }
  sqlite3_mutex_enter(db->mutex);
  pOld = db->pCloseArg;
  db->xCloseHook = xClose;
  db->pCloseArg = arg;
  sqlite3_mutex_leave(db->mutex);
  return pOld;
}

#include "libsql_wal.c"
#include "wasm.c"
#include "timeline.c"
