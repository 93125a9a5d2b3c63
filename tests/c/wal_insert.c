/*
** Frames of one database become another one: what is taken, what is refused,
** and who sees what.
*/
#include "frames.h"
#include "managers.h"

static unsigned char aFrame[FRAME_MAX];
static unsigned char aOther[FRAME_MAX];

static sqlite3 *openWith(const char *zFile, const char *zWal){
  char zUri[100];
  sqlite3_snprintf(sizeof(zUri), zUri, "file:%s?wal=%s", zFile, zWal);
  return openDb(zUri);
}

/* A source with the stock WAL, and an empty copy with another. */
typedef struct Pair Pair;
struct Pair {
  sqlite3 *pFrom;
  sqlite3 *pTo;
  int nByte;               /* Length of a frame */
};
static Pair openPair(const char *zWal, int szPage){
  Pair p;
  removeDb("from.db");
  removeDb("to.db");
  p.pFrom = openWith("from.db", "sqlite");
  p.pTo = openWith("to.db", zWal);
  p.nByte = FRAME_HDR+szPage;
  libsql_wal_disable_checkpoint(p.pFrom);
  sqlExec(p.pFrom, "PRAGMA page_size=%d", szPage);
  sqlExec(p.pTo, "PRAGMA page_size=%d; PRAGMA wal_autocheckpoint=0", szPage);
  CHECK_INT("a first table", sqlExec(p.pFrom,
      "CREATE TABLE t(a INTEGER PRIMARY KEY, b); INSERT INTO t VALUES(1,'one')"),
      SQLITE_OK);
  return p;
}
static void closePair(Pair p){
  closeDb(p.pTo);
  closeDb(p.pFrom);
}

static int get(Pair p, unsigned iFrame){
  return libsql_wal_get_frame(p.pFrom, iFrame, aFrame, p.nByte);
}
static int put(Pair p, unsigned iFrame){
  return libsql_wal_insert_frame(p.pTo, iFrame, aFrame, p.nByte, 0);
}
static void shipAll(Pair p){
  CHECK_INT("ship", ship(p.pFrom, p.pTo, 1, frameCount(p.pFrom)), SQLITE_OK);
}

/* The copy of the copy of the log is the log. */
static void theCopyHasTheSameFrames(const char *zWal, int szPage){
  Pair p = openPair(zWal, szPage);
  unsigned i, n;
  context("%s, %d: same frames", zWal, szPage);
  shipAll(p);
  n = frameCount(p.pFrom);
  CHECK_INT("as many", frameCount(p.pTo), n);
  for(i=1; i<=n; i++){
    CHECK_INT("from", get(p, i), SQLITE_OK);
    CHECK_INT("to", libsql_wal_get_frame(p.pTo, i, aOther, p.nByte), SQLITE_OK);
    CHECK_INT("number and size", memcmp(aFrame, aOther, 8), 0);
    CHECK_INT("page", memcmp(&aFrame[24], &aOther[24], szPage), 0);
  }
  CHECK_SQL(p.pTo, "SELECT * FROM t; PRAGMA integrity_check", "1|one ok");
  shipAll(p);
  CHECK_INT("once more changes nothing", frameCount(p.pTo), n);
  closePair(p);
}

