#ifndef SLUICE_COPENSSL_H
#define SLUICE_COPENSSL_H

#include <openssl/err.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

// What OpenSSL offers as macros only, or as a callback.

/// The house's rules for both sides: TLS 1.2 at least, no renegotiation, no compression, no cached sessions,
/// buffers given back when idle, and never a question for a key's password on the terminal. 1: done.
int copenssl_harden(SSL_CTX *context);

/// Sends the name along, so that a server of many names shows the right certificate. 1: done.
int copenssl_ask_for(SSL *session, const char *name);

/// Why the oldest error in this thread's queue happened, in words that live as long as the program. Empties the queue.
const char *copenssl_reason(void);

#endif
