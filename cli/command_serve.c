/* serve: the API and the page over HTTP. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "server/server.h"

typedef struct serve_values {
    lb_service_options service;
    server_options server;
    cli_list hosts;
    int no_page;
} serve_values;

#define SERVICE(field) offsetof(serve_values, service.field)
#define SERVER(field)  offsetof(serve_values, server.field)
#define FIELD(field)   offsetof(serve_values, field)

static const cli_option serve_options[] = {
    {"dataset", 'd', CLI_TEXT, SERVICE(directory), "DIR", "the dataset", 1, NULL, 0, 0},
    {"model", 'm', CLI_TEXT, SERVICE(model), "MODEL", "the model file", 1, NULL, 0, 0},
    {"listen", 0, CLI_TEXT, SERVER(listen), "ADDR",
     "address to listen on; any but a loopback address needs --keys; default: 127.0.0.1", 0, NULL,
     0, 0},
    {"port", 0, CLI_U32, SERVER(port), "N", "port; 0: a free one; default: 8080", 0, NULL, 0,
     65535},
    {"keys", 0, CLI_TEXT, SERVER(keys), "FILE",
     "keys that clients must show: lines \"read KEY\", \"write KEY\", \"admin KEY\"; mode 0600", 0,
     NULL, 0, 0},
    {"host", 0, CLI_LIST, FIELD(hosts), "NAME,...",
     "names that requests may call this server by, besides localhost and its address", 0, NULL, 0,
     0},
    {"threads", 0, CLI_U32, SERVER(threads), "N", "threads that answer, 1 to 64; default: 2", 0,
     NULL, 1, 64},
    {"connections", 0, CLI_U32, SERVER(connections), "N", "connections at once; default: 512", 0,
     NULL, 1, 60000},
    {"max-body", 0, CLI_U64, SERVER(max_body), "BYTES",
     "the largest request, and the longest line of a bulk request; default: 16777216", 0, NULL,
     1024, 1u << 30},
    {"image-queue", 0, CLI_U32, SERVER(image_queue), "N",
     "requests with a photo that may wait, before others are told to come back; default: 16", 0,
     NULL, 1, 10000},
    {"deadline", 0, CLI_U32, SERVER(deadline), "SECONDS",
     "for a request to arrive, for it to wait, and for its reply to be fetched; default: 30", 0,
     NULL, 1, 3600},
    {"onnx-library", 0, CLI_TEXT, SERVICE(onnx_library), "PATH",
     "ONNX Runtime, for features that come from an ONNX network; default: the system's", 0, NULL, 0,
     0},
    {"no-page", 0, CLI_FLAG, FIELD(no_page), NULL, "the API alone", 0, NULL, 0, 0},
    {"study", 0, CLI_FLAG, SERVER(study), NULL,
     "with a blind study of relevance at #/study of the page: lists made for a shopper against "
     "lists "
     "made for nobody, for what shoppers asked for",
     0, NULL, 0, 0},
    {"access-log", 0, CLI_TEXT, SERVER(access_log), "FILE",
     "append a line of JSON for each request; default: none", 0, NULL, 0, 0},
    {NULL, 0, CLI_FLAG, 0, NULL, NULL, 0, NULL, 0, 0}};

static void serve_init(void *values) {
    serve_values *v = values;
    lb_service_options_init(&v->service);
    server_options_init(&v->server);
}

/* ---------------------------------------------------------------- signals */

static void no_action(int number) {
    (void)number;
}

/* The signals that steer the server, blocked in all threads from now on and taken by wait_for.
 * SIGHUP asks for a reload even under nohup. */
static void block_signals(sigset_t *steering) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    sigemptyset(&action.sa_mask);
    action.sa_handler = no_action;
    sigaction(SIGHUP, &action, NULL);
    sigemptyset(steering);
    sigaddset(steering, SIGHUP);
    sigaddset(steering, SIGINT);
    sigaddset(steering, SIGTERM);
    pthread_sigmask(SIG_BLOCK, steering, NULL);
}