/* Data and schema are there at once, for prepared statements as well. */
static void newDataIsSeenAtOnce(const char *zWal){
  Pair p = openPair(zWal, 4096);
  sqlite3 *pOther;
  sqlite3_stmt *pStmt = 0, *pOtherStmt = 0;
  unsigned n;
  int iVersion;
  context("%s: seen at once", zWal);
  shipAll(p);
  pOther = openWith("to.db", zWal);
  sqlite3_prepare_v2(p.pTo, "SELECT * FROM t WHERE a=2", -1, &pStmt, 0);
  sqlite3_prepare_v2(pOther, "SELECT * FROM t WHERE a=2", -1, &pOtherStmt, 0);
  CHECK_INT("no row", sqlite3_step(pStmt), SQLITE_DONE);
  CHECK_INT("no row", sqlite3_step(pOtherStmt), SQLITE_DONE);
  sqlite3_reset(pStmt);
  sqlite3_reset(pOtherStmt);
  iVersion = (int)sqlInt(p.pTo, "PRAGMA data_version");

  n = frameCount(p.pFrom);
  sqlExec(p.pFrom, "INSERT INTO t VALUES(2,'two'); ALTER TABLE t ADD COLUMN c"
                   " DEFAULT 'new'; CREATE VIEW v AS SELECT c FROM t");
  CHECK_INT("ship", ship(p.pFrom, p.pTo, n+1, frameCount(p.pFrom)), SQLITE_OK);
  CHECK_INT("the row", sqlite3_step(pStmt), SQLITE_ROW);
  CHECK_INT("with the new column", sqlite3_column_count(pStmt), 3);
  CHECK_TEXT("and its value", (const char*)sqlite3_column_text(pStmt, 2), "new");
  CHECK_INT("the row", sqlite3_step(pOtherStmt), SQLITE_ROW);
  CHECK_TEXT("its value", (const char*)sqlite3_column_text(pOtherStmt, 2), "new");
  sqlite3_finalize(pStmt);
  sqlite3_finalize(pOtherStmt);
  CHECK_SQL(p.pTo, "SELECT * FROM v", "new new");
  CHECK("data_version has changed",
      iVersion!=(int)sqlInt(p.pTo, "PRAGMA data_version"));
  closeDb(pOther);
  closePair(p);
}

/* A schema that was loaded has the same cookie as the one that comes. */
static void aSchemaWithTheSameCookieIsReplaced(const char *zWal){
  Pair p = openPair(zWal, 4096);
  unsigned n;
  context("%s: same cookie", zWal);
  shipAll(p);
  n = frameCount(p.pFrom);
  CHECK_SQL(p.pTo, "SELECT b FROM t", "one");
  sqlExec(p.pFrom, "DROP TABLE t; CREATE TABLE u(x); INSERT INTO u VALUES(9);"
      "PRAGMA schema_version=%d", (int)sqlInt(p.pTo, "PRAGMA schema_version"));
  CHECK_INT("ship", ship(p.pFrom, p.pTo, n+1, frameCount(p.pFrom)), SQLITE_OK);
  CHECK_SQL(p.pTo, "SELECT x FROM u", "9");
  CHECK_SQL(p.pTo, "SELECT b FROM t", "1 no such table: t");
  closePair(p);
}

/* Frames behind the last commit go away at the end, and when the connection is
** closed. */
static void anUncommittedTailIsRolledBack(const char *zWal){
  Pair p = openPair(zWal, 1024);
  sqlite3 *pOther;
  unsigned i, n, nOld;
  context("%s: tail", zWal);
  shipAll(p);
  pOther = openWith("to.db", zWal);
  nOld = frameCount(p.pTo);
  sqlExec(p.pFrom, "INSERT INTO t VALUES(2, zeroblob(20000))");
  n = frameCount(p.pFrom);
  CHECK("several frames", n>nOld+10);

  CHECK_INT("begin", libsql_wal_insert_begin(p.pTo), SQLITE_OK);
  for(i=nOld+1; i<n; i++){
    CHECK_INT("get", get(p, i), SQLITE_OK);
    CHECK_INT("insert", put(p, i), SQLITE_OK);
    CHECK_INT("again", put(p, i), SQLITE_OK);
    CHECK_INT("they count", frameCount(p.pTo), i);
    CHECK_INT("not for others", frameCount(pOther), nOld);
  }
  CHECK_INT("they can be read",
      libsql_wal_get_frame(p.pTo, n-1, aOther, p.nByte), SQLITE_OK);
  CHECK_INT("and are what they were", memcmp(aFrame, aOther, 8), 0);
  CHECK_INT("end", libsql_wal_insert_end(p.pTo), SQLITE_OK);
  CHECK_INT("they are gone", frameCount(p.pTo), nOld);
  CHECK_SQL(p.pTo, "SELECT a FROM t; PRAGMA integrity_check", "1 ok");

  CHECK_INT("begin", libsql_wal_insert_begin(p.pTo), SQLITE_OK);
  get(p, nOld+1);
  CHECK_INT("insert", put(p, nOld+1), SQLITE_OK);
  closeDb(p.pTo);
  p.pTo = openWith("to.db", zWal);
  CHECK_INT("gone with the connection", frameCount(p.pTo), nOld);
  CHECK_INT("ship", ship(p.pFrom, p.pTo, nOld+1, n), SQLITE_OK);
  CHECK_SQL(pOther, "SELECT a FROM t; PRAGMA integrity_check", "1 2 ok");
  closeDb(pOther);
  closePair(p);
}

