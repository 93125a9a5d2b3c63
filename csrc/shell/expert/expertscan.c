/*
** ".expert": virtual tables that record how a statement searches them.
*/
#include <string.h>
#include "expert.h"

typedef struct ScanTable ScanTable;
struct ScanTable {
  sqlite3_vtab base;
  Expert *e;
  int iTable;
};

/*
** The index of a table in e->aTable[], or -1.
*/
static int findTable(Expert *e, const char *zName){
  int i;
  for(i=0; i<e->nTable; i++){
    if( sqlite3_stricmp(e->aTable[i].zName, zName)==0 ) return i;
  }
  return -1;
}

static int scanConnect(
  sqlite3 *db,
  void *pAux,
  int argc,
  const char *const *argv,
  sqlite3_vtab **ppVtab,
  char **pzErr
){
  Expert *e = (Expert*)pAux;
  int iTable = findTable(e, argv[2]);
  ExpertTable *pTable;
  sqlite3_str *pStr;
  ScanTable *pNew;
  char *zSql;
  int i, rc;
  (void)argc; (void)pzErr;
  if( iTable<0 ) return SQLITE_ERROR;
  pTable = &e->aTable[iTable];
  pStr = sqlite3_str_new(0);
  for(i=0; i<pTable->nCol; i++){
    sqlite3_str_appendf(pStr, "%s\"%w\" COLLATE \"%w\"",
        i ? ", " : "CREATE TABLE x(", pTable->aCol[i].zName,
        pTable->aCol[i].zColl);
  }
  sqlite3_str_appendall(pStr, ")");
  zSql = shFinish(pStr);
  rc = sqlite3_declare_vtab(db, zSql);
  sqlite3_free(zSql);
  if( rc==SQLITE_OK ){
    pNew = shRealloc(0, sizeof(*pNew));
    memset(pNew, 0, sizeof(*pNew));
    pNew->e = e;
    pNew->iTable = iTable;
    *ppVtab = &pNew->base;
  }
  return rc;
}
static int scanDisconnect(sqlite3_vtab *pVtab){
  sqlite3_free(pVtab);
  return SQLITE_OK;
}

/*
** Add a term to a search.
*/
static void addTerm(
  ExpertScan *pScan,
  int iCol,
  u8 eTerm,
  const char *zColl,
  int bDesc
){
  ExpertTerm *pNew;
  pScan->aTerm = shRealloc(pScan->aTerm,
                  (sqlite3_uint64)(pScan->nTerm+1)*sizeof(ExpertTerm));
  pNew = &pScan->aTerm[pScan->nTerm++];
  pNew->iCol = iCol;
  pNew->eTerm = eTerm;
  pNew->bDesc = (u8)bDesc;
  pNew->zColl = shDup(zColl);
}

/*
** Record a search.
*/
static int scanBestIndex(sqlite3_vtab *pVtab, sqlite3_index_info *pInfo){
  const int mRange = SQLITE_INDEX_CONSTRAINT_GT | SQLITE_INDEX_CONSTRAINT_GE
                   | SQLITE_INDEX_CONSTRAINT_LT | SQLITE_INDEX_CONSTRAINT_LE;
  Expert *e = ((ScanTable*)pVtab)->e;
  ExpertTable *pTable = &e->aTable[((ScanTable*)pVtab)->iTable];
  ExpertScan *pScan;
  int i, nArg = 0;
  e->aScan = shRealloc(e->aScan,
                       (sqlite3_uint64)(e->nScan+1)*sizeof(ExpertScan));
  pScan = &e->aScan[e->nScan++];
  memset(pScan, 0, sizeof(*pScan));
  pScan->iTable = ((ScanTable*)pVtab)->iTable;
  for(i=0; i<pInfo->nConstraint; i++){
    int iCol = pInfo->aConstraint[i].iColumn;
    int op = pInfo->aConstraint[i].op;
    int bEq = op==SQLITE_INDEX_CONSTRAINT_EQ;
    if( !pInfo->aConstraint[i].usable || iCol<0 || pTable->aCol[iCol].bKey
     || (!bEq && (op & mRange)!=op) ) continue;
    addTerm(pScan, iCol, bEq ? TERM_EQ : TERM_RANGE,
            sqlite3_vtab_collation(pInfo, i), 0);
    pInfo->aConstraintUsage[i].argvIndex = ++nArg;
  }
  for(i=0; i<pInfo->nOrderBy; i++){
    int iCol = pInfo->aOrderBy[i].iColumn;
    if( iCol<0 ) continue;
    addTerm(pScan, iCol, TERM_ORDER, pTable->aCol[iCol].zColl,
            pInfo->aOrderBy[i].desc);
  }
  pInfo->estimatedCost = 1000000.0 / (pScan->nTerm + 1);
  return SQLITE_OK;
}

