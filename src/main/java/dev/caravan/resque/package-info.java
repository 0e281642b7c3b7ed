/**
 * Resque's contract in Redis: its keys, the life of a worker, and what is kept so that no job is lost.
 *
 * <p>What is ours stands in keys that begin with {@code caravan:}, behind the namespace. Each step that moves a job is one
 * Lua script, so nobody sees half of it.
 */
@NullMarked
package dev.caravan.resque;

import org.jspecify.annotations.NullMarked;
