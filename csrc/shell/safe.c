/*
** Safe mode (-safe): refuse whatever could reach outside the database.
*/
#include <stdarg.h>
#include <stdlib.h>
#include "shell.h"

/*
** In safe mode, print the message and exit.  Otherwise do nothing.
*/
void safeRefuse(Shell *p, const char *zFormat, ...){
  va_list ap;
  char *zMsg;
  char *zAt;
  if( !p->bSafe ) return;
  va_start(ap, zFormat);
  zMsg = shCheck(sqlite3_vmprintf(zFormat, ap));
  va_end(ap);
  zAt = dotLocation(p);
  fprintf(stderr, "%s %s\n", zAt, zMsg);
  sqlite3_free(zAt);
  sqlite3_free(zMsg);
  exit(1);
}

/*
** The authorizer of safe mode.
*/
static int safeAuthorizer(
  void *pArg,
  int eAction,
  const char *z1,
  const char *z2,
  const char *z3,
  const char *z4
){
  static const char *const azForbidden[] = {
    "edit", "fts3_tokenizer", "load_extension", "readfile", "realpath",
    "writefile", "zipfile", "zipfile_cds"
  };
  Shell *p = (Shell*)pArg;
  int i;
  (void)z1; (void)z3; (void)z4;
  if( eAction==SQLITE_ATTACH ){
    safeRefuse(p, "cannot run ATTACH in safe mode");
  }else if( eAction==SQLITE_FUNCTION ){
    for(i=0; i<ArraySize(azForbidden); i++){
      if( sqlite3_stricmp(z2, azForbidden[i])==0 ){
        safeRefuse(p, "cannot use the %s() function in safe mode",
                   azForbidden[i]);
      }
    }
  }
  return SQLITE_OK;
}

/*
** Guard the connection that has just been opened, if safe mode is on.
*/
void safeInstall(Shell *p){
  if( p->bSafe ) sqlite3_set_authorizer(p->db, safeAuthorizer, p);
}