/* Each refusal leaves everything as it was. */
static void whatDoesNotFitIsRefused(const char *zWal){
  Pair p = openPair(zWal, 4096);
  int bConflict = 99;
  unsigned n;
  context("%s: refused", zWal);
  n = frameCount(p.pFrom);
  get(p, 1);
  CHECK_INT("insert without begin", libsql_wal_insert_frame(p.pTo, 1, aFrame,
      p.nByte, &bConflict), SQLITE_MISUSE);
  CHECK_INT("is no conflict", bConflict, 0);
  CHECK_INT("end without begin", libsql_wal_insert_end(p.pTo), SQLITE_MISUSE);
  CHECK_INT("begin", libsql_wal_insert_begin(p.pTo), SQLITE_OK);
  CHECK_INT("begin twice", libsql_wal_insert_begin(p.pTo), SQLITE_MISUSE);
  CHECK_INT("no buffer", libsql_wal_insert_frame(p.pTo, 1, 0, p.nByte, 0),
      SQLITE_MISUSE);
  CHECK_INT("too short", libsql_wal_insert_frame(p.pTo, 1, aFrame, p.nByte-1,
      0), SQLITE_MISUSE);
  CHECK_INT("too long", libsql_wal_insert_frame(p.pTo, 1, aFrame, p.nByte+1,
      0), SQLITE_MISUSE);
  CHECK_INT("frame 0", put(p, 0), SQLITE_MISUSE);
  CHECK_INT("a gap", put(p, frameCount(p.pTo)+2), SQLITE_ERROR);
  CHECK("the message", strstr(sqlite3_errmsg(p.pTo), "gap")!=0);
  CHECK_INT("a big gap", put(p, 0xffffffff), SQLITE_ERROR);
  frameSet(aFrame, 0, 0);
  CHECK_INT("page 0", put(p, frameCount(p.pTo)+1), SQLITE_CORRUPT);
  frameSet(aFrame, 0xffffffff, 0);
  CHECK_INT("no page can be that", put(p, frameCount(p.pTo)+1), SQLITE_CORRUPT);
  frameSet(aFrame, 0x40000000/4096+1, 0);
  CHECK_INT("the page with the locks", put(p, frameCount(p.pTo)+1),
      SQLITE_CORRUPT);
  frameSet(aFrame, 1, 0xffffffff);
  CHECK_INT("no database is that big", put(p, frameCount(p.pTo)+1),
      SQLITE_CORRUPT);
  get(p, 1);
  CHECK_INT("the first page", framePgno(aFrame), 1);
  aFrame[24+16] = 0x20;
  CHECK_INT("another page size", put(p, frameCount(p.pTo)+1), SQLITE_MISUSE);
  CHECK_INT("end", libsql_wal_insert_end(p.pTo), SQLITE_OK);
  CHECK_INT("nothing was inserted", frameCount(p.pTo), 0);
  shipAll(p);
  CHECK_INT("all was", frameCount(p.pTo), n);
  CHECK_SQL(p.pTo, "SELECT * FROM t; PRAGMA integrity_check", "1|one ok");
  closePair(p);
}

