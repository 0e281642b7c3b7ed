/**
 * What Caravan says about itself: rooms publish events, this one turns them into metrics and log lines, and answers
 * the management port. No meter is registered anywhere else.
 */
@NullMarked
package dev.caravan.telemetry;

import org.jspecify.annotations.NullMarked;
