/*
** ".lint": what a schema would be better off with.  For each foreign key, is
** there an index that finds the children of a row?
*/
#include <string.h>
#include "shell.h"

/*
** One foreign key.
*/
typedef struct ForeignKey ForeignKey;
struct ForeignKey {
  char *zChild, *zParent;
  int nCol, nAlloc;
  char **azFrom, **azTo;       /* Columns of the child, of the parent */
};

static void keyAdd(ForeignKey *pKey, char *zFrom, char *zTo){
  if( pKey->nCol==pKey->nAlloc ){
    pKey->nAlloc = pKey->nAlloc*2 + 4;
    pKey->azFrom = shRealloc(pKey->azFrom,
                             (sqlite3_uint64)pKey->nAlloc*sizeof(char*));
    pKey->azTo = shRealloc(pKey->azTo,
                           (sqlite3_uint64)pKey->nAlloc*sizeof(char*));
  }
  pKey->azFrom[pKey->nCol] = zFrom;
  pKey->azTo[pKey->nCol++] = zTo;
}

static void keyFree(ForeignKey *pKey){
  int i;
  for(i=0; i<pKey->nCol; i++){
    sqlite3_free(pKey->azFrom[i]);
    sqlite3_free(pKey->azTo[i]);
  }
  sqlite3_free(pKey->azFrom);
  sqlite3_free(pKey->azTo);
  sqlite3_free(pKey->zChild);
  sqlite3_free(pKey->zParent);
  memset(pKey, 0, sizeof(*pKey));
}

static char *columnDup(sqlite3_stmt *pStmt, int i){
  return shDup((const char*)sqlite3_column_text(pStmt, i));
}

/*
** The collation of a column; BINARY if there is no such column.
*/
static const char *collation(Shell *p, const char *zTable, const char *zCol){
  const char *z = 0;
  sqlite3_table_column_metadata(p->db, "main", zTable, zCol, 0, &z, 0, 0, 0);
  return z ? z : "BINARY";
}

/*
** True if SQLite finds the rows with certain values of the key by an index on
** all of its columns.
*/
static int keyHasIndex(Shell *p, ForeignKey *pKey){
  sqlite3_str *pStr = sqlite3_str_new(0);
  sqlite3_stmt *pStmt = 0;
  char *zSql;
  int i, bFound = 0;
  sqlite3_str_appendf(pStr, "EXPLAIN QUERY PLAN SELECT 1 FROM main.\"%w\"",
                      pKey->zChild);
  for(i=0; i<pKey->nCol; i++){
    sqlite3_str_appendf(pStr, " %s \"%w\"=?%d COLLATE \"%w\"",
        i ? "AND" : "WHERE", pKey->azFrom[i], i+1,
        collation(p, pKey->zParent, pKey->azTo[i]));
  }
  zSql = shFinish(pStr);
  sqlite3_prepare_v2(p->db, zSql, -1, &pStmt, 0);
  while( sqlite3_step(pStmt)==SQLITE_ROW ){
    const char *z = (const char*)sqlite3_column_text(pStmt, 3);
    int n = 0;
    if( z==0 || strncmp(z, "SEARCH ", 7)!=0 ) continue;
    if( strstr(z, " USING INTEGER PRIMARY KEY (rowid=?)") ) bFound = 1;
    while( (z = strstr(z, "=?"))!=0 ){ n++; z += 2; }
    if( n==pKey->nCol ) bFound = 1;
  }
  sqlite3_finalize(pStmt);
  sqlite3_free(zSql);
  return bFound;
}

/*
** The index that is missing.
*/
static void keyPrint(Shell *p, ForeignKey *pKey, const char *zIndent){
  sqlite3_str *pStr = sqlite3_str_new(0);
  char *z;
  int i;
  z = shDup(pKey->zChild);
  for(i=0; i<pKey->nCol; i++){
    z = shCheck(sqlite3_mprintf("%z_%s", z, pKey->azFrom[i]));
  }
  sqlite3_str_appendf(pStr, "%sCREATE INDEX %Q ON %Q(", zIndent, z, pKey->zChild);
  sqlite3_free(z);
  for(i=0; i<pKey->nCol; i++){
    const char *zParent = collation(p, pKey->zParent, pKey->azTo[i]);
    sqlite3_str_appendf(pStr, "%s%Q", i ? ", " : "", pKey->azFrom[i]);
    if( sqlite3_stricmp(zParent, collation(p, pKey->zChild, pKey->azFrom[i])) ){
      sqlite3_str_appendf(pStr, " COLLATE %s", zParent);
    }
  }
  sqlite3_str_appendf(pStr, "); --> %s(", pKey->zParent);
  for(i=0; i<pKey->nCol; i++){
    sqlite3_str_appendf(pStr, "%s%s", i ? "," : "", pKey->azTo[i]);
  }
  sqlite3_str_appendall(pStr, ")");
  z = shFinish(pStr);
  fprintf(p->out, "%s\n", z);
  sqlite3_free(z);
}

