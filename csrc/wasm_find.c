/*
** Finding the functions that a database holds.
**
** They stand in the table libsql_wasm_func_table of a schema, by name.  When a
** statement calls a function that neither SQLite nor the application has, the
** databases are asked in the order in which they are for the name of a table:
** temp, main, then the attached ones as they were attached.  Nothing is done when
** a database is opened.
**
** What a statement uses of a schema it verifies: a statement that has found a
** function in a database is prepared again once the schema of that database has
** changed, and CREATE FUNCTION and DROP FUNCTION change the schema cookie.
**
** A function that was found becomes a FuncDef, of the name and the content that it
** was found with.  It never changes, and statements may keep pointers to it.  Which
** of those by one name is the one, if any, that is found out each time.
**
** Nothing else must find them: a file could put its own function in the place of
** one of SQLite or of the application.  So they are one list in sqlite3.aFunc,
** under a name that is too long to register a function with; who calls it gets
** here, and finds nothing.
*/
typedef struct StoredDef StoredDef;
struct StoredDef {
  FuncDef def;                /* Must be first.  The name is in lower case */
  Table *pTab;                /* Was read from this table... */
  int iCookie;                /* ...when its schema had this cookie.  See below */
  u8 bUnsure;                 /* Was found in a shared cache */
};
#define STORED_PAD "                                                                "
#define STORED_LIST "seawall: functions of databases" \
    STORED_PAD STORED_PAD STORED_PAD STORED_PAD

/*
** FuncDef.pUserData of a function.
*/
typedef struct StoredFunction StoredFunction;
struct StoredFunction {
  SeawallWasm *pWasm;
  WasmLimits *pLimits;
  SeawallWasmInfo info;
};

/*
** How values get in and out.
*/
static const libsql_wasm_udf_api storedApi = {
  sqlite3_value_type, sqlite3_value_int, sqlite3_value_double, sqlite3_value_text,
  sqlite3_value_blob, sqlite3_value_bytes, sqlite3_result_error,
  sqlite3_result_error_nomem, sqlite3_result_int, sqlite3_result_double,
  sqlite3_result_text, sqlite3_result_blob, sqlite3_result_null, sqlite3_malloc,
  sqlite3_free
};

static void storedFree(void *pArg){
  StoredFunction *p = (StoredFunction*)pArg;
  if( p==0 ) return;
  if( p->pWasm ) seawall_wasm_runtime()->xFree(p->pWasm);
  if( p->pLimits ) wasmLimitsUnref(p->pLimits);
  sqlite3_free(p);
}

/*
** Asked by a function that runs: is it to stop?
*/
static int storedPoll(sqlite3_context *pCtx){
  sqlite3 *db = sqlite3_context_db_handle(pCtx);
  if( seawallInterrupted(db) ) return SQLITE_INTERRUPT;
#ifndef SQLITE_OMIT_PROGRESS_CALLBACK
  if( db->xProgress && db->xProgress(db->pProgressArg) ) return SQLITE_INTERRUPT;
#endif
  return SQLITE_OK;
}

static void storedCall(
  SeawallWasm *pWasm,
  const libsql_wasm_udf_api *pApi,
  const WasmLimits *pLimits,
  sqlite3_context *pCtx,
  int nArg,
  sqlite3_value **apArg
){
  SeawallWasmCall call;
  call.pApi = pApi;
  call.pCtx = pCtx;
  call.nArg = nArg;
  call.apArg = apArg;
  call.aLimit = pLimits->aLimit;
  call.xPoll = storedPoll;
  seawall_wasm_runtime()->xCall(pWasm, &call);
}

/*
** The xSFunc of every function that a database holds.
*/
SQLITE_PRIVATE void seawallCallStored(
  sqlite3_context *pCtx,
  int nArg,
  sqlite3_value **apArg
){
  StoredFunction *p = (StoredFunction*)sqlite3_user_data(pCtx);
  if( NEVER(p==0) ){
    sqlite3_result_error_code(pCtx, SQLITE_SCHEMA);
    return;
  }
  if( (p->info.mFlags & SEAWALL_WASM_DETERMINISTIC)==0
   && sqlite3NotPureFunc(pCtx)==0
  ){
    return;
  }
  storedCall(p->pWasm, &storedApi, p->pLimits, pCtx, nArg, apArg);
}

