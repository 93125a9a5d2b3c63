/*
** libsql_stmt_interrupt(): what it stops, when, and what it leaves alone.
**
** Interrupts come from a second thread.  The progress handler, or an SQL
** function, asks that thread for one and waits until it was sent, so that
** every test knows where the statement was.
*/
#include "check.h"
#include <pthread.h>

/* The thread that interrupts, and what it is asked to do. */
static struct {
  pthread_t thread;
  pthread_mutex_t mutex;
  pthread_cond_t cond;
  sqlite3_stmt *pTarget;   /* To be interrupted, NULL when that was done */
  sqlite3 *db;             /* Its connection */
  int isInterrupted;       /* What sqlite3_is_interrupted() said then */
  int bStop;
} other = { .mutex = PTHREAD_MUTEX_INITIALIZER,
            .cond = PTHREAD_COND_INITIALIZER };

static void *otherMain(void *pArg){
  (void)pArg;
  pthread_mutex_lock(&other.mutex);
  while( !other.bStop ){
    if( other.pTarget ){
      libsql_stmt_interrupt(other.pTarget);
      other.isInterrupted = sqlite3_is_interrupted(other.db);
      other.pTarget = 0;
      pthread_cond_broadcast(&other.cond);
    }else{
      pthread_cond_wait(&other.cond, &other.mutex);
    }
  }
  pthread_mutex_unlock(&other.mutex);
  return 0;
}

/* Have the other thread interrupt a statement; return when it did. */
static void interruptFromOther(sqlite3_stmt *pStmt){
  pthread_mutex_lock(&other.mutex);
  other.pTarget = pStmt;
  other.db = sqlite3_db_handle(pStmt);
  pthread_cond_broadcast(&other.cond);
  while( other.pTarget ) pthread_cond_wait(&other.cond, &other.mutex);
  pthread_mutex_unlock(&other.mutex);
}

/* What the progress handler is to do. */
static struct {
  sqlite3_stmt *pTarget;   /* Interrupt this one, */
  int nBefore;             /* after so many calls. */
  int nAfter;              /* Calls since then */
} plan;

static int onProgress(void *pArg){
  (void)pArg;
  if( plan.nBefore>0 ){
    if( --plan.nBefore==0 ) interruptFromOther(plan.pTarget);
  }else{
    plan.nAfter++;
  }
  return 0;
}

/* Step pStmt to its end, while the nBefore-th call of the progress handler
** interrupts pTarget. */
static int runInterrupting(
  sqlite3_stmt *pStmt,
  sqlite3_stmt *pTarget,
  int nBefore
){
  int rc;
  plan.pTarget = pTarget;
  plan.nBefore = nBefore;
  plan.nAfter = 0;
  sqlite3_progress_handler(sqlite3_db_handle(pStmt), 1, onProgress, 0);
  do{ rc = sqlite3_step(pStmt); }while( rc==SQLITE_ROW );
  sqlite3_progress_handler(sqlite3_db_handle(pStmt), 0, 0, 0);
  CHECK("the interrupt was sent", plan.nBefore==0);
  return rc;
}

/*
** nested(SQL): run a statement on the same connection, return its result
** code.  interrupted(): sqlite3_is_interrupted().
*/
static int nestedRc;
static void nestedFunc(sqlite3_context *pCtx, int nArg, sqlite3_value **apArg){
  sqlite3 *db = sqlite3_context_db_handle(pCtx);
  (void)nArg;
  nestedRc = sqlExec(db, "%s", (const char*)sqlite3_value_text(apArg[0]));
  sqlite3_result_int(pCtx, nestedRc);
}
static void interruptedFunc(sqlite3_context *pCtx, int nArg,
                            sqlite3_value **apArg){
  (void)nArg; (void)apArg;
  sqlite3_result_int(pCtx,
                     sqlite3_is_interrupted(sqlite3_context_db_handle(pCtx)));
}
/* interrupt_self(): the statement that runs now.  Gives what
** sqlite3_is_interrupted() says after that. */
static sqlite3_stmt *pSelf;
static void selfFunc(sqlite3_context *pCtx, int nArg, sqlite3_value **apArg){
  interruptFromOther(pSelf);
  interruptedFunc(pCtx, nArg, apArg);
  nestedRc = sqlite3_is_interrupted(sqlite3_context_db_handle(pCtx));
}

