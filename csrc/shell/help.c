/*
** Texts for people: ".help" and -help.
*/
#include <string.h>
#include "shell.h"

#define DESCRIPTION  25

/*
** One topic for each command: what ".help" lists, and more.  The description
** begins in column DESCRIPTION, on a line of its own if the syntax is longer.
*/
static const struct Topic {
  const char *zLine;      /* Syntax and description */
  const char *zMore;      /* Lines that each end with a newline, or NULL */
} aTopic[] = {
  { ".archive ...             Keep files in an archive, in a database or ZIP",
    "   One of:\n"
    "   -c, --create           Make a new archive of the files that are named\n"
    "   -i, --insert           Put files into the archive\n"
    "   -u, --update           The same, but only files that are not in there\n"
    "                          with the same mode and time\n"
    "   -r, --remove           Remove files from the archive\n"
    "   -t, --list             List the archive, or what is named\n"
    "   -x, --extract          Write what is in the archive, or is named, to\n"
    "                          files, but to none outside of the directory\n"
    "   And, each if it is wanted:\n"
    "   -f, --file FILE        Use a database or ZIP archive other than the\n"
    "                          current one\n"
    "   -a, --append FILE      The same, for a database behind something else\n"
    "   -C, --directory DIR    Take files from DIR, or extract to DIR\n"
    "   -g, --glob             Names of what is in the archive are patterns\n"
    "   -n, --dryrun           Show the SQL, and do nothing\n"
    "   -v, --verbose          Print the name of each file\n"
    "   -c does not empty a ZIP archive that exists.  For example:\n"
    "       .archive -cf my.zip docs src\n"
    "       .archive tvf my.zip\n" },
  { ".auth on|off             Whether to show what statements want to do",
    "   --deny GLOB            Refuse requests, as they are shown, that match\n"
    "   --ignore GLOB          Act as if what matches were not there\n" },
  { ".backup ?DB? FILE        Write a database, DB or \"main\", to FILE",
    "   FILE may be a URI.  What is in FILE already is replaced.\n"
    "   --append               Put it behind what is in FILE (apndvfs)\n"
    "   --async                Do not wait until it is safe on the disk\n" },
  { ".bail on|off             Whether an error ends a script.  Default: off",
    0 },
  { ".cd DIRECTORY            Make DIRECTORY the working directory", 0 },
  { ".changes on|off          Tell how many rows each SQL input has changed",
    0 },
  { ".check PATTERN           Compare what .testcase has collected",
    "   PATTERN may be \"<<END\" for the lines that follow up to END.\n"
    "   --exact                Line ends at either end count\n"
    "   --glob                 PATTERN is a GLOB pattern of a part of it\n"
    "   --keep                 Go on collecting\n"
    "   --notglob              Fail if PATTERN, as with --glob, is found\n"
    "   --show                 Show it, and go on collecting\n" },
  { ".clone FILE              Copy what can be read into a new database", 0 },
  { ".connection ?N?          List the open databases, or change to database N",
    "   N is a digit from 0 to 4.  A database that is not open yet is opened by\n"
    "   .open, or is a temporary one.\n"
    "   close N                Close database N\n" },
  { ".crlf ?on|off?           Tell that lines do not end with CR and newline", 0 },
  { ".databases               Show every attached database with its file", 0 },
  { ".dbconfig ?NAME? ?VALUE? Show the switches of the connection, or set one", 0 },
  { ".dbinfo ?DB?             Show the header of a database, DB or \"main\"", 0 },
  { ".dbtotxt                 Write the pages of the database as text", 0 },
  { ".dump ?PATTERN? ...      Write the database as SQL",
    "   Only objects that match a LIKE pattern PATTERN, if there is one.\n"
    "   --data-only            Leave out everything but INSERT statements\n"
    "   --newlines             Accepted and ignored; .mode --escape off makes a\n"
    "                          dump that versions before 3.50 can read\n"
    "   --nosys                Leave out system tables such as sqlite_stat1\n"
    "   --preserve-rowids      Write rowids that no column stands for\n" },
  { ".echo on|off             Whether to repeat each input before it runs",
    0 },
  { ".eqp off|on|trigger|full Show the query plan of each statement first",
    "   trigger                ... with the plans of its triggers\n"
    "   full                   ... and the program that runs it\n" },
  { ".excel                   The same as .once -x", 0 },
  { ".exit ?CODE?             Leave, with CODE as the exit code", 0 },
  { ".explain ?on|off|auto?   Whether EXPLAIN is laid out as a listing", 0 },
  { ".expert ?OPTIONS?        Recommend indexes for the SQL that follows",
    "   --sample PERCENT       Look at that many of the rows; 100 if omitted\n"
    "   --verbose              Show all indexes that have been considered\n" },
  { ".filectrl NAME ?ARG?     Ask the file of a database, or set something",
    "   --schema DB            The database, unless it is \"main\"; goes first\n"
    "   --help                 List the names\n" },
  { ".fullschema ?--indent?   Show the schema and what ANALYZE has found", 0 },
  { ".headers on|off|always   Whether to show column titles",
    "   on                     ... above the first row of a result\n"
    "   always                 ... even if there is no row\n" },
  { ".help ?-all? ?PATTERN?   Explain commands that match PATTERN", 0 },
  { ".import FILE TABLE       Insert the rows of FILE into TABLE",
    "   FILE may be \"|COMMAND\", or \"<<END\" for the lines that follow up to\n"
    "   END.  A table that does not exist is created; the first row names its\n"
    "   columns.  All of it is one transaction.  Separators are those of the\n"
    "   current mode.\n"
    "   --ascii                Separators are 0x1F and 0x1E; quotes are text\n"
    "   --colsep C             Fields are separated by C\n"
    "   --csv                  Separators are comma and newline\n"
    "   --esc C                C stands before a character meant as it is\n"
    "   --qesc C               The same, within quotes\n"
    "   --rejects FILE         Write rows that cannot be inserted to FILE\n"
    "   --rowsep C             Rows are separated by C\n"
    "   --schema DB            TABLE is in the database DB\n"
    "   --skip N               Pass over the first N rows\n"
    "   -v                     Say what is done; twice: say more\n" },
  { ".imposter INDEX TABLE    Let an index be read as a table TABLE",
    "   .imposter off          Forget all such tables\n" },
  { ".indexes ?PATTERN?       List indexes with PATTERN in their name",
    "   -a, --all              Include those that SQLite has made\n"
    "   --expr                 Only those on expressions\n"
    "   --sys                  Only those that SQLite has made\n" },
  { ".init_wasm_func_table    Nothing: functions are found without it",
    "   It is here for scripts that were written for libSQL.\n" },
  { ".intck ?N?               Compare tables with their indexes",
    "   Let go of the database after every N steps, so that others can write.\n" },
  { ".limit ?NAME? ?VALUE?    Show the limits of the connection, or set one", 0 },
  { ".lint fkey-indexes       Show indexes that foreign keys lack",
    "   -verbose               Show keys that lack none as well\n"
    "   -groupbyparent         One list for each parent table\n" },
  { ".load FILE ?ENTRY?       Load an extension", 0 },
  { ".log FILE|on|off         Write messages of the SQLite library to FILE",
    0 },
  { ".mode ?MODE? ?OPTIONS?   Choose how results are shown",
    "   Without arguments, show the current mode.  MODE is one of:\n"
    "     ascii    fields end with 0x1F, rows with 0x1E\n"
    "     box      table drawn with Unicode lines\n"
    "     c        rows of C string literals\n"
    "     column   columns of even width\n"
    "     count    the number of rows, and nothing else\n"
    "     csv      comma-separated values\n"
    "     html     rows of an HTML table\n"
    "     insert   INSERT statements; the table name may follow\n"
    "     jatom    rows of JSON values\n"
    "     jobject  one JSON object for each row\n"
    "     json     an array of JSON objects\n"
    "     line     one value on a line\n"
    "     list     values with a separator between them\n"
    "     markdown table for Markdown\n"
    "     off      nothing\n"
    "     psql     like table, without the outer border\n"
    "     qbox     like box, with text quoted as in SQL\n"
    "     quote    values quoted as in SQL\n"
    "     split    one column, wrapped to the width of the screen\n"
    "     table    table drawn with ASCII characters\n"
    "     tabs     tab-separated values\n"
    "     tcl      rows of TCL string literals\n"
    "     batch    what scripts start with\n"
    "     tty      what an interactive session starts with\n"
    "   --align LETTERS        L, C or R for each column\n"
    "   --blob-quote HOW       auto, text, sql, hex, tcl, json or size\n"
    "   --border on|off        Outer border of box and table\n"
    "   --charlimit N          Characters shown of one value; 0: all\n"
    "   --colsep TEXT          Between two columns\n"
    "   --escape HOW           Control characters: auto, off, ascii, symbol\n"
    "   --fpfmt FORMAT         Floating point values, as printf() has it; or auto\n"
    "   --ifmt FORMAT          The same for integers\n"
    "   --limits L,C,T         Lines and characters of a value, characters\n"
    "                          of a title; \"on\" is 5,300,20\n"
    "   --linelimit N          Lines shown of one value; 0: all\n"
    "   --list                 List the modes\n"
    "   --multiinsert N        Rows share an INSERT up to N bytes\n"
    "   --null TEXT            Shown for NULL\n"
    "   --once                 Use what follows for one SQL input only\n"
    "   --quote HOW            off, on, sql, relaxed, csv, html, tcl or json\n"
    "   --reset                Forget all options\n"
    "   --rowcount on|off      Finish with the number of rows\n"
    "   --rowsep TEXT          After each row\n"
    "   --screenwidth N        Width to stay within; 0, or auto\n"
    "   --tablename NAME       Table that mode insert writes to\n"
    "   --tag NAME             Save the settings as a mode of that name\n"
    "   --textjsonb on|off     Show JSONB as JSON text\n"
    "   --titlelimit N         Characters shown of one title; 0: all\n"
    "   --titles HOW           off, on, always, or how to quote titles\n"
    "   --verbose              Show every setting\n"
    "   --widths N,N,...       Column widths; 0: automatic, -N: to the right\n"
    "   --wordwrap on|off      Break long values between words\n"
    "   --wrap N               Wrap columns wider than N\n"
    "   --ww                   The same as --wordwrap on\n" },
  { ".nonce STRING            Leave safe mode for one command, if STRING is right", 0 },
  { ".nullvalue STRING        What to show for NULL", 0 },
  { ".once ?OPTIONS? ?FILE?   Send the next result to FILE",
    "   FILE may be \"|COMMAND\".\n"
    "   --bom                  Begin with a UTF-8 byte order mark\n"
    "   --plain                With -w: show text as it is\n"
    "   -e                     Open the result in a text editor\n"
    "   -w                     Open it in a web browser\n"
    "   -x                     Open it in a spreadsheet\n" },
  { ".open ?OPTIONS? ?FILE?   Close the database and open FILE",
    "   FILE may be a URI.  To choose a write-ahead log by its name:\n"
    "       .open file:x.db?wal=NAME\n"
    "   --append               A database behind what is in FILE (apndvfs)\n"
    "   --deserialize          Copy FILE into memory; it is not written to\n"
    "   --exclusive            Let no other connection in\n"
    "   --hexdb                FILE, or what follows, is text of .dbtotxt\n"
    "   --ifexists             Do not create FILE\n"
    "   --maxsize N            With --deserialize or --hexdb: at most N bytes\n"
    "   --new                  Delete FILE first\n"
    "   --nofollow             Do not follow symbolic links\n"
    "   --normal               FILE is a database, whatever it looks like\n"
    "   --readonly             Open FILE for reading only\n"
    "   --zip                  FILE is a ZIP archive: the table \"zip\"\n" },
  { ".output ?OPTIONS? ?FILE? Send results to FILE, or to stdout again",
    "   FILE may be \"|COMMAND\", or \"off\" for nowhere.\n"
    "   --bom                  Begin with a UTF-8 byte order mark\n"
    "   --plain, -e, -w, -x    As for .once; the file is opened at the end\n" },
  { ".parameter COMMAND ...   Values for the parameters of statements",
    "   clear                  Forget all\n"
    "   init                   Create the table that they are kept in\n"
    "   list                   Show them\n"
    "   set NAME VALUE         VALUE is an SQL expression, or else text\n"
    "   unset NAME             Forget one\n" },
  { ".print STRING ...        Print STRING", 0 },
  { ".progress N              Tell how SQL comes along, every N steps",
    "   --limit N              Stop it after having told N times\n"
    "   --once                 Do so but once\n"
    "   --quiet                Tell only when it is stopped\n"
    "   --reset                Count each SQL input by itself\n"
    "   --timeout S            Stop it after S seconds\n" },
  { ".prompt MAIN CONTINUE    Replace the prompts",
    "   --                     What follows is no option\n"
    "   --color, --no-color    Whether the default prompts have colors\n"
    "   --hard-reset           Forget SQLITE_PS1 and SQLITE_PS2 as well\n"
    "   --reset                Return to the default prompts\n"
    "   --show                 Show the prompts\n"
    "   A prompt may have escapes; the default is \"/A-/v /f-> \":\n"
    "     /A  /V  /v           Name; version of SQLite, /v without patch level\n"
    "     /f  /F  /~           Database: file; with path; ~ for the home in it\n"
    "     /x TEXT /: ELSE /;   TEXT within a transaction, otherwise ELSE\n"
    "     /r ...  /m ...       Likewise: database read-only; in memory\n"
    "     /C                   What the statement so far lacks\n"
    "     /B                   Blanks that make it as wide as MAIN\n"
    "     /h  /H  /u           Computer, up to the dot; in full; user\n"
    "     /D FORMAT /D         The time, as strftime() has it\n"
    "     /e  /NNN  //         ESC; the byte with octal number NNN; a slash\n" },
  { ".quit                    Leave", 0 },
  { ".read FILE               Read input from FILE, or from \"|COMMAND\"", 0 },
  { ".recover                 Write what can be read of a damaged database as SQL",
    "   --ignore-freelist      Look into pages that are said to be free, too\n"
    "   --lost-and-found TABLE For rows whose table is not known; default:\n"
    "                          lost_and_found\n"
    "   --no-rowids            Leave out rowids that no column stands for\n" },
  { ".restore ?DB? FILE       Replace a database, DB or \"main\", by FILE",
    "   In a script, a FILE that does not exist is an empty database.\n" },
  { ".save ?DB? FILE          The same as .backup", 0 },
  { ".scanstats on|off|est|vm Show what each loop of a statement has cost",
    0 },
  { ".schema ?PATTERN?        Show CREATE statements that match PATTERN",
    "   --indent               Spread long statements over several lines\n"
    "   --nosys                Leave out names that start with sqlite_\n" },
  { ".selftest ?OPTIONS?      Run the tests in the table selftest",
    "   --init                 Add tests of what the database holds now\n"
    "   -v                     Show each test\n" },
  { ".separator COL ?ROW?     What to put between columns and after rows", 0 },
  { ".session ?NAME? COMMAND  Record changes, to write them as a changeset",
    "   attach TABLE           Record changes of TABLE, whatever the filter says\n"
    "   changeset FILE         Write what has been recorded to FILE\n"
    "   close                  End the recording\n"
    "   enable ?BOOLEAN?       Whether it goes on, or is to\n"
    "   filter GLOB ...        Leave out tables that match a pattern\n"
    "   indirect ?BOOLEAN?     Whether changes count as indirect, or are to\n"
    "   isempty                Whether nothing has been recorded\n"
    "   list                   List the recordings\n"
    "   open DB NAME           Begin to record changes in DB, such as main\n"
    "   patchset FILE          The same as changeset, without old values\n"
    "   NAME is a recording; the first if there is none of that name.\n" },
  { ".sha3sum ?OPTIONS? ?PATTERN?\n"
    "                         Hash what the database holds",
    "   With a LIKE pattern PATTERN, hash each table that matches.\n"
    "   --schema               Hash the schema as well\n"
    "   --sha3-224             The size of the hash; also 256, 384, 512\n" },
  { ".shell COMMAND ...       Run a command of the system", 0 },
  { ".show                    Show all settings", 0 },
  { ".stats ?on|off|HOW?      Show what each statement has cost",
    "   Without arguments, show the counters of the process and connection.\n"
    "   stmt                   The columns of the statement as well\n"
    "   vmstep                 Nothing but the steps of the virtual machine\n" },
  { ".system COMMAND ...      The same as .shell", 0 },
  { ".tables ?PATTERN?        List tables and views that match PATTERN", 0 },
  { ".testcase ?NAME?         Collect what is said from now on for .check",
    "   --error-prefix TEXT    What errors of dot-commands begin with\n" },
  { ".testctrl NAME ?ARG?     Set switches for tests of SQLite",
    "   --help                 List the names\n" },
  { ".timeline ?COMMAND? ...  History of a database that has wal=timeline",
    "   Without COMMAND, list the newest commits.  WHEN is the number of a commit,\n"
    "   or a time such as 2026-11-22T10:00:00Z, as a list shows it; KEEP is \"all\",\n"
    "   or one or more of 1000 commits, 30d, 10GB, with commas between them.\n"
    "   at WHEN                Open the database as it was then, read-only\n"
    "   branch WHEN FILE       Begin another database there, with this history\n"
    "   diff WHEN WHEN         Count the pages that differ, by table and index\n"
    "   export WHEN FILE       Write the database as it was then to a new FILE\n"
    "   info                   Tell about the timeline as a whole\n"
    "   keep ?KEEP?            Show how much is kept, or set it for this session\n"
    "   list ?N?               List the newest N commits; default: 20\n"
    "   now                    Return from the past that \"at\" has opened\n"
    "   prune KEEP             Forget the rest\n"
    "   restore WHEN           Set the database back, by a new commit\n"
    "   verify                 Compare all of it with its checksums\n"
    "   --schema DB            The database, unless it is \"main\"; goes first\n" },
  { ".timeout MS              Wait up to MS milliseconds for locks", 0 },
  { ".timer on|off|once       Tell how long each SQL input takes", 0 },
  { ".trace ?OPTIONS? ?FILE?  Write each statement that runs to FILE",
    "   FILE may be stdout or stderr; \"off\" ends it.\n"
    "   --expanded             With the values of parameters\n"
#ifdef SQLITE_ENABLE_NORMALIZE
    "   --normalized           With ? in the place of every literal\n"
#endif
    "   --plain                As it was written, which is the default\n"
    "   --close                When a connection closes\n"
    "   --profile              When a statement ends, with its time\n"
    "   --row                  For every row of a result\n"
    "   --stmt                 When a statement begins, which is the default\n" },
  { ".unmodule NAME ...       Take modules of virtual tables away",
    "   --allexcept            All but the NAMEs\n" },
  { ".version                 Show the versions of SQLite and the compiler",
    0 },
  { ".vfsinfo ?DB?            Show the VFS of a database, DB or \"main\"", 0 },
  { ".vfslist                 Show every VFS", 0 },
  { ".vfsname ?DB?            Show the names of the VFS of a database", 0 },
  { ".wal                     List registered WALs and those of the databases",
    "   For each open database: the name of its WAL, the frames in it, how many of\n"
    "   them are in the database file already, its size, and when a checkpoint has\n"
    "   last written to the database file.\n" },
  { ".width NUM ...           Widths of columns; negative: to the right", 0 },
  { ".www ?--plain?           The same as .once -w", 0 },
};

