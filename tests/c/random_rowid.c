/*
** CREATE TABLE ... RANDOM ROWID: where the clause is accepted, which rowids it
** gives and which it leaves alone, and what keeps it.
*/
#include "check.h"

#define MAX_RANDOM ((sqlite3_int64)1<<62)

/* How many of the rows of a table have rowids that nobody would count up to:
** above a million and at most 2^62.  Of a random one that is true but once in
** 4e12 times. */
static int nRandom(sqlite3 *db, const char *zTable){
  char *zSql = sqlite3_mprintf(
      "SELECT count(*) FROM %s WHERE rowid>1000000 AND rowid<=%lld",
      zTable, MAX_RANDOM);
  int n = (int)sqlInt(db, zSql);
  sqlite3_free(zSql);
  return n;
}
static int nRow(sqlite3 *db, const char *zTable){
  char *zSql = sqlite3_mprintf("SELECT count(*) FROM %s", zTable);
  int n = (int)sqlInt(db, zSql);
  sqlite3_free(zSql);
  return n;
}
#define CHECK_RANDOM(DB, TABLE, N) do{ \
    CHECK_INT("rows in " TABLE, nRow(DB, TABLE), N); \
    CHECK_INT("random rowids in " TABLE, nRandom(DB, TABLE), N); \
  }while(0)

/* The clause, in every spelling. */
static void testSyntax(void){
  static const char *azGood[] = {
    "CREATE TABLE t(a) RANDOM ROWID",
    "create table if not exists main.t(a)random rowid;",
    "CREATE TEMP TABLE t(a INT) RANDOM ROWID, STRICT",
    "CREATE TABLE temp.t(a INT) strict , Random /* x */ RowId -- y",
    "CREATE TABLE t(a INT) RANDOM\n\t--,\nROWID,STRICT",
    "CREATE TABLE t(a) RANDOM ROWID, RANDOM ROWID",
    "CREATE TABLE t(a, b DEFAULT(random()), CHECK(a IN (1,2))) RANDOM ROWID",
    "CREATE TABLE \"t\"(random, random2 random) random/**/rowid",
    "CREATE TABLE [t](a INTEGER PRIMARY KEY) RANDOM ROWID",
    "; ;CREATE TABLE t(a) RANDOM ROWID",
  };
  static const char *azPlain[] = {
    "CREATE TABLE t(a, random rowid)",
    "CREATE TABLE t(random, rowid)",
    "CREATE TABLE t(a CHECK(random()<>a), random rowid)",
    "CREATE TABLE t AS SELECT (1), random rowid FROM (SELECT 2 AS random)",
    "CREATE TABLE random(a); ALTER TABLE random RENAME TO t",
  };
  static const struct { const char *zSql, *zError; } aBad[] = {
    { "CREATE TABLE t(a) RANDOM",          "1 unknown table option: RANDOM" },
    { "CREATE TABLE t(a) RANDOM ROW_ID",   "1 near \"ROW_ID\": syntax error" },
    { "CREATE TABLE t(a) RANDOM \"rowid\"",
      "1 near \"\"rowid\"\": syntax error" },
    { "CREATE TABLE t(a) \"RANDOM\" ROWID",
      "1 near \"ROWID\": syntax error" },
    { "CREATE TABLE t(a) \"RANDOM ROWID\"",
      "1 unknown table option: \"RANDOM ROWID\"" },
    { "CREATE TABLE t(a) RANDO ROWID",     "1 near \"ROWID\": syntax error" },
    { "CREATE TABLE t(a) ROWID",           "1 unknown table option: ROWID" },
    { "CREATE TABLE t(a) RANDOM ROWID STRICT",
      "1 near \"STRICT\": syntax error" },
    { "CREATE TABLE t(a) STRICT RANDOM ROWID",
      "1 near \"RANDOM\": syntax error" },
    { "CREATE TABLE t(a PRIMARY KEY) RANDOM ROWID WITHOUT ROWID",
      "1 near \"WITHOUT\": syntax error" },
    { "CREATE TABLE t(a PRIMARY KEY) WITHOUT RANDOM ROWID",
      "1 near \"ROWID\": syntax error" },
    { "CREATE TABLE t RANDOM ROWID",       "1 near \"RANDOM\": syntax error" },
    { "CREATE TABLE t(a) RANDOM ROWID AS SELECT 1",
      "1 near \"AS\": syntax error" },
    { "CREATE TABLE t(a INTEGER PRIMARY KEY AUTOINCREMENT) RANDOM ROWID",
      "1 AUTOINCREMENT not allowed on RANDOM ROWID tables" },
    { "CREATE TABLE t(a PRIMARY KEY) RANDOM ROWID, WITHOUT ROWID",
      "1 RANDOM ROWID cannot be combined with WITHOUT ROWID" },
    { "CREATE TABLE t(a PRIMARY KEY) WITHOUT ROWID, RANDOM ROWID",
      "1 RANDOM ROWID cannot be combined with WITHOUT ROWID" },
    { "CREATE VIEW t(a) RANDOM ROWID AS SELECT 1",
      "1 near \"RANDOM\": syntax error" },
  };
  sqlite3 *db;
  int i;

  for(i=0; i<(int)(sizeof(azGood)/sizeof(azGood[0])); i++){
    context("%s", azGood[i]);
    db = openDb(":memory:");
    CHECK_SQL(db, azGood[i], "");
    CHECK_INT("listed", sqlInt(db, "SELECT count(*) FROM"
              " pragma_random_rowid_list WHERE name='t'"), 1);
    sqlRun(db, "INSERT INTO t DEFAULT VALUES; INSERT INTO t DEFAULT VALUES");
    CHECK_INT("random", nRandom(db, "t"), 2);
    closeDb(db);
  }
  for(i=0; i<(int)(sizeof(azPlain)/sizeof(azPlain[0])); i++){
    context("%s", azPlain[i]);
    db = openDb(":memory:");
    CHECK_SQL(db, azPlain[i], "");
    CHECK_SQL(db, "PRAGMA random_rowid_list", "");
    closeDb(db);
  }
  db = openDb(":memory:");
  for(i=0; i<(int)(sizeof(aBad)/sizeof(aBad[0])); i++){
    context("%s", aBad[i].zSql);
    CHECK_SQL(db, aBad[i].zSql, aBad[i].zError);
    CHECK_SQL(db, "SELECT name FROM sqlite_schema", "");
  }
  context("");
  CHECK_INT("no new keyword", sqlite3_keyword_check("random", 6), 0);
  CHECK_SQL(db, "SELECT typeof(random()), 1 random, 2 AS rowid", "integer|1|2");
  CHECK_INT("complete",
            sqlite3_complete("CREATE TABLE t(a) RANDOM ROWID;"), 1);
  sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_COMMENTS, 0, 0);
  CHECK_SQL(db, "CREATE TABLE t(a) RANDOM /* no */ ROWID",
            "1 unrecognized token: \"/* no */\"");
  CHECK_SQL(db, "CREATE TABLE t(a) RANDOM ROWID", "");
  closeDb(db);
}

