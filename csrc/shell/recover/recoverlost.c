/*
** What ".recover" finds in pages that belong to nothing.
*/
#include "recover.h"

/*
** Mark the pages of indexes as used.
*/
static void skipIndexes(Recover *r){
  sqlite3_stmt *pIndex = recoverPrepare(r, r->pWork,
      shDup("SELECT rootpage FROM object WHERE type='index' AND rootpage>0"));
  while( recoverStep(r, pIndex) ){
    recoverTree(r, sqlite3_column_int64(pIndex, 0), 0, 0, 0);
  }
  sqlite3_finalize(pIndex);
}

/*
** Mark the pages of the freelist as used, and with auto_vacuum those that only
** point back to parents.
*/
static void skipFreePages(Recover *r){
  sqlite3_stmt *pUse = recoverPrepare(r, r->pWork,
      shDup("INSERT OR IGNORE INTO used VALUES(?1)"));
  i64 iTrunk, iPage;
  int i, n;
  pageLoad(&r->source, 1, &r->page);
  iTrunk = r->page.n ? pageGet4(&r->page.a[32]) : 0;
  if( r->page.n && pageGet4(&r->page.a[52])!=0 ){
    i64 nStep = r->page.nUsable/5 + 1;
    for(iPage=2; iPage<=r->source.nPage; iPage+=nStep){
      recoverRun(r, pUse, iPage, 0);
    }
  }
  while( r->bFreelist && iTrunk>0 && recoverRun(r, pUse, iTrunk, 0)>0 ){
    recoverPage(r, iTrunk);
    if( r->page.n==0 ) break;
    n = r->page.nUsable/4 - 2;
    if( pageGet4(&r->page.a[4])<(unsigned)n ) n = (int)pageGet4(&r->page.a[4]);
    for(i=0; i<n; i++){
      recoverRun(r, pUse, pageGet4(&r->page.a[8+i*4]), 0);
    }
    iTrunk = pageGet4(r->page.a);
  }
  sqlite3_finalize(pUse);
}

/*
** Go through the pages that nothing uses: remember their parents.  Return how
** many fields the largest record has.
*/
static int lostParents(Recover *r, sqlite3_stmt *pIsUsed){
  sqlite3_stmt *pAdd = recoverPrepare(r, r->pWork,
      shDup("INSERT OR IGNORE INTO parent VALUES(?1,?2)"));
  int i, nField = 0;
  i64 iPage;
  for(iPage=1; iPage<=r->source.nPage && r->rc==SQLITE_OK; iPage++){
    if( recoverRun(r, pIsUsed, iPage, 0) || !recoverPage(r, iPage) ) continue;
    for(i=-1; pageIsInterior(&r->page) && i<r->page.nCell; i++){
      recoverRun(r, pAdd, pageChild(&r->page, i), iPage);
    }
    for(i=0; i<r->page.nCell; i++){
      if( !recoverCell(r, i) ) continue;
      while( recordNext(&r->record) ){}
      if( r->record.nField>nField ) nField = r->record.nField;
    }
  }
  sqlite3_finalize(pAdd);
  return nField;
}

/*
** Create the table for records of nField fields that no table has.  Return its
** name, to be freed, or NULL if there can be none.
*/
#define LOST_NAMES_MAX  1000
static char *lostCreate(Recover *r, int nField){
  sqlite3_stmt *pExists = recoverPrepare(r, r->pNew,
      shDup("SELECT 1 FROM sqlite_schema WHERE lower(name)=lower(?1)"));
  sqlite3_str *pStr = sqlite3_str_new(0);
  char *zName = shDup(r->zLost);
  char *zSql;
  int i, bExists = 1;
  for(i=0; bExists && i<=LOST_NAMES_MAX; i++){
    if( i>0 ){
      sqlite3_free(zName);
      zName = shPrintf("%s_%d", r->zLost, i-1);
    }
    sqlite3_bind_text(pExists, 1, zName, -1, SQLITE_STATIC);
    bExists = recoverStep(r, pExists);
    sqlite3_reset(pExists);
  }
  sqlite3_finalize(pExists);
  sqlite3_str_appendall(pStr, "CREATE TABLE ");
  shAppendId(pStr, zName);
  sqlite3_str_appendall(pStr, "(rootpgno INTEGER, pgno INTEGER, nfield INTEGER,"
                              " id INTEGER");
  for(i=0; i<nField; i++) sqlite3_str_appendf(pStr, ", c%d", i);
  sqlite3_str_appendall(pStr, ")");
  zSql = shFinish(pStr);
  if( r->rc==SQLITE_OK && (bExists || !recoverCreate(r, zSql)) ){
    r->rc = SQLITE_ERROR;
    r->zErr = shPrintf("failed to create %s output table", r->zLost);
  }
  sqlite3_free(zSql);
  return zName;
}

