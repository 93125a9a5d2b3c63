/*
** libFuzzer target: the functions of the WAL API in any order, with any frames,
** among statements, transactions and checkpoints of three connections, two of
** which have the same database open.
**
** "cargo xtask fuzz frames" compiles and runs it.  Its input is a list of actions, a
** byte each, and of their arguments.  What must hold whatever happens: nothing
** crashes, no memory or lock is left, numbers are as documented, and a database
** into which nothing was inserted is sound.
*/
#include "seawall.h"
#include "managers.h"
#include "frames.h"
#include <stdint.h>
#include <unistd.h>

#define N_DB 3             /* Connections */
#define N_STMT 2           /* Statements of each */

typedef struct Conn Conn;
struct Conn {
  sqlite3 *db;
  const char *zFile;
  int bInserting;          /* begin has succeeded, end was not called */
  sqlite3_stmt *aStmt[N_STMT];
};

/* The state of a run. */
static struct Run {
  const uint8_t *a;        /* Input that is left */
  size_t n;
  const char *zWal;
  int szPage;
  const char *zEncoding;
  Conn aConn[N_DB];
  int bInsertedA, bInsertedB;   /* Frames were inserted into that database */
  unsigned char aFrame[FRAME_MAX];
} run;

static unsigned take(void){
  if( run.n==0 ) return 0;
  run.n--;
  return *run.a++;
}

static void expect(int bHolds, const char *zWhat){
  if( !bHolds ){
    fprintf(stderr, "does not hold: %s\n", zWhat);
    abort();
  }
}

static void openConn(Conn *p){
  char zUri[100];
  sqlite3_snprintf(sizeof(zUri), zUri, "file:%s?wal=%s", p->zFile,
      p->zFile[0]=='a' ? "sqlite" : run.zWal);
  expect(sqlite3_open_v2(zUri, &p->db, SQLITE_OPEN_READWRITE|SQLITE_OPEN_CREATE
      |SQLITE_OPEN_URI, 0)==SQLITE_OK, "open");
  sqlite3_limit(p->db, SQLITE_LIMIT_LENGTH, 200000);
  /* Not later: in a database that is empty again, SQLite writes the schema in an
  ** encoding that is set later, and not that encoding. */
  sqlExec(p->db, "PRAGMA synchronous=OFF; PRAGMA cache_size=8;"
      "PRAGMA page_size=%d; PRAGMA encoding='%s'", run.szPage, run.zEncoding);
}
static void closeConn(Conn *p){
  int i;
  for(i=0; i<N_STMT; i++){
    sqlite3_finalize(p->aStmt[i]);
    p->aStmt[i] = 0;
  }
  expect(sqlite3_close(p->db)==SQLITE_OK, "close");
  p->db = 0;
  p->bInserting = 0;
}

static void doSql(Conn *p){
  static const char *const azSql[] = {
    "CREATE TABLE t(a INTEGER PRIMARY KEY, b)",
    "INSERT INTO t(b) VALUES(randomblob(50))",
    "INSERT INTO t(b) VALUES(zeroblob(9000))",
    "INSERT INTO t(b) SELECT b FROM t LIMIT 20",
    "DELETE FROM t WHERE a%2",
    "UPDATE t SET b=a",
    "CREATE INDEX i ON t(b)",
    "DROP TABLE t",
    "SELECT count(*), max(b) FROM t",
    "SELECT * FROM sqlite_schema",
    "BEGIN", "BEGIN IMMEDIATE", "COMMIT", "ROLLBACK",
    "SAVEPOINT s", "ROLLBACK TO s", "RELEASE s",
    "VACUUM", "PRAGMA auto_vacuum=1", "PRAGMA incremental_vacuum",
    "PRAGMA journal_mode=DELETE", "PRAGMA journal_mode=WAL",
    "PRAGMA locking_mode=EXCLUSIVE", "PRAGMA locking_mode=NORMAL",
    "PRAGMA wal_autocheckpoint=3", "PRAGMA mmap_size=100000",
    "PRAGMA user_version=7", "PRAGMA journal_size_limit=0",
    "ATTACH ':memory:' AS m", "CREATE TABLE m.x(y)", "DETACH m",
    "PRAGMA encoding", "REINDEX", "PRAGMA page_size=2048",
  };
  sqlExec(p->db, azSql[take() % (sizeof(azSql)/sizeof(azSql[0]))]);
}

/* A statement that stays where it is between actions. */
static void doStatement(Conn *p){
  static const char *const azSql[] = {
    "SELECT a, b FROM t", "INSERT INTO t(b) VALUES(1),(2) RETURNING a",
    "SELECT count(*) FROM t, t", "DELETE FROM t WHERE a=1"
  };
  unsigned c = take();
  sqlite3_stmt **pp = &p->aStmt[c%N_STMT];
  if( *pp==0 ){
    sqlite3_prepare_v2(p->db, azSql[(c>>2)%4], -1, pp, 0);
  }else if( c&0x80 ){
    sqlite3_finalize(*pp);
    *pp = 0;
  }
  if( *pp ) sqlite3_step(*pp);
}

static unsigned count(Conn *p){
  unsigned n = 0;
  libsql_wal_frame_count(p->db, &n);
  return n;
}

/* A number near the end of the log, or any. */
static unsigned frameNumber(Conn *p){
  unsigned c = take();
  if( c<128 ) return count(p) + c%4 - 1;
  return c==255 ? 0xffffffff : c-128;
}
static unsigned frameLength(void){
  unsigned c = take();
  return (unsigned)(FRAME_HDR+run.szPage) + (c>=250 ? c-252 : 0);
}

