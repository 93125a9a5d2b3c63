/*
** ".import": rows of a file, a pipe or the script itself into a table.
*/
#include <stdlib.h>
#include <string.h>
#include "shell.h"

/*
** Where rows come from, and how they are cut into fields.
*/
typedef struct Source Source;
struct Source {
  const char *zName;       /* For messages */
  FILE *in;                /* NULL when all of the text is in aBuf */
  int bPipe;               /* in is a pipe */
  char *aBuf;              /* What has been read from it */
  size_t nBuf, iBuf;
  i64 nLine;               /* Separators of rows that have been read */
  char cCol, cRow;         /* What separates fields, and rows */
  char cEscape;            /* Before a character that is meant as it is; or 0 */
  char cQuoteEscape;       /* The same, within quotes */
  int bPlain;              /* Quotes are ordinary characters */
  int cEnd;                /* What ended the latest field: cCol, cRow or EOF */
  char *zRow;              /* Fields of the current row, each with a zero */
  size_t nRow, nRowAlloc;
  size_t *aiField;         /* Where they begin */
  int nField, nFieldAlloc;
  char *zRaw;              /* The row as it was written, if that is kept */
  size_t nRaw, nRawAlloc;
  int bKeepRaw;
};

#define SOURCE_BYTES 65536

/*
** What the command line says.
*/
typedef struct Import Import;
struct Import {
  Shell *p;
  Source src;
  const char *zFile, *zTable, *zSchema;
  const char *zRejects;    /* File for rows that cannot be inserted */
  FILE *rejects;
  i64 nSkip;
  int nVerbose;
  i64 nAdded, nBad;
};

static void append(char **pz, size_t *pn, size_t *pnAlloc, int c){
  if( *pn==*pnAlloc ){
    *pnAlloc = *pnAlloc*2 + 200;
    *pz = shRealloc(*pz, *pnAlloc);
  }
  (*pz)[(*pn)++] = (char)c;
}

static int sourceFill(Source *pSrc){
  if( pSrc->in==0 || signalPending() ) return EOF;
  pSrc->nBuf = fread(pSrc->aBuf, 1, SOURCE_BYTES, pSrc->in);
  pSrc->iBuf = 0;
  return pSrc->nBuf ? (unsigned char)pSrc->aBuf[pSrc->iBuf++] : EOF;
}
static int sourceNext(Source *pSrc){
  int c = pSrc->iBuf<pSrc->nBuf ? (unsigned char)pSrc->aBuf[pSrc->iBuf++]
                                : sourceFill(pSrc);
  if( c==pSrc->cRow ) pSrc->nLine++;
  if( pSrc->bKeepRaw && c!=EOF ){
    append(&pSrc->zRaw, &pSrc->nRaw, &pSrc->nRawAlloc, c);
  }
  return c;
}

static void fieldAdd(Source *pSrc, int c){
  append(&pSrc->zRow, &pSrc->nRow, &pSrc->nRowAlloc, c);
}

/*
** The rest of a field that begins with a quote.  The character behind the
** closing quote is the one that ends the field, or is an error, after which
** what follows counts as part of the field.
*/
static int sourceQuoted(Source *pSrc){
  i64 iLine = pSrc->nLine + 1;
  int c;
  for(;;){
    c = sourceNext(pSrc);
    if( c==EOF ){
      fprintf(stderr, "%s:%lld: unterminated \"-quoted field\n", pSrc->zName,
              (long long)iLine);
      return EOF;
    }
    if( c==pSrc->cQuoteEscape && pSrc->cQuoteEscape ){
      c = sourceNext(pSrc);
      if( c!=EOF ) fieldAdd(pSrc, c);
      continue;
    }
    if( c!='"' ){
      fieldAdd(pSrc, c);
      continue;
    }
    c = sourceNext(pSrc);
    if( c=='"' ){
      fieldAdd(pSrc, c);
      continue;
    }
    if( c=='\r' && pSrc->cRow=='\n' ){
      c = sourceNext(pSrc);
      if( c!='\n' ) fieldAdd(pSrc, '\r');
    }
    if( c==pSrc->cCol || c==pSrc->cRow || c==EOF ) return c;
    fprintf(stderr, "%s:%lld: unescaped \" character\n", pSrc->zName,
            (long long)pSrc->nLine + 1);
    fieldAdd(pSrc, '"');
    fieldAdd(pSrc, c);
  }
}

