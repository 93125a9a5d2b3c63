/*
** The virtual WAL, part 1 of 4: the pager's view of a log.
**
** This file stands between wal.h and the text of pager.c, vwal_end.h stands
** behind that text.  In between every call sqlite3WalXxx(pWal,...) of the
** pager goes through the method table of a libsql_wal, so that the text
** itself stays as it is.  wal.c comes later and is not touched by this: it
** keeps on implementing the stock log, which vwal_default.c offers as one
** manager among others.
**
**     vwal_begin.h     these macros, and what the other parts share
**     vwal_pager.c     opening, checking and closing a log for a Pager
**     vwal_frames.c    reading and inserting single frames
**     vwal_default.c   the stock log as a libsql_wal_manager
**     vwal_registry.c  counted and named managers; who uses which
**
** A pointer to a RefCountedWalManager that is NULL means the stock manager,
** here and in the three other parts.  Thus a connection that never heard of
** a manager pays for none.
*/
#ifndef SEAWALL_VWAL_BEGIN_H
#define SEAWALL_VWAL_BEGIN_H

#include "seawall.h"

/* vwal_pager.c */
SQLITE_PRIVATE int seawallPagerOpen(sqlite3*, sqlite3_vfs*, Pager**,
                                    const char*, int, int, int,
                                    void(*)(DbPage*));

/* vwal_registry.c */
typedef struct SeawallOpen SeawallOpen;
SQLITE_PRIVATE const char *seawallUriWal(const char *zFilename);
SQLITE_PRIVATE int seawallSelect(sqlite3*, const char*, RefCountedWalManager**);
SQLITE_PRIVATE int seawallDbOpen(sqlite3*, const SeawallOpen*, const char*);
SQLITE_PRIVATE void seawallDbClose(sqlite3*);
SQLITE_PRIVATE void seawallReportOpenError(sqlite3*, int);
SQLITE_PRIVATE char *seawallTakeOpenError(sqlite3*);
SQLITE_PRIVATE void seawallShutdown(void);

/* vwal_btree.c */
SQLITE_PRIVATE SQLITE_NOINLINE int seawallBtreeBegin(Btree*, int);

#ifndef SQLITE_OMIT_WAL

/* vwal_pager.c */
SQLITE_PRIVATE RefCountedWalManager *seawallPagerManager(Pager*);
SQLITE_PRIVATE libsql_wal_methods *seawallPagerMethods(Pager*);
static int seawallWalOpen(Pager*, int, i64, libsql_wal**);
static int seawallWalClose(Pager*, sqlite3*, int, int, u8*);
static int seawallWalCheckpoint(Pager*, sqlite3*, int, int(*)(void*), void*,
                                int, int, u8*, int*, int*);
static int seawallLogExists(Pager*, int*);
static int seawallLogDestroy(Pager*);
static void seawallForgetSavepoints(Pager*, int);
#ifdef SQLITE_ENABLE_SNAPSHOT
static int seawallSnapshotOpen(libsql_wal*, sqlite3_snapshot*);
#endif

/* vwal_frames.c */
SQLITE_PRIVATE int seawallPagerInserting(Pager*);
SQLITE_PRIVATE int seawallPagerIsShared(Pager*);
SQLITE_PRIVATE int seawallPagerFrameCount(Pager*, int, unsigned*);
SQLITE_PRIVATE int seawallPagerHasNoLog(Pager*);
SQLITE_PRIVATE int seawallPagerReadFrame(Pager*, int, unsigned, int, u8*);
SQLITE_PRIVATE void seawallPagerInsertBegin(Pager*, DbPage*);
SQLITE_PRIVATE int seawallPagerSameFrame(Pager*, unsigned, const u8*, int*);
SQLITE_PRIVATE int seawallPagerInsertFrame(Pager*, const u8*);
SQLITE_PRIVATE int seawallPagerInsertEnd(Pager*, int*);

/* vwal_default.c */
SQLITE_PRIVATE int seawallIsStock(const libsql_wal*);
SQLITE_PRIVATE int seawallStockNoop(libsql_wal*, sqlite3*, int, u8*, int*, int*);
#ifdef SQLITE_USE_SEH
SQLITE_PRIVATE int seawallSystemErrno(const libsql_wal*);
#endif
#if defined(SQLITE_DEBUG) || defined(SQLITE_ENABLE_WALSTAT)
SQLITE_PRIVATE void seawallStat(const libsql_wal*, sqlite3_str*);
#endif

/* vwal_registry.c */
SQLITE_PRIVATE int seawallCheckShared(sqlite3*, const char*, Pager*);

/* vwal_btree.c */
SQLITE_PRIVATE void seawallBtreeNameWal(Btree*, const char*);
SQLITE_PRIVATE int seawallBtreeLeaveWal(Vdbe*, Btree*, int);
SQLITE_PRIVATE int seawallBtreeJournalMode(Btree*, int, int);
SQLITE_PRIVATE int seawallBtreeInsertBegin(Btree*);
SQLITE_PRIVATE int seawallBtreeInsertEnd(Btree*, int*);

