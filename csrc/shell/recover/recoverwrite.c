/*
** What ".recover" writes: statements and values as SQL.
*/
#include <string.h>
#include "recover.h"

/*
** Write a statement, completed so that nothing after it is part of it.
*/
void recoverWrite(Recover *r, const char *zSql){
  sqlite3_str *pStr = sqlite3_str_new(0);
  char *z;
  sqlite3_str_appendall(pStr, zSql);
  completeAppend(pStr, zSql, 0);
  z = shFinish(pStr);
  fprintf(r->p->out, "%s;\n", z);
  sqlite3_free(z);
}

/*
** A text that is not in z, to stand for a character: zFirst, zSecond, or
** something made of zFirst.  To be freed.
*/
static char *unusedText(const char *z, const char *zFirst, const char *zSecond){
  char *zTry;
  int i;
  if( strstr(z, zFirst)==0 ) return shDup(zFirst);
  if( strstr(z, zSecond)==0 ) return shDup(zSecond);
  for(i=0; ; i++){
    zTry = shPrintf("(%s%d)", zFirst, i);
    if( strstr(z, zTry)==0 ) return zTry;
    sqlite3_free(zTry);
  }
}

/*
** Write the literal z.  Line ends within a text could be changed on the way to
** where it is read: have replace() bring them in.
*/
static void writeLiteral(FILE *out, const char *z){
  char *zNl = 0, *zCr = 0;
  if( z[0]=='\'' && strchr(z, '\n') ) zNl = unusedText(z, "\\n", "\\012");
  if( z[0]=='\'' && strchr(z, '\r') ) zCr = unusedText(z, "\\r", "\\015");
  if( zNl ) fputs("replace(", out);
  if( zCr ) fputs("replace(", out);
  while( zNl || zCr ){
    size_t n = strcspn(z, "\r\n");
    fwrite(z, 1, n, out);
    z += n;
    if( z[0]==0 ) break;
    fputs(z[0]=='\n' ? zNl : zCr, out);
    z++;
  }
  fputs(z, out);
  if( zNl ) fprintf(out, ",'%s', char(10))", zNl);
  if( zCr ) fprintf(out, ",'%s', char(13))", zCr);
  sqlite3_free(zNl);
  sqlite3_free(zCr);
}

/*
** Write a field as an SQL expression.  quote() would end a text at its first
** zero: such text is written by its bytes.
*/
void recoverWriteField(Recover *r, const Field *pField){
  FILE *out = r->p->out;
  int bBytes = fieldIsTextWithZero(pField, r->source.eEncoding);
  const char *z = 0;
  if( bBytes ){
    sqlite3_bind_blob64(r->pQuote, 1, pField->a, (sqlite3_uint64)pField->n,
                        SQLITE_STATIC);
  }else{
    fieldBind(pField, r->source.eEncoding, r->pQuote, 1);
  }
  if( sqlite3_step(r->pQuote)==SQLITE_ROW ){
    z = (const char*)sqlite3_column_text(r->pQuote, 0);
  }
  if( z==0 ) z = "NULL";   /* Longer than a value can be */
  if( bBytes ){
    fprintf(out, "CAST(%s AS TEXT)", z);
  }else{
    writeLiteral(out, z);
  }
  sqlite3_reset(r->pQuote);
}
