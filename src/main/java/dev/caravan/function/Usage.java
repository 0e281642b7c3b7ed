package dev.caravan.function;

/**
 * What a function takes of the machine, all replicas together.
 *
 * @param cpuMillicores processor time over real time; 1,000 is one processor that does nothing else
 * @param memoryBytes resident memory; what several processes share is counted for each
 */
public record Usage(double cpuMillicores, long memoryBytes) {}
