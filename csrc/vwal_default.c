/*
** The virtual WAL, part 3 of 4: stock SQLite's log as a manager.  This stands
** behind wal.c, whose functions it lends to the method table, and looks into
** struct Wal.
*/

/*
** Compile-time proof that a layout is what libSQL's is.  It is stated for
** 64-bit pointers, the only size it was ever given for.
*/
#define SEAWALL_LAYOUT(NAME, EXPR) \
  typedef char seawall_layout_##NAME[(sizeof(void*)!=8 || (EXPR)) ? 1 : -1]

SEAWALL_LAYOUT(methods, sizeof(libsql_wal_methods)==232);
SEAWALL_LAYOUT(methods_limit, offsetof(libsql_wal_methods,xLimit)==8);
SEAWALL_LAYOUT(methods_frames, offsetof(libsql_wal_methods,xFrames)==112);
SEAWALL_LAYOUT(methods_check, offsetof(libsql_wal_methods,xSnapshotCheck)==176);
SEAWALL_LAYOUT(methods_file, offsetof(libsql_wal_methods,xFile)==200);
SEAWALL_LAYOUT(methods_db, offsetof(libsql_wal_methods,xDb)==216);
SEAWALL_LAYOUT(methods_v1, offsetof(libsql_wal_methods,xSavepointForget)==224);
SEAWALL_LAYOUT(wal, sizeof(libsql_wal)==240);
SEAWALL_LAYOUT(wal_data, offsetof(libsql_wal,pData)==232);
SEAWALL_LAYOUT(manager, sizeof(libsql_wal_manager)==56);
SEAWALL_LAYOUT(manager_open, offsetof(libsql_wal_manager,xOpen)==8);
SEAWALL_LAYOUT(manager_destroy, offsetof(libsql_wal_manager,xDestroy)==40);
SEAWALL_LAYOUT(manager_data, offsetof(libsql_wal_manager,pData)==48);
SEAWALL_LAYOUT(counted, sizeof(RefCountedWalManager)==72);
SEAWALL_LAYOUT(counted_ref, offsetof(RefCountedWalManager,ref)==8);
SEAWALL_LAYOUT(counted_static, offsetof(RefCountedWalManager,is_static)==64);
SEAWALL_LAYOUT(pghdr, sizeof(libsql_pghdr)==88);
SEAWALL_LAYOUT(pghdr_pgno, offsetof(libsql_pghdr,pgno)==48);
SEAWALL_LAYOUT(pghdr_flags, offsetof(libsql_pghdr,flags)==56);

/* Our public pictures of SQLite's own objects are those objects. */
#define SEAWALL_SAME(PUB,PRIV,F) (offsetof(PUB,F)==offsetof(PRIV,F))
SEAWALL_LAYOUT(pghdr_data, SEAWALL_SAME(libsql_pghdr,PgHdr,pData));
SEAWALL_LAYOUT(pghdr_dirty, SEAWALL_SAME(libsql_pghdr,PgHdr,pDirty));
#ifndef SQLITE_CHECK_PAGES
SEAWALL_LAYOUT(pghdr_size, sizeof(libsql_pghdr)==sizeof(PgHdr));
SEAWALL_LAYOUT(pghdr_no, SEAWALL_SAME(libsql_pghdr,PgHdr,pgno));
SEAWALL_LAYOUT(pghdr_flag, SEAWALL_SAME(libsql_pghdr,PgHdr,flags));
SEAWALL_LAYOUT(pghdr_ref, SEAWALL_SAME(libsql_pghdr,PgHdr,nRef));
SEAWALL_LAYOUT(pghdr_prev, SEAWALL_SAME(libsql_pghdr,PgHdr,pDirtyPrev));
#endif

#ifndef SQLITE_OMIT_WAL
SEAWALL_LAYOUT(hdr_size, sizeof(libsql_wal_index_hdr)==sizeof(WalIndexHdr));
SEAWALL_LAYOUT(hdr_mx, SEAWALL_SAME(libsql_wal_index_hdr,WalIndexHdr,mxFrame));
SEAWALL_LAYOUT(stock_hdr, SEAWALL_SAME(sqlite3_wal,Wal,hdr));
SEAWALL_LAYOUT(stock_wi, SEAWALL_SAME(sqlite3_wal,Wal,apWiData));
SEAWALL_LAYOUT(stock_lock, SEAWALL_SAME(sqlite3_wal,Wal,writeLock));
SEAWALL_LAYOUT(stock_last, SEAWALL_SAME(sqlite3_wal,Wal,nCkpt));
SEAWALL_LAYOUT(stock_mx, offsetof(sqlite3_wal,hdr.mxFrame)==88);
SEAWALL_LAYOUT(stock_end, offsetof(sqlite3_wal,nCkpt)==136);

