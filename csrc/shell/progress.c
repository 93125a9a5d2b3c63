/*
** How far long work has come: one line on the terminal that is written over
** again and again, with a rate and how long the rest may take.
*/
#include <string.h>
#include <unistd.h>
#include "shell.h"

#define FIRST_MS   500    /* Work that is shorter needs no line */
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
  double rRate;
  if( !pProgress->bOn || (iNow = shNowMs())<pProgress->iNext ) return;
  rRate = (double)nDone*1000/(double)(iNow - pProgress->iBegin);
  fprintf(stderr, "\r%s: %lld", pProgress->zWhat, (long long)nDone);
  if( nTotal>0 ){
    fprintf(stderr, " of %lld %s (%d%%)", (long long)nTotal, pProgress->zUnit,
            (int)((double)nDone*100/(double)nTotal));
  }else{
    fprintf(stderr, " %s", pProgress->zUnit);
  }
  fprintf(stderr, ", %.0f/s", rRate);
  if( nTotal>0 && rRate>0 ){
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