/*
** Write all of a topic.
*/
static void showTopic(FILE *out, const struct Topic *pTopic){
  fprintf(out, "%s\n", pTopic->zLine);
  if( pTopic->zMore ) fputs(pTopic->zMore, out);
}

/*
** Write the topics whose command begins with zPrefix, which may use GLOB
** wildcards: in full if there is but one.  Return their number.
*/
static int showPrefix(FILE *out, const char *zPrefix){
  char *zGlob = shPrintf(".%s*", zPrefix[0]=='.' ? &zPrefix[1] : zPrefix);
  const struct Topic *pLast = 0;
  int nHit = 0;
  int i;
  for(i=0; i<ArraySize(aTopic); i++){
    if( sqlite3_strglob(zGlob, aTopic[i].zLine)!=0 ) continue;
    if( pLast ) fprintf(out, "%s\n", pLast->zLine);
    pLast = &aTopic[i];
    nHit++;
  }
  sqlite3_free(zGlob);
  if( nHit==1 ){
    showTopic(out, pLast);
  }else if( nHit>1 ){
    fprintf(out, "%s\n", pLast->zLine);
  }
  return nHit;
}

/*
** Write in full the topics that zText, a LIKE pattern, occurs in.  Return
** their number.
*/
static int showContaining(FILE *out, const char *zText){
  char *zLike = shPrintf("%%%s%%", zText);
  int nHit = 0;
  int i;
  for(i=0; i<ArraySize(aTopic); i++){
    const char *zMore = aTopic[i].zMore;
    if( sqlite3_strlike(zLike, aTopic[i].zLine, 0)==0
     || (zMore && sqlite3_strlike(zLike, zMore, 0)==0) ){
      showTopic(out, &aTopic[i]);
      nHit++;
    }
  }
  sqlite3_free(zLike);
  return nHit;
}

