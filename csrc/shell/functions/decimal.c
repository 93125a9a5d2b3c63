/*
** decimal(), decimal_exp(), decimal_cmp(), decimal_add(), decimal_sub(),
** decimal_mul(), decimal_pow2(), decimal_sum() and the collation "decimal":
** arithmetic on decimal numbers of any length.
*/
#include <math.h>
#include <string.h>
#include "shell.h"

/* The longest number there may be: 1e1000000000 is a short text. */
#define DIGITS_MAX  10000000

/* The largest exponent of decimal_pow2(). */
#define POW2_MAX    20000

/*
** A number: digits, most significant first, of which the last nFrac are
** behind the point.  nFrac<=nDigit.  Leading zeros are allowed.
*/
typedef struct Decimal Decimal;
struct Decimal {
  u8 bNegative;
  int nDigit;
  int nFrac;
  u8 *aDigit;            /* From sqlite3_malloc() */
};

static void decimalFree(Decimal *p){
  sqlite3_free(p->aDigit);
  memset(p, 0, sizeof(*p));
}

/*
** Put nLead zeros in front and nTrail behind.
*/
static int decimalPad(Decimal *p, i64 nLead, i64 nTrail){
  i64 n = p->nDigit + nLead + nTrail;
  u8 *a;
  if( n>DIGITS_MAX ) return SQLITE_TOOBIG;
  a = sqlite3_realloc64(p->aDigit, (sqlite3_uint64)n + 1);
  if( a==0 ) return SQLITE_NOMEM;
  memmove(&a[nLead], a, (size_t)p->nDigit);
  memset(a, 0, (size_t)nLead);
  memset(&a[nLead+p->nDigit], 0, (size_t)nTrail);
  p->aDigit = a;
  p->nDigit = (int)n;
  return SQLITE_OK;
}

/*
** How many zeros the number begins with.
*/
static int leadingZeros(const Decimal *p){
  int n = 0;
  while( n<p->nDigit && p->aDigit[n]==0 ) n++;
  return n;
}

/*
** Multiply by ten to the power of iExp.
*/
static int decimalShift(Decimal *p, i64 iExp){
  i64 nFrac = p->nFrac - iExp;
  i64 nLead = nFrac>=p->nDigit ? nFrac - p->nDigit + 1 : 0;
  i64 nTrail = nFrac<0 ? -nFrac : 0;
  int rc = iExp ? decimalPad(p, nLead, nTrail) : SQLITE_OK;
  if( rc==SQLITE_OK ) p->nFrac = (int)(nFrac<0 ? 0 : nFrac);
  return rc;
}

/*
** Read an exponent.
*/
static i64 readExponent(const char *z, int n){
  int bNegative = n>0 && z[0]=='-';
  i64 iExp = 0;
  int i;
  for(i=0; i<n && iExp<=DIGITS_MAX; i++){
    if( shIsDigit(z[i]) ) iExp = iExp*10 + z[i] - '0';
  }
  return bNegative ? -iExp : iExp;
}

/*
** Make p the number that the text z says.  What is neither a sign, a digit, a
** point nor an exponent is passed over.  p must be freed even after an error.
*/
static int decimalFromText(Decimal *p, const char *z, int n){
  i64 iExp = 0;
  int iPoint = -1;
  int i = 0;
  int rc;
  memset(p, 0, sizeof(*p));
  if( n>DIGITS_MAX ) return SQLITE_TOOBIG;
  p->aDigit = sqlite3_malloc(n+1);
  if( p->aDigit==0 ) return SQLITE_NOMEM;
  while( i<n && shIsSpace(z[i]) ) i++;
  if( i<n && (z[i]=='-' || z[i]=='+') ) p->bNegative = z[i++]=='-';
  while( i<n && z[i]=='0' ) i++;
  for(; i<n; i++){
    if( shIsDigit(z[i]) ){
      p->aDigit[p->nDigit++] = (u8)(z[i] - '0');
    }else if( z[i]=='.' ){
      iPoint = p->nDigit;
    }else if( z[i]=='e' || z[i]=='E' ){
      iExp = readExponent(&z[i+1], n-i-1);
      break;
    }
  }
  if( iPoint>=0 ) p->nFrac = p->nDigit - iPoint;
  rc = decimalShift(p, iExp);
  if( leadingZeros(p)==p->nDigit ) p->bNegative = 0;
  return rc;
}

