/*
** See passthrough.h.
*/
#include "passthrough.h"
#include <stddef.h>
#include <string.h>

/*
** One log: the stock one, where to count, and what to say to a pager that
** opens savepoints.
*/
typedef struct Pass Pass;
struct Pass {
  libsql_wal inner;
  PassCount *pCount;
};

static PassCount nowhere;

#define PASS(P)      ((Pass*)(P))
#define INNER(P)     (PASS(P)->inner.pData)
#define METHODS(P)   (&PASS(P)->inner.methods)
#define COUNT(P,F,N) ((void)__atomic_add_fetch(&PASS(P)->pCount->F, (N), \
                                               __ATOMIC_RELAXED))
#define MANAGER_COUNT(P,F,N) \
   ((void)__atomic_add_fetch(&((PassCount*)(P))->F, (N), __ATOMIC_RELAXED))

static void passLimit(wal_impl *p, sqlite3_int64 limit){
  METHODS(p)->xLimit(INNER(p), limit);
}
static int passBeginRead(wal_impl *p, int *pChanged){
  COUNT(p, nRead, 1);
  return METHODS(p)->xBeginReadTransaction(INNER(p), pChanged);
}
static void passEndRead(wal_impl *p){
  METHODS(p)->xEndReadTransaction(INNER(p));
}
static int passFindFrame(wal_impl *p, unsigned pgno, unsigned *piFrame){
  return METHODS(p)->xFindFrame(INNER(p), pgno, piFrame);
}
static int passReadFrame(wal_impl *p, unsigned i, int n, unsigned char *z){
  return METHODS(p)->xReadFrame(INNER(p), i, n, z);
}
static int passReadFrameRaw(wal_impl *p, unsigned i, int n, unsigned char *z){
  return METHODS(p)->xReadFrameRaw(INNER(p), i, n, z);
}
static unsigned passDbsize(wal_impl *p){
  return METHODS(p)->xDbsize(INNER(p));
}
static int passBeginWrite(wal_impl *p){
  COUNT(p, nWrite, 1);
  return METHODS(p)->xBeginWriteTransaction(INNER(p));
}
static int passEndWrite(wal_impl *p){
  return METHODS(p)->xEndWriteTransaction(INNER(p));
}
static int passUndo(wal_impl *p, int (*xUndo)(void*,unsigned), void *pCtx){
  COUNT(p, nUndo, 1);
  return METHODS(p)->xUndo(INNER(p), xUndo, pCtx);
}
static void passSavepoint(wal_impl *p, unsigned *aWalData){
  COUNT(p, nSavepoint, 1);
  COUNT(p, nLiveSavepoint, 1);
  METHODS(p)->xSavepoint(INNER(p), aWalData);
}
static int passSavepointUndo(wal_impl *p, unsigned *aWalData){
  COUNT(p, nSavepointUndo, 1);
  return METHODS(p)->xSavepointUndo(INNER(p), aWalData);
}
static void passSavepointForget(wal_impl *p, unsigned *aWalData){
  COUNT(p, nForget, 1);
  COUNT(p, nLiveSavepoint, -1);
  if( METHODS(p)->iVersion>=2 && METHODS(p)->xSavepointForget ){
    METHODS(p)->xSavepointForget(INNER(p), aWalData);
  }
}
static int passFrameCount(wal_impl *p, int locked, unsigned *pn){
  COUNT(p, nFrameCount, 1);
  return METHODS(p)->xFrameCount(INNER(p), locked, pn);
}
static int passFrames(
  wal_impl *p,
  int szPage,
  libsql_pghdr *pList,
  unsigned nTruncate,
  int isCommit,
  int sync_flags,
  int *pnFrames
){
  COUNT(p, nFrames, 1);
  if( isCommit ) COUNT(p, nCommit, 1);
  return METHODS(p)->xFrames(INNER(p), szPage, pList, nTruncate, isCommit,
                             sync_flags, pnFrames);
}
static int passCheckpoint(
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
  COUNT(p, nCheckpoint, 1);
  if( eMode<SQLITE_CHECKPOINT_PASSIVE ) COUNT(p, nNoop, 1);
  return METHODS(p)->xCheckpoint(INNER(p), db, eMode, xBusy, pBusyArg,
             sync_flags, nBuf, zBuf, pnLog, pnCkpt, xCb, pCbData);
}
static int passCallback(wal_impl *p){
  return METHODS(p)->xCallback(INNER(p));
}
static int passExclusiveMode(wal_impl *p, int op){
  return METHODS(p)->xExclusiveMode(INNER(p), op);
}
static int passHeapMemory(wal_impl *p){
  return METHODS(p)->xHeapMemory(INNER(p));
}
static int passSnapshotGet(wal_impl *p, sqlite3_snapshot **pp){
  return METHODS(p)->xSnapshotGet(INNER(p), pp);
}
static void passSnapshotOpen(wal_impl *p, sqlite3_snapshot *pSnapshot){
  METHODS(p)->xSnapshotOpen(INNER(p), pSnapshot);
}
static int passSnapshotRecover(wal_impl *p){
  return METHODS(p)->xSnapshotRecover(INNER(p));
}
static int passSnapshotCheck(void *p, sqlite3_snapshot *pSnapshot){
  return METHODS(p)->xSnapshotCheck(INNER(p), pSnapshot);
}
static void passSnapshotUnlock(wal_impl *p){
  METHODS(p)->xSnapshotUnlock(INNER(p));
}
static int passFramesize(wal_impl *p){
  return METHODS(p)->xFramesize(INNER(p));
}
static sqlite3_file *passFile(wal_impl *p){
  return METHODS(p)->xFile(INNER(p));
}
static int passWriteLock(wal_impl *p, int bLock){
  return METHODS(p)->xWriteLock(INNER(p), bLock);
}
static void passDb(wal_impl *p, sqlite3 *db){
  METHODS(p)->xDb(INNER(p), db);
}