/* Every way to insert a row, in schema zDb. */
static void testInserts(sqlite3 *db, const char *zDb){
  sqlite3_stmt *pStmt;
  sqlite3_int64 iLast;
  char *zSql;
  int i;
  context("inserts into %s", zDb);
  sqlRun(db, "CREATE TABLE %s.r(a, b) RANDOM ROWID;"
              "CREATE TABLE %s.p(id INTEGER PRIMARY KEY, a) RANDOM ROWID", zDb, zDb);
  sqlRun(db, "CREATE TABLE %s.u(a UNIQUE, n DEFAULT 0) RANDOM ROWID;"
              "CREATE TABLE %s.s(a UNIQUE, n);"
              "CREATE TABLE %s.plain(a, b);"
              "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM c"
              " WHERE i<100) INSERT INTO plain SELECT i, -i FROM c;"
              "INSERT INTO s SELECT * FROM plain", zDb, zDb, zDb);

  zSql = sqlite3_mprintf("INSERT INTO %s.r VALUES(?,?)", zDb);
  pStmt = sqlPrepare(db, zSql);
  sqlite3_free(zSql);
  for(i=0; i<10; i++){
    CHECK_INT("each run of a statement", sqlite3_step(pStmt), SQLITE_DONE);
    sqlite3_reset(pStmt);
    iLast = sqlite3_last_insert_rowid(db);
    zSql = sqlite3_mprintf("SELECT count(*) FROM r WHERE rowid=%lld", iLast);
    CHECK_INT("last_insert_rowid", sqlInt(db, zSql), 1);
    sqlite3_free(zSql);
  }
  sqlite3_finalize(pStmt);
  CHECK_RANDOM(db, "r", 10);
  sqlRun(db, "DELETE FROM r; INSERT INTO r VALUES(1,2),(3,4),(5,6)");
  CHECK_RANDOM(db, "r", 3);
  sqlRun(db, "DELETE FROM r; INSERT INTO r(b) SELECT b FROM plain ORDER BY b");
  CHECK_RANDOM(db, "r", 100);
  sqlRun(db, "DELETE FROM r; INSERT INTO r SELECT * FROM plain");
  CHECK_RANDOM(db, "r", 100);
  CHECK_SQL(db, "SELECT count(DISTINCT rowid), sum(a), sum(b) FROM r",
            "100|5050|-5050");
  CHECK_SQL(db, "INSERT INTO r VALUES(7,8) RETURNING rowid>1000000", "1");
  sqlRun(db, "DELETE FROM r; INSERT INTO r(rowid,a) VALUES(42,1),(-9,2),"
              "(9223372036854775807,3)");
  CHECK_SQL(db, "SELECT rowid FROM r", "-9 42 9223372036854775807");
  sqlRun(db, "UPDATE r SET a=a+1; UPDATE r SET rowid=43 WHERE rowid=42");
  CHECK_SQL(db, "SELECT rowid FROM r", "-9 43 9223372036854775807");
  sqlRun(db, "DELETE FROM r; INSERT INTO r(rowid,a) VALUES(NULL,1)");
  CHECK_RANDOM(db, "r", 1);

  sqlRun(db, "INSERT INTO p(a) VALUES(1),(2); INSERT INTO p VALUES(NULL,3);"
              "INSERT INTO p SELECT NULL, a FROM plain WHERE a<3");
  CHECK_RANDOM(db, "p", 5);
  sqlRun(db, "INSERT INTO p SELECT a, b FROM plain WHERE a<3");
  CHECK_SQL(db, "SELECT id FROM p WHERE id<1000000", "1 2");

  /* Entries of an index hold the rowid, which must not come from s. */
  sqlRun(db, "INSERT INTO u SELECT * FROM s");
  CHECK_RANDOM(db, "u", 100);
  sqlRun(db, "CREATE TEMP TABLE old AS SELECT rowid AS id, a FROM u");
  sqlRun(db, "REPLACE INTO u(a) VALUES(1),(2)");
  CHECK_RANDOM(db, "u", 100);
  CHECK_SQL(db, "SELECT count(*) FROM u JOIN old ON u.rowid=id", "98");
  sqlRun(db, "INSERT INTO u(a) VALUES(3),(101) ON CONFLICT DO UPDATE SET n=7");
  CHECK_RANDOM(db, "u", 101);
  CHECK_SQL(db, "SELECT count(*) FROM u JOIN old ON u.rowid=id", "98");
  CHECK_SQL(db, "SELECT n FROM u WHERE a=3", "7");
  sqlRun(db, "DROP TABLE old");

  /* Each firing of a trigger, and triggers before the insert. */
  sqlRun(db, "DELETE FROM r;"
              "CREATE TRIGGER %s.tr1 BEFORE INSERT ON plain BEGIN"
              " INSERT INTO r VALUES(new.a, 1); END;"
              "CREATE TRIGGER %s.tr2 AFTER INSERT ON r BEGIN"
              " INSERT INTO p(a) VALUES(new.rowid); END;"
              "CREATE TRIGGER %s.tr3 BEFORE INSERT ON r BEGIN"
              " SELECT 1; END;", zDb, zDb, zDb);
  sqlRun(db, "DELETE FROM p; INSERT INTO plain VALUES(1,1),(2,2),(3,3);"
              "INSERT INTO plain VALUES(4,4)");
  CHECK_RANDOM(db, "r", 4);
  CHECK_RANDOM(db, "p", 4);
  CHECK_SQL(db, "SELECT count(*) FROM r JOIN p ON r.rowid=p.a", "4");
  CHECK_INT("plain counts", sqlInt(db, "SELECT max(rowid) FROM plain"), 104);
  CHECK_SQL(db, "PRAGMA integrity_check", "ok");
}

