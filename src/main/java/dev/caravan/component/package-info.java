@NullMarked
package dev.caravan.component;

import org.jspecify.annotations.NullMarked;
