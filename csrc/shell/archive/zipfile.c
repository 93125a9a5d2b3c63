/*
** zipfile: ZIP archives as tables, and zipfile(), an aggregate that makes one.
**
** Columns that can be written: name, mode, mtime, data, method.  As a function
** the module takes the name of a file, or an archive as a blob.
*/
#include <string.h>
#include "functions/deflate.h"
#include "zip.h"

#define COL_NAME     0
#define COL_MODE     1
#define COL_MTIME    2
#define COL_SIZE     3
#define COL_RAWDATA  4
#define COL_DATA     5
#define COL_METHOD   6
#define COL_FILE     7   /* The argument; for zipfile_cds(), the entry */

/* The type of the pointer that zipfile_cds() is given. */
#define ENTRY_TYPE   "zipfile-entry"

typedef struct ZipTable ZipTable;
struct ZipTable {
  sqlite3_vtab base;
  sqlite3 *db;
  char *zFile;           /* NULL: it is an argument */
  ZipWriter writer;      /* Open once something changes in a transaction */
};

/*
** A cursor goes over the directory as it was in the beginning.
*/
typedef struct ZipCursor ZipCursor;
struct ZipCursor {
  sqlite3_vtab_cursor base;
  ZipSource src;
  ZipList list;
  int i;
};

/*
** A copy of z without quotes around it.
*/
static char *dequote(const char *z){
  size_t i, n = 0, nIn = strlen(z);
  char *zOut = sqlite3_malloc64(nIn+1);
  char cEnd = z[0]=='[' ? ']' : z[0];
  if( zOut==0 ) return 0;
  if( nIn<2 || strchr("'\"`[", z[0])==0 || z[nIn-1]!=cEnd ){
    memcpy(zOut, z, nIn+1);
    return zOut;
  }
  for(i=1; i<nIn-1; i++){
    zOut[n++] = z[i];
    if( z[i]==cEnd && z[i+1]==cEnd ) i++;
  }
  zOut[n] = 0;
  return zOut;
}

static int zipfileConnect(
  sqlite3 *db,
  void *pAux,
  int argc,
  const char *const *argv,
  sqlite3_vtab **ppVtab,
  char **pzErr
){
  ZipTable *p;
  int rc;
  (void)pAux;
  if( argc>4 || (argc<4 && sqlite3_stricmp(argv[2], "zipfile")!=0) ){
    *pzErr = sqlite3_mprintf("zipfile constructor requires one argument");
    return SQLITE_ERROR;
  }
  rc = sqlite3_declare_vtab(db,
      "CREATE TABLE x(name PRIMARY KEY,mode,mtime,sz,rawdata,data,method,"
      "z HIDDEN) WITHOUT ROWID");
  if( rc!=SQLITE_OK ) return rc;
  p = sqlite3_malloc(sizeof(*p));
  if( p==0 ) return SQLITE_NOMEM;
  memset(p, 0, sizeof(*p));
  p->db = db;
  p->writer.fd = -1;
  if( argc==4 && (p->zFile = dequote(argv[3]))==0 ){
    sqlite3_free(p);
    return SQLITE_NOMEM;
  }
  sqlite3_vtab_config(db, SQLITE_VTAB_CONSTRAINT_SUPPORT, 1);
  sqlite3_vtab_config(db, SQLITE_VTAB_DIRECTONLY);
  *ppVtab = &p->base;
  return SQLITE_OK;
}
static int zipfileDisconnect(sqlite3_vtab *pVtab){
  ZipTable *p = (ZipTable*)pVtab;
  zipWriterClose(&p->writer);
  sqlite3_free(p->zFile);
  sqlite3_free(p);
  return SQLITE_OK;
}
static int zipfileOpen(sqlite3_vtab *pVtab, sqlite3_vtab_cursor **ppCursor){
  ZipCursor *p = sqlite3_malloc(sizeof(*p));
  (void)pVtab;
  if( p==0 ) return SQLITE_NOMEM;
  memset(p, 0, sizeof(*p));
  p->src.fd = -1;
  *ppCursor = &p->base;
  return SQLITE_OK;
}
static void cursorReset(ZipCursor *p){
  zipListClear(&p->list);
  zipClose(&p->src);
  p->i = 0;
}
static int zipfileClose(sqlite3_vtab_cursor *pCursor){
  cursorReset((ZipCursor*)pCursor);
  sqlite3_free(pCursor);
  return SQLITE_OK;
}

