/** How routes consume the queues of calls. */
@org.jspecify.annotations.NullMarked
package dev.caravan.component.calls;