/*
** The rest of a field that begins with c and has no quotes.
*/
static int sourceUnquoted(Source *pSrc, int c){
  size_t iBegin = pSrc->nRow;
  while( c!=EOF && c!=pSrc->cCol && c!=pSrc->cRow ){
    if( c==pSrc->cEscape && pSrc->cEscape ){
      c = sourceNext(pSrc);
      if( c==EOF ) break;
    }
    fieldAdd(pSrc, c);
    c = sourceNext(pSrc);
  }
  if( c=='\n' && pSrc->cRow=='\n' && !pSrc->bPlain && pSrc->nRow>iBegin
   && pSrc->zRow[pSrc->nRow-1]=='\r'
  ){
    pSrc->nRow--;
  }
  return c;
}

/*
** Read one row.  Return the number of its fields, 0 at the end.
*/
static int sourceRow(Source *pSrc){
  int c = sourceNext(pSrc);
  pSrc->nRow = 0;
  pSrc->nField = 0;
  if( pSrc->bKeepRaw ){
    pSrc->nRaw = 0;
    if( c!=EOF ) append(&pSrc->zRaw, &pSrc->nRaw, &pSrc->nRawAlloc, c);
  }
  if( c==EOF ) return 0;
  for(;;){
    if( pSrc->nField==pSrc->nFieldAlloc ){
      pSrc->nFieldAlloc = pSrc->nFieldAlloc*2 + 20;
      pSrc->aiField = shRealloc(pSrc->aiField,
          (sqlite3_uint64)pSrc->nFieldAlloc*sizeof(pSrc->aiField[0]));
    }
    pSrc->aiField[pSrc->nField++] = pSrc->nRow;
    pSrc->cEnd = c=='"' && !pSrc->bPlain ? sourceQuoted(pSrc)
                                         : sourceUnquoted(pSrc, c);
    fieldAdd(pSrc, 0);
    if( pSrc->cEnd!=pSrc->cCol ) return pSrc->nField;
    c = sourceNext(pSrc);
    /* A file may end behind its last separator. */
    if( c==EOF ) pSrc->cEnd = EOF;
  }
}

static const char *sourceField(Source *pSrc, int i){
  return &pSrc->zRow[pSrc->aiField[i]];
}

static void sourceClose(Source *pSrc){
  if( pSrc->in && pSrc->bPipe ){
    pclose(pSrc->in);
  }else if( pSrc->in ){
    fclose(pSrc->in);
  }
  sqlite3_free(pSrc->aBuf);
  sqlite3_free(pSrc->zRow);
  sqlite3_free(pSrc->aiField);
  sqlite3_free(pSrc->zRaw);
}

/*
** The text of a here-document: the lines of the script up to zEnd.
*/
static int sourceHere(Shell *p, Source *pSrc, const char *zEnd){
  i64 iFirst = p->nLine;
  size_t nAlloc = 0;
  char *zLine = 0;
  pSrc->zName = p->zInput;
  pSrc->nLine = p->nLine;
  pSrc->nBuf = 0;
  while( (zLine = inputLine(p->in ? p->in : stdin, zLine))!=0 ){
    const char *z;
    p->nLine++;
    if( strcmp(zLine, zEnd)==0 ){
      sqlite3_free(zLine);
      return DOT_OK;
    }
    for(z=zLine; z[0]; z++) append(&pSrc->aBuf, &pSrc->nBuf, &nAlloc, z[0]);
    append(&pSrc->aBuf, &pSrc->nBuf, &nAlloc, '\n');
  }
  p->nLine = iFirst;
  dotError(p, -1, 0, "Content terminator \"%s\" not found.", zEnd);
  return DOT_ERROR;
}

/*
** Open the input, and pass over a byte order mark, unless every byte counts.
*/
static int sourceOpen(Shell *p, Source *pSrc, const char *zFile){
  if( strncmp(zFile, "<<", 2)==0 && zFile[2] ){
    return sourceHere(p, pSrc, &zFile[2]);
  }
  if( zFile[0]=='|' ){
    pSrc->zName = "<pipe>";
    pSrc->bPipe = 1;
    pSrc->in = popen(&zFile[1], "r");
  }else{
    pSrc->zName = zFile;
    pSrc->in = inputOpen(zFile);
  }
  if( pSrc->in==0 ){
    dotError(p, -1, 0, "cannot open \"%s\"", zFile);
    return DOT_ERROR;
  }
  pSrc->aBuf = shRealloc(0, SOURCE_BYTES);
  pSrc->nBuf = fread(pSrc->aBuf, 1, SOURCE_BYTES, pSrc->in);
  if( !pSrc->bPlain && pSrc->nBuf>=3 && memcmp(pSrc->aBuf, "\xef\xbb\xbf", 3)==0 ) pSrc->iBuf = 3;
  return DOT_OK;
}

