/*
** ".expert": indexes that the next SQL would be faster with.
*/
#include <stdarg.h>
#include <string.h>
#include "expert.h"

/*
** Keep the latest error of a connection.  Return SQLITE_ERROR.
*/
int expertFail(Expert *e, sqlite3 *db){
  if( e->zErr==0 ) e->zErr = shDup(sqlite3_errmsg(db));
  return SQLITE_ERROR;
}

/*
** Run SQL that has no result.
*/
int expertExec(Expert *e, sqlite3 *db, const char *zFormat, ...){
  va_list ap;
  char *zSql;
  int rc;
  va_start(ap, zFormat);
  zSql = shCheck(sqlite3_vmprintf(zFormat, ap));
  va_end(ap);
  rc = sqlite3_exec(db, zSql, 0, 0, 0);
  sqlite3_free(zSql);
  return rc ? expertFail(e, db) : SQLITE_OK;
}

/*
** Compile a statement.  NULL after an error.
*/
sqlite3_stmt *expertPrepare(
  Expert *e,
  sqlite3 *db,
  const char *zFormat,
  ...
){
  sqlite3_stmt *pStmt = 0;
  va_list ap;
  char *zSql;
  va_start(ap, zFormat);
  zSql = shCheck(sqlite3_vmprintf(zFormat, ap));
  va_end(ap);
  if( sqlite3_prepare_v2(db, zSql, -1, &pStmt, 0)!=SQLITE_OK ){
    expertFail(e, db);
  }
  sqlite3_free(zSql);
  return pStmt;
}

/*
** Run a statement of the schema of the user.  A virtual table whose module is
** not there is left out.
*/
int expertCreate(Expert *e, sqlite3 *db, const char *zSql){
  if( statementCreate(db, zSql)==SQLITE_OK
   || strncmp(sqlite3_errmsg(db), "no such module:", 15)==0 ) return SQLITE_OK;
  return expertFail(e, db);
}

/*
** Append a name the way the report has them.
*/
void expertAppendName(sqlite3_str *pStr, const char *zName){
  int i = 0;
  while( shIsAlnum(zName[i]) || zName[i]=='_' ) i++;
  sqlite3_str_appendf(pStr,
      zName[i] || sqlite3_keyword_check(zName, i) ? "%Q" : "%s", zName);
}

/*
** Functions and collations of the user that only need to be there.
*/
static void ignoreCall(sqlite3_context *pCtx, int nArg, sqlite3_value **apArg){
  (void)pCtx; (void)nArg; (void)apArg;
}
static void ignoreFinal(sqlite3_context *pCtx){
  (void)pCtx;
}
static int ignoreOrder(void *p, int n1, const void *z1, int n2, const void *z2){
  (void)p; (void)n1; (void)z1; (void)n2; (void)z2;
  return 0;
}
static void needCollation(void *p, sqlite3 *db, int eEnc, const char *zName){
  (void)p;
  sqlite3_create_collation(db, zName, eEnc, 0, ignoreOrder);
}
static int copyFunctions(Expert *e, sqlite3 *db){
  sqlite3_stmt *pStmt = expertPrepare(e, e->db,
      "SELECT name, narg, flags, type FROM pragma_function_list"
      " WHERE NOT builtin");
  while( pStmt && sqlite3_step(pStmt)==SQLITE_ROW ){
    const char *zName = (const char*)sqlite3_column_text(pStmt, 0);
    int nArg = sqlite3_column_int(pStmt, 1);
    int m = SQLITE_UTF8 | (sqlite3_column_int(pStmt, 2)
                           & (SQLITE_DETERMINISTIC|SQLITE_INNOCUOUS));
    switch( sqlite3_column_text(pStmt, 3)[0] ){
      case 'w':
        sqlite3_create_window_function(db, zName, nArg, m, 0, ignoreCall,
                                       ignoreFinal, ignoreFinal, ignoreCall, 0);
        break;
      case 'a':
        sqlite3_create_function(db, zName, nArg, m, 0, 0, ignoreCall,
                                ignoreFinal);
        break;
      default:
        sqlite3_create_function(db, zName, nArg, m, 0, ignoreCall, 0, 0);
        break;
    }
  }
  sqlite3_finalize(pStmt);
  return e->zErr ? SQLITE_ERROR : SQLITE_OK;
}

