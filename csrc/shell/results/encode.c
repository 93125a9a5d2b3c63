/*
** From a value to text: quoting, BLOBs, control characters, length limits.
*/
#include <math.h>
#include <string.h>
#include "render.h"

/*
** True if one of the n bytes at z is a control character, or is c1 or c2.
** Most values have none, so that this decides how fast results are shown: it
** is written so that a compiler looks at many bytes at once.
*/
static int hasSpecial(const char *z, size_t n, char c1, char c2){
  unsigned char b = 0;
  size_t i;
  for(i=0; i<n; i++){
    b |= ((unsigned char)z[i]<0x20) | (z[i]==c1) | (z[i]==c2);
  }
  return b;
}

/*
** Replace the control characters that iStart and following bytes of pStr
** hold, other than tab, newline and CR-newline.
*/
static void escapeControls(Render *p, sqlite3_str *pStr, int iStart){
  const char *z = sqlite3_str_value(pStr);
  char *zCopy;
  int i, nDone = 0;
  if( z==0 || sqlite3_str_errcode(pStr) ) return;
  z += iStart;
  for(i=0; z[i]; i++){
    if( (unsigned char)z[i]<0x20 && z[i]!='\t' && z[i]!='\n'
     && !(z[i]=='\r' && z[i+1]=='\n') ) break;
  }
  if( z[i]==0 ) return;
  zCopy = sqlite3_mprintf("%s", z);
  if( zCopy==0 ){
    renderNoMem(p);
    return;
  }
  sqlite3_str_truncate(pStr, iStart+i);
  for(nDone=i; zCopy[i]; i++){
    unsigned char c = (unsigned char)zCopy[i];
    if( c>=0x20 || c=='\t' || c=='\n' || (c=='\r' && zCopy[i+1]=='\n') ){
      continue;
    }
    sqlite3_str_append(pStr, &zCopy[nDone], i-nDone);
    if( p->spec.eEsc==ESC_SYMBOL ){
      sqlite3_str_append(pStr, "\xe2\x90", 2);
      sqlite3_str_appendchar(pStr, 1, (char)(0x80+c));
    }else{
      sqlite3_str_appendchar(pStr, 1, '^');
      sqlite3_str_appendchar(pStr, 1, (char)(0x40+c));
    }
    nDone = i+1;
  }
  sqlite3_str_append(pStr, &zCopy[nDone], i-nDone);
  sqlite3_free(zCopy);
}

/*
** Skip the digits at z.
*/
static const char *skipDigits(const char *z){
  while( z[0]>='0' && z[0]<='9' ) z++;
  return z;
}

/*
** True if z reads like a number, as a value or after a sign.
*/
static int looksNumeric(const char *z){
  const char *zDigits;
  if( z[0]=='-' || z[0]=='+' ) z++;
  if( strcmp(z, "Inf")==0 ) return 1;
  zDigits = z;
  z = skipDigits(z);
  if( z==zDigits ) return 0;
  if( z[0]=='.' ) z = skipDigits(z+1);
  if( z[0]=='e' || z[0]=='E' ){
    z++;
    if( z[0]=='-' || z[0]=='+' ) z++;
    if( z[0]<'0' || z[0]>'9' ) return 0;
    z = skipDigits(z);
  }
  return z[0]==0;
}

/*
** True if z cannot be mistaken for anything but text, so that it needs no
** quotes.
*/
static int isUnambiguous(const RenderSpec *pSpec, const char *z){
  static const char zBad[] = " \t\n\v\f\r'";
  size_t n = strlen(z);
  const char *zNull = pSpec->zNull ? pSpec->zNull : "";
  if( n==0 ) return zNull[0]!=0;
  if( strchr(zBad, z[0]) || strchr(zBad, z[n-1]) ) return 0;
  return strcmp(zNull, z)!=0 && !looksNumeric(z);
}

/*
** Append the n bytes at z between two quotes of the kind c.
*/
static void appendQuoted(sqlite3_str *pOut, const char *z, size_t n, char c){
  sqlite3_str_appendchar(pOut, 1, c);
  sqlite3_str_append(pOut, z, (int)n);
  sqlite3_str_appendchar(pOut, 1, c);
}

