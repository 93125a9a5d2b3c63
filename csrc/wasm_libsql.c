/*
** What libSQL's core wants of its runtime for WebAssembly, for who calls it without
** CREATE FUNCTION.
*/

/*
** There is one engine for all.
*/
struct libsql_wasm_engine_t {
  int unused;
};

/*
** A function of a module that has been called.
*/
typedef struct ModuleFunction ModuleFunction;
struct ModuleFunction {
  SeawallWasm *pWasm;
  int nArg;
  ModuleFunction *pNext;
  char zName[1];
};

/*
** A module, that is known to be valid.
*/
struct libsql_wasm_module_t {
  ModuleFunction *pFirst;
  int nBody;
  char aBody[1];
};

SQLITE_API libsql_wasm_engine_t *libsql_wasm_engine_new(void){
  return (libsql_wasm_engine_t*)sqlite3MallocZero(sizeof(libsql_wasm_engine_t));
}

SQLITE_API void libsql_wasm_engine_free(libsql_wasm_engine_t *pEngine){
  sqlite3_free(pEngine);
}

SQLITE_API libsql_wasm_module_t *libsql_compile_wasm_module(
  libsql_wasm_engine_t *pEngine,
  const char *pSrc,
  int nBody,
  void *(*alloc_err_buf)(sqlite3_uint64),
  char **err_msg_buf
){
  libsql_wasm_module_t *p = 0;
  char *zErr = 0;
  int rc = SQLITE_MISUSE;
  (void)pEngine;
  if( pSrc && nBody>=0 ){
    rc = storedCompile(0, pSrc, nBody, 0, 0, 0, &zErr);
  }
  if( rc==SQLITE_OK ){
    p = (libsql_wasm_module_t*)sqlite3_malloc64(sizeof(*p) + (u64)nBody);
    if( p==0 ) rc = SQLITE_NOMEM_BKPT;
  }
  if( p ){
    p->pFirst = 0;
    p->nBody = nBody;
    memcpy(p->aBody, pSrc, nBody);
  }else if( err_msg_buf && alloc_err_buf ){
    const char *zReason = zErr ? zErr : sqlite3_errstr(rc);
    u64 nErr = 32 + strlen(zReason);
    char *zOut = (char*)alloc_err_buf(nErr);
    if( zOut ){
      sqlite3_snprintf((int)nErr, zOut, "Failed to compile module: %s", zReason);
    }
    *err_msg_buf = zOut;
  }
  sqlite3_free(zErr);
  return p;
}

SQLITE_API void libsql_free_wasm_module(void *ppModule){
  libsql_wasm_module_t **pp = (libsql_wasm_module_t**)ppModule;
  ModuleFunction *p;
  if( pp==0 || *pp==0 ) return;
  while( (p = (*pp)->pFirst)!=0 ){
    (*pp)->pFirst = p->pNext;
    seawall_wasm_runtime()->xFree(p->pWasm);
    sqlite3_free(p);
  }
  sqlite3_free(*pp);
  *pp = 0;
}

/*
** The function of a module.  *pzErr is for sqlite3_free().
*/
static int moduleFunction(
  libsql_wasm_module_t *pModule,
  const char *zName,
  i64 nStack,
  ModuleFunction **pp,
  char **pzErr
){
  SeawallWasmInfo info;
  ModuleFunction *p;
  int rc;
  for(p=pModule->pFirst; p && strcmp(p->zName, zName); p=p->pNext){}
  if( p==0 ){
    p = (ModuleFunction*)sqlite3_malloc64(sizeof(*p) + strlen(zName));
    if( p==0 ) return SQLITE_NOMEM_BKPT;
    rc = storedCompile(zName, pModule->aBody, pModule->nBody, nStack, &p->pWasm,
                       &info, pzErr);
    if( rc!=SQLITE_OK ){
      sqlite3_free(p);
      return rc;
    }
    strcpy(p->zName, zName);
    p->nArg = info.nArg;
    p->pNext = pModule->pFirst;
    pModule->pFirst = p;
  }
  *pp = p;
  return SQLITE_OK;
}

SQLITE_API void libsql_run_wasm(
  libsql_wasm_udf_api *pApi,
  sqlite3_context *pCtx,
  libsql_wasm_engine_t *pEngine,
  libsql_wasm_module_t *pModule,
  const char *zName,
  int nArg,
  sqlite3_value **apArg
){
  WasmLimits *pLimits = wasmLimits(sqlite3_context_db_handle(pCtx));
  ModuleFunction *p = 0;
  char *zErr = 0;
  int rc = SQLITE_MISUSE;
  (void)pEngine;
  if( pLimits==0 ){
    rc = SQLITE_NOMEM_BKPT;
  }else if( pModule && zName ){
    rc = moduleFunction(pModule, zName, pLimits->aLimit[SEAWALL_WASM_STACK], &p,
                        &zErr);
  }
  if( rc==SQLITE_OK && p->nArg!=nArg ){
    zErr = sqlite3_mprintf("Calling function %s failed: it takes %d argument%s",
        zName, p->nArg, p->nArg==1 ? "" : "s");
    rc = SQLITE_ERROR;
  }
  if( rc==SQLITE_OK ){
    storedCall(p->pWasm, pApi, pLimits, pCtx, nArg, apArg);
  }else if( rc==SQLITE_NOMEM ){
    pApi->libsql_result_error_nomem(pCtx);
  }else{
    pApi->libsql_result_error(pCtx, zErr ? zErr : sqlite3_errstr(rc), -1);
  }
  sqlite3_free(zErr);
}