static int zipfileBestIndex(sqlite3_vtab *pVtab, sqlite3_index_info *pInfo){
  int i, bUnusable = 0;
  pInfo->estimatedCost = 1000.0;
  pInfo->idxNum = 0;
  if( ((ZipTable*)pVtab)->zFile ) return SQLITE_OK;
  for(i=0; i<pInfo->nConstraint; i++){
    const struct sqlite3_index_constraint *pCons = &pInfo->aConstraint[i];
    if( pCons->iColumn!=COL_FILE || pCons->op!=SQLITE_INDEX_CONSTRAINT_EQ ){
      continue;
    }
    if( pCons->usable ){
      pInfo->aConstraintUsage[i].argvIndex = 1;
      pInfo->aConstraintUsage[i].omit = 1;
      pInfo->idxNum = 1;
      return SQLITE_OK;
    }
    bUnusable = 1;
  }
  return bUnusable ? SQLITE_CONSTRAINT : SQLITE_OK;
}

/*
** Take a blob for an archive.
*/
static int sourceBlob(ZipSource *p, sqlite3_value *pVal){
  const void *a = sqlite3_value_blob(pVal);
  p->n = sqlite3_value_bytes(pVal);
  p->a = sqlite3_malloc64((sqlite3_uint64)p->n + 1);
  if( p->a==0 ) return SQLITE_NOMEM;
  if( p->n ) memcpy(p->a, a, (size_t)p->n);
  return SQLITE_OK;
}

static int zipfileFilter(
  sqlite3_vtab_cursor *pCursor,
  int idxNum,
  const char *idxStr,
  int argc,
  sqlite3_value **argv
){
  ZipCursor *p = (ZipCursor*)pCursor;
  ZipTable *pTab = (ZipTable*)pCursor->pVtab;
  char **pzErr = &pTab->base.zErrMsg;
  int rc;
  (void)idxStr; (void)argc;
  cursorReset(p);
  if( pTab->zFile==0 && idxNum==0 ){
    return zipError(pzErr, SQLITE_ERROR, "zipfile() function requires an argument");
  }
  if( pTab->zFile ){
    rc = zipOpen(&p->src, pTab->zFile, pzErr);
    if( rc==SQLITE_OK && pTab->writer.fd>=0 ){
      return zipListCopy(&p->list, &pTab->writer.list);
    }
  }else if( sqlite3_value_type(argv[0])==SQLITE_BLOB ){
    rc = sourceBlob(&p->src, argv[0]);
  }else{
    rc = zipOpen(&p->src, (const char*)sqlite3_value_text(argv[0]), pzErr);
  }
  if( rc==SQLITE_OK ) rc = zipLoad(&p->src, &p->list, pzErr);
  return rc;
}
static int zipfileNext(sqlite3_vtab_cursor *pCursor){
  ((ZipCursor*)pCursor)->i++;
  return SQLITE_OK;
}
static int zipfileEof(sqlite3_vtab_cursor *pCursor){
  ZipCursor *p = (ZipCursor*)pCursor;
  return p->i>=p->list.n;
}

/*
** The data of an entry, compressed or not.
*/
static int dataResult(
  ZipCursor *p,
  sqlite3_context *pCtx,
  const ZipEntry *pEntry,
  int bRaw
){
  char **pzErr = &p->base.pVtab->zErrMsg;
  u8 *a;
  int rc;
  /* Before there is memory for so much: it may not be there. */
  if( pEntry->nPacked>p->src.n ){
    return zipError(pzErr, SQLITE_CORRUPT, "zip archive is corrupt");
  }
  a = sqlite3_malloc64((sqlite3_uint64)pEntry->nPacked + 1);
  if( a==0 ) return SQLITE_NOMEM;
  rc = zipRead(&p->src, pEntry->iDataOffset, a, pEntry->nPacked, pzErr);
  if( rc!=SQLITE_OK ){
    sqlite3_free(a);
    return rc;
  }
  if( bRaw || pEntry->eMethod==ZIP_STORED ){
    sqlite3_result_blob64(pCtx, a, pEntry->nPacked, sqlite3_free);
    return SQLITE_OK;
  }
  rc = inflateResult(pCtx, a, pEntry->nPacked, pEntry->nData, DEFLATE_RAW);
  sqlite3_free(a);
  if( rc ){
    /* The numbers are those of zlib: too short, and damaged. */
    char *z = sqlite3_mprintf("inflate() failed (%d)",
                              rc==DEFLATE_SHORT ? 0 : -3);
    if( z==0 ) return SQLITE_NOMEM;
    sqlite3_result_error(pCtx, z, -1);
    sqlite3_free(z);
  }
  return SQLITE_OK;
}

