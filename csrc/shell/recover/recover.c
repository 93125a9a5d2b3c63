/*
** ".recover": SQL that builds a database again from what can be read of a
** damaged one.
**
** Pages are read one by one, and every tree is walked from its root.  What
** must be remembered of pages is in a temporary database.  Another one, in
** memory, gets the recovered schema: it is asked whether a statement is right,
** and for the columns of tables.  Records of pages that no tree has go to a
** table of their own.
*/
#include <string.h>
#include "header.h"
#include "recover.h"

/*
** Stop for the error that db has.
*/
static void recoverFail(Recover *r, sqlite3 *db, int rc){
  if( r->rc!=SQLITE_OK ) return;
  r->rc = rc;
  r->zErr = shDup(sqlite3_errmsg(db));
}

/*
** Prepare a statement of the recovery itself, with an SQL text that is freed.
*/
sqlite3_stmt *recoverPrepare(Recover *r, sqlite3 *db, char *zSql){
  sqlite3_stmt *pStmt = 0;
  int rc = sqlite3_prepare_v2(db, zSql, -1, &pStmt, 0);
  if( rc!=SQLITE_OK ) recoverFail(r, db, rc);
  sqlite3_free(zSql);
  return pStmt;
}
static void recoverExec(Recover *r, sqlite3 *db, const char *zSql){
  int rc = r->rc==SQLITE_OK ? sqlite3_exec(db, zSql, 0, 0, 0) : SQLITE_OK;
  if( rc!=SQLITE_OK ) recoverFail(r, db, rc);
}

/*
** Go to the next row.  Return false if there is none, or nothing goes on.
*/
int recoverStep(Recover *r, sqlite3_stmt *pStmt){
  int rc;
  if( r->rc!=SQLITE_OK || pStmt==0 ) return 0;
  rc = sqlite3_step(pStmt);
  if( rc==SQLITE_ROW ) return 1;
  if( rc!=SQLITE_DONE ) recoverFail(r, sqlite3_db_handle(pStmt), rc);
  return 0;
}

/*
** Run a statement with up to two integers.  Return the number of rows it has
** changed, or, if it is a query, the integer in its first row, else 0.
*/
i64 recoverRun(Recover *r, sqlite3_stmt *pStmt, i64 i1, i64 i2){
  i64 iRes = 0;
  if( r->rc!=SQLITE_OK || pStmt==0 ) return 0;
  sqlite3_bind_int64(pStmt, 1, i1);
  if( sqlite3_bind_parameter_count(pStmt)>1 ){
    sqlite3_bind_int64(pStmt, 2, i2);
  }
  if( recoverStep(r, pStmt) ){
    iRes = sqlite3_column_int64(pStmt, 0);
  }else if( !sqlite3_stmt_readonly(pStmt) ){
    iRes = sqlite3_changes64(sqlite3_db_handle(pStmt));
  }
  sqlite3_reset(pStmt);
  return iRes;
}

/*
** Take the record of cell iCell.  Return false if there is none.
*/
int recoverCell(Recover *r, int iCell){
  int rc = recordLoad(&r->source, &r->page, iCell, &r->record);
  if( rc!=SQLITE_OK && r->rc==SQLITE_OK ) r->rc = rc;
  return r->rc==SQLITE_OK && r->record.n>0;
}

/*
** Take page iPage.  Return false if there is nothing to be had from it.
*/
int recoverPage(Recover *r, i64 iPage){
  int rc;
  if( r->rc!=SQLITE_OK ) return 0;
  rc = pageLoad(&r->source, iPage, &r->page);
  if( rc!=SQLITE_OK ) r->rc = rc;
  r->iPage = iPage;
  progressShow(&r->progress, ++r->nSeen, 0);
  return rc==SQLITE_OK && r->page.eType!=PAGE_OTHER;
}

