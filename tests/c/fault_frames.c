/*
** Frames are read and inserted while allocations and file operations fail.
** Whatever came of it, the copy is what the source was after one of its
** transactions, and takes the rest of the frames when nothing fails any more.
*/
#include "faults.h"
#include "frames.h"

#define SZ_PAGE 512
#define N_COMMIT 4
#define SZ_FRAME (FRAME_HDR+SZ_PAGE)

/* The log of the source, and its length after the first half. */
static unsigned char aLog[100][SZ_FRAME];
static unsigned nLog;
static unsigned nHalf;

/* Transaction k brings three rows, and the number k. */
static void makeLog(void){
  sqlite3 *db = openDb("file:a.db?wal=sqlite");
  unsigned i;
  int k;
  libsql_wal_disable_checkpoint(db);
  CHECK_SQL(db, "PRAGMA page_size=512; CREATE TABLE t(k, b)", "");
  for(k=1; k<=N_COMMIT; k++){
    CHECK_INT("write", sqlExec(db, "BEGIN; INSERT INTO t VALUES(%d,"
        "zeroblob(400)),(%d,zeroblob(9)),(%d,zeroblob(400));"
        "PRAGMA user_version=%d; COMMIT", k, k, k, k), SQLITE_OK);
    if( k==N_COMMIT/2 ) nHalf = frameCount(db);
  }
  nLog = frameCount(db);
  CHECK("it fits", nLog<=sizeof(aLog)/sizeof(aLog[0]));
  for(i=1; i<=nLog; i++){
    CHECK_INT("get", libsql_wal_get_frame(db, i, aLog[i-1], SZ_FRAME),
        SQLITE_OK);
  }
  closeDb(db);
}

/* Insert frames behind those that there are, up to iLast. */
static int insertUpTo(sqlite3 *db, unsigned iLast){
  unsigned i = 0;
  int rc, rcEnd;
  rc = sqlExec(db, "PRAGMA page_size=%d", SZ_PAGE);
  if( rc==SQLITE_OK ) rc = libsql_wal_frame_count(db, &i);
  if( rc==SQLITE_OK ) rc = libsql_wal_insert_begin(db);
  if( rc!=SQLITE_OK ) return rc;
  while( rc==SQLITE_OK && i<iLast ){
    i++;
    rc = libsql_wal_insert_frame(db, i, aLog[i-1], SZ_FRAME, 0);
  }
  rcEnd = libsql_wal_insert_end(db);
  return rc ? rc : rcEnd;
}

/* One that cannot be opened is closed at once. */
static int openCopy(World *p){
  int rc = worldOpen(p, worldUri(p, "b.db"));
  if( rc==SQLITE_OK ) return libsql_wal_disable_checkpoint(p->db);
  sqlite3_close(p->db);
  p->db = 0;
  return rc;
}
static void prepareUpTo(World *p, unsigned iLast){
  CHECK_INT("open", openCopy(p), SQLITE_OK);
  CHECK_INT("insert", insertUpTo(p->db, iLast), SQLITE_OK);
}
static void prepareHalf(World *p){
  prepareUpTo(p, nHalf);
}
static void prepareCheckpoint(World *p){
  prepareHalf(p);
  CHECK_INT("checkpoint", sqlExec(p->db, "PRAGMA wal_checkpoint"), SQLITE_OK);
}
/* The connection is a fresh one. */
static void prepareHalfAndClose(World *p){
  prepareHalf(p);
  closeDb(p->db);
  p->db = 0;
}
static void prepareAllAndClose(World *p){
  prepareUpTo(p, nLog);
  closeDb(p->db);
  p->db = 0;
}

