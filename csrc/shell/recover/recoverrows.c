/*
** The rows of tables that ".recover" knows.
*/
#include <string.h>
#include "recover.h"

/*
** A table that rows are recovered of.
*/
typedef struct Target Target;
struct Target {
  const char *zName;
  int nCol;
  char **azCol;
  int *aiField;          /* The field that a column is in; -1: it has none */
  int iKey;              /* The column that is the rowid, or -1 */
  int bRowid;            /* It has rowids */
  const char *zRowid;    /* A name under which rowids are written, or NULL */
  int nField;            /* Fields that a record may have */
  Field *aField;         /* Fields of the current record */
  int nPrefix;           /* Fields that zPrefix is for */
  char *zPrefix;         /* How an INSERT begins */
};

/*
** Values of the column "hidden" of PRAGMA table_xinfo.
*/
#define HIDDEN_VIRTUAL  2
#define HIDDEN_STORED   3

/*
** Find out where the columns of a table are: in the order of the table, or, if
** it has no rowids, in that of its key.
*/
static void targetColumns(Recover *r, Target *t){
  sqlite3_stmt *pStmt = recoverPrepare(r, r->pNew,
      shPrintf("PRAGMA table_xinfo(%Q)", t->zName));
  int nKey = 0;
  t->iKey = -1;
  t->bRowid = 1;
  while( recoverStep(r, pStmt) ){
    const char *zType = (const char*)sqlite3_column_text(pStmt, 2);
    int eHidden = sqlite3_column_int(pStmt, 6);
    sqlite3_uint64 n = (sqlite3_uint64)t->nCol + 1;
    t->azCol = shRealloc(t->azCol, n*sizeof(char*));
    t->aiField = shRealloc(t->aiField, n*sizeof(int));
    t->azCol[t->nCol] = 0;
    t->aiField[t->nCol] = eHidden==HIDDEN_VIRTUAL ? -1 : t->nField++;
    if( eHidden!=HIDDEN_VIRTUAL && eHidden!=HIDDEN_STORED ){
      t->azCol[t->nCol] = shPrintf("%s", sqlite3_column_text(pStmt, 1));
    }
    if( sqlite3_column_int(pStmt, 5)>0 && nKey++==0
     && sqlite3_stricmp(zType, "INTEGER")==0 ){
      t->iKey = t->nCol;
    }
    t->nCol++;
  }
  sqlite3_finalize(pStmt);
  pStmt = recoverPrepare(r, r->pNew,
      shPrintf("PRAGMA index_xinfo(%Q)", t->zName));
  while( recoverStep(r, pStmt) ){
    int iField = sqlite3_column_int(pStmt, 0);
    int iCol = sqlite3_column_int(pStmt, 1);
    t->bRowid = 0;
    if( iCol>=0 && iCol<t->nCol ) t->aiField[iCol] = iField;
    if( iField>=t->nField ) t->nField = iField+1;
  }
  sqlite3_finalize(pStmt);
  /* A key that has an index, as that of INTEGER PRIMARY KEY DESC, is no
  ** rowid. */
  pStmt = recoverPrepare(r, r->pNew, shPrintf(
      "SELECT 1 FROM pragma_index_list(%Q) WHERE origin='pk'", t->zName));
  if( nKey!=1 || recoverStep(r, pStmt) ) t->iKey = -1;
  sqlite3_finalize(pStmt);
}

/*
** Choose the name of the rowid, if it must be written.
*/
static void targetRowid(Recover *r, Target *t){
  static const char *const azName[] = { "_rowid_", "rowid", "oid" };
  int i, iCol;
  if( !r->bRowids || !t->bRowid || t->iKey>=0 ) return;
  for(i=0; i<ArraySize(azName) && t->zRowid==0; i++){
    for(iCol=0; iCol<t->nCol; iCol++){
      const char *zCol = t->azCol[iCol];
      if( zCol && sqlite3_stricmp(zCol, azName[i])==0 ) break;
    }
    if( iCol==t->nCol ) t->zRowid = azName[i];
  }
}

