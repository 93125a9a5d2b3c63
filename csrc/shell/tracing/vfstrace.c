/*
** -vfstrace: every call of the layer below the database, among the results.
**
** PRAGMA vfstrace('-all,+Lock,Unlock') chooses which calls are shown.
*/
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "shell.h"

/* The calls, in the order of the bits in Trace.mShown. */
enum {
  CALL_CLOSE, CALL_READ, CALL_WRITE, CALL_TRUNCATE, CALL_SYNC, CALL_FILESIZE,
  CALL_LOCK, CALL_UNLOCK, CALL_CHECKRESERVED, CALL_FILECONTROL,
  CALL_SECTORSIZE, CALL_DEVICE, CALL_SHMLOCK, CALL_SHMMAP, CALL_SHMUNMAP,
  CALL_SHMBARRIER, CALL_OPEN, CALL_DELETE, CALL_ACCESS, CALL_FULLPATHNAME,
  CALL_DLOPEN, CALL_DLERROR, CALL_DLSYM, CALL_DLCLOSE, CALL_RANDOMNESS,
  CALL_SLEEP, CALL_TIME, CALL_LASTERROR, CALL_FETCH
};
static const char *const azCall[] = {
  "close", "read", "write", "truncate", "sync", "filesize", "lock", "unlock",
  "checkreservedlock", "filecontrol", "sectorsize", "devicecharacteristics",
  "shmlock", "shmmap", "shmunmap", "shmbarrier", "open", "delete", "access",
  "fullpathname", "dlopen", "dlerror", "dlsym", "dlclose", "randomness",
  "sleep", "currenttime", "getlasterror", "fetch"
};

static struct Trace {
  Shell *p;
  sqlite3_vfs *pReal;      /* What does the work */
  unsigned mShown;
} g;

typedef struct TraceFile TraceFile;
struct TraceFile {
  sqlite3_file base;
  sqlite3_io_methods methods;
  const char *zName;       /* Without directories */
  sqlite3_file *pReal;     /* Behind this object */
};

/*
** Show a part of a call.
*/
static void show(int eCall, const char *zFormat, ...){
  va_list ap;
  char *z;
  if( (g.mShown & (1u<<eCall))==0 ) return;
  va_start(ap, zFormat);
  z = sqlite3_vmprintf(zFormat, ap);
  va_end(ap);
  if( z ) fputs(z, g.p->out);
  fflush(g.p->out);
  sqlite3_free(z);
}

