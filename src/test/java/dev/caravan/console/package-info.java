/** The console in a real browser, on a real server. */
@NullMarked
package dev.caravan.console;

import org.jspecify.annotations.NullMarked;
