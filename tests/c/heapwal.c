/*
** See heapwal.h.
*/
#include "heapwal.h"
#include <string.h>

typedef struct Frame Frame;
typedef struct Log Log;
typedef struct Heap Heap;
typedef struct Manager Manager;
typedef struct Position Position;

/*
** Frame i of a log is aFrame[i-1].
*/
struct Frame {
  unsigned pgno;           /* Page that it holds */
  unsigned nPage;          /* Size of the database if it commits, else 0 */
  unsigned iPrev;          /* Frame with the page before this one, or 0 */
  unsigned char *aData;    /* Content */
};

/*
** The log of one database.  Everything is guarded by the manager's mutex,
** but for the frames behind nCommit, which are the writer's own.
*/
struct Log {
  Log *pNext;
  char *zDb;               /* Name of the database file */
  int nUser;               /* Connections that have it open */
  int szPage;
  Frame *aFrame;
  unsigned nAlloc;         /* Slots in aFrame */
  unsigned nFrame;         /* Frames, those not yet committed too */
  unsigned nCommit;        /* Frames up to the last commit */
  unsigned nBackfill;      /* Frames that are in the database file */
  unsigned *aNewest;       /* Newest frame of each page, by page number */
  unsigned nNewest;
  unsigned nRestart;       /* How often the log was emptied */
  unsigned iChange;        /* How often it was committed to */
  Heap *pWriter;           /* Holds the write lock */
  Heap *pCkpt;             /* Holds the checkpoint lock */
  Heap *pUsers;            /* Everybody, linked through Heap.pNext */
};

/*
** One connection to a log: the wal_impl.
*/
struct Heap {
  Manager *pMgr;
  Log *pLog;
  sqlite3_file *pDbFd;
  Heap *pNext;
  int bReading;            /* Inside a read transaction */
  unsigned nSeen;          /* Frames that this reader sees */
  unsigned nPage;          /* Size of the database that it sees, 0: file size */
  unsigned iChange;        /* Log.iChange when it began */
  unsigned nRestart;       /* Log.nRestart, likewise */
  int bValid;              /* The two above hold something */
  int nCallback;           /* For xCallback */
  int bExclusive;
};

/*
** A place to go back to.  aWalData[0..1] holds its address.
*/
struct Position {
  unsigned iMagic;
  unsigned nFrame;
  unsigned nRestart;
};
#define POSITION_MAGIC 0x5ea3a11u

struct Manager {
  sqlite3_mutex *pMutex;
  Log *pLogs;
  HeapCount *pCount;
};

static HeapCount nowhere;

#define COUNT(M,F,N) \
  ((void)__atomic_add_fetch(&(M)->pCount->F, (N), __ATOMIC_RELAXED))
#define HEAP(P) ((Heap*)(P))

static void enter(Heap *p){ sqlite3_mutex_enter(p->pMgr->pMutex); }
static void leave(Heap *p){ sqlite3_mutex_leave(p->pMgr->pMutex); }

/*
** Throw away the frames from n+1 on.
*/
static void logTruncate(Log *pLog, unsigned n){
  while( pLog->nFrame>n ){
    Frame *pFrame = &pLog->aFrame[--pLog->nFrame];
    pLog->aNewest[pFrame->pgno] = pFrame->iPrev;
    sqlite3_free(pFrame->aData);
  }
}

/*
** Every frame is in the database file and nobody reads from the log.
*/
static void logRestart(Manager *pMgr, Log *pLog){
  logTruncate(pLog, 0);
  pLog->nCommit = 0;
  pLog->nBackfill = 0;
  pLog->nRestart++;
  COUNT(pMgr, nRestart, 1);
}

static void logFree(Manager *pMgr, Log *pLog){
  Log **pp;
  for(pp=&pMgr->pLogs; *pp!=pLog; pp=&(*pp)->pNext){}
  *pp = pLog->pNext;
  logTruncate(pLog, 0);
  sqlite3_free(pLog->aFrame);
  sqlite3_free(pLog->aNewest);
  sqlite3_free(pLog->zDb);
  sqlite3_free(pLog);
}

