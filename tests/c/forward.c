/*
** See forward.h.
*/
#include "forward.h"
#include <string.h>

#define REAL(P) (((ForwardFile*)(P))->pReal)
#define DO(P)   (REAL(P)->pMethods)

static int fClose(sqlite3_file *p){
  int rc = SQLITE_OK;
  if( DO(p) ) rc = DO(p)->xClose(REAL(p));
  p->pMethods = 0;
  return rc;
}
static int fRead(sqlite3_file *p, void *z, int n, sqlite3_int64 i){
  return DO(p)->xRead(REAL(p), z, n, i);
}
static int fWrite(sqlite3_file *p, const void *z, int n, sqlite3_int64 i){
  return DO(p)->xWrite(REAL(p), z, n, i);
}
static int fTruncate(sqlite3_file *p, sqlite3_int64 n){
  return DO(p)->xTruncate(REAL(p), n);
}
static int fSync(sqlite3_file *p, int flags){
  return DO(p)->xSync(REAL(p), flags);
}
static int fFileSize(sqlite3_file *p, sqlite3_int64 *pn){
  return DO(p)->xFileSize(REAL(p), pn);
}
static int fLock(sqlite3_file *p, int eLock){
  return DO(p)->xLock(REAL(p), eLock);
}
static int fUnlock(sqlite3_file *p, int eLock){
  return DO(p)->xUnlock(REAL(p), eLock);
}
static int fCheckReserved(sqlite3_file *p, int *pOut){
  return DO(p)->xCheckReservedLock(REAL(p), pOut);
}
static int fFileControl(sqlite3_file *p, int op, void *pArg){
  return DO(p)->xFileControl(REAL(p), op, pArg);
}
static int fSectorSize(sqlite3_file *p){
  return DO(p)->xSectorSize(REAL(p));
}
static int fDevice(sqlite3_file *p){
  return DO(p)->xDeviceCharacteristics(REAL(p));
}
static int fShmMap(sqlite3_file *p, int i, int n, int b, void volatile **pp){
  return DO(p)->xShmMap(REAL(p), i, n, b, pp);
}
static int fShmLock(sqlite3_file *p, int i, int n, int flags){
  return DO(p)->xShmLock(REAL(p), i, n, flags);
}
static void fShmBarrier(sqlite3_file *p){
  DO(p)->xShmBarrier(REAL(p));
}
static int fShmUnmap(sqlite3_file *p, int bDelete){
  return DO(p)->xShmUnmap(REAL(p), bDelete);
}
const sqlite3_io_methods forwardMethods = {
  2, fClose, fRead, fWrite, fTruncate, fSync, fFileSize, fLock, fUnlock,
  fCheckReserved, fFileControl, fSectorSize, fDevice,
  fShmMap, fShmLock, fShmBarrier, fShmUnmap, 0, 0
};

static sqlite3_vfs *pSystem;

int forwardOpen(
  const sqlite3_io_methods *pMethods,
  const char *zName,
  sqlite3_file *pFile,
  int flags,
  int *pFlags
){
  ForwardFile *p = (ForwardFile*)pFile;
  int rc;
  memset(p, 0, sizeof(*p));
  p->pReal = (sqlite3_file*)&p[1];
  p->zName = zName;
  rc = pSystem->xOpen(pSystem, zName, p->pReal, flags, pFlags);
  if( rc==SQLITE_OK ) p->base.pMethods = pMethods;
  return rc;
}

sqlite3_vfs *forwardVfs(sqlite3_vfs *pVfs, const char *zName){
  if( pSystem==0 ) pSystem = sqlite3_vfs_find(0);
  *pVfs = *pSystem;
  pVfs->iVersion = 1;
  pVfs->szOsFile = (int)sizeof(ForwardFile) + pSystem->szOsFile;
  pVfs->pNext = 0;
  pVfs->zName = zName;
  return pSystem;
}
