/*
** apndvfs: a VFS for a database behind something else in one file, such as a
** program.
**
**     what was there      as it is
**     filling             up to a multiple of 4096 bytes
**     database
**     mark                "Start-Of-SQLite3-" and where the database begins, as
**                         eight bytes, the highest first
**
** A file that is empty, or a database from its first byte on, is one for this
** VFS too.
**
** The mark is written in front of everything else: before the database grows,
** behind what is going to be its end, and before it shrinks.  When the process
** dies there is a mark, and what is in front of it is rolled back as in every
** database.  That does not hold if the mark itself is written in part only.
*/
#include <string.h>
#include "shell.h"

#define MARK_TEXT       "Start-Of-SQLite3-"
#define MARK_TEXT_SIZE  17
#define MARK_SIZE       25
#define ALIGNMENT       4096

/* The whole file ends here: SQLite locks bytes behind. */
#define FILE_SIZE_MAX   0x40000000

/*
** An open file.  That of the VFS below follows in memory.
*/
typedef struct AppendFile AppendFile;
struct AppendFile {
  sqlite3_file base;
  i64 iStart;            /* Where the database begins */
  int bPlain;            /* A database and nothing else */
};

/* The VFS below. */
static sqlite3_vfs *pBelow;

static sqlite3_file *below(sqlite3_file *pFile){
  return (sqlite3_file*)&((AppendFile*)pFile)[1];
}

/*
** Where the database begins that the mark at the end of a file of n bytes
** speaks of.  -1 if there is none.
*/
static i64 readMark(sqlite3_file *pFile, i64 n){
  unsigned char a[MARK_SIZE];
  sqlite3_uint64 iStart = 0;
  int i;
  if( n<MARK_SIZE+512 || n%512!=MARK_SIZE ) return -1;
  if( pFile->pMethods->xRead(pFile, a, MARK_SIZE, n-MARK_SIZE)!=SQLITE_OK ){
    return -1;
  }
  if( memcmp(a, MARK_TEXT, MARK_TEXT_SIZE)!=0 ) return -1;
  for(i=MARK_TEXT_SIZE; i<MARK_SIZE; i++) iStart = iStart<<8 | a[i];
  if( iStart%512!=0 || iStart>(sqlite3_uint64)(n-MARK_SIZE-512) ) return -1;
  return (i64)iStart;
}

/*
** The size of the database.  Another process may have changed it.
*/
static int apndFileSize(sqlite3_file *pFile, sqlite3_int64 *pn){
  AppendFile *p = (AppendFile*)pFile;
  sqlite3_file *pSub = below(pFile);
  i64 n;
  int rc = pSub->pMethods->xFileSize(pSub, &n);
  if( rc!=SQLITE_OK ) return rc;
  if( !p->bPlain ){
    n = readMark(pSub, n)==p->iStart ? n - MARK_SIZE - p->iStart : 0;
  }
  *pn = n;
  return SQLITE_OK;
}

/*
** Write the mark behind a database of n bytes.
*/
static int writeMark(sqlite3_file *pFile, i64 n){
  AppendFile *p = (AppendFile*)pFile;
  sqlite3_file *pSub = below(pFile);
  unsigned char a[MARK_SIZE];
  i64 iStart = p->iStart;
  int i;
  memcpy(a, MARK_TEXT, MARK_TEXT_SIZE);
  for(i=MARK_SIZE-1; i>=MARK_TEXT_SIZE; i--){
    a[i] = (unsigned char)iStart;
    iStart >>= 8;
  }
  return pSub->pMethods->xWrite(pSub, a, MARK_SIZE, p->iStart+n);
}

