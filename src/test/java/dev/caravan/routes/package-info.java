/** Tests of the files in routes/. */
@NullMarked
package dev.caravan.routes;

import org.jspecify.annotations.NullMarked;
