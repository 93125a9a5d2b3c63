/*
** ".dbconfig": switches of the connection.
*/
#include <string.h>
#include "shell.h"

static const struct Switch {
  const char *zName;
  int eConfig;
} aSwitch[] = {
  { "attach_create",      SQLITE_DBCONFIG_ENABLE_ATTACH_CREATE  },
  { "attach_write",       SQLITE_DBCONFIG_ENABLE_ATTACH_WRITE   },
  { "comments",           SQLITE_DBCONFIG_ENABLE_COMMENTS       },
  { "defensive",          SQLITE_DBCONFIG_DEFENSIVE             },
  { "dqs_ddl",            SQLITE_DBCONFIG_DQS_DDL               },
  { "dqs_dml",            SQLITE_DBCONFIG_DQS_DML               },
  { "enable_fkey",        SQLITE_DBCONFIG_ENABLE_FKEY           },
  { "enable_qpsg",        SQLITE_DBCONFIG_ENABLE_QPSG           },
  { "enable_trigger",     SQLITE_DBCONFIG_ENABLE_TRIGGER        },
  { "enable_view",        SQLITE_DBCONFIG_ENABLE_VIEW           },
  { "fp_digits",          SQLITE_DBCONFIG_FP_DIGITS             },
  { "fts3_tokenizer",     SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER },
  { "legacy_alter_table", SQLITE_DBCONFIG_LEGACY_ALTER_TABLE    },
  { "legacy_file_format", SQLITE_DBCONFIG_LEGACY_FILE_FORMAT    },
  { "load_extension",     SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION },
  { "no_ckpt_on_close",   SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE      },
  { "reset_database",     SQLITE_DBCONFIG_RESET_DATABASE        },
  { "reverse_scanorder",  SQLITE_DBCONFIG_REVERSE_SCANORDER     },
  { "stmt_scanstatus",    SQLITE_DBCONFIG_STMT_SCANSTATUS       },
  { "trigger_eqp",        SQLITE_DBCONFIG_TRIGGER_EQP           },
  { "trusted_schema",     SQLITE_DBCONFIG_TRUSTED_SCHEMA        },
  { "writable_schema",    SQLITE_DBCONFIG_WRITABLE_SCHEMA       },
};

/*
** .dbconfig ?NAME? ?VALUE?
*/
int dotDbconfig(Shell *p){
  const char *zName = p->dot.nArg>1 ? p->dot.azArg[1] : 0;
  int i, nFound = 0;
  databaseOpen(p, OPEN_OR_EXIT);
  for(i=0; i<ArraySize(aSwitch); i++){
    int bNumber = aSwitch[i].eConfig==SQLITE_DBCONFIG_FP_DIGITS;
    int iValue = 0;
    if( zName && strcmp(zName, aSwitch[i].zName)!=0 ) continue;
    if( p->dot.nArg>2 ){
      const char *z = p->dot.azArg[2];
      iValue = bNumber ? (int)shInteger(z) : shBoolean(z)!=0;
      sqlite3_db_config(p->db, aSwitch[i].eConfig, iValue, 0);
    }
    sqlite3_db_config(p->db, aSwitch[i].eConfig, -1, &iValue);
    if( bNumber ){
      fprintf(p->out, "%19s %d\n", aSwitch[i].zName, iValue);
    }else{
      fprintf(p->out, "%19s %s\n", aSwitch[i].zName, iValue ? "on" : "off");
    }
    nFound++;
  }
  if( nFound==0 ){
    dotError(p, 1, "unknown dbconfig",
             "Enter \".dbconfig\" with no arguments for a list");
    return DOT_ERROR;
  }
  return DOT_OK;
}
