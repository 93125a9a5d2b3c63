/*
** Reading the directory of a ZIP archive, and the records that it is made of.
*/
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "zip.h"

/* Records: how they begin, and their size without what varies. */
#define LOCAL_SIGNATURE    0x04034b50
#define LOCAL_SIZE         30
#define CENTRAL_SIGNATURE  0x02014b50
#define CENTRAL_SIZE       46
#define END_SIGNATURE      0x06054b50
#define END_SIZE           22
#define COMMENT_MAX        0xffff

/* The extra field with the modification time: its size, and with a header. */
#define EXTRA_TIME         0x5455
#define EXTRA_TIME_SIZE    5
#define EXTRA_SIZE         (4+EXTRA_TIME_SIZE)

/* How much is searched for the end record at a time. */
#define SEARCH_SIZE        0x10000

static u16 get16(const u8 *a){
  return (u16)(a[0] | a[1]<<8);
}
static u32 get32(const u8 *a){
  return get16(a) | (u32)get16(&a[2])<<16;
}
static u8 *put16(u8 *a, u32 v){
  a[0] = (u8)v;
  a[1] = (u8)(v>>8);
  return &a[2];
}
static u8 *put32(u8 *a, u32 v){
  return put16(put16(a, v), v>>16);
}

int zipError(char **pzErr, int rc, const char *zFormat, ...){
  va_list ap;
  sqlite3_free(*pzErr);
  va_start(ap, zFormat);
  *pzErr = sqlite3_vmprintf(zFormat, ap);
  va_end(ap);
  return rc;
}
static int zipCorrupt(char **pzErr){
  return zipError(pzErr, SQLITE_CORRUPT, "zip archive is corrupt");
}

void zipUnref(ZipEntry *p){
  if( p && --p->nRef==0 ) sqlite3_free(p);
}

/*
** Insert an entry at index i.  The list takes over a reference, even if there
** is no memory.
*/
int zipListInsert(ZipList *p, int i, ZipEntry *pEntry){
  if( p->n==p->nAlloc ){
    int nAlloc = p->nAlloc*2 + 16;
    ZipEntry **ap = sqlite3_realloc64(p->ap,
                                      (sqlite3_uint64)nAlloc*sizeof(*ap));
    if( ap==0 ){
      zipUnref(pEntry);
      return SQLITE_NOMEM;
    }
    p->ap = ap;
    p->nAlloc = nAlloc;
  }
  memmove(&p->ap[i+1], &p->ap[i], (size_t)(p->n-i)*sizeof(*p->ap));
  p->ap[i] = pEntry;
  p->n++;
  return SQLITE_OK;
}

/*
** Make *pTo, which is empty, a copy.
*/
int zipListCopy(ZipList *pTo, const ZipList *pFrom){
  int i;
  if( pFrom->n==0 ) return SQLITE_OK;
  pTo->ap = sqlite3_malloc64((sqlite3_uint64)pFrom->n*sizeof(*pTo->ap));
  if( pTo->ap==0 ) return SQLITE_NOMEM;
  for(i=0; i<pFrom->n; i++){
    pTo->ap[i] = pFrom->ap[i];
    pTo->ap[i]->nRef++;
  }
  pTo->n = pTo->nAlloc = pFrom->n;
  return SQLITE_OK;
}

void zipListClear(ZipList *p){
  int i;
  for(i=0; i<p->n; i++) zipUnref(p->ap[i]);
  sqlite3_free(p->ap);
  memset(p, 0, sizeof(*p));
}

/*
** Open a file for reading.
*/
int zipOpen(ZipSource *p, const char *zFile, char **pzErr){
  struct stat x;
  memset(p, 0, sizeof(*p));
  p->fd = zFile ? open(zFile, O_RDONLY|O_NONBLOCK|O_CLOEXEC) : -1;
  if( p->fd<0 || fstat(p->fd, &x)!=0 || !S_ISREG(x.st_mode) ){
    zipClose(p);
    return zipError(pzErr, SQLITE_ERROR, "cannot open file: %s", zFile);
  }
  p->n = x.st_size;
  return SQLITE_OK;
}

void zipClose(ZipSource *p){
  if( p->fd>=0 ) close(p->fd);
  sqlite3_free(p->a);
  memset(p, 0, sizeof(*p));
  p->fd = -1;
}

