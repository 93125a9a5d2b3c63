/*
** What CREATE FUNCTION and DROP FUNCTION do when they run: functions that
** wasm_statement.c codes calls of.
*/

/*
** A function that runs a statement.
*/
typedef struct FunctionRun FunctionRun;
struct FunctionRun {
  sqlite3_context *pCtx;
  sqlite3 *db;
  int iDb;
  const char *zDb, *zName;
};

static int functionRunInit(
  FunctionRun *p,
  sqlite3_context *pCtx,
  sqlite3_value **apArg
){
  p->pCtx = pCtx;
  p->db = sqlite3_context_db_handle(pCtx);
  p->zDb = (const char*)sqlite3_value_text(apArg[0]);
  p->zName = (const char*)sqlite3_value_text(apArg[1]);
  p->iDb = p->zDb ? sqlite3FindDbName(p->db, p->zDb) : -1;
  if( p->iDb>=0 && p->zName ) return SQLITE_OK;
  sqlite3_result_error_code(pCtx, p->db->mallocFailed ? SQLITE_NOMEM
                                                      : SQLITE_MISUSE);
  return SQLITE_ERROR;
}

/*
** The statement fails.  zMsg is freed.
*/
static void functionFail(FunctionRun *p, int rc, char *zMsg){
  if( zMsg && rc!=SQLITE_NOMEM ){
    sqlite3_result_error(p->pCtx, zMsg, -1);
    sqlite3_result_error_code(p->pCtx, rc);
  }else if( rc==SQLITE_NOMEM ){
    sqlite3_result_error_nomem(p->pCtx);
  }else{
    sqlite3_result_error_code(p->pCtx, rc);
  }
  sqlite3_free(zMsg);
}

/*
** Run a statement on the table of functions, with the name and maybe the body for
** its parameters.
*/
static int functionWrite(
  FunctionRun *p,
  const char *zFormat,
  const void *pBody,
  i64 nBody,
  int bText
){
  sqlite3_stmt *pStmt = 0;
  char *zSql = sqlite3_mprintf(zFormat, p->zDb);
  int rc = SQLITE_NOMEM;
  if( zSql ) rc = sqlite3_prepare_v2(p->db, zSql, -1, &pStmt, 0);
  sqlite3_free(zSql);
  if( rc==SQLITE_OK && sqlite3_bind_parameter_count(pStmt)>0 ){
    rc = sqlite3_bind_text(pStmt, 1, p->zName, -1, SQLITE_STATIC);
  }
  if( rc==SQLITE_OK && sqlite3_bind_parameter_count(pStmt)>1 ){
    rc = bText ? sqlite3_bind_text64(pStmt, 2, pBody, (u64)nBody, SQLITE_STATIC,
                                     SQLITE_UTF8)
               : sqlite3_bind_blob64(pStmt, 2, pBody, (u64)nBody, SQLITE_STATIC);
  }
  if( rc==SQLITE_OK ) rc = sqlite3_step(pStmt);
  sqlite3_finalize(pStmt);
  return rc==SQLITE_DONE ? SQLITE_OK : rc;
}

/*
** The schema has changed.  Statements that have called the function, or failed to,
** are to be prepared again, on this connection and on others.
*/
static int functionChanged(FunctionRun *p){
  sqlite3 *db = p->db;
  Db *pDb = &db->aDb[p->iDb];
  u32 iCookie = (u32)pDb->pSchema->schema_cookie + 1;
  int rc = sqlite3BtreeUpdateMeta(pDb->pBt, BTREE_SCHEMA_VERSION, iCookie);
  if( rc==SQLITE_OK ){
    pDb->pSchema->schema_cookie = (int)iCookie;
    db->mDbFlags |= DBFLAG_SchemaChange;
    if( p->iDb==1 ) sqlite3ExpirePreparedStatements(db, 1);
  }
  return rc;
}

