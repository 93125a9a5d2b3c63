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
** A hash of nBit bits, piece by piece: SHA-1 of 160, SHA-3 of 224, 256, 384 or
** 512.  NULL for another size.  The result of nBit/8 bytes ends it.
*/
void *seawall_hash_open(int nBit);
void seawall_hash_add(void *pHash, const void *p, size_t n);
void seawall_hash_close(void *pHash, unsigned char *aOut);

void seawall_text_free(char *z);

#endif /* SEAWALL_TEXT_H */