/*
** Append z, which is n bytes, the way that a CSV field wants it.
*/
static void encodeCsv(const RenderSpec *pSpec, sqlite3_str *pOut,
                      const char *z, size_t n){
  const char *zSep = pSpec->zColSep;
  unsigned char bQuote = n==0 || (zSep[1] && strstr(z, zSep)!=0);
  char cSep = zSep[0] && zSep[1]==0 ? zSep[0] : '"';
  size_t i;
  for(i=0; i<n; i++){
    unsigned char c = (unsigned char)z[i];
    bQuote |= (c<=' ') | (c=='"') | (c=='\'') | (c>=0x7f) | (z[i]==cSep);
  }
  if( !bQuote ){
    sqlite3_str_append(pOut, z, (int)n);
  }else if( memchr(z, '"', n)==0 ){
    appendQuoted(pOut, z, n, '"');
  }else{
    sqlite3_str_appendf(pOut, "\"%w\"", z);
  }
}

/*
** Append z with the special characters of HTML replaced.
*/
static void encodeHtml(sqlite3_str *pOut, const char *z){
  while( z[0] ){
    size_t n = strcspn(z, "<>&\"'");
    sqlite3_str_append(pOut, z, (int)n);
    z += n;
    switch( z[0] ){
      case '<':   sqlite3_str_appendall(pOut, "&lt;");    break;
      case '>':   sqlite3_str_appendall(pOut, "&gt;");    break;
      case '&':   sqlite3_str_appendall(pOut, "&amp;");   break;
      case '"':   sqlite3_str_appendall(pOut, "&quot;");  break;
      case '\'':  sqlite3_str_appendall(pOut, "&#39;");   break;
      default:    return;
    }
    z++;
  }
}

/*
** Append z in double quotes, with the escapes of TCL and C, or of JSON.
*/
static void encodeBackslash(sqlite3_str *pOut, const char *z, size_t nText,
                            int bJson){
  static const char zFrom[] = "\"\\\b\f\n\r\t";
  static const char zTo[] = "\"\\bfnrt";
  if( !hasSpecial(z, nText, '"', '\\') ){
    appendQuoted(pOut, z, nText, '"');
    return;
  }
  sqlite3_str_appendchar(pOut, 1, '"');
  while( z[0] ){
    int n = 0;
    const char *zAt;
    while( (unsigned char)z[n]>=0x20 && z[n]!='"' && z[n]!='\\' ) n++;
    sqlite3_str_append(pOut, z, n);
    z += n;
    if( z[0]==0 ) break;
    zAt = strchr(zFrom, z[0]);
    if( zAt ){
      sqlite3_str_appendf(pOut, "\\%c", zTo[zAt-zFrom]);
    }else{
      sqlite3_str_appendf(pOut, bJson ? "\\u%04x" : "\\%03o",
                          (unsigned char)z[0]);
    }
    z++;
  }
  sqlite3_str_appendchar(pOut, 1, '"');
}

/*
** Append z, which is n bytes, as a literal of SQL.  %Q knows what to do about
** control characters.
*/
static void encodeSql(const RenderSpec *pSpec, sqlite3_str *pOut,
                      const char *z, size_t n){
  const char *zEnd = z + n;
  const char *zQuote;
  if( hasSpecial(z, n, 0, 0) ){
    sqlite3_str_appendf(pOut, pSpec->eEsc==ESC_OFF ? "%Q" : "%#Q", z);
    return;
  }
  sqlite3_str_appendchar(pOut, 1, '\'');
  while( (zQuote = memchr(z, '\'', (size_t)(zEnd-z)))!=0 ){
    sqlite3_str_append(pOut, z, (int)(zQuote+1-z));
    sqlite3_str_appendchar(pOut, 1, '\'');
    z = zQuote + 1;
  }
  sqlite3_str_append(pOut, z, (int)(zEnd-z));
  sqlite3_str_appendchar(pOut, 1, '\'');
}

/*
** Append the text z with quoting eText.
*/
void renderEncode(
  Render *p,
  int eText,
  sqlite3_str *pOut,
  const char *z
){
  const RenderSpec *pSpec = &p->spec;
  int iStart = sqlite3_str_length(pOut);
  size_t n = strlen(z);
  if( eText==TEXT_RELAXED ){
    eText = isUnambiguous(pSpec, z) ? TEXT_PLAIN : TEXT_SQL;
  }
  /* The first three leave no control characters behind. */
  switch( eText ){
    case TEXT_SQL:   encodeSql(pSpec, pOut, z, n);          return;
    case TEXT_TCL:   encodeBackslash(pOut, z, n, 0);        return;
    case TEXT_JSON:  encodeBackslash(pOut, z, n, 1);        return;
    case TEXT_CSV:   encodeCsv(pSpec, pOut, z, n);          break;
    case TEXT_HTML:  encodeHtml(pOut, z);                   break;
    default:         sqlite3_str_append(pOut, z, (int)n);   break;
  }
  if( pSpec->eEsc!=ESC_OFF && hasSpecial(z, n, 0, 0) ){
    escapeControls(p, pOut, iStart);
  }
}