/*
** The eponymous virtual table "poll" has no rows.  Its xFilter interrupts
** pSelf and asks sqlite3_is_interrupted() until it is true.
*/
static int nPoll;
static int pollConnect(sqlite3 *db, void *pAux, int argc,
                       const char *const *argv, sqlite3_vtab **ppVtab,
                       char **pzErr){
  int rc = sqlite3_declare_vtab(db, "CREATE TABLE x(a)");
  (void)pAux; (void)argc; (void)argv; (void)pzErr;
  *ppVtab = sqlite3_malloc(sizeof(**ppVtab));
  memset(*ppVtab, 0, sizeof(**ppVtab));
  return rc;
}
static int pollDisconnect(sqlite3_vtab *pVtab){
  sqlite3_free(pVtab);
  return SQLITE_OK;
}
static int pollBestIndex(sqlite3_vtab *pVtab, sqlite3_index_info *pInfo){
  (void)pVtab; (void)pInfo;
  return SQLITE_OK;
}
static int pollOpen(sqlite3_vtab *pVtab, sqlite3_vtab_cursor **ppCur){
  (void)pVtab;
  *ppCur = sqlite3_malloc(sizeof(**ppCur));
  memset(*ppCur, 0, sizeof(**ppCur));
  return SQLITE_OK;
}
static int pollClose(sqlite3_vtab_cursor *pCur){
  sqlite3_free(pCur);
  return SQLITE_OK;
}
static int pollFilter(sqlite3_vtab_cursor *pCur, int idxNum,
                      const char *idxStr, int argc, sqlite3_value **argv){
  (void)pCur; (void)idxNum; (void)idxStr; (void)argc; (void)argv;
  for(nPoll=0; nPoll<1000; nPoll++){
    if( sqlite3_is_interrupted(sqlite3_db_handle(pSelf)) ){
      return SQLITE_INTERRUPT;
    }
    if( nPoll==10 ) interruptFromOther(pSelf);
  }
  return SQLITE_OK;
}
static int pollEof(sqlite3_vtab_cursor *pCur){ (void)pCur; return 1; }
static int pollNext(sqlite3_vtab_cursor *pCur){ (void)pCur; return SQLITE_OK; }
static int pollColumn(sqlite3_vtab_cursor *pCur, sqlite3_context *pCtx, int i){
  (void)pCur; (void)pCtx; (void)i;
  return SQLITE_OK;
}
static int pollRowid(sqlite3_vtab_cursor *pCur, sqlite3_int64 *pRowid){
  (void)pCur;
  *pRowid = 0;
  return SQLITE_OK;
}
static const sqlite3_module pollModule = {
  .xConnect = pollConnect, .xBestIndex = pollBestIndex,
  .xDisconnect = pollDisconnect, .xOpen = pollOpen, .xClose = pollClose,
  .xFilter = pollFilter, .xNext = pollNext, .xEof = pollEof,
  .xColumn = pollColumn, .xRowid = pollRowid,
};