static Log *logFind(Manager *pMgr, const char *zDb){
  Log *pLog;
  for(pLog=pMgr->pLogs; pLog && strcmp(pLog->zDb, zDb); pLog=pLog->pNext){}
  return pLog;
}

static Log *logNew(Manager *pMgr, const char *zDb){
  Log *pLog = sqlite3_malloc(sizeof(*pLog));
  if( pLog==0 ) return 0;
  memset(pLog, 0, sizeof(*pLog));
  pLog->zDb = sqlite3_mprintf("%s", zDb);
  if( pLog->zDb==0 ){
    sqlite3_free(pLog);
    return 0;
  }
  pLog->pNext = pMgr->pLogs;
  pMgr->pLogs = pLog;
  return pLog;
}

/*
** Does anybody but pExcept read from the log?
*/
static int logHasReader(const Log *pLog, const Heap *pExcept){
  const Heap *p;
  for(p=pLog->pUsers; p; p=p->pNext){
    if( p!=pExcept && p->bReading ) return 1;
  }
  return 0;
}

/*
** The last frame that every reader sees.
*/
static unsigned logSafe(const Log *pLog){
  unsigned n = pLog->nCommit;
  const Heap *p;
  for(p=pLog->pUsers; p; p=p->pNext){
    if( p->bReading && p->nSeen<n ) n = p->nSeen;
  }
  return n;
}

/*
** Make room for a frame more, with page pgno.
*/
static int logReserve(Log *pLog, unsigned pgno){
  if( pLog->nFrame==pLog->nAlloc ){
    unsigned nNew = pLog->nAlloc*2 + 16;
    Frame *aNew = sqlite3_realloc64(pLog->aFrame, nNew*sizeof(Frame));
    if( aNew==0 ) return SQLITE_NOMEM;
    pLog->aFrame = aNew;
    pLog->nAlloc = nNew;
  }
  if( pgno>=pLog->nNewest ){
    unsigned nNew = pgno*2 + 16;
    unsigned *aNew = sqlite3_realloc64(pLog->aNewest, nNew*sizeof(unsigned));
    if( aNew==0 ) return SQLITE_NOMEM;
    memset(&aNew[pLog->nNewest], 0, (nNew-pLog->nNewest)*sizeof(unsigned));
    pLog->aNewest = aNew;
    pLog->nNewest = nNew;
  }
  return SQLITE_OK;
}

static int logAppend(Log *pLog, unsigned pgno, const void *pData){
  Frame *pFrame;
  unsigned char *aCopy;
  if( logReserve(pLog, pgno)!=SQLITE_OK ) return SQLITE_NOMEM;
  aCopy = sqlite3_malloc(pLog->szPage);
  if( aCopy==0 ) return SQLITE_NOMEM;
  memcpy(aCopy, pData, pLog->szPage);
  pFrame = &pLog->aFrame[pLog->nFrame++];
  pFrame->pgno = pgno;
  pFrame->nPage = 0;
  pFrame->iPrev = pLog->aNewest[pgno];
  pFrame->aData = aCopy;
  pLog->aNewest[pgno] = pLog->nFrame;
  return SQLITE_OK;
}

/*
** The frame that holds page pgno for somebody who sees nSeen frames, or 0.
*/
static unsigned logLookup(const Log *pLog, unsigned pgno, unsigned nSeen){
  unsigned i = pgno<pLog->nNewest ? pLog->aNewest[pgno] : 0;
  while( i>nSeen ) i = pLog->aFrame[i-1].iPrev;
  return i;
}

static void heapLimit(wal_impl *pWal, sqlite3_int64 limit){
  (void)pWal; (void)limit;
}

static int heapBeginRead(wal_impl *pWal, int *pChanged){
  Heap *p = HEAP(pWal);
  Log *pLog = p->pLog;
  enter(p);
  if( !p->bValid || p->iChange!=pLog->iChange || p->nRestart!=pLog->nRestart ){
    *pChanged = 1;
  }
  p->bValid = 1;
  p->iChange = pLog->iChange;
  p->nRestart = pLog->nRestart;
  p->nSeen = pLog->nCommit;
  p->nPage = p->nSeen ? pLog->aFrame[p->nSeen-1].nPage : 0;
  p->bReading = 1;
  leave(p);
  return SQLITE_OK;
}