/*
** True if the size in the header of the JSONB blob a[0..n] is right.  A
** blob that fails is not JSONB; one that passes may still not be.
*/
static int maybeJsonb(const unsigned char *a, int n){
  sqlite3_uint64 nPayload;
  int nSize, i;
  if( n==0 ) return 0;
  nPayload = a[0]>>4;
  if( nPayload<12 ) return nPayload+1==(sqlite3_uint64)n;
  nSize = nPayload==12 ? 1 : nPayload==13 ? 2 : nPayload==14 ? 4 : 8;
  if( n<1+nSize ) return 0;
  for(nPayload=0, i=1; i<=nSize; i++) nPayload = (nPayload<<8) + a[i];
  return nPayload+1+(sqlite3_uint64)nSize==(sqlite3_uint64)n;
}

/*
** If column iCol holds JSONB return it as JSON text, otherwise NULL.  The
** text is valid until the next call.
*/
static const char *jsonbText(Render *p, int iCol){
  const void *pBlob = sqlite3_column_blob(p->pStmt, iCol);
  int n = sqlite3_column_bytes(p->pStmt, iCol);
  if( !maybeJsonb((const unsigned char*)pBlob, n) ) return 0;
  if( p->pJson==0 ){
    sqlite3 *db = 0;
    if( sqlite3_open(":memory:", &db)!=SQLITE_OK
     || sqlite3_prepare_v2(db, "SELECT json(?1)", -1, &p->pJson, 0) ){
      sqlite3_close(db);
      return 0;
    }
  }
  sqlite3_reset(p->pJson);
  sqlite3_bind_blob(p->pJson, 1, pBlob, n, SQLITE_TRANSIENT);
  if( sqlite3_step(p->pJson)!=SQLITE_ROW ) return 0;
  return (const char*)sqlite3_column_text(p->pJson, 0);
}

/*
** Append each byte of a BLOB, as zPrefix and nDigit digits of nBit bits each,
** between zBefore and zAfter.
*/
static void encodeBytes(
  sqlite3_str *pOut,
  const unsigned char *a,
  int n,
  const char *zBefore,
  const char *zPrefix,
  int nDigit,
  int nBit,
  const char *zAfter
){
  static const char zDigit[] = "0123456789abcdef";
  char aBuf[512];
  size_t nPrefix = strlen(zPrefix);
  size_t nEach = nPrefix + (size_t)nDigit;
  size_t nBuf = 0;
  int i, iShift;
  sqlite3_str_appendall(pOut, zBefore);
  for(i=0; i<n; i++){
    memcpy(&aBuf[nBuf], zPrefix, nPrefix);
    nBuf += nPrefix;
    for(iShift=nBit*(nDigit-1); iShift>=0; iShift-=nBit){
      aBuf[nBuf++] = zDigit[(a[i]>>iShift) & ((1<<nBit)-1)];
    }
    if( nBuf+nEach>sizeof(aBuf) ){
      sqlite3_str_append(pOut, aBuf, (int)nBuf);
      nBuf = 0;
    }
  }
  sqlite3_str_append(pOut, aBuf, (int)nBuf);
  sqlite3_str_appendall(pOut, zAfter);
}

/*
** Append the BLOB in column iCol as text.  Between separators, where nothing
** but the bytes is shown, that means all of them; elsewhere, up to a zero.
*/
static void encodeText(Render *p, sqlite3_str *pOut, int iCol){
  const char *z = (const char*)sqlite3_column_text(p->pStmt, iCol);
  const char *zEnd = z ? z + sqlite3_column_bytes(p->pStmt, iCol) : 0;
  renderEncode(p, p->spec.eText, pOut, z ? z : "");
  if( p->spec.eStyle!=STYLE_LIST || p->spec.eText!=TEXT_PLAIN || z==0 ) return;
  while( (z += strlen(z))<zEnd ){
    sqlite3_str_append(pOut, "", 1);
    renderEncode(p, TEXT_PLAIN, pOut, ++z);
  }
}

