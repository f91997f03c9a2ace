/*
 * The part of ONNX Runtime's C interface that an encoder needs. The library is loaded at run time
 * and no header of it is used: its C ABI is a table of functions whose order never changes, new
 * ones being added at the end only (since 1.0). Positions were checked against the interface's
 * version 29 and in use against the libraries 1.14.0 and 1.30.0.
 *
 * What a function returns as onnx_failure is NULL for success, and otherwise to be released.
 */
#ifndef LB_MEDIA_ONNX_API_H
#define LB_MEDIA_ONNX_API_H

#include <stddef.h>
#include <stdint.h>

enum {
    ONNX_API_VERSION = 14, // of the interface that is asked for: 1.14 and all newer ones serve it
    ONNX_LOG_FATAL = 4,
    ONNX_OPTIMIZE_ALL = 99,
    ONNX_FLOAT = 1,
    ONNX_INT32 = 6,
    ONNX_INT64 = 7,
    ONNX_ARENA_ALLOCATOR = 1,
    ONNX_MEMORY_DEFAULT = 0
};

typedef struct onnx_failure onnx_failure;
typedef struct onnx_environment onnx_environment;
typedef struct onnx_options onnx_options;
typedef struct onnx_session onnx_session;
typedef struct onnx_allocator onnx_allocator;
typedef struct onnx_memory onnx_memory;
typedef struct onnx_value onnx_value;
typedef struct onnx_type onnx_type;
typedef struct onnx_shape onnx_shape;

/* A function of the table that is not used here. */
typedef void (*onnx_unused)(void);

typedef struct onnx_api {
    onnx_unused unused_0[2];
    const char *(*failure_text)(const onnx_failure *);
    onnx_failure *(*create_environment)(int log_level, const char *name, onnx_environment **);
    onnx_unused unused_4[4];
    onnx_failure *(*create_session)(const onnx_environment *, const void *network, size_t size,
                                    const onnx_options *, onnx_session **);
    onnx_failure *(*run)(onnx_session *, const void *run_options, const char *const *input_names,
                         const onnx_value *const *inputs, size_t n_inputs,
                         const char *const *output_names, size_t n_outputs, onnx_value **outputs);
    onnx_failure *(*create_options)(onnx_options **);
    onnx_unused unused_11[12];
    onnx_failure *(*set_optimization)(onnx_options *, int level);
    onnx_failure *(*set_threads_within)(onnx_options *, int n);
    onnx_failure *(*set_threads_between)(onnx_options *, int n);
    onnx_unused unused_26[4];
    onnx_failure *(*count_inputs)(const onnx_session *, size_t *);
    onnx_failure *(*count_outputs)(const onnx_session *, size_t *);
    onnx_unused unused_32[1];
    onnx_failure *(*input_type)(const onnx_session *, size_t index, onnx_type **);
    onnx_failure *(*output_type)(const onnx_session *, size_t index, onnx_type **);
    onnx_unused unused_35[1];
    onnx_failure *(*input_name)(const onnx_session *, size_t index, onnx_allocator *, char **);
    onnx_failure *(*output_name)(const onnx_session *, size_t index, onnx_allocator *, char **);
    onnx_unused unused_38[11];
    onnx_failure *(*create_tensor)(const onnx_memory *, void *data, size_t bytes,
                                   const int64_t *shape, size_t rank, int type, onnx_value **);
    onnx_unused unused_50[1];
    onnx_failure *(*tensor_data)(onnx_value *, void **);
    onnx_unused unused_52[3];
    onnx_failure *(*tensor_of_type)(const onnx_type *, const onnx_shape **); // NULL: no tensor
    onnx_unused unused_56[4];
    onnx_failure *(*element_type)(const onnx_shape *, int *);
    onnx_failure *(*rank)(const onnx_shape *, size_t *);
    onnx_failure *(*dimensions)(const onnx_shape *, int64_t *, size_t rank);
    onnx_unused unused_63[1];
    onnx_failure *(*count_elements)(const onnx_shape *, size_t *);
    onnx_failure *(*tensor_shape)(const onnx_value *, onnx_shape **);
    onnx_unused unused_66[3];
    onnx_failure *(*create_cpu_memory)(int allocator, int kind, onnx_memory **);
    onnx_unused unused_70[6];
    onnx_failure *(*allocator_free)(onnx_allocator *, void *);
    onnx_unused unused_77[1];
    onnx_failure *(*default_allocator)(onnx_allocator **);
    onnx_unused unused_79[13];
    void (*release_environment)(onnx_environment *);
    void (*release_failure)(onnx_failure *);
    void (*release_memory)(onnx_memory *);
    void (*release_session)(onnx_session *);
    void (*release_value)(onnx_value *);
    onnx_unused unused_97[1];
    void (*release_type)(onnx_type *);
    void (*release_shape)(onnx_shape *);
    void (*release_options)(onnx_options *);
} onnx_api;

#define ONNX_AT(member, position)                                                  \
    _Static_assert(offsetof(onnx_api, member) == (position) * sizeof(onnx_unused), \
                   "a function stands where the library has it")
ONNX_AT(failure_text, 2);
ONNX_AT(create_session, 8);
ONNX_AT(create_options, 10);
ONNX_AT(set_optimization, 23);
ONNX_AT(count_inputs, 30);
ONNX_AT(input_type, 33);
ONNX_AT(input_name, 36);
ONNX_AT(create_tensor, 49);
ONNX_AT(tensor_data, 51);
ONNX_AT(tensor_of_type, 55);
ONNX_AT(element_type, 60);
ONNX_AT(count_elements, 64);
ONNX_AT(create_cpu_memory, 69);
ONNX_AT(allocator_free, 76);
ONNX_AT(default_allocator, 78);
ONNX_AT(release_environment, 92);
ONNX_AT(release_type, 98);
ONNX_AT(release_options, 100);
#undef ONNX_AT

/* What the library's one exported function, OrtGetApiBase, returns. */
typedef struct onnx_base {
    const onnx_api *(*api)(uint32_t version); // NULL for a version that it does not serve
    const char *(*version)(void);
} onnx_base;

#endif
