/*
** B-tree pages, taken apart.  See pages.h and
** https://sqlite.org/fileformat2.html
*/
#include <string.h>
#include "pages.h"

/*
** Each overflow page belongs to one record, and no record is read more often
** than a few times.  Of a file in which many records share one chain, no more is
** read than so many times its pages.
*/
#define OVERFLOW_READS_MAX  16

unsigned pageGet2(const u8 *a){
  return (unsigned)a[0]<<8 | a[1];
}
unsigned pageGet4(const u8 *a){
  return (unsigned)a[0]<<24 | (unsigned)a[1]<<16 | (unsigned)a[2]<<8 | a[3];
}

/*
** Read a varint that begins at a[i] and ends before a[n].  Return where it
** ends, or 0 if it does not.
*/
static i64 getVarint(const u8 *a, i64 i, i64 n, sqlite3_uint64 *pu){
  sqlite3_uint64 u = 0;
  int k;
  for(k=0; k<9 && i<n; k++){
    u8 c = a[i++];
    if( k==8 ){
      *pu = u<<8 | c;
      return i;
    }
    u = u<<7 | (c & 0x7f);
    if( c<0x80 ){
      *pu = u;
      return i;
    }
  }
  return 0;
}

/*
** Read page iPage into pPage without looking at it.
*/
static int pageRead(PageSource *pSrc, i64 iPage, Page *pPage){
  int rc;
  pPage->n = 0;
  if( signalPending() ) return SQLITE_INTERRUPT;
  sqlite3_bind_int64(pSrc->pRead, 2, iPage);
  if( sqlite3_step(pSrc->pRead)==SQLITE_ROW ){
    const void *p = sqlite3_column_blob(pSrc->pRead, 0);
    int n = sqlite3_column_bytes(pSrc->pRead, 0);
    if( n>pPage->nAlloc ){
      u8 *a = sqlite3_realloc(pPage->a, n);
      if( a==0 ){
        sqlite3_reset(pSrc->pRead);
        return SQLITE_NOMEM;
      }
      pPage->a = a;
      pPage->nAlloc = n;
    }
    if( p && n>=PAGE_SIZE_MIN ){
      memcpy(pPage->a, p, (size_t)n);
      pPage->n = n;
    }
  }
  rc = sqlite3_reset(pSrc->pRead);
  if( rc!=SQLITE_NOMEM && rc!=SQLITE_INTERRUPT ) rc = SQLITE_OK;
  pPage->nUsable = pPage->n - pSrc->nReserve;
  return rc;
}

/*
** Find out what the bytes of pPage say.  bFirst: it is page 1.
*/
void pageParse(Page *pPage, int bFirst){
  int nMax = (pPage->nUsable - 8)/6;
  pPage->iHeader = bFirst ? FIRST_HEADER_BYTES : 0;
  pPage->eType = PAGE_OTHER;
  pPage->nCell = 0;
  if( pPage->n==0 ) return;
  switch( pPage->a[pPage->iHeader] ){
    case PAGE_INDEX_INTERIOR: case PAGE_TABLE_INTERIOR:
    case PAGE_INDEX_LEAF: case PAGE_TABLE_LEAF:
      pPage->eType = pPage->a[pPage->iHeader];
      pPage->nCell = (int)pageGet2(&pPage->a[pPage->iHeader+3]);
      if( pPage->nCell>nMax ) pPage->nCell = nMax;
  }
}

/*
** Read page iPage.
*/
int pageLoad(PageSource *pSrc, i64 iPage, Page *pPage){
  int rc = pageRead(pSrc, iPage, pPage);
  pageParse(pPage, iPage==1);
  return rc;
}

