/*
** What TAB completes: keywords, functions, pragmas and names in SQL; names,
** options, words and files after dot-commands.
**
** All of it is a convenience: a database that is locked or broken costs a
** moment, and then its names are missing.
*/
#include <dirent.h>
#include <string.h>
#include <sys/stat.h>
#include "shell.h"

#define BUSY_MS        50     /* To wait for a lock */
#define PATIENCE_MS   250     /* To look for names */

/*
** A search for candidates.
*/
typedef struct Search Search;
struct Search {
  Shell *p;
  const char *zPrefix;   /* What is there already */
  CandidatePut xPut;     /* Who wants candidates */
  void *pTo;             /* First argument of xPut */
  char cQuote;           /* zPrefix follows this quote, or 0 */
  int nFound;            /* Candidates so far */
  i64 iEnd;              /* When to give up, in milliseconds */
};

/*
** True if z begins with what is there already.
*/
static int fits(const Search *s, const char *z){
  return sqlite3_strnicmp(z, s->zPrefix, (int)strlen(s->zPrefix))==0;
}

/*
** Offer z, written in place of the prefix, if it fits.
*/
static void offer(Search *s, const char *z){
  if( z==0 || !fits(s, z) ) return;
  s->xPut(s->pTo, z);
  s->nFound++;
}

/*
** Offer an identifier, in quotes if it needs them or has them already.
*/
static void offerId(Search *s, const char *z){
  char *zQuoted;
  if( z==0 || !fits(s, z) ) return;
  if( s->cQuote==0 && !shNeedsQuote(z) ){
    offer(s, z);
    return;
  }
  zQuoted = shPrintf("\"%w\"", z);
  s->xPut(s->pTo, zQuoted);
  sqlite3_free(zQuoted);
  s->nFound++;
}

/*
** Offer a word of the language in capitals, or in small letters if that is
** how the user has begun.  zEnd goes behind it.
*/
static void offerWord(Search *s, const char *z, int n, const char *zEnd){
  char *zWord = shPrintf("%.*s%s", n, z, zEnd);
  int bLower = s->zPrefix[0]>='a' && s->zPrefix[0]<='z';
  int i;
  for(i=0; zWord[i]; i++){
    char c = zWord[i];
    if( bLower && c>='A' && c<='Z' ) zWord[i] = (char)(c + ('a'-'A'));
    if( !bLower && c>='a' && c<='z' ) zWord[i] = (char)(c - ('a'-'A'));
  }
  offer(s, zWord);
  sqlite3_free(zWord);
}

/*
** Run a query, which is freed, with zArg bound, and pass on the first column
** of its rows.  What goes wrong is of no interest.
*/
static void eachRow(
  Search *s,
  char *zSql,
  const char *zArg,
  void (*xRow)(Search*, const char*)
){
  sqlite3_stmt *pStmt = 0;
  if( s->p->db && shNowMs()<s->iEnd
   && sqlite3_prepare_v2(s->p->db, zSql, -1, &pStmt, 0)==SQLITE_OK ){
    if( zArg ) sqlite3_bind_text(pStmt, 1, zArg, -1, SQLITE_TRANSIENT);
    while( sqlite3_step(pStmt)==SQLITE_ROW && shNowMs()<s->iEnd ){
      const char *z = (const char*)sqlite3_column_text(pStmt, 0);
      if( z ) xRow(s, z);
    }
  }
  sqlite3_finalize(pStmt);
  sqlite3_free(zSql);
}

