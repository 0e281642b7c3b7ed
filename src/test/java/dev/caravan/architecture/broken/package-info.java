/** A house in which every wall is broken, so that {@code ArchitectureTest} can show that it would notice. */
@NullMarked
package dev.caravan.architecture.broken;

import org.jspecify.annotations.NullMarked;
