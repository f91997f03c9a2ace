/* The descriptor's edge and shape blocks. */
#include <math.h>
#include <string.h>

#include "media/descriptor_parts.h"

/* The strongest central difference among L, a and b; silhouettes and prints often show in one only.
 */
static float strongest_gradient(const descriptor_picture *p, size_t x, size_t y, float *turns) {
    const float *planes[3] = {p->L, p->a, p->b};
    size_t at = y * p->width + x;
    float best = 0, best_x = 0, best_y = 0;
    for (size_t c = 0; c < 3; c++) {
        float gx = planes[c][at + 1] - planes[c][at - 1];
        float gy = planes[c][at + p->width] - planes[c][at - p->width];
        float square = gx * gx + gy * gy;
        if (square <= best) continue;
        best = square;
        best_x = gx;
        best_y = gy;
    }
    *turns = best > 0 ? atan2f(best_y, best_x) * 0.31830988618f : 0; // half circle: unsigned
    return sqrtf(best);
}

void descriptor_edges(const descriptor_picture *p, float *out) {
    enum { CELLS = 4, DIRECTIONS = 8 };
    const float faint = 0.02f, strong = 0.25f;
    memset(out, 0, DESCRIPTOR_EDGES * sizeof *out);
    for (size_t y = 1; y + 1 < p->height; y++) {
        for (size_t x = 1; x + 1 < p->width; x++) {
            float turns, strength = strongest_gradient(p, x, y, &turns);
            if (strength < faint) continue;
            if (strength > strong) strength = strong;
            float u = ((float)x + 0.5f - p->square.left) / p->square.width;
            float v = ((float)y + 0.5f - p->square.top) / p->square.height;
            if (u < -0.05f || u > 1.05f || v < -0.05f || v > 1.05f) continue;
            descriptor_bins column = descriptor_split(u, CELLS), row = descriptor_split(v, CELLS);
            descriptor_bins direction = descriptor_split_circle(turns, DIRECTIONS);
            for (size_t k = 0; k < 4; k++) {
                float share = strength * row.share[k / 2] * column.share[k % 2];
                float *cell = out + (row.bin[k / 2] * CELLS + column.bin[k % 2]) * DIRECTIONS;
                for (size_t j = 0; j < 2; j++) cell[direction.bin[j]] += share * direction.share[j];
            }
        }
    }
    for (size_t i = 0; i < DESCRIPTOR_EDGES; i++) out[i] = sqrtf(out[i]);
}

enum { GRID = 8 };

/* Mean foreground weight of every cell of the square; what lies outside the picture counts as
 * background. Foreground is here what the flood did not reach, whatever its colour. */
static void cover_grid(const descriptor_picture *p, float *grid) {
    float cell = p->square.width / GRID, area = cell * cell;
    for (size_t i = 0; i < p->n; i++) {
        float w = p->weight[i] * 2 < 1 ? p->weight[i] * 2 : 1;
        if (!(w > 0)) continue;
        float x = (float)(i % p->width) + 0.5f, y = (float)(i / p->width) + 0.5f;
        float u = (x - p->square.left) / p->square.width;
        float v = (y - p->square.top) / p->square.height;
        if (u < 0 || u > 1 || v < 0 || v > 1) continue;
        descriptor_bins column = descriptor_split(u, GRID), row = descriptor_split(v, GRID);
        for (size_t k = 0; k < 4; k++)
            grid[row.bin[k / 2] * GRID + column.bin[k % 2]] += w * row.share[k / 2] *
                                                               column.share[k % 2] / area;
    }
    for (size_t i = 0; i < GRID * GRID; i++)
        if (grid[i] > 1) grid[i] = 1;
}

/* 1 when the grid equals its mirror image, down to 0. */
static float symmetry(const float *grid, bool left_right) {
    float differ = 0, sum = 0;
    for (size_t y = 0; y < GRID; y++) {
        for (size_t x = 0; x < GRID; x++) {
            size_t other = left_right ? y * GRID + GRID - 1 - x : (GRID - 1 - y) * GRID + x;
            differ += fabsf(grid[y * GRID + x] - grid[other]);
            sum += grid[y * GRID + x] + grid[other];
        }
    }
    return sum > 0 ? 1 - differ / sum : 1;
}

/* Central moments of the grid up to order 3, over the right powers of the mass and side. */
static void grid_moments(const float *grid, float *out) {
    double mass = 1e-9, mean_x = 0, mean_y = 0, m[4][4] = {{0}};
    for (size_t i = 0; i < GRID * GRID; i++) {
        mass += (double)grid[i];
        mean_x += (double)grid[i] * (double)(i % GRID);
        mean_y += (double)grid[i] * (double)(i / GRID);
    }
    for (size_t i = 0; i < GRID * GRID; i++) {
        double x = ((double)(i % GRID) - mean_x / mass) / GRID;
        double y = ((double)(i / GRID) - mean_y / mass) / GRID, w = (double)grid[i] / mass;
        m[2][0] += w * x * x;
        m[1][1] += w * x * y;
        m[0][2] += w * y * y;
        m[3][0] += w * x * x * x;
        m[2][1] += w * x * x * y;
        m[1][2] += w * x * y * y;
        m[0][3] += w * y * y * y;
    }
    out[0] = (float)(m[2][0] + m[0][2]) * 4 - 0.5f;
    out[1] = (float)(m[0][2] - m[2][0]) * 8;
    out[2] = (float)m[1][1] * 16;
    out[3] = (float)m[3][0] * 60;
    out[4] = (float)m[2][1] * 60;
    out[5] = (float)m[1][2] * 60;
    out[6] = (float)m[0][3] * 60;
}

static float half_width(const float *grid, size_t first_row) {
    float sum = 0;
    for (size_t y = first_row; y < first_row + GRID / 2; y++)
        for (size_t x = 0; x < GRID; x++) sum += grid[y * GRID + x];
    return sum / (GRID * GRID / 2);
}

void descriptor_shape(const descriptor_picture *p, float *out) {
    float grid[GRID * GRID] = {0}, *statistics = out + GRID * GRID;
    cover_grid(p, grid);
    float fill = 0, side = p->square.width;
    for (size_t i = 0; i < GRID * GRID; i++) {
        out[i] = 2 * grid[i] - 1;
        fill += grid[i] / (GRID * GRID);
    }
    fill *= side * side / (p->box.width * p->box.height);
    statistics[0] = 2 * logf(p->box.height / p->box.width);
    statistics[1] = 4 * (fill - 0.6f);
    grid_moments(grid, statistics + 2);
    statistics[9] = 2 * symmetry(grid, true) - 1;
    statistics[10] = 2 * symmetry(grid, false) - 1;
    statistics[11] = 4 * (half_width(grid, 0) - half_width(grid, GRID / 2));
}