/* t: 1 to 1000.  big: 3000 rows of 500 bytes.  f: 1000 documents. */
static sqlite3 *makeDb(const char *zName){
  sqlite3 *db;
  removeDb(zName);
  db = openDb(zName);
  sqlExec(db, "PRAGMA journal_mode=WAL;"
    "CREATE TABLE t(i INTEGER PRIMARY KEY);"
    "WITH n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<1000)"
    " INSERT INTO t SELECT i FROM n;"
    "CREATE TABLE big(a);"
    "INSERT INTO big SELECT zeroblob(500) FROM t, (SELECT * FROM t LIMIT 3);"
    "CREATE VIRTUAL TABLE f USING fts5(a);"
    "INSERT INTO f SELECT 'one two ' || i FROM t;"
    "CREATE TABLE log(n);"
    "CREATE TABLE fire(a);"
    "CREATE TRIGGER tr AFTER INSERT ON fire BEGIN"
    " INSERT INTO log SELECT count(*) FROM t x, t y WHERE x.i+y.i>NEW.a; END;");
  sqlite3_create_function(db, "nested", 1, SQLITE_UTF8, 0, nestedFunc, 0, 0);
  sqlite3_create_function(db, "interrupted", -1, SQLITE_UTF8, 0,
                          interruptedFunc, 0, 0);
  sqlite3_create_function(db, "interrupt_self", 0, SQLITE_UTF8, 0,
                          selfFunc, 0, 0);
  sqlite3_create_module(db, "poll", &pollModule, 0);
  return db;
}

/* The statement was interrupted; after the reset it is as it was. */
static void checkInterrupted(sqlite3_stmt *pStmt, int rc){
  CHECK_INT("the step is interrupted", rc, SQLITE_INTERRUPT);
  CHECK_TEXT("and says so", sqlite3_errmsg(sqlite3_db_handle(pStmt)),
             "interrupted");
  CHECK_INT("the reset repeats it", sqlite3_reset(pStmt), SQLITE_INTERRUPT);
  CHECK_INT("nothing is pending",
            sqlite3_is_interrupted(sqlite3_db_handle(pStmt)), 0);
  rc = sqlite3_step(pStmt);
  CHECK("it works again", rc==SQLITE_ROW || rc==SQLITE_DONE);
  CHECK_INT("to its end", sqlite3_reset(pStmt), SQLITE_OK);
}

/* One statement that works for long is interrupted at its nBefore-th sign of
** life, and gives no more of them than one turn of a loop does. */
#define N_AFTER_MAX 25
static void testLong(sqlite3 *db, const char *zSql, int nBefore){
  sqlite3_stmt *pStmt = sqlPrepare(db, zSql);
  int rc;
  context("%s", zSql);
  rc = runInterrupting(pStmt, pStmt, nBefore);
  CHECK("at its earliest opportunity", plan.nAfter<=N_AFTER_MAX);
  CHECK_INT("other threads do not see it", other.isInterrupted, 0);
  checkInterrupted(pStmt, rc);
  sqlite3_finalize(pStmt);
  context("");
}

static void testLongOnes(void){
  sqlite3 *db = makeDb("long.db");
  testLong(db, "SELECT count(*) FROM t a, t b WHERE a.i+b.i>5", 300);
  testLong(db, "INSERT INTO fire VALUES(7)", 300);
  testLong(db, "SELECT a.i FROM t a, t b WHERE a.i<100 ORDER BY a.i*b.i%91",
           300);
  testLong(db, "PRAGMA integrity_check", 200);
  testLong(db, "PRAGMA quick_check", 200);
  testLong(db, "SELECT count(*) FROM f WHERE f MATCH 'two'", 300);
  testLong(db, "WITH n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n"
               " WHERE i<100000) SELECT count(*) FROM n", 300);
  testLong(db, "SELECT nested('SELECT sum(a.i*b.i) FROM t a, t b')", 300);
  CHECK_INT("the inner statement was interrupted, then completed", nestedRc, 0);
  testLong(db, "INSERT INTO f(f) VALUES('rebuild')", 2000);
  testLong(db, "CREATE INDEX IF NOT EXISTS bi ON big(a)", 300);
  CHECK_SQL(db, "SELECT count(*) FROM log", "1");
  closeDb(db);
}