/*
** The tables are never read or written: only compiling counts.
*/
static int scanOpen(sqlite3_vtab *pVtab, sqlite3_vtab_cursor **ppCursor){
  (void)pVtab; (void)ppCursor;
  return SQLITE_ERROR;
}
static int scanUpdate(
  sqlite3_vtab *pVtab,
  int nArg,
  sqlite3_value **apArg,
  sqlite3_int64 *piRowid
){
  (void)pVtab; (void)nArg; (void)apArg; (void)piRowid;
  return SQLITE_ERROR;
}

/*
** The authorizer of the database: remember what is written.
*/
static int scanAuthorizer(
  void *pArg,
  int eAction,
  const char *z1,
  const char *z2,
  const char *zDb,
  const char *z4
){
  Expert *e = (Expert*)pArg;
  unsigned m = eAction==SQLITE_INSERT ? WRITE_INSERT :
               eAction==SQLITE_UPDATE ? WRITE_UPDATE :
               eAction==SQLITE_DELETE ? WRITE_DELETE : 0;
  int i;
  (void)z2; (void)z4;
  if( m && zDb && sqlite3_stricmp(zDb, "main")==0 ){
    i = findTable(e, z1);
    if( i>=0 ) e->aTable[i].mWrite |= m;
  }
  return SQLITE_OK;
}

/*
** Append a table to e->aTable[].
*/
static int loadTable(Expert *e, const char *zName){
  ExpertTable *pTable;
  int nKey = 0;
  int i;
  sqlite3_stmt *pStmt = expertPrepare(e, e->db,
      "SELECT name, pk, hidden IN (2,3) FROM pragma_table_xinfo(%Q,'main')",
      zName);
  if( pStmt==0 ) return SQLITE_ERROR;
  e->aTable = shRealloc(e->aTable,
                        (sqlite3_uint64)(e->nTable+1)*sizeof(ExpertTable));
  pTable = &e->aTable[e->nTable++];
  memset(pTable, 0, sizeof(*pTable));
  pTable->zName = shDup(zName);
  while( sqlite3_step(pStmt)==SQLITE_ROW ){
    const char *zCol = (const char*)sqlite3_column_text(pStmt, 0);
    const char *zColl = 0;
    ExpertColumn *pCol;
    pTable->aCol = shRealloc(pTable->aCol,
                    (sqlite3_uint64)(pTable->nCol+1)*sizeof(ExpertColumn));
    pCol = &pTable->aCol[pTable->nCol++];
    sqlite3_table_column_metadata(e->db, "main", zName, zCol, 0, &zColl, 0,0,0);
    pCol->zName = shDup(zCol ? zCol : "");
    pCol->zColl = shDup(zColl ? zColl : "BINARY");
    pCol->bKey = sqlite3_column_int(pStmt, 1)>0;
    pCol->bGenerated = (u8)sqlite3_column_int(pStmt, 2);
    nKey += pCol->bKey;
  }
  for(i=0; nKey>1 && i<pTable->nCol; i++) pTable->aCol[i].bKey = 0;
  return sqlite3_finalize(pStmt)==SQLITE_OK ? SQLITE_OK
                                            : expertFail(e, e->db);
}

/*
** Fill the database: a table that records for each table of the user, and
** views, their triggers and virtual tables as they are.
*/
int expertScanOpen(Expert *e){
  static const sqlite3_module module = {
    .xCreate = scanConnect, .xConnect = scanConnect,
    .xBestIndex = scanBestIndex, .xDisconnect = scanDisconnect,
    .xDestroy = scanDisconnect, .xOpen = scanOpen, .xUpdate = scanUpdate,
  };
  sqlite3_stmt *pStmt;
  int rc = SQLITE_OK;
  sqlite3_create_module(e->dbScan, "recorder", &module, e);
  pStmt = expertPrepare(e, e->db,
      "SELECT name, sql, type='table' AND NOT virtual FROM"
      " (SELECT *, sql LIKE 'create virtual%%' AS virtual"
      "    FROM main.sqlite_schema)"
      " WHERE name NOT LIKE 'sqlite\\_%%' ESCAPE '\\' AND (type<>'trigger'"
      "   OR tbl_name IN (SELECT name FROM main.sqlite_schema"
                        "  WHERE type='view'))"
      "   AND type<>'index' AND sql IS NOT NULL"
      " ORDER BY type='trigger', virtual DESC, type");
  if( pStmt==0 ) return SQLITE_ERROR;
  while( rc==SQLITE_OK && sqlite3_step(pStmt)==SQLITE_ROW ){
    const char *zName = (const char*)sqlite3_column_text(pStmt, 0);
    /* A virtual table has brought some of its tables itself. */
    if( sqlite3_table_column_metadata(e->dbScan, "main", zName, 0, 0, 0, 0, 0,
                                      0)==SQLITE_OK ) continue;
    if( sqlite3_column_int(pStmt, 2)==0 ){
      rc = expertCreate(e, e->dbScan,
                        (const char*)sqlite3_column_text(pStmt, 1));
    }else{
      rc = loadTable(e, zName);
      if( rc==SQLITE_OK ){
        rc = expertExec(e, e->dbScan,
                        "CREATE VIRTUAL TABLE \"%w\" USING recorder", zName);
      }
    }
  }
  if( sqlite3_finalize(pStmt)!=SQLITE_OK && rc==SQLITE_OK ){
    rc = expertFail(e, e->db);
  }
  sqlite3_set_authorizer(e->dbScan, scanAuthorizer, e);
  return rc;
}