/*
** Open a database in memory that knows what the user's connection knows.
*/
static int openScratch(Expert *e, sqlite3 **ppDb){
  if( sqlite3_open(":memory:", ppDb)!=SQLITE_OK ){
    return expertFail(e, *ppDb);
  }
  e->p->db = *ppDb;
  databaseFunctions(e->p);
  e->p->db = e->db;
  sqlite3_collation_needed(*ppDb, 0, needCollation);
  return copyFunctions(e, *ppDb);
}

/*
** Copy the schema of the user.
*/
static int copySchema(Expert *e){
  sqlite3_stmt *pStmt;
  int rc = SQLITE_OK;
  pStmt = expertPrepare(e, e->db,
      "SELECT name, sql FROM main.sqlite_schema WHERE sql IS NOT NULL"
      " AND name NOT LIKE 'sqlite\\_%%' ESCAPE '\\'"
      " ORDER BY sql LIKE 'create virtual%%' DESC, rowid");
  if( pStmt==0 ) return SQLITE_ERROR;
  while( rc==SQLITE_OK && sqlite3_step(pStmt)==SQLITE_ROW ){
    if( sqlite3_table_column_metadata(e->dbTry, "main",
            (const char*)sqlite3_column_text(pStmt, 0), 0, 0, 0, 0, 0, 0)
        ==SQLITE_OK ) continue;
    rc = expertCreate(e, e->dbTry, (const char*)sqlite3_column_text(pStmt, 1));
  }
  sqlite3_finalize(pStmt);
  return rc;
}

/*
** Compile all statements where that is recorded.
*/
static int scanStatements(Expert *e, const char *zSql){
  while( zSql[0] ){
    sqlite3_stmt *pStmt = 0;
    if( sqlite3_prepare_v2(e->db, zSql, -1, &pStmt, 0)!=SQLITE_OK ){
      return expertFail(e, e->db);
    }
    sqlite3_finalize(pStmt);
    if( sqlite3_prepare_v2(e->dbScan, zSql, -1, &pStmt, &zSql)!=SQLITE_OK ){
      return expertFail(e, e->dbScan);
    }
    sqlite3_finalize(pStmt);
  }
  return SQLITE_OK;
}

/*
** The candidate that a line of a plan speaks of, or -1.
*/
static int usedIndex(Expert *e, const char *zDetail){
  const char *z = strstr(zDetail, " USING INDEX ");
  const char *zEnd;
  int i;
  if( z ){
    z += 13;
  }else{
    z = strstr(zDetail, " USING COVERING INDEX ");
    if( z==0 ) return -1;
    z += 22;
  }
  zEnd = strstr(z, " (");
  for(i=0; i<e->nIndex; i++){
    size_t n = zEnd ? (size_t)(zEnd-z) : strlen(z);
    if( strlen(e->aIndex[i].zName)==n && memcmp(z, e->aIndex[i].zName, n)==0 ){
      return i;
    }
  }
  return -1;
}

/*
** Report on one statement: the indexes that the planner picks, the one it
** speaks of last first, and the plan.
*/
static int reportStatement(Expert *e, const char *zSql){
  sqlite3_stmt *pStmt = expertPrepare(e, e->dbTry, "EXPLAIN QUERY PLAN %s",
                                      zSql);
  sqlite3_str *pPlan = sqlite3_str_new(0);
  u8 *abUsed = shRealloc(0, (sqlite3_uint64)e->nIndex);
  char *zIndexes = 0;
  char *zPlan;
  memset(abUsed, 0, (size_t)e->nIndex);
  while( pStmt && sqlite3_step(pStmt)==SQLITE_ROW ){
    const char *zDetail = (const char*)sqlite3_column_text(pStmt, 3);
    int i;
    if( zDetail==0 ) continue;
    i = usedIndex(e, zDetail);
    if( i>=0 && !abUsed[i] ){
      abUsed[i] = 1;
      zIndexes = shCheck(sqlite3_mprintf("%s;\n%z", e->aIndex[i].zSql,
                                         zIndexes));
    }
    if( zDetail[0]!='-' ) sqlite3_str_appendf(pPlan, "%s\n", zDetail);
  }
  sqlite3_finalize(pStmt);
  zPlan = shFinish(pPlan);
  if( e->zErr==0 ){
    fprintf(e->p->out, "%s\n%s\n", zIndexes ? zIndexes : "(no new indexes)\n",
            zPlan);
  }
  sqlite3_free(zPlan);
  sqlite3_free(zIndexes);
  sqlite3_free(abUsed);
  return e->zErr ? SQLITE_ERROR : SQLITE_OK;
}