/*
** .lint fkey-indexes
*/
static int lintForeignKeys(Shell *p, int bVerbose, int bByParent){
  static const char zColumns[] =
      "SELECT s.name, f.id, f.\"table\", f.\"from\", coalesce(f.\"to\","
      "  (SELECT name FROM pragma_table_info(f.\"table\", 'main') WHERE pk=f.seq+1))"
      " FROM main.sqlite_schema AS s, pragma_foreign_key_list(s.name, 'main') AS f"
      " WHERE s.type='table'";
  const char *zIndent = bByParent ? "    " : "";
  sqlite3_stmt *pStmt = 0;
  ForeignKey key;
  char *zGroup = 0;
  char *zSql = shPrintf("%s ORDER BY %s s.name, f.id, f.seq", zColumns,
                        bByParent ? "f.\"table\"," : "");
  int iId = -1, bMore;
  int rc = sqlite3_prepare_v2(p->db, zSql, -1, &pStmt, 0);
  sqlite3_free(zSql);
  if( rc!=SQLITE_OK ) return databaseError(p);
  memset(&key, 0, sizeof(key));
  do{
    const char *zChild = 0;
    bMore = sqlite3_step(pStmt)==SQLITE_ROW;
    if( bMore ) zChild = (const char*)sqlite3_column_text(pStmt, 0);
    if( key.zChild && (!bMore || strcmp(zChild, key.zChild)!=0
                       || sqlite3_column_int(pStmt, 1)!=iId) ){
      if( bByParent
       && (zGroup==0 || sqlite3_stricmp(zGroup, key.zParent)!=0)
      ){
        fprintf(p->out, "-- Parent table %s\n", key.zParent);
        sqlite3_free(zGroup);
        zGroup = shDup(key.zParent);
      }
      if( !keyHasIndex(p, &key) ){
        keyPrint(p, &key, zIndent);
      }else if( bVerbose ){
        fprintf(p->out, "%s/* no extra indexes required for %s -> %s */\n",
                zIndent, key.zChild, key.zParent);
      }
      keyFree(&key);
    }
    if( bMore ){
      if( key.zChild==0 ){
        key.zChild = columnDup(pStmt, 0);
        key.zParent = columnDup(pStmt, 2);
        iId = sqlite3_column_int(pStmt, 1);
      }
      keyAdd(&key, columnDup(pStmt, 3),
             sqlite3_column_type(pStmt, 4)==SQLITE_NULL ? shDup("rowid")
                                                        : columnDup(pStmt, 4));
    }
  }while( bMore );
  rc = sqlite3_finalize(pStmt);
  sqlite3_free(zGroup);
  return rc==SQLITE_OK ? DOT_OK : databaseError(p);
}

/*
** .lint fkey-indexes ?-verbose? ?-groupbyparent?
*/
int dotLint(Shell *p){
  int bVerbose = 0, bByParent = 0;
  size_t n = p->dot.nArg>1 ? strlen(p->dot.azArg[1]) : 0;
  int i;
  if( n==0 || sqlite3_strnicmp(p->dot.azArg[1], "fkey-indexes", (int)n)!=0 ){
    fprintf(stderr, "Usage %s sub-command ?switches...?\n"
                    "Where sub-commands are:\n    fkey-indexes\n",
            p->dot.azArg[0]);
    return DOT_OK;
  }
  for(i=2; i<p->dot.nArg; i++){
    const char *z = p->dot.azArg[i];
    size_t nOption = strlen(z);
    if( nOption>1 && sqlite3_strnicmp("-verbose", z, (int)nOption)==0 ){
      bVerbose = 1;
    }else if( nOption>1 && sqlite3_strnicmp("-groupbyparent", z,
                                            (int)nOption)==0 ){
      bByParent = 1;
    }else{
      return dotUsage(".lint fkey-indexes ?-verbose? ?-groupbyparent?");
    }
  }
  databaseOpen(p, OPEN_OR_EXIT);
  return lintForeignKeys(p, bVerbose, bByParent);
}