/*
** True if column iCol is to be written when a record has nField fields.
*/
static int targetWrites(const Target *t, int iCol, int nField){
  return t->azCol[iCol] && t->aiField[iCol]>=0 && t->aiField[iCol]<nField;
}

/*
** Make zPrefix for records of nField fields.  It is NULL if there is nothing
** to insert.
*/
static void targetPrefix(Target *t, int nField){
  sqlite3_str *pStr = sqlite3_str_new(0);
  int i, n = 0;
  sqlite3_free(t->zPrefix);
  t->zPrefix = 0;
  t->nPrefix = nField;
  sqlite3_str_appendf(pStr, "INSERT OR IGNORE INTO %Q(", t->zName);
  if( t->zRowid ){
    sqlite3_str_appendall(pStr, t->zRowid);
    n++;
  }
  for(i=0; i<t->nCol; i++){
    if( !targetWrites(t, i, nField) ) continue;
    sqlite3_str_appendf(pStr, "%s%Q", n++ ? ", " : "", t->azCol[i]);
  }
  sqlite3_str_appendall(pStr, ") VALUES (");
  t->zPrefix = shFinish(pStr);
  if( n==0 ){
    sqlite3_free(t->zPrefix);
    t->zPrefix = 0;
  }
}

/*
** Write a record of a table as an INSERT.
*/
static void visitRow(Recover *r, void *pArg){
  Target *t = (Target*)pArg;
  FILE *out = r->p->out;
  const char *zSep = "";
  int i, n = 0;
  while( n<t->nField && recordNext(&r->record) ){
    t->aField[n++] = r->record.field;
  }
  if( n==0 ) return;
  if( n!=t->nPrefix ) targetPrefix(t, n);
  if( t->zPrefix==0 ) return;
  fputs(t->zPrefix, out);
  if( t->zRowid ){
    fprintf(out, "%lld", r->record.iRowid);
    zSep = ", ";
  }
  for(i=0; i<t->nCol; i++){
    if( !targetWrites(t, i, n) ) continue;
    fputs(zSep, out);
    zSep = ", ";
    if( i==t->iKey ){
      fprintf(out, "%lld", r->record.iRowid);
    }else{
      recoverWriteField(r, &t->aField[t->aiField[i]]);
    }
  }
  fputs(");\n", out);
}

/*
** Write the rows of a table that has its root in page iRoot.
*/
static void recoverRows(Recover *r, const char *zName, i64 iRoot){
  Target t;
  int i;
  memset(&t, 0, sizeof(t));
  t.zName = zName;
  targetColumns(r, &t);
  targetRowid(r, &t);
  t.aField = shRealloc(0, ((sqlite3_uint64)t.nField+1)*sizeof(Field));
  recoverTree(r, iRoot, t.bRowid, visitRow, &t);
  for(i=0; i<t.nCol; i++) sqlite3_free(t.azCol[i]);
  sqlite3_free(t.azCol);
  sqlite3_free(t.aiField);
  sqlite3_free(t.aField);
  sqlite3_free(t.zPrefix);
}

/*
** Write the rows of all tables that have been created.  Inserting into others
** changes sqlite_sequence, which is why it comes last.
*/
void recoverTables(Recover *r){
  sqlite3_stmt *pMade = recoverPrepare(r, r->pWork, shDup(
      "SELECT root, name FROM made ORDER BY name='sqlite_sequence', rowid"));
  while( recoverStep(r, pMade) ){
    char *zName = shPrintf("%s", sqlite3_column_text(pMade, 1));
    if( sqlite3_stricmp(zName, "sqlite_sequence")==0 ){
      recoverWrite(r, "DELETE FROM sqlite_sequence");
    }
    recoverRows(r, zName, sqlite3_column_int64(pMade, 0));
    sqlite3_free(zName);
  }
  sqlite3_finalize(pMade);
}
