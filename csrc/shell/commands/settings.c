/*
** Dot-commands that set one thing.
*/
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "libsql.h"
#include "shell.h"

/*
** .bail on|off
*/
int dotBail(Shell *p){
  if( p->dot.nArg!=2 ) return dotUsage(".bail on|off");
  p->bBail = shBoolean(p->dot.azArg[1])!=0;
  return DOT_OK;
}

/*
** .cd DIRECTORY
*/
int dotCd(Shell *p){
  safeRefuse(p, "cannot run .cd in safe mode");
  if( p->dot.nArg!=2 ) return dotUsage(".cd DIRECTORY");
  if( chdir(p->dot.azArg[1])==0 ) return DOT_OK;
  fprintf(stderr, "Cannot change to directory \"%s\"\n", p->dot.azArg[1]);
  return DOT_ERROR;
}

/*
** .changes on|off
*/
int dotChanges(Shell *p){
  if( p->dot.nArg!=2 ) return dotUsage(".changes on|off");
  p->bCountChanges = shBoolean(p->dot.azArg[1])!=0;
  return DOT_OK;
}

/*
** .crlf ?on|off?
**
** Whether lines end with CR and newline.  Here they never do.
*/
int dotCrlf(Shell *p){
  (void)p;
  fputs("crlf is OFF\n", stderr);
  return DOT_OK;
}

/*
** .init_wasm_func_table
**
** For scripts that were written for libSQL: functions are found without it.
*/
int dotInitWasm(Shell *p){
  if( p->dot.nArg!=1 ) return dotUsage(".init_wasm_func_table");
  databaseOpen(p, OPEN_OR_EXIT);
  return libsql_try_initialize_wasm_func_table(p->db)==SQLITE_OK ? DOT_OK
                                                                 : DOT_ERROR;
}

/*
** .echo on|off
*/
int dotEcho(Shell *p){
  if( p->dot.nArg!=2 ) return dotUsage(".echo on|off");
  p->mode.bEcho = shBoolean(p->dot.azArg[1])!=0;
  return DOT_OK;
}

/*
** .eqp off|on|trigger|full
*/
int dotEqp(Shell *p){
  const char *z = p->dot.azArg[1];
  if( p->dot.nArg!=2 ) return dotUsage(".eqp off|on|trace|trigger|full");
  databaseOpen(p, OPEN_OR_EXIT);
  if( strcmp(z, "full")==0 ){
    p->eEqp = EQP_FULL;
  }else if( strcmp(z, "trigger")==0 ){
    p->eEqp = EQP_TRIGGER;
  }else{
    p->eEqp = shBoolean(z) ? EQP_ON : EQP_OFF;
  }
  sqlite3_db_config(p->db, SQLITE_DBCONFIG_TRIGGER_EQP, p->eEqp>=EQP_TRIGGER, 0);
  return DOT_OK;
}

/*
** .explain ?on|off|auto?
*/
int dotExplain(Shell *p){
  if( p->dot.nArg>1 ){
    const char *z = p->dot.azArg[1];
    p->mode.bAutoExplain = strcmp(z, "auto")==0 || shBoolean(z)!=0;
  }
  return DOT_OK;
}

/*
** .headers on|off|always
*/
int dotHeaders(Shell *p){
  const char *z = p->dot.azArg[1];
  if( p->dot.nArg!=2 ) return dotUsage(".headers on|off");
  if( strcmp(z, "always")==0 ){
    p->mode.spec.bTitles = SW_ALWAYS;
  }else{
    p->mode.spec.bTitles = shBoolean(z) ? SW_ON : SW_OFF;
  }
  p->mode.bHeaderSet = 1;
  p->mode.spec.eTitle = modeInfo(p->mode.eMode)->eTitle;
  return DOT_OK;
}

/*
** .log FILE|on|off
*/
int dotLog(Shell *p){
  const char *z = p->dot.azArg[1];
  if( p->dot.nArg!=2 ) return dotUsage(".log FILENAME");
  if( strcmp(z, "on")==0 ) z = "stdout";
  outputClose(p, p->pLog, ".log");
  p->pLog = outputOpen(p, z);
  return p->pLog || strcmp(z, "off")==0 ? DOT_OK : DOT_ERROR;
}

