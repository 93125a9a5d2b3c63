/*
** completion(?PREFIX? ?, WHOLELINE?): a table-valued function of the words
** that an unfinished line may go on with.
*/
#include <string.h>
#include "shell.h"

#define COL_PREFIX     1
#define COL_WHOLELINE  2
#define COL_PHASE      3

/* What a word is.  These numbers are the values of the column "phase". */
#define PHASE_KEYWORD    1
#define PHASE_PRAGMA     2
#define PHASE_FUNCTION   3
#define PHASE_COLLATION  4
#define PHASE_DATABASE   7
#define PHASE_TABLE      8     /* And indexes, views, triggers */
#define PHASE_COLUMN     9
#define PHASE_MODULE     10

/* idxNum of a plan: which arguments there are. */
#define PLAN_PREFIX     0x01
#define PLAN_WHOLELINE  0x02

typedef struct CompletionTable CompletionTable;
struct CompletionTable {
  sqlite3_vtab base;
  sqlite3 *db;
};

typedef struct Candidate Candidate;
struct Candidate {
  char *zWord;
  int ePhase;
};

typedef struct Completion Completion;
struct Completion {
  sqlite3_vtab_cursor base;
  sqlite3 *db;
  char *zPrefix;
  char *zLine;
  int bName;                /* Within the quotes of a name */
  Candidate *aCandidate;
  int nCandidate, nAlloc;
  int i;                    /* Current row */
};

static int completionConnect(
  sqlite3 *db,
  void *pAux,
  int argc,
  const char *const *argv,
  sqlite3_vtab **ppVtab,
  char **pzErr
){
  CompletionTable *p;
  int rc = sqlite3_declare_vtab(db,
      "CREATE TABLE x(candidate TEXT, prefix TEXT HIDDEN,"
      " wholeline TEXT HIDDEN, phase INT HIDDEN)");
  (void)pAux; (void)argc; (void)argv; (void)pzErr;
  if( rc==SQLITE_OK ){
    p = sqlite3_malloc(sizeof(*p));
    if( p==0 ) return SQLITE_NOMEM;
    memset(p, 0, sizeof(*p));
    p->db = db;
    *ppVtab = &p->base;
    sqlite3_vtab_config(db, SQLITE_VTAB_INNOCUOUS);
  }
  return rc;
}
static int completionDisconnect(sqlite3_vtab *pVtab){
  sqlite3_free(pVtab);
  return SQLITE_OK;
}
static int completionOpen(sqlite3_vtab *pVtab, sqlite3_vtab_cursor **ppCursor){
  Completion *p = sqlite3_malloc(sizeof(*p));
  if( p==0 ) return SQLITE_NOMEM;
  memset(p, 0, sizeof(*p));
  p->db = ((CompletionTable*)pVtab)->db;
  *ppCursor = &p->base;
  return SQLITE_OK;
}

/*
** Forget the rows.
*/
static void completionClear(Completion *p){
  int i;
  for(i=0; i<p->nCandidate; i++) sqlite3_free(p->aCandidate[i].zWord);
  sqlite3_free(p->aCandidate);
  sqlite3_free(p->zPrefix);
  sqlite3_free(p->zLine);
  p->aCandidate = 0;
  p->zPrefix = p->zLine = 0;
  p->nCandidate = p->nAlloc = p->i = p->bName = 0;
}
static int completionClose(sqlite3_vtab_cursor *pCursor){
  completionClear((Completion*)pCursor);
  sqlite3_free(pCursor);
  return SQLITE_OK;
}

static int completionBestIndex(sqlite3_vtab *pVtab, sqlite3_index_info *pInfo){
  int aUse[2] = { -1, -1 };       /* For PREFIX and WHOLELINE */
  int i, nArg = 0;
  (void)pVtab;
  for(i=0; i<pInfo->nConstraint; i++){
    int iArg = pInfo->aConstraint[i].iColumn - COL_PREFIX;
    if( pInfo->aConstraint[i].usable && (iArg==0 || iArg==1)
     && pInfo->aConstraint[i].op==SQLITE_INDEX_CONSTRAINT_EQ ) aUse[iArg] = i;
  }
  for(i=0; i<2; i++){
    if( aUse[i]<0 ) continue;
    pInfo->aConstraintUsage[aUse[i]].argvIndex = ++nArg;
    pInfo->aConstraintUsage[aUse[i]].omit = 1;
    pInfo->idxNum |= i ? PLAN_WHOLELINE : PLAN_PREFIX;
  }
  pInfo->estimatedCost = 5000 - 1000*nArg;
  pInfo->estimatedRows = 500 - 100*nArg;
  return SQLITE_OK;
}

