/** What operators do with dead letters: replay, edit, move, export, import, and what becomes of old ones. */
@NullMarked
package dev.caravan.letters;

import org.jspecify.annotations.NullMarked;
