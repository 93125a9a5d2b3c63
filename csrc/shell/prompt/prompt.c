/*
** The prompt.  It is a text with escapes that begin with a slash:
**
**    /A /V /v   name of the application; version with, without patch level
**    /f /F /~   database: file name; path; path relative to the home
**    /x A /: B /;   A inside of a transaction, otherwise B
**    /r .. /m ..    likewise, for a read-only and for an in-memory database
**    /C         what would complete the statement typed so far
**    /B         spaces, so that the continuation prompt is not narrower
**    /h /H /u   host name up to the first dot; host name; user
**    /e         the ESC character; /NNN a byte in octal; // a slash
**    /D fmt /D  the time, by strftime()
*/
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "shell.h"

#define PROMPT_MAIN_PLAIN  "/A-/v /f-> "
#define PROMPT_MAIN_COLOR  "/e[1;32m/A-/v /e[1;/x33/:36/;m/m/e[3m/;/f/;/e[0m-> "
#define PROMPT_NEXT_PLAIN  "/B/C-> "
#define PROMPT_NEXT_COLOR  "/B/e[1;/x33/:36/;m/C/e[0m-> "

/*
** The prompt text, escapes and all: what ".prompt" has set, what the
** environment says, or the default.
*/
const char *promptText(Shell *p, int bContinue){
  const char *z = p->azPrompt[bContinue];
  int bPlain = !shColor(1);
  if( z==0 ) z = getenv(bContinue ? "SQLITE_PS2" : "SQLITE_PS1");
  if( z ) return z;
  if( bContinue ) return bPlain ? PROMPT_NEXT_PLAIN : PROMPT_NEXT_COLOR;
  return bPlain ? PROMPT_MAIN_PLAIN : PROMPT_MAIN_COLOR;
}

/*
** A prompt in the making.
*/
typedef struct Prompt Prompt;
struct Prompt {
  Shell *p;
  const char *zPending;   /* Statement typed so far, or NULL */
  sqlite3_str *pOut;
  unsigned mHide;         /* Bit 0: hide the text; others: outer choices */
  int iPad;               /* Where /B goes, or -1 */
  int iDate;              /* Where /D began, or -1 */
};

/*
** Full name of the database file, or zMemory if there is none.
*/
static const char *promptFile(Shell *p, const char *zMemory){
  const char *z = p->db ? sqlite3_db_filename(p->db, "main") : 0;
  if( z==0 || z[0]==0 ) z = p->zDbFile;
  if( z==0 || z[0]==0 || strcmp(z, ":memory:")==0 ) z = zMemory;
  return z;
}

/*
** Append the name of the database in the form that c asks for.
*/
static void promptAddFile(Prompt *pr, char c){
  const char *z = promptFile(pr->p, "memory");
  const char *zHome = getenv("HOME");
  size_t nHome = zHome ? strlen(zHome) : 0;
  if( c=='f' ){
    const char *zTail = strrchr(z, '/');
    if( zTail && zTail[1] ) z = zTail+1;
  }else if( c=='~' && nHome && strncmp(z, zHome, nHome)==0 && z[nHome] ){
    sqlite3_str_appendchar(pr->pOut, 1, '~');
    z += nHome;
  }
  sqlite3_str_appendall(pr->pOut, z);
}

/*
** Append the version of SQLite, without the patch level if bShort.
*/
static void promptAddVersion(Prompt *pr, int bShort){
  const char *z = sqlite3_libversion();
  const char *zDot = strrchr(z, '.');
  int n = bShort && zDot ? (int)(zDot-z) : (int)strlen(z);
  sqlite3_str_append(pr->pOut, z, n);
}

/*
** Append the name of this computer, up to the first dot if bShort.
*/
static void promptAddHost(Prompt *pr, int bShort){
  char z[256];
  if( gethostname(z, sizeof(z)-1) ) strcpy(z, "?");
  z[sizeof(z)-1] = 0;
  if( bShort ) z[strcspn(z, ".")] = 0;
  sqlite3_str_appendall(pr->pOut, z);
}

/*
** Append the name of the user, as the environment tells it.
*/
static void promptAddUser(Prompt *pr){
  const char *z = getenv("USER");
  if( z==0 || z[0]==0 ) z = getenv("LOGNAME");
  sqlite3_str_appendall(pr->pOut, z && z[0] ? z : "?");
}