/*
** Report on everything.
*/
static int report(Expert *e, const char *zSql){
  FILE *out = e->p->out;
  int bVerbose = e->p->bExpertVerbose;
  int rc = SQLITE_OK;
  int i, nStmt = 0;
  if( bVerbose ){
    fputs("-- Candidates -----------------------------\n", out);
    for(i=e->nIndex-1; i>=0; i--){
      const char *zStat = e->aIndex[i].zStat;
      fprintf(out, "%s;%s%s\n", e->aIndex[i].zSql, zStat ? " -- stat1: " : "",
              zStat ? zStat : "");
    }
    fputs("\n", out);
  }
  while( rc==SQLITE_OK && zSql[0] ){
    sqlite3_stmt *pStmt = 0;
    rc = sqlite3_prepare_v2(e->dbTry, zSql, -1, &pStmt, &zSql);
    if( rc ) return expertFail(e, e->dbTry);
    if( pStmt==0 ) continue;
    if( bVerbose ){
      fprintf(out, "-- Query %d --------------------------------\n%s\n\n",
              ++nStmt, sqlite3_sql(pStmt));
    }
    rc = reportStatement(e, sqlite3_sql(pStmt));
    sqlite3_finalize(pStmt);
  }
  return rc;
}

/*
** Recommend indexes for zSql in place of running it.  *pzErr is a message, to
** be freed, if that fails.
*/
void expertRun(Shell *p, const char *zSql, char **pzErr){
  Expert e;
  int rc;
  memset(&e, 0, sizeof(e));
  e.p = p;
  e.db = p->db;
  p->bExpert = 0;
  rc = openScratch(&e, &e.dbScan);
  if( rc==SQLITE_OK ) rc = openScratch(&e, &e.dbTry);
  if( rc==SQLITE_OK ) rc = copySchema(&e);
  if( rc==SQLITE_OK ) rc = expertScanOpen(&e);
  if( rc==SQLITE_OK ) rc = scanStatements(&e, zSql);
  if( rc==SQLITE_OK ) rc = expertScanTriggers(&e);
  if( rc==SQLITE_OK ) rc = expertIndexCreate(&e);
  if( rc==SQLITE_OK ) rc = expertIndexStat(&e, p->nExpertSample);
  if( rc==SQLITE_OK ){
    sqlite3_db_config(e.dbTry, SQLITE_DBCONFIG_TRIGGER_EQP, 1, 0);
    report(&e, zSql);
  }
  sqlite3_close(e.dbScan);
  sqlite3_close(e.dbTry);
  expertIndexFree(&e);
  expertScanFree(&e);
  *pzErr = e.zErr;
}

/*
** .expert ?--verbose? ?--sample PERCENT?
*/
int dotExpert(Shell *p){
  int i;
  if( p->bSafe ){
    fprintf(stderr, "Cannot run experimental commands such as \"%s\" in safe"
                    " mode\n", p->dot.azArg[0]);
    return DOT_ERROR;
  }
  databaseOpen(p, OPEN_OR_EXIT);
  p->bExpertVerbose = 0;
  p->nExpertSample = 100;
  for(i=1; i<p->dot.nArg; i++){
    const char *z = p->dot.azArg[i];
    size_t n;
    if( z[0]=='-' && z[1]=='-' ) z++;
    n = strlen(z);
    if( n>=2 && strncmp(z, "-verbose", n)==0 ){
      p->bExpertVerbose = 1;
    }else if( n<2 || strncmp(z, "-sample", n)!=0 ){
      fprintf(stderr, "unknown option: %s\n", z);
      return DOT_ERROR;
    }else if( i+1==p->dot.nArg ){
      fprintf(stderr, "option requires an argument: %s\n", z);
      return DOT_ERROR;
    }else{
      i64 nSample = shInteger(p->dot.azArg[++i]);
      if( nSample<0 || nSample>100 ){
        fprintf(stderr, "value out of range: %s\n", p->dot.azArg[i]);
        return DOT_ERROR;
      }
      p->nExpertSample = (int)nSample;
    }
  }
  p->bExpert = 1;
  return DOT_OK;
}
