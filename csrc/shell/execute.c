/*
** Running SQL and reporting what goes wrong.
*/
#include <math.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include "shell.h"

/*
** Two lines that show where in zSql the latest error of the connection is:
** part of the text and an arrow.  "" if the error has no place.  To be
** freed.
*/
#define CONTEXT_BEFORE  50      /* At most so many characters before it */
#define CONTEXT_BYTES   78      /* At most so many bytes in all */
static char *errorContext(Shell *p, const char *zSql){
  int iOffset = sqlite3_error_offset(p->db);
  char *zCode;
  char *zRes;
  size_t n;
  int i;
  if( iOffset<0 || (size_t)iOffset>=strlen(zSql) ) return shDup("");
  while( iOffset>CONTEXT_BEFORE ){
    do{
      zSql++;
      iOffset--;
    }while( (zSql[0]&0xc0)==0x80 );
  }
  n = strlen(zSql);
  if( n>CONTEXT_BYTES ){
    n = CONTEXT_BYTES;
    while( n>0 && (zSql[n]&0xc0)==0x80 ) n--;
  }
  zCode = shPrintf("%.*s", (int)n, zSql);
  for(i=0; zCode[i]; i++){
    if( shIsSpace(zCode[i]) ) zCode[i] = ' ';
  }
  if( iOffset<25 ){
    zRes = shPrintf("\n  %s\n  %*s^--- error here", zCode, iOffset, "");
  }else{
    zRes = shPrintf("\n  %s\n  %*serror here ---^", zCode, iOffset-14, "");
  }
  sqlite3_free(zCode);
  return zRes;
}

/*
** Set *pzErr to a message about a statement that does not compile.
*/
#define PARSE_ERROR  "in prepare, "
static void parseError(Shell *p, int rc, const char *zSql, char **pzErr){
  char *zContext = errorContext(p, zSql);
  if( rc>1 ){
    *pzErr = shPrintf(PARSE_ERROR "%s (%d)%s", sqlite3_errmsg(p->db), rc,
                      zContext);
  }else{
    *pzErr = shPrintf(PARSE_ERROR "%s%s", sqlite3_errmsg(p->db), zContext);
  }
  sqlite3_free(zContext);
}

/*
** Bind parameter i, which is called zVar, to the value that the query finds.
** Return false if it finds none, or there is no query.
*/
static int bindStored(
  sqlite3_stmt *pQuery,
  sqlite3_stmt *pStmt,
  int i,
  const char *zVar
){
  int bFound;
  if( pQuery==0 ) return 0;
  sqlite3_bind_text(pQuery, 1, zVar, -1, SQLITE_TRANSIENT);
  bFound = sqlite3_step(pQuery)==SQLITE_ROW;
  if( bFound ) sqlite3_bind_value(pStmt, i, sqlite3_column_value(pQuery, 0));
  sqlite3_reset(pQuery);
  return bFound;
}

/*
** Give a value to every parameter: the one that the user has stored, one
** that the name tells ($int_42, $text_abc, $nan, $inf), or else NULL.
*/
static void bindParameters(Shell *p, sqlite3_stmt *pStmt){
  int nVar = sqlite3_bind_parameter_count(pStmt);
  sqlite3_stmt *pQuery = nVar ? parameterQuery(p) : 0;
  int i;
  for(i=1; i<=nVar; i++){
    const char *zName = sqlite3_bind_parameter_name(pStmt, i);
    char zNumber[30];
    if( zName==0 ){
      sqlite3_snprintf(sizeof(zNumber), zNumber, "?%d", i);
      zName = zNumber;
    }
    if( bindStored(pQuery, pStmt, i, zName) ) continue;
    if( strncmp(zName, "$int_", 5)==0 ){
      sqlite3_bind_int(pStmt, i, (int)shInteger(&zName[5]));
    }else if( strncmp(zName, "$text_", 6)==0 ){
      sqlite3_bind_text(pStmt, i, &zName[6], -1, SQLITE_TRANSIENT);
    }else if( sqlite3_stricmp(&zName[1], "inf")==0 ){
      sqlite3_bind_double(pStmt, i, INFINITY);
    }else if( sqlite3_stricmp(&zName[1], "nan")==0 ){
      sqlite3_bind_double(pStmt, i, NAN);
    }else{
      sqlite3_bind_null(pStmt, i);
    }
  }
  sqlite3_finalize(pQuery);
}

