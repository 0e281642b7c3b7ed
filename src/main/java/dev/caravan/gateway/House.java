package dev.caravan.gateway;

import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What all visits share.
 *
 * @param workers runs the routes that do not stream
 * @param maxBody largest body in bytes of a request that is not streamed
 * @param running counts the visits that are not over
 * @param audit notes what operators do
 * @param live answers that go on until somebody ends them
 */
record House(
        Executor workers,
        BodyBudget budget,
        long maxBody,
        AtomicInteger running,
        LiveAnswers live,
        CallStamp stamp,
        Audit audit) {}
