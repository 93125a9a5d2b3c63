/*
** ".progress": tell how statements come along, and stop those that take too
** long.
*/
#include <stdlib.h>
#include <string.h>
#include "shell.h"

/*
** Called every so many steps of the virtual machine.
*/
static int onSteps(void *pArg){
  Shell *p = (Shell*)pArg;
  Steps *s = &p->steps;
  double rSeconds = (double)(shNowMs() - s->iBegin)/1000;
  if( p->bAsking ) return 0;
  s->nSeen++;
  if( s->rTimeout>0 && rSeconds>=s->rTimeout ){
    fprintf(p->out, "Progress timeout after %.6f seconds\n", rSeconds);
    return 1;
  }
  if( s->nMax>0 && s->nSeen>=s->nMax ){
    fprintf(p->out, "Progress limit reached (%lld)\n", s->nSeen);
    if( s->bReset ) s->nSeen = 0;
    if( s->bOnce ) s->nMax = 0;
    return 1;
  }
  if( !s->bQuiet ) fprintf(p->out, "Progress %lld\n", s->nSeen);
  return 0;
}

/*
** SQL of the user begins.
*/
void stepsBegin(Shell *p){
  p->steps.iBegin = shNowMs();
  if( p->steps.bReset ) p->steps.nSeen = 0;
}

/*
** .progress N ?--limit N? ?--once? ?--quiet? ?--reset? ?--timeout S?
*/
#define TIMEOUT_STEPS 100     /* How often to look at the clock */
int dotProgress(Shell *p){
  Steps s;
  int i, nStep = 0;
  memset(&s, 0, sizeof(s));
  for(i=1; i<p->dot.nArg; i++){
    const char *z = p->dot.azArg[i];
    const char *zArg = p->dot.azArg[i+1];
    if( z[0]!='-' ){
      if( !shIsNumber(z) ){
        dotError(p, i, "not a number", 0);
        return DOT_ERROR;
      }
      nStep = (int)shInteger(z);
    }else if( shOption(z, "quiet") || shOption(z, "q") ){
      s.bQuiet = 1;
    }else if( shOption(z, "reset") ){
      s.bReset = 1;
    }else if( shOption(z, "once") ){
      s.bOnce = 1;
    }else if( shOption(z, "timeout") ){
      if( zArg==0 ){
        dotError(p, i, "missing argument", 0);
        return DOT_ERROR;
      }
      s.rTimeout = atof(zArg);
      if( s.rTimeout>0 ) s.bQuiet = 1;
      if( s.rTimeout>0 && nStep==0 ) nStep = TIMEOUT_STEPS;
      i++;
    }else if( shOption(z, "limit") ){
      if( zArg==0 ){
        fputs("Error: missing argument on --limit\n", stderr);
        return DOT_ERROR;
      }
      s.nMax = shInteger(zArg);
      i++;
    }else{
      fprintf(stderr, "Error: unknown option: \"%s\"\n", z);
      return DOT_ERROR;
    }
  }
  s.nStep = nStep;
  p->steps = s;
  databaseOpen(p, OPEN_OR_EXIT);
  sqlite3_progress_handler(p->db, nStep, onSteps, p);
  return DOT_OK;
}
