/** The broker, how a call becomes a message, and what happens to it on its queues. JMS lives here and nowhere else. */
@NullMarked
package dev.caravan.queue;

import org.jspecify.annotations.NullMarked;
