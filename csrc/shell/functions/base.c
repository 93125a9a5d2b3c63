/*
** base64() and base85(): blobs as text, and such text as blobs.
*/
#include <string.h>
#include "shell.h"

/*
** One way to write nIn bytes as nOut digits, most significant first.
*/
typedef struct Base Base;
struct Base {
  const char *zName;
  unsigned nDigit;            /* How many digits there are: 64 or 85 */
  int nIn, nOut;
  int nLine;                  /* Digits on a line */
  int (*xDigit)(unsigned);    /* The character of a digit */
  int (*xValue)(int);         /* The digit of a character, or -1 */
};

static int digit64(unsigned i){
  static const char z[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  return z[i];
}
static int value64(int c){
  if( c>='A' && c<='Z' ) return c - 'A';
  if( c>='a' && c<='z' ) return c - 'a' + 26;
  if( c>='0' && c<='9' ) return c - '0' + 52;
  return c=='+' ? 62 : c=='/' ? 63 : -1;
}

/* No quotes, and no parentheses: '#' to '&', then '*' to 'z'. */
static int digit85(unsigned i){
  return (int)i + (i<4 ? '#' : '*'-4);
}
static int value85(int c){
  if( c>='#' && c<='&' ) return c - '#';
  return c>='*' && c<='z' ? c - '*' + 4 : -1;
}

static const Base aBase[] = {
  { "base64", 64, 3, 4, 72, digit64, value64 },
  { "base85", 85, 4, 5, 80, digit85, value85 },
};

/*
** The text of a blob, lines that each end with a newline.  A rest of n bytes
** becomes n+1 digits, which base 64 fills up with "=".
*/
static void encode(
  sqlite3_context *pCtx,
  const Base *pBase,
  const unsigned char *a,
  i64 n
){
  i64 nText = (n/pBase->nIn + 1)*pBase->nOut;
  char *zOut = sqlite3_malloc64((sqlite3_uint64)(nText + nText/pBase->nLine + 2));
  i64 nOut = 0;
  int nCol = 0;
  if( zOut==0 ){
    sqlite3_result_error_nomem(pCtx);
    return;
  }
  while( n>0 ){
    int nByte = n<pBase->nIn ? (int)n : pBase->nIn;
    unsigned char aDigit[5];
    sqlite3_uint64 u = 0;
    int i;
    for(i=0; i<pBase->nIn; i++) u = (u<<8) | (i<nByte ? a[i] : 0u);
    if( nByte<pBase->nIn && pBase->nDigit==85 ) u >>= 8*(pBase->nIn-nByte);
    for(i=pBase->nOut-1; i>=0; i--){
      aDigit[i] = (unsigned char)(u % pBase->nDigit);
      u /= pBase->nDigit;
    }
    if( pBase->nDigit==64 ){
      for(i=0; i<4; i++) zOut[nOut++] = i<=nByte ? (char)digit64(aDigit[i]) : '=';
    }else{
      for(i=4-nByte; i<5; i++) zOut[nOut++] = (char)digit85(aDigit[i]);
    }
    nCol += pBase->nOut;
    a += nByte;
    n -= nByte;
    if( nCol>=pBase->nLine || n==0 ){
      zOut[nOut++] = '\n';
      nCol = 0;
    }
  }
  sqlite3_result_text64(pCtx, zOut, (sqlite3_uint64)nOut, sqlite3_free,
                        SQLITE_UTF8);
}

/*
** The bytes of a text.  What is no digit is passed over.
*/
static void decode(
  sqlite3_context *pCtx,
  const Base *pBase,
  const char *z,
  i64 n
){
  unsigned char *aOut = sqlite3_malloc64((sqlite3_uint64)n + 1);
  i64 nOut = 0, i = 0;
  if( aOut==0 ){
    sqlite3_result_error_nomem(pCtx);
    return;
  }
  while( i<n ){
    sqlite3_uint64 u = 0;
    int nGot = 0, nByte, j;
    while( i<n && nGot<pBase->nOut ){
      int v = pBase->xValue((unsigned char)z[i++]);
      if( v<0 ) continue;
      u = u*pBase->nDigit + (unsigned)v;
      nGot++;
    }
    nByte = nGot*pBase->nIn/pBase->nOut;
    if( pBase->nDigit==64 ){
      for(j=nGot; j<4; j++) u <<= 6;
      for(j=0; j<nByte; j++) aOut[nOut++] = (unsigned char)(u>>(16-8*j));
    }else{
      for(j=nByte-1; j>=0; j--) aOut[nOut++] = (unsigned char)(u>>(8*j));
    }
  }
  sqlite3_result_blob64(pCtx, aOut, (sqlite3_uint64)nOut, sqlite3_free);
}

static void baseFunc(
  sqlite3_context *pCtx,
  int nArg,
  sqlite3_value **apArg
){
  const Base *pBase = (const Base*)sqlite3_user_data(pCtx);
  (void)nArg;
  switch( sqlite3_value_type(apArg[0]) ){
    case SQLITE_NULL:
      break;
    case SQLITE_BLOB: {
      const unsigned char *a = sqlite3_value_blob(apArg[0]);
      encode(pCtx, pBase, a, sqlite3_value_bytes(apArg[0]));
      break;
    }
    case SQLITE_TEXT: {
      const char *z = (const char*)sqlite3_value_text(apArg[0]);
      decode(pCtx, pBase, z, sqlite3_value_bytes(apArg[0]));
      break;
    }
    default: {
      char *zErr = shPrintf("%s accepts only blob or text", pBase->zName);
      sqlite3_result_error(pCtx, zErr, -1);
      sqlite3_free(zErr);
      break;
    }
  }
}

/*
** Give the functions to the connection that has just been opened.
*/
void baseFunctions(Shell *p){
  int i;
  for(i=0; i<ArraySize(aBase); i++){
    sqlite3_create_function(p->db, aBase[i].zName, 1,
        SQLITE_UTF8|SQLITE_DETERMINISTIC|SQLITE_INNOCUOUS, (void*)&aBase[i],
        baseFunc, 0, 0);
  }
}