/* A frame that is there already, but as another one. */
static void aConflictIsTold(const char *zWal){
  Pair p = openPair(zWal, 4096);
  int bConflict = 99;
  unsigned n;
  context("%s: conflict", zWal);
  shipAll(p);
  n = frameCount(p.pTo);
  CHECK_INT("begin", libsql_wal_insert_begin(p.pTo), SQLITE_OK);
  get(p, n);
  aFrame[8] ^= 1;
  CHECK_INT("other salts", libsql_wal_insert_frame(p.pTo, n, aFrame, p.nByte,
      &bConflict), SQLITE_OK);
  CHECK_INT("no conflict", bConflict, 0);
  aFrame[p.nByte-1] ^= 1;
  CHECK_INT("another page", libsql_wal_insert_frame(p.pTo, n, aFrame, p.nByte,
      &bConflict), SQLITE_ERROR);
  CHECK_INT("conflict", bConflict, 1);
  CHECK_INT("and nobody asks", put(p, n), SQLITE_ERROR);
  get(p, n);
  frameSet(aFrame, framePgno(aFrame)+1, frameCommit(aFrame));
  CHECK_INT("another number", libsql_wal_insert_frame(p.pTo, n, aFrame,
      p.nByte, &bConflict), SQLITE_ERROR);
  CHECK_INT("conflict", bConflict, 1);
  get(p, n);
  frameSet(aFrame, framePgno(aFrame), 0);
  CHECK_INT("no end", libsql_wal_insert_frame(p.pTo, n, aFrame, p.nByte,
      &bConflict), SQLITE_ERROR);
  CHECK_INT("conflict", bConflict, 1);
  CHECK_INT("end", libsql_wal_insert_end(p.pTo), SQLITE_OK);
  CHECK_INT("nothing has changed", frameCount(p.pTo), n);
  CHECK_INT("ship", ship(p.pFrom, p.pTo, 1, n), SQLITE_OK);
  CHECK_SQL(p.pTo, "SELECT * FROM t; PRAGMA integrity_check", "1|one ok");
  closePair(p);
}

/* When it cannot begin. */
static void beginIsRefused(const char *zWal){
  Pair p = openPair(zWal, 4096);
  sqlite3 *pOther;
  sqlite3_stmt *pStmt = 0;
  context("%s: begin", zWal);
  shipAll(p);
  CHECK_SQL(p.pTo, "BEGIN", "");
  CHECK_INT("in a transaction", libsql_wal_insert_begin(p.pTo), SQLITE_ERROR);
  CHECK("the message", strstr(sqlite3_errmsg(p.pTo), "transaction")!=0);
  CHECK_SQL(p.pTo, "INSERT INTO t VALUES(5,5)", "");
  CHECK_INT("that writes", libsql_wal_insert_begin(p.pTo), SQLITE_ERROR);
  CHECK_SQL(p.pTo, "ROLLBACK", "");
  sqlite3_prepare_v2(p.pTo, "SELECT a FROM t", -1, &pStmt, 0);
  CHECK_INT("step", sqlite3_step(pStmt), SQLITE_ROW);
  CHECK_INT("in a statement", libsql_wal_insert_begin(p.pTo), SQLITE_ERROR);
  CHECK("the message", strstr(sqlite3_errmsg(p.pTo), "in progress")!=0);
  CHECK_INT("it goes on", sqlite3_step(pStmt), SQLITE_DONE);
  sqlite3_finalize(pStmt);

  pOther = openWith("to.db", zWal);
  CHECK_SQL(pOther, "BEGIN IMMEDIATE", "");
  CHECK_INT("while another writes", libsql_wal_insert_begin(p.pTo), SQLITE_BUSY);
  CHECK_SQL(pOther, "COMMIT", "");
  CHECK_INT("while another inserts", libsql_wal_insert_begin(pOther), SQLITE_OK);
  CHECK_INT("begin", libsql_wal_insert_begin(p.pTo), SQLITE_BUSY);
  CHECK_SQL(p.pTo, "SELECT a FROM t", "1");
  CHECK_SQL(p.pTo, "INSERT INTO t VALUES(7,7)", "5 database is locked");
  CHECK_INT("end", libsql_wal_insert_end(pOther), SQLITE_OK);
  closeDb(pOther);
  CHECK_INT("begin", libsql_wal_insert_begin(p.pTo), SQLITE_OK);
  CHECK_INT("end", libsql_wal_insert_end(p.pTo), SQLITE_OK);
  closePair(p);
}