/* lb_progress_fn of the loading and of reloads: a stop need not wait for their end. */
static int stop_on_signal(void *context, const lb_progress *progress) {
    sigset_t pending;
    (void)context;
    (void)progress;
    sigpending(&pending);
    return sigismember(&pending, SIGINT) || sigismember(&pending, SIGTERM);
}

static void log_line(void *context, const char *line) {
    (void)context;
    fprintf(stderr, "lookbook: %s\n", line);
}

static void reload(server *s, const lb_runtime *runtime) {
    lb_status status = server_reload(s, runtime);
    if (status == LB_OK)
        log_line(NULL, "the model was taken in anew");
    else
        fprintf(stderr, "lookbook: the model stays as it was: %s\n", lb_last_error());
}

/* Until SIGINT or SIGTERM. A second one, with its default action, ends the program at once. */
static void wait_for_end(server *s, const sigset_t *steering, const lb_runtime *runtime) {
    int number = 0;
    while (number != SIGINT && number != SIGTERM)
        if (sigwait(steering, &number) == 0 && number == SIGHUP) reload(s, runtime);
    struct sigaction action;
    memset(&action, 0, sizeof action);
    sigemptyset(&action.sa_mask);
    action.sa_handler = SIG_DFL;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    pthread_sigmask(SIG_UNBLOCK, steering, NULL);
}

/* ---------------------------------------------------------------- the command */

static int serve(cli *c, const serve_values *v, lb_service *service, const sigset_t *steering,
                 const lb_runtime *runtime) {
    server_options options = v->server;
    char why[SERVER_WHY];
    server *s;
    options.hosts = v->hosts.item;
    options.n_hosts = v->hosts.n;
    options.page = !v->no_page;
    options.log = log_line;
    if (server_start(&options, service, &s, why) != 0) return cli_fail(c, "%s", why);
    fprintf(stderr, "lookbook: serving %s\n", server_url(s));
    wait_for_end(s, steering, runtime);
    size_t cut = server_stop(s);
    if (!cut) return CLI_DONE;
    return cli_fail(c, "%zu requests were cut off at the deadline", cut);
}

static int run_serve(cli *c, const void *values) {
    const serve_values *v = values;
    sigset_t steering;
    lb_service *service;
    lb_runtime runtime;
    block_signals(&steering);
    lb_runtime_init(&runtime);
    runtime.progress = stop_on_signal;
    lb_status status = lb_service_open(&v->service, &runtime, &service);
    if (status == LB_E_INTERRUPTED) return cli_fail(c, "stopped before it served");
    int code = cli_status(c, status);
    if (code == CLI_USAGE) code = CLI_FAILED;
    if (code != CLI_DONE) return code;
    code = serve(c, v, service, &steering, &runtime);
    lb_service_close(service);
    return code;
}

const cli_command cli_serve = {
    .name = "serve",
    .summary = "answer over HTTP, with a page to look at",
    .synopsis = "-d DIR -m MODEL [options]",
    .description =
        "Recommendations, products, feedback and operation as JSON under /api, described at "
        "/api/openapi.json, and a page at /. What was acknowledged is on the disk. The line "
        "\"lookbook: serving http://..\" on standard error says that requests are answered.\n\n"
        "Other machines reach the server only with --listen, which needs --keys; put a proxy with "
        "TLS in front. Requests must call the server by its address, localhost or a name given "
        "with --host.\n\n"
        "SIGHUP takes in the model file anew, without dropping a request; the model before is kept "
        "for POST /api/admin/rollback. SIGTERM and SIGINT end the server once the requests that "
        "have begun are answered; a second one ends it at once.",
    .examples =
        "  lookbook serve -d shop -m shop/vasg.safetensors\n"
        "  lookbook serve -d shop -m shop/vasg.safetensors --listen 0.0.0.0 --keys keys.txt "
        "--host shop.example\n",
    .options = serve_options,
    .size = sizeof(serve_values),
    .init = serve_init,
    .run = run_serve,
};
