/** How many replicas a function gets, and when: by alerts, and from none when somebody calls. */
@NullMarked
package dev.caravan.scaling;

import org.jspecify.annotations.NullMarked;