/*
** xCompile of the runtime, if there is one.
*/
static int storedCompile(
  const char *zName,
  const void *pBody,
  i64 nBody,
  i64 nStack,
  SeawallWasm **ppWasm,
  SeawallWasmInfo *pInfo,
  char **pzErr
){
  const SeawallWasmRuntime *pRuntime = seawall_wasm_runtime();
  if( pRuntime==0 ){
    *pzErr = sqlite3_mprintf("the program has no runtime for WebAssembly");
    return SQLITE_ERROR;
  }
  return pRuntime->xCompile(zName, pBody, nBody, nStack, ppWasm, pInfo, pzErr);
}

/*
** Make a function of what the database holds by that name.  *pzErr is for
** sqlite3_free().
*/
static int storedNew(
  sqlite3 *db,
  const char *zName,
  const void *pBody,
  i64 nBody,
  StoredFunction **pp,
  char **pzErr
){
  StoredFunction *p = (StoredFunction*)sqlite3MallocZero(sizeof(*p));
  WasmLimits *pLimits = wasmLimits(db);
  char *zExport = sqlite3_mprintf("%s", zName);
  int rc = SQLITE_NOMEM;
  *pp = 0;
  if( p && pLimits && zExport ){
    char *z;
    for(z=zExport; *z; z++) *z = (char)sqlite3UpperToLower[(u8)*z];
    p->pLimits = pLimits;
    pLimits->nRef++;
    rc = storedCompile(zExport, pBody, nBody, pLimits->aLimit[SEAWALL_WASM_STACK],
                       &p->pWasm, &p->info, pzErr);
  }
  sqlite3_free(zExport);
  if( rc==SQLITE_OK ){
    *pp = p;
  }else{
    storedFree(p);
  }
  return rc;
}

/*
** The table of functions in a schema, or NULL.  What is no ordinary table with
** the two columns is none.
*/
static Table *functionTable(sqlite3 *db, int iDb){
  Table *pTab = sqlite3FindTable(db, FUNCTION_TABLE, db->aDb[iDb].zDbSName);
  int iName, iBody;
  if( pTab==0 || !IsOrdinaryTable(pTab) ) return 0;
  iName = sqlite3ColumnIndex(pTab, "name");
  iBody = sqlite3ColumnIndex(pTab, "body");
  if( iName<0 || iBody<0
   || ((pTab->aCol[iName].colFlags | pTab->aCol[iBody].colFlags)
        & COLFLAG_GENERATED)!=0
  ){
    return 0;
  }
  return pTab;
}

/*
** A query within sqlite3_prepare().  The schema stays, whatever the query finds, for
** the statement that is being prepared uses it.  A transaction does not begin with
** it: it would keep others from writing.
*/
typedef struct StoredQuery StoredQuery;
struct StoredQuery {
  Quiet quiet;
  Btree *pBt;
  int bIdle;                  /* There was no transaction */
};

static void storedQueryBegin(StoredQuery *p, sqlite3 *db, int iDb){
  p->pBt = db->aDb[iDb].pBt;
  p->bIdle = p->pBt!=0 && sqlite3BtreeTxnState(p->pBt)==SQLITE_TXN_NONE;
  db->nSchemaLock++;
  quietBegin(&p->quiet, db, DBFLAG_SeawallSettle);
}
static void storedQueryEnd(StoredQuery *p){
  sqlite3 *db = p->quiet.db;
  if( p->bIdle && sqlite3BtreeTxnState(p->pBt)==SQLITE_TXN_READ ){
    /* Statements that are active have not read this database. */
    int nVdbeRead = db->nVdbeRead;
    db->nVdbeRead = 0;
    sqlite3BtreeCommit(p->pBt);
    db->nVdbeRead = nVdbeRead;
  }
  quietEnd(&p->quiet);
  db->nSchemaLock--;
}

/*
** The body that a statement is at.
*/
static const void *storedBody(sqlite3_stmt *pStmt, i64 *pnBody){
  const void *pBody;
  if( sqlite3_column_type(pStmt, 1)==SQLITE_BLOB ){
    pBody = sqlite3_column_blob(pStmt, 1);
  }else{
    pBody = sqlite3_column_text(pStmt, 1);
  }
  *pnBody = sqlite3_column_bytes(pStmt, 1);
  return pBody;
}