/*
** .nullvalue STRING
*/
int dotNullvalue(Shell *p){
  if( p->dot.nArg!=2 ) return dotUsage(".nullvalue STRING");
  modeSetText(&p->mode.spec.zNull, p->dot.azArg[1]);
  return DOT_OK;
}

/*
** An option of ".prompt".  Return false if z is none.
*/
static int promptOption(Shell *p, const char *z){
  int bHard = shOption(z, "hard-reset");
  if( bHard ){
    unsetenv("SQLITE_PS1");
    unsetenv("SQLITE_PS2");
  }
  if( bHard || shOption(z, "reset") ){
    modeSetText(&p->azPrompt[0], 0);
    modeSetText(&p->azPrompt[1], 0);
  }else if( shOption(z, "show") ){
    fprintf(stdout, "Main prompt:  '%s'\n", promptText(p, 0));
    fprintf(stdout, "Continuation: '%s'\n", promptText(p, 1));
  }else if( shOption(z, "color") ){
    unsetenv("NO_COLOR");
  }else if( shOption(z, "no-color") ){
    setenv("NO_COLOR", "1", 1);
  }else{
    return 0;
  }
  return 1;
}

/*
** .prompt ?OPTIONS? ?MAIN? ?CONTINUE?
*/
int dotPrompt(Shell *p){
  int nSet = 0;
  int bOptions = 1;
  int i;
  for(i=1; i<p->dot.nArg; i++){
    const char *z = p->dot.azArg[i];
    if( bOptions && strcmp(z, "--")==0 ){
      bOptions = 0;
    }else if( bOptions && z[0]=='-' ){
      if( !promptOption(p, z) ){
        dotError(p, i, "unknown option", 0);
        return DOT_ERROR;
      }
    }else if( nSet<2 ){
      modeSetText(&p->azPrompt[nSet++], z);
    }
  }
  return DOT_OK;
}

/*
** .scanstats on|off|est|vm
**
** The library is not compiled for it.
*/
int dotScanstats(Shell *p){
  const char *z = p->dot.azArg[1];
  if( p->dot.nArg!=2 ) return dotUsage(".scanstats on|off|est");
  if( strcmp(z, "est")!=0 && strcmp(z, "vm")!=0 ) shBoolean(z);
  fputs("Warning: .scanstats not available in this build.\n", stderr);
  return DOT_OK;
}

/*
** .separator COL ?ROW?
*/
int dotSeparator(Shell *p){
  int nArg = p->dot.nArg;
  if( nArg>1 ) modeSetText(&p->mode.spec.zColSep, p->dot.azArg[1]);
  if( nArg>2 ) modeSetText(&p->mode.spec.zRowSep, p->dot.azArg[2]);
  return nArg<2 || nArg>3 ? dotUsage(".separator COL ?ROW?") : DOT_OK;
}

/*
** .timeout MS
*/
int dotTimeout(Shell *p){
  i64 nMs = p->dot.nArg>1 ? shInteger(p->dot.azArg[1]) : 0;
  databaseOpen(p, OPEN_OR_EXIT);
  sqlite3_busy_timeout(p->db, nMs>0x7fffffff ? 0x7fffffff : (int)nMs);
  return DOT_OK;
}

/*
** .timer on|off|once
*/
int dotTimer(Shell *p){
  if( p->dot.nArg!=2 ) return dotUsage(".timer on|off|once");
  if( strcmp(p->dot.azArg[1], "once")==0 ){
    p->eTimer = 1;
  }else{
    p->eTimer = shBoolean(p->dot.azArg[1]) ? 2 : 0;
  }
  return DOT_OK;
}

/*
** .width NUM ...
*/
int dotWidth(Shell *p){
  RenderSpec *pSpec = &p->mode.spec;
  int n = p->dot.nArg - 1;
  int i;
  pSpec->aWidth = shRealloc(pSpec->aWidth, (sqlite3_uint64)n*sizeof(int));
  for(i=0; i<n; i++){
    i64 w = shInteger(p->dot.azArg[i+1]);
    if( w>RENDER_WIDTH_MAX ) w = RENDER_WIDTH_MAX;
    if( w<-RENDER_WIDTH_MAX ) w = -RENDER_WIDTH_MAX;
    pSpec->aWidth[i] = (int)w;
  }
  pSpec->nWidth = n;
  return DOT_OK;
}