/* Merely to prepare or to explain changes nothing. */
static void testExplain(void){
  sqlite3 *db = openDb(":memory:");
  char *zSql;
  sqlite3_stmt *pStmt = sqlPrepare(db, "CREATE TABLE r(a) RANDOM ROWID");
  sqlRun(db, "EXPLAIN CREATE TABLE r(a) RANDOM ROWID;"
              "EXPLAIN QUERY PLAN CREATE TABLE r(a) RANDOM ROWID");
  CHECK_SQL(db, "SELECT name FROM sqlite_schema", "");
  CHECK_INT("stepped", sqlite3_step(pStmt), SQLITE_DONE);
  CHECK_TEXT("its text", sqlite3_sql(pStmt), "CREATE TABLE r(a) RANDOM ROWID");
  zSql = sqlite3_expanded_sql(pStmt);
  CHECK_TEXT("its expanded text", zSql, "CREATE TABLE r(a) RANDOM ROWID");
  sqlite3_free(zSql);
#ifdef SQLITE_ENABLE_NORMALIZE
  CHECK_TEXT("its normalized text", sqlite3_normalized_sql(pStmt),
             "CREATE TABLE r(a)random rowid;");
#endif
  sqlite3_finalize(pStmt);
  sqlRun(db, "EXPLAIN INSERT INTO r VALUES(1)");
  CHECK_INT("EXPLAIN inserts nothing", nRow(db, "r"), 0);
  closeDb(db);
}