/*
** Find the row of a function.  *ppStmt is a statement at that row, with its name
** and its body for columns, or NULL if there is no such row.
*/
static int functionRow(
  sqlite3 *db,
  int iDb,
  const char *zName,
  sqlite3_stmt **ppStmt
){
  sqlite3_stmt *pStmt = 0;
  char *zSql = sqlite3_mprintf(
      "SELECT name, body FROM \"%w\"." FUNCTION_TABLE " NOT INDEXED"
      " WHERE name=?1 COLLATE NOCASE ORDER BY name=?1 DESC LIMIT 1",
      db->aDb[iDb].zDbSName);
  int rc = SQLITE_NOMEM;
  *ppStmt = 0;
  if( zSql ) rc = sqlite3_prepare_v2(db, zSql, -1, &pStmt, 0);
  sqlite3_free(zSql);
  if( rc==SQLITE_OK ) rc = sqlite3_bind_text(pStmt, 1, zName, -1, SQLITE_STATIC);
  if( rc==SQLITE_OK ){
    rc = sqlite3_step(pStmt);
    if( rc==SQLITE_ROW ){
      *ppStmt = pStmt;
      return SQLITE_OK;
    }
  }
  if( rc==SQLITE_DONE ) rc = SQLITE_OK;
  sqlite3_finalize(pStmt);
  return rc;
}

/*
** Make a function of the row that a statement is at.
*/
static int storedFromRow(
  sqlite3 *db,
  sqlite3_stmt *pStmt,
  StoredFunction **pp,
  char **pzErr
){
  const char *zName = (const char*)sqlite3_column_text(pStmt, 0);
  i64 nBody;
  const void *pBody = storedBody(pStmt, &nBody);
  *pp = 0;
  if( zName==0 || db->mallocFailed ) return SQLITE_NOMEM_BKPT;
  return storedNew(db, zName, pBody, nBody, pp, pzErr);
}

/*
** True if the cookie of a StoredDef still tells what the table holds: it was read
** since the schema was loaded, and by nobody who shares the schema with others.
*/
static int storedIsCurrent(sqlite3 *db, int iDb, Table *pTab, StoredDef *p){
  return p->pTab==pTab
      && (pTab->tabFlags & TF_FunctionsRead)!=0
      && p->iCookie==db->aDb[iDb].pSchema->schema_cookie
      && !sqlite3BtreeSharable(db->aDb[iDb].pBt);
}

/*
** The database for which a StoredDef is current, or -1.
*/
static int storedDb(sqlite3 *db, StoredDef *p){
  int i;
  for(i=0; i<db->nDb; i++){
    Table *pTab = functionTable(db, i);
    if( pTab && storedIsCurrent(db, i, pTab, p) ) return i;
  }
  return -1;
}

/*
** The functions of databases that the connection has met.
*/
static StoredDef *storedFirst(sqlite3 *db){
  return (StoredDef*)sqlite3HashFind(&db->aFunc, STORED_LIST);
}
static StoredDef *storedNext(StoredDef *p){
  return (StoredDef*)p->def.pNext;
}
static int storedIsNamed(StoredDef *p, const char *zName){
  return sqlite3StrICmp(p->def.zName, zName)==0;
}

/*
** The first time that a table is read, forget whatever is said to be from a table
** at its address.
*/
static void storedForget(sqlite3 *db, Table *pTab){
  StoredDef *p;
  if( pTab->tabFlags & TF_FunctionsRead ) return;
  for(p=storedFirst(db); p; p=storedNext(p)){
    if( p->pTab==pTab ) p->pTab = 0;
  }
  pTab->tabFlags |= TF_FunctionsRead;
}

/*
** Give a FuncDef what it is to call.  pFunction is freed if that fails.
*/
static int storedFill(sqlite3 *db, FuncDef *pDef, StoredFunction *pFunction){
  FuncDestructor *pDestructor = (FuncDestructor*)sqlite3Malloc(
      sizeof(FuncDestructor));
  if( pDestructor==0 ){
    storedFree(pFunction);
    sqlite3OomFault(db);
    return SQLITE_NOMEM_BKPT;
  }
  pDestructor->nRef = 1;
  pDestructor->xDestroy = storedFree;
  pDestructor->pUserData = pFunction;
  pDef->u.pDestructor = pDestructor;
  pDef->pUserData = pFunction;
  pDef->nArg = (i16)pFunction->info.nArg;
  pDef->xSFunc = seawallCallStored;
  pDef->funcFlags = SQLITE_UTF8 | SQLITE_FUNC_UNSAFE;
  if( pFunction->info.mFlags & SEAWALL_WASM_DETERMINISTIC ){
    pDef->funcFlags |= SQLITE_FUNC_CONSTANT;
  }
  if( (pFunction->info.mFlags & SEAWALL_WASM_TRUSTED)==0 ){
    pDef->funcFlags |= SQLITE_FUNC_DIRECT;
  }
  return SQLITE_OK;
}

/*
** Take that away again.
*/
static void storedEmpty(StoredDef *p){
  storedFree(p->def.pUserData);
  sqlite3_free(p->def.u.pDestructor);
  p->def.u.pDestructor = 0;
  p->def.pUserData = 0;
}