/*
** The words in the n bytes of z that are options, small letters, or the name
** of an argument in capitals.  bAll: all of them, otherwise just options and
** the first.
*/
static void eachWord(
  const char *z,
  size_t n,
  int bAll,
  void (*xWord)(void*, const char*),
  void *pArg
){
  size_t i = 0;
  int bFirst = 1;
  while( i<n ){
    size_t nWord = 0;
    while( i+nWord<n && (shIsAlnum(z[i+nWord]) || z[i+nWord]=='-') ) nWord++;
    if( nWord==0 ){
      i++;
      continue;
    }
    if( bAll || bFirst || z[i]=='-' ){
      char *zWord = shPrintf("%.*s", (int)nWord, &z[i]);
      xWord(pArg, zWord);
      sqlite3_free(zWord);
    }
    bFirst = 0;
    i += nWord;
  }
}

/*
** True if zLine, of the help that follows the line of a command, explains an
** option or a word; false if it is text.  *pn becomes the size of what is
** explained.
*/
static int explainsWord(const char *zLine, size_t *pn){
  size_t nIndent = strspn(zLine, " ");
  const char *z = &zLine[nIndent];
  const char *zGap = strstr(z, "  ");
  size_t nWord = strspn(z, "abcdefghijklmnopqrstuvwxyz0123456789-");
  *pn = zGap ? (size_t)(zGap - zLine) : nIndent + nWord;
  if( nWord==0 || z[nWord]=='.' ) return 0;
  if( nIndent==5 ) *pn = nIndent + nWord;
  return nIndent==5 || (nIndent==3 && zGap
      && (z[0]=='-' || zGap==&z[nWord] || z[nWord+1]=='?'
          || (z[nWord+1]>='A' && z[nWord+1]<='Z')));
}

