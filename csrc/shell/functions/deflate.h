/*
** Compression that Rust does for archives.  See deflate.rs.
*/
#ifndef SEAWALL_DEFLATE_H
#define SEAWALL_DEFLATE_H

#include <stddef.h>

/* The format of what is compressed. */
#define DEFLATE_RAW   0    /* Nothing around it: ZIP */
#define DEFLATE_ZLIB  1    /* A header and a checksum: SQLite archives */

/* What is returned in place of a size. */
#define DEFLATE_SHORT    (-1)   /* The output does not fit, or the input ends */
#define DEFLATE_CORRUPT  (-2)   /* This is not compressed data */
#define DEFLATE_NOMEM    (-3)   /* From deflate.c only */

/*
** Compress nIn bytes with a level from 0 to 9.  Return how many bytes are in
** aOut, or DEFLATE_SHORT if nOut is not enough for them.
*/
long long seawall_deflate(
  const void *aIn, size_t nIn,
  void *aOut, size_t nOut,
  int eFormat, int iLevel
);

/*
** The other way round.
*/
long long seawall_inflate(
  const void *aIn, size_t nIn,
  void *aOut, size_t nOut,
  int eFormat
);

/*
** The CRC-32 of n bytes.
*/
unsigned int seawall_crc32(const void *p, size_t n);

#endif /* SEAWALL_DEFLATE_H */