/*
** Kinds of candidates.
*/
static void keywords(Search *s){
  int i, n;
  const char *z;
  for(i=0; i<sqlite3_keyword_count(); i++){
    if( sqlite3_keyword_name(i, &z, &n)==SQLITE_OK ) offerWord(s, z, n, "");
  }
}
static void functionRow(Search *s, const char *z){
  char *zCall = shPrintf("%s(", z);
  offer(s, zCall);
  sqlite3_free(zCall);
}
static void functions(Search *s){
  eachRow(s, shDup("SELECT DISTINCT name FROM pragma_function_list"
                   " WHERE name GLOB '[a-z]*'"), 0, functionRow);
}
static void modules(Search *s){
  eachRow(s, shDup("SELECT name FROM pragma_module_list"), 0, offerId);
}
static void pragmas(Search *s){
  eachRow(s, shDup("SELECT name FROM pragma_pragma_list"), 0, offer);
}
static void schemas(Search *s, void (*xOffer)(Search*, const char*)){
  int i;
  for(i=0; s->p->db && sqlite3_db_name(s->p->db, i); i++){
    xOffer(s, sqlite3_db_name(s->p->db, i));
  }
}

/*
** Offer a schema in SQL, where a dot follows.
*/
static void offerSchema(Search *s, const char *z){
  if( s->cQuote || shNeedsQuote(z) ){
    offerId(s, z);
  }else{
    char *zDot = shPrintf("%s.", z);
    offer(s, zDot);
    sqlite3_free(zDot);
  }
}

/*
** The tables, views and indexes of each schema, or of zSchema alone.
*/
static void objects(
  Search *s,
  const char *zSchema,
  const char *zTypes,
  void (*xRow)(Search*, const char*)
){
  const char *z;
  int i;
  for(i=0; s->p->db && (z = sqlite3_db_name(s->p->db, i))!=0; i++){
    if( zSchema && sqlite3_stricmp(z, zSchema) ) continue;
    eachRow(s, shPrintf("SELECT name FROM \"%w\".sqlite_schema"
                        " WHERE type IN (%s) ORDER BY name", z, zTypes),
            0, xRow);
  }
}
#define TABLES   "'table','view'"
#define OBJECTS  "'table','view','index','trigger'"

/*
** The columns of a table, of which a view may not compile.
*/
static void columns(Search *s, const char *zTable){
  eachRow(s, shDup("SELECT name FROM pragma_table_xinfo(?1)"), zTable, offerId);
}

/*
** Where the word at the end of z, of n bytes, begins.
*/
static int wordStart(const char *z, int n){
  while( n>0 && (shIsAlnum(z[n-1]) || z[n-1]=='_' || z[n-1]=='$'
                 || (z[n-1]&0x80)!=0) ) n--;
  return n;
}

/*
** The identifier at the end of z, without the quotes around it.  To be freed.
*/
static char *lastWord(const char *z, int n){
  int i;
  if( n>0 && strchr("\"`]", z[n-1]) ){
    char cOpen = z[n-1]==']' ? '[' : z[n-1];
    for(i=n-1; i>0 && z[i-1]!=cOpen; i--){}
    return shPrintf("%.*s", n-1-i, &z[i]);
  }
  i = wordStart(z, n);
  return shPrintf("%.*s", n-i, &z[i]);
}

/*
** Candidates for what follows "zName.": the tables of a schema or the columns
** of a table.  Any other name may be an alias: all columns then.
*/
static void afterDot(Search *s, const char *zName){
  int nBefore = s->nFound;
  objects(s, zName, TABLES, offerId);
  columns(s, zName);
  if( s->nFound==nBefore ) objects(s, 0, TABLES, columns);
}

/*
** Candidates for a word that follows the word zBefore.
*/
static void afterWord(Search *s, const char *zBefore){
  static const char *const azTable[] = {
    "FROM", "JOIN", "INTO", "UPDATE", "TABLE", "VIEW", "ANALYZE", "REINDEX", 0
  };
  int i;
  if( sqlite3_stricmp(zBefore, "PRAGMA")==0 ){
    pragmas(s);
    schemas(s, offerSchema);
    return;
  }
  for(i=0; azTable[i] && sqlite3_stricmp(zBefore, azTable[i]); i++){}
  if( azTable[i]==0 && s->zPrefix[0]==0 ) return;
  objects(s, 0, TABLES, offerId);
  schemas(s, offerSchema);
  if( s->zPrefix[0]==0 ) return;
  modules(s);
  if( azTable[i] && s->nFound ) return;
  keywords(s);
  functions(s);
  objects(s, 0, TABLES, columns);
}

