/*
** The connection: opening, closing, and what every one of them is given.
*/
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "shell.h"

/*
** The file name to open: z with a leading "~/" expanded, unless there
** really is a file of that name.  To be freed; NULL asks for a temporary
** database.
*/
char *databaseFile(const char *z){
  const char *zHome = getenv("HOME");
  if( z && z[0]=='~' && z[1]=='/' && zHome && zHome[0] && access(z,F_OK) ){
    return shPrintf("%s%s", zHome, &z[1]);
  }
  return shDup(z);
}

/*
** Give p->db the functions of the shell.
*/
void databaseFunctions(Shell *p){
  schemaFunctions(p);
  fileFunctions(p);
  /* Not even after ".nonce": the connection outlives it. */
  if( !p->bSafeOption ){
    fsdirFunctions(p->db);
    sqlarFunctions(p->db);
    zipfileFunctions(p->db);
  }
  seriesFunction(p);
  textFunctions(p);
  floatFunctions(p);
  baseFunctions(p);
  decimalFunctions(p);
  uintInstall(p);
  testFunctions(p);
  editFunction(p);
  completionFunction(p);
  dataTables(p);
}

/*
** What every connection of the shell is given.
*/
static void databaseSetup(Shell *p){
  sqlite3_db_config(p->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, p->bUnsafeTesting,
                    0);
  sqlite3_db_config(p->db, SQLITE_DBCONFIG_DEFENSIVE, !p->bUnsafeTesting, 0);
#ifndef SQLITE_OMIT_LOAD_EXTENSION
  sqlite3_enable_load_extension(p->db, 1);
#endif
  databaseFunctions(p);
  safeInstall(p);
  traceInstall(p);
}

/*
** Open zFile and set p->db.  Return true on success; otherwise tell why and
** leave p->db NULL.
*/
static int databaseTryOpen(Shell *p, const char *zFile){
  int rc;
  switch( p->eOpen ){
    case OPEN_ZIP:
    case OPEN_COPY:
    case OPEN_TEXT:
      rc = sqlite3_open(":memory:", &p->db);
      break;
    case OPEN_APPEND:
      rc = sqlite3_open_v2(zFile, &p->db, p->openFlags, "apndvfs");
      break;
    default:
      rc = sqlite3_open_v2(zFile, &p->db, p->openFlags, 0);
      break;
  }
  if( rc==SQLITE_OK ) return 1;
  fprintf(stderr, "Error: unable to open database \"%s\": %s\n",
          zFile ? zFile : "",
          p->db ? sqlite3_errmsg(p->db) : sqlite3_errstr(rc));
  sqlite3_close(p->db);
  p->db = 0;
  return 0;
}

/*
** Make a ZIP archive the table "zip".
*/
static void openZip(Shell *p, const char *zFile){
  char *zSql = shPrintf("CREATE VIRTUAL TABLE zip USING zipfile(%Q);%s", zFile,
      (p->openFlags & SQLITE_OPEN_READONLY) ? "PRAGMA query_only=1" : "");
  if( sqlite3_exec(p->db, zSql, 0, 0, 0)!=SQLITE_OK ) databaseError(p);
  sqlite3_free(zSql);
}

/*
** Make sure that there is a connection.  If the database cannot be opened
** then, depending on eOnError, exit with code 1 or go on with an in-memory
** database in its place.
*/
void databaseOpen(Shell *p, int eOnError){
  const int mAccess = SQLITE_OPEN_READONLY|SQLITE_OPEN_READWRITE;
  char *zFile;
  if( p->db ) return;
  if( (p->openFlags & mAccess)==0 ){
    if( p->openFlags==0 ) p->openFlags = SQLITE_OPEN_CREATE;
    p->openFlags |= SQLITE_OPEN_READWRITE;
  }
  zFile = databaseFile(p->zDbFile);
  if( p->eOpen==OPEN_GUESS ) p->eOpen = (u8)fileType(zFile ? zFile : "", 0);
  if( p->eOpen==OPEN_ZIP ) safeRefuse(p, "cannot open ZIP archives in safe mode");
  if( !databaseTryOpen(p, zFile) ){
    if( eOnError==OPEN_OR_EXIT ) exit(1);
    if( sqlite3_open(":memory:", &p->db)!=SQLITE_OK ){
      fputs("Also: unable to open substitute in-memory database.\n", stderr);
      exit(1);
    }
    fprintf(stderr, "Notice: using substitute in-memory database instead of"
                    " \"%s\"\n", zFile ? zFile : "");
    sqlite3_free(p->zDbFile);
    p->zDbFile = 0;
  }
  signalWatch(p->db);
  databaseSetup(p);
  if( p->eOpen==OPEN_ZIP ) openZip(p, zFile);
  if( p->eOpen==OPEN_COPY || p->eOpen==OPEN_TEXT ) imageLoad(p, zFile);
  sqlite3_free(zFile);
}

/*
** Close the connection, if there is one.
*/
void databaseClose(Shell *p){
  int rc;
  signalWatch(0);
  recordingCloseAll(p);
  rc = sqlite3_close(p->db);
  if( rc ){
    fprintf(stderr, "Error: sqlite3_close() returns %d: %s\n", rc,
            sqlite3_errmsg(p->db));
  }
  p->db = 0;
}

/*
** Let statements change, or make do with, whatever the schema says.  Return
** what databaseRelock() needs to undo that.
*/
int databaseUnlock(sqlite3 *db){
  int bDefensive = 0, bWritable = 0;
  sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, -1, &bDefensive);
  sqlite3_db_config(db, SQLITE_DBCONFIG_WRITABLE_SCHEMA, -1, &bWritable);
  sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 0, 0);
  sqlite3_db_config(db, SQLITE_DBCONFIG_WRITABLE_SCHEMA, 1, 0);
  return bDefensive | bWritable<<1;
}
void databaseRelock(sqlite3 *db, int mLock){
  sqlite3_db_config(db, SQLITE_DBCONFIG_WRITABLE_SCHEMA, mLock>>1, 0);
  sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, mLock & 1, 0);
}

/*
** Report the latest error of the connection.  Return DOT_ERROR.
*/
int databaseError(Shell *p){
  fprintf(stderr, "Error: %s\n", sqlite3_errmsg(p->db));
  return DOT_ERROR;
}

/*
** Run a query and return the integer in its first row, or 0.
*/
int databaseInt(Shell *p, const char *zSql){
  sqlite3_stmt *pStmt = 0;
  int iRes = 0;
  sqlite3_prepare_v2(p->db, zSql, -1, &pStmt, 0);
  if( pStmt && sqlite3_step(pStmt)==SQLITE_ROW ){
    iRes = sqlite3_column_int(pStmt, 0);
  }
  sqlite3_finalize(pStmt);
  return iRes;
}
