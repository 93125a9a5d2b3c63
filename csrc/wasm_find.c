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
** A function that was found becomes a FuncDef of the connection as if the
** application had registered it.  It never changes, and statements may keep
** pointers to it.  Which of those by one name is the one, if any, that is found
** out each time.
*/
typedef struct StoredDef StoredDef;
struct StoredDef {
  FuncDef def;                /* Must be first */
  Table *pTab;                /* Was read from this table... */
  int iCookie;                /* ...when its schema had this cookie.  See below */
  u8 bUnsure;                 /* Was found in a shared cache */
};

/*
** FuncDef.nArg of one that no database holds any longer.  No call has so many
** arguments.
*/
#define STORED_RETIRED 0x7fff

/*
** FuncDef.pUserData of a function.
*/
typedef struct StoredFunction StoredFunction;
struct StoredFunction {
  SeawallWasm *pWasm;
  WasmLimits *pLimits;
  SeawallWasmInfo info;
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

/*
** The xSFunc of every function that a database holds.
*/
SQLITE_PRIVATE void seawallCallStored(
  sqlite3_context *pCtx,
  int nArg,
  sqlite3_value **apArg
){
  StoredFunction *p = (StoredFunction*)sqlite3_user_data(pCtx);
  SeawallWasmCall call;
  if( NEVER(p==0) ){
    sqlite3_result_error_code(pCtx, SQLITE_SCHEMA);
    return;
  }
  if( (p->info.mFlags & SEAWALL_WASM_DETERMINISTIC)==0
   && sqlite3NotPureFunc(pCtx)==0
  ){
    return;
  }
  call.pCtx = pCtx;
  call.nArg = nArg;
  call.apArg = apArg;
  call.aLimit = p->pLimits->aLimit;
  call.xPoll = storedPoll;
  seawall_wasm_runtime()->xCall(p->pWasm, &call);
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
  const SeawallWasmRuntime *pRuntime = seawall_wasm_runtime();
  StoredFunction *p;
  int rc;
  *pp = 0;
  if( pRuntime==0 ){
    *pzErr = sqlite3_mprintf("the program has no runtime for WebAssembly");
    return SQLITE_ERROR;
  }
  p = (StoredFunction*)sqlite3MallocZero(sizeof(*p));
  if( p==0 ) return SQLITE_NOMEM_BKPT;
  p->pLimits = wasmLimits(db);
  if( p->pLimits==0 ){
    sqlite3_free(p);
    return SQLITE_NOMEM_BKPT;
  }
  p->pLimits->nRef++;
  rc = pRuntime->xCompile(zName, pBody, nBody,
                          p->pLimits->aLimit[SEAWALL_WASM_STACK],
                          &p->pWasm, &p->info, pzErr);
  if( rc!=SQLITE_OK ){
    storedFree(p);
    p = 0;
  }
  *pp = p;
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
** The first time that a table is read, forget whatever is said to be from a table
** at its address.
*/
static void storedForget(sqlite3 *db, Table *pTab){
  HashElem *pElem;
  if( pTab->tabFlags & TF_FunctionsRead ) return;
  for(pElem=sqliteHashFirst(&db->aFunc); pElem; pElem=sqliteHashNext(pElem)){
    FuncDef *p;
    for(p=(FuncDef*)sqliteHashData(pElem); p; p=p->pNext){
      if( p->xSFunc==seawallCallStored && ((StoredDef*)p)->pTab==pTab ){
        ((StoredDef*)p)->pTab = 0;
      }
    }
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
** The FuncDef for a function.  It is one that the connection has already, an empty
** one, or a new one.  pFunction belongs to it, or is freed.
*/
static StoredDef *storedDef(
  sqlite3 *db,
  const char *zName,
  StoredFunction *pFunction
){
  int nName = sqlite3Strlen30(zName);
  FuncDef *pEmpty = 0;
  FuncDef *p;
  StoredDef *pNew;
  for(p=(FuncDef*)sqlite3HashFind(&db->aFunc, zName); p; p=p->pNext){
    StoredFunction *pOther = (StoredFunction*)p->pUserData;
    if( p->xSFunc!=seawallCallStored ) continue;
    if( pOther==0 ){
      pEmpty = p;
    }else if( seawall_wasm_runtime()->xSame(pOther->pWasm, pFunction->pWasm) ){
      storedFree(pFunction);
      p->nArg = (i16)pOther->info.nArg;
      return (StoredDef*)p;
    }
  }
  if( pEmpty ){
    return storedFill(db, pEmpty, pFunction) ? 0 : (StoredDef*)pEmpty;
  }

  pNew = (StoredDef*)sqlite3DbMallocZero(db, sizeof(*pNew)+nName+1);
  if( pNew==0 ){
    storedFree(pFunction);
    return 0;
  }
  if( storedFill(db, &pNew->def, pFunction) ){
    sqlite3DbFree(db, pNew);
    return 0;
  }
  pNew->def.zName = (const char*)&pNew[1];
  memcpy(&pNew[1], zName, nName+1);
  p = (FuncDef*)sqlite3HashInsert(&db->aFunc, pNew->def.zName, pNew);
  if( p==&pNew->def ){
    sqlite3_free(pNew->def.u.pDestructor);
    storedFree(pFunction);
    sqlite3DbFree(db, pNew);
    sqlite3OomFault(db);
    return 0;
  }
  pNew->def.pNext = p;
  return pNew;
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
  sqlite3_stmt *pStmt;
  char *zErr = 0;
  Quiet quiet;
  int rc;

  /* The schema stays, whatever the nested statement finds: the one that is being
  ** prepared uses it. */
  db->nSchemaLock++;
  quietBegin(&quiet, db);
  rc = functionRow(db, iDb, zName, &pStmt);
  if( rc!=SQLITE_OK ){
    storedError(pParse, iDb, rc);
  }else if( pStmt ){
    const char *zStored = (const char*)sqlite3_column_text(pStmt, 0);
    const void *pBody = sqlite3_column_type(pStmt, 1)==SQLITE_BLOB
                          ? sqlite3_column_blob(pStmt, 1)
                          : (const void*)sqlite3_column_text(pStmt, 1);
    i64 nBody = sqlite3_column_bytes(pStmt, 1);
    rc = zStored==0 || db->mallocFailed ? SQLITE_NOMEM_BKPT
        : storedNew(db, zStored, pBody, nBody, &pFunction, &zErr);
    if( rc!=SQLITE_OK ){
      sqlite3ErrorMsg(pParse, "cannot use the function %s of %s: %s", zName,
                      db->aDb[iDb].zDbSName, zErr ? zErr : sqlite3_errstr(rc));
      pParse->rc = rc;
      sqlite3_free(zErr);
    }
  }
  sqlite3_finalize(pStmt);
  quietEnd(&quiet);
  db->nSchemaLock--;

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
  FuncDef *p;
  if( pTab==0 ) return 0;
  for(p=(FuncDef*)sqlite3HashFind(&db->aFunc, zName); p; p=p->pNext){
    if( p->xSFunc==seawallCallStored && p->pUserData
     && storedIsCurrent(db, iDb, pTab, (StoredDef*)p)
    ){
      return (StoredDef*)p;
    }
  }
  return storedRead(pParse, iDb, pTab, zName);
}

/*
** Retire functions that no database holds any longer.  The statements that have
** called them must be prepared again before they run; only one that is running
** still needs the module.
*/
static void storedRetire(sqlite3 *db, const char *zName){
  FuncDef *p;
  for(p=(FuncDef*)sqlite3HashFind(&db->aFunc, zName); p; p=p->pNext){
    StoredDef *pDef = (StoredDef*)p;
    if( p->xSFunc!=seawallCallStored || p->pUserData==0 || pDef->bUnsure
     || storedDb(db, pDef)>=0
    ){
      continue;
    }
    p->nArg = STORED_RETIRED;
    pDef->pTab = 0;
    if( db->nVdbeActive==0 ){
      storedFree(p->pUserData);
      sqlite3_free(p->u.pDestructor);
      p->u.pDestructor = 0;
      p->pUserData = 0;
    }
  }
}

/*
** A function of the application, or of SQLite, with any number of arguments.
*/
static FuncDef *storedOther(sqlite3 *db, const char *zName){
  FuncDef *p;
  for(p=(FuncDef*)sqlite3HashFind(&db->aFunc, zName); p; p=p->pNext){
    if( p->xSFunc && p->xSFunc!=seawallCallStored ) return p;
  }
  return sqlite3FunctionSearch(
      SQLITE_FUNC_HASH(sqlite3UpperToLower[(u8)zName[0]], sqlite3Strlen30(zName)),
      zName);
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
** function.  pFound is one that a database holds or has held, or NULL.
**
** Functions that are deterministic can be in an index, which takes it for granted
** that they stay the same.  So it is an error if two databases mean two things
** by the name of one.
*/
SQLITE_PRIVATE FuncDef *seawallFindFunction(
  sqlite3 *db,
  const char *zName,
  int nArg,
  FuncDef *pFound
){
  Parse *pParse = db->pParse;
  StoredDef *pBest = 0;
  int iBest = 0;
  int nErr, bRetired, k;
  if( pParse==0 ){
    return pFound && pFound->xSFunc && pFound->pUserData ? pFound : 0;
  }
  if( db->init.busy ) return 0;
  nErr = pParse->nErr;
  if( sqlite3ReadSchema(pParse) ) return &storedNone;
  for(k=0; k<db->nDb; k++){
    int iDb = k<2 ? 1-k : k;
    StoredDef *p = storedFind(pParse, iDb, zName);
    if( pParse->nErr>nErr || db->mallocFailed ) return &storedNone;
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
  bRetired = pFound!=0 && pFound->nArg==STORED_RETIRED;
  storedRetire(db, zName);
  if( pBest==0 && pFound && pFound->nArg==STORED_RETIRED && !bRetired ){
    /* It no longer hides a function that takes any number of arguments. */
    return sqlite3FindFunction(db, zName, nArg, ENC(db), 0);
  }
  if( pBest==0 ){
    /* Maybe somebody has created it since the schema was read. */
    pParse->checkSchema = 1;
    return nArg==-2 && pFound ? storedOther(db, zName) : 0;
  }
  sqlite3CodeVerifySchema(pParse, iBest);
  return &pBest->def;
}