/*
** Show a result code, and then zEnd.
*/
static int showResult(int eCall, int rc, const char *zEnd){
#define NAME(X) { X, #X }
  static const struct { int rc; const char *zName; } a[] = {
    NAME(SQLITE_OK), NAME(SQLITE_ERROR), NAME(SQLITE_INTERNAL),
    NAME(SQLITE_PERM), NAME(SQLITE_ABORT), NAME(SQLITE_BUSY),
    NAME(SQLITE_LOCKED), NAME(SQLITE_NOMEM), NAME(SQLITE_READONLY),
    NAME(SQLITE_INTERRUPT), NAME(SQLITE_IOERR), NAME(SQLITE_CORRUPT),
    NAME(SQLITE_NOTFOUND), NAME(SQLITE_FULL), NAME(SQLITE_CANTOPEN),
    NAME(SQLITE_PROTOCOL), NAME(SQLITE_EMPTY), NAME(SQLITE_SCHEMA),
    NAME(SQLITE_TOOBIG), NAME(SQLITE_CONSTRAINT), NAME(SQLITE_MISMATCH),
    NAME(SQLITE_MISUSE), NAME(SQLITE_NOLFS), NAME(SQLITE_IOERR_READ),
    NAME(SQLITE_IOERR_SHORT_READ), NAME(SQLITE_IOERR_WRITE),
    NAME(SQLITE_IOERR_FSYNC), NAME(SQLITE_IOERR_DIR_FSYNC),
    NAME(SQLITE_IOERR_TRUNCATE), NAME(SQLITE_IOERR_FSTAT),
    NAME(SQLITE_IOERR_UNLOCK), NAME(SQLITE_IOERR_RDLOCK),
    NAME(SQLITE_IOERR_DELETE), NAME(SQLITE_IOERR_BLOCKED),
    NAME(SQLITE_IOERR_NOMEM), NAME(SQLITE_IOERR_ACCESS),
    NAME(SQLITE_IOERR_CHECKRESERVEDLOCK), NAME(SQLITE_IOERR_LOCK),
    NAME(SQLITE_IOERR_CLOSE), NAME(SQLITE_IOERR_DIR_CLOSE),
    NAME(SQLITE_IOERR_SHMOPEN), NAME(SQLITE_IOERR_SHMSIZE),
    NAME(SQLITE_IOERR_SHMLOCK), NAME(SQLITE_IOERR_SHMMAP),
    NAME(SQLITE_IOERR_SEEK), NAME(SQLITE_IOERR_GETTEMPPATH),
    NAME(SQLITE_IOERR_CONVPATH), NAME(SQLITE_READONLY_DBMOVED),
    NAME(SQLITE_LOCKED_SHAREDCACHE), NAME(SQLITE_BUSY_RECOVERY),
    NAME(SQLITE_CANTOPEN_NOTEMPDIR),
  };
#undef NAME
  const char *zPrimary = 0;
  int i;
  for(i=0; i<ArraySize(a); i++){
    if( a[i].rc==(rc & 0xff) ) zPrimary = a[i].zName;
    if( a[i].rc==rc ){
      show(eCall, " -> %s%s", a[i].zName, zEnd);
      return rc;
    }
  }
  if( zPrimary ){
    show(eCall, " -> %s | 0x%x%s", zPrimary, rc & 0xffff00, zEnd);
  }else{
    show(eCall, " -> %d (0x%x)%s", rc, rc, zEnd);
  }
  return rc;
}

/*
** Files.  In each function, f is the file that does the work.
*/
static sqlite3_file *realFile(sqlite3_file *pFile){
  return ((TraceFile*)pFile)->pReal;
}
static const char *fileName(sqlite3_file *pFile){
  return ((TraceFile*)pFile)->zName;
}