/*
** The methods.  A wal_impl of this manager is a struct Wal.
*/
#define STOCK(P) ((Wal*)(P))

/* The pager has looked whether there is a log, stock need not look again. */
#if defined(__GNUC__)
# define STOCK_IS_OPEN __attribute__((nonnull(1)))
#else
# define STOCK_IS_OPEN
#endif

static void stockLimit(wal_impl *p, sqlite3_int64 limit){
  sqlite3WalLimit(STOCK(p), limit);
}
static int stockBeginRead(wal_impl *p, int *pChanged){
  return sqlite3WalBeginReadTransaction(STOCK(p), pChanged);
}
static void stockEndRead(wal_impl *p){
  sqlite3WalEndReadTransaction(STOCK(p));
}
static int stockFindFrame(wal_impl *p, unsigned pgno, unsigned *piFrame){
  return sqlite3WalFindFrame(STOCK(p), pgno, piFrame);
}
static int stockReadFrame(wal_impl *p, unsigned iFrame, int n, unsigned char *z){
  return sqlite3WalReadFrame(STOCK(p), iFrame, n, z);
}
static STOCK_IS_OPEN unsigned stockDbsize(wal_impl *p){
  return sqlite3WalDbsize(STOCK(p));
}
static int stockBeginWrite(wal_impl *p){
  return sqlite3WalBeginWriteTransaction(STOCK(p));
}
static int stockEndWrite(wal_impl *p){
  return sqlite3WalEndWriteTransaction(STOCK(p));
}
static int stockUndo(wal_impl *p, int (*xUndo)(void*,unsigned), void *pCtx){
  return sqlite3WalUndo(STOCK(p), xUndo, pCtx);
}
static void stockSavepoint(wal_impl *p, unsigned *aWalData){
  sqlite3WalSavepoint(STOCK(p), aWalData);
}
static int stockSavepointUndo(wal_impl *p, unsigned *aWalData){
  return sqlite3WalSavepointUndo(STOCK(p), aWalData);
}
static STOCK_IS_OPEN int stockCallback(wal_impl *p){
  return sqlite3WalCallback(STOCK(p));
}
/* Each commit asks to leave an exclusive mode that there mostly is not. */
static SQLITE_NOINLINE int stockChangeMode(wal_impl *p, int op){
  return sqlite3WalExclusiveMode(STOCK(p), op);
}
static int stockExclusiveMode(wal_impl *p, int op){
  if( op==0 && STOCK(p)->exclusiveMode==WAL_NORMAL_MODE ) return 0;
  return stockChangeMode(p, op);
}
static int stockHeapMemory(wal_impl *p){
  return sqlite3WalHeapMemory(STOCK(p));
}
static sqlite3_file *stockFile(wal_impl *p){
  return sqlite3WalFile(STOCK(p));
}
#ifdef SQLITE_ENABLE_SNAPSHOT
static int stockSnapshotGet(wal_impl *p, sqlite3_snapshot **pp){
  return sqlite3WalSnapshotGet(STOCK(p), pp);
}
static void stockSnapshotOpen(wal_impl *p, sqlite3_snapshot *pSnapshot){
  sqlite3WalSnapshotOpen(STOCK(p), pSnapshot);
}
static int stockSnapshotRecover(wal_impl *p){
  return sqlite3WalSnapshotRecover(STOCK(p));
}
static int stockSnapshotCheck(void *p, sqlite3_snapshot *pSnapshot){
  return sqlite3WalSnapshotCheck(STOCK(p), pSnapshot);
}
static void stockSnapshotUnlock(wal_impl *p){
  sqlite3WalSnapshotUnlock(STOCK(p));
}
#endif
#ifdef SQLITE_ENABLE_ZIPVFS
static int stockFramesize(wal_impl *p){
  return sqlite3WalFramesize(STOCK(p));
}
#endif
#ifdef SQLITE_ENABLE_SETLK_TIMEOUT
static int stockWriteLock(wal_impl *p, int bLock){
  return sqlite3WalWriteLock(STOCK(p), bLock);
}
static void stockDb(wal_impl *p, sqlite3 *db){
  sqlite3WalDb(STOCK(p), db);
}
#endif

