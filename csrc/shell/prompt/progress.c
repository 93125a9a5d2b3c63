/*
** How far long work has come: one line on the terminal that is written over
** again and again, with a rate and how long the rest may take.
*/
#include <string.h>
#include <unistd.h>
#include "shell.h"

#define FIRST_MS  1000    /* Work that is shorter needs no line */
#define NEXT_MS    100    /* Between two states of the line */

/*
** Work begins.  zWhat is what is done, zUnit what is counted.
*/
void progressBegin(
  Progress *pProgress,
  Shell *p,
  const char *zWhat,
  const char *zUnit
){
  memset(pProgress, 0, sizeof(*pProgress));
  pProgress->bOn = p->bInteractive && isatty(2);
  pProgress->zWhat = zWhat;
  pProgress->zUnit = zUnit;
  pProgress->iBegin = shNowMs();
  pProgress->iNext = pProgress->iBegin + FIRST_MS;
}

/*
** nDone units are done, of nTotal, which is 0 if nobody knows.
*/
void progressShow(Progress *pProgress, i64 nDone, i64 nTotal){
  i64 iNow;
  double rSeconds, rRate;
  if( !pProgress->bOn || (iNow = shNowMs())<pProgress->iNext ) return;
  rSeconds = (double)(iNow - pProgress->iBegin)/1000;
  rRate = (double)nDone/rSeconds;
  if( nTotal && nDone>nTotal ) nDone = nTotal;
  fprintf(stderr, "\r%s: %lld", pProgress->zWhat, (long long)nDone);
  if( nTotal>0 ){
    fprintf(stderr, " of %lld %s (%d%%)", (long long)nTotal, pProgress->zUnit,
            (int)((double)nDone*100/(double)nTotal));
  }else{
    fprintf(stderr, " %s", pProgress->zUnit);
  }
  fprintf(stderr, ", %.0f/s, %.0f s", rRate, rSeconds);
  if( pProgress->zThen ){
    fprintf(stderr, ", %s", pProgress->zThen);
  }else if( nTotal>0 && rRate>0 ){
    fprintf(stderr, ", %.0f s left", (double)(nTotal-nDone)/rRate);
  }
  fputs("\x1b[K", stderr);
  pProgress->bShown = 1;
  pProgress->iNext = iNow + NEXT_MS;
}

/*
** Work has ended: the line goes.
*/
void progressEnd(Progress *pProgress){
  if( pProgress->bShown ) fputs("\r\x1b[K", stderr);
}

#define STATEMENT_STEPS  1000      /* Of the virtual machine between two looks */

/*
** Pages that the connection has read from its files so far, or, with bAll,
** looked at, wherever they have been.
*/
static i64 pagesRead(Shell *p, int bAll){
  int nMiss = 0, nHit = 0, nHighest;
  sqlite3_db_status(p->db, SQLITE_DBSTATUS_CACHE_MISS, &nMiss, &nHighest, 0);
  if( bAll ){
    sqlite3_db_status(p->db, SQLITE_DBSTATUS_CACHE_HIT, &nHit, &nHighest, 0);
  }
  return (i64)nMiss + nHit;
}

/*
** The progress handler.
*/
static int statementShow(void *pArg){
  StatementProgress *pStatement = (StatementProgress*)pArg;
  i64 nRead = pagesRead(pStatement->p, pStatement->nTotal==0);
  progressShow(&pStatement->progress, nRead - pStatement->nBefore,
               pStatement->nTotal);
  return 0;
}

/*
** True if zSql begins with the words zWords.
*/
static int beginsWith(const char *zSql, const char *zWords){
  for(; zWords[0]; zWords++){
    if( zWords[0]==' ' ){
      if( !shIsSpace(zSql[0]) ) return 0;
      while( shIsSpace(zSql[0]) ) zSql++;
    }else if( sqlite3_strnicmp(zSql++, zWords, 1)!=0 ){
      return 0;
    }
  }
  return !shIsAlnum(zSql[0]) && zSql[0]!='_';
}

/*
** VACUUM reads each page that is not free, in files at least, and then, but
** for INTO, writes back all at once what it has made of them.  zArg is what
** follows the word; a schema that is not "main" is not counted.
*/
static void vacuumBegin(StatementProgress *pStatement, const char *zArg){
  while( shIsSpace(zArg[0]) ) zArg++;
  if( zArg[0]==0 || zArg[0]==';' ){
    pStatement->progress.zThen = "then they are written";
  }else if( !beginsWith(zArg, "INTO") ){
    return;
  }
  pStatement->progress.zUnit = "pages read";
  pStatement->nTotal = databaseInt(pStatement->p,
      "SELECT page_count - freelist_count"
      "  FROM pragma_page_count, pragma_freelist_count");
}

/*
** A statement is about to run.  If it is of a kind that may take long and
** shows nothing meanwhile, show its progress from now on.  Nobody knows how
** many pages belong to a table that is indexed.
*/
void progressStatement(
  StatementProgress *pStatement,
  Shell *p,
  sqlite3_stmt *pStmt
){
  static const char *const az[] = {
    "VACUUM", "REINDEX", "CREATE INDEX", "CREATE UNIQUE INDEX"
  };
  const char *z = sqlite3_sql(pStmt);
  int i = 0;
  memset(pStatement, 0, sizeof(*pStatement));
  while( shIsSpace(z[0]) ) z++;
  while( i<ArraySize(az) && !beginsWith(z, az[i]) ) i++;
  if( i==ArraySize(az) || sqlite3_stmt_isexplain(pStmt) ) return;
  if( p->steps.nStep>0 ) return;            /* The user has another handler */
  progressBegin(&pStatement->progress, p, az[i], "pages");
  if( !pStatement->progress.bOn ) return;
  pStatement->p = p;
  if( i==0 ) vacuumBegin(pStatement, &z[strlen(az[0])]);
  pStatement->nBefore = pagesRead(p, pStatement->nTotal==0);
  sqlite3_progress_handler(p->db, STATEMENT_STEPS, statementShow, pStatement);
}

/*
** The statement has ended.
*/
void progressStatementEnd(StatementProgress *pStatement){
  if( pStatement->p==0 ) return;
  sqlite3_progress_handler(pStatement->p->db, 0, 0, 0);
  progressEnd(&pStatement->progress);
}
