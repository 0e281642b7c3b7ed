package dev.caravan.architecture.broken.provider.docker;

import dev.caravan.architecture.broken.provider.process.ProcessNeighbour;

/** A provider that leans on another one. */
public final class DockerNeighbour {

    public ProcessNeighbour neighbour() {
        return new ProcessNeighbour();
    }
}
