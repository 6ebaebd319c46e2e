#define _GNU_SOURCE  // strerrordesc_np: safe in threads, unlike strerror
#include "COpenSSL.h"

#include <string.h>

static int no_password(char *buffer, int size, int writing, void *user) {
  (void)buffer, (void)size, (void)writing, (void)user;
  return -1;
}

int copenssl_harden(SSL_CTX *context) {
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_default_passwd_cb(context, no_password);
  return SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
}

int copenssl_ask_for(SSL *session, const char *name) {
  return (int)SSL_set_tlsext_host_name(session, name);
}

const char *copenssl_reason(void) {
  unsigned long code = ERR_peek_error();
  const char *words = NULL;
  if (ERR_SYSTEM_ERROR(code)) {
    words = strerrordesc_np(ERR_GET_REASON(code));
  } else if (code != 0) {
    words = ERR_reason_error_string(code);
  }
  ERR_clear_error();
  return words == NULL ? "no reason given" : words;
}
