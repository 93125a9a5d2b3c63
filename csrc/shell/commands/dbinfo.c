/*
** ".dbinfo": what the header of a database says, and what its schema has.
*/
#include <string.h>
#include "recover/pages.h"

/*
** Read the header of a database.  Return false, after a message, if that is not
** possible.
*/
static int readHeader(Shell *p, const char *zDb, u8 *aHeader){
  sqlite3_stmt *pStmt = 0;
  int bOk = 0;
  if( sqlite3_prepare_v2(p->db, "SELECT data FROM sqlite_dbpage(?1)"
                                " WHERE pgno=1", -1, &pStmt, 0) ){
    fprintf(stderr, "error: %s\n", sqlite3_errmsg(p->db));
    return 0;
  }
  sqlite3_bind_text(pStmt, 1, zDb, -1, SQLITE_STATIC);
  if( sqlite3_step(pStmt)==SQLITE_ROW
   && sqlite3_column_bytes(pStmt, 0)>FIRST_HEADER_BYTES ){
    memcpy(aHeader, sqlite3_column_blob(pStmt, 0), FIRST_HEADER_BYTES);
    bOk = 1;
  }else{
    fputs("unable to read database header\n", stderr);
  }
  sqlite3_finalize(pStmt);
  return bOk;
}

/*
** Show the fields of the header.
*/
static void showHeader(FILE *out, const u8 *aHeader){
  static const struct { const char *zName; int iOffset; } aField[] = {
    { "file change counter:",  24 },
    { "database page count:",  28 },
    { "freelist page count:",  36 },
    { "schema cookie:",        40 },
    { "schema format:",        44 },
    { "default cache size:",   48 },
    { "autovacuum top root:",  52 },
    { "incremental vacuum:",   64 },
    { "text encoding:",        56 },
    { "user version:",         60 },
    { "application id:",       68 },
    { "software version:",     96 },
  };
  static const char *const azEncoding[] = {
    "", " (utf8)", " (utf16le)", " (utf16be)"
  };
  unsigned nPage = pageGet2(&aHeader[16]);
  int i;
  fprintf(out, "%-20s %u\n", "database page size:",
          nPage==1 ? PAGE_SIZE_MAX : nPage);
  fprintf(out, "%-20s %d\n", "write format:", aHeader[18]);
  fprintf(out, "%-20s %d\n", "read format:", aHeader[19]);
  fprintf(out, "%-20s %d\n", "reserved bytes:", aHeader[20]);
  for(i=0; i<ArraySize(aField); i++){
    unsigned u = pageGet4(&aHeader[aField[i].iOffset]);
    const char *zMore = "";
    if( aField[i].iOffset==56 && u<=3 ) zMore = azEncoding[u];
    fprintf(out, "%-20s %u%s\n", aField[i].zName, u, zMore);
  }
}

/*
** .dbinfo ?DB?
*/
int dotDbinfo(Shell *p){
  static const struct { const char *zName; const char *zExpr; } aCount[] = {
    { "number of tables:",    "count(*) FILTER (WHERE type='table')"   },
    { "number of indexes:",   "count(*) FILTER (WHERE type='index')"   },
    { "number of triggers:",  "count(*) FILTER (WHERE type='trigger')" },
    { "number of views:",     "count(*) FILTER (WHERE type='view')"    },
    { "schema size:",         "total(length(sql))"                     },
  };
  const char *zDb = p->dot.nArg>1 ? p->dot.azArg[1] : "main";
  u8 aHeader[FIRST_HEADER_BYTES];
  unsigned iVersion = 0;
  int i;
  databaseOpen(p, OPEN_OR_EXIT);
  if( !readHeader(p, zDb, aHeader) ) return DOT_ERROR;
  showHeader(p->out, aHeader);
  for(i=0; i<ArraySize(aCount); i++){
    char *zSql = shPrintf("SELECT %s FROM \"%w\".sqlite_schema",
                          aCount[i].zExpr, zDb);
    fprintf(p->out, "%-20s %d\n", aCount[i].zName, databaseInt(p, zSql));
    sqlite3_free(zSql);
  }
  sqlite3_file_control(p->db, zDb, SQLITE_FCNTL_DATA_VERSION, &iVersion);
  fprintf(p->out, "%-20s %u\n", "data version", iVersion);
  return DOT_OK;
}
