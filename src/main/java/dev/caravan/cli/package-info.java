/** The command line of an operator: the verbs of the system API, over HTTP. Knows nothing of the server's own classes. */
@NullMarked
package dev.caravan.cli;

import org.jspecify.annotations.NullMarked;
