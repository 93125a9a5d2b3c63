/*
** ".imposter": see an index as if it were a table.
*/
#include "shell.h"

/*
** Find the root page of an index, or of a table WITHOUT ROWID.  0 if there is
** none.
*/
static int findRoot(Shell *p, const char *zIndex, int *pbTable){
  sqlite3_stmt *pStmt = 0;
  int iRoot = 0;
  sqlite3_prepare_v2(p->db,
      "SELECT rootpage, type='table' FROM sqlite_schema"
      " WHERE lower(name)=lower(?1)"
      " AND (type='index' OR (type='table' AND sql LIKE '%without%rowid%'))"
      " ORDER BY type", -1, &pStmt, 0);
  sqlite3_bind_text(pStmt, 1, zIndex, -1, SQLITE_STATIC);
  if( pStmt && sqlite3_step(pStmt)==SQLITE_ROW ){
    iRoot = sqlite3_column_int(pStmt, 0);
    *pbTable = sqlite3_column_int(pStmt, 1);
  }
  sqlite3_finalize(pStmt);
  return iRoot;
}

/*
** The statement that creates the imposter, to be freed.  NULL if there are no
** columns.  All of them are the key, but of a table only those that are so.
*/
static char *imposterSql(Shell *p, const char *zIndex, const char *zImposter,
                         int bTable){
  sqlite3_stmt *pStmt = 0;
  sqlite3_str *pCol = sqlite3_str_new(0);
  char *zSql = shPrintf("PRAGMA index_xinfo(%Q)", zIndex);
  char *zCol;
  int i = 0, nKey = -1;
  sqlite3_prepare_v2(p->db, zSql, -1, &pStmt, 0);
  sqlite3_free(zSql);
  while( pStmt && sqlite3_step(pStmt)==SQLITE_ROW ){
    const char *z = (const char*)sqlite3_column_text(pStmt, 2);
    int bKey = sqlite3_column_int(pStmt, 5);
    if( bTable && !bKey && nKey<0 && i>0 ) nKey = sqlite3_str_length(pCol);
    if( i++ ) sqlite3_str_appendchar(pCol, 1, ',');
    if( z ){
      sqlite3_str_appendf(pCol, "\"%w\"", z);
    }else if( sqlite3_column_int(pStmt, 1)==-1 ){
      sqlite3_str_appendall(pCol, "\"_ROWID_\"");
    }else{
      sqlite3_str_appendf(pCol, "\"expr%d\"", i);
    }
  }
  sqlite3_finalize(pStmt);
  if( nKey<0 ) nKey = sqlite3_str_length(pCol);
  zCol = shFinish(pCol);
  zSql = i==0 ? 0 : shPrintf(
      "CREATE TABLE \"%w\"(%s,PRIMARY KEY(%.*s))WITHOUT ROWID",
      zImposter, zCol, nKey, zCol);
  sqlite3_free(zCol);
  return zSql;
}

/*
** .imposter INDEX IMPOSTER
** .imposter off
*/
int dotImposter(Shell *p){
  const char *zIndex = p->dot.azArg[1];
  char *zSql;
  int iRoot, rc, bTable = 0;
  if( p->dot.nArg==2 && sqlite3_stricmp(zIndex, "off")==0 ){
    databaseOpen(p, OPEN_OR_EXIT);
    sqlite3_test_control(SQLITE_TESTCTRL_IMPOSTER, p->db, "main", 0, 1);
    return DOT_OK;
  }
  if( p->dot.nArg!=3 ){
    return dotUsage(".imposter INDEX IMPOSTER\n       .imposter off");
  }
  databaseOpen(p, OPEN_OR_EXIT);
  iRoot = findRoot(p, zIndex, &bTable);
  zSql = imposterSql(p, zIndex, p->dot.azArg[2], bTable);
  if( iRoot==0 || zSql==0 ){
    fprintf(stderr, "no such index: \"%s\"\n", zIndex);
    sqlite3_free(zSql);
    return DOT_ERROR;
  }
  rc = sqlite3_test_control(SQLITE_TESTCTRL_IMPOSTER, p->db, "main", 2, iRoot);
  if( rc!=SQLITE_OK ){
    fprintf(stderr, "SQLITE_TESTCTRL_IMPOSTER returns %d\n", rc);
  }else{
    rc = sqlite3_exec(p->db, zSql, 0, 0, 0);
    sqlite3_test_control(SQLITE_TESTCTRL_IMPOSTER, p->db, "main", 0, 0);
    if( rc!=SQLITE_OK ){
      fprintf(stderr, "Error in [%s]: %s\n", zSql, sqlite3_errmsg(p->db));
    }else{
      fprintf(p->out, "%s;\n", zSql);
    }
  }
  sqlite3_free(zSql);
  return rc==SQLITE_OK ? DOT_OK : DOT_ERROR;
}
