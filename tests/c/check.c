/*
** See check.h.
*/
#include "check.h"
#include <stdarg.h>
#include <unistd.h>

static int nCheck = 0;
static int nFail = 0;
static char zContext[400] = "";

void context(const char *zFormat, ...){
  va_list ap;
  va_start(ap, zFormat);
  vsnprintf(zContext, sizeof(zContext), zFormat, ap);
  va_end(ap);
}

/*
** Count a check.  True if it failed, after the first line about it.
*/
static int failed(const char *zFile, int iLine, const char *zWhat, int bOk){
  nCheck++;
  if( bOk ) return 0;
  nFail++;
  if( nFail>40 ) return 0;
  printf("FAIL %s:%d: %s", zFile, iLine, zWhat);
  if( zContext[0] ) printf("  (%s)", zContext);
  printf("\n");
  fflush(stdout);
  return 1;
}

void checkTrue(const char *zFile, int iLine, const char *zWhat, int bOk){
  failed(zFile, iLine, zWhat, bOk);
}

void checkInt(
  const char *zFile,
  int iLine,
  const char *zWhat,
  sqlite3_int64 iGot,
  sqlite3_int64 iWant
){
  if( failed(zFile, iLine, zWhat, iGot==iWant) ){
    printf("  expected %lld\n  got      %lld\n", iWant, iGot);
  }
}

void checkText(
  const char *zFile,
  int iLine,
  const char *zWhat,
  const char *zGot,
  const char *zWant
){
  int bOk = zGot && zWant ? strcmp(zGot, zWant)==0 : zGot==zWant;
  if( failed(zFile, iLine, zWhat, bOk) ){
    printf("  expected %s\n  got      %s\n",
        zWant ? zWant : "(null)", zGot ? zGot : "(null)");
  }
}

int sqlExec(sqlite3 *db, const char *zFormat, ...){
  va_list ap;
  char *zSql;
  int rc;
  va_start(ap, zFormat);
  zSql = sqlite3_vmprintf(zFormat, ap);
  va_end(ap);
  if( zSql==0 ) return SQLITE_NOMEM;
  rc = sqlite3_exec(db, zSql, 0, 0, 0);
  sqlite3_free(zSql);
  return rc;
}

void sqlRun(sqlite3 *db, const char *zFormat, ...){
  va_list ap;
  char *zSql, *zText = 0;
  va_start(ap, zFormat);
  zSql = sqlite3_vmprintf(zFormat, ap);
  va_end(ap);
  if( sqlite3_exec(db, zSql, 0, 0, &zText)!=SQLITE_OK ){
    CHECK_TEXT(zSql, zText, "");
  }
  sqlite3_free(zText);
  sqlite3_free(zSql);
}

sqlite3_stmt *sqlPrepare(sqlite3 *db, const char *zSql){
  sqlite3_stmt *pStmt = 0;
  if( sqlite3_prepare_v2(db, zSql, -1, &pStmt, 0)!=SQLITE_OK ){
    CHECK_TEXT(zSql, sqlite3_errmsg(db), "no error");
  }
  return pStmt;
}

static void appendRow(sqlite3_str *pOut, sqlite3_stmt *pStmt){
  int i;
  if( sqlite3_str_length(pOut)>0 ) sqlite3_str_appendchar(pOut, 1, ' ');
  for(i=0; i<sqlite3_column_count(pStmt); i++){
    const char *z = (const char*)sqlite3_column_text(pStmt, i);
    sqlite3_str_appendf(pOut, "%s%s", i ? "|" : "", z ? z : "null");
  }
}

char *sqlText(sqlite3 *db, const char *zSql){
  sqlite3_str *pOut = sqlite3_str_new(db);
  int rc = SQLITE_OK;
  char *z;
  while( rc==SQLITE_OK && zSql[0] ){
    sqlite3_stmt *pStmt = 0;
    rc = sqlite3_prepare_v2(db, zSql, -1, &pStmt, &zSql);
    if( rc==SQLITE_OK && pStmt==0 ) break;
    if( rc==SQLITE_OK ){
      while( sqlite3_step(pStmt)==SQLITE_ROW ) appendRow(pOut, pStmt);
      rc = sqlite3_finalize(pStmt);
    }
  }
  z = sqlite3_str_finish(pOut);
  if( rc!=SQLITE_OK ){
    sqlite3_free(z);
    return sqlite3_mprintf("%d %s", rc, sqlite3_errmsg(db));
  }
  return z ? z : sqlite3_mprintf("");
}

sqlite3_int64 sqlInt(sqlite3 *db, const char *zSql){
  sqlite3_int64 iRet = -1;
  sqlite3_stmt *pStmt = 0;
  if( sqlite3_prepare_v2(db, zSql, -1, &pStmt, 0)==SQLITE_OK
   && sqlite3_step(pStmt)==SQLITE_ROW
  ){
    iRet = sqlite3_column_int64(pStmt, 0);
  }
  sqlite3_finalize(pStmt);
  return iRet;
}

sqlite3 *openDb(const char *zUri){
  sqlite3 *db = 0;
  int rc = sqlite3_open_v2(zUri, &db,
      SQLITE_OPEN_READWRITE|SQLITE_OPEN_CREATE|SQLITE_OPEN_URI, 0);
  if( rc!=SQLITE_OK ){
    printf("FAIL cannot open %s: %s\n", zUri, db ? sqlite3_errmsg(db) : "?");
    exit(2);
  }
  return db;
}

void closeDb(sqlite3 *db){
  CHECK_INT("sqlite3_close", sqlite3_close(db), SQLITE_OK);
}

int fileExists(const char *zName){
  return access(zName, F_OK)==0;
}

void removeDb(const char *zName){
  static const char *const azSuffix[] = { "", "-journal", "-wal", "-shm" };
  unsigned i;
  for(i=0; i<sizeof(azSuffix)/sizeof(azSuffix[0]); i++){
    char zPath[500];
    snprintf(zPath, sizeof(zPath), "%s%s", zName, azSuffix[i]);
    unlink(zPath);
  }
}

int failures(void){
  return nFail;
}

int scaled(int n){
  const char *z = getenv("SEAWALL_TEST_EFFORT");
  int nPercent = z ? atoi(z) : 100;
  int nOut = (int)((sqlite3_int64)n*nPercent/100);
  return nOut<1 ? 1 : nOut;
}

int finish(void){
  context("at the end");
  CHECK_INT("sqlite3_shutdown", sqlite3_shutdown(), SQLITE_OK);
  CHECK_INT("memory in use after sqlite3_shutdown", sqlite3_memory_used(), 0);
  printf("%d checks, %d failed\n", nCheck, nFail);
  return nFail>0;
}
