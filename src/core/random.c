#include "core/random.h"

#include <math.h>

uint64_t random_splitmix(uint64_t *state) {
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static random_stream expand(uint64_t state) {
    random_stream r;
    for (int i = 0; i < 4; i++) r.s[i] = random_splitmix(&state);
    return r;
}

static uint64_t mix(uint64_t a, uint64_t b) {
    uint64_t state = a;
    state = random_splitmix(&state) ^ b;
    return random_splitmix(&state);
}

random_stream random_open(uint64_t seed, const char *purpose, uint64_t item) {
    uint64_t name = 0xcbf29ce484222325u; // FNV-1a
    for (; *purpose; purpose++) name = (name ^ (unsigned char)*purpose) * 0x100000001b3u;
    return expand(mix(mix(seed, name), item));
}

random_stream random_split(const random_stream *parent, uint64_t key) {
    uint64_t state = 0x5851f42d4c957f2du;
    for (int i = 0; i < 4; i++) state = mix(state, parent->s[i]);
    return expand(mix(state, key));
}

double random_normal(random_stream *r) {
    double u = 1.0 - random_unit(r), v = random_unit(r);
    return sqrt(-2.0 * log(u)) * cos(6.283185307179586 * v);
}

void random_shuffle(random_stream *r, uint32_t *items, size_t n) {
    for (size_t i = n; i > 1; i--) {
        size_t j = (size_t)random_below(r, i);
        uint32_t kept = items[i - 1];
        items[i - 1] = items[j];
        items[j] = kept;
    }
}

void random_permutation(random_stream *r, uint32_t *out, size_t n) {
    for (size_t i = 0; i < n; i++) out[i] = (uint32_t)i;
    random_shuffle(r, out, n);
}
