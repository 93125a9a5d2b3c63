/*
** How many frames the log has, and what is in them, for every WAL and every
** page size.
*/
#include "frames.h"
#include "managers.h"
#include <sys/wait.h>
#include <unistd.h>

static unsigned char aFrame[FRAME_MAX];
static const char *zProgram;    /* This program */

static sqlite3 *openWal(const char *zWal){
  char zUri[100];
  sqlite3_snprintf(sizeof(zUri), zUri, "file:x.db?wal=%s", zWal);
  return openDb(zUri);
}

static sqlite3 *openNew(const char *zWal, int szPage){
  sqlite3 *db;
  removeDb("x.db");
  db = openWal(zWal);
  sqlExec(db, "PRAGMA page_size=%d; PRAGMA wal_autocheckpoint=0;"
              "CREATE TABLE t(a INTEGER PRIMARY KEY, b)", szPage);
  return db;
}

/* Each insert is a commit of one frame, as long as the rows are small. */
static void theCountIsTheCurrentOne(const char *zWal, int szPage){
  sqlite3 *a = openNew(zWal, szPage);
  sqlite3 *b;
  unsigned n;
  context("%s, %d: count", zWal, szPage);
  n = frameCount(a);
  CHECK("there are frames", n>0);

  b = openWal(zWal);
  CHECK_INT("a fresh connection", frameCount(b), n);
  CHECK_INT("write", sqlExec(a, "INSERT INTO t VALUES(1,'x')"), SQLITE_OK);
  CHECK_INT("the writer", frameCount(a), n+1);
  CHECK_INT("one that was overtaken", frameCount(b), n+1);

  CHECK_SQL(b, "BEGIN; SELECT count(*) FROM t", "1");
  CHECK_INT("write", sqlExec(a, "INSERT INTO t VALUES(2,'x')"), SQLITE_OK);
  CHECK_INT("one that is reading", frameCount(b), n+2);
  CHECK_SQL(b, "SELECT count(*) FROM t; COMMIT", "1");

  CHECK_SQL(a, "BEGIN IMMEDIATE; INSERT INTO t VALUES(3,'x')", "");
  CHECK_INT("inside the write transaction", frameCount(a), n+2);
  CHECK_INT("while another one writes", frameCount(b), n+2);
  CHECK_INT("rollback", sqlExec(a, "ROLLBACK"), SQLITE_OK);
  CHECK_INT("afterwards", frameCount(b), n+2);
  CHECK_SQL(b, "SELECT count(*) FROM t", "2");
  closeDb(b);
  closeDb(a);
}

/* With a cache that is too small for the transaction. */
static void spilledFramesAreTheWriters(const char *zWal, int szPage){
  sqlite3 *a = openNew(zWal, szPage);
  sqlite3 *b = openWal(zWal);
  unsigned n = frameCount(a);
  context("%s, %d: spill", zWal, szPage);
  CHECK_INT("write", sqlExec(a,
    "PRAGMA cache_size=10; BEGIN; WITH n(i) AS (SELECT 1 UNION ALL SELECT i+1"
    " FROM n WHERE i<60) INSERT INTO t SELECT i, zeroblob(%d) FROM n", szPage),
    SQLITE_OK);
  CHECK("spilled frames count", frameCount(a)>n);
  CHECK_INT("not for others", frameCount(b), n);
  CHECK_INT("spilled frames can be read",
    libsql_wal_get_frame(a, frameCount(a), aFrame, FRAME_HDR+szPage), SQLITE_OK);
  CHECK_INT("not by others",
    libsql_wal_get_frame(b, n+1, aFrame, FRAME_HDR+szPage),
    SQLITE_IOERR_SHORT_READ);
  CHECK_INT("rollback", sqlExec(a, "ROLLBACK"), SQLITE_OK);
  CHECK_INT("they are gone", frameCount(a), n);
  closeDb(b);
  closeDb(a);
}

