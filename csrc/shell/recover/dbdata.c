/*
** sqlite_dbdata and sqlite_dbptr: virtual tables that show what b-tree pages
** hold, whatever state the database is in.
**
**   sqlite_dbdata(pgno, cell, field, value, schema HIDDEN)   fields of records;
**       field -1 is the rowid
**   sqlite_dbptr(pgno, child, schema HIDDEN)                 pointers to pages
*/
#include <string.h>
#include "pages.h"

typedef struct DataTable DataTable;
struct DataTable {
  sqlite3_vtab base;
  sqlite3 *db;
  int bPointers;         /* It is sqlite_dbptr */
};

typedef struct DataCursor DataCursor;
struct DataCursor {
  sqlite3_vtab_cursor base;
  PageSource source;
  Page page;
  Record record;
  i64 iPage;             /* The current page... */
  i64 iLast;             /* ...and the last one */
  int iCell;             /* The current cell */
  int iField;            /* The current field, or -1 */
  i64 iRow;
  int bEof;
};

/* Columns */
#define COL_PGNO          0
#define COL_CELL          1
#define COL_CHILD         1
#define COL_FIELD         2
#define COL_VALUE         3
#define COL_DATA_SCHEMA   4
#define COL_PTR_SCHEMA    2

/* Bits of idxNum */
#define PLAN_SCHEMA  0x01
#define PLAN_PGNO    0x02

/*
** Both tables.  pAux is not NULL for sqlite_dbptr.
*/
static int dataConnect(
  sqlite3 *db,
  void *pAux,
  int argc,
  const char *const *argv,
  sqlite3_vtab **ppVtab,
  char **pzErr
){
  DataTable *pTab;
  int rc = sqlite3_declare_vtab(db, pAux
      ? "CREATE TABLE x(pgno INTEGER, child INTEGER, schema TEXT HIDDEN)"
      : "CREATE TABLE x(pgno INTEGER, cell INTEGER, field INTEGER, value ANY,"
        " schema TEXT HIDDEN)");
  (void)argc; (void)argv; (void)pzErr;
  if( rc!=SQLITE_OK ) return rc;
  pTab = sqlite3_malloc(sizeof(*pTab));
  if( pTab==0 ) return SQLITE_NOMEM;
  memset(pTab, 0, sizeof(*pTab));
  pTab->db = db;
  pTab->bPointers = pAux!=0;
  *ppVtab = &pTab->base;
  sqlite3_vtab_config(db, SQLITE_VTAB_DIRECTONLY);
  sqlite3_vtab_config(db, SQLITE_VTAB_USES_ALL_SCHEMAS);
  return SQLITE_OK;
}
static int dataDisconnect(sqlite3_vtab *pVtab){
  sqlite3_free(pVtab);
  return SQLITE_OK;
}

static int dataOpen(sqlite3_vtab *pVtab, sqlite3_vtab_cursor **ppCursor){
  DataCursor *p = sqlite3_malloc(sizeof(*p));
  (void)pVtab;
  if( p==0 ) return SQLITE_NOMEM;
  memset(p, 0, sizeof(*p));
  *ppCursor = &p->base;
  return SQLITE_OK;
}
static int dataClose(sqlite3_vtab_cursor *pCursor){
  DataCursor *p = (DataCursor*)pCursor;
  pagesClose(&p->source);
  recordFree(&p->record);
  sqlite3_free(p->page.a);
  sqlite3_free(p);
  return SQLITE_OK;
}

/*
** Of use are: the schema, which must be known, and a page.
*/
static int dataBestIndex(sqlite3_vtab *pVtab, sqlite3_index_info *pInfo){
  DataTable *pTab = (DataTable*)pVtab;
  int iColSchema = pTab->bPointers ? COL_PTR_SCHEMA : COL_DATA_SCHEMA;
  int iSchema = -1, iPgno = -1;
  int i, nArg = 0;
  for(i=0; i<pInfo->nConstraint; i++){
    int iCol = pInfo->aConstraint[i].iColumn;
    if( pInfo->aConstraint[i].op!=SQLITE_INDEX_CONSTRAINT_EQ ) continue;
    if( !pInfo->aConstraint[i].usable ){
      if( iCol==iColSchema ) return SQLITE_CONSTRAINT;
    }else if( iCol==iColSchema ){
      iSchema = i;
    }else if( iCol==COL_PGNO ){
      iPgno = i;
    }
  }
  pInfo->estimatedCost = iPgno>=0 ? 100 : 1e8;
  pInfo->estimatedRows = iPgno>=0 ? 50 : 1000000000;
  pInfo->idxNum = 0;
  if( iSchema>=0 ){
    pInfo->idxNum |= PLAN_SCHEMA;
    pInfo->aConstraintUsage[iSchema].argvIndex = ++nArg;
    pInfo->aConstraintUsage[iSchema].omit = 1;
  }
  if( iPgno>=0 ){
    pInfo->idxNum |= PLAN_PGNO;
    pInfo->aConstraintUsage[iPgno].argvIndex = ++nArg;
  }
  return SQLITE_OK;
}