/*
** Store a function that has been compiled.  If that fails half-way, the statement
** is rolled back, and what is known of the schema with it.
*/
static int functionStore(
  FunctionRun *p,
  const void *pBody,
  i64 nBody,
  int bText
){
  int bCreate = functionTable(p->db, p->iDb)==0;
  int rc = SQLITE_OK;
  if( bCreate ){
    rc = functionWrite(p, "CREATE TABLE \"%w\"." FUNCTION_TABLE
        " (name text PRIMARY KEY, body text) WITHOUT ROWID", 0, 0, 0);
  }
  if( rc==SQLITE_OK ){
    rc = functionWrite(p, "INSERT INTO \"%w\"." FUNCTION_TABLE
        "(name, body) VALUES(?1, ?2)", pBody, nBody, bText);
  }
  if( rc==SQLITE_OK ) rc = functionChanged(p);
  return rc;
}

/*
** The error of the last nested statement, for functionFail().
*/
static char *functionMessage(FunctionRun *p, int rc){
  return rc==sqlite3_errcode(p->db)
      ? sqlite3_mprintf("%s", sqlite3_errmsg(p->db)) : 0;
}

/*
** A function that is called by another name of the same number of arguments would
** never be found.
*/
static int functionIsTaken(FunctionRun *p, int nArg){
  FuncDef *pDef = sqlite3FindFunction(p->db, p->zName, nArg, SQLITE_UTF8, 0);
  return storedIsBuiltin(p->zName, nArg)
      || (pDef && pDef->xSFunc!=seawallCallStored);
}

/*
** Fail if the table of functions is not like the one that CREATE FUNCTION makes.  A
** write must not evaluate what a file holds: defaults, generated columns, indexes
** on expressions.
*/
static int functionIsOdd(FunctionRun *p){
  Table *pTab = functionTable(p->db, p->iDb);
  Index *pIdx = pTab ? pTab->pIndex : 0;
  if( pTab==0 ){
    if( sqlite3FindTable(p->db, FUNCTION_TABLE, p->zDb)==0 ) return 0;
  }else if( pTab->nCol==2 && pTab->pCheck==0
         && (pIdx==0 || (IsPrimaryKeyIndex(pIdx) && pIdx->pNext==0))
  ){
    return 0;
  }
  functionFail(p, SQLITE_ERROR, sqlite3_mprintf("%s." FUNCTION_TABLE " is not a"
      " table that CREATE FUNCTION has made: drop its indexes, or give it another"
      " name", p->zDb));
  return 1;
}

/*
** Fail if another database has a function that calls of this one, which has this
** body, would be taken for: see seawallFindFunction().
*/
static int functionConflicts(
  FunctionRun *p,
  const SeawallWasmInfo *pInfo,
  int mFlags,
  const void *pBody,
  i64 nBody
){
  int i, bConflict = 0;
  for(i=0; i<p->db->nDb && !bConflict; i++){
    StoredFunction *pOther = 0;
    StoredQuery query;
    sqlite3_stmt *pStmt = 0;
    char *zErr = 0;
    if( i==p->iDb || functionTable(p->db, i)==0 ) continue;
    storedQueryBegin(&query, p->db, i);
    if( functionRow(p->db, i, p->zName, &pStmt)==SQLITE_OK && pStmt ){
      i64 nOther;
      const void *pOtherBody;
      (void)storedFromRow(p->db, pStmt, &pOther, &zErr);
      pOtherBody = storedBody(pStmt, &nOther);
      bConflict = pOther && pOther->info.nArg==pInfo->nArg
          && ((pOther->info.mFlags | mFlags) & SEAWALL_WASM_DETERMINISTIC)!=0
          && (nOther!=nBody || memcmp(pOtherBody, pBody, (size_t)nBody)!=0);
    }
    sqlite3_finalize(pStmt);
    storedFree(pOther);
    sqlite3_free(zErr);
    storedQueryEnd(&query);
    if( bConflict ){
      functionFail(p, SQLITE_ERROR, sqlite3_mprintf("function %s of %s is another"
          " one, and one of the two is deterministic", p->zName,
          p->db->aDb[i].zDbSName));
    }
  }
  return bConflict;
}

