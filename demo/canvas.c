#include "demo/canvas.h"

#include <math.h>
#include <string.h>

#include "core/memory.h"

/* Light from the upper left and the half-way vector between it and the viewer. */
static const double light[3] = {-0.42, -0.60, 0.68};
static const double halfway[3] = {-0.229, -0.327, 0.917};

/* The part of the picture that a part of the product covers, with a margin. */
typedef struct region {
    int x0, y0, x1, y1; // x1 and y1 are outside
} region;

static lb_status open_surface(cairo_format_t format, int size, cairo_surface_t **surface,
                              cairo_t **context) {
    *surface = cairo_image_surface_create(format, size, size);
    *context = cairo_create(*surface);
    if (cairo_status(*context) != CAIRO_STATUS_SUCCESS)
        return status_fail(LB_E_NOMEM, "no memory for a picture of %d x %d", size, size);
    return LB_OK;
}

lb_status canvas_new(int size, canvas **out) {
    canvas *c;
    LB_TRY(NEW_ARRAY(c, 1));
    size_t n = (size_t)size * (size_t)size;
    lb_status status;
    c->size = size;
    c->unit = size / 256.0;
    LB_TRY_CLEANUP(open_surface(CAIRO_FORMAT_ARGB32, size, &c->product, &c->ink));
    LB_TRY_CLEANUP(open_surface(CAIRO_FORMAT_A8, size, &c->mask, &c->path));
    LB_TRY_CLEANUP(open_surface(CAIRO_FORMAT_ARGB32, size, &c->cloth, &c->weave));
    LB_TRY_CLEANUP(open_surface(CAIRO_FORMAT_A8, size, &c->ridges, &c->ridge));
    LB_TRY_CLEANUP(open_surface(CAIRO_FORMAT_A8, size, &c->valleys, &c->valley));
    LB_TRY_CLEANUP(NEW_ARRAY(c->height, n));
    LB_TRY_CLEANUP(NEW_ARRAY(c->work, n + (size_t)size)); // one row more: sums of columns
    LB_TRY_CLEANUP(NEW_ARRAY(c->soft, n));
    *out = c;
    c = NULL;
cleanup:
    canvas_free(c);
    return status;
}

void canvas_free(canvas *c) {
    if (!c) return;
    cairo_t *contexts[] = {c->path, c->ink, c->weave, c->ridge, c->valley};
    cairo_surface_t *surfaces[] = {c->product, c->mask, c->cloth, c->ridges, c->valleys};
    for (size_t i = 0; i < 5; i++) {
        if (contexts[i]) cairo_destroy(contexts[i]);
        if (surfaces[i]) cairo_surface_destroy(surfaces[i]);
    }
    free(c->height);
    free(c->work);
    free(c->soft);
    free(c);
}

static void wipe(cairo_surface_t *surface) {
    cairo_surface_flush(surface);
    memset(cairo_image_surface_get_data(surface), 0,
           (size_t)cairo_image_surface_get_stride(surface) *
               (size_t)cairo_image_surface_get_height(surface));
    cairo_surface_mark_dirty(surface);
}

void canvas_begin(canvas *c, random_stream random) {
    cairo_t *contexts[] = {c->path, c->ink, c->weave, c->ridge, c->valley};
    cairo_surface_t *surfaces[] = {c->product, c->mask, c->cloth, c->ridges, c->valleys};
    for (size_t i = 0; i < 5; i++) {
        wipe(surfaces[i]);
        cairo_identity_matrix(contexts[i]);
        cairo_scale(contexts[i], c->unit, c->unit);
        cairo_new_path(contexts[i]);
        cairo_set_line_join(contexts[i], CAIRO_LINE_JOIN_ROUND);
        cairo_set_line_cap(contexts[i], CAIRO_LINE_CAP_ROUND);
    }
    c->creased = c->open_hem = false;
    c->random = random;
}

void canvas_push(canvas *c, double dx, double dy, double scale, double angle) {
    cairo_t *contexts[] = {c->path, c->ink, c->weave, c->ridge, c->valley};
    for (size_t i = 0; i < 5; i++) {
        cairo_save(contexts[i]);
        cairo_translate(contexts[i], 128 + dx, 128 + dy);
        cairo_rotate(contexts[i], angle);
        cairo_scale(contexts[i], scale, scale);
        cairo_translate(contexts[i], -128, -128);
    }
}

