/*
** ".connection": several databases that are open side by side.
*/
#include <string.h>
#include "shell.h"

/*
** Make connection i the active one.
*/
static void activate(Shell *p, int i){
  Connection *pOld = &p->aConnection[p->iConnection];
  Connection *pNew = &p->aConnection[i];
  if( pOld==pNew ) return;
  pOld->db = p->db;
  pOld->zDbFile = p->zDbFile;
  pOld->eOpen = p->eOpen;
  p->db = pNew->db;
  p->zDbFile = pNew->zDbFile;
  p->eOpen = pNew->eOpen;
  pNew->db = 0;
  pNew->zDbFile = 0;
  p->iConnection = i;
  signalWatch(p->db);
}

/*
** List all that are open.
*/
static void listConnections(Shell *p){
  int i;
  for(i=0; i<CONNECTIONS_MAX; i++){
    const Connection *pConn = &p->aConnection[i];
    int bActive = i==p->iConnection;
    const char *zFile = bActive ? p->zDbFile : pConn->zDbFile;
    if( !bActive && pConn->db==0 ) continue;
    if( zFile==0 ){
      zFile = "(memory)";
    }else if( zFile[0]==0 ){
      zFile = "(temporary-file)";
    }
    fprintf(p->out, "%s %d: %s\n", bActive ? "ACTIVE" : "      ", i, zFile);
  }
}

/*
** Close connection i, which is not the active one.
*/
static void closeConnection(Shell *p, int i){
  int iActive = p->iConnection;
  activate(p, i);
  databaseClose(p);
  sqlite3_free(p->zDbFile);
  p->zDbFile = 0;
  p->eOpen = OPEN_GUESS;
  activate(p, iActive);
}

/*
** Close all connections.
*/
void connectionCloseAll(Shell *p){
  int i;
  for(i=0; i<CONNECTIONS_MAX; i++){
    if( i!=p->iConnection ) closeConnection(p, i);
  }
  databaseClose(p);
}

/*
** .connection ?N?
** .connection close N
*/
int dotConnection(Shell *p){
  int nArg = p->dot.nArg;
  const char *zNumber = p->dot.azArg[nArg-1];
  int i = zNumber[0] - '0';
  if( nArg==1 ){
    listConnections(p);
    return DOT_OK;
  }
  if( !shIsDigit(zNumber[0]) || zNumber[1]!=0
   || nArg>3 || (nArg==3 && strcmp(p->dot.azArg[1], "close")!=0) ){
    return dotUsage(".connection [close] [CONNECTION-NUMBER]");
  }
  if( i>=CONNECTIONS_MAX ) return DOT_OK;
  if( nArg==2 ){
    activate(p, i);
  }else if( i==p->iConnection ){
    fputs("cannot close the active database connection\n", stderr);
    return DOT_ERROR;
  }else{
    closeConnection(p, i);
  }
  return DOT_OK;
}
