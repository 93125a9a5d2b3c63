/*
** The schema that ".recover" finds.
*/
#include <string.h>
#include "recover.h"

/*
** A record of the schema.  pArg is the statement that takes it if it looks
** like one.
*/
static void visitSchema(Recover *r, void *pArg){
  sqlite3_stmt *pInsert = (sqlite3_stmt*)pArg;
  int i;
  sqlite3_clear_bindings(pInsert);
  for(i=1; i<=5 && recordNext(&r->record); i++){
    fieldBind(&r->record.field, r->source.eEncoding, pInsert, i);
  }
  sqlite3_bind_int64(pInsert, 6, r->record.iRowid);
  recoverStep(r, pInsert);
  sqlite3_reset(pInsert);
}

/*
** Read the schema.  If page 1, where it begins, is gone, look for it in all
** pages.
*/
void recoverSchema(Recover *r){
  sqlite3_stmt *pInsert = recoverPrepare(r, r->pWork, shDup(
      "INSERT INTO object SELECT ?1,?2,?3,?4,?5,?6"
      " WHERE ?1 IN ('table','index','view','trigger')"
      " AND typeof(?2)='text' AND typeof(?4) IN ('integer','null')"
      " AND (?5 GLOB 'CREATE *' OR ?5 IS NULL)"));
  sqlite3_stmt *pUse;
  i64 iPage;
  int i;
  recoverTree(r, 1, 1, visitSchema, pInsert);
  if( recoverPage(r, 1) && pageIsTable(&r->page) ){
    sqlite3_finalize(pInsert);
    return;
  }
  pUse = recoverPrepare(r, r->pWork,
      shDup("INSERT OR IGNORE INTO used VALUES(?1)"));
  for(iPage=2; iPage<=r->source.nPage && r->rc==SQLITE_OK; iPage++){
    i64 nBefore = sqlite3_total_changes64(r->pWork);
    if( !recoverPage(r, iPage) || r->page.eType!=PAGE_TABLE_LEAF ) continue;
    for(i=0; i<r->page.nCell; i++){
      if( recoverCell(r, i) ) visitSchema(r, pInsert);
    }
    if( sqlite3_total_changes64(r->pWork)>nBefore ){
      recoverRun(r, pUse, iPage, 0);
    }
  }
  sqlite3_finalize(pUse);
  sqlite3_finalize(pInsert);
}

/*
** What the statement of a damaged schema does not do when it creates something:
** run a query, which may have no end, or the code of a virtual table.
*/
static int createAuthorizer(
  void *pArg,
  int eAction,
  const char *z1,
  const char *z2,
  const char *z3,
  const char *z4
){
  (void)pArg; (void)z1; (void)z2; (void)z3; (void)z4;
  switch( eAction ){
    case SQLITE_SELECT: case SQLITE_RECURSIVE: case SQLITE_CREATE_VTABLE:
    case SQLITE_ATTACH:
      return SQLITE_DENY;
  }
  return SQLITE_OK;
}

/*
** Run the first statement of zSql on the new schema, and write it if that is
** possible.  Return true if so.
*/
int recoverCreate(Recover *r, const char *zSql){
  sqlite3_stmt *pStmt = 0;
  const char *zTail = 0;
  int rc;
  sqlite3_set_authorizer(r->pNew, createAuthorizer, 0);
  rc = sqlite3_prepare_v2(r->pNew, zSql, -1, &pStmt, &zTail);
  if( rc==SQLITE_OK ) sqlite3_step(pStmt);
  rc = sqlite3_finalize(pStmt);
  sqlite3_set_authorizer(r->pNew, 0, 0);
  if( rc==SQLITE_OK && pStmt ){
    char *zUsed = shPrintf("%.*s", (int)(zTail-zSql), zSql);
    char *z = statementFirst(zUsed);
    sqlite3_free(zUsed);
    recoverWrite(r, z);
    sqlite3_free(z);
    return 1;
  }
  return 0;
}

/*
** Create the tables, and then the indexes that keep rows unique.  A virtual
** table goes into the schema as it is: it must not run, and its own tables are
** recovered like any other.  If sqlite_sequence were not as it should be, rows
** could not be inserted into tables with AUTOINCREMENT.
*/
void recoverCreateTables(Recover *r){
  sqlite3_stmt *pMade = recoverPrepare(r, r->pWork,
      shDup("INSERT INTO made VALUES(?1,?2)"));
  sqlite3_stmt *pName = recoverPrepare(r, r->pNew, shDup(
      "SELECT name FROM sqlite_schema WHERE type='table'"
      " ORDER BY rowid DESC LIMIT 1"));
  sqlite3_stmt *pObject = recoverPrepare(r, r->pWork, shDup(
      "SELECT name, rootpage, iif(name='sqlite_sequence',"
      " 'CREATE TABLE sqlite_sequence(name,seq)', sql), type,"
      " sql LIKE 'CREATE VIRTUAL%'"
      " FROM object WHERE sql IS NOT NULL AND"
      " (type='table' OR (type='index' AND sql LIKE '%unique%'))"
      " ORDER BY type DESC, name='sqlite_sequence' DESC, id"));
  while( recoverStep(r, pObject) ){
    const char *zName = (const char*)sqlite3_column_text(pObject, 0);
    const char *zSql = (const char*)sqlite3_column_text(pObject, 2);
    const char *zType = (const char*)sqlite3_column_text(pObject, 3);
    if( zName==0 || zSql==0 || zType==0 ) continue;
    if( sqlite3_column_int(pObject, 4) ){
      char *z = shPrintf("INSERT INTO sqlite_schema VALUES('table', %Q, %Q, 0,"
                         " %Q)", zName, zName, zSql);
      recoverCreate(r, z);
      sqlite3_free(z);
    }else if( recoverCreate(r, zSql) && zType[0]=='t' ){
      if( recoverStep(r, pName) ){
        sqlite3_bind_value(pMade, 2, sqlite3_column_value(pName, 0));
        sqlite3_bind_int64(pMade, 1, sqlite3_column_int64(pObject, 1));
        recoverStep(r, pMade);
        sqlite3_reset(pMade);
      }
      sqlite3_reset(pName);
    }
  }
  sqlite3_finalize(pObject);
  sqlite3_finalize(pName);
  sqlite3_finalize(pMade);
}

/*
** Create the rest of the schema.
*/
void recoverCreateOthers(Recover *r){
  sqlite3_stmt *pObject = recoverPrepare(r, r->pWork, shDup(
      "SELECT sql FROM object WHERE sql IS NOT NULL AND type<>'table'"
      " AND NOT (type='index' AND sql LIKE '%unique%') ORDER BY id"));
  while( recoverStep(r, pObject) ){
    const char *zSql = (const char*)sqlite3_column_text(pObject, 0);
    if( zSql ) recoverCreate(r, zSql);
  }
  sqlite3_finalize(pObject);
}
