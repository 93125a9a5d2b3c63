/*
** SQL that stock SQLite lacks: what of it stands in tokenize.c.  See sql.h.
*/
#include "sql_tokens.c"
#include "random_rowid.c"
#include "sql_pragma.c"

/*
** The definition of pTab ends in these options.  Return non-zero if something is
** wrong with them.
**
** The table of functions is as good as a part of the schema: a connection with
** SQLITE_DBCONFIG_DEFENSIVE leaves it to CREATE FUNCTION and DROP FUNCTION.
*/
SQLITE_PRIVATE int seawallEndTable(Parse *pParse, Table *pTab, u32 opts){
  if( sqlite3_stricmp(pTab->zName, FUNCTION_TABLE)==0 ) pTab->tabFlags |= TF_Shadow;
  return randomRowidTable(pParse, pTab, opts);
}