/*
** Our methods for a log with the methods pInner.  A slot that the inner log
** leaves empty is empty in ours too.
*/
static void passMethods(
  libsql_wal_methods *pM,
  const libsql_wal_methods *pInner
){
  memset(pM, 0, sizeof(*pM));
  pM->iVersion = 2;
  pM->xLimit = passLimit;
  pM->xBeginReadTransaction = passBeginRead;
  pM->xEndReadTransaction = passEndRead;
  pM->xFindFrame = passFindFrame;
  pM->xReadFrame = passReadFrame;
  pM->xDbsize = passDbsize;
  pM->xBeginWriteTransaction = passBeginWrite;
  pM->xEndWriteTransaction = passEndWrite;
  pM->xUndo = passUndo;
  pM->xSavepoint = passSavepoint;
  pM->xSavepointUndo = passSavepointUndo;
  pM->xSavepointForget = passSavepointForget;
  pM->xFrames = passFrames;
  pM->xCheckpoint = passCheckpoint;
  pM->xCallback = passCallback;
  pM->xExclusiveMode = passExclusiveMode;
  pM->xHeapMemory = passHeapMemory;
#define OPTIONAL(SLOT, FUNC) if( pInner->SLOT ) pM->SLOT = FUNC
  OPTIONAL(xReadFrameRaw, passReadFrameRaw);
  OPTIONAL(xFrameCount, passFrameCount);
  OPTIONAL(xSnapshotGet, passSnapshotGet);
  OPTIONAL(xSnapshotOpen, passSnapshotOpen);
  OPTIONAL(xSnapshotRecover, passSnapshotRecover);
  OPTIONAL(xSnapshotCheck, passSnapshotCheck);
  OPTIONAL(xSnapshotUnlock, passSnapshotUnlock);
  OPTIONAL(xFramesize, passFramesize);
  OPTIONAL(xFile, passFile);
  OPTIONAL(xWriteLock, passWriteLock);
  OPTIONAL(xDb, passDb);
#undef OPTIONAL
}