/*
** Give a pointer to the entry to zipfile_cds().
*/
static void entryUnref(void *p){ zipUnref((ZipEntry*)p); }
static void entryResult(sqlite3_context *pCtx, ZipEntry *pEntry){
  pEntry->nRef++;
  sqlite3_result_pointer(pCtx, pEntry, ENTRY_TYPE, entryUnref);
}

static int zipfileColumn(
  sqlite3_vtab_cursor *pCursor,
  sqlite3_context *pCtx,
  int iCol
){
  ZipCursor *p = (ZipCursor*)pCursor;
  ZipEntry *pEntry = p->list.ap[p->i];
  int bKnown = pEntry->eMethod==ZIP_STORED || pEntry->eMethod==ZIP_DEFLATED;
  switch( iCol ){
    case COL_NAME:
      sqlite3_result_text(pCtx, pEntry->zName, -1, SQLITE_TRANSIENT);
      break;
    case COL_MODE:
      sqlite3_result_int(pCtx, (int)(pEntry->mExternal>>16));
      break;
    case COL_MTIME:
      sqlite3_result_int64(pCtx, pEntry->iMtime);
      break;
    case COL_SIZE:
      /* zipfileUpdate() sees by a NULL that this is not to be changed. */
      if( sqlite3_vtab_nochange(pCtx) ) break;
      sqlite3_result_int64(pCtx, pEntry->nData);
      break;
    case COL_RAWDATA:
    case COL_DATA:
      if( iCol==COL_RAWDATA && sqlite3_vtab_nochange(pCtx) ) break;
      if( pEntry->nData==0 ){
        if( !zipIsDirectory(pEntry) ) sqlite3_result_zeroblob(pCtx, 0);
      }else if( bKnown || iCol==COL_RAWDATA ){
        return dataResult(p, pCtx, pEntry, iCol==COL_RAWDATA);
      }
      break;
    case COL_METHOD:
      sqlite3_result_int(pCtx, pEntry->eMethod);
      break;
    case COL_FILE:
      entryResult(pCtx, pEntry);
      break;
  }
  return SQLITE_OK;
}

/*
** Replace what pTab->writer has at index iOld, or append if that is -1.  An
** entry of the same name makes way, or not, as the conflict clause of the
** statement says.
*/
static int updatePut(ZipTable *pTab, int iOld, ZipNew *pNew){
  char **pzErr = &pTab->base.zErrMsg;
  int iSame = zipWriterFind(&pTab->writer, pNew->pEntry->zName);
  if( iSame>=0 && iSame!=iOld ){
    int eConflict = sqlite3_vtab_on_conflict(pTab->db);
    if( eConflict==SQLITE_IGNORE ) return SQLITE_OK;
    if( eConflict!=SQLITE_REPLACE ){
      return zipError(pzErr, SQLITE_CONSTRAINT, "duplicate name: \"%s\"", pNew->pEntry->zName);
    }
  }
  return zipWriterPut(&pTab->writer, iOld, iSame, pNew, pzErr);
}

static int zipfileUpdate(
  sqlite3_vtab *pVtab,
  int argc,
  sqlite3_value **argv,
  sqlite3_int64 *piRowid
){
  ZipTable *p = (ZipTable*)pVtab;
  char **pzErr = &pVtab->zErrMsg;
  const char *zOld = (const char*)sqlite3_value_text(argv[0]);
  sqlite3_value **apCol = &argv[2];
  int iOld = -1, rc = SQLITE_OK;
  (void)piRowid;
  if( p->writer.fd<0 ){
    if( p->zFile==0 || p->zFile[0]==0 ){
      return zipError(pzErr, SQLITE_ERROR, "zipfile: missing filename");
    }
    rc = zipWriterOpen(&p->writer, p->zFile, pzErr);
    if( rc!=SQLITE_OK ) return rc;
  }
  if( zOld ){
    iOld = zipWriterFind(&p->writer, zOld);
    if( iOld<0 ) return SQLITE_OK;   /* It has been removed in the meantime */
  }
  if( argc==1 ){
    return iOld>=0 ? zipWriterRemove(&p->writer, iOld) : SQLITE_OK;
  }
  if( sqlite3_value_type(apCol[COL_SIZE])!=SQLITE_NULL
   || sqlite3_value_type(apCol[COL_RAWDATA])!=SQLITE_NULL
  ){
    return zipError(pzErr, SQLITE_CONSTRAINT, "%s must be NULL",
        sqlite3_value_type(apCol[COL_SIZE])!=SQLITE_NULL ? "sz" : "rawdata");
  }else{
    ZipNew new;
    ZipInput in = {
      .pName = apCol[COL_NAME], .pData = apCol[COL_DATA],
      .pMode = apCol[COL_MODE], .pMtime = apCol[COL_MTIME],
      .pMethod = apCol[COL_METHOD], .zBadMethod = "unknown compression method",
    };
    rc = zipNew(&new, &in, pzErr);
    if( rc==SQLITE_OK ) rc = updatePut(p, iOld, &new);
    zipNewFree(&new);
  }
  return rc;
}

