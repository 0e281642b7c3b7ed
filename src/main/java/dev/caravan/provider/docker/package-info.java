/** Functions as containers of one Docker engine. */
@NullMarked
package dev.caravan.provider.docker;

import org.jspecify.annotations.NullMarked;
