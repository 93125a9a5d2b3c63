/*
** ".clone": whatever can be read of a database, statement by statement and row by
** row, into a new file.
*/
#include <string.h>
#include <unistd.h>
#include "shell.h"

/*
** A run of ".clone".
*/
typedef struct Clone Clone;
struct Clone {
  Shell *p;
  sqlite3 *pNew;         /* Where everything goes */
  int nErr;
};

/*
** Report that the statement zSql does not compile on db.
*/
static void cloneFailed(Clone *c, sqlite3 *db, const char *zSql){
  fprintf(stderr, "Error (%d) %s on [%s]\n", sqlite3_extended_errcode(db),
          sqlite3_errmsg(db), zSql);
  c->nErr++;
}

/*
** A query on the old database, forwards or, to get around what is damaged,
** backwards.
*/
static sqlite3_stmt *cloneQuery(Clone *c, const char *zSelect, int bBackwards){
  sqlite3_stmt *pStmt = 0;
  char *zSql = shPrintf("%s%s", zSelect, bBackwards ? " ORDER BY rowid DESC" : "");
  if( sqlite3_prepare_v2(c->p->db, zSql, -1, &pStmt, 0)!=SQLITE_OK ){
    cloneFailed(c, c->p->db, zSql);
  }
  sqlite3_free(zSql);
  return pStmt;
}

/*
** Copy rows.  Return what ended the query.  Rows that are there already do no
** harm when it runs backwards.
*/
static int cloneRows(
  Clone *c,
  sqlite3_stmt *pQuery,
  sqlite3_stmt *pInsert,
  const char *zTable,
  int bBackwards
){
  Progress progress;
  i64 nRow = 0, nBefore;
  int i, rc, n = sqlite3_column_count(pQuery);
  progressBegin(&progress, c->p, zTable, "rows");
  while( !signalPending() && sqlite3_step(pQuery)==SQLITE_ROW ){
    for(i=0; i<n; i++){
      sqlite3_bind_value(pInsert, i+1, sqlite3_column_value(pQuery, i));
    }
    nBefore = sqlite3_total_changes64(c->pNew);
    sqlite3_step(pInsert);
    if( sqlite3_reset(pInsert)!=SQLITE_OK ){
      fprintf(stderr, "Error: row of %s: %s\n", zTable, sqlite3_errmsg(c->pNew));
      c->nErr++;
    }else if( !bBackwards && sqlite3_total_changes64(c->pNew)==nBefore ){
      fprintf(stderr, "Error: row of %s: a constraint of the table fails\n",
              zTable);
      c->nErr++;
    }
    progressShow(&progress, ++nRow, 0);
  }
  progressEnd(&progress);
  rc = sqlite3_reset(pQuery);
  if( rc!=SQLITE_OK ){
    fprintf(stderr, "Error: rows of %s: %s\n", zTable,
            sqlite3_errmsg(c->p->db));
    c->nErr++;
  }
  return rc;
}

/*
** The columns of a table that take a value, with commas between them.  To be
** freed.
*/
static char *cloneColumns(Clone *c, const char *zTable){
  sqlite3_str *pStr = sqlite3_str_new(0);
  sqlite3_stmt *pStmt = 0;
  sqlite3_prepare_v2(c->p->db, "SELECT name FROM pragma_table_info(?1,'main')",
                     -1, &pStmt, 0);
  sqlite3_bind_text(pStmt, 1, zTable, -1, SQLITE_STATIC);
  while( sqlite3_step(pStmt)==SQLITE_ROW ){
    sqlite3_str_appendf(pStr, "%s\"%w\"", sqlite3_str_length(pStr) ? "," : "",
                        sqlite3_column_text(pStmt, 0));
  }
  sqlite3_finalize(pStmt);
  return shFinish(pStr);
}

/*
** The INSERT of nCol values into the new table.
*/
static sqlite3_stmt *cloneInsert(
  Clone *c,
  const char *zTable,
  const char *zColumns,
  int nCol
){
  sqlite3_stmt *pStmt = 0;
  char *zSql = shInsertSql(
      shPrintf("INSERT OR IGNORE INTO \"%w\"(%s)", zTable, zColumns), nCol);
  if( sqlite3_prepare_v2(c->pNew, zSql, -1, &pStmt, 0)!=SQLITE_OK ){
    cloneFailed(c, c->pNew, zSql);
  }
  sqlite3_free(zSql);
  return pStmt;
}

/*
** Copy the rows of a table.
*/
static void cloneTable(Clone *c, const char *zTable){
  char *zColumns = cloneColumns(c, zTable);
  char *zSelect = shPrintf("SELECT %s FROM main.\"%w\"",
                           zColumns[0] ? zColumns : "*", zTable);
  sqlite3_stmt *pInsert = 0;
  int bBackwards, rc = SQLITE_CORRUPT;
  for(bBackwards=0; bBackwards<2 && rc!=SQLITE_OK; bBackwards++){
    sqlite3_stmt *pQuery = cloneQuery(c, zSelect, bBackwards);
    if( pQuery && pInsert==0 ){
      pInsert = cloneInsert(c, zTable, zColumns, sqlite3_column_count(pQuery));
    }
    if( pQuery && pInsert ) rc = cloneRows(c, pQuery, pInsert, zTable, bBackwards);
    if( rc!=SQLITE_OK && bBackwards ){
      fprintf(stderr, "Warning: cannot step \"%s\" backwards\n", zTable);
    }
    sqlite3_finalize(pQuery);
  }
  sqlite3_finalize(pInsert);
  sqlite3_free(zColumns);
  sqlite3_free(zSelect);
}

