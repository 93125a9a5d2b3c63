/*
** The callback of xCheckpoint: every page that went to the database file, in
** the state that the checkpoint is at, and an end.
*/
#include "check.h"
#include "managers.h"

#define RWC (SQLITE_OPEN_READWRITE|SQLITE_OPEN_CREATE|SQLITE_OPEN_URI)
#define MX_PAGE 100

/* A manager that keeps the logs it opened where the test finds them. */
static const libsql_wal_manager *pInner;
static libsql_wal last;
static int keepOpen(wal_manager_impl *p, sqlite3_vfs *pVfs, sqlite3_file *pFd,
                    int noShm, sqlite3_int64 mx, const char *zDb,
                    libsql_wal *pOut){
  int rc = pInner->xOpen(p, pVfs, pFd, noShm, mx, zDb, pOut);
  if( rc==SQLITE_OK ) last = *pOut;
  return rc;
}

typedef struct Seen Seen;
struct Seen {
  int nPage;                     /* Calls with a page */
  int nEnd;                      /* Calls without */
  int mxSafe;                    /* mxSafeFrame, the same in all of them */
  int bBad;                      /* Something was not as promised */
  int iFailAt;                   /* Call that returns an error, from 1; or 0 */
  int aFrame[MX_PAGE];           /* Frame of each page */
  unsigned char aFirst[MX_PAGE]; /* A byte of each page */
};

static int onPage(
  void *pArg,
  int mxSafeFrame,
  const unsigned char *pPage,
  int nPage,
  int page_no,
  int frame_no
){
  Seen *p = (Seen*)pArg;
  if( p->mxSafe && p->mxSafe!=mxSafeFrame ) p->bBad = 1;
  p->mxSafe = mxSafeFrame;
  if( p->nEnd ) p->bBad = 2;
  if( pPage==0 ){
    if( nPage || page_no || frame_no ) p->bBad = 3;
    p->nEnd++;
  }else{
    if( nPage!=1024 || page_no<1 || page_no>=MX_PAGE ) return SQLITE_INTERNAL;
    if( p->aFrame[page_no] ) p->bBad = 4;
    if( frame_no<1 || frame_no>mxSafeFrame ) p->bBad = 5;
    p->aFrame[page_no] = frame_no;
    p->aFirst[page_no] = pPage[1023];
    p->nPage++;
  }
  return p->iFailAt && p->nPage+p->nEnd==p->iFailAt ? SQLITE_FULL : SQLITE_OK;
}

static int checkpoint(libsql_wal *pWal, sqlite3 *db, int eMode, Seen *pSeen,
                      int *pnLog, int *pnCkpt){
  unsigned char aBuf[1024];
  int iFailAt = pSeen->iFailAt;
  memset(pSeen, 0, sizeof(*pSeen));
  pSeen->iFailAt = iFailAt;
  return pWal->methods.xCheckpoint(pWal->pData, db, eMode, 0, 0, 0,
                  sizeof(aBuf), aBuf, pnLog, pnCkpt, onPage, pSeen);
}

static void observe(libsql_wal_manager m){
  static Seen s;
  sqlite3 *db = 0, *db2 = 0;
  int nLog = -1, nCkpt = -1;
  libsql_wal log;
  CHECK_INT("open", libsql_open_v3("c.db", &db2, RWC, 0, m), SQLITE_OK);
  m.xDestroy = 0;
  CHECK_INT("open", libsql_open_v3("c.db", &db, RWC, 0, m), SQLITE_OK);
  CHECK_SQL(db, "PRAGMA page_size=1024; PRAGMA journal_mode=wal; "
     "PRAGMA wal_autocheckpoint=0; CREATE TABLE t(x); "
     "INSERT INTO t VALUES('a'); CREATE TABLE u(x); "
     "UPDATE t SET x='b'", "wal 0");
  log = last;
  CHECK_INT("checkpoint", checkpoint(&log, db, SQLITE_CHECKPOINT_PASSIVE, &s,
            &nLog, &nCkpt), SQLITE_OK);
  CHECK_INT("each page once", s.nPage, 3);
  CHECK_INT("one end", s.nEnd, 1);
  CHECK_INT("nothing wrong", s.bBad, 0);
  CHECK_INT("mxSafeFrame is the whole log", s.mxSafe, nLog);
  CHECK_INT("page 2 from its newest frame", s.aFrame[2], nLog);
  CHECK_INT("which has the newest row", s.aFirst[2], 'b');
  CHECK_INT("all of it", nCkpt, nLog);
  CHECK_INT("again", checkpoint(&log, db, SQLITE_CHECKPOINT_PASSIVE, &s,
            &nLog, &nCkpt), SQLITE_OK);
  CHECK_INT("no page", s.nPage, 0);
  CHECK_INT("nothing wrong", s.bBad, 0);

  /* A reader holds the checkpoint back: pages are given as that reader sees
  ** them, and there is no end. */
  CHECK_SQL(db, "UPDATE t SET x='c'; INSERT INTO u VALUES('c')", "");
  CHECK_SQL(db2, "BEGIN; SELECT x FROM t", "c");
  CHECK_SQL(db, "UPDATE t SET x='d'", "");
  CHECK_INT("checkpoint", checkpoint(&log, db, SQLITE_CHECKPOINT_PASSIVE, &s,
            &nLog, &nCkpt), SQLITE_OK);
  CHECK_INT("nothing wrong", s.bBad, 0);
  CHECK_INT("no end", s.nEnd, 0);
  CHECK_INT("up to the reader", s.mxSafe, nLog-1);
  CHECK_INT("page 2 as the reader sees it", s.aFirst[2], 'c');
  CHECK_INT("and page 3", s.aFirst[3], 'c');
  CHECK_SQL(db2, "COMMIT", "");

  /* A callback that fails stops the checkpoint; nothing is lost. */
  CHECK_SQL(db, "UPDATE t SET x='e'; UPDATE u SET x='e'", "");
  for(s.iFailAt=1; s.iFailAt<=3; s.iFailAt++){
    CHECK_INT("the callback's error", checkpoint(&log, db,
              SQLITE_CHECKPOINT_PASSIVE, &s, 0, 0), SQLITE_FULL);
  }
  CHECK_SQL(db, "SELECT x FROM t UNION ALL SELECT x FROM u", "e e");
  s.iFailAt = 0;
  CHECK_INT("checkpoint", checkpoint(&log, db, SQLITE_CHECKPOINT_FULL, &s,
            &nLog, &nCkpt), SQLITE_OK);
  CHECK_INT("all pages again", s.nPage, 2);
  CHECK_INT("and the end", s.nEnd, 1);
  CHECK_INT("the newest row", s.aFirst[2], 'e');
  CHECK_SQL(db, "PRAGMA wal_checkpoint(TRUNCATE); PRAGMA integrity_check",
                "0|0|0 ok");
  closeDb(db);
  closeDb(db2);
  removeDb("c.db");
}

int main(void){
  libsql_wal_manager m, mine;
  PassCount n = {0};
  context("stock");
  m = mine = sqlite3_wal_manager;
  pInner = &m;
  mine.xOpen = keepOpen;
  observe(mine);
  context("pass-through");
  m = mine = passthrough_manager(&n);
  mine.xOpen = keepOpen;
  observe(mine);
  context("heap");
  if( heapwal_manager(0, &m)!=SQLITE_OK ) return 2;
  mine = m;
  mine.xOpen = keepOpen;
  observe(mine);
  context("");
  return finish();
}