/*
** If no option has set the separator *pc, take the first character of z, which
** the output mode uses, or else cDefault.
*/
static int separator(const char *zWhat, const char *z, char cDefault, char *pc){
  if( *pc==0 ) *pc = z && z[0] ? z[0] : cDefault;
  if( (*pc & 0x80)==0 ) return DOT_OK;
  fprintf(stderr, "Error: .import %s separator must be ASCII\n", zWhat);
  return DOT_ERROR;
}

/*
** Where option z, which has an argument, keeps the first character of it.
** NULL if z is no such option.
*/
static char *characterOption(Source *pSrc, const char *z){
  if( shOption(z, "colsep") ) return &pSrc->cCol;
  if( shOption(z, "rowsep") ) return &pSrc->cRow;
  if( shOption(z, "esc") ) return &pSrc->cEscape;
  if( shOption(z, "qesc") ) return &pSrc->cQuoteEscape;
  return 0;
}

/*
** Options that have an argument: apply option i with it.  False if option i is
** none of them.
*/
static int argumentOption(Import *pImp, int i){
  const char *z = pImp->p->dot.azArg[i];
  const char *zArg = pImp->p->dot.azArg[i+1];
  char *pc = characterOption(&pImp->src, z);
  if( !pc && !shOption(z, "skip") && !shOption(z, "schema")
   && !shOption(z, "rejects")
  ){
    return 0;
  }
  if( zArg==0 ){
    /* Found out by the caller, who counts arguments. */
  }else if( pc ){
    *pc = zArg[0];
  }else if( shOption(z, "skip") ){
    pImp->nSkip = shInteger(zArg);
  }else if( shOption(z, "schema") ){
    pImp->zSchema = zArg;
  }else{
    pImp->zRejects = zArg;
  }
  return 1;
}

/*
** The options.
*/
static int importOptions(Shell *p, Import *pImp){
  Source *pSrc = &pImp->src;
  const RenderSpec *pSpec = &p->mode.spec;
  int i;
  pSrc->bPlain = p->mode.eMode==MODE_ASCII;
  for(i=1; i<p->dot.nArg; i++){
    const char *z = p->dot.azArg[i];
    if( shOption(z, "skip") && i+1<p->dot.nArg
     && !shIsNumber(p->dot.azArg[i+1])
    ){
      dotError(p, i+1, "not a number", 0);
      return DOT_ERROR;
    }
    if( z[0]!='-' && pImp->zFile==0 ){
      pImp->zFile = z;
    }else if( z[0]!='-' && pImp->zTable==0 ){
      pImp->zTable = z;
    }else if( z[0]!='-' ){
      dotError(p, i, "unknown argument", 0);
      return DOT_ERROR;
    }else if( shOption(z, "v") ){
      pImp->nVerbose++;
    }else if( shOption(z, "csv") || shOption(z, "ascii") ){
      pSrc->bPlain = shOption(z, "ascii");
      if( pSrc->cCol==0 ) pSrc->cCol = pSrc->bPlain ? 0x1f : ',';
      if( pSrc->cRow==0 ) pSrc->cRow = pSrc->bPlain ? 0x1e : '\n';
    }else if( !argumentOption(pImp, i) ){
      dotError(p, i, "unknown option", 0);
      return DOT_ERROR;
    }else if( ++i>=p->dot.nArg ){
      dotError(p, i-1, "missing argument", 0);
      return DOT_ERROR;
    }
  }
  if( pImp->zTable==0 ){
    dotError(p, -1, 0, "Missing %s argument", pImp->zFile ? "TABLE" : "FILE");
    return DOT_ERROR;
  }
  if( separator("column", pSpec->zColSep, ',', &pSrc->cCol)!=DOT_OK
   || separator("row", pSpec->zRowSep, '\n', &pSrc->cRow)!=DOT_OK
  ){
    return DOT_ERROR;
  }
  if( pSrc->cRow=='\r' && !pSrc->bPlain ) pSrc->cRow = '\n';
  return DOT_OK;
}

