/*
** CREATE FUNCTION and DROP FUNCTION.
**
**     CREATE FUNCTION [IF NOT EXISTS] [schema.]name LANGUAGE wasm
**         [DETERMINISTIC] [TRUSTED] AS 'module' | x'module'
**     DROP FUNCTION [IF EXISTS] [schema.]name
**
** The parser sees DROP TABLE [schema.]name; Parse.sHidden holds the statement.  All
** is done when the statement runs, by statements on the table of functions.
*/
typedef struct FunctionStmt FunctionStmt;
struct FunctionStmt {
  Parse *pParse;
  int bCreate;                /* CREATE, not DROP */
  int bIf;                    /* IF [NOT] EXISTS */
  int mFlags;                 /* SEAWALL_WASM_* */
  Token sBody;                /* The literal behind AS */
  /* The current token, and its type: zero at the end */
  const char *zEnd;
  Token t;
  int eType;
};

static void functionNext(FunctionStmt *p){
  i64 n;
  const char *z = nextToken(p->pParse->db, &p->t.z[p->t.n], &n, &p->eType);
  if( z>=p->zEnd ){
    z = p->zEnd;
    n = 0;
    p->eType = 0;
  }
  p->t.z = z;
  p->t.n = (u32)n;
}

static int functionSyntax(FunctionStmt *p){
  if( p->eType==0 ){
    sqlite3ErrorMsg(p->pParse, "incomplete input");
  }else{
    sqlite3ErrorMsg(p->pParse, "near \"%T\": syntax error", &p->t);
  }
  return SQLITE_ERROR;
}

/*
** If the current token is this word, go on and return true.
*/
static int functionWord(FunctionStmt *p, const char *zWord){
  if( !isWord(p->t.z, p->t.n, zWord) ) return 0;
  functionNext(p);
  return 1;
}

/*
** Behind the name of a function that is created.
*/
static int functionParseCreate(FunctionStmt *p){
  sqlite3 *db = p->pParse->db;
  char *zLanguage;
  int bWasm;
  if( !functionWord(p, "language") ) return functionSyntax(p);
  if( p->eType!=TK_ID && p->eType!=TK_STRING
   && sqlite3ParserFallback(p->eType)!=TK_ID
  ){
    return functionSyntax(p);
  }
  zLanguage = sqlite3NameFromToken(db, &p->t);
  bWasm = zLanguage && strcmp(zLanguage, "wasm")==0;
  sqlite3DbFree(db, zLanguage);
  if( db->mallocFailed ) return SQLITE_NOMEM;
  if( !bWasm ){
    sqlite3ErrorMsg(p->pParse,
        "The only supported language for user-defined functions is 'wasm'");
    return SQLITE_ERROR;
  }
  functionNext(p);
  for(;;){
    if( functionWord(p, "deterministic") ){
      p->mFlags |= SEAWALL_WASM_DETERMINISTIC;
    }else if( functionWord(p, "trusted") ){
      p->mFlags |= SEAWALL_WASM_TRUSTED;
    }else{
      break;
    }
  }
  if( p->eType!=TK_AS ) return functionSyntax(p);
  functionNext(p);
  if( p->eType!=TK_STRING && p->eType!=TK_BLOB ) return functionSyntax(p);
  p->sBody = p->t;
  functionNext(p);
  return SQLITE_OK;
}

/*
** Take the statement apart.  The parser has seen the name.
*/
static int functionParse(FunctionStmt *p){
  int rc = SQLITE_OK;
  p->t.z = p->pParse->sHidden.z;
  p->zEnd = &p->t.z[p->pParse->sHidden.n];
  functionNext(p);
  p->bCreate = p->eType==TK_CREATE;
  functionNext(p);                     /* FUNCTION */
  functionNext(p);
  if( p->eType==TK_IF ){
    FunctionStmt s = *p;
    functionNext(&s);
    if( p->bCreate && s.eType==TK_NOT ) functionNext(&s);
    if( s.eType==TK_EXISTS ){
      s.bIf = 1;
      functionNext(&s);
      *p = s;
    }
  }
  functionNext(p);                     /* The name, or that of the schema */
  if( p->eType==TK_DOT ){
    functionNext(p);
    functionNext(p);
  }
  if( p->bCreate ) rc = functionParseCreate(p);
  if( rc==SQLITE_OK && p->eType!=0 ) rc = functionSyntax(p);
  return rc;
}

