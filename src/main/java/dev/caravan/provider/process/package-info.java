/** Functions as processes of this machine. For trusted code: nothing holds a process in. */
@NullMarked
package dev.caravan.provider.process;

import org.jspecify.annotations.NullMarked;
