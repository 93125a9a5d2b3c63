/*
** ".intck": compare tables with their indexes, a little at a time.
**
** For each row of a table there must be its entry in each index, and for each
** entry of an index its row.  A statement goes through the table or the index,
** others look up what belongs to it.  Unlike PRAGMA integrity_check this can
** let go of the database now and then, so that others can write.
*/
#include <string.h>
#include "shell.h"

/*
** What a row of a table has in an index.
*/
typedef struct Key Key;
struct Key {
  char *zIndex;          /* NULL: the key of the table itself */
  int nCol;
  char **azCol;          /* The columns as SQL, with their collation */
  u8 *abDesc;            /* The order is descending */
  char *zWhere;          /* Condition of a partial index, or NULL */
  sqlite3_stmt *pLookup; /* Is there such an entry? */
};

typedef struct Intck Intck;
struct Intck {
  Shell *p;
  i64 nUnlock;           /* Steps between two unlocks; 0: none */
  i64 nStep, nErr;
  char *zObject;         /* The table or index that is being checked */
  char *zTable;          /* The table, or the table of the index */
  Key row;               /* What a row of the table is found by */
  int nKey;
  Key *aKey;             /* Its indexes, or the one that is being checked */
  sqlite3_value **apSaved;   /* The row or entry after which to go on */
  int nSaved;
  sqlite3_stmt *pQuote;
  int rc;                /* Why it has stopped: an SQLite error code... */
  char *zErr;            /* ...and message */
};

/*
** The length of the token that z begins with: a quoted name or text, a comment,
** white space, a word, or one character.
*/
static int tokenBytes(const char *z){
  int i = 1;
  char cEnd = z[0]=='[' ? ']' : z[0];
  if( strchr("'\"`[", z[0]) ){
    while( z[i] && (z[i]!=cEnd || (cEnd!=']' && z[i+1]==cEnd)) ){
      i += z[i]==cEnd ? 2 : 1;
    }
    return z[i] ? i+1 : i;
  }
  if( z[0]=='-' && z[1]=='-' ) return (int)strcspn(z, "\n");
  if( z[0]=='/' && z[1]=='*' ){
    const char *zEnd = strstr(&z[2], "*/");
    return zEnd ? (int)(zEnd-z)+2 : (int)strlen(z);
  }
  if( shIsSpace(z[0]) ){
    while( shIsSpace(z[i]) ) i++;
  }else if( shIsAlnum(z[0]) || z[0]=='_' || (z[0] & 0x80) ){
    while( shIsAlnum(z[i]) || z[i]=='_' || z[i]=='$' || (z[i] & 0x80) ) i++;
  }
  return i;
}
static int isBlankToken(const char *z){
  return shIsSpace(z[0]) || (z[0]=='-' && z[1]=='-')
      || (z[0]=='/' && z[1]=='*');
}
static int isWord(const char *z, int n, const char *zWord){
  return n==(int)strlen(zWord) && sqlite3_strnicmp(z, zWord, n)==0;
}

/*
** The expression that column iCol of a CREATE INDEX statement is, without ASC
** or DESC; or, if iCol is negative, its WHERE clause.  To be freed.  NULL if
** there is none.
*/
static char *indexPart(const char *zSql, int iCol){
  const char *z = zSql;
  const char *zBegin = 0;      /* Where the column begins... */
  const char *zEnd = 0;        /* ...and where it ends, ASC included */
  const char *zBeforeLast = 0; /* Where the token before the last one ends */
  int nParen = 0, i = 0, n, nLast = 0;
  for(; z[0]; z+=n){
    n = tokenBytes(z);
    if( z[0]=='(' && nParen++==0 ) continue;
    if( nParen==0 ){
      if( zBegin && iCol<0 && isWord(z, n, "WHERE") ) return shDup(&z[n]);
      continue;
    }
    if( z[0]==')' ) nParen--;
    if( (nParen==1 && z[0]==',') || nParen==0 ){
      if( zEnd==0 ) return 0;
      if( i++==iCol ){
        const char *zLast = zEnd - nLast;
        if( zBeforeLast
         && (isWord(zLast, nLast, "ASC") || isWord(zLast, nLast, "DESC")) ){
          zEnd = zBeforeLast;
        }
        return shPrintf("%.*s", (int)(zEnd-zBegin), zBegin);
      }
      zEnd = zBeforeLast = 0;
    }else if( !isBlankToken(z) ){
      if( zEnd==0 ) zBegin = z;
      zBeforeLast = zEnd;
      zEnd = &z[n];
      nLast = n;
    }
  }
  return 0;
}

