/** Calls of one function and order key run one after the other: who may run, and who is sent next. */
@NullMarked
package dev.caravan.order;

import org.jspecify.annotations.NullMarked;