/*
** seawall_create_function(DB, NAME, FLAGS, BODY)
*/
SQLITE_PRIVATE void seawallCreateFunctionFunc(
  sqlite3_context *pCtx,
  int nArg,
  sqlite3_value **apArg
){
  FunctionRun s;
  StoredFunction *pFunction = 0;
  int bText = sqlite3_value_type(apArg[3])!=SQLITE_BLOB;
  const void *pBody = bText ? (const void*)sqlite3_value_text(apArg[3])
                            : sqlite3_value_blob(apArg[3]);
  i64 nBody = sqlite3_value_bytes(apArg[3]);
  void *pOwn = 0;
  char *zErr = 0;
  int bExists = 0;
  int rc;
  Quiet quiet;
  UNUSED_PARAMETER(nArg);
  if( functionRunInit(&s, pCtx, apArg) ) return;
  rc = functionExists(s.db, s.iDb, s.zName, &bExists);
  if( rc!=SQLITE_OK ){
    functionFail(&s, rc, functionMessage(&s, rc));
    return;
  }
  if( bExists ){
    functionFail(&s, SQLITE_CONSTRAINT_PRIMARYKEY, sqlite3_mprintf(
        "UNIQUE constraint failed: " FUNCTION_TABLE ".name"));
    return;
  }

  if( functionIsOdd(&s) ) return;
  rc = storedNew(s.db, s.zName, pBody, nBody, &pFunction, &zErr);
  if( rc==SQLITE_OK && functionIsTaken(&s, pFunction->info.nArg) ){
    zErr = sqlite3_mprintf("SQLite or the application has a function of this name"
        " with %d argument%s", pFunction->info.nArg,
        pFunction->info.nArg==1 ? "" : "s");
    rc = SQLITE_ERROR;
  }
  if( rc==SQLITE_OK ){
    i64 nOwn = 0;
    rc = seawall_wasm_runtime()->xDeclare(pBody, nBody,
        sqlite3_value_int(apArg[2]), &pOwn, &nOwn, &zErr);
    if( rc==SQLITE_OK && pOwn ){
      pBody = pOwn;
      nBody = nOwn;
      bText = 0;
    }
  }
  if( rc==SQLITE_OK
   && functionConflicts(&s, &pFunction->info, sqlite3_value_int(apArg[2]), pBody,
                        nBody)
  ){
    sqlite3_free(pOwn);
    storedFree(pFunction);
    return;
  }
  storedFree(pFunction);
  if( rc!=SQLITE_OK ){
    functionFail(&s, rc, sqlite3_mprintf(
        "Registering Wasm function %s failed: %s", s.zName,
        zErr ? zErr : sqlite3_errstr(rc)));
    sqlite3_free(zErr);
    return;
  }

  quietBegin(&quiet, s.db, DBFLAG_SeawallSettle);
  rc = functionStore(&s, pBody, nBody, bText);
  if( rc!=SQLITE_OK ) zErr = functionMessage(&s, rc);
  quietEnd(&quiet);
  sqlite3_free(pOwn);
  if( rc!=SQLITE_OK ){
    sqlite3ExpirePreparedStatements(s.db, 0);
    sqlite3ResetAllSchemasOfConnection(s.db);
    functionFail(&s, rc, zErr);
  }
}

/*
** Look for calls of a function.
*/
typedef struct FunctionUse FunctionUse;
struct FunctionUse {
  Walker w;                   /* Must be first */
  const char *zName;
  int nArg;                   /* Number of arguments; -1 if that is not known */
};
static int functionUseExpr(Walker *pWalker, Expr *pExpr){
  FunctionUse *p = (FunctionUse*)pWalker;
  if( pExpr->op==TK_FUNCTION
   && sqlite3_stricmp(pExpr->u.zToken, p->zName)==0
   && ExprUseXList(pExpr)
   && (p->nArg<0 || p->nArg==(pExpr->x.pList ? pExpr->x.pList->nExpr : 0))
  ){
    return WRC_Abort;
  }
  return WRC_Continue;
}

/*
** The name of an index, or of a table, that a deterministic function has computed a
** part of.  NULL if there is none.
*/
static const char *functionUseTable(Walker *pWalker, Table *pTab){
  Index *pIdx;
  int i;
  if( !IsOrdinaryTable(pTab) ) return 0;
  if( sqlite3WalkExprList(pWalker, pTab->pCheck) ) return pTab->zName;
  for(i=0; i<pTab->nCol; i++){
    Column *pCol = &pTab->aCol[i];
    if( (pCol->colFlags & COLFLAG_GENERATED)!=0
     && sqlite3WalkExpr(pWalker, sqlite3ColumnExpr(pTab, pCol))
    ){
      return pTab->zName;
    }
  }
  for(pIdx=pTab->pIndex; pIdx; pIdx=pIdx->pNext){
    if( sqlite3WalkExprList(pWalker, pIdx->aColExpr)
     || sqlite3WalkExpr(pWalker, pIdx->pPartIdxWhere)
    ){
      return pIdx->zName;
    }
  }
  return 0;
}