/*
** The table as SQL names it.  To be freed.
*/
static char *tableName(Import *pImp){
  return pImp->zSchema ? shPrintf("\"%w\".\"%w\"", pImp->zSchema, pImp->zTable)
                       : shPrintf("\"%w\"", pImp->zTable);
}

/*
** How many columns of the table take a value; 0 if there is no such table, -1
** after a message if that cannot be found out.
*/
static int columnCount(Import *pImp){
  sqlite3_stmt *pStmt = 0;
  int n = 0, rc;
  rc = sqlite3_prepare_v2(pImp->p->db, pImp->zSchema
      ? "SELECT count(*) FROM pragma_table_info(?1,?2)"
      : "SELECT count(*) FROM pragma_table_info(?1)", -1, &pStmt, 0);
  sqlite3_bind_text(pStmt, 1, pImp->zTable, -1, SQLITE_STATIC);
  sqlite3_bind_text(pStmt, 2, pImp->zSchema, -1, SQLITE_STATIC);
  if( rc==SQLITE_OK ) rc = sqlite3_step(pStmt);
  if( rc==SQLITE_ROW ) n = sqlite3_column_int(pStmt, 0);
  sqlite3_finalize(pStmt);
  if( rc==SQLITE_BUSY || rc==SQLITE_LOCKED ){
    databaseError(pImp->p);
    n = -1;
  }
  return n;
}

/*
** True if some name other than number i, as it was or as it is to be, equals z.
*/
static int isTaken(Source *pSrc, char **azNew, int i, const char *z){
  int j;
  for(j=0; j<pSrc->nField; j++){
    const char *zOther = azNew[j] ? azNew[j] : sourceField(pSrc, j);
    if( j!=i && sqlite3_stricmp(zOther, z)==0 ) return 1;
  }
  return 0;
}

/*
** Names for columns that are called as others are: with their number behind
** them, of so many digits that this makes them different.  azNew[i] is the new
** name or NULL.  False if nDigit digits are too few.
*/
static int renameColumns(Source *pSrc, char **azNew, int nDigit){
  int i, bOk = 1;
  for(i=0; i<pSrc->nField; i++){
    sqlite3_free(azNew[i]);
    azNew[i] = 0;
  }
  for(i=0; i<pSrc->nField && !signalPending(); i++){
    int j;
    for(j=0; j<pSrc->nField; j++){
      if( j!=i && sqlite3_stricmp(sourceField(pSrc,i), sourceField(pSrc,j))==0 ){
        azNew[i] = shPrintf("%s_%0*d", sourceField(pSrc,i), nDigit, i+1);
        break;
      }
    }
  }
  for(i=0; i<pSrc->nField && bOk && !signalPending(); i++){
    if( azNew[i] ) bOk = !isTaken(pSrc, azNew, i, azNew[i]);
  }
  return bOk;
}

/*
** Say which columns have been renamed, if any.
*/
static void tellRenamed(Source *pSrc, char **azNew){
  const char *zSep = 0;
  int i;
  for(i=0; i<pSrc->nField; i++){
    if( azNew[i]==0 ) continue;
    if( zSep==0 ){
      fprintf(stderr, "Columns renamed during .import %s due to duplicates:\n",
              pSrc->zName);
    }
    fprintf(stderr, "%s\"%s\" to \"%s\"", zSep ? zSep : "",
            sourceField(pSrc, i), azNew[i]);
    zSep = ",\n";
  }
  if( zSep ) fputc('\n', stderr);
}

/*
** The statement that creates the table with the columns of the current row, or
** with other names where azNew has them.  Without types: values stay as they
** are.
*/
static char *createSql(Import *pImp, char **azNew){
  Source *pSrc = &pImp->src;
  sqlite3_str *pStr = sqlite3_str_new(0);
  int i;
  sqlite3_str_appendf(pStr, "CREATE TABLE \"%w\".\"%w\"(\n",
                      pImp->zSchema ? pImp->zSchema : "main", pImp->zTable);
  for(i=0; i<pSrc->nField; i++){
    const char *zName = azNew[i] ? azNew[i] : sourceField(pSrc, i);
    if( zName[0]==0 ) zName = "?";
    sqlite3_str_appendf(pStr, "%s\"%w\"",
                        i==0 ? "" : i%4 ? ", " : ",\n ", zName);
  }
  sqlite3_str_appendall(pStr, ")\n");
  return shFinish(pStr);
}