/*
** Pass on every word that may follow the dot-command zCommand, which may be
** abbreviated: options, words, and names of arguments, such as FILE.
*/
void helpWords(
  const char *zCommand,
  void (*xWord)(void*, const char*),
  void *pArg
){
  const struct Topic *pTopic = aTopic;
  size_t nCommand = strlen(zCommand);
  size_t nUsage;
  const char *z;
  while( strncmp(&pTopic->zLine[1], zCommand, nCommand) ){
    if( ++pTopic==&aTopic[ArraySize(aTopic)] ) return;
  }
  nCommand = strcspn(pTopic->zLine, " ");
  nUsage = strcspn(pTopic->zLine, "\n");
  if( pTopic->zLine[nUsage]==0 ) nUsage = DESCRIPTION;
  eachWord(&pTopic->zLine[nCommand], nUsage-nCommand, 1, xWord, pArg);
  for(z=pTopic->zMore; z && z[0]; z=strchr(z, '\n')+1){
    char *zLine = shPrintf("%.*s", (int)strcspn(z, "\n"), z);
    size_t n;
    if( explainsWord(zLine, &n) ) eachWord(zLine, n, 0, xWord, pArg);
    sqlite3_free(zLine);
  }
}

/*
** Help on the commands that match zPattern: the beginning of a command or a
** text that occurs in its help.  NULL lists all commands, "-all" tells
** everything.  Return the number of commands found.
*/
int helpShow(FILE *out, const char *zPattern){
  int i, nHit;
  if( zPattern==0 ) return showPrefix(out, "");
  if( shOption(zPattern, "all") || shOption(zPattern, "a") ){
    for(i=0; i<ArraySize(aTopic); i++) showTopic(out, &aTopic[i]);
    return i;
  }
  nHit = showPrefix(out, zPattern);
  return nHit ? nHit : showContaining(out, zPattern);
}

