package dev.caravan.testing;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Each test begins with a Caravan of its own, without calls. */
public abstract class CaravanProcessFixture extends CaravanFixture {

    @TempDir
    protected Path folder;

    @BeforeEach
    final void start() throws Exception {
        begin(CaravanProcess.start(folder, settings()), folder.resolve("effects"));
    }

    @AfterEach
    final void stop() {
        if (caravan != null) {
            caravan.close();
        }
    }
}