static int runNew(World *p){
  int rc = openCopy(p);
  return rc ? rc : insertUpTo(p->db, nLog);
}
static int runMore(World *p){
  return insertUpTo(p->db, nLog);
}
/* A frame that failed is inserted again, in the same session, from the last
** commit on. */
static int runAgain(World *p){
  unsigned i = 0;
  int nTry = 0;
  int rc = libsql_wal_insert_begin(p->db);
  int rcEnd;
  if( rc!=SQLITE_OK ) return rc;
  do{
    rc = libsql_wal_frame_count(p->db, &i);
    while( rc==SQLITE_OK && i<nLog ){
      i++;
      rc = libsql_wal_insert_frame(p->db, i, aLog[i-1], SZ_FRAME, 0);
    }
  }while( rc!=SQLITE_OK && ++nTry<3 );
  rcEnd = libsql_wal_insert_end(p->db);
  if( !p->pFault->bPersist && rcEnd==SQLITE_OK ){
    CHECK_INT("one failure is got over", rc, SQLITE_OK);
  }
  return rc ? rc : rcEnd;
}
/* The copy is used for other things in between. */
static int runInParts(World *p){
  unsigned i;
  int rc = SQLITE_OK;
  for(i=nHalf+1; rc==SQLITE_OK && i<=nLog; i++){
    if( frameCommit(aLog[i-1])==0 ) continue;
    rc = insertUpTo(p->db, i);
    if( rc==SQLITE_OK ) rc = sqlExec(p->db, "SELECT sum(length(b)) FROM t");
  }
  return rc;
}
static int runRead(World *p){
  unsigned char aFrame[SZ_FRAME];
  unsigned i, n = 0;
  int rc = openCopy(p);
  if( rc==SQLITE_OK ) rc = libsql_wal_frame_count(p->db, &n);
  if( rc==SQLITE_OK ) CHECK_INT("the count", n, nLog);
  for(i=1; rc==SQLITE_OK && i<=nLog; i++){
    rc = libsql_wal_get_frame(p->db, i, aFrame, SZ_FRAME);
    if( rc==SQLITE_OK ){
      CHECK_INT("the frame", memcmp(aFrame, aLog[i-1], 8), 0);
      CHECK_INT("its page", memcmp(&aFrame[24], &aLog[i-1][24], SZ_PAGE), 0);
    }
  }
  return rc;
}

/* The state after a transaction. */
static void checkState(sqlite3 *db){
  sqlite3_int64 k = sqlInt(db, "PRAGMA user_version");
  if( k>0 ){
    CHECK_INT("its rows", sqlInt(db, "SELECT count(*) FROM t"), 3*k);
    CHECK_INT("the last", sqlInt(db, "SELECT max(k) FROM t"), k);
  }
  CHECK_SQL(db, "PRAGMA integrity_check", "ok");
}
static void verify(World *p, int rc){
  if( p->db ){
    checkState(p->db);
    CHECK_INT("close", sqlite3_close(p->db), SQLITE_OK);
    p->db = 0;
  }
  CHECK_INT("open", openCopy(p), SQLITE_OK);
  if( rc==SQLITE_OK ) CHECK_INT("all", frameCount(p->db), nLog);
  checkState(p->db);
  CHECK_INT("the rest", insertUpTo(p->db, nLog), SQLITE_OK);
  CHECK_INT("is there", sqlInt(p->db, "PRAGMA user_version"), N_COMMIT);
  checkState(p->db);
}

int main(void){
  static const Scenario aScenario[] = {
    { "frames for a new database", 0, runNew, verify },
    { "more frames", prepareHalf, runMore, verify },
    { "more frames, database opened anew", prepareHalfAndClose, runNew, verify },
    { "a failed frame again", prepareHalf, runAgain, verify },
    { "a failed frame again, all in the file", prepareCheckpoint, runAgain,
      verify },
    { "a transaction at a time", prepareHalf, runInParts, verify },
    { "frames are read", prepareAllAndClose, runRead, verify },
  };
  unsigned i;
  makeLog();
  CHECK_INT("shutdown", sqlite3_shutdown(), SQLITE_OK);
  for(i=0; i<sizeof(aScenario)/sizeof(aScenario[0]); i++){
    faultLoop(&aScenario[i]);
  }
  return finish();
}