/*
** SQL function parse_create_index(SQL, COLUMN), which ".intck register" brings
** for tests.
*/
static void indexPartFunc(
  sqlite3_context *pCtx,
  int nArg,
  sqlite3_value **apArg
){
  const char *zSql = (const char*)sqlite3_value_text(apArg[0]);
  char *z = zSql ? indexPart(zSql, sqlite3_value_int(apArg[1])) : 0;
  (void)nArg;
  if( z ) sqlite3_result_text(pCtx, z, -1, SQLITE_TRANSIENT);
  sqlite3_free(z);
}

static void intckFail(Intck *k, int rc){
  k->rc = rc;
  modeSetText(&k->zErr, sqlite3_errmsg(k->p->db));
}

/*
** Prepare a statement and free its text.
*/
static sqlite3_stmt *intckPrepare(Intck *k, char *zSql){
  sqlite3_stmt *pStmt = 0;
  if( k->rc==SQLITE_OK ){
    int rc = sqlite3_prepare_v2(k->p->db, zSql, -1, &pStmt, 0);
    if( rc!=SQLITE_OK ) intckFail(k, rc);
  }
  sqlite3_free(zSql);
  return pStmt;
}

/*
** Go to the next row.  Return false if there is none, or nothing goes on.
*/
static int intckStep(Intck *k, sqlite3_stmt *pStmt){
  int rc;
  if( k->rc!=SQLITE_OK ) return 0;
  rc = sqlite3_step(pStmt);
  if( rc==SQLITE_ROW ) return 1;
  if( rc!=SQLITE_DONE ) intckFail(k, rc);
  return 0;
}

static void keyFree(Key *pKey){
  int i;
  for(i=0; i<pKey->nCol; i++) sqlite3_free(pKey->azCol[i]);
  sqlite3_free(pKey->azCol);
  sqlite3_free(pKey->abDesc);
  sqlite3_free(pKey->zIndex);
  sqlite3_free(pKey->zWhere);
  sqlite3_finalize(pKey->pLookup);
  memset(pKey, 0, sizeof(*pKey));
}

/*
** Add a column, of which zCol is freed with the key.
*/
static void keyAdd(Key *pKey, char *zCol, int bDesc){
  sqlite3_uint64 n = (sqlite3_uint64)pKey->nCol + 1;
  pKey->azCol = shRealloc(pKey->azCol, n*sizeof(char*));
  pKey->abDesc = shRealloc(pKey->abDesc, n);
  pKey->azCol[pKey->nCol] = zCol;
  pKey->abDesc[pKey->nCol++] = (u8)bDesc;
}

/*
** The columns of an index.
*/
static void keyLoad(Intck *k, Key *pKey, const char *zIndex){
  sqlite3_stmt *pStmt = intckPrepare(k, shPrintf(
      "SELECT sql FROM main.sqlite_schema WHERE type='index' AND name=%Q",
      zIndex));
  char *zSql = 0;
  memset(pKey, 0, sizeof(*pKey));
  pKey->zIndex = shDup(zIndex);
  if( intckStep(k, pStmt) ){
    zSql = shDup((const char*)sqlite3_column_text(pStmt, 0));
  }
  sqlite3_finalize(pStmt);
  pStmt = intckPrepare(k, shPrintf("PRAGMA main.index_xinfo(%Q)", zIndex));
  while( intckStep(k, pStmt) ){
    const char *zCol = (const char*)sqlite3_column_text(pStmt, 2);
    char *z = 0;
    if( sqlite3_column_int(pStmt, 5)==0 ) continue;
    if( zCol ){
      z = shPrintf("\"%w\" COLLATE %Q", zCol, sqlite3_column_text(pStmt, 4));
    }else if( zSql ){
      z = indexPart(zSql, sqlite3_column_int(pStmt, 0));
    }
    keyAdd(pKey, z ? z : shDup("NULL"), sqlite3_column_int(pStmt, 3));
  }
  sqlite3_finalize(pStmt);
  if( zSql ) pKey->zWhere = indexPart(zSql, -1);
  sqlite3_free(zSql);
}

