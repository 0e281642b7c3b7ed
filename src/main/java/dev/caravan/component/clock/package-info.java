/** {@code clock:}, by which routes begin at times of day. */
@NullMarked
package dev.caravan.component.clock;

import org.jspecify.annotations.NullMarked;