/*
** -1, 0 or 1: how a compares to b.
*/
static int compareMagnitude(const Decimal *a, const Decimal *b){
  int iA = leadingZeros(a), iB = leadingZeros(b);
  int nA = a->nDigit, nB = b->nDigit;
  int n, rc;
  while( nA>iA && a->aDigit[nA-1]==0 ) nA--;
  while( nB>iB && b->aDigit[nB-1]==0 ) nB--;
  if( nA==iA || nB==iB ) return (nA>iA) - (nB>iB);
  rc = (a->nDigit - a->nFrac - iA) - (b->nDigit - b->nFrac - iB);
  n = nA-iA<nB-iB ? nA-iA : nB-iB;
  if( rc==0 ) rc = memcmp(&a->aDigit[iA], &b->aDigit[iB], (size_t)n);
  if( rc==0 ) rc = (nA-iA) - (nB-iB);
  return (rc>0) - (rc<0);
}
static int decimalCompare(const Decimal *a, const Decimal *b){
  if( a->bNegative!=b->bNegative ) return a->bNegative ? -1 : 1;
  return a->bNegative ? compareMagnitude(b, a) : compareMagnitude(a, b);
}

/*
** Add b to a.  Digits of b may be added, but not to its value.
*/
static int decimalAdd(Decimal *a, Decimal *b){
  Decimal *aPair[2];
  int nFrac = a->nFrac>b->nFrac ? a->nFrac : b->nFrac;
  int nInt = 0;
  int i, rc, bSubtract, iCarry = 0;
  const u8 *aLarge, *aSmall;
  aPair[0] = a;
  aPair[1] = b;
  for(i=0; i<2; i++){
    int n = aPair[i]->nDigit - aPair[i]->nFrac;
    if( n>0 && aPair[i]->aDigit[0]==0 ) n--;
    if( n>nInt ) nInt = n;
  }
  for(i=0; i<2; i++){
    Decimal *p = aPair[i];
    rc = decimalPad(p, nInt+1 - (p->nDigit-p->nFrac), nFrac - p->nFrac);
    if( rc ) return rc;
    p->nFrac = nFrac;
  }
  bSubtract = a->bNegative!=b->bNegative;
  aLarge = a->aDigit;
  aSmall = b->aDigit;
  if( bSubtract && memcmp(aLarge, aSmall, (size_t)a->nDigit)<0 ){
    aLarge = b->aDigit;
    aSmall = a->aDigit;
    a->bNegative = b->bNegative;
  }
  for(i=a->nDigit-1; i>=0; i--){
    int v = bSubtract ? aLarge[i] - aSmall[i] - iCarry
                      : aLarge[i] + aSmall[i] + iCarry;
    iCarry = v<0 || v>9;
    a->aDigit[i] = (u8)((v+10) % 10);
  }
  return SQLITE_OK;
}

/*
** Multiply a by b.  Zeros at the end go, down to the shorter of the two
** fractions.  This takes as many steps as there are pairs of digits, so that
** db can be interrupted.
*/
static int decimalMultiply(sqlite3 *db, Decimal *a, const Decimal *b){
  int nFracMin = a->nFrac<b->nFrac ? a->nFrac : b->nFrac;
  i64 n = (i64)a->nDigit + b->nDigit + 2;
  u8 *aOut;
  int i, j;
  if( n>DIGITS_MAX ) return SQLITE_TOOBIG;
  aOut = sqlite3_malloc64((sqlite3_uint64)n);
  if( aOut==0 ) return SQLITE_NOMEM;
  memset(aOut, 0, (size_t)n);
  for(i=a->nDigit-1; i>=0; i--){
    u8 *aTo = &aOut[i+2];
    int iCarry = 0;
    if( sqlite3_is_interrupted(db) ){
      sqlite3_free(aOut);
      return SQLITE_INTERRUPT;
    }
    for(j=b->nDigit; j>0; j--){
      int v = aTo[j] + a->aDigit[i]*b->aDigit[j-1] + iCarry;
      aTo[j] = (u8)(v % 10);
      iCarry = v/10;
    }
    aTo[0] = (u8)iCarry;
  }
  sqlite3_free(a->aDigit);
  a->aDigit = aOut;
  a->nDigit = (int)n;
  a->nFrac += b->nFrac;
  a->bNegative ^= b->bNegative;
  while( a->nFrac>nFracMin && a->aDigit[a->nDigit-1]==0 ){
    a->nFrac--;
    a->nDigit--;
  }
  return SQLITE_OK;
}