/*
** What a row of the table is found by: its rowid, or its primary key, the index
** of which is not in the schema.
*/
static void rowLoad(Intck *k){
  sqlite3_stmt *pStmt = intckPrepare(k, shPrintf(
      "SELECT name FROM pragma_index_list(%Q,'main') AS l WHERE origin='pk'"
      " AND NOT EXISTS (SELECT 1 FROM main.sqlite_schema WHERE name=l.name)",
      k->zTable));
  if( intckStep(k, pStmt) ){
    char *zIndex = shDup((const char*)sqlite3_column_text(pStmt, 0));
    keyLoad(k, &k->row, zIndex);
    sqlite3_free(zIndex);
  }else{
    keyAdd(&k->row, shDup("_rowid_"), 0);
  }
  sqlite3_finalize(pStmt);
}

/*
** Append the columns of a key, each followed by zAfter, with zBetween between
** them.  Within "+( )" no index is used for them.
*/
static void appendColumns(
  sqlite3_str *pSql,
  const Key *pKey,
  const char *zAfter,
  const char *zBetween
){
  int i;
  for(i=0; i<pKey->nCol; i++){
    sqlite3_str_appendf(pSql, "%s%s%s", i ? zBetween : "", pKey->azCol[i],
                        zAfter);
  }
}

/*
** The statement that looks up the entry of a row in an index or, if bInTable,
** the row of an entry.
*/
static void lookupPrepare(Intck *k, Key *pKey, int bInTable){
  sqlite3_str *pSql = sqlite3_str_new(0);
  sqlite3_str_appendf(pSql, "SELECT 1 FROM main.\"%w\"", k->zTable);
  if( bInTable ){
    sqlite3_str_appendall(pSql, " NOT INDEXED WHERE ");
  }else{
    sqlite3_str_appendf(pSql, " INDEXED BY \"%w\" WHERE ", pKey->zIndex);
  }
  appendColumns(pSql, pKey, " IS ?", " AND ");
  sqlite3_str_appendall(pSql, " AND ");
  appendColumns(pSql, &k->row, "=?", " AND ");
  if( pKey->zWhere ) sqlite3_str_appendf(pSql, " AND (%s\n)", pKey->zWhere);
  pKey->pLookup = intckPrepare(k, shFinish(pSql));
}

/*
** True if there is what belongs to the current row of pStmt.  The columns of
** the key begin at iKey, those of the row at iRow.
*/
static int lookup(Intck *k, Key *pKey, sqlite3_stmt *pStmt, int iKey, int iRow){
  int i, bFound;
  for(i=0; i<pKey->nCol; i++){
    sqlite3_bind_value(pKey->pLookup, i+1, sqlite3_column_value(pStmt, iKey+i));
  }
  for(i=0; i<k->row.nCol; i++){
    sqlite3_bind_value(pKey->pLookup, pKey->nCol+i+1,
                       sqlite3_column_value(pStmt, iRow+i));
  }
  bFound = intckStep(k, pKey->pLookup);
  sqlite3_reset(pKey->pLookup);
  return bFound;
}

/*
** Write n values of the current row of pStmt.
*/
static void writeValues(Intck *k, sqlite3_stmt *pStmt, int iCol, int n){
  FILE *out = k->p->out;
  for(; n>0; n--, iCol++){
    sqlite3_bind_value(k->pQuote, 1, sqlite3_column_value(pStmt, iCol));
    if( sqlite3_step(k->pQuote)==SQLITE_ROW ){
      fprintf(out, "%s", sqlite3_column_text(k->pQuote, 0));
    }
    sqlite3_reset(k->pQuote);
    if( n>1 ) fputs(",", out);
  }
}

