/*
** Changing a ZIP archive.
**
** New data is appended to the file as it comes.  At the end of the transaction
** the directory and an end record follow.  What had been in the file, its old
** directory included, is never overwritten.  So
**
**   *  a transaction that is rolled back cuts the file to its old size;
**   *  when the process dies, the file is what it was, and something behind it.
**      zip.c takes no notice of that, neither for reading nor for writing.
**      Other programs may, until the next transaction ends the file properly,
**      or somebody cuts it behind the old end record;
**   *  the end record is not written before everything else is on the disk, and
**      the transaction is not over before the end record is.
**
** The space of entries that have been removed is not used again.
*/
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include "zip.h"

/*
** One change to the list.
*/
struct ZipUndo {
  ZipEntry *pEntry;      /* Counts as a reference if it was removed */
  int i;                 /* Where it was inserted or removed */
  int bInserted;
};

/*
** The state at a savepoint.
*/
struct ZipMark {
  int iSavepoint;
  int nUndo;
  i64 iEnd;
};

/*
** Begin to change zFile, which is created if it does not exist.  The writer
** is all zero but for fd, which is -1, and stays like this after an error.
*/
int zipWriterOpen(ZipWriter *p, const char *zFile, char **pzErr){
  ZipSource src;
  struct stat x;
  int rc;
  memset(&src, 0, sizeof(src));
  src.fd = open(zFile, O_RDWR|O_CREAT|O_NONBLOCK|O_CLOEXEC, 0666);
  if( src.fd<0 || fstat(src.fd, &x)!=0 || !S_ISREG(x.st_mode) ){
    rc = zipError(pzErr, SQLITE_ERROR,
                    "zipfile: failed to open file %s for writing", zFile);
  }else if( flock(src.fd, LOCK_EX|LOCK_NB)!=0 && errno==EWOULDBLOCK ){
    rc = zipError(pzErr, SQLITE_BUSY,
                    "zipfile: somebody else is changing %s", zFile);
  }else{
    src.n = x.st_size;
    rc = zipLoad(&src, &p->list, pzErr);
  }
  if( rc!=SQLITE_OK ){
    zipListClear(&p->list);
    zipClose(&src);
    return rc;
  }
  p->fd = src.fd;
  p->nOrig = p->iEnd = src.n;
  return SQLITE_OK;
}

/*
** The length of a name without the "/" at the end.
*/
static size_t nameLength(const char *z){
  size_t n = strlen(z);
  return n>0 && z[n-1]=='/' ? n-1 : n;
}

/*
** The index of the entry with this name, or -1.  A directory and anything else
** cannot have the same.
*/
int zipWriterFind(const ZipWriter *p, const char *zName){
  size_t n = nameLength(zName);
  int i;
  for(i=0; i<p->list.n; i++){
    const char *z = p->list.ap[i]->zName;
    if( strncmp(z, zName, n)==0 && nameLength(z)==n ) return i;
  }
  return -1;
}

/*
** Write down a change to the list.
*/
static int addUndo(ZipWriter *p, ZipEntry *pEntry, int i, int bInserted){
  if( p->nUndo==p->nUndoAlloc ){
    int nAlloc = p->nUndoAlloc*2 + 16;
    ZipUndo *a = sqlite3_realloc64(p->aUndo, (sqlite3_uint64)nAlloc*sizeof(*a));
    if( a==0 ) return SQLITE_NOMEM;
    p->aUndo = a;
    p->nUndoAlloc = nAlloc;
  }
  p->aUndo[p->nUndo].pEntry = pEntry;
  p->aUndo[p->nUndo].i = i;
  p->aUndo[p->nUndo++].bInserted = bInserted;
  return SQLITE_OK;
}

/*
** Take the entry out of the list, and return it.
*/
static ZipEntry *listTake(ZipList *p, int i){
  ZipEntry *pEntry = p->ap[i];
  p->n--;
  memmove(&p->ap[i], &p->ap[i+1], (size_t)(p->n-i)*sizeof(*p->ap));
  return pEntry;
}