/*
** What page 1 says of all pages.
*/
static int pagesReadHeader(PageSource *pSrc){
  Page page;
  int rc;
  memset(&page, 0, sizeof(page));
  rc = pageRead(pSrc, 1, &page);
  if( page.n ){
    unsigned eEncoding = pageGet4(&page.a[56]);
    if( eEncoding==SQLITE_UTF16LE || eEncoding==SQLITE_UTF16BE ){
      pSrc->eEncoding = (int)eEncoding;
    }
    if( page.n - page.a[20]>=480 ) pSrc->nReserve = page.a[20];
  }
  sqlite3_free(page.a);
  return rc;
}

/*
** Start to read the database zSchema.  If this fails the connection has an
** error message; it is an SQLite error code of any kind.  pagesClose() must be
** called in any case.
*/
int pagesOpen(PageSource *pSrc, sqlite3 *db, const char *zSchema){
  sqlite3_stmt *pCount = 0;
  char *zSql = sqlite3_mprintf("PRAGMA \"%w\".page_count", zSchema);
  int rc;
  memset(pSrc, 0, sizeof(*pSrc));
  pSrc->eEncoding = SQLITE_UTF8;
  if( zSql==0 ) return SQLITE_NOMEM;
  rc = sqlite3_prepare_v2(db, zSql, -1, &pCount, 0);
  sqlite3_free(zSql);
  if( rc==SQLITE_OK ){
    if( sqlite3_step(pCount)==SQLITE_ROW ){
      pSrc->nPage = sqlite3_column_int64(pCount, 0);
      pSrc->nOverflow = pSrc->nPage*OVERFLOW_READS_MAX;
    }
    rc = sqlite3_finalize(pCount);
  }
  if( rc==SQLITE_OK ){
    rc = sqlite3_prepare_v2(db, "SELECT data FROM sqlite_dbpage(?1)"
                                " WHERE pgno=?2", -1, &pSrc->pRead, 0);
  }
  if( rc==SQLITE_OK ){
    rc = sqlite3_bind_text(pSrc->pRead, 1, zSchema, -1, SQLITE_TRANSIENT);
  }
  if( rc==SQLITE_OK ) rc = pagesReadHeader(pSrc);
  return rc;
}
void pagesClose(PageSource *pSrc){
  sqlite3_finalize(pSrc->pRead);
  pSrc->pRead = 0;
}

int pageIsTable(const Page *pPage){
  return pPage->eType==PAGE_TABLE_INTERIOR || pPage->eType==PAGE_TABLE_LEAF;
}
int pageIsInterior(const Page *pPage){
  return pPage->eType==PAGE_TABLE_INTERIOR
      || pPage->eType==PAGE_INDEX_INTERIOR;
}

/*
** Where cell iCell begins, or 0 if it does not.
*/
static i64 cellOffset(const Page *pPage, int iCell){
  int iFirst = pPage->iHeader + (pageIsInterior(pPage) ? 12 : 8);
  int i = iFirst + iCell*2;
  int iCellAt;
  if( i+2>pPage->nUsable ) return 0;
  iCellAt = (int)pageGet2(&pPage->a[i]);
  return iCellAt<iFirst || iCellAt+4>pPage->nUsable ? 0 : iCellAt;
}

/*
** The child that cell iCell of an interior page points to.  -1 is the last
** child of all.  0 if there is none.
*/
i64 pageChild(const Page *pPage, int iCell){
  i64 i = iCell<0 ? pPage->iHeader+8 : cellOffset(pPage, iCell);
  return i ? pageGet4(&pPage->a[i]) : 0;
}

/*
** How many of the nPayload bytes of a record are in the page itself.
*/
static i64 localBytes(const Page *pPage, i64 nPayload){
  i64 nUsable = pPage->nUsable;
  i64 nMin = (nUsable-12)*32/255 - 23;
  i64 nMax = pPage->eType==PAGE_TABLE_LEAF ? nUsable-35
                                           : (nUsable-12)*64/255 - 23;
  i64 n;
  if( nPayload<=nMax ) return nPayload;
  n = nMin + (nPayload-nMin)%(nUsable-4);
  return n<=nMax ? n : nMin;
}