/*
** Tell of an entry.
*/
static void report(
  Intck *k,
  const char *zBefore,
  sqlite3_stmt *pStmt,
  const Key *pKey,
  int iKey,
  int iRow,
  const char *zAfter
){
  if( k->rc!=SQLITE_OK ) return;
  fprintf(k->p->out, "%s (", zBefore);
  writeValues(k, pStmt, iKey, pKey->nCol);
  fputs(",", k->p->out);
  writeValues(k, pStmt, iRow, k->row.nCol);
  fprintf(k->p->out, ") %s index %s\n", zAfter, pKey->zIndex);
  k->nErr++;
}

/*
** Count n steps.  If it is time to let go of the database, remember the first
** nKey columns of pStmt and return true.
*/
static int countSteps(Intck *k, i64 n, sqlite3_stmt *pStmt, int nKey){
  i64 nBefore = k->nStep;
  int i;
  k->nStep += n;
  if( k->nUnlock==0 || k->nStep/k->nUnlock==nBefore/k->nUnlock ) return 0;
  for(i=0; i<k->nSaved; i++) sqlite3_value_free(k->apSaved[i]);
  k->apSaved = shRealloc(k->apSaved, (sqlite3_uint64)nKey*sizeof(void*));
  for(i=0; i<nKey; i++){
    k->apSaved[i] = shCheck(sqlite3_value_dup(sqlite3_column_value(pStmt, i)));
  }
  k->nSaved = nKey;
  return 1;
}

/*
** Append the end of a comparison with the saved values.
*/
static void appendSaved(sqlite3_str *pSql, int n){
  int i;
  sqlite3_str_appendall(pSql, ")>(?1");
  for(i=2; i<=n; i++) sqlite3_str_appendf(pSql, ",?%d", i);
  sqlite3_str_appendall(pSql, ")");
}

/*
** Go through the rows of the table, from the beginning or after the one that
** has been saved.  Return true if there is more to be done.
*/
static int tablePass(Intck *k, int bResume){
  sqlite3_str *pSql = sqlite3_str_new(0);
  sqlite3_stmt *pStmt;
  int i, bMore = 0;
  sqlite3_str_appendall(pSql, "SELECT ");
  appendColumns(pSql, &k->row, "", ",");
  for(i=0; i<k->nKey; i++){
    sqlite3_str_appendf(pSql, ",(%s\n) IS TRUE,",
                        k->aKey[i].zWhere ? k->aKey[i].zWhere : "1");
    appendColumns(pSql, &k->aKey[i], "", ",");
  }
  sqlite3_str_appendf(pSql, " FROM main.\"%w\" NOT INDEXED", k->zTable);
  if( bResume ){
    /* Once for the search, and once more because in a damaged tree it may not
    ** be so: going back would have no end. */
    sqlite3_str_appendall(pSql, " WHERE (");
    appendColumns(pSql, &k->row, "", ",");
    appendSaved(pSql, k->nSaved);
    sqlite3_str_appendall(pSql, " AND (+(");
    appendColumns(pSql, &k->row, "", "),+(");
    sqlite3_str_appendall(pSql, ")");
    appendSaved(pSql, k->nSaved);
  }
  sqlite3_str_appendall(pSql, " ORDER BY ");
  appendColumns(pSql, &k->row, "", ",");
  pStmt = intckPrepare(k, shFinish(pSql));
  for(i=0; bResume && i<k->nSaved; i++){
    sqlite3_bind_value(pStmt, i+1, k->apSaved[i]);
  }
  while( !bMore && intckStep(k, pStmt) ){
    int iCol = k->row.nCol;
    for(i=0; i<k->nKey; i++){
      Key *pKey = &k->aKey[i];
      if( sqlite3_column_int(pStmt, iCol)
       && !lookup(k, pKey, pStmt, iCol+1, 0) ){
        report(k, "entry", pStmt, pKey, iCol+1, 0, "missing from");
      }
      iCol += pKey->nCol + 1;
    }
    bMore = countSteps(k, k->nKey+1, pStmt, k->row.nCol);
  }
  sqlite3_finalize(pStmt);
  return bMore;
}

/*
** The column i of an entry: first those of the index, then those of the row.
** To be freed.
*/
static char *entryColumn(Intck *k, int i, int bSearch){
  int n = k->aKey[0].nCol;
  const char *z = i<n ? k->aKey[0].azCol[i] : k->row.azCol[i-n];
  return shPrintf(bSearch ? "%s" : "+(%s\n)", z);
}