/*
** Append to the file.
*/
static int writerAppend(ZipWriter *p, const void *a, i64 n, char **pzErr){
  while( n>0 ){
    ssize_t nWritten = pwrite(p->fd, a, (size_t)n, (off_t)p->iEnd);
    if( nWritten<0 && errno==EINTR ) continue;
    if( nWritten<=0 ){
      return zipError(pzErr, errno==ENOSPC ? SQLITE_FULL : SQLITE_IOERR,
                        "error in fwrite()");
    }
    p->iEnd += nWritten;
    a = (const u8*)a + nWritten;
    n -= nWritten;
  }
  return SQLITE_OK;
}

/*
** Append what *pStr holds and destroy it.
*/
static int writerAppendStr(ZipWriter *p, sqlite3_str *pStr, char **pzErr){
  int rc = sqlite3_str_errcode(pStr);
  int n = sqlite3_str_length(pStr);
  char *z = sqlite3_str_finish(pStr);
  if( rc==SQLITE_OK ) rc = writerAppend(p, z, n, pzErr);
  sqlite3_free(z);
  return rc;
}

/*
** Write the data of a new entry, and insert the entry at index i.
*/
static int writerInsert(ZipWriter *p, int i, ZipNew *pNew, char **pzErr){
  ZipEntry *pEntry = pNew->pEntry;
  i64 iStart = p->iEnd;
  sqlite3_str *pStr;
  int rc;
  if( p->list.n>=ZIP_ENTRIES_MAX ){
    return zipError(pzErr, SQLITE_FULL,
                      "a zip archive cannot have more entries");
  }
  if( iStart+pEntry->nPacked+pEntry->nName>ZIP_SIZE_MAX-0x10000 ){
    return zipError(pzErr, SQLITE_FULL,
                      "a zip archive cannot be larger than 4 GiB");
  }
  pEntry->iOffset = (u32)iStart;
  pStr = sqlite3_str_new(0);
  zipAppendLocal(pStr, pEntry);
  rc = writerAppendStr(p, pStr, pzErr);
  pEntry->iDataOffset = p->iEnd;
  if( rc==SQLITE_OK ) rc = writerAppend(p, pNew->aData, pEntry->nPacked, pzErr);
  if( rc==SQLITE_OK ) rc = addUndo(p, pEntry, i, 1);
  if( rc==SQLITE_OK ){
    pEntry->nRef++;
    rc = zipListInsert(&p->list, i, pEntry);
    if( rc!=SQLITE_OK ) p->nUndo--;
  }
  if( rc!=SQLITE_OK ) p->iEnd = iStart;
  return rc;
}

/*
** Remove the entry at index i.
*/
int zipWriterRemove(ZipWriter *p, int i){
  int rc = addUndo(p, p->list.ap[i], i, 0);
  if( rc==SQLITE_OK ) listTake(&p->list, i);
  return rc;
}

/*
** Take back changes until there are only nUndo.  Every change has made room in
** the list, so this cannot fail.
*/
static void undoTo(ZipWriter *p, int nUndo){
  while( p->nUndo>nUndo ){
    ZipUndo *pUndo = &p->aUndo[--p->nUndo];
    if( pUndo->bInserted ){
      zipUnref(listTake(&p->list, pUndo->i));
    }else{
      zipListInsert(&p->list, pUndo->i, pUndo->pEntry);
    }
  }
}

/*
** Append a new entry.  If iOld is not -1, it takes the place of the entry there,
** and if iSame is not -1, that entry makes way.
*/
int zipWriterPut(
  ZipWriter *p,
  int iOld,
  int iSame,
  ZipNew *pNew,
  char **pzErr
){
  int nUndo = p->nUndo;
  int rc = SQLITE_OK;
  if( iSame>=0 && iSame!=iOld ){
    rc = zipWriterRemove(p, iSame);
    if( iOld>iSame ) iOld--;
  }
  if( rc==SQLITE_OK && iOld>=0 ) rc = zipWriterRemove(p, iOld);
  if( rc==SQLITE_OK ){
    rc = writerInsert(p, iOld>=0 ? iOld : p->list.n, pNew, pzErr);
  }
  if( rc!=SQLITE_OK ) undoTo(p, nUndo);
  return rc;
}