static int traceClose(sqlite3_file *pFile){
  sqlite3_file *f = realFile(pFile);
  show(CALL_CLOSE, "trace.xClose(%s)", fileName(pFile));
  return showResult(CALL_CLOSE, f->pMethods->xClose(f), "\n");
}
static int traceRead(sqlite3_file *pFile, void *p, int n, sqlite3_int64 iAt){
  sqlite3_file *f = realFile(pFile);
  show(CALL_READ, "trace.xRead(%s,n=%d,ofst=%lld)", fileName(pFile), n, iAt);
  return showResult(CALL_READ, f->pMethods->xRead(f, p, n, iAt), "\n");
}
static int traceWrite(
  sqlite3_file *pFile,
  const void *p,
  int n,
  sqlite3_int64 iAt
){
  sqlite3_file *f = realFile(pFile);
  show(CALL_WRITE, "trace.xWrite(%s,n=%d,ofst=%lld)", fileName(pFile), n, iAt);
  return showResult(CALL_WRITE, f->pMethods->xWrite(f, p, n, iAt), "\n");
}
static int traceTruncate(sqlite3_file *pFile, sqlite3_int64 n){
  sqlite3_file *f = realFile(pFile);
  int rc;
  show(CALL_TRUNCATE, "trace.xTruncate(%s,%lld)", fileName(pFile), n);
  rc = f->pMethods->xTruncate(f, n);
  show(CALL_TRUNCATE, " -> %d\n", rc);
  return rc;
}
static int traceSync(sqlite3_file *pFile, int m){
  sqlite3_file *f = realFile(pFile);
  int rc;
  show(CALL_SYNC, "trace.xSync(%s,%s%s)", fileName(pFile),
       (m & 0xf)==SQLITE_SYNC_FULL ? "FULL" :
       (m & 0xf)==SQLITE_SYNC_NORMAL ? "NORMAL" : "0",
       m & SQLITE_SYNC_DATAONLY ? "|DATAONLY" : "");
  rc = f->pMethods->xSync(f, m);
  show(CALL_SYNC, " -> %d\n", rc);
  return rc;
}
static int traceFileSize(sqlite3_file *pFile, sqlite3_int64 *pn){
  sqlite3_file *f = realFile(pFile);
  int rc;
  show(CALL_FILESIZE, "trace.xFileSize(%s)", fileName(pFile));
  rc = showResult(CALL_FILESIZE, f->pMethods->xFileSize(f, pn), ",");
  show(CALL_FILESIZE, " size=%lld\n", *pn);
  return rc;
}
static const char *lockName(int eLock){
  static const char *const az[] = {
    "NONE", "SHARED", "RESERVED", "PENDING", "EXCLUSIVE"
  };
  return eLock<0 || eLock>=ArraySize(az) ? "???" : az[eLock];
}
static int traceLock(sqlite3_file *pFile, int e){
  sqlite3_file *f = realFile(pFile);
  show(CALL_LOCK, "trace.xLock(%s,%s)", fileName(pFile), lockName(e));
  return showResult(CALL_LOCK, f->pMethods->xLock(f, e), "\n");
}
static int traceUnlock(sqlite3_file *pFile, int e){
  sqlite3_file *f = realFile(pFile);
  show(CALL_UNLOCK, "trace.xUnlock(%s,%s)", fileName(pFile), lockName(e));
  return showResult(CALL_UNLOCK, f->pMethods->xUnlock(f, e), "\n");
}
static int traceCheckReservedLock(sqlite3_file *pFile, int *pb){
  sqlite3_file *f = realFile(pFile);
  int rc;
  show(CALL_CHECKRESERVED, "trace.xCheckReservedLock(%s)", fileName(pFile));
  rc = f->pMethods->xCheckReservedLock(f, pb);
  showResult(CALL_CHECKRESERVED, rc, "");
  show(CALL_CHECKRESERVED, ", out=%d\n", *pb);
  return rc;
}
static int traceSectorSize(sqlite3_file *pFile){
  sqlite3_file *f = realFile(pFile);
  int n;
  show(CALL_SECTORSIZE, "trace.xSectorSize(%s)", fileName(pFile));
  n = f->pMethods->xSectorSize(f);
  show(CALL_SECTORSIZE, " -> %d\n", n);
  return n;
}
static int traceDeviceCharacteristics(sqlite3_file *pFile){
  sqlite3_file *f = realFile(pFile);
  int m;
  show(CALL_DEVICE, "trace.xDeviceCharacteristics(%s)", fileName(pFile));
  m = f->pMethods->xDeviceCharacteristics(f);
  show(CALL_DEVICE, " -> 0x%08x\n", m);
  return m;
}
static int traceShmMap(
  sqlite3_file *pFile,
  int iRegion,
  int szRegion,
  int bWrite,
  void volatile **pp
){
  sqlite3_file *f = realFile(pFile);
  show(CALL_SHMMAP, "trace.xShmMap(%s,iRegion=%d,szRegion=%d,isWrite=%d,*)",
       fileName(pFile), iRegion, szRegion, bWrite);
  return showResult(CALL_SHMMAP,
      f->pMethods->xShmMap(f, iRegion, szRegion, bWrite, pp), "\n");
}
static int traceShmLock(sqlite3_file *pFile, int iFirst, int n, int m){
  static const char *const azLock[] = {
    "WRITE", "CKPT", "RECOVER", "READ0", "READ1", "READ2", "READ3", "READ4"
  };
  sqlite3_file *f = realFile(pFile);
  show(CALL_SHMLOCK, "trace.xShmLock(%s,ofst=%d(%s),n=%d,%s|%s)",
       fileName(pFile), iFirst,
       iFirst>=0 && iFirst<ArraySize(azLock) ? azLock[iFirst] : "???", n,
       m & SQLITE_SHM_UNLOCK ? "UNLOCK" : "LOCK",
       m & SQLITE_SHM_SHARED ? "SHARED" : "EXCLUSIVE");
  return showResult(CALL_SHMLOCK, f->pMethods->xShmLock(f, iFirst, n, m),
                    "\n");
}
static void traceShmBarrier(sqlite3_file *pFile){
  sqlite3_file *f = realFile(pFile);
  show(CALL_SHMBARRIER, "trace.xShmBarrier(%s)\n", fileName(pFile));
  f->pMethods->xShmBarrier(f);
}
static int traceShmUnmap(sqlite3_file *pFile, int bDelete){
  sqlite3_file *f = realFile(pFile);
  show(CALL_SHMUNMAP, "trace.xShmUnmap(%s,delFlag=%d)", fileName(pFile),
       bDelete);
  return showResult(CALL_SHMUNMAP, f->pMethods->xShmUnmap(f, bDelete), "\n");
}
static int traceFetch(sqlite3_file *pFile, sqlite3_int64 iAt, int n, void **pp){
  sqlite3_file *f = realFile(pFile);
  show(CALL_FETCH, "trace.xFetch(%s,iOff=%lld,nAmt=%d,p=%p)", fileName(pFile),
       iAt, n, *pp);
  return showResult(CALL_FETCH, f->pMethods->xFetch(f, iAt, n, pp), "\n");
}
static int traceUnfetch(sqlite3_file *pFile, sqlite3_int64 iAt, void *p){
  sqlite3_file *f = realFile(pFile);
  show(CALL_FETCH, "trace.xUnfetch(%s,iOff=%lld,p=%p)", fileName(pFile), iAt,
       p);
  return showResult(CALL_FETCH, f->pMethods->xUnfetch(f, iAt, p), "\n");
}