/*
** Transactions.  The writer opens when it is needed: a transaction may begin
** before the table exists.  The directory is written in xSync, which can fail.
*/
static int zipfileBegin(sqlite3_vtab *pVtab){
  (void)pVtab;
  return SQLITE_OK;
}
static int zipfileSync(sqlite3_vtab *pVtab){
  ZipTable *p = (ZipTable*)pVtab;
  if( p->writer.fd<0 ) return SQLITE_OK;
  return zipWriterFinish(&p->writer, &pVtab->zErrMsg);
}
static int zipfileCommit(sqlite3_vtab *pVtab){
  zipWriterClose(&((ZipTable*)pVtab)->writer);
  return SQLITE_OK;
}
static int zipfileRollback(sqlite3_vtab *pVtab){
  ZipTable *p = (ZipTable*)pVtab;
  int rc = SQLITE_OK;
  if( p->writer.fd>=0 ) rc = zipWriterUndo(&p->writer, -1, &pVtab->zErrMsg);
  zipWriterClose(&p->writer);
  return rc;
}
static int zipfileSavepoint(sqlite3_vtab *pVtab, int i){
  ZipTable *p = (ZipTable*)pVtab;
  return p->writer.fd<0 ? SQLITE_OK : zipWriterSavepoint(&p->writer, i);
}
static int zipfileRelease(sqlite3_vtab *pVtab, int i){
  zipWriterRelease(&((ZipTable*)pVtab)->writer, i);
  return SQLITE_OK;
}
static int zipfileRollbackTo(sqlite3_vtab *pVtab, int i){
  ZipTable *p = (ZipTable*)pVtab;
  if( p->writer.fd<0 ) return SQLITE_OK;
  return zipWriterUndo(&p->writer, i, &pVtab->zErrMsg);
}

/*
** DROP TABLE keeps the changes of the transaction: it is about the table, not
** about the file.
*/
static int zipfileDestroy(sqlite3_vtab *pVtab){
  int rc = zipfileSync(pVtab);
  if( rc==SQLITE_OK ) rc = zipfileDisconnect(pVtab);
  return rc;
}

/*
** zipfile_cds(Z): what the directory says about the entry of column z, as JSON.
*/
static void zipfileCdsFunc(
  sqlite3_context *pCtx,
  int nArg,
  sqlite3_value **apArg
){
  const ZipEntry *p = sqlite3_value_pointer(apArg[0], ENTRY_TYPE);
  (void)nArg;
  if( p==0 ) return;
  sqlite3_result_text(pCtx, sqlite3_mprintf(
      "{\"version-made-by\" : %u, \"version-to-extract\" : %u, "
      "\"flags\" : %u, \"compression\" : %u, \"time\" : %u, \"date\" : %u, "
      "\"crc32\" : %u, \"compressed-size\" : %u, \"uncompressed-size\" : %u, "
      "\"file-name-length\" : %u, \"extra-field-length\" : %u, "
      "\"file-comment-length\" : %u, \"disk-number-start\" : %u, "
      "\"internal-attr\" : %u, \"external-attr\" : %u, \"offset\" : %u }",
      p->iMadeBy, p->iNeeds, p->mFlags, p->eMethod, p->iDosTime, p->iDosDate,
      p->iCrc, p->nPacked, p->nData, p->nName, p->nExtra, p->nComment,
      p->iDisk, p->mInternal, p->mExternal, p->iOffset), -1, sqlite3_free);
}

/*
** The archive that an aggregate is making.
*/
typedef struct ZipSum ZipSum;
struct ZipSum {
  sqlite3_str *pBody;    /* Local headers and data */
  sqlite3_str *pDir;
  int nEntry;
};

