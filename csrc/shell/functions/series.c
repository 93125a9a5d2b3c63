/*
** generate_series(START ?, STOP ?, STEP??): a table-valued function of integers.
*/
#include <string.h>
#include "shell.h"

#define COL_VALUE  0
#define COL_START  1
#define COL_STOP   2
#define COL_STEP   3

/* idxNum of a plan: which arguments there are, and the order. */
#define PLAN_STOP   0x02
#define PLAN_STEP   0x04
#define PLAN_ASC    0x08
#define PLAN_DESC   0x10

typedef struct Series Series;
struct Series {
  sqlite3_vtab_cursor base;
  i64 iStart, iStop, iStep;   /* As they were given */
  i64 iFirst;                 /* The first value */
  sqlite3_uint64 nLeft;       /* Values behind the current one */
  sqlite3_uint64 iRow;
  i64 iValue;
  int iSign;                  /* +1 or -1: where the next value is */
  sqlite3_uint64 nStep;       /* How far */
  int bEof;
};

static int seriesConnect(
  sqlite3 *db,
  void *pAux,
  int argc,
  const char *const *argv,
  sqlite3_vtab **ppVtab,
  char **pzErr
){
  int rc = sqlite3_declare_vtab(db,
      "CREATE TABLE x(value, start HIDDEN, stop HIDDEN, step HIDDEN)");
  (void)pAux; (void)argc; (void)argv; (void)pzErr;
  if( rc==SQLITE_OK ){
    *ppVtab = sqlite3_malloc(sizeof(**ppVtab));
    if( *ppVtab==0 ) return SQLITE_NOMEM;
    memset(*ppVtab, 0, sizeof(**ppVtab));
    sqlite3_vtab_config(db, SQLITE_VTAB_INNOCUOUS);
  }
  return rc;
}
static int seriesDisconnect(sqlite3_vtab *pVtab){
  sqlite3_free(pVtab);
  return SQLITE_OK;
}
static int seriesOpen(sqlite3_vtab *pVtab, sqlite3_vtab_cursor **ppCursor){
  Series *p = sqlite3_malloc(sizeof(*p));
  (void)pVtab;
  if( p==0 ) return SQLITE_NOMEM;
  memset(p, 0, sizeof(*p));
  *ppCursor = &p->base;
  return SQLITE_OK;
}
static int seriesClose(sqlite3_vtab_cursor *pCursor){
  sqlite3_free(pCursor);
  return SQLITE_OK;
}

/*
** The start must be there.  Arguments come in the order of the columns.
*/
static int seriesBestIndex(sqlite3_vtab *pVtab, sqlite3_index_info *pInfo){
  int aiArg[3] = { -1, -1, -1 };
  int i, nArg = 0, bUnusable = 0;
  for(i=0; i<pInfo->nConstraint; i++){
    int iArg = pInfo->aConstraint[i].iColumn - COL_START;
    if( iArg<0 || pInfo->aConstraint[i].op!=SQLITE_INDEX_CONSTRAINT_EQ ) continue;
    if( pInfo->aConstraint[i].usable ){
      aiArg[iArg] = i;
    }else{
      bUnusable = 1;
    }
  }
  if( bUnusable && aiArg[0]<0 ) return SQLITE_CONSTRAINT;
  if( aiArg[0]<0 ){
    pVtab->zErrMsg = sqlite3_mprintf("first argument to \"generate_series()\""
                                     " missing or unusable");
    return SQLITE_ERROR;
  }
  pInfo->idxNum = 0;
  for(i=0; i<3; i++){
    if( aiArg[i]<0 ) continue;
    pInfo->idxNum |= 1<<i;
    pInfo->aConstraintUsage[aiArg[i]].argvIndex = ++nArg;
    pInfo->aConstraintUsage[aiArg[i]].omit = 1;
  }
  pInfo->estimatedCost = (pInfo->idxNum & PLAN_STOP) ? 10.0 : 1e9;
  pInfo->estimatedRows = (pInfo->idxNum & PLAN_STOP) ? 1000 : 0x7fffffff;
  if( pInfo->nOrderBy==1 && pInfo->aOrderBy[0].iColumn==COL_VALUE ){
    pInfo->idxNum |= pInfo->aOrderBy[0].desc ? PLAN_DESC : PLAN_ASC;
    pInfo->orderByConsumed = 1;
  }
  return SQLITE_OK;
}

