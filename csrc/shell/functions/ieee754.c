/*
** ieee754(): floating point values as what they are made of, a mantissa and a
** power of two.
*/
#include <math.h>
#include <string.h>
#include "shell.h"

/*
** The value is m times two to the power of e.  An integer has the exponent zero,
** if it fits the mantissa; of other values m is odd.
*/
static void split(double r, i64 *pm, int *pe){
  int e = 0;
  i64 m = 0;
  if( isinf(r) ){
    m = r>0 ? 1 : -1;
    e = 1024;
  }else if( r!=0.0 && !isnan(r) ){
    m = (i64)ldexp(frexp(r, &e), 53);
    e -= 53;
    while( e<0 && m%2==0 ){
      m /= 2;
      e++;
    }
  }
  *pm = m;
  *pe = e;
}

/*
** The double of an argument: a blob of eight bytes is one as it is stored.
*/
static int argument(sqlite3_value *pVal, double *pr){
  if( sqlite3_value_type(pVal)==SQLITE_BLOB && sqlite3_value_bytes(pVal)==8 ){
    const unsigned char *a = sqlite3_value_blob(pVal);
    sqlite3_uint64 u = 0;
    int i;
    for(i=0; i<8; i++) u = (u<<8) | a[i];
    memcpy(pr, &u, sizeof(*pr));
  }else{
    *pr = sqlite3_value_double(pVal);
  }
  return sqlite3_value_type(pVal)!=SQLITE_NULL;
}

/*
** ieee754(R): the text "ieee754(M,E)".  ieee754(M, E): that number.
** ieee754_mantissa(R), ieee754_exponent(R): one of the two.
*/
static void ieee754Func(
  sqlite3_context *pCtx,
  int nArg,
  sqlite3_value **apArg
){
  const char *zPart = (const char*)sqlite3_user_data(pCtx);
  i64 m;
  int e;
  double r;
  if( nArg==2 ){
    i64 iExp = sqlite3_value_int64(apArg[1]);
    if( iExp>10000 ) iExp = 10000;
    if( iExp<-10000 ) iExp = -10000;
    sqlite3_result_double(pCtx, ldexp((double)sqlite3_value_int64(apArg[0]),
                                      (int)iExp));
    return;
  }
  if( !argument(apArg[0], &r) ) return;
  split(r, &m, &e);
  if( zPart==0 ){
    char z[60];
    sqlite3_snprintf(sizeof(z), z, "ieee754(%lld,%d)", m, e);
    sqlite3_result_text(pCtx, z, -1, SQLITE_TRANSIENT);
  }else if( zPart[0]=='m' ){
    sqlite3_result_int64(pCtx, m);
  }else{
    sqlite3_result_int(pCtx, e);
  }
}

/*
** ieee754_to_blob(R) and ieee754_from_blob(B).
*/
static void toBlobFunc(
  sqlite3_context *pCtx,
  int nArg,
  sqlite3_value **apArg
){
  unsigned char a[8];
  sqlite3_uint64 u;
  double r;
  int i;
  (void)nArg;
  if( sqlite3_value_type(apArg[0])!=SQLITE_FLOAT
   && sqlite3_value_type(apArg[0])!=SQLITE_INTEGER ) return;
  r = sqlite3_value_double(apArg[0]);
  memcpy(&u, &r, sizeof(u));
  for(i=7; i>=0; i--){
    a[i] = (unsigned char)(u & 0xff);
    u >>= 8;
  }
  sqlite3_result_blob(pCtx, a, 8, SQLITE_TRANSIENT);
}
static void fromBlobFunc(
  sqlite3_context *pCtx,
  int nArg,
  sqlite3_value **apArg
){
  double r;
  (void)nArg;
  if( sqlite3_value_type(apArg[0])!=SQLITE_BLOB
   || sqlite3_value_bytes(apArg[0])!=8 ) return;
  argument(apArg[0], &r);
  sqlite3_result_double(pCtx, r);
}

/*
** Give the functions to the connection that has just been opened.
*/
void floatFunctions(Shell *p){
  static const struct {
    const char *zName;
    int nArg;
    const char *zPart;
    void (*xFunc)(sqlite3_context*, int, sqlite3_value**);
  } a[] = {
    { "ieee754",           1, 0,   ieee754Func  },
    { "ieee754",           2, 0,   ieee754Func  },
    { "ieee754_mantissa",  1, "m", ieee754Func  },
    { "ieee754_exponent",  1, "e", ieee754Func  },
    { "ieee754_to_blob",   1, 0,   toBlobFunc   },
    { "ieee754_from_blob", 1, 0,   fromBlobFunc },
  };
  int i;
  for(i=0; i<ArraySize(a); i++){
    sqlite3_create_function(p->db, a[i].zName, a[i].nArg,
        SQLITE_UTF8|SQLITE_DETERMINISTIC|SQLITE_INNOCUOUS, (void*)a[i].zPart,
        a[i].xFunc, 0, 0);
  }
}