/*
** From here to vwal_end.h a "Wal" is a libsql_wal, and the functions of
** wal.h are calls through its table.  What the pager may ask about a log
** that is not open (pWal==NULL) is answered here.
**
** Opening and closing need the Pager.  It is called pPager at each of their
** call sites, and a text where that changes does not compile.
*/
#define Wal libsql_wal
#define SEAWALL_M(W) ((W)->methods)

#define sqlite3WalOpen(V,F,Z,X,L,PP)  seawallWalOpen(pPager,X,L,PP)
#define sqlite3WalClose(W,D,F,N,B)    seawallWalClose(pPager,D,F,N,B)
#define sqlite3WalCheckpoint(W,D,M,B,A,F,N,Z,L,C) \
    seawallWalCheckpoint(pPager,D,M,B,A,F,N,Z,L,C)

#define sqlite3WalLimit(W,L) \
    do{ if( W ) SEAWALL_M(W).xLimit((W)->pData,L); }while(0)
#define sqlite3WalBeginReadTransaction(W,P) \
    SEAWALL_M(W).xBeginReadTransaction((W)->pData,P)
#define sqlite3WalEndReadTransaction(W) \
    SEAWALL_M(W).xEndReadTransaction((W)->pData)
#define sqlite3WalFindFrame(W,P,F)    SEAWALL_M(W).xFindFrame((W)->pData,P,F)
#define sqlite3WalReadFrame(W,F,N,O)  SEAWALL_M(W).xReadFrame((W)->pData,F,N,O)
#define sqlite3WalDbsize(W) \
    ((W) ? SEAWALL_M(W).xDbsize((W)->pData) : 0)
#define sqlite3WalBeginWriteTransaction(W) \
    SEAWALL_M(W).xBeginWriteTransaction((W)->pData)
#define sqlite3WalEndWriteTransaction(W) \
    SEAWALL_M(W).xEndWriteTransaction((W)->pData)
#define sqlite3WalUndo(W,X,C)         SEAWALL_M(W).xUndo((W)->pData,X,C)
#define sqlite3WalSavepoint(W,A)      SEAWALL_M(W).xSavepoint((W)->pData,A)
#define sqlite3WalSavepointUndo(W,A) \
    SEAWALL_M(W).xSavepointUndo((W)->pData,A)
#define sqlite3WalFrames(W,S,L,N,C,F) \
    SEAWALL_M(W).xFrames((W)->pData,S,(libsql_pghdr*)(L),N,C,F,0)
#define sqlite3WalCallback(W) \
    ((W) ? SEAWALL_M(W).xCallback((W)->pData) : 0)
#define sqlite3WalExclusiveMode(W,O) \
    SEAWALL_M(W).xExclusiveMode((W)->pData,O)

/* A log is in heap memory, in the pager's sense, only while no other process
** can have the database open.  A log that always lives on the heap says yes
** in any locking mode. */
#define sqlite3WalHeapMemory(W) \
    ((W)!=0 && pPager->exclusiveMode && SEAWALL_M(W).xHeapMemory((W)->pData))

#define sqlite3WalFile(W)             SEAWALL_M(W).xFile((W)->pData)
#define sqlite3WalFramesize(W) \
    ((W) ? SEAWALL_M(W).xFramesize((W)->pData) : 0)

#ifdef SQLITE_ENABLE_SNAPSHOT
# define sqlite3WalSnapshotGet(W,P)   SEAWALL_M(W).xSnapshotGet((W)->pData,P)
  /* sqlite3PagerSnapshotOpen() returns its rc: a log without snapshots must
  ** say so, or the reader would see another state than it asked for. */
# define sqlite3WalSnapshotOpen(W,P)  (rc = seawallSnapshotOpen(W,P))
# define sqlite3WalSnapshotRecover(W) SEAWALL_M(W).xSnapshotRecover((W)->pData)
# define sqlite3WalSnapshotCheck(W,P) SEAWALL_M(W).xSnapshotCheck((W)->pData,P)
# define sqlite3WalSnapshotUnlock(W)  SEAWALL_M(W).xSnapshotUnlock((W)->pData)
#endif
#ifdef SQLITE_ENABLE_SETLK_TIMEOUT
# define sqlite3WalWriteLock(W,B)     SEAWALL_M(W).xWriteLock((W)->pData,B)
# define sqlite3WalDb(W,D)            SEAWALL_M(W).xDb((W)->pData,D)
#endif
#ifdef SQLITE_USE_SEH
# define sqlite3WalSystemErrno(W)     seawallSystemErrno(W)
#endif
#if defined(SQLITE_DEBUG) || defined(SQLITE_ENABLE_WALSTAT)
# define sqlite3WalStat(W,S)          seawallStat(W,S)
#endif

#define seawallForgetManager(pPager)  destroy_wal_manager((pPager)->pWalMgr)

#else /* SQLITE_OMIT_WAL */
#define seawallForgetManager(pPager)
#define seawallBtreeNameWal(p,zFilename)
#define seawallBtreeJournalMode(p,eAsked,eMode)  (eMode)
#endif /* SQLITE_OMIT_WAL */
#endif /* SEAWALL_VWAL_BEGIN_H */
