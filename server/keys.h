/* The keys that clients show, with what each allows. */
#ifndef LOOKBOOK_SERVER_KEYS_H
#define LOOKBOOK_SERVER_KEYS_H

#include "server/fault.h"

typedef enum right { RIGHT_NONE, RIGHT_READ, RIGHT_WRITE, RIGHT_ADMIN } right;

typedef struct keys keys;

enum { KEY_LEAST = 16, KEY_MOST = 128, KEYS_MOST = 256 };

/* Reads a file of lines "read KEY", "write KEY" or "admin KEY"; empty lines and those that begin
 * with # mean nothing. The file must be regular and belong to its reader alone (mode 0600 or less).
 * The message of a failure never holds a key. */
bool keys_open(const char *path, keys **out, fault *f);
void keys_close(keys *k); // accepts NULL

/* What the value of an Authorization header ("Bearer KEY") allows: RIGHT_NONE for none, or a wrong
 * one. Takes the same time for every key of the same length, right or wrong. */
right keys_right(const keys *k, const char *authorization);

const char *right_name(right r); // "read", "write", "admin"; "none"

#endif