void canvas_push_mirror(canvas *c) {
    cairo_t *contexts[] = {c->path, c->ink, c->weave, c->ridge, c->valley};
    for (size_t i = 0; i < 5; i++) {
        cairo_save(contexts[i]);
        cairo_translate(contexts[i], 256, 0);
        cairo_scale(contexts[i], -1, 1);
    }
}

void canvas_pop(canvas *c) {
    cairo_t *contexts[] = {c->path, c->ink, c->weave, c->ridge, c->valley};
    for (size_t i = 0; i < 5; i++) cairo_restore(contexts[i]);
}

double canvas_vary(canvas *c, double low, double high) {
    return low + (high - low) * random_unit(&c->random);
}

/* ---------------------------------------------------------------- outlines */

void canvas_trace(cairo_t *cr, const spot *spots, size_t n, bool closed) {
    cairo_move_to(cr, spots[0].x, spots[0].y);
    size_t segments = closed ? n : n - 1;
    for (size_t i = 0; i < segments; i++) {
        spot a = spots[i], b = spots[(i + 1) % n];
        bool a_ends = a.sharp || (!closed && i == 0), b_ends = b.sharp || (!closed && i + 2 == n);
        spot before = a_ends ? a : spots[(i + n - 1) % n];
        spot after = b_ends ? b : spots[(i + 2) % n];
        cairo_curve_to(cr, a.x + (b.x - before.x) / 6, a.y + (b.y - before.y) / 6,
                       b.x - (after.x - a.x) / 6, b.y - (after.y - a.y) / 6, b.x, b.y);
    }
    if (closed) cairo_close_path(cr);
}

void canvas_trace_symmetric(cairo_t *cr, const spot *half, size_t n) {
    enum { MAX = 64 };
    spot all[MAX];
    size_t count = 0;
    for (size_t i = 0; i < n && count < MAX; i++)
        all[count++] = (spot){128 - half[i].x, half[i].y, half[i].sharp};
    for (size_t i = n; i-- > 0 && count < MAX;)
        if (half[i].x > 0) all[count++] = (spot){128 + half[i].x, half[i].y, half[i].sharp};
    canvas_trace(cr, all, count, true);
}

void canvas_ellipse(cairo_t *cr, double x, double y, double rx, double ry) {
    cairo_save(cr);
    cairo_translate(cr, x, y);
    cairo_scale(cr, rx, ry);
    cairo_new_sub_path(cr);
    cairo_arc(cr, 0, 0, 1, 0, 2 * M_PI);
    cairo_close_path(cr);
    cairo_restore(cr);
}

void canvas_box(cairo_t *cr, double x, double y, double w, double h, double radius) {
    double r = fmin(radius, fmin(w, h) / 2);
    cairo_new_sub_path(cr);
    cairo_arc(cr, x + r, y + r, r, M_PI, 1.5 * M_PI);
    cairo_arc(cr, x + w - r, y + r, r, 1.5 * M_PI, 2 * M_PI);
    cairo_arc(cr, x + w - r, y + h - r, r, 0, 0.5 * M_PI);
    cairo_arc(cr, x + r, y + h - r, r, 0.5 * M_PI, M_PI);
    cairo_close_path(cr);
}

void canvas_crease(canvas *c, spot from, spot bend, spot to, double width, double depth) {
    cairo_t *cr = depth > 0 ? c->ridge : c->valley;
    cairo_set_source_rgba(cr, 0, 0, 0, fmin(1, fabs(depth)));
    cairo_set_line_width(cr, width);
    cairo_move_to(cr, from.x, from.y);
    cairo_curve_to(cr, bend.x, bend.y, bend.x, bend.y, to.x, to.y);
    cairo_stroke(cr);
    c->creased = true;
}

/* ---------------------------------------------------------------- relief */

static void blur_rows(float *plane, float *line, int width, int rows, int stride, int radius) {
    float share = 1.0f / (float)(2 * radius + 1);
    for (int y = 0; y < rows; y++) {
        float *row = plane + (size_t)y * (size_t)stride, sum = 0;
        memcpy(line, row, (size_t)width * sizeof *line);
        for (int x = 0; x < radius && x < width; x++) sum += line[x];
        for (int x = 0; x < width; x++) {
            if (x + radius < width) sum += line[x + radius];
            if (x - radius - 1 >= 0) sum -= line[x - radius - 1];
            row[x] = sum * share;
        }
    }
}

