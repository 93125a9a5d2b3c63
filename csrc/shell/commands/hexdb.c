/*
** Databases as text: ".dbtotxt" writes it, ".open --hexdb" reads it.
**
**   | size 8192 pagesize 4096 filename x.db
**   | page 1 offset 0
**   |      0: 53 51 4c 69 74 65 20 66 6f 72 6d 61 74 20 33 00   SQLite format 3.
**   | end x.db
**
** Lines of sixteen zero bytes are left out.
*/
#include <stdlib.h>
#include <string.h>
#include "recover/pages.h"

#define LINE_BYTES  16

/*
** Write one line of a page, unless all of it is zero.  *pbTitle tells whether
** the title of the page has been written.
*/
static void writeLine(FILE *out, i64 iPage, int nPage, const u8 *a, int iLine,
                      int *pbTitle){
  static const u8 aZero[LINE_BYTES] = { 0 };
  int i;
  if( memcmp(&a[iLine], aZero, LINE_BYTES)==0 ) return;
  if( !*pbTitle ){
    fprintf(out, "| page %lld offset %lld\n", iPage, (iPage-1)*nPage);
    *pbTitle = 1;
  }
  fprintf(out, "|  %5d:", iLine);
  for(i=0; i<LINE_BYTES; i++) fprintf(out, " %02x", a[iLine+i]);
  fputs("   ", out);
  for(i=0; i<LINE_BYTES; i++){
    char c = (char)a[iLine+i];
    fputc(c<' ' || c>'~' || strchr("{}\"\\", c) ? '.' : c, out);
  }
  fputs("\n", out);
}

/*
** The name of the database file, without directories.
*/
static const char *baseName(Shell *p){
  const char *zFile = sqlite3_db_filename(p->db, "main");
  const char *z;
  if( zFile==0 || zFile[0]==0 ) return "unk.db";
  z = strrchr(zFile, '/');
  return z && z[1] ? z+1 : zFile;
}

/*
** .dbtotxt
*/
int dotDbtotxt(Shell *p){
  sqlite3_stmt *pStmt = 0;
  int nPage;
  databaseOpen(p, OPEN_OR_EXIT);
  if( sqlite3_prepare_v2(p->db, "SELECT pgno, data FROM sqlite_dbpage"
                                " ORDER BY pgno", -1, &pStmt, 0) ){
    fprintf(stderr, "ERROR: %s\n", sqlite3_errmsg(p->db));
    return DOT_ERROR;
  }
  if( sqlite3_step(pStmt)!=SQLITE_ROW ){
    fprintf(stderr, "ERROR: there is no page in the database\n");
    sqlite3_finalize(pStmt);
    return DOT_ERROR;
  }
  nPage = sqlite3_column_bytes(pStmt, 1);
  fprintf(p->out, "| size %lld pagesize %d filename %s\n",
          (i64)databaseInt(p, "PRAGMA page_count")*nPage, nPage, baseName(p));
  do{
    i64 iPage = sqlite3_column_int64(pStmt, 0);
    const u8 *a = sqlite3_column_blob(pStmt, 1);
    int n = sqlite3_column_bytes(pStmt, 1);
    int i, bTitle = 0;
    for(i=0; a && i+LINE_BYTES<=n; i+=LINE_BYTES){
      writeLine(p->out, iPage, nPage, a, i, &bTitle);
    }
  }while( !signalPending() && sqlite3_step(pStmt)==SQLITE_ROW );
  if( sqlite3_finalize(pStmt)!=SQLITE_OK ){
    fprintf(stderr, "ERROR: %s\n", sqlite3_errmsg(p->db));
    return DOT_ERROR;
  }
  fprintf(p->out, "| end %s\n", baseName(p));
  return DOT_OK;
}

/*
** Text that is being read.
*/
typedef struct HexDb HexDb;
struct HexDb {
  FILE *in;
  i64 *pnLine;           /* Lines that have been read */
  char *zLine;           /* The current one */
  u8 *a;                 /* The database */
  i64 n;
};

static int nextLine(HexDb *h){
  h->zLine = inputLine(h->in, h->zLine);
  ++*h->pnLine;
  return h->zLine!=0;
}

/*
** Read the bytes of a line that begins at iPage of the database.
*/
static void readBytes(HexDb *h, i64 iPage){
  u8 a[LINE_BYTES];
  i64 iLine;
  int i, n = 0;
  char *z;
  if( sscanf(h->zLine, "| %lld:%n", &iLine, &n)<1 || n==0 ) return;
  z = &h->zLine[n];
  for(i=0; i<LINE_BYTES; i++){
    char *zEnd;
    a[i] = (u8)strtoul(z, &zEnd, 16);
    if( zEnd==z ) return;
    z = zEnd;
  }
  if( iPage>=0 && iLine>=0 && iPage<=h->n && iLine<=h->n-iPage-LINE_BYTES ){
    memcpy(&h->a[iPage+iLine], a, LINE_BYTES);
  }
}

/*
** Read all of the text.  Return false if it is not what it should be.
*/
static int readText(Shell *p, HexDb *h){
  i64 nByte, nPage, iPage = 0, i;
  if( !nextLine(h)
   || sscanf(h->zLine, "| size %lld pagesize %lld", &nByte, &nPage)!=2
   || nByte<0 || nByte>0x7fffffff ) return 0;
  if( nPage<PAGE_SIZE_MIN || nPage>PAGE_SIZE_MAX || (nPage & (nPage-1))!=0 ){
    fputs("invalid pagesize\n", stderr);
    return 0;
  }
  h->n = (nByte+nPage-1)/nPage*nPage;
  h->a = imageMemory(p, h->n);
  if( h->a==0 ) return 0;
  while( nextLine(h) && strncmp(h->zLine, "| end ", 6)!=0 ){
    if( sscanf(h->zLine, "| page %lld offset %lld", &i, &iPage)!=2 ){
      readBytes(h, iPage);
    }
  }
  return 1;
}

/*
** Read a database from zFile, or, if that is NULL, from the lines that follow.
** Return its bytes, to be freed, or NULL after a message.
*/
void *hexdbRead(Shell *p, const char *zFile, i64 *pnByte){
  HexDb h;
  i64 nLine = 0;
  memset(&h, 0, sizeof(h));
  h.in = zFile ? inputOpen(zFile) : p->in ? p->in : stdin;
  h.pnLine = zFile ? &nLine : &p->nLine;
  if( h.in==0 ){
    fprintf(stderr, "cannot open \"%s\" for reading\n", zFile);
    return 0;
  }
  if( !readText(p, &h) ){
    i64 nBad = *h.pnLine;
    while( !zFile && h.zLine && strncmp(h.zLine, "| end ", 6)!=0 ) nextLine(&h);
    fprintf(stderr, "Error on line %lld of --hexdb input\n", nBad);
    sqlite3_free(h.a);
    h.a = 0;
  }
  sqlite3_free(h.zLine);
  if( zFile ) fclose(h.in);
  *pnByte = h.n;
  return h.a;
}