/*
** What is behind the database is the mark, and not to be read.
*/
static int apndRead(sqlite3_file *pFile, void *a, int n, sqlite3_int64 iOff){
  AppendFile *p = (AppendFile*)pFile;
  sqlite3_file *pSub = below(pFile);
  int rc = pSub->pMethods->xRead(pSub, a, n, p->iStart+iOff);
  if( rc==SQLITE_IOERR_SHORT_READ && !p->bPlain ){
    i64 nDb, nThere;
    int rcSize = apndFileSize(pFile, &nDb);
    if( rcSize!=SQLITE_OK ) return rcSize;
    nThere = nDb>iOff ? nDb-iOff : 0;
    if( nThere<n ) memset((char*)a + nThere, 0, (size_t)(n-nThere));
  }
  return rc;
}

static int apndWrite(
  sqlite3_file *pFile,
  const void *a,
  int n,
  sqlite3_int64 iOff
){
  AppendFile *p = (AppendFile*)pFile;
  sqlite3_file *pSub = below(pFile);
  if( !p->bPlain ){
    i64 nDb;
    int rc = apndFileSize(pFile, &nDb);
    if( rc!=SQLITE_OK ) return rc;
    if( p->iStart+iOff+n>FILE_SIZE_MAX-MARK_SIZE ) return SQLITE_FULL;
    if( iOff+n>nDb ){
      rc = writeMark(pFile, iOff+n);
      if( rc!=SQLITE_OK ) return rc;
    }
  }
  return pSub->pMethods->xWrite(pSub, a, n, p->iStart+iOff);
}

static int apndTruncate(sqlite3_file *pFile, sqlite3_int64 n){
  AppendFile *p = (AppendFile*)pFile;
  sqlite3_file *pSub = below(pFile);
  if( !p->bPlain ){
    int rc = writeMark(pFile, n);
    if( rc!=SQLITE_OK ) return rc;
    n += p->iStart + MARK_SIZE;
  }
  return pSub->pMethods->xTruncate(pSub, n);
}

/*
** Hints about the size are not passed on: the file must end with the mark.
*/
static int apndFileControl(sqlite3_file *pFile, int op, void *pArg){
  AppendFile *p = (AppendFile*)pFile;
  sqlite3_file *pSub = below(pFile);
  int rc;
  if( !p->bPlain
   && (op==SQLITE_FCNTL_SIZE_HINT || op==SQLITE_FCNTL_CHUNK_SIZE)
  ){
    return SQLITE_OK;
  }
  rc = pSub->pMethods->xFileControl(pSub, op, pArg);
  if( rc==SQLITE_OK && op==SQLITE_FCNTL_VFSNAME && !p->bPlain ){
    *(char**)pArg = sqlite3_mprintf("apnd(%lld)/%z", p->iStart, *(char**)pArg);
  }
  return rc;
}

/*
** The rest is for the file below.
*/
static int apndClose(sqlite3_file *pFile){
  pFile = below(pFile);
  return pFile->pMethods->xClose(pFile);
}
static int apndSync(sqlite3_file *pFile, int flags){
  pFile = below(pFile);
  return pFile->pMethods->xSync(pFile, flags);
}
static int apndLock(sqlite3_file *pFile, int eLock){
  pFile = below(pFile);
  return pFile->pMethods->xLock(pFile, eLock);
}
static int apndUnlock(sqlite3_file *pFile, int eLock){
  pFile = below(pFile);
  return pFile->pMethods->xUnlock(pFile, eLock);
}
static int apndCheckReservedLock(sqlite3_file *pFile, int *pRes){
  pFile = below(pFile);
  return pFile->pMethods->xCheckReservedLock(pFile, pRes);
}
static int apndSectorSize(sqlite3_file *pFile){
  pFile = below(pFile);
  return pFile->pMethods->xSectorSize(pFile);
}
static int apndDeviceCharacteristics(sqlite3_file *pFile){
  pFile = below(pFile);
  return pFile->pMethods->xDeviceCharacteristics(pFile);
}
static int apndShmMap(
  sqlite3_file *pFile,
  int iPage,
  int nPage,
  int bExtend,
  void volatile **pp
){
  pFile = below(pFile);
  return pFile->pMethods->xShmMap(pFile, iPage, nPage, bExtend, pp);
}
static int apndShmLock(sqlite3_file *pFile, int iOffset, int n, int flags){
  pFile = below(pFile);
  return pFile->pMethods->xShmLock(pFile, iOffset, n, flags);
}
static void apndShmBarrier(sqlite3_file *pFile){
  pFile = below(pFile);
  pFile->pMethods->xShmBarrier(pFile);
}
static int apndShmUnmap(sqlite3_file *pFile, int bDelete){
  pFile = below(pFile);
  return pFile->pMethods->xShmUnmap(pFile, bDelete);
}