static void blur_columns(float *plane, float *work, int width, int rows, int stride, int radius) {
    float share = 1.0f / (float)(2 * radius + 1), *sum = work + (size_t)rows * (size_t)stride;
    for (int y = 0; y < rows; y++)
        memcpy(work + (size_t)y * (size_t)stride, plane + (size_t)y * (size_t)stride,
               (size_t)width * sizeof *work);
    memset(sum, 0, (size_t)width * sizeof *sum);
    for (int y = -radius; y < rows; y++) {
        if (y + radius < rows) {
            const float *enters = work + (size_t)(y + radius) * (size_t)stride;
            for (int x = 0; x < width; x++) sum[x] += enters[x];
        }
        if (y < 0) continue;
        if (y - radius - 1 >= 0) {
            const float *leaves = work + (size_t)(y - radius - 1) * (size_t)stride;
            for (int x = 0; x < width; x++) sum[x] -= leaves[x];
        }
        float *row = plane + (size_t)y * (size_t)stride;
        for (int x = 0; x < width; x++) row[x] = sum[x] * share;
    }
}

void canvas_blur(float *plane, float *work, int width, int rows, int stride, int radius) {
    if (radius < 1) return;
    for (int pass = 0; pass < 3; pass++) {
        blur_rows(plane, work, width, rows, stride, radius);
        blur_columns(plane, work, width, rows, stride, radius);
    }
}

/* Where the mask is not empty, grown by `margin` pixels. */
static region find_region(const canvas *c, int margin) {
    const unsigned char *mask = cairo_image_surface_get_data(c->mask);
    int stride = cairo_image_surface_get_stride(c->mask), n = c->size;
    region r = {n, n, 0, 0};
    for (int y = 0; y < n; y++) {
        const unsigned char *row = mask + (size_t)y * (size_t)stride;
        int x0 = 0, x1 = n;
        while (x0 < n && !row[x0]) x0++;
        if (x0 == n) continue;
        while (!row[x1 - 1]) x1--;
        if (r.y0 > y) r.y0 = y;
        r.y1 = y + 1;
        if (r.x0 > x0) r.x0 = x0;
        if (r.x1 < x1) r.x1 = x1;
    }
    r.x0 = r.x0 > margin ? r.x0 - margin : 0;
    r.y0 = r.y0 > margin ? r.y0 - margin : 0;
    r.x1 = r.x1 + margin < n ? r.x1 + margin : n;
    r.y1 = r.y1 + margin < n ? r.y1 + margin : n;
    return r;
}

/* Copies the mask, moved by (dx, dy) pixels, into a plane whose first row is the region's. */
static void mask_to_plane(const canvas *c, region r, int dx, int dy, float *plane) {
    const unsigned char *mask = cairo_image_surface_get_data(c->mask);
    int stride = cairo_image_surface_get_stride(c->mask), n = c->size;
    for (int y = r.y0; y < r.y1; y++)
        for (int x = r.x0; x < r.x1; x++) {
            int from_x = x - dx, from_y = y - dy;
            bool inside = from_x >= 0 && from_y >= 0 && from_x < n && from_y < n;
            plane[(size_t)(y - r.y0) * (size_t)n + (size_t)(x - r.x0)] =
                inside ? (float)mask[(size_t)from_y * (size_t)stride + (size_t)from_x] / 255 : 0;
        }
}

static uint32_t hash_cell(uint32_t x, uint32_t y, uint32_t key) {
    uint32_t h = x * 0x9e3779b1u ^ y * 0x85ebca77u ^ key * 0xc2b2ae3du;
    h = (h ^ (h >> 15)) * 0x2c1b3c6du;
    h = (h ^ (h >> 12)) * 0x297a2d39u;
    return h ^ (h >> 15);
}

static float cell_noise(int x, int y, uint32_t key) {
    return (float)(hash_cell((uint32_t)x, (uint32_t)y, key) >> 8) * 0x1p-23f - 1;
}