static void beginIsRefusedWithoutALog(void){
  sqlite3 *db;
  context("without a log");
  removeDb("y.db");
  db = openDb("y.db");
  CHECK_INT("an empty file", libsql_wal_insert_begin(db), SQLITE_ERROR);
  CHECK("the message", strstr(sqlite3_errmsg(db), "not in WAL mode")!=0);
  CHECK_SQL(db, "CREATE TABLE t(a)", "");
  CHECK_INT("a rollback journal", libsql_wal_insert_begin(db), SQLITE_ERROR);
  CHECK("no log came to be", !fileExists("y.db-wal"));
  CHECK_SQL(db, "INSERT INTO t VALUES(1); PRAGMA journal_mode=WAL", "wal");
  CHECK_INT("begin", libsql_wal_insert_begin(db), SQLITE_OK);
  CHECK_INT("end", libsql_wal_insert_end(db), SQLITE_OK);
  closeDb(db);
  CHECK_INT("open", sqlite3_open_v2("y.db", &db, SQLITE_OPEN_READONLY, 0),
      SQLITE_OK);
  CHECK_INT("read only", libsql_wal_insert_begin(db), SQLITE_READONLY);
  CHECK_SQL(db, "SELECT * FROM t", "1");
  closeDb(db);
  db = openDb(":memory:");
  CHECK_INT("in memory", libsql_wal_insert_begin(db), SQLITE_ERROR);
  closeDb(db);
  db = openDb("file:y.db?cache=shared");
  CHECK_INT("shared", libsql_wal_insert_begin(db), SQLITE_ERROR);
  CHECK("the message", strstr(sqlite3_errmsg(db), "cache=private")!=0);
  closeDb(db);
  CHECK_INT("nothing", libsql_wal_insert_begin(0), SQLITE_MISUSE);
  CHECK_INT("nothing", libsql_wal_insert_end(0), SQLITE_MISUSE);
  CHECK_INT("nothing", libsql_wal_insert_frame(0, 1, aFrame, 4120, 0),
      SQLITE_MISUSE);
}

/* Statements of the same connection wait for the end. */
static void theConnectionIsLockedMeanwhile(const char *zWal){
  static const char *const azSql[] = {
    "SELECT * FROM t", "INSERT INTO t VALUES(9,9)", "CREATE TABLE u(x)",
    "BEGIN IMMEDIATE", "VACUUM", "PRAGMA integrity_check",
    "PRAGMA user_version=3", "SELECT * FROM sqlite_schema", "REINDEX",
    "PRAGMA page_count", "ANALYZE", "VACUUM INTO 'z.db'"
  };
  Pair p = openPair(zWal, 4096);
  sqlite3 *pMem = openDb(":memory:");
  sqlite3_backup *pBackup;
  unsigned i;
  context("%s: locked", zWal);
  shipAll(p);
  CHECK_SQL(p.pTo, "ATTACH ':memory:' AS m; CREATE TABLE m.x(y)", "");
  CHECK_INT("begin", libsql_wal_insert_begin(p.pTo), SQLITE_OK);
  CHECK_SQL(p.pTo, "PRAGMA journal_mode=DELETE",
     "6 cannot change out of wal mode: frames are being inserted, call"
     " libsql_wal_insert_end() first");
  CHECK_SQL(p.pTo, "PRAGMA journal_mode", "wal");
  CHECK_SQL(p.pTo, "INSERT INTO m.x VALUES(1); SELECT * FROM m.x", "1");
  CHECK_SQL(p.pTo, "BEGIN; INSERT INTO m.x VALUES(2); ROLLBACK;"
                   "SELECT * FROM m.x", "1");
  for(i=0; i<sizeof(azSql)/sizeof(azSql[0]); i++){
    context("%s: locked, %s", zWal, azSql[i]);
    CHECK_INT("SQL", sqlExec(p.pTo, azSql[i]), SQLITE_LOCKED);
  }
  context("%s: locked", zWal);
  CHECK_INT("checkpoint", sqlite3_wal_checkpoint_v2(p.pTo, "main",
      SQLITE_CHECKPOINT_FULL, 0, 0), SQLITE_LOCKED);
  CHECK_INT("cacheflush", sqlite3_db_cacheflush(p.pTo), SQLITE_OK);
  sqlite3_db_release_memory(p.pTo);
  pBackup = sqlite3_backup_init(pMem, "main", p.pTo, "main");
  CHECK_INT("back up", sqlite3_backup_step(pBackup, 5), SQLITE_BUSY);
  CHECK_INT("once more", sqlite3_backup_step(pBackup, 5), SQLITE_BUSY);
  sqlite3_backup_finish(pBackup);
  get(p, 1);
  CHECK_INT("inserting goes on", put(p, 1), SQLITE_OK);
  CHECK_INT("end", libsql_wal_insert_end(p.pTo), SQLITE_OK);
  CHECK_SQL(p.pTo, "SELECT * FROM t; INSERT INTO t VALUES(3,3);"
                   "PRAGMA integrity_check", "1|one ok");
  closeDb(pMem);
  closePair(p);
}