/*
** The FuncDef for a function.  It is one that the connection has already, an empty
** one, or a new one.  pFunction belongs to it, or is freed.
*/
static StoredDef *storedDef(
  sqlite3 *db,
  const char *zName,
  StoredFunction *pFunction
){
  int nName = sqlite3Strlen30(zName);
  StoredDef *pEmpty = 0;
  StoredDef *p;
  char *z;
  for(p=storedFirst(db); p; p=storedNext(p)){
    StoredFunction *pOther = (StoredFunction*)p->def.pUserData;
    if( !storedIsNamed(p, zName) ) continue;
    if( pOther==0 ){
      pEmpty = p;
    }else if( seawall_wasm_runtime()->xSame(pOther->pWasm, pFunction->pWasm) ){
      storedFree(pFunction);
      p->def.funcFlags &= ~(u32)SQLITE_FUNC_INTERNAL;
      return p;
    }
  }
  if( pEmpty ) return storedFill(db, &pEmpty->def, pFunction) ? 0 : pEmpty;

  p = (StoredDef*)sqlite3DbMallocZero(db, sizeof(*p)+nName+1);
  if( p==0 ){
    storedFree(pFunction);
    return 0;
  }
  if( storedFill(db, &p->def, pFunction) ){
    sqlite3DbFree(db, p);
    return 0;
  }
  p->def.zName = z = (char*)&p[1];
  memcpy(z, zName, nName+1);
  for(; *z; z++) *z = (char)sqlite3UpperToLower[(u8)*z];
  p->def.pNext = (FuncDef*)storedFirst(db);
  if( sqlite3HashInsert(&db->aFunc, STORED_LIST, p)==p ){
    storedEmpty(p);
    sqlite3DbFree(db, p);
    sqlite3OomFault(db);
    return 0;
  }
  return p;
}

/*
** The statement cannot be prepared, as the table of functions cannot be read.
*/
static void storedError(Parse *pParse, int iDb, int rc){
  sqlite3 *db = pParse->db;
  if( rc==SQLITE_SCHEMA ){
    /* Whoever prepares the statement loads the schema and tries again. */
    pParse->checkSchema = 1;
    pParse->nErr++;
  }else{
    sqlite3ErrorMsg(pParse, "cannot read %s.%s: %s", db->aDb[iDb].zDbSName,
                    FUNCTION_TABLE,
                    rc==sqlite3_errcode(db) ? sqlite3_errmsg(db)
                                            : sqlite3_errstr(rc));
  }
  pParse->rc = rc;
}

/*
** Read a function from the table that it stands in.  Return NULL if there is no
** such function, or after an error.
*/
static StoredDef *storedRead(
  Parse *pParse,
  int iDb,
  Table *pTab,
  const char *zName
){
  sqlite3 *db = pParse->db;
  StoredFunction *pFunction = 0;
  StoredDef *pDef = 0;
  StoredQuery query;
  sqlite3_stmt *pStmt;
  char *zErr = 0;
  int rc;

  storedQueryBegin(&query, db, iDb);
  rc = functionRow(db, iDb, zName, &pStmt);
  if( rc!=SQLITE_OK ){
    storedError(pParse, iDb, rc);
  }else if( pStmt ){
    rc = storedFromRow(db, pStmt, &pFunction, &zErr);
    if( rc!=SQLITE_OK ){
      sqlite3ErrorMsg(pParse, "cannot use the function %s of %s: %s", zName,
                      db->aDb[iDb].zDbSName, zErr ? zErr : sqlite3_errstr(rc));
      pParse->rc = rc;
      sqlite3_free(zErr);
    }
  }
  sqlite3_finalize(pStmt);
  storedQueryEnd(&query);

  if( pFunction ) pDef = storedDef(db, zName, pFunction);
  if( pDef ){
    if( sqlite3BtreeSharable(db->aDb[iDb].pBt) ){
      pDef->bUnsure = 1;
    }else if( storedDb(db, pDef)<0 ){
      storedForget(db, pTab);
      pDef->pTab = pTab;
      pDef->iCookie = db->aDb[iDb].pSchema->schema_cookie;
    }
  }
  return pDef;
}

/*
** The function of one database, or NULL.
*/
static StoredDef *storedFind(Parse *pParse, int iDb, const char *zName){
  sqlite3 *db = pParse->db;
  Table *pTab = functionTable(db, iDb);
  StoredDef *p;
  if( pTab==0 ) return 0;
  for(p=storedFirst(db); p; p=storedNext(p)){
    if( p->def.pUserData && storedIsNamed(p, zName)
     && storedIsCurrent(db, iDb, pTab, p)
    ){
      return p;
    }
  }
  return storedRead(pParse, iDb, pTab, zName);
}

