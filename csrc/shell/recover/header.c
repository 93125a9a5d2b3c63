/*
** A database file whose header may be damaged, read as if it were not: the
** method of the file that reads is replaced by one that puts the header right
** on its way to SQLite.  The file itself stays as it is.
*/
#include <stddef.h>
#include <string.h>
#include "header.h"
#include "pages.h"

struct HeaderRepair {
  sqlite3_io_methods methods;       /* First: this is how fakeRead() finds us */
  const sqlite3_io_methods *pReal;
  sqlite3_file *pFile;
  int nPage;                        /* Bytes of a page; 0: not known yet */
  int nReserve;                     /* Unused bytes at the end of each */
};

/*
** How far to look for pages that tell their size.
*/
#define SEARCH_BLOCKS  64

/*
** How many bytes of the block a[], which begins at iOffset of the file, are
** sound pages of nPage bytes.
*/
static int soundBytes(u8 *a, i64 iOffset, int nPage, int nReserve){
  int i, nSound = 0;
  Page page;
  memset(&page, 0, sizeof(page));
  page.n = nPage;
  page.nUsable = nPage - nReserve;
  for(i=0; i<PAGE_SIZE_MAX; i+=nPage){
    page.a = &a[i];
    pageParse(&page, iOffset+i==0);
    if( page.nCell>0 && pageIsSound(&page) ) nSound += nPage;
  }
  return nSound;
}

/*
** Find the size of pages that most of the file agrees with.  nPage is what
** the header says, or 0.
*/
static void findPageSize(HeaderRepair *p, int nPage, int nReserve){
  int anSound[2][8];                /* By reserve and size: sound bytes */
  i64 iBlock, nFile = 0;
  int i, iRes, nBest = 0;
  u8 *a = sqlite3_malloc(PAGE_SIZE_MAX);
  p->nPage = nPage ? nPage : 4096;
  p->nReserve = nPage ? nReserve : 0;
  if( a==0 || p->pReal->xFileSize(p->pFile, &nFile)!=SQLITE_OK ) nFile = 0;
  memset(anSound, 0, sizeof(anSound));
  for(iBlock=0; iBlock<SEARCH_BLOCKS; iBlock++){
    i64 iOffset = iBlock*PAGE_SIZE_MAX;
    i64 n = nFile - iOffset;
    if( n<=0 ) break;
    if( n>PAGE_SIZE_MAX ) n = PAGE_SIZE_MAX;
    memset(a, 0, PAGE_SIZE_MAX);
    if( p->pReal->xRead(p->pFile, a, (int)n, iOffset)!=SQLITE_OK ) continue;
    for(i=0; i<8; i++){
      anSound[0][i] += soundBytes(a, iOffset, PAGE_SIZE_MIN<<i, 0);
      if( nReserve ){
        anSound[1][i] += soundBytes(a, iOffset, PAGE_SIZE_MIN<<i, nReserve);
      }
    }
  }
  for(iRes=0; iRes<2; iRes++){
    for(i=0; i<8; i++){
      int bSaid = (PAGE_SIZE_MIN<<i)==nPage && iRes==(nReserve>0);
      if( anSound[iRes][i]<nBest || anSound[iRes][i]==0 ) continue;
      if( anSound[iRes][i]==nBest && !bSaid ) continue;
      nBest = anSound[iRes][i];
      p->nPage = PAGE_SIZE_MIN<<i;
      p->nReserve = iRes ? nReserve : 0;
    }
  }
  sqlite3_free(a);
}

/*
** The encoding of text, by the way that the first word of the schema is
** written in the n bytes of page 1.
*/
static u8 guessEncoding(const u8 *a, int n){
  static const char zUtf16[] = "\0t\0a\0b\0l\0e";
  int i;
  for(i=FIRST_HEADER_BYTES; i+10<=n; i++){
    if( memcmp(&a[i], zUtf16, 10)==0 ) return SQLITE_UTF16BE;
    if( memcmp(&a[i], &zUtf16[1], 9)==0 ) return SQLITE_UTF16LE;
  }
  return SQLITE_UTF8;
}

