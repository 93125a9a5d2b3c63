/*
** Whole databases: ".backup" and ".save" write one to a file, ".restore" reads
** one from there.
*/
#include <string.h>
#include "shell.h"

#define STEP_PAGES   1000     /* Pages that are copied between two looks up */
#define BUSY_MS       100     /* Between two attempts at a busy source */
#define BUSY_MAX        3     /* Attempts before the source is called busy */

/*
** Copy a whole database.  A source that stays busy is given up.  Return
** SQLITE_DONE, or what went wrong, which pDest knows more about.
*/
static int copyDatabase(
  Shell *p,
  sqlite3 *pDest,
  const char *zDest,
  sqlite3 *pSource,
  const char *zSource
){
  sqlite3_backup *pBackup;
  Progress progress;
  int nBusy = 0;
  int rc;
  pBackup = sqlite3_backup_init(pDest, zDest, pSource, zSource);
  if( pBackup==0 ) return sqlite3_errcode(pDest);
  progressBegin(&progress, p, p->dot.azArg[0], "pages");
  do{
    rc = sqlite3_backup_step(pBackup, STEP_PAGES);
    if( rc==SQLITE_BUSY || rc==SQLITE_LOCKED ){
      if( ++nBusy>BUSY_MAX ) break;
      sqlite3_sleep(BUSY_MS);
      rc = SQLITE_OK;
    }else{
      i64 nTotal = sqlite3_backup_pagecount(pBackup);
      progressShow(&progress, nTotal-sqlite3_backup_remaining(pBackup), nTotal);
    }
    if( signalPending() ) rc = SQLITE_INTERRUPT;
  }while( rc==SQLITE_OK );
  progressEnd(&progress);
  sqlite3_backup_finish(pBackup);
  return rc;
}

/*
** Report how a copy ended.
*/
static int copyResult(int rc, sqlite3 *pDest){
  switch( rc ){
    case SQLITE_DONE:
      return DOT_OK;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      fputs("Error: source database is busy\n", stderr);
      break;
    case SQLITE_INTERRUPT:
      fputs("Error: interrupted\n", stderr);
      break;
    default:
      fprintf(stderr, "Error: %s\n", sqlite3_errmsg(pDest));
      break;
  }
  return DOT_ERROR;
}

/*
** .backup ?OPTIONS? ?DB? FILE
** .save ?OPTIONS? ?DB? FILE
*/
int dotBackup(Shell *p){
  const char *zDb = 0;
  const char *zFile = 0;
  const char *zVfs = 0;
  int bAsync = 0;
  sqlite3 *pDest = 0;
  int rc, i;
  safeRefuse(p, "cannot run .%s in safe mode", p->dot.azArg[0]);
  for(i=1; i<p->dot.nArg; i++){
    const char *z = p->dot.azArg[i];
    if( z[0]=='-' && shOption(z, "append") ){
      zVfs = "apndvfs";
    }else if( z[0]=='-' && shOption(z, "async") ){
      bAsync = 1;
    }else if( z[0]=='-' ){
      dotError(p, i, "unknown option", 0);
      return DOT_ERROR;
    }else if( zFile==0 ){
      zFile = z;
    }else if( zDb==0 ){
      zDb = zFile;
      zFile = z;
    }else{
      return dotUsage(".backup ?DB? ?OPTIONS? FILENAME");
    }
  }
  if( zFile==0 ){
    fputs("missing FILENAME argument on .backup\n", stderr);
    return DOT_ERROR;
  }
  if( sqlite3_open_v2(zFile, &pDest, SQLITE_OPEN_READWRITE|SQLITE_OPEN_CREATE
                      |SQLITE_OPEN_URI, zVfs)!=SQLITE_OK ){
    fprintf(stderr, "Error: cannot open \"%s\"\n", zFile);
    sqlite3_close(pDest);
    return DOT_ERROR;
  }
  if( bAsync ){
    sqlite3_exec(pDest, "PRAGMA synchronous=OFF; PRAGMA journal_mode=OFF;",
                 0, 0, 0);
  }
  databaseOpen(p, OPEN_OR_EXIT);
  rc = copyDatabase(p, pDest, "main", p->db, zDb ? zDb : "main");
  rc = copyResult(rc, pDest);
  sqlite3_close(pDest);
  return rc;
}

/*
** .restore ?DB? FILE
**
** To scripts, a file that does not exist is an empty database, as it is to the
** sqlite3 shell.  A person who mistypes a name shall not lose a database.
*/
int dotRestore(Shell *p){
  int mFlags = SQLITE_OPEN_READWRITE|SQLITE_OPEN_URI;
  const char *zFile;
  sqlite3 *pSource = 0;
  int rc;
  safeRefuse(p, "cannot run .restore in safe mode");
  if( p->dot.nArg<2 || p->dot.nArg>3 ) return dotUsage(".restore ?DB? FILE");
  zFile = p->dot.azArg[p->dot.nArg-1];
  if( !p->bInteractive ) mFlags |= SQLITE_OPEN_CREATE;
  if( sqlite3_open_v2(zFile, &pSource, mFlags, 0)!=SQLITE_OK ){
    fprintf(stderr, "Error: cannot open \"%s\"\n", zFile);
    sqlite3_close(pSource);
    return DOT_ERROR;
  }
  databaseOpen(p, OPEN_OR_EXIT);
  rc = copyDatabase(p, p->db, p->dot.nArg==2 ? "main" : p->dot.azArg[1],
                    pSource, "main");
  rc = copyResult(rc, p->db);
  sqlite3_close(pSource);
  return rc;
}