/*
** Visit the records of the tree that begins at iRoot, which is of a table or
** else of an index, and mark its pages as used.  Pages of the other kind that
** it points to are not its own.
*/
void recoverTree(
  Recover *r,
  i64 iRoot,
  int bTable,
  CellVisitor xVisit,
  void *pArg
){
  sqlite3_stmt *pAdd, *pNext, *pUse;
  i64 iNext = 1, iPage;
  int i;
  recoverExec(r, r->pWork, "DELETE FROM queue");
  pAdd = recoverPrepare(r, r->pWork,
      shDup("INSERT OR IGNORE INTO queue(pgno) VALUES(?1)"));
  pNext = recoverPrepare(r, r->pWork,
      shDup("SELECT pgno FROM queue WHERE id=?1"));
  pUse = recoverPrepare(r, r->pWork,
      shDup("INSERT OR IGNORE INTO used VALUES(?1)"));
  recoverRun(r, pAdd, iRoot, 0);
  while( (iPage = recoverRun(r, pNext, iNext++, 0))!=0 ){
    if( !recoverPage(r, iPage) || pageIsTable(&r->page)!=bTable ) continue;
    recoverRun(r, pUse, iPage, 0);
    for(i=-1; pageIsInterior(&r->page) && i<r->page.nCell; i++){
      i64 iChild = pageChild(&r->page, i);
      if( iChild>0 && iChild<=r->source.nPage ) recoverRun(r, pAdd, iChild, 0);
    }
    for(i=0; xVisit && i<r->page.nCell; i++){
      if( recoverCell(r, i) ) xVisit(r, pArg);
    }
  }
  sqlite3_finalize(pAdd);
  sqlite3_finalize(pNext);
  sqlite3_finalize(pUse);
}

/*
** Write the settings that the new database must have before its first page is
** written.
*/
static void recoverSettings(Recover *r){
  static const char *const azPragma[] = {
    "encoding", "page_size", "auto_vacuum", "user_version", "application_id"
  };
  int i;
  for(i=0; i<ArraySize(azPragma); i++){
    sqlite3_stmt *pStmt = recoverPrepare(r, r->p->db,
        shPrintf("PRAGMA main.%s", azPragma[i]));
    if( recoverStep(r, pStmt) ){
      char *z = shPrintf("PRAGMA %s = %Q", azPragma[i],
                         sqlite3_column_text(pStmt, 0));
      recoverWrite(r, z);
      sqlite3_free(z);
    }
    sqlite3_finalize(pStmt);
  }
}

/*
** Lets Ctrl-C end what the connections of the recovery do.
*/
static int recoverIsInterrupted(void *pArg){
  (void)pArg;
  return signalPending();
}

/*
** Open the temporary databases.  In pWork there are: queue, the pages of the
** tree that is being walked; used, the pages that belong to something; parent,
** what points to the others; object, the records of the schema; made, the
** tables that have been created.
*/
static void recoverOpen(Recover *r){
  int rc = sqlite3_open("", &r->pWork);
  if( rc==SQLITE_OK ) rc = sqlite3_open(":memory:", &r->pNew);
  if( rc!=SQLITE_OK ){
    recoverFail(r, r->pNew ? r->pNew : r->pWork, rc);
    return;
  }
  sqlite3_progress_handler(r->pWork, 1000, recoverIsInterrupted, 0);
  sqlite3_progress_handler(r->pNew, 1000, recoverIsInterrupted, 0);
  recoverExec(r, r->pNew, "PRAGMA writable_schema=ON");
  recoverExec(r, r->pWork,
      "PRAGMA journal_mode=OFF;"
      "PRAGMA synchronous=OFF;"
      "BEGIN;"
      "CREATE TABLE queue(id INTEGER PRIMARY KEY, pgno INT UNIQUE);"
      "CREATE TABLE used(pgno INTEGER PRIMARY KEY);"
      "CREATE TABLE parent(pgno INTEGER PRIMARY KEY, parent INT);"
      "CREATE TABLE object(type, name, tbl_name, rootpage, sql, id);"
      "CREATE TABLE made(root INT, name TEXT)");
  r->pQuote = recoverPrepare(r, r->pWork, shDup("SELECT quote(?1)"));
}