/* A checkpoint of all there is would let the next writer start again: the
** numbers of frames that are inserted do not. */
static void numbersGoOnAfterACheckpoint(const char *zWal){
  Pair p = openPair(zWal, 4096);
  unsigned n, nOld;
  context("%s: numbers", zWal);
  shipAll(p);
  nOld = frameCount(p.pTo);
  CHECK_INT("checkpoint", sqlExec(p.pTo, "PRAGMA wal_checkpoint"), SQLITE_OK);
  sqlExec(p.pFrom, "INSERT INTO t VALUES(2,'two'); CREATE INDEX i ON t(b)");
  n = frameCount(p.pFrom);
  CHECK_INT("ship", ship(p.pFrom, p.pTo, nOld+1, n), SQLITE_OK);
  CHECK_INT("as many", frameCount(p.pTo), n);
  CHECK_SQL(p.pTo, "SELECT b FROM t; PRAGMA integrity_check", "one two ok");
  CHECK_INT("checkpoint", sqlExec(p.pTo, "PRAGMA wal_checkpoint"), SQLITE_OK);
  CHECK_INT("compare", ship(p.pFrom, p.pTo, 1, n), SQLITE_OK);
  CHECK_INT("an ordinary write", sqlExec(p.pTo, "INSERT INTO t VALUES(3,3)"),
      SQLITE_OK);
  CHECK("starts again", frameCount(p.pTo)<n);
  CHECK_SQL(p.pTo, "PRAGMA integrity_check; PRAGMA wal_checkpoint(TRUNCATE)",
      "ok 0|0|0");
  closePair(p);
}

/* A log may hold a page twice in one transaction. */
static void aPageMayComeTwice(const char *zWal){
  Pair p = openPair(zWal, 4096);
  unsigned n, i;
  context("%s: twice", zWal);
  shipAll(p);
  n = frameCount(p.pTo);
  sqlExec(p.pFrom, "INSERT INTO t VALUES(2,'two')");
  CHECK_INT("begin", libsql_wal_insert_begin(p.pTo), SQLITE_OK);
  for(i=1; i<=5; i++){
    get(p, n+1);
    frameSet(aFrame, framePgno(aFrame), 0);
    aFrame[p.nByte-1] = (unsigned char)i;
    CHECK_INT("not the last", put(p, n+i), SQLITE_OK);
    CHECK_INT("it is a frame of its own", frameCount(p.pTo), n+i);
  }
  get(p, n+1);
  CHECK_INT("the last", put(p, n+6), SQLITE_OK);
  CHECK_INT("end", libsql_wal_insert_end(p.pTo), SQLITE_OK);
  for(i=1; i<=5; i++){
    CHECK_INT("read", libsql_wal_get_frame(p.pTo, n+i, aOther, p.nByte),
        SQLITE_OK);
    CHECK_INT("as it came", aOther[p.nByte-1], i);
  }
  CHECK_SQL(p.pTo, "SELECT b FROM t; PRAGMA integrity_check", "one two ok");
  closePair(p);
}

