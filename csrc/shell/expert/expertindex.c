/*
** ".expert": indexes that might help, and how much they tell rows apart.
*/
#include <string.h>
#include "expert.h"

/*
** The columns of an index that may be created: nEq columns in any order, then
** the others.
*/
typedef struct Columns Columns;
struct Columns {
  const ExpertTable *pTable;
  const ExpertTerm **apTerm;
  int nEq, nTerm;
};

/*
** True if one of the columns is iCol.
*/
static int hasColumn(const Columns *pCols, int iCol){
  int i;
  for(i=0; i<pCols->nTerm; i++){
    if( pCols->apTerm[i]->iCol==iCol ) return 1;
  }
  return 0;
}

/*
** True if a term is for the column of an index that a row of
** pragma_index_xinfo describes.
*/
static int termFits(const ExpertTerm *pTerm, sqlite3_stmt *pInfo){
  return pTerm->iCol==sqlite3_column_int(pInfo, 0)
      && sqlite3_stricmp(pTerm->zColl,
                         (const char*)sqlite3_column_text(pInfo, 1))==0;
}

/*
** True if an index begins with these columns.
*/
static int indexFits(Expert *e, const Columns *pCols, const char *zIndex){
  sqlite3_stmt *pInfo = expertPrepare(e, e->dbTry,
      "SELECT cid, coll FROM pragma_index_xinfo(%Q)", zIndex);
  u8 *abUsed = shRealloc(0, (sqlite3_uint64)pCols->nTerm);
  int i = 0, j, nEnd;
  memset(abUsed, 0, (size_t)pCols->nTerm);
  for(; i<pCols->nTerm && pInfo && sqlite3_step(pInfo)==SQLITE_ROW; i++){
    j = i<pCols->nEq ? 0 : i;
    nEnd = i<pCols->nEq ? pCols->nEq : i+1;
    while( j<nEnd && (abUsed[j] || !termFits(pCols->apTerm[j], pInfo)) ) j++;
    if( j==nEnd ) break;
    abUsed[j] = 1;
  }
  sqlite3_finalize(pInfo);
  sqlite3_free(abUsed);
  return i==pCols->nTerm;
}

/*
** True if there is an index with these columns.
*/
static int haveIndex(Expert *e, const Columns *pCols){
  int bFound = 0;
  sqlite3_stmt *pList = expertPrepare(e, e->dbTry,
      "SELECT name FROM pragma_index_list(%Q) WHERE NOT partial",
      pCols->pTable->zName);
  while( !bFound && pList && sqlite3_step(pList)==SQLITE_ROW ){
    bFound = indexFits(e, pCols, (const char*)sqlite3_column_text(pList, 0));
  }
  sqlite3_finalize(pList);
  return bFound;
}

/*
** The columns as CREATE INDEX has them.  To be freed.
*/
static char *columnList(const Columns *pCols){
  sqlite3_str *pStr = sqlite3_str_new(0);
  int i;
  for(i=0; i<pCols->nTerm; i++){
    const ExpertTerm *pTerm = pCols->apTerm[i];
    const ExpertColumn *pCol = &pCols->pTable->aCol[pTerm->iCol];
    if( i ) sqlite3_str_appendall(pStr, ", ");
    expertAppendName(pStr, pCol->zName);
    if( sqlite3_stricmp(pCol->zColl, pTerm->zColl)!=0 ){
      sqlite3_str_appendall(pStr, " COLLATE ");
      expertAppendName(pStr, pTerm->zColl);
    }
    if( pTerm->bDesc ) sqlite3_str_appendall(pStr, " DESC");
  }
  return shFinish(pStr);
}

/*
** A name for an index that nothing has yet: the hash of its columns makes it
** always the same.  To be freed.
*/
static char *indexName(Expert *e, const char *zTable, const char *zCols){
  unsigned h = 0;
  for(;;){
    char *zName;
    sqlite3_stmt *pStmt;
    int i, bTaken;
    for(i=0; zCols[i]; i++) h += (h<<3) + (unsigned)(int)(signed char)zCols[i];
    zName = shPrintf("%s_idx_%08x", zTable, h);
    pStmt = expertPrepare(e, e->dbTry,
        "SELECT 1 FROM sqlite_schema WHERE name=%Q COLLATE nocase", zName);
    bTaken = pStmt && sqlite3_step(pStmt)==SQLITE_ROW;
    sqlite3_finalize(pStmt);
    if( !bTaken ) return zName;
    sqlite3_free(zName);
  }
}