/* Interrupts below the statement that they are for. */
static void testBelow(void){
  sqlite3 *db = makeDb("below.db");
  sqlite3_stmt *pStmt;

  pStmt = sqlPrepare(db, "SELECT nested('SELECT sum(a.i*b.i) FROM t a, t b')");
  CHECK_INT("the outer statement", runInterrupting(pStmt, pStmt, 300),
            SQLITE_INTERRUPT);
  CHECK_INT("and the inner one", nestedRc, SQLITE_INTERRUPT);
  sqlite3_finalize(pStmt);

  /* The second row: what the first one left must not hide that it runs. */
  pStmt = sqlPrepare(db, "SELECT i, CASE WHEN i=2 THEN"
                  " nested('SELECT sum(a.i*b.i) FROM t a, t b') END FROM t");
  CHECK_INT("a first row", sqlite3_step(pStmt), SQLITE_ROW);
  CHECK_INT("the outer statement", runInterrupting(pStmt, pStmt, 300),
            SQLITE_INTERRUPT);
  CHECK_INT("and the inner one", nestedRc, SQLITE_INTERRUPT);
  sqlite3_finalize(pStmt);

  pStmt = sqlPrepare(db, "SELECT nested('PRAGMA wal_checkpoint(PASSIVE)'),"
                      " interrupt_self(),"
                      " nested('SELECT 1')");
  pSelf = pStmt;
  CHECK_INT("even preparing", sqlite3_step(pStmt), SQLITE_ROW);
  CHECK_INT("ends below", nestedRc, SQLITE_INTERRUPT);
  CHECK_INT("where it is visible", sqlite3_column_int(pStmt, 1), 1);
  CHECK_INT("and ends the next step", sqlite3_step(pStmt), SQLITE_INTERRUPT);
  sqlite3_finalize(pStmt);

  pStmt = pSelf = sqlPrepare(db, "SELECT a FROM poll");
  CHECK_INT("a virtual table that asks", sqlite3_step(pStmt), SQLITE_INTERRUPT);
  CHECK_INT("stops as soon as it asks", nPoll, 11);
  sqlite3_finalize(pStmt);
  closeDb(db);
}

/* An authorizer that interrupts pSelf, which is being prepared again. */
static int authInterrupt(void *pArg, int op, const char *z1, const char *z2,
                         const char *z3, const char *z4){
  (void)pArg; (void)op; (void)z1; (void)z2; (void)z3; (void)z4;
  if( pSelf ){
    libsql_stmt_interrupt(pSelf);
    CHECK_INT("it does not run now",
              sqlite3_is_interrupted(sqlite3_db_handle(pSelf)), 0);
  }
  return SQLITE_OK;
}

