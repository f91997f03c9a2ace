#include "bench/http.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum { FIRST_CAPACITY = 1 << 16, WAIT_SECONDS = 300 };

void http_open(http *h, uint16_t port) {
    *h = (http){.port = port, .socket = -1};
}

static void disconnect(http *h) {
    if (h->socket >= 0) close(h->socket);
    h->socket = -1;
}

void http_close(http *h) {
    disconnect(h);
    free(h->bytes);
    h->bytes = NULL;
}

/* Whether the server has closed a connection that was idle for too long. */
static bool is_closed(int connection) {
    char byte;
    return recv(connection, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

static bool connect_to(http *h) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(h->port)};
    struct timeval patience = {.tv_sec = WAIT_SECONDS};
    const int on = 1;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (h->socket >= 0 && is_closed(h->socket)) disconnect(h);
    if (h->socket >= 0) return true;
    h->socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (h->socket < 0) return false;
    setsockopt(h->socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(h->socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (connect(h->socket, (struct sockaddr *)&to, sizeof to) == 0) return true;
    disconnect(h);
    return false;
}

static bool send_all(http *h, const char *bytes, size_t n) {
    while (n) {
        ssize_t sent = send(h->socket, bytes, n, MSG_NOSIGNAL);
        if (sent <= 0) return false;
        bytes += sent;
        n -= (size_t)sent;
    }
    return true;
}

static bool send_request(http *h, const char *method, const char *target, const char *json) {
    size_t length = json ? strlen(json) : 0, room = strlen(target) + 512;
    char *head = malloc(room);
    if (!head) return false;
    int n = snprintf(head, room,
                     "%s %s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nOrigin: http://127.0.0.1:%u\r\n"
                     "%sContent-Length: %zu\r\n\r\n",
                     method, target, (unsigned)h->port, (unsigned)h->port,
                     json ? "Content-Type: application/json\r\n" : "", length);
    bool good = n > 0 && (size_t)n < room && send_all(h, head, (size_t)n) &&
                (!length || send_all(h, json, length));
    free(head);
    return good;
}

static bool receive(http *h) {
    if (h->n + 1 >= h->capacity) {
        size_t capacity = h->capacity ? 2 * h->capacity : FIRST_CAPACITY;
        char *bytes = realloc(h->bytes, capacity);
        if (!bytes) return false;
        h->bytes = bytes;
        h->capacity = capacity;
    }
    ssize_t n = recv(h->socket, h->bytes + h->n, h->capacity - h->n - 1, 0);
    if (n <= 0) return false;
    h->n += (size_t)n;
    h->bytes[h->n] = '\0';
    return true;
}

/* The value of a header that begins a line; NULL = not there. */
static const char *header(const char *head, const char *name) {
    size_t n = strlen(name);
    for (const char *at = strstr(head, "\r\n"); at; at = strstr(at + 2, "\r\n"))
        if (strncasecmp(at + 2, name, n) == 0) return at + 2 + n;
    return NULL;
}

static bool receive_reply(http *h, http_reply *out) {
    char *end = NULL;
    h->n = 0;
    while (!h->n || !(end = strstr(h->bytes, "\r\n\r\n")))
        if (!receive(h)) return false;
    end[2] = '\0';
    size_t head = (size_t)(end - h->bytes) + 4;
    const char *length = header(h->bytes, "Content-Length:");
    out->n = length ? strtoull(length, NULL, 10) : 0;
    out->status = (int)strtol(h->bytes + strlen("HTTP/1.1 "), NULL, 10);
    bool closes = header(h->bytes, "Connection: close") != NULL;
    while (h->n < head + out->n)
        if (!receive(h)) return false;
    out->body = h->bytes + head;
    if (closes) disconnect(h);
    return true;
}

bool http_ask(http *h, const char *method, const char *target, const char *json, http_reply *out) {
    *out = (http_reply){.body = ""};
    if (connect_to(h) && send_request(h, method, target, json) && receive_reply(h, out))
        return true;
    disconnect(h);
    out->status = 0;
    return false;
}
