/*
** fsdir(PATH ?, DIR?): a table-valued function of what is in a directory, and
** lsmode().
*/
#include <dirent.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "shell.h"

#define COL_NAME   0
#define COL_MODE   1
#define COL_MTIME  2
#define COL_DATA   3
#define COL_LEVEL  4
#define COL_PATH   5
#define COL_DIR    6

/* idxNum of a plan: the arguments, in this order. */
#define PLAN_PATH      0x01
#define PLAN_DIR       0x02
#define PLAN_LEVEL_LT  0x04
#define PLAN_LEVEL_LE  0x08

/*
** A directory that is being read.
*/
typedef struct OpenDir OpenDir;
struct OpenDir {
  DIR *pDir;
  char *zPath;
  OpenDir *pOuter;
};

typedef struct FsDir FsDir;
struct FsDir {
  sqlite3_vtab_cursor base;
  OpenDir *pOpen;          /* The innermost directory */
  int nOpen;
  i64 iLevelMax;           /* Rows of deeper levels are not wanted */
  char *zPath;             /* Of the current row; NULL at the end */
  size_t nBase;            /* What of it is not part of its name */
  struct stat stat;
  i64 iRow;
};

/*
** lsmode(MODE): a mode as "ls -l" shows it.
*/
static void lsmodeFunc(
  sqlite3_context *pCtx,
  int nArg,
  sqlite3_value **apArg
){
  static const char zBit[] = "rwxrwxrwx";
  mode_t mode = (mode_t)sqlite3_value_int(apArg[0]);
  char z[10];
  int i;
  (void)nArg;
  z[0] = S_ISLNK(mode) ? 'l' : S_ISREG(mode) ? '-' : S_ISDIR(mode) ? 'd' : '?';
  for(i=0; i<9; i++) z[i+1] = (mode & (0400u>>i)) ? zBit[i] : '-';
  sqlite3_result_text(pCtx, z, sizeof(z), SQLITE_TRANSIENT);
}

static int fsdirConnect(
  sqlite3 *db,
  void *pAux,
  int argc,
  const char *const *argv,
  sqlite3_vtab **ppVtab,
  char **pzErr
){
  int rc = sqlite3_declare_vtab(db,
      "CREATE TABLE x(name,mode,mtime,data,level,path HIDDEN,dir HIDDEN)");
  (void)pAux; (void)argc; (void)argv; (void)pzErr;
  if( rc==SQLITE_OK ){
    *ppVtab = sqlite3_malloc(sizeof(**ppVtab));
    if( *ppVtab==0 ) return SQLITE_NOMEM;
    memset(*ppVtab, 0, sizeof(**ppVtab));
    sqlite3_vtab_config(db, SQLITE_VTAB_DIRECTONLY);
  }
  return rc;
}
static int fsdirDisconnect(sqlite3_vtab *pVtab){
  sqlite3_free(pVtab);
  return SQLITE_OK;
}
static int fsdirOpen(sqlite3_vtab *pVtab, sqlite3_vtab_cursor **ppCursor){
  FsDir *p = sqlite3_malloc(sizeof(*p));
  (void)pVtab;
  if( p==0 ) return SQLITE_NOMEM;
  memset(p, 0, sizeof(*p));
  *ppCursor = &p->base;
  return SQLITE_OK;
}

/*
** Report that something cannot be done with zPath.
*/
static int fsdirError(FsDir *p, const char *zWhat, const char *zPath){
  sqlite3_free(p->base.pVtab->zErrMsg);
  p->base.pVtab->zErrMsg = sqlite3_mprintf("%s: %s", zWhat, zPath);
  return SQLITE_ERROR;
}

/*
** Descend into the directory that is the current row.
*/
static int enterDirectory(FsDir *p){
  DIR *pDir = opendir(p->zPath);
  OpenDir *pNew;
  if( pDir==0 ) return fsdirError(p, "cannot read directory", p->zPath);
  pNew = sqlite3_malloc(sizeof(*pNew));
  if( pNew==0 ){
    closedir(pDir);
    return SQLITE_NOMEM;
  }
  pNew->pDir = pDir;
  pNew->zPath = p->zPath;
  pNew->pOuter = p->pOpen;
  p->zPath = 0;
  p->pOpen = pNew;
  p->nOpen++;
  return SQLITE_OK;
}
static void leaveDirectory(FsDir *p){
  OpenDir *pOpen = p->pOpen;
  p->pOpen = pOpen->pOuter;
  p->nOpen--;
  closedir(pOpen->pDir);
  sqlite3_free(pOpen->zPath);
  sqlite3_free(pOpen);
}

