/*
** ".sha3sum": a hash of what the database holds, in whatever order and on
** whatever pages.
*/
#include <string.h>
#include <stdlib.h>
#include "shell.h"

/*
** What ".sha3sum" has been asked for.
*/
typedef struct Sum Sum;
struct Sum {
  const char *zLike;     /* Only these tables, each by itself; or NULL */
  int bSchema;           /* The schema and other system tables, too */
  int nBit;
};

/*
** Append the query that reads a table.
*/
static void appendQuery(sqlite3_str *pSql, const char *zTable){
  static const struct { const char *zTable; const char *zQuery; } aSystem[] = {
    { "sqlite_schema",   "SELECT type,name,tbl_name,sql FROM sqlite_schema"
                         " ORDER BY name;" },
    { "sqlite_sequence", "SELECT name,seq FROM sqlite_sequence ORDER BY name;" },
    { "sqlite_stat1",    "SELECT tbl,idx,stat FROM sqlite_stat1"
                         " ORDER BY tbl,idx;" },
    { "sqlite_stat4",    "SELECT * FROM sqlite_stat4"
                         " ORDER BY tbl, idx, rowid;\n" },
  };
  int i;
  if( strncmp(zTable, "sqlite_", 7)!=0 ){
    sqlite3_str_appendf(pSql, "SELECT * FROM \"%w\" NOT INDEXED;", zTable);
  }
  for(i=0; i<ArraySize(aSystem); i++){
    if( strcmp(zTable, aSystem[i].zTable)==0 ){
      sqlite3_str_appendall(pSql, aSystem[i].zQuery);
    }
  }
}

/*
** The statement that computes the hashes, to be freed; NULL if there is
** nothing to be read.
*/
static char *sumSql(Shell *p, const Sum *pSum){
  sqlite3_str *pSql = sqlite3_str_new(0);
  sqlite3_stmt *pStmt = 0;
  int n = 0;
  sqlite3_prepare_v2(p->db, pSum->bSchema
      ? "SELECT lower(name) FROM sqlite_schema"
        " WHERE type='table' AND coalesce(rootpage,0)>1"
        " UNION ALL SELECT 'sqlite_schema' ORDER BY 1 COLLATE nocase"
      : "SELECT lower(name) FROM sqlite_schema"
        " WHERE type='table' AND coalesce(rootpage,0)>1"
        " AND name NOT LIKE 'sqlite__%' ESCAPE '_' ORDER BY 1 COLLATE nocase",
      -1, &pStmt, 0);
  sqlite3_str_appendall(pSql, "WITH [sha3sum$query](a,b) AS(VALUES(");
  while( pStmt && sqlite3_step(pStmt)==SQLITE_ROW ){
    const char *zTable = (const char*)sqlite3_column_text(pStmt, 0);
    sqlite3_str *pQuery;
    char *z;
    if( zTable==0 ) continue;
    if( pSum->zLike && sqlite3_strlike(pSum->zLike, zTable, 0)!=0 ) continue;
    pQuery = sqlite3_str_new(0);
    appendQuery(pQuery, zTable);
    z = shFinish(pQuery);
    sqlite3_str_appendf(pSql, "%s%Q,%Q", n++ ? "),(" : "", z, zTable);
    sqlite3_free(z);
  }
  sqlite3_finalize(pStmt);
  sqlite3_str_appendf(pSql, pSum->zLike
      ? ")) SELECT lower(hex(sha3_query(a,%d))) AS hash, b AS label"
        " FROM [sha3sum$query]"
      : ")) SELECT lower(hex(sha3_query(group_concat(a,''),%d))) AS hash"
        " FROM [sha3sum$query]", pSum->nBit);
  if( n>0 ) return shFinish(pSql);
  sqlite3_str_free(pSql);
  return 0;
}

/*
** .sha3sum ?--schema? ?--sha3-224|256|384|512? ?LIKE-PATTERN?
*/
int dotSha3sum(Shell *p){
  static const char *const azSize[] = {
    "sha3-224", "sha3-256", "sha3-384", "sha3-512", 0
  };
  Sum sum;
  char *zSql;
  char *zErr = 0;
  int i;
  memset(&sum, 0, sizeof(sum));
  sum.nBit = 224;
  for(i=1; i<p->dot.nArg; i++){
    const char *z = p->dot.azArg[i];
    const char *zName = &z[z[1]=='-' ? 2 : 1];
    if( shOption(z, "schema") ){
      sum.bSchema = 1;
    }else if( z[0]=='-' && shPick(zName, azSize)>=0 ){
      sum.nBit = atoi(&zName[5]);
    }else if( z[0]=='-' ){
      fprintf(stderr, "Unknown option \"%s\" on \"%s\"\n", z, p->dot.azArg[0]);
      helpShow(p->out, "sha3sum");
      return DOT_ERROR;
    }else if( sum.zLike ){
      return dotUsage(".sha3sum ?OPTIONS? ?LIKE-PATTERN?");
    }else{
      sum.zLike = z;
      if( sqlite3_strlike("sqlite\\_%", z, '\\')==0 ) sum.bSchema = 1;
    }
  }
  databaseOpen(p, OPEN_OR_EXIT);
  zSql = sumSql(p, &sum);
  if( zSql ) executeSql(p, zSql, &zErr);
  sqlite3_free(zSql);
  if( zErr==0 ) return DOT_OK;
  fprintf(stderr, "Error: %s\n", zErr);
  sqlite3_free(zErr);
  return DOT_ERROR;
}