/*
** zipfile(NAME, DATA), zipfile(NAME, MODE, MTIME, DATA ?, METHOD?)
*/
static void zipfileStep(sqlite3_context *pCtx, int nArg, sqlite3_value **apArg){
  ZipSum *p = sqlite3_aggregate_context(pCtx, sizeof(*p));
  ZipNew new;
  ZipInput in = { .zBadMethod = "illegal method value" };
  char *zErr = 0;
  int rc;
  if( p==0 ){
    sqlite3_result_error_nomem(pCtx);
    return;
  }
  if( nArg!=2 && nArg!=4 && nArg!=5 ){
    sqlite3_result_error(pCtx,
        "wrong number of arguments to function zipfile()", -1);
    return;
  }
  if( sqlite3_value_type(apArg[0])==SQLITE_NULL ){
    sqlite3_result_error(pCtx,
        "first argument to zipfile() must be non-NULL", -1);
    return;
  }
  in.pName = apArg[0];
  in.pData = apArg[nArg==2 ? 1 : 3];
  if( nArg>2 ){
    in.pMode = apArg[1];
    in.pMtime = apArg[2];
    if( nArg>4 ) in.pMethod = apArg[4];
  }
  rc = zipNew(&new, &in, &zErr);
  if( rc==SQLITE_OK && p->pBody==0 ){
    p->pBody = sqlite3_str_new(0);
    p->pDir = sqlite3_str_new(0);
  }
  if( rc==SQLITE_OK && p->nEntry>=ZIP_ENTRIES_MAX ){
    zErr = sqlite3_mprintf("a zip archive cannot have more entries");
    rc = SQLITE_FULL;
  }
  if( rc==SQLITE_OK ){
    new.pEntry->iOffset = (u32)sqlite3_str_length(p->pBody);
    zipAppendLocal(p->pBody, new.pEntry);
    sqlite3_str_append(p->pBody, (const char*)new.aData,
                       (int)new.pEntry->nPacked);
    zipAppendCentral(p->pDir, new.pEntry);
    p->nEntry++;
  }else if( zErr ){
    sqlite3_result_error(pCtx, zErr, -1);
  }else{
    sqlite3_result_error_code(pCtx, rc);
  }
  sqlite3_free(zErr);
  zipNewFree(&new);
}
static void zipfileFinal(sqlite3_context *pCtx){
  ZipSum *p = sqlite3_aggregate_context(pCtx, 0);
  int nBody, nDir, n, rc;
  char *z;
  if( p==0 || p->pBody==0 ) return;
  nBody = sqlite3_str_length(p->pBody);
  nDir = sqlite3_str_length(p->pDir);
  rc = sqlite3_str_errcode(p->pDir);
  sqlite3_str_append(p->pBody, sqlite3_str_value(p->pDir), nDir);
  zipAppendEnd(p->pBody, p->nEntry, nDir, nBody);
  n = sqlite3_str_length(p->pBody);
  if( rc==SQLITE_OK ) rc = sqlite3_str_errcode(p->pBody);
  sqlite3_free(sqlite3_str_finish(p->pDir));
  z = sqlite3_str_finish(p->pBody);
  p->pBody = p->pDir = 0;
  if( rc==SQLITE_OK ){
    sqlite3_result_blob(pCtx, z, n, sqlite3_free);
  }else{
    sqlite3_free(z);
    sqlite3_result_error_code(pCtx, rc);
  }
}

/*
** Give the table and the functions to a connection.
*/
void zipfileFunctions(sqlite3 *db){
  static const sqlite3_module module = {
    .iVersion = 2,
    .xCreate = zipfileConnect, .xConnect = zipfileConnect,
    .xBestIndex = zipfileBestIndex,
    .xDisconnect = zipfileDisconnect, .xDestroy = zipfileDestroy,
    .xOpen = zipfileOpen, .xClose = zipfileClose, .xFilter = zipfileFilter,
    .xNext = zipfileNext, .xEof = zipfileEof, .xColumn = zipfileColumn,
    .xUpdate = zipfileUpdate, .xBegin = zipfileBegin, .xSync = zipfileSync,
    .xCommit = zipfileCommit, .xRollback = zipfileRollback,
    .xSavepoint = zipfileSavepoint, .xRelease = zipfileRelease,
    .xRollbackTo = zipfileRollbackTo,
  };
  sqlite3_create_module(db, "zipfile", &module, 0);
  sqlite3_create_function(db, "zipfile", -1, SQLITE_UTF8, 0, 0, zipfileStep,
                          zipfileFinal);
  sqlite3_create_function(db, "zipfile_cds", 1, SQLITE_UTF8, 0, zipfileCdsFunc,
                          0, 0);
}
