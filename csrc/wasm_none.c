/*
** A library without a runtime for WebAssembly.
*/
#define WASM_NONE "functions in WebAssembly are not compiled in: they need a Seawall" \
    " with the cargo feature \"wasm\""

SQLITE_PRIVATE void seawallFunctionStatement(Parse *pParse, SrcList *pName){
  sqlite3ErrorMsg(pParse, WASM_NONE);
  sqlite3SrcListDelete(pParse->db, pName);
}

SQLITE_API sqlite3_int64 seawall_wasm_limit(
  sqlite3 *db,
  int id,
  sqlite3_int64 iNew
){
  (void)db;
  (void)id;
  (void)iNew;
  return -1;
}

SQLITE_API libsql_wasm_engine_t *libsql_wasm_engine_new(void){
  return 0;
}

SQLITE_API void libsql_wasm_engine_free(libsql_wasm_engine_t *pEngine){
  (void)pEngine;
}

SQLITE_API libsql_wasm_module_t *libsql_compile_wasm_module(
  libsql_wasm_engine_t *pEngine,
  const char *pSrc,
  int nBody,
  void *(*alloc_err_buf)(sqlite3_uint64),
  char **err_msg_buf
){
  (void)pEngine;
  (void)pSrc;
  (void)nBody;
  if( err_msg_buf && alloc_err_buf ){
    *err_msg_buf = (char*)alloc_err_buf(sizeof(WASM_NONE));
    if( *err_msg_buf ) memcpy(*err_msg_buf, WASM_NONE, sizeof(WASM_NONE));
  }
  return 0;
}

SQLITE_API void libsql_free_wasm_module(void *ppModule){
  (void)ppModule;
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
  (void)pEngine;
  (void)pModule;
  (void)zName;
  (void)nArg;
  (void)apArg;
  pApi->libsql_result_error(pCtx, WASM_NONE, -1);
}