/*
** Put the header right that page 1, of which n bytes are in a[], begins with.
** What SQLite can do without, such as the number of pages, is left out.
*/
static void repairHeader(HeaderRepair *p, u8 *a, int n){
  static const u8 aFraction[] = { 64, 32, 32 };
  static const u8 aNone[4] = { 0, 0, 0, 0 };
  unsigned eEncoding = pageGet4(&a[56]);
  unsigned iFormat = pageGet4(&a[44]);
  if( p->nPage==0 ){
    int nPage = (int)pageGet2(&a[16]);
    if( nPage==1 ) nPage = PAGE_SIZE_MAX;
    if( nPage<PAGE_SIZE_MIN || (nPage & (nPage-1))!=0 ) nPage = 0;
    findPageSize(p, nPage, a[20]<=32 ? a[20] : 0);
  }
  memcpy(a, "SQLite format 3", 16);
  a[16] = (u8)(p->nPage>>8);
  a[17] = (u8)(p->nPage>>16);
  if( a[18]!=2 || a[19]!=2 ) a[18] = a[19] = 1;
  a[20] = (u8)p->nReserve;
  memcpy(&a[21], aFraction, 3);
  memcpy(&a[28], aNone, 4);
  if( iFormat<1 || iFormat>4 ){
    memcpy(&a[44], aNone, 4);
    a[47] = 4;
  }
  if( eEncoding<SQLITE_UTF8 || eEncoding>SQLITE_UTF16BE ){
    memcpy(&a[56], aNone, 4);
    a[59] = guessEncoding(a, n);
  }
}

/*
** Methods of the file that come in place of its own.  Memory mapping would
** pass by fakeRead().
*/
static int fakeRead(sqlite3_file *pFile, void *pBuf, int n, sqlite3_int64 i){
  HeaderRepair *p = (HeaderRepair*)pFile->pMethods;
  int rc = p->pReal->xRead(pFile, pBuf, n, i);
  if( i==0 && n>=PAGE_SIZE_MIN
   && (rc==SQLITE_OK || rc==SQLITE_IOERR_SHORT_READ) ){
    repairHeader(p, pBuf, n);
  }
  return rc;
}
static int fakeFetch(sqlite3_file *pFile, sqlite3_int64 i, int n, void **pp){
  (void)pFile; (void)i; (void)n;
  *pp = 0;
  return SQLITE_OK;
}

/*
** How much there is of the methods, which depends on their version.
*/
static size_t methodBytes(const sqlite3_io_methods *pMethods){
  switch( pMethods->iVersion ){
    case 1:   return offsetof(sqlite3_io_methods, xShmMap);
    case 2:   return offsetof(sqlite3_io_methods, xFetch);
    default:  return sizeof(*pMethods);
  }
}

/*
** From now on the main database of db has a good header.  NULL if it is in no
** file, or if there is no memory.  There must be no transaction.
*/
HeaderRepair *headerRepair(sqlite3 *db){
  sqlite3_file *pFile = 0;
  HeaderRepair *p;
  sqlite3_file_control(db, "main", SQLITE_FCNTL_FILE_POINTER, &pFile);
  if( pFile==0 || pFile->pMethods==0 ) return 0;
  p = sqlite3_malloc(sizeof(*p));
  if( p==0 ) return 0;
  memset(p, 0, sizeof(*p));
  p->pFile = pFile;
  p->pReal = pFile->pMethods;
  memcpy(&p->methods, p->pReal, methodBytes(p->pReal));
  p->methods.xRead = fakeRead;
  p->methods.xFetch = fakeFetch;
  pFile->pMethods = &p->methods;
  sqlite3_file_control(db, "main", SQLITE_FCNTL_RESET_CACHE, 0);
  return p;
}

/*
** Back to what the file says.  There must be no transaction.
*/
void headerRepairEnd(sqlite3 *db, HeaderRepair *p){
  if( p==0 ) return;
  p->pFile->pMethods = p->pReal;
  sqlite3_file_control(db, "main", SQLITE_FCNTL_RESET_CACHE, 0);
  sqlite3_free(p);
}