/*
** Let go of modules that no database holds any longer.  The statements that have
** called them must be prepared again before they run; only one that is running
** still needs the module.
*/
static void storedRetire(sqlite3 *db, const char *zName){
  StoredDef *p;
  for(p=storedFirst(db); p; p=storedNext(p)){
    if( p->def.pUserData==0 || p->bUnsure || !storedIsNamed(p, zName)
     || storedDb(db, p)>=0
    ){
      continue;
    }
    p->pTab = 0;
    p->def.funcFlags |= SQLITE_FUNC_INTERNAL;  /* PRAGMA function_list */
    if( db->nVdbeActive==0 ){
      storedEmpty(p);
    }
  }
}

/*
** Whoever registers a function has to know of statements that call one of the same
** name and number of arguments.
*/
static FuncDef *storedMet(sqlite3 *db, const char *zName, int nArg){
  StoredDef *p;
  for(p=storedFirst(db); p; p=storedNext(p)){
    if( p->def.pUserData && p->def.nArg==nArg && storedIsNamed(p, zName) ){
      return &p->def;
    }
  }
  return 0;
}

/*
** True if SQLite has such a function, though the application may have taken it away.
*/
static int storedIsBuiltin(const char *zName, int nArg){
  FuncDef *p = sqlite3FunctionSearch(
      SQLITE_FUNC_HASH(sqlite3UpperToLower[(u8)zName[0]], sqlite3Strlen30(zName)),
      zName);
  while( p && matchQuality(p, nArg, SQLITE_UTF8)==0 ) p = p->pNext;
  return p!=0;
}

/*
** What is found after an error, so that nobody puts "no such function" in the place
** of the message.
*/
static void storedNoFunc(sqlite3_context *p, int nArg, sqlite3_value **apArg){
  UNUSED_PARAMETER2(nArg, apArg);
  sqlite3_result_error_code(p, SQLITE_ERROR);
}
static FuncDef storedNone = {
  -1, SQLITE_FUNC_BUILTIN|SQLITE_UTF8|SQLITE_FUNC_CONSTANT,
  0, 0, storedNoFunc, 0, 0, 0, "", {0}
};

/*
** The end of sqlite3FindFunction(): neither SQLite nor the application has such a
** function.
**
** Functions that are deterministic can be in an index, which takes it for granted
** that they stay the same.  So it is an error if two databases mean two things
** by the name of one.
*/
SQLITE_PRIVATE FuncDef *seawallFindFunction(
  sqlite3 *db,
  const char *zName,
  int nArg
){
  Parse *pParse = db->pParse;
  StoredDef *pBest = 0;
  int iBest = 0;
  u32 mAsked = 0;             /* The databases up to iBest */
  int nErr, k;
  if( pParse==0 ) return storedMet(db, zName, nArg);
  if( db->init.busy || storedIsBuiltin(zName, nArg) ) return 0;
  nErr = pParse->nErr;
  if( sqlite3ReadSchema(pParse) ) return &storedNone;
  for(k=0; k<db->nDb; k++){
    int iDb = k<2 ? 1-k : k;
    StoredDef *p = storedFind(pParse, iDb, zName);
    if( pParse->nErr>nErr || db->mallocFailed ) return &storedNone;
    if( pBest==0 && iDb<32 ) mAsked |= MASKBIT32(iDb);
    if( p==0 || (nArg!=-2 && p->def.nArg!=nArg) || p==pBest ) continue;
    if( pBest==0 ){
      pBest = p;
      iBest = iDb;
    }else if( nArg!=-2 && ((p->def.funcFlags | pBest->def.funcFlags)
                           & SQLITE_FUNC_CONSTANT)!=0
    ){
      sqlite3ErrorMsg(pParse, "function %s is not the same in %s and %s, and"
          " deterministic in one of them: drop it there, or detach one", zName,
          db->aDb[iBest].zDbSName, db->aDb[iDb].zDbSName);
      return &storedNone;
    }
  }
  storedRetire(db, zName);
  if( pBest==0 ){
    /* Maybe somebody has created it since the schema was read. */
    pParse->checkSchema = 1;
    return 0;
  }
  /* Another function is meant once one of those that were asked has it.  A change
  ** of temp expires all statements. */
  for(k=0; k<db->nDb; k++){
    if( k==iBest || (k!=1 && k<32 && (mAsked & MASKBIT32(k))!=0) ){
      sqlite3CodeVerifySchema(pParse, k);
    }
  }
  return &pBest->def;
}