/*
** Begin or end a format for strftime().
*/
static void promptDate(Prompt *pr){
  char zTime[200];
  time_t t;
  struct tm tm;
  const char *zFormat;
  if( pr->iDate<0 ){
    pr->iDate = sqlite3_str_length(pr->pOut);
    return;
  }
  zFormat = sqlite3_str_value(pr->pOut);
  zTime[0] = 0;
  time(&t);
  if( zFormat && localtime_r(&t, &tm) ){
    if( strftime(zTime, sizeof(zTime), zFormat+pr->iDate, &tm)==0 ) zTime[0]=0;
  }
  sqlite3_str_truncate(pr->pOut, pr->iDate);
  sqlite3_str_appendall(pr->pOut, zTime);
  pr->iDate = -1;
}

/*
** Begin, turn or end a choice.  Return false if c does none of that.
*/
static int promptChoice(Prompt *pr, char c){
  sqlite3 *db = pr->p->db;
  int bShow;
  switch( c ){
    case ':':  pr->mHide ^= 1;   return 1;
    case ';':  pr->mHide >>= 1;  return 1;
    case 'x':  bShow = db && !sqlite3_get_autocommit(db);        break;
    case 'r':  bShow = db && sqlite3_db_readonly(db, "main")==1; break;
    case 'm':  bShow = db==0 || promptFile(pr->p, 0)==0;         break;
    default:   return 0;
  }
  pr->mHide = (pr->mHide<<1) | !bShow;
  return 1;
}

/*
** Append what the escape with letter c stands for.
*/
static void promptEscape(Prompt *pr, char c){
  if( promptChoice(pr, c) ) return;
  if( strchr("AVvfF~hHuCBDe", c)==0 ){
    sqlite3_str_appendf(pr->pOut, "UNKNOWN(\"/%c\")", c);
    return;
  }
  if( pr->mHide ) return;
  switch( c ){
    case 'A':  sqlite3_str_appendall(pr->pOut, "SQLite");          break;
    case 'V':
    case 'v':  promptAddVersion(pr, c=='v');                       break;
    case 'h':
    case 'H':  promptAddHost(pr, c=='h');                          break;
    case 'u':  promptAddUser(pr);                                  break;
    case 'e':  sqlite3_str_appendchar(pr->pOut, 1, '\033');        break;
    case 'B':  pr->iPad = sqlite3_str_length(pr->pOut);            break;
    case 'D':  promptDate(pr);                                     break;
    case 'C':
      completeAppend(pr->pOut, pr->zPending,
                     COMPLETE_SEMI|COMPLETE_NEWLINE);
      break;
    default:   promptAddFile(pr, c);                               break;
  }
}

/*
** Expand the text z into pr->pOut.
*/
static void promptAppend(Prompt *pr, const char *z){
  while( z[0] ){
    if( z[0]!='/' || z[1]=='/' ){
      if( !pr->mHide ) sqlite3_str_append(pr->pOut, z, 1);
      z += z[0]=='/' ? 2 : 1;
    }else if( z[1]==0 ){
      return;
    }else if( z[1]>='0' && z[1]<='7' ){
      int v = 0, n;
      for(n=1; n<=3 && z[n]>='0' && z[n]<='7'; n++) v = v*8 + z[n] - '0';
      if( !pr->mHide ) sqlite3_str_appendchar(pr->pOut, 1, (char)v);
      z += n;
    }else{
      promptEscape(pr, z[1]);
      z += 2;
    }
  }
}

/*
** Return the prompt to show, to be freed.  zPending is the statement so far,
** or NULL for the main prompt.
*/
char *promptExpand(Shell *p, const char *zPending){
  Prompt pr;
  char *z;
  memset(&pr, 0, sizeof(pr));
  pr.p = p;
  pr.zPending = zPending;
  pr.pOut = sqlite3_str_new(0);
  pr.iPad = pr.iDate = -1;
  promptAppend(&pr, promptText(p, zPending!=0));
  z = shFinish(pr.pOut);
  if( pr.iPad>=0 && zPending ){
    char *zMain = promptExpand(p, 0);
    int nPad = widthOf(zMain, (i64)strlen(zMain)) - widthOf(z, (i64)strlen(z));
    if( nPad>0 ){
      char *zPadded = shPrintf("%.*s%*s%s", pr.iPad, z, nPad, "", &z[pr.iPad]);
      sqlite3_free(z);
      z = zPadded;
    }
    sqlite3_free(zMain);
  }
  return z;
}
