/*
** The virtual WAL, part 2 of 4: how a Pager opens, questions and closes its
** log.  This stands at the end of pager.c, because it looks into Pager.
*/

/*
** Open a pager as sqlite3PagerOpen() does, and give it the manager of logs
** that the file name or else the connection asks for.  This comes before
** anything is read from the file, and before the file is created.  A database
** in memory has no log: its file name may be anybody's.
*/
SQLITE_PRIVATE int seawallPagerOpen(
  sqlite3 *db,
  sqlite3_vfs *pVfs,
  Pager **ppPager,
  const char *zFilename,
  int nExtra,
  int flags,
  int vfsFlags,
  void (*xReinit)(DbPage*)
){
  RefCountedWalManager *pMgr = 0;
  int rc = seawallSelect(db, zFilename, &pMgr);
  if( rc!=SQLITE_OK ) return rc;
  rc = sqlite3PagerOpen(pVfs, ppPager, zFilename, nExtra, flags, vfsFlags,
                        xReinit);
#ifndef SQLITE_OMIT_WAL
  if( rc==SQLITE_OK && !sqlite3IsMemdb(pVfs) && (flags & PAGER_MEMORY)==0 ){
    (*ppPager)->pWalMgr = pMgr;
    pMgr = 0;
  }
#endif
  destroy_wal_manager(pMgr);
  return rc;
}

#ifndef SQLITE_OMIT_WAL

/*
** What is allocated for a log: the object that its manager fills in, and
** what we remember about it.
*/
typedef struct SeawallWal SeawallWal;
struct SeawallWal {
  libsql_wal wal;          /* Must be first: pPager->pWal points here */
  int nLog;                /* Frames in the log at our last checkpoint */
  int nBackfill;           /* Those of them that were in the database file */
  DbPage *pInsert;         /* Page 1 while frames are inserted, else NULL */
  u32 aInsert[WAL_SAVEPOINT_NDATA];  /* Position behind the last commit */
  int rcInsert;            /* Why no further frames can be inserted */
  int bInsertedPage1;      /* Page 1 was among those that were */
};

/* Where pData stands in the libsql_wal of a version 1 log, which ends its
** method table before xSavepointForget. */
#define SEAWALL_V1_PDATA offsetof(libsql_wal_methods, xSavepointForget)

/*
** The counted manager of a pager, NULL for the stock one.
*/
SQLITE_PRIVATE RefCountedWalManager *seawallPagerManager(Pager *pPager){
  return pPager->pWalMgr;
}

/*
** The same as a manager that can be called.
*/
static const libsql_wal_manager *pagerWalManager(Pager *pPager){
  return pPager->pWalMgr ? &pPager->pWalMgr->ref : &sqlite3_wal_manager;
}

/*
** The method table of the open log, NULL when there is none.
*/
SQLITE_PRIVATE libsql_wal_methods *seawallPagerMethods(Pager *pPager){
  return pPager->pWal ? &pPager->pWal->methods : 0;
}

/*
** Stand-ins for the methods that a log need not have.
*/
static int noReadFrameRaw(wal_impl *p, unsigned i, int n, unsigned char *z){
  (void)p; (void)i; (void)n; (void)z;
  return SQLITE_ERROR;
}
static int noFrameCount(wal_impl *p, int locked, unsigned *pn){
  (void)p; (void)locked; (void)pn;
  return SQLITE_ERROR;
}
static int noSnapshotGet(wal_impl *p, sqlite3_snapshot **pp){
  (void)p; (void)pp;
  return SQLITE_ERROR;
}
static int noSnapshotRecover(wal_impl *p){
  (void)p;
  return SQLITE_ERROR;
}
static int noSnapshotCheck(void *p, sqlite3_snapshot *pSnapshot){
  (void)p; (void)pSnapshot;
  return SQLITE_ERROR;
}
static void noSnapshotUnlock(wal_impl *p){
  (void)p;
}
static int noFramesize(wal_impl *p){
  (void)p;
  return 0;
}
static sqlite3_file *noFile(wal_impl *p){
  (void)p;
  return 0;
}
static int noWriteLock(wal_impl *p, int bLock){
  (void)p; (void)bLock;
  return SQLITE_OK;
}
static void noDb(wal_impl *p, sqlite3 *db){
  (void)p; (void)db;
}