/*
** Put everything that the word zPrefix, which follows the SQL in zLine, can
** be completed to.
*/
static void lineCandidates(
  Shell *p,
  const char *zPrefix,
  const char *zLine,
  CandidatePut xPut,
  void *pTo
){
  Search s = { p, zPrefix, xPut, pTo, 0, 0, shNowMs()+PATIENCE_MS };
  int n = (int)strlen(zLine);
  char *zBefore;
  int bDot;
  if( n>0 && strchr("\"`[", zLine[n-1]) ) s.cQuote = zLine[--n];
  bDot = n>0 && zLine[n-1]=='.';
  if( bDot ) n--;
  while( !bDot && n>0 && shIsSpace(zLine[n-1]) ) n--;
  zBefore = lastWord(zLine, n);
  if( bDot ){
    afterDot(&s, zBefore);
  }else{
    afterWord(&s, zBefore);
  }
  sqlite3_free(zBefore);
}

/*
** Candidates for the end of zText, which is SQL.  Return how many bytes they
** are in place of.
*/
static int sqlCandidates(
  Shell *p,
  const char *zText,
  CandidatePut xPut,
  void *pTo
){
  int nText = (int)strlen(zText);
  char cOpen = (char)((sqlite3_incomplete(zText)>>16) & 0xff);
  char *zLine;
  int i;
  if( cOpen==']' ) cOpen = '[';
  if( cOpen=='"' || cOpen=='`' || cOpen=='[' ){
    for(i=nText; i>0 && zText[i-1]!=cOpen; i--){}
  }else if( cOpen ){
    return 0;                              /* Within a string or a comment */
  }else{
    i = wordStart(zText, nText);
  }
  zLine = shPrintf("%.*s", i, zText);
  lineCandidates(p, &zText[i], zLine, xPut, pTo);
  sqlite3_free(zLine);
  return nText - i + (cOpen!=0);
}

/*
** Offer an argument of a dot-command, in quotes if it needs them.
*/
static void offerArgument(Search *s, const char *z){
  sqlite3_str *pOut;
  char *zQuoted;
  if( !fits(s, z) ) return;
  if( s->cQuote==0 && strpbrk(z, " \t'\";\\")==0 ){
    offer(s, z);
    return;
  }
  pOut = sqlite3_str_new(0);
  shAppendCString(pOut, z);
  zQuoted = shFinish(pOut);
  s->xPut(s->pTo, zQuoted);
  sqlite3_free(zQuoted);
  s->nFound++;
}

/*
** The files whose names begin like the prefix.  Directories end with a slash.
*/
static void files(Search *s){
  const char *zSlash = strrchr(s->zPrefix, '/');
  int nDir = zSlash ? (int)(zSlash - s->zPrefix) + 1 : 0;
  char *zDir = nDir ? shPrintf("%.*s", nDir, s->zPrefix) : shDup(".");
  DIR *pDir = s->p->bSafe ? 0 : opendir(zDir);
  struct dirent *pEntry;
  while( pDir && (pEntry = readdir(pDir))!=0 && shNowMs()<s->iEnd ){
    const char *zName = pEntry->d_name;
    struct stat x;
    char *z;
    if( zName[0]=='.' && s->zPrefix[nDir]!='.' ) continue;
    z = shPrintf("%.*s%s", nDir, s->zPrefix, zName);
    if( strncmp(z, s->zPrefix, strlen(s->zPrefix))==0 ){
      char *zFull = stat(z, &x)==0 && S_ISDIR(x.st_mode) ? shPrintf("%s/", z)
                                                         : shDup(z);
      offerArgument(s, zFull);
      sqlite3_free(zFull);
    }
    sqlite3_free(z);
  }
  if( pDir ) closedir(pDir);
  sqlite3_free(zDir);
}