/*
** Read n bytes, which must be there.
*/
int zipRead(ZipSource *p, i64 iOff, void *a, i64 n, char **pzErr){
  i64 nDone = 0;
  if( iOff<0 || n>p->n || iOff>p->n-n ) return zipCorrupt(pzErr);
  if( p->fd<0 ){
    if( n ) memcpy(a, &p->a[iOff], (size_t)n);
    return SQLITE_OK;
  }
  while( nDone<n ){
    ssize_t nRead = pread(p->fd, (u8*)a + nDone, (size_t)(n-nDone),
                          (off_t)(iOff+nDone));
    if( nRead<0 && errno==EINTR ) continue;
    if( nRead<=0 ) return zipError(pzErr, SQLITE_ERROR, "error in fread()");
    nDone += nRead;
  }
  return SQLITE_OK;
}

/*
** What the end record says.
*/
typedef struct ZipEnd ZipEnd;
struct ZipEnd {
  int nEntry;
  i64 nDir, iDir;                 /* Size and offset of the directory */
};
static ZipEnd endDecode(const u8 *a){
  ZipEnd end;
  end.nEntry = get16(&a[10]);
  end.nDir = get32(&a[12]);
  end.iDir = get32(&a[16]);
  return end;
}

/*
** True if the end record at iPos makes sense: it stands right behind its
** directory.
*/
static int endIsSound(ZipSource *p, const ZipEnd *pEnd, i64 iPos){
  u8 a[4];
  char *zErr = 0;
  int rc;
  if( pEnd->iDir+pEnd->nDir!=iPos ) return 0;
  if( pEnd->nEntry==0 ) return 1;
  rc = zipRead(p, pEnd->iDir, a, sizeof(a), &zErr);
  sqlite3_free(zErr);
  return rc==SQLITE_OK && get32(a)==CENTRAL_SIGNATURE;
}

/*
** Search backwards, down to iMin, for an end record, or a sound one.  *piPos is
** where it is, or -1.
*/
static int endSearch(
  ZipSource *p,
  i64 iMin,
  int bSound,
  i64 *piPos,
  ZipEnd *pEnd,
  char **pzErr
){
  u8 *a = sqlite3_malloc(SEARCH_SIZE+END_SIZE);
  i64 iTop = p->n - END_SIZE + 1;  /* Positions below have to be looked at */
  int rc = SQLITE_OK;
  *piPos = -1;
  if( a==0 ) return SQLITE_NOMEM;
  if( iMin<0 ) iMin = 0;
  while( rc==SQLITE_OK && iTop>iMin && *piPos<0 ){
    i64 iLow = iTop-SEARCH_SIZE>iMin ? iTop-SEARCH_SIZE : iMin;
    i64 i;
    rc = zipRead(p, iLow, a, iTop-iLow+END_SIZE-1, pzErr);
    for(i=iTop-iLow-1; rc==SQLITE_OK && i>=0; i--){
      if( a[i]!='P' || get32(&a[i])!=END_SIGNATURE ) continue;
      *pEnd = endDecode(&a[i]);
      if( bSound && !endIsSound(p, pEnd, iLow+i) ) continue;
      *piPos = iLow+i;
      break;
    }
    iTop = iLow;
  }
  sqlite3_free(a);
  return rc;
}

/*
** Find the end record.  It should be the last thing in the archive, but for a
** comment.  Behind it there may be what a process has appended that did not get
** as far as to write an end record of its own.  If nothing makes sense, take the
** last of what look like an end record: other programs can have put something
** between it and the directory, and else there is something to complain about.
*/
static int endFind(ZipSource *p, ZipEnd *pEnd, char **pzErr){
  i64 iPos;
  int rc = endSearch(p, 0, 1, &iPos, pEnd, pzErr);
  if( rc==SQLITE_OK && iPos<0 ){
    rc = endSearch(p, p->n-END_SIZE-COMMENT_MAX, 0, &iPos, pEnd, pzErr);
    if( rc==SQLITE_OK && iPos<0 ){
      return zipError(pzErr, SQLITE_ERROR,
                      "cannot find end of central directory record");
    }
  }
  if( rc==SQLITE_OK
   && (pEnd->nEntry>ZIP_ENTRIES_MAX || pEnd->iDir>ZIP_SIZE_MAX)
  ){
    return zipError(pzErr, SQLITE_ERROR,
                    "this is a zip64 archive, which cannot be read");
  }
  return rc;
}

