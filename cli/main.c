/* The program's frame: standard streams, signals, and the way from a name to a command. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

volatile sig_atomic_t cli_signal;

static void on_signal(int number) {
    cli_signal = number;
}

static void set_handler(int number, void (*handler)(int), int flags) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    sigemptyset(&action.sa_mask);
    action.sa_handler = handler;
    action.sa_flags = flags;
    sigaction(number, &action, NULL);
}

/* Signals have a stack of their own: code that oneDNN generates uses the stack pointer for other
 * things, and what a signal puts there would fall into its operands. Signals to the process are
 * handled on this thread, the first one. */
static void give_signals_a_stack(void) {
    enum { SIZE = 1 << 16 }; // SIGSTKSZ may be no constant
    static char bytes[SIZE];
    const stack_t stack = {.ss_sp = bytes, .ss_size = SIZE};
    sigaltstack(&stack, NULL);
}

/* The first SIGINT or SIGTERM asks politely; the second one, with the default action back in
 * place, ends the program at once. Who started the program with one of them ignored, as shells do
 * with background jobs, wants it ignored. A reader that went away and a limit on the size of files
 * are failed writes, not deaths. */
static void catch_signals(void) {
    static const int polite[] = {SIGINT, SIGTERM};
    give_signals_a_stack();
    for (size_t i = 0; i < sizeof polite / sizeof *polite; i++) {
        struct sigaction before;
        if (sigaction(polite[i], NULL, &before) == 0 && before.sa_handler == SIG_IGN) continue;
        set_handler(polite[i], on_signal, (int)SA_RESETHAND | SA_ONSTACK);
    }
    set_handler(SIGPIPE, SIG_IGN, 0);
    set_handler(SIGXFSZ, SIG_IGN, 0);
}

/* A standard stream that the caller closed must not become the number of a dataset's file. The
 * stand-in for standard output refuses writes, so that lost results are noticed. */
static void hold_standard_streams(void) {
    static const int mode[] = {O_RDONLY, O_RDONLY, O_WRONLY};
    for (int i = 0; i < 3; i++)
        if (fcntl(i, F_GETFD) < 0 && errno == EBADF && open("/dev/null", mode[i]) != i) _exit(1);
}

int cli_fail(cli *c, const char *format, ...) {
    va_list arguments;
    cli_progress_end(c);
    fputs("lookbook: ", stderr);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    return CLI_FAILED;
}

int cli_usage(const cli *c, const char *format, ...) {
    const char *name = c->command ? c->command->name : NULL;
    va_list arguments;
    fprintf(stderr, "lookbook%s%s: ", name ? " " : "", name ? name : "");
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fprintf(stderr, "\nTry: lookbook%s%s --help\n", name ? " " : "", name ? name : "");
    return CLI_USAGE;
}

void cli_say(cli *c, const char *format, ...) {
    va_list arguments;
    if (c->common.quiet) return;
    cli_progress_end(c);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
}

int cli_status(cli *c, lb_status status) {
    cli_progress_end(c);
    if (status == LB_OK) return CLI_DONE;
    if (status == LB_E_INTERRUPTED && cli_signal) {
        int number = (int)cli_signal;
        cli_fail(c, "stopped by %s%s%s", number == SIGINT ? "SIGINT (Ctrl-C)" : "SIGTERM",
                 c->resume ? "; " : "; nothing was left half-written", c->resume ? c->resume : "");
        return 128 + number;
    }
    const char *reason = lb_last_error();
    cli_fail(c, "%s", *reason ? reason : lb_status_text(status));
    if (status != LB_E_ARGUMENT) return CLI_FAILED;
    fprintf(stderr, "Try: lookbook %s --help\n", c->command->name);
    return CLI_USAGE;
}

/* Results that did not reach their reader are no results. */
static int finish_output(cli *c, int code) {
    int lost = ferror(stdout);
    if (fflush(stdout) != 0) lost = 1;
    int error = errno;
    if (fclose(stdout) != 0 && !lost) {
        lost = 1;
        error = errno;
    }
    if (!lost) return code;
    cli_fail(c, "standard output could not be written: %s; the results are incomplete",
             strerror(error));
    return code == CLI_DONE ? CLI_FAILED : code;
}

static int run_command(cli *c, int argc, char **argv) {
    const cli_command *command = c->command;
    void *values = calloc(1, command->size ? command->size : 1);
    if (!values) return cli_fail(c, "out of memory");
    if (command->init) command->init(values);
    int code = cli_parse(c, argc, argv, values);
    if (code == CLI_DONE && c->common.help) {
        cli_help_command(command, stdout);
    } else if (code == CLI_DONE) {
        c->progress.quiet = c->common.quiet;
        c->progress.terminal = isatty(STDERR_FILENO);
        lb_runtime_init(&c->runtime);
        c->runtime.threads = c->common.threads;
        c->runtime.progress = cli_progress_show;
        c->runtime.progress_context = c;
        code = c->common.isa ? cli_status(c, lb_isa_select(c->common.isa)) : CLI_DONE;
        if (code == CLI_DONE) code = command->run(c, values);
        cli_progress_end(c);
    }
    free(values);
    return code;
}

int main(int argc, char **argv) {
    cli c;
    hold_standard_streams();
    catch_signals();
    memset(&c, 0, sizeof c);
    if (argc < 2) {
        cli_help_overview(stderr);
        return CLI_USAGE;
    }
    const char *name = argv[1];
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) name = "help";
    if (strcmp(name, "--version") == 0) name = "version";
    c.command = cli_command_find(name);
    if (!c.command) {
        if (*name == '-') return cli_usage(&c, "a command comes first, before %s", name);
        return cli_usage(&c, "there is no command \"%s\"", name);
    }
    int code = finish_output(&c, run_command(&c, argc - 2, argv + 2));
    cli_free_all(&c);
    return code;
}
