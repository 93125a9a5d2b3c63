/*
** Small helpers that every other file uses: memory, numbers, strings.
*/
#include <pwd.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>
#include "shell.h"

/*
** There is no memory left.  Say so and leave.
*/
static void shOutOfMemory(void){
  fputs("Error: out of memory\n", stderr);
  exit(1);
}

/*
** Return p, which is memory that has just been obtained, or exit.
*/
void *shCheck(void *p){
  if( p==0 ) shOutOfMemory();
  return p;
}

/*
** Like sqlite3_realloc64(), but does not return without memory.
*/
void *shRealloc(void *p, sqlite3_uint64 nByte){
  return shCheck(sqlite3_realloc64(p, nByte ? nByte : 1));
}

/*
** Return a copy of z.  A NULL stays a NULL.
*/
char *shDup(const char *z){
  return z ? shCheck(sqlite3_mprintf("%s", z)) : 0;
}

/*
** True if what goes to the descriptor fd is to have colors: it is a terminal
** that knows them, and the user wants them.
*/
int shColor(int fd){
  return getenv("NO_COLOR")==0 && !shDumbTerminal() && isatty(fd);
}

/*
** True if the terminal can do no more than show line after line.
*/
int shDumbTerminal(void){
  const char *zTerm = getenv("TERM");
  return zTerm==0 || zTerm[0]==0 || strcmp(zTerm, "dumb")==0;
}

/*
** sqlite3_mprintf() that does not return NULL.
*/
char *shPrintf(const char *zFormat, ...){
  va_list ap;
  char *z;
  va_start(ap, zFormat);
  z = sqlite3_vmprintf(zFormat, ap);
  va_end(ap);
  return shCheck(z);
}

/*
** Destroy pStr and return its text, which is "" rather than NULL when
** nothing has been appended.
*/
char *shFinish(sqlite3_str *pStr){
  char *z;
  if( sqlite3_str_errcode(pStr) ) shOutOfMemory();
  z = sqlite3_str_finish(pStr);
  return z ? z : shPrintf("%s", "");
}

/*
** Character classes of the C locale, whatever the locale is.
*/
int shIsSpace(char c){
  return c==' ' || (c>='\t' && c<='\r');
}
int shIsDigit(char c){
  return c>='0' && c<='9';
}
int shIsAlnum(char c){
  return shIsDigit(c) || (c>='a' && c<='z') || (c>='A' && c<='Z');
}

/*
** Return the value of a hexadecimal digit, or -1.
*/
int shHexDigit(char c){
  if( shIsDigit(c) ) return c - '0';
  c |= 0x20;
  return c>='a' && c<='f' ? c - 'a' + 10 : -1;
}

static const struct { const char *zUnit; sqlite3_uint64 n; } aUnit[] = {
  { "K",  1000 },  { "KB", 1000 },  { "KiB", 1<<10 },
  { "M",  1000000 },  { "MB", 1000000 },  { "MiB", 1<<20 },
  { "G",  1000000000 },  { "GB", 1000000000 },  { "GiB", 1<<30 },
};

/*
** Multiply v by the unit that zUnit names, and by one if it names none.
** Set *pbOver when the product does not fit.
*/
static sqlite3_uint64 scaleByUnit(
  sqlite3_uint64 v,
  const char *zUnit,
  int *pbOver
){
  int i;
  for(i=0; i<ArraySize(aUnit); i++){
    if( sqlite3_stricmp(zUnit, aUnit[i].zUnit)==0 ){
      if( v>(sqlite3_uint64)0x7fffffffffffffffLL/aUnit[i].n ) *pbOver = 1;
      return *pbOver ? v : v*aUnit[i].n;
    }
  }
  return v;
}

/*
** Read a decimal or 0x-hexadecimal integer with an optional sign and unit
** ("64K", "1MiB").  Text that is no number is 0; a number out of range
** becomes the nearest one in range.
*/
i64 shInteger(const char *z){
  const sqlite3_uint64 mx = 0x7fffffffffffffffLL;
  sqlite3_uint64 v = 0;
  int bNegative = z[0]=='-';
  int bOver = 0;
  if( z[0]=='-' || z[0]=='+' ) z++;
  if( z[0]=='0' && z[1]=='x' ){
    for(z+=2; shHexDigit(z[0])>=0; z++){
      if( v>>60 ) bOver = 1;
      v = (v<<4) + (unsigned)shHexDigit(z[0]);
    }
  }else{
    for(; shIsDigit(z[0]); z++){
      unsigned d = (unsigned)(z[0] - '0');
      if( v>(mx-d)/10 ){ bOver = 1; }else{ v = v*10 + d; }
    }
  }
  v = scaleByUnit(v, z, &bOver);
  if( bOver || (bNegative && v>mx) ){
    return bNegative ? (i64)(-0x7fffffffffffffffLL-1) : (i64)mx;
  }
  return bNegative ? -(i64)v : (i64)v;
}

