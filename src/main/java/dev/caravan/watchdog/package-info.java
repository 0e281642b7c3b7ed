/** Runs a command as a function. Stands alone: it may know nothing but the JDK. */
@NullMarked
package dev.caravan.watchdog;

import org.jspecify.annotations.NullMarked;