/*
** The topmost page above iPage: where the root of its tree may have been.
*/
#define TREE_DEPTH_MAX  20
static i64 lostRoot(Recover *r, sqlite3_stmt *pParent, i64 iPage){
  int i;
  for(i=0; i<TREE_DEPTH_MAX; i++){
    i64 iParent = recoverRun(r, pParent, iPage, 0);
    if( iParent==0 ) break;
    iPage = iParent;
  }
  return iPage;
}

/*
** Write the record, which page iRoot is the root of, in nField columns.
*/
static void lostWrite(Recover *r, const char *zPrefix, i64 iRoot, int nField){
  FILE *out = r->p->out;
  Record *pRec = &r->record;
  Record counter = *pRec;
  int i;
  while( recordNext(&counter) ){}
  if( counter.nField==0 ) return;
  fprintf(out, "%s%lld, %lld, %d, ", zPrefix, iRoot, r->iPage, counter.nField);
  if( r->page.eType==PAGE_TABLE_LEAF ){
    fprintf(out, "%lld", pRec->iRowid);
  }else{
    fputs("NULL", out);
  }
  for(i=0; i<nField; i++){
    fputs(", ", out);
    if( recordNext(pRec) ){
      recoverWriteField(r, &pRec->field);
    }else{
      fputs("NULL", out);
    }
  }
  fputs(");\n", out);
}

/*
** Write what is in pages that belong to nothing.
*/
void recoverLost(Recover *r){
  sqlite3_stmt *pIsUsed = recoverPrepare(r, r->pWork,
      shDup("SELECT 1 FROM used WHERE pgno=?1"));
  sqlite3_stmt *pParent = recoverPrepare(r, r->pWork,
      shDup("SELECT parent FROM parent WHERE pgno=?1"));
  int nMax = sqlite3_limit(r->pNew, SQLITE_LIMIT_COLUMN, -1) - 4;
  int i, nField;
  skipIndexes(r);
  skipFreePages(r);
  nField = lostParents(r, pIsUsed);
  if( nField>nMax ) nField = nMax;
  if( nField>0 && r->rc==SQLITE_OK ){
    char *zName = lostCreate(r, nField);
    sqlite3_str *pStr = sqlite3_str_new(0);
    char *zPrefix;
    i64 iPage;
    sqlite3_str_appendall(pStr, "INSERT INTO ");
    shAppendId(pStr, zName);
    sqlite3_str_appendall(pStr, " VALUES(");
    zPrefix = shFinish(pStr);
    for(iPage=1; iPage<=r->source.nPage && r->rc==SQLITE_OK; iPage++){
      i64 iRoot;
      if( recoverRun(r, pIsUsed, iPage, 0) || !recoverPage(r, iPage) ) continue;
      iRoot = lostRoot(r, pParent, iPage);
      for(i=0; i<r->page.nCell; i++){
        if( recoverCell(r, i) ) lostWrite(r, zPrefix, iRoot, nField);
      }
    }
    sqlite3_free(zPrefix);
    sqlite3_free(zName);
  }
  sqlite3_finalize(pIsUsed);
  sqlite3_finalize(pParent);
}