/*
** Give back the write lock.  Frames that were not committed go with it.
*/
static void endWrite(Heap *p){
  Log *pLog = p->pLog;
  if( pLog->pWriter==p ){
    logTruncate(pLog, pLog->nCommit);
    p->nSeen = pLog->nCommit;
    pLog->pWriter = 0;
  }
}
static void heapEndRead(wal_impl *pWal){
  Heap *p = HEAP(pWal);
  enter(p);
  endWrite(p);
  p->bReading = 0;
  leave(p);
}

static int heapFindFrame(wal_impl *pWal, unsigned pgno, unsigned *piFrame){
  Heap *p = HEAP(pWal);
  enter(p);
  *piFrame = logLookup(p->pLog, pgno, p->nSeen);
  leave(p);
  return SQLITE_OK;
}

static int heapReadFrame(wal_impl *pWal, unsigned i, int n, unsigned char *z){
  Heap *p = HEAP(pWal);
  int rc = SQLITE_OK;
  enter(p);
  if( i==0 || i>p->pLog->nFrame ){
    rc = SQLITE_IOERR_SHORT_READ;
  }else{
    memcpy(z, p->pLog->aFrame[i-1].aData, n<p->pLog->szPage ? n : p->pLog->szPage);
  }
  leave(p);
  return rc;
}

static void put32(unsigned char *z, unsigned v){
  z[0] = (unsigned char)(v>>24);
  z[1] = (unsigned char)(v>>16);
  z[2] = (unsigned char)(v>>8);
  z[3] = (unsigned char)v;
}
static int heapReadFrameRaw(wal_impl *pWal, unsigned i, int n, unsigned char *z){
  Heap *p = HEAP(pWal);
  unsigned char aHdr[24];
  if( n<24 ) return SQLITE_IOERR_SHORT_READ;
  memset(aHdr, 0, sizeof(aHdr));
  enter(p);
  if( i>0 && i<=p->pLog->nFrame ){
    put32(&aHdr[0], p->pLog->aFrame[i-1].pgno);
    put32(&aHdr[4], p->pLog->aFrame[i-1].nPage);
  }
  leave(p);
  memcpy(z, aHdr, sizeof(aHdr));
  return heapReadFrame(pWal, i, n-24, &z[24]);
}

static unsigned heapDbsize(wal_impl *pWal){
  return HEAP(pWal)->nPage;
}

static int heapBeginWrite(wal_impl *pWal){
  Heap *p = HEAP(pWal);
  Log *pLog = p->pLog;
  int rc = SQLITE_OK;
  enter(p);
  if( pLog->pWriter==p ){
    /* It has it */
  }else if( pLog->pWriter ){
    rc = SQLITE_BUSY;
  }else if( p->iChange!=pLog->iChange || p->nRestart!=pLog->nRestart ){
    rc = SQLITE_BUSY_SNAPSHOT;
  }else{
    pLog->pWriter = p;
  }
  leave(p);
  return rc;
}

static int heapEndWrite(wal_impl *pWal){
  Heap *p = HEAP(pWal);
  enter(p);
  endWrite(p);
  leave(p);
  return SQLITE_OK;
}

/*
** The pager reads pages while it is told which ones to read again: hide the
** frames first, throw them away last.
*/
static int heapUndo(wal_impl *pWal, int (*xUndo)(void*,unsigned), void *pCtx){
  Heap *p = HEAP(pWal);
  Log *pLog = p->pLog;
  int rc = SQLITE_OK;
  unsigned i;
  if( pLog->pWriter!=p ) return SQLITE_OK;
  p->nSeen = pLog->nCommit;
  for(i=pLog->nCommit; rc==SQLITE_OK && i<pLog->nFrame; i++){
    rc = xUndo(pCtx, pLog->aFrame[i].pgno);
  }
  enter(p);
  logTruncate(pLog, pLog->nCommit);
  leave(p);
  return rc;
}