/* Randomness that can be repeated: 100,000 rowids with a fixed seed are spread
** over 64 classes evenly, and so are their lowest and their middle bits. */
static void testDistribution(void){
  sqlite3 *db = openDb(":memory:");
  int n = scaled(100000);
  int iShift;
  sqlRun(db, "CREATE TABLE r(a) RANDOM ROWID");
  sqlite3_test_control(SQLITE_TESTCTRL_PRNG_SEED, 20261126, (sqlite3*)0);
  sqlRun(db, "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM c"
              " WHERE i<%d) INSERT INTO r SELECT i FROM c", n);
  sqlite3_test_control(SQLITE_TESTCTRL_PRNG_SEED, 0, (sqlite3*)0);
  CHECK_INT("all of them", nRow(db, "r"), n);
  CHECK_SQL(db, "SELECT min(rowid)>=1, max(rowid)<=1<<62 FROM r", "1|1");
  for(iShift=0; iShift<=56; iShift += 28){
    /* With 63 degrees of freedom, more than 114 comes once in 10,000 times. */
    char *zSql = sqlite3_mprintf(
        "SELECT CAST(sum((n-%d/64.0)*(n-%d/64.0))/(%d/64.0) AS INT), count(*)"
        " FROM (SELECT count(*) AS n FROM r GROUP BY ((rowid-1)>>%d)&63)",
        n, n, n, iShift);
    sqlite3_stmt *pStmt = sqlPrepare(db, zSql);
    CHECK_INT("a row", sqlite3_step(pStmt), SQLITE_ROW);
    context("bits from %d on: chi-square is %d", iShift,
            sqlite3_column_int(pStmt, 0));
    CHECK("not lopsided", sqlite3_column_int(pStmt, 0)<114);
    CHECK("not too even", sqlite3_column_int(pStmt, 0)>27);
    CHECK_INT("classes", sqlite3_column_int(pStmt, 1), 64);
    sqlite3_finalize(pStmt);
    sqlite3_free(zSql);
  }
  context("");

  /* The same seed gives the same rowids: half of them collide, and each
  ** collision tries again. */
  sqlRun(db, "CREATE TABLE r2(a) RANDOM ROWID");
  sqlite3_test_control(SQLITE_TESTCTRL_PRNG_SEED, 1, (sqlite3*)0);
  sqlRun(db, "INSERT INTO r2 SELECT a FROM r LIMIT 50");
  sqlite3_test_control(SQLITE_TESTCTRL_PRNG_SEED, 1, (sqlite3*)0);
  CHECK_INT("fifty collisions", sqlExec(db, "INSERT INTO r2 VALUES(0)"),
            SQLITE_OK);
  CHECK_INT("a row more", nRow(db, "r2"), 51);
  sqlRun(db, "INSERT INTO r2 SELECT a FROM r LIMIT 49");
  sqlite3_test_control(SQLITE_TESTCTRL_PRNG_SEED, 1, (sqlite3*)0);
  CHECK_SQL(db, "INSERT INTO r2 VALUES(0)", "13 database or disk is full");
  CHECK_INT("no row more", nRow(db, "r2"), 100);
  sqlite3_test_control(SQLITE_TESTCTRL_PRNG_SEED, 0, (sqlite3*)0);
  closeDb(db);
}