/*
** Name of the first method that a log must have and pM lacks, or NULL.
*/
static const char *missingMethod(const libsql_wal_methods *pM){
#define SEAWALL_NEED(X) if( pM->X==0 ) return #X
  SEAWALL_NEED(xLimit);
  SEAWALL_NEED(xBeginReadTransaction);
  SEAWALL_NEED(xEndReadTransaction);
  SEAWALL_NEED(xFindFrame);
  SEAWALL_NEED(xReadFrame);
  SEAWALL_NEED(xDbsize);
  SEAWALL_NEED(xBeginWriteTransaction);
  SEAWALL_NEED(xEndWriteTransaction);
  SEAWALL_NEED(xUndo);
  SEAWALL_NEED(xSavepoint);
  SEAWALL_NEED(xSavepointUndo);
  SEAWALL_NEED(xFrames);
  SEAWALL_NEED(xCheckpoint);
  SEAWALL_NEED(xCallback);
  SEAWALL_NEED(xExclusiveMode);
  SEAWALL_NEED(xHeapMemory);
#undef SEAWALL_NEED
  return 0;
}

/*
** A manager has filled in pWal, which was all zero before.  Bring a version
** 1 log into today's layout, refuse one that cannot be served, and fill the
** optional slots, so that no call has to look whether there is a method.
** xSavepointForget stays NULL when there is none: forgetting nothing is not
** worth a call.  xSnapshotOpen stays NULL too, see seawallSnapshotOpen().
*/
static int seawallWalAccept(libsql_wal *pWal, const char *zDbFile){
  libsql_wal_methods *pM = &pWal->methods;
  const char *zMissing;

  if( pM->iVersion==1 ){
    memcpy(&pWal->pData, ((u8*)pWal)+SEAWALL_V1_PDATA, sizeof(pWal->pData));
    pM->xSavepointForget = 0;
  }else if( pM->iVersion!=2 ){
    sqlite3_log(SQLITE_MISUSE, "the wal opened for %s has methods of version"
        " %d: 1 and 2 can be served", zDbFile, pM->iVersion);
    return SQLITE_MISUSE;
  }
  zMissing = missingMethod(pM);
  if( zMissing ){
    sqlite3_log(SQLITE_MISUSE, "the wal opened for %s has no method %s",
        zDbFile, zMissing);
    return SQLITE_MISUSE;
  }
  if( pM->xReadFrameRaw==0 ) pM->xReadFrameRaw = noReadFrameRaw;
  if( pM->xFrameCount==0 ) pM->xFrameCount = noFrameCount;
  if( pM->xSnapshotGet==0 ) pM->xSnapshotGet = noSnapshotGet;
  if( pM->xSnapshotRecover==0 ) pM->xSnapshotRecover = noSnapshotRecover;
  if( pM->xSnapshotCheck==0 ) pM->xSnapshotCheck = noSnapshotCheck;
  if( pM->xSnapshotUnlock==0 ) pM->xSnapshotUnlock = noSnapshotUnlock;
  if( pM->xFramesize==0 ) pM->xFramesize = noFramesize;
  if( pM->xFile==0 ) pM->xFile = noFile;
  if( pM->xWriteLock==0 ) pM->xWriteLock = noWriteLock;
  if( pM->xDb==0 ) pM->xDb = noDb;
  return SQLITE_OK;
}

