/*
** Listing what a database holds: ".databases", ".tables", ".indexes".
*/
#include <string.h>
#include "shell.h"

/*
** One line for each database of the connection.  The list is read first:
** the query would itself show up as a transaction.
*/
int dotDatabases(Shell *p){
  sqlite3_stmt *pStmt = 0;
  char **azName = 0;
  sqlite3_uint64 nName = 0, i;
  databaseOpen(p, OPEN_OR_EXIT);
  if( sqlite3_prepare_v2(p->db, "PRAGMA database_list", -1, &pStmt, 0) ){
    sqlite3_finalize(pStmt);
    return databaseError(p);
  }
  while( sqlite3_step(pStmt)==SQLITE_ROW ){
    const char *zSchema = (const char*)sqlite3_column_text(pStmt, 1);
    const char *zFile = (const char*)sqlite3_column_text(pStmt, 2);
    if( zSchema==0 || zFile==0 ) continue;
    azName = shRealloc(azName, (nName+2)*sizeof(char*));
    azName[nName++] = shDup(zSchema);
    azName[nName++] = shDup(zFile);
  }
  sqlite3_finalize(pStmt);
  for(i=0; i<nName; i+=2){
    int eTxn = sqlite3_txn_state(p->db, azName[i]);
    fprintf(p->out, "%s: %s %s%s\n", azName[i],
            azName[i+1][0] ? azName[i+1] : "\"\"",
            sqlite3_db_readonly(p->db, azName[i]) ? "r/o" : "r/w",
            eTxn==SQLITE_TXN_NONE ? "" :
            eTxn==SQLITE_TXN_READ ? " read-txn" : " write-txn");
    sqlite3_free(azName[i]);
    sqlite3_free(azName[i+1]);
  }
  sqlite3_free(azName);
  return DOT_OK;
}

/*
** Show the result of a query with one column, using the whole width of the
** screen.  Destroys pSql.
*/
static int showNames(Shell *p, sqlite3_str *pSql){
  char *zSql = shFinish(pSql);
  char *zErr = 0;
  modePush(p);
  modeChange(p, MODE_SPLIT);
  p->mode.spec.bTitles = SW_OFF;
  executeSql(p, zSql, &zErr);
  modePop(p);
  sqlite3_free(zSql);
  if( zErr ){
    fprintf(stderr, "Error: %s\n", zErr);
    sqlite3_free(zErr);
    return DOT_ERROR;
  }
  return DOT_OK;
}

/*
** .tables ?PATTERN?
*/
int dotTables(Shell *p){
  const char *zPattern = p->dot.nArg>1 ? p->dot.azArg[1] : 0;
  sqlite3_stmt *pStmt = 0;
  sqlite3_str *pSql;
  databaseOpen(p, OPEN_OR_EXIT);
  if( sqlite3_prepare_v2(p->db, "PRAGMA database_list", -1, &pStmt, 0) ){
    sqlite3_finalize(pStmt);
    return databaseError(p);
  }
  pSql = sqlite3_str_new(0);
  while( sqlite3_step(pStmt)==SQLITE_ROW ){
    const char *zDb = (const char*)sqlite3_column_text(pStmt, 1);
    if( zDb==0 ) continue;
    if( sqlite3_str_length(pSql) ) sqlite3_str_appendall(pSql, " UNION ALL ");
    if( sqlite3_stricmp(zDb, "main")==0 ){
      sqlite3_str_appendall(pSql, "SELECT name");
    }else{
      sqlite3_str_appendf(pSql, "SELECT %Q||'.'||name", zDb);
    }
    sqlite3_str_appendf(pSql,
        " FROM \"%w\".sqlite_schema WHERE type IN ('table','view')"
        " AND name NOT LIKE 'sqlite__%%' ESCAPE '_'", zDb);
    if( zPattern ) sqlite3_str_appendf(pSql, " AND name LIKE %Q", zPattern);
  }
  sqlite3_finalize(pStmt);
  sqlite3_str_appendall(pSql, " ORDER BY 1");
  return showNames(p, pSql);
}

/*
** Append the query for the indexes.  The names begin with that of their
** schema unless it is "main".
*/
static void indexQuery(sqlite3_str *pSql, const char *zPattern, int bAll,
                       int bSystem, int bExpr){
  sqlite3_str_appendall(pSql,
      "SELECT iif(t.schema='main', i.name, t.schema||'.'||i.name)"
      " FROM pragma_table_list AS t, pragma_index_list(t.name,t.schema) AS i"
      " WHERE ");
  if( bExpr ){
    sqlite3_str_appendall(pSql,
        "(EXISTS(SELECT 1 FROM pragma_index_xinfo(i.name) WHERE cid=-2) OR"
        " EXISTS(SELECT cid FROM pragma_table_xinfo(t.name) WHERE hidden=2"
        " INTERSECT SELECT cid FROM pragma_index_info(i.name))) AND ");
  }
  if( bSystem ){
    sqlite3_str_appendall(pSql,
        "i.name LIKE 'sqlite__autoindex__%' ESCAPE '_'");
  }else if( bAll ){
    sqlite3_str_appendall(pSql, "true");
  }else{
    sqlite3_str_appendall(pSql, "i.name NOT LIKE 'sqlite__%' ESCAPE '_'");
  }
  if( zPattern ) sqlite3_str_appendf(pSql, " AND i.name LIKE '%%%q%%'", zPattern);
  sqlite3_str_appendall(pSql, " ORDER BY 1");
}

/*
** .indexes ?-a|--all? ?--expr? ?--sys? ?PATTERN?
*/
int dotIndexes(Shell *p){
  const char *zPattern = 0;
  int bAll = 0, bSystem = 0, bExpr = 0;
  sqlite3_str *pSql;
  int i;
  for(i=1; i<p->dot.nArg; i++){
    const char *z = p->dot.azArg[i];
    if( shOption(z, "all") || shOption(z, "a") ){
      bAll = 1;
    }else if( shOption(z, "sys") ){
      bSystem = 1;
    }else if( shOption(z, "expr") ){
      bExpr = 1;
      bAll = 0;
    }else if( z[0]=='-' || zPattern ){
      dotError(p, i, z[0]=='-' ? "unknown option" : "unknown argument", 0);
      return DOT_ERROR;
    }else{
      zPattern = z;
    }
  }
  databaseOpen(p, OPEN_OR_EXIT);
  pSql = sqlite3_str_new(0);
  indexQuery(pSql, zPattern, bAll, bSystem, bExpr);
  return showNames(p, pSql);
}
