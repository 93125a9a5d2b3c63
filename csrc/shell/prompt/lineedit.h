/*
** Line editing and history for the prompt.  Implemented in lineedit.rs.
*/
#ifndef SEAWALL_LINEEDIT_H
#define SEAWALL_LINEEDIT_H

/* How seawall_edit_statement() came to its end. */
#define EDIT_LINE       0     /* The user has typed something */
#define EDIT_EOF        1     /* End of input */
#define EDIT_INTERRUPT  2     /* Ctrl-C */

/*
** Takes texts: a prompt, or candidates one by one.  pTo is what came with it.
*/
typedef void (*EditPut)(void *pTo, const char *z);

/*
** What the editor asks the shell, always with pArg as the first argument.
*/
typedef struct EditCalls EditCalls;
struct EditCalls {
  void *pArg;

  /* True if zText, which may be of several lines, lacks nothing. */
  int (*xComplete)(void *pArg, const char *zText);

  /* True if the terminal is to show colors now. */
  int (*xColor)(void *pArg);

  /* Put the prompt for what follows zPending, or, if that is NULL, the main
  ** one. */
  void (*xPrompt)(void *pArg, const char *zPending, EditPut xPut, void *pTo);

  /* Put everything that the end of zText can be completed to, in any order.
  ** Return how many bytes at the end of zText each of it is in place of. */
  int (*xCandidates)(void *pArg, const char *zText, EditPut xPut, void *pTo);
};

/*
** Start an editor whose history is kept in the file zHistory, which may be
** NULL: then the history ends with the session.  A file that does not exist
** yet is not an error.  The calls are copied.  Returns NULL if the terminal
** cannot be used.
*/
void *seawall_edit_open(const char *zHistory, const EditCalls *pCalls);

/*
** Have the user type lines until nothing is missing, and return them with
** newlines in between, or NULL.  *peEnd tells why that was the end.  After
** EDIT_EOF, what is returned may lack something.  The text becomes one entry
** of the history.  Release it with seawall_edit_free().
*/
char *seawall_edit_statement(void *pEditor, int *peEnd);
void seawall_edit_free(char *zText);

/*
** Destroy the editor.  NULL is allowed.
*/
void seawall_edit_close(void *pEditor);

#endif /* SEAWALL_LINEEDIT_H */