/*
** Which calls a word of the pragma means.
*/
static unsigned callsNamed(const char *z, int n){
  int i;
  if( n==3 && sqlite3_strnicmp(z, "all", 3)==0 ) return 0xffffffff;
  if( n>1 && (z[0]=='x' || z[0]=='X') ){
    z++;
    n--;
  }
  for(i=0; i<ArraySize(azCall); i++){
    if( sqlite3_strnicmp(z, azCall[i], n)==0 ) return 1u<<i;
  }
  return 0;
}

/*
** PRAGMA vfstrace(z): a number of bits, or names with a "+" or "-" in front
** of them.
*/
static void chooseCalls(const char *z){
  int bOn = 1;
  if( shIsDigit(z[0]) ){
    g.mShown = (unsigned)strtoll(z, 0, 0);
    return;
  }
  while( z[0] ){
    int n = 0;
    while( shIsAlnum(z[n]) && !shIsDigit(z[n]) ) n++;
    if( n ){
      unsigned m = callsNamed(z, n);
      g.mShown = bOn ? g.mShown | m : g.mShown & ~m;
      z += n;
    }else{
      if( z[0]=='+' ) bOn = 1;
      if( z[0]=='-' ) bOn = 0;
      z++;
    }
  }
}

/*
** The name of a file control, with its argument as a number if it has one.
** To be freed.
*/
static char *controlName(int op, void *pArg){
#define NAME(X)  { SQLITE_FCNTL_##X, #X, 0 }
#define WITH(X,N) { SQLITE_FCNTL_##X, #X, N }
  static const struct { int op; const char *zName; int nArg; } a[] = {
    NAME(LOCKSTATE), NAME(GET_LOCKPROXYFILE), NAME(SET_LOCKPROXYFILE),
    NAME(LAST_ERRNO), WITH(SIZE_HINT, 8), WITH(CHUNK_SIZE, 4),
    NAME(FILE_POINTER), NAME(WIN32_AV_RETRY), WITH(PERSIST_WAL, 4),
    NAME(OVERWRITE), NAME(VFSNAME), NAME(POWERSAFE_OVERWRITE),
    NAME(BUSYHANDLER), NAME(TEMPFILENAME), WITH(MMAP_SIZE, 8), NAME(TRACE),
    NAME(HAS_MOVED), NAME(SYNC), NAME(COMMIT_PHASETWO),
    NAME(WIN32_SET_HANDLE), NAME(WAL_BLOCK), NAME(ZIPVFS), NAME(RBU),
    NAME(VFS_POINTER), NAME(JOURNAL_POINTER), NAME(WIN32_GET_HANDLE),
    NAME(PDB), NAME(BEGIN_ATOMIC_WRITE), NAME(COMMIT_ATOMIC_WRITE),
    NAME(ROLLBACK_ATOMIC_WRITE), WITH(LOCK_TIMEOUT, 4), NAME(DATA_VERSION),
    NAME(SIZE_LIMIT), NAME(CKPT_DONE), NAME(RESERVE_BYTES), NAME(CKPT_START),
    NAME(EXTERNAL_READER), NAME(CKSM_FILE), NAME(RESET_CACHE),
  };
#undef NAME
#undef WITH
  int i;
  if( op==SQLITE_FCNTL_PRAGMA ){
    char **az = (char**)pArg;
    return sqlite3_mprintf("PRAGMA,[%s,%s]", az[1], az[2]);
  }
  for(i=0; i<ArraySize(a); i++){
    if( a[i].op!=op ) continue;
    if( a[i].nArg==4 ){
      return sqlite3_mprintf("%s,%d", a[i].zName, *(int*)pArg);
    }else if( a[i].nArg==8 ){
      return sqlite3_mprintf("%s,%lld", a[i].zName, *(i64*)pArg);
    }
    return sqlite3_mprintf("%s", a[i].zName);
  }
  return sqlite3_mprintf("%d", op);
}

