/*
** What Rust does for SQL functions of the shell.  See text.rs.
*/
#ifndef SEAWALL_TEXT_H
#define SEAWALL_TEXT_H

#include <stddef.h>

/*
** Compile the n bytes of a pattern.  NULL if they are none: then *pzErr says
** why, which is to be released with seawall_text_free().
*/
void *seawall_regex_open(const char *z, size_t n, int bNoCase, char **pzErr);

/*
** True if the pattern is found in the n bytes of text.
*/
int seawall_regex_matches(const void *pRegex, const char *z, size_t n);

void seawall_regex_close(void *pRegex);

/*
** SHA-3 of nBit bits, 224, 256, 384 or 512, piece by piece.  NULL for another
** size.  The result of nBit/8 bytes ends it.
*/
void *seawall_sha3_open(int nBit);
void seawall_sha3_add(void *pHash, const void *p, size_t n);
void seawall_sha3_close(void *pHash, unsigned char *aOut);

void seawall_text_free(char *z);

#endif /* SEAWALL_TEXT_H */