/*
** The header of the log as it was committed last, by any process: the one in
** the shared wal-index.  If that is just being written, it is tried again.  One
** that a dead process left half written is the business of recovery: what was
** right when the caller began to read must do.
*/
#define STOCK_HDR_TRIES 1000
static int stockLiveHdr(Wal *pWal, WalIndexHdr *pHdr){
  int rc = SQLITE_OK;
  memcpy(pHdr, &pWal->hdr, sizeof(*pHdr));
  if( pWal->nWiData<1 || pWal->apWiData[0]==0 ) return rc;
  SEH_TRY {
    WalIndexHdr h1, h2;
    int i;
    for(i=0; i<STOCK_HDR_TRIES; i++){
      memcpy(&h1, (void*)walIndexHdr(pWal), sizeof(h1));
      walShmBarrier(pWal);
      memcpy(&h2, (void*)&walIndexHdr(pWal)[1], sizeof(h2));
      if( h1.isInit && memcmp(&h1, &h2, sizeof(h1))==0 ){
        memcpy(pHdr, &h1, sizeof(*pHdr));
        break;
      }
    }
  }
  SEH_EXCEPT( rc = SQLITE_IOERR_IN_PAGE; )
  return rc;
}

/*
** The frame that begins at an offset given by its number, header first.
*/
static int stockReadAt(Wal *pWal, int szPage, u32 iFrame, int nOut, u8 *pOut){
  nOut = MIN(nOut, szPage+WAL_FRAME_HDRSIZE);
  return sqlite3OsRead(pWal->pWalFd, pOut, nOut, walFrameOffset(iFrame,szPage));
}

/*
** Read from a frame, its 24-byte header first.  A frame that is not in the log
** reads short.
**
** The frames of a writer stay what they are while it writes.  A reader of the
** database file alone does not keep a writer from starting the log anew.  The
** salts tell: of the log, which change before its first frame does, and of the
** frame.  (A writer may still have to compute checksums, and have no salts in
** a frame yet.)
*/
static int stockReadFrameRaw(
  wal_impl *p,
  unsigned iFrame,
  int nOut,
  unsigned char *pOut
){
  Wal *pWal = STOCK(p);
  WalIndexHdr h1, h2;
  int rc;
  if( iFrame==0 ) return SQLITE_IOERR_SHORT_READ;
  if( pWal->writeLock ){
    if( iFrame>pWal->hdr.mxFrame ) return SQLITE_IOERR_SHORT_READ;
    return stockReadAt(pWal, walPagesize(pWal), iFrame, nOut, pOut);
  }
  rc = stockLiveHdr(pWal, &h1);
  while( rc==SQLITE_OK ){
    int szPage = (h1.szPage&0xfe00) + ((h1.szPage&0x0001)<<16);
    if( iFrame>h1.mxFrame ) return SQLITE_IOERR_SHORT_READ;
    rc = stockReadAt(pWal, szPage, iFrame, nOut, pOut);
    if( rc==SQLITE_OK ) rc = stockLiveHdr(pWal, &h2);
    if( rc==SQLITE_OK && memcmp(h1.aSalt, h2.aSalt, sizeof(h1.aSalt))==0 ){
      if( nOut>=16 && memcmp(&pOut[8], h1.aSalt, sizeof(h1.aSalt))!=0 ){
        rc = SQLITE_CORRUPT_BKPT;
      }
      break;
    }
    h1 = h2;
  }
  return rc;
}

/*
** Number of valid frames.  Somebody without a read transaction takes one for
** a moment.
*/
static int stockFrameCount(wal_impl *p, int locked, unsigned *pn){
  Wal *pWal = STOCK(p);
  WalIndexHdr hdr;
  int rc = SQLITE_OK;
  if( locked ){
    *pn = pWal->hdr.mxFrame;
  }else if( pWal->readLock<0 && pWal->exclusiveMode==WAL_NORMAL_MODE ){
    int bChanged = 0;
    rc = sqlite3WalBeginReadTransaction(pWal, &bChanged);
    if( rc!=SQLITE_OK ) return rc;
    *pn = pWal->hdr.mxFrame;
    sqlite3WalEndReadTransaction(pWal);
    /* The pager was not told that its cache is stale.  An empty header, as
    ** after a checkpoint, makes its next read transaction notice. */
    if( bChanged ) memset(&pWal->hdr, 0, sizeof(pWal->hdr));
  }else{
    rc = stockLiveHdr(pWal, &hdr);
    if( rc==SQLITE_OK ) *pn = hdr.mxFrame;
  }
  return rc;
}