/*
** Show what a file control has answered.
*/
static void showAnswer(int op, void *pArg){
  switch( op ){
    case SQLITE_FCNTL_VFSNAME:
    case SQLITE_FCNTL_PRAGMA:
    case SQLITE_FCNTL_TEMPFILENAME:
      if( *(char**)pArg ) show(CALL_FILECONTROL, ", %s", *(char**)pArg);
      break;
    case SQLITE_FCNTL_MMAP_SIZE:
      show(CALL_FILECONTROL, ", %lld", *(i64*)pArg);
      break;
    case SQLITE_FCNTL_HAS_MOVED:
    case SQLITE_FCNTL_PERSIST_WAL:
      show(CALL_FILECONTROL, ", %d", *(int*)pArg);
      break;
  }
}
static int traceFileControl(sqlite3_file *pFile, int op, void *pArg){
  sqlite3_file *f = realFile(pFile);
  char *zName = controlName(op, pArg);
  int rc;
  show(CALL_FILECONTROL, "trace.xFileControl(%s,%s)", fileName(pFile), zName);
  sqlite3_free(zName);
  rc = f->pMethods->xFileControl(f, op, pArg);
  if( rc==SQLITE_OK && op==SQLITE_FCNTL_VFSNAME ){
    *(char**)pArg = sqlite3_mprintf("vfstrace.trace/%z", *(char**)pArg);
  }
  showResult(CALL_FILECONTROL, rc, "");
  if( rc==SQLITE_OK ) showAnswer(op, pArg);
  show(CALL_FILECONTROL, "\n");
  if( op==SQLITE_FCNTL_PRAGMA ){
    char **az = (char**)pArg;
    if( az[1] && az[2] && strcmp(az[1], "vfstrace")==0 ) chooseCalls(az[2]);
  }
  return rc;
}

