/*
** Make the timeline the log of every connection that names none: SQLite
** calls this at the end of its initialization (SQLITE_EXTRA_INIT).
*/
#include "seawall.h"

/* Registers the logs that come with the library. */
int seawall_register_backends(void);

int timeline_init(const char *zUnused){
  int rc = seawall_register_backends();
  (void)zUnused;
  if( rc!=SQLITE_OK ) return rc;
  return seawall_wal_register("timeline", seawall_wal_find("timeline"), 1);
}
