package dev.caravan.gateway;

import dev.caravan.gateway.auth.Caller;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What all visits share.
 *
 * @param workers runs the routes that do not stream
 * @param maxBody largest body in bytes of a request that is not streamed
 * @param running counts the visits that are not over
 * @param live answers that go on until somebody ends them
 * @param mayStay whether a caller may still be answered; null is one who was not asked who it is
 * @param audit notes what operators do
 */
record House(
        Executor workers,
        BodyBudget budget,
        long maxBody,
        AtomicInteger running,
        LiveAnswers live,
        Predicate<@Nullable Caller> mayStay,
        CallStamp stamp,
        Audit audit) {}
