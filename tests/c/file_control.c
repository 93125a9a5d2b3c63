/*
** SQLITE_FCNTL_WAL_METHODS_POINTER, SQLITE_FCNTL_JOURNAL_POINTER, and what can
** be asked of an open log.
*/
#include "check.h"
#include "managers.h"

static libsql_wal_methods *methods(sqlite3 *db, const char *zDb){
  libsql_wal_methods *pM = (libsql_wal_methods*)1;
  CHECK_INT("file control", sqlite3_file_control(db, zDb,
            SQLITE_FCNTL_WAL_METHODS_POINTER, &pM), SQLITE_OK);
  return pM;
}

/* A manager that keeps the logs it opened where the test finds them. */
static libsql_wal last;
static int keepOpen(wal_manager_impl *p, sqlite3_vfs *pVfs, sqlite3_file *pFd,
                    int noShm, sqlite3_int64 mx, const char *zDb,
                    libsql_wal *pOut){
  int rc = sqlite3_wal_manager.xOpen(p, pVfs, pFd, noShm, mx, zDb, pOut);
  if( rc==SQLITE_OK ) last = *pOut;
  return rc;
}

/* Frames as a log gives them out. */
static void frames(void){
  libsql_wal_manager m = sqlite3_wal_manager;
  sqlite3 *db = 0, *db2 = 0;
  sqlite3_wal *pWal;
  unsigned char aBuf[24+1024];
  unsigned n = 0;
  m.xOpen = keepOpen;
  CHECK_INT("open", libsql_open_v3("f.db", &db2, SQLITE_OPEN_READWRITE|
            SQLITE_OPEN_CREATE, 0, m), SQLITE_OK);
  CHECK_INT("open", libsql_open_v3("f.db", &db, SQLITE_OPEN_READWRITE|
            SQLITE_OPEN_CREATE, 0, m), SQLITE_OK);
  CHECK_SQL(db, "PRAGMA page_size=1024; PRAGMA journal_mode=wal; "
     "PRAGMA wal_autocheckpoint=0; CREATE TABLE t(x); "
     "INSERT INTO t VALUES('seen')", "wal 0");
  pWal = (sqlite3_wal*)last.pData;
  CHECK_INT("frames, by the mirror", pWal->hdr.mxFrame, 3);
  CHECK_INT("frames", last.methods.xFrameCount(last.pData, 0, &n), SQLITE_OK);
  CHECK_INT("are three", n, 3);
  CHECK_SQL(db, "BEGIN; SELECT x FROM t", "seen");
  CHECK_INT("page of frame 1", sqlite3_wal_frame_page_no(pWal, 1), 1);
  CHECK_INT("page of frame 3", sqlite3_wal_frame_page_no(pWal, 3), 2);
  CHECK_INT("page of no frame", sqlite3_wal_frame_page_no(pWal, 4), 0);
  CHECK_INT("page of frame 0", sqlite3_wal_frame_page_no(pWal, 0), 0);
  CHECK_INT("nothing is backfilled", sqlite3_wal_backfilled(pWal), 0);
  CHECK_INT("frames, of a reader", last.methods.xFrameCount(last.pData, 0, &n),
            SQLITE_OK);
  CHECK_INT("are three", n, 3);
  CHECK_SQL(db, "COMMIT; PRAGMA wal_checkpoint", "0|3|3");
  CHECK_INT("all is backfilled", sqlite3_wal_backfilled(pWal), 3);
  CHECK_INT("raw frame", last.methods.xReadFrameRaw(last.pData, 3,
            sizeof(aBuf), aBuf), SQLITE_OK);
  CHECK_INT("its page number", aBuf[3], 2);
  CHECK_INT("it commits two pages", aBuf[7], 2);
  CHECK("it holds the row", memcmp(&aBuf[24+1020], "seen", 4)==0);
  CHECK_INT("frame 0", last.methods.xReadFrameRaw(last.pData, 0, sizeof(aBuf),
            aBuf), SQLITE_IOERR_SHORT_READ);
  CHECK_INT("no such frame", last.methods.xReadFrameRaw(last.pData, 100,
            sizeof(aBuf), aBuf), SQLITE_IOERR_SHORT_READ);
  CHECK_SQL(db2, "PRAGMA wal_autocheckpoint=0; INSERT INTO t VALUES(2); "
                 "UPDATE t SET x=x||'.'", "0");
  CHECK_INT("frames, of a connection that was away",
            last.methods.xFrameCount((wal_impl*)pWal, 0, &n), SQLITE_OK);
  CHECK_INT("are those of the other's commits", n, 2);
  CHECK_SQL(db, "SELECT count(*) FROM t", "2");
  closeDb(db);
  closeDb(db2);
  removeDb("f.db");
}

int main(void){
  Managers m;
  sqlite3 *db;
  sqlite3_file *pFile = 0;
  libsql_wal_methods *pM = (libsql_wal_methods*)1;
  int i;
  CHECK_INT("register", registerManagers(&m), SQLITE_OK);
  for(i=0; i<nManager; i++){
    char zUri[100];
    context("wal %s", azManager[i]);
    snprintf(zUri, sizeof(zUri), "file:f.db?wal=%s", azManager[i]);
    db = openDb(zUri);
    CHECK("no log before the first transaction", methods(db, "main")==0);
    CHECK_SQL(db, "CREATE TABLE t(x)", "");
    pM = methods(db, 0);
    CHECK("a log", pM!=0 && pM->iVersion==2 && pM->xFrames!=0);
    CHECK("by name, too", methods(db, "main")==pM);
    sqlExec(db, "CREATE TEMP TABLE u(x)");
    CHECK("temp has none", methods(db, "temp")==0);
    CHECK_INT("the journal pointer", sqlite3_file_control(db, 0,
              SQLITE_FCNTL_JOURNAL_POINTER, &pFile), SQLITE_OK);
    CHECK_INT("is the file of the log, if it is one",
              pFile!=0, i<2);
    CHECK_INT("no such schema", sqlite3_file_control(db, "nope",
              SQLITE_FCNTL_WAL_METHODS_POINTER, &pM), SQLITE_ERROR);
    CHECK_SQL(db, "PRAGMA journal_mode=delete", "delete");
    CHECK("no log after WAL mode", methods(db, "main")==0);
    closeDb(db);
    removeDb("f.db");
  }
  context("");
  frames();
  return finishManagers(&m);
}