/*
** Give a file that has been opened methods that trace, as far as there are
** such.
*/
static void wrapFile(TraceFile *p){
  const sqlite3_io_methods *pReal = p->pReal->pMethods;
  const sqlite3_io_methods all = {
    .iVersion = pReal->iVersion, .xClose = traceClose, .xRead = traceRead,
    .xWrite = traceWrite, .xTruncate = traceTruncate, .xSync = traceSync,
    .xFileSize = traceFileSize, .xLock = traceLock, .xUnlock = traceUnlock,
    .xCheckReservedLock = traceCheckReservedLock,
    .xFileControl = traceFileControl, .xSectorSize = traceSectorSize,
    .xDeviceCharacteristics = traceDeviceCharacteristics,
    .xShmMap = traceShmMap, .xShmLock = traceShmLock,
    .xShmBarrier = traceShmBarrier, .xShmUnmap = traceShmUnmap,
    .xFetch = traceFetch, .xUnfetch = traceUnfetch,
  };
  p->methods = all;
  if( pReal->iVersion>=2 && pReal->xShmMap==0 ){
    p->methods.xShmMap = 0;
    p->methods.xShmLock = 0;
    p->methods.xShmBarrier = 0;
    p->methods.xShmUnmap = 0;
  }
  if( pReal->iVersion>=3 && pReal->xFetch==0 ){
    p->methods.xFetch = 0;
    p->methods.xUnfetch = 0;
  }
  p->base.pMethods = &p->methods;
}

static int traceOpen(
  sqlite3_vfs *pVfs,
  const char *zName,
  sqlite3_file *pFile,
  int mFlags,
  int *pmOut
){
  TraceFile *p = (TraceFile*)pFile;
  const char *zSlash = zName ? strrchr(zName, '/') : 0;
  int rc;
  (void)pVfs;
  memset(p, 0, sizeof(*p));
  p->zName = zSlash ? &zSlash[1] : zName ? zName : "<temp>";
  p->pReal = (sqlite3_file*)&p[1];
  show(CALL_OPEN, "trace.xOpen(%s,flags=0x%x)", p->zName, mFlags);
  rc = g.pReal->xOpen(g.pReal, zName, p->pReal, mFlags, pmOut);
  if( p->pReal->pMethods ) wrapFile(p);
  showResult(CALL_OPEN, rc, "");
  if( pmOut ) show(CALL_OPEN, ", outFlags=0x%x", *pmOut);
  show(CALL_OPEN, "\n");
  return rc;
}

