/*
** A database file whose header may be damaged, read as if it were not.
*/
#ifndef SEAWALL_HEADER_H
#define SEAWALL_HEADER_H

#include "sqlite3.h"

typedef struct HeaderRepair HeaderRepair;

HeaderRepair *headerRepair(sqlite3 *db);
void headerRepairEnd(sqlite3 *db, HeaderRepair*);

#endif /* SEAWALL_HEADER_H */