/* The newest frame of each page is the page. */
static void framesHoldThePages(const char *zWal, int szPage){
  sqlite3 *a = openNew(zWal, szPage);
  sqlite3 *b = openWal(zWal);
  sqlite3_stmt *pStmt = 0;
  unsigned i, n, nLast = 0;
  int nByte = FRAME_HDR+szPage;
  context("%s, %d: content", zWal, szPage);
  sqlExec(a, "INSERT INTO t VALUES(1,'a needle in the log')");
  n = frameCount(b);
  for(i=1; i<=n; i++){
    CHECK_INT("get", libsql_wal_get_frame(b, i, aFrame, nByte), SQLITE_OK);
    CHECK("page number", framePgno(aFrame)>=1 && framePgno(aFrame)<=2);
    nLast = frameCommit(aFrame);
  }
  CHECK_INT("the last one ends a transaction of two pages", nLast, 2);
  CHECK_INT("it has what was written",
      memcmp(&aFrame[nByte-19], "a needle in the log", 19), 0);

  CHECK_INT("frame 0", libsql_wal_get_frame(b, 0, aFrame, nByte),
      SQLITE_IOERR_SHORT_READ);
  CHECK_INT("behind the last", libsql_wal_get_frame(b, n+1, aFrame, nByte),
      SQLITE_IOERR_SHORT_READ);
  CHECK("the message has the numbers",
      strstr(sqlite3_errmsg(b), "frame")!=0 && sqlite3_errcode(b)!=SQLITE_OK);
  CHECK_INT("far behind", libsql_wal_get_frame(b, 0xffffffff, aFrame, nByte),
      SQLITE_IOERR_SHORT_READ);
  CHECK_INT("too short", libsql_wal_get_frame(b, 1, aFrame, nByte-1),
      SQLITE_MISUSE);
  CHECK_INT("too long", libsql_wal_get_frame(b, 1, aFrame, nByte+1),
      SQLITE_MISUSE);
  CHECK_INT("no length", libsql_wal_get_frame(b, 1, aFrame, 0), SQLITE_MISUSE);
  CHECK_INT("all bits", libsql_wal_get_frame(b, 1, aFrame, 0xffffffff),
      SQLITE_MISUSE);

  /* Within a statement, and within a transaction that began earlier. */
  CHECK_INT("prepare", sqlite3_prepare_v2(b, "SELECT * FROM t", -1, &pStmt, 0),
      SQLITE_OK);
  CHECK_INT("step", sqlite3_step(pStmt), SQLITE_ROW);
  sqlExec(a, "INSERT INTO t VALUES(2,'x')");
  CHECK_INT("get", libsql_wal_get_frame(b, n+1, aFrame, nByte), SQLITE_OK);
  CHECK_INT("done", sqlite3_step(pStmt), SQLITE_DONE);
  sqlite3_finalize(pStmt);
  closeDb(b);
  closeDb(a);
}

/* A log that has started again has fewer frames, whatever is behind them. */
static void anEarlierLogIsNotRead(const char *zWal, int szPage){
  sqlite3 *a = openNew(zWal, szPage);
  sqlite3 *b = openWal(zWal);
  int nByte = FRAME_HDR+szPage;
  unsigned n;
  context("%s, %d: earlier log", zWal, szPage);
  CHECK_SQL(b, "SELECT count(*) FROM t", "0");
  sqlExec(a, "INSERT INTO t VALUES(1,'old')");
  sqlExec(a, "INSERT INTO t VALUES(2,'old')");
  n = frameCount(a);
  CHECK("checkpoint", sqlExec(a, "PRAGMA wal_checkpoint")==SQLITE_OK);
  CHECK_INT("the log is what it was", frameCount(b), n);
  CHECK_INT("and can be read", libsql_wal_get_frame(b, n, aFrame, nByte),
      SQLITE_OK);
  /* Some logs wait for whoever reads the database file alone. */
  if( strcmp(zWal, "heap")!=0 ){
    CHECK_SQL(b, "BEGIN; SELECT count(*) FROM t", "2");
  }
  sqlExec(a, "INSERT INTO t VALUES(3,'new')");
  CHECK_INT("it starts again", frameCount(a), 1);
  CHECK_INT("others see that", frameCount(b), 1);
  CHECK_INT("the rest is gone", libsql_wal_get_frame(b, 2, aFrame, nByte),
      SQLITE_IOERR_SHORT_READ);
  CHECK_INT("frame 1", libsql_wal_get_frame(b, 1, aFrame, nByte), SQLITE_OK);
  CHECK("is the new one", memmem(aFrame, nByte, "new", 3)!=0);
  sqlExec(b, "COMMIT");
  CHECK_SQL(b, "PRAGMA wal_checkpoint(TRUNCATE)", "0|0|0");
  CHECK_INT("nothing after a truncation", frameCount(a), 0);
  CHECK_INT("nothing to read", libsql_wal_get_frame(a, 1, aFrame, nByte),
      SQLITE_IOERR_SHORT_READ);
  closeDb(b);
  closeDb(a);
}

