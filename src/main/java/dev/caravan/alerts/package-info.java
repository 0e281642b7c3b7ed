/** Tells when something has gone wrong, and when it is over: rules, and what follows from them. Sends nothing. */
@NullMarked
package dev.caravan.alerts;

import org.jspecify.annotations.NullMarked;
