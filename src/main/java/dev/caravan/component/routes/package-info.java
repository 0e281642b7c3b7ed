/** The YAML routes on disk: loaded file by file, checked before they run, reloaded when saved. */
@NullMarked
package dev.caravan.component.routes;

import org.jspecify.annotations.NullMarked;
