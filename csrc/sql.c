/*
** SQL that stock SQLite lacks: what of it stands in tokenize.c.  See sql.h.
*/
#include "sql_tokens.c"
#include "random_rowid.c"
#include "sql_pragma.c"