/*
** Give up the lock of somebody who reads the database file alone, which lets
** a writer start the log anew, for the lock of a reader of the whole log.
*/
static int stockReadWholeLog(Wal *pWal){
  int rc = SQLITE_OK;
  if( pWal->readLock>0 ) return rc;
  SEH_TRY {
    int bChanged;
    int nTry = 0;
    if( pWal->readLock==0 ) walUnlockShared(pWal, WAL_READ_LOCK(0));
    pWal->readLock = -1;
    do{
      rc = walTryBeginRead(pWal, &bChanged, 1, &nTry);
    }while( rc==WAL_RETRY );
  }
  SEH_EXCEPT( rc = walHandleException(pWal); )
  return rc;
}

/*
** A frame that was inserted from outside gets the next number, which its sender
** knows: the log is not started anew, no earlier frame of the page is
** overwritten, and none is repeated up to the end of a sector.  These two stand
** around appending it.
**
** If that fails, the running checksum has gone on nevertheless.  It must go
** back, for going back to a savepoint does so only past frames that are there,
** and the next frame would be one that recovery does not accept.
*/
typedef struct StockInsert StockInsert;
struct StockInsert {
  WalIndexHdr hdr;
  u32 minFrame;
  u8 padToSectorBoundary;
};
static int stockInsertBegin(Wal *pWal, StockInsert *p){
  int rc = stockReadWholeLog(pWal);
  memcpy(&p->hdr, &pWal->hdr, sizeof(p->hdr));
  p->minFrame = pWal->minFrame;
  p->padToSectorBoundary = pWal->padToSectorBoundary;
  pWal->minFrame = pWal->hdr.mxFrame + 1;     /* No frame is found there */
  pWal->padToSectorBoundary = 0;
  return rc;
}
static void stockInsertEnd(Wal *pWal, const StockInsert *p, int rc){
  if( rc!=SQLITE_OK ) memcpy(&pWal->hdr, &p->hdr, sizeof(p->hdr));
  pWal->minFrame = p->minFrame;
  pWal->padToSectorBoundary = p->padToSectorBoundary;
}

/*
** Append frames.  The pager does not ask how many the log has grown by, and
** does not pay for the answer.
*/
static SQLITE_NOINLINE int stockFramesCounted(
  Wal *pWal,
  int szPage,
  PgHdr *pList,
  unsigned nTruncate,
  int isCommit,
  int sync_flags,
  int *pnFrames
){
  u32 mxFrame = pWal->hdr.mxFrame;
  u32 nCkpt = pWal->nCkpt;
  int bInserted = (pList->flags & SEAWALL_PGHDR_INSERTED)!=0;
  StockInsert saved;
  int rc = bInserted ? stockInsertBegin(pWal, &saved) : SQLITE_OK;
  if( rc==SQLITE_OK ){
    rc = sqlite3WalFrames(pWal, szPage, pList, nTruncate, isCommit,
                          sync_flags);
  }
  if( bInserted ) stockInsertEnd(pWal, &saved, rc);
  if( rc==SQLITE_OK ){
    if( pWal->nCkpt!=nCkpt ) mxFrame = 0;       /* the log was restarted */
    *pnFrames = (int)(pWal->hdr.mxFrame - mxFrame);
  }
  return rc;
}
static int stockFrames(
  wal_impl *p,
  int szPage,
  libsql_pghdr *pList,
  unsigned nTruncate,
  int isCommit,
  int sync_flags,
  int *pnFrames
){
  Wal *pWal = STOCK(p);
  PgHdr *pDirty = (PgHdr*)pList;
  if( pnFrames ){
    return stockFramesCounted(pWal, szPage, pDirty, nTruncate, isCommit,
                              sync_flags, pnFrames);
  }
  return sqlite3WalFrames(pWal, szPage, pDirty, nTruncate, isCommit,
                          sync_flags);
}

/*
** Checkpoint, with an observer that walCheckpoint() finds in the Wal.
*/
static int stockCheckpoint(
  wal_impl *p,
  sqlite3 *db,
  int eMode,
  int (*xBusy)(void*),
  void *pBusyArg,
  int sync_flags,
  int nBuf,
  unsigned char *zBuf,
  int *pnLog,
  int *pnCkpt,
  int (*xCb)(void*, int, const unsigned char*, int, int, int),
  void *pCbData
){
  Wal *pWal = STOCK(p);
  int rc;
  pWal->xCkptCb = xCb;
  pWal->pCkptArg = pCbData;
  rc = sqlite3WalCheckpoint(pWal, db, eMode,
          eMode==SQLITE_CHECKPOINT_PASSIVE ? 0 : xBusy, pBusyArg,
          sync_flags, nBuf, zBuf, pnLog, pnCkpt);
  pWal->xCkptCb = 0;
  pWal->pCkptArg = 0;
  return rc;
}