/*
** Make p two to the power of iExp.
*/
static int decimalPow2(sqlite3 *db, Decimal *p, int iExp){
  int n = iExp<0 ? -iExp : iExp;
  Decimal factor;
  int rc = decimalFromText(p, "1.0", 3);
  int rc2 = decimalFromText(&factor, iExp<0 ? "0.5" : "2.0", 3);
  if( rc==SQLITE_OK ) rc = rc2;
  while( rc==SQLITE_OK && n>0 ){
    if( n & 1 ) rc = decimalMultiply(db, p, &factor);
    n >>= 1;
    if( rc==SQLITE_OK && n>0 ) rc = decimalMultiply(db, &factor, &factor);
  }
  decimalFree(&factor);
  return rc;
}

/*
** Make p exactly r, which is finite: an integer times a power of two.
*/
static int decimalFromDouble(sqlite3 *db, Decimal *p, double r){
  char z[30];
  Decimal power;
  int iExp, rc, rc2;
  i64 m = (i64)ldexp(frexp(r, &iExp), 53);
  iExp -= 53;
  while( iExp<0 && m%2==0 ){
    m /= 2;
    iExp++;
  }
  sqlite3_snprintf(sizeof(z), z, "%lld", m);
  rc = decimalFromText(p, z, (int)strlen(z));
  rc2 = decimalPow2(db, &power, iExp);
  if( rc==SQLITE_OK ) rc = rc2;
  if( rc==SQLITE_OK ) rc = decimalMultiply(db, p, &power);
  decimalFree(&power);
  return rc;
}

/*
** Keep nKeep significant digits.
*/
static int decimalRound(Decimal *p, int nKeep){
  int nZero = leadingZeros(p);
  int i, j;
  if( nKeep<1 || nKeep>=p->nDigit-nZero ) return SQLITE_OK;
  i = nZero + nKeep;
  j = i-1;
  if( p->aDigit[i]>=5 ){
    while( j>=0 && p->aDigit[j]==9 ) p->aDigit[j--] = 0;
    if( j<0 ){
      int rc = decimalPad(p, 1, 0);
      if( rc ) return rc;
      i++;
      j = 0;
    }
    p->aDigit[j]++;
  }
  memset(&p->aDigit[i], 0, (size_t)(p->nDigit-i));
  return SQLITE_OK;
}

/*
** Make p the value of an argument.  With bText, a floating point value is
** what its text says, not what it is exactly, and so is a blob; otherwise a
** blob of 8 bytes is a floating point value.  Return true if there is a
** number; if not the result has been set.  p must be freed either way.
*/
static int decimalArgument(
  sqlite3_context *pCtx,
  sqlite3_value *pVal,
  int bText,
  Decimal *p
){
  sqlite3 *db = sqlite3_context_db_handle(pCtx);
  int eType = sqlite3_value_type(pVal);
  int rc;
  memset(p, 0, sizeof(*p));
  if( eType==SQLITE_NULL ) return 0;
  if( bText || eType==SQLITE_TEXT || eType==SQLITE_INTEGER ){
    const char *z = (const char*)sqlite3_value_text(pVal);
    rc = z ? decimalFromText(p, z, sqlite3_value_bytes(pVal)) : SQLITE_NOMEM;
  }else{
    double r = sqlite3_value_double(pVal);
    if( eType==SQLITE_BLOB ){
      const u8 *a = sqlite3_value_blob(pVal);
      sqlite3_uint64 u = 0;
      int i;
      if( sqlite3_value_bytes(pVal)!=8 ) return 0;
      for(i=0; i<8; i++) u = (u<<8) | a[i];
      memcpy(&r, &u, 8);
    }
    if( !isfinite(r) ) return 0;
    rc = decimalFromDouble(db, p, r);
  }
  if( rc ) sqlite3_result_error_code(pCtx, rc);
  return rc==SQLITE_OK;
}

/*
** Append digits as text.
*/
static void appendDigits(sqlite3_str *pOut, const u8 *aDigit, int n){
  int i;
  for(i=0; i<n; i++) sqlite3_str_appendchar(pOut, 1, (char)('0'+aDigit[i]));
}