/*
** Where the last word of a line begins: a name in quotes that are still open,
** or letters, digits and underscores.  *pbName tells which.
*/
static int lastWord(const char *zLine, int *pbName){
  char cEnd = 0;                  /* What ends the quote */
  int i, iQuote = 0;
  for(i=0; zLine[i]; i++){
    char c = zLine[i];
    if( cEnd ){
      if( c==cEnd ) cEnd = 0;
    }else if( c=='\'' || c=='"' || c=='`' || c=='[' ){
      cEnd = c=='[' ? ']' : c;
      iQuote = i;
    }
  }
  *pbName = cEnd!=0 && cEnd!='\'';
  if( *pbName ) return iQuote+1;
  while( i>0 && (shIsAlnum(zLine[i-1]) || zLine[i-1]=='_') ) i--;
  return i;
}

/*
** Add a word if it begins with the prefix.
*/
static int addWord(Completion *p, int ePhase, const char *zWord, int nWord){
  int nPrefix = p->zPrefix ? (int)strlen(p->zPrefix) : 0;
  Candidate *pNew;
  if( nWord<nPrefix
   || (nPrefix && sqlite3_strnicmp(zWord, p->zPrefix, nPrefix)!=0)
  ){
    return SQLITE_OK;
  }
  if( p->nCandidate==p->nAlloc ){
    int nNew = p->nAlloc*2 + 50;
    pNew = sqlite3_realloc64(p->aCandidate,
                             (sqlite3_uint64)nNew*sizeof(Candidate));
    if( pNew==0 ) return SQLITE_NOMEM;
    p->aCandidate = pNew;
    p->nAlloc = nNew;
  }
  pNew = &p->aCandidate[p->nCandidate];
  pNew->ePhase = ePhase;
  pNew->zWord = sqlite3_mprintf("%.*s", nWord, zWord);
  if( pNew->zWord==0 ) return SQLITE_NOMEM;
  p->nCandidate++;
  return SQLITE_OK;
}

/*
** Add the words that a query finds.  It may use two parameters.  What cannot
** be found out, say about a view on a table that is gone, is left out.
*/
static int addQuery(
  Completion *p,
  int ePhase,
  const char *zSql,
  const char *z1,
  const char *z2
){
  sqlite3_stmt *pStmt = 0;
  int rc = sqlite3_prepare_v2(p->db, zSql, -1, &pStmt, 0);
  int rcWord = SQLITE_OK;
  if( pStmt ){
    sqlite3_bind_text(pStmt, 1, z1, -1, SQLITE_STATIC);
    sqlite3_bind_text(pStmt, 2, z2, -1, SQLITE_STATIC);
    while( rcWord==SQLITE_OK && sqlite3_step(pStmt)==SQLITE_ROW ){
      const char *z = (const char*)sqlite3_column_text(pStmt, 0);
      if( z ) rcWord = addWord(p, ePhase, z, sqlite3_column_bytes(pStmt, 0));
    }
    rc = sqlite3_finalize(pStmt);
  }
  return rc==SQLITE_NOMEM ? rc : rcWord;
}

/*
** Add the columns of the tables and views of a database.
*/
static int addColumns(Completion *p, const char *zDb){
  char *zSql = sqlite3_mprintf("SELECT name FROM \"%w\".sqlite_schema"
                               " WHERE type IN ('table','view')", zDb);
  sqlite3_stmt *pStmt = 0;
  int rc = SQLITE_OK;
  if( zSql==0 ) return SQLITE_NOMEM;
  sqlite3_prepare_v2(p->db, zSql, -1, &pStmt, 0);
  sqlite3_free(zSql);
  while( rc==SQLITE_OK && pStmt && sqlite3_step(pStmt)==SQLITE_ROW ){
    rc = addQuery(p, PHASE_COLUMN, "SELECT name FROM pragma_table_xinfo(?1,?2)",
                  (const char*)sqlite3_column_text(pStmt, 0), zDb);
  }
  sqlite3_finalize(pStmt);
  return rc;
}

/*
** Add the names of all databases, or of what they contain.
*/
static int addDatabases(Completion *p, int ePhase){
  sqlite3_stmt *pStmt = 0;
  int rc = SQLITE_OK;
  sqlite3_prepare_v2(p->db, "SELECT name FROM pragma_database_list", -1,
                     &pStmt, 0);
  while( rc==SQLITE_OK && pStmt && sqlite3_step(pStmt)==SQLITE_ROW ){
    const char *zDb = (const char*)sqlite3_column_text(pStmt, 0);
    if( zDb==0 ){
      rc = SQLITE_NOMEM;
    }else if( ePhase==PHASE_DATABASE ){
      rc = addWord(p, ePhase, zDb, (int)strlen(zDb));
    }else if( ePhase==PHASE_COLUMN ){
      rc = addColumns(p, zDb);
    }else{
      char *zSql = sqlite3_mprintf("SELECT name FROM \"%w\".sqlite_schema",
                                   zDb);
      rc = zSql ? addQuery(p, ePhase, zSql, 0, 0) : SQLITE_NOMEM;
      sqlite3_free(zSql);
    }
  }
  sqlite3_finalize(pStmt);
  return rc;
}

