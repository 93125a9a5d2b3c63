/*
** ".clone": whatever can be read of a database, statement by statement and row by
** row, into a new file.
*/
#include <string.h>
#include <unistd.h>
#include "shell.h"

/*
** A query on the old database, forwards or, to get around what is damaged,
** backwards.
*/
static sqlite3_stmt *cloneQuery(Shell *p, const char *zSelect, int bBackwards){
  sqlite3_stmt *pStmt = 0;
  char *zSql = shPrintf("%s%s", zSelect, bBackwards ? " ORDER BY rowid DESC" : "");
  if( sqlite3_prepare_v2(p->db, zSql, -1, &pStmt, 0)!=SQLITE_OK ){
    fprintf(stderr, "Error (%d) %s on [%s]\n", sqlite3_extended_errcode(p->db),
            sqlite3_errmsg(p->db), zSql);
  }
  sqlite3_free(zSql);
  return pStmt;
}

/*
** Copy rows.  Return what ended the query.
*/
static int cloneRows(
  Shell *p,
  sqlite3_stmt *pQuery,
  sqlite3_stmt *pInsert,
  const char *zTable
){
  Progress progress;
  i64 nRow = 0;
  int i, n = sqlite3_column_count(pQuery);
  progressBegin(&progress, p, zTable, "rows");
  while( !signalPending() && sqlite3_step(pQuery)==SQLITE_ROW ){
    for(i=0; i<n; i++){
      sqlite3_bind_value(pInsert, i+1, sqlite3_column_value(pQuery, i));
    }
    sqlite3_step(pInsert);
    if( sqlite3_reset(pInsert)!=SQLITE_OK ){
      fprintf(stderr, "Error: row of %s: %s\n", zTable,
              sqlite3_errmsg(sqlite3_db_handle(pInsert)));
    }
    progressShow(&progress, ++nRow, 0);
  }
  progressEnd(&progress);
  return sqlite3_reset(pQuery);
}

/*
** The INSERT of nCol values into the new table.
*/
static sqlite3_stmt *cloneInsert(sqlite3 *pNew, const char *zTable, int nCol){
  sqlite3_stmt *pStmt = 0;
  char *zSql = shInsertSql(shPrintf("INSERT OR IGNORE INTO \"%w\"", zTable), nCol);
  if( sqlite3_prepare_v2(pNew, zSql, -1, &pStmt, 0)!=SQLITE_OK ){
    fprintf(stderr, "Error %d: %s on [%s]\n", sqlite3_extended_errcode(pNew),
            sqlite3_errmsg(pNew), zSql);
  }
  sqlite3_free(zSql);
  return pStmt;
}

static void cloneTable(Shell *p, sqlite3 *pNew, const char *zTable){
  char *zSelect = shPrintf("SELECT * FROM \"%w\"", zTable);
  sqlite3_stmt *pInsert = 0;
  int bBackwards, rc = SQLITE_CORRUPT;
  for(bBackwards=0; bBackwards<2 && rc!=SQLITE_OK; bBackwards++){
    sqlite3_stmt *pQuery = cloneQuery(p, zSelect, bBackwards);
    if( pQuery && pInsert==0 ){
      pInsert = cloneInsert(pNew, zTable, sqlite3_column_count(pQuery));
    }
    if( pQuery && pInsert ) rc = cloneRows(p, pQuery, pInsert, zTable);
    if( rc!=SQLITE_OK && bBackwards ){
      fprintf(stderr, "Warning: cannot step \"%s\" backwards\n", zTable);
    }
    sqlite3_finalize(pQuery);
  }
  sqlite3_finalize(pInsert);
  sqlite3_free(zSelect);
}

/*
** Create what the schema has that zWhere describes, tables with their rows.
*/
static void cloneSchema(
  Shell *p,
  sqlite3 *pNew,
  const char *zWhere,
  int bRows
){
  char *zSelect = shPrintf("SELECT name, sql FROM sqlite_schema WHERE %s", zWhere);
  int bBackwards, rc = SQLITE_CORRUPT;
  for(bBackwards=0; bBackwards<2 && rc!=SQLITE_OK; bBackwards++){
    sqlite3_stmt *pQuery = cloneQuery(p, zSelect, bBackwards);
    if( pQuery==0 ) break;
    while( !signalPending() && sqlite3_step(pQuery)==SQLITE_ROW ){
      const char *zName = (const char*)sqlite3_column_text(pQuery, 0);
      const char *zSql = (const char*)sqlite3_column_text(pQuery, 1);
      if( zName==0 || zSql==0 ) continue;
      if( sqlite3_strnicmp(zName, "sqlite_", 7)!=0 ){
        fprintf(p->out, "%s... ", zName);
        fflush(p->out);
        rc = statementCreate(pNew, zSql);
        if( rc ){
          fprintf(stderr, "Error: %s\nSQL: [%s]\n",
                  statementCreates(zSql) ? sqlite3_errmsg(pNew)
                                         : "not a CREATE statement", zSql);
        }
        if( bRows ) cloneTable(p, pNew, zName);
        fputs("done\n", p->out);
      }
    }
    rc = sqlite3_finalize(pQuery);
  }
  sqlite3_free(zSelect);
}

/*
** .clone FILE
*/
int dotClone(Shell *p){
  sqlite3 *pNew = 0;
  const char *zFile = p->dot.azArg[1];
  int rc = DOT_OK;
  safeRefuse(p, "cannot run .clone in safe mode");
  if( p->dot.nArg!=2 ) return dotUsage(".clone FILENAME");
  if( access(zFile, F_OK)==0 ){
    fprintf(stderr, "File \"%s\" already exists.\n", zFile);
    return DOT_ERROR;
  }
  databaseOpen(p, OPEN_OR_EXIT);
  if( sqlite3_open(zFile, &pNew)!=SQLITE_OK ){
    fprintf(stderr, "Cannot create output database: %s\n", sqlite3_errmsg(pNew));
    rc = DOT_ERROR;
  }else{
    sqlite3_exec(p->db, "PRAGMA writable_schema=ON", 0, 0, 0);
    sqlite3_exec(pNew, "BEGIN EXCLUSIVE", 0, 0, 0);
    cloneSchema(p, pNew, "type='table'", 1);
    cloneSchema(p, pNew, "type!='table'", 0);
    if( sqlite3_exec(pNew, "COMMIT", 0, 0, 0)!=SQLITE_OK ){
      fprintf(stderr, "Error: %s\n", sqlite3_errmsg(pNew));
      rc = DOT_ERROR;
    }
    sqlite3_exec(p->db, "PRAGMA writable_schema=OFF", 0, 0, 0);
  }
  sqlite3_close(pNew);
  return rc;
}