/*
** Create an index unless there is one like it.
*/
static int createIndex(Expert *e, const Columns *pCols){
  const char *zTable = pCols->pTable->zName;
  ExpertIndex *pNew;
  sqlite3_str *pStr;
  char *zCols;
  int bPlain;
  if( pCols->nTerm==0 || haveIndex(e, pCols) ) return SQLITE_OK;
  e->aIndex = shRealloc(e->aIndex,
                        (sqlite3_uint64)(e->nIndex+1)*sizeof(ExpertIndex));
  pNew = &e->aIndex[e->nIndex++];
  memset(pNew, 0, sizeof(*pNew));
  zCols = columnList(pCols);
  pNew->zName = indexName(e, zTable, zCols);
  pStr = sqlite3_str_new(0);
  expertAppendName(pStr, zTable);
  bPlain = sqlite3_str_value(pStr)[0]!='\'';
  sqlite3_free(shFinish(pStr));
  pNew->zSql = shPrintf(bPlain ? "CREATE INDEX %s ON %s(%s)"
                               : "CREATE INDEX \"%w\" ON \"%w\"(%s)",
                        pNew->zName, zTable, zCols);
  sqlite3_free(zCols);
  return expertExec(e, e->dbTry, "%s", pNew->zSql);
}

/*
** Put a term in front of the others unless its column is there.
*/
static void addFirst(Columns *pCols, const ExpertTerm *pTerm){
  if( hasColumn(pCols, pTerm->iCol) ) return;
  memmove(&pCols->apTerm[1], pCols->apTerm,
          (size_t)pCols->nTerm*sizeof(pCols->apTerm[0]));
  pCols->apTerm[0] = pTerm;
  pCols->nTerm++;
}

/*
** Create the indexes that would help one search: for what is equal, with one
** range behind, or with the order.
*/
static int createForScan(Expert *e, const ExpertScan *pScan){
  Columns cols;
  int i, rc, nOrder = 0;
  cols.pTable = &e->aTable[pScan->iTable];
  cols.apTerm = shRealloc(0, (sqlite3_uint64)(pScan->nTerm+1)
                             * sizeof(cols.apTerm[0]));
  cols.nTerm = 0;
  for(i=pScan->nTerm-1; i>=0; i--){
    if( pScan->aTerm[i].eTerm==TERM_EQ ) addFirst(&cols, &pScan->aTerm[i]);
  }
  cols.nEq = cols.nTerm;
  rc = createIndex(e, &cols);
  for(i=pScan->nTerm-1; rc==SQLITE_OK && i>=0; i--){
    const ExpertTerm *pTerm = &pScan->aTerm[i];
    if( pTerm->eTerm!=TERM_RANGE || hasColumn(&cols, pTerm->iCol) ) continue;
    cols.apTerm[cols.nTerm++] = pTerm;
    rc = createIndex(e, &cols);
    cols.nTerm--;
  }
  cols.nTerm = 0;
  for(i=0; i<pScan->nTerm; i++){
    if( pScan->aTerm[i].eTerm!=TERM_ORDER ) continue;
    cols.apTerm[cols.nTerm++] = &pScan->aTerm[i];
    nOrder++;
  }
  if( rc==SQLITE_OK && nOrder>0 ){
    for(i=pScan->nTerm-1; i>=0; i--){
      if( pScan->aTerm[i].eTerm==TERM_EQ ) addFirst(&cols, &pScan->aTerm[i]);
    }
    cols.nEq = cols.nTerm - nOrder;
    rc = createIndex(e, &cols);
  }
  sqlite3_free(cols.apTerm);
  return rc;
}

/*
** Create an index for everything that has been searched for.
*/
int expertIndexCreate(Expert *e){
  int i, rc = SQLITE_OK;
  for(i=e->nScan-1; rc==SQLITE_OK && i>=0; i--){
    rc = createForScan(e, &e->aScan[i]);
  }
  return rc;
}

/*
** The query that counts the rows of a table, and how many different values
** there are in the first column of an index, in the first two, and so on.
** NULL for an index on expressions.  To be freed.
*/
static char *statSql(
  Expert *e,
  const char *zTable,
  const char *zIndex,
  int nSample
){
  sqlite3_str *pSql = sqlite3_str_new(0);
  sqlite3_str *pCols = sqlite3_str_new(0);
  int bExpression = 0;
  char *zSql;
  sqlite3_stmt *pInfo = expertPrepare(e, e->dbTry,
      "SELECT name, coll FROM pragma_index_xinfo(%Q) WHERE key", zIndex);
  if( nSample<100 ){
    sqlite3_str_appendf(pSql, "WITH s AS MATERIALIZED (SELECT * FROM"
        " main.\"%w\" WHERE (random() & 0x7fffffff)%%100 < %d)", zTable,
        nSample);
  }else{
    sqlite3_str_appendf(pSql, "WITH s AS NOT MATERIALIZED"
                              " (SELECT * FROM main.\"%w\")", zTable);
  }
  sqlite3_str_appendall(pSql, " SELECT (SELECT count(*) FROM s)");
  while( pInfo && sqlite3_step(pInfo)==SQLITE_ROW ){
    const char *zName = (const char*)sqlite3_column_text(pInfo, 0);
    if( zName==0 ){
      bExpression = 1;
      break;
    }
    sqlite3_str_appendf(pCols, "%s\"%w\" COLLATE \"%w\"",
        sqlite3_str_length(pCols) ? ", " : "", zName,
        sqlite3_column_text(pInfo, 1));
    sqlite3_str_appendf(pSql,
        ", (SELECT count(*) FROM (SELECT DISTINCT %s FROM s))",
        sqlite3_str_value(pCols));
  }
  sqlite3_finalize(pInfo);
  sqlite3_free(shFinish(pCols));
  zSql = shFinish(pSql);
  if( bExpression ){
    sqlite3_free(zSql);
    return 0;
  }
  return zSql;
}

