/** Our HTTP surface as clients see it, held to the contract, to its index of endpoints and to its official client. */
@NullMarked
package dev.caravan.contract;

import org.jspecify.annotations.NullMarked;
