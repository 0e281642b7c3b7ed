/** The words that the routes of asynchronous calls are written in: each a step that reads or prepares one message. */
@NullMarked
package dev.caravan.component.calls;

import org.jspecify.annotations.NullMarked;