/*
** Do it, within a transaction.
*/
static void recoverBody(Recover *r){
  int rc;
  recoverSettings(r);
  recoverOpen(r);
  if( r->rc!=SQLITE_OK ) return;
  rc = pagesOpen(&r->source, r->p->db, "main");
  if( rc!=SQLITE_OK ){
    recoverFail(r, r->p->db, rc);
    return;
  }
  progressBegin(&r->progress, r->p, "Recovering", "pages");
  recoverSchema(r);
  recoverCreateTables(r);
  recoverTables(r);
  recoverLost(r);
  recoverCreateOthers(r);
  progressEnd(&r->progress);
}

static void recoverFree(Recover *r){
  pagesClose(&r->source);
  recordFree(&r->record);
  sqlite3_free(r->page.a);
  sqlite3_finalize(r->pQuote);
  sqlite3_close(r->pWork);
  sqlite3_close(r->pNew);
  sqlite3_free(r->zErr);
}

/*
** Take the database as it is, whatever its header and its schema say.
*/
static void recoverAll(Recover *r){
  sqlite3 *db = r->p->db;
  HeaderRepair *pRepair;
  int mLock;
  if( !sqlite3_get_autocommit(db) ){
    r->rc = SQLITE_ERROR;
    r->zErr = shDup("cannot start a transaction within a transaction");
    return;
  }
  mLock = databaseUnlock(db);
  pRepair = headerRepair(db);
  recoverExec(r, db, "PRAGMA writable_schema=ON; BEGIN;"
                     "SELECT 1 FROM sqlite_schema LIMIT 0");
  if( r->rc==SQLITE_OK ) recoverBody(r);
  sqlite3_exec(db, "END", 0, 0, 0);
  headerRepairEnd(db, pRepair);
  databaseRelock(db, mLock);
}

/*
** True if z is the option zName, or how it begins.
*/
static int recoverOption(const char *z, const char *zName){
  if( z[0]!='-' ) return 0;
  z += z[1]=='-' ? 2 : 1;
  return strncmp(z, zName, strlen(z))==0;
}

/*
** .recover ?--ignore-freelist? ?--lost-and-found TABLE? ?--no-rowids?
*/
int dotRecover(Shell *p){
  Recover r;
  int i, rc;
  memset(&r, 0, sizeof(r));
  r.p = p;
  r.zLost = "lost_and_found";
  r.bFreelist = r.bRowids = 1;
  for(i=1; i<p->dot.nArg; i++){
    const char *z = p->dot.azArg[i];
    if( recoverOption(z, "ignore-freelist") ){
      r.bFreelist = 0;
    }else if( recoverOption(z, "lost-and-found") && i+1<p->dot.nArg ){
      r.zLost = p->dot.azArg[++i];
    }else if( recoverOption(z, "no-rowids") ){
      r.bRowids = 0;
    }else{
      fprintf(stderr, "unexpected option: %s\n", z);
      helpShow(p->out, "recover");
      return DOT_ERROR;
    }
  }
  databaseOpen(p, OPEN_OR_EXIT);
  fputs(".dbconfig defensive off\n", p->out);
  recoverWrite(&r, "BEGIN");
  recoverWrite(&r, "PRAGMA writable_schema = on");
  recoverWrite(&r, "PRAGMA foreign_keys = off");
  recoverAll(&r);
  if( r.rc==SQLITE_OK ){
    recoverWrite(&r, "PRAGMA writable_schema = off");
    recoverWrite(&r, "COMMIT");
  }else{
    fprintf(stderr, "sql error: %s (%d)\n",
            r.zErr ? r.zErr : sqlite3_errstr(r.rc), r.rc);
  }
  rc = r.rc;
  recoverFree(&r);
  return rc==SQLITE_OK ? DOT_OK : DOT_ERROR;
}