/*
** The modification time of an entry: from an extra field, or else the one of
** MS-DOS, as if that were UTC.
*/
static u32 entryTime(const ZipEntry *p){
  const u8 *a = p->aExtra;
  const u8 *aEnd = &a[p->nExtra];
  struct tm x;
  while( aEnd-a>=4 ){
    int nField = get16(&a[2]);
    if( aEnd-a-4<nField ) break;
    if( get16(a)==EXTRA_TIME && nField>=EXTRA_TIME_SIZE && (a[4] & 1) ){
      return get32(&a[5]);
    }
    a += 4 + nField;
  }
  memset(&x, 0, sizeof(x));
  x.tm_year = 80 + (p->iDosDate>>9);
  x.tm_mon = ((p->iDosDate>>5) & 15) - 1;
  x.tm_mday = p->iDosDate & 31;
  x.tm_hour = p->iDosTime>>11;
  x.tm_min = (p->iDosTime>>5) & 63;
  x.tm_sec = (p->iDosTime & 31)*2;
  return (u32)timegm(&x);
}

/*
** Where the data of an entry is, which only its local header knows.
*/
static int locateData(ZipSource *p, ZipEntry *pEntry, char **pzErr){
  u8 a[LOCAL_SIZE];
  int rc = zipRead(p, pEntry->iOffset, a, sizeof(a), pzErr);
  if( rc==SQLITE_ERROR ) return rc;
  if( rc!=SQLITE_OK || get32(a)!=LOCAL_SIGNATURE ){
    return zipError(pzErr, SQLITE_ERROR, "failed to read LFH at offset %d",
                             (int)pEntry->iOffset);
  }
  pEntry->iDataOffset = (i64)pEntry->iOffset + LOCAL_SIZE
                      + get16(&a[26]) + get16(&a[28]);
  return SQLITE_OK;
}

/*
** Read the entry whose record in the directory is at *piOff, and move *piOff
** behind it.
*/
static int entryLoad(
  ZipSource *p,
  i64 *piOff,
  ZipEntry **ppEntry,
  char **pzErr
){
  u8 a[CENTRAL_SIZE];
  ZipEntry *pEntry;
  i64 n;
  int rc = zipRead(p, *piOff, a, sizeof(a), pzErr);
  if( rc!=SQLITE_OK ) return rc;
  if( get32(a)!=CENTRAL_SIGNATURE ){
    return zipError(pzErr, SQLITE_ERROR, "failed to read CDS at offset %lld", *piOff);
  }
  n = get16(&a[28]) + get16(&a[30]) + get16(&a[32]);
  pEntry = sqlite3_malloc64(sizeof(*pEntry) + (sqlite3_uint64)n + 1);
  if( pEntry==0 ) return SQLITE_NOMEM;
  memset(pEntry, 0, sizeof(*pEntry));
  pEntry->nRef = 1;
  pEntry->iMadeBy = get16(&a[4]);
  pEntry->iNeeds = get16(&a[6]);
  pEntry->mFlags = get16(&a[8]);
  pEntry->eMethod = get16(&a[10]);
  pEntry->iDosTime = get16(&a[12]);
  pEntry->iDosDate = get16(&a[14]);
  pEntry->iCrc = get32(&a[16]);
  pEntry->nPacked = get32(&a[20]);
  pEntry->nData = get32(&a[24]);
  pEntry->nName = get16(&a[28]);
  pEntry->nExtra = get16(&a[30]);
  pEntry->nComment = get16(&a[32]);
  pEntry->iDisk = get16(&a[34]);
  pEntry->mInternal = get16(&a[36]);
  pEntry->mExternal = get32(&a[38]);
  pEntry->iOffset = get32(&a[42]);
  pEntry->zName = (char*)&pEntry[1];
  pEntry->aExtra = (u8*)&pEntry->zName[pEntry->nName+1];
  rc = zipRead(p, *piOff+CENTRAL_SIZE, pEntry->zName, pEntry->nName, pzErr);
  if( rc==SQLITE_OK ){
    rc = zipRead(p, *piOff+CENTRAL_SIZE+pEntry->nName, pEntry->aExtra,
                 pEntry->nExtra+pEntry->nComment, pzErr);
  }
  if( rc==SQLITE_OK ) rc = locateData(p, pEntry, pzErr);
  if( rc!=SQLITE_OK ){
    zipUnref(pEntry);
    return rc;
  }
  pEntry->zName[pEntry->nName] = 0;
  pEntry->iMtime = entryTime(pEntry);
  *piOff += CENTRAL_SIZE + n;
  *ppEntry = pEntry;
  return SQLITE_OK;
}