/*
** Compile a statement that makes the triggers run.
*/
#define WRITTEN  "expert_written_table"
static int scanWrite(Expert *e, const ExpertTable *pTable, unsigned mWrite){
  sqlite3_str *pStr = sqlite3_str_new(0);
  sqlite3_stmt *pStmt;
  const char *zSep = "";
  char *z;
  int i;
  for(i=0; i<pTable->nCol; i++){
    if( pTable->aCol[i].bGenerated ) continue;
    sqlite3_str_appendf(pStr, mWrite==WRITE_INSERT ? "%s?" : "%s\"%w\"=?",
                        zSep, pTable->aCol[i].zName);
    zSep = ", ";
  }
  z = shFinish(pStr);
  if( mWrite==WRITE_INSERT ){
    pStmt = expertPrepare(e, e->dbScan, "INSERT INTO " WRITTEN " VALUES(%s)",
                          z);
  }else if( mWrite==WRITE_UPDATE ){
    pStmt = expertPrepare(e, e->dbScan, "UPDATE " WRITTEN " SET %s", z);
  }else{
    pStmt = expertPrepare(e, e->dbScan, "DELETE FROM " WRITTEN);
  }
  sqlite3_free(z);
  sqlite3_finalize(pStmt);
  return e->zErr ? SQLITE_ERROR : SQLITE_OK;
}

/*
** Look at the triggers of a table that is written.  They need a real table,
** which must not stand in the way of the one that records.
*/
static int scanTableTriggers(Expert *e, int iTable){
  char *zName = e->aTable[iTable].zName;
  unsigned mNew = e->aTable[iTable].mWrite & ~e->aTable[iTable].mDone;
  unsigned m;
  int rc = SQLITE_OK;
  sqlite3_stmt *pStmt = expertPrepare(e, e->db,
      "SELECT 'CREATE TEMP' || substr(sql,7) FROM main.sqlite_schema"
      " WHERE tbl_name=%Q COLLATE nocase AND type IN ('table','trigger')"
      " ORDER BY type", zName);
  if( pStmt==0 ) return SQLITE_ERROR;
  e->aTable[iTable].mDone |= mNew;
  while( rc==SQLITE_OK && sqlite3_step(pStmt)==SQLITE_ROW ){
    rc = expertCreate(e, e->dbScan,
                      (const char*)sqlite3_column_text(pStmt, 0));
  }
  sqlite3_finalize(pStmt);
  if( rc==SQLITE_OK ){
    rc = expertExec(e, e->dbScan, "ALTER TABLE temp.\"%w\" RENAME TO " WRITTEN,
                    zName);
  }
  for(m=WRITE_INSERT; rc==SQLITE_OK && m<=WRITE_DELETE; m<<=1){
    if( mNew & m ) rc = scanWrite(e, &e->aTable[iTable], m);
  }
  return rc ? rc : expertExec(e, e->dbScan, "DROP TABLE temp." WRITTEN);
}

/*
** Look at the triggers that the statements run, at those that these run, and
** so on.
*/
int expertScanTriggers(Expert *e){
  int i;
  for(i=0; i<e->nTable; i++){
    int rc;
    if( (e->aTable[i].mWrite & ~e->aTable[i].mDone)==0 ) continue;
    rc = scanTableTriggers(e, i);
    if( rc ) return rc;
    i = -1;
  }
  return SQLITE_OK;
}

/*
** Free the tables and the scans.
*/
void expertScanFree(Expert *e){
  int i, j;
  for(i=0; i<e->nTable; i++){
    for(j=0; j<e->aTable[i].nCol; j++){
      sqlite3_free(e->aTable[i].aCol[j].zName);
      sqlite3_free(e->aTable[i].aCol[j].zColl);
    }
    sqlite3_free(e->aTable[i].aCol);
    sqlite3_free(e->aTable[i].zName);
  }
  sqlite3_free(e->aTable);
  for(i=0; i<e->nScan; i++){
    for(j=0; j<e->aScan[i].nTerm; j++) sqlite3_free(e->aScan[i].aTerm[j].zColl);
    sqlite3_free(e->aScan[i].aTerm);
  }
  sqlite3_free(e->aScan);
}