/*
** SAVEPOINT, RELEASE and ROLLBACK TO.  Savepoints have numbers that grow.  What
** is older than the writer is where it has begun.
*/
int zipWriterSavepoint(ZipWriter *p, int iSavepoint){
  zipWriterRelease(p, iSavepoint);
  if( p->nMark==p->nMarkAlloc ){
    int nAlloc = p->nMarkAlloc*2 + 4;
    ZipMark *a = sqlite3_realloc64(p->aMark, (sqlite3_uint64)nAlloc*sizeof(*a));
    if( a==0 ) return SQLITE_NOMEM;
    p->aMark = a;
    p->nMarkAlloc = nAlloc;
  }
  p->aMark[p->nMark].iSavepoint = iSavepoint;
  p->aMark[p->nMark].nUndo = p->nUndo;
  p->aMark[p->nMark++].iEnd = p->iEnd;
  return SQLITE_OK;
}
void zipWriterRelease(ZipWriter *p, int iSavepoint){
  while( p->nMark && p->aMark[p->nMark-1].iSavepoint>=iSavepoint ) p->nMark--;
}
int zipWriterUndo(ZipWriter *p, int iSavepoint, char **pzErr){
  int nUndo = 0, i;
  i64 iEnd = p->nOrig;
  for(i=0; i<p->nMark && p->aMark[i].iSavepoint<=iSavepoint; i++){
    nUndo = p->aMark[i].nUndo;
    iEnd = p->aMark[i].iEnd;
  }
  p->nMark = i;
  undoTo(p, nUndo);
  p->iEnd = iEnd;
  if( ftruncate(p->fd, (off_t)iEnd)==0 ) return SQLITE_OK;
  return zipError(pzErr, SQLITE_IOERR_TRUNCATE, "cannot cut zip archive");
}

/*
** Write the directory, if anything has changed.
*/
int zipWriterFinish(ZipWriter *p, char **pzErr){
  i64 iDir = p->iEnd;
  sqlite3_str *pStr;
  int i, rc;
  if( p->nUndo==0 ) return SQLITE_OK;
  pStr = sqlite3_str_new(0);
  for(i=0; i<p->list.n; i++) zipAppendCentral(pStr, p->list.ap[i]);
  rc = writerAppendStr(p, pStr, pzErr);
  if( rc==SQLITE_OK && p->iEnd>ZIP_SIZE_MAX ){
    return zipError(pzErr, SQLITE_FULL,
                      "a zip archive cannot be larger than 4 GiB");
  }
  if( rc==SQLITE_OK
   && (ftruncate(p->fd, (off_t)p->iEnd)!=0 || fsync(p->fd)!=0)
  ){
    return zipError(pzErr, SQLITE_IOERR, "error in fwrite()");
  }
  if( rc==SQLITE_OK ){
    pStr = sqlite3_str_new(0);
    zipAppendEnd(pStr, p->list.n, p->iEnd-iDir, iDir);
    rc = writerAppendStr(p, pStr, pzErr);
  }
  if( rc==SQLITE_OK && fsync(p->fd)!=0 ){
    return zipError(pzErr, SQLITE_IOERR_FSYNC, "error in fwrite()");
  }
  return rc;
}

/*
** Close the file as it is, and forget everything.
*/
void zipWriterClose(ZipWriter *p){
  int i;
  if( p->fd>=0 ) close(p->fd);
  for(i=0; i<p->nUndo; i++){
    if( !p->aUndo[i].bInserted ) zipUnref(p->aUndo[i].pEntry);
  }
  zipListClear(&p->list);
  sqlite3_free(p->aUndo);
  sqlite3_free(p->aMark);
  memset(p, 0, sizeof(*p));
  p->fd = -1;
}
