/*
 * The least a process for each request can cost: posix_spawn, three pipes, a session of its own, its output read to the
 * end, its end awaited. Prints the microseconds that one takes, the median of all.
 *
 *     spawn COUNT PROGRAM [ARGUMENT...]
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static void run(char *program[]) {
    int in[2], out[2], err[2];
    if (pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC) || pipe2(err, O_CLOEXEC)) {
        fail("pipe2");
    }
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in[0], 0);
    posix_spawn_file_actions_adddup2(&actions, out[1], 1);
    posix_spawn_file_actions_adddup2(&actions, err[1], 2);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
    pid_t pid;
    if (posix_spawn(&pid, program[0], &actions, &attributes, program, environ)) {
        fail("posix_spawn");
    }
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    close(in[0]);
    close(out[1]);
    close(err[1]);
    close(in[1]);
    char buffer[8192];
    while (read(out[0], buffer, sizeof buffer) > 0) {
    }
    close(out[0]);
    close(err[0]);
    int status;
    if (waitpid(pid, &status, 0) < 0) {
        fail("waitpid");
    }
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

int main(int count, char *words[]) {
    if (count < 3) {
        fprintf(stderr, "usage: spawn COUNT PROGRAM [ARGUMENT...]\n");
        return 2;
    }
    int runs = atoi(words[1]);
    double *taken = calloc(runs, sizeof *taken);
    for (int i = 0; i < runs; i++) {
        struct timespec begin, end;
        clock_gettime(CLOCK_MONOTONIC, &begin);
        run(words + 2);
        clock_gettime(CLOCK_MONOTONIC, &end);
        taken[i] = (end.tv_sec - begin.tv_sec) * 1e6 + (end.tv_nsec - begin.tv_nsec) / 1e3;
    }
    qsort(taken, runs, sizeof *taken, ascending);
    printf("%.1f\n", taken[runs / 2]);
    return 0;
}
