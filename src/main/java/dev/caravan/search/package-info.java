/** The line that people type to find calls and dead letters: its grammar, and what it asks for. */
@NullMarked
package dev.caravan.search;

import org.jspecify.annotations.NullMarked;