/*
** Open the log of a pager.  *ppWal is written only on SQLITE_OK.
**
** A log that is refused after its manager has opened it is not closed: its
** methods cannot be trusted, and there is no connection to close it with.
*/
static int seawallWalOpen(
  Pager *pPager,
  int noShm,                /* True: nobody else can have the file open */
  i64 mxSize,               /* Size limit for the idle log, or negative */
  libsql_wal **ppWal
){
  const libsql_wal_manager *pMgr = pagerWalManager(pPager);
  SeawallWal *pNew;
  int rc;

  pNew = sqlite3MallocZero(sizeof(*pNew));
  if( pNew==0 ) return SQLITE_NOMEM_BKPT;
  rc = pMgr->xOpen(pMgr->pData, pPager->pVfs, pPager->fd, noShm, mxSize,
                   pPager->zFilename, &pNew->wal);
  if( rc==SQLITE_OK ){
    rc = seawallWalAccept(&pNew->wal, pPager->zFilename);
  }
  if( rc==SQLITE_OK ){
    *ppWal = &pNew->wal;
  }else{
    sqlite3_free(pNew);
  }
  return rc;
}

/*
** Close the log of a pager, if it has one open.  The log is gone even if an
** error is returned: the caller must clear pPager->pWal.
**
** Out of line, as sqlite3WalClose() is for its callers in stock: compilers
** put sqlite3PagerCloseWal() into sqlite3VdbeExec() if it is small enough, and
** that decides how well the registers of the latter are used.
*/
static SQLITE_NOINLINE int seawallWalClose(
  Pager *pPager,
  sqlite3 *db,
  int sync_flags,
  int nBuf,
  u8 *zBuf
){
  const libsql_wal_manager *pMgr = pagerWalManager(pPager);
  libsql_wal *pWal = pPager->pWal;
  int bPage1;
  int rc;

  if( pWal==0 ) return SQLITE_OK;
  if( seawallPagerInserting(pPager) ){
    /* A pager that is being closed says that it is not in exclusive mode.  The
    ** log may be, with an index that only this connection can see. */
    u8 exclusiveMode = pPager->exclusiveMode;
    pPager->exclusiveMode = 1;
    (void)seawallPagerInsertEnd(pPager, &bPage1);
    pPager->exclusiveMode = exclusiveMode;
  }
  if( db && db->bCkptDisabled ) zBuf = 0;
  rc = pMgr->xClose(pMgr->pData, pWal->pData, db, sync_flags, nBuf, zBuf);
  sqlite3_free(pWal);
  /* A commit to a log need not change the counter by which a pager without one
  ** sees that its cache is old, so nothing in the cache is valid any more. */
  memset(pPager->dbFileVers, 0xff, sizeof(pPager->dbFileVers));
  return rc;
}

/*
** Is there a log beside the database?  Delete it.
**
** With a rollback journal each transaction asks.  That call site does so by
** itself as long as the log would be stock's.  The other one should stay
** small, see seawallWalClose().
*/
static SQLITE_NOINLINE int seawallLogExists(Pager *pPager, int *pExists){
  const libsql_wal_manager *pMgr = pagerWalManager(pPager);
  return pMgr->xLogExists(pMgr->pData, pPager->pVfs, pPager->zFilename,
                          pExists);
}
static int seawallLogDestroy(Pager *pPager){
  if( pPager->pWalMgr==0 ){
    return sqlite3OsDelete(pPager->pVfs, pPager->zWal, 0);
  }else{
    const libsql_wal_manager *pMgr = &pPager->pWalMgr->ref;
    return pMgr->xLogDestroy(pMgr->pData, pPager->pVfs, pPager->zFilename);
  }
}

