/*
** B-tree pages, taken apart.
**
** Nothing here trusts what a page says: whatever does not fit is left out.
** Functions return SQLITE_OK, also where there is nothing to be read, or else
** SQLITE_NOMEM or SQLITE_INTERRUPT.
*/
#ifndef SEAWALL_PAGES_H
#define SEAWALL_PAGES_H

#include "shell.h"

/* Page.eType */
#define PAGE_OTHER           0     /* No b-tree page */
#define PAGE_INDEX_INTERIOR  0x02
#define PAGE_TABLE_INTERIOR  0x05
#define PAGE_INDEX_LEAF      0x0a
#define PAGE_TABLE_LEAF      0x0d

#define PAGE_SIZE_MIN        512
#define PAGE_SIZE_MAX        65536
#define FIRST_HEADER_BYTES   100   /* What stands before page 1's b-tree */

/*
** Where pages come from: a database of a connection.
*/
typedef struct PageSource PageSource;
struct PageSource {
  sqlite3_stmt *pRead;
  i64 nPage;             /* Pages in the database */
  i64 nOverflow;         /* Overflow pages that may be read yet */
  int nReserve;          /* Bytes at the end of each that are not used */
  int eEncoding;         /* SQLITE_UTF8, ... */
};

typedef struct Page Page;
struct Page {
  u8 *a;
  int n;                 /* Bytes of a[]; 0: it cannot be read */
  int nAlloc;
  int nUsable;           /* Bytes of them that are used */
  int iHeader;           /* Where the header of the b-tree is */
  int eType;             /* PAGE_* */
  int nCell;
};

/*
** A field of a record, as the page has it.
*/
typedef struct Field Field;
struct Field {
  sqlite3_uint64 uType;
  const u8 *a;
  i64 n;                 /* Bytes of a[]; maybe less than the type wants */
};

/*
** What one cell holds.
*/
typedef struct Record Record;
struct Record {
  i64 iRowid;            /* Cells of tables only */
  u8 *a;                 /* The payload, as far as there is one */
  i64 n;
  i64 nAlloc;
  Page overflow;         /* A buffer */
  i64 nHeader;
  i64 iType;             /* Where the type of the next field is */
  i64 iData;             /* Where its content is */
  int nField;            /* Fields that have been visited */
  Field field;           /* The last one of them */
};

/* The number of fields that a record may have. */
#define RECORD_FIELDS_MAX  32767

unsigned pageGet2(const u8 *a);
unsigned pageGet4(const u8 *a);
int pagesOpen(PageSource*, sqlite3 *db, const char *zSchema);
void pagesClose(PageSource*);
int pageLoad(PageSource*, i64 iPage, Page*);
int pageIsTable(const Page*);
int pageIsInterior(const Page*);
i64 pageChild(const Page*, int iCell);
int pageIsSound(Page*);
void pageParse(Page*, int bFirst);
int recordLoad(PageSource*, const Page*, int iCell, Record*);
int recordNext(Record*);
void recordFree(Record*);
int fieldIsTextWithZero(const Field*, int eEncoding);
void fieldBind(const Field*, int eEncoding, sqlite3_stmt*, int iParam);
void fieldResult(const Field*, int eEncoding, sqlite3_context*);

#endif /* SEAWALL_PAGES_H */
