/*
** A runtime for functions that knows nothing of WebAssembly, for programs that are
** linked without the Rust part: see no_backends.c.
**
** The body of such a function is "NARG FLAGS VALUE": the number of its arguments,
** what it is declared to be, and an integer that it returns.
*/
#include <stdio.h>
#include <string.h>
#include "libsql.h"

typedef sqlite3_int64 i64;
#include "wasm_runtime.h"

struct SeawallWasm {
  SeawallWasmInfo info;
  i64 iValue;
  char zName[1];
};

static int fakeCompile(
  const char *zName,
  const void *pBody,
  i64 nBody,
  i64 nStack,
  SeawallWasm **pp,
  SeawallWasmInfo *pInfo,
  char **pzErr
){
  SeawallWasm *p;
  char zBody[100];
  (void)nStack;
  sqlite3_snprintf(sizeof(zBody), zBody, "%.*s", (int)nBody, (const char*)pBody);
  p = sqlite3_malloc64(sizeof(*p) + (zName ? strlen(zName) : 0));
  if( p==0 ) return SQLITE_NOMEM;
  strcpy(p->zName, zName ? zName : "");
  if( sscanf(zBody, "%d %d %lld", &p->info.nArg, &p->info.mFlags, &p->iValue)<3 ){
    sqlite3_free(p);
    *pzErr = sqlite3_mprintf("malformed");
    return SQLITE_ERROR;
  }
  if( zName==0 ){
    sqlite3_free(p);
    return SQLITE_OK;
  }
  *pInfo = p->info;
  *pp = p;
  return SQLITE_OK;
}
static int fakeDeclare(
  const void *pBody,
  i64 nBody,
  int mFlags,
  void **ppOut,
  i64 *pnOut,
  char **pzErr
){
  char *z;
  (void)pzErr;
  if( mFlags==0 ) return SQLITE_OK;
  z = sqlite3_mprintf("%.*s", (int)nBody, (const char*)pBody);
  if( z==0 ) return SQLITE_NOMEM;
  z[2] = (char)('0' + mFlags);
  *ppOut = z;
  *pnOut = nBody;
  return SQLITE_OK;
}
static int fakeSame(const SeawallWasm *a, const SeawallWasm *b){
  return a->iValue==b->iValue && a->info.nArg==b->info.nArg
      && a->info.mFlags==b->info.mFlags && strcmp(a->zName, b->zName)==0;
}
static void fakeCall(SeawallWasm *p, const SeawallWasmCall *pCall){
  int rc = pCall->xPoll(pCall->pCtx);
  if( rc!=SQLITE_OK ){
    sqlite3_result_error_code(pCall->pCtx, rc);
  }else{
    pCall->pApi->libsql_result_int(pCall->pCtx, (int)p->iValue);
  }
}
static void fakeFree(SeawallWasm *p){
  sqlite3_free(p);
}

static const SeawallWasmRuntime fakeRuntime = {
  fakeCompile, fakeDeclare, fakeSame, fakeCall, fakeFree
};
extern const void *const fakeWasm;
const void *const fakeWasm = &fakeRuntime;