/*
** Ask that query.  The result is what sqlite_stat1 has about an index; "" if
** there are no rows.  NULL after an error.
*/
static char *statQuery(Expert *e, const char *zSql){
  sqlite3_stmt *pStmt = expertPrepare(e, e->db, "%s", zSql);
  sqlite3_str *pStr = sqlite3_str_new(0);
  char *zStat;
  if( pStmt && sqlite3_step(pStmt)==SQLITE_ROW ){
    i64 nRow = sqlite3_column_int64(pStmt, 0);
    int i;
    for(i=0; nRow>0 && i<sqlite3_column_count(pStmt); i++){
      i64 n = i ? sqlite3_column_int64(pStmt, i) : 1;
      sqlite3_str_appendf(pStr, i ? " %lld" : "%lld", (nRow + n/2)/n);
    }
  }
  zStat = shFinish(pStr);
  if( sqlite3_finalize(pStmt)!=SQLITE_OK || pStmt==0 ){
    if( pStmt ) expertFail(e, e->db);
    sqlite3_free(zStat);
    zStat = 0;
  }
  return zStat;
}

/*
** Keep what is known about an index where the planner looks for it, and for
** the report.
*/
static int keepStat(
  Expert *e,
  const char *zTable,
  const char *zIndex,
  const char *zStat
){
  int i;
  for(i=0; i<e->nIndex; i++){
    if( strcmp(e->aIndex[i].zName, zIndex)==0 ){
      e->aIndex[i].zStat = shDup(zStat);
    }
  }
  return expertExec(e, e->dbTry, "INSERT INTO sqlite_stat1 VALUES(%Q,%Q,%Q)",
                    zTable, zIndex, zStat);
}

/*
** True if something has been searched for in a table.
*/
static int isScanned(Expert *e, const char *zTable){
  int i;
  for(i=0; i<e->nScan; i++){
    if( strcmp(e->aTable[e->aScan[i].iTable].zName, zTable)==0 ) return 1;
  }
  return 0;
}

/*
** Tell the planner about the indexes of all tables that matter.  Look at
** nSample percent of the rows.
*/
int expertIndexStat(Expert *e, int nSample){
  sqlite3_stmt *pList;
  int rc;
  if( nSample==0 ) return SQLITE_OK;
  rc = expertExec(e, e->dbTry, "ANALYZE");
  if( rc ) return rc;
  pList = expertPrepare(e, e->dbTry,
      "SELECT s.name, l.name FROM sqlite_schema AS s,"
      " pragma_index_list(s.name) AS l WHERE s.type='table'");
  while( rc==SQLITE_OK && pList && sqlite3_step(pList)==SQLITE_ROW ){
    const char *zTable = (const char*)sqlite3_column_text(pList, 0);
    const char *zIndex = (const char*)sqlite3_column_text(pList, 1);
    char *zSql, *zStat;
    if( !isScanned(e, zTable) ) continue;
    zSql = statSql(e, zTable, zIndex, nSample);
    zStat = zSql ? statQuery(e, zSql) : 0;
    if( zSql && zStat==0 ) rc = SQLITE_ERROR;
    if( zStat && zStat[0] ) rc = keepStat(e, zTable, zIndex, zStat);
    sqlite3_free(zStat);
    sqlite3_free(zSql);
  }
  sqlite3_finalize(pList);
  return rc ? rc : expertExec(e, e->dbTry, "ANALYZE sqlite_schema");
}

/*
** Free the candidates.
*/
void expertIndexFree(Expert *e){
  int i;
  for(i=0; i<e->nIndex; i++){
    sqlite3_free(e->aIndex[i].zName);
    sqlite3_free(e->aIndex[i].zSql);
    sqlite3_free(e->aIndex[i].zStat);
  }
  sqlite3_free(e->aIndex);
}
