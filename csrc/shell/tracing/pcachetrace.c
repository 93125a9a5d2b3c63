/*
** -pcachetrace: every call of the page cache, on stderr.
*/
#include <stdarg.h>
#include "shell.h"

static sqlite3_pcache_methods2 real;    /* What does the work */

static void trace(const char *zFormat, ...){
  va_list ap;
  va_start(ap, zFormat);
  fputs("PCACHETRACE: ", stderr);
  vfprintf(stderr, zFormat, ap);
  va_end(ap);
}

static int traceInit(void *pArg){
  int rc;
  trace("xInit(%p)\n", pArg);
  rc = real.xInit(pArg);
  trace("xInit(%p) -> %d\n", pArg, rc);
  return rc;
}
static void traceShutdown(void *pArg){
  trace("xShutdown(%p)\n", pArg);
  real.xShutdown(pArg);
}
static sqlite3_pcache *traceCreate(int szPage, int szExtra, int bPurge){
  sqlite3_pcache *p;
  trace("xCreate(%d,%d,%d)\n", szPage, szExtra, bPurge);
  p = real.xCreate(szPage, szExtra, bPurge);
  trace("xCreate(%d,%d,%d) -> %p\n", szPage, szExtra, bPurge, (void*)p);
  return p;
}
static void traceCachesize(sqlite3_pcache *p, int n){
  trace("xCachesize(%p, %d)\n", (void*)p, n);
  real.xCachesize(p, n);
}
static int tracePagecount(sqlite3_pcache *p){
  int n;
  trace("xPagecount(%p)\n", (void*)p);
  n = real.xPagecount(p);
  trace("xPagecount(%p) -> %d\n", (void*)p, n);
  return n;
}
static sqlite3_pcache_page *traceFetch(
  sqlite3_pcache *p,
  unsigned iKey,
  int eCreate
){
  sqlite3_pcache_page *pPage;
  trace("xFetch(%p,%u,%d)\n", (void*)p, iKey, eCreate);
  pPage = real.xFetch(p, iKey, eCreate);
  trace("xFetch(%p,%u,%d) -> %p\n", (void*)p, iKey, eCreate, (void*)pPage);
  return pPage;
}
static void traceUnpin(sqlite3_pcache *p, sqlite3_pcache_page *pPage, int b){
  trace("xUnpin(%p, %p, %d)\n", (void*)p, (void*)pPage, b);
  real.xUnpin(p, pPage, b);
}
static void traceRekey(
  sqlite3_pcache *p,
  sqlite3_pcache_page *pPage,
  unsigned iOld,
  unsigned iNew
){
  trace("xRekey(%p, %p, %u, %u)\n", (void*)p, (void*)pPage, iOld, iNew);
  real.xRekey(p, pPage, iOld, iNew);
}
static void traceTruncate(sqlite3_pcache *p, unsigned n){
  trace("xTruncate(%p, %u)\n", (void*)p, n);
  real.xTruncate(p, n);
}
static void traceDestroy(sqlite3_pcache *p){
  trace("xDestroy(%p)\n", (void*)p);
  real.xDestroy(p);
}
static void traceShrink(sqlite3_pcache *p){
  trace("xShrink(%p)\n", (void*)p);
  real.xShrink(p);
}

/*
** Trace from now on.  SQLite must not be initialized yet.
*/
void pcachetraceInstall(void){
  sqlite3_pcache_methods2 traced = {
    .iVersion = 1, .xInit = traceInit, .xShutdown = traceShutdown,
    .xCreate = traceCreate, .xCachesize = traceCachesize,
    .xPagecount = tracePagecount, .xFetch = traceFetch, .xUnpin = traceUnpin,
    .xRekey = traceRekey, .xTruncate = traceTruncate,
    .xDestroy = traceDestroy, .xShrink = traceShrink,
  };
  sqlite3_config(SQLITE_CONFIG_GETPCACHE2, &real);
  traced.pArg = real.pArg;
  sqlite3_config(SQLITE_CONFIG_PCACHE2, &traced);
}