static void fsdirReset(FsDir *p){
  while( p->pOpen ) leaveDirectory(p);
  sqlite3_free(p->zPath);
  p->zPath = 0;
}
static int fsdirClose(sqlite3_vtab_cursor *pCursor){
  fsdirReset((FsDir*)pCursor);
  sqlite3_free(pCursor);
  return SQLITE_OK;
}

/*
** PATH must be there.  Levels that are not wanted are not read.
*/
static int fsdirBestIndex(sqlite3_vtab *pVtab, sqlite3_index_info *pInfo){
  int iPath = -1, iDir = -1, iLevel = -1, eLevel = 0, nArg = 0, i;
  (void)pVtab;
  for(i=0; i<pInfo->nConstraint; i++){
    const struct sqlite3_index_constraint *pCons = &pInfo->aConstraint[i];
    int bEq = pCons->op==SQLITE_INDEX_CONSTRAINT_EQ;
    if( bEq && (pCons->iColumn==COL_PATH || pCons->iColumn==COL_DIR) ){
      if( !pCons->usable ) return SQLITE_CONSTRAINT;
      if( pCons->iColumn==COL_PATH ){ iPath = i; }else{ iDir = i; }
    }else if( pCons->iColumn==COL_LEVEL && pCons->usable && iLevel<0 ){
      if( pCons->op==SQLITE_INDEX_CONSTRAINT_LT ){
        eLevel = PLAN_LEVEL_LT;
      }else if( bEq || pCons->op==SQLITE_INDEX_CONSTRAINT_LE ){
        eLevel = PLAN_LEVEL_LE;
      }else{
        continue;
      }
      iLevel = i;
    }
  }
  pInfo->idxNum = 0;
  pInfo->estimatedRows = 0x7fffffff;
  if( iPath<0 ) return SQLITE_OK;
  pInfo->idxNum = PLAN_PATH;
  pInfo->estimatedCost = 1e9;
  pInfo->aConstraintUsage[iPath].argvIndex = ++nArg;
  pInfo->aConstraintUsage[iPath].omit = 1;
  if( iDir>=0 ){
    pInfo->idxNum |= PLAN_DIR;
    pInfo->aConstraintUsage[iDir].argvIndex = ++nArg;
    pInfo->aConstraintUsage[iDir].omit = 1;
    pInfo->estimatedCost /= 1e4;
  }
  if( iLevel>=0 ){
    pInfo->idxNum |= eLevel;
    pInfo->aConstraintUsage[iLevel].argvIndex = ++nArg;
    pInfo->estimatedCost /= 1e4;
  }
  return SQLITE_OK;
}

/*
** Look at what is now the current row.
*/
static int fsdirStat(FsDir *p){
  if( p->zPath==0 ) return SQLITE_NOMEM;
  if( lstat(p->zPath, &p->stat)==0 ) return SQLITE_OK;
  return fsdirError(p, "cannot stat file", p->zPath);
}

static int fsdirFilter(
  sqlite3_vtab_cursor *pCursor,
  int idxNum,
  const char *idxStr,
  int argc,
  sqlite3_value **argv
){
  FsDir *p = (FsDir*)pCursor;
  const char *zPath, *zDir = 0;
  int iArg = 0;
  (void)idxStr; (void)argc;
  fsdirReset(p);
  p->iRow = 1;
  p->iLevelMax = 0x7fffffff;
  if( idxNum==0 ){
    sqlite3_free(p->base.pVtab->zErrMsg);
    p->base.pVtab->zErrMsg =
        sqlite3_mprintf("table function fsdir requires an argument");
    return SQLITE_ERROR;
  }
  zPath = (const char*)sqlite3_value_text(argv[iArg++]);
  if( zPath==0 ){
    sqlite3_free(p->base.pVtab->zErrMsg);
    p->base.pVtab->zErrMsg =
        sqlite3_mprintf("table function fsdir requires a non-NULL argument");
    return SQLITE_ERROR;
  }
  if( idxNum & PLAN_DIR ) zDir = (const char*)sqlite3_value_text(argv[iArg++]);
  if( idxNum & (PLAN_LEVEL_LT|PLAN_LEVEL_LE) ){
    p->iLevelMax = sqlite3_value_int(argv[iArg]);
    if( idxNum & PLAN_LEVEL_LT ) p->iLevelMax--;
  }
  p->nBase = zDir ? strlen(zDir)+1 : 0;
  p->zPath = zDir ? sqlite3_mprintf("%s/%s", zDir, zPath)
                  : sqlite3_mprintf("%s", zPath);
  return fsdirStat(p);
}