/* Interrupts of a statement that is not executing. */
static void testIdle(void){
  sqlite3 *db = makeDb("idle.db"), *db2;
  int rc;
  sqlite3_stmt *pStmt = sqlPrepare(db, "SELECT i FROM t LIMIT 3");
  sqlite3_stmt *pExplain = sqlPrepare(db, "EXPLAIN SELECT i FROM t");

  libsql_stmt_interrupt(0);

  context("before the start");
  libsql_stmt_interrupt(pStmt);
  CHECK_INT("nothing is seen of it", sqlite3_is_interrupted(db), 0);
  CHECK_INT("a checkpoint", sqlite3_wal_checkpoint_v2(db, 0,
            SQLITE_CHECKPOINT_PASSIVE, 0, 0), SQLITE_OK);
  checkInterrupted(pStmt, sqlite3_step(pStmt));

  context("before the start, beside a running statement");
  CHECK_INT("that runs", sqlite3_step(pExplain), SQLITE_ROW);
  libsql_stmt_interrupt(pStmt);
  CHECK_SQL(db, "SELECT sum(i) FROM t", "500500");
  checkInterrupted(pStmt, sqlite3_step(pStmt));
  CHECK_INT("and goes on", sqlite3_step(pExplain), SQLITE_ROW);

  context("between rows");
  CHECK_INT("a row", sqlite3_step(pStmt), SQLITE_ROW);
  libsql_stmt_interrupt(pStmt);
  CHECK_INT("which can still be read", sqlite3_column_int(pStmt, 0), 1);
  checkInterrupted(pStmt, sqlite3_step(pStmt));

  context("EXPLAIN, between rows");
  libsql_stmt_interrupt(pExplain);
  checkInterrupted(pExplain, sqlite3_step(pExplain));

  context("a reset forgets");
  libsql_stmt_interrupt(pStmt);
  CHECK_INT("one that has not started", sqlite3_reset(pStmt), SQLITE_OK);
  CHECK_INT("starts", sqlite3_step(pStmt), SQLITE_ROW);
  libsql_stmt_interrupt(pStmt);
  CHECK_INT("one between rows", sqlite3_reset(pStmt), SQLITE_OK);
  CHECK_INT("starts, too", sqlite3_step(pStmt), SQLITE_ROW);

  context("at the end");
  while( sqlite3_step(pStmt)==SQLITE_ROW ){}
  libsql_stmt_interrupt(pStmt);
  CHECK_INT("stepping on is a reset", sqlite3_step(pStmt), SQLITE_ROW);
  libsql_stmt_interrupt(pStmt);
  CHECK_INT("interrupted", sqlite3_step(pStmt), SQLITE_INTERRUPT);
  CHECK_INT("stepping on is a reset", sqlite3_step(pStmt), SQLITE_ROW);
  sqlite3_reset(pStmt);

  context("a changed schema");
  libsql_stmt_interrupt(pStmt);
  sqlExec(db, "CREATE TABLE t2(a)");
  checkInterrupted(pStmt, sqlite3_step(pStmt));
  libsql_stmt_interrupt(pStmt);
  sqlExec(db, "ANALYZE t; DROP TABLE t2");
  sqlite3_create_function(db, "fresh", 0, SQLITE_UTF8, 0, selfFunc, 0, 0);
  checkInterrupted(pStmt, sqlite3_step(pStmt));

  context("while it is prepared again, for another connection");
  pSelf = 0;
  sqlite3_set_authorizer(db, authInterrupt, 0);
  CHECK_INT("it knows the authorizer", sqlite3_step(pStmt), SQLITE_ROW);
  sqlite3_reset(pStmt);
  db2 = openDb("idle.db");
  sqlExec(db2, "CREATE TABLE t2(a)");
  closeDb(db2);
  pSelf = pStmt;
  rc = sqlite3_step(pStmt);
  sqlite3_set_authorizer(db, 0, 0);
  checkInterrupted(pStmt, rc);

  context("finalized");
  libsql_stmt_interrupt(pStmt);
  CHECK_INT("without an error", sqlite3_finalize(pStmt), SQLITE_OK);
  sqlite3_finalize(pExplain);
  CHECK_SQL(db, "SELECT sum(i) FROM t", "500500");
  context("");
  closeDb(db);
}

/* Nothing that runs beside an interrupted statement notices. */
static void checkUndisturbed(sqlite3 *db, sqlite3_stmt *pTarget){
  sqlite3_stmt *pStmt;
  CHECK_INT("nothing is seen of it", sqlite3_is_interrupted(db), 0);
  CHECK_SQL(db, "SELECT interrupted(i) FROM t LIMIT 2", "0 0");
  CHECK_SQL(db, "SELECT count(*) FROM big", "3000");
  CHECK_SQL(db, "SELECT count(*), sum(a.i) FROM t a, t b", "1000000|500500000");
  CHECK_SQL(db, "PRAGMA integrity_check", "ok");
  CHECK_SQL(db, "SELECT count(*) FROM f WHERE f MATCH 'two'", "1000");
  CHECK_SQL(db, "SELECT nested('SELECT count(*) FROM t')", "0");
  CHECK_INT("a write", sqlExec(db, "INSERT INTO log VALUES(1)"), SQLITE_OK);
  pStmt = sqlPrepare(db, "SELECT count(*) FROM t a, t b WHERE a.i<20");
  CHECK_INT("one that runs at that moment",
            runInterrupting(pStmt, pTarget, 300), SQLITE_DONE);
  sqlite3_finalize(pStmt);
}