/* What another process appends is counted and read. */
static void anotherProcessIsSeen(void){
  sqlite3 *a = openNew("sqlite", 4096);
  unsigned n = frameCount(a);
  int iStatus = -1;
  pid_t pid;
  context("another process");
  fflush(stdout);
  pid = fork();
  if( pid==0 ){
    /* Nothing of the parent's connection is touched. */
    execl(zProgram, zProgram, "child", (char*)0);
    _exit(3);
  }
  waitpid(pid, &iStatus, 0);
  CHECK_INT("the child", iStatus, 0);
  CHECK_INT("its frame counts", frameCount(a), n+1);
  CHECK_INT("it can be read", libsql_wal_get_frame(a, n+1, aFrame, 4120),
      SQLITE_OK);
  CHECK_SQL(a, "SELECT b FROM t", "child");
  closeDb(a);
}
static int child(void){
  sqlite3 *db = openWal("sqlite");
  int rc = sqlExec(db, "INSERT INTO t VALUES(1,'child')");
  sqlite3_close(db);
  return rc;
}

static void withoutALog(void){
  sqlite3 *a, *b;
  unsigned n = 99;
  context("without a log");
  removeDb("y.db");
  a = openDb("y.db");
  CHECK_INT("an empty file", frameCount(a), 0);
  CHECK_SQL(a, "CREATE TABLE t(x)", "");
  CHECK_INT("a rollback journal", frameCount(a), 0);
  CHECK_INT("no frame", libsql_wal_get_frame(a, 1, aFrame, 4120), SQLITE_ERROR);
  CHECK("a message", strstr(sqlite3_errmsg(a), "not in WAL mode")!=0);
  b = openDb("y.db");
  CHECK_SQL(a, "BEGIN EXCLUSIVE; INSERT INTO t VALUES(1)", "");
  CHECK_INT("while somebody writes", frameCount(b), 0);
  CHECK_SQL(a, "COMMIT", "");
  closeDb(b);
  closeDb(a);

  a = openDb(":memory:");
  CHECK_INT("in memory", frameCount(a), 0);
  CHECK_INT("no frame", libsql_wal_get_frame(a, 1, aFrame, 4120), SQLITE_ERROR);
  CHECK_INT("no pointer", libsql_wal_frame_count(a, 0), SQLITE_MISUSE);
  CHECK_INT("no buffer", libsql_wal_get_frame(a, 1, 0, 4120), SQLITE_MISUSE);
  CHECK_INT("no connection", libsql_wal_frame_count(0, &n), SQLITE_MISUSE);
  CHECK_INT("no connection", libsql_wal_get_frame(0, 1, aFrame, 4120),
      SQLITE_MISUSE);
  CHECK_INT("the output is as it was", n, 99);
  closeDb(a);
}

/* Two statements run on another database: asking for frames of main must not
** leave a transaction behind. */
static void askingLeavesNoTransaction(void){
  sqlite3 *a = openNew("sqlite", 4096);
  sqlite3 *b = openWal("sqlite");
  sqlite3_stmt *p1 = 0, *p2 = 0;
  context("no transaction");
  sqlExec(a, "INSERT INTO t VALUES(1,1),(2,2)");
  CHECK_SQL(b, "ATTACH ':memory:' AS m; CREATE TABLE m.x(y);"
               "INSERT INTO m.x VALUES(1),(2),(3)", "");
  sqlite3_prepare_v2(b, "SELECT y FROM m.x", -1, &p1, 0);
  sqlite3_prepare_v2(b, "SELECT y FROM m.x", -1, &p2, 0);
  CHECK_INT("step", sqlite3_step(p1), SQLITE_ROW);
  CHECK_INT("step", sqlite3_step(p2), SQLITE_ROW);
  CHECK("frames", frameCount(b)>0);
  CHECK_INT("get", libsql_wal_get_frame(b, 1, aFrame, 4120), SQLITE_OK);
  CHECK_INT("no transaction", sqlite3_txn_state(b, "main"), SQLITE_TXN_NONE);
  CHECK_SQL(a, "PRAGMA wal_checkpoint(TRUNCATE)", "0|0|0");
  CHECK_INT("step", sqlite3_step(p1), SQLITE_ROW);
  sqlite3_finalize(p1);
  sqlite3_finalize(p2);
  closeDb(b);
  closeDb(a);
}