/*
** The place to go back to when no memory was left to remember one: the start
** of the transaction is not right then, so remember the frame number in the
** words that the address does not need.
*/
static void heapSavepoint(wal_impl *pWal, unsigned *aWalData){
  Heap *p = HEAP(pWal);
  Position *pPos = sqlite3_malloc(sizeof(*pPos));
  memset(aWalData, 0, WAL_SAVEPOINT_NDATA*sizeof(aWalData[0]));
  if( pPos ){
    pPos->iMagic = POSITION_MAGIC;
    pPos->nFrame = p->pLog->nFrame;
    pPos->nRestart = p->pLog->nRestart;
  }
  memcpy(aWalData, &pPos, sizeof(pPos));
  aWalData[2] = p->pLog->nFrame;
  aWalData[3] = p->pLog->nRestart;
  COUNT(p->pMgr, nLiveSavepoint, 1);
}

/*
** The position that aWalData stands for, if it is sound.
*/
static Position *positionOf(Heap *p, const unsigned *aWalData){
  Position *pPos;
  memcpy(&pPos, aWalData, sizeof(pPos));
  if( pPos && (pPos->iMagic!=POSITION_MAGIC || pPos->nFrame!=aWalData[2]
               || pPos->nRestart!=aWalData[3]) ){
    COUNT(p->pMgr, nBadSavepoint, 1);
    return 0;
  }
  return pPos;
}
static int heapSavepointUndo(wal_impl *pWal, unsigned *aWalData){
  Heap *p = HEAP(pWal);
  Log *pLog = p->pLog;
  unsigned n = aWalData[2];
  (void)positionOf(p, aWalData);
  COUNT(p->pMgr, nSavepointUndo, 1);
  enter(p);
  if( aWalData[3]!=pLog->nRestart ) n = 0;   /* Emptied by our first write */
  if( n<pLog->nCommit ) n = pLog->nCommit;
  logTruncate(pLog, n);
  p->nSeen = pLog->nFrame;
  leave(p);
  return SQLITE_OK;
}
static void heapSavepointForget(wal_impl *pWal, unsigned *aWalData){
  Heap *p = HEAP(pWal);
  Position *pPos = positionOf(p, aWalData);
  if( pPos ){
    pPos->iMagic = 0;
    sqlite3_free(pPos);
  }
  COUNT(p->pMgr, nForget, 1);
  COUNT(p->pMgr, nLiveSavepoint, -1);
}

static int heapFrameCount(wal_impl *pWal, int locked, unsigned *pn){
  Heap *p = HEAP(pWal);
  (void)locked;
  enter(p);
  *pn = p->pLog->pWriter==p ? p->pLog->nFrame : p->pLog->nCommit;
  leave(p);
  return SQLITE_OK;
}

/*
** Append the list, or nothing of it.
*/
static int appendList(Log *pLog, libsql_pghdr *pList){
  const unsigned nBefore = pLog->nFrame;
  int rc = SQLITE_OK;
  for(; pList && rc==SQLITE_OK; pList=pList->pDirty){
    rc = logAppend(pLog, pList->pgno, pList->pData);
  }
  if( rc!=SQLITE_OK ) logTruncate(pLog, nBefore);
  return rc;
}
static int heapFrames(
  wal_impl *pWal,
  int szPage,
  libsql_pghdr *pList,
  unsigned nTruncate,
  int isCommit,
  int sync_flags,
  int *pnFrames
){
  Heap *p = HEAP(pWal);
  Log *pLog = p->pLog;
  unsigned nBefore;
  int rc;
  (void)sync_flags;
  enter(p);
  if( pLog->nFrame>0 && pLog->nFrame==pLog->nBackfill
   && !logHasReader(pLog, p) && pLog->pCkpt==0
   && (pList->flags & SEAWALL_PGHDR_INSERTED)==0
  ){
    logRestart(p->pMgr, pLog);
    p->nRestart = pLog->nRestart;
    p->nSeen = 0;
  }
  if( pLog->nFrame==0 ) pLog->szPage = szPage;
  nBefore = pLog->nFrame;
  rc = appendList(pLog, pList);
  if( rc==SQLITE_OK ){
    p->nSeen = pLog->nFrame;
    if( isCommit ){
      pLog->aFrame[pLog->nFrame-1].nPage = nTruncate;
      pLog->nCommit = pLog->nFrame;
      p->iChange = ++pLog->iChange;
      p->nPage = nTruncate;
      p->nCallback = (int)pLog->nCommit;
    }
    if( pnFrames ) *pnFrames = (int)(pLog->nFrame - nBefore);
  }
  leave(p);
  return rc;
}