/*
** The rest of the layer.
*/
static int traceDelete(sqlite3_vfs *pVfs, const char *zName, int bSyncDir){
  (void)pVfs;
  show(CALL_DELETE, "trace.xDelete(\"%s\",%d)", zName, bSyncDir);
  return showResult(CALL_DELETE,
                    g.pReal->xDelete(g.pReal, zName, bSyncDir), "\n");
}
static int traceAccess(sqlite3_vfs *pVfs, const char *zName, int m, int *pb){
  int rc;
  (void)pVfs;
  show(CALL_ACCESS, "trace.xAccess(\"%s\",%d)", zName, m);
  rc = showResult(CALL_ACCESS, g.pReal->xAccess(g.pReal, zName, m, pb), "");
  show(CALL_ACCESS, ", out=%d\n", *pb);
  return rc;
}
static int traceFullPathname(
  sqlite3_vfs *pVfs,
  const char *zName,
  int nOut,
  char *zOut
){
  int rc;
  (void)pVfs;
  show(CALL_FULLPATHNAME, "trace.xFullPathname(\"%s\")", zName);
  zOut[0] = 0;
  rc = g.pReal->xFullPathname(g.pReal, zName, nOut, zOut);
  showResult(CALL_FULLPATHNAME, rc, "");
  show(CALL_FULLPATHNAME, ", out=\"%.*s\"\n", nOut, zOut);
  return rc;
}
static void *traceDlOpen(sqlite3_vfs *pVfs, const char *zName){
  (void)pVfs;
  show(CALL_DLOPEN, "trace.xDlOpen(\"%s\")\n", zName);
  return g.pReal->xDlOpen(g.pReal, zName);
}
static void traceDlError(sqlite3_vfs *pVfs, int n, char *z){
  (void)pVfs;
  show(CALL_DLERROR, "trace.xDlError(%d)", n);
  g.pReal->xDlError(g.pReal, n, z);
  show(CALL_DLERROR, " -> \"%s\"\n", z);
}
static void (*traceDlSym(sqlite3_vfs *pVfs, void *p, const char *zName))(void){
  (void)pVfs;
  show(CALL_DLSYM, "trace.xDlSym(\"%s\")\n", zName);
  return g.pReal->xDlSym(g.pReal, p, zName);
}
static void traceDlClose(sqlite3_vfs *pVfs, void *p){
  (void)pVfs;
  show(CALL_DLCLOSE, "trace.xDlClose()\n");
  g.pReal->xDlClose(g.pReal, p);
}
static int traceRandomness(sqlite3_vfs *pVfs, int n, char *z){
  (void)pVfs;
  show(CALL_RANDOMNESS, "trace.xRandomness(%d)\n", n);
  return g.pReal->xRandomness(g.pReal, n, z);
}
static int traceSleep(sqlite3_vfs *pVfs, int nMicro){
  (void)pVfs;
  show(CALL_SLEEP, "trace.xSleep(%d)\n", nMicro);
  return g.pReal->xSleep(g.pReal, nMicro);
}
static int traceCurrentTime(sqlite3_vfs *pVfs, double *pr){
  int rc;
  (void)pVfs;
  show(CALL_TIME, "trace.xCurrentTime()");
  rc = g.pReal->xCurrentTime(g.pReal, pr);
  show(CALL_TIME, " -> %.17g\n", *pr);
  return rc;
}
static int traceCurrentTimeInt64(sqlite3_vfs *pVfs, sqlite3_int64 *pi){
  int rc;
  (void)pVfs;
  show(CALL_TIME, "trace.xCurrentTimeInt64()");
  rc = g.pReal->xCurrentTimeInt64(g.pReal, pi);
  show(CALL_TIME, " -> %lld\n", *pi);
  return rc;
}
static int traceGetLastError(sqlite3_vfs *pVfs, int n, char *z){
  int rc;
  (void)pVfs;
  show(CALL_LASTERROR, "trace.xGetLastError(%d,zBuf)", n);
  if( n ) z[0] = 0;
  rc = g.pReal->xGetLastError(g.pReal, n, z);
  show(CALL_LASTERROR, " -> zBuf[] = \"%s\", rc = %d\n", n ? z : "", rc);
  return rc;
}

/*
** Trace from now on: make a VFS that traces the default one the default.
*/
void vfstraceInstall(Shell *p){
  static sqlite3_vfs vfs = {
    .zName = "trace", .xOpen = traceOpen, .xDelete = traceDelete,
    .xAccess = traceAccess, .xFullPathname = traceFullPathname,
    .xDlOpen = traceDlOpen, .xDlError = traceDlError, .xDlSym = traceDlSym,
    .xDlClose = traceDlClose, .xRandomness = traceRandomness,
    .xSleep = traceSleep, .xCurrentTime = traceCurrentTime,
    .xGetLastError = traceGetLastError,
    .xCurrentTimeInt64 = traceCurrentTimeInt64,
  };
  g.p = p;
  g.pReal = sqlite3_vfs_find(0);
  g.mShown = 0xffffffff;
  vfs.iVersion = g.pReal->iVersion>2 ? 2 : g.pReal->iVersion;
  vfs.szOsFile = g.pReal->szOsFile + (int)sizeof(TraceFile);
  vfs.mxPathname = g.pReal->mxPathname;
  fprintf(p->out, "trace.enabled_for(\"%s\")\n", g.pReal->zName);
  sqlite3_vfs_register(&vfs, 1);
}