/*
** Where things are in a cell.
*/
typedef struct Cell Cell;
struct Cell {
  i64 iPayload;          /* Where the payload begins in the page */
  i64 nPayload;          /* Bytes of it */
  i64 nLocal;            /* Bytes of them that the page holds */
  i64 iRowid;
};

/*
** Find out about cell iCell.  Return false if there is no payload.
*/
static int cellParse(const Page *pPage, int iCell, Cell *pCell){
  sqlite3_uint64 u = 0, uRowid = 0;
  i64 i = cellOffset(pPage, iCell);
  if( i==0 || pPage->eType==PAGE_TABLE_INTERIOR ) return 0;
  if( pPage->eType==PAGE_INDEX_INTERIOR ) i += 4;
  i = getVarint(pPage->a, i, pPage->nUsable, &u);
  if( i && pPage->eType==PAGE_TABLE_LEAF ){
    i = getVarint(pPage->a, i, pPage->nUsable, &uRowid);
  }
  if( i==0 || u==0 || u>0x7fffff00 ) return 0;
  pCell->iPayload = i;
  pCell->nPayload = (i64)u;
  pCell->nLocal = localBytes(pPage, pCell->nPayload);
  pCell->iRowid = (i64)uRowid;
  return 1;
}

/*
** The bytes that cell iCell takes in the page, or 0 if it does not fit in.
*/
static i64 cellBytes(const Page *pPage, int iCell){
  i64 iBegin = cellOffset(pPage, iCell);
  i64 iEnd;
  if( iBegin==0 ) return 0;
  if( pPage->eType==PAGE_TABLE_INTERIOR ){
    sqlite3_uint64 u;
    iEnd = getVarint(pPage->a, iBegin+4, pPage->nUsable, &u);
  }else{
    Cell cell;
    if( !cellParse(pPage, iCell, &cell) ) return 0;
    iEnd = cell.iPayload + cell.nLocal;
    if( cell.nLocal<cell.nPayload ) iEnd += 4;
  }
  if( iEnd>pPage->nUsable ) return 0;
  return iEnd-iBegin<4 ? 4 : iEnd-iBegin;
}

/*
** True if all in the page is as it should be, so that its bytes are hardly
** anything but a b-tree page of just this size: its cells and its free blocks
** make up all of its content.
*/
int pageIsSound(Page *pPage){
  const u8 *a = pPage->a;
  int iHeader = pPage->iHeader;
  i64 nContent, iFree;
  int i, iStart;
  if( pPage->eType==PAGE_OTHER ) return 0;
  if( pPage->nCell!=(int)pageGet2(&a[iHeader+3]) ) return 0;
  iStart = (int)pageGet2(&a[iHeader+5]);
  if( iStart==0 ) iStart = 65536;
  nContent = pPage->nUsable - iStart - a[iHeader+7];
  for(i=0; i<pPage->nCell; i++){
    i64 n = cellBytes(pPage, i);
    if( n==0 ) return 0;
    nContent -= n;
  }
  iFree = pageGet2(&a[iHeader+1]);
  while( iFree && nContent>0 ){
    i64 n;
    if( iFree+4>pPage->nUsable ) return 0;
    n = pageGet2(&a[iFree+2]);
    if( n<4 ) return 0;
    nContent -= n;
    iFree = pageGet2(&a[iFree]);
  }
  return nContent==0;
}

/*
** Room for the n bytes of a payload.
*/
static int recordReserve(Record *pRec, i64 n){
  u8 *a;
  if( n<=pRec->nAlloc ) return SQLITE_OK;
  a = sqlite3_realloc64(pRec->a, (sqlite3_uint64)n);
  if( a==0 ) return SQLITE_NOMEM;
  pRec->a = a;
  pRec->nAlloc = n;
  return SQLITE_OK;
}