/* Smooth noise in -1..1 with lattice spacing 1. */
static float smooth_noise(float x, float y, uint32_t key) {
    float fx = floorf(x), fy = floorf(y), u = x - fx, v = y - fy;
    int ix = (int)fx, iy = (int)fy;
    u = u * u * (3 - 2 * u);
    v = v * v * (3 - 2 * v);
    float a = cell_noise(ix, iy, key), b = cell_noise(ix + 1, iy, key);
    float d = cell_noise(ix, iy + 1, key), e = cell_noise(ix + 1, iy + 1, key);
    return (a + (b - a) * u) * (1 - v) + (d + (e - d) * u) * v;
}

/* Adds the creases, softened, to the relief. */
static void add_creases(canvas *c, region r) {
    const unsigned char *up = cairo_image_surface_get_data(c->ridges);
    const unsigned char *down = cairo_image_surface_get_data(c->valleys);
    int stride = cairo_image_surface_get_stride(c->ridges), n = c->size;
    for (int y = r.y0; y < r.y1; y++)
        for (int x = r.x0; x < r.x1; x++) {
            size_t at = (size_t)y * (size_t)stride + (size_t)x;
            c->soft[(size_t)(y - r.y0) * (size_t)n + (size_t)(x - r.x0)] =
                (float)(up[at] - down[at]) / 255;
        }
    int radius = (int)lround(1.3 * c->unit);
    canvas_blur(c->soft, c->work, r.x1 - r.x0, r.y1 - r.y0, n, radius > 0 ? radius : 1);
    float high = (float)(4 * c->unit);
    for (int y = 0; y < r.y1 - r.y0; y++)
        for (int x = 0; x < r.x1 - r.x0; x++) {
            size_t at = (size_t)y * (size_t)n + (size_t)x;
            c->height[at] += high * c->soft[at];
        }
}

static void add_drape(canvas *c, region r, const finish *f, uint32_t key) {
    if (f->drape <= 0) return;
    float step = (float)(1 / (f->drape_width * c->unit)), high = (float)(f->drape * c->unit);
    for (int y = r.y0; y < r.y1; y++)
        for (int x = r.x0; x < r.x1; x++) {
            float u = (float)x * step, v = (float)y * step * 0.45f;
            float *h = &c->height[(size_t)(y - r.y0) * (size_t)c->size + (size_t)(x - r.x0)];
            if (*h > 0) // nothing of the part is near
                *h += high *
                      (smooth_noise(u, v, key) + 0.4f * smooth_noise(2.3f * u, 2.3f * v, key + 1));
        }
}

/* Lets the columns that reach the lower end of the mask go on below it, so that a hem is not shaded
 * like the edge of a pillow. */
static void extend_hem(canvas *c, region r) {
    size_t n = (size_t)c->size;
    int rows = r.y1 - r.y0, bottom = rows - ((int)lround(7 * c->unit) + 2);
    int near = (int)lround(10 * c->unit);
    for (int x = 0; x < r.x1 - r.x0; x++) {
        int y = rows - 1;
        while (y > 0 && c->height[(size_t)y * n + (size_t)x] < 0.5f) y--;
        if (y < bottom - near) continue;
        for (y++; y < rows; y++) c->height[(size_t)y * n + (size_t)x] = 1;
    }
}

/* The relief of the next part, in pixels, in c->height; softly blurred mask in c->soft. */
static void build_relief(canvas *c, region r, const finish *f, double bulge, double depth,
                         uint32_t key) {
    int radius = (int)lround(bulge * c->unit / 2), rows = r.y1 - r.y0, n = c->size;
    if (radius < 1) radius = 1;
    mask_to_plane(c, r, 0, 0, c->height);
    if (c->open_hem) extend_hem(c, r);
    canvas_blur(c->height, c->work, r.x1 - r.x0, rows, n, radius);
    float high = (float)(depth * 2.2 * radius);
    for (int y = 0; y < rows; y++)
        for (int x = 0; x < r.x1 - r.x0; x++) c->height[(size_t)y * (size_t)n + (size_t)x] *= high;
    add_drape(c, r, f, key);
    if (c->creased) add_creases(c, r);
}

/* ---------------------------------------------------------------- light */