/*
** Ask the busy handler, without the mutex.  True: try again.
*/
static int waitAgain(Heap *p, int (*xBusy)(void*), void *pArg){
  int bAgain;
  if( xBusy==0 ) return 0;
  leave(p);
  bAgain = xBusy(pArg);
  enter(p);
  return bAgain;
}

/*
** What a checkpoint was asked to do.
*/
typedef struct Job Job;
struct Job {
  int eMode;
  int (*xBusy)(void*);
  void *pBusyArg;
  int sync_flags;
  int (*xCb)(void*, int, const unsigned char*, int, int, int);
  void *pCbData;
};

/*
** Write one page to the database file and tell the observer.
*/
static int backfillFrame(Heap *p, Job *pJob, unsigned i, unsigned nSafe){
  Frame *pFrame = &p->pLog->aFrame[i-1];
  const int sz = p->pLog->szPage;
  int rc = p->pDbFd->pMethods->xWrite(p->pDbFd, pFrame->aData, sz,
                                      (sqlite3_int64)(pFrame->pgno-1)*sz);
  if( rc==SQLITE_OK && pJob->xCb ){
    rc = pJob->xCb(pJob->pCbData, (int)nSafe, pFrame->aData, sz,
                   (int)pFrame->pgno, (int)i);
  }
  return rc;
}

/*
** Copy to the database file what every reader sees.
*/
static int backfill(Heap *p, Job *pJob){
  Log *pLog = p->pLog;
  const unsigned nSafe = logSafe(pLog);
  unsigned i, nPage;
  int rc = SQLITE_OK;
  if( nSafe<=pLog->nBackfill ) return SQLITE_OK;
  nPage = pLog->aFrame[nSafe-1].nPage;
  for(i=nSafe; rc==SQLITE_OK && i>pLog->nBackfill; i--){
    const unsigned pgno = pLog->aFrame[i-1].pgno;
    if( logLookup(pLog, pgno, nSafe)!=i || pgno>nPage ) continue;
    rc = backfillFrame(p, pJob, i, nSafe);
  }
  if( rc==SQLITE_OK && nSafe==pLog->nCommit ){
    if( pJob->xCb ){
      rc = pJob->xCb(pJob->pCbData, (int)nSafe, 0, 0, 0, 0);
    }
    if( rc==SQLITE_OK ){
      rc = p->pDbFd->pMethods->xTruncate(p->pDbFd,
                                    (sqlite3_int64)nPage*pLog->szPage);
    }
  }
  if( rc==SQLITE_OK && CKPT_SYNC_FLAGS(pJob->sync_flags) ){
    rc = p->pDbFd->pMethods->xSync(p->pDbFd, CKPT_SYNC_FLAGS(pJob->sync_flags));
  }
  if( rc==SQLITE_OK ) pLog->nBackfill = nSafe;
  return rc;
}

