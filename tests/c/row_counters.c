/*
** sqlite3_stmt_status(): LIBSQL_STMTSTATUS_ROWS_READ and _ROWS_WRITTEN, one
** kind of access after the other.
*/
#include "check.h"

static int rowsRead(sqlite3_stmt *pStmt, int bReset){
  return sqlite3_stmt_status(pStmt, LIBSQL_STMTSTATUS_ROWS_READ, bReset);
}
static int rowsWritten(sqlite3_stmt *pStmt, int bReset){
  return sqlite3_stmt_status(pStmt, LIBSQL_STMTSTATUS_ROWS_WRITTEN, bReset);
}

/* Step to the end. */
static int run(sqlite3_stmt *pStmt){
  int rc;
  do{ rc = sqlite3_step(pStmt); }while( rc==SQLITE_ROW );
  return rc;
}

/* What one statement counts from its beginning to its end. */
static void counts(sqlite3 *db, const char *zSql, int nRead, int nWrite){
  sqlite3_stmt *pStmt = sqlPrepare(db, zSql);
  context("%s", zSql);
  CHECK_INT("nothing read when prepared", rowsRead(pStmt, 0), 0);
  CHECK_INT("nothing written when prepared", rowsWritten(pStmt, 0), 0);
  CHECK_INT("runs", run(pStmt), SQLITE_DONE);
  CHECK_INT("rows read", rowsRead(pStmt, 0), nRead);
  CHECK_INT("rows written", rowsWritten(pStmt, 0), nWrite);
  sqlite3_finalize(pStmt);
  context("");
}

/* The numbers that users of libSQL are billed by. */
static void testTable(void){
  sqlite3 *db = openDb(":memory:");
  counts(db, "CREATE TABLE test(id)", 1, 2);
  counts(db, "INSERT INTO test VALUES(1),(2),(3),(4)", 0, 4);
  counts(db, "INSERT INTO test SELECT 4+value FROM json_each('[1,2,3]')", 3, 3);
  sqlExec(db, "INSERT INTO test SELECT 7+value"
              " FROM json_each('[1,2,3,4,5,6,7,8,9]')");
  counts(db, "SELECT * FROM test", 16, 0);
  counts(db, "SELECT count(*) FROM test", 1, 0);
  counts(db, "SELECT min(id), max(id) FROM test WHERE 1=1", 16, 0);
  counts(db, "SELECT * FROM test LIMIT 3", 3, 0);
  counts(db, "SELECT * FROM test WHERE id=2", 16, 0);
  counts(db, "SELECT * FROM test WHERE id=2 ORDER BY rowid DESC", 16, 0);
  counts(db, "SELECT * FROM test WHERE rowid=1", 1, 0);
  counts(db, "SELECT * FROM test WHERE rowid=99", 1, 0);
  counts(db, "INSERT INTO test VALUES(17)", 0, 1);
  counts(db, "INSERT INTO test SELECT * FROM test", 34, 17);
  counts(db, "SELECT * FROM test WHERE id IN (SELECT id FROM test)", 68, 0);
  counts(db, "SELECT 1", 0, 0);
  counts(db, "DELETE FROM test", 0, 34);
  counts(db, "SELECT * FROM test", 1, 0);
  counts(db, "DELETE FROM test WHERE id=1", 1, 0);
  closeDb(db);
}

static void testIndex(void){
  sqlite3 *db = openDb(":memory:");
  sqlExec(db, "CREATE TABLE a(x, y); CREATE INDEX ai ON a(x)");
  counts(db, "INSERT INTO a VALUES(1,1)", 0, 2);
  counts(db, "INSERT INTO a VALUES(2,2),(3,3),(4,4),(5,5),(6,6)", 0, 10);
  counts(db, "UPDATE a SET y=y+1", 6, 6);
  counts(db, "UPDATE a SET x=x+1", 6, 12);
  counts(db, "SELECT max(x) FROM a", 1, 0);
  counts(db, "SELECT y FROM a WHERE x=3", 2, 0);
  counts(db, "SELECT y FROM a WHERE x=99", 0, 0);
  counts(db, "SELECT x FROM a WHERE x>=4 ORDER BY x DESC", 5, 0);
  counts(db, "DELETE FROM a WHERE rowid=1", 1, 1);
  sqlExec(db, "CREATE TABLE w(k PRIMARY KEY, v) WITHOUT ROWID");
  counts(db, "INSERT INTO w VALUES(1,1),(2,2)", 0, 2);
  counts(db, "SELECT * FROM w WHERE k=2", 1, 0);
  closeDb(db);
}

/* A sorter is read, and not written; neither is a temporary b-tree. */
static void testTemporary(void){
  sqlite3 *db = openDb(":memory:");
  sqlExec(db, "CREATE TABLE t(a); INSERT INTO t VALUES(3),(1),(2),(1)");
  counts(db, "SELECT a FROM t ORDER BY a", 8, 0);
  counts(db, "SELECT DISTINCT a FROM t", 4, 0);
  counts(db, "SELECT a FROM t UNION SELECT a FROM t", 8+8, 0);
  closeDb(db);
}

static void testPages(void){
  sqlite3 *db = openDb("pages.db");
  sqlExec(db, "CREATE TABLE t(a); WITH n(i) AS (SELECT 1 UNION ALL"
              " SELECT i+1 FROM n WHERE i<2000)"
              " INSERT INTO t SELECT zeroblob(100) FROM n");
  /* All but the page of sqlite_schema belong to t: there is no overflow. */
  counts(db, "SELECT count(*) FROM t",
         (int)sqlInt(db, "PRAGMA page_count")-1, 0);
  counts(db, "DELETE FROM t", 0, 2000);
  closeDb(db);
}

