package dev.caravan.function;

import java.time.Instant;

/**
 * A deployed function as its provider sees it now.
 *
 * @param replicas how many are wanted
 * @param availableReplicas how many can take a call
 */
public record FunctionStatus(FunctionDeployment deployment, int replicas, int availableReplicas, Instant createdAt) {}
