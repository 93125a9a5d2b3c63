/*
** ".auth": show what statements want to do, and forbid some of it.
*/
#include "shell.h"

/*
** The authorizer.  A request is text such as "READ 't1' 'a' 'main' NULL",
** which GLOB patterns of the user may match.
*/
static int authorize(
  void *pArg,
  int eAction,
  const char *z1,
  const char *z2,
  const char *z3,
  const char *z4
){
  static const char *const azAction[] = {
    "COPY", "CREATE_INDEX", "CREATE_TABLE", "CREATE_TEMP_INDEX",
    "CREATE_TEMP_TABLE", "CREATE_TEMP_TRIGGER", "CREATE_TEMP_VIEW",
    "CREATE_TRIGGER", "CREATE_VIEW", "DELETE", "DROP_INDEX", "DROP_TABLE",
    "DROP_TEMP_INDEX", "DROP_TEMP_TABLE", "DROP_TEMP_TRIGGER",
    "DROP_TEMP_VIEW", "DROP_TRIGGER", "DROP_VIEW", "INSERT", "PRAGMA", "READ",
    "SELECT", "TRANSACTION", "UPDATE", "ATTACH", "DETACH", "ALTER_TABLE",
    "REINDEX", "ANALYZE", "CREATE_VTABLE", "DROP_VTABLE", "FUNCTION",
    "SAVEPOINT", "RECURSIVE"
  };
  Shell *p = (Shell*)pArg;
  const char *zResult = "OK";
  int rc = SQLITE_OK;
  char *zRequest = shPrintf("%s %Q %Q %Q %Q",
      eAction>=0 && eAction<ArraySize(azAction) ? azAction[eAction] : "?",
      z1, z2, z3, z4);
  if( p->zAuthDeny && sqlite3_strglob(p->zAuthDeny, zRequest)==0 ){
    zResult = "DENY";
    rc = SQLITE_DENY;
  }else if( p->zAuthIgnore && sqlite3_strglob(p->zAuthIgnore, zRequest)==0 ){
    zResult = "IGNORE";
    rc = SQLITE_IGNORE;
  }
  if( !p->bAsking ){
    fprintf(p->out, "authorizer: %s -> %s\n", zRequest, zResult);
  }
  sqlite3_free(zRequest);
  safeCheck(p, eAction, z1, z2);
  return rc;
}

/*
** .auth ON|OFF ?--deny GLOB? ?--ignore GLOB?
*/
int dotAuth(Shell *p){
  int i, bOn = -1;
  for(i=1; i<p->dot.nArg; i++){
    const char *z = p->dot.azArg[i];
    int bDeny = shOption(z, "deny");
    if( bDeny || shOption(z, "ignore") ){
      if( ++i==p->dot.nArg ){
        dotError(p, i-1, "missing argument", 0);
        return DOT_ERROR;
      }
      z = p->dot.azArg[i];
      modeSetText(bDeny ? &p->zAuthDeny : &p->zAuthIgnore, z[0] ? z : 0);
    }else if( bOn<0 ){
      bOn = shBoolean(z)!=0;
    }else{
      dotError(p, i, "unknown argument", 0);
      return DOT_ERROR;
    }
  }
  if( bOn<0 ) return dotUsage(".auth ON|OFF [--deny GLOB] [--ignore]");
  databaseOpen(p, OPEN_OR_EXIT);
  sqlite3_set_authorizer(p->db, bOn ? authorize : 0, p);
  if( !bOn ) safeInstall(p);
  return DOT_OK;
}