/* Run zInsert in a transaction that is rolled back, and return how many pages
** were read.  *piRowid is the rowid that it gives. */
static int nPageRead(const char *zInsert, sqlite3_int64 *piRowid){
  sqlite3 *db = openDb("seek.db");
  int nMiss = 0, nHigh;
  sqlRun(db, "BEGIN IMMEDIATE; SELECT count(*) FROM sqlite_schema");
  sqlite3_db_status(db, SQLITE_DBSTATUS_CACHE_MISS, &nMiss, &nHigh, 1);
  sqlite3_test_control(SQLITE_TESTCTRL_PRNG_SEED, 5, (sqlite3*)0);
  sqlRun(db, zInsert, *piRowid);
  sqlite3_test_control(SQLITE_TESTCTRL_PRNG_SEED, 0, (sqlite3*)0);
  sqlite3_db_status(db, SQLITE_DBSTATUS_CACHE_MISS, &nMiss, &nHigh, 1);
  *piRowid = sqlite3_last_insert_rowid(db);
  sqlRun(db, "ROLLBACK");
  closeDb(db);
  return nMiss;
}

/* To choose a rowid reads no page that its row does not need: the last row is
** of no interest. */
static void testSeek(void){
  sqlite3_int64 iRandom = 0, iGiven;
  sqlite3 *db;
  int nRandom, nGiven;
  removeDb("seek.db");
  db = openDb("seek.db");
  sqlRun(db, "PRAGMA page_size=512; CREATE TABLE r(a) RANDOM ROWID;"
             "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM c"
             " WHERE i<3000) INSERT INTO r SELECT zeroblob(50) FROM c");
  closeDb(db);
  nRandom = nPageRead("INSERT INTO r VALUES(1)", &iRandom);
  iGiven = iRandom;
  nGiven = nPageRead("INSERT INTO r(rowid, a) VALUES(%lld, 1)", &iGiven);
  CHECK_INT("the same rowid", iRandom, iGiven);
  CHECK("from a tree of some levels", nGiven>=3);
  CHECK_INT("pages read", nRandom, nGiven);
}

static void testVacuum(const char *zEncoding){
  sqlite3 *db, *db2;
  context("VACUUM, %s", zEncoding);
  removeDb("vacuum.db");
  removeDb("into.db");
  db = openDb("vacuum.db");
  sqlRun(db, "PRAGMA encoding=%s;"
              "CREATE TABLE r(a, b) RANDOM ROWID;"
              "CREATE TABLE i(a, b) RANDOM ROWID; CREATE INDEX ia ON i(a);"
              "CREATE TABLE p(id INTEGER PRIMARY KEY, a) RANDOM ROWID;"
              "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM c"
              " WHERE i<2000) INSERT INTO r SELECT i, hex(randomblob(i%%100))"
              " FROM c; INSERT INTO i SELECT * FROM r;"
              "INSERT INTO p SELECT NULL, a FROM r;"
              "DELETE FROM r WHERE a%%3=0;"
              "CREATE TEMP TABLE old AS SELECT 'r' AS t, rowid AS id, a FROM r"
              " UNION ALL SELECT 'i', rowid, a FROM i"
              " UNION ALL SELECT 'p', id, a FROM p", zEncoding);
  sqlRun(db, "INSERT INTO old SELECT 'last', last_insert_rowid(), 0;"
              "CREATE TEMP TABLE x(a); INSERT INTO x(rowid) VALUES(77)");
  CHECK_INT("vacuum", sqlExec(db, "VACUUM"), SQLITE_OK);
  CHECK_INT("what was inserted last", sqlite3_last_insert_rowid(db), 77);
  CHECK_SQL(db, "PRAGMA integrity_check", "ok");
  CHECK_RANDOM(db, "r", 1334);
  CHECK_SQL(db, "SELECT count(*) FROM r JOIN old ON t='r' AND r.rowid=id", "0");
  CHECK_SQL(db, "SELECT count(*) FROM r JOIN old USING(a) WHERE t='r'", "1334");
  CHECK_SQL(db, "SELECT count(*) FROM i JOIN old ON t='i' AND i.rowid=id"
                " AND i.a=old.a", "2000");
  CHECK_SQL(db, "SELECT count(*) FROM p JOIN old ON t='p' AND p.id=old.id"
                " AND p.a=old.a", "2000");
  CHECK_INT("into", sqlExec(db, "VACUUM INTO 'into.db'"), SQLITE_OK);
  db2 = openDb("into.db");
  CHECK_SQL(db2, "PRAGMA integrity_check", "ok");
  CHECK_SQL(db2, "ATTACH 'vacuum.db' AS v; SELECT count(*) FROM main.r a"
                 " JOIN v.r b ON a.rowid=b.rowid AND a.a=b.a", "1334");
  sqlRun(db2, "DELETE FROM main.r; INSERT INTO main.r VALUES(1,2),(3,4)");
  CHECK_RANDOM(db2, "main.r", 2);
  closeDb(db2);
  closeDb(db);
  context("");
}