/*
** A checkpoint, with the mutex and the checkpoint lock held.
*/
static int checkpoint(Heap *p, Job *pJob){
  Log *pLog = p->pLog;
  int bWriter = 0;
  int rc;
  if( pJob->eMode>=SQLITE_CHECKPOINT_FULL ){
    while( pLog->pWriter && waitAgain(p, pJob->xBusy, pJob->pBusyArg) ){}
    if( pLog->pWriter==0 ){
      pLog->pWriter = p;
      bWriter = 1;
    }
    while( bWriter && logSafe(pLog)<pLog->nCommit
        && waitAgain(p, pJob->xBusy, pJob->pBusyArg) ){}
  }
  rc = backfill(p, pJob);
  if( rc==SQLITE_OK && pJob->eMode>=SQLITE_CHECKPOINT_FULL
   && (!bWriter || pLog->nBackfill<pLog->nCommit)
  ){
    rc = SQLITE_BUSY;
  }
  if( rc==SQLITE_OK && pJob->eMode>=SQLITE_CHECKPOINT_RESTART ){
    while( logHasReader(pLog, p) && waitAgain(p, pJob->xBusy, pJob->pBusyArg) ){}
    if( logHasReader(pLog, p) ){
      rc = SQLITE_BUSY;
    }else if( pJob->eMode==SQLITE_CHECKPOINT_TRUNCATE && pLog->nCommit>0 ){
      logRestart(p->pMgr, pLog);
    }
  }
  if( bWriter ) pLog->pWriter = 0;
  return rc;
}
static int heapCheckpoint(
  wal_impl *pWal,
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
  Heap *p = HEAP(pWal);
  Log *pLog = p->pLog;
  Job job = { eMode, xBusy, pBusyArg, sync_flags, xCb, pCbData };
  int rc;
  (void)db; (void)nBuf; (void)zBuf;
  if( eMode<SQLITE_CHECKPOINT_PASSIVE || eMode>SQLITE_CHECKPOINT_TRUNCATE ){
    COUNT(p->pMgr, nBadMode, 1);
    return SQLITE_MISUSE;
  }
  enter(p);
  if( pLog->pCkpt ){
    rc = SQLITE_BUSY;
  }else{
    pLog->pCkpt = p;
    rc = checkpoint(p, &job);
    pLog->pCkpt = 0;
  }
  if( rc==SQLITE_OK || rc==SQLITE_BUSY ){
    if( pnLog ) *pnLog = (int)pLog->nCommit;
    if( pnCkpt ) *pnCkpt = (int)pLog->nBackfill;
  }
  leave(p);
  return rc;
}

static int heapCallback(wal_impl *pWal){
  int n = HEAP(pWal)->nCallback;
  HEAP(pWal)->nCallback = 0;
  return n;
}

static int heapExclusiveMode(wal_impl *pWal, int op){
  Heap *p = HEAP(pWal);
  const int bChange = p->bExclusive!=(op!=0);
  if( op>=0 ) p->bExclusive = op;
  return bChange;
}

/*
** Exclusive locking can be left again: whoever comes then is of this process,
** and finds the log.
*/
static int heapHeapMemory(wal_impl *pWal){
  (void)pWal;
  return 0;
}

static void heapMethods(libsql_wal_methods *pM){
  memset(pM, 0, sizeof(*pM));
  pM->iVersion = 2;
  pM->xLimit = heapLimit;
  pM->xBeginReadTransaction = heapBeginRead;
  pM->xEndReadTransaction = heapEndRead;
  pM->xFindFrame = heapFindFrame;
  pM->xReadFrame = heapReadFrame;
  pM->xReadFrameRaw = heapReadFrameRaw;
  pM->xDbsize = heapDbsize;
  pM->xBeginWriteTransaction = heapBeginWrite;
  pM->xEndWriteTransaction = heapEndWrite;
  pM->xUndo = heapUndo;
  pM->xSavepoint = heapSavepoint;
  pM->xSavepointUndo = heapSavepointUndo;
  pM->xSavepointForget = heapSavepointForget;
  pM->xFrameCount = heapFrameCount;
  pM->xFrames = heapFrames;
  pM->xCheckpoint = heapCheckpoint;
  pM->xCallback = heapCallback;
  pM->xExclusiveMode = heapExclusiveMode;
  pM->xHeapMemory = heapHeapMemory;
}

/*
** Join the log of a database, or start one.
*/
static int heapJoin(Manager *pMgr, Heap *p, const char *zDb){
  Log *pLog;
  sqlite3_mutex_enter(pMgr->pMutex);
  pLog = logFind(pMgr, zDb);
  if( pLog==0 ) pLog = logNew(pMgr, zDb);
  if( pLog ){
    p->pLog = pLog;
    p->pNext = pLog->pUsers;
    pLog->pUsers = p;
    pLog->nUser++;
  }
  sqlite3_mutex_leave(pMgr->pMutex);
  return pLog ? SQLITE_OK : SQLITE_NOMEM;
}
static int heapOpen(
  wal_manager_impl *pData,
  sqlite3_vfs *pVfs,
  sqlite3_file *pDbFd,
  int noShm,
  sqlite3_int64 mxSize,
  const char *zDb,
  libsql_wal *pOut
){
  Manager *pMgr = (Manager*)pData;
  Heap *p = sqlite3_malloc(sizeof(*p));
  (void)pVfs; (void)mxSize;
  if( p==0 ) return SQLITE_NOMEM;
  memset(p, 0, sizeof(*p));
  p->pMgr = pMgr;
  p->pDbFd = pDbFd;
  p->bExclusive = noShm!=0;
  if( heapJoin(pMgr, p, zDb)!=SQLITE_OK ){
    sqlite3_free(p);
    return SQLITE_NOMEM;
  }
  COUNT(pMgr, nOpen, 1);
  heapMethods(&pOut->methods);
  pOut->pData = (wal_impl*)p;
  return SQLITE_OK;
}

