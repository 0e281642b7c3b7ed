/** Where Camel's JMS component is handed its parts: the only place that knows both Camel and JMS. */
@NullMarked
package dev.caravan.component.jms;

import org.jspecify.annotations.NullMarked;