/*
** Where the renderer writes to.
*/
static void writeResult(void *pArg, const char *z, sqlite3_int64 n){
  Shell *p = (Shell*)pArg;
  fwrite(z, 1, (size_t)n, p->out);
}

/*
** ".eqp": show the plan of a statement, and maybe its program, before it runs.
*/
static void explainStmt(Shell *p, sqlite3_stmt *pStmt){
  static const struct { u8 eEqp; const char *zPrefix; int eStyle; } a[] = {
    { EQP_ON,   "EXPLAIN QUERY PLAN ", STYLE_EQP     },
    { EQP_FULL, "EXPLAIN ",            STYLE_EXPLAIN },
  };
  int i;
  for(i=0; i<ArraySize(a) && p->eEqp>=a[i].eEqp; i++){
    RenderSpec spec = p->mode.spec;
    sqlite3_stmt *pExplain = 0;
    char *zErr = 0;
    char *zSql = shPrintf("%s%s", a[i].zPrefix, sqlite3_sql(pStmt));
    spec.eStyle = (unsigned char)a[i].eStyle;
    if( sqlite3_prepare_v2(p->db, zSql, -1, &pExplain, 0)==SQLITE_OK ){
      renderQuery(pExplain, &spec, writeResult, p, &zErr);
    }
    sqlite3_finalize(pExplain);
    sqlite3_free(zErr);
    sqlite3_free(zSql);
  }
}

/*
** Run one statement and show its result.
*/
static int executeStmt(Shell *p, sqlite3_stmt *pStmt, char **pzErr){
  RenderSpec spec = p->mode.spec;
  StatementProgress progress;
  int rc;
  if( p->bTypedSql && p->eEqp && sqlite3_stmt_isexplain(pStmt)==0 ){
    explainStmt(p, pStmt);
  }
  if( p->mode.bAutoWidth ) spec.nScreenWidth = modeScreenWidth(p);
  if( p->mode.bAutoExplain ){
    switch( sqlite3_stmt_isexplain(pStmt) ){
      case 1:  spec.eStyle = STYLE_EXPLAIN;  break;
      case 2:  spec.eStyle = STYLE_EQP;      break;
    }
  }
  bindParameters(p, pStmt);
  if( p->bWebPage ){
    fputs("</PRE>\n<TABLE border='1' cellspacing='0' cellpadding='2'>\n",
          p->out);
  }
  progressStatement(&progress, p, pStmt);
  rc = renderQuery(pStmt, &spec, writeResult, p, pzErr);
  progressStatementEnd(&progress);
  if( p->bWebPage ) fputs("</TABLE>\n<PRE>\n", p->out);
  if( p->bTypedSql && p->eStats ) statsShow(p, pStmt);
  return rc;
}

/*
** Run all statements in zSql, up to the first that fails.  Return an SQLite
** error code.  On error *pzErr is a message, to be freed.
*/
int executeSql(Shell *p, const char *zSql, char **pzErr){
  int rc = SQLITE_OK;
  *pzErr = 0;
  while( zSql[0] && rc==SQLITE_OK ){
    sqlite3_stmt *pStmt = 0;
    const char *zNext = 0;
    rc = sqlite3_prepare_v2(p->db, zSql, -1, &pStmt, &zNext);
    if( rc!=SQLITE_OK ){
      parseError(p, rc, zSql, pzErr);
      break;
    }
    if( pStmt ) rc = executeStmt(p, pStmt, pzErr);
    sqlite3_finalize(pStmt);
    zSql = zNext;
    while( shIsSpace(zSql[0]) ) zSql++;
  }
  if( rc!=SQLITE_OK && *pzErr==0 ) *pzErr = shDup(sqlite3_errmsg(p->db));
  return rc;
}