/*
** Open the stock log and put ours in front of it.
*/
static int passOpenInner(
  wal_manager_impl *pMgr,
  sqlite3_vfs *pVfs,
  sqlite3_file *pFile,
  int noShm,
  sqlite3_int64 mxSize,
  const char *zDb,
  Pass **ppPass
){
  const libsql_wal_manager *pInner = &sqlite3_wal_manager;
  Pass *p = sqlite3_malloc(sizeof(*p));
  int rc;
  if( p==0 ) return SQLITE_NOMEM;
  memset(p, 0, sizeof(*p));
  p->pCount = (PassCount*)pMgr;
  rc = pInner->xOpen(pInner->pData, pVfs, pFile, noShm, mxSize, zDb, &p->inner);
  if( rc!=SQLITE_OK ){
    sqlite3_free(p);
    return rc;
  }
  MANAGER_COUNT(pMgr, nOpen, 1);
  MANAGER_COUNT(pMgr, nLive, 1);
  *ppPass = p;
  return SQLITE_OK;
}
static int passOpen(
  wal_manager_impl *pMgr,
  sqlite3_vfs *pVfs,
  sqlite3_file *pFile,
  int noShm,
  sqlite3_int64 mxSize,
  const char *zDb,
  libsql_wal *pOut
){
  Pass *p = 0;
  int rc = passOpenInner(pMgr, pVfs, pFile, noShm, mxSize, zDb, &p);
  if( rc==SQLITE_OK ){
    passMethods(&pOut->methods, &p->inner.methods);
    pOut->pData = (wal_impl*)p;
  }
  return rc;
}

/*
** As code compiled against libSQL 0.9 does it: its libsql_wal is 8 bytes
** shorter, the method table ends before xSavepointForget.
*/
static int passOpenV1(
  wal_manager_impl *pMgr,
  sqlite3_vfs *pVfs,
  sqlite3_file *pFile,
  int noShm,
  sqlite3_int64 mxSize,
  const char *zDb,
  libsql_wal *pOut
){
  const size_t nTable = offsetof(libsql_wal_methods, xSavepointForget);
  Pass *p = 0;
  int rc = passOpenInner(pMgr, pVfs, pFile, noShm, mxSize, zDb, &p);
  if( rc==SQLITE_OK ){
    libsql_wal_methods m;
    passMethods(&m, &p->inner.methods);
    m.iVersion = 1;
    memcpy(pOut, &m, nTable);
    memcpy((char*)pOut + nTable, &p, sizeof(p));
  }
  return rc;
}

static int passClose(
  wal_manager_impl *pMgr,
  wal_impl *pWal,
  sqlite3 *db,
  int sync_flags,
  int nBuf,
  unsigned char *zBuf
){
  const libsql_wal_manager *pInner = &sqlite3_wal_manager;
  int rc = pInner->xClose(pInner->pData, INNER(pWal), db, sync_flags,
                          nBuf, zBuf);
  sqlite3_free(pWal);
  MANAGER_COUNT(pMgr, nClose, 1);
  MANAGER_COUNT(pMgr, nLeave, seawall_wal_leaving(db));
  MANAGER_COUNT(pMgr, nLive, -1);
  return rc;
}
static int passLogDestroy(
  wal_manager_impl *pMgr,
  sqlite3_vfs *pVfs,
  const char *zDb
){
  MANAGER_COUNT(pMgr, nLogDestroy, 1);
  return sqlite3_wal_manager.xLogDestroy(sqlite3_wal_manager.pData, pVfs, zDb);
}
static int passLogExists(
  wal_manager_impl *pMgr,
  sqlite3_vfs *pVfs,
  const char *zDb,
  int *pExists
){
  MANAGER_COUNT(pMgr, nLogExists, 1);
  return sqlite3_wal_manager.xLogExists(sqlite3_wal_manager.pData, pVfs, zDb,
                                        pExists);
}
static void passDestroy(wal_manager_impl *pMgr){
  MANAGER_COUNT(pMgr, nDestroy, 1);
}

libsql_wal_manager passthrough_manager(PassCount *pCount){
  libsql_wal_manager m;
  memset(&m, 0, sizeof(m));
  m.bUsesShm = sqlite3_wal_manager.bUsesShm;
  m.xOpen = passOpen;
  m.xClose = passClose;
  m.xLogDestroy = passLogDestroy;
  m.xLogExists = passLogExists;
  m.xDestroy = passDestroy;
  m.pData = (wal_manager_impl*)(pCount ? pCount : &nowhere);
  return m;
}

libsql_wal_manager passthrough_manager_v1(PassCount *pCount){
  libsql_wal_manager m = passthrough_manager(pCount);
  m.xOpen = passOpenV1;
  return m;
}

int passthrough_init(const char *zUnused){
  libsql_wal_manager m = passthrough_manager(0);
  (void)zUnused;
  return seawall_wal_register("passthrough", &m, 1);
}