/*
** Append the BLOB in column iCol.
*/
static void encodeBlob(Render *p, sqlite3_str *pOut, int iCol){
  const unsigned char *a = sqlite3_column_blob(p->pStmt, iCol);
  int n = sqlite3_column_bytes(p->pStmt, iCol);
  const char *z;
  if( p->spec.bTextJsonb==SW_ON && (z = jsonbText(p, iCol))!=0 ){
    int bSql = p->spec.eText==TEXT_SQL;
    if( bSql ) sqlite3_str_appendall(pOut, "jsonb(");
    renderEncode(p, p->spec.eText, pOut, z);
    if( bSql ) sqlite3_str_appendall(pOut, ")");
    return;
  }
  switch( p->spec.eBlob ){
    case BLOB_SQL:   encodeBytes(pOut, a, n, "x'", "", 2, 4, "'");       break;
    case BLOB_HEX:   encodeBytes(pOut, a, n, "", "", 2, 4, "");          break;
    case BLOB_TCL:   encodeBytes(pOut, a, n, "\"", "\\", 3, 3, "\"");    break;
    case BLOB_JSON:  encodeBytes(pOut, a, n, "\"", "\\u00", 2, 4, "\""); break;
    case BLOB_SIZE:  sqlite3_str_appendf(pOut, "(%d-byte blob)", n);    break;
    default:
      encodeText(p, pOut, iCol);
      break;
  }
}

/*
** Cut what pOut holds after iStart to nMax columns.
*/
static void limitWidth(sqlite3_str *pOut, int iStart, int nMax){
  const char *z = sqlite3_str_value(pOut);
  int i = 0, n = 0;
  if( nMax<4 ) nMax = 4;
  if( z==0 || sqlite3_str_length(pOut)-iStart<=nMax ) return;
  z += iStart;
  while( z[i] ){
    int nLen = 1, nWide = 1;
    if( (unsigned char)z[i]>=0x80 ){
      nWide = widthOfChar(widthDecode((const unsigned char*)&z[i], &nLen));
    }else if( (unsigned char)z[i]<' ' ){
      int nEsc = widthEscape(&z[i]);
      if( nEsc ) nLen = nEsc;
      nWide = 0;
    }
    if( n+nWide>nMax ){
      sqlite3_str_truncate(pOut, iStart+i);
      sqlite3_str_appendall(pOut, "...");
      return;
    }
    n += nWide;
    i += nLen;
  }
}

/*
** Append an integer.
*/
static void appendInteger(sqlite3_str *pOut, sqlite3_int64 i){
  char a[20];
  int n = sizeof(a);
  sqlite3_uint64 u = i<0 ? -(sqlite3_uint64)i : (sqlite3_uint64)i;
  do{
    a[--n] = (char)('0' + u%10);
    u /= 10;
  }while( u );
  if( i<0 ) sqlite3_str_appendchar(pOut, 1, '-');
  sqlite3_str_append(pOut, &a[n], (int)sizeof(a)-n);
}

/*
** Where the output is to be read again, infinity has to be written as a number
** that is too large.  True if that has been done.
*/
static int appendInfinity(Render *p, sqlite3_str *pOut, double r){
  if( !isinf(r) || (p->spec.eStyle!=STYLE_INSERT && p->spec.eText!=TEXT_JSON) ){
    return 0;
  }
  sqlite3_str_appendall(pOut, r<0 ? "-1e999" : "1e999");
  return 1;
}

/*
** Append the value in column iCol of the current row.
*/
void renderValue(Render *p, sqlite3_str *pOut, int iCol){
  int iStart = sqlite3_str_length(pOut);
  const char *z;
  switch( sqlite3_column_type(p->pStmt, iCol) ){
    case SQLITE_NULL:
      sqlite3_str_appendall(pOut, p->spec.zNull);
      break;
    case SQLITE_BLOB:
      encodeBlob(p, pOut, iCol);
      break;
    case SQLITE_TEXT:
      z = (const char*)sqlite3_column_text(p->pStmt, iCol);
      if( z==0 ) renderNoMem(p);
      renderEncode(p, p->spec.eText, pOut, z ? z : "");
      break;
    case SQLITE_INTEGER:
      if( p->zLongFormat ){
        sqlite3_str_appendf(pOut, p->zLongFormat,
                            sqlite3_column_int64(p->pStmt, iCol));
      }else{
        appendInteger(pOut, sqlite3_column_int64(p->pStmt, iCol));
      }
      break;
    default:
      if( appendInfinity(p, pOut, sqlite3_column_double(p->pStmt, iCol)) ) break;
      if( p->spec.zFpFormat ){
        sqlite3_str_appendf(pOut, p->spec.zFpFormat,
                            sqlite3_column_double(p->pStmt, iCol));
        break;
      }
      z = (const char*)sqlite3_column_text(p->pStmt, iCol);
      if( z==0 ) renderNoMem(p);
      sqlite3_str_appendall(pOut, z ? z : "");
      break;
  }
  if( p->spec.nCharLimit>0 ) limitWidth(pOut, iStart, p->spec.nCharLimit);
}
