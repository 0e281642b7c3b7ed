package dev.caravan.provider.process;

import dev.caravan.function.FunctionDeployment;
import dev.caravan.provider.BuiltFolders;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where the processes of functions start: one that was built here in its own folder, all others in that of the stack file.
 *
 * @param common the folder of the stack file
 */
record WorkFolders(Path common, BuiltFolders built) {

    Path of(FunctionDeployment deployment) {
        return built.folder(deployment.image()).filter(Files::isDirectory).orElse(common);
    }
}
