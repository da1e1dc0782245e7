/* What `squall cc` has gcc load (LD_PRELOAD), so that it reads rewritten texts under the original names.
 *
 * The file that SQUALL_VFS names holds a line for each: device and inode of the original, a tab and the file to open
 * instead; or "virtual", a path that need not exist, and the file. Originals are known by what they are and not by
 * their names: relative ones, symbolic links and a/../b all lead to the same text. Only reading is redirected. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef int open_function(const char*, int, ...);
typedef FILE* fopen_function(const char*, const char*);

struct redirection {
    unsigned long long device, inode;
    char* name; /* of a virtual file, else null */
    char* instead;
};

static struct redirection* table;
static size_t table_size;
static int loaded;

static void load(open_function* real_open) {
    const char* path = getenv("SQUALL_VFS");
    struct stat status;
    char *text, *line, *next;
    int file;
    loaded = 1;
    if (!path || (file = real_open(path, O_RDONLY | O_CLOEXEC)) < 0)
        return;
    if (fstat(file, &status) != 0 || !(text = malloc((size_t)status.st_size + 1))) {
        close(file);
        return;
    }
    text[read(file, text, (size_t)status.st_size) == status.st_size ? status.st_size : 0] = '\0';
    close(file);
    for (line = text; *line; line = next) {
        char* end = strchr(line, '\n');
        char* instead = strchr(line, '\t');
        struct redirection one = {0, 0, NULL, NULL};
        struct redirection* grown;
        if (!end || !instead || instead > end)
            return;
        next = end + 1;
        *end = *instead = '\0';
        one.instead = instead + 1;
        if (strncmp(line, "virtual ", 8) == 0)
            one.name = line + 8;
        else if (sscanf(line, "%llu %llu", &one.device, &one.inode) != 2)
            return;
        grown = realloc(table, (table_size + 1) * sizeof *table);
        if (!grown)
            return;
        table = grown;
        table[table_size++] = one;
    }
}

static open_function* real_open(void) {
    static open_function* found;
    if (!found) {
        *(void**)&found = dlsym(RTLD_NEXT, "open64");
        if (!loaded)
            load(found);
    }
    return found;
}

/* The path to open instead, or the same. */
static const char* redirected(const char* path) {
    struct stat status;
    int known = -1;
    size_t i;
    real_open();
    for (i = 0; i < table_size; ++i) {
        if (table[i].name) {
            if (strcmp(table[i].name, path) == 0)
                return table[i].instead;
            continue;
        }
        if (known < 0)
            known = stat(path, &status) == 0;
        if (known && table[i].inode == status.st_ino && table[i].device == status.st_dev)
            return table[i].instead;
    }
    return path;
}

static int open_redirected(const char* path, int flags, unsigned mode) {
    open_function* open_it = real_open();
    if ((flags & O_ACCMODE) == O_RDONLY && !(flags & (O_CREAT | O_TRUNC | O_DIRECTORY)))
        path = redirected(path);
    return open_it(path, flags, mode);
}

static unsigned mode_argument(int flags, va_list arguments) {
    return flags & (O_CREAT | O_TMPFILE) ? va_arg(arguments, unsigned) : 0;
}

int open(const char* path, int flags, ...) {
    va_list arguments;
    unsigned mode;
    va_start(arguments, flags);
    mode = mode_argument(flags, arguments);
    va_end(arguments);
    return open_redirected(path, flags, mode);
}

int open64(const char* path, int flags, ...) {
    va_list arguments;
    unsigned mode;
    va_start(arguments, flags);
    mode = mode_argument(flags, arguments);
    va_end(arguments);
    return open_redirected(path, flags, mode);
}

/* gcc reads the lines that it shows in diagnostics this way: they must be those that it counted columns in. */
static FILE* fopen_redirected(const char* path, const char* mode) {
    static fopen_function* found;
    if (!found)
        *(void**)&found = dlsym(RTLD_NEXT, "fopen64");
    return found(mode[0] == 'r' && !strchr(mode, '+') ? redirected(path) : path, mode);
}

FILE* fopen(const char* path, const char* mode) {
    return fopen_redirected(path, mode);
}

FILE* fopen64(const char* path, const char* mode) {
    return fopen_redirected(path, mode);
}