static void testTrigger(void){
  sqlite3 *db = openDb(":memory:");
  sqlExec(db, "CREATE TABLE t(a); CREATE TABLE log(a);"
              "CREATE TRIGGER tr AFTER INSERT ON t BEGIN"
              " INSERT INTO log SELECT a FROM t; END");
  counts(db, "INSERT INTO t VALUES(1)", 1, 2);
  counts(db, "INSERT INTO t VALUES(2)", 2, 3);
  closeDb(db);
}

static void testVirtualTable(void){
  sqlite3 *db = openDb(":memory:");
  sqlite3_stmt *pStmt;
  counts(db, "SELECT * FROM json_each('[7,8,9]')", 3, 0);
  sqlExec(db, "CREATE VIRTUAL TABLE f USING fts5(a)");
  pStmt = sqlPrepare(db, "INSERT INTO f VALUES('one two')");
  CHECK_INT("insert into fts5", run(pStmt), SQLITE_DONE);
  CHECK_INT("is one row written", rowsWritten(pStmt, 0), 1);
  sqlite3_finalize(pStmt);
  closeDb(db);
}

/* Counts add up until they are reset, each for itself. */
static void testReset(void){
  sqlite3 *db = openDb(":memory:");
  sqlite3_stmt *pStmt;
  sqlExec(db, "CREATE TABLE t(a); INSERT INTO t VALUES(1),(2),(3)");
  pStmt = sqlPrepare(db, "UPDATE t SET a=a+1");
  run(pStmt);
  sqlite3_reset(pStmt);
  CHECK_INT("sqlite3_reset() leaves it", rowsRead(pStmt, 0), 3);
  run(pStmt);
  CHECK_INT("a second run adds", rowsRead(pStmt, 1), 6);
  CHECK_INT("the flag resets", rowsRead(pStmt, 0), 0);
  CHECK_INT("rows written stay", rowsWritten(pStmt, 1), 6);
  CHECK_INT("until they are reset", rowsWritten(pStmt, 0), 0);
  sqlite3_reset(pStmt);
  run(pStmt);
  CHECK_INT("counting goes on after a reset", rowsRead(pStmt, 0), 3);
  CHECK_INT("of both", rowsWritten(pStmt, 0), 3);
  sqlite3_reset(pStmt);

  sqlExec(db, "CREATE TABLE other(a)");
  run(pStmt);
  CHECK_INT("the statement was prepared again",
            sqlite3_stmt_status(pStmt, SQLITE_STMTSTATUS_REPREPARE, 0), 1);
  CHECK_INT("and kept what was read", rowsRead(pStmt, 0), 6);
  CHECK_INT("and written", rowsWritten(pStmt, 0), 6);
  sqlite3_finalize(pStmt);
  closeDb(db);
}

/* Stock's own counters share what is counted: neither disturbs the other. */
static void testStockCodes(void){
  sqlite3 *db = openDb(":memory:");
  sqlite3_stmt *pStmt;
  int i;
  sqlExec(db, "CREATE TABLE t(a); INSERT INTO t VALUES(1),(2),(3);"
              "CREATE TABLE u(a); INSERT INTO u SELECT a FROM t");
  pStmt = sqlPrepare(db, "SELECT * FROM t, u WHERE t.a=u.a");
  run(pStmt);
  i = rowsRead(pStmt, 0);
  CHECK_INT("full scan steps",
    sqlite3_stmt_status(pStmt, SQLITE_STMTSTATUS_FULLSCAN_STEP, 1), 2);
  CHECK_INT("rows of an automatic index",
    sqlite3_stmt_status(pStmt, SQLITE_STMTSTATUS_AUTOINDEX, 1), 3-1);
  sqlite3_stmt_status(pStmt, 0, 1);
  CHECK_INT("resetting these keeps the rows read", rowsRead(pStmt, 1), i);
  CHECK_INT("which are reset by themselves", rowsRead(pStmt, 0), 0);
  sqlite3_reset(pStmt);
  run(pStmt);
  rowsRead(pStmt, 1);
  CHECK_INT("full scan steps are not reset with the rows",
    sqlite3_stmt_status(pStmt, SQLITE_STMTSTATUS_FULLSCAN_STEP, 0), 2);
  for(i=-3; i<2000; i++){
    if( (i>=0 && i<=SQLITE_STMTSTATUS_FILTER_HIT) ) continue;
    if( i==SQLITE_STMTSTATUS_MEMUSED ) continue;
    CHECK_INT("a code that nobody defines", sqlite3_stmt_status(pStmt, i, 1), 0);
  }
  CHECK("memory is told", sqlite3_stmt_status(pStmt, SQLITE_STMTSTATUS_MEMUSED, 0)>0);
  CHECK_INT("no statement", sqlite3_stmt_status(0, LIBSQL_STMTSTATUS_ROWS_READ, 0), 0);
  CHECK_INT("no statement, stock's code",
            sqlite3_stmt_status(0, SQLITE_STMTSTATUS_SORT, 0), 0);
  CHECK_INT("the macros are parenthesised", 2*LIBSQL_STMTSTATUS_ROWS_READ, 2050);
  sqlite3_finalize(pStmt);
  closeDb(db);
}

int main(void){
  testTable();
  testIndex();
  testTemporary();
  testPages();
  testTrigger();
  testVirtualTable();
  testReset();
  testStockCodes();
  return finish();
}
