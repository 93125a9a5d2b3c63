/*
** ".parameter": values for the parameters of statements, which are kept in the
** table temp.sqlite_parameters.  execute.c binds them.
*/
#include <string.h>
#include "shell.h"

/*
** Run zSql, which is to be one statement, and free it.  A name that begins with sqlite_ takes more rights than
** the shell gives itself otherwise.
*/
static int parameterRun(Shell *p, char *zSql){
  int mLock = databaseUnlock(p->db);
  sqlite3_stmt *pStmt = 0;
  const char *zTail = "";
  int rc;
  rc = sqlite3_prepare_v2(p->db, zSql, -1, &pStmt, &zTail);
  if( rc==SQLITE_OK && shIsBlank(zTail) ){
    sqlite3_step(pStmt);
    rc = sqlite3_finalize(pStmt);
  }else{
    sqlite3_finalize(pStmt);
    rc = SQLITE_ERROR;
  }
  databaseRelock(p->db, mLock);
  sqlite3_free(zSql);
  return rc;
}

static int parameterInit(Shell *p){
  return parameterRun(p, shDup(
      "CREATE TABLE IF NOT EXISTS temp.sqlite_parameters("
      "key TEXT PRIMARY KEY, value) WITHOUT ROWID"));
}

/*
** True if there is the table.
*/
static int parameterTable(Shell *p){
  return sqlite3_table_column_metadata(p->db, "temp", "sqlite_parameters", "key",
                                       0, 0, 0, 0, 0)==SQLITE_OK;
}

/*
** A query for the value of ?1.  NULL if there is no table to look in.
*/
sqlite3_stmt *parameterQuery(Shell *p){
  sqlite3_stmt *pQuery = 0;
  if( parameterTable(p) ){
    sqlite3_prepare_v2(p->db,
        "SELECT value FROM temp.sqlite_parameters WHERE key=?1", -1, &pQuery, 0);
  }
  return pQuery;
}

/*
** Names and values, the values in a column.
*/
static void parameterList(Shell *p){
  sqlite3_stmt *pStmt = 0;
  int nWidth = databaseInt(p,
      "SELECT max(length(key)) FROM temp.sqlite_parameters");
  if( nWidth>40 ) nWidth = 40;
  sqlite3_prepare_v2(p->db, "SELECT key, quote(value)"
      " FROM temp.sqlite_parameters ORDER BY key", -1, &pStmt, 0);
  while( sqlite3_step(pStmt)==SQLITE_ROW ){
    fprintf(p->out, "%-*s %s\n", nWidth, sqlite3_column_text(pStmt, 0),
            sqlite3_column_text(pStmt, 1));
  }
  sqlite3_finalize(pStmt);
}

/*
** The value is an expression, or, if it is none, text.
*/
static int parameterSet(Shell *p, const char *zName, const char *zValue){
  int rc = parameterInit(p);
  if( rc!=SQLITE_OK ) return databaseError(p);
  rc = parameterRun(p, shPrintf("REPLACE INTO temp.sqlite_parameters(key,value)"
                                "VALUES(%Q,%s)", zName, zValue));
  if( rc!=SQLITE_OK ){
    rc = parameterRun(p, shPrintf("REPLACE INTO temp.sqlite_parameters(key,value)"
                                  "VALUES(%Q,%Q)", zName, zValue));
  }
  return rc==SQLITE_OK ? DOT_OK : databaseError(p);
}

/*
** .parameter clear|init|list|set NAME VALUE|unset NAME
*/
int dotParameter(Shell *p){
  const char *z = p->dot.nArg>1 ? p->dot.azArg[1] : "";
  int n = p->dot.nArg;
  int rc = SQLITE_OK;
  databaseOpen(p, OPEN_OR_EXIT);
  if( n==2 && strcmp(z, "clear")==0 ){
    rc = parameterRun(p, shDup("DROP TABLE IF EXISTS temp.sqlite_parameters"));
  }else if( n==2 && strcmp(z, "init")==0 ){
    rc = parameterInit(p);
  }else if( n==2 && strcmp(z, "list")==0 ){
    if( parameterTable(p) ) parameterList(p);
  }else if( n==4 && strcmp(z, "set")==0 ){
    return parameterSet(p, p->dot.azArg[2], p->dot.azArg[3]);
  }else if( n==3 && strcmp(z, "unset")==0 ){
    if( parameterTable(p) ){
      rc = parameterRun(p, shPrintf(
          "DELETE FROM temp.sqlite_parameters WHERE key=%Q", p->dot.azArg[2]));
    }
  }else{
    return dotUsage(".parameter clear|init|list|set NAME VALUE|unset NAME");
  }
  return rc==SQLITE_OK ? DOT_OK : databaseError(p);
}