/*
** Follow the chain of overflow pages that begins at iPage until pRec->a[] has
** nPayload bytes, or the chain ends, or comes back to where it was, or too many
** pages have been read already.
*/
static int recordReadOverflow(
  PageSource *pSrc,
  Record *pRec,
  i64 iPage,
  i64 nPayload
){
  i64 iMark = 0;         /* A page of the chain */
  i64 nSince = 0;        /* Pages since then... */
  i64 nMark = 1;         /* ...and after how many the mark moves on */
  Page *pPage = &pRec->overflow;
  while( pRec->n<nPayload && iPage>0 && iPage<=pSrc->nPage && iPage!=iMark
      && pSrc->nOverflow-->0 ){
    i64 n;
    int rc = pageRead(pSrc, iPage, pPage);
    if( rc!=SQLITE_OK ) return rc;
    if( pPage->n==0 ) break;
    n = pPage->nUsable - 4;
    if( n>nPayload-pRec->n ) n = nPayload - pRec->n;
    if( pRec->n+n>pRec->nAlloc ){
      i64 nNew = (pRec->n+n)*2;
      rc = recordReserve(pRec, nNew<nPayload ? nNew : nPayload);
      if( rc!=SQLITE_OK ) return rc;
    }
    memcpy(&pRec->a[pRec->n], &pPage->a[4], (size_t)n);
    pRec->n += n;
    if( ++nSince==nMark ){
      iMark = iPage;
      nMark *= 2;
      nSince = 0;
    }
    iPage = pageGet4(pPage->a);
  }
  return SQLITE_OK;
}

/*
** Read the record of cell iCell.  If there is none it has no fields.
*/
int recordLoad(PageSource *pSrc, const Page *pPage, int iCell, Record *pRec){
  sqlite3_uint64 nHeader = 0;
  Cell cell;
  i64 n;
  int rc;
  pRec->n = pRec->nHeader = pRec->iType = 0;
  pRec->nField = 0;
  if( !cellParse(pPage, iCell, &cell) ) return SQLITE_OK;
  pRec->iRowid = cell.iRowid;
  n = cell.nLocal;
  if( n>pPage->nUsable-cell.iPayload ) n = pPage->nUsable - cell.iPayload;
  rc = recordReserve(pRec, n+1);
  if( rc!=SQLITE_OK ) return rc;
  memcpy(pRec->a, &pPage->a[cell.iPayload], (size_t)n);
  pRec->n = n;
  if( cell.nPayload>n && cell.iPayload+n+4<=pPage->nUsable ){
    rc = recordReadOverflow(pSrc, pRec, pageGet4(&pPage->a[cell.iPayload+n]),
                            cell.nPayload);
  }
  pRec->iType = getVarint(pRec->a, 0, pRec->n, &nHeader);
  if( pRec->iType==0 || nHeader>(sqlite3_uint64)pRec->n ) nHeader = 0;
  pRec->nHeader = (i64)nHeader;
  pRec->iData = pRec->nHeader;
  return rc;
}

/*
** The bytes that a field of type uType has.
*/
static sqlite3_uint64 fieldBytes(sqlite3_uint64 uType){
  static const u8 aByte[] = { 0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0 };
  return uType<12 ? aByte[uType] : (uType-12)/2;
}

/*
** Go to the next field.  Return false if there is none.
*/
int recordNext(Record *pRec){
  Field *pField = &pRec->field;
  i64 iNext;
  sqlite3_uint64 n;
  if( pRec->iType>=pRec->nHeader || pRec->nField>=RECORD_FIELDS_MAX ) return 0;
  iNext = getVarint(pRec->a, pRec->iType, pRec->nHeader, &pField->uType);
  if( iNext==0 ) return 0;
  n = fieldBytes(pField->uType);
  pField->a = &pRec->a[pRec->iData];
  pField->n = pRec->n - pRec->iData;
  if( n<(sqlite3_uint64)pField->n ) pField->n = (i64)n;
  pRec->iType = iNext;
  pRec->iData += pField->n;
  pRec->nField++;
  return 1;
}

void recordFree(Record *pRec){
  sqlite3_free(pRec->a);
  sqlite3_free(pRec->overflow.a);
  memset(pRec, 0, sizeof(*pRec));
}

