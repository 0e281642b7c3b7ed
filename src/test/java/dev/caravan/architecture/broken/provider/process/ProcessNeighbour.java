package dev.caravan.architecture.broken.provider.process;

/** What the other provider leans on. */
public final class ProcessNeighbour {}
