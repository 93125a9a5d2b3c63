/*
** See faults.h.
*/
#include "faults.h"
#include "forward.h"
#include <unistd.h>

/*
** The fault in force.  The tests that use it have one thread.
*/
static struct Armed {
  int bOn;
  int bFile;
  int bPersist;
  int nLeft;               /* Calls that are still to succeed */
  int nFault;
} armed;

/* Is this call, of the kind that bFile says, to fail? */
static int fails(int bFile){
  if( !armed.bOn || armed.bFile!=bFile ) return 0;
  if( armed.nLeft>0 ){
    armed.nLeft--;
    return 0;
  }
  if( armed.nFault>0 && !armed.bPersist ) return 0;
  armed.nFault++;
  return 1;
}

/*
** Allocations.
*/
static sqlite3_mem_methods realMem;

static void *faultMalloc(int n){
  return fails(0) ? 0 : realMem.xMalloc(n);
}
static void *faultRealloc(void *p, int n){
  return fails(0) ? 0 : realMem.xRealloc(p, n);
}

/*
** Files.  Giving back a lock and closing cannot fail in a way that SQLite could
** act on, so they do not fail here.
*/
static sqlite3_vfs *pRealVfs;

static int fRead(sqlite3_file *p, void *z, int n, sqlite3_int64 i){
  if( fails(1) ) return SQLITE_IOERR_READ;
  return forwardMethods.xRead(p, z, n, i);
}
static int fWrite(sqlite3_file *p, const void *z, int n, sqlite3_int64 i){
  if( fails(1) ) return SQLITE_FULL;
  return forwardMethods.xWrite(p, z, n, i);
}
static int fTruncate(sqlite3_file *p, sqlite3_int64 n){
  if( fails(1) ) return SQLITE_IOERR_TRUNCATE;
  return forwardMethods.xTruncate(p, n);
}
/* Power is not lost here: leave out what takes the time. */
static int fSync(sqlite3_file *p, int flags){
  (void)p; (void)flags;
  return fails(1) ? SQLITE_IOERR_FSYNC : SQLITE_OK;
}
static int fFileSize(sqlite3_file *p, sqlite3_int64 *pn){
  if( fails(1) ) return SQLITE_IOERR_FSTAT;
  return forwardMethods.xFileSize(p, pn);
}
static int fLock(sqlite3_file *p, int eLock){
  if( fails(1) ) return SQLITE_IOERR_LOCK;
  return forwardMethods.xLock(p, eLock);
}
static int fCheckReserved(sqlite3_file *p, int *pOut){
  if( fails(1) ) return SQLITE_IOERR_CHECKRESERVEDLOCK;
  return forwardMethods.xCheckReservedLock(p, pOut);
}
static int fShmMap(sqlite3_file *p, int i, int n, int b, void volatile **pp){
  if( fails(1) ) return SQLITE_IOERR_SHMMAP;
  return forwardMethods.xShmMap(p, i, n, b, pp);
}
static int fShmLock(sqlite3_file *p, int i, int n, int flags){
  if( (flags & SQLITE_SHM_LOCK) && fails(1) ) return SQLITE_IOERR_SHMLOCK;
  return forwardMethods.xShmLock(p, i, n, flags);
}

static sqlite3_io_methods fileMethods;

static int vOpen(sqlite3_vfs *pVfs, const char *zName, sqlite3_file *pFile,
                 int flags, int *pFlags){
  (void)pVfs;
  pFile->pMethods = 0;
  if( fails(1) ) return SQLITE_CANTOPEN;
  return forwardOpen(&fileMethods, zName, pFile, flags, pFlags);
}
static int vDelete(sqlite3_vfs *pVfs, const char *zName, int bSync){
  (void)pVfs;
  if( fails(1) ) return SQLITE_IOERR_DELETE;
  return pRealVfs->xDelete(pRealVfs, zName, bSync);
}
static int vAccess(sqlite3_vfs *pVfs, const char *zName, int flags, int *pOut){
  (void)pVfs;
  if( fails(1) ) return SQLITE_IOERR_ACCESS;
  return pRealVfs->xAccess(pRealVfs, zName, flags, pOut);
}
static int vFullPathname(sqlite3_vfs *pVfs, const char *z, int n, char *zOut){
  (void)pVfs;
  if( fails(1) ) return SQLITE_CANTOPEN_FULLPATH;
  return pRealVfs->xFullPathname(pRealVfs, z, n, zOut);
}

static sqlite3_vfs faultVfs;

