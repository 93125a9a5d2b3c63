/*
** libFuzzer target: the input is SQL, run on a small database.  A dictionary
** and a corpus lead it to CREATE and ALTER statements.
**
** "cargo xtask fuzz sql" compiles and runs it.  What must hold whatever happens:
** nothing crashes, no memory is left, no statement blames us, and what is in
** the database can be opened again, if nobody made it fail to parse.
*/
#include "seawall.h"
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char zSetup[] =
  "CREATE TABLE o(x PRIMARY KEY);"
  "CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT DEFAULT ',)' /* , */,"
  " c VARCHAR(10,2) CHECK(c IN (1,'x')) REFERENCES o(x), g AS (b||c) STORED);"
  "CREATE TABLE r(a, b COLLATE nocase UNIQUE) RANDOM ROWID;"
  "CREATE TABLE s(a INT, b ANY) STRICT, RANDOM ROWID;"
  "CREATE TABLE w(a TEXT, b, PRIMARY KEY(a,b)) WITHOUT ROWID;"
  "CREATE INDEX tb ON t(b DESC, c); CREATE INDEX te ON t(c||b) WHERE b>c;"
  "CREATE VIEW v AS SELECT t.a, r.b FROM t JOIN r USING(a);"
  "CREATE TRIGGER tr AFTER INSERT ON t BEGIN INSERT INTO r(a) VALUES(new.b); END;"
  "INSERT INTO t(a,b,c) VALUES(1,'1',1),(2,'2','x');"
  "INSERT INTO r VALUES(1,'A'),(2,'b'); INSERT INTO s VALUES(1,'z');"
  "INSERT INTO w VALUES('1',1),('a','b');";

static void expect(int bHolds, const char *zWhat, const char *zDetail){
  if( !bHolds ){
    fprintf(stderr, "does not hold: %s: %s\n", zWhat, zDetail);
    abort();
  }
}

/* No statement goes on for long. */
static int nStep;
static int progress(void *pArg){
  (void)pArg;
  return ++nStep>500;
}

/* A row of PRAGMA integrity_check: rows may violate constraints that came later,
** and indexes, the order of rows and the values are as they must be. */
static int integrity(void *pArg, int nCol, char **azVal, char **azName){
  static const char *azFine[] = {
    "ok", "NULL value in ", "CHECK constraint failed in ",
    /* SQLite's check of a row goes astray behind such a NULL. */
    "non-unique entry in index ", "TEXT value in ", "NUMERIC value in "
  };
  int *pnNull = (int*)pArg;
  unsigned i, n = 3;
  (void)nCol; (void)azName;
  if( strncmp(azVal[0], azFine[1], strlen(azFine[1]))==0 ) ++*pnNull;
  if( *pnNull ) n = sizeof(azFine)/sizeof(azFine[0]);
  for(i=0; i<n; i++){
    if( strncmp(azVal[0], azFine[i], strlen(azFine[i]))==0 ) return 0;
  }
  expect(0, "PRAGMA integrity_check", azVal[0]);
  return 1;
}

/* The bytes of the database make the same database again, and one in order. */
static void checkReopen(sqlite3 *db){
  sqlite3 *db2;
  sqlite3_int64 n;
  unsigned char *p;
  int nNull = 0;
  nStep = 0;
  if( sqlite3_exec(db, "SELECT 1 FROM sqlite_schema", 0, 0, 0) ) return;
  p = sqlite3_serialize(db, "main", &n, 0);
  if( p==0 ) return;
  expect(sqlite3_open(":memory:", &db2)==SQLITE_OK, "open", "");
  expect(sqlite3_deserialize(db2, "main", p, n, n,
         SQLITE_DESERIALIZE_FREEONCLOSE|SQLITE_DESERIALIZE_RESIZEABLE)==SQLITE_OK,
         "deserialize", "");
  expect(sqlite3_exec(db2, "SELECT 1 FROM sqlite_schema", 0, 0, 0)==SQLITE_OK,
         "the schema can be read again", sqlite3_errmsg(db2));
  sqlite3_exec(db2, "PRAGMA integrity_check", integrity, &nNull, 0);
  sqlite3_close(db2);
}

int LLVMFuzzerTestOneInput(const uint8_t *pData, size_t nData){
  sqlite3 *db;
  char *zSql;
  const char *zNext;
  if( nData<2 ) return 0;
  expect(sqlite3_open(":memory:", &db)==SQLITE_OK, "open", "");
  if( pData[0] & 1 ) sqlite3_exec(db, "PRAGMA encoding='UTF-16'", 0, 0, 0);
  expect(sqlite3_exec(db, zSetup, 0, 0, 0)==SQLITE_OK, "setup",
         sqlite3_errmsg(db));
  if( pData[0] & 2 ){
    sqlite3_exec(db, "PRAGMA alter_column_validate=ON", 0, 0, 0);
  }
  sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, 0);
  sqlite3_limit(db, SQLITE_LIMIT_LENGTH, 50000);
  sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, 0);
  sqlite3_limit(db, SQLITE_LIMIT_VDBE_OP, 20000);
  sqlite3_progress_handler(db, 100, progress, 0);
  zSql = sqlite3_malloc64(nData);
  memcpy(zSql, &pData[1], nData-1);
  zSql[nData-1] = 0;
  for(zNext=zSql; zNext[0]; ){
    sqlite3_stmt *pStmt = 0;
    int rc;
    nStep = 0;
    rc = sqlite3_prepare_v2(db, zNext, -1, &pStmt, &zNext);
    while( rc==SQLITE_OK && pStmt && sqlite3_step(pStmt)==SQLITE_ROW ){}
    if( pStmt ) rc = sqlite3_reset(pStmt);
    expect((rc&0xff)!=SQLITE_INTERNAL && (rc&0xff)!=SQLITE_CORRUPT
           && (rc&0xff)!=SQLITE_MISUSE, "no blame", sqlite3_errmsg(db));
    sqlite3_finalize(pStmt);
    if( rc!=SQLITE_OK && pStmt==0 ) break;
  }
  sqlite3_exec(db, "ROLLBACK", 0, 0, 0);
  checkReopen(db);
  sqlite3_free(zSql);
  expect(sqlite3_close(db)==SQLITE_OK, "close", "");
  sqlite3_shutdown();
  expect(sqlite3_memory_used()==0, "no memory is left", "");
  return 0;
}
