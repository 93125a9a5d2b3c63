/*
** -memtrace: every allocation that SQLite makes, on stderr.
*/
#include "shell.h"

static sqlite3_mem_methods real;    /* What does the work */

static void *traceMalloc(int n){
  fprintf(stderr, "MEMTRACE: allocate %d bytes\n", real.xRoundup(n));
  return real.xMalloc(n);
}
static void traceFree(void *p){
  if( p==0 ) return;
  fprintf(stderr, "MEMTRACE: free %d bytes\n", real.xSize(p));
  real.xFree(p);
}
static void *traceRealloc(void *p, int n){
  if( p==0 ) return traceMalloc(n);
  if( n==0 ){
    traceFree(p);
    return 0;
  }
  fprintf(stderr, "MEMTRACE: resize %d -> %d bytes\n", real.xSize(p),
          real.xRoundup(n));
  return real.xRealloc(p, n);
}

/*
** Trace from now on.  SQLite must not be initialized yet.
*/
void memtraceInstall(void){
  sqlite3_mem_methods traced;
  sqlite3_config(SQLITE_CONFIG_GETMALLOC, &real);
  traced = real;
  traced.xMalloc = traceMalloc;
  traced.xFree = traceFree;
  traced.xRealloc = traceRealloc;
  sqlite3_config(SQLITE_CONFIG_MALLOC, &traced);
}