/*
** Set the result: the number in full.
*/
static void resultPlain(sqlite3_context *pCtx, const Decimal *p){
  sqlite3_str *pOut = sqlite3_str_new(sqlite3_context_db_handle(pCtx));
  int nInt = p->nDigit - p->nFrac;
  int nZero = leadingZeros(p);
  if( nZero>nInt-1 ) nZero = nInt>0 ? nInt-1 : 0;
  if( p->bNegative ) sqlite3_str_appendchar(pOut, 1, '-');
  if( nInt==0 ) sqlite3_str_appendchar(pOut, 1, '0');
  appendDigits(pOut, &p->aDigit[nZero], nInt-nZero);
  if( p->nFrac ) sqlite3_str_appendchar(pOut, 1, '.');
  appendDigits(pOut, &p->aDigit[nInt], p->nFrac);
  sqlite3_result_str(pCtx, pOut, SQLITE_FINISH);
}

/*
** Set the result: one digit, a point, the other digits and an exponent.
** Trailing zeros are left out unless they are among the first nKeep digits.
*/
static void resultExponent(sqlite3_context *pCtx, const Decimal *p, int nKeep){
  sqlite3_str *pOut = sqlite3_str_new(sqlite3_context_db_handle(pCtx));
  static const u8 aZero[] = { 0 };
  const u8 *a = p->aDigit;
  int nEnd = p->nDigit;
  int nZero = leadingZeros(p);
  int n, iExp;
  while( nEnd>0 && nEnd>nKeep && a[nEnd-1]==0 ) nEnd--;
  n = nEnd - nZero;
  iExp = p->nDigit - nZero - p->nFrac - 1;
  a += nZero;
  if( n<=0 ){
    a = aZero;
    n = 1;
    iExp = 0;
  }
  sqlite3_str_appendf(pOut, "%c%d.", p->bNegative ? '-' : '+', a[0]);
  appendDigits(pOut, &a[1], n-1);
  if( n==1 ) sqlite3_str_appendchar(pOut, 1, '0');
  sqlite3_str_appendf(pOut, "e%+03d", iExp);
  sqlite3_result_str(pCtx, pOut, SQLITE_FINISH);
}

/*
** decimal(X ?, N?) and, with user data, decimal_exp(X ?, N?)
**
** X, with N significant digits if there is an N.
*/
static void decimalFunc(
  sqlite3_context *pCtx,
  int nArg,
  sqlite3_value **apArg
){
  Decimal d;
  int nKeep = nArg>1 ? sqlite3_value_int(apArg[1]) : 0;
  if( decimalArgument(pCtx, apArg[0], 0, &d) ){
    int rc = decimalRound(&d, nKeep);
    if( rc ){
      sqlite3_result_error_code(pCtx, rc);
    }else if( sqlite3_user_data(pCtx) ){
      resultExponent(pCtx, &d, nKeep);
    }else{
      resultPlain(pCtx, &d);
    }
  }
  decimalFree(&d);
}

/*
** Functions of two numbers: which of them is the user data.
*/
static const char aOperation[] = { '?', '+', '-', '*' };
static void binaryFunc(
  sqlite3_context *pCtx,
  int nArg,
  sqlite3_value **apArg
){
  const char cOp = *(const char*)sqlite3_user_data(pCtx);
  Decimal a, b;
  int rc = SQLITE_OK;
  (void)nArg;
  memset(&b, 0, sizeof(b));
  if( decimalArgument(pCtx, apArg[0], 1, &a)
   && decimalArgument(pCtx, apArg[1], 1, &b)
  ){
    if( cOp=='?' ){
      sqlite3_result_int(pCtx, decimalCompare(&a, &b));
    }else{
      if( cOp=='*' ){
        rc = decimalMultiply(sqlite3_context_db_handle(pCtx), &a, &b);
      }else{
        if( cOp=='-' ) b.bNegative = !b.bNegative;
        rc = decimalAdd(&a, &b);
      }
      if( rc ){
        sqlite3_result_error_code(pCtx, rc);
      }else{
        resultPlain(pCtx, &a);
      }
    }
  }
  decimalFree(&a);
  decimalFree(&b);
}