/* What another connection has in a cache that both share is not ours. */
static void aSharedCacheHidesTheFramesOfOthers(void){
  sqlite3 *a, *b;
  unsigned n;
  context("shared cache");
  removeDb("x.db");
  a = openDb("file:x.db?wal=sqlite&cache=shared");
  b = openDb("file:x.db?wal=sqlite&cache=shared");
  sqlExec(a, "PRAGMA cache_size=5; CREATE TABLE t(a)");
  n = frameCount(b);
  CHECK_INT("write", sqlExec(a, "BEGIN; WITH n(i) AS (SELECT 1 UNION ALL"
      " SELECT i+1 FROM n WHERE i<90) INSERT INTO t SELECT zeroblob(4000)"
      " FROM n"), SQLITE_OK);
  CHECK("the writer's", frameCount(a)>n);
  CHECK_INT("are not the other's", frameCount(b), n);
  CHECK_INT("nor to be read", libsql_wal_get_frame(b, n+1, aFrame, 4120),
      SQLITE_IOERR_SHORT_READ);
  sqlExec(a, "ROLLBACK");
  CHECK_INT("afterwards", frameCount(b), n);
  closeDb(b);
  closeDb(a);
}

/* The stock WAL, but for the methods that need not be there. */
static int muteOpen(wal_manager_impl *p, sqlite3_vfs *pVfs, sqlite3_file *pFile,
                    int noShm, sqlite3_int64 mxSize, const char *zDb,
                    libsql_wal *pOut){
  int rc = sqlite3_wal_manager.xOpen(p, pVfs, pFile, noShm, mxSize, zDb, pOut);
  pOut->methods.xFrameCount = 0;
  pOut->methods.xReadFrameRaw = 0;
  return rc;
}
static void aLogNeedNotGiveOutFrames(void){
  static const char zWhy[] = "the WAL of this database does not give out its"
                             " frames";
  libsql_wal_manager m = sqlite3_wal_manager;
  sqlite3 *db;
  unsigned n = 99;
  context("mute");
  m.xOpen = muteOpen;
  CHECK_INT("register", seawall_wal_register("mute", &m, 0), SQLITE_OK);
  db = openNew("mute", 4096);
  CHECK_INT("count", libsql_wal_frame_count(db, &n), SQLITE_ERROR);
  CHECK_TEXT("why", sqlite3_errmsg(db), zWhy);
  CHECK_INT("the output is as it was", n, 99);
  CHECK_INT("get", libsql_wal_get_frame(db, 1, aFrame, 4120), SQLITE_ERROR);
  CHECK_TEXT("why", sqlite3_errmsg(db), zWhy);
  CHECK_INT("begin", libsql_wal_insert_begin(db), SQLITE_OK);
  frameSet(aFrame, 2, 2);
  CHECK_INT("insert", libsql_wal_insert_frame(db, 1, aFrame, 4120, 0),
      SQLITE_ERROR);
  CHECK_INT("end", libsql_wal_insert_end(db), SQLITE_OK);
  CHECK_SQL(db, "INSERT INTO t VALUES(1,2); SELECT a FROM t;"
                "PRAGMA integrity_check", "1 ok");
  closeDb(db);
}

/* Another connection keeps everybody out. */
static void anExclusiveLockIsRespected(void){
  sqlite3 *a = openNew("sqlite", 4096);
  sqlite3 *b;
  unsigned n = 99;
  context("exclusive");
  CHECK_SQL(a, "PRAGMA locking_mode=EXCLUSIVE; INSERT INTO t VALUES(1,2)",
      "exclusive");
  CHECK("its owner counts", frameCount(a)>0);
  b = openWal("sqlite");
  CHECK_INT("others wait", libsql_wal_frame_count(b, &n), SQLITE_BUSY);
  CHECK_INT("the output is as it was", n, 99);
  closeDb(b);
  closeDb(a);
}

int main(int argc, char **argv){
  static const int aSize[] = { 512, 1024, 4096, 65536 };
  Managers m;
  unsigned i;
  int j;
  if( argc==2 && strcmp(argv[1], "child")==0 ) return child();
  zProgram = argv[0];
  CHECK_INT("managers", registerManagers(&m), SQLITE_OK);
  for(j=0; j<nManager; j++){
    for(i=0; i<sizeof(aSize)/sizeof(aSize[0]); i++){
      theCountIsTheCurrentOne(azManager[j], aSize[i]);
      spilledFramesAreTheWriters(azManager[j], aSize[i]);
      framesHoldThePages(azManager[j], aSize[i]);
      anEarlierLogIsNotRead(azManager[j], aSize[i]);
    }
  }
  anotherProcessIsSeen();
  withoutALog();
  askingLeavesNoTransaction();
  aSharedCacheHidesTheFramesOfOthers();
  aLogNeedNotGiveOutFrames();
  anExclusiveLockIsRespected();
  return finishManagers(&m);
}
