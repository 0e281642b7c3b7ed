/** Who somebody is, and how much they may do: passwords, users and roles. Knows nothing of requests. */
@NullMarked
package dev.caravan.gateway.auth;

import org.jspecify.annotations.NullMarked;
