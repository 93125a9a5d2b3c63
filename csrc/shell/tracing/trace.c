/*
** ".trace": every statement that begins, and more on request.
*/
#include <string.h>
#include "shell.h"

/*
** How the text of a statement is shown.
*/
#define TRACE_PLAIN       0
#define TRACE_EXPANDED    1
#define TRACE_NORMALIZED  2

/*
** The trace callback.
*/
static int onTrace(unsigned mEvent, void *pArg, void *pStmt, void *pX){
  Shell *p = (Shell*)pArg;
  const char *zSql = 0;
  char *zExpanded = 0;
  size_t n;
  if( p->pTrace==0 || p->bAsking ) return 0;
  if( mEvent==SQLITE_TRACE_CLOSE ){
    fputs("-- closing database connection\n", p->pTrace);
    return 0;
  }
  if( mEvent==SQLITE_TRACE_STMT && strncmp((const char*)pX, "--", 2)==0 ){
    zSql = (const char*)pX;             /* A trigger: a comment says which */
  }else if( p->eTrace==TRACE_EXPANDED ){
    zSql = zExpanded = sqlite3_expanded_sql((sqlite3_stmt*)pStmt);
#ifdef SQLITE_ENABLE_NORMALIZE
  }else if( p->eTrace==TRACE_NORMALIZED ){
    zSql = sqlite3_normalized_sql((sqlite3_stmt*)pStmt);
#endif
  }
  if( zSql==0 ) zSql = sqlite3_sql((sqlite3_stmt*)pStmt);
  if( zSql==0 ) return 0;
  n = strlen(zSql);
  while( n>0 && zSql[n-1]==';' ) n--;
  if( mEvent==SQLITE_TRACE_PROFILE ){
    fprintf(p->pTrace, "%.*s; -- %lld ns\n", (int)n, zSql, *(i64*)pX);
  }else{
    fprintf(p->pTrace, "%.*s;\n", (int)n, zSql);
  }
  sqlite3_free(zExpanded);
  return 0;
}

/*
** Trace the connection that has just been opened, if that is wanted.
*/
void traceInstall(Shell *p){
  if( p->pTrace ) sqlite3_trace_v2(p->db, p->mTrace, onTrace, p);
}

/*
** An option.  Return false if z is none.
*/
static int traceOption(Shell *p, const char *z){
  if( shOption(z, "expanded") ){
    p->eTrace = TRACE_EXPANDED;
  }else if( shOption(z, "plain") ){
    p->eTrace = TRACE_PLAIN;
#ifdef SQLITE_ENABLE_NORMALIZE
  }else if( shOption(z, "normalized") ){
    p->eTrace = TRACE_NORMALIZED;
#endif
  }else if( shOption(z, "stmt") ){
    p->mTrace |= SQLITE_TRACE_STMT;
  }else if( shOption(z, "profile") ){
    p->mTrace |= SQLITE_TRACE_PROFILE;
  }else if( shOption(z, "row") ){
    p->mTrace |= SQLITE_TRACE_ROW;
  }else if( shOption(z, "close") ){
    p->mTrace |= SQLITE_TRACE_CLOSE;
  }else{
    return 0;
  }
  return 1;
}

/*
** .trace ?OPTIONS? ?FILE|off?
*/
int dotTrace(Shell *p){
  const char *zFile = 0;
  int i;
  databaseOpen(p, OPEN_OR_EXIT);
  p->mTrace = 0;
  for(i=1; i<p->dot.nArg; i++){
    const char *z = p->dot.azArg[i];
    if( z[0]!='-' ){
      zFile = z;
    }else if( !traceOption(p, z) ){
      fprintf(stderr, "Unknown option \"%s\" on \".trace\"\n", z);
      return DOT_ERROR;
    }
  }
  if( p->mTrace==0 ) p->mTrace = SQLITE_TRACE_STMT;
  if( zFile ){
    outputClose(p, p->pTrace, ".trace");
    p->pTrace = outputOpen(p, zFile);
  }
  if( p->pTrace ){
    traceInstall(p);
    return DOT_OK;
  }
  sqlite3_trace_v2(p->db, 0, 0, 0);
  return zFile && strcmp(zFile, "off")!=0 ? DOT_ERROR : DOT_OK;
}