/*
** Fail if something in a schema cannot do without the function.  The schema of
** another database that holds a function of the name does without.
*/
static int functionIsUsed(FunctionRun *p, int nArg){
  FunctionUse use;
  int i;
  memset(&use, 0, sizeof(use));
  use.w.xExprCallback = functionUseExpr;
  use.w.xSelectCallback = sqlite3SelectWalkNoop;
  use.zName = p->zName;
  use.nArg = nArg;
  for(i=0; i<p->db->nDb; i++){
    Db *pDb = &p->db->aDb[i];
    HashElem *pElem = pDb->pSchema ? sqliteHashFirst(&pDb->pSchema->tblHash) : 0;
    int bExists = 0;
    if( i!=p->iDb ) (void)functionExists(p->db, i, p->zName, &bExists);
    for(; pElem && !bExists; pElem=sqliteHashNext(pElem)){
      const char *z = functionUseTable(&use.w, (Table*)sqliteHashData(pElem));
      if( z ){
        functionFail(p, SQLITE_ERROR, sqlite3_mprintf(
            "cannot drop function %s: %s.%s uses it", p->zName, pDb->zDbSName,
            z));
        return 1;
      }
    }
  }
  return 0;
}

/*
** seawall_drop_function(DB, NAME, IF_EXISTS)
*/
SQLITE_PRIVATE void seawallDropFunctionFunc(
  sqlite3_context *pCtx,
  int nArg,
  sqlite3_value **apArg
){
  FunctionRun s;
  sqlite3_stmt *pStmt = 0;
  StoredFunction *pFunction = 0;
  char *zErr = 0;
  Quiet quiet;
  int rc;
  UNUSED_PARAMETER(nArg);
  if( functionRunInit(&s, pCtx, apArg) ) return;
  if( functionTable(s.db, s.iDb)==0 ){
    if( sqlite3_value_int(apArg[2])==0 ){
      functionFail(&s, SQLITE_ERROR,
                   sqlite3_mprintf("no such table: " FUNCTION_TABLE));
    }
    return;
  }

  quietBegin(&quiet, s.db, DBFLAG_SeawallSettle);
  rc = functionRow(s.db, s.iDb, s.zName, &pStmt);
  if( rc!=SQLITE_OK ){
    zErr = functionMessage(&s, rc);
  }else if( pStmt ){
    /* What does not compile may be dropped as well. */
    (void)storedFromRow(s.db, pStmt, &pFunction, &zErr);
    sqlite3_free(zErr);
    zErr = 0;
  }
  quietEnd(&quiet);
  if( rc!=SQLITE_OK ){
    functionFail(&s, rc, zErr);
  }else if( pStmt==0 ){
    if( sqlite3_value_int(apArg[2])==0 ){
      functionFail(&s, SQLITE_CONSTRAINT, sqlite3_mprintf(
          "Function %s was not registered", s.zName));
    }
  }else if( !functionIsOdd(&s)
         && !functionIsUsed(&s, pFunction ? pFunction->info.nArg : -1)
  ){
    quietBegin(&quiet, s.db, DBFLAG_SeawallSettle);
    sqlite3_finalize(pStmt);
    pStmt = 0;
    rc = functionWrite(&s, "DELETE FROM \"%w\"." FUNCTION_TABLE
                       " WHERE name=?1 COLLATE NOCASE", 0, 0, 0);
    if( rc==SQLITE_OK ) rc = functionChanged(&s);
    if( rc!=SQLITE_OK ) zErr = functionMessage(&s, rc);
    quietEnd(&quiet);
    if( rc!=SQLITE_OK ) functionFail(&s, rc, zErr);
  }
  storedFree(pFunction);
  sqlite3_finalize(pStmt);
}
