/*
** Where statements end: what an unfinished one lacks, and what is one too many.
*/
#include "shell.h"

/*
** Append to pOut the text that would complete zSql: the end of an open
** comment or quote, parentheses, END of a trigger, and, with COMPLETE_SEMI,
** the final semicolon.
**
** sqlite3_incomplete() packs its answer: the number of open parentheses in
** the upper half, then a byte each for the open quote, the kind of ending
** that is missing (1: ";"  2: "END"  3: "; END") and the status.
*/
void completeAppend(sqlite3_str *pOut, const char *zSql, int mFlags){
  i64 iState = zSql ? sqlite3_incomplete(zSql) : 0;
  int nParen = (int)(iState>>32);
  char cOpen = (char)((iState>>16) & 0xff);
  int eEnding = (int)((iState>>8) & 0xff);
  int eStatus = (int)(iState & 0xff);
  int bSemi = (mFlags & COMPLETE_SEMI)!=0;

  if( cOpen=='/' ){
    sqlite3_str_appendall(pOut, "*/");
  }else if( cOpen=='-' ){
    if( (mFlags & COMPLETE_NEWLINE)==0 ) sqlite3_str_appendchar(pOut, 1, '\n');
  }else if( cOpen ){
    sqlite3_str_appendchar(pOut, 1, cOpen);
  }
  if( nParen>0 ) sqlite3_str_appendchar(pOut, nParen, ')');
  if( eStatus==SQLITE_OK || eStatus==SQLITE_EMPTY ) return;
  if( eEnding==3 ) sqlite3_str_appendchar(pOut, 1, ';');
  if( eEnding>=2 ) sqlite3_str_appendall(pOut, "END");
  if( eEnding>=2 && bSemi ) sqlite3_str_appendchar(pOut, 1, ';');
  if( eEnding==1 && bSemi ) sqlite3_str_appendchar(pOut, 1, ';');
}

/*
** True if zSql, which a schema has, is what SQLite puts there.
*/
int statementCreates(const char *zSql){
  return sqlite3_strnicmp(zSql, "CREATE ", 7)==0;
}

/*
** The statement that zSql begins with, without the semicolon.  Schemas have
** nothing else unless somebody has tampered with them, and what follows must
** not run.  To be freed.
*/
char *statementFirst(const char *zSql){
  char *z = shDup(zSql);
  int i, bEnds;
  for(i=0; z[i]; i++){
    char cNext = z[i+1];
    if( z[i]!=';' ) continue;
    z[i+1] = 0;
    bEnds = sqlite3_complete(z);
    z[i+1] = cNext;
    if( bEnds ){
      z[i] = 0;
      break;
    }
  }
  return z;
}

/*
** Run the statement of a schema that zSql begins with, if it creates something.
*/
int statementCreate(sqlite3 *db, const char *zSql){
  sqlite3_stmt *pStmt = 0;
  int rc;
  if( !statementCreates(zSql) ) return SQLITE_CORRUPT;
  rc = sqlite3_prepare_v2(db, zSql, -1, &pStmt, 0);
  if( rc!=SQLITE_OK ) return rc;
  sqlite3_step(pStmt);
  return sqlite3_finalize(pStmt);
}