/*
** Read a switch: a number, on/off, yes/no.  Anything else is reported and
** counts as "no".
*/
int shBoolean(const char *z){
  int i = 0;
  if( z[0]=='0' && z[1]=='x' ){
    for(i=2; shHexDigit(z[i])>=0; i++){}
  }else{
    while( shIsDigit(z[i]) ) i++;
  }
  if( i>0 && z[i]==0 ) return (int)(shInteger(z) & 0xffffffff);
  if( sqlite3_stricmp(z,"on")==0 || sqlite3_stricmp(z,"yes")==0 ) return 1;
  if( sqlite3_stricmp(z,"off")!=0 && sqlite3_stricmp(z,"no")!=0 ){
    fprintf(stderr, "ERROR: Not a boolean value: \"%s\". Assuming \"no\".\n", z);
  }
  return 0;
}

/*
** True if all of z is a number that shInteger() reads, or a decimal fraction.
*/
int shIsNumber(const char *z){
  int i, n = 0;
  if( z[0]=='-' || z[0]=='+' ) z++;
  if( z[0]=='0' && z[1]=='x' ){
    for(z+=2; shHexDigit(z[0])>=0; z++) n++;
  }else{
    for(; shIsDigit(z[0]) || z[0]=='.'; z++) n += z[0]!='.';
  }
  if( n==0 || z[0]==0 ) return n>0;
  for(i=0; i<ArraySize(aUnit); i++){
    if( sqlite3_stricmp(z, aUnit[i].zUnit)==0 ) return 1;
  }
  return 0;
}

/*
** Return the index of z in azChoice[], which ends with a NULL, or -1.
*/
int shPick(const char *z, const char *const *azChoice){
  int i;
  for(i=0; azChoice[i]; i++){
    if( strcmp(z, azChoice[i])==0 ) return i;
  }
  return -1;
}

/*
** Find the one of the n names, the first of which is *pzName and the others
** nSize bytes apart each, that zName is the beginning of.  Return its index, or
** -1 after a message; zCommand and zKind are what that calls it.
*/
int shFindPrefix(
  const char *const *pzName,
  int n,
  size_t nSize,
  const char *zName,
  const char *zCommand,
  const char *zKind
){
  int i, iFound = -1;
  for(i=0; i<n; i++){
    const char *z = *(const char *const*)((const char*)pzName + (size_t)i*nSize);
    if( strncmp(zName, z, strlen(zName))!=0 ) continue;
    if( iFound>=0 ){
      fprintf(stderr, "Error: ambiguous %s: \"%s\"\n"
                      "Use \".%s --help\" for help\n", zKind, zName, zCommand);
      return -1;
    }
    iFound = i;
  }
  if( iFound<0 ){
    fprintf(stderr, "Error: unknown %s: %s\n"
                    "Use \".%s --help\" for help\n", zKind, zName, zCommand);
  }
  return iFound;
}

/*
** True if z is the option zName, spelled with one or two dashes.
*/
int shOption(const char *z, const char *zName){
  if( z[0]!='-' ) return 0;
  z += z[1]=='-' ? 2 : 1;
  return strcmp(z, zName)==0;
}

/*
** Decode one escape.  z[0] is what follows the backslash.  Write the
** character to *pc and return the number of bytes read.
*/
static int decodeEscape(const char *z, char *pc){
  static const char zFrom[] = "abtnvfr";
  static const char zTo[] = "\a\b\t\n\v\f\r";
  const char *zAt = strchr(zFrom, z[0]);
  int n = 0, v = 0;
  if( zAt ){
    *pc = zTo[zAt-zFrom];
    return 1;
  }
  if( z[0]=='x' ){
    for(n=1; n<3 && shHexDigit(z[n])>=0; n++) v = v*16 + shHexDigit(z[n]);
  }else if( z[0]>='0' && z[0]<='7' ){
    for(; n<3 && z[n]>='0' && z[n]<='7'; n++) v = v*8 + z[n] - '0';
  }else{
    v = z[0];
    n = 1;
  }
  *pc = (char)v;
  return n;
}

