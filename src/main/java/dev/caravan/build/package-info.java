/** Makes a function that runs of somebody's source: templates, archives, and where the result is kept. */
@NullMarked
package dev.caravan.build;

import org.jspecify.annotations.NullMarked;