/*
** Add the words of SQL.
*/
static int addKeywords(Completion *p){
  int i, n, rc = SQLITE_OK;
  const char *z;
  for(i=0; rc==SQLITE_OK && i<sqlite3_keyword_count(); i++){
    sqlite3_keyword_name(i, &z, &n);
    rc = addWord(p, PHASE_KEYWORD, z, n);
  }
  return rc;
}

/*
** Find all rows.
*/
static int addAll(Completion *p){
  static const struct { int ePhase; const char *zSql; } aQuery[] = {
    { PHASE_PRAGMA,    "SELECT name FROM pragma_pragma_list" },
    { PHASE_FUNCTION,  "SELECT DISTINCT name FROM pragma_function_list" },
    { PHASE_COLLATION, "SELECT name FROM pragma_collation_list" },
    { PHASE_MODULE,    "SELECT name FROM pragma_module_list" },
  };
  int i;
  int rc = p->bName ? SQLITE_OK : addKeywords(p);
  if( rc==SQLITE_OK ) rc = addDatabases(p, PHASE_DATABASE);
  if( rc==SQLITE_OK ) rc = addDatabases(p, PHASE_TABLE);
  if( rc==SQLITE_OK ) rc = addDatabases(p, PHASE_COLUMN);
  for(i=0; rc==SQLITE_OK && !p->bName && i<ArraySize(aQuery); i++){
    rc = addQuery(p, aQuery[i].ePhase, aQuery[i].zSql, 0, 0);
  }
  return rc;
}

/*
** A copy of an argument, NULL if it is NULL or empty.
*/
static int copyArgument(char **pz, sqlite3_value *pVal){
  const char *z = (const char*)sqlite3_value_text(pVal);
  if( z==0 || z[0]==0 ) return SQLITE_OK;
  *pz = sqlite3_mprintf("%s", z);
  return *pz ? SQLITE_OK : SQLITE_NOMEM;
}
static int completionFilter(
  sqlite3_vtab_cursor *pCursor,
  int idxNum,
  const char *idxStr,
  int nArg,
  sqlite3_value **apArg
){
  Completion *p = (Completion*)pCursor;
  int rc = SQLITE_OK;
  (void)idxStr; (void)nArg;
  completionClear(p);
  if( idxNum & PLAN_PREFIX ) rc = copyArgument(&p->zPrefix, *apArg++);
  if( rc==SQLITE_OK && (idxNum & PLAN_WHOLELINE) ){
    rc = copyArgument(&p->zLine, *apArg);
  }
  if( rc==SQLITE_OK && p->zLine ){
    int i = lastWord(p->zLine, &p->bName);
    if( p->zPrefix==0 ){
      p->zPrefix = sqlite3_mprintf("%s", &p->zLine[i]);
      if( p->zPrefix==0 ) rc = SQLITE_NOMEM;
    }
  }
  return rc==SQLITE_OK ? addAll(p) : rc;
}

static int completionNext(sqlite3_vtab_cursor *pCursor){
  ((Completion*)pCursor)->i++;
  return SQLITE_OK;
}
static int completionEof(sqlite3_vtab_cursor *pCursor){
  Completion *p = (Completion*)pCursor;
  return p->i>=p->nCandidate;
}
static int completionColumn(
  sqlite3_vtab_cursor *pCursor,
  sqlite3_context *pCtx,
  int iCol
){
  Completion *p = (Completion*)pCursor;
  const Candidate *pRow = &p->aCandidate[p->i];
  const char *z = pRow->zWord;
  if( iCol==COL_PHASE ){
    sqlite3_result_int(pCtx, pRow->ePhase);
    return SQLITE_OK;
  }
  if( iCol==COL_PREFIX ) z = p->zPrefix;
  if( iCol==COL_WHOLELINE ) z = p->zLine;
  sqlite3_result_text(pCtx, z, -1, SQLITE_TRANSIENT);
  return SQLITE_OK;
}
static int completionRowid(
  sqlite3_vtab_cursor *pCursor,
  sqlite3_int64 *piRowid
){
  *piRowid = ((Completion*)pCursor)->i + 1;
  return SQLITE_OK;
}

/*
** Give the function to the connection that has just been opened.
*/
void completionFunction(Shell *p){
  static const sqlite3_module module = {
    .xConnect = completionConnect, .xBestIndex = completionBestIndex,
    .xDisconnect = completionDisconnect, .xOpen = completionOpen,
    .xClose = completionClose, .xFilter = completionFilter,
    .xNext = completionNext, .xEof = completionEof,
    .xColumn = completionColumn, .xRowid = completionRowid,
  };
  sqlite3_create_module(p->db, "completion", &module, 0);
}