/*
** Decode backslash escapes in z, in place.
*/
void shUnbackslash(char *z){
  char *zOut = z;
  while( z[0] ){
    if( z[0]=='\\' && z[1] ){
      z++;
      z += decodeEscape(z, zOut);
    }else{
      *zOut = *z++;
    }
    zOut++;
  }
  *zOut = 0;
}

/*
** True if zId must be quoted to be used as an identifier.
*/
int shNeedsQuote(const char *zId){
  int i;
  if( zId==0 || zId[0]==0 || shIsDigit(zId[0]) ) return 1;
  for(i=0; zId[i]; i++){
    if( !shIsAlnum(zId[i]) && zId[i]!='_' ) return 1;
  }
  return sqlite3_keyword_check(zId, i)!=0;
}

/*
** Append an identifier, quoted where SQL needs it.
*/
void shAppendId(sqlite3_str *pOut, const char *zId){
  sqlite3_str_appendf(pOut, shNeedsQuote(zId) ? "\"%w\"" : "%s", zId);
}

/*
** Append z as a string literal of C.  A NULL counts as "".
*/
void shAppendCString(sqlite3_str *pOut, const char *z){
  static const char zFrom[] = "\\\"\t\n\r\f";
  static const char zTo[] = "\\\"tnrf";
  sqlite3_str_appendchar(pOut, 1, '"');
  for(; z && z[0]; z++){
    const char *zAt = strchr(zFrom, z[0]);
    unsigned char c = (unsigned char)z[0];
    if( zAt ){
      sqlite3_str_appendf(pOut, "\\%c", zTo[zAt-zFrom]);
    }else if( c<0x20 || c==0x7f ){
      sqlite3_str_appendf(pOut, "\\%03o", c);
    }else{
      sqlite3_str_appendchar(pOut, 1, z[0]);
    }
  }
  sqlite3_str_appendchar(pOut, 1, '"');
}

/*
** Write z as a string literal of C.
*/
void shPutCString(FILE *out, const char *z){
  sqlite3_str *pStr = sqlite3_str_new(0);
  char *zText;
  shAppendCString(pStr, z);
  zText = shFinish(pStr);
  fputs(zText, out);
  sqlite3_free(zText);
}

/*
** True if there is nothing but white space and finished comments in z.
** A "--" comment may lack its newline, a C comment may not lack its end.
*/
int shIsBlank(const char *z){
  while( z[0] ){
    if( shIsSpace(z[0]) ){
      z++;
    }else if( z[0]=='-' && z[1]=='-' ){
      while( z[0] && z[0]!='\n' ) z++;
    }else if( z[0]=='/' && z[1]=='*' ){
      z = strstr(z+2, "*/");
      if( z==0 ) return 0;
      z += 2;
    }else{
      return 0;
    }
  }
  return 1;
}

/*
** A word for the shell of the system, whatever is in it.
*/
void shAppendWord(sqlite3_str *pOut, const char *z){
  sqlite3_str_appendchar(pOut, 1, '\'');
  for(; z[0]; z++){
    if( z[0]=='\'' ){
      sqlite3_str_appendall(pOut, "'\\''");
    }else{
      sqlite3_str_appendchar(pOut, 1, z[0]);
    }
  }
  sqlite3_str_appendchar(pOut, 1, '\'');
}

/*
** Return the home directory of the user, or NULL.  To be freed.
*/
char *shHome(void){
  struct passwd *pUser = getpwuid(getuid());
  if( pUser && pUser->pw_dir ) return shDup(pUser->pw_dir);
  return shDup(getenv("HOME"));
}

/*
** zInsert, which ends with the name of a table, with a parameter for each of
** nCol values.  zInsert is freed, the result to be freed.
*/
char *shInsertSql(char *zInsert, int nCol){
  sqlite3_str *pStr = sqlite3_str_new(0);
  int i;
  sqlite3_str_appendf(pStr, "%s VALUES(?", zInsert);
  for(i=1; i<nCol; i++) sqlite3_str_appendall(pStr, ",?");
  sqlite3_str_appendall(pStr, ")");
  sqlite3_free(zInsert);
  return shFinish(pStr);
}

/*
** The time in milliseconds.
*/
i64 shNowMs(void){
  struct timeval tv;
  gettimeofday(&tv, 0);
  return (i64)tv.tv_sec*1000 + tv.tv_usec/1000;
}

/*
** Make the directories that zFile is in.
*/
void shMakeParents(const char *zFile){
  char *z = shDup(zFile);
  char *zSlash = z;
  while( (zSlash = strchr(zSlash+1, '/'))!=0 ){
    zSlash[0] = 0;
    mkdir(z, 0777);
    zSlash[0] = '/';
  }
  sqlite3_free(z);
}
