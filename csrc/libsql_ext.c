/*
** Extensions of libSQL: the fourth argument of their entry points.  This
** stands in loadext.c, behind the table of stock SQLite's functions.
*/

/*
** Call the entry point of an extension.  One that was written for stock
** SQLite has three parameters and never sees the fourth argument, which every
** calling convention that SQLite runs on allows.  pApi is NULL when extensions
** use no table; then there is none of libSQL's either.
*/
static int seawallCallEntry(
  sqlite3_loadext_entry xInit,
  sqlite3 *db,
  char **pzErrMsg,
  const sqlite3_api_routines *pApi
){
  static const libsql_api_routines libsqlApis = { libsql_close_hook };
  libsql_loadext_entry xEntry = (libsql_loadext_entry)xInit;
  return xEntry(db, pzErrMsg, pApi, pApi ? &libsqlApis : 0);
}

SEAWALL_LAYOUT(api_routines, sizeof(libsql_api_routines)==8);