static void testBeside(void){
  sqlite3 *db = makeDb("beside.db");
  sqlite3_stmt *pIdle = sqlPrepare(db, "SELECT i FROM t");
  sqlite3_stmt *pRow = sqlPrepare(db, "SELECT i FROM t");
  sqlite3_stmt *pBystander = sqlPrepare(db, "SELECT i FROM t LIMIT 2");
  CHECK_INT("a row", sqlite3_step(pBystander), SQLITE_ROW);

  context("interrupted before it starts");
  libsql_stmt_interrupt(pIdle);
  checkUndisturbed(db, pIdle);
  checkInterrupted(pIdle, sqlite3_step(pIdle));

  context("interrupted between rows");
  CHECK_INT("a row", sqlite3_step(pRow), SQLITE_ROW);
  libsql_stmt_interrupt(pRow);
  checkUndisturbed(db, pRow);
  checkInterrupted(pRow, sqlite3_step(pRow));

  context("interrupted at its end");
  while( sqlite3_step(pIdle)==SQLITE_ROW ){}
  libsql_stmt_interrupt(pIdle);
  checkUndisturbed(db, pIdle);
  context("");

  CHECK_INT("a suspended one goes on", sqlite3_step(pBystander), SQLITE_ROW);
  CHECK_INT("where it was", sqlite3_column_int(pBystander, 0), 2);
  CHECK_INT("to its end", sqlite3_step(pBystander), SQLITE_DONE);
  sqlite3_finalize(pIdle);
  sqlite3_finalize(pRow);
  sqlite3_finalize(pBystander);
  closeDb(db);
}

/* A COMMIT that was told to wait is suspended, too. */
static void testBusy(void){
  sqlite3 *db, *db2;
  sqlite3_stmt *pCommit;
  removeDb("busy.db");
  db = openDb("busy.db");
  db2 = openDb("busy.db");
  sqlExec(db, "CREATE TABLE t(i); INSERT INTO t VALUES(1)");
  sqlExec(db2, "BEGIN; SELECT * FROM t");
  sqlExec(db, "BEGIN; INSERT INTO t VALUES(2)");
  pCommit = sqlPrepare(db, "COMMIT");
  CHECK_INT("a reader is in the way", sqlite3_step(pCommit), SQLITE_BUSY);
  libsql_stmt_interrupt(pCommit);
  CHECK_SQL(db, "SELECT sum(i) FROM t", "3");
  CHECK_INT("the commit is interrupted", sqlite3_step(pCommit), SQLITE_INTERRUPT);
  sqlite3_finalize(pCommit);
  sqlExec(db2, "COMMIT");
  closeDb(db2);
  closeDb(db);
}