/*
** Ask the authorizer for what the statement is going to do.
*/
static int functionAuth(FunctionStmt *p, int iDb){
#ifndef SQLITE_OMIT_AUTHORIZATION
  Parse *pParse = p->pParse;
  sqlite3 *db = pParse->db;
  const char *zDb = db->aDb[iDb].zDbSName;
  if( !p->bCreate ){
    return sqlite3AuthCheck(pParse, SQLITE_DELETE, FUNCTION_TABLE, 0, zDb)
        || sqlite3AuthCheck(pParse, SQLITE_READ, FUNCTION_TABLE, "name", zDb);
  }
  if( functionTable(db, iDb)==0
   && (sqlite3AuthCheck(pParse, SQLITE_INSERT, SCHEMA_TABLE(iDb), 0, zDb)
    || sqlite3AuthCheck(pParse, iDb==1 ? SQLITE_CREATE_TEMP_TABLE
                                       : SQLITE_CREATE_TABLE,
                        FUNCTION_TABLE, 0, zDb))
  ){
    return 1;
  }
  return sqlite3AuthCheck(pParse, SQLITE_INSERT, FUNCTION_TABLE, 0, zDb);
#else
  UNUSED_PARAMETER2(p, iDb);
  return 0;
#endif
}

/*
** Set *pbExists if the database holds a function of that name.  This may be called
** while a statement is prepared.
*/
static int functionExists(
  sqlite3 *db,
  int iDb,
  const char *zName,
  int *pbExists
){
  sqlite3_stmt *pStmt = 0;
  int rc = SQLITE_OK;
  if( functionTable(db, iDb) ){
    StoredQuery query;
    storedQueryBegin(&query, db, iDb);
    rc = functionRow(db, iDb, zName, &pStmt);
    *pbExists = pStmt!=0;
    sqlite3_finalize(pStmt);
    storedQueryEnd(&query);
  }
  return rc;
}

/*
** Code the call of a function that does the work.  It is not for the authorizer.
*/
static void functionCodeCall(FunctionStmt *p, const char *zDb, const char *zName){
  Parse *pParse = p->pParse;
#ifndef SQLITE_OMIT_AUTHORIZATION
  sqlite3_xauth xAuth = pParse->db->xAuth;
  pParse->db->xAuth = 0;
#endif
  pParse->colNamesSet = 1;
  if( p->bCreate ){
    sqlite3NestedParse(pParse,
        "SELECT 1 WHERE seawall_create_function(%Q, %Q, %d, %.*s)=NULL",
        zDb, zName, p->mFlags, (int)p->sBody.n, p->sBody.z);
  }else{
    sqlite3NestedParse(pParse,
        "SELECT 1 WHERE seawall_drop_function(%Q, %Q, %d)=NULL",
        zDb, zName, p->bIf);
  }
#ifndef SQLITE_OMIT_AUTHORIZATION
  pParse->db->xAuth = xAuth;
#endif
}

/*
** Code the statement.
*/
static void functionCode(FunctionStmt *p, int iDb, const char *zName){
  Parse *pParse = p->pParse;
  sqlite3 *db = pParse->db;
  const char *zDb = db->aDb[iDb].zDbSName;
  Vdbe *v = sqlite3GetVdbe(pParse);
  int bExists = 0;
  if( v==0 ) return;
  if( p->bIf ){
    int rc = functionExists(db, iDb, zName, &bExists);
    if( rc!=SQLITE_OK ){
      storedError(pParse, iDb, rc);
      return;
    }
    if( bExists==p->bCreate ){
      sqlite3CodeVerifySchema(pParse, iDb);
      sqlite3ForceNotReadOnly(pParse);
      return;
    }
  }
  sqlite3BeginWriteOperation(pParse, 1, iDb);
  sqlite3MayAbort(pParse);
  functionCodeCall(p, zDb, zName);
}

/*
** The head of sqlite3DropTable(): what is dropped is a function, or created.
*/
SQLITE_PRIVATE void seawallFunctionStatement(Parse *pParse, SrcList *pName){
  sqlite3 *db = pParse->db;
  FunctionStmt s;
  memset(&s, 0, sizeof(s));
  s.pParse = pParse;
  if( db->init.busy ){
    sqlite3ErrorMsg(pParse, "a schema holds no such statement");
  }else if( db->mallocFailed==0
   && functionParse(&s)==SQLITE_OK
   && sqlite3ReadSchema(pParse)==SQLITE_OK
  ){
    const char *zDb = pName->a[0].u4.zDatabase;
    int iDb = zDb ? sqlite3FindDbName(db, zDb) : 0;
    if( iDb<0 ){
      sqlite3ErrorMsg(pParse, "unknown database %s", zDb);
    }else if( functionAuth(&s, iDb)==SQLITE_OK ){
      functionCode(&s, iDb, pName->a[0].zName);
    }
  }
  sqlite3SrcListDelete(db, pName);
}