/*
** Create the table with columns that the first row names.
*/
static int createTable(Import *pImp){
  Source *pSrc = &pImp->src;
  char **azNew;
  char *zSql, *zErr = 0;
  int mxColumn = sqlite3_limit(pImp->p->db, SQLITE_LIMIT_COLUMN, -1);
  int nDigit = 1, rc, i;
  if( sourceRow(pSrc)==0 ){
    fprintf(stderr, "%s: empty file\n", pSrc->zName);
    return DOT_ERROR;
  }
  if( pSrc->nField>mxColumn ){
    fprintf(stderr, "%s: %d columns, but a table can have %d at most\n",
            pSrc->zName, pSrc->nField, mxColumn);
    return DOT_ERROR;
  }
  azNew = shRealloc(0, (sqlite3_uint64)pSrc->nField*sizeof(char*));
  memset(azNew, 0, (size_t)pSrc->nField*sizeof(char*));
  for(i=pSrc->nField; i>=10; i /= 10) nDigit++;
  while( !renameColumns(pSrc, azNew, nDigit) ) nDigit++;
  tellRenamed(pSrc, azNew);
  zSql = createSql(pImp, azNew);
  if( pImp->nVerbose ) fprintf(pImp->p->out, "%s\n", zSql);
  rc = sqlite3_exec(pImp->p->db, zSql, 0, 0, &zErr);
  if( rc!=SQLITE_OK ){
    fprintf(stderr, "%s failed:\n%s\n", zSql, zErr);
    sqlite3_free(zErr);
  }
  for(i=0; i<pSrc->nField; i++) sqlite3_free(azNew[i]);
  sqlite3_free(azNew);
  sqlite3_free(zSql);
  return rc==SQLITE_OK ? DOT_OK : DOT_ERROR;
}

/*
** The INSERT, of nCol values.
*/
static sqlite3_stmt *prepareInsert(Import *pImp, int nCol){
  sqlite3_stmt *pStmt = 0;
  char *zTable = tableName(pImp);
  char *zSql = shInsertSql(shPrintf("INSERT INTO %s", zTable), nCol);
  if( pImp->nVerbose>=2 ) fprintf(pImp->p->out, "Insert using: %s\n", zSql);
  if( sqlite3_prepare_v2(pImp->p->db, zSql, -1, &pStmt, 0)!=SQLITE_OK ){
    databaseError(pImp->p);
  }
  sqlite3_free(zSql);
  sqlite3_free(zTable);
  return pStmt;
}

/*
** A row could not be inserted.
*/
static void importReject(Import *pImp, i64 iLine, const char *zWhy){
  Source *pSrc = &pImp->src;
  fprintf(stderr, "%s:%lld: INSERT failed: %s\n", pSrc->zName,
          (long long)iLine, zWhy);
  pImp->nBad++;
  if( pImp->rejects ) fwrite(pSrc->zRaw, 1, pSrc->nRaw, pImp->rejects);
}

/*
** True if the row is but what follows the last separator: nothing in ASCII
** text, a line end where rows do not end with one.
*/
static int isAfterLast(Source *pSrc, int nCol){
  const char *z = sourceField(pSrc, 0);
  if( pSrc->nField!=1 ) return 0;
  if( pSrc->bPlain && z[0]==0 ) return 1;
  return nCol>1 && (strcmp(z, "\n")==0 || strcmp(z, "\r\n")==0);
}