/*
** Values go from START to STOP by STEP, which may be negative.  In which order
** they come is another matter.
*/
static int seriesFilter(
  sqlite3_vtab_cursor *pCursor,
  int idxNum,
  const char *idxStr,
  int argc,
  sqlite3_value **argv
){
  Series *p = (Series*)pCursor;
  int i, iArg = 0;
  sqlite3_uint64 nSpan;
  (void)idxStr;
  p->iStart = sqlite3_value_int64(argv[iArg++]);
  p->iStop = (idxNum & PLAN_STOP) ? sqlite3_value_int64(argv[iArg++])
                                  : (i64)0xffffffff;
  p->iStep = (idxNum & PLAN_STEP) ? sqlite3_value_int64(argv[iArg++]) : 1;
  if( p->iStep==0 ) p->iStep = 1;
  p->iRow = 1;
  p->bEof = p->iStep>0 ? p->iStart>p->iStop : p->iStart<p->iStop;
  for(i=0; i<argc; i++){
    if( sqlite3_value_type(argv[i])==SQLITE_NULL ) p->bEof = 1;
  }
  if( p->bEof ) return SQLITE_OK;
  p->nStep = p->iStep>0 ? (sqlite3_uint64)p->iStep
                        : (sqlite3_uint64)0 - (sqlite3_uint64)p->iStep;
  nSpan = p->iStep>0 ? (sqlite3_uint64)p->iStop - (sqlite3_uint64)p->iStart
                     : (sqlite3_uint64)p->iStart - (sqlite3_uint64)p->iStop;
  p->nLeft = nSpan/p->nStep;
  p->iValue = p->iStart;
  p->iSign = p->iStep>0 ? 1 : -1;
  if( idxNum & (p->iSign>0 ? PLAN_DESC : PLAN_ASC) ){
    /* From the other end */
    sqlite3_uint64 n = p->nLeft*p->nStep;
    p->iValue = (i64)(p->iSign>0 ? (sqlite3_uint64)p->iStart + n
                                 : (sqlite3_uint64)p->iStart - n);
    p->iSign = -p->iSign;
  }
  return SQLITE_OK;
}

static int seriesNext(sqlite3_vtab_cursor *pCursor){
  Series *p = (Series*)pCursor;
  if( p->nLeft==0 ){
    p->bEof = 1;
  }else{
    p->nLeft--;
    p->iRow++;
    p->iValue = (i64)(p->iSign>0 ? (sqlite3_uint64)p->iValue + p->nStep
                                 : (sqlite3_uint64)p->iValue - p->nStep);
  }
  return SQLITE_OK;
}
static int seriesEof(sqlite3_vtab_cursor *pCursor){
  return ((Series*)pCursor)->bEof;
}
static int seriesColumn(
  sqlite3_vtab_cursor *pCursor,
  sqlite3_context *pCtx,
  int iCol
){
  Series *p = (Series*)pCursor;
  i64 iValue = p->iValue;
  if( iCol==COL_START ) iValue = p->iStart;
  if( iCol==COL_STOP ) iValue = p->iStop;
  if( iCol==COL_STEP ) iValue = p->iStep;
  sqlite3_result_int64(pCtx, iValue);
  return SQLITE_OK;
}
static int seriesRowid(sqlite3_vtab_cursor *pCursor, sqlite3_int64 *piRowid){
  *piRowid = (i64)((Series*)pCursor)->iRow;
  return SQLITE_OK;
}

/*
** Give the function to the connection that has just been opened.
*/
void seriesFunction(Shell *p){
  static const sqlite3_module module = {
    .xConnect = seriesConnect, .xBestIndex = seriesBestIndex,
    .xDisconnect = seriesDisconnect, .xOpen = seriesOpen, .xClose = seriesClose,
    .xFilter = seriesFilter, .xNext = seriesNext, .xEof = seriesEof,
    .xColumn = seriesColumn, .xRowid = seriesRowid,
  };
  sqlite3_create_module(p->db, "generate_series", &module, 0);
}