/*
** Append the condition that the first iLevel-1 columns are those of the saved
** entry, and the next one comes after it.  NULL comes before all else.  Without
** bSearch it does not rely on the order of the index.
*/
static void appendAfter(Intck *k, sqlite3_str *pSql, int iLevel, int bSearch){
  int bNull = sqlite3_value_type(k->apSaved[iLevel-1])==SQLITE_NULL;
  char *z;
  int i;
  for(i=1; i<iLevel; i++){
    z = entryColumn(k, i-1, bSearch);
    sqlite3_str_appendf(pSql, " AND %s IS ?%d", z, i);
    sqlite3_free(z);
  }
  z = entryColumn(k, iLevel-1, bSearch);
  if( iLevel<=k->aKey[0].nCol && k->aKey[0].abDesc[iLevel-1] ){
    sqlite3_str_appendf(pSql, bNull ? " AND 0"
                                    : " AND (%s<?%d OR %s IS NULL)",
                        z, iLevel, z);
  }else{
    sqlite3_str_appendf(pSql, bNull ? " AND %s IS NOT NULL" : " AND %s>?%d",
                        z, iLevel);
  }
  sqlite3_free(z);
}

/*
** Go through the entries of the index, all of them or, if iLevel is not 0,
** those that appendAfter() describes.  Return true if there is more to be done.
*/
static int indexPass(Intck *k, int iLevel){
  Key *pKey = &k->aKey[0];
  sqlite3_str *pSql = sqlite3_str_new(0);
  sqlite3_stmt *pStmt;
  int i, bMore = 0;
  sqlite3_str_appendall(pSql, "SELECT ");
  appendColumns(pSql, pKey, "", ",");
  sqlite3_str_appendall(pSql, ",");
  appendColumns(pSql, &k->row, "", ",");
  sqlite3_str_appendf(pSql, " FROM main.\"%w\" INDEXED BY \"%w\" WHERE (%s\n)",
                      k->zTable, pKey->zIndex,
                      pKey->zWhere ? pKey->zWhere : "1");
  if( iLevel ){
    /* See tablePass() for why it is there twice. */
    appendAfter(k, pSql, iLevel, 1);
    appendAfter(k, pSql, iLevel, 0);
  }
  pStmt = intckPrepare(k, shFinish(pSql));
  for(i=0; i<iLevel; i++) sqlite3_bind_value(pStmt, i+1, k->apSaved[i]);
  while( !bMore && intckStep(k, pStmt) ){
    if( !lookup(k, pKey, pStmt, 0, pKey->nCol) ){
      report(k, "surplus entry", pStmt, pKey, 0, pKey->nCol, "in");
    }
    bMore = countSteps(k, 1, pStmt, pKey->nCol + k->row.nCol);
  }
  sqlite3_finalize(pStmt);
  return bMore;
}

/*
** Check the index.  After a pause, go on with the entries that differ from the
** last one in nothing but the last column, then in the one before it, and so
** on.
*/
static void checkIndex(Intck *k){
  int bMore, iLevel;
  k->nKey = 1;
  k->aKey = shRealloc(0, sizeof(Key));
  keyLoad(k, &k->aKey[0], k->zObject);
  lookupPrepare(k, &k->aKey[0], 1);
  bMore = indexPass(k, 0);
  while( bMore ){
    bMore = 0;
    for(iLevel=k->nSaved; iLevel>0 && !bMore; iLevel--){
      bMore = indexPass(k, iLevel);
    }
  }
}

/*
** Check the table.
*/
static void checkTable(Intck *k){
  sqlite3_stmt *pStmt = intckPrepare(k, shPrintf(
      "SELECT name FROM pragma_index_list(%Q,'main') WHERE name<>%Q"
      " ORDER BY name", k->zTable, k->row.zIndex ? k->row.zIndex : ""));
  int bResume = 0;
  while( intckStep(k, pStmt) ){
    char *zIndex = shDup((const char*)sqlite3_column_text(pStmt, 0));
    k->aKey = shRealloc(k->aKey, ((sqlite3_uint64)k->nKey+1)*sizeof(Key));
    keyLoad(k, &k->aKey[k->nKey], zIndex);
    lookupPrepare(k, &k->aKey[k->nKey], 0);
    k->nKey++;
    sqlite3_free(zIndex);
  }
  sqlite3_finalize(pStmt);
  while( tablePass(k, bResume) ) bResume = 1;
}

