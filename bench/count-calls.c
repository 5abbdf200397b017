// Counts calls of functions that the packet path must not make. Loaded before the program (LD_PRELOAD), it takes the
// place of these functions, counts, and hands on. At the end it prints one line for each: name and count.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define FUNCTIONS(X) \
  X(swift_retain) X(swift_release) X(swift_allocObject) X(malloc) X(calloc) X(realloc) X(free) X(posix_memalign) \
  X(aligned_alloc) X(pthread_mutex_lock)

enum {
#define X(name) index_##name,
  FUNCTIONS(X)
#undef X
  function_count
};

static const char *const names[] = {
#define X(name) #name,
  FUNCTIONS(X)
#undef X
};
static _Atomic unsigned long counts[function_count];
static void *next[function_count];

// dlsym itself may ask for memory before it has found who gives it.
static _Alignas(16) char early[65536];
static size_t early_used;

__attribute__((used)) static void *find(int index) {
  if (next[index] == NULL) next[index] = dlsym(RTLD_NEXT, names[index]);
  return next[index];
}

static int is_early(const void *pointer) {
  return (const char *)pointer >= early && (const char *)pointer < early + sizeof early;
}

static void *take_early(size_t size) {
  size_t begin = (early_used + 15) & ~(size_t)15;
  if (begin + size > sizeof early) return NULL;
  early_used = begin + size;
  return early + begin;
}

#define COUNT(name) atomic_fetch_add_explicit(&counts[index_##name], 1, memory_order_relaxed)
#define NEXT(name, type) ((type)find(index_##name))

static _Thread_local int searching;

void *malloc(size_t size) {
  COUNT(malloc);
  if (next[index_malloc] == NULL) {
    if (searching) return take_early(size);
    searching = 1;
    find(index_malloc);
    searching = 0;
  }
  return NEXT(malloc, void *(*)(size_t))(size);
}

void *calloc(size_t count, size_t size) {
  COUNT(calloc);
  if (next[index_calloc] == NULL) {
    if (searching) return take_early(count * size);  // Static memory is zero.
    searching = 1;
    find(index_calloc);
    searching = 0;
  }
  return NEXT(calloc, void *(*)(size_t, size_t))(count, size);
}

void *realloc(void *pointer, size_t size) {
  COUNT(realloc);
  if (is_early(pointer)) {
    void *moved = malloc(size);
    size_t rest = (size_t)(early + sizeof early - (const char *)pointer);
    if (moved != NULL) memcpy(moved, pointer, size < rest ? size : rest);
    return moved;
  }
  return NEXT(realloc, void *(*)(void *, size_t))(pointer, size);
}

void free(void *pointer) {
  COUNT(free);
  if (is_early(pointer)) return;
  if (next[index_free] == NULL) {
    if (searching) return;  // A message of dlsym's that is lost.
    searching = 1;
    find(index_free);
    searching = 0;
  }
  NEXT(free, void (*)(void *))(pointer);
}

int posix_memalign(void **pointer, size_t alignment, size_t size) {
  COUNT(posix_memalign);
  return NEXT(posix_memalign, int (*)(void **, size_t, size_t))(pointer, alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
  COUNT(aligned_alloc);
  return NEXT(aligned_alloc, void *(*)(size_t, size_t))(alignment, size);
}

int pthread_mutex_lock(void *mutex) {
  COUNT(pthread_mutex_lock);
  return NEXT(pthread_mutex_lock, int (*)(void *))(mutex);
}

// The runtime's own calling convention leaves all registers but the result alone, which C cannot promise: so these
// jump on with everything where it was. Constructors of other libraries may come before that of this one, so that each
// looks for itself whom to hand on to.
#if !defined(__x86_64__)
#error "written for x86-64 only"
#endif
#define FORWARD(name)                                                                        \
  __attribute__((naked)) void name(void) {                                                   \
    __asm__(                                                                                 \
        "lock incq %c0(%%rip)\n\tmovq %c1(%%rip), %%r11\n\ttestq %%r11, %%r11\n\tje 1f\n\t"    \
        "jmpq *%%r11\n"                                                                      \
        "1:\n\tpushq %%rdi\n\tpushq %%rsi\n\tpushq %%rdx\n\tpushq %%rcx\n\tpushq %%r8\n\t"    \
        "pushq %%r9\n\tpushq %%r10\n\tpushq %%rax\n\tsubq $8, %%rsp\n\tmovl %2, %%edi\n\t"     \
        "call find\n\taddq $8, %%rsp\n\tpopq %%rax\n\tpopq %%r10\n\tpopq %%r9\n\t"            \
        "popq %%r8\n\tpopq %%rcx\n\tpopq %%rdx\n\tpopq %%rsi\n\tpopq %%rdi\n\t"               \
        "jmpq *%c1(%%rip)" ::"i"(&counts[index_##name]),                                     \
        "i"(&next[index_##name]), "i"(index_##name));                                        \
  }
FORWARD(swift_retain)
FORWARD(swift_release)
FORWARD(swift_allocObject)

__attribute__((destructor)) static void report(void) {
  for (int index = 0; index < function_count; index++)
    fprintf(stderr, "calls %s %lu\n", names[index], atomic_load(&counts[index]));
}