/* Neither sqlite3_interrupt() nor running out of memory makes SQLite forget
** that a suspended statement is to stop. */
static void testBesideOthers(void){
  sqlite3 *db = makeDb("all.db");
  sqlite3_stmt *pRow = sqlPrepare(db, "SELECT i FROM t");
  sqlite3_stmt *pIdle = sqlPrepare(db, "SELECT i FROM t");
  sqlite3_int64 nOld;

  CHECK_INT("a row", sqlite3_step(pRow), SQLITE_ROW);
  libsql_stmt_interrupt(pRow);
  nOld = sqlite3_hard_heap_limit64(sqlite3_memory_used()+200000);
  CHECK_INT("no memory", sqlExec(db, "SELECT hex(zeroblob(9000000))"),
            SQLITE_NOMEM);
  sqlite3_hard_heap_limit64(nOld);
  checkInterrupted(pRow, sqlite3_step(pRow));

  CHECK_INT("a row", sqlite3_step(pRow), SQLITE_ROW);
  libsql_stmt_interrupt(pIdle);
  sqlite3_interrupt(db);
  CHECK_INT("everything is interrupted", sqlite3_is_interrupted(db), 1);
  CHECK_INT("the one with a row", sqlite3_step(pRow), SQLITE_INTERRUPT);
  sqlite3_reset(pRow);
  CHECK_SQL(db, "SELECT 1", "1");
  CHECK_INT("the idle one remembers", sqlite3_step(pIdle), SQLITE_INTERRUPT);
  sqlite3_finalize(pIdle);
  sqlite3_finalize(pRow);
  closeDb(db);
}

/*
** Interrupts at any moment: before, during and after a run, a reset, or the
** preparing again that a changed schema asks for.  Only the statement they
** are for ever ends by one.
*/
static struct {
  sqlite3_stmt *apStmt[2];
  int bStop;
} storm;
static void *stormMain(void *pArg){
  int i;
  (void)pArg;
  for(i=0; !__atomic_load_n(&storm.bStop, __ATOMIC_RELAXED); i++){
    libsql_stmt_interrupt(storm.apStmt[i&1]);
  }
  return 0;
}
static void testStorm(void){
  sqlite3 *db = makeDb("storm.db");
  pthread_t thread;
  int i, rc;
  sqlite3_stmt *pSuspended = sqlPrepare(db, "SELECT i FROM t");
  sqlite3_stmt *pQuiet = sqlPrepare(db, "SELECT count(*) FROM t a, t b WHERE b.i<9");
  sqlite3_stmt *pTarget = sqlPrepare(db, "SELECT count(*) FROM t a, t b WHERE b.i<9");
  CHECK_INT("a row", sqlite3_step(pSuspended), SQLITE_ROW);
  storm.apStmt[0] = pTarget;
  storm.apStmt[1] = pSuspended;
  storm.bStop = 0;
  pthread_create(&thread, 0, stormMain, 0);
  for(i=0; i<scaled(60); i++){
    context("round %d", i);
    rc = sqlite3_step(pTarget);
    CHECK("interrupted or complete", rc==SQLITE_INTERRUPT
          || (rc==SQLITE_ROW && sqlite3_column_int(pTarget, 0)==8000));
    sqlite3_reset(pTarget);
    CHECK_INT("the quiet one", sqlite3_step(pQuiet), SQLITE_ROW);
    CHECK_INT("counts all", sqlite3_column_int(pQuiet, 0), 8000);
    CHECK_INT("and ends well", sqlite3_reset(pQuiet), SQLITE_OK);
    if( i%4==0 ){
      rc = sqlExec(db, "CREATE TABLE s%d(a)", i);
      CHECK_INT("a new table", rc, SQLITE_OK);
    }
  }
  __atomic_store_n(&storm.bStop, 1, __ATOMIC_RELAXED);
  pthread_join(thread, 0);
  context("");
  libsql_stmt_interrupt(pSuspended);
  CHECK_INT("the suspended one ends", sqlite3_step(pSuspended), SQLITE_INTERRUPT);
  sqlite3_finalize(pSuspended);
  sqlite3_finalize(pQuiet);
  sqlite3_finalize(pTarget);
  closeDb(db);
}

int main(void){
  pthread_create(&other.thread, 0, otherMain, 0);
  testLongOnes();
  testBelow();
  testIdle();
  testBeside();
  testBusy();
  testBesideOthers();
  testStorm();
  pthread_mutex_lock(&other.mutex);
  other.bStop = 1;
  pthread_cond_broadcast(&other.cond);
  pthread_mutex_unlock(&other.mutex);
  pthread_join(other.thread, 0);
  return finish();
}