/*
** Help on the command line.
*/
void helpOptions(FILE *out, const char *zProgram){
  fprintf(out,
    "Usage: %s [OPTIONS] [FILENAME [SQL...]]\n"
    "FILENAME is a database, or a URI such as file:x.db?wal=memory.  If it\n"
    "does not exist it is created.  Without it, a database in memory is used.\n"
    "SQL is run in place of what stdin says; it may be a dot-command.\n"
    "OPTIONS include:\n"
    " The database:\n"
    "   -append              open a database behind what is in FILENAME\n"
    "   -deserialize         copy FILENAME into memory; it is not written to\n"
    "   -exclusive           let no other connection in\n"
    "   -ifexists            do not create FILENAME\n"
    "   -maxsize N           at most N bytes with -deserialize\n"
    "   -mmap N              map up to N bytes of databases into memory\n"
    "   -nofollow            do not follow symbolic links\n"
    "   -no-rowid-in-view    views have no rowid\n"
    "   -readonly            open FILENAME for reading only\n"
    "   -unsafe-testing      allow what could damage a database\n"
    "   -vfs NAME            use the VFS called NAME\n"
    "   -zip                 open FILENAME as a ZIP archive\n"
    " What is run:\n"
    "   --                   what follows is no option\n"
    "   -A ARGS...           run .archive ARGS and leave; after letters without a\n"
    "                        dash, as in -Axv, all other ARGS are names\n"
    "   -bail                stop at the first error\n"
    "   -batch               behave as if stdin were a script\n"
    "   -cmd COMMAND         run COMMAND first\n"
    "   -echo                repeat inputs before they run\n"
    "   -eqp                 start with .eqp on\n"
    "   -eqpfull             start with .eqp full\n"
    "   -init FILE           run FILE in place of ~/.sqliterc\n"
    "   -interactive         behave as if stdin were a terminal\n"
    "   -noinit              do not run ~/.sqliterc\n"
    "   -nonce STRING        what .nonce must say to leave safe mode\n"
    "   -safe                refuse what reaches outside the database\n"
    "   -scanstats           start with .scanstats on\n"
    "   -stats               start with .stats on\n"
    " How results are shown:\n"
    "   -ascii               start with .mode ascii\n"
    "   -box                 start with .mode box\n"
    "   -column              start with .mode column\n"
    "   -csv                 start with .mode csv --limits off\n"
    "   -escape HOW          control characters: auto, off, ascii or symbol\n"
    "   -[no]header          show column titles, or do not\n"
    "   -html                start with .mode html\n"
    "   -json                start with .mode json\n"
    "   -line                start with .mode line\n"
    "   -list                start with .mode list\n"
    "   -markdown            start with .mode markdown\n"
    "   -newline SEP         put SEP after each row\n"
    "   -nullvalue TEXT      show TEXT for NULL\n"
    "   -psql                start with .mode psql\n"
    "   -quote               start with .mode quote\n"
    "   -screenwidth N       the screen is N characters wide, for modes that fit\n"
    "                        it: tty, split, or with --screenwidth auto\n"
    "   -separator SEP       put SEP between columns\n"
    "   -table               start with .mode table\n"
    "   -tabs                start with .mode tabs\n"
    " The library:\n"
    "   -lookaside SIZE N    use N buffers of SIZE bytes for small allocations\n"
    "   -memtrace            show every allocation\n"
    "   -pagecache SIZE N    use N buffers of SIZE bytes for pages\n"
    "   -pcachetrace         show every call of the page cache\n"
    "   -threadsafe N        0: single-thread, 2: multi-thread, else serialized\n"
    "   -vfstrace            show every call of the VFS\n"
    " The shell itself:\n"
    "   -cmdline-edit BOOL   whether lines can be edited at the prompt\n"
    "   -heap SIZE           accepted and ignored\n"
    "   -help                show this text\n"
    "   -no-utf8             accepted and ignored\n"
    "   -utf8                accepted and ignored\n"
    "   -version             show the version of SQLite\n",
    zProgram);
}
