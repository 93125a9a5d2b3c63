/*
** ".limit": limits of the connection.
*/
#include <string.h>
#include "shell.h"

static const struct Limit {
  const char *zName;
  int eLimit;
} aLimit[] = {
  { "length",                SQLITE_LIMIT_LENGTH              },
  { "sql_length",            SQLITE_LIMIT_SQL_LENGTH          },
  { "column",                SQLITE_LIMIT_COLUMN              },
  { "expr_depth",            SQLITE_LIMIT_EXPR_DEPTH          },
  { "parser_depth",          SQLITE_LIMIT_PARSER_DEPTH        },
  { "compound_select",       SQLITE_LIMIT_COMPOUND_SELECT     },
  { "vdbe_op",               SQLITE_LIMIT_VDBE_OP             },
  { "function_arg",          SQLITE_LIMIT_FUNCTION_ARG        },
  { "attached",              SQLITE_LIMIT_ATTACHED            },
  { "like_pattern_length",   SQLITE_LIMIT_LIKE_PATTERN_LENGTH },
  { "variable_number",       SQLITE_LIMIT_VARIABLE_NUMBER     },
  { "trigger_depth",         SQLITE_LIMIT_TRIGGER_DEPTH       },
  { "worker_threads",        SQLITE_LIMIT_WORKER_THREADS      },
};

static void limitShow(Shell *p, const struct Limit *pLimit, int iNew){
  fprintf(p->out, "%20s %d\n", pLimit->zName,
          (sqlite3_limit(p->db, pLimit->eLimit, iNew),
           sqlite3_limit(p->db, pLimit->eLimit, -1)));
}

/*
** .limit ?NAME? ?VALUE?
*/
int dotLimit(Shell *p){
  const struct Limit *pFound = 0;
  const char *z = p->dot.azArg[1];
  int i;
  databaseOpen(p, OPEN_OR_EXIT);
  if( p->dot.nArg>3 ) return dotUsage(".limit NAME ?NEW-VALUE?");
  if( p->dot.nArg==1 ){
    for(i=0; i<ArraySize(aLimit); i++) limitShow(p, &aLimit[i], -1);
    return DOT_OK;
  }
  for(i=0; i<ArraySize(aLimit); i++){
    if( sqlite3_strnicmp(aLimit[i].zName, z, (int)strlen(z))!=0 ) continue;
    if( pFound ){
      fprintf(stderr, "ambiguous limit: \"%s\"\n", z);
      return DOT_ERROR;
    }
    pFound = &aLimit[i];
  }
  if( pFound==0 ){
    fprintf(stderr, "unknown limit: \"%s\"\n"
                    "enter \".limits\" with no arguments for a list.\n", z);
    return DOT_ERROR;
  }
  limitShow(p, pFound,
            p->dot.nArg==3 ? (int)shInteger(p->dot.azArg[2]) : -1);
  return DOT_OK;
}