/*
** Stand on the first cell from p->iCell on of which there is something to
** show, on this page or on those that follow.
*/
static int dataFindCell(DataCursor *p){
  int bPointers = ((DataTable*)p->base.pVtab)->bPointers;
  int rc = SQLITE_OK;
  for(;;){
    for(; p->iCell<p->page.nCell; p->iCell++){
      if( bPointers ){
        if( !pageIsInterior(&p->page) ) break;
        if( pageChild(&p->page, p->iCell)>0 ) return SQLITE_OK;
        continue;
      }
      rc = recordLoad(&p->source, &p->page, p->iCell, &p->record);
      if( rc!=SQLITE_OK ) return rc;
      if( p->record.n==0 ) continue;
      p->iField = -1;
      if( p->page.eType==PAGE_TABLE_LEAF ) return SQLITE_OK;
      p->iField = 0;
      if( recordNext(&p->record) ) return SQLITE_OK;
    }
    if( p->iPage>=p->iLast ) break;
    rc = pageLoad(&p->source, ++p->iPage, &p->page);
    if( rc!=SQLITE_OK ) return rc;
    p->iCell = bPointers ? -1 : 0;
  }
  p->bEof = 1;
  return SQLITE_OK;
}

static int dataNext(sqlite3_vtab_cursor *pCursor){
  DataCursor *p = (DataCursor*)pCursor;
  p->iRow++;
  if( !((DataTable*)pCursor->pVtab)->bPointers && recordNext(&p->record) ){
    p->iField++;
    return SQLITE_OK;
  }
  p->iCell++;
  return dataFindCell(p);
}

static int dataFilter(
  sqlite3_vtab_cursor *pCursor,
  int idxNum,
  const char *idxStr,
  int argc,
  sqlite3_value **argv
){
  DataCursor *p = (DataCursor*)pCursor;
  DataTable *pTab = (DataTable*)pCursor->pVtab;
  const char *zSchema = "main";
  int rc, iArg = 0;
  (void)idxStr; (void)argc;
  if( idxNum & PLAN_SCHEMA ){
    zSchema = (const char*)sqlite3_value_text(argv[iArg++]);
    if( zSchema==0 ) zSchema = "";
  }
  pagesClose(&p->source);
  rc = pagesOpen(&p->source, pTab->db, zSchema);
  if( rc!=SQLITE_OK ){
    sqlite3_free(pTab->base.zErrMsg);
    pTab->base.zErrMsg = sqlite3_mprintf("%s", sqlite3_errmsg(pTab->db));
    return rc;
  }
  p->iPage = 0;
  p->iLast = p->source.nPage;
  if( idxNum & PLAN_PGNO ){
    i64 iPage = sqlite3_value_int64(argv[iArg]);
    if( iPage>=1 && iPage<=p->iLast ){
      p->iLast = iPage;
      p->iPage = iPage-1;
    }else{
      p->iLast = 0;
    }
  }
  p->iRow = 1;
  p->bEof = 0;
  p->iCell = p->page.nCell = 0;
  return dataFindCell(p);
}

static int dataEof(sqlite3_vtab_cursor *pCursor){
  return ((DataCursor*)pCursor)->bEof;
}
static int dataRowid(sqlite3_vtab_cursor *pCursor, sqlite3_int64 *piRowid){
  *piRowid = ((DataCursor*)pCursor)->iRow;
  return SQLITE_OK;
}

static int dataColumn(
  sqlite3_vtab_cursor *pCursor,
  sqlite3_context *pCtx,
  int iCol
){
  DataCursor *p = (DataCursor*)pCursor;
  if( iCol==COL_PGNO ){
    sqlite3_result_int64(pCtx, p->iPage);
  }else if( ((DataTable*)pCursor->pVtab)->bPointers ){
    if( iCol==COL_CHILD ){
      sqlite3_result_int64(pCtx, pageChild(&p->page, p->iCell));
    }
  }else if( iCol==COL_CELL ){
    sqlite3_result_int(pCtx, p->iCell);
  }else if( iCol==COL_FIELD ){
    sqlite3_result_int(pCtx, p->iField);
  }else if( iCol==COL_VALUE ){
    if( p->iField<0 ){
      sqlite3_result_int64(pCtx, p->record.iRowid);
    }else{
      fieldResult(&p->record.field, p->source.eEncoding, pCtx);
    }
  }
  return SQLITE_OK;
}

/*
** Give the tables to the connection that has just been opened.
*/
void dataTables(Shell *p){
  static const sqlite3_module module = {
    .xConnect = dataConnect, .xBestIndex = dataBestIndex,
    .xDisconnect = dataDisconnect, .xOpen = dataOpen, .xClose = dataClose,
    .xFilter = dataFilter, .xNext = dataNext, .xEof = dataEof,
    .xColumn = dataColumn, .xRowid = dataRowid,
  };
  sqlite3_create_module(p->db, "sqlite_dbdata", &module, 0);
  sqlite3_create_module(p->db, "sqlite_dbptr", &module, (void*)&module);
}