/*
** Insert all rows.  Return DOT_ERROR if one could not be inserted.
*/
static int importRows(Import *pImp, sqlite3_stmt *pStmt, int nCol){
  Shell *p = pImp->p;
  Source *pSrc = &pImp->src;
  Progress progress;
  i64 iLine = pSrc->nLine + 1;
  progressBegin(&progress, p, "import", "rows");
  while( !signalPending() && sourceRow(pSrc)>0 ){
    int n = pSrc->nField;
    int i;
    if( isAfterLast(pSrc, nCol) ) continue;
    if( n<nCol ){
      fprintf(stderr, "%s:%lld: expected %d columns but found %d - filling the"
              " rest with NULL\n", pSrc->zName, (long long)iLine, nCol, n);
    }else if( n>nCol ){
      fprintf(stderr, "%s:%lld: expected %d columns but found %d - extras"
              " ignored\n", pSrc->zName, (long long)iLine, nCol, n);
    }
    for(i=0; i<nCol; i++){
      if( i<n ){
        size_t iEnd = i+1<n ? pSrc->aiField[i+1] : pSrc->nRow;
        sqlite3_bind_text64(pStmt, i+1, sourceField(pSrc, i),
            iEnd-pSrc->aiField[i]-1, SQLITE_STATIC, SQLITE_UTF8);
      }else{
        sqlite3_bind_null(pStmt, i+1);
      }
    }
    sqlite3_step(pStmt);
    if( sqlite3_reset(pStmt)==SQLITE_OK ){
      pImp->nAdded++;
      progressShow(&progress, pImp->nAdded, 0);
    }else{
      importReject(pImp, iLine, sqlite3_errmsg(p->db));
      if( p->bBail || sqlite3_get_autocommit(p->db) ) break;
    }
    iLine = pSrc->nLine + 1;
  }
  progressEnd(&progress);
  return pImp->nBad ? DOT_ERROR : DOT_OK;
}

/*
** -v: what separates columns and rows.
*/
static void tellSeparators(Import *pImp){
  char zCol[2] = {0, 0}, zRow[2] = {0, 0};
  zCol[0] = pImp->src.cCol;
  zRow[0] = pImp->src.cRow;
  fputs("Column separator ", pImp->p->out);
  shPutCString(pImp->p->out, zCol);
  fputs(", row separator ", pImp->p->out);
  shPutCString(pImp->p->out, zRow);
  fputc('\n', pImp->p->out);
}

/*
** Fill the table, which is created if need be, in one transaction.
*/
static int importRun(Import *pImp){
  Shell *p = pImp->p;
  sqlite3_stmt *pStmt;
  i64 iFirst = pImp->src.nLine;
  int bCommit, bInsert, nCol, rc;
  if( pImp->nVerbose ) tellSeparators(pImp);
  while( pImp->nSkip-->0 && sourceRow(&pImp->src)>0 ){}
  bCommit = sqlite3_get_autocommit(p->db);
  if( bCommit ) sqlite3_exec(p->db, "BEGIN", 0, 0, 0);
  rc = DOT_OK;
  nCol = columnCount(pImp);
  if( nCol==0 ){
    rc = createTable(pImp);
    nCol = columnCount(pImp);
  }
  pStmt = rc==DOT_OK && nCol>0 ? prepareInsert(pImp, nCol) : 0;
  bInsert = pStmt!=0;
  rc = bInsert ? importRows(pImp, pStmt, nCol) : DOT_ERROR;
  sqlite3_finalize(pStmt);
  if( signalPending() ){
    fprintf(stderr, "%s: interrupted, nothing imported\n", pImp->src.zName);
    if( bCommit ) sqlite3_exec(p->db, "ROLLBACK", 0, 0, 0);
    return DOT_ERROR;
  }
  if( bCommit && !sqlite3_get_autocommit(p->db)
   && sqlite3_exec(p->db, "COMMIT", 0, 0, 0)!=SQLITE_OK
  ){
    rc = databaseError(p);
    if( !sqlite3_get_autocommit(p->db) ) sqlite3_exec(p->db, "ROLLBACK", 0, 0, 0);
  }
  if( pImp->nVerbose && bInsert ){
    fprintf(p->out, "Added %lld rows with %lld errors using %lld lines of"
            " input\n", pImp->nAdded, pImp->nBad, pImp->src.nLine - iFirst);
  }
  return rc;
}

/*
** .import ?OPTIONS? FILE TABLE
*/
int dotImport(Shell *p){
  Import imp;
  int rc;
  safeRefuse(p, "cannot run .import in safe mode");
  memset(&imp, 0, sizeof(imp));
  imp.p = p;
  rc = importOptions(p, &imp);
  if( rc!=DOT_OK ) return rc;
  databaseOpen(p, OPEN_OR_EXIT);
  rc = sourceOpen(p, &imp.src, imp.zFile);
  if( rc==DOT_OK && imp.zRejects ){
    imp.src.bKeepRaw = 1;
    imp.rejects = outputOpen(p, imp.zRejects);
    if( imp.rejects==0 ) rc = DOT_ERROR;
  }
  if( rc==DOT_OK ) rc = importRun(&imp);
  outputClose(p, imp.rejects, imp.zRejects);
  sourceClose(&imp.src);
  return rc;
}