/* What keeps the clause, on every way a table can go. */
static void testKept(const char *zEncoding){
  sqlite3 *db, *db2;
  sqlite3_backup *pBackup;
  context("kept, %s", zEncoding);
  removeDb("kept.db");
  removeDb("copy.db");
  db = openDb("kept.db");
  sqlRun(db, "PRAGMA encoding=%s;"
              "CREATE TABLE r(a ANY, b TEXT DEFAULT 'x' NOT NULL)"
              " random /* as */\n rowid, strict", zEncoding);
  sqlRun(db, "ALTER TABLE r RENAME TO r1");
  sqlRun(db, "ALTER TABLE r1 RENAME TO r; ALTER TABLE r ADD COLUMN c INT;"
              "ALTER TABLE r RENAME c TO d; ALTER TABLE r DROP COLUMN d;"
              "ALTER TABLE r ADD CONSTRAINT k CHECK(a<>0);"
              "ALTER TABLE r DROP CONSTRAINT k;"
              "ALTER TABLE r ALTER b DROP NOT NULL");
  CHECK_SQL(db, "SELECT sql FROM sqlite_schema",
            "CREATE TABLE \"r\"(a ANY, b TEXT DEFAULT 'x')"
            " random /* as */\n rowid, strict");
  CHECK_SQL(db, "PRAGMA random_rowid_list", "main|r|table|2|0|1");
  closeDb(db);

  db = openDb("kept.db");
  sqlRun(db, "INSERT INTO r VALUES(1,2),(3,4)");
  CHECK_RANDOM(db, "r", 2);
  db2 = openDb("copy.db");
  pBackup = sqlite3_backup_init(db2, "main", db, "main");
  CHECK_INT("backup", sqlite3_backup_step(pBackup, -1), SQLITE_DONE);
  sqlite3_backup_finish(pBackup);
  sqlRun(db2, "INSERT INTO r VALUES(5,6)");
  CHECK_RANDOM(db2, "r", 3);
  sqlRun(db2, "ATTACH 'kept.db' AS k; INSERT INTO k.r VALUES(7,8);"
               "CREATE TEMP TABLE r3(a) RANDOM ROWID; CREATE TABLE plain(a)");
  CHECK_RANDOM(db2, "k.r", 3);
  CHECK_SQL(db2, "SELECT schema, name, strict FROM pragma_random_rowid_list"
                 " ORDER BY 1", "k|r|1 main|r|1 temp|r3|0");
  CHECK_SQL(db2, "PRAGMA k.random_rowid_list", "k|r|table|2|0|1");
  CHECK_SQL(db2, "PRAGMA main.random_rowid_list(plain)", "");
  CHECK_SQL(db2, "SELECT count(*) FROM pragma_table_list WHERE name='r3'", "1");
  CHECK_INT("rolled back", sqlExec(db2, "BEGIN; CREATE TABLE r4(a) RANDOM ROWID;"
            "INSERT INTO r4 VALUES(1),(2); ROLLBACK"), SQLITE_OK);
  CHECK_SQL(db2, "SELECT name FROM main.sqlite_schema ORDER BY 1", "plain r");
  CHECK_SQL(db2, "PRAGMA integrity_check", "ok");
  closeDb(db2);
  closeDb(db);
  context("");
}

int main(void){
  static const char *azEncoding[] = { "'UTF-8'", "'UTF-16le'", "'UTF-16be'" };
  int i;
  testSyntax();
  for(i=0; i<3; i++){
    static const char *azDb[] = { "main", "temp", "aux" };
    sqlite3 *db = openDb(":memory:");
    sqlRun(db, "PRAGMA encoding=%s; ATTACH ':memory:' AS aux", azEncoding[i]);
    testInserts(db, azDb[i]);
    closeDb(db);
    testVacuum(azEncoding[i]);
    testKept(azEncoding[i]);
  }
  testExplain();
  testDistribution();
  testSeek();
  return finish();
}