/*
** Run SQL on the new database.
*/
static void cloneExec(Clone *c, const char *zSql){
  char *zErr = 0;
  if( sqlite3_exec(c->pNew, zSql, 0, 0, &zErr)==SQLITE_OK ) return;
  fprintf(stderr, "Error: %s\nSQL: [%s]\n", zErr, zSql);
  sqlite3_free(zErr);
  c->nErr++;
}

/*
** What kind of thing an entry of the schema is.
*/
#define CLONE_FUNCTION 0     /* The functions of the database */
#define CLONE_TABLE    1     /* These may call them */
#define CLONE_VIRTUAL  2     /* What is in it is in shadow tables */
#define CLONE_SHADOW   3     /* Part of a virtual table */
#define CLONE_OTHER    4     /* No table */

/*
** Make the entry zName, and copy what it holds.  A virtual table has made its
** shadow tables, and put something into them, unless it could not be made.
*/
static void cloneEntry(Clone *c, int eKind, const char *zName, const char *zSql){
  fprintf(c->p->out, "%s... ", zName);
  fflush(c->p->out);
  if( eKind==CLONE_SHADOW
   && sqlite3_table_column_metadata(c->pNew, 0, zName, 0,0,0,0,0,0)==SQLITE_OK
  ){
    char *zDelete = shPrintf("DELETE FROM \"%w\"", zName);
    cloneExec(c, zDelete);
    sqlite3_free(zDelete);
  }else if( statementCreate(c->pNew, zSql)!=SQLITE_OK ){
    fprintf(stderr, "Error: %s\nSQL: [%s]\n",
            statementCreates(zSql) ? sqlite3_errmsg(c->pNew)
                                   : "not a CREATE statement", zSql);
    c->nErr++;
  }
  if( eKind!=CLONE_VIRTUAL && eKind!=CLONE_OTHER ) cloneTable(c, zName);
  fputs("done\n", c->p->out);
}

/*
** Make all of one kind.
*/
#define IS_FUNCTION "name='libsql_wasm_func_table'"
#define IS_SHADOW \
    "EXISTS (SELECT 1 FROM pragma_table_list(o.name)" \
    " WHERE schema='main' AND type='shadow')"
static void cloneKind(Clone *c, int eKind){
  static const char *const azWhere[] = {
    "type='table' AND " IS_FUNCTION,
    "type='table' AND rootpage IS NOT 0 AND NOT " IS_SHADOW,
    "type='table' AND rootpage=0",
    "type='table' AND rootpage IS NOT 0 AND " IS_SHADOW " AND NOT " IS_FUNCTION,
    "type<>'table'"
  };
  char *zSelect = shPrintf("SELECT name, sql FROM sqlite_schema AS o WHERE %s",
                           azWhere[eKind]);
  int bBackwards, rc = SQLITE_CORRUPT;
  for(bBackwards=0; bBackwards<2 && rc!=SQLITE_OK; bBackwards++){
    sqlite3_stmt *pQuery = cloneQuery(c, zSelect, bBackwards);
    if( pQuery==0 ) break;
    while( !signalPending() && sqlite3_step(pQuery)==SQLITE_ROW ){
      const char *zName = (const char*)sqlite3_column_text(pQuery, 0);
      const char *zSql = (const char*)sqlite3_column_text(pQuery, 1);
      if( zName && zSql && sqlite3_strnicmp(zName, "sqlite_", 7)!=0 ){
        cloneEntry(c, eKind, zName, zSql);
      }
    }
    rc = sqlite3_finalize(pQuery);
    if( rc!=SQLITE_OK ){
      fprintf(stderr, "Error: schema: %s\n", sqlite3_errmsg(c->p->db));
      c->nErr++;
    }
  }
  sqlite3_free(zSelect);
}

/*
** .clone FILE
*/
int dotClone(Shell *p){
  const char *zFile = p->dot.azArg[1];
  Clone c = { p, 0, 0 };
  int eKind;
  safeRefuse(p, "cannot run .clone in safe mode");
  if( p->dot.nArg!=2 ) return dotUsage(".clone FILENAME");
  if( access(zFile, F_OK)==0 ){
    fprintf(stderr, "File \"%s\" already exists.\n", zFile);
    return DOT_ERROR;
  }
  databaseOpen(p, OPEN_OR_EXIT);
  if( sqlite3_open(zFile, &c.pNew)!=SQLITE_OK ){
    fprintf(stderr, "Cannot create output database: %s\n",
            sqlite3_errmsg(c.pNew));
    c.nErr++;
  }else{
    sqlite3_exec(p->db, "PRAGMA writable_schema=ON", 0, 0, 0);
    sqlite3_exec(c.pNew, "BEGIN EXCLUSIVE", 0, 0, 0);
    for(eKind=CLONE_FUNCTION; eKind<=CLONE_OTHER; eKind++) cloneKind(&c, eKind);
    if( sqlite3_exec(c.pNew, "COMMIT", 0, 0, 0)!=SQLITE_OK ){
      fprintf(stderr, "Error: %s\n", sqlite3_errmsg(c.pNew));
      c.nErr++;
    }
    sqlite3_exec(p->db, "PRAGMA writable_schema=OFF", 0, 0, 0);
  }
  sqlite3_close(c.pNew);
  return c.nErr ? DOT_ERROR : DOT_OK;
}
