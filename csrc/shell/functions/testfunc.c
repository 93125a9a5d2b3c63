/*
** SQL functions that scripts which test SQLite make use of.
*/
#include <stdlib.h>
#include <string.h>
#include "shell.h"

/*
** strtod(X): the text X as a number, by the C library.
*/
static void strtodFunc(sqlite3_context *pCtx, int nArg, sqlite3_value **apArg){
  const char *z = (const char*)sqlite3_value_text(apArg[0]);
  (void)nArg;
  if( z ) sqlite3_result_double(pCtx, strtod(z, 0));
}

/*
** dtostr(X ?, N?): the number X as text with N digits behind the point, by
** the C library.
*/
#define DTOSTR_DIGITS      26
#define DTOSTR_DIGITS_MAX  350
static void dtostrFunc(sqlite3_context *pCtx, int nArg, sqlite3_value **apArg){
  int n = nArg>1 ? sqlite3_value_int(apArg[1]) : DTOSTR_DIGITS;
  char z[DTOSTR_DIGITS_MAX+50];
  if( n<1 ) n = 1;
  if( n>DTOSTR_DIGITS_MAX ) n = DTOSTR_DIGITS_MAX;
  snprintf(z, sizeof(z), "%#+.*e", n, sqlite3_value_double(apArg[0]));
  sqlite3_result_text(pCtx, z, -1, SQLITE_TRANSIENT);
}

/*
** strdup(X): a copy of a text or blob in just as many bytes of malloc() as it
** needs, so that a tool that watches the heap sees who reads beyond its end.
*/
static void strdupFunc(sqlite3_context *pCtx, int nArg, sqlite3_value **apArg){
  int bBlob = sqlite3_value_type(apArg[0])==SQLITE_BLOB;
  const void *p;
  size_t n;
  void *pCopy;
  (void)nArg;
  if( sqlite3_value_type(apArg[0])==SQLITE_NULL ) return;
  p = bBlob ? sqlite3_value_blob(apArg[0])
            : (const void*)sqlite3_value_text(apArg[0]);
  n = (size_t)sqlite3_value_bytes(apArg[0]);
  pCopy = malloc(n + (!bBlob || n==0));
  if( pCopy==0 || (p==0 && n>0) ){
    free(pCopy);
    sqlite3_result_error_nomem(pCtx);
    return;
  }
  if( n ) memcpy(pCopy, p, n);
  if( bBlob ){
    sqlite3_result_blob64(pCtx, pCopy, n, free);
  }else{
    ((char*)pCopy)[n] = 0;
    sqlite3_result_text64(pCtx, pCopy, n, free, SQLITE_UTF8_ZT);
  }
}

/*
** usleep(X): wait for X microseconds, and return X.
*/
static void usleepFunc(sqlite3_context *pCtx, int nArg, sqlite3_value **apArg){
  int n = sqlite3_value_int(apArg[0]);
  (void)nArg;
  sqlite3_sleep(n/1000);
  sqlite3_result_int(pCtx, n);
}

/*
** shell_putsnl(X): write X and a newline, and return X.
*/
static void putsnlFunc(sqlite3_context *pCtx, int nArg, sqlite3_value **apArg){
  Shell *p = (Shell*)sqlite3_user_data(pCtx);
  const char *z = (const char*)sqlite3_value_text(apArg[0]);
  (void)nArg;
  fprintf(p->out, "%s\n", z ? z : "");
  sqlite3_result_value(pCtx, apArg[0]);
}

/*
** stmtrand(?SEED?): an integer between 0 and 2147483647.  Every run of a
** statement gets the same sequence, which the SEED of its first call decides.
*/
#define RANDOM_KEY  (-0x72616e64)  /* Of the auxiliary data */
typedef struct Random Random;
struct Random {
  unsigned iShift;       /* Feedback shift register */
  unsigned iLinear;      /* Linear congruential generator */
};
static void stmtrandFunc(
  sqlite3_context *pCtx,
  int nArg,
  sqlite3_value **apArg
){
  Random *p = sqlite3_get_auxdata(pCtx, RANDOM_KEY);
  if( p==0 ){
    unsigned iSeed = nArg ? (unsigned)sqlite3_value_int(apArg[0]) : 0;
    p = sqlite3_malloc(sizeof(*p));
    if( p ){
      p->iShift = iSeed | 1;
      p->iLinear = iSeed;
      sqlite3_set_auxdata(pCtx, RANDOM_KEY, p, sqlite3_free);
      p = sqlite3_get_auxdata(pCtx, RANDOM_KEY);
    }
    if( p==0 ){
      sqlite3_result_error_nomem(pCtx);
      return;
    }
  }
  p->iShift = (p->iShift>>1) ^ (p->iShift & 1 ? 0xd0000001 : 0);
  p->iLinear = p->iLinear*1103515245 + 12345;
  sqlite3_result_int(pCtx, (int)((p->iShift ^ p->iLinear) & 0x7fffffff));
}

/*
** Give the functions to the connection that has just been opened.
*/
void testFunctions(Shell *p){
  static const struct {
    const char *zName;
    int nArg;
    void (*xFunc)(sqlite3_context*, int, sqlite3_value**);
  } aFunc[] = {
    { "strtod",       1, strtodFunc   },
    { "dtostr",       1, dtostrFunc   },
    { "dtostr",       2, dtostrFunc   },
    { "strdup",       1, strdupFunc   },
    { "usleep",       1, usleepFunc   },
    { "shell_putsnl", 1, putsnlFunc   },
    { "stmtrand",     0, stmtrandFunc },
    { "stmtrand",     1, stmtrandFunc },
  };
  int i;
  for(i=0; i<ArraySize(aFunc); i++){
    sqlite3_create_function(p->db, aFunc[i].zName, aFunc[i].nArg, SQLITE_UTF8,
                            p, aFunc[i].xFunc, 0, 0);
  }
}
