#include "CHiredis.h"

#include <hiredis/hiredis.h>
#include <stdlib.h>
#include <string.h>

#if HIREDIS_MAJOR >= 1
typedef size_t element_count;
#else
typedef int element_count;
#endif

struct chiredis_reader {
  redisReader *hiredis;
  size_t max_nodes;
  size_t max_bytes;
  chiredis_node *nodes;
  size_t node_count, node_capacity;
  uint8_t *text;
  size_t text_count, text_capacity;
  int too_large;
};

// hiredis only wants to see something that is not NULL: our objects are places in the list.
static char made;

static chiredis_node *add(const redisReadTask *task) {
  chiredis_reader *reader = task->privdata;
  if (reader->node_count == reader->max_nodes) {
    reader->too_large = 1;
    return NULL;
  }
  if (reader->node_count == reader->node_capacity) {
    size_t capacity = reader->node_capacity ? reader->node_capacity * 2 : 64;
    chiredis_node *nodes = realloc(reader->nodes, capacity * sizeof *nodes);
    if (!nodes) return NULL;
    reader->nodes = nodes;
    reader->node_capacity = capacity;
  }
  chiredis_node *node = &reader->nodes[reader->node_count++];
  *node = (chiredis_node){.kind = CHIREDIS_NIL, .nodes = 1};
  return node;
}

static void *add_text(const redisReadTask *task, uint32_t kind, const char *text, size_t count) {
  chiredis_reader *reader = task->privdata;
  if (reader->text_capacity - reader->text_count < count) {
    size_t capacity = reader->text_capacity * 2 > 4096 ? reader->text_capacity * 2 : 4096;
    if (capacity < reader->text_count + count) capacity = reader->text_count + count;
    uint8_t *larger = realloc(reader->text, capacity);
    if (!larger) return NULL;
    reader->text = larger;
    reader->text_capacity = capacity;
  }
  chiredis_node *node = add(task);
  if (!node) return NULL;
  node->kind = kind;
  node->value = (int64_t)reader->text_count;
  node->count = count;
  if (count) memcpy(reader->text + reader->text_count, text, count);
  reader->text_count += count;
  return &made;
}

static void *create_string(const redisReadTask *task, char *text, size_t count) {
  switch (task->type) {
  case REDIS_REPLY_STATUS: return add_text(task, CHIREDIS_STATUS, text, count);
  case REDIS_REPLY_ERROR: return add_text(task, CHIREDIS_ERROR, text, count);
#ifdef REDIS_REPLY_VERB
  case REDIS_REPLY_VERB:
    // A verbatim string begins with its format: "txt:".
    if (count >= 4) return add_text(task, CHIREDIS_STRING, text + 4, count - 4);
    break;
#endif
  }
  return add_text(task, CHIREDIS_STRING, text, count);
}

static void *create_array(const redisReadTask *task, element_count count) {
  chiredis_reader *reader = task->privdata;
  // Refused before its parts arrive: nobody waits for a billion elements.
  if (count < 0 || (size_t)count > reader->max_nodes) {
    reader->too_large = 1;
    return NULL;
  }
  chiredis_node *node = add(task);
  if (!node) return NULL;
  node->kind = CHIREDIS_ARRAY;
  node->count = (uint64_t)count;
  return &made;
}

static void *create_integer(const redisReadTask *task, long long value) {
  chiredis_node *node = add(task);
  if (!node) return NULL;
  node->kind = CHIREDIS_INTEGER;
  node->value = value;
  return &made;
}

static void *create_nil(const redisReadTask *task) { return add(task) ? &made : NULL; }

#if HIREDIS_MAJOR >= 1
static void *create_double(const redisReadTask *task, double value, char *text, size_t count) {
  (void)value;
  return add_text(task, CHIREDIS_DOUBLE, text, count);
}

static void *create_bool(const redisReadTask *task, int value) {
  chiredis_node *node = add(task);
  if (!node) return NULL;
  node->kind = CHIREDIS_BOOL;
  node->value = value != 0;
  return &made;
}
#endif

static void free_object(void *object) { (void)object; }

static redisReplyObjectFunctions functions = {
  .createString = create_string,
  .createArray = create_array,
  .createInteger = create_integer,
  .createNil = create_nil,
#if HIREDIS_MAJOR >= 1
  .createDouble = create_double,
  .createBool = create_bool,
#endif
  .freeObject = free_object,
};

chiredis_reader *chiredis_create(size_t max_nodes, size_t max_bytes) {
  chiredis_reader *reader = calloc(1, sizeof *reader);
  if (!reader) return NULL;
  reader->hiredis = redisReaderCreateWithFunctions(&functions);
  if (!reader->hiredis) {
    free(reader);
    return NULL;
  }
  reader->hiredis->privdata = reader;
  // Above this hiredis gives its empty buffer back on every feed.
  reader->hiredis->maxbuf = 1 << 20;
  reader->max_nodes = max_nodes;
  reader->max_bytes = max_bytes;
  return reader;
}

void chiredis_free(chiredis_reader *reader) {
  if (!reader) return;
  redisReaderFree(reader->hiredis);
  free(reader->nodes);
  free(reader->text);
  free(reader);
}

int chiredis_feed(chiredis_reader *reader, const uint8_t *bytes, size_t count) {
  if (reader->hiredis->err) return CHIREDIS_MALFORMED;
  if (count == 0) return 0;
  size_t held = reader->hiredis->len - reader->hiredis->pos + reader->text_count;
  if (count > reader->max_bytes || held > reader->max_bytes - count) return CHIREDIS_TOO_LARGE;
  return redisReaderFeed(reader->hiredis, (const char *)bytes, count) == REDIS_OK ? 0 : CHIREDIS_MALFORMED;
}

// Parents stand before their children, so from the back every child is measured before its parent.
static void measure(chiredis_node *nodes, size_t count) {
  for (size_t index = count; index-- > 0;) {
    if (nodes[index].kind != CHIREDIS_ARRAY) continue;
    size_t next = index + 1;
    for (uint64_t child = 0; child < nodes[index].count; child++) next += nodes[next].nodes;
    nodes[index].nodes = (uint32_t)(next - index);
  }
}

int chiredis_next(chiredis_reader *reader, chiredis_reply *reply) {
  void *done = NULL;
  if (reader->hiredis->ridx == -1) {
    reader->node_count = 0;
    reader->text_count = 0;
    // The memory of one huge reply must not be held for ever.
    if (reader->text_capacity > 4 << 20) {
      free(reader->text);
      reader->text = NULL;
      reader->text_capacity = 0;
    }
    if (reader->node_capacity > 1 << 16) {
      free(reader->nodes);
      reader->nodes = NULL;
      reader->node_capacity = 0;
    }
  }
  if (redisReaderGetReply(reader->hiredis, &done) != REDIS_OK)
    return reader->too_large ? CHIREDIS_TOO_LARGE : CHIREDIS_MALFORMED;
  if (!done) return 0;
  measure(reader->nodes, reader->node_count);
  *reply = (chiredis_reply){
    .nodes = reader->nodes,
    .node_count = reader->node_count,
    .text = reader->text,
    .text_count = reader->text_count,
  };
  return 1;
}