/*
** decimal_pow2(N): two to the power of the integer N.
*/
static void pow2Func(sqlite3_context *pCtx, int nArg, sqlite3_value **apArg){
  i64 iExp = sqlite3_value_int64(apArg[0]);
  Decimal d;
  int rc;
  (void)nArg;
  if( sqlite3_value_type(apArg[0])!=SQLITE_INTEGER ) return;
  if( iExp>POW2_MAX || iExp<-POW2_MAX ){
    sqlite3_result_error_toobig(pCtx);
    return;
  }
  rc = decimalPow2(sqlite3_context_db_handle(pCtx), &d, (int)iExp);
  if( rc ){
    sqlite3_result_error_code(pCtx, rc);
  }else{
    resultExponent(pCtx, &d, 0);
  }
  decimalFree(&d);
}

/*
** decimal_sum(X): an aggregate and window function.  The sum begins with the
** first row, even if its X is NULL.
*/
static void sumAdd(sqlite3_context *pCtx, sqlite3_value *pVal, int bRemove){
  Decimal *pSum = sqlite3_aggregate_context(pCtx, sizeof(*pSum));
  Decimal d;
  if( pSum==0 ){
    sqlite3_result_error_nomem(pCtx);
    return;
  }
  if( decimalArgument(pCtx, pVal, 1, &d) ){
    int rc;
    d.bNegative ^= (u8)bRemove;
    rc = decimalAdd(pSum, &d);
    if( rc ) sqlite3_result_error_code(pCtx, rc);
  }
  decimalFree(&d);
}
static void sumStep(sqlite3_context *pCtx, int nArg, sqlite3_value **apArg){
  (void)nArg;
  sumAdd(pCtx, apArg[0], 0);
}
static void sumInverse(sqlite3_context *pCtx, int nArg, sqlite3_value **apArg){
  (void)nArg;
  sumAdd(pCtx, apArg[0], 1);
}
static void sumValue(sqlite3_context *pCtx){
  Decimal *pSum = sqlite3_aggregate_context(pCtx, 0);
  if( pSum && pSum->aDigit==0 ){
    sqlite3_result_text(pCtx, "0", 1, SQLITE_STATIC);  /* Nothing but NULLs */
  }else if( pSum ){
    resultPlain(pCtx, pSum);
  }
}
static void sumFinal(sqlite3_context *pCtx){
  Decimal *pSum = sqlite3_aggregate_context(pCtx, 0);
  sumValue(pCtx);
  if( pSum ) decimalFree(pSum);
}

/*
** The collation "decimal": the order of the numbers.  What is no number for
** lack of memory is equal to everything.
*/
static int decimalCollation(
  void *pArg,
  int n1, const void *z1,
  int n2, const void *z2
){
  Decimal a, b;
  int rc = decimalFromText(&a, z1, n1);
  int rc2 = decimalFromText(&b, z2, n2);
  int iRes = rc || rc2 ? 0 : decimalCompare(&a, &b);
  (void)pArg;
  decimalFree(&a);
  decimalFree(&b);
  return iRes;
}

/*
** Give all of it to the connection that has just been opened.
*/
void decimalFunctions(Shell *p){
  static const struct {
    const char *zName;
    int nArg;
    const char *pOperation;
    void (*xFunc)(sqlite3_context*, int, sqlite3_value**);
  } aFunc[] = {
    { "decimal",      1, 0,              decimalFunc },
    { "decimal",      2, 0,              decimalFunc },
    { "decimal_exp",  1, &aOperation[0], decimalFunc },
    { "decimal_exp",  2, &aOperation[0], decimalFunc },
    { "decimal_cmp",  2, &aOperation[0], binaryFunc  },
    { "decimal_add",  2, &aOperation[1], binaryFunc  },
    { "decimal_sub",  2, &aOperation[2], binaryFunc  },
    { "decimal_mul",  2, &aOperation[3], binaryFunc  },
    { "decimal_pow2", 1, 0,              pow2Func    },
  };
  const int m = SQLITE_UTF8|SQLITE_DETERMINISTIC|SQLITE_INNOCUOUS;
  int i;
  for(i=0; i<ArraySize(aFunc); i++){
    sqlite3_create_function(p->db, aFunc[i].zName, aFunc[i].nArg, m,
                            (void*)aFunc[i].pOperation, aFunc[i].xFunc, 0, 0);
  }
  sqlite3_create_window_function(p->db, "decimal_sum", 1, m, 0, sumStep,
                                 sumFinal, sumValue, sumInverse, 0);
  sqlite3_create_collation(p->db, "decimal", SQLITE_UTF8, 0, decimalCollation);
}
