/** {@code resque:}, by which routes take jobs from Resque's queues and put some there. */
@NullMarked
package dev.caravan.component.resque;

import org.jspecify.annotations.NullMarked;
