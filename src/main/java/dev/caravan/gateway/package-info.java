@NullMarked
package dev.caravan.gateway;

import org.jspecify.annotations.NullMarked;