/*
** Go to the table or index whose name comes next.  Return false if there is
** none.
*/
static int nextObject(Intck *k){
  sqlite3_stmt *pStmt = intckPrepare(k, shDup(
      "WITH object(name, tbl, isindex) AS ("
      " SELECT name, tbl_name, type='index' FROM main.sqlite_schema"
      "   WHERE type IN ('table','index') AND rootpage"
      " UNION ALL SELECT 'sqlite_schema', 'sqlite_schema', 0)"
      "SELECT name, tbl, isindex FROM object"
      " WHERE ?1 IS NULL OR name>?1 ORDER BY 1 LIMIT 1"));
  int bFound, bIndex = 0;
  sqlite3_bind_text(pStmt, 1, k->zObject, -1, SQLITE_TRANSIENT);
  bFound = intckStep(k, pStmt);
  if( bFound ){
    modeSetText(&k->zObject, (const char*)sqlite3_column_text(pStmt, 0));
    modeSetText(&k->zTable, (const char*)sqlite3_column_text(pStmt, 1));
    bIndex = sqlite3_column_int(pStmt, 2);
  }
  sqlite3_finalize(pStmt);
  if( (k->rc&0xff)==SQLITE_CORRUPT ){
    fputs("corruption found while reading database schema\n", k->p->out);
    k->nErr++;
    k->nStep++;
    k->rc = SQLITE_OK;
  }
  if( !bFound ) return 0;
  rowLoad(k);
  if( bIndex ) checkIndex(k); else checkTable(k);
  return 1;
}

/*
** The end of a table or index, or of what can be read of it.
*/
static void objectEnd(Intck *k){
  int i;
  for(i=0; i<k->nKey; i++) keyFree(&k->aKey[i]);
  sqlite3_free(k->aKey);
  k->aKey = 0;
  k->nKey = 0;
  keyFree(&k->row);
  if( (k->rc&0xff)==SQLITE_CORRUPT ){
    fprintf(k->p->out, "corruption found while scanning database object %s\n",
            k->zObject);
    k->nErr++;
    k->rc = SQLITE_OK;
  }
  if( k->rc==SQLITE_OK ) k->nStep++;
}

/*
** .intck ?STEPS_PER_UNLOCK?
*/
int dotIntck(Shell *p){
  Intck k;
  int i;
  memset(&k, 0, sizeof(k));
  k.p = p;
  databaseOpen(p, OPEN_OR_EXIT);
  if( p->dot.nArg==2 && strcmp(p->dot.azArg[1], "register")==0 ){
    sqlite3_create_function(p->db, "parse_create_index", 2, SQLITE_UTF8, 0,
                            indexPartFunc, 0, 0);
    return DOT_OK;
  }
  if( p->dot.nArg==2 ) k.nUnlock = shInteger(p->dot.azArg[1]);
  if( p->dot.nArg>2 || k.nUnlock<0 || (p->dot.nArg==2 && k.nUnlock==0) ){
    return dotUsage(".intck STEPS_PER_UNLOCK");
  }
  k.pQuote = intckPrepare(&k, shDup("SELECT quote(?1)"));
  while( k.rc==SQLITE_OK && nextObject(&k) ) objectEnd(&k);
  if( k.rc!=SQLITE_OK ) fprintf(stderr, "%s\n", k.zErr);
  fprintf(p->out, "%lld steps, %lld errors\n", k.nStep, k.nErr);
  sqlite3_finalize(k.pQuote);
  for(i=0; i<k.nSaved; i++) sqlite3_value_free(k.apSaved[i]);
  sqlite3_free(k.apSaved);
  sqlite3_free(k.zObject);
  sqlite3_free(k.zTable);
  sqlite3_free(k.zErr);
  return k.rc==SQLITE_OK ? DOT_OK : DOT_ERROR;
}