/* Version 1 has no shared memory.  There is no memory mapping either way. */
#define METHODS(V) { \
  .iVersion = V, .xClose = apndClose, .xRead = apndRead, .xWrite = apndWrite, \
  .xTruncate = apndTruncate, .xSync = apndSync, .xFileSize = apndFileSize, \
  .xLock = apndLock, .xUnlock = apndUnlock, \
  .xCheckReservedLock = apndCheckReservedLock, \
  .xFileControl = apndFileControl, .xSectorSize = apndSectorSize, \
  .xDeviceCharacteristics = apndDeviceCharacteristics, \
  .xShmMap = apndShmMap, .xShmLock = apndShmLock, \
  .xShmBarrier = apndShmBarrier, .xShmUnmap = apndShmUnmap, \
}
static const sqlite3_io_methods aMethods[2] = { METHODS(1), METHODS(2) };

/*
** Find out where the database is in a file of n bytes, or is going to be.
*/
static int findDatabase(AppendFile *p, sqlite3_file *pSub, i64 n, int flags){
  char zHeader[16];
  p->iStart = readMark(pSub, n);
  if( p->iStart>=0 ) return SQLITE_OK;
  p->iStart = 0;
  p->bPlain = n==0
    || (pSub->pMethods->xRead(pSub, zHeader, 16, 0)==SQLITE_OK
        && memcmp(zHeader, "SQLite format 3", 16)==0);
  if( p->bPlain ) return SQLITE_OK;
  if( (flags & SQLITE_OPEN_CREATE)==0 ) return SQLITE_CANTOPEN;
  p->iStart = (n + ALIGNMENT - 1)/ALIGNMENT*ALIGNMENT;
  return SQLITE_OK;
}

static int apndOpen(
  sqlite3_vfs *pVfs,
  const char *zName,
  sqlite3_file *pFile,
  int flags,
  int *pOutFlags
){
  AppendFile *p = (AppendFile*)pFile;
  sqlite3_file *pSub = below(pFile);
  i64 n = 0;
  int rc;
  (void)pVfs;
  if( (flags & SQLITE_OPEN_MAIN_DB)==0 ){
    return pBelow->xOpen(pBelow, zName, pFile, flags, pOutFlags);
  }
  memset(p, 0, sizeof(*p) + (size_t)pBelow->szOsFile);
  rc = pBelow->xOpen(pBelow, zName, pSub, flags, pOutFlags);
  if( rc==SQLITE_OK ) rc = pSub->pMethods->xFileSize(pSub, &n);
  if( rc==SQLITE_OK ) rc = findDatabase(p, pSub, n, flags);
  if( rc!=SQLITE_OK ){
    if( pSub->pMethods ) pSub->pMethods->xClose(pSub);
    return rc;
  }
  pFile->pMethods = &aMethods[pSub->pMethods->iVersion>1];
  return SQLITE_OK;
}

/*
** Register the VFS above the one that is now the default, of which it is a copy
** that opens files in its own way.
*/
void apndvfsRegister(void){
  static sqlite3_vfs vfs;
  pBelow = sqlite3_vfs_find(0);
  vfs = *pBelow;
  vfs.zName = "apndvfs";
  vfs.szOsFile += (int)sizeof(AppendFile);
  vfs.xOpen = apndOpen;
  sqlite3_vfs_register(&vfs, 0);
}