/*
** ".timer": seconds of wall clock, user and system time.
*/
typedef struct Times Times;
struct Times {
  double aSecond[3];
};
static double seconds(struct timeval tv){
  return (double)tv.tv_sec + (double)tv.tv_usec*0.000001;
}
static Times timesNow(void){
  struct timeval tv;
  struct rusage ru;
  Times t;
  gettimeofday(&tv, 0);
  getrusage(RUSAGE_SELF, &ru);
  t.aSecond[0] = seconds(tv);
  t.aSecond[1] = seconds(ru.ru_utime);
  t.aSecond[2] = seconds(ru.ru_stime);
  return t;
}
static void timesReport(Shell *p, Times t0){
  Times t1 = timesNow();
  if( p->eTimer==0 ) return;
  fprintf(p->out, "Run Time: real %.6f user %.6f sys %.6f\n",
          t1.aSecond[0] - t0.aSecond[0],
          t1.aSecond[1] - t0.aSecond[1],
          t1.aSecond[2] - t0.aSecond[2]);
  if( p->eTimer==1 ) p->eTimer = 0;
}

/*
** "1st", "2nd", "3rd", "4th"...
*/
static const char *ordinalSuffix(i64 i){
  static const char *const az[] = { "th", "st", "nd", "rd" };
  i64 iUnit = i%10;
  return iUnit>3 || (i/10)%10==1 ? az[0] : az[iUnit];
}

/*
** Report an error in the text that starts on line iLine of zInput, or that
** is argument iLine of the command line.
*/
static void reportError(const char *zErr, const char *zInput, i64 iLine){
  const char *zColor = shColor(2) ? "\033[1;31m" : "";
  const char *zPlain = zColor[0] ? "\033[0m" : "";
  const char *zType = "Error";
  size_t n = strlen(PARSE_ERROR);
  if( strncmp(zErr, PARSE_ERROR, n)==0 ){
    zType = "Parse error";
    zErr += n;
  }
  fprintf(stderr, "%s%s%s ", zColor, zType, zPlain);
  if( zInput==AT_CMDLINE ){
    fprintf(stderr, "in %lld%s command line argument: %s\n",
            (long long)iLine, ordinalSuffix(iLine), zErr);
  }else if( strcmp(zInput, "<stdin>")==0 ){
    fprintf(stderr, "near line %lld: %s\n", (long long)iLine, zErr);
  }else{
    fprintf(stderr, "near line %lld of %s: %s\n", (long long)iLine, zInput,
            zErr);
  }
}

/*
** Run text that the user has given us.  zInput and iLine tell where it
** comes from.  Return the number of errors: 0 or 1.
*/
int executeText(Shell *p, char *zSql, const char *zInput, i64 iLine){
  char *zErr = 0;
  Times t0;
  databaseOpen(p, OPEN_OR_EXIT);
  t0 = timesNow();
  p->bTypedSql = 1;
  stepsBegin(p);
  if( p->bExpert ){
    expertRun(p, zSql, &zErr);
  }else{
    executeSql(p, zSql, &zErr);
  }
  safeRestore(p);
  p->bTypedSql = 0;
  timesReport(p, t0);
  if( zErr ){
    fflush(p->out);
    reportError(zErr, zInput, iLine);
    sqlite3_free(zErr);
    return 1;
  }
  if( p->bCountChanges ){
    fprintf(p->out, "changes: %lld   total_changes: %lld\n",
            sqlite3_changes64(p->db), sqlite3_total_changes64(p->db));
  }
  restoreNotice(p, zSql);
  return 0;
}