/*
** walCheckpoint() is at the newest frame iFrame of page iDbpage, which is
** beyond mxSafeFrame.  An observer is promised the state at mxSafeFrame, in
** full: return the frame that holds the page there, or iFrame if there is
** none above nBackfill.
*/
static u32 seawallSafeFrame(
  Wal *pWal,
  u32 iDbpage,
  u32 iFrame,
  u32 nBackfill,
  u32 mxSafeFrame
){
  u32 i;
  for(i=mxSafeFrame; i>nBackfill; i--){
    if( walFramePgno(pWal, i)==iDbpage ) return i;
  }
  return iFrame;
}

/*
** The manager's own methods.
*/
static int stockOpen(
  wal_manager_impl *pData,
  sqlite3_vfs *pVfs,
  sqlite3_file *pDbFd,
  int noShm,
  sqlite3_int64 mxSize,
  const char *zMainDbFileName,
  libsql_wal *pOut
){
  static const libsql_wal_methods stockMethods = {
    2,
    stockLimit,
    stockBeginRead,
    stockEndRead,
    stockFindFrame,
    stockReadFrame,
    stockReadFrameRaw,
    stockDbsize,
    stockBeginWrite,
    stockEndWrite,
    stockUndo,
    stockSavepoint,
    stockSavepointUndo,
    stockFrameCount,
    stockFrames,
    stockCheckpoint,
    stockCallback,
    stockExclusiveMode,
    stockHeapMemory,
#ifdef SQLITE_ENABLE_SNAPSHOT
    stockSnapshotGet,
    stockSnapshotOpen,
    stockSnapshotRecover,
    stockSnapshotCheck,
    stockSnapshotUnlock,
#else
    0, 0, 0, 0, 0,
#endif
#ifdef SQLITE_ENABLE_ZIPVFS
    stockFramesize,
#else
    0,
#endif
    stockFile,
#ifdef SQLITE_ENABLE_SETLK_TIMEOUT
    stockWriteLock,
    stockDb,
#else
    0, 0,
#endif
    0                       /* xSavepointForget: nothing to forget */
  };
  Wal *pWal = 0;
  int rc;

  (void)pData;
  rc = sqlite3WalOpen(pVfs, pDbFd, sqlite3_filename_wal(zMainDbFileName),
                      noShm, mxSize, &pWal);
  if( rc==SQLITE_OK ){
    pOut->methods = stockMethods;
    pOut->pData = (wal_impl*)pWal;
  }
  return rc;
}
static int stockClose(
  wal_manager_impl *pData,
  wal_impl *p,
  sqlite3 *db,
  int sync_flags,
  int nBuf,
  unsigned char *zBuf
){
  (void)pData;
  return sqlite3WalClose(STOCK(p), db, sync_flags, nBuf, zBuf);
}
static int stockLogDestroy(
  wal_manager_impl *pData,
  sqlite3_vfs *pVfs,
  const char *zMainDbFileName
){
  (void)pData;
  return sqlite3OsDelete(pVfs, sqlite3_filename_wal(zMainDbFileName), 0);
}
static int stockLogExists(
  wal_manager_impl *pData,
  sqlite3_vfs *pVfs,
  const char *zMainDbFileName,
  int *pExists
){
  (void)pData;
  return sqlite3OsAccess(pVfs, sqlite3_filename_wal(zMainDbFileName),
                         SQLITE_ACCESS_EXISTS, pExists);
}

/*
** True if the log is stock's own object behind stock's own methods.
*/
SQLITE_PRIVATE int seawallIsStock(const libsql_wal *pWal){
  return pWal->methods.xBeginReadTransaction==stockBeginRead;
}

/*
** SQLITE_CHECKPOINT_NOOP on a stock log.
*/
SQLITE_PRIVATE int seawallStockNoop(
  libsql_wal *pWal,
  sqlite3 *db,
  int nBuf,
  u8 *zBuf,
  int *pnLog,
  int *pnCkpt
){
  return sqlite3WalCheckpoint(STOCK(pWal->pData), db, SQLITE_CHECKPOINT_NOOP,
                              0, 0, 0, nBuf, zBuf, pnLog, pnCkpt);
}