static int fsdirNext(sqlite3_vtab_cursor *pCursor){
  FsDir *p = (FsDir*)pCursor;
  p->iRow++;
  if( S_ISDIR(p->stat.st_mode) && p->nOpen+1<p->iLevelMax ){
    int rc = enterDirectory(p);
    if( rc!=SQLITE_OK ) return rc;
  }
  while( p->pOpen ){
    struct dirent *pEntry = readdir(p->pOpen->pDir);
    if( pEntry==0 ){
      leaveDirectory(p);
    }else if( strcmp(pEntry->d_name, ".")!=0
           && strcmp(pEntry->d_name, "..")!=0 ){
      sqlite3_free(p->zPath);
      p->zPath = sqlite3_mprintf("%s/%s", p->pOpen->zPath, pEntry->d_name);
      return fsdirStat(p);
    }
  }
  sqlite3_free(p->zPath);
  p->zPath = 0;
  return SQLITE_OK;
}
static int fsdirEof(sqlite3_vtab_cursor *pCursor){
  return ((FsDir*)pCursor)->zPath==0;
}

/*
** The target of a symbolic link.
*/
static void linkResult(sqlite3_context *pCtx, const char *zPath){
  sqlite3_uint64 nAlloc = 64;
  for(;;){
    char *z = sqlite3_malloc64(nAlloc);
    ssize_t n;
    if( z==0 ){
      sqlite3_result_error_nomem(pCtx);
      return;
    }
    n = readlink(zPath, z, (size_t)nAlloc);
    if( n>=0 && (sqlite3_uint64)n<nAlloc ){
      sqlite3_result_text64(pCtx, z, (sqlite3_uint64)n, sqlite3_free,
                            SQLITE_UTF8);
      return;
    }
    sqlite3_free(z);
    if( n<0 ) return;
    nAlloc *= 2;
  }
}

static int fsdirColumn(
  sqlite3_vtab_cursor *pCursor,
  sqlite3_context *pCtx,
  int iCol
){
  FsDir *p = (FsDir*)pCursor;
  switch( iCol ){
    case COL_NAME:
      sqlite3_result_text(pCtx, &p->zPath[p->nBase], -1, SQLITE_TRANSIENT);
      break;
    case COL_MODE:
      sqlite3_result_int64(pCtx, (i64)p->stat.st_mode);
      break;
    case COL_MTIME:
      sqlite3_result_int64(pCtx, (i64)p->stat.st_mtime);
      break;
    case COL_DATA:
      if( S_ISLNK(p->stat.st_mode) ){
        linkResult(pCtx, p->zPath);
      }else if( S_ISREG(p->stat.st_mode) ){
        fileResult(pCtx, p->zPath);
      }
      break;
    case COL_LEVEL:
      sqlite3_result_int(pCtx, p->nOpen+1);
      break;
  }
  return SQLITE_OK;
}
static int fsdirRowid(sqlite3_vtab_cursor *pCursor, sqlite3_int64 *piRowid){
  *piRowid = ((FsDir*)pCursor)->iRow;
  return SQLITE_OK;
}

/*
** Give the functions to a connection.
*/
void fsdirFunctions(sqlite3 *db){
  static const sqlite3_module module = {
    .xConnect = fsdirConnect, .xBestIndex = fsdirBestIndex,
    .xDisconnect = fsdirDisconnect, .xOpen = fsdirOpen, .xClose = fsdirClose,
    .xFilter = fsdirFilter, .xNext = fsdirNext, .xEof = fsdirEof,
    .xColumn = fsdirColumn, .xRowid = fsdirRowid,
  };
  sqlite3_create_module(db, "fsdir", &module, 0);
  sqlite3_create_function(db, "lsmode", 1,
      SQLITE_UTF8|SQLITE_DETERMINISTIC|SQLITE_INNOCUOUS, 0, lsmodeFunc, 0, 0);
}
