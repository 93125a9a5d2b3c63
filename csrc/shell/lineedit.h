/*
** Line editing and history for the prompt.  Implemented in lineedit.rs.
*/
#ifndef SEAWALL_LINEEDIT_H
#define SEAWALL_LINEEDIT_H

/* How seawall_edit_line() came to its end. */
#define EDIT_LINE       0     /* The user has typed a line */
#define EDIT_EOF        1     /* End of input */
#define EDIT_INTERRUPT  2     /* Ctrl-C */

/*
** Start an editor whose history is kept in the file zHistory, which may be
** NULL: then the history ends with the session.  A file that does not exist
** yet is not an error.  Returns NULL if the terminal cannot be used.
*/
void *seawall_edit_open(const char *zHistory);

/*
** Show zPrompt and return the line that the user types, without a newline,
** or NULL unless *peEnd becomes EDIT_LINE.  The line is added to the
** history.  Release it with seawall_edit_free().
*/
char *seawall_edit_line(void *pEditor, const char *zPrompt, int *peEnd);
void seawall_edit_free(char *zLine);

/*
** Write the history to its file and destroy the editor.  NULL is allowed.
*/
void seawall_edit_close(void *pEditor);

#endif /* SEAWALL_LINEEDIT_H */