/*
** SQLITE_CHECKPOINT_NOOP for a log that is not stock's: how many frames it
** has, and how many of them, at least, are in the database: those that this
** connection has seen get there.  A log that was there as a whole may have
** been restarted since, if its length has changed.  The log is only asked for
** that length; without an answer the outputs keep what they hold.
*/
static int seawallWalNoop(SeawallWal *pWal, int *pnLog, int *pnCkpt){
  unsigned nFrame = 0;
  int rc = pWal->wal.methods.xFrameCount(pWal->wal.pData, 0, &nFrame);
  if( rc!=SQLITE_OK ) return rc;
  if( pWal->nBackfill==pWal->nLog && pWal->nLog!=(int)nFrame ){
    pWal->nLog = pWal->nBackfill = 0;
  }
  if( pnLog ) *pnLog = (int)nFrame;
  if( pnCkpt ) *pnCkpt = pWal->nBackfill;
  return SQLITE_OK;
}

/*
** Checkpoint the log of a pager.  The mode NOOP, which is newer than the
** interface of managers, ends here.
*/
static int seawallWalCheckpoint(
  Pager *pPager,
  sqlite3 *db,
  int eMode,
  int (*xBusy)(void*),
  void *pBusyArg,
  int sync_flags,
  int nBuf,
  u8 *zBuf,
  int *pnLog,
  int *pnCkpt
){
  SeawallWal *p = (SeawallWal*)pPager->pWal;
  libsql_wal *pWal = &p->wal;
  int nLog = -1;
  int nCkpt = -1;
  int rc;

  if( eMode==SQLITE_CHECKPOINT_NOOP ){
    if( seawallIsStock(pWal) ){
      return seawallStockNoop(pWal, db, nBuf, zBuf, pnLog, pnCkpt);
    }
    return seawallWalNoop(p, pnLog, pnCkpt);
  }
  rc = pWal->methods.xCheckpoint(pWal->pData, db, eMode, xBusy, pBusyArg,
                           sync_flags, nBuf, zBuf, &nLog, &nCkpt, 0, 0);
  if( nLog>=0 && nCkpt>=0 ){
    p->nLog = nLog;
    p->nBackfill = nCkpt;
    if( pnLog ) *pnLog = nLog;
    if( pnCkpt ) *pnCkpt = nCkpt;
  }
  return rc;
}

#ifdef SQLITE_ENABLE_SNAPSHOT
/*
** Let the next read transaction start at a snapshot; NULL: at the newest
** state, which is what a log without snapshots always does.
*/
static int seawallSnapshotOpen(libsql_wal *pWal, sqlite3_snapshot *pSnapshot){
  if( pWal->methods.xSnapshotOpen ){
    pWal->methods.xSnapshotOpen(pWal->pData, pSnapshot);
  }else if( pSnapshot ){
    return SQLITE_ERROR;
  }
  return SQLITE_OK;
}
#endif

/*
** The savepoints of a pager from index iFirst on are about to go.  Tell the
** log, oldest first.  Out of line, since there mostly is none.
*/
static SQLITE_NOINLINE void seawallForgetSavepoints(Pager *pPager, int iFirst){
  libsql_wal *pWal = pPager->pWal;
  int ii;
  if( pWal==0 || pWal->methods.xSavepointForget==0 ) return;
  for(ii=iFirst; ii<pPager->nSavepoint; ii++){
    pWal->methods.xSavepointForget(pWal->pData, pPager->aSavepoint[ii].aWalData);
  }
}

/*
** PRAGMA journal_mode leaves WAL mode.  The log that is closed then may ask
** whether that is so.  Out of line, see seawallWalClose().
*/
SQLITE_PRIVATE SQLITE_NOINLINE int seawallPagerLeaveWal(
  Pager *pPager,
  sqlite3 *db
){
  int rc;
  db->bLeavesWal = 1;
  rc = sqlite3PagerCloseWal(pPager, db);
  db->bLeavesWal = 0;
  return rc;
}
#define sqlite3PagerCloseWal(P,D)     seawallPagerLeaveWal(P,D)

#endif /* SQLITE_OMIT_WAL */

/*
** Does the database whose log is being closed leave WAL mode?
*/
SQLITE_API int seawall_wal_leaving(sqlite3 *db){
  return db!=0 && db->bLeavesWal;
}

#include "vwal_frames.c"