/*
** Load the directory into *pList, which is empty.  An empty file is an empty
** archive; an empty blob is none.
*/
int zipLoad(ZipSource *p, ZipList *pList, char **pzErr){
  ZipEnd end;
  i64 iOff;
  int i, rc;
  if( p->n==0 && p->fd>=0 ) return SQLITE_OK;
  rc = endFind(p, &end, pzErr);
  if( rc!=SQLITE_OK ) return rc;
  iOff = end.iDir;
  for(i=0; rc==SQLITE_OK && i<end.nEntry; i++){
    ZipEntry *pEntry;
    rc = entryLoad(p, &iOff, &pEntry, pzErr);
    if( rc==SQLITE_OK ) rc = zipListInsert(pList, pList->n, pEntry);
  }
  return rc;
}

/*
** Append what both records of an entry have in common.
*/
static u8 *putCommon(u8 *a, const ZipEntry *p, int nExtra){
  a = put16(a, p->iNeeds);
  a = put16(a, p->mFlags);
  a = put16(a, p->eMethod);
  a = put16(a, p->iDosTime);
  a = put16(a, p->iDosDate);
  a = put32(a, p->iCrc);
  a = put32(a, p->nPacked);
  a = put32(a, p->nData);
  a = put16(a, p->nName);
  return put16(a, (u32)nExtra);
}

/*
** The extra field with the modification time.
*/
static void appendTime(sqlite3_str *pOut, const ZipEntry *p){
  u8 a[EXTRA_SIZE];
  put16(put16(a, EXTRA_TIME), EXTRA_TIME_SIZE);
  a[4] = 1;
  put32(&a[5], p->iMtime);
  sqlite3_str_append(pOut, (char*)a, sizeof(a));
}

/*
** Append the local header of a new entry.
*/
void zipAppendLocal(sqlite3_str *pOut, const ZipEntry *p){
  u8 a[LOCAL_SIZE];
  putCommon(put32(a, LOCAL_SIGNATURE), p, EXTRA_SIZE);
  sqlite3_str_append(pOut, (char*)a, sizeof(a));
  sqlite3_str_append(pOut, p->zName, p->nName);
  appendTime(pOut, p);
}

/*
** Append the record of an entry in the directory.  A new entry has no extra
** fields of its own.
*/
void zipAppendCentral(sqlite3_str *pOut, const ZipEntry *p){
  u8 aRecord[CENTRAL_SIZE];
  u8 *a = put16(put32(aRecord, CENTRAL_SIGNATURE), p->iMadeBy);
  a = putCommon(a, p, p->aExtra ? p->nExtra : EXTRA_SIZE);
  a = put16(a, p->nComment);
  a = put16(a, p->iDisk);
  a = put16(a, p->mInternal);
  a = put32(a, p->mExternal);
  put32(a, p->iOffset);
  sqlite3_str_append(pOut, (char*)aRecord, sizeof(aRecord));
  sqlite3_str_append(pOut, p->zName, p->nName);
  if( p->aExtra ){
    sqlite3_str_append(pOut, (char*)p->aExtra, p->nExtra+p->nComment);
  }else{
    appendTime(pOut, p);
  }
}

/*
** Append the end record.
*/
void zipAppendEnd(sqlite3_str *pOut, int nEntry, i64 nDir, i64 iDir){
  u8 aRecord[END_SIZE];
  u8 *a = put32(put32(aRecord, END_SIGNATURE), 0);
  a = put16(put16(a, (u32)nEntry), (u32)nEntry);
  a = put32(put32(a, (u32)nDir), (u32)iDir);
  put16(a, 0);
  sqlite3_str_append(pOut, (char*)aRecord, sizeof(aRecord));
}
