/*
** ".show": all settings at a glance.
*/
#include <string.h>
#include "shell.h"

/*
** One line of the report.
*/
static void showWord(Shell *p, const char *zLabel, const char *zWord){
  fprintf(p->out, "%12s: %s\n", zLabel, zWord);
}
static void showText(Shell *p, const char *zLabel, const char *zText){
  fprintf(p->out, "%12s: ", zLabel);
  shPutCString(p->out, zText);
  fputs("\n", p->out);
}

/*
** .show
*/
int dotShow(Shell *p){
  static const char *const azHeaders[] = { "off", "off", "on", "always" };
  static const char *const azStats[] = { "off", "on", "stmt", "vmstep" };
  static const char *const azEqp[] = { "off", "on", "trigger", "full" };
  const RenderSpec *pSpec = &p->mode.spec;
  int i;
  if( p->dot.nArg!=1 ) return dotUsage(".show");
  showWord(p, "echo", p->mode.bEcho ? "on" : "off");
  showWord(p, "eqp", azEqp[p->eEqp]);
  showWord(p, "explain", p->mode.bAutoExplain ? "auto" : "off");
  showWord(p, "headers", azHeaders[pSpec->bTitles]);
  showWord(p, "mode", modeName(p->mode.eMode));
  showText(p, "nullvalue", pSpec->zNull);
  showWord(p, "output", p->zOutFile ? p->zOutFile : "stdout");
  showText(p, "colseparator", pSpec->zColSep);
  showText(p, "rowseparator", pSpec->zRowSep);
  showWord(p, "stats", azStats[p->eStats]);
  fprintf(p->out, "%12s: ", "width");
  for(i=0; i<pSpec->nWidth; i++) fprintf(p->out, "%d ", pSpec->aWidth[i]);
  fputs("\n", p->out);
  showWord(p, "filename", p->zDbFile ? p->zDbFile : "");
  return DOT_OK;
}
