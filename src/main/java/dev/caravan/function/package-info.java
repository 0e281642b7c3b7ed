@NullMarked
package dev.caravan.function;

import org.jspecify.annotations.NullMarked;
