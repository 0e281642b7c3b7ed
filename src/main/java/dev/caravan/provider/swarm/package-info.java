/** Functions as services of a Docker Swarm. */
@NullMarked
package dev.caravan.provider.swarm;

import org.jspecify.annotations.NullMarked;