static int heapClose(
  wal_manager_impl *pData,
  wal_impl *pWal,
  sqlite3 *db,
  int sync_flags,
  int nBuf,
  unsigned char *zBuf
){
  Manager *pMgr = (Manager*)pData;
  Heap *p = HEAP(pWal);
  Log *pLog = p->pLog;
  Job job = { SQLITE_CHECKPOINT_PASSIVE, 0, 0, sync_flags, 0, 0 };
  int rc = SQLITE_OK;
  Heap **pp;
  (void)db; (void)nBuf;
  enter(p);
  endWrite(p);
  p->bReading = 0;
  if( zBuf && pLog->nUser==1 ) rc = backfill(p, &job);
  for(pp=&pLog->pUsers; *pp!=p; pp=&(*pp)->pNext){}
  *pp = p->pNext;
  pLog->nUser--;
  if( pLog->nUser==0 && pLog->nBackfill==pLog->nCommit ) logFree(pMgr, pLog);
  leave(p);
  sqlite3_free(p);
  COUNT(pMgr, nClose, 1);
  return rc;
}

static int heapLogDestroy(
  wal_manager_impl *pData,
  sqlite3_vfs *pVfs,
  const char *zDb
){
  Manager *pMgr = (Manager*)pData;
  Log *pLog;
  int rc = SQLITE_OK;
  (void)pVfs;
  sqlite3_mutex_enter(pMgr->pMutex);
  pLog = logFind(pMgr, zDb);
  if( pLog && pLog->nUser>0 ){
    rc = SQLITE_BUSY;
  }else if( pLog ){
    logFree(pMgr, pLog);
  }
  sqlite3_mutex_leave(pMgr->pMutex);
  return rc;
}
static int heapLogExists(
  wal_manager_impl *pData,
  sqlite3_vfs *pVfs,
  const char *zDb,
  int *pExists
){
  Manager *pMgr = (Manager*)pData;
  (void)pVfs;
  sqlite3_mutex_enter(pMgr->pMutex);
  *pExists = logFind(pMgr, zDb)!=0;
  sqlite3_mutex_leave(pMgr->pMutex);
  return SQLITE_OK;
}

static void heapDestroy(wal_manager_impl *pData){
  Manager *pMgr = (Manager*)pData;
  COUNT(pMgr, nDestroy, 1);
  while( pMgr->pLogs ) logFree(pMgr, pMgr->pLogs);
  sqlite3_mutex_free(pMgr->pMutex);
  sqlite3_free(pMgr);
}

int heapwal_manager(HeapCount *pCount, libsql_wal_manager *pOut){
  Manager *pMgr = sqlite3_malloc(sizeof(*pMgr));
  if( pMgr==0 ) return SQLITE_NOMEM;
  memset(pMgr, 0, sizeof(*pMgr));
  pMgr->pCount = pCount ? pCount : &nowhere;
  pMgr->pMutex = sqlite3_mutex_alloc(SQLITE_MUTEX_FAST);
  if( pMgr->pMutex==0 ){
    sqlite3_free(pMgr);
    return SQLITE_NOMEM;
  }
  memset(pOut, 0, sizeof(*pOut));
  pOut->bUsesShm = 0;
  pOut->xOpen = heapOpen;
  pOut->xClose = heapClose;
  pOut->xLogDestroy = heapLogDestroy;
  pOut->xLogExists = heapLogExists;
  pOut->xDestroy = heapDestroy;
  pOut->pData = (wal_manager_impl*)pMgr;
  return SQLITE_OK;
}