/*
** What a field is to SQL: SQLITE_INTEGER, ...
*/
static int fieldType(const Field *pField){
  if( pField->uType>=12 ){
    return pField->uType & 1 ? SQLITE_TEXT : SQLITE_BLOB;
  }
  if( pField->uType==0 || pField->uType>=10 ) return SQLITE_NULL;
  return pField->uType==7 ? SQLITE_FLOAT : SQLITE_INTEGER;
}

/*
** The bits of a number.  One that is not all there is 0.
*/
static sqlite3_uint64 fieldBits(const Field *pField){
  sqlite3_uint64 u = 0;
  i64 i;
  if( pField->uType>=8 ) return pField->uType - 8;
  if( (sqlite3_uint64)pField->n!=fieldBytes(pField->uType) ) return 0;
  if( pField->a[0] & 0x80 ) u = ~(sqlite3_uint64)0;
  for(i=0; i<pField->n; i++) u = u<<8 | pField->a[i];
  return u;
}
static double fieldDouble(const Field *pField){
  sqlite3_uint64 u = fieldBits(pField);
  double r;
  memcpy(&r, &u, 8);
  return r;
}

/*
** The bytes of a text: a whole number of units.
*/
static sqlite3_uint64 fieldTextBytes(const Field *pField, int eEncoding){
  i64 n = pField->n;
  return (sqlite3_uint64)(eEncoding==SQLITE_UTF8 ? n : n & ~(i64)1);
}

/*
** True for a text that has a zero character in it.
*/
int fieldIsTextWithZero(const Field *pField, int eEncoding){
  i64 i;
  if( fieldType(pField)!=SQLITE_TEXT ) return 0;
  if( eEncoding==SQLITE_UTF8 ){
    return memchr(pField->a, 0, (size_t)pField->n)!=0;
  }
  for(i=0; i+1<pField->n; i+=2){
    if( pField->a[i]==0 && pField->a[i+1]==0 ) return 1;
  }
  return 0;
}

/*
** Give a field to parameter iParam.  Its bytes must stay.
*/
void fieldBind(
  const Field *pField,
  int eEncoding,
  sqlite3_stmt *pStmt,
  int iParam
){
  switch( fieldType(pField) ){
    case SQLITE_INTEGER:
      sqlite3_bind_int64(pStmt, iParam, (i64)fieldBits(pField));
      break;
    case SQLITE_FLOAT:
      sqlite3_bind_double(pStmt, iParam, fieldDouble(pField));
      break;
    case SQLITE_TEXT:
      sqlite3_bind_text64(pStmt, iParam, (const char*)pField->a,
                          fieldTextBytes(pField, eEncoding), SQLITE_STATIC,
                          (unsigned char)eEncoding);
      break;
    case SQLITE_BLOB:
      sqlite3_bind_blob64(pStmt, iParam, pField->a, (sqlite3_uint64)pField->n,
                          SQLITE_STATIC);
      break;
    default:
      sqlite3_bind_null(pStmt, iParam);
      break;
  }
}

/*
** Make a field the result of pCtx.
*/
void fieldResult(const Field *pField, int eEncoding, sqlite3_context *pCtx){
  switch( fieldType(pField) ){
    case SQLITE_INTEGER:
      sqlite3_result_int64(pCtx, (i64)fieldBits(pField));
      break;
    case SQLITE_FLOAT:
      sqlite3_result_double(pCtx, fieldDouble(pField));
      break;
    case SQLITE_TEXT:
      sqlite3_result_text64(pCtx, (const char*)pField->a,
                            fieldTextBytes(pField, eEncoding),
                            SQLITE_TRANSIENT, (unsigned char)eEncoding);
      break;
    case SQLITE_BLOB:
      sqlite3_result_blob64(pCtx, pField->a, (sqlite3_uint64)pField->n,
                            SQLITE_TRANSIENT);
      break;
    default:
      break;
  }
}
