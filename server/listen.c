#include "server/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG = 512 };

bool listener_resolve(const char *address, listener *out, fault *f) {
    struct in_addr v4;
    struct in6_addr v6;
    *out = (listener){.socket = -1};
    if (strcmp(address, "localhost") == 0) address = "127.0.0.1";
    if (inet_pton(AF_INET, address, &v4) == 1) {
        out->loopback = ntohl(v4.s_addr) >> 24 == 127;
        out->any_address = v4.s_addr == htonl(INADDR_ANY);
        inet_ntop(AF_INET, &v4, out->address, sizeof out->address);
        return true;
    }
    if (inet_pton(AF_INET6, address, &v6) == 1) {
        out->loopback = IN6_IS_ADDR_LOOPBACK(&v6);
        out->any_address = IN6_IS_ADDR_UNSPECIFIED(&v6);
        inet_ntop(AF_INET6, &v6, out->address, sizeof out->address);
        return true;
    }
    return fault_set(
        f, FAULT_BAD_REQUEST,
        "cannot listen on \"%s\": an IPv4 or IPv6 address is wanted, such as 127.0.0.1", address);
}

static socklen_t fill(const listener *l, uint16_t port, struct sockaddr_storage *out) {
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)out;
    struct sockaddr_in *v4 = (struct sockaddr_in *)out;
    memset(out, 0, sizeof *out);
    if (inet_pton(AF_INET6, l->address, &v6->sin6_addr) == 1) {
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons(port);
        return sizeof *v6;
    }
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    inet_pton(AF_INET, l->address, &v4->sin_addr);
    return sizeof *v4;
}

static uint16_t port_of(int file) {
    struct sockaddr_storage own;
    socklen_t size = sizeof own;
    if (getsockname(file, (struct sockaddr *)&own, &size) != 0) return 0;
    return ntohs(own.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&own)->sin6_port
                                           : ((struct sockaddr_in *)&own)->sin_port);
}

static bool refuse(listener *l, uint16_t port, fault *f) {
    int error = errno;
    const char *hint = error == EADDRINUSE
                           ? "; another program listens there: choose another --port"
                       : error == EACCES ? "; ports below 1024 are for root"
                                         : "";
    if (l->socket >= 0) close(l->socket);
    l->socket = -1;
    return fault_set(f, FAULT_INTERNAL, "cannot listen on %s, port %u: %s%s", l->address,
                     (unsigned)port, strerror(error), hint);
}

bool listener_open(listener *l, uint16_t port, fault *f) {
    struct sockaddr_storage address;
    const int on = 1;
    socklen_t size = fill(l, port, &address);
    bool v6 = address.ss_family == AF_INET6;
    l->socket = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (l->socket < 0) return refuse(l, port, f);
    // A restart must not wait for old connections of the port to be forgotten.
    setsockopt(l->socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(l->socket, (struct sockaddr *)&address, size) != 0 || listen(l->socket, BACKLOG) != 0)
        return refuse(l, port, f);
    snprintf(l->url, sizeof l->url, v6 ? "http://[%s]:%u/" : "http://%s:%u/", l->address,
             (unsigned)port_of(l->socket));
    return true;
}
