/*
** Managers compiled against an older libSQL, and managers that leave slots
** empty: served, or refused with a line in the log that says why.
*/
#include "check.h"
#include "heapwal.h"
#include "passthrough.h"

static char zLog[500];
static void onLog(void *pArg, int rc, const char *zMsg){
  (void)pArg; (void)rc;
  snprintf(zLog+strlen(zLog), sizeof(zLog)-strlen(zLog), "%s\n", zMsg);
}

#define RWC (SQLITE_OPEN_READWRITE|SQLITE_OPEN_CREATE|SQLITE_OPEN_URI)

static void oldLayout(void){
  PassCount n = {0};
  sqlite3 *db = 0;
  CHECK_INT("open", libsql_open_v3("v.db", &db, RWC, 0,
            passthrough_manager_v1(&n)), SQLITE_OK);
  CHECK_SQL(db, "PRAGMA journal_mode=wal; CREATE TABLE t(x); "
     "INSERT INTO t VALUES(1); BEGIN; INSERT INTO t VALUES(2); SAVEPOINT a; "
     "INSERT INTO t VALUES(3); ROLLBACK TO a; RELEASE a; COMMIT; "
     "PRAGMA wal_checkpoint; SELECT sum(x) FROM t; PRAGMA integrity_check",
     "wal 0|4|4 3 ok");
  CHECK("it was used", n.nCommit>0);
  CHECK_INT("and never told to forget", n.nForget, 0);
  CHECK_SQL(db, "PRAGMA journal_mode=delete", "delete");
  CHECK_INT("closed", n.nLive, 0);
  closeDb(db);
  CHECK_INT("destroyed", n.nDestroy, 1);
  removeDb("v.db");
}

/* A manager whose xOpen is that of the heap, and then spoils the methods. */
static libsql_wal_manager heap;
static int iVersion;
static int iSlot;
static int spoilOpen(wal_manager_impl *p, sqlite3_vfs *pVfs, sqlite3_file *pFd,
                     int noShm, sqlite3_int64 mx, const char *zDb,
                     libsql_wal *pOut){
  libsql_wal w;
  int rc;
  memset(&w, 0, sizeof(w));
  rc = heap.xOpen(p, pVfs, pFd, noShm, mx, zDb, &w);
  if( rc!=SQLITE_OK ) return rc;
  w.methods.iVersion = iVersion;
  if( iSlot>=0 ) memset((char*)&w.methods + 8*(iSlot+1), 0, 8);
  if( iVersion!=2 || iSlot>=0 ){
    /* It will be refused, and is not closed then */
    heap.xClose(p, w.pData, 0, 0, 0, 0);
    w.pData = 0;
  }
  *pOut = w;
  return SQLITE_OK;
}

static void refused(int iNewVersion, int iNewSlot, const char *zWant){
  libsql_wal_manager m;
  HeapCount n = {0};
  sqlite3 *db = 0;
  char *z;
  iVersion = iNewVersion;
  iSlot = iNewSlot;
  if( heapwal_manager(&n, &heap)!=SQLITE_OK ) exit(2);
  m = heap;
  m.xOpen = spoilOpen;
  zLog[0] = 0;
  CHECK_INT("open", libsql_open_v3("v.db", &db, RWC, 0, m), SQLITE_OK);
  CHECK_SQL(db, "CREATE TABLE t(x); INSERT INTO t VALUES(1)", "");
  sqlExec(db, "PRAGMA journal_mode=wal");
  z = sqlText(db, "SELECT x FROM t");
  CHECK_TEXT("refused", z, "21 bad parameter or other API misuse");
  sqlite3_free(z);
  CHECK("the log says why", strstr(zLog, zWant)!=0);
  if( strstr(zLog, zWant)==0 ) printf("  log: %s\n", zLog);
  closeDb(db);
  CHECK_INT("destroyed", n.nDestroy, 1);
  removeDb("v.db");
}

/* Every slot that may be empty, empty at once. */
static int sparseOpen(wal_manager_impl *p, sqlite3_vfs *pVfs, sqlite3_file *pFd,
                      int noShm, sqlite3_int64 mx, const char *zDb,
                      libsql_wal *pOut){
  int rc = heap.xOpen(p, pVfs, pFd, noShm, mx, zDb, pOut);
  pOut->methods.xReadFrameRaw = 0;
  pOut->methods.xFrameCount = 0;
  pOut->methods.xSavepointForget = 0;
  return rc;
}
static void sparse(void){
  libsql_wal_manager m;
  sqlite3 *db = 0;
  sqlite3_file *pFile = (sqlite3_file*)1;
  if( heapwal_manager(0, &heap)!=SQLITE_OK ) exit(2);
  m = heap;
  m.xOpen = sparseOpen;
  m.xDestroy = 0;
  CHECK_INT("open", libsql_open_v3("v.db", &db, RWC, 0, m), SQLITE_OK);
  CHECK_SQL(db, "PRAGMA journal_mode=wal; CREATE TABLE t(x); "
                "INSERT INTO t VALUES(1); PRAGMA wal_checkpoint", "wal 0|3|3");
  CHECK_INT("NOOP has no answer", sqlite3_wal_checkpoint_v2(db, 0,
            SQLITE_CHECKPOINT_NOOP, 0, 0), SQLITE_ERROR);
  CHECK_INT("the journal pointer", sqlite3_file_control(db, 0,
            SQLITE_FCNTL_JOURNAL_POINTER, &pFile), SQLITE_OK);
  CHECK("there is no file", pFile==0);
  closeDb(db);
  heap.xDestroy(heap.pData);
  removeDb("v.db");
}

int main(void){
  static const char *const azSlot[] = {
    "xLimit", "xBeginReadTransaction", "xEndReadTransaction", "xFindFrame",
    "xReadFrame", 0, "xDbsize", "xBeginWriteTransaction",
    "xEndWriteTransaction", "xUndo", "xSavepoint", "xSavepointUndo", 0,
    "xFrames", "xCheckpoint", "xCallback", "xExclusiveMode", "xHeapMemory"
  };
  int i;
  sqlite3_config(SQLITE_CONFIG_LOG, onLog, (void*)0);
  oldLayout();
  for(i=0; i<(int)(sizeof(azSlot)/sizeof(azSlot[0])); i++){
    char zWant[60];
    if( azSlot[i]==0 ) continue;
    context("without %s", azSlot[i]);
    snprintf(zWant, sizeof(zWant), "has no method %s", azSlot[i]);
    refused(2, i, zWant);
  }
  context("version 0");
  refused(0, -1, "has methods of version 0: 1 and 2 can be served");
  context("version 3");
  refused(3, -1, "has methods of version 3: 1 and 2 can be served");
  context("");
  sparse();
  return finish();
}
