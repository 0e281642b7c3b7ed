@NullMarked
package dev.caravan.ledger;

import org.jspecify.annotations.NullMarked;