/*
** Start SQLite with our allocator and, as the default, our VFS.
*/
static void start(void){
  static sqlite3_mem_methods mem;
  if( realMem.xMalloc==0 ){
    sqlite3_config(SQLITE_CONFIG_GETMALLOC, &realMem);
    mem = realMem;
    mem.xMalloc = faultMalloc;
    mem.xRealloc = faultRealloc;
  }
  sqlite3_config(SQLITE_CONFIG_MALLOC, &mem);
  sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0);
  CHECK_INT("sqlite3_initialize", sqlite3_initialize(), SQLITE_OK);
  if( pRealVfs==0 ){
    fileMethods = forwardMethods;
    fileMethods.xRead = fRead;
    fileMethods.xWrite = fWrite;
    fileMethods.xTruncate = fTruncate;
    fileMethods.xSync = fSync;
    fileMethods.xFileSize = fFileSize;
    fileMethods.xLock = fLock;
    fileMethods.xCheckReservedLock = fCheckReserved;
    fileMethods.xShmMap = fShmMap;
    fileMethods.xShmLock = fShmLock;
    pRealVfs = forwardVfs(&faultVfs, "fault");
    faultVfs.xOpen = vOpen;
    faultVfs.xDelete = vDelete;
    faultVfs.xAccess = vAccess;
    faultVfs.xFullPathname = vFullPathname;
  }
  CHECK_INT("sqlite3_vfs_register", sqlite3_vfs_register(&faultVfs, 1),
            SQLITE_OK);
}

int faultExplains(const World *p, int rc){
  if( p->nFault==0 ) return 0;
  if( p->pFault->bFile ){
    switch( rc&0xff ){
      case SQLITE_IOERR:
      case SQLITE_CANTOPEN:
      case SQLITE_FULL:
        return 1;
    }
    return 0;
  }
  return (rc&0xff)==SQLITE_NOMEM || rc==SQLITE_IOERR_NOMEM;
}

const char *worldUri(const World *p, const char *zDb){
  static char zUri[200];
  snprintf(zUri, sizeof(zUri), "file:%s?wal=%s", zDb, p->zWal);
  return zUri;
}

int worldOpen(World *p, const char *zUri){
  int rc = sqlite3_open_v2(zUri, &p->db,
      SQLITE_OPEN_READWRITE|SQLITE_OPEN_CREATE|SQLITE_OPEN_URI, 0);
  if( rc==SQLITE_OK ) sqlite3_extended_result_codes(p->db, 1);
  return rc;
}

int unknownWal(World *p, int rc){
  CHECK("it cannot work", rc!=SQLITE_OK);
  if( rc!=SQLITE_ERROR ) return rc;
  CHECK_TEXT("the message", sqlite3_errmsg(p->db), "wal \"nope\" is not"
     " registered (registered: heap, passthrough, sqlite)");
  return SQLITE_OK;
}

sqlite3 *worldReopen(World *p, const char *zDb){
  return openDb(worldUri(p, zDb));
}

/*
** One turn: call number iCall fails.  Returns how many calls failed.
*/
static int turn(
  const Scenario *pScenario,
  const char *zWal,
  const Fault *pFault,
  int iCall
){
  World w;
  int rc;
  memset(&w, 0, sizeof(w));
  w.zWal = zWal;
  w.pFault = pFault;
  start();
  CHECK_INT("register", registerManagers(&w.m), SQLITE_OK);
  if( pScenario->xPrepare ) pScenario->xPrepare(&w);

  memset(&armed, 0, sizeof(armed));
  armed.bFile = pFault->bFile;
  armed.bPersist = pFault->bPersist;
  armed.nLeft = iCall-1;
  armed.bOn = 1;
  rc = pScenario->xRun(&w);
  armed.bOn = 0;
  w.nFault = armed.nFault;

  if( rc!=SQLITE_OK && !faultExplains(&w, rc) ){
    CHECK_INT("the result code", rc, SQLITE_OK);
  }
  pScenario->xVerify(&w, rc);
  if( w.db ) CHECK_INT("close", sqlite3_close(w.db), SQLITE_OK);
  CHECK_INT("sqlite3_shutdown", sqlite3_shutdown(), SQLITE_OK);
  CHECK_INT("memory in use", sqlite3_memory_used(), 0);
  checkManagers(&w.m);
  CHECK_INT("logs of managers handed over", w.own.nLive, 0);
  return w.nFault;
}

/*
** Leave nothing behind for the next turn.
*/
static void clean(void){
  static const char *const azDb[] = { "a.db", "b.db", "c.db" };
  unsigned i;
  for(i=0; i<sizeof(azDb)/sizeof(azDb[0]); i++) removeDb(azDb[i]);
}

void faultLoop(const Scenario *pScenario){
  static const Fault aFault[] = {
    { "an allocation fails",                 0, 0 },
    { "allocations fail from one on",        0, 1 },
    { "a file operation fails",              1, 0 },
    { "file operations fail from one on",    1, 1 },
  };
  int nTurn = 0;
  unsigned i;
  int k;
  for(k=0; k<nManager; k++){
    for(i=0; i<sizeof(aFault)/sizeof(aFault[0]); i++){
      int iCall = 1;
      int nFault = 1;
      while( nFault>0 && failures()<20 ){
        context("%s, wal %s, %s, number %d", pScenario->zName, azManager[k],
                aFault[i].zName, iCall);
        nFault = turn(pScenario, azManager[k], &aFault[i], iCall);
        clean();
        nTurn++;
        /* Fewer turns under tools that take long */
        iCall += 1 + 100/scaled(100)/2;
      }
    }
  }
  context("");
  printf("%s: %d turns\n", pScenario->zName, nTurn);
}