/* What only page 1 tells. */
static void encodingAndVacuumModeComeAlong(const char *zWal){
  static const char *const azMake[] = {
    "PRAGMA encoding='UTF-16le'", "PRAGMA encoding='UTF-16be'",
    "PRAGMA auto_vacuum=FULL", "PRAGMA auto_vacuum=INCREMENTAL"
  };
  unsigned i;
  for(i=0; i<sizeof(azMake)/sizeof(azMake[0]); i++){
    sqlite3 *a, *b;
    char *zAsk = sqlite3_mprintf("%.*s", (int)strcspn(azMake[i], "="),azMake[i]);
    char *z;
    context("%s: %s", zWal, azMake[i]);
    removeDb("from.db");
    removeDb("to.db");
    a = openWith("from.db", "sqlite");
    b = openWith("to.db", zWal);
    CHECK_SQL(b, "PRAGMA user_version; SELECT count(*) FROM sqlite_schema",
        "0 0");
    sqlExec(a, azMake[i]);
    sqlExec(a, "CREATE TABLE t(x); INSERT INTO t VALUES('größer'),(zeroblob(9000))");
    sqlExec(a, "DELETE FROM t WHERE rowid=2");
    CHECK_INT("ship", ship(a, b, 1, frameCount(a)), SQLITE_OK);
    z = sqlText(a, zAsk);
    CHECK_SQL(b, zAsk, z);
    sqlite3_free(z);
    CHECK_SQL(b, "SELECT x FROM t; PRAGMA integrity_check", "größer ok");
    CHECK_SQL(b, "INSERT INTO t VALUES(zeroblob(20000)); DELETE FROM t WHERE"
        " rowid>1; PRAGMA integrity_check", "ok");
    sqlite3_free(zAsk);
    closeDb(b);
    closeDb(a);
  }
}

/* With the index of the log on the heap, too. */
static void exclusiveModeStays(const char *zWal, int bHeap){
  Pair p = openPair(zWal, 4096);
  unsigned n = frameCount(p.pFrom);
  context("%s: exclusive mode, %d", zWal, bHeap);
  if( !bHeap ) CHECK_INT("ship", ship(p.pFrom, p.pTo, 1, n-1), SQLITE_OK);
  CHECK_SQL(p.pTo, "PRAGMA locking_mode=EXCLUSIVE", "exclusive");
  CHECK_INT("ship", ship(p.pFrom, p.pTo, 1, n), SQLITE_OK);
  CHECK_SQL(p.pTo, "SELECT * FROM t; INSERT INTO t VALUES(2,2);"
                   "PRAGMA locking_mode; PRAGMA integrity_check",
                   "1|one exclusive ok");
  CHECK_INT("begin", libsql_wal_insert_begin(p.pTo), SQLITE_OK);
  get(p, n);
  frameSet(aFrame, framePgno(aFrame), 0);
  CHECK_INT("insert", put(p, n+2), SQLITE_OK);
  closeDb(p.pTo);
  p.pTo = openWith("to.db", zWal);
  CHECK_SQL(p.pTo, "SELECT a FROM t; PRAGMA integrity_check", "1 2 ok");
  closePair(p);
}

/* An SQL function calls from inside of a statement. */
static void onCall(sqlite3_context *pCtx, int nArg, sqlite3_value **apArg){
  sqlite3 *db = sqlite3_context_db_handle(pCtx);
  (void)nArg;
  sqlite3_result_int(pCtx, sqlite3_value_int(apArg[0])
      ? libsql_wal_insert_end(db) : libsql_wal_insert_begin(db));
}
static void aStatementNeitherBeginsNorEnds(const char *zWal){
  Pair p = openPair(zWal, 4096);
  context("%s: from a function", zWal);
  shipAll(p);
  sqlite3_create_function(p.pTo, "f", 1, SQLITE_UTF8, 0, onCall, 0, 0);
  CHECK_SQL(p.pTo, "CREATE TEMP TABLE x(y); INSERT INTO x SELECT f(0);"
                   "SELECT y FROM x", "1");
  CHECK_INT("begin", libsql_wal_insert_begin(p.pTo), SQLITE_OK);
  CHECK_SQL(p.pTo, "INSERT INTO x SELECT f(1); SELECT y FROM x", "1 1");
  CHECK_INT("end", libsql_wal_insert_end(p.pTo), SQLITE_OK);
  closePair(p);
}

