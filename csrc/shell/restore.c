/*
** Playing back a dump.
**
** The output of ".dump" contains INSERTs into sqlite_schema, for virtual
** tables, and may contain strings in double quotes; neither works on the
** cautious connections of the shell.  A script that begins as ".dump"
** begins, and that meets an empty database, is trusted until its
** transaction ends.
*/
#include <string.h>
#include "shell.h"

#define RESTORE_START      0    /* Nothing has been run yet */
#define RESTORE_PRAGMA     1    /* The first line of a dump has been run */
#define RESTORE_NEVER      2    /* This is no dump, or it is over */
#define RESTORE_ACTIVE     4    /* Inside of a dump */
#define RESTORE_DEFENSIVE  8    /* ... at whose end to set DEFENSIVE again */
#define RESTORE_DQS       16    /* ... at whose end to clear DQS_DDL again */

/*
** Let a dump do what it must, and remember what to undo.
*/
static u8 restoreBegin(Shell *p){
  int bDefensive = 0;
  int bDqs = 0;
  sqlite3_db_config(p->db, SQLITE_DBCONFIG_DEFENSIVE, -1, &bDefensive);
  sqlite3_db_config(p->db, SQLITE_DBCONFIG_DQS_DDL, -1, &bDqs);
  sqlite3_db_config(p->db, SQLITE_DBCONFIG_DEFENSIVE, 0, 0);
  sqlite3_db_config(p->db, SQLITE_DBCONFIG_DQS_DDL, 1, 0);
  return (u8)(RESTORE_ACTIVE | (bDefensive ? RESTORE_DEFENSIVE : 0)
                             | (bDqs ? 0 : RESTORE_DQS));
}

/*
** Undo restoreBegin().
*/
static void restoreEnd(Shell *p){
  if( p->eRestore & RESTORE_DEFENSIVE ){
    sqlite3_db_config(p->db, SQLITE_DBCONFIG_DEFENSIVE, 1, 0);
  }
  if( p->eRestore & RESTORE_DQS ){
    sqlite3_db_config(p->db, SQLITE_DBCONFIG_DQS_DDL, 0, 0);
  }
}

/*
** zSql has been run without an error.
*/
void restoreNotice(Shell *p, const char *zSql){
  switch( p->eRestore ){
    case RESTORE_NEVER:
      break;
    case RESTORE_START:
      p->eRestore = !p->bSafe && strcmp(zSql, "PRAGMA foreign_keys=OFF;")==0
                  ? RESTORE_PRAGMA : RESTORE_NEVER;
      break;
    case RESTORE_PRAGMA:
      if( strcmp(zSql, "BEGIN TRANSACTION;")==0
       && databaseInt(p, "SELECT count(*) FROM sqlite_schema")==0 ){
        p->eRestore = restoreBegin(p);
      }else{
        p->eRestore = RESTORE_NEVER;
      }
      break;
    default:
      if( sqlite3_get_autocommit(p->db) ){
        restoreEnd(p);
        p->eRestore = RESTORE_NEVER;
      }
      break;
  }
}
