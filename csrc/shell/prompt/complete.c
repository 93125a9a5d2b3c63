/*
** What an unfinished piece of SQL lacks.
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