/* Frames come out of buffers of any kind. */
static void aFrameMayLieAnywhere(const char *zWal){
  Pair p = openPair(zWal, 4096);
  unsigned i, n = frameCount(p.pFrom);
  context("%s: alignment", zWal);
  CHECK_INT("begin", libsql_wal_insert_begin(p.pTo), SQLITE_OK);
  for(i=1; i<=n; i++){
    unsigned char *z = &aFrame[i%7];
    CHECK_INT("get", libsql_wal_get_frame(p.pFrom, i, z, p.nByte), SQLITE_OK);
    CHECK_INT("insert", libsql_wal_insert_frame(p.pTo, i, z, p.nByte, 0),
        SQLITE_OK);
  }
  CHECK_INT("end", libsql_wal_insert_end(p.pTo), SQLITE_OK);
  CHECK_SQL(p.pTo, "SELECT * FROM t; PRAGMA integrity_check", "1|one ok");
  closePair(p);
}

/* The busy handler is asked, and nobody is kept waiting by that.  It may even
** use the connection. */
typedef struct Wait Wait;
struct Wait {
  sqlite3 *pOther;
  sqlite3_stmt *pStmt;     /* To be stepped, or NULL */
  int nCall;
};
static int onBusy(void *pArg, int nTry){
  Wait *p = (Wait*)pArg;
  p->nCall++;
  if( p->pStmt ) CHECK_INT("step", sqlite3_step(p->pStmt), SQLITE_ROW);
  p->pStmt = 0;
  if( nTry==2 ) sqlExec(p->pOther, "INSERT INTO t VALUES(5,5); COMMIT");
  return nTry<5;
}
static void theBusyHandlerIsAsked(const char *zWal){
  Pair p = openPair(zWal, 4096);
  sqlite3_stmt *pStmt = 0;
  Wait w;
  context("%s: busy", zWal);
  shipAll(p);
  w.pOther = openWith("to.db", zWal);
  w.nCall = 0;
  w.pStmt = 0;
  sqlite3_busy_handler(p.pTo, onBusy, &w);
  CHECK_SQL(w.pOther, "BEGIN IMMEDIATE", "");
  CHECK_INT("begin", libsql_wal_insert_begin(p.pTo), SQLITE_OK);
  CHECK_INT("calls", w.nCall, 3);
  CHECK_INT("end", libsql_wal_insert_end(p.pTo), SQLITE_OK);
  CHECK_SQL(p.pTo, "SELECT a FROM t", "1 5");

  sqlite3_prepare_v2(p.pTo, "SELECT a FROM t", -1, &pStmt, 0);
  w.pStmt = pStmt;
  CHECK_SQL(w.pOther, "BEGIN IMMEDIATE", "");
  CHECK_INT("begin", libsql_wal_insert_begin(p.pTo), SQLITE_BUSY);
  sqlite3_finalize(pStmt);
  CHECK_SQL(p.pTo, "SELECT a FROM t; PRAGMA integrity_check", "1 5 ok");
  closeDb(w.pOther);
  closePair(p);
}

int main(void){
  static const int aSize[] = {
    512, 1024, 2048, 4096, 8192, 16384, 32768, 65536
  };
  Managers m;
  unsigned i;
  int j;
  CHECK_INT("managers", registerManagers(&m), SQLITE_OK);
  for(j=0; j<nManager; j++){
    const char *zWal = azManager[j];
    for(i=0; i<sizeof(aSize)/sizeof(aSize[0]); i++){
      theCopyHasTheSameFrames(zWal, aSize[i]);
    }
    newDataIsSeenAtOnce(zWal);
    aSchemaWithTheSameCookieIsReplaced(zWal);
    anUncommittedTailIsRolledBack(zWal);
    whatDoesNotFitIsRefused(zWal);
    aConflictIsTold(zWal);
    beginIsRefused(zWal);
    theConnectionIsLockedMeanwhile(zWal);
    numbersGoOnAfterACheckpoint(zWal);
    aPageMayComeTwice(zWal);
    encodingAndVacuumModeComeAlong(zWal);
    exclusiveModeStays(zWal, 0);
    exclusiveModeStays(zWal, 1);
    aStatementNeitherBeginsNorEnds(zWal);
    aFrameMayLieAnywhere(zWal);
    theBusyHandlerIsAsked(zWal);
  }
  beginIsRefusedWithoutALog();
  return finishManagers(&m);
}