/*
** A word that the help of a command has: itself, or what it stands for.
*/
static void helpWord(void *pArg, const char *z){
  Search *s = (Search*)pArg;
  if( strcmp(z, "FILE")==0 || strcmp(z, "DIRECTORY")==0 ){
    files(s);
  }else if( strcmp(z, "TABLE")==0 ){
    objects(s, 0, TABLES, offerArgument);
  }else if( strcmp(z, "PATTERN")==0 ){
    objects(s, 0, OBJECTS, offerArgument);
  }else if( strcmp(z, "DB")==0 ){
    schemas(s, offerId);
  }else if( z[0]<'A' || z[0]>'Z' ){
    /* Options come when they are asked for: most arguments are none. */
    if( z[0]!='-' || s->zPrefix[0]=='-' ) offer(s, z);
  }
}

/*
** The names of the dot-commands, with zDot in front of them.
*/
static void commands(Search *s, const char *zDot){
  int i;
  for(i=0; dotName(i); i++){
    char *z = shPrintf("%s%s", zDot, dotName(i));
    offer(s, z);
    sqlite3_free(z);
  }
}

/*
** Where the last argument in z begins, at its quote if it has one.  *pcQuote
** becomes the quote that is still open, or 0.
*/
static int argumentStart(const char *z, char *pcQuote){
  int iStart = 0;
  int i;
  *pcQuote = 0;
  for(i=0; z[i]; i++){
    if( *pcQuote ){
      if( z[i]=='\\' && *pcQuote=='"' && z[i+1] ) i++;
      else if( z[i]==*pcQuote ) *pcQuote = 0;
    }else if( shIsSpace(z[i]) ){
      iStart = i+1;
    }else if( (z[i]=='"' || z[i]=='\'') && i==iStart ){
      *pcQuote = z[i];
    }
  }
  return iStart;
}

/*
** Candidates for the end of the dot-command zText.  Return how many bytes
** they are in place of.
*/
static int dotCandidates(
  Shell *p,
  const char *zText,
  CandidatePut xPut,
  void *pTo
){
  Search s = { p, "", xPut, pTo, 0, 0, shNowMs()+PATIENCE_MS };
  DotLine dot;
  int iStart = argumentStart(zText, &s.cQuote);
  s.zPrefix = &zText[iStart + (s.cQuote!=0)];
  if( iStart==0 ){
    commands(&s, ".");
    return (int)strlen(zText);
  }
  memset(&dot, 0, sizeof(dot));
  dotParse(&dot, zText);
  if( dot.nArg && strlen(dot.azArg[0])>=3
   && strncmp(dot.azArg[0], "help", strlen(dot.azArg[0]))==0 ){
    commands(&s, "");
  }else if( dot.nArg ){
    helpWords(dot.azArg[0], helpWord, &s);
  }
  dotFree(&dot);
  return (int)strlen(zText) - iStart;
}

/*
** Put everything that the end of zText can be completed to.  Return how many
** bytes they are in place of.
*/
int candidatesFind(Shell *p, const char *zText, CandidatePut xPut, void *pTo){
  int nTimeout = 0;
  int n;
  p->bAsking = 1;
  if( p->db ){
    nTimeout = databaseInt(p, "PRAGMA busy_timeout");
    sqlite3_busy_timeout(p->db, BUSY_MS);
  }
  if( zText[0]=='.' && strchr(zText, '\n')==0 ){
    n = dotCandidates(p, zText, xPut, pTo);
  }else{
    n = sqlCandidates(p, zText, xPut, pTo);
  }
  if( p->db ) sqlite3_busy_timeout(p->db, nTimeout);
  p->bAsking = 0;
  return n;
}
