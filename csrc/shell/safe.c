/*
** Safe mode (-safe): refuse whatever could reach outside the database.
*/
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
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
** Refuse, in safe mode, what an authorizer is asked for.
*/
void safeCheck(Shell *p, int eAction, const char *z1, const char *z2){
  static const char *const azForbidden[] = {
    "edit", "fts3_tokenizer", "load_extension", "readfile", "realpath",
    "writefile", "zipfile", "zipfile_cds"
  };
  int i;
  if( eAction==SQLITE_ATTACH ){
    safeRefuse(p, "cannot run ATTACH in safe mode");
  }else if( eAction==SQLITE_CREATE_VTABLE
         && sqlite3_stricmp(z2, "zipfile")==0 ){
    safeRefuse(p, "cannot use the zipfile module in safe mode");
  }else if( eAction==SQLITE_READ && (sqlite3_stricmp(z1, "fsdir")==0
                                  || sqlite3_stricmp(z1, "zipfile")==0) ){
    safeRefuse(p, "cannot read the table %s in safe mode", z1);
  }else if( eAction==SQLITE_FUNCTION ){
    for(i=0; i<ArraySize(azForbidden); i++){
      if( sqlite3_stricmp(z2, azForbidden[i])==0 ){
        safeRefuse(p, "cannot use the %s() function in safe mode",
                   azForbidden[i]);
      }
    }
  }
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
  (void)z3; (void)z4;
  safeCheck((Shell*)pArg, eAction, z1, z2);
  return SQLITE_OK;
}

/*
** Guard the connection that has just been opened, if safe mode is on.
*/
void safeInstall(Shell *p){
  if( p->bSafeOption ) sqlite3_set_authorizer(p->db, safeAuthorizer, p);
}

/*
** What ".nonce" has allowed is over.
*/
void safeRestore(Shell *p){
  if( p->bSafeOption ) p->bSafe = 1;
}

/*
** .nonce NONCE
**
** Leave safe mode for one command, if NONCE is what the command line says.
*/
int dotNonce(Shell *p){
  if( p->dot.nArg!=2 ) return dotUsage(".nonce NONCE");
  if( p->zNonce==0 || strcmp(p->dot.azArg[1], p->zNonce)!=0 ){
    fprintf(stderr, "line %lld: incorrect nonce: \"%s\"\n", p->nLine,
            p->dot.azArg[1]);
    exit(1);
  }
  p->bSafe = 0;
  return DOT_OK;
}