static void doGet(Conn *p){
  unsigned n = count(p);
  unsigned i = frameNumber(p);
  unsigned nByte = frameLength();
  int rc;
  if( nByte>sizeof(run.aFrame) ) return;
  rc = libsql_wal_get_frame(p->db, i, run.aFrame, nByte);
  expect(rc!=SQLITE_OK || (i>0 && i<=n), "a frame outside of the log");
}

/* Change the frame at hand. */
static void doMake(void){
  unsigned i, n = take()%8;
  frameSet(run.aFrame, take() | (take()&1)<<8, take()%60);
  for(i=0; i<n; i++){
    unsigned iOff = take()<<8;
    iOff |= take();
    run.aFrame[FRAME_HDR + iOff%(unsigned)run.szPage] ^= (unsigned char)take();
  }
}

/* Its content is anybody's guess from now on. */
static void noteInsert(Conn *p){
  if( p->zFile[0]=='a' ) run.bInsertedA = 1; else run.bInsertedB = 1;
}

static void doInsert(Conn *p){
  unsigned nOld = count(p);
  unsigned i = frameNumber(p);
  unsigned nByte = frameLength();
  int bConflict = 99;
  int rc;
  if( nByte>sizeof(run.aFrame) ) return;
  rc = libsql_wal_insert_frame(p->db, i, run.aFrame, nByte, &bConflict);
  expect(bConflict==0 || (bConflict==1 && rc==SQLITE_ERROR), "the flag");
  expect(p->bInserting || rc==SQLITE_MISUSE, "insert without begin");
  if( rc==SQLITE_OK ) expect(i>0 && i<=nOld+1, "no gap");
  if( rc==SQLITE_OK && i==nOld+1 ){
    expect(count(p)==i, "it got its number");
    noteInsert(p);
  }else{
    expect(count(p)==nOld || rc!=SQLITE_OK, "nothing was inserted");
  }
}

static void doBegin(Conn *p){
  int rc = libsql_wal_insert_begin(p->db);
  if( p->bInserting ) expect(rc==SQLITE_MISUSE, "begin twice");
  if( rc==SQLITE_OK ) p->bInserting = 1;
}
static void doEnd(Conn *p){
  int rc = libsql_wal_insert_end(p->db);
  expect(p->bInserting || rc==SQLITE_MISUSE, "end without begin");
  expect(!p->bInserting || rc==SQLITE_OK, "end");
  p->bInserting = 0;
}

/* As it is meant to be: the frames that the other one lacks. */
static void doShip(Conn *pFrom, Conn *pTo){
  unsigned n = count(pFrom), i = count(pTo);
  if( pTo->bInserting || sqlInt(pFrom->db, "PRAGMA page_size")!=run.szPage ){
    return;
  }
  noteInsert(pTo);
  ship(pFrom->db, pTo->db, i+1, n);
}

static void doCheckpoint(Conn *p){
  sqlite3_wal_checkpoint_v2(p->db, 0, (int)(take()%5)-1, 0, 0);
}

static void act(void){
  unsigned c = take();
  Conn *p = &run.aConn[(c>>5) % N_DB];
  switch( c & 0x1f ){
    case 0: case 1: case 2:    doSql(p); break;
    case 3: case 4:            doStatement(p); break;
    case 5:                    count(p); break;
    case 6: case 7: case 8:    doGet(p); break;
    case 9: case 10:           doBegin(p); break;
    case 11: case 12: case 13:
    case 14:                   doInsert(p); break;
    case 15: case 16:          doEnd(p); break;
    case 17:                   doMake(); break;
    case 18: case 19:          doCheckpoint(p); break;
    case 20: case 21:          doShip(&run.aConn[0], p); break;
    case 22:                   libsql_wal_disable_checkpoint(p->db); break;
    case 23:                   closeConn(p); openConn(p); break;
    case 24:                   sqlite3_db_cacheflush(p->db); break;
    case 25:                   sqlite3_db_release_memory(p->db); break;
    case 26:                   sqlite3_interrupt(p->db); break;
    default: break;
  }
}

/* A fresh connection finds the database in order. */
static void checkSound(Conn *p, int bInserted){
  char *z;
  openConn(p);
  z = sqlText(p->db, "PRAGMA integrity_check");
  expect(bInserted || strcmp(z, "ok")==0, z);
  sqlite3_free(z);
  closeConn(p);
}

int LLVMFuzzerTestOneInput(const uint8_t *a, size_t n){
  static const char *const azFile[N_DB] = { "a.db", "b.db", "b.db" };
  Managers m;
  unsigned c;
  int i;
  memset(&run, 0, sizeof(run));
  run.a = a;
  run.n = n<400 ? n : 400;
  expect(registerManagers(&m)==SQLITE_OK, "managers");
  run.zWal = azManager[take()%3];
  c = take();
  run.szPage = 512 << c%8;
  run.zEncoding = (c & 8)!=0 ? "UTF-16" : "UTF-8";
  for(i=0; i<N_DB; i++){
    run.aConn[i].zFile = azFile[i];
    removeDb(azFile[i]);
  }
  for(i=0; i<N_DB; i++) openConn(&run.aConn[i]);
  while( run.n>0 ) act();
  for(i=0; i<N_DB; i++) closeConn(&run.aConn[i]);
  checkSound(&run.aConn[0], run.bInsertedA);
  checkSound(&run.aConn[1], run.bInsertedB);
  expect(sqlite3_shutdown()==SQLITE_OK, "shutdown");
  expect(sqlite3_memory_used()==0, "all memory is given back");
  expect(m.heap.nLiveSavepoint==0 && m.pass.nLiveSavepoint==0, "savepoints");
  return 0;
}
