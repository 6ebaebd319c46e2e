#ifndef CHIREDIS_H
#define CHIREDIS_H

#include <stddef.h>
#include <stdint.h>

// hiredis' reader with replies as one flat list of nodes in memory that is reused, instead of a tree of
// allocations: what arrives with every message must not cost a malloc for every field.

enum chiredis_kind {
  CHIREDIS_STRING = 1,
  CHIREDIS_STATUS = 2,
  CHIREDIS_ERROR = 3,
  CHIREDIS_INTEGER = 4,
  CHIREDIS_NIL = 5,
  CHIREDIS_ARRAY = 6, // maps (keys and values in turn), sets and pushes too
  CHIREDIS_DOUBLE = 7, // as text
  CHIREDIS_BOOL = 8,
};

typedef struct chiredis_node {
  uint32_t kind;
  uint32_t nodes; // of this reply part, itself included: the next sibling is that many further on
  int64_t value; // the integer, the boolean, or where the text begins
  uint64_t count; // bytes of text, or children of an array
} chiredis_node;

typedef struct chiredis_reply {
  const chiredis_node *nodes;
  size_t node_count;
  const uint8_t *text;
  size_t text_count;
} chiredis_reply;

typedef struct chiredis_reader chiredis_reader;

// NULL without memory. A reply may have `max_nodes` parts, and the reader may hold `max_bytes` unread.
chiredis_reader *chiredis_create(size_t max_nodes, size_t max_bytes);
void chiredis_free(chiredis_reader *reader);

// 0; CHIREDIS_TOO_LARGE if more than max_bytes would be held; CHIREDIS_MALFORMED after an error.
int chiredis_feed(chiredis_reader *reader, const uint8_t *bytes, size_t count);

// 1 and a reply valid until the next call, 0 if more bytes are needed, or an error, which stays.
int chiredis_next(chiredis_reader *reader, chiredis_reply *reply);

enum { CHIREDIS_MALFORMED = -1, CHIREDIS_TOO_LARGE = -2 };

#endif