/* Darkens what lies under the next part, a little to its lower right. */
static void cast_shadow(canvas *c, region r) {
    int shift = (int)lround(1.6 * c->unit), radius = (int)lround(1.8 * c->unit), n = c->size;
    mask_to_plane(c, r, shift / 2, shift, c->soft);
    canvas_blur(c->soft, c->work, r.x1 - r.x0, r.y1 - r.y0, n, radius > 0 ? radius : 1);
    unsigned char *product = cairo_image_surface_get_data(c->product);
    int stride = cairo_image_surface_get_stride(c->product);
    for (int y = r.y0; y < r.y1; y++)
        for (int x = r.x0; x < r.x1; x++) {
            unsigned char *pixel = product + (size_t)y * (size_t)stride + 4 * (size_t)x;
            float keep = 1 - 0.38f * c->soft[(size_t)(y - r.y0) * (size_t)n + (size_t)(x - r.x0)];
            for (int k = 0; k < 3; k++) pixel[k] = (unsigned char)((float)pixel[k] * keep);
        }
}

/* What a mirror turned this way sees of a studio: a bright ceiling, a dark horizon, a grey floor;
 * the reflected direction is (rx, ry). */
static double studio_mirror(double rx, double ry) {
    double t = ry - 0.35 * rx;
    if (t < -0.1) return 0.95 + 0.35 * fmin(1, -t - 0.1);
    if (t < 0.12) return 0.95 - 0.75 * (t + 0.1) / 0.22;
    return 0.20 + 0.62 * fmin(1, (t - 0.12) * 1.6);
}

/* Brightness and highlight of one pixel whose relief rises by (gx, gy) per pixel. */
static void light_pixel(double gx, double gy, const finish *f, double *shade, double *shine) {
    double inverse = 1 / sqrt(gx * gx + gy * gy + 1), nx = -gx * inverse, ny = -gy * inverse;
    double facing = (nx * light[0] + ny * light[1] + inverse * light[2]) / light[2];
    *shade = 0.36 + 0.64 * fmax(0, fmin(1.45, facing));
    double mirror = fmax(0, nx * halfway[0] + ny * halfway[1] + inverse * halfway[2]);
    *shine = f->gloss > 0 ? f->gloss * (double)powf((float)mirror, (float)f->power) : 0;
    if (f->metal > 0) {
        double bright = studio_mirror(2 * nx * inverse, 2 * ny * inverse);
        *shade += f->metal * (bright - *shade);
        *shine += f->metal * fmax(0, bright - 1);
    }
}

static unsigned char to_byte(double x) {
    return (unsigned char)(x <= 0 ? 0 : x >= 255 ? 255 : x + 0.5);
}

/* Lights the cloth and lays it over the product through the mask. */
static void lay_part(canvas *c, region r, const finish *f, uint32_t key) {
    const unsigned char *mask = cairo_image_surface_get_data(c->mask);
    const unsigned char *cloth = cairo_image_surface_get_data(c->cloth);
    unsigned char *product = cairo_image_surface_get_data(c->product);
    size_t mask_stride = (size_t)cairo_image_surface_get_stride(c->mask), n = (size_t)c->size;
    size_t stride = (size_t)cairo_image_surface_get_stride(c->product);
    int rows = r.y1 - r.y0, width = r.x1 - r.x0;
    for (int y = 0; y < rows; y++)
        for (int x = 0; x < width; x++) {
            size_t px = (size_t)(x + r.x0), py = (size_t)(y + r.y0);
            unsigned a = mask[py * mask_stride + px];
            if (!a) continue;
            const float *h = c->height + (size_t)y * n + (size_t)x;
            double gx = x > 0 && x + 1 < width ? (h[1] - h[-1]) / 2 : 0;
            double gy = y > 0 && y + 1 < rows ? (h[n] - h[-(ptrdiff_t)n]) / 2 : 0;
            double shade, shine;
            light_pixel(gx, gy, f, &shade, &shine);
            shade *= 1 + f->grain * (double)cell_noise((int)px, (int)py, key);
            const unsigned char *from = cloth + py * stride + 4 * px;
            unsigned char *to = product + py * stride + 4 * px;
            double cover = a / 255.0;
            for (int k = 0; k < 3; k++) {
                double lit = fmin(255, from[k] * shade + 255 * shine);
                to[k] = to_byte(to[k] * (1 - cover) + lit * cover);
            }
            to[3] = to_byte(to[3] * (1 - cover) + 255 * cover);
        }
}

