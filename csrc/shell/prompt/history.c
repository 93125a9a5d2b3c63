/*
** Files in the home directory: the history and the start-up script.
*/
#include <stdlib.h>
#include <unistd.h>
#include "shell.h"

/*
** Return $zVariable/zName or, if there is no such variable, ~/zDir/zName:
** in either case only if the file exists.  To be freed.
*/
static char *xdgFile(const char *zVariable, const char *zDir,
                     const char *zName){
  const char *zBase = getenv(zVariable);
  char *zHome;
  char *z;
  if( zBase ){
    z = shPrintf("%s/%s", zBase, zName);
  }else{
    zHome = shHome();
    if( zHome==0 ) return 0;
    z = shPrintf("%s/%s/%s", zHome, zDir, zName);
    sqlite3_free(zHome);
  }
  if( access(z, F_OK)!=0 ){
    sqlite3_free(z);
    z = 0;
  }
  return z;
}

/*
** Return ~/zName, or NULL if there is no home.  To be freed.
*/
static char *homeFile(const char *zName){
  char *zHome = shHome();
  char *z = zHome ? shPrintf("%s/%s", zHome, zName) : 0;
  sqlite3_free(zHome);
  return z;
}

/*
** Where the lines typed at the prompt are kept: the value of the variable
** SQLITE_HISTORY, else sqlite_history in the XDG state directory if that
** file exists, else ~/.sqlite_history.  NULL if there is no home.  To be
** freed.
*/
char *historyFile(void){
  const char *zSet = getenv("SQLITE_HISTORY");
  char *z;
  if( zSet ) return shDup(zSet);
  z = xdgFile("XDG_STATE_HOME", ".local/state", "sqlite_history");
  return z ? z : homeFile(".sqlite_history");
}

/*
** The script to run at the start: sqlite3/sqliterc in the XDG configuration
** directory if it exists, else ~/.sqliterc.  NULL if there is no home.  To
** be freed.
*/
char *configFile(void){
  char *z = xdgFile("XDG_CONFIG_HOME", ".config", "sqlite3/sqliterc");
  return z ? z : homeFile(".sqliterc");
}