#ifdef SQLITE_USE_SEH
SQLITE_PRIVATE int seawallSystemErrno(const libsql_wal *pWal){
  if( pWal==0 || !seawallIsStock(pWal) ) return 0;
  return sqlite3WalSystemErrno(STOCK(pWal->pData));
}
#endif
#if defined(SQLITE_DEBUG) || defined(SQLITE_ENABLE_WALSTAT)
SQLITE_PRIVATE void seawallStat(const libsql_wal *pWal, sqlite3_str *pStr){
  if( seawallIsStock(pWal) ) sqlite3WalStat(STOCK(pWal->pData), pStr);
}
#endif

/*
** The wal-index as it stands: see libsql.h.  The part of the index that is
** needed may not be mapped yet.
*/
SQLITE_API int sqlite3_wal_backfilled(sqlite3_wal *p){
  Wal *pWal = STOCK(p);
  int nBackfill = 0;
  if( pWal==0 || pWal->nWiData<1 || pWal->apWiData[0]==0 ) return 0;
  SEH_TRY {
    nBackfill = (int)AtomicLoad(&walCkptInfo(pWal)->nBackfill);
  }
  SEH_EXCEPT( nBackfill = 0; )
  return nBackfill;
}
SQLITE_API unsigned int sqlite3_wal_frame_page_no(
  sqlite3_wal *p,
  unsigned int iFrame
){
  Wal *pWal = STOCK(p);
  volatile u32 *aPage = 0;
  unsigned int pgno = 0;
  if( pWal==0 || iFrame==0 || iFrame>pWal->hdr.mxFrame ) return 0;
  SEH_TRY {
    if( walIndexPage(pWal, walFramePage(iFrame), &aPage)==SQLITE_OK && aPage ){
      pgno = walFramePgno(pWal, iFrame);
    }
  }
  SEH_EXCEPT( pgno = 0; )
  return pgno;
}

#undef STOCK

#else /* SQLITE_OMIT_WAL */

/*
** Without WAL the stock manager is there to be found, and opens nothing.
*/
static int stockOpen(
  wal_manager_impl *pData,
  sqlite3_vfs *pVfs,
  sqlite3_file *pDbFd,
  int noShm,
  sqlite3_int64 mxSize,
  const char *zMainDbFileName,
  libsql_wal *pOut
){
  (void)pData; (void)pVfs; (void)pDbFd; (void)noShm; (void)mxSize;
  (void)zMainDbFileName; (void)pOut;
  return SQLITE_ERROR;
}
static int stockClose(
  wal_manager_impl *pData,
  wal_impl *p,
  sqlite3 *db,
  int sync_flags,
  int nBuf,
  unsigned char *zBuf
){
  (void)pData; (void)p; (void)db; (void)sync_flags; (void)nBuf; (void)zBuf;
  return SQLITE_OK;
}
static int stockLogDestroy(
  wal_manager_impl *pData,
  sqlite3_vfs *pVfs,
  const char *zMainDbFileName
){
  (void)pData; (void)pVfs; (void)zMainDbFileName;
  return SQLITE_OK;
}
static int stockLogExists(
  wal_manager_impl *pData,
  sqlite3_vfs *pVfs,
  const char *zMainDbFileName,
  int *pExists
){
  (void)pData; (void)pVfs; (void)zMainDbFileName;
  *pExists = 0;
  return SQLITE_OK;
}
SQLITE_API int sqlite3_wal_backfilled(sqlite3_wal *p){
  (void)p;
  return 0;
}
SQLITE_API unsigned int sqlite3_wal_frame_page_no(
  sqlite3_wal *p,
  unsigned int iFrame
){
  (void)p; (void)iFrame;
  return 0;
}
#endif /* SQLITE_OMIT_WAL */

static void stockDestroy(wal_manager_impl *pData){
  (void)pData;
}

/*
** The stock manager, and its counted twin, of which no count is kept.
*/
#define SEAWALL_STOCK_MANAGER { \
  1,               /* bUsesShm */ \
  stockOpen, stockClose, stockLogDestroy, stockLogExists, stockDestroy, 0 \
}
SQLITE_API const libsql_wal_manager sqlite3_wal_manager = SEAWALL_STOCK_MANAGER;
static RefCountedWalManager seawallStockRc = { 1, SEAWALL_STOCK_MANAGER, 1 };