/* The fabric's colours, where the part needs them. */
static void paint_cloth(canvas *c, region r, const fabric *f) {
    cairo_matrix_t drawing;
    cairo_save(c->weave);
    cairo_get_matrix(c->weave, &drawing);
    cairo_identity_matrix(c->weave);
    cairo_rectangle(c->weave, r.x0, r.y0, r.x1 - r.x0, r.y1 - r.y0);
    cairo_clip(c->weave);
    cairo_set_matrix(c->weave, &drawing);
    fabric_paint(c->weave, f);
    cairo_restore(c->weave);
}

static void render(canvas *c, const fabric *f, double bulge, double depth) {
    cairo_surface_flush(c->mask);
    cairo_surface_flush(c->product);
    uint32_t key = (uint32_t)random_u64(&c->random);
    region r = find_region(c, (int)lround(7 * c->unit) + 2);
    if (r.x0 < r.x1 && r.y0 + 2 < r.y1) {
        const finish *look = fabric_finish(f->material);
        paint_cloth(c, r, f);
        cairo_surface_flush(c->cloth);
        cast_shadow(c, r);
        build_relief(c, r, look, bulge, depth, key);
        lay_part(c, r, look, key);
    }
    cairo_surface_mark_dirty(c->product);
    wipe(c->mask);
    if (c->creased) {
        wipe(c->ridges);
        wipe(c->valleys);
        c->creased = false;
    }
}

void canvas_fill(canvas *c, const fabric *f, double bulge, double depth) {
    cairo_set_source_rgba(c->path, 0, 0, 0, 1);
    cairo_fill(c->path);
    render(c, f, bulge, depth);
}

void canvas_stroke(canvas *c, const fabric *f, double width, double depth) {
    cairo_set_source_rgba(c->path, 0, 0, 0, 1);
    cairo_set_line_width(c->path, width);
    cairo_stroke(c->path);
    render(c, f, width * 0.6, depth);
}

/* ---------------------------------------------------------------- flat details */

void canvas_seam(canvas *c, double width, double darkness) {
    cairo_set_operator(c->ink, CAIRO_OPERATOR_ATOP);
    cairo_path_t *line = cairo_copy_path(c->ink);
    cairo_set_line_width(c->ink, width);
    cairo_set_source_rgba(c->ink, 0, 0, 0, darkness);
    cairo_stroke(c->ink);
    cairo_translate(c->ink, 0.8, 0.8);
    cairo_append_path(c->ink, line);
    cairo_set_source_rgba(c->ink, 1, 1, 1, darkness * 0.5);
    cairo_stroke(c->ink);
    cairo_translate(c->ink, -0.8, -0.8);
    cairo_path_destroy(line);
    cairo_set_operator(c->ink, CAIRO_OPERATOR_OVER);
}

void canvas_stitch(canvas *c, rgb thread) {
    static const double dashes[] = {2.2, 1.4};
    cairo_set_operator(c->ink, CAIRO_OPERATOR_ATOP);
    cairo_set_dash(c->ink, dashes, 2, 0);
    cairo_set_line_width(c->ink, 0.8);
    cairo_set_source_rgba(c->ink, thread.r, thread.g, thread.b, 0.85);
    cairo_stroke(c->ink);
    cairo_set_dash(c->ink, NULL, 0, 0);
    cairo_set_operator(c->ink, CAIRO_OPERATOR_OVER);
}

void canvas_button(canvas *c, double x, double y, double radius, rgb colour) {
    fabric f = fabric_plain(colour, MATERIAL_LEATHER);
    canvas_ellipse(c->path, x, y, radius, radius);
    canvas_fill(c, &f, radius, 0.8);
    cairo_set_source_rgba(c->ink, 0, 0, 0, 0.45);
    for (int i = 0; i < 4; i++) {
        canvas_ellipse(c->ink, x + (i % 2 ? 1 : -1) * radius * 0.28,
                       y + (i / 2 ? 1 : -1) * radius * 0.28, radius * 0.14, radius * 0.14);
        cairo_fill(c->ink);
    }
}
