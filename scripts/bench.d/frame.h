// WebSocket frames (RFC 6455, section 5.2), as little of them as a yardstick needs.
#ifndef SLUICE_BENCH_FRAME_H
#define SLUICE_BENCH_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { FRAME_TEXT = 0x1, FRAME_BINARY = 0x2, FRAME_CLOSE = 0x8, FRAME_PING = 0x9, FRAME_PONG = 0xA };
enum { FRAME_FIN = 0x80, FRAME_RESERVED = 0x70, FRAME_MASKED = 0x80, FRAME_HEADER_MAX = 14 };

struct frame {
  uint8_t first;       // FIN, reserved bits, opcode
  bool masked;
  uint8_t key[4];
  size_t header;       // bytes before the payload
  uint64_t length;     // bytes of payload
};

// Reads the header at the front of `count` bytes; false when it is not all there yet.
static inline bool frame_read(const uint8_t *bytes, size_t count, struct frame *frame) {
  if (count < 2) return false;
  uint8_t short_length = bytes[1] & 0x7F;
  size_t extended = short_length == 126 ? 2 : short_length == 127 ? 8 : 0;
  frame->first = bytes[0];
  frame->masked = (bytes[1] & FRAME_MASKED) != 0;
  frame->header = 2 + extended + (frame->masked ? 4 : 0);
  if (count < frame->header) return false;
  frame->length = extended ? 0 : short_length;
  for (size_t i = 0; i < extended; i++) frame->length = frame->length << 8 | bytes[2 + i];
  if (frame->masked) memcpy(frame->key, bytes + 2 + extended, 4);
  return true;
}

// Writes a header and returns its size; `key` is null for what a server sends.
static inline size_t frame_write_header(uint8_t *out, uint8_t first, uint64_t length, const uint8_t *key) {
  size_t extended = length < 126 ? 0 : length <= 0xFFFF ? 2 : 8;
  size_t at = 2 + extended;
  out[0] = first;
  out[1] = (uint8_t)((key ? FRAME_MASKED : 0) | (extended == 0 ? length : extended == 2 ? 126 : 127));
  for (size_t i = 0; i < extended; i++) out[1 + extended - i] = (uint8_t)(length >> (8 * i));
  if (key) memcpy(out + at, key, 4), at += 4;
  return at;
}

// Copies a payload and takes its mask off (or puts it on) on the way, eight bytes at a time.
static inline void frame_mask(uint8_t *to, const uint8_t *from, size_t count, const uint8_t key[4]) {
  uint32_t half;
  memcpy(&half, key, 4);
  uint64_t whole = (uint64_t)half << 32 | half;
  size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    uint64_t word;
    memcpy(&word, from + i, 8);
    word ^= whole;
    memcpy(to + i, &word, 8);
  }
  for (; i < count; i++) to[i] = from[i] ^ key[i & 3];
}

#endif
