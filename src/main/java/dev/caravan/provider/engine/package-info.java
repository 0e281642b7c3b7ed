/** What the providers that speak to a container engine have in common. */
@NullMarked
package dev.caravan.provider.engine;

import org.jspecify.annotations.NullMarked;
